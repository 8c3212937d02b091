"""A statement as CSV for spreadsheets and as one HTML file for people: no scripts, nothing fetched, all escaped."""

from __future__ import annotations

import csv
import io
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from cantoria.kernel.spreadsheet import as_text

COLUMNS: Final = (
    "pool",
    "period",
    "state",
    "subject",
    "title",
    "leg",
    "units",
    "pool_units",
    "pool_amount",
    "subject_amount",
    "share",
    "low",
    "high",
    "amount",
    "previously",
    "difference",
    "distance_fine",
    "currency",
)
_TEXT: Final = frozenset({"pool", "period", "state", "subject", "title", "leg"})
LEGS: Final = {"work": "For the work", "recording": "For the recording", "performers": "The performers' own leg"}


def to_csv(statement: Any) -> str:
    """Return the lines as CSV (RFC 4180, UTF-8, header first). Text that a spreadsheet would take for a formula is
    preceded by an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in statement["lines"]:
        values = {**(line["because"] or {}), **line, "currency": statement["currency"]}
        writer.writerow([_cell(column, values.get(column, "")) for column in COLUMNS])
    return out.getvalue()


def _cell(column: str, value: Any) -> str:
    text = str(value)
    return as_text(text) if column in _TEXT else text


def grouped(amount: Any) -> str:
    """Return a decimal number with commas between the thousands of its whole part."""
    whole, point, rest = str(amount).partition(".")
    digits = whole.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal()):
        return str(amount)
    return f"{whole[: -len(digits)]}{int(digits):,}{point}{rest}"


def to_html(statement: Any) -> str:
    """Return the statement as one accessible HTML file in which every amount opens to how it came about."""
    return _template().render(statement=statement, legs=LEGS)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("cantoria.royalty", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["grouped"] = grouped
    return environment.get_template("statement.html.j2")
