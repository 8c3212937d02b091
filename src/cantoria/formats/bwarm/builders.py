"""A row of each table to an entry. A thing that the row only refers to is mentioned by its key."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from cantoria.formats.bwarm import columns, values
from cantoria.formats.bwarm.meanings import recording_of, rights_of, role_of, title_of
from cantoria.formats.bwarm.sheet import Row
from cantoria.formats.entries.types import (
    Code,
    Collection,
    Entry,
    Name,
    Outcome,
    Party,
    Recording,
    Release,
    Share,
    Work,
)
from cantoria.formats.notes import Notes
from cantoria.formats.scripts import script_of
from cantoria.formats.types import Severity
from cantoria.registry.types import PartyKind, WorkKind

FEED: Final = "BWARM"
DISPUTED: Final = "HasRightsInDispute"
UNCLAIMED: Final = "UnclaimedRightSharePercentage"
_NAMESPACE: Final = re.compile(r"(?=.*[A-Z])[A-Z0-9][A-Z0-9._-]{0,31}")
_CONTACT: Final = ("ContactName", "ContactEmail", "ContactPhone", "ContactAddress")


class Maker:
    """Makes things of cells; `feed` is the namespace of who sends the files."""

    def __init__(self, feed: str) -> None:
        self.feed = feed.upper() or FEED

    def own(self, row: Row) -> Code:
        """Return the code that a row of identifiers gives: in the namespace of who allocated it where that is one,
        else in one of the feed's for its party record."""
        allocated_by = row.text("FeedProvidersAllocatingPartyId")
        named = bool(_NAMESPACE.fullmatch(allocated_by)) and not allocated_by.startswith(self.feed + ".")
        space = allocated_by if named else f"{self.feed}.{allocated_by or '0'}"
        return "own", f"{space}:{row.needed('Identifier')}"


Builder = Callable[[Maker, Row, Notes], Entry]


def party(maker: Maker, row: Row, notes: Notes) -> Entry:
    """Return the party of a row of parties."""
    name = row.text("FullName") or " ".join(
        filter(None, (row.text("NamesBeforeKeyName"), row.text("KeyName"), row.text("NamesAfterKeyName")))
    )
    schemes = (("ISNI", "isni"), ("IpiNameNumber", "ipi_name"), ("CisacSocietyId", "society"), ("DPID", "dpid"))
    codes = tuple((scheme, row.text(column)) for column, scheme in schemes if row.text(column))
    organised = any(scheme in ("society", "dpid") for scheme, _ in codes)
    whole = bool(name) and row.text("KeyName") == name and not row.text("NamesBeforeKeyName")
    if any(row.text(column) for column in _CONTACT):
        notes.add("contact details are not taken", "nothing", severity=Severity.INFO, field="ContactName")
    made = Party(
        key=row.needed("FeedProvidersPartyId"),
        names=(Name(name, script_of(name)),) if name else (),
        kind=PartyKind.ORGANISATION if organised or whole else PartyKind.PERSON,
        codes=codes,
    )
    return _entry(row, columns.PARTIES, notes, parties=(made,))


def work(maker: Maker, row: Row, notes: Notes) -> Entry:
    """Return the work of a row of works."""
    traditional = row.text("IsArrangementOfTraditionalWork").lower() == "true"
    if row.text(DISPUTED).lower() == "true":
        notes.add(
            "rights in this work are in dispute", "ask the sender", severity=Severity.INFO, field=DISPUTED, value="true"
        )
    if row.text("TerritoryOfPublicDomain"):
        notes.add(
            "the sender calls the work public domain there; this alone evidences nothing",
            "evidence it in public_domain.csv",
            severity=Severity.INFO,
            field="TerritoryOfPublicDomain",
            value=row.text("TerritoryOfPublicDomain"),
        )
    made = Work(
        key=row.needed("FeedProvidersWorkId"),
        title=row.needed("WorkTitle"),
        kind=WorkKind.ARRANGEMENT if traditional else WorkKind.ORIGINAL,
        parts_complete=not traditional,
        codes=(("iswc", row.text("ISWC")),) if row.text("ISWC") else (),
    )
    return _entry(row, columns.WORKS, notes, works=(made,))


def work_title(maker: Maker, row: Row, notes: Notes) -> Entry:
    """Return another title of a work."""
    made = Work(key=row.needed("FeedProvidersWorkId"), titles=(title_of(row),), mentioned=True)
    return _entry(row, columns.WORK_TITLES, notes, works=(made,))


def work_identifier(maker: Maker, row: Row, notes: Notes) -> Entry:
    """Return another identifier of a work."""
    made = Work(key=row.needed("FeedProvidersWorkId"), codes=(maker.own(row),), mentioned=True)
    return _entry(row, columns.WORK_IDENTIFIERS, notes, works=(made,))


def recording(maker: Maker, row: Row, notes: Notes) -> Entry:
    """Return the recording of a row of recordings, and the release that it is on."""
    key = row.needed("FeedProvidersRecordingId")
    made = recording_of(row, notes, key=key, mentioned=not row.text("RecordingTitle"))
    release = row.text("FeedProvidersReleaseId")
    held = (Release(key=release, recordings=(key,)),) if release else ()
    return _entry(row, columns.RECORDINGS, notes, recordings=(made,), releases=held)


def recording_title(maker: Maker, row: Row, notes: Notes) -> Entry:
    """Return another title of a recording."""
    made = Recording(key=row.needed("FeedProvidersRecordingId"), titles=(title_of(row),), mentioned=True)
    return _entry(row, columns.RECORDING_TITLES, notes, recordings=(made,))


