"""Many files written from mixed pieces: whole or not at all, few open at a time, and nowhere but in their folder."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from cantoria.adapters.files import OPEN_MAX, write_pieces
from cantoria.kernel.errors import IntegrityError, UnavailableError

MANY = 3 * OPEN_MAX


def mixed() -> Iterator[tuple[str, bytes]]:
    for turn in range(3):
        for number in range(MANY):
            yield f"{number}.xml", f"{number}/{turn};".encode()


def test_files_pieces_of_more_files_than_can_be_open(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "7.xml").write_bytes(b"an older one")
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, MANY), hard))
    try:
        paths = write_pieces(tmp_path / "out", mixed())
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert [path.name for path in paths] == [f"{number}.xml" for number in range(MANY)]
    assert all(path.read_bytes() == f"{number}/0;{number}/1;{number}/2;".encode() for number, path in enumerate(paths))
    assert len(list((tmp_path / "out").iterdir())) == MANY, "nothing else is left"


@pytest.mark.parametrize("name", ["../out.xml", "/etc/x", "a/b", "..", "", "a/../b"])
def test_files_pieces_go_nowhere_else(tmp_path: Path, name: str) -> None:
    with pytest.raises(IntegrityError, match="plain file name"):
        write_pieces(tmp_path / "out", [("good.xml", b"1"), (name, b"2")])
    assert list(tmp_path.rglob("*")) == [tmp_path / "out"]


def test_files_pieces_that_stop_leave_what_was_there(tmp_path: Path) -> None:
    def stops() -> Iterator[tuple[str, bytes]]:
        yield from mixed()
        raise OSError("the disk is full")

    (tmp_path / "7.xml").write_bytes(b"an older one")
    with pytest.raises(UnavailableError):
        write_pieces(tmp_path, stops())
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("7.xml", b"an older one")]
