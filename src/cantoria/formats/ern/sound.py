"""The sound recordings of a message, with their works, what they are made of, and who holds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cantoria.formats.csvfamily.desk import derived_id
from cantoria.formats.ern.draft import Draft
from cantoria.formats.ern.holders import holders_of
from cantoria.formats.ern.message import Message
from cantoria.formats.ern.names import count_own, fit
from cantoria.formats.ern.records import SoundRecord
from cantoria.formats.ern.roles import COMPOSITE, MADE_OF
from cantoria.formats.types import Severity
from cantoria.kernel.ids import ClaimId, PartyId, RecordingId, WorkId
from cantoria.registry.facts import RecordingRegistered, ShareClaimed, WorkRegistered
from cantoria.registry.types import Relation, Role, Side, Tier


def read_recordings(draft: Draft) -> None:
    """Register the sound recordings of a message, in order."""
    message, names = draft.message, draft.session.names
    shared = count_own(record.codes for record in message.recordings)
    named: list[tuple[SoundRecord, str, bool, tuple[str, ...]]] = []
    for record in message.recordings:
        keys = fit(record.codes, shared=shared, line=record.line, element="SoundRecording", notes=draft.notes)
        taken = {thing for _, thing, _, _ in named}
        if (found := names.find("recording", keys)) is not None and found in taken:
            draft.notes.add(
                record.line,
                "another recording of the message carries the same code; it will name neither",
                "correct the code",
                field="SoundRecording",
                value=keys[0],
            )
        recording, fresh = names.name("recording", keys, taken=taken)
        draft.refer(draft.recordings, record.reference, recording, record.line)
        named.append((record, recording, fresh, keys))
    bearers = _bearers(message)
    for record, recording, fresh, keys in named:
        draft.registered += 1
        _recording(draft, record, recording, fresh=fresh)
        for key in keys:
            draft.link(key, Relation.IDENTIFIES, recording, record.line)
        works = _works(draft, record, recording)
        _claims(draft, record, recording, works, bearers)


def _recording(draft: Draft, record: SoundRecord, recording: str, *, fresh: bool) -> None:
    """Register a recording. One that is known already keeps what was said of it, unless this message adds to it."""
    samples, whole = _samples(draft, record, recording)
    if not record.title:
        draft.notes.add(record.line, "the recording has no title", "send one", field="SoundRecording")
    if fresh or samples or not whole:
        draft.facts.append(
            RecordingRegistered(
                recording=RecordingId(recording),
                title=record.title,
                display_artist=record.artist,
                duration_ms=record.duration_ms,
                version=record.version,
                samples=samples,
                samples_complete=whole,
                source=draft.source(record.line),
            )
        )


def _samples(draft: Draft, record: SoundRecord, recording: str) -> tuple[tuple[RecordingId, ...], bool]:
    """Return the recordings that this one is made of, and whether all that are named could be found."""
    found: dict[str, None] = {}
    whole = True
    for related in record.related:
        if related.relation not in MADE_OF:
            continue
        keys = fit(
            (("isrc", related.isrc),) if related.isrc else (),
            shared=Counter(),
            line=related.line,
            element="RelatedResource",
            notes=draft.notes,
        )
        other = draft.recordings.get(related.reference) or draft.session.names.find("recording", keys)
        if other is None or other == recording:
            whole = False
            draft.notes.add(
                related.line,
                "a recording that this one is made of is not known; it cannot be cleared until it is",
                "send that recording too",
                field="RelatedResource",
                value=related.reference or related.isrc,
            )
        else:
            found[other] = None
    return tuple(RecordingId(other) for other in found), whole


def _works(draft: Draft, record: SoundRecord, recording: str) -> tuple[str, ...]:
    """Link the recording to the works that the message identifies; one that is known keeps what was said of it."""
    works: dict[str, None] = {}
    for work_codes in record.works:
        keys = fit(work_codes, shared=Counter(), line=record.line, element="WorkId", notes=draft.notes)
        if not keys:
            continue
        work, fresh = draft.session.names.name("work", keys)
        if fresh:
            source = draft.source(record.line)
            draft.facts.append(WorkRegistered(work=WorkId(work), title=record.title, source=source))
        if work not in works:
            works[work] = None
            for key in keys:
                draft.link(key, Relation.IDENTIFIES, work, record.line)
            draft.link(recording, Relation.EMBODIES, work, record.line)
    if not works or (record.composite in COMPOSITE and len(works) < 2):
        what = "no work" if not works else f"one work of a {record.composite.lower()}"
        draft.notes.add(
            record.line,
            f"the message identifies {what}; the recording cannot be cleared by it alone",
            "link the recording to all its works",
            severity=Severity.INFO,
            field="WorkId",
        )
    return tuple(works)


def _bearers(message: Message) -> dict[str, str]:
    """Return the party reference of each name that exactly one party of the message bears, case-folded."""
    bearers: dict[str, set[str]] = {}
    for record in message.parties:
        for name, _ in record.names:
            bearers.setdefault(name.casefold(), set()).add(record.reference)
    return {name: references.pop() for name, references in bearers.items() if len(references) == 1}


def _claims(draft: Draft, record: SoundRecord, recording: str, works: Sequence[str], bearers: dict[str, str]) -> None:
    for reference, role, tier in holders_of(record, names=bearers, notes=draft.notes):
        party = draft.parties.get(reference)
        if party is None:
            draft.notes.add(
                record.line, "no party of the message has this reference", "correct it", field="Party", value=reference
            )
            continue
        if role.side is Side.WORK and not works:
            draft.notes.add(
                record.line,
                f"a {role.value} is named, but no work; nothing is claimed",
                "send the ISWC of the work",
                severity=Severity.INFO,
                field="WorkId",
                value=reference,
            )
        for subject in (recording,) if role.side is Side.RECORDING else works:
            draft.facts.append(_claim(draft, subject, party, role, tier, record.line))


def _claim(draft: Draft, subject: str, party: str, role: Role, tier: Tier, line: int) -> ShareClaimed:
    context = draft.session.context
    return ShareClaimed(
        claim=ClaimId(derived_id("claim", context.sender, subject, party, role, "ern")),
        subject=subject,
        party=PartyId(party),
        role=role,
        tier=tier,
        asserted_by=draft.message.header.sender[0] or context.sender,
        source=draft.source(line),
    )
