"""One entry written down: everything that it says, or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from cantoria.formats.entries.sayings import Sayings
from cantoria.formats.entries.scribe import Named, Scribe, check
from cantoria.formats.entries.types import (
    Code,
    Entry,
    Late,
    Outcome,
    Party,
    Recording,
    Release,
    Title,
    Work,
)
from cantoria.formats.types import Counts, Finding, Imported, Severity
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import LinkId, PartyId, RecordingId, ReleaseId, WorkId
from cantoria.registry.facts import (
    LinkAsserted,
    PartyNamed,
    PartyRegistered,
    RecordingRegistered,
    ReleaseRegistered,
    WorkRegistered,
)
from cantoria.registry.trade_facts import TitleGiven
from cantoria.registry.types import Relation, Tier

VALUE_SHOWN_CHARS: Final = 80


def write_down(scribe: Scribe, entry: Entry) -> Imported:
    """Return facts, findings and the account of one entry: it is taken whole or refused whole."""
    match entry.outcome:
        case Outcome.REFUSED:
            return Imported((), entry.findings, Counts(received=1, refused=1))
        case Outcome.DUPLICATE:
            return Imported((), entry.findings, Counts(received=1, duplicate=1))
        case Outcome.PASSED_OVER:
            return Imported(entry.facts, entry.findings, Counts(received=1, passed_over=1))
        case Outcome.REGISTER:
            return _register(scribe, entry)


def _register(scribe: Scribe, entry: Entry) -> Imported:
    page = _Page(scribe, entry)
    scribe.begin()
    try:
        page.parties(entry.parties)
        page.works(entry.works)
        page.recordings(entry.recordings)
        page.releases(entry.releases)
        page.late(entry.late)
    except InputError as error:
        scribe.undo()
        findings = (*entry.findings, page.finding(error.message, error.remedy, Severity.ERROR, **error.context))
        return Imported((), findings, Counts(received=1, refused=1))
    return Imported((*page.facts, *entry.facts), (*entry.findings, *page.findings), Counts(received=1, registered=1))


class _Page:
    """One entry being written down."""

    def __init__(self, scribe: Scribe, entry: Entry) -> None:
        self._scribe, self._entry = scribe, entry
        self._source = scribe.source(entry.line)
        self.facts: list[Any] = []
        self._said = Sayings(scribe, self._source, self.facts)
        self.findings: list[Finding] = []

    def finding(
        self, message: str, remedy: str, severity: Severity, *, field: str = "", value: str = "", **_: str
    ) -> Finding:
        """Return a finding at the line of the entry."""
        return Finding(
            file=self._source.file,
            line=self._entry.line,
            field=field,
            value=value[:VALUE_SHOWN_CHARS],
            message=message,
            remedy=remedy,
            severity=severity,
        )

    def note(self, message: str, remedy: str, *, field: str = "", value: str = "") -> None:
        """Add a warning."""
        self.findings.append(self.finding(message, remedy, Severity.WARNING, field=field, value=value))

    def parties(self, parties: Iterable[Party]) -> None:
        for party in parties:
            called = party.names[0].text if party.names else ""
            named = self._scribe.name("party", party.key, self._fit(party.codes), title=called)
            if named.odd:
                self.note(named.odd, "compare the number with its source", field="party", value=called)
            who = PartyId(named.thing)
            if named.fresh:
                self.facts.append(PartyRegistered(party=who, kind=party.kind, reachable=False))
            if named.fresh or named.news or named.nameless:
                names = [(name.text, name.script) for name in party.names] or [("", "")] * bool(named.keys)
                for place, (text, script) in enumerate(names):
                    codes = () if place else named.keys
                    self.facts.append(PartyNamed(party=who, name=text, script=script, codes=codes))
            if named.own:
                self._link(named.own, Relation.IDENTIFIES, who, fresh=named.fresh)
            if not named.keys and not party.key:
                message = "the party has no identifier, so each file makes it anew"
                self.note(message, "send its IPI name number, ISNI, IPN, DPID or a key", field="party", value=called)

    def works(self, works: Iterable[Work]) -> None:
        named = [(work, self._name("work", work.key, work.codes, work.title)) for work in works]
        for work, one in named:
            parts = tuple(WorkId(self._scribe.refer(part, "work")) for part in work.parts)
            if one.fresh or not work.mentioned:
                self.facts.append(
                    WorkRegistered(
                        work=WorkId(one.thing),
                        title=work.title,
                        kind=work.kind,
                        parts=tuple(part for part in dict.fromkeys(parts) if part != one.thing),
                        parts_complete=work.parts_complete,
                        source=self._source,
                    )
                )
            self._identify(one)
            self._titles(one.thing, work.titles, work.title)
            self._said.shares(one.thing, work.shares, whole=work.whole)
            kept = self._said.collections(one.thing, work.collections) | self._said.chains(one.thing, work.chains)
            if work.whole and not one.fresh:
                self.facts += self._scribe.ended(one.thing, kept)

    def recordings(self, recordings: Iterable[Recording]) -> None:
        for recording in recordings:
            one = self._name("recording", recording.key, recording.codes, recording.title)
            samples = [self._scribe.refer(sample, "recording") for sample in recording.samples]
            if one.fresh or not recording.mentioned:
                self.facts.append(
                    RecordingRegistered(
                        recording=RecordingId(one.thing),
                        title=recording.title,
                        display_artist=recording.artist,
                        duration_ms=recording.duration_ms,
                        version=recording.version,
                        samples=tuple(RecordingId(sample) for sample in dict.fromkeys(samples) if sample != one.thing),
                        samples_complete=recording.samples_complete,
                        source=self._source,
                    )
                )
            self._identify(one)
            self._titles(one.thing, recording.titles, recording.title)
            for work in dict.fromkeys(self._scribe.refer(work, "work") for work in recording.works):
                self._link(one.thing, Relation.EMBODIES, work, fresh=one.fresh)
            self._said.shares(one.thing, recording.shares, whole=recording.whole)

    def releases(self, releases: Iterable[Release]) -> None:
        for release in releases:
            one = self._name("release", release.key, release.codes, release.title)
            held = dict.fromkeys(self._scribe.refer(item, "recording") for item in release.recordings)
            self.facts.append(
                ReleaseRegistered(
                    release=ReleaseId(one.thing),
                    title=release.title,
                    recordings=tuple(map(RecordingId, held)),
                    source=self._source,
                )
            )
            self._identify(one)

    def late(self, late: Iterable[Late]) -> None:
        for one in late:
            self.facts += one.facts(self._scribe, self._source)

    def _name(self, kind: str, key: str, found: tuple[Code, ...], title: str) -> Named:
        keys = self._fit(found)
        if not key and not keys:
            raise InputError(f"the {kind} has neither a key nor a code", "send one", {"field": kind, "value": title})
        named = self._scribe.name(kind, key, keys, title=title)
        if named.odd:
            self.note(named.odd, "correct the code, or decide in the review queue", field=kind, value=key or title)
        return named

    def _fit(self, found: tuple[Code, ...]) -> tuple[str, ...]:
        keys: dict[str, None] = {}
        for scheme, text in found:
            try:
                checked = check(scheme, text)
            except InputError as error:
                self.note(f"{error.message}; the record is taken without it", error.remedy, field=scheme, value=text)
                continue
            if checked.warning:
                self.note(checked.warning, "check the code", field=scheme, value=text)
            keys[f"{scheme}:{checked.value}"] = None
        return tuple(keys)

    def _identify(self, named: Named) -> None:
        for code in (named.own, *named.keys):
            if code:
                self._link(code, Relation.IDENTIFIES, named.thing, fresh=named.fresh)

    def _link(self, left: str, relation: Relation, right: str, *, fresh: bool) -> None:
        """Assert a link, unless it is on record already."""
        context = self._scribe.context
        if not fresh and context.links_between(left, relation, right):
            return
        self.facts.append(
            LinkAsserted(
                link=LinkId(context.new_id("link")),
                left=left,
                relation=relation,
                right=right,
                asserted_by=context.sender,
                tier=Tier.DOCUMENTED,
                source=self._source,
            )
        )

    def _titles(self, subject: str, titles: Iterable[Title], main: str) -> None:
        for title in dict.fromkeys(titles):
            if title.text and title.text != main:
                self.facts.append(
                    TitleGiven(
                        subject=subject,
                        title=title.text,
                        kind=title.kind,
                        language=title.language,
                        source=self._source,
                    )
                )
