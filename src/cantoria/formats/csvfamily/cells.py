"""Cells read as what they mean; what cannot be read is an `InputError` that names field, value and remedy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Final, TypeVar

from cantoria import codes
from cantoria.codes import Scheme
from cantoria.formats.csvfamily.reading import Record
from cantoria.formats.limits import CSV
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.money import Money
from cantoria.kernel.periods import ALWAYS, TIME_MIN, Period, parse_moment
from cantoria.kernel.territories import WORLD
from cantoria.kernel.uses import FAMILIES, Use

KEY_CHARS_MAX: Final = 128
_USES: Final = {use.value: use for use in Use}
_SCHEMES: Final = {scheme.value: scheme for scheme in Scheme}
_YES_NO: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_PERCENT: Final = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,12}))? ?%?")
_FRACTION: Final = re.compile(r"([0-9]{1,12}) ?/ ?([0-9]{1,12})")
_NUMBER: Final = re.compile(r"[0-9]{1,15}")
_GROUPED: Final = re.compile(r"([0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,15})(?:\.0+)?")
_HEX_KEY: Final = re.compile(r"[0-9a-f]{64}")

E = TypeVar("E", bound=Enum)


@cache
def _members(kind: type[Enum]) -> dict[str, Enum]:
    return {str(member.value).lower(): member for member in kind}


def wrong(field: str, value: str, message: str, remedy: str) -> InputError:
    """Return the error for a cell; the reader turns it into a finding at its place."""
    return InputError(message, remedy, {"field": field, "value": value})


class Cells:
    """The cells of one record by their meaning."""

    __slots__ = ("_cells", "grouped", "record")

    def __init__(self, record: Record, *, grouped: bool = False) -> None:
        """Read `record`; `grouped` allows numbers with thousands commas (foreign files)."""
        self.record, self._cells, self.grouped = record, record.cells, grouped

    def text(self, name: str, default: str = "") -> str:
        """Return the cell as it stands."""
        return self._cells.get(name, default)

    def needed(self, name: str) -> str:
        """Return a cell that must not be empty."""
        text = self._cells.get(name)
        if text is None:
            raise wrong(name, "", "the cell is empty", f"fill in {name}")
        return text

    def key(self, name: str) -> str:
        """Return one of the sender's own keys."""
        return own_key(name, self.needed(name))

    def listed(self, name: str) -> tuple[str, ...]:
        """Return the items of a list cell, without empty ones, each once, in order."""
        items = tuple(dict.fromkeys(part.strip() for part in self.text(name).split("|") if part.strip()))
        if len(items) > CSV.list_items_max:
            raise wrong(name, f"{len(items)} items", "the list is too long", f"at most {CSV.list_items_max} items")
        return items

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a yes/no cell."""
        text = self.text(name)
        if not text:
            return default
        if text.lower() not in _YES_NO:
            raise wrong(name, text, "the cell is neither yes nor no", "write yes or no")
        return _YES_NO[text.lower()]

    def number(self, name: str) -> int | None:
        """Return a whole number that is not negative, or None for an empty cell."""
        text = self.text(name)
        if not text:
            return None
        match = _GROUPED.fullmatch(text) if self.grouped else _NUMBER.fullmatch(text)
        if match is None:
            raise wrong(name, text, "the cell is not a whole number from 0 up", "write digits only, such as 1204")
        return int((match[1] if self.grouped else match[0]).replace(",", ""))

    def choice(self, name: str, kind: type[E], default: E | None = None) -> E:
        """Return a member of an enumeration by its value, in any case of letters."""
        text = self.text(name) if default is not None else self.needed(name)
        if not text and default is not None:
            return default
        by_name = _members(kind)
        chosen = by_name.get(text.lower().replace(" ", "_"))
        if not isinstance(chosen, kind):
            raise wrong(name, text, f"unknown {name}", f"use one of {', '.join(by_name)}")
        return chosen

    def territory(self, name: str = "territory", *, needed: bool = False) -> str:
        """Return a territory expression that means something."""
        text = self.needed(name) if needed else self.text(name, WORLD)
        try:
            return territories.canonical(text)
        except InputError as error:
            raise wrong(name, text, error.message, error.remedy) from error

    def period(self) -> Period:
        """Return the period from `from` (included) to `to` (excluded)."""
        start, end = self.moment("from"), self.moment("to")
        if start is None and end is None:
            return ALWAYS
        try:
            return Period(TIME_MIN if start is None else start, end)
        except InputError as error:
            raise wrong("to", self.text("to"), error.message, error.remedy) from error

    def moment(self, name: str) -> int | None:
        """Return a date or time in UTC microseconds, or None for an empty cell."""
        text = self.text(name)
        if not text:
            return None
        try:
            return parse_moment(text)
        except InputError as error:
            raise wrong(name, text, error.message, error.remedy) from error

    def share(self, name: str) -> Fraction | None:
        """Return an exact share of 1 from percent or a fraction, or None for an empty cell."""
        text = self.text(name)
        if not text:
            return None
        share = _share(text)
        if share is None or not 0 <= share <= 1:
            raise wrong(name, text, "the share is not between 0 and 100 percent", "write 33.3333 (percent) or 1/3")
        return share

    def uses(self, name: str, *, families: bool) -> frozenset[Use]:
        """Return the uses listed; names of families only where they are allowed."""
        found: set[Use] = set()
        self.needed(name)
        for text in self.listed(name):
            if text in FAMILIES and families:
                found |= FAMILIES[text]
            elif text in _USES:
                found.add(_USES[text])
            else:
                known = ", ".join((*Use, *FAMILIES)) if families else ", ".join(Use)
                raise wrong(name, text, "unknown use" if families else "not the name of one use", f"use {known}")
        return frozenset(found)

    def money(self, name: str) -> Money | None:
        """Return `0.05 EUR` as money, or None for an empty cell."""
        text = self.text(name)
        if not text:
            return None
        amount, _, currency = text.partition(" ")
        try:
            money = Money.parse(amount, currency.strip())
        except InputError as error:
            raise wrong(name, text, error.message, "write 0.05 EUR") from error
        if money.fine < 0:
            raise wrong(name, text, "the price is negative", "write a price of zero or more")
        return money

    def signing_key(self, name: str) -> str:
        """Return an Ed25519 public key as 64 hex digits, or nothing."""
        text = self.text(name).lower()
        if text and not _HEX_KEY.fullmatch(text):
            raise wrong(name, text, "the cell is not an Ed25519 public key", "write its 32 bytes as 64 hex digits")
        return text

    def codes(self, names: Sequence[str], *, warn: list[tuple[str, str, str]]) -> tuple[str, ...]:
        """Return the keys of all codes in the columns `names`; `codes` holds codes with their scheme.

        Codes that are kept although their check fails are added to `warn` as (field, value, warning).
        """
        keys: list[str] = []
        for name in names:
            for text in self.listed(name):
                scheme, value = _split(name, text) if name == "codes" else (Scheme(name), text)
                keys.append(_checked(name, scheme, value, warn))
        return tuple(dict.fromkeys(keys))


def own_key(field: str, text: str) -> str:
    """Return a sender's own key: printable, not too long, without the signs that mean something else."""
    if len(text) > KEY_CHARS_MAX or not text.isprintable() or "|" in text or ":" in text:
        raise wrong(field, text, "this cannot be a key", f"use up to {KEY_CHARS_MAX} printable characters, no | or :")
    return text


