"""BWARM-style files: each row an entry; what is written reads back as the same; what is open stays visible."""

import io
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.formats import bwarm
from cantoria.formats.bwarm.columns import TABLES, normal
from cantoria.formats.durations import duration_of, text_of_duration
from cantoria.formats.entries.page import write_down
from cantoria.formats.entries.scribe import Scribe
from cantoria.formats.entries.types import (
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
from cantoria.formats.scripts import script_of
from cantoria.formats.types import Counts, Severity
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import DAY, Period
from cantoria.registry.trade_facts import TitleKind
from cantoria.registry.types import PartyKind, Right, Role, WorkKind


def head(columns: str) -> str:
    return "#" + "\t".join(columns.split()) + "\n"


WORKS = """#FeedProvidersWorkId\tISWC\tWorkTitle\tHasRightsInDispute\tIsArrangementOfTraditionalWork
W1\tT0345246801\t봄비\ttrue\tfalse
W2\t\tOld Song\tfalse\ttrue
\t\tno id\t\t
W3\t\t=1+1\t\t\textra
"""
PARTIES = """#FeedProvidersPartyId\tISNI\tIpiNameNumber\tCisacSocietyId\tDPID\tFullName\tNamesBeforeKeyName\tKeyName
P1\t000000012281955X\t00014107338\t\t\t김민지\t민지\t김
P2\t\t\t\t\tBlue Songs\t\tBlue Songs
P3\t\t\t118\t\tKOMCA
P4\t\t\t\t\t\tMinji\tKim
"""
SHARES = (
    head(
        "FeedProvidersWorkRightShareId FeedProvidersWorkId FeedProvidersPartyId PartyRole "
        "RightSharePercentage RightShareType RightsType ValidityStartDate ValidityEndDate "
        "FeedProvidersParentWorkRightShareId TerritoryCode UseType"
    )
    + """\
1\tW1\tP1\tComposerLyricist\t33.3333\tMusicalWorkManuscriptShare\tMechanicalRight|PerformingRight\t2020-01-01\t2020-12-31\t\tUS|CA\t
2\tW1\tP2\tOriginalPublisher\t50\t\t\t\t\t\t\t
3\tW1\tP3\tRightsAdministrator\t50\tMusicalWorkCollectionShare\tMechanicalRight\t\t\t\tWorldwide\t
4\tW1\tP1\tConductor\t50\t\t\t\t\t\t\t
5\tW1\tP1\tComposer\t101\t\t\t\t\t\t\t
6\tW1\tP1\tComposer\t10\t\tPrintRight\t\t\t\t\t
7\tW1\tP1\tComposer\t10\t\t\t\t\t\tXX\t
8\tW1\tP1\tComposer\t10\t\t\t\t\t\t\tStream
"""
)
RECORDINGS = (
    head(
        "FeedProvidersRecordingId ISRC RecordingTitle RecordingSubTitle DisplayArtistName Duration "
        "FeedProvidersReleaseId"
    )
    + """\
R1\tKRA381900123\t봄비\tLive\tMinji\tPT3M34.5S\tA1
R2\t\tTwo\t\t\tthree\t
"""
)
UNCLAIMED = (
    head(
        "FeedProvidersRightShareId FeedProvidersRecordingId FeedProvidersWorkId ISRC DspRecordingId "
        "RecordingTitle RecordingSubTitle AlternativeRecordingTitle DisplayArtistName DisplayArtistISNI "
        "Duration UnclaimedRightSharePercentage PercentileForPrioritisation"
    )
    + """\
1\tR1\tW1\tKRA381900123\td1\t봄비\t\t\tMinji\t\tPT3M\t16.6667\t99
2\t\t\t\td2\tLost\t\t\tNobody\t\t\t100\t1
3\t\t\tKRA381900124\td3\tFound\t\t\tSomebody\t\t\t100\t1
"""
)


def read(text: str | bytes, file: str, **more: Any) -> list[Entry]:
    data = text.encode() if isinstance(text, str) else text
    return list(bwarm.read(io.BytesIO(data), file=file, **more))


def files(entries: Iterable[Entry], **more: Any) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name, piece in bwarm.write(entries, **more):
        found[name] = found.get(name, b"") + piece
    return found


def reread(entries: Iterable[Entry], **more: Any) -> list[Entry]:
    made = files(entries, **more)
    return list(bwarm.read_set([(name, io.BytesIO(data)) for name, data in made.items()]))


def test_works() -> None:
    first, second, third, fourth = read(WORKS, "works.tsv")
    assert first.works == (Work(key="W1", title="봄비", codes=(("iswc", "T0345246801"),)),)
    assert first.findings[0].field == "HasRightsInDispute"
    assert second.works[0].kind is WorkKind.ARRANGEMENT
    assert not second.works[0].parts_complete
    assert (third.outcome, third.line) == (Outcome.REFUSED, 4)
    assert (fourth.outcome, fourth.line) == (Outcome.REFUSED, 5)


def test_parties() -> None:
    first, second, third, fourth = read(PARTIES, "parties.tsv")
    assert first.parties[0] == Party(
        key="P1",
        names=(Name("김민지", "Hang"),),
        codes=(("isni", "000000012281955X"), ("ipi_name", "00014107338")),
    )
    assert second.parties[0].kind is PartyKind.ORGANISATION
    assert third.parties[0].codes == (("society", "118"),)
    assert third.parties[0].kind is PartyKind.ORGANISATION
    assert fourth.parties[0].names == (Name("Minji Kim", "Latn"),)


def test_shares() -> None:
    entries = read(SHARES, "musicalworkrightshares.tsv")
    outcomes = [entry.outcome for entry in entries]
    refused, over = Outcome.REFUSED, Outcome.PASSED_OVER
    assert outcomes == [Outcome.REGISTER] * 3 + [refused, refused, over, refused, Outcome.REGISTER]
    year = Period(18262 * DAY, (18262 + 366) * DAY)
    assert entries[0].works[0].shares == tuple(
        Share(
            party="P1",
            role=Role.AUTHOR,
            right=right,
            share=Fraction(333333, 1000000),
            territory="0124 0840",
            period=year,
        )
        for right in (Right.MECHANICAL, Right.PERFORMING)
    )
    publisher = Share(party="P2", role=Role.PUBLISHER, right=Right.MECHANICAL, share=Fraction(1, 2))
    assert entries[1].works[0].shares == (publisher,)
    assert entries[2].works[0].shares == ()
    assert entries[2].works[0].collections == (
        Collection(party="P3", role=Role.PUBLISHER, right=Right.MECHANICAL, share=Fraction(1, 2)),
    )
    assert entries[7].findings[0].field == "UseType"


def test_recordings_and_their_release() -> None:
    first, second = read(RECORDINGS, "recordings.tsv")
    (recording,) = first.recordings
    assert (recording.version, recording.duration_ms) == ("Live", 214_500)
    assert first.releases == (Release(key="A1", recordings=("R1",)),)
    assert second.findings[0].field == "Duration"


def test_what_nobody_has_claimed_is_never_dropped() -> None:
    entries = read(UNCLAIMED, "unclaimedmusicalworkrightshares.tsv")
    assert [entry.outcome for entry in entries] == [Outcome.REGISTER] * 3
    assert [entry.findings[0].value for entry in entries] == ["16.6667", "100", "100"]
    assert all(entry.findings[0].severity is Severity.INFO for entry in entries)
    assert entries[0].works[0].key == "W1"
    assert entries[0].recordings[0].works == ("W1",)
    assert entries[1].recordings[0].key == "unclaimed-2"
    assert entries[2].recordings[0].codes == (("isrc", "KRA381900124"),)
    assert norm(reread(entries)) == norm(entries)


def test_a_table_is_told_by_its_name_its_header_or_by_hand() -> None:
    assert bwarm.table_of("in/musicalworks_2026.tsv") == bwarm.table_of("works.tsv")
    assert read(SHARES, "x.tsv")[0].kind == "musicalworkrightshares"
    assert read(WORKS.replace("#", "").replace("WorkTitle", "Workitle"), "y")[0].works[0].title == "봄비"
    version_2 = WORKS.replace("FeedProvidersWorkId", "FeedProvidersMusicalWorkId")
    assert read(version_2, "musicalworks.tsv")[0].works[0].key == "W1"
    assert read(PARTIES, "z.tsv", table="parties")[0].parties
    strange = read("#FeedProvidersReleaseId\tColour\nA1\tred\nA2\tblue\n", "releases.tsv")
    assert [len(entry.findings) for entry in strange] == [1, 0]


@pytest.mark.parametrize(
    ("data", "file"),
    [
        (b"", "works.tsv"),
        (b"hello\n", "x.tsv"),
        (b"#FeedProvidersWorkId\n", "works.tsv"),
        (b"#FeedProvidersWorkId\tWorkTitle\tWorkTitle\n", "works.tsv"),
        (b"\xff\xfe#\x00", "works.tsv"),
        (b"x" * 2_000_000, "works.tsv"),
    ],
)
def test_a_file_that_is_no_such_file_is_refused_whole(data: bytes, file: str) -> None:
    with pytest.raises(InputError):
        read(data, file)


def test_a_broken_row_hides_no_good_one() -> None:
    data = b"#FeedProvidersWorkId\tWorkTitle\nW1\tOne\nW2\t\xff\nW3\t" + b"x" * 2_000_000 + b"\nW4\tFour\r\n\nW5\tFive"
    entries = read(data, "works.tsv")
    assert [(entry.line, entry.outcome) for entry in entries] == [
        (2, Outcome.REGISTER),
        (3, Outcome.REFUSED),
        (4, Outcome.REFUSED),
        (5, Outcome.REGISTER),
        (7, Outcome.REGISTER),
    ]


def test_a_set_becomes_facts(house: Any) -> None:
    links = "#FeedProvidersLinkId\tFeedProvidersWorkId\tFeedProvidersRecordingId\n1\tW1\tR1\n"
    identifiers = head(
        "FeedProvidersWorkProprietaryIdentifierId FeedProvidersWorkId Identifier FeedProvidersAllocatingPartyId"
    )
    identifiers += "1\tW1\t77\tKOMCA\n2\tW1\t5\t12\n"
    releases = "#FeedProvidersReleaseId\tICPN\tReleaseTitle\nA1\t4006381333931\tAlbum\n"
    named = {
        "musicalworkrightshares.tsv": SHARES,
        "unclaimedmusicalworkrightshares.tsv": UNCLAIMED,
        "worksrecordings.tsv": links,
        "workidentifiers.tsv": identifiers,
        "releases.tsv": releases,
        "recordings.tsv": RECORDINGS,
        "parties.tsv": PARTIES,
        "works.tsv": WORKS,
    }
    scribe = Scribe(house.context(namespace="MLC"), file="set", sha256="0" * 64)
    counts = Counts()
    streams = [(name, io.BytesIO(text.encode())) for name, text in named.items()]
    for entry in bwarm.read_set(streams, feed="MLC"):
        imported = write_down(scribe, entry)
        counts += imported.counts
        house.take(imported)
    assert counts == Counts(received=25, registered=19, refused=5, passed_over=1)
    work = house.thing("W1", "MLC")
    assert house.registry.works_of(house.thing("R1", "MLC")) == (work,)
    assert {"own:KOMCA:77", "own:MLC.12:5", "iswc:T0345246801"} <= set(house.registry.codes_of(work))
    assert house.registry.work(work).title == "봄비"
    assert house.registry.release(house.thing("A1", "MLC")).title == "Album"
    assert house.registry.party(house.thing("P1", "MLC")).names == ("김민지",)
    assert len(house.registry.claims(work)) == 4


def norm(entries: Iterable[Entry]) -> set[Any]:
    """Return what entries say, however they are cut."""
    said: set[Any] = set()
    for entry in entries:
        for finding in entry.findings:
            if finding.field in ("UnclaimedRightSharePercentage", "HasRightsInDispute"):
                said.add((entry.kind, finding.field, finding.value, entry.works[0].key if entry.works else ""))
        said |= {party for party in entry.parties if party.names}
        for thing in (*entry.works, *entry.recordings, *entry.releases):
            said |= {(thing.key, code) for code in thing.codes}
            if thing.title:
                said.add((thing.key, thing.title))
            if isinstance(thing, Release):
                said |= {(thing.key, "holds", recording) for recording in thing.recordings}
                continue
            said |= {(thing.key, one) for one in (*thing.titles, *thing.shares)}
            if isinstance(thing, Work):
                said |= {(thing.key, one) for one in thing.collections}
                if thing.title:
                    said.add((thing.key, thing.kind, thing.parts_complete))
            else:
                said |= {(thing.key, "embodies", work) for work in thing.works}
                if thing.title:
                    said.add((thing.key, thing.artist, thing.version, thing.duration_ms))
    return said


words = (
    (st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=8) | st.just("=1|2"))
    .map(str.strip)
    .filter(bool)
)
keys = st.sampled_from(["K1", "K2", "K3"])
rights = st.sampled_from([Right.PERFORMING, Right.MECHANICAL, Right.SYNCHRONISATION])
portions = st.integers(0, 10**14).map(lambda number: Fraction(number, 10**14))
shares = st.builds(
    Share,
    party=keys,
    role=st.sampled_from([role for role in Role if role.side.value == "work"]),
    right=rights,
    share=st.none() | portions,
    territory=st.sampled_from(["2136", "0410", "0124 0840", "2123", "0276"]),
    period=st.sampled_from([Period(), Period(0, DAY), Period(5, 7), Period(DAY)]),
)
collected = st.builds(
    Collection, party=keys, role=st.sampled_from([Role.PUBLISHER, Role.COMPOSER]), right=rights, share=portions
)
titles = st.builds(Title, text=words, kind=st.sampled_from(TitleKind), language=st.sampled_from(["", "en", "ko-Hang"]))
own_codes = st.sampled_from(["KOMCA:1", "BWARM.12:a:b", "PADPIDA2013020802I:x"]).map(lambda text: ("own", text))


