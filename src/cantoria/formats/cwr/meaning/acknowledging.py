"""Acknowledgements out: the answer to a CWR file that was taken in, one ACK for each of its transactions.

The file is read a second time beside its entries, so that accepted registrations are repeated as they were sent.
Constant memory. CWR19-1070R1 section 4.5 (2.x), CWR22-0478 (3.x).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from cantoria import codes
from cantoria.formats.cwr.layout import Layout, RecordLayout, layout_of
from cantoria.formats.cwr.meaning.keys import printable
from cantoria.formats.cwr.meaning.reading import read_beside
from cantoria.formats.cwr.meaning.roman import roman
from cantoria.formats.cwr.meaning.sender import Sender, file_name, header
from cantoria.formats.cwr.meaning.values import text
from cantoria.formats.cwr.meaning.words import STATUSES
from cantoria.formats.cwr.records import CwrFinding, Header, Level, Record, Transaction
from cantoria.formats.cwr.writer import compose, write_transactions
from cantoria.formats.entries import Entry, Outcome
from cantoria.formats.types import Finding, Severity
from cantoria.kernel.errors import InputError

MESSAGES_MAX: Final = 200  # in one acknowledgement
TEXT_CHARS: Final = 150
_REGISTRATIONS: Final = frozenset({"NWR", "REV", "WRK"})
_OUR_RULES: Final = "000"  # CWR's numbers of checks are not ours: the text says what is wrong
_CODES: Final = {status: code for code, status in STATUSES.items()}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the recipient says of one transaction: `status` is CWR's code, `number` the recipient's own of the work (at
    most 20 characters), `iswc` the code that it knows the work by."""

    status: str
    number: str = ""
    iswc: str = ""


Judge = Callable[[Entry], Judgement]


def judge_by_outcome(entry: Entry) -> Judgement:
    """Return the status that an entry's outcome and findings mean by themselves."""
    if entry.outcome is Outcome.REFUSED:
        return Judgement("RJ")
    if entry.outcome is Outcome.DUPLICATE:
        return Judgement("DU")
    if entry.outcome is Outcome.PASSED_OVER or entry.kind not in _REGISTRATIONS:
        return Judgement("RA")
    return Judgement("AC" if any(map(_changes, entry.findings)) else "AS")


def acknowledge(stream: BinaryIO, *, file: str, sender: Sender, judge: Judge = judge_by_outcome) -> Iterator[bytes]:
    """Give the bytes of the acknowledgement of a CWR file, from its recipient to its sender, in the file's version.

    `sender` is the recipient, who answers; its `version` is not looked at. Raises `InputError` for a file that is no
    CWR, and for a judgement that no ACK can hold.
    """
    source = read_beside(stream, file=file)
    opened = next(source)[0]
    if not isinstance(opened, Header):
        raise InputError(f"{file} has no header", "send a CWR file")
    answering = _Answering(opened, sender, file)
    yield from write_transactions(answering.head(), answering.transactions(source, judge), version=opened.version)


def answer_name(stream: BinaryIO, *, file: str, sender: Sender) -> str:
    """Return the name of the acknowledgement of a CWR file, which is in the file's version."""
    opened = next(read_beside(stream, file=file))[0]
    version = opened.version[:3] if isinstance(opened, Header) else sender.version
    return file_name(replace(sender, version=version), answers=True)


