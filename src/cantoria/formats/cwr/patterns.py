"""One regular expression for a whole record: what matches it has no fault in any field.

What does not match may still be right; `fields` looks at it field by field and says what is wrong. Lookups are in the
expression as tries of their codes, so that a record costs one match.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from cantoria.codes._societies import SOCIETIES
from cantoria.formats.cwr._codes import CODES
from cantoria.formats.cwr.layout import Field, RecordLayout
from cantoria.kernel._tis import TERRITORIES

DATE: Final = (
    "(?:[12][0-9]{3}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])(?:29|30)|(?:0[13578]|1[02])31))"
)
TIME: Final = "(?:[0-9]{2}[0-5][0-9][0-5][0-9])"
SHARE: Final = "(?:0[0-9]{4}|10000)"
EXTERNAL: Final = {
    "ext:IPI database": {11: "[0-9]{11}", 13: "I-[0-9]{9}-[0-9]"},
    "ext:ISWC (ISO 15707)": {11: "T[0-9]{10}"},
    "ext:ISRC (ISO 3901)": {12: "[A-Z]{2}[A-Z0-9]{3}[0-9]{7}"},
    "ext:ISRC": {12: "[A-Z]{2}[A-Z0-9]{3}[0-9]{7}"},
    "ext:EAN-13": {13: "[0-9]{13}"},
    "ext:ISNI (ISO 27729)": {16: "[0-9]{15}[0-9X]"},
}
_FLAGS: Final = {"B": "[YN]", "F": "[YNU]"}
# Codes that senders use and that no table of ours holds (layout notes of the specifications).
_ALSO: Final = {
    ("ACK", "original_transaction_type"): ("HDR", "TRL"),
    ("XRF", "organisation_code"): ("ISW", "ISR"),
}
# The tables hold other spellings than files do: UTF-8 in 3.x, revision 000 for 0.
_UNTABULATED: Final = ("Character Set", "CWR Revision Number")


@cache
def codes_of(table: str, major: str) -> frozenset[str] | None:
    """Return the codes of a lookup table, or of either where `|` names two; None when it is not held here."""
    found: set[str] = set()
    for name in table.split("|"):
        if name == "society":
            found.update(row[0] for row in SOCIETIES)
        elif name == "territory":
            found.update(row[0] for row in TERRITORIES)
        elif name in CODES[major]:
            found.update(CODES[major][name].split())
        else:
            return None
    return frozenset(found)


@cache
def spelled(layout: RecordLayout, field: Field) -> frozenset[str] | None:
    """Return every text of the field's full width that its lookup allows; None when there is no lookup."""
    looked_up = field.table not in ("", *_UNTABULATED) and field.fmt in "ALSN"
    codes = codes_of(field.table, layout.version[0]) if looked_up else None
    if codes is None:
        return None
    codes |= frozenset(_ALSO.get((layout.kind, field.name), ()))
    found = {code.ljust(field.size) for code in codes if len(code) <= field.size}
    if field.table == "Dialect Code":  # ISO 639-2 in small letters; files write capitals
        found |= {text.upper() for text in found}
    if "society" in field.table.split("|"):
        found |= _societies(codes, field.size)
    return frozenset(found)


def _societies(codes: frozenset[str], size: int) -> set[str]:
    """Return the ways in which senders write society codes: with leading zeros, without, at either side."""
    found: set[str] = set()
    for code in codes:
        if code.isdigit() and code.strip("0"):
            short = code.lstrip("0")
            found |= {short.rjust(size), short.zfill(size), short.ljust(size), code.ljust(size), code.rjust(size)}
    return {text for text in found if len(text) == size}


@cache
def record_pattern(layout: RecordLayout) -> re.Pattern[str]:
    """Return the expression that every faultless record of that layout matches, filled up to its length."""
    start = re.escape(layout.kind) + ("[0-9]{16}" if layout.prefixed else "")
    return re.compile(start + "".join(field_pattern(layout, field) for field in layout.fields) + " *")


def field_pattern(layout: RecordLayout, field: Field) -> str:
    """Return the expression of one field; it allows nothing that is wrong."""
    valid = _valid(layout, field)
    if field.note == "blank":
        return f" {{{field.size}}}"
    if field.note.startswith("="):
        valid = re.escape(field.note[1:].ljust(field.size))
    if valid is None:
        return f"[^ ].{{{field.size - 1}}}" if field.required == "M" else f".{{{field.size}}}"
    if field.required == "M":
        return valid
    zeros = f"|0{{{field.size}}}" if zero_means_none(field) else ""
    return f"(?: {{{field.size}}}{zeros}|{valid})"


def zero_means_none(field: Field) -> bool:
    """Tell whether senders fill the field with zeros when they have nothing to say."""
    return field.fmt in "DNT" or external_table(field).startswith("ext:") or "society" in field.table


def external_table(field: Field) -> str:
    """Return the field's table; that of ISWC too where 2.x takes it for text."""
    return "ext:ISWC (ISO 15707)" if field.name.startswith("iswc") and field.size == 11 else field.table


def _valid(layout: RecordLayout, field: Field) -> str | None:
    """Return the expression of what the field may hold; None for any text."""
    texts = spelled(layout, field)
    if texts is not None:
        return _trie(texts)
    if field.note == "share":
        return SHARE
    if field.fmt in _FLAGS:
        return _FLAGS[field.fmt]
    if field.fmt == "D":
        return DATE
    if field.fmt == "T":
        return TIME
    outside = EXTERNAL.get(external_table(field), {}).get(field.size)
    if outside is not None:
        return outside
    return f"[0-9]{{{field.size}}}" if field.fmt == "N" else None


def _trie(texts: Iterable[str]) -> str:
    """Return an expression for these texts of one length that tries few of them."""
    by_first: dict[str, set[str]] = {}
    for text in texts:
        by_first.setdefault(text[0], set()).add(text[1:])
    if by_first and all(rests == {""} for rests in by_first.values()):
        return _one_of(by_first)
    by_rest: dict[str, list[str]] = {}
    for first, rests in sorted(by_first.items()):
        by_rest.setdefault(_trie(rests), []).append(first)
    parts = [_one_of(firsts) + rest for rest, firsts in sorted(by_rest.items(), key=lambda item: item[1])]
    return parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"


def _one_of(signs: Iterable[str]) -> str:
    found = sorted(signs)
    return re.escape(found[0]) if len(found) == 1 else f"[{''.join(re.escape(sign) for sign in found)}]"
