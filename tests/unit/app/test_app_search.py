"""Search in a house: what is on record is found, as of a size; what is erased is not, not even by one of its words."""

from __future__ import annotations

import hashlib
import io
import sqlite3
from pathlib import Path

import pytest
from tests.unit.app.conftest import Reopen

from cantoria.adapters.search import postings
from cantoria.app import bulk, search
from cantoria.app.bulk import Source
from cantoria.app.erasure import erase
from cantoria.app.ports import Author, Kind
from cantoria.bootstrap.house import SEARCH_FILE, WiredHouse
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import PartyId, RecordingId, WorkId
from cantoria.registry.bulk_facts import BatchTable
from cantoria.registry.facts import LinkAsserted, PartyNamed, PartyRegistered, RecordingRegistered, WorkRegistered
from cantoria.registry.trade_facts import TitleGiven
from cantoria.registry.types import PartyKind, Relation

CSV = """title,artist,isrc
봄날,방탄소년단,KRA381700123
너의봄날,아이유,KRA381700124
사랑해,이문세,KRA381700125
Canción de amor,Ana Torroja,ESA012400001
Love,Someone,USAAA2400001
Love Story,Taylor,USAAA2400002
Hello Goodbye,The Beatles,GBAYE6700001
Goodbye Yellow Brick Road,Elton John,GBAYE7300001
Bangtan Theme,Choir,USAAA2400003
"""


def titles(house: WiredHouse, text: str, limit: int = 20) -> list[str]:
    return [hit.title for hit in search.find(house, text, limit=limit).hits]


@pytest.fixture
def filled(house: WiredHouse, label: Author, society: Author) -> WiredHouse:
    data = CSV.encode()
    source = Source(file="c.csv", stream=io.BytesIO(data), sha256=hashlib.sha256(data).hexdigest(), mapping={})
    bulk.take_in(house, source, table=BatchTable.RECORDINGS, author=label, note=lambda step: None)
    party, work, recording = (house.ids.new(kind) for kind in ("party", "work", "recording"))
    facts = [
        PartyRegistered(party=PartyId(party), kind=PartyKind.PERSON),
        PartyNamed(party=PartyId(party), name="Zuzanna Łącka", codes=("ipi_name:00014107338",)),
        WorkRegistered(work=WorkId(work), title="Spring Day"),
        TitleGiven(subject=work, title="Frühlingstag"),
        RecordingRegistered(recording=RecordingId(recording), title="봄날", display_artist="Single"),
        LinkAsserted(
            link=house.ids.new("link"),
            left="iswc:T0345246801",
            relation=Relation.IDENTIFIES,
            right=work,
            asserted_by=society.party,
        ),
    ]
    house.journal.record(facts, author=society)
    return house


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("봄날", "봄날"),
        ("봄날 방탄소년단", "봄날"),
        ("방탄소년단", "봄날"),
        ("bomnal", "봄날"),
        ("salanghae", "사랑해"),
        ("봄닐", "봄날"),
        ("cancion de amor", "Canción de amor"),
        ("CANCIÓN", "Canción de amor"),
        ("love", "Love"),
        ("lov", "Love"),
        ("lvoe story", "Love Story"),
        ("goodbye hello", "Hello Goodbye"),
        ("elton john goodbye", "Goodbye Yellow Brick Road"),
        ("yelow brick", "Goodbye Yellow Brick Road"),
        ("zuzanna lacka", "Zuzanna Łącka"),
        ("fruhlingstag", "Frühlingstag"),
        ("spring day", "Spring Day"),
        ("방탄", "봄날"),
        ("KR-A38-17-00123", "봄날"),
        ("isrc:KRA381700123", "봄날"),
        ("T-034.524.680-1", "Spring Day"),
        ("ipi_name:00014107338", "Zuzanna Łącka"),
    ],
)
def test_the_best_hit(filled: WiredHouse, text: str, first: str) -> None:
    assert titles(filled, text)[0] == first


def test_two_syllables_are_found_within_a_word(filled: WiredHouse) -> None:
    assert titles(filled, "봄날") == ["봄날", "봄날", "너의봄날"]
    assert "Bangtan Theme" in titles(filled, "방탄")


