"""Large catalogues in: every record accounted for, nothing recorded twice, also when the import is killed."""

from __future__ import annotations

import hashlib
import io
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.app.conftest import Reopen

from cantoria.app import bulk, search
from cantoria.app.bulk import Source
from cantoria.app.code_book import CodeBook
from cantoria.app.ports import Author
from cantoria.app.rights import load_around
from cantoria.bootstrap.house import BULK_FOLDER, WiredHouse
from cantoria.formats.types import Counts, Severity
from cantoria.kernel.errors import InputError
from cantoria.registry import Found
from cantoria.registry.bulk_facts import BatchRegistered, BatchTable
from cantoria.registry.facts import LinkAsserted, RecordingRegistered

CSV = """title,artist,isrc,duration_ms,version,codes
봄날,방탄소년단,KRA381700123,274000,,
Canción,Ana,ES-A01-24-00001,,Live,own:LABEL:77
,Nobody,USAAA2400001,1,,
Broken,X
Bad isrc,Y,ZZZ,1,,
No code,Z,,1,,
Again,Z,KRA381700123,1,,
Bad length,Z,USAAA2400002,soon,,
Bell\x07,Z,USAAA2400003,1,,
Full width,Z,ＵＳＡＡＡ２４０００１０,1,,
"""


def source_of(data: bytes | str, file: str = "catalogue.csv", **mapping: str) -> Source:
    content = data.encode() if isinstance(data, str) else data
    digest = hashlib.sha256(content).hexdigest()
    return Source(file=file, stream=io.BytesIO(content), sha256=digest, mapping=mapping)


def take(
    house: WiredHouse, author: Author, data: bytes | str, table: BatchTable = BatchTable.RECORDINGS, **more: Any
) -> tuple[Counts, list[Any]]:
    found: list[Any] = []
    counts = bulk.take_in(
        house,
        source_of(data, **more.pop("mapping", {})),
        table=table,
        author=author,
        note=lambda step: found.extend(step.findings),
        **more,
    )
    return counts, found


def batches(house: WiredHouse) -> list[BatchRegistered]:
    return [one.fact for one in house.index.scan(tags=[BatchRegistered.TYPE.tag])]


def parquet(count: int, start: int = 0) -> bytes:
    sink = io.BytesIO()
    numbers = range(start, start + count)
    table = {"title": [f"song {n}" for n in numbers], "isrc": [f"KRA38{n:07}" for n in numbers]}
    pq.write_table(pa.table(table), sink, row_group_size=100)
    return sink.getvalue()


def test_every_record_is_registered_refused_or_a_duplicate(house: WiredHouse, label: Author) -> None:
    counts, found = take(house, label, CSV)
    assert counts == Counts(received=10, registered=3, refused=6, duplicate=1)
    assert [(one.line, one.field) for one in found] == [
        (4, "title"),
        (5, ""),
        (6, "isrc"),
        (7, "isrc"),
        (9, "duration_ms"),
        (10, "title"),
    ]
    (batch,) = batches(house)
    assert (batch.rows, batch.taken, batch.refused, batch.duplicate) == (3, 10, 6, 1)


def test_rows_are_seen_as_the_facts_they_stand_for(house: WiredHouse, label: Author) -> None:
    take(house, label, CSV)
    size = house.index.catch_up()
    registry = load_around(house.index, subjects=["isrc:KRA381700123"], size=size).registry
    found = registry.resolve(["isrc:KRA381700123"])
    assert isinstance(found, Found)
    view = registry.recording(found.subject)
    assert view is not None
    assert (view.title, view.display_artist, view.duration_ms) == ("봄날", "방탄소년단", 274_000)
    (link,) = registry.links(found.subject)
    assert link.asserted_by == (label.party,)
    assert house.index.about([link.link])[0].fact.right == found.subject
    assert house.index.name_of(found.subject) == f"봄날 [{found.subject}]"
    (other,) = house.index.about(["own:LABEL:77"], tags=[LinkAsserted.TYPE.tag])
    (said,) = house.index.about([other.fact.right], tags=[RecordingRegistered.TYPE.tag])
    assert (said.fact.title, said.fact.version, said.fact.source.line) == ("Canción", "Live", 3)
    assert CodeBook(house, preload=True).lookup("isrc:KRA381700123") == found.subject
    assert CodeBook(house).define("own:LABEL:77", sender=label.party) == other.fact.right


