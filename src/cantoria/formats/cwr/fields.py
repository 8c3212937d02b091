"""Rules for single fields: format, mandatory, lookup, check digits. One match where nothing is wrong (`patterns`).

Levels by the part a record plays: a wrong mandatory field rejects the transaction in the records that say who owns
what, the record elsewhere; a wrong optional one rejects itself. CISAC CWR19-1070R1 and CWR22-0478, field validations.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

from cantoria import codes
from cantoria.codes import Scheme
from cantoria.formats.cwr.layout import Field, RecordLayout
from cantoria.formats.cwr.patterns import EXTERNAL, external_table, field_pattern, record_pattern, zero_means_none
from cantoria.formats.cwr.records import Level, Record
from cantoria.formats.cwr.report import Report
from cantoria.formats.limits import CWR
from cantoria.kernel.errors import InputError

FRAME: Final = {"HDR": Level.FILE, "TRL": Level.FILE, "GRH": Level.GROUP, "GRT": Level.GROUP}
# A wrong mandatory field of these rejects the transaction.
DECISIVE: Final = frozenset(
    ("AGR", "NWR", "REV", "ISW", "EXC", "ACK", "WRK", "DRW", "ISR", "ISA", "LIC", "TER", "IPA", "COM", "WRI")
) | frozenset(("SPU", "OPU", "SPT", "OPT", "SWR", "OWR", "SWT", "OWT", "PWR", "MAN"))
_SCHEMES: Final = {
    ("ext:IPI database", 11): Scheme.IPI_NAME,
    ("ext:IPI database", 13): Scheme.IPI_BASE,
    ("ext:ISWC (ISO 15707)", 11): Scheme.ISWC,
    ("ext:EAN-13", 13): Scheme.GTIN,
    ("ext:ISNI (ISO 27729)", 16): Scheme.ISNI,
}
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_FORMS: Final = {
    "N": ("is not a number", "write digits only, filled with zeros on the left"),
    "D": ("is no day of the calendar", "write YYYYMMDD, or zeros for none"),
    "T": ("is no time", "write HHMMSS"),
    "B": ("is neither Y nor N", "write Y or N"),
    "F": ("is none of Y, N and U", "write Y, N or U"),
}


class Codes:
    """Check digits of codes, remembered: most codes of a file stand in it many times."""

    def __init__(self) -> None:
        self.good: set[str] = set()
        self._bad: dict[str, str] = {}

    def fault(self, text: str, scheme: Scheme) -> str:
        """Return what is wrong with a code's check digits, "" when nothing is."""
        if text in self.good:
            return ""
        known = self._bad.get(text)
        if known is None:
            known = self._checked(text, scheme)
        return known

    def _checked(self, text: str, scheme: Scheme) -> str:
        try:
            fault = codes.check(scheme, text).warning or ""
        except InputError as error:
            fault = error.message
        if len(self.good) + len(self._bad) >= CWR.remembered_codes_max:
            self.good.clear()
            self._bad.clear()
        if fault:
            self._bad[text] = fault
        else:
            self.good.add(text)
        return fault


def level_of(kind: str, field: Field) -> Level:
    """Return what a wrong value of that field rejects."""
    if kind in FRAME:
        return FRAME[kind] if field.required == "M" else Level.FIELD
    if field.required != "M" and field.note != "share":
        return Level.FIELD
    return Level.TRANSACTION if kind in DECISIVE else Level.RECORD


@cache
def checked_slices(layout: RecordLayout) -> tuple[tuple[slice, frozenset[str], Scheme, Field], ...]:
    """Return of each field with check digits its place, the texts that mean none, its scheme and itself."""
    found = []
    for field in layout.fields:
        scheme = _SCHEMES.get((external_table(field), field.size))
        if scheme is not None:
            none = frozenset((" " * field.size, "0" * field.size, ""))
            found.append((slice(field.start, field.end), none, scheme, field))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """How the fields of a record type are checked: fill its line up to `length`, `match` it, look at its codes."""

    layout: RecordLayout
    length: int
    match: Callable[[str], object]
    digits: tuple[tuple[slice, frozenset[str], Scheme, Field], ...]