@st.composite
def sets(draw: Any) -> list[Entry]:
    entries = []
    for key in ("K1", "K2", "K3"):
        name = draw(words)
        kind = draw(st.sampled_from([PartyKind.PERSON, PartyKind.ORGANISATION]))
        entries.append(
            Entry(line=0, kind="x", parties=(Party(key=key, names=(Name(name, script_of(name)),), kind=kind),))
        )
        work = Work(
            key=key,
            title=draw(words),
            titles=tuple(draw(st.lists(titles, max_size=2))),
            codes=tuple(draw(st.lists(own_codes, max_size=2, unique=True))),
            shares=tuple(draw(st.lists(shares, max_size=3))),
            collections=tuple(draw(st.lists(collected, max_size=1))),
        )
        recording = Recording(
            key="R" + key,
            title=draw(words),
            version=draw(st.just("") | words),
            artist=draw(words),
            duration_ms=draw(st.none() | st.integers(0, 10**10)),
            codes=(("isrc", f"KRA38000000{key[1]}"), *draw(st.lists(own_codes, max_size=1))),
            works=tuple(draw(st.lists(keys, unique=True))),
        )
        release = Release(key="A", title="Album", recordings=("R" + key,))
        entries.append(Entry(line=0, kind="x", works=(work,), recordings=(recording,), releases=(release,)))
    return entries


