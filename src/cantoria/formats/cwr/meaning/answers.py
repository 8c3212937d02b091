"""What others answer: ACK, and what societies tell of works: ISW, ISA, EXC. CWR19-1070R1 section 4.5, CWR22-0478.

The numbers in an acknowledgement are those of whom it is for, who takes it in; what it repeats of the registration is
not claimed anew. The ISWC and the number that it gives to the work are links that the answerer asserts.
"""

from __future__ import annotations

from typing import Final

from cantoria.formats.cwr.meaning.keys import fits, printable, society_code, society_number
from cantoria.formats.cwr.meaning.notes import Notes
from cantoria.formats.cwr.meaning.sayings import Answered, Assigned
from cantoria.formats.cwr.meaning.values import moment, number, text, whole_name
from cantoria.formats.cwr.meaning.words import LEVELS, STATUSES
from cantoria.formats.cwr.meaning.works import NUMBER, head_codes
from cantoria.formats.cwr.records import Header, Record, Transaction
from cantoria.formats.entries import Entry, Late, Outcome, Work
from cantoria.formats.types import Severity
from cantoria.registry.answer_facts import AnswerMessage, AnswerStatus

MESSAGES_MAX: Final = 200
ABOUT_WORKS: Final = frozenset({"NWR", "REV", "WRK", "DRW", "ISR", "EXC"})


def answerer(header: Header | None) -> str:
    """Return who sends the file, as a code key: `society:052`, `ipi_name:…`; its name when it has no code."""
    if header is None:
        return "unknown"
    if header.sender_type == "SO" and (code := society_code(header.sender_id[-3:])):
        return f"society:{code}"
    if header.sender_ipi.strip("0") and fits("ipi_name", header.sender_ipi):
        return f"ipi_name:{header.sender_ipi.zfill(11)}"
    return printable(f"cwr:{header.sender_type}{header.sender_id or header.sender_name}")


def answer_entry(transaction: Transaction, notes: Notes, *, header: Header | None, now: int) -> Entry:
    """Return the entry of an acknowledgement (ACK); `now` stands for a processing date that is none."""
    head, by = transaction.records[0], answerer(header)
    status, original = STATUSES.get(text(head, "transaction_status")), text(head, "original_transaction_type")
    key = printable(text(head, "submitter_creation_number"))
    messages = tuple(_message(one) for one in transaction.of("MSG"))
    if status is None:
        value = text(head, "transaction_status")
        fields = ("transaction_status",)
        notes.add(head, "unknown status", "ask the sender", fields=fields, value=value, severity=Severity.ERROR)
        return _entry(transaction, notes, Outcome.REFUSED)
    if original not in ABOUT_WORKS or not key:
        said = "; ".join(message.text for message in messages)
        about = f"{original or 'transaction'} {key}".strip()
        message = f"the answer to {about} is {status.value}" + (f": {said}" if said else "")
        notes.add(head, message, "it is about no work; read it", severity=_severity(status))
        return _entry(transaction, notes, Outcome.PASSED_OVER)
    their_number = text(head, "recipient_creation_number")
    said_at = moment(text(head, "processing_date"))
    answer = Answered(
        work=key,
        answered_by=by,
        status=status,
        said_at=now if said_at is None else said_at,
        transaction=original,
        their_number=their_number,
        messages=_capped(messages, head, notes),
        about=(header.created if header else "", *_reference(head)),
    )
    repeated = transaction.original[:1]
    codes = [code for record in repeated for code in head_codes(record, notes)]
    if their_number and by.startswith("society:"):
        codes.append(society_number(by.partition(":")[2], printable(their_number)))
    if repeated:
        message = "what an acknowledgement repeats of the registration is not compared with it; it stays in the file"
        notes.once(repeated[0], "", message)
    work = Work(key=key, title=text(head, "creation_title"), mentioned=True)
    links = (Assigned(work=key, code=code, by=by) for code in dict.fromkeys(codes))
    return _entry(transaction, notes, Outcome.REGISTER, works=(work,), late=(answer, *links))


def assignment_entry(transaction: Transaction, notes: Notes, *, header: Header | None) -> Entry:
    """Return the entry of an ISWC notification (ISW, ISA): the code of the sender's own work."""
    head, by = transaction.records[0], answerer(header)
    key = printable(text(head, *NUMBER))
    codes = head_codes(head, notes)
    if not key or not codes:
        message = "the notification gives no ISWC for a work of yours"
        notes.add(head, message, "ask the sender", fields=("iswc",), severity=Severity.INFO)
        return _entry(transaction, notes, Outcome.PASSED_OVER)
    work = Work(key=key, title=text(head, "work_title"), mentioned=True)
    late = tuple(Assigned(work=key, code=code, by=by) for code in codes)
    return _entry(transaction, notes, Outcome.REGISTER, works=(work,), late=late)


def conflict_entry(transaction: Transaction, notes: Notes, *, header: Header | None, now: int) -> Entry:
    """Return the entry of an existing registration in conflict with one of the sender's (EXC), as an answer."""
    head = transaction.records[0]
    key = printable(text(head, *NUMBER))
    if not key:
        notes.add(head, "the conflict names no work of yours", "ask the sender", severity=Severity.WARNING)
        return _entry(transaction, notes, Outcome.PASSED_OVER)
    writers = "; ".join(
        name
        for one in transaction.of("SWR", "OWR")
        if (name := whole_name(text(one, "writer_last_name"), text(one, "writer_first_name")))
    )
    said = " ".join(filter(None, (text(head, "work_title"), text(head, "iswc"), f"by {writers}" if writers else "")))
    answer = Answered(
        work=key,
        answered_by=answerer(header),
        status=AnswerStatus.CONFLICT,
        said_at=now,
        transaction="EXC",
        messages=(AnswerMessage(text=f"an existing registration stands against it: {said}", level="transaction"),),
        about=(header.created if header else "", said),
    )
    return _entry(transaction, notes, Outcome.REGISTER, late=(answer,))


def _entry(
    transaction: Transaction,
    notes: Notes,
    outcome: Outcome,
    *,
    works: tuple[Work, ...] = (),
    late: tuple[Late, ...] = (),
) -> Entry:
    return Entry(
        line=transaction.line,
        kind=transaction.kind,
        outcome=outcome,
        works=works,
        findings=tuple(notes.found),
        late=late,
    )


def _message(record: Record) -> AnswerMessage:
    level = text(record, "message_level")
    return AnswerMessage(
        text=text(record, "message_text"),
        level=LEVELS.get(level, level),
        record=text(record, "record_type"),
        sequence=number(record, "original_record_sequence_number"),
        rule=text(record, "validation_number"),
    )


def _capped(messages: tuple[AnswerMessage, ...], head: Record, notes: Notes) -> tuple[AnswerMessage, ...]:
    if len(messages) > MESSAGES_MAX:
        left = len(messages) - MESSAGES_MAX
        notes.add(head, f"{left} more messages stay in the file", severity=Severity.INFO)
    return messages[:MESSAGES_MAX]


def _reference(head: Record) -> tuple[str, ...]:
    names = ("original_group_id", "original_group_code", "original_transaction_sequence_number", "cwr_sub_filename")
    return tuple(text(head, name) for name in names)


def _severity(status: AnswerStatus) -> Severity:
    return Severity.INFO if status in (AnswerStatus.RECEIVED, AnswerStatus.ACCEPTED) else Severity.WARNING
