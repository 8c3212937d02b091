"""From the records of a message to facts and findings; every record is registered or said to be passed over."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from cantoria.formats.csvfamily.desk import Context
from cantoria.formats.ern.draft import Draft, Session
from cantoria.formats.ern.message import Message, parse
from cantoria.formats.ern.names import Names, Notes, count_own, fit
from cantoria.formats.ern.records import PartyRecord, ReleaseRecord
from cantoria.formats.ern.repeats import is_repeated, remember
from cantoria.formats.ern.roles import AI_USES, GROUPS
from cantoria.formats.ern.sound import read_recordings
from cantoria.formats.types import Counts, Imported, Severity
from cantoria.kernel.ids import PartyId, RecordingId, ReleaseId
from cantoria.registry.facts import PartyNamed, PartyRegistered, ReleaseRegistered
from cantoria.registry.types import PartyKind, Relation

_NOT_LIVE: Final = "TestMessage"


def read_message(data: bytes, *, file: str, context: Context) -> Imported:
    """Return the facts and findings of one ERN 4.3 NewReleaseMessage.

    Raises `InputError` for what is not one whole, well-formed message in UTF-8.
    """
    return _read(Session(Names(context)), data, file)


def read_messages(files: Mapping[str, bytes], context: Context) -> Imported:
    """Return the facts and findings of several messages that are read together, in the order of their names."""
    session = Session(Names(context))
    return sum((_read(session, files[file], file) for file in sorted(files)), Imported())


def _read(session: Session, data: bytes, file: str) -> Imported:
    message = parse(data, file=file)
    draft = Draft(message, session, Notes(file), hashlib.sha256(data).hexdigest())
    header = message.header
    if header.control_type == _NOT_LIVE:
        draft.notes.add(
            0, "this is a test message; nothing of it is registered", "send a live one", severity=Severity.INFO
        )
        draft.passed_over = message.records
        return draft.imported()
    if is_repeated(draft):
        counts = Counts(received=message.records, duplicate=message.records)
        return Imported((), tuple(draft.notes.findings), counts)
    created = header.created_at()
    if created is None or created > session.context.now:
        what = "cannot be read" if created is None else "is in the future"
        remedy = "ask its sender to correct it"
        draft.notes.add(0, f"its time of creation {what}", remedy, field="MessageCreatedDateTime", value=header.created)
    _parties(draft)
    read_recordings(draft)
    _releases(draft)
    _deals(draft)
    for other in message.others:
        draft.pass_over(other.line, other.kind, other.reference)
    remember(draft)
    return draft.imported()


def _parties(draft: Draft) -> None:
    message = draft.message
    shared = count_own(record.codes for record in message.parties)
    for record in message.parties:
        keys = fit(record.codes, shared=shared, line=record.line, element="Party", notes=draft.notes)
        party, fresh = draft.session.names.name("party", keys)
        draft.refer(draft.parties, record.reference, party, record.line)
        draft.registered += 1
        if not keys:
            draft.notes.add(
                record.line,
                "the party has no identifier, so each message makes it anew",
                "send its ISNI, IPI name number, IPN, DPID or a proprietary id",
                field="Party",
                value=record.names[0][0] if record.names else record.reference,
            )
        if fresh:  # of a party that is known others know more: whether it can be reached, how it is called
            kind = _party_kind(record, message)
            draft.facts.append(PartyRegistered(party=PartyId(party), kind=kind, reachable=False))
            for position, (name, script) in enumerate(record.names):
                named = keys if position == 0 else ()
                draft.facts.append(PartyNamed(party=PartyId(party), name=name, script=script, codes=named))


def _party_kind(record: PartyRecord, message: Message) -> PartyKind:
    """Tell what a party is by what it does in the message; its name decides nothing but a family name."""
    labels = {label for release in message.releases for label in release.labels}
    named = [one for recording in message.recordings for one in recording.credits if one.party == record.reference]
    if record.reference in labels or any(one.element.endswith("RightsController") for one in named):
        return PartyKind.ORGANISATION
    if any(GROUPS & set(one.roles) for one in named):
        return PartyKind.GROUP
    return PartyKind.PERSON


def _releases(draft: Draft) -> None:
    message = draft.message
    shared = count_own(record.codes for record in message.releases)
    taken: set[str] = set()
    for record in message.releases:
        keys = fit(record.codes, shared=shared, line=record.line, element=record.kind, notes=draft.notes)
        held = [draft.recordings[item] for item in record.resources if item in draft.recordings]
        if not held:
            draft.pass_over(record.line, record.kind, record.reference)
            continue
        release, _ = draft.session.names.name("release", keys, taken=taken)
        taken.add(release)
        draft.registered += 1
        draft.facts.append(
            ReleaseRegistered(
                release=ReleaseId(release),
                title=record.title or _title_of(message, record),
                recordings=tuple(RecordingId(item) for item in dict.fromkeys(held)),
                source=draft.source(record.line),
            )
        )
        for key in keys:
            draft.link(key, Relation.IDENTIFIES, release, record.line)


def _title_of(message: Message, record: ReleaseRecord) -> str:
    """Return the title of a release without one: that of its first recording."""
    first = record.resources[0]
    return next((one.title for one in message.recordings if one.reference == first), "")


def _deals(draft: Draft) -> None:
    for deal in draft.message.deals:
        draft.pass_over(deal.line, "ReleaseDeal", ", ".join(deal.releases))
        uses = [use for use in deal.uses if use in AI_USES]
        if uses:
            draft.notes.add(
                deal.line,
                "a deal between sender and recipient names AI; it is shown as a signal and is nobody's yes here",
                "who has a say states it, each for itself",
                field="ReleaseDeal/UseType",
                value=", ".join(uses),
            )
