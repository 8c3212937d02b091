"""A snapshot in a folder: whole after any crash, refused when anything in it was changed, brought elsewhere."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from cantoria.adapters import snapshots
from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.adapters.snapshot_pull import FolderSource, HttpSnapshots, pull, write_delta
from cantoria.adapters.snapshots import SnapshotFolder
from cantoria.clearance.published import FileEntry, snapshot_id
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.testing.http import running
from cantoria.testing.snapshot_folders import KEY, publish, signed_parts

FIRST: dict[str, list[tuple[Any, ...]]] = {"part": [(1, 1), (2, 2), (3, 3)], "name": [("isrc:KRA381900123", 0, 1, 0)]}


def folder_of(path: Path) -> SnapshotFolder:
    return SnapshotFolder(path, keys=[KEY])


def parts_of(path: Path) -> list[tuple[Any, ...]]:
    folder = folder_of(path)
    with DuckDBAnalytics() as engine:
        folder.attach(folder.open().head, engine)
        return engine.fetch("SELECT subject, unit FROM part ORDER BY subject, unit")


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A folder with two generations: subject 2 was replaced."""
    publish(tmp_path / "here", FIRST)
    publish(tmp_path / "here", {"part": [(2, 4), (4, 5)]}, gone=[(2, "2")])
    return tmp_path / "here"


def test_a_refresh_replaces_what_an_owner_had(two: Path) -> None:
    assert parts_of(two) == [(1, 1), (2, 4), (3, 3), (4, 5)]
    opened = folder_of(two).open()
    assert (opened.head.generation, opened.head.size) == (2, 20)
    assert opened.head.previous.startswith("snapshot_")


def test_files_are_the_same_bytes_for_the_same_rows(tmp_path: Path) -> None:
    first = publish(tmp_path / "one", FIRST)
    second = publish(tmp_path / "two", {name: rows[::-1] for name, rows in FIRST.items()})
    assert first.id == second.id


