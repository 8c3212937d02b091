"""From the cells of a row to the code keys by which it is judged, bounded and without ever failing.

ISRC, else ISWC, else another code: all codes of a row go to the judge together, which weighs them so. A cell that
cannot be read makes its row unknown, whatever else stands there; it never raises and never passes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from cantoria import codes
from cantoria.codes import Scheme
from cantoria.codes.shape import INPUT_CHARS_MAX
from cantoria.kernel.errors import InputError
from cantoria.kernel.uses import Use
from cantoria.registry.resolve import CODES_MAX
from cantoria.sdk.gate.marks import REFUSED, GateReason

Codes = str | tuple[str, ...] | int
"""How a row is identified: one code key, several, or a mark already made because there is none to look up."""

SCHEMES: Final = ("isrc", "iswc", "uci", "youtube_asset", "iscc", "gtin", "grid", "own")
SHA256: Final = "sha256"  # of the sound file: registered as the own code `SHA256:<hex>`
KEYS: Final = "codes"  # a column of whole keys such as isrc:KRA381900123
NAMES: Final = ("title", "artist")
MEDIA: Final = "media"
# What may stand beside a row and refuse a use of it (spec/signals.md).
SIGNALS: Final = ("licence", "tdm_reservation", "tdm_policy", "content_usage", "training_mining", "robots_tag")
ROLES: Final = (*SCHEMES, SHA256, KEYS, *NAMES, MEDIA, *SIGNALS)
_ALSO: Final = {"licence": ("licence", "license")}
SIGNAL_CHARS_MAX: Final = 1 << 16
CELL_CHARS_MAX: Final = CODES_MAX * INPUT_CHARS_MAX
_ISRC: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}").fullmatch
_HEX: Final = re.compile(r"[0-9a-fA-F]{64}").fullmatch
_NO_CODE, _BAD, _MANY = int(GateReason.NO_CODE), int(GateReason.BAD_CODE), int(GateReason.TOO_MANY_CODES)
_CHUNK: Final = 1 << 20
Cell = Callable[[Any], Codes]


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what: `of` maps a role (a scheme, `sha256`, `codes`, `title`, `artist`, `media`) to the names
    of columns. `given` says that a person named them, so that each must be there."""

    of: Mapping[str, tuple[str, ...]]
    given: bool

    @property
    def codes(self) -> tuple[tuple[str, str], ...]:
        """The columns of codes with their roles, in order of weight."""
        return tuple((role, name) for role in (*SCHEMES, SHA256, KEYS) for name in self.of.get(role, ()))

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of titles and artists."""
        return tuple(name for role in NAMES for name in self.of.get(role, ()))

    @property
    def media(self) -> tuple[str, ...]:
        """The columns that tell the medium."""
        return self.of.get(MEDIA, ())

    @property
    def signals(self) -> tuple[tuple[str, str], ...]:
        """The columns of signals beside a row, with their roles."""
        return tuple((role, name) for role in SIGNALS for name in self.of.get(role, ()))

    @property
    def all(self) -> tuple[str, ...]:
        """Every column that the gate reads, each once."""
        beside = (name for _, name in self.signals)
        return tuple(dict.fromkeys((*(name for _, name in self.codes), *self.names, *self.media, *beside)))

    def missing(self, present: Sequence[str]) -> tuple[str, ...]:
        """Return the columns that a person named and that are not among `present`."""
        return tuple(name for name in self.all if name not in present) if self.given else ()


def columns_of(columns: Mapping[str, str | Sequence[str]] | None) -> Columns:
    """Return the mapping of roles to columns; by default a column is what it is called. `InputError` for an unknown
    role, and for a mapping that names no codes."""
    if columns is None:
        return Columns(MappingProxyType({role: _ALSO.get(role, (role,)) for role in ROLES}), given=False)
    found: dict[str, tuple[str, ...]] = {}
    for role, names in sorted(columns.items()):
        if role not in ROLES:
            raise InputError(f"columns: {role!r:.60} is no kind of code", f"use {', '.join(ROLES)}, as kind: column")
        found[role] = (names,) if isinstance(names, str) else tuple(names)
    made = Columns(MappingProxyType(found), given=True)
    if not made.codes and not made.names:
        raise InputError("columns: no column of codes", "name one, such as columns={'isrc': 'ISRC'}")
    return made


def reader(columns: Columns, *, media: str, uses: frozenset[Use]) -> Reader:
    """Return what reads rows by these columns for a gate of this medium; a signal beside a row that refuses one of the
    uses denies the row."""
    return Reader(columns, media, uses, tuple((name, cell_of(role)) for role, name in columns.codes))


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads rows into `Codes`."""

    columns: Columns
    media: str
    uses: frozenset[Use]
    cells: tuple[tuple[str, Cell], ...]

    def row(self, row: Mapping[str, Any]) -> Codes:
        """Return how one row, by column, is identified; a key that it lacks is an empty cell."""
        return self.rows([row])[0]

    def rows(self, rows: Sequence[Mapping[str, Any]]) -> list[Codes]:
        """Return how each of many rows is identified, as `row` does, column by column."""
        present = set().union(*rows)
        names = [name for name in self.columns.all if self.columns.given or name in present]
        if not names:
            return [_NO_CODE] * len(rows)
        return self.batch({name: [row.get(name) for row in rows] for name in names}, rows=len(rows))

    def batch(self, batch: Mapping[str, Sequence[Any]], *, rows: int) -> list[Codes]:
        """Return how each of so many rows, in columns, is identified."""
        present = list(batch)
        if self.columns.missing(present) or not any(name in batch for name in self.columns.all):
            return [int(GateReason.NO_COLUMN)] * rows
        cells = [(batch[name], cell) for name, cell in self.cells if name in batch]
        if len(cells) == 1:
            values, cell = cells[0]
            read = [cell(value) for value in values]
        else:
            read = [
                combined([cell(value) for value, (_, cell) in zip(row, cells, strict=True) if value is not None])
                for row in zip(*(values for values, _ in cells), strict=True)
            ]
        return self._beside(read or [_NO_CODE] * rows, batch)

    def _beside(self, read: list[Codes], batch: Mapping[str, Sequence[Any]]) -> list[Codes]:
        """Tell rows that have a name at least, and those of another medium."""
        for name in self.columns.names:
            if name in batch and _NO_CODE in read:
                pairs = zip(read, batch[name], strict=True)
                read = [int(GateReason.NAME_ONLY) if one == _NO_CODE and _said(cell) else one for one, cell in pairs]
        for name in self.columns.media:
            if name in batch:
                pairs = zip(read, batch[name], strict=True)
                read = [int(GateReason.OTHER_MEDIA) if _other(cell, self.media) else one for one, cell in pairs]
        beside = [(role, batch[name]) for role, name in self.columns.signals if name in batch]
        if beside:
            roles = tuple(role for role, _ in beside)
            told = zip(*(values for _, values in beside), strict=True)
            read = [
                REFUSED if any(cells) and not self.uses.isdisjoint(_refused(roles, cells)) else one
                for one, cells in zip(read, (tuple(map(_signal_text, row)) for row in told), strict=True)
            ]
        return read


