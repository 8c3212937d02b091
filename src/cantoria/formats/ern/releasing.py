"""The releases of a message with their recordings."""

from __future__ import annotations

from typing import Final

from cantoria.formats.ern.disclosing import disclose
from cantoria.formats.ern.draft import Draft, Standing
from cantoria.formats.ern.names import count_own, fit
from cantoria.formats.ern.records import ReleaseRecord
from cantoria.formats.types import Severity
from cantoria.kernel.ids import RecordingId, ReleaseId
from cantoria.registry.facts import ReleaseRegistered
from cantoria.registry.trade_facts import TitleGiven
from cantoria.registry.types import Relation

_UPDATE: Final = "UpdateMessage"
RECORDINGS_MAX: Final = 5_000  # in one fact; what a release holds adds up


def read_releases(draft: Draft) -> None:
    """Register the releases of a portion."""
    records = draft.portion.releases
    shared = count_own((record.codes for record in records), earlier=draft.own)
    for record in records:
        keys = fit(
            record.codes,
            names=draft.session.names,
            shared=shared,
            line=record.line,
            element=record.kind,
            notes=draft.notes,
        )
        held = [draft.recordings[item] for item in record.resources if item in draft.recordings]
        if not held:
            draft.pass_over(record.line, record.kind, record.reference)
            continue
        release, fresh = draft.session.names.name("release", keys, taken=draft.taken)
        draft.taken.add(release)
        if not fresh:
            draft.known.add(release)
        elif draft.message.header.update == _UPDATE:
            draft.notes.add(
                record.line,
                "the message updates a release that was not received before; it is registered as it stands here",
                "ask its sender for the original message",
                severity=Severity.INFO,
                field="UpdateIndicator",
                value=_UPDATE,
            )
        draft.registered += 1
        _register(draft, record, release, tuple(dict.fromkeys(held)), fresh=fresh)
        for key in keys:
            draft.link(key, Relation.IDENTIFIES, release, record.line)
        disclose(draft, release, record)
        draft.notice(release)
        if record.reference:
            draft.releases.setdefault(record.reference, (release, tuple(dict.fromkeys(held))))


def _register(draft: Draft, record: ReleaseRecord, release: str, held: tuple[str, ...], *, fresh: bool) -> None:
    standing = draft.standing(release, fresh=fresh)
    title = record.title or draft.titles.get(record.resources[0], "")
    if draft.locked(standing, record.line, record.kind, record.reference):
        if standing is Standing.OTHERS and title:
            draft.facts.append(TitleGiven(subject=release, title=title, source=draft.source(record.line)))
        return
    for start in range(0, len(held), RECORDINGS_MAX):
        draft.facts.append(
            ReleaseRegistered(
                release=ReleaseId(release),
                title=title,
                recordings=tuple(RecordingId(item) for item in held[start : start + RECORDINGS_MAX]),
                source=draft.source(record.line),
            )
        )
