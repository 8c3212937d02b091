"""The sound recordings of a message, with their works, what they are made of, and who holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from cantoria.formats.csvfamily.desk import derived_id
from cantoria.formats.ern.disclosing import disclose
from cantoria.formats.ern.draft import Draft, Standing, Waiting
from cantoria.formats.ern.holders import holders_of
from cantoria.formats.ern.names import count_own, fit
from cantoria.formats.ern.records import SoundRecord
from cantoria.formats.ern.roles import COMPOSITE, MADE_OF, SETS
from cantoria.formats.types import Severity
from cantoria.kernel.ids import ClaimId, PartyId, RecordingId, WorkId
from cantoria.registry.facts import RecordingRegistered, ShareClaimed, WorkRegistered
from cantoria.registry.trade_facts import TitleGiven, TitleKind
from cantoria.registry.types import Relation, Role, Side, Tier

WAITING_MAX: Final = 10_000  # recordings that wait for others to come


def read_works(draft: Draft) -> None:
    """Register the works of a WorkList."""
    for record in draft.portion.works:
        keys = fit(
            record.codes, names=draft.session.names, shared={}, line=record.line, element="WorkId", notes=draft.notes
        )
        if not keys:
            draft.pass_over(record.line, "MusicalWork", record.reference)
            continue
        draft.registered += 1
        work = _work(draft, keys, record.title, record.line)
        draft.refer(draft.works, record.reference, work, record.line)


def read_recordings(draft: Draft) -> None:
    """Register the sound recordings of a portion, in order; those that are made of later ones wait for them."""
    records, names = draft.portion.recordings, draft.session.names
    shared = count_own((record.codes for record in records), earlier=draft.own)
    named: list[Waiting] = []
    for record in records:
        keys = fit(
            record.codes, names=names, shared=shared, line=record.line, element="SoundRecording", notes=draft.notes
        )
        recording, fresh = names.name("recording", keys, taken=draft.taken)
        if fresh and keys and names.find("recording", keys) != recording:
            draft.notes.add(
                record.line,
                "another recording of the message carries the same code; it will name neither",
                "correct the code",
                field="SoundRecording",
                value=keys[0],
            )
        draft.taken.add(recording)
        draft.refer(draft.recordings, record.reference, recording, record.line)
        draft.titles.setdefault(record.reference, record.title)
        named.append(Waiting(record, recording, fresh, keys))
    for one in named:
        if not _is_whole(draft, one) and not draft.portion.last and len(draft.waiting) < WAITING_MAX:
            draft.waiting.append(one)
        else:
            _register(draft, one)
    if draft.portion.last or draft.portion.releases:  # no recording comes after a release
        for one in draft.waiting:
            _register(draft, one)
        draft.waiting = []


def _is_whole(draft: Draft, one: Waiting) -> bool:
    """Tell whether all recordings that it is made of are known by now."""
    return all(
        related.relation not in MADE_OF or related.reference in draft.recordings or not related.reference
        for related in one.record.related
    )


def _register(draft: Draft, one: Waiting) -> None:
    record, recording = one.record, one.recording
    draft.registered += 1
    standing = draft.standing(recording, fresh=one.fresh)
    locked = draft.locked(standing, record.line, "SoundRecording", record.reference)
    _recording(draft, one, standing, locked=locked)
    for key in one.keys:
        draft.link(key, Relation.IDENTIFIES, recording, record.line)
    works = _works(draft, record, recording)
    _claims(draft, record, recording, works, standing)
    disclose(draft, recording, record)
    draft.notice(recording)
    for credit in record.credits:
        draft.allowed(SETS.get(credit.element, "ContributorRole"), credit.roles, credit.line)


def _recording(draft: Draft, one: Waiting, standing: Standing, *, locked: bool) -> None:
    """Register a recording, or bring it up to date. What is known of it gets more complete by that, never less: a
    sample stays one, and an unknown one keeps it from being cleared until somebody entitled says otherwise."""
    record = one.record
    samples, whole = _samples(draft, record, one.recording)
    if not record.title:
        draft.notes.add(record.line, "the recording has no title", "send one", field="SoundRecording")
    if locked:
        return
    said = RecordingRegistered(
        recording=RecordingId(one.recording),
        title=record.title,
        display_artist=record.artist,
        duration_ms=record.duration_ms,
        version=record.version,
        samples=samples,
        samples_complete=whole,
        source=draft.source(record.line),
    )
    before = draft.session.context.registered(one.recording) if standing is Standing.NEWER else None
    if before is not None:
        said = replace(
            said,
            title=said.title or before.title,
            samples=tuple(dict.fromkeys((*before.samples, *samples))),
            samples_complete=before.samples_complete and whole,
        )
        if replace(said, source=before.source) != before:
            draft.facts.append(said)
    elif one.fresh or samples or not whole:
        draft.facts.append(said)
    if one.fresh:
        _titles(draft, record, one.recording)


def _titles(draft: Draft, record: SoundRecord, recording: str) -> None:
    for title, language in dict.fromkeys(record.formal_titles):
        if title and title != record.title:
            draft.facts.append(
                TitleGiven(
                    subject=recording,
                    title=title,
                    kind=TitleKind.FORMAL,
                    language=language,
                    source=draft.source(record.line),
                )
            )


def _samples(draft: Draft, record: SoundRecord, recording: str) -> tuple[tuple[RecordingId, ...], bool]:
    """Return the recordings that this one is made of, and whether all that are named could be found."""
    if not record.related:
        return (), True
    found: dict[str, None] = {}
    whole = True
    for related in record.related:
        if related.relation not in MADE_OF:
            continue
        keys = fit(
            (("isrc", related.isrc),) if related.isrc else (),
            names=draft.session.names,
            shared={},
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
        keys = fit(
            work_codes, names=draft.session.names, shared={}, line=record.line, element="WorkId", notes=draft.notes
        )
        if keys:
            works[_work(draft, keys, record.title, record.line)] = None
    for reference in record.work_references:
        if reference in draft.works:
            works[draft.works[reference]] = None
    for work in works:
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


def _work(draft: Draft, keys: tuple[str, ...], title: str, line: int) -> str:
    """Return the work that has these codes, registered and linked to them if it is new in this message."""
    work, fresh = draft.session.names.name("work", keys)
    if fresh:
        draft.facts.append(WorkRegistered(work=WorkId(work), title=title, source=draft.source(line)))
    for key in keys:
        draft.link(key, Relation.IDENTIFIES, work, line)
    return work


def _claims(draft: Draft, record: SoundRecord, recording: str, works: Sequence[str], standing: Standing) -> None:
    claimed: set[tuple[str, Role]] = set()
    for reference, role, tier in holders_of(record, names=draft.bearers, notes=draft.notes):
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
            draft.facts.append(_claim(draft, subject, party, role, tier, record.line, standing))
        claimed.add((party, role))
    if standing is Standing.NEWER:
        _dropped(draft, record, recording, claimed)


def _claim(
    draft: Draft, subject: str, party: str, role: Role, tier: Tier, line: int, standing: Standing
) -> ShareClaimed:
    """State a claim. What a sender says beside the authority has claims of its own, which replace none of theirs."""
    parts = (draft.session.context.sender, subject, party, role, "ern")
    beside = (draft.sender,) if standing is Standing.OTHERS else ()
    return ShareClaimed(
        claim=ClaimId(derived_id("claim", *parts, *beside)),
        subject=subject,
        party=PartyId(party),
        role=role,
        tier=tier,
        asserted_by=draft.sender,
        source=draft.source(line),
    )


def _dropped(draft: Draft, record: SoundRecord, recording: str, claimed: set[tuple[str, Role]]) -> None:
    """Say who is named no more: silence takes nobody's say away."""
    for view in draft.session.context.claims_of(recording):
        claim = view.fact
        if claim.asserted_by == draft.sender and (claim.party, claim.role) not in claimed:
            draft.notes.add(
                record.line,
                f"an earlier message named a {claim.role.value} who is not named here; the claim stands",
                "withdraw the claim if it was wrong",
                field="SoundRecording",
                value=record.reference,
            )