@given(sets())
def test_what_is_written_reads_back_as_the_same(entries: list[Entry]) -> None:
    lost = Lost()
    made = files(entries, lost=lost)
    assert lost.findings("x") == ()
    assert set(made) == {f"{table.name}.tsv" for table in TABLES}
    again = reread(entries)
    assert norm(again) == norm(entries)
    assert norm(reread(again)) == norm(entries)
    assert files(entries) == made


def test_what_is_read_is_written_again_the_same() -> None:
    for text, file in (
        (WORKS, "works.tsv"),
        (PARTIES, "parties.tsv"),
        (SHARES, "workrightshares.tsv"),
        (RECORDINGS, "recordings.tsv"),
    ):
        entries = [entry for entry in read(text, file) if entry.outcome is Outcome.REGISTER]
        assert norm(reread(entries)) == norm(entries)


def test_what_cannot_be_carried_is_told() -> None:
    lost = Lost()
    work = Work(
        key="W1",
        title="One",
        kind=WorkKind.MEDLEY,
        parts=("W2",),
        codes=(("iswc", "T0345246801"), ("iswc", "T0000000010")),
        shares=(
            Share(party="P1", role=Role.COMPOSER, right=Right.NEIGHBOURING, share=Fraction(1, 2)),
            Share(party="P1", role=Role.COMPOSER, right=Right.MECHANICAL, share=Fraction(1, 3), territory="2136 -0840"),
        ),
    )
    recording = Recording(key="R1", title="R", samples=("R2",), shares=(Share(party="P1", role=Role.PRODUCER),))
    group = Party(key="P1", names=(Name("A"), Name("B")), kind=PartyKind.GROUP)
    release = Release(key="A2", title="Other", recordings=("R1",))
    entry = Entry(line=0, kind="work", parties=(group,), works=(work,), recordings=(recording,))
    made = files([entry, Entry(line=0, kind="release", releases=(release,))], lost=lost)
    messages = [finding.message for finding in lost.findings("x")]
    for part in (
        "made from",
        "only one iswc",
        "this right",
        "exactly",
        "exceptions",
        "samples",
        "who holds a recording",
        "other names",
        "what kind of party",
        "only one release",
    ):
        assert any(part in message for message in messages), (part, messages)
    row = made["musicalworkrightshares.tsv"].decode().splitlines()[1].split("\t")
    assert row[4] == "33.333333333333"
    assert "KR" in row[10].split("|")
    assert "US" not in row[10].split("|")


