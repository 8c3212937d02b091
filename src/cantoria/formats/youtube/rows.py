"""A row of a report as cells by column, and what all reports read alike: codes, lists and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from cantoria import codes
from cantoria.codes import Scheme
from cantoria.formats.entries.types import Code
from cantoria.formats.sheet.opening import Notes
from cantoria.kernel.errors import InputError

_LIST: Final = re.compile(r"[|,;]")
_PLACES: Final = re.compile(r"[|,;\s]+")


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a row that are not empty, by column name, with the line of the row."""

    line: int
    cells: Mapping[str, str]
    notes: Notes

    def text(self, name: str) -> str:
        """Return a cell, empty where there is none."""
        return self.cells.get(name, "")

    def first(self, *names: str) -> str:
        """Return the first of these cells that is not empty."""
        return next((self.cells[name] for name in names if name in self.cells), "")

    def listed(self, name: str) -> tuple[str, ...]:
        """Return the items of a cell that may list several codes; a code may hold spaces."""
        return tuple(dict.fromkeys(filter(None, map(str.strip, _LIST.split(self.text(name))))))

    def places(self, name: str) -> tuple[str, ...]:
        """Return the countries that a cell lists."""
        return tuple(dict.fromkeys(filter(None, _PLACES.split(self.text(name)))))

    def number(self, name: str) -> int:
        """Return a whole number, 0 where there is none."""
        text = self.text(name).replace(",", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else 0

    def codes(self, scheme: Scheme, *names: str) -> Iterator[Code]:
        """Give the codes of a scheme in these columns, each once; what is none becomes a finding at its cell."""
        seen: set[str] = set()
        for name in names:
            for text in self.listed(name):
                try:
                    value = codes.check(scheme, text).value
                except InputError as error:
                    self.note(f"{error.message}; it is left out", error.remedy, field=name, value=text)
                    continue
                if value not in seen:
                    seen.add(value)
                    yield scheme.value, value

    def note(self, message: str, remedy: str, *, field: str = "", value: str = "") -> None:
        """Add a warning at a cell of the row."""
        self.notes.add(self.line, message, remedy, field=field, value=value)