def test_a_known_recording_is_neither_registered_again_nor_made_a_second_time(
    house: WiredHouse, label: Author, society: Author
) -> None:
    take(house, label, CSV)
    again, _ = take(house, label, "title,isrc\nSpring Day,KRA381700123\nNew,KRA381700999\n")
    assert again == Counts(received=2, registered=1, duplicate=1)
    others, _ = take(house, society, "title,isrc\nBomnal,KRA381700123\nOther,KRA381700998\n")
    assert others == Counts(received=2, registered=2)
    size = house.index.catch_up()
    registry = load_around(house.index, subjects=["isrc:KRA381700123"], size=size).registry
    found = registry.resolve(["isrc:KRA381700123"])
    assert isinstance(found, Found)
    view = registry.recording(found.subject)
    assert view is not None
    assert view.title == "봄날", "who registered it first names it"
    assert registry.links(found.subject)[0].asserted_by == (label.party, society.party)


def test_the_same_file_again_records_nothing(house: WiredHouse, label: Author) -> None:
    first, _ = take(house, label, parquet(1_000), rows_per_batch=300)
    assert first.registered == 1_000
    assert [one.taken for one in batches(house)] == [300, 300, 300, 100]
    size = house.index.catch_up()
    again, _ = take(house, label, parquet(1_000), rows_per_batch=300)
    assert again == Counts()
    assert house.index.catch_up() == size


def test_an_import_that_stops_goes_on_where_it_stood(house: WiredHouse, label: Author) -> None:
    class Stop(Exception):  # noqa: N818 - it stands for a crash
        pass

    steps = []

    def note(step: bulk.Step) -> None:
        steps.append(step)
        if len(steps) == 3:
            raise Stop

    for start, data in enumerate((parquet(1_000), CSV * 3)):
        steps.clear()
        with pytest.raises(Stop):
            bulk.take_in(
                house,
                source_of(data),
                table=BatchTable.RECORDINGS,
                author=label,
                note=note,
                rows_per_batch=300 if start == 0 else 3,
            )
        steps.append(None)  # type: ignore[arg-type]
        counts, _ = take(house, label, data, rows_per_batch=300)
        done = bulk.done_before(house, source_of(data).sha256, table=BatchTable.RECORDINGS, author=label)
        whole = bulk.totals(done)
        assert counts.received < whole.received == (1_000 if start == 0 else 32)
        assert [one.start for one in done] == [sum(one.taken for one in done[:n]) for n in range(len(done))]


KILLED = """
import sys, os, signal
from pathlib import Path
from cantoria.app import bulk
from cantoria.app.bulk import Source
from cantoria.bootstrap import house as houses
from cantoria.registry.bulk_facts import BatchTable

opened = houses.open_house(Path(sys.argv[1]))
steps = []

def note(step):
    steps.append(step)
    if len(steps) == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

real = houses.BulkIndex.follow

def follow(index, *given, **more):
    real(index, *given, **more)
    if sys.argv[4] == "view" and len(steps) >= 2:
        os.kill(os.getpid(), signal.SIGKILL)

houses.BulkIndex.follow = follow
with open(sys.argv[2], "rb") as stream:
    source = Source(file="c.parquet", stream=stream, sha256="ab" * 32, mapping={})
    bulk.take_in(opened, source, table=BatchTable.RECORDINGS, author=opened.author("label"), note=note,
                 rows_per_batch=200)
"""


@pytest.mark.parametrize("moment", ["record", "view"])
def test_a_killed_import_leaves_no_gap_and_no_second_copy(
    home: Path, reopen: Reopen, tmp_path: Path, moment: str
) -> None:
    file = tmp_path / "c.parquet"
    file.write_bytes(parquet(1_000))
    steps = "3" if moment == "record" else "99"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(home), str(file), steps, moment], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    house = reopen()
    label = house.author("label")
    house.begin_writing(lambda: None)
    with file.open("rb") as stream:
        source = Source(file="c.parquet", stream=stream, sha256="ab" * 32, mapping={})
        counts = bulk.take_in(
            house,
            source,
            table=BatchTable.RECORDINGS,
            author=label,
            note=lambda step: None,
            rows_per_batch=200,
        )
    assert counts.received == 600
    assert [one.start for one in batches(house)] == [0, 200, 400, 600, 800]
    for number in (0, 399, 400, 999):
        said = house.index.about([f"isrc:KRA38{number:07}"], tags=[LinkAsserted.TYPE.tag])
        assert len(said) == 1
    found = search.find(house, "song 400", limit=3)
    assert found.hits[0].title == "song 400"


