"""The CSV family out: what is written reads back as the same registrations, and no cell is a formula."""

import csv
import io
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.formats.exports.conftest import HOSTILE, catalogues

from cantoria.formats import csv_out, csvfamily
from cantoria.formats.csv_out.rows import safe_key, share_text
from cantoria.formats.csvfamily.quoting import quoted, unquoted
from cantoria.formats.entries.page import write_down
from cantoria.formats.entries.scribe import Scribe
from cantoria.formats.entries.types import Collection, Entry, Recording, Release, Share, Work
from cantoria.formats.outgoing import Lost, Seen
from cantoria.formats.types import Severity
from cantoria.kernel.ids import typed_id
from cantoria.kernel.spreadsheet import as_text
from cantoria.registry.types import Right, Role

TABLES = {f"{table.name}.csv" for table in csv_out.WRITTEN}


def files(entries: Iterable[Entry], lost: Lost | None = None) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name, piece in csv_out.write(entries, lost=lost):
        found[name] = found.get(name, b"") + piece
    return found


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def told(house: Any) -> set[Any]:
    """Return what a registry knows, in the words of the sender's own keys."""
    registry = house.registry
    keys = {}
    for kind, count in (("P", 3), ("W", 3), ("R", 3), ("A", 1)):
        for number in range(count):
            found = house.lookup(f"own:BLUE:{kind}{number}")
            if found is not None:
                keys[found] = f"{kind}{number}"
    known: set[Any] = set()
    for thing, key in keys.items():
        claims = {
            (keys[c.fact.party], c.fact.role, c.fact.right, c.fact.share, c.fact.territory, c.fact.period, c.fact.tier)
            for c in registry.claims(thing)
        }
        known.add((key, frozenset(claims), frozenset(registry.codes_of(thing))))
        known |= {(key, view.title, view.kind, view.language) for view in registry.titles(thing)}
        for fact in (view.fact for view in registry.collections(thing)):
            known.add((key, keys[fact.party], fact.role, fact.right, fact.share, fact.territory))
        for said in (view.fact for view in registry.chains(thing)):
            ends = (keys.get(said.grantor, ""), keys[said.acquirer])
            known.add((key, *ends, said.kind, said.territory, said.period, said.agreement))
        match key[0]:
            case "P":
                view = registry.party(thing)
                known.add((key, view.kind, view.names, frozenset(view.codes)))
            case "W":
                view = registry.work(thing)
                known.add((key, view.title, view.kind, tuple(keys[part] for part in view.parts), view.parts_complete))
            case "R":
                view = registry.recording(thing)
                samples = tuple(keys[sample] for sample in view.samples)
                works = frozenset(keys[work] for work in registry.works_of(thing))
                known.add(
                    (
                        key,
                        view.title,
                        view.display_artist,
                        view.samples_complete,
                        view.version,
                        view.duration_ms,
                        samples,
                        works,
                    )
                )
            case _:
                view = registry.release(thing)
                known.add((key, view.title, tuple(keys[item] for item in view.recordings)))
    return known


@settings(max_examples=50)
@given(entries=catalogues())
def test_read_back_it_is_the_same_registrations(new_house: Any, entries: list[Entry]) -> None:
    direct, back = new_house(), new_house()
    scribe = Scribe(direct.context(), file="x", sha256="0" * 64)
    for entry in entries:
        direct.take(write_down(scribe, entry))
    imported = back.take(csvfamily.read_family(files(entries), back.context()))
    assert not [str(finding) for finding in imported.findings if finding.severity is Severity.ERROR]
    assert told(back) == told(direct)


@settings(max_examples=50)
@given(entries=catalogues())
def test_no_cell_is_a_formula_and_the_same_entries_give_the_same_bytes(entries: list[Entry]) -> None:
    made = files(entries)
    assert made == files(entries)
    assert set(made) == TABLES
    for data in made.values():
        for row in csv.reader(io.StringIO(data.decode(), newline="")):
            assert all(as_text(cell) == cell for cell in row)