def test_hits_say_what_they_are(filled: WiredHouse) -> None:
    found = search.find(filled, "spring day")
    assert found.size == filled.journal.size()
    assert (found.hits[0].kind, found.hits[0].code, found.hits[0].score) == (Kind.WORK, "iswc:T0345246801", 100)
    (party,) = search.find(filled, "Łącka").hits
    assert party.kind is Kind.PARTY
    assert [hit.code for hit in search.find(filled, "hello goodbye").hits] == ["isrc:GBAYE6700001"]
    assert search.find(filled, "hello goodbye").hits[0].id.startswith("recording_")


def test_nothing_is_found_where_nothing_is(filled: WiredHouse) -> None:
    assert titles(filled, "qqqqqq") == []
    assert titles(filled, "!!!") == []
    assert titles(filled, "QMAAA9900000") == []
    for bad in ("", "   ", "x" * 501):
        with pytest.raises(InputError):
            search.find(filled, bad)
    with pytest.raises(InputError):
        search.find(filled, "love", limit=0)


def lists(home: Path) -> list[tuple[object, ...]]:
    """What stands in which list, told by words: numbers depend on the steps in which the index was made."""
    with sqlite3.connect(home / SEARCH_FILE) as db:
        words = dict(db.execute("SELECT id, text FROM term"))
        rows = db.execute("SELECT key, docs FROM posting").fetchall()
        docs = dict(db.execute("SELECT id, entity FROM doc"))
        spans = db.execute("SELECT first, rows FROM span").fetchall()
        counts = [db.execute(f"SELECT count(*) FROM {name}").fetchone() for name in ("term", "typo", "alias", "doc")]
    found = []
    for key, packed in rows:
        for value in postings.unpack(packed).to_pylist():
            number = value >> 3
            inside = [number - first for first, count in spans if first <= number < first + count]
            found.append((words[key >> postings.KEY_SHIFT], docs.get(number) or str(inside[0]), value & 7))
    return [*sorted(found), *counts]


def test_step_by_step_or_from_the_beginning(
    house: WiredHouse, society: Author, label: Author, home: Path, reopen: Reopen
) -> None:
    for number in range(5):
        recording = RecordingRegistered(recording=RecordingId(house.ids.new("recording")), title=f"봄날 song {number}")
        house.journal.record([recording], author=society)
        data = f"title,isrc\nAnother song {number},USAAA24000{number:02}\n".encode()
        source = Source(file="c.csv", stream=io.BytesIO(data), sha256=hashlib.sha256(data).hexdigest(), mapping={})
        bulk.take_in(house, source, table=BatchTable.RECORDINGS, author=label, note=lambda step: None)
        assert len(titles(house, "song")) == 2 * (number + 1)
    grown, answers = lists(home), titles(house, "another song 3")
    house.close()
    for suffix in ("", "-wal", "-shm"):
        (home / f"{SEARCH_FILE}{suffix}").unlink(missing_ok=True)
    again = reopen()
    assert titles(again, "another song 3")[0] == answers[0] == "Another song 3"
    assert lists(home) == grown


def test_erased_words_vanish(filled: WiredHouse, society: Author, home: Path) -> None:
    assert titles(filled, "lacka") == ["Zuzanna Łącka"]
    (said,) = filled.index.scan(tags=[PartyNamed.TYPE.tag])
    text = f"{said.fact_id[:8]}-{said.fact_id[8:12]}-{said.fact_id[12:16]}-{said.fact_id[16:20]}-{said.fact_id[20:]}"
    erase(filled, text, basis="objection", author=society)
    for asked in ("lacka", "zuzanna", "lakca", "zuz", "Zuzanna Łącka"):
        assert titles(filled, asked) == []
    assert titles(filled, "봄날"), "the rest is still found"
    filled.close()
    files = b"".join(file.read_bytes() for file in home.glob(f"{SEARCH_FILE}*"))
    assert b"lacka" not in files
    assert b"zuzanna" not in files


def test_an_index_of_another_past_is_made_anew(filled: WiredHouse, home: Path, reopen: Reopen) -> None:
    titles(filled, "love")
    filled.close()
    with sqlite3.connect(home / SEARCH_FILE) as db:
        db.execute("UPDATE meta SET value = 'another' WHERE key = 'last'")
    db.close()
    assert titles(reopen(), "love")[0] == "Love"