def field_plan(layout: RecordLayout) -> FieldPlan:
    """Return the plan of a record type."""
    return FieldPlan(layout, layout.length, record_pattern(layout).fullmatch, checked_slices(layout))


def has_control_characters(text: str) -> bool:
    """Tell whether a text holds what a terminal or a line reader would obey."""
    return _CONTROL.search(text) is not None


def check_digits(record: Record, layout: RecordLayout, field: Field, fault: str, report: Report) -> None:
    """Report the fault of a code's check digits, unless the code is none at all, which the field check says."""
    code = record.raw[field.start : field.end]
    if _field_expression(layout, field).fullmatch(code) is not None:
        remedy = "compare it with its source"
        report.say(record, fault, remedy, rule="check-digit", level=Level.FIELD, field=field)


def check_each_field(record: Record, layout: RecordLayout, report: Report) -> None:
    """Report what is wrong with each field, and with what stands around them."""
    raw = record.raw
    for field in layout.fields:
        text = raw[field.start : field.end].ljust(field.size)
        if _CONTROL.search(text):
            _wrong(report, record, field, "control-character", "holds a control character", "leave it out")
        elif _field_expression(layout, field).fullmatch(text) is None:
            _explain(record, layout, field, text, report)
    if raw[layout.length :].strip(" "):
        message = f"the line has {len(raw)} characters, {layout.kind} of CWR {layout.version} has {layout.length}"
        report.say(record, message, "compare the version of the file", rule="length", level=Level.RECORD)


@cache
def _field_expression(layout: RecordLayout, field: Field) -> re.Pattern[str]:
    return re.compile(field_pattern(layout, field))


def _explain(record: Record, layout: RecordLayout, field: Field, text: str, report: Report) -> None:
    """Say why a field's text is not one that it allows, unless it is right after all."""
    plain = text.strip(" ")
    if not plain:
        if field.required == "M":
            _wrong(report, record, field, "mandatory", "is empty", "it is mandatory: fill it in")
        return
    if field.required != "M" and zero_means_none(field) and not plain.strip("0"):
        return
    if field.note == "blank":
        _wrong(report, record, field, "blank", "should be blank", "leave it blank")
    elif field.note.startswith("="):
        if plain != field.note[1:]:
            _wrong(report, record, field, "constant", f"should be {field.note[1:]}", f"write {field.note[1:]}")
    elif field.note == "share":
        _wrong(
            report, record, field, "share", "is no share of 0 to 100 percent", "write five digits: 100.00 % is 10000"
        )
    elif _is_ipi_in_sender_type(record, field, plain):
        return
    elif field.fmt in _FORMS and not _is_leap_day(field, plain):
        _wrong(report, record, field, "format", *_FORMS[field.fmt])
    elif field.fmt not in _FORMS and external_table(field):
        _explain_code(record, field, report)


def _explain_code(record: Record, field: Field, report: Report) -> None:
    if field.size in EXTERNAL.get(external_table(field), {}):
        name = external_table(field).removeprefix("ext:")
        _wrong(report, record, field, "code", f"is no code of {name}", "compare it with its source, or leave it out")
    elif not field.table.startswith("ext:"):
        table = field.table.replace("|", " or ")
        _wrong(report, record, field, "lookup", f"is not in the table {table}", "use a code of the table")


def _wrong(report: Report, record: Record, field: Field, rule: str, message: str, remedy: str) -> None:
    report.say(record, message, remedy, rule=rule, level=level_of(record.kind, field), field=field)


def _is_ipi_in_sender_type(record: Record, field: Field, text: str) -> bool:
    """Tell whether this is the first two digits of an IPI name number of eleven (2.1 revision 8, 2.2 revision 2)."""
    return record.kind == "HDR" and field.name == "sender_type" and text.isdigit()


def _is_leap_day(field: Field, text: str) -> bool:
    if field.fmt != "D" or not (text.isascii() and text.isdigit() and len(text) == 8 and text.endswith("0229")):
        return False
    year = int(text[:4])
    return year >= 1000 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