def code_key(field: str, text: str, *, warn: list[tuple[str, str, str]]) -> str:
    """Return the key of a code that is written with its scheme."""
    scheme, value = _split(field, text)
    return _checked(field, scheme, value, warn)


def _split(field: str, text: str) -> tuple[Scheme, str]:
    name, colon, value = text.partition(":")
    if not colon or name.lower() not in _SCHEMES:
        raise wrong(field, text, "this is no code with a scheme", f"write SCHEME:CODE, with {', '.join(Scheme)}")
    return _SCHEMES[name.lower()], value


def _checked(field: str, scheme: Scheme, value: str, warn: list[tuple[str, str, str]]) -> str:
    try:
        checked = codes.check(scheme, value)
    except InputError as error:
        raise wrong(field, value, error.message, error.remedy) from error
    if checked.warning:
        warn.append((field, value, checked.warning))
    return f"{scheme.value}:{checked.value}"


def _share(text: str) -> Fraction | None:
    percent = _PERCENT.fullmatch(text)
    if percent is not None:
        digits = percent[2] or ""
        return Fraction(int(percent[1] + digits), 100 * 10 ** len(digits))
    fraction = _FRACTION.fullmatch(text)
    if fraction is None or int(fraction[2]) == 0:
        return None
    return Fraction(int(fraction[1]), int(fraction[2]))
