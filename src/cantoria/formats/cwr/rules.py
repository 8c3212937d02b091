"""Rules for single records: fields that are mandatory only where another field says something.

Facts from CISAC CWR19-1070R1 and CWR22-0478; those that reject a transaction are the ones without which nobody can say
who a share belongs to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cantoria.formats.cwr.layout import Field, RecordLayout
from cantoria.formats.cwr.records import Level, Record
from cantoria.formats.cwr.report import Report


@dataclass(frozen=True, slots=True)
class Needed:
    """`field` must be filled in where the field `given` holds one of `values` (any, when there are none);
    with `unless`, where it does not."""

    kinds: str
    field: str
    given: str
    values: tuple[str, ...] = ()
    unless: bool = False
    level: Level = Level.FIELD


NEEDED: Final = (
    Needed("NWR REV WRK", "duration", "musical_work_distribution_category", ("SER",)),
    Needed("NWR REV WRK", "music_arrangement", "version_type", ("MOD",)),
    Needed("NWR REV WRK", "lyric_adaptation", "version_type", ("MOD",)),
    Needed("NWR REV WRK", "composite_component_count", "composite_type"),
    Needed("OPU", "publisher_name", "publisher_unknown_indicator", ("Y",), unless=True, level=Level.TRANSACTION),
    Needed("OWR", "writer_last_name", "writer_unknown_indicator", ("Y",), unless=True, level=Level.TRANSACTION),
    Needed("AGR", "prior_royalty_start_date", "prior_royalty_status", ("D",), level=Level.TRANSACTION),
    Needed("AGR", "post_term_collection_end_date", "post_term_collection_status", ("D",), level=Level.TRANSACTION),
    Needed("AGR", "sales_manufacture_clause", "agreement_type", ("OS", "PS")),
    Needed("ALT", "language_code", "title_type", ("OL", "AL")),
    Needed("ORN", "library", "intended_purpose", ("LIB",)),
    Needed("ORN", "production_title", "intended_purpose", ("FIL", "TEL", "RAD", "THR", "VID")),
    Needed("INS", "instrumentation_description", "standard_instrumentation_type", (" " * 3,)),
    Needed("ACK", "creation_title", "original_transaction_type", ("NWR", "REV", "WRK", "EXC", "ISW")),
)
_UNKNOWN: Final = {"SPU": "publisher_unknown_indicator", "SWR": "writer_unknown_indicator"}

Check = Callable[[Record, Report], None]


def record_checks(layout: RecordLayout) -> tuple[Check, ...]:
    """Return the checks of a record type beyond its single fields."""
    by_name = {field.name: field for field in layout.fields}
    checks: list[Check] = []
    for rule in NEEDED:
        if layout.kind in rule.kinds.split() and rule.field in by_name and rule.given in by_name:
            checks.append(_needed(rule, by_name[rule.field], by_name[rule.given]))
    known = by_name.get(_UNKNOWN.get(layout.kind, ""))
    if known is not None:
        checks.append(_known(known))
    return tuple(checks)


def _needed(rule: Needed, field: Field, given: Field) -> Check:
    place, other = slice(field.start, field.end), slice(given.start, given.end)
    empty = " 0" if field.fmt in "DNT" else " "
    values = frozenset(value.ljust(given.size) for value in rule.values)

    def check(record: Record, report: Report) -> None:
        raw = record.raw
        if raw[place].strip(empty):
            return
        text = raw[other].ljust(given.size)
        asked = (text in values) is not rule.unless if values else bool(text.strip(" "))
        if asked:
            told = f"{given.name} {text.strip(' ')!r}" if text.strip(" ") else f"an empty {given.name}"
            message = f"is empty, and {told} asks for it"
            report.say(record, message, "fill it in", rule="conditional", level=rule.level, field=field)

    return check


def _known(field: Field) -> Check:
    def check(record: Record, report: Report) -> None:
        if record.raw[field.start : field.end] == "Y":
            message = "is Y, but a party that the submitter controls is known"
            report.say(record, message, "leave it blank", rule="unknown-party", level=Level.FIELD, field=field)

    return check
