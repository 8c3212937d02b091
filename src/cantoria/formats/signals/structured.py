"""Structured fields for HTTP (RFC 9651): dictionaries, as `Content-Usage` and its rule in robots.txt are written.

A field that breaks the grammar anywhere says nothing at all (section 4.2). A key that is given twice keeps both of its
values here, because of two preferences the stricter counts; the RFC alone would keep the last.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from cantoria.kernel.errors import InputError

_KEY: Final = re.compile(r"[a-z*][a-z0-9_\-.*]*")
_TOKEN: Final = re.compile(r"[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*")
_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,3})?")
_STRING: Final = re.compile(r'"(?:[ !#-\[\]-~]|\\["\\])*"')
_BYTES: Final = re.compile(r":[A-Za-z0-9+/=]*:")
_DISPLAY: Final = re.compile(r'%"(?:[ !#$&-~]|%[0-9a-f]{2})*"')
_DATE: Final = re.compile(r"@-?[0-9]{1,15}")
_ITEMS: Final = (_STRING, _DISPLAY, _BYTES, _DATE, _NUMBER, _TOKEN)
MEMBERS_MAX: Final = 256


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a dictionary: its key, its value as written (`?1` for a key alone), and its parameters."""

    key: str
    value: str
    parameters: tuple[tuple[str, str], ...] = ()


def dictionary(text: str) -> tuple[Member, ...]:
    """Return the members of a dictionary in order, or raise `InputError` with the place at fault."""
    reader = _Reader(text)
    return tuple(reader.members())


class _Reader:
    __slots__ = ("_at", "_text")

    def __init__(self, text: str) -> None:
        self._text, self._at = text.strip(" \t"), 0

    def members(self) -> list[Member]:
        found: list[Member] = []
        while self._at < len(self._text):
            found.append(self._member())
            if len(found) > MEMBERS_MAX:
                raise InputError(f"more than {MEMBERS_MAX} members", "no such field has")
            self._space("\t ")
            if self._at == len(self._text):
                break
            self._expect(",")
            self._space("\t ")
            if self._at == len(self._text):
                raise self._wrong("a comma at the end")
        return found

    def _member(self) -> Member:
        key = self._match(_KEY, "a key")
        value = self._value() if self._take("=") else "?1"
        return Member(key, value, self._parameters())

    def _parameters(self) -> tuple[tuple[str, str], ...]:
        found = []
        while self._take(";"):
            self._space(" ")
            name = self._match(_KEY, "the name of a parameter")
            found.append((name, self._item() if self._take("=") else "?1"))
        return tuple(found)

    def _value(self) -> str:
        if not self._take("("):
            return self._item()
        start = self._at - 1
        while True:
            self._space(" ")
            if self._take(")"):
                return self._text[start : self._at]
            self._item()
            self._parameters()
            if self._text[self._at : self._at + 1] not in (" ", ")"):
                raise self._wrong("an inner list that does not end")

    def _item(self) -> str:
        if self._text[self._at : self._at + 2] in ("?0", "?1"):
            self._at += 2
            return self._text[self._at - 2 : self._at]
        for form in _ITEMS:
            match = form.match(self._text, self._at)
            if match:
                self._at = match.end()
                return match[0]
        raise self._wrong("no value")

    def _match(self, form: re.Pattern[str], what: str) -> str:
        match = form.match(self._text, self._at)
        if match is None:
            raise self._wrong(f"not {what}")
        self._at = match.end()
        return match[0]

    def _take(self, sign: str) -> bool:
        if not self._text.startswith(sign, self._at):
            return False
        self._at += 1
        return True

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise self._wrong(f"no {sign!r}")

    def _space(self, signs: str) -> None:
        while self._text[self._at : self._at + 1] and self._text[self._at] in signs:
            self._at += 1

    def _wrong(self, what: str) -> InputError:
        return InputError(f"{what} at character {self._at + 1}", "write it as RFC 9651 lays it out")
