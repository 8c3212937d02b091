"""The rows that an entry makes in BWARM-style tables, and what of it no table can hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from cantoria.formats.bwarm import columns, values
from cantoria.formats.bwarm.builders import DISPUTED, FEED, UNCLAIMED
from cantoria.formats.bwarm.columns import Table
from cantoria.formats.durations import text_of_duration
from cantoria.formats.entries.types import Collection, Entry, Outcome, Party, Recording, Release, Share, Title, Work
from cantoria.formats.outgoing import Lost, Outgoing, Thing, codes_of, key_of, kind_of, other_codes
from cantoria.formats.scripts import script_of
from cantoria.kernel.territories import WORLD
from cantoria.registry.types import PartyKind, Role, Tier, WorkKind

Row = tuple[str, dict[str, str]]
_PARTY_CODES: Final = (("ISNI", "isni"), ("IpiNameNumber", "ipi_name"), ("CisacSocietyId", "society"), ("DPID", "dpid"))
_IDENTIFIERS: Final = {
    "work": (columns.WORK_IDENTIFIERS, "FeedProvidersWorkId"),
    "recording": (columns.RECORDING_IDENTIFIERS, "FeedProvidersRecordingId"),
    "release": (columns.RELEASE_IDENTIFIERS, "FeedProvidersReleaseId"),
}
_TITLES: Final = {
    "work": (columns.WORK_TITLES, "FeedProvidersWorkId"),
    "recording": (columns.RECORDING_TITLES, "FeedProvidersRecordingId"),
}


class Rows:
    """Makes rows of entries, each thing once; rows without an id of their own are counted."""

    def __init__(self, lost: Lost, *, feed: str, release_of: Callable[[str], str], at: int) -> None:
        self._lost, self._outgoing = lost, Outgoing(lost)
        self._feed, self._release_of, self._at = feed.upper() or FEED, release_of, at
        self._counts: Counter[str] = Counter()

    def of(self, entry: Entry) -> Iterator[Row]:
        """Give the rows of an entry."""
        if entry.outcome is not Outcome.REGISTER:
            return
        if entry.kind == columns.UNCLAIMED.name:
            yield from self._unclaimed(entry)
            return
        for thing in self._outgoing.definitions(entry):
            match thing:
                case Party():
                    yield self._party(thing)
                case Work():
                    yield self._work(thing, entry)
                case Recording():
                    yield self._recording(thing, entry)
                case Release():
                    yield self._release(thing)
        things: tuple[Work | Recording | Release, ...] = (*entry.works, *entry.recordings, *entry.releases)
        for one in things:
            yield from self._identifiers(one)
            if not isinstance(one, Release):
                yield from self._titles(one)
        for recording, work in self._outgoing.embodied(entry):
            cells = {"FeedProvidersWorkId": work, "FeedProvidersRecordingId": key_of(recording)}
            yield self._counted(columns.LINKS, cells)
        yield from self._shares(entry)
        for release in entry.releases:
            self._check_placed(release)
        if entry.facts or entry.late or any(work.chains for work in entry.works):
            self._lost.note("chains of title and facts of other kinds are not carried", "export CWR", thing=entry.kind)

    def _party(self, party: Party) -> Row:
        name = party.names[0].text if party.names else ""
        organised = any(codes_of(party, scheme) for scheme in ("society", "dpid"))
        if len(party.names) > 1 or (party.names and party.names[0].script != script_of(name)):
            self._lost.note("other names of a party and their scripts are not carried", "nothing", thing=key_of(party))
        if party.kind is PartyKind.GROUP or (party.kind is PartyKind.PERSON and organised):
            self._lost.note("what kind of party it is is not carried", "nothing", thing=key_of(party))
        cells = {"FeedProvidersPartyId": key_of(party), "FullName": name}
        if party.kind is PartyKind.ORGANISATION:
            cells["KeyName"] = name
        for column, scheme in _PARTY_CODES:
            cells[column] = self._single(party, scheme)
        if other_codes(party, *(scheme for _, scheme in _PARTY_CODES)):
            self._lost.note("a party has codes that have no column", "nothing", thing=key_of(party))
        return columns.PARTIES.name, cells

    def _work(self, work: Work, entry: Entry) -> Row:
        open_arrangement = work.kind is WorkKind.ARRANGEMENT and not work.parts and not work.parts_complete
        if work.parts or (work.kind is not WorkKind.ORIGINAL and not open_arrangement):
            self._lost.note("what a work was made from is not carried", "export CSV", thing=key_of(work))
        disputed = any(finding.field == DISPUTED for finding in entry.findings)
        return columns.WORKS.name, {
            "FeedProvidersWorkId": key_of(work),
            "ISWC": self._single(work, "iswc"),
            "WorkTitle": work.title,
            DISPUTED: str(disputed).lower(),
            "IsArrangementOfTraditionalWork": str(open_arrangement).lower(),
        }

    def _recording(self, recording: Recording, entry: Entry) -> Row:
        key = key_of(recording)
        if recording.samples or not recording.samples_complete:
            self._lost.note("what a recording samples is not carried", "export CSV", thing=key)
        on = dict.fromkeys((*(one.key for one in entry.releases if key in one.recordings), *recording.releases))
        release = next(iter(on), "") or self._release_of(key)
        for one in on or (release,):
            self._outgoing.seen.add("placed", one, key)
        if len(on) > 1:
            self._lost.note("only one release of a recording is carried", "export CSV", thing=key)
        return columns.RECORDINGS.name, {**self._sound(recording), "FeedProvidersReleaseId": release}

    def _sound(self, recording: Recording) -> dict[str, str]:
        return {
            "FeedProvidersRecordingId": recording.key or key_of(recording),
            "ISRC": self._single(recording, "isrc"),
            "RecordingTitle": recording.title,
            "RecordingSubTitle": recording.version,
            "DisplayArtistName": recording.artist,
            "Duration": text_of_duration(recording.duration_ms),
        }

    def _release(self, release: Release) -> Row:
        return columns.RELEASES.name, {
            "FeedProvidersReleaseId": key_of(release),
            "ICPN": self._single(release, "gtin"),
            "ReleaseTitle": release.title,
        }

    def _identifiers(self, thing: Work | Recording | Release) -> Iterator[Row]:
        table, column = _IDENTIFIERS[kind_of(thing)]
        for text in codes_of(thing, "own"):
            if self._outgoing.seen.add("identifier", kind_of(thing), key_of(thing), text):
                space, _, value = text.partition(":")
                allocated_by = space.removeprefix(self._feed + ".")
                cells = {column: key_of(thing), "Identifier": value, "FeedProvidersAllocatingPartyId": allocated_by}
                yield self._counted(table, cells)
        if other_codes(thing, "own", "iswc", "isrc", "gtin"):
            self._lost.note("a code has no column", "export CSV", thing=key_of(thing))

    def _titles(self, thing: Work | Recording) -> Iterator[Row]:
        table, column = _TITLES[kind_of(thing)]
        for title in thing.titles:
            if self._outgoing.seen.add("title", kind_of(thing), key_of(thing), title.kind, title.language, title.text):
                yield self._counted(table, {column: key_of(thing), **_title(title)})

    def _shares(self, entry: Entry) -> Iterator[Row]:
        for subject, share in self._outgoing.claims(entry):
            word = values.first_of(values.ROLES, share.role)
            if isinstance(subject, Recording) or not word:
                self._lost.note("who holds a recording is not carried", "export CSV or ERN", thing=key_of(subject))
                continue
            if share.tier is not Tier.DOCUMENTED:
                self._lost.note("how well a claim is evidenced is not carried", "export CSV", thing=key_of(subject))
            kind = values.PUBLISHED_BY if share.role is Role.PUBLISHER else values.WRITTEN_BY
            yield from self._share(subject, share, word, kind)
        for work in entry.works:
            for one in work.collections:
                word = values.ADMINISTRATOR if one.role is Role.PUBLISHER else values.first_of(values.ROLES, one.role)
                yield from self._share(work, one, word, values.COLLECTION)

    def _share(self, work: Work, share: Share | Collection, word: str, kind: str) -> Iterator[Row]:
        key = key_of(work)
        rights = {
            right: name for name, (right, *more) in values.RIGHTS.items() if not more and name != "ReproductionRight"
        }
        if share.right is not None and share.right not in rights:
            self._lost.note("a share of this right is not carried", "export CSV", thing=key)
            return
        cells = {
            "FeedProvidersWorkId": key,
            "FeedProvidersPartyId": share.party,
            "PartyRole": word,
            "RightShareType": kind,
            "RightsType": rights[share.right] if share.right is not None else "",
        }
        if share.share is not None:
            cells["RightSharePercentage"] = values.percent_of(share.share, lost=self._lost, thing=key)
        if share.territory != WORLD:
            cells["TerritoryCode"] = values.codes_of_territory(share.territory, at=self._at, lost=self._lost, thing=key)
        if isinstance(share, Share):
            cells["ValidityStartDate"], cells["ValidityEndDate"] = values.days_of(share.period)
        yield self._counted(columns.SHARES, cells)

    def _unclaimed(self, entry: Entry) -> Iterator[Row]:
        percent = next((finding.value for finding in entry.findings if finding.field == UNCLAIMED), "")
        for recording in entry.recordings:
            cells = {**self._sound(recording), "FeedProvidersRecordingId": recording.key, UNCLAIMED: percent}
            works = dict.fromkeys((*recording.works, *(work.key for work in entry.works)))
            yield self._counted(columns.UNCLAIMED, {**cells, "FeedProvidersWorkId": next(iter(works), "")})

    def _check_placed(self, release: Release) -> None:
        """Note recordings whose row does not say that they are on this release."""
        key = key_of(release)
        for recording in release.recordings:
            if self._outgoing.seen.add("placed", key, recording) and self._release_of(recording) != key:
                self._lost.note("only one release of a recording is carried", "export CSV", thing=key)

    def _single(self, thing: Thing, scheme: str) -> str:
        found = codes_of(thing, scheme)
        if len(found) > 1:
            self._lost.note(f"only one {scheme} of a thing is carried", "export CSV", thing=key_of(thing))
        return found[0] if found else ""

    def _counted(self, table: Table, cells: dict[str, str]) -> Row:
        """Return a row whose id is its number in its file."""
        self._counts[table.name] += 1
        return table.name, {table.columns[0]: str(self._counts[table.name]), **cells}


def _title(title: Title) -> dict[str, str]:
    return {
        "AlternativeTitle": title.text,
        "LanguageAndScriptCode": title.language,
        "TitleType": values.first_of(values.TITLES, title.kind),
    }
