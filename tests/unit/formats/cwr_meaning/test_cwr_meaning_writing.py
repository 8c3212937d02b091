"""Entries → CWR → entries: titles, codes, shares, chains and collections are the same, or it is said what was lost."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.formats import cwr
from cantoria.formats.cwr.reader import read_transactions
from cantoria.formats.cwr.records import Header, Transaction
from cantoria.formats.entries import (
    Chain,
    Collection,
    Entry,
    Name,
    Outcome,
    Party,
    Recording,
    Release,
    Share,
    Title,
    Work,
)
from cantoria.formats.outgoing import Lost
from cantoria.formats.types import Severity
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import Period, parse_moment
from cantoria.registry.trade_facts import ChainKind, TitleKind
from cantoria.registry.types import PartyKind, Right, Role, WorkKind

AT = parse_moment("2026-11-20")
VERSIONS = ("2.1", "2.2", "3.0", "3.1")
RIGHTS = (Right.PERFORMING, Right.MECHANICAL, Right.SYNCHRONISATION)
WRITERS = tuple(
    Party(key=f"IP:W{number}", names=(Name(f"KIM, ADA {letter}"),), codes=(("ipi_name", "00014107338"),))
    for number, letter in enumerate("ABC")
)
PUBLISHERS = tuple(
    Party(key=f"IP:P{number}", names=(Name(f"BLUE SONGS {letter}"),), kind=PartyKind.ORGANISATION)
    for number, letter in enumerate("ABCD")
)
ROLES = (Role.COMPOSER, Role.LYRICIST, Role.AUTHOR, Role.ARRANGER, Role.TRANSLATOR)
PLACES = ("2136", "2136 -0840", "0410", "0250 0276", "2120 -0826", "0840 0124", "0392")
SENDER = cwr.Sender(name="Blue Songs", created="20261120101500", code="BLU", ipi="00014107338", namespace="BLUE")
ONE = Work(
    key="S1",
    title="SPRING DAY",
    shares=tuple(Share(party="IP:W0", role=Role.AUTHOR, right=right, share=Fraction(1)) for right in RIGHTS),
)


def out(entries: list[Entry], *, version: str = "2.2", **changes: Any) -> tuple[bytes, list[str]]:
    """Return the file and what it says was lost."""
    lost = Lost()
    sender = replace(SENDER, version=version, **changes)
    data = b"".join(cwr.write(entries, sender=sender, lost=lost))
    return data, [one.message for one in lost.findings("out")]


def back(data: bytes) -> list[Entry]:
    """Return the entries of a file that must be valid."""
    entries = list(cwr.read(io.BytesIO(data), file="out"))
    assert not [str(one) for entry in entries for one in entry.findings if one.severity is Severity.ERROR]
    return entries


def entry_of(work: Work, **more: Any) -> Entry:
    return Entry(line=0, kind="work", parties=(*WRITERS, *PUBLISHERS), works=(work,), **more)


def collected(work: Work) -> Counter[tuple[str, Role, Right, str]]:
    """Return what is collected in each country, in exact fractions."""
    found: Counter[Any] = Counter()
    for one in work.collections:
        for country in territories.resolve(one.territory, at=AT):
            found[one.party, one.role, one.right, country] += one.share  # type: ignore[assignment]
    return found


def owned(work: Work) -> Counter[tuple[str, Role, Right | None, Fraction | None]]:
    return Counter((one.party, one.role, one.right, one.share) for one in work.shares)


def passed_on(work: Work) -> set[tuple[str, str, ChainKind, int]]:
    return {
        (one.grantor, one.acquirer, one.kind, territories.resolve(one.territory, at=AT).mask) for one in work.chains
    }


@st.composite
def shares(draw: Any) -> tuple[Share, ...]:
    owners = [("IP:W0", draw(st.sampled_from(ROLES)))]
    owners += [(f"IP:W{n}", draw(st.sampled_from(ROLES))) for n in range(1, draw(st.integers(1, 3)))]
    owners += [(f"IP:P{n}", Role.PUBLISHER) for n in range(draw(st.integers(0, 4)))]
    found: list[Share] = []
    owning = set()
    for right in RIGHTS:
        if not draw(st.booleans()):
            continue
        cuts = sorted(draw(st.lists(st.integers(0, 10_000), min_size=len(owners) - 1, max_size=len(owners) - 1)))
        for owner, low, high in zip(owners, [0, *cuts], [*cuts, 10_000], strict=True):
            if high > low:
                owning.add(owner)
                found.append(Share(party=owner[0], role=owner[1], right=right, share=Fraction(high - low, 10_000)))
    return (*found, *(Share(party=party, role=role) for party, role in owners if (party, role) not in owning))


@st.composite
def works(draw: Any) -> Work:
    held = draw(shares())
    publishers = list(dict.fromkeys(one.party for one in held if one.role is Role.PUBLISHER))
    writers = list(dict.fromkeys((one.party, one.role) for one in held if one.role is not Role.PUBLISHER))
    portion = st.integers(1, 400).map(lambda hundredths: Fraction(hundredths, 10_000))
    collections = [
        Collection(party=party, role=role, right=right, share=draw(portion), territory=draw(st.sampled_from(PLACES)))
        for party, role in (*((one, Role.PUBLISHER) for one in publishers), *writers)
        for right in RIGHTS
        for _ in range(draw(st.integers(0, 2)))
    ]
    chains = [
        Chain(grantor=writer, acquirer=publisher, agreement=draw(st.sampled_from(("", "A1"))))
        for writer, _ in writers
        for publisher in publishers[:1]
        if draw(st.booleans())
    ]
    kinds = st.sampled_from((ChainKind.ADMINISTRATION, ChainKind.SUB_PUBLICATION, ChainKind.INCOME))
    for publisher in publishers[1:]:
        told = [one for one in collections if one.party == publisher]
        # A chain is told for where its acquirer collects, which one layer of territories must be able to say.
        places = {one.territory for one in told}
        if len(places) > 1 or len({one.right for one in told}) < len(told) or not draw(st.booleans()):
            continue
        where = places.pop() if places else draw(st.sampled_from(PLACES))
        chains.append(Chain(grantor=publishers[0], acquirer=publisher, kind=draw(kinds), territory=where))
    titles = st.builds(
        Title,
        text=st.sampled_from(("BOM NAL", "봄날", "DÍA", "A DAY")),
        kind=st.sampled_from([kind for kind in TitleKind if kind is not TitleKind.ALTERNATIVE]),
    )
    return Work(
        key="S1",
        title="SPRING DAY",
        titles=tuple(dict.fromkeys(draw(st.lists(titles, max_size=3)))),
        codes=draw(st.sampled_from(((), (("iswc", "T0345246801"),), (("own", "KOMCA:100000000001"),)))),
        shares=held,
        collections=tuple(collections),
        chains=tuple(dict.fromkeys(chains)),
    )


@given(work=works(), version=st.sampled_from(VERSIONS))
def test_what_is_written_reads_back_the_same(work: Work, version: str) -> None:
    data, lost = out([entry_of(work)], version=version)
    ((again,),) = [[one for one in entry.works if not one.mentioned] for entry in back(data)]
    assert (again.key, again.title, again.kind) == (work.key, work.title, work.kind)
    assert {(one.kind, one.text) for one in again.titles} == {(one.kind, one.text) for one in work.titles}
    assert collected(again) == collected(work)
    assert passed_on(again) == passed_on(work)
    if version != "2.1" or work.codes[:1] != (("own", "KOMCA:100000000001"),):
        assert set(again.codes) == set(work.codes)
    if version[0] == "2" or not any("CWR 3 has no room" in message for message in lost):
        missing = owned(work) - owned(again)
        assert not owned(again) - owned(work)
        assert not missing or any("only acts for another" in message for message in lost)
        assert {(role, share) for _, role, _, share in missing} <= {(Role.PUBLISHER, None)}


@pytest.mark.parametrize("version", VERSIONS)
def test_recordings_go_with_their_work(version: str) -> None:
    recording = Recording(
        key="R7",
        title="SPRING DAY",
        artist="ADA",
        version="LIVE",
        duration_ms=210_000,
        codes=(("isrc", "KRA381900123"),),
        works=("S1",),
    )
    data, lost = out([entry_of(ONE, recordings=(recording,))], version=version)
    (entry,) = back(data)
    (again,) = entry.recordings
    if version == "2.1":
        assert again == Recording(
            title="SPRING DAY", codes=recording.codes, works=("S1",), duration_ms=210_000, mentioned=True
        )
        assert any("no room for title" in message for message in lost)
    else:
        assert again == recording


def test_own_scripts_go_into_records_of_their_own() -> None:
    ada = Party(key="IP:W0", names=(Name("김에이다", "Hang"), Name("KIM, ADA")), codes=(("ipi_name", "00014107338"),))
    work = replace(ONE, title="봄날", titles=(Title(text="BOM NAL", kind=TitleKind.TRANSCRIBED),))
    data, lost = out([Entry(line=0, kind="work", parties=(ada,), works=(work,))], version="3.1")
    (entry,) = back(data)
    (again,) = entry.works
    assert (again.title, again.titles) == ("BOM NAL", (Title(text="봄날", kind=TitleKind.TRANSCRIBED),))
    assert entry.parties[0].names == (Name("KIM, ADA"), Name("김에이다", "Hang"))
    assert any("own script" in message for message in lost)
    romanised, _ = out([Entry(line=0, kind="work", parties=(ada,), works=(replace(ONE, title="봄날"),))])
    assert back(romanised)[0].works[0].title == "BOMNAL"


def shares_of(*parts: Fraction) -> tuple[Share, ...]:
    return tuple(
        Share(party=f"IP:W{number}", role=Role.AUTHOR, right=right, share=part)
        for number, part in enumerate(parts)
        for right in RIGHTS
    )


def test_shares_finer_than_the_grid_are_rounded_so_that_the_total_stays() -> None:
    fine = shares_of(Fraction(3_000, 10_007), Fraction(3_007, 10_007), Fraction(4_000, 10_007))
    data, lost = out([entry_of(replace(ONE, shares=fine))])
    (again,) = back(data)[0].works
    assert sum(one.share or 0 for one in again.shares if one.right is Right.PERFORMING) == 1
    assert any("rounded to 0.01 %" in message for message in lost)


@pytest.mark.parametrize("part", [Fraction(1, 3), Fraction(1, 9)])
def test_thirds_go_out_and_come_back_as_thirds(part: Fraction) -> None:
    work = replace(ONE, shares=shares_of(part, part, 1 - 2 * part))
    data, lost = out([entry_of(work)])
    assert not any("rounded" in message for message in lost)
    (entry,) = back(data)
    (again,) = entry.works
    assert Counter(again.shares) == Counter(work.shares)
    assert any("99.99 %" in finding.message for finding in entry.findings)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"shares": (Share(party="IP:W0", role=Role.AUTHOR, right=Right.PERFORMING, share=Fraction(1, 2)),)},
            "50.00 %",
        ),
        (
            {
                "shares": (
                    Share(party="IP:W0", role=Role.AUTHOR, right=Right.PERFORMING, share=Fraction(1), territory="KR"),
                )
            },
            "differs by territory",
        ),
        ({"title": ""}, "no title"),
    ],
)
def test_a_work_that_cannot_be_told_truly_is_left_out_and_named(changes: dict[str, Any], message: str) -> None:
    data, lost = out([entry_of(replace(ONE, **changes)), entry_of(replace(ONE, key="S2"))])
    assert [entry.works[0].key for entry in back(data)] == ["S2"]
    assert any(message in one for one in lost)


def test_what_cwr_has_no_room_for_is_said() -> None:
    work = replace(
        ONE,
        codes=(("own", "RED:7"), ("iscc", "ISCC:KACYPXW445FTYNJ3")),
        shares=(*ONE.shares, Share(party="IP:P0", role=Role.PRODUCER)),
        kind=WorkKind.ARRANGEMENT,
        parts=("S9",),
        chains=(Chain(grantor="IP:W0", acquirer="IP:P0", territory="KR", period=Period(0, 1)),),
    )
    held = (Share(party="IP:P0", role=Role.PRODUCER),)
    entry = entry_of(
        work,
        recordings=(Recording(key="R1", title="ALONE", shares=held),),
        releases=(Release(key="L1", title="SEASONS"),),
    )
    data, lost = out([entry])
    assert back(data)[0].works[-1].kind is WorkKind.ARRANGEMENT
    told = "\n".join(lost)
    for what in (
        "releases have no place",
        "recording of no work",
        "holders of recordings",
        "periods of claims",
        "scheme iscc",
        "no society's",
        "producer has no place",
        "part of the work cannot be named",
        "told for the world",
        "without an IPI",
    ):
        assert what in told


def test_parts_are_named_where_their_titles_are_known() -> None:
    lee = Party(key="S3/writer LEE", names=(Name("LEE"),))
    part = Work(key="S9", title="OLD DAY", mentioned=True, shares=(Share(party="S3/writer LEE", role=Role.AUTHOR),))
    for version in VERSIONS:
        medley = replace(ONE, kind=WorkKind.MEDLEY, parts=("S9",))
        entry = Entry(line=0, kind="work", parties=(*WRITERS, lee), works=(part, medley))
        data, lost = out([entry], version=version)
        named, again = back(data)[0].works
        assert (named.key, named.title, named.mentioned) == ("S9", "OLD DAY", True)
        assert (again.kind, again.parts, again.parts_complete) == (WorkKind.MEDLEY, ("S9",), True)
        assert not [message for message in lost if "part of the work" in message]


def test_a_sender_s_numbers_are_kept_and_others_are_made_from_the_key() -> None:
    thing = "work_01h2xcejqtf2nbrexx3vqjhp41"
    given_number = replace(ONE, key=thing, codes=(("own", "BLUE:S1"),))
    made = replace(ONE, key=thing, codes=())
    first, second = (back(out([entry_of(work)])[0])[0].works[0].key for work in (given_number, made))
    assert first == "S1"
    assert len(second) == 14
    assert second == back(out([entry_of(made)])[0])[0].works[0].key


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"version": "2.1"}, "CW260001BLU_000.V21"),
        ({"version": "2.2", "number": 17, "receiver": "052"}, "CW260017BLU_052.V22"),
        ({"version": "3.0"}, "CW260001BLU_0000_V3-0-0.SUB"),
        ({"version": "3.1", "receiver": "118"}, "CW260001BLU_0118_V3-1-0.SUB"),
    ],
)
def test_files_have_cwr_s_names(changes: dict[str, Any], name: str) -> None:
    assert cwr.file_name(replace(SENDER, **changes)) == name


@pytest.mark.parametrize(
    "changes",
    [
        {"version": "2.0"},
        {"code": "BLUE"},
        {"created": "2026"},
        {"number": 0},
        {"ipi": ""},
        {"ipi": "", "society": "XYZ"},
        {"name": " "},
    ],
)
def test_a_sender_that_no_header_can_hold_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        replace(SENDER, **changes)


@pytest.mark.parametrize("version", VERSIONS)
def test_an_import_is_answered_transaction_by_transaction(files: Any, rows: Any, version: str) -> None:
    kind = "WRK" if version[0] == "3" else "NWR"
    wrong = rows(kind, submitter_work_number="S2", musical_work_distribution_category="XXX")
    changed = [*rows(kind, submitter_work_number="S3"), ("ALT", {"title_type": "ZZ"})]
    data = files.make(version, rows(kind), wrong, changed, rows(kind))
    society = cwr.Sender(name="KOMCA", created="20261121101500", code="118", society="118", receiver="BLU")

    def judge(entry: Entry) -> cwr.Judgement:
        from cantoria.formats.cwr.meaning.acknowledging import judge_by_outcome

        said = judge_by_outcome(entry)
        return replace(said, number="100000000001", iswc="T0345246801") if said.status == "AS" else said

    answer = b"".join(cwr.acknowledge(io.BytesIO(data), file="in", sender=society, judge=judge))
    items = list(read_transactions(io.BytesIO(answer), file="ack"))
    acks = [item for item in items if isinstance(item, Transaction)]
    statuses = [ack.records[0].values["transaction_status"] for ack in acks]
    assert statuses == ["AS", "RJ", "AC", "DU" if version[0] == "2" else "RJ"]
    assert [ack.records[0].values["submitter_creation_number"] for ack in acks] == ["S1", "S2", "S3", "S1"]
    assert [ack.records[0].values["original_transaction_sequence_number"] for ack in acks] == [
        f"{number:08d}" for number in range(4)
    ]
    assert [bool(ack.original) for ack in acks] == [True, False, True, False]
    assert acks[0].original[0].values["iswc"] == "T0345246801"
    assert all(not ack.rejected for ack in acks[:2])
    message = next(acks[1].of("MSG")).values
    assert (message["message_level"], message["record_type"]) == ("T", kind)
    assert "XXX" in message["message_text"]
    header = next(item for item in items if isinstance(item, Header))
    assert (header.version, header.sender_type) == (version, "SO")
    entries = back(answer)
    assert [entry.outcome for entry in entries] == [Outcome.REGISTER] * 4
    name = cwr.answer_name(io.BytesIO(data), file="in", sender=society)
    assert name == (
        "CW260001118_BLU.V" + version.replace(".", "")
        if version[0] == "2"
        else f"CW260001118_0BLU_V{version.replace('.', '-')}-0.ACK"
    )


def test_a_judgement_that_is_none_is_refused(files: Any, rows: Any) -> None:
    data = files.make("2.1", rows())
    with pytest.raises(InputError, match="no transaction status"):
        list(cwr.acknowledge(io.BytesIO(data), file="in", sender=SENDER, judge=lambda _: cwr.Judgement("ZZ")))
