"""The generated messages are what the generator makes of the pinned Go module, and lie in a name space of our own."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tools import generate_abci

from cantoria.adapters.cometbft.process import VERSION
from cantoria.adapters.cometbft.proto import abci_pb2, blocks_pb2, canonical_pb2

ROOT = Path(__file__).parents[3]


def test_the_pinned_version_is_one() -> None:
    assert f"@v{VERSION}" in generate_abci.MODULE
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert f"COMETBFT := v{VERSION}\n" in makefile


def test_no_name_can_clash_with_another_library() -> None:
    for module in (abci_pb2, blocks_pb2, canonical_pb2):
        assert module.DESCRIPTOR.name.startswith("cantoria/")
        assert module.DESCRIPTOR.package.startswith("cantoria.")


def test_every_kind_of_request_has_its_response() -> None:
    requests = {field.name: field.number for field in abci_pb2.Request.DESCRIPTOR.fields}
    responses = {field.name: field.number for field in abci_pb2.Response.DESCRIPTOR.fields}
    assert responses.pop("exception") == 1
    assert responses == {name: number + 1 for name, number in requests.items()}
    assert requests["prepare_proposal"] == 16
    assert requests["finalize_block"] == 20


def test_what_steers_go_is_stripped_and_what_json_needs_is_kept() -> None:
    text = """
    import "gogoproto/gogo.proto"; // a comment with (gogoproto.x) = true
    import "tendermint/crypto/keys.proto";
    package tendermint.abci;
    service ABCI {
      rpc Echo(RequestEcho) returns (ResponseEcho);
    }
    message M {
      option (gogoproto.equal) = true;
      int64 a = 5 [json_name = "gas_wanted"];
      tendermint.crypto.PublicKey b = 7
          [(gogoproto.nullable) = false, (gogoproto.jsontag)  = "events,omitempty"];
      int64 c = 8 [(gogoproto.nullable) = false, json_name = "c"];
    }
    """
    cleaned = generate_abci.adapted(text.replace("\n    ", "\n"))
    assert "service" not in cleaned
    assert 'import "cantoria/adapters/cometbft/proto/keys.proto"' in cleaned
    assert "package cantoria.cometbft.abci;" in cleaned
    assert 'a = 5 [json_name = "gas_wanted"];' in cleaned
    assert "cantoria.cometbft.crypto.PublicKey b = 7;" in cleaned
    assert 'c = 8 [json_name = "c"];' in cleaned


@pytest.fixture(scope="session")
def protos(require_part: Callable[[str, bool, str], None]) -> Path:
    """The folder of the module's .proto files; skips where Go cannot bring it."""
    require_part("Go", shutil.which("go") is not None, "install Go 1.22 or newer")
    done = subprocess.run(
        ["go", "mod", "download", "-json", generate_abci.MODULE], capture_output=True, text=True, check=False
    )
    require_part("the Go module of CometBFT", done.returncode == 0, "make cometbft, once with a network")
    return Path(json.loads(done.stdout)["Dir"]) / "proto"


def test_generating_again_gives_the_same_files(protos: Path, tmp_path: Path) -> None:
    generate_abci.generate(protos, out=tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in generate_abci.OUT.iterdir() if path.is_file()}
    assert made.keys() == kept.keys()
    assert [name for name in sorted(made) if made[name] != kept[name]] == []