def change(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def swap(path: Path) -> None:
    path.write_bytes(path.with_name("need-000001.parquet").read_bytes())


def link_away(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("harm", [change, cut, swap, Path.unlink, link_away])
def test_a_harmed_file_is_refused_by_name(two: Path, harm: Any) -> None:
    harm(two / "tables" / "part-000002.parquet")
    with pytest.raises((IntegrityError, InputError), match="part-000002"):
        folder_of(two).open()


@pytest.mark.parametrize("name", ["snapshot.json", "snapshot.note", "checkpoint"])
def test_a_changed_head_note_or_checkpoint_is_refused(two: Path, name: str) -> None:
    change(two / name)
    with pytest.raises((IntegrityError, InputError)):
        folder_of(two).open()


def test_the_head_of_another_snapshot_does_not_fit(two: Path, tmp_path: Path) -> None:
    publish(tmp_path / "other", FIRST, size=99)
    shutil.copy(tmp_path / "other" / "snapshot.json", two / "snapshot.json")
    with pytest.raises(IntegrityError, match="another head"):
        folder_of(two).open()


class Killed(BaseException):
    """The process ends here."""


STEPS = ("write_whole", "sync_folder", "rename", "replace", "unlink", "rmdir")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("call", range(6))
def test_a_crash_leaves_the_old_snapshot_or_the_new_one(
    two: Path, monkeypatch: pytest.MonkeyPatch, step: str, call: int
) -> None:
    """Killed before any one step of writing, on any turn: the folder holds one whole snapshot, and can go on."""
    old = folder_of(two).head().id
    owner: Any = snapshots if step in ("write_whole", "sync_folder") else Path
    real, turns = getattr(owner, step), iter(range(1_000))

    def killing(*args: Any, **kwargs: Any) -> Any:
        if next(turns) == call:
            raise Killed
        return real(*args, **kwargs)

    monkeypatch.setattr(owner, step, killing)
    killed = False
    try:
        publish(two, {"part": [(9, 9)]})
    except Killed:
        killed = True
    monkeypatch.undo()
    opened = folder_of(two).open()
    rows = parts_of(two)
    assert ((9, 9) in rows) == (opened.id != old)
    if not killed:
        assert opened.id != old
    again = publish(two, {"part": [(7, 7)]})
    assert (7, 7) in parts_of(two)
    assert folder_of(two).open().id == again.id


def test_files_of_the_snapshot_before_stay_and_older_ones_go(two: Path) -> None:
    folder = folder_of(two)
    (two / "tables" / "part-000077.parquet").write_bytes(b"left by a crash")
    third = publish(two, {"part": [(5, 5)]})
    present = {path.name for path in (two / "tables").iterdir()}
    assert present == {entry.name for entry in third.head.files}
    assert folder.open().id == third.id


def test_a_delta_brings_an_older_copy_up_to_date(two: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(two, copy)
    third = publish(two, {"part": [(3, 8)]}, gone=[(2, "3")])
    made = write_delta(folder_of(copy).head().head, folder_of(two), tmp_path / "delta")
    assert [entry.name for entry in made.files] == ["gone-000003.parquet", "part-000003.parquet"]
    applied = pull(FolderSource(tmp_path / "delta"), folder_of(copy))
    assert applied.opened.id == third.id
    assert parts_of(copy) == parts_of(two)
    assert pull(FolderSource(tmp_path / "delta"), folder_of(copy)).files == ()


def test_a_delta_without_its_base_is_refused(two: Path, tmp_path: Path) -> None:
    first = tmp_path / "copy"
    shutil.copytree(two, first)
    publish(two, {"part": [(3, 8)]})
    write_delta(folder_of(first).head().head, folder_of(two), tmp_path / "delta")
    with pytest.raises(InputError, match="apply the deltas in order"):
        pull(FolderSource(tmp_path / "delta"), folder_of(tmp_path / "empty"))
    assert folder_of(tmp_path / "empty").find() is None


def test_an_older_snapshot_takes_nobodys_place(two: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copytree(two, old)
    publish(two, {"part": [(3, 8)]})
    with pytest.raises(IntegrityError, match="revoked since"):
        pull(FolderSource(old), folder_of(two))


def test_two_roots_of_one_size_are_told(two: Path, tmp_path: Path) -> None:
    twin = tmp_path / "twin"
    shutil.copytree(two, twin)
    head = folder_of(twin).head().head
    forged = signed_parts(type(head)(**{name: getattr(head, name) for name in head.__slots__} | {"root": "ee" * 32}))
    folder_of(twin).commit(forged)
    with pytest.raises(IntegrityError, match="two roots"):
        pull(FolderSource(twin), folder_of(two))


def test_another_lineage_never_overwrites_files_that_count(two: Path, tmp_path: Path) -> None:
    publish(tmp_path / "other", {"part": [(1, 2)]}, size=500)
    before = parts_of(two)
    with pytest.raises(InputError, match="another lineage"):
        pull(FolderSource(tmp_path / "other"), folder_of(two))
    assert parts_of(two) == before


def test_a_forged_file_in_a_delta_is_refused_and_named(two: Path, tmp_path: Path) -> None:
    change(two / "tables" / "name-000001.parquet")
    with pytest.raises(IntegrityError, match="name-000001"):
        pull(FolderSource(two), folder_of(tmp_path / "copy"))


class Served:
    """A folder served over HTTP as the API does, with accidents."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ranges: list[str] = []
        self.broken = 0
        self.flat = False

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/v1/snapshots/{rest:path}", self.answer)])

    def answer(self, request: Request) -> Response:
        snapshot, _, name = request.path_params["rest"].partition("/")
        if snapshot not in ("latest", snapshot_id((self.folder / "snapshot.json").read_bytes())):
            return Response(status_code=404)
        path = self.folder / name
        if not path.is_file():
            return Response(status_code=404)
        wanted = request.headers.get("range", "")
        if name.startswith("tables/") and self.broken:
            self.broken -= 1
            return Response(path.read_bytes()[: path.stat().st_size // 2])
        if wanted:
            self.ranges.append(wanted)
        if self.flat and wanted:
            return Response(path.read_bytes())
        return FileResponse(path)


@pytest.fixture
def served(two: Path) -> Iterator[tuple[Served, HttpSnapshots]]:
    serving = Served(two)
    with running(serving.app()) as address:
        source = HttpSnapshots(address)
        yield serving, source
        source.close()


@pytest.mark.parametrize("flat", [False, True])
def test_a_broken_download_goes_on_where_it_was(
    served: tuple[Served, HttpSnapshots], two: Path, tmp_path: Path, flat: bool
) -> None:
    """A source that knows no ranges sends everything again; the file comes out the same."""
    serving, source = served
    serving.broken, serving.flat = 1, flat
    first = folder_of(two).head().head.files[0]
    done = pull(source, folder_of(tmp_path / "copy"))
    assert done.opened.id == folder_of(two).head().id
    assert parts_of(tmp_path / "copy") == parts_of(two)
    assert serving.ranges == [f"bytes={first.bytes // 2}-"]


def test_an_interrupted_pull_keeps_the_old_snapshot_and_goes_on(
    served: tuple[Served, HttpSnapshots], two: Path, tmp_path: Path
) -> None:
    serving, source = served
    copy = folder_of(tmp_path / "copy")
    old = pull(source, copy).opened.id
    publish(two, {"part": [(6, 6)], "need": [(6, 6)]})

    def stop(done: int, total: int | None) -> None:
        raise Killed

    with pytest.raises(Killed):
        pull(source, copy, step=stop)
    assert copy.open().id == old
    fetched: list[FileEntry] = list(pull(source, copy).files)
    assert [entry.table for entry in fetched] == ["part"]
    assert serving.ranges == []


def test_what_the_server_lacks_is_unavailable(served: tuple[Served, HttpSnapshots], two: Path, tmp_path: Path) -> None:
    _, source = served
    (two / "snapshot.note").unlink()
    with pytest.raises(UnavailableError, match=re.escape("answers 404")):
        pull(source, folder_of(tmp_path / "copy"))
    with pytest.raises(UnavailableError, match="cannot reach"):
        HttpSnapshots("http://127.0.0.1:9", seconds=1).parts()
    with pytest.raises(InputError, match="not an address"):
        HttpSnapshots("file:///etc/passwd")


def test_a_source_that_drips_is_given_up(two: Path) -> None:
    """Nothing is waited for: by the clock of the test an hour passes between two parts."""
    hours = iter(range(0, 1_000_000, 3_600))
    with running(Served(two).app()) as address:
        source = HttpSnapshots(address, clock=lambda: next(hours))
        with pytest.raises(UnavailableError, match="too slowly"):
            list(source.read(folder_of(two).head().head.files[0], snapshot="latest", offset=0))
        source.close()