def combined(cells: Sequence[Codes]) -> Codes:
    """Return how a row with these cells is identified: one that cannot be read spoils the row."""
    if len(cells) == 1:
        return cells[0]
    found: list[str] = []
    for cell in cells:
        if type(cell) is str:
            found.append(cell)
        elif isinstance(cell, tuple):
            found.extend(cell)
        elif cell != _NO_CODE:
            return cell
    return _several(found)


def _several(keys: Sequence[str]) -> Codes:
    distinct = sorted(set(keys))
    if len(distinct) > CODES_MAX:
        return _MANY
    return tuple(distinct) if len(distinct) > 1 else distinct[0] if distinct else _NO_CODE


@lru_cache(maxsize=64)
def cell_of(role: str) -> Cell:
    """Return what reads a cell of a role."""
    if role == "isrc":
        return _isrc
    return lambda value: _cell(role, value)


def _isrc(value: Any) -> Codes:
    # Most cells are an ISRC in its stored form: one look, no more.
    if type(value) is str and _ISRC(value):
        return "isrc:" + value
    return _cell("isrc", value)


def _cell(role: str, value: Any) -> Codes:
    """Return the codes in a cell: text, several with `|` between them, or a list."""
    if value is None or value != value:  # the second is a NaN, the empty cell of tables of numbers
        return _NO_CODE
    if isinstance(value, bytes):
        if len(value) > CELL_CHARS_MAX:
            return _MANY
        value = value.decode("utf-8", errors="replace")
    if isinstance(value, str):
        if len(value) > CELL_CHARS_MAX:
            return _MANY
        return _texts(role, value.split("|") if "|" in value else (value,))
    if hasattr(value, "tolist") and hasattr(value, "__len__"):  # an array of a numeric library
        return _cell(role, value.tolist()) if len(value) <= CODES_MAX else _MANY
    if isinstance(value, list | tuple):
        if len(value) > CODES_MAX:
            return _MANY
        return combined([_NO_CODE, *(_BAD if isinstance(one, list | tuple) else _cell(role, one) for one in value)])
    return _BAD