@given(st.text(max_size=20) | st.sampled_from(HOSTILE))
def test_an_apostrophe_is_put_and_taken_away(text: str) -> None:
    assert unquoted(quoted(text)) == text
    assert as_text(quoted(text)) == quoted(text)


def test_each_thing_has_one_row_and_shares_one_row_each(some_catalogue: list[Entry]) -> None:
    made = files([*some_catalogue, *some_catalogue[1:]])
    assert [row["party"] for row in rows(made["parties.csv"])] == ["P1", "P2"]
    (recording,) = rows(made["recordings.csv"])
    assert (recording["works"], recording["isrc"], recording["duration_ms"]) == ("W1", "KRA381900123", "214000")
    shares = rows(made["shares.csv"])
    assert [row["share"] for row in shares] == ["1/3", "50", ""]
    assert rows(made["parties.csv"])[0]["other_names"] == "'=Kim"


def test_a_work_that_a_later_entry_links_is_in_the_links(some_catalogue: list[Entry]) -> None:
    more = Entry(
        line=0, kind="work", works=(Work(key="W2", title="Two"),), recordings=(Recording(key="R1", works=("W2",)),)
    )
    made = files([*some_catalogue, more])
    assert rows(made["links.csv"]) == [
        {"left": "R1", "relation": "embodies", "right": "W2", "asserted_by": "", "tier": ""}
    ]


def test_what_the_tables_cannot_hold_is_told(some_catalogue: list[Entry]) -> None:
    lost = Lost()
    odd = Work(
        key="W9",
        title="Odd",
        collections=(Collection(party="P1", role=Role.PRODUCER, right=Right.MECHANICAL, share=Fraction(1)),),
        shares=(
            Share(party="P1", role=Role.PRODUCER),
            Share(party="P1", role=Role.COMPOSER, share=Fraction(1)),
            Share(party="a\x07", role=Role.COMPOSER),
        ),
    )
    keyless = Recording(title="no key")
    empty = Release(key="A9", title="Empty")
    files([Entry(line=0, kind="x", works=(odd,), recordings=(keyless,), releases=(empty,))], lost)
    messages = [finding.message for finding in lost.findings("shares.csv")]
    for part in ("collection share", "wrong side", "share of one right", "reference", "without key"):
        assert any(part in message for message in messages), (part, messages)
    assert any("without recordings" in message for message in messages)


def test_write_family_gives_each_file_by_name(some_catalogue: list[Entry]) -> None:
    family = csv_out.write_family(lambda: some_catalogue)
    assert {name: b"".join(pieces) for name, pieces in family.items()} == files(some_catalogue)


def test_pieces_come_while_entries_come() -> None:
    count = 0

    def endless() -> Iterable[Entry]:
        nonlocal count
        while True:
            count += 1
            yield Entry(line=0, kind="work", works=(Work(key=f"W{count}", title="T" * 1000),))

    name, piece = next(iter(csv_out.write(endless())))
    assert name == "works.csv"
    assert len(piece) > 60_000
    assert count < 100


@pytest.mark.parametrize(
    ("share", "text"),
    [(Fraction(1, 3), "1/3"), (Fraction(1, 2), "50"), (Fraction(333333, 1000000), "33.3333"), (Fraction(0), "0")],
)
def test_shares_are_exact(share: Fraction, text: str) -> None:
    assert share_text(share) == text


def test_keys_that_the_family_cannot_hold_are_spelt_otherwise() -> None:
    work = typed_id("work", bytes(16))
    assert safe_key(work) == work.replace("_", "-", 1)
    assert safe_key("a:b|c%") == "a%3Ab%7Cc%25"
    assert safe_key("x" * 129) == ""


@given(st.lists(st.text(max_size=3), max_size=3000))
def test_seen_tells_what_is_new(texts: list[str]) -> None:
    seen, known = Seen(), set[str]()
    for text in texts:
        assert seen.add(text) is (text not in known)
        known.add(text)


def test_seen_grows() -> None:
    seen = Seen()
    assert all(seen.add("k", str(number)) for number in range(5000))
    assert not any(seen.add("k", str(number)) for number in range(5000))