def test_the_registry_says_on_which_release_a_recording_is() -> None:
    lost = Lost()
    entries = [
        Entry(line=0, kind="recording", recordings=(Recording(key="R1", title="R"),)),
        Entry(line=0, kind="release", releases=(Release(key="A1", title="Album", recordings=("R1",)),)),
    ]
    made = files(entries, lost=lost, release_of={"R1": "A1"}.__getitem__)
    assert lost.findings("x") == ()
    assert made["recordings.tsv"].decode().splitlines()[1].split("\t")[8] == "A1"


def test_a_recording_says_on_which_releases_it_is() -> None:
    lost = Lost()
    releases = tuple(Release(key=key, title=key, recordings=("R1",)) for key in ("A1", "A2"))
    recording = Recording(key="R1", title="R", releases=("A1", "A2"))
    entries = [Entry(line=0, kind="work", works=(Work(key="W", title="W"),), recordings=(recording,))]
    entries += [Entry(line=0, kind="release", releases=(release,)) for release in releases]
    made = files(entries, lost=lost)
    assert [str(finding.message) for finding in lost.findings("x")] == ["only one release of a recording is carried"]
    assert made["recordings.tsv"].decode().splitlines()[1].split("\t")[8] == "A1"


def test_durations_and_names_of_columns() -> None:
    assert [duration_of(text) for text in ("PT3M34S", "PT1H0.5S", "P1DT1M", "", "P", "3:34")] == [
        214_000,
        3_600_500,
        86_460_000,
        None,
        None,
        None,
    ]
    assert text_of_duration(214_500) == "PT3M34.500S"
    assert normal("Feed Providers MusicalWork Id ") == "feedprovidersworkid"


