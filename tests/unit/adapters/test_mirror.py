"""Tiles in a store, in a folder and over HTTP; copies that verify, name the first bad file, and resume."""

from __future__ import annotations

import http.client
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.ledger.fork import Face

from cantoria.adapters.http.tile_client import HttpSource
from cantoria.adapters.http.tile_server import tile_app
from cantoria.adapters.mirror import Mirrored, compare, files_of, mirror, verify_copy
from cantoria.adapters.tile_sources import FolderSource, StoreSource, TilePath, parse_path
from cantoria.adapters.verified_tree import VerifiedTree
from cantoria.kernel.errors import CantoriaError, InputError, IntegrityError, UnavailableError
from cantoria.ledger import evidence, tiles
from cantoria.ledger.evidence import Evidence
from cantoria.ledger.notes import sign_note
from cantoria.ledger.policy import trusting
from cantoria.testing.http import running
from cantoria.testing.memory_ledger import MemoryLedgerStore

COUNT = 70_000  # three levels of tiles: 273 whole and one partial below, two above, one at the top
TRUE = Face(count=COUNT)
FALSE = Face("false", fork=300, count=1_200)
POLICY = trusting(TRUE.note_key)


def store_of(face: Face, size: int) -> MemoryLedgerStore:
    store = MemoryLedgerStore()
    store.rows = list(face.entries)
    store.tiles = dict(face.tiles)
    store.notes = {size: face.note(size)}
    return store


def source_of(face: Face, size: int) -> StoreSource:
    return StoreSource(store_of(face, size))


def quiet(done: int, of: int | None) -> None:
    assert of is not None
    assert 0 <= done <= of


def copied(folder: Path, size: int, *, face: Face = TRUE) -> Mirrored:
    made = mirror(source_of(face, size), folder, policy=POLICY, step=quiet)
    assert isinstance(made, Mirrored)
    return made


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 600, 65_535, 65_536, COUNT])
def test_a_copy_holds_and_holds_again_offline(size: int, tmp_path: Path) -> None:
    made = copied(tmp_path / "copy", size)
    assert (made.cosigned.checkpoint, made.size_before) == (TRUE.checkpoint(size), 0)
    assert verify_copy(tmp_path / "copy", policy=POLICY, step=quiet).checkpoint.size == size
    assert {path.name for path in tmp_path.joinpath("copy").rglob("*") if path.name.endswith(".partial")} == set()
    found = {
        path.relative_to(tmp_path / "copy").as_posix() for path in (tmp_path / "copy").rglob("*") if path.is_file()
    }
    expected = {tiles.tile_path(level, number, width=width) for level, number, width in tiles.tiles_of(size)}
    expected |= {tiles.entries_path(number, width=width) for level, number, width in tiles.tiles_of(size) if not level}
    assert found == expected | {"checkpoint"}


