"""Korean work lists: every form and encoding gives the same works; what is odd is told where it stands."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.formats import worklist
from cantoria.formats.entries import Entry, Outcome, Scribe, Work, write_down
from cantoria.formats.types import Counts, Imported, Severity
from cantoria.formats.worklist.headings import meaning
from cantoria.kernel.errors import InputError
from cantoria.registry.facts import ShareClaimed
from cantoria.registry.trade_facts import TitleGiven, TitleKind
from cantoria.registry.types import PartyKind, Right, Role
from cantoria.testing.table_files import WORK_LIST, as_csv, as_xlsx, work_list

LONG = [
    WORK_LIST,
    ["100000000001", "봄비", "Bombi", "", "", "T-034.524.680-1", "작곡", "김민지", "W0001", "50", "41.67"],
    ["", "", "", "", "", "", "작사", "이서준", "W0002", "50", "41.67"],
    ["", "", "", "", "", "", "출판", "봄출판사", "P0001", "0", "16.66"],
]
WIDE = [
    [
        *("저작물코드", "저작물명", "영문명", "ISWC"),
        *("작곡자1", "작곡자1 코드", "작곡자1 공연권(%)", "작곡자1 복제권(%)"),
        *("작사자1", "작사자1 코드", "작사자1 공연권(%)", "작사자1 복제권(%)"),
        *("출판사1", "출판사1 코드", "출판사1 공연권(%)", "출판사1 복제권(%)"),
    ],
    [
        *("100000000001", "봄비", "Bombi", "T-034.524.680-1"),
        *("김민지", "W0001", "50", "41.67"),
        *("이서준", "W0002", "50", "41.67"),
        *("봄출판사", "P0001", "0", "16.66"),
    ],
]
NUMBERED = [
    [
        *("저작물코드", "곡명", "영문명", "ISWC"),
        *[f"{name}{n}" for n in (1, 2, 3) for name in ("구분", "저작자명", "저작자코드", "공연권", "복제권")],
    ],
    [
        *("100000000001", "봄비", "Bombi", "T0345246801", "C", "김민지", "W0001", "50%", "41.67%"),
        *("A", "이서준", "W0002", "50%", "41.67%", "E", "봄출판사", "P0001", "0%", "16.66%"),
    ],
]
TWO_LINES = [
    ["저작물 목록 2026", *[""] * 11],
    ["저작물코드", "저작물명", "영문명", "ISWC", "작곡", "", "", "", "작사", "", "", "", "출판", "", "", ""],
    ["", "", "", "", *["이름", "코드", "공연권", "복제권"] * 3],
    WIDE[1],
]


def read(data: bytes, **more: str) -> list[Entry]:
    return list(worklist.read(io.BytesIO(data), file="list.csv", **more))


def rows(*cells: Sequence[str]) -> list[Entry]:
    return read(as_csv([WORK_LIST, *cells]))


def work_of(entries: Sequence[Entry]) -> Work:
    (entry,) = entries
    assert entry.outcome is Outcome.REGISTER
    return entry.works[0]


EXPECTED = [
    ("own:KOMCA-AUTHOR:W0001", Role.COMPOSER, Right.PERFORMING, Fraction(1, 2)),
    ("own:KOMCA-AUTHOR:W0001", Role.COMPOSER, Right.MECHANICAL, Fraction(4167, 10_000)),
    ("own:KOMCA-AUTHOR:W0002", Role.LYRICIST, Right.PERFORMING, Fraction(1, 2)),
    ("own:KOMCA-AUTHOR:W0002", Role.LYRICIST, Right.MECHANICAL, Fraction(4167, 10_000)),
    ("own:KOMCA-AUTHOR:P0001", Role.PUBLISHER, Right.PERFORMING, Fraction(0)),
    ("own:KOMCA-AUTHOR:P0001", Role.PUBLISHER, Right.MECHANICAL, Fraction(833, 5_000)),
]


@pytest.mark.parametrize("form", [LONG, WIDE, NUMBERED, TWO_LINES], ids=["long", "wide", "numbered", "two lines"])
@pytest.mark.parametrize(
    "write",
    [
        as_csv,
        lambda form: as_csv(form, encoding="cp949"),
        lambda form: as_csv(form, encoding="utf-8-sig", separator=";"),
        lambda form: as_csv(form, encoding="utf-16", separator="\t"),
        as_xlsx,
    ],
    ids=["utf-8", "cp949", "bom", "utf-16", "xlsx"],
)
def test_every_form_and_encoding_says_the_same(form: Any, write: Any) -> None:
    (entry,) = read(write(form))
    work = entry.works[0]
    assert (work.title, work.codes) == ("봄비", (("own", "KOMCA:100000000001"), ("iswc", "T0345246801")))
    assert [(one.party, one.role, one.right, one.share) for one in work.shares] == EXPECTED
    assert [party.kind for party in entry.parties] == [PartyKind.PERSON, PartyKind.PERSON, PartyKind.ORGANISATION]
    assert [(one.text, one.kind) for one in work.titles] == [("Bombi", TitleKind.TRANSCRIBED)]
    assert not entry.findings


def test_codes_kept_as_numbers_and_shares_as_parts_read_as_they_are_meant() -> None:
    table = [WORK_LIST, [100_000_000_001, "봄비", "", "", "", "", "작곡", "김", "", 0.5, 0.5]]
    table.append(["", "", "", "", "", "", "작사", "이", "", 0.5, 0.5])
    (entry,) = read(as_xlsx(table))
    assert entry.works[0].codes == (("own", "KOMCA:100000000001"),)
    assert {one.share for one in entry.works[0].shares} == {Fraction(1, 2)}
    assert ["parts of one" in finding.message for finding in entry.findings] == [True]


def test_merged_cells_are_blank_cells_of_the_same_work() -> None:
    table = [[*row] for row in LONG]
    (entry,) = read(as_xlsx(table, merged=["A2:A4", "B2:B4"]))
    assert len(entry.works[0].shares) == len(EXPECTED)


def test_repeated_work_columns_are_the_same_work_and_a_new_code_begins_another() -> None:
    first = LONG[1]
    again = [*first[:6], *LONG[2][6:]]
    other = ["100000000002", "첫눈", *first[2:6], *LONG[2][6:9], "100", "100"]
    entries = rows(first, again, LONG[3], other)
    assert [entry.line for entry in entries] == [2, 5]
    assert [len(entry.works[0].shares) for entry in entries] == [6, 2]


@pytest.mark.parametrize(
    ("performing", "told"), [("50", False), ("50.06", False), ("49.94", False), ("50.07", True), ("49.93", True)]
)
def test_totals_beyond_the_tolerance_are_told(performing: str, told: bool) -> None:
    holder = [*LONG[1][:9], performing, "100"]
    other = [*LONG[2][:9], "50", "0"]
    (entry,) = rows(holder, other)
    assert entry.outcome is Outcome.REGISTER
    assert [finding.field for finding in entry.findings] == (["performing"] if told else [])


@pytest.mark.parametrize(
    ("code", "outcome", "severities"),
    [
        ("100000000001", Outcome.REGISTER, []),
        ("1000-0000-0001", Outcome.REGISTER, []),
        ("1234567", Outcome.REGISTER, [Severity.WARNING]),
        ("1000000000012", Outcome.REFUSED, [Severity.WARNING, Severity.ERROR]),
        ("W-12", Outcome.REFUSED, [Severity.WARNING, Severity.ERROR]),
        ("=1+1", Outcome.REFUSED, [Severity.WARNING, Severity.ERROR]),
    ],
)
def test_a_code_has_twelve_digits(code: str, outcome: Outcome, severities: list[Severity]) -> None:
    (entry,) = rows([code, "봄비", "", "", "", "", "작곡", "김", "", "100", "100"])
    assert entry.outcome is outcome
    assert [finding.severity for finding in entry.findings] == severities


def test_an_iswc_alone_names_a_work_too_and_a_wrong_one_is_told() -> None:
    good, bad = rows(
        ["", "봄비", "", "", "", "T0345246801", "작곡", "김", "", "100", "100"],
        ["", "첫눈", "", "", "", "T0345246802", "작곡", "김", "", "100", "100"],
    )
    assert good.works[0].codes == (("iswc", "T0345246801"),)
    assert bad.outcome is Outcome.REFUSED
    assert {finding.field for finding in bad.findings} == {"iswc", "code"}


def test_holders_that_do_not_read_are_told_and_the_others_stay() -> None:
    (entry,) = rows(
        ["100000000001", "봄비", "", "", "", "", "작곡", "김", "", "100", "100"],
        ["", "", "", "", "", "", "마술", "이", "", "", ""],
        ["", "", "", "", "", "", "작사", "", "", "", ""],
        ["", "", "", "", "", "", "편곡", "박", "", "150", "x"],
        ["", "", "", "", "", "", "작사", "가, 나", "", "10", "10"],
    )
    told = [(finding.line, finding.field) for finding in entry.findings if finding.severity is Severity.WARNING]
    assert (3, "role") in told
    assert (4, "role") in told
    assert {(5, "performing"), (5, "mechanical"), (6, "name")} <= set(told)
    roles = [(share.party.rpartition("/")[2], share.role, share.share) for share in entry.works[0].shares]
    assert (("박", Role.ARRANGER, None)) in roles
    assert [one for one in roles if one[0] in "가나"] == [("가", Role.LYRICIST, None), ("나", Role.LYRICIST, None)]


def test_a_name_without_a_code_is_known_in_its_work_alone() -> None:
    first, second = rows(
        ["100000000001", "봄비", "", "", "", "", "작곡", "김민지", "", "100", "100"],
        ["100000000002", "첫눈", "", "", "", "", "작곡", "김민지", "", "100", "100"],
    )
    assert first.parties[0].key == "100000000001/김민지" != second.parties[0].key


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("CA", [Role.AUTHOR]),
        ("작사/작곡", [Role.AUTHOR]),
        ("작곡, 편곡", [Role.COMPOSER, Role.ARRANGER]),
        ("역사", [Role.TRANSLATOR]),
        ("SE", [Role.PUBLISHER]),
    ],
)
def test_roles(role: str, expected: list[Role]) -> None:
    work = work_of(rows(["100000000001", "봄비", "", "", "", "", role, "김", "", "100", ""]))
    assert [share.role for share in work.shares] == expected
    assert [share.right for share in work.shares] == [Right.PERFORMING, *[None] * (len(expected) - 1)]


@pytest.mark.parametrize(
    ("title", "english", "kind"),
    [
        ("봄비", "Bom bi", TitleKind.TRANSCRIBED),
        ("봄비", "Spring Rain", TitleKind.TRANSLATED),
        ("사랑해", "Saranghae", TitleKind.TRANSCRIBED),
        ("Rain", "Rain on Me", TitleKind.TRANSLATED),
    ],
)
def test_english_titles_are_translations_or_spell_the_sounds(title: str, english: str, kind: TitleKind) -> None:
    work = work_of(rows(["100000000001", title, english, "", "", "", "작곡", "김", "", "100", "100"]))
    assert [one.kind for one in work.titles] == [kind]


def test_what_is_not_recorded_is_said_once() -> None:
    table = work_list(5)
    entries = read(as_csv(table))
    told = [finding for entry in entries for finding in entry.findings]
    assert sorted(finding.field for finding in told) == ["artist", "published"]
    assert all(finding.severity is Severity.INFO for finding in told)


def test_columns_that_mean_nothing_are_told() -> None:
    table = [[*LONG[0], "비고", "단가"], [*LONG[1], "x", "1"], *LONG[2:]]
    (entry,) = read(as_csv(table))
    assert [(one.field, one.value) for one in entry.findings] == [("headings", "비고, 단가")]


def test_duplicates_and_lines_of_totals() -> None:
    whole = ["100000000001", "봄비", "", "", "", "", "작곡", "김", "", "100", "100"]
    other = ["100000000002", "첫눈", "", "", "", "", "작곡", "김", "", "100", "100"]
    changed = [*whole[:7], "박", *whole[8:]]
    entries = rows(whole, other, whole, other, changed, ["합계", *[""] * 8, "500", "500"])
    assert [entry.outcome.value for entry in entries] == [
        "register", "register", "duplicate", "duplicate", "register", "passed_over"
    ]  # fmt: skip
    assert "line 2" in entries[2].findings[0].message
    assert "line 4" in entries[4].findings[0].message


def test_an_isrc_names_the_recording_by_the_singer() -> None:
    table = [
        ["저작물코드", "저작물명", "가수명", "ISRC", "작곡"],
        ["100000000001", "봄비", "이은하", "KRA381900123", "김"],
    ]
    (entry,) = read(as_csv(table))
    (recording,) = entry.recordings
    assert (recording.artist, recording.codes, recording.works) == (
        "이은하", (("isrc", "KRA381900123"),), ("own:KOMCA:100000000001",)
    )  # fmt: skip
    assert not entry.findings


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("저작물 코드", ("code", False, None, 0)),
        ("ISWC 코드", ("iswc", False, None, 0)),
        ("작곡자 2 공연권 지분(%)", ("performing", True, Role.COMPOSER, 2)),
        ("편곡3", ("name", True, Role.ARRANGER, 3)),
        ("저작자1 복제권", ("mechanical", True, None, 1)),
        ("ＩＳＷＣ", ("iswc", False, None, 0)),
        ("비고", None),
    ],
)
def test_headings(heading: str, expected: object) -> None:
    column = meaning(heading)
    assert (column and (column.field, column.holder, column.role, column.number)) == expected


@pytest.mark.parametrize("data", [b"", b"a,b,c\n1,2,3\n", as_csv([["저작물명", "가수명", "공표일자"]]), b"PK\x03\x04"])
def test_another_file_is_refused_whole(data: bytes) -> None:
    with pytest.raises(InputError):
        read(data)


def test_broken_rows_hide_no_other() -> None:
    lines = as_csv(LONG).split(b"\r\n")
    other = as_csv([["100000000002", "첫눈", "", "", "", "", "작곡", "김", "", "100", "100"]])
    data = b"\r\n".join([lines[0], b"\xff\xfe\xfa", b",".join([b"x"] * 30), *lines[1:4], other])
    entries = read(data)
    assert [entry.outcome for entry in entries] == [Outcome.REFUSED] * 2 + [Outcome.REGISTER] * 2
    assert all(entry.findings[0].severity is Severity.ERROR for entry in entries[:2])


def test_a_list_becomes_facts_that_add_up(house: Any) -> None:
    scribe = Scribe(house.context(), file="list.csv", sha256="0" * 64)
    entries = read(as_csv(work_list(60), encoding="cp949"))
    done = sum((write_down(scribe, entry) for entry in entries), Imported())
    assert done.counts == Counts(received=60, registered=60)
    house.take(done)
    claims = [fact for fact in done.facts if isinstance(fact, ShareClaimed)]
    assert len(claims) == 60 * 6
    assert sum(fact.share for fact in claims if fact.share is not None) == 60 * 2
    assert sum(isinstance(fact, TitleGiven) for fact in done.facts) == 60
    assert not house.registry.cases(house.NOW)
    publishers = {fact.party for fact in claims if fact.role is Role.PUBLISHER}
    assert len(publishers) == 1


@given(st.binary(max_size=2_000))
def test_any_bytes_end_in_entries_or_a_refusal(data: bytes) -> None:
    try:
        entries = read(data)
    except InputError:
        return
    assert all(entry.findings for entry in entries if entry.outcome is Outcome.REFUSED)


@given(
    st.lists(
        st.lists(st.sampled_from(["", "0", "50", "100000000001", "작곡", "김", "합계", "1/3", "=A1"])), max_size=12
    )
)
def test_any_cells_under_the_headings_give_entries_with_shares_of_the_whole(cells: list[list[str]]) -> None:
    for entry in rows(*cells):
        assert entry.findings or entry.outcome is Outcome.REGISTER
        for work in entry.works:
            assert all(share.share is None or 0 <= share.share <= 1 for share in work.shares)
            assert {share.party for share in work.shares} <= {
                party.key or ":".join(party.codes[0]) for party in entry.parties
            }
