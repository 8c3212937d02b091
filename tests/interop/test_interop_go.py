"""Go's own implementation of the published formats (x/mod/sumdb) accepts what we publish, and we what it signs."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.interop.published import WITNESSES, build, publish
from tests.unit.ledger.fork import Face, signer

from cantoria.kernel.errors import IntegrityError
from cantoria.ledger.notes import open_checkpoint, parse_vkey

HOW = "install Go 1.22 or newer, and let it fetch golang.org/x/mod once"
FACE = Face(count=70_000)
Sumdb = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def sumdb(require_part: Callable[[str, bool, str], None], tmp_path_factory: pytest.TempPathFactory) -> Sumdb:
    """Return the Go program as a function of its arguments."""
    program = tmp_path_factory.mktemp("go") / "sumdb"
    require_part("Go", shutil.which("go") is not None, HOW)
    problem = build(program)
    require_part(f"golang.org/x/mod ({problem.splitlines()[-1] if problem else ''})", not problem, HOW)

    def run(*args: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [str(program), *map(str, args)]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120)

    return run


@pytest.mark.parametrize(
    ("older", "size", "index"),
    [(1, 1, 0), (1, 2, 1), (3, 7, 4), (255, 256, 255), (256, 257, 256), (300, 70_000, 299), (65_536, 70_000, 69_999)],
)
def test_go_accepts_our_proofs_tiles_and_cosignatures(
    sumdb: Sumdb, tmp_path: Path, older: int, size: int, index: int
) -> None:
    publish(tmp_path, face=FACE, older=older, size=size, index=index)
    done = sumdb("check", tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"size {size} cosigned {len(WITNESSES)} records {size}\n"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    publish(folder, face=FACE, older=300, size=600, index=42)
    return folder


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("entry", "tlog-proof"),
        ("proof.tlog-proof", "tlog-proof"),
        ("older", "consistency"),
        ("growth", "consistency"),
        ("tile/0/000", "tiles"),
        ("tile/entries/001", "tiles"),
        ("tile/1/000.p/2", "tiles"),
    ],
)
def test_go_refuses_what_is_not_ours(sumdb: Sumdb, published: Path, tmp_path: Path, name: str, why: str) -> None:
    shutil.copytree(published, tmp_path / "bad")
    path = tmp_path / "bad" / name
    data = bytearray(path.read_bytes())
    data[min(80, len(data) // 2)] ^= 1
    path.write_bytes(bytes(data))
    done = sumdb("check", tmp_path / "bad")
    assert done.returncode != 0
    assert why in done.stderr


def test_we_accept_what_go_signs(sumdb: Sumdb) -> None:
    checkpoint = FACE.checkpoint(600)
    seed = "07" * 32
    done = sumdb("sign", checkpoint.origin, seed, stdin=checkpoint.text())
    assert done.returncode == 0, done.stderr
    vkey, _, note = done.stdout.partition("\n")
    key = parse_vkey(vkey)
    assert open_checkpoint(note, key=key) == checkpoint
    stranger = sumdb("sign", "other.example", "08" * 32, stdin=checkpoint.text()).stdout.partition("\n")[2]
    both = note + stranger.split("\n\n")[1]
    assert open_checkpoint(both, key=key) == checkpoint
    with pytest.raises(IntegrityError):
        open_checkpoint(note.replace("\n600\n", "\n601\n"), key=key)
    assert key.public_key != signer("log").public_key