@dataclass(slots=True)
class _Answering:
    opened: Header
    sender: Sender
    file: str
    group: int = 0
    sequence: int = 0

    @property
    def layout(self) -> Layout:
        return layout_of(self.opened.version)

    def head(self) -> Record:
        """Return the header of the answer: the recipient's, in the version of the file."""
        return header(replace(self.sender, version=self.opened.version[:3]), answers=True)

    def transactions(self, source: Iterator[tuple[object, Entry | None]], judge: Judge) -> Iterator[Transaction]:
        """Give an acknowledgement for each transaction of the file."""
        for item, entry in source:
            if not isinstance(item, Transaction):
                self._frame(item)
            elif entry is not None:
                yield self._answer(item, entry, judge(entry))
                self.sequence += 1

    def _frame(self, item: object) -> None:
        number = getattr(item, "number", None)
        if isinstance(number, int):
            self.group, self.sequence = number, 0

    def _answer(self, transaction: Transaction, entry: Entry, judged: Judgement) -> Transaction:
        layout, head = self.layout, transaction.records[0]
        status = self._status(judged.status)
        numbered = head.transaction_sequence
        created = self.opened.created
        known = {field.name: field.size for field in layout.record("ACK").fields}
        values: dict[str, str | int] = {
            "creation_date": created[:8] if created[:8].isdigit() else self.sender.created[:8],
            "creation_time": created[8:14] if created[8:14].isdigit() else "000000",
            "original_group_id": self.group,
            "original_group_code": self.group,
            "original_transaction_sequence_number": self.sequence if numbered is None else numbered,
            "original_transaction_type": transaction.kind,
            "creation_title": text(head, "work_title"),
            "submitter_creation_number": text(head, "submitter_work_number", "submitter_agreement_number"),
            "recipient_creation_number": judged.number,
            "processing_date": self.sender.created[:8],
            "transaction_status": status,
            "cwr_sub_filename": self._name(),
        }
        records = [_composed(layout.record("ACK"), {name: one for name, one in values.items() if name in known})]
        records += self._messages(entry, transaction)
        if entry.outcome is Outcome.REGISTER and transaction.kind in _REGISTRATIONS:
            records += self._repeated(transaction, judged)
        return Transaction("ACK", 0, self.opened.version, tuple(records))

    def _status(self, code: str) -> str:
        """Return the status in the codes of the file's version."""
        if code not in STATUSES:
            raise InputError(f"{code!r} is no transaction status", f"use one of {', '.join(sorted(_CODES.values()))}")
        if self.opened.version[0] == "3":
            return {"DU": "RJ", "RC": "RJ"}.get(code, code)
        return {"SR": "AS", "CR": "AC", "NA": "RJ", "WA": "RJ", "DR": "RA", "LD": "RJ", "UN": "RJ"}.get(code, code)

    def _name(self) -> str:
        values = self.opened.record.values
        return (values.get("filename") or self.file)[-27:]

    def _messages(self, entry: Entry, transaction: Transaction) -> list[Record]:
        layout = self.layout.record("MSG")
        at = {record.line: record for record in transaction.records}
        told = [one for one in entry.findings if one.severity is not Severity.INFO][:MESSAGES_MAX]
        return [_composed(layout, _message(one, at.get(one.line, transaction.records[0]))) for one in told]

    def _repeated(self, transaction: Transaction, judged: Judgement) -> list[Record]:
        """Return the registration as it was sent, with the recipient's ISWC."""
        records = [one for one in transaction.records if one.layout is not None]
        head, layout = records[0], records[0].layout
        if judged.iswc and layout is not None:
            field = layout.field("iswc")
            code = codes.check("iswc", judged.iswc).value
            raw = head.raw.ljust(field.end)
            raw = raw[: field.start] + code.ljust(field.size) + raw[field.end :]
            records[0] = Record(head.kind, 0, raw, layout)
        return records


def _composed(layout: RecordLayout, values: dict[str, str | int]) -> Record:
    """Return a record of values that others sent, whatever stands in them."""
    return compose(layout, {name: printable(one) if isinstance(one, str) else one for name, one in values.items()})


def _changes(finding: Finding) -> bool:
    """Tell whether a finding says that something of the registration was not taken as sent."""
    return isinstance(finding, CwrFinding) and finding.severity is Severity.WARNING and finding.rule != "check-digit"


def _message(finding: Finding, record: Record) -> dict[str, str | int]:
    level = finding.level if isinstance(finding, CwrFinding) else _level(finding)
    about = f"{finding.field} {finding.value}".strip()
    said = roman(f"{about}: {finding.message}" if about else finding.message)
    return {
        "message_type": level.value,
        "original_record_sequence_number": record.record_sequence or 0,
        "record_type": record.kind,
        "message_level": level.value,
        "validation_number": _OUR_RULES,
        "message_text": said[:TEXT_CHARS],
    }


def _level(finding: Finding) -> Level:
    return Level.TRANSACTION if finding.severity is Severity.ERROR else Level.FIELD