def test_the_view_of_batches_can_be_deleted(house: WiredHouse, label: Author, home: Path, reopen: Reopen) -> None:
    take(house, label, CSV)
    before = house.index.about(["isrc:KRA381700123"])
    house.close()
    for file in (home / BULK_FOLDER).iterdir():
        file.unlink()
    again = reopen()
    again.index.catch_up()
    assert again.index.about(["isrc:KRA381700123"]) == before


def test_works_and_links_come_in_batches_too(house: WiredHouse, label: Author) -> None:
    counts, _ = take(house, label, "title,iswc,codes\nA song,T-034.524.680-1,own:LABEL:W1\n", BatchTable.WORKS)
    assert counts.registered == 1
    counts, found = take(house, label, "title,isrc,iswc\nSung,KRA381700555,T0345246801\nNot,KRA381700556,T0000000010\n")
    assert counts.registered == 2
    assert [(one.severity, one.line) for one in found] == [(Severity.WARNING, 3)]
    (said,) = house.index.about(["own:LABEL:W1"], tags=[LinkAsserted.TYPE.tag])
    recording = CodeBook(house).lookup("isrc:KRA381700556")
    links = f"left,relation,right\n{recording},embodies,{said.fact.right}\n{recording},embodies,{said.fact.right}\n"
    counts, _ = take(house, label, links, BatchTable.LINKS)
    assert counts == Counts(received=2, registered=1, duplicate=1)
    size = house.index.catch_up()
    for isrc in ("KRA381700555", "KRA381700556"):
        registry = load_around(house.index, subjects=[f"isrc:{isrc}"], size=size).registry
        found_there = registry.resolve([f"isrc:{isrc}"])
        assert isinstance(found_there, Found)
        assert registry.works_of(found_there.subject) == (said.fact.right,)


def test_a_batch_that_is_not_what_it_says_has_no_effect(house: WiredHouse, label: Author) -> None:
    take(house, label, CSV)
    (good,) = batches(house)
    digest = house.attachments.put(b"PAR1 not really")
    bad = BatchRegistered(
        table=BatchTable.RECORDINGS,
        attachment=digest,
        rows=3,
        first=good.first,
        last=good.last,
        file="x",
        source="cd" * 32,
        start=0,
        taken=3,
    )
    receipt = house.journal.record([bad], author=label)[0]
    house.index.catch_up()
    assert [index for index, _ in house.index.unreadable()] == [receipt.index]
    assert house.index.batches() == 1
    awaited = BatchRegistered(
        table=BatchTable.WORKS,
        attachment="00" * 32,
        rows=1,
        first="",
        last="",
        file="x",
        source="ef" * 32,
        start=0,
        taken=1,
    )
    before = house.index.awaited()
    house.journal.record([awaited], author=label)
    house.index.catch_up()
    assert house.index.awaited() == before + 1


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe\x00", b"title\n", b"PAR1", b"name,isrc\nx,y\n", b"title,title\na,b\n", b"title,isrc"]
)
def test_a_file_that_is_no_catalogue_is_refused_whole_or_record_by_record(
    house: WiredHouse, label: Author, data: bytes
) -> None:
    size = house.journal.size()
    try:
        counts, _ = take(house, label, data)
    except InputError:
        assert house.journal.size() == size
    else:
        assert counts.registered == 0


def test_a_record_that_is_not_utf_8_is_refused_by_itself(house: WiredHouse, label: Author) -> None:
    data = b"title,isrc,note\nGood,KRA381700001,x\nB\xe9d,KRA381700002,x\nFine,KRA381700003,\xe9\n\xe9\n"
    counts, found = take(house, label, data)
    assert counts == Counts(received=4, registered=2, refused=2)
    assert [(one.line, one.field) for one in found] == [(3, "title"), (5, "")]


def test_columns_can_be_mapped(house: WiredHouse, label: Author) -> None:
    counts, _ = take(house, label, "Track,Code\nA,KRA381700001\n", mapping={"title": "Track", "isrc": "Code"})
    assert counts.registered == 1
    with pytest.raises(InputError, match="no column"):
        take(house, label, "Track,Code\nA,KRA381700001\nB,KRA381700002\n", mapping={"title": "Name"})
