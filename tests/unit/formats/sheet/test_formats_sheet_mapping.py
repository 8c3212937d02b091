"""The wizard: what is proposed for which table, mappings as JSON, rows read by them, and what a preview shows."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from cantoria.formats import sheet
from cantoria.formats.entries import Entry, Outcome, Recording, Scribe, write_down
from cantoria.formats.sheet import Change, Kind, Mapping, State
from cantoria.formats.sheet.content import content_of, milliseconds, share
from cantoria.formats.sheet.fields import Content
from cantoria.formats.types import Counts, Imported
from cantoria.kernel.errors import InputError
from cantoria.registry.types import Right, Role
from cantoria.testing.table_files import as_csv, as_xlsx, isrc, work_list

CATALOGUE = [
    ["Track Name", "Artist Name", "Album", "Length", "Code", "UPC"],
    ["Spring Rain", "Minji", "Seasons", "3:45", "KR-A38-19-00123", "4006381333931"],
    ["First Snow", "Minji", "Seasons", "2:59", "KRA381900124", "4006381333931"],
]


def suggested(rows: Sequence[Sequence[str]], **more: Any) -> Mapping:
    return sheet.suggest(rows[0], rows[1:], **more)


def columns(mapping: Mapping) -> dict[str, str]:
    return {name: " + ".join(headings) for name, headings in mapping.columns.items()}


def read(data: bytes, mapping: Mapping) -> list[Entry]:
    return list(sheet.read(io.BytesIO(data), file="t.csv", mapping=mapping))


@pytest.mark.parametrize(
    ("rows", "kind", "expected"),
    [
        (
            CATALOGUE,
            Kind.RECORDINGS,
            {
                "title": "Track Name",
                "artist": "Artist Name",
                "duration": "Length",
                "isrc": "Code",
                "release": "Album",
                "gtin": "UPC",
            },
        ),
        (
            [["곡명", "가수", "ISRC", "재생시간", "앨범명"], ["봄비", "이은하", "KRA381900123", "225", "사계"]],
            Kind.RECORDINGS,
            {"title": "곡명", "artist": "가수", "isrc": "ISRC", "duration": "재생시간", "release": "앨범명"},
        ),
        (
            [
                ["Título", "Intérprete", "Duración", "Código"],
                ["Lluvia", "Minji", "3:45", "A-1"],
                ["Nieve", "M", "2:00", "A-2"],
            ],
            Kind.RECORDINGS,
            {"key": "Código", "title": "Título", "artist": "Intérprete", "duration": "Duración"},
        ),
        (
            [
                ["Obra", "ISWC", "Autor", "IPI", "Rol", "Derecho de ejecución", "Derecho mecánico"],
                ["Lluvia", "T-034.524.680-1", "Kim", "00014107338", "C", "50", "50"],
            ],
            Kind.WORKS,
            {
                "title": "Obra",
                "iswc": "ISWC",
                "party": "Autor",
                "ipi_name": "IPI",
                "role": "Rol",
                "performing": "Derecho de ejecución",
                "mechanical": "Derecho mecánico",
            },
        ),
        (
            [["album", "id", "artist", "totaltracks"], ["Seasons", "r1", "Minji", "7"], ["Other", "r2", "M", "9"]],
            Kind.RELEASES,
            {"key": "id", "title": "album"},
        ),
        (
            [
                ["Full name", "IPI name number", "ISNI", "Kind"],
                ["Kim Minji", "00014107338", "000000012281955X", "person"],
            ],
            Kind.PARTIES,
            {"name": "Full name", "ipi_name": "IPI name number", "isni": "ISNI", "party_kind": "Kind"},
        ),
        (
            [["title", "artist"], ["Rain", "Minji"], ["Rain", "Seojun"]],
            Kind.RECORDINGS,
            {"key": "artist + title", "title": "title", "artist": "artist"},
        ),
        (
            [["id", "disc", "track", "title", "duration"], ["r1", "1", "1", "a", "5"], ["r1", "1", "2", "b", "6"]],
            Kind.RECORDINGS,
            {"key": "id + disc + track", "title": "title", "duration": "duration", "release_key": "id"},
        ),
    ],
)
def test_what_is_proposed(rows: list[list[str]], kind: Kind, expected: dict[str, str]) -> None:
    mapping = suggested(rows)
    assert (mapping.kind, columns(mapping)) == (kind, expected)


def test_content_counts_more_than_headings() -> None:
    rows = [
        ["ISRC", "Title", "Track", "x"],
        ["none yet", "Rain", "1", "KRA381900123"],
        ["?", "Snow", "2", "KRA381900124"],
    ]
    assert columns(suggested(rows)) == {"title": "Title", "isrc": "x"}


def test_a_column_of_codes_with_some_wrong_is_still_the_column_of_codes() -> None:
    rows = [["Title", "ISRC"], *([f"t{n}", isrc(n) if n % 2 else "???"] for n in range(10))]
    assert columns(suggested(rows))["isrc"] == "ISRC"


@pytest.mark.parametrize("rows", [[[]], [["a", "b"], ["1", "2"]], [["ISRC prefix", "Agency"], ["AD", "IRA"]]])
def test_nothing_is_proposed_where_nothing_is_recognised(rows: list[list[str]]) -> None:
    with pytest.raises(InputError):
        suggested(rows)


@pytest.mark.parametrize("write", [as_csv, as_xlsx, lambda rows: as_csv(rows, encoding="cp949", separator=";")])
def test_headings_may_stand_below_a_title(write: Any) -> None:
    data = write([["Our catalogue, 2026"], [], *CATALOGUE])
    mapping, sample = sheet.suggest_for(io.BytesIO(data), file="t")
    assert mapping.header_line == 3
    assert sample[0] == tuple(CATALOGUE[0])
    entries = list(sheet.read(io.BytesIO(data), file="t", mapping=mapping))
    assert [(entry.line, entry.outcome) for entry in entries] == [(4, Outcome.REGISTER), (5, Outcome.REGISTER)]


@pytest.mark.parametrize(
    ("cells", "unit"), [(["3:45", "12:01"], "clock"), (["225", "3345"], "s"), (["225000", "184,000"], "ms")]
)
def test_units_of_durations(cells: list[str], unit: str) -> None:
    rows = [["Title", "ISRC", "Duration"], *([f"t{n}", isrc(n), cell] for n, cell in enumerate(cells))]
    assert suggested(rows).duration == unit


def test_units_of_shares() -> None:
    head = ["Title", "ISWC", "Writer", "Role", "Share"]
    for cells, unit in ((["0.5", "0.5"], "fraction"), (["50", "50"], "percent"), (["1", "99"], "percent")):
        rows = [head, *(["Rain", "T0345246801", "Kim", "C", cell] for cell in cells)]
        assert suggested(rows).shares == unit


def test_a_mapping_survives_its_text_and_can_be_edited() -> None:
    mapping = suggested(CATALOGUE)
    assert sheet.parse(mapping.text()) == mapping
    edited = json.loads(mapping.text()) | {"constants": {"version": "live"}, "fill_down": ["Album"]}
    assert sheet.from_json(edited).constants == {"version": "live"}


@pytest.mark.parametrize(
    "value",
    [
        "not json",
        "[" * 100_000,
        "[]",
        '{"cantoria_mapping": 2}',
        '{"cantoria_mapping": 1, "kind": "songs", "columns": {"title": "a"}}',
        '{"cantoria_mapping": 1, "kind": "works", "columns": {}}',
        '{"cantoria_mapping": 1, "kind": "works", "columns": {"colour": "a"}}',
        '{"cantoria_mapping": 1, "kind": "works", "columns": {"title": ["a", "b"]}}',
        '{"cantoria_mapping": 1, "kind": "works", "columns": {"title": 1}}',
        '{"cantoria_mapping": 1, "kind": "works", "columns": "title"}',
        '{"cantoria_mapping": 1, "kind": "works", "columns": {"title": "a"}, "constants": {"title": "b"}}',
        '{"cantoria_mapping": 1, "kind": "works", "columns": {"title": "a"}, "header_line": true}',
        '{"cantoria_mapping": 1, "kind": "works", "columns": {"title": "a"}, "header_line": -1}',
        '{"cantoria_mapping": 1, "kind": "works", "columns": {"title": "a"}, "encoding": "rot13"}',
        '{"cantoria_mapping": 1, "kind": "works", "columns": {"title": "a"}, "shares": "most"}',
        '{"cantoria_mapping": 1, "kind": "works", "columns": {"title": "a"}, "run": "rm"}',
    ],
)
def test_what_is_no_mapping_is_refused(value: str) -> None:
    with pytest.raises(InputError):
        sheet.parse(value)


def test_rows_become_recordings_on_a_release() -> None:
    first, second = read(as_csv(CATALOGUE), suggested(CATALOGUE))
    (recording,) = first.recordings
    assert recording == Recording(
        title="Spring Rain", artist="Minji", duration_ms=225_000, codes=(("isrc", "KRA381900123"),)
    )
    for entry in (first, second):
        assert entry.releases[0].codes == (("gtin", "4006381333931"),)
    assert second.releases[0].recordings == ("isrc:KRA381900124",)


def test_rows_become_works_with_holders_and_blanks_go_on_from_above() -> None:
    table = work_list(4)
    mapping = suggested([[str(cell) for cell in row] for row in table])
    assert mapping.kind is Kind.WORKS
    assert set(mapping.fill_down) == {"저작물코드", "저작물명", "영문명"}
    entries = read(as_csv(table), mapping)
    assert len(entries) == 12
    assert [entry.works[0].mentioned for entry in entries] == [False, True, True] * 4
    assert {entry.works[0].codes for entry in entries[:3]} == {(("own", "KOMCA:100000000000"),)}
    shares = [share for entry in entries[:3] for share in entry.works[0].shares]
    assert [share.role for share in shares] == [Role.COMPOSER] * 2 + [Role.LYRICIST] * 2 + [Role.PUBLISHER] * 2
    assert sum(one.share for one in shares if one.right is Right.MECHANICAL and one.share is not None) == 1


def test_columns_of_names_are_holders_without_shares() -> None:
    rows = [["Title", "ISWC", "Composers", "Publisher"], ["Rain", "T0345246801", "Kim; Lee", "Spring, Inc"]]
    (entry,) = read(as_csv(rows), suggested(rows))
    told = [(share.party.rpartition("/")[2], share.role, share.share) for share in entry.works[0].shares]
    assert told == [
        ("Kim", Role.COMPOSER, None), ("Lee", Role.COMPOSER, None), ("Spring, Inc", Role.PUBLISHER, None)
    ]  # fmt: skip


def test_parties_and_releases() -> None:
    rows = [["Name", "IPI", "Alias", "Kind", "ID"], ["Kim", "00014107338", "Minji", "person", "p1"]]
    (entry,) = read(as_csv(rows), suggested(rows))
    assert [name.text for name in entry.parties[0].names] == ["Kim", "Minji"]
    assert entry.parties[0].codes == (("ipi_name", "00014107338"),)
    rows = [["Album Title", "UPC", "GRid"], ["Seasons", "4006381333931", ""]]
    (entry,) = read(as_csv(rows), suggested(rows))
    assert entry.releases[0].title == "Seasons"


BY_KEY = Mapping(
    kind=Kind.RECORDINGS,
    columns={"key": ("id",), "title": ("title",), "isrc": ("isrc",), "duration": ("time",)},
    constants={"version": "live"},
)
HEAD = "id,title,isrc,time\n"


@pytest.mark.parametrize(
    ("row", "outcome", "fields"),
    [
        ("a,Rain,KRA381900123,3:45", Outcome.REGISTER, []),
        ("a,Rain,WRONG,3:45", Outcome.REGISTER, ["isrc"]),
        ("a,Rain,,soon", Outcome.REGISTER, ["duration"]),
        ("a,,KRA381900123,3:45", Outcome.REFUSED, ["title"]),
        (",Rain,WRONG,", Outcome.REFUSED, ["isrc", "key"]),
        (",Rain,,", Outcome.REFUSED, ["key"]),
        ("a,Rain,,3:45,more", Outcome.REFUSED, [""]),
        ('a,"Rain', Outcome.REFUSED, [""]),
        ("=cmd|' /C calc'!A0,=1+1,,", Outcome.REGISTER, []),  # text, and nothing else
        (f"{'k' * 300},Rain,,", Outcome.REGISTER, ["key"]),
    ],
)
def test_each_row_is_one_entry_and_what_is_odd_stands_at_its_cell(
    row: str, outcome: Outcome, fields: list[str]
) -> None:
    (entry,) = read((HEAD + row + "\n").encode(), BY_KEY)
    assert entry.outcome is outcome
    assert [finding.field for finding in entry.findings] == fields
    places = {"key": 1, "title": 2, "isrc": 3, "duration": 4, "": 0}
    assert [(one.line, one.column) for one in entry.findings] == [(2, places[field]) for field in fields]
    if entry.recordings:
        assert entry.recordings[0].version == "live"
        assert len(entry.recordings[0].key) <= 128


def test_of_a_workbook_other_sheets_are_told_and_remarks_passed_over() -> None:
    book = Workbook()
    for name in ("Songs", "More"):
        page = book.create_sheet(name)
        page.append(["id", "title", "isrc", "time"])
        page.append(["a", "Rain", "", "", "", "ask Minji"])
    packed = io.BytesIO()
    book.save(packed)
    (entry,) = read(packed.getvalue(), BY_KEY)
    assert entry.outcome is Outcome.REGISTER
    assert [(one.file, one.field, one.value) for one in entry.findings] == [("t.csv#Songs", "sheet", "More")]
    (entry,) = read(packed.getvalue(), replace(BY_KEY, sheet="More"))
    assert not entry.findings


def test_repeated_keys_are_duplicates() -> None:
    rows = HEAD + "a,Rain,,\na,Rain,,\na,Snow,,\nb,Rain,,\n"
    entries = read(rows.encode(), BY_KEY)
    assert [entry.outcome.value for entry in entries] == ["register", "duplicate", "duplicate", "register"]
    assert ["same row" in one.findings[0].message for one in entries[1:3]] == [True, False]


def test_headings_that_repeat_or_are_missing_have_names_of_their_own() -> None:
    assert sheet.headings_of(["Name", "", "Name", " Name  x "]) == ("Name", "column 2", "Name (2)", "Name x")
    mapping = Mapping(kind=Kind.PARTIES, columns={"key": ("column 1",), "name": ("Name (2)",)})
    (entry,) = read(b",Name,Name\np1,a,b\n", mapping)
    assert entry.parties[0].names[0].text == "b"


def test_a_table_without_headings_is_mapped_by_place() -> None:
    mapping = Mapping(kind=Kind.PARTIES, columns={"key": ("column 1",), "name": ("column 2",)}, header_line=0)
    entries = read(b"p1,Kim\np2,Lee\n", mapping)
    assert [(entry.line, entry.parties[0].key) for entry in entries] == [(1, "p1"), (2, "p2")]


def test_a_mapping_for_another_table_is_refused() -> None:
    with pytest.raises(InputError, match="no column"):
        read(b"a,b\n1,2\n", BY_KEY)
    with pytest.raises(InputError, match="headings on line"):
        read(b"a,b\n", Mapping(kind=Kind.PARTIES, columns={"name": ("a",)}, header_line=9))


def test_a_preview_tells_new_changed_same_and_refused() -> None:
    known: dict[str, Map[str, str]] = {
        "a": {"title": "Rain", "version": "live"},
        "b": {"title": "Old", "version": "live", "isrc": "KRA381900123"},
    }
    rows = HEAD + "a,Rain,,\nb,New,KRA381900123,\nc,Snow,,3:45\nd,,,\na,Rain,,\n"
    entries = sheet.read(io.BytesIO(rows.encode()), file="t", mapping=BY_KEY)
    same, changed, new, refused, again = sheet.preview(entries, known=lambda thing: known.get(thing.key))
    assert (same.state, same.changes) == (State.SAME, ())
    assert (changed.line, changed.state, changed.changes) == (3, State.CHANGED, (Change("title", "Old", "New"),))
    assert (new.state, new.thing) == (State.NEW, "Snow")
    assert Change("duration", "", "225 s") in new.changes
    assert (refused.state, refused.findings[0].line) == (State.REFUSED, 5)
    assert again.state is State.DUPLICATE


def test_a_catalogue_becomes_facts_that_add_up(house: Any) -> None:
    rows = [
        ["id", "title", "isrc", "album", "artist"],
        *([f"r{n}", f"T {n}", isrc(n), f"A {n // 5}", "M"] for n in range(50)),
    ]
    mapping = suggested(rows)
    scribe = Scribe(house.context(), file="t.csv", sha256="0" * 64)
    done = sum((write_down(scribe, entry) for entry in read(as_csv(rows), mapping)), Imported())
    assert done.counts == Counts(received=50, registered=50)
    house.take(done)
    assert len(list(house.registry.releases())) == 10


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("3:45", "clock", 225_000),
        ("1:03:45", "clock", 3_825_000),
        ("0:03:45.5", "s", 225_500),
        ("PT3M45S", "clock", 225_000),
        ("225", "clock", 225_000),
        ("225.25", "s", 225_250),
        ("225000", "ms", 225_000),
        ("3,345", "s", 3_345_000),
        ("3:60", "clock", None),
        ("PT", "clock", None),
        ("99999999", "s", None),
        ("-5", "s", None),
        ("٣:٤٥", "clock", None),
    ],
)
def test_durations(text: str, unit: Any, expected: int | None) -> None:
    assert milliseconds(text, unit) == expected


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("33.33", "percent", Fraction(3333, 10_000)),
        ("33,33 %", "percent", Fraction(3333, 10_000)),
        ("1/3", "percent", Fraction(1, 3)),
        ("0.5", "fraction", Fraction(1, 2)),
        ("50%", "fraction", Fraction(1, 2)),
        ("0", "percent", Fraction(0)),
        ("100.01", "percent", None),
        ("1.5", "fraction", None),
        ("3/2", "percent", None),
        ("1/0", "percent", None),
        ("-1", "percent", None),
        ("half", "percent", None),
    ],
)
def test_shares(text: str, unit: Any, expected: Fraction | None) -> None:
    assert share(text, unit) == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["KRA381900123", "QM24S2402528"], Content.ISRC),
        (["T-034.524.680-1"], Content.ISWC),
        (["4006381333931"], Content.GTIN),
        (["A935917475088049"], Content.YOUTUBE_ASSET),
        (["3:45", "12:00"], Content.CLOCK),
        (["390,470,936", "1"], Content.NUMBER),
        (["4/26/2024"], Content.DATE),
        (["https://example.org/a"], Content.ADDRESS),
        (["봄비"], Content.TEXT),
        (["", ""], Content.EMPTY),
    ],
)
def test_what_cells_look_like(cells: list[str], expected: Content) -> None:
    assert content_of(cells) is expected


CELL = st.sampled_from(
    ["", "Rain", "KRA381900123", "T0345246801", "3:45", "50", "=1+1", "r1", "작곡", "2026-01-01", "x" * 200]
)
HEADING = st.sampled_from(
    ["title", "ISRC", "id", "곡명", "role", "share", "writer", "album", "", "IPI", "duration", "name"]
)


@given(st.lists(HEADING, min_size=1, max_size=8), st.lists(st.lists(CELL, max_size=8), max_size=8))
def test_what_is_proposed_reads_every_row_of_its_table(headings: list[str], rows: list[list[str]]) -> None:
    data = as_csv([headings, *rows])
    try:
        mapping, _ = sheet.suggest_for(io.BytesIO(data), file="t")
    except InputError:
        return
    assert sheet.parse(mapping.text()) == mapping
    entries = read(data, mapping)
    assert len(entries) <= len(rows) + 1
    assert all(entry.findings for entry in entries if entry.outcome is not Outcome.REGISTER)


@given(st.binary(max_size=1_500))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        mapping, _ = sheet.suggest_for(io.BytesIO(data), file="t")
        read(data, mapping)
    except InputError as refusal:
        told = refusal
    else:
        return
    assert told.message