@given(st.binary(max_size=200), st.sampled_from([table.name for table in TABLES]))
def test_any_rows_are_read_or_refused(data: bytes, table: str) -> None:
    columns = bwarm.table_of(table)
    assert columns is not None
    header = ("#" + "\t".join(columns.columns) + "\n").encode()
    for entry in read(header + data, f"{table}.tsv"):
        assert entry.outcome in Outcome
        assert entry.kind == table


@given(st.integers(0, len(SHARES) - 1), st.text(max_size=3), st.integers(0, 20))
def test_mutated_shares_are_read_or_refused(at: int, put: str, cut: int) -> None:
    text = SHARES[:at] + put + SHARES[at + cut :]
    try:
        read(text.encode("utf-8", "surrogatepass"), "shares.tsv")
    except InputError:
        return


def test_a_party_that_a_share_mentioned_gets_its_name_later(house: Any) -> None:
    scribe = Scribe(house.context(namespace="MLC"), file="set", sha256="0" * 64)
    for text, file in ((SHARES, "musicalworkrightshares.tsv"), (PARTIES, "parties.tsv"), (PARTIES, "parties.tsv")):
        for entry in read(text, file):
            house.take(write_down(scribe, entry))
    assert house.registry.party(house.thing("P2", "MLC")).names == ("Blue Songs",)
    assert house.registry.party(house.thing("P1", "MLC")).names == ("김민지",)


def test_a_name_that_a_refused_entry_gives_is_still_missing(house: Any) -> None:
    scribe = Scribe(house.context(namespace="MLC"), file="set", sha256="0" * 64)
    party = Party(key="P1", names=(Name("Kim", "Latn"),))
    mention = Entry(line=1, kind="x", parties=(Party(key="P1"),))
    refused = Entry(line=2, kind="x", parties=(party,), recordings=(Recording(key="R", samples=("nowhere",)),))
    outcomes = []
    for entry in (mention, refused, Entry(line=3, kind="x", parties=(party,))):
        imported = write_down(scribe, entry)
        house.take(imported)
        outcomes.append(imported.counts.registered)
    assert outcomes == [1, 0, 1]
    assert house.registry.party(house.thing("P1", "MLC")).names == ("Kim",)