@settings(max_examples=20)
@given(sizes=st.lists(st.integers(0, 1_500), min_size=1, max_size=5))
def test_a_copy_brought_up_step_by_step_is_the_copy_made_at_once(
    sizes: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("steps")
    for size in sorted(sizes):
        copied(folder / "copy", size)
    copied(folder / "fresh", max(sizes))
    kept, fresh = (
        {path.relative_to(folder / name): path.read_bytes() for path in (folder / name).rglob("*") if path.is_file()}
        for name in ("copy", "fresh")
    )
    assert kept == fresh


def test_a_source_that_is_behind_leaves_the_copy_as_it_is(tmp_path: Path) -> None:
    copied(tmp_path, 600)
    made = copied(tmp_path, 300)
    assert (made.cosigned.checkpoint.size, made.size_before) == (600, 600)
    assert verify_copy(tmp_path, policy=POLICY, step=quiet).checkpoint.size == 600


def test_a_killed_run_is_taken_up_and_what_it_left_is_looked_at_again(tmp_path: Path) -> None:
    copied(tmp_path, 1_000)

    class Killed(StoreSource):
        reads = 0

        def entries(self, number: int, *, width: int = 256) -> bytes | None:
            Killed.reads += 1
            if Killed.reads == 6:
                raise KeyboardInterrupt
            return super().entries(number, width=width)

    with pytest.raises(KeyboardInterrupt):
        mirror(Killed(store_of(TRUE, 3_000)), tmp_path, policy=POLICY, step=quiet)
    assert (tmp_path / "checkpoint").read_text() == TRUE.note(1_000)
    assert (tmp_path / "tile/entries/005").exists()
    (tmp_path / "tile/entries/005").write_bytes(b"torn")
    asked: list[int] = []

    class Watched(StoreSource):
        def entries(self, number: int, *, width: int = 256) -> bytes | None:
            asked.append(number)
            return super().entries(number, width=width)

    mirror(Watched(store_of(TRUE, 3_000)), tmp_path, policy=POLICY, step=quiet)
    assert 5 in asked, "what is torn is fetched again"
    assert 4 not in asked, "what is good is not"
    assert verify_copy(tmp_path, policy=POLICY, step=quiet).checkpoint.size == 3_000


BAD = {
    "a leaf hash": ("tile/0/100", 0),
    "the last hash of a tile": ("tile/0/272", -1),
    "an upper tile": ("tile/1/000", 5_000),
    "the partial tile at the end": ("tile/0/273.p/112", 3),
    "a partial tile above": ("tile/1/001.p/17", 40),
    "the tile at the top": ("tile/2/000.p/1", 0),
    "an entry": ("tile/entries/007", 9),
    "an entry at the end": ("tile/entries/273.p/112", -1),
    "a length": ("tile/entries/100", 0),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "copy"
    copied(folder, COUNT)
    return folder


@pytest.mark.parametrize(("path", "at"), BAD.values(), ids=BAD.keys())
def test_the_first_bad_file_is_named_and_nothing_bad_is_written(
    path: str, at: int, whole: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad"
    shutil.copytree(whole, bad)
    data = bytearray((bad / path).read_bytes())
    data[at] ^= 1
    (bad / path).write_bytes(bytes(data))
    with pytest.raises(IntegrityError, match=path.replace(".", "[.]")):
        verify_copy(bad, policy=POLICY, step=quiet)
    with pytest.raises(IntegrityError, match=path.replace(".", "[.]")):
        mirror(FolderSource(bad), tmp_path / "copy", policy=POLICY, step=quiet)
    assert not (tmp_path / "copy" / "checkpoint").exists()
    assert not (tmp_path / "copy" / path).exists()


@pytest.mark.parametrize("path", ["tile/0/100", "tile/entries/100", "tile/1/001.p/17", "checkpoint"])
def test_a_missing_file_is_named(path: str, whole: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    shutil.copytree(whole, bad)
    (bad / path).unlink()
    with pytest.raises(UnavailableError, match=path.replace(".", "[.]")):
        verify_copy(bad, policy=POLICY, step=quiet)


@pytest.mark.parametrize("content", [b"", b"x" * 9_000, b"x" * 8_192, b"x" * 8_191])
def test_a_tile_of_any_other_bytes_is_bad(content: bytes, whole: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    shutil.copytree(whole, bad)
    for path in ("tile/0/100", "tile/2/000.p/1"):
        (bad / path).write_bytes(content)
        with pytest.raises(CantoriaError, match=r"100|2/000|larger"):
            verify_copy(bad, policy=POLICY, step=quiet)


def test_a_folder_where_a_file_should_be_and_a_checkpoint_of_another_log(whole: Path, tmp_path: Path) -> None:
    copied(tmp_path / "copy", 300)
    other = Face(origin="other.example", count=300)
    with pytest.raises(InputError, match="a copy of the log"):
        mirror(source_of(other, 300), tmp_path / "copy", policy=trusting(other.note_key, TRUE.note_key), step=quiet)
    with pytest.raises(IntegrityError, match="no key trusted"):
        mirror(source_of(other, 300), tmp_path / "new", policy=POLICY, step=quiet)
    (tmp_path / "copy/tile/0/000").unlink()
    (tmp_path / "copy/tile/0/000").mkdir()
    with pytest.raises(CantoriaError):
        verify_copy(tmp_path / "copy", policy=POLICY, step=quiet)
    with pytest.raises(UnavailableError, match="no checkpoint"):
        verify_copy(tmp_path / "nothing", policy=POLICY, step=quiet)


@pytest.mark.parametrize(("mine", "theirs"), [(600, 600), (600, 1_000), (512, 1_000), (1_000, 600), (1_000, 512)])
def test_a_log_that_changed_its_history_leaves_evidence(mine: int, theirs: int, tmp_path: Path) -> None:
    copied(tmp_path, mine)
    found = mirror(source_of(FALSE, theirs), tmp_path, policy=POLICY, step=quiet)
    assert isinstance(found, Evidence)
    shown = evidence.verify(found.pack(), key=TRUE.note_key)
    assert {shown.first.size, shown.second.size} == {mine, theirs}
    assert verify_copy(tmp_path, policy=POLICY, step=quiet).checkpoint == TRUE.checkpoint(mine)


@given(st.integers(0, 1_200), st.integers(0, 1_200))
def test_two_places_agree_exactly_where_their_histories_do(one: int, other: int) -> None:
    found = compare(source_of(TRUE, one), source_of(FALSE, other), policy=POLICY)
    if min(one, other) <= FALSE.fork:
        assert found == tuple(sorted((TRUE.checkpoint(one), FALSE.checkpoint(other)), key=lambda each: each.size))
    else:
        assert isinstance(found, Evidence)
        evidence.verify(found.pack(), key=TRUE.note_key)


class Fickle(StoreSource):
    """Says 300 and 10 by turns: whoever puts the smaller place first by asking again never ends."""

    asked = 0

    def checkpoint(self) -> str | None:
        self.asked += 1
        return TRUE.note(300 if self.asked % 2 else 10)


def test_a_place_that_says_another_size_each_time_is_asked_once() -> None:
    fickle = Fickle(store_of(TRUE, 300))
    first, second = compare(fickle, source_of(TRUE, 20), policy=POLICY)  # type: ignore[misc]
    assert (first.size, second.size) == (20, 300)


def test_a_kept_checkpoint_is_compared_with_the_log_of_today(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text(TRUE.note(600))
    kept = FolderSource(tmp_path, checkpoint="kept")
    assert compare(kept, source_of(TRUE, 900), policy=POLICY) == (TRUE.checkpoint(600), TRUE.checkpoint(900))
    assert isinstance(compare(source_of(FALSE, 900), kept, policy=POLICY), Evidence)
    with pytest.raises(UnavailableError, match="lacks"):
        compare(kept, source_of(TRUE, 300), policy=POLICY)


def test_a_newer_note_of_the_same_size_adds_its_cosignatures(tmp_path: Path) -> None:
    copied(tmp_path, 300)
    store = store_of(TRUE, 300)
    text = TRUE.checkpoint(300).text()
    line = sign_note(text, name="w.example", signer=_Signer()).split("\n\n")[1]
    store.notes[300] += line
    mirror(StoreSource(store), tmp_path, policy=POLICY, step=quiet)
    assert (tmp_path / "checkpoint").read_text() == TRUE.note(300) + line
    copied(tmp_path, 300)
    assert (tmp_path / "checkpoint").read_text() == TRUE.note(300) + line


class _Signer:
    public_key = bytes(32)

    def sign(self, message: bytes) -> bytes:
        return bytes(64)


@pytest.fixture
def served() -> Iterator[str]:
    with running(tile_app(source_of(TRUE, COUNT))) as address:
        yield address


def test_over_http_every_file_has_its_type_and_its_caching(served: str, tmp_path: Path) -> None:
    answer = httpx.get(f"{served}/checkpoint", timeout=120)
    assert answer.text == TRUE.note(COUNT)
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == (
        "text/plain; charset=utf-8",
        "no-store",
    )
    tree = VerifiedTree(TRUE.checkpoint(COUNT), source=source_of(TRUE, COUNT))
    wanted = {"tile/0/000", "tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1", "tile/entries/273.p/112"}
    for path, data in files_of(tree):
        if path in wanted:
            answer = httpx.get(f"{served}/{path}", timeout=120)
            assert answer.content == data
            assert answer.headers["content-type"] == "application/octet-stream"
            assert "immutable" in answer.headers["cache-control"]
            assert httpx.head(f"{served}/{path}", timeout=120).headers["content-length"] == str(len(data))
            wanted.remove(path)
    assert not wanted
    assert httpx.get(f"{served}/tile/0/000.p/7", timeout=120).content == tree.tile(0, 0)[: 7 * 32]
    remote = HttpSource(served)
    made = mirror(remote, tmp_path, policy=POLICY, step=quiet)
    remote.close()
    assert isinstance(made, Mirrored)
    assert verify_copy(tmp_path, policy=POLICY, step=quiet).checkpoint.size == COUNT
    with running(tile_app(FolderSource(tmp_path))) as again:
        assert httpx.get(f"{again}/tile/entries/273.p/112", timeout=120).status_code == 200
        assert httpx.get(f"{again}/checkpoint", timeout=120).text == TRUE.note(COUNT)


NOT_TILES = [
    "tile/0/1", "tile/0/0000", "tile/00/000", "tile/64/000", "tile/-1/000", "tile/0/x000/001", "tile/0/001/002",
    "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p", "tile/0/000.p/", "tile/0/000/",
    "tile/entries/0", "tile/entries/000.p/256", "tile/entry/000", "tile/", "tile/0/%30%30%30x", "tile/0/١٢٣",
    "tile/../checkpoint", "tile/..%2f..%2fetc/passwd", "tile/0/" + "x999/" * 40 + "999", "tile/0/000\n",
]  # fmt: skip


@pytest.mark.parametrize("path", NOT_TILES)
def test_what_is_no_tile_is_not_found(path: str, served: str) -> None:
    with pytest.raises(InputError):
        parse_path(path.replace("%30", "0").replace("%2f", "/"))
    host, port = served.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=120)  # sends a path as it is
    connection.request("GET", "/" + quote(path, safe="/.%"))
    assert connection.getresponse().status == 404
    connection.close()


@pytest.mark.parametrize(
    "path", ["tile/0/274", "tile/0/273", "tile/0/273.p/113", "tile/1/001", "tile/63/999", "tile/0/x999/x999/x999/999"]
)
def test_what_the_signed_tree_does_not_have_is_not_shown(path: str, served: str) -> None:
    parse_path(path)
    assert httpx.get(f"{served}/{path}", timeout=120).status_code == 404
    assert httpx.post(f"{served}/{path}", timeout=120).status_code == 405


def test_entries_beyond_the_signed_checkpoint_are_not_shown() -> None:
    source = source_of(TRUE, 300)
    assert source.entries(1, width=44) is not None
    for width in (45, 255):
        assert source.entries(1, width=width) is None
        assert source.tile(0, 1, width=width) is None
    assert source.entries(1) is None


@given(st.integers(0, 62), st.integers(0, 10**9), st.integers(1, 256))
def test_paths_are_read_as_they_are_written(level: int, number: int, width: int) -> None:
    assert parse_path(tiles.tile_path(level, number, width=width)) == TilePath(level, number, width)
    assert parse_path(tiles.entries_path(number, width=width)) == TilePath(None, number, width)


@given(st.text(max_size=40))
def test_any_path_is_a_tile_or_refused(path: str) -> None:
    for text in (path, f"tile/{path}", f"tile/0/{path}"):
        try:
            named = parse_path(text)
        except InputError:
            continue
        assert text in (
            tiles.entries_path(named.number, width=named.width),
            tiles.tile_path(named.level or 0, named.number, width=named.width),
        )


@pytest.mark.parametrize("address", ["ftp://x", "x", "http://", "http://[", "file:///x"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(CantoriaError):
        HttpSource(address).checkpoint()
