"""Bytes of every kind: what cannot be read is refused with its place, and nothing else breaks."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cantoria.clearance.types import Row
from cantoria.formats.csvfamily import TABLES, read_family, read_manifest, read_mapped, read_plays
from cantoria.formats.csvfamily.reading import Broken, Record, Sheet
from cantoria.formats.csvfamily.tables import WORKS
from cantoria.formats.limits import CsvLimits
from cantoria.formats.types import Counts, Imported, Severity
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.registry import Ambiguous, Found, NotFound, Problem
from cantoria.registry.facts import RecordingRegistered, ReleaseRegistered

SMALL = CsvLimits(file_bytes_max=2_000, records_max=5, columns_max=4, cell_chars_max=20, record_chars_max=60)


def sheet(data: bytes, **more: Any) -> list[Record | Broken]:
    return list(Sheet(data, file="works.csv", table=WORKS, **more).records())


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "no header"),
        (b"\n\n", "no header"),
        (b"\xff\xfew\x00o\x00r\x00k\x00", "UTF-16"),
        (b"work;title\nW1;A\n", "commas"),
        (b"work\ttitle\nW1\tA\n", "commas"),
        (b"title\nA\n", "has no work"),
        (b"work,title,work\nW1,A,W2\n", "twice work"),
        (b'"work,title\nW1,A\n', "cannot be read"),
        (b"work,title,a,b,c\nW1,A,,,\n", "5 columns"),
        (b"work,title\n" + b"W1,A\n" * 600, "bytes"),
        (b"work,title\n" + b"W1,A\n" * 6, "more than 5 rows"),
    ],
)
def test_formats_csv_file_that_is_refused_whole(data: bytes, what: str) -> None:
    with pytest.raises(InputError, match=what):
        sheet(data, limits=SMALL)


@pytest.mark.parametrize(
    ("data", "line", "field", "what"),
    [
        (b"work,title\nW1,\xff\xfe\nW2,ok\n", 2, "title", "not UTF-8"),
        (b"work,title\nW1,a\x00b\nW2,ok\n", 2, "title", "control"),
        (b"work,title\nW1,a\x1bb\nW2,ok\n", 2, "title", "control"),
        (b'work,title\n"W1,open\nW2,ok\n', 2, "", "cannot be read"),
        (b'work,title\nW1,"a"b\nW2,ok\n', 2, "", "cannot be read"),
        (b"work,title\nW1\nW2,ok\n", 2, "", "1 cells"),
        (b"work,title\nW1,A,B\nW2,ok\n", 2, "", "3 cells"),
        (b"work,title\nW1," + b"x" * 25 + b"\nW2,ok\n", 2, "title", "25 characters"),
        (b'work,title\nW1,"' + b"x\n" * 40 + b'"\nW2,ok\n', 2, "", "longer than 60"),
    ],
)
def test_formats_csv_broken_row_hides_no_other(data: bytes, line: int, field: str, what: str) -> None:
    found = list(sheet(data, limits=CsvLimits(cell_chars_max=20, record_chars_max=60)))
    broken = [item for item in found if isinstance(item, Broken)]
    assert (broken[0].finding.line, broken[0].finding.field) == (line, field)
    assert what in broken[0].finding.message
    good = [item.cells for item in found if isinstance(item, Record)]
    assert {"work": "W2", "title": "ok"} in good


def test_formats_csv_lines_numbers_and_spellings_of_rfc_4180() -> None:
    data = b'\xef\xbb\xbf Work ,TITLE\r\n\r\nW1,"a ""b"", c"\r\n"W2","two\r\nlines"\r\nW3,last'
    records = [item for item in sheet(data) if isinstance(item, Record)]
    assert [(record.line, record.number) for record in records] == [(3, 1), (4, 2), (6, 3)]
    assert [record.cells["title"] for record in records] == ['a "b", c', "two\r\nlines", "last"]


def test_formats_csv_unknown_column_is_passed_over_with_a_finding() -> None:
    opened = Sheet(b"work,title,mood\nW1,A,blue\n", file="works.csv", table=WORKS)
    (finding,) = opened.findings
    assert (finding.column, finding.value, finding.severity) == (3, "mood", Severity.WARNING)
    (record,) = opened.records()
    assert isinstance(record, Record)


def test_formats_csv_findings_can_always_be_written() -> None:
    opened = Sheet(b"work,title,\xff\nW\xff,A,\n", file="works.csv", table=WORKS)
    findings = opened.findings + [item.finding for item in opened.records() if isinstance(item, Broken)]
    assert len(findings) == 2
    for finding in findings:
        str(finding).encode("utf-8")


def test_formats_counts_must_account_for_everything() -> None:
    with pytest.raises(IntegrityError):
        Counts(received=2, registered=1)


@given(st.lists(st.lists(st.text(alphabet='ab",\n é=', max_size=6), min_size=2, max_size=2), max_size=8))
def test_formats_csv_reads_what_a_writer_writes(rows: list[list[str]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["work", "title"])
    writer.writerows(rows)
    records = sheet(out.getvalue().encode())
    wanted = [[cell.strip() for cell in row] for row in rows if any(row)]
    assert [[r.cells.get("work", ""), r.cells.get("title", "")] for r in records if isinstance(r, Record)] == wanted


SEED = {
    "parties.csv": b"party,name,ipi_name\nP1,Ada,00014107338\nP2,Bo,\n",
    "works.csv": b"work,title,kind,parts,iswc\nW1,A,,,T-034.524.680-1\nW2,B,medley,W1,\n",
    "recordings.csv": b"recording,title,isrc,works\nR1,A,KRA381900123,W1|W2\n",
    "releases.csv": b"release,title,recordings\nA1,X,R1\n",
    "catalogues.csv": b"catalogue,owner,member\nC1,P1,A1\n",
    "links.csv": b"left,relation,right\nuci:I804:44032-1,identifies,R1\n",
    "shares.csv": b"subject,party,role,right,share\nW1,P1,composer,performing,50\n",
    "public_domain.csv": b"subject,basis,territory,evidence\nW1,term_expired,KR,x\n",
    "complete.csv": b"subject,from\nW1,2020-01-01\n",
    "delegations.csv": b"delegation,principal,delegate,kind,uses\nD1,P1,P2,agent,input\n",
    "statements.csv": b"party,says,uses,scope,min_price\nP1,yes,input,present_works,1 EUR\n",
}


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_formats_csv_any_bytes_give_facts_and_findings_or_an_input_error(new_house: Any, data: st.DataObject) -> None:
    house = new_house()
    files = dict(SEED)
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(sorted(files)))
        files[name] = _mutated(files[name], data)
    try:
        imported = read_family(files, house.context())
    except InputError:
        return
    _check(imported)
    house.take(imported)
    for subject in house.registry.subjects():
        house.registry.side(subject, territory="KR", at=house.NOW)
    house.registry.cases(house.NOW)


@settings(deadline=None, max_examples=100)
@given(noise=st.binary(max_size=200))
def test_formats_csv_noise_gives_an_input_error_or_findings(new_house: Any, noise: bytes) -> None:
    house = new_house()
    for name in TABLES:
        for data in (noise, SEED.get(f"{name}.csv", b"isrc,code,date,plays\n") + noise):
            try:
                if name == "manifest":
                    read_manifest(data, file=name, namespace="BLUE")
                elif name == "plays":
                    read_plays(data, file=name, now=house.NOW)
                else:
                    _check(read_family({f"{name}.csv": data}, house.context()))
            except InputError:
                continue


def _mutated(text: bytes, data: st.DataObject) -> bytes:
    at = data.draw(st.integers(0, len(text)))
    until = data.draw(st.integers(at, min(len(text), at + 4)))
    piece = data.draw(st.sampled_from([b"", b'"', b",", b"\n", b"\xff", b"\x00", b"-1", b"|", b":", b"9" * 30, b"W1"]))
    return text[:at] + piece + text[until:]


def _check(imported: Imported) -> None:
    counts = imported.counts
    errors = [finding for finding in imported.findings if finding.severity is Severity.ERROR]
    assert counts.refused == len(errors)
    assert counts.refused + counts.duplicate <= len(imported.findings)
    assert bool(imported.facts) == bool(counts.registered)
    for finding in imported.findings:
        assert finding.line >= 1
        assert finding.message
        str(finding).encode("utf-8")


MANIFEST = b"""isrc,iswc,own,media
KR-A38-19-00123,T-034.524.680-1,R1|KOMCA:77,
KRA38190012X,,,
,,,
,T0345246801,,work
KRA381900123,T0345246802,,
KRA381900123,,,film
"""


def test_formats_csv_manifest_rows_never_vanish() -> None:
    read = read_manifest(MANIFEST, file="m.csv", namespace="BLUE")
    assert read.rows == (
        Row(1, ("isrc:KRA381900123", "iswc:T0345246801", "own:BLUE:R1", "own:KOMCA:77")),
        Row(2, ()),
        Row(3, ("iswc:T0345246801",), "work"),
        Row(4, ()),
        Row(5, ()),
    )
    assert [(finding.line, finding.field) for finding in read.findings] == [(3, "isrc"), (6, "iswc"), (7, "media")]
    assert all("in the dataset" in finding.message for finding in read.findings)
    assert read.counts == Counts(received=5, registered=5)


def test_formats_csv_manifest_numbers_are_used_once() -> None:
    read = read_manifest(b"line,isrc\n7,KRA381900123\n7,KRA381900124\n", file="m.csv", namespace="BLUE")
    assert [row.line for row in read.rows] == [7]
    assert read.counts == Counts(received=2, registered=1, refused=1)
    assert read.findings[0].line == 3


def test_formats_csv_manifest_by_mapping() -> None:
    data = b"Song,Code\nA,KRA381900123\nB,\n"
    read = read_manifest(data, file="m.csv", namespace="BLUE", renamed={"isrc": "Code", "media": "=recording"})
    assert [row.codes for row in read.rows] == [("isrc:KRA381900123",), ()]


def test_formats_csv_manifest_licence_is_a_signal_and_changes_no_row() -> None:
    head, *rest = MANIFEST.decode().splitlines()
    licences = ["http://creativecommons.org/licenses/by-nc/3.0/de/", "CC0-1.0", "", "", "see booklet", "CC-BY-4.0"]
    data = "\n".join([head + ",licence", *(f"{row},{one}" for row, one in zip(rest, licences, strict=True))])
    read = read_manifest(data.encode(), file="m.csv", namespace="BLUE")
    plain = read_manifest(MANIFEST, file="m.csv", namespace="BLUE")
    assert read.rows == plain.rows
    assert plain.signals == {}
    assert {line: says.split(" is stated")[0] for line, says in read.signals.items()} == {
        1: "CC BY-NC 3.0 DE",
        2: "CC0 1.0",
        4: "'see booklet'",
        5: "CC BY 4.0",  # the row cannot be read, its signal can
    }


def test_formats_csv_manifest_without_codes_says_that_nothing_will_be_found() -> None:
    data = b"Song,Code\nA,KRA381900123\n"
    read = read_manifest(data, file="m.csv", namespace="BLUE")
    assert read.rows == (Row(1, ()),)
    assert [(f.line, f.field) for f in read.findings] == [(1, ""), (1, "song"), (1, "code")]
    assert "no row will be found" in read.findings[0].message


def test_formats_csv_manifest_licence_by_mapping() -> None:
    data = b"Code,Rights\nKRA381900123,CC-BY-4.0\nKRA381900124,\n"
    mapping = {"isrc": "Code", "licence": "Rights"}
    read = read_manifest(data, file="m.csv", namespace="BLUE", renamed=mapping)
    assert list(read.signals) == [1]
    read = read_manifest(data, file="m.csv", namespace="BLUE", renamed={**mapping, "licence": "=CC-BY-4.0"})
    assert list(read.signals) == [1, 2]
    with pytest.raises(InputError, match="isrcs is no column"):
        read_manifest(data, file="m.csv", namespace="BLUE", renamed={"isrcs": "Code"})


def test_formats_csv_plays_of_two_columns_of_one_file_are_two_reports(house: Any) -> None:
    mapping = {"code": "ISRC", "plays": "A", "date": "=2024-10-01"}
    data = b'ISRC,A,B\nKRA381900123,"1,204",5\nKRA381900124,,7\n'
    one, two = (read_plays(data, file="x.csv", renamed={**mapping, "plays": name}) for name in "AB")
    assert not {line.event_id for line in one.lines} & {line.event_id for line in two.lines}
    assert one.lines == read_plays(data, file="renamed.csv", renamed=mapping).lines
    assert [str(f) for f in one.findings] == ["x.csv: info: rows without a number of 'A', passed over: 1"]
    assert one.counts == Counts(received=2, registered=1, passed_over=1)
    for bad in ({"code": "ISRC", "plays": "A"}, {**mapping, "when": "A"}):
        with pytest.raises(InputError, match="mapping"):
            read_plays(data, file="x.csv", renamed=bad)


PLAYS = b"""event,code,territory,date,plays
e1,isrc:KRA381900123,KR,2024-09-30,1204
e1,KRA381900123,,2024-09-30,1204
e2,isrc:KRA381900123,KR,2024-10-05,1
e3,isrc:KRA381900123,KR,2024-09-31,1
e4,isrc:KRA381900123,KR,2024-09-30,0
e5,isrc:KRA381900123,KR,2024-09-30,-4
e6,isrc:KRA381900123,KR,2024-09-30,99999999999999
,iswc:T0345246801,KR,2024-09-30,5
"""


def test_formats_csv_plays(house: Any) -> None:
    read = read_plays(PLAYS, file="plays.csv", now=house.NOW)
    assert [(line.event_id, line.code, line.territory, line.plays) for line in read.lines[:2]] == [
        ("e1", "isrc:KRA381900123", "0410", 1204),
        ("e1", "isrc:KRA381900123", "2136", 1204),
    ]
    assert read.lines[2].event_id.endswith(":9")
    assert [(f.line, f.field) for f in read.findings] == [
        (4, "date"),
        (5, "date"),
        (6, "plays"),
        (7, "plays"),
        (8, "plays"),
    ]
    assert read.counts == Counts(received=8, registered=3, refused=5)


FOREIGN = b"""Track,Album Name,Artist,ISRC,Streams
One,First,Ada,KRA381900123,"390,470,936"
Two,First,Ada,KR-A38-19-00124,
One again,Other,Ada,KRA381900123,7
Bad,First,Ada,KRA38,1
No code,First,Ada,,1.0
"""
MAPPING = {"title": "Track", "isrc": "ISRC", "artist": "Artist", "release": "Album Name"}


def test_formats_csv_foreign_recordings_by_mapping(house: Any) -> None:
    imported = house.take(read_mapped(FOREIGN, file="x.csv", columns=MAPPING, context=house.context()))
    assert imported.counts == Counts(received=5, registered=2, duplicate=1, refused=2)
    assert [(f.line, f.field, f.severity) for f in imported.findings] == [
        (4, "isrc", Severity.WARNING),
        (5, "isrc", Severity.ERROR),
        (6, "recording", Severity.ERROR),
    ]
    recordings = [fact for fact in imported.facts if isinstance(fact, RecordingRegistered)]
    assert [(fact.title, fact.display_artist) for fact in recordings] == [("One", "Ada"), ("Two", "Ada")]
    (release,) = [fact for fact in imported.facts if isinstance(fact, ReleaseRegistered)]
    assert release.recordings == tuple(fact.recording for fact in recordings)
    registry = house.registry
    match registry.resolve(["isrc:KRA381900124"]):
        case Found(subject=subject):
            assert registry.side(subject, territory="KR", at=house.NOW).problems == (Problem.NO_HOLDERS,)
            assert Problem.NO_LINKED_WORK in registry.closure(subject).problems
        case NotFound() | Ambiguous() as other:
            raise AssertionError(other)
    again = read_mapped(FOREIGN, file="x.csv", columns=MAPPING, context=house.context())
    assert not [fact for fact in again.facts if isinstance(fact, ReleaseRegistered)]
    assert {fact.recording for fact in again.facts if isinstance(fact, RecordingRegistered)} == {
        fact.recording for fact in recordings
    }


def test_formats_csv_foreign_plays_with_thousands_commas(house: Any) -> None:
    renamed = {"code": "ISRC", "plays": "Streams", "date": "=2024-10-01"}
    read = read_plays(FOREIGN, file="x.csv", now=house.NOW, renamed=renamed)
    assert [line.plays for line in read.lines] == [390470936, 7]
    assert read.counts == Counts(received=5, registered=2, refused=2, passed_over=1)


def test_formats_csv_one_foreign_column_may_stand_for_several_of_ours(house: Any) -> None:
    renamed = {"event": "ISRC", "code": "ISRC", "plays": "Streams", "date": "=2024-10-01"}
    read = read_plays(FOREIGN, file="x.csv", now=house.NOW, renamed=renamed)
    assert [(line.event_id, line.code) for line in read.lines] == [("KRA381900123", "isrc:KRA381900123")] * 2
    assert [(one.line, one.column, one.field) for one in read.findings if one.line] == [(5, 4, "code"), (6, 4, "code")]


@pytest.mark.parametrize(
    ("columns", "table"),
    [
        ({"title": "Track"}, "recordings"),
        ({"isrc": "ISRC"}, "recordings"),
        ({"title": "Track", "isrc": "ISRC", "mood": "Artist"}, "recordings"),
        ({"title": "Track", "isrc": "Missing"}, "recordings"),
        ({"title": "Track"}, "works"),
        ({"title": "Track"}, "songs"),
        ({"code": "ISRC"}, "plays"),
    ],
)
def test_formats_csv_mapping_that_cannot_be_used(house: Any, columns: dict[str, str], table: str) -> None:
    with pytest.raises(InputError):
        read_mapped(FOREIGN, file="x.csv", columns=columns, table=table, context=house.context())


def test_formats_csv_other_tables_by_mapping(house: Any) -> None:
    data = "번호,제목\n1,봄비\n2,가을\n".encode()
    columns = {"work": "번호", "title": "제목", "kind": "=original"}
    imported = house.take(read_mapped(data, file="x.csv", columns=columns, table="works", context=house.context()))
    assert imported.counts.registered == 2
    assert [house.registry.work(work).title for work in house.registry.works()] == ["봄비", "가을"]