def _texts(role: str, texts: Sequence[str]) -> Codes:
    if len(texts) > CODES_MAX:
        return _MANY
    found: list[str] = []
    for text in texts:
        stripped = text.strip()
        if stripped:
            if role == "isrc" and _ISRC(stripped):
                found.append("isrc:" + stripped)
                continue
            key = _key(role, stripped) if len(stripped) <= INPUT_CHARS_MAX else None
            if key is None:
                return _BAD
            found.append(key)
    return _several(found)


@lru_cache(maxsize=65_536)
def _key(role: str, text: str) -> str | None:
    """Return the key of a code in its stored form, None where it cannot be read."""
    try:
        if role == KEYS:
            scheme, _, value = text.partition(":")
            return codes.key(scheme.lower(), value) if scheme.lower() in SCHEMES else None
        if role == SHA256:
            return f"{Scheme.OWN}:SHA256:{text.lower()}" if _HEX(text) else None
        return codes.key(role, text)
    except InputError:
        return None


def file_key(path: str | Path) -> str:
    """Return the key of a sound file by its bytes, `own:SHA256:…`, as a registry links it to its recording."""
    digest = sha256()
    with Path(path).open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return f"{Scheme.OWN}:SHA256:{digest.hexdigest()}"


def _signal_text(value: Any) -> str:
    """Return a cell of a signal as text; what is no text says nothing, what is too long stands for a refusal."""
    if isinstance(value, bytes):
        value = value[: SIGNAL_CHARS_MAX + 1].decode("utf-8", errors="replace")
    if type(value) is int:
        return str(value)
    return value if isinstance(value, str) else ""


@lru_cache(maxsize=65_536)
def _refused(roles: tuple[str, ...], cells: tuple[str, ...]) -> frozenset[Use]:
    """Return the uses that the signals in these cells refuse; all of them where a cell is too long to be looked at."""
    from cantoria.formats.signals.rows import read_cells

    if any(len(text) > SIGNAL_CHARS_MAX for text in cells):
        return frozenset(Use)
    found: dict[str, str] = {}
    for role, text in zip(roles, cells, strict=True):
        found.setdefault(role, text)
        if text:
            found[role] = text
    return read_cells(found, file="row").refused


def _said(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _other(value: Any, media: str) -> bool:
    return value is not None and value == value and value != "" and value != media
