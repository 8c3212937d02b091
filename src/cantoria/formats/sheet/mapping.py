"""A mapping: which columns of a table become which fields. A JSON value that a person can keep and edit.

{"cantoria_mapping": 1, "kind": "recordings", "columns": {"title": "Track", "key": ["id", "disc", "no"]}}
"""

from __future__ import annotations

import json
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from cantoria.formats.limits import SHEET
from cantoria.formats.sheet.fields import FIELDS, Kind, field_of
from cantoria.formats.sheet.rows import SEPARATORS
from cantoria.formats.sheet.text import ENCODINGS
from cantoria.kernel.errors import InputError

VERSION: Final = 1
DurationUnit = Literal["clock", "s", "ms"]
ShareUnit = Literal["percent", "fraction"]
_MARK: Final = "cantoria_mapping"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """How a table is read.

    `columns` goes from fields to headings (several only for a key), `constants` from fields to a text that stands in
    every row. `header_line` is the line of the headings (0: none, columns are called `column 1` …). Headings of
    `fill_down` keep the value of the row above where a cell is blank. `sheet`, `encoding` and `separator` are
    empty where they are to be found out.
    """

    kind: Kind
    columns: Map[str, tuple[str, ...]]
    constants: Map[str, str] = field(default_factory=dict)
    sheet: str = ""
    header_line: int = 1
    encoding: str = ""
    separator: str = ""
    duration: DurationUnit = "clock"
    shares: ShareUnit = "percent"
    fill_down: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, headings in self.columns.items():
            known = field_of(self.kind, name)
            if known is None:
                raise _wrong(f"{name[:40]!r} is no field of {self.kind}", _fields(self.kind))
            if not headings or (len(headings) > 1 and not known.several):
                raise _wrong(f"{name} is mapped to {len(headings)} columns", "map it to one")
        for name in self.constants:
            if field_of(self.kind, name) is None or name in self.columns:
                raise _wrong(f"{name[:40]!r} cannot be a constant here", _fields(self.kind))
        if self.header_line < 0 or self.encoding not in ("", *ENCODINGS) or self.separator not in ("", *SEPARATORS):
            raise _wrong(
                "header_line, encoding or separator is none that is read", f"encodings: {', '.join(ENCODINGS)}"
            )
        if self.duration not in get_args(DurationUnit) or self.shares not in get_args(ShareUnit):
            raise _wrong("the unit of durations or shares is not known", "clock, s or ms; percent or fraction")
        if not self.columns:
            raise _wrong("nothing is mapped", _fields(self.kind))

    def as_json(self) -> dict[str, Any]:
        """Return the mapping as a JSON value, without what is as by default."""
        value: dict[str, Any] = {
            _MARK: VERSION,
            "kind": self.kind.value,
            "columns": {name: one[0] if len(one) == 1 else list(one) for name, one in self.columns.items()},
            "header_line": self.header_line,
        }
        more = {
            "constants": dict(self.constants),
            "sheet": self.sheet,
            "encoding": self.encoding,
            "separator": self.separator,
            "duration": self.duration if "duration" in self.columns else "",
            "shares": self.shares if {"performing", "mechanical", "share"} & set(self.columns) else "",
            "fill_down": list(self.fill_down),
        }
        return value | {name: one for name, one in more.items() if one}

    def text(self) -> str:
        """Return the mapping as JSON text."""
        return json.dumps(self.as_json(), ensure_ascii=False, indent=2) + "\n"


def parse(text: str) -> Mapping:
    """Return the mapping that a JSON text holds; `InputError` where it is none."""
    if len(text) > SHEET.mapping_chars_max:
        raise _wrong(f"it has {len(text)} characters", f"at most {SHEET.mapping_chars_max} are read")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _wrong("it is not JSON", "write it by --suggest, and edit that") from error
    return from_json(value)


def from_json(value: Any) -> Mapping:
    """Return the mapping that a JSON value says; `InputError` where it is none."""
    if not isinstance(value, dict) or value.get(_MARK) != VERSION:
        raise _wrong(f"it does not begin with {_MARK} {VERSION}", "write it by --suggest, and edit that")
    known = {_MARK, "kind", "columns", "constants", "sheet", "header_line", "encoding", "separator", "duration"}
    unknown = sorted(str(name) for name in set(value) - known - {"shares", "fill_down"})
    if unknown:
        raise _wrong(f"{unknown[0][:40]!r} means nothing in it", "leave it away")
    if value.get("kind") not in list(Kind):
        raise _wrong(f"its kind is {str(value.get('kind'))[:40]!r}", f"one of {', '.join(Kind)}")
    header = value.get("header_line", 1)
    if not isinstance(header, int) or isinstance(header, bool):
        raise _wrong("header_line is not a number", "write the line of the headings, or 0")
    return Mapping(
        kind=Kind(value["kind"]),
        columns={_text(name): _texts(one) for name, one in _object(value, "columns").items()},
        constants={_text(name): _text(one) for name, one in _object(value, "constants").items()},
        sheet=_text(value.get("sheet", "")),
        header_line=header,
        encoding=_text(value.get("encoding", "")),
        separator=_text(value.get("separator", "")),
        duration=value.get("duration", "clock"),
        shares=value.get("shares", "percent"),
        fill_down=_texts(value.get("fill_down", [])),
    )


def headings_of(cells: Sequence[str]) -> tuple[str, ...]:
    """Return what the columns under a heading line are called: each once, and those without a heading by place."""
    found: list[str] = []
    for place, cell in enumerate(cells, 1):
        heading = " ".join(cell.split()) or f"column {place}"
        number, name = 1, heading
        while name in found:
            number += 1
            name = f"{heading} ({number})"
        found.append(name)
    return tuple(found)


def _object(value: dict[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name, {})
    if not isinstance(found, dict):
        raise _wrong(f"{name} is no object", f"write {name} as {{field: heading}}")
    return found


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong(f"{str(value)[:40]!r} is no text", "write names and headings as text")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        raise _wrong(f"{str(value)[:40]!r} is no heading", "write a heading, or a list of headings")
    return tuple(map(_text, value))


def _fields(kind: Kind) -> str:
    return f"the fields of {kind} are {', '.join(one.name for one in FIELDS[kind])}"


def _wrong(message: str, remedy: str) -> InputError:
    return InputError(f"this mapping cannot be used: {message}", remedy)
