"""The one Python file: needs nothing of Cantoria, speaks Python 3.9, and says yes, no, usage or does not hold."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.verifier.conftest import ROOT, SCRIPT, Case, genesis, load_cases, load_script
from tests.verifier.misleading import look_alike_answer, misleading_bundle

from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.sdk.light import verify_commit

TREE = ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, 9))
COMMITS: Any = json.loads((ROOT / "vectors" / "light" / "commits.json").read_text("utf-8"))["cases"]


def good(group: str, name: str = "") -> Case:
    return next(one for one in load_cases() if one.group == group and one.found and name in one.name)


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the script alone: no site directory of the user, no environment, not even the current folder on its path."""
    command = [sys.executable, "-I", str(SCRIPT), *map(str, arguments)]
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with an answer, its key, a cosigned checkpoint, its policy, and a proof with its entry."""
    answer, checkpoint, proof = good("answers"), good("checkpoints", "five of seven"), good("tlog-proofs", "entry")
    (tmp_path / "answer.json").write_bytes(answer.data)
    (tmp_path / "log.vkey").write_text(answer.trust + "\n")
    (tmp_path / "checkpoint").write_bytes(checkpoint.data)
    (tmp_path / "trust.policy").write_text(checkpoint.trust)
    (tmp_path / "proof.tlog-proof").write_bytes(proof.data)
    (tmp_path / "entry.bin").write_bytes(proof.entry or b"")
    return tmp_path


def test_it_imports_the_standard_library_and_cryptography_alone() -> None:
    names = {alias.name for node in ast.walk(TREE) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(TREE) if isinstance(node, ast.ImportFrom)}
    others = {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names)
    assert others == {"cryptography"}
    assert not names & {"socket", "urllib", "http", "subprocess", "ssl", "pickle"}


def test_yes(folder: Path) -> None:
    done = run(folder / "answer.json", "--key", folder / "log.vkey", "--about", "isrc:ESA011900456")
    assert done.returncode == 0, done.stdout
    assert "isrc:ESA011900456 stands in the dataset of certificate_" in done.stdout
    assert "Not proven:" in done.stdout
    assert "self-attested" in done.stdout


def test_no_answer_to_another_question(folder: Path) -> None:
    for asked in ("isrc:KRA381900123", "isrc:ESA01190045"):
        done = run(folder / "answer.json", "--key", folder / "log.vkey", "--about", asked)
        assert done.returncode == 1
        assert f"no answer about {asked}" in done.stdout
    assert run(folder / "checkpoint", "--policy", folder / "trust.policy", "--about", "isrc:X").returncode == 1


def test_who_cosigned_and_when(folder: Path) -> None:
    done = run(folder / "checkpoint", "--policy", folder / "trust.policy", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["verified"] is True
    assert [name for name, _ in told["cosigned"]] == ["w1", "w2", "w3", "w4", "w5"]
    assert any("a quorum by 2026-11-18T11:08:24Z" in line for line in told["proven"])
    assert not any("self-attested" in line for line in told["not_proven"])


def test_a_proof_of_an_entry(folder: Path) -> None:
    assert run(folder / "proof.tlog-proof", "--key", folder / "log.vkey").returncode == 3
    done = run(folder / "proof.tlog-proof", "--key", folder / "log.vkey", "--entry", folder / "entry.bin")
    assert done.returncode == 0, done.stdout
    assert (
        run(folder / "proof.tlog-proof", "--key", folder / "log.vkey", "--entry", folder / "checkpoint").returncode == 3
    )


def test_does_not_hold(folder: Path) -> None:
    data = (folder / "answer.json").read_bytes()
    (folder / "forged.json").write_bytes(data.replace(b"ESA011900456", b"ESA011900457"))
    done = run(folder / "forged.json", "--key", folder / "log.vkey")
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout.startswith("DOES NOT HOLD: ")
    told = json.loads(run(folder / "forged.json", "--key", folder / "log.vkey", "--json").stdout)
    assert told["verified"] is False
    for odd in (b"", b"\xff", b"{", b"\x00" * 10):
        (folder / "odd").write_bytes(odd)
        assert run(folder / "odd", "--key", folder / "log.vkey").returncode == 3


def test_usage(folder: Path) -> None:
    key = folder / "log.vkey"
    os.mkfifo(folder / "pipe")
    wrong: list[list[object]] = [
        [],
        [folder / "answer.json"],
        [folder / "answer.json", "--key", key, "--policy", folder / "trust.policy"],
        [folder / "nothing", "--key", key],
        [folder / "answer.json", "--key", folder / "nothing"],
        [folder / "answer.json", "--key", folder / "answer.json"],
        [folder / "answer.json", "--policy", key],
        [folder / "answer.json", "--validators", key],
        [folder / "pipe", "--key", key],
        [folder, "--key", key],
    ]
    for arguments in wrong:
        done = run(*arguments)
        assert done.returncode == 2, arguments
        assert "Traceback" not in done.stderr
        assert done.stderr


def test_ids_and_times_read_as_the_library_writes_them() -> None:
    script = load_script()
    assert script.time_text(1_795_000_000_000_001, 1_000_000) == "2026-11-18T11:06:40.000001Z"
    assert script.time_text(2**64 - 1, 1_000_000) == str(2**64 - 1)
    assert script.time_text(2**63 - 1, 1) == str(2**63 - 1)


# Commits of the chain: the vectors of the library's light client, and each of them with one character changed.


def commit_by_script(data: bytes, case: dict[str, Any]) -> str | None:
    script = load_script()
    try:
        found = script.verify(data, script.trust_validators(genesis(case)))
    except script.DoesNotHoldError:
        return None
    return f"block {found['height']}: {found['power']} of {found['power_total']}, app hash {found['app_hash']}"


def commit_by_library(data: bytes, case: dict[str, Any]) -> str | None:
    trusted = {bytes.fromhex(one["public_key"]): int(one["power"]) for one in case["validators"]}
    try:
        block = verify_commit(data, chain_id=case["chain_id"], validators=trusted)
    except (InputError, IntegrityError):
        return None
    return f"block {block.height}: {block.power} of {block.power_total}, app hash {block.app_hash.hex()}"


@pytest.mark.parametrize("case", COMMITS, ids=lambda case: case["name"])
def test_commits(case: dict[str, Any]) -> None:
    data = canonical.encode(case["file"])
    expected = case["verdict"] if case["verdict"].startswith("block") else None
    assert commit_by_script(data, case) == commit_by_library(data, case) == expected
    for at in range(0, len(data), 13):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        assert commit_by_script(changed, case) is None
        assert commit_by_library(changed, case) is None


def test_a_commit_from_the_command_line(tmp_path: Path) -> None:
    case = next(one for one in COMMITS if one["name"] == "with the log")
    (tmp_path / "commit.json").write_bytes(canonical.encode(case["file"]))
    (tmp_path / "genesis.json").write_bytes(genesis(case))
    done = run(tmp_path / "commit.json", "--validators", tmp_path / "genesis.json")
    assert done.returncode == 0, done.stderr
    assert re.search(r"signed block 70 of .*, 4 votes of 4", done.stdout)
    assert "The log had 12345 entries" in done.stdout
    (tmp_path / "log.vkey").write_text(good("bundles").trust)
    assert run(tmp_path / "commit.json", "--key", tmp_path / "log.vkey").returncode == 3
    (tmp_path / "bundle.json").write_bytes(good("bundles").data)
    assert run(tmp_path / "bundle.json", "--validators", tmp_path / "genesis.json").returncode == 3


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_nothing_that_a_file_says_reaches_the_terminal_as_an_order(form: tuple[str, ...], tmp_path: Path) -> None:
    data, vkey = misleading_bundle()
    note = f"a\x9b2J\u202e/log\n3\n{'A' * 43}=\n\n— a\x9b2J AAAAAAAA\n"
    for name, content, code in (
        ("good.json", data, 0),
        ("bad.json", data[:-1] + b"\x9b", 3),
        ("note", note.encode(), 3),
    ):
        (tmp_path / name).write_bytes(content)
        (tmp_path / "key").write_text(vkey)
        done = run(tmp_path / name, "--key", tmp_path / "key", *form)
        assert (done.returncode, done.stderr) == (code, "")
        assert all(line.isprintable() for line in done.stdout.split("\n"))


def test_a_code_that_only_looks_like_another_is_seen_to_be_another(tmp_path: Path) -> None:
    data, vkey = look_alike_answer()
    (tmp_path / "answer.json").write_bytes(data)
    (tmp_path / "key").write_text(vkey)
    done = run(tmp_path / "answer.json", "--key", tmp_path / "key")
    assert '  "isrc:KRA\\u200b381900123" does not stand in the dataset of certificate_' in done.stdout


def test_a_genesis_with_the_log_in_it_is_read(tmp_path: Path) -> None:
    case = next(one for one in COMMITS if one["verdict"].startswith("block"))
    (tmp_path / "commit.json").write_bytes(canonical.encode(case["file"]))
    whole = {**json.loads(genesis(case)), "app_state": {"entries": "A" * 1_000_000}}
    (tmp_path / "genesis.json").write_text(json.dumps(whole))
    assert run(tmp_path / "commit.json", "--validators", tmp_path / "genesis.json").returncode == 0