def recording_identifier(maker: Maker, row: Row, notes: Notes) -> Entry:
    """Return another identifier of a recording."""
    made = Recording(key=row.needed("FeedProvidersRecordingId"), codes=(maker.own(row),), mentioned=True)
    return _entry(row, columns.RECORDING_IDENTIFIERS, notes, recordings=(made,))


def release(maker: Maker, row: Row, notes: Notes) -> Entry:
    """Return the release of a row of releases."""
    codes = (("gtin", row.text("ICPN")),) if row.text("ICPN") else ()
    title = row.text("ReleaseTitle")
    subtitle = row.text("ReleaseSubTitle")
    made = Release(
        key=row.needed("FeedProvidersReleaseId"), title=f"{title} ({subtitle})" if subtitle else title, codes=codes
    )
    return _entry(row, columns.RELEASES, notes, releases=(made,))


def release_identifier(maker: Maker, row: Row, notes: Notes) -> Entry:
    """Return another identifier of a release."""
    made = Release(key=row.needed("FeedProvidersReleaseId"), codes=(maker.own(row),))
    return _entry(row, columns.RELEASE_IDENTIFIERS, notes, releases=(made,))


def link(maker: Maker, row: Row, notes: Notes) -> Entry:
    """Return the link between a work and a recording."""
    key = row.needed("FeedProvidersWorkId")
    made = Recording(key=row.needed("FeedProvidersRecordingId"), works=(key,), mentioned=True)
    return _entry(row, columns.LINKS, notes, works=(Work(key=key, mentioned=True),), recordings=(made,))


def share(maker: Maker, row: Row, notes: Notes) -> Entry:
    """Return the shares of a row: one for each right that it names; what is only collected makes nobody a holder."""
    key, party_key = row.needed("FeedProvidersWorkId"), row.needed("FeedProvidersPartyId")
    rights = rights_of(row)
    if rights is None:
        notes.add(
            "a right of this kind is not registered",
            "nothing",
            severity=Severity.INFO,
            field="RightsType",
            value=row.text("RightsType"),
        )
        return _entry(row, columns.SHARES, notes, outcome=Outcome.PASSED_OVER)
    portion = values.share_of(row.text("RightSharePercentage"))
    territory = values.territory_of(row.listed("TerritoryCode"))
    period = values.period_of(row.text("ValidityStartDate"), row.text("ValidityEndDate"))
    if row.text("UseType"):
        message = "the share is claimed for some uses only; here it stands for the whole right"
        notes.add(message, "ask the sender", field="UseType", value=row.text("UseType"))
    collected, role = role_of(row)
    found = [right for right in rights if right is not None]
    if collected and (portion is None or not found):
        notes.add("what the party collects is not said", "nothing", severity=Severity.INFO, field="PartyRole")
        return _entry(row, columns.SHARES, notes, outcome=Outcome.PASSED_OVER)
    shares = (
        ()
        if collected
        else tuple(
            Share(party=party_key, role=role, right=right, share=portion, territory=territory, period=period)
            for right in rights
        )
    )
    collections = tuple(
        Collection(party=party_key, role=role, right=right, share=portion, territory=territory)
        for right in found
        if collected and portion is not None
    )
    made = Work(key=key, shares=shares, collections=collections, mentioned=True)
    return _entry(row, columns.SHARES, notes, parties=(Party(key=party_key),), works=(made,))


def unclaimed(maker: Maker, row: Row, notes: Notes) -> Entry:
    """Return the recording and work of a share that nobody has claimed: they stay without a holder of it, and a
    finding says how much it is."""
    key = row.text("FeedProvidersWorkId")
    percent = row.needed(UNCLAIMED)
    values.share_of(percent)
    notes.add(
        "nobody has claimed this share of the work; it stays open",
        "claim it with who publishes it",
        severity=Severity.INFO,
        field=UNCLAIMED,
        value=percent,
    )
    own = row.text("FeedProvidersRecordingId")
    if not own and not row.text("ISRC"):
        own = f"unclaimed-{row.needed('FeedProvidersRightShareId')}"
    made = recording_of(row, notes, key=own, mentioned=True, works=(key,) if key else ())
    works = (Work(key=key, mentioned=True),) if key else ()
    return _entry(row, columns.UNCLAIMED, notes, works=works, recordings=(made,))


def _entry(
    row: Row,
    table: columns.Table,
    notes: Notes,
    *,
    outcome: Outcome = Outcome.REGISTER,
    parties: tuple[Party, ...] = (),
    works: tuple[Work, ...] = (),
    recordings: tuple[Recording, ...] = (),
    releases: tuple[Release, ...] = (),
) -> Entry:
    return Entry(
        line=row.line,
        kind=table.name,
        outcome=outcome,
        parties=parties,
        works=works,
        recordings=recordings,
        releases=releases,
        findings=notes.findings(),
    )


BUILDERS: Final[Mapping[str, Builder]] = MappingProxyType(
    {
        columns.PARTIES.name: party,
        columns.WORKS.name: work,
        columns.WORK_TITLES.name: work_title,
        columns.WORK_IDENTIFIERS.name: work_identifier,
        columns.RELEASES.name: release,
        columns.RELEASE_IDENTIFIERS.name: release_identifier,
        columns.RECORDINGS.name: recording,
        columns.RECORDING_TITLES.name: recording_title,
        columns.RECORDING_IDENTIFIERS.name: recording_identifier,
        columns.LINKS.name: link,
        columns.SHARES.name: share,
        columns.UNCLAIMED.name: unclaimed,
    }
)
