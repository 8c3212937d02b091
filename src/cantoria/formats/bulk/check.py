"""Rows of a large table checked in columns: what can be registered, in stored form, and a finding for what cannot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from cantoria import codes
from cantoria.codes import Scheme
from cantoria.formats.bulk.batch import KEY
from cantoria.formats.bulk.source import Chunk
from cantoria.formats.limits import BULK
from cantoria.formats.types import Finding
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import uuid_of
from cantoria.registry.bulk import CODES_MAX
from cantoria.registry.bulk_facts import BatchTable
from cantoria.registry.types import Relation

LOST: Final = "\ufffd"  # what stands for bytes that are no text
_CONTROL: Final = r"[\x00-\x1f\x7f]"
_ISRC: Final = "^[A-Z]{2}[A-Z0-9]{3}[0-9]{7}$"
_WORK: Final = "^work_[0-7][0-9a-hjkmnp-tv-z]{25}$"
_DIGITS: Final = "^[0-9]{1,9}$"
_RELATIONS: Final = tuple(one.value for one in Relation)
Faults = dict[int, tuple[str, str, str, str]]  # row → field, value, message, remedy


@dataclass(frozen=True, slots=True)
class Checked:
    """The rows of a chunk that are sound, and a finding for each of the others. Texts are trimmed and in NFC, codes in
    stored form: `isrc` or `iswc` (or nothing), `codes` and `works` as lists, `key` the first code key of the row."""

    rows: pa.Table
    findings: tuple[Finding, ...]


def check(chunk: Chunk, *, file: str, table: BatchTable) -> Checked:
    """Return what of a chunk can be registered."""
    desk = _Desk(chunk.rows)
    found = desk.links() if table is BatchTable.LINKS else desk.things(table)
    findings = [
        Finding(file=file, line=line, field=name, value=value[:100], message=message, remedy=remedy)
        for line, (name, value, message, remedy) in desk.by_line()
    ]
    sound = found if not desk.faults else found.filter(desk.sound())
    return Checked(sound, tuple(sorted([*chunk.malformed, *findings], key=lambda one: one.line)))


class _Desk:
    """One chunk on its way through the checks; the first fault of a row counts."""

    def __init__(self, rows: pa.Table) -> None:
        self.rows = rows.combine_chunks()
        self.count = rows.num_rows
        self.faults: Faults = {}

    def by_line(self) -> list[tuple[int, tuple[str, str, str, str]]]:
        lines = self.rows.column("line")
        return [(lines[row].as_py(), fault) for row, fault in sorted(self.faults.items())]

    def sound(self) -> Any:
        mask = [True] * self.count
        for row in self.faults:
            mask[row] = False
        return pa.array(mask)

    def things(self, table: BatchTable) -> pa.Table:
        """Return recordings or works."""
        texts = {"title": self.text("title", needed=True)}
        if table is BatchTable.RECORDINGS:
            texts |= {name: self.text(name) for name in ("display_artist", "version")}
        key = KEY[table]
        chief = self.isrc() if key == "isrc" else self.distinct(self.cells("iswc"), "iswc", _iswc)
        more = self.lists("codes", _code_key)
        columns = {"line": self.rows.column("line"), **texts, key: chief, "codes": more}
        if table is BatchTable.RECORDINGS:
            columns["duration_ms"] = self.durations()
            columns["works"] = self.lists("works", _work_id)
            columns["iswc"] = self.lists("iswc", _iswc)
        columns["key"] = self.keys(key, chief, more)
        return pa.table(columns)

    def links(self) -> pa.Table:
        """Return links."""
        left, right = (self.distinct(self.text(name, needed=True), name, _node) for name in ("left", "right"))
        relation = self.distinct(self.text("relation", needed=True), "relation", _relation)
        return pa.table({"line": self.rows.column("line"), "left": left, "relation": relation, "right": right})

    def cells(self, name: str) -> Any:
        """Return a column, trimmed; empty where the file has none."""
        if name not in self.rows.column_names:
            return pa.array([""] * self.count, pa.string())
        return _whole(pc.utf8_trim_whitespace(self.rows.column(name)))

    def text(self, name: str, *, needed: bool = False) -> Any:
        """Return a column of text in NFC."""
        cells = pc.utf8_normalize(self.cells(name), form="NFC")
        if needed:
            self.note(pc.equal(cells, ""), name, cells, "is missing", "every row needs one")
        long = pc.greater(pc.utf8_length(cells), BULK.text_chars_max)
        self.note(long, name, cells, f"has more than {BULK.text_chars_max} characters", "shorten it")
        self.note(pc.match_substring_regex(cells, _CONTROL), name, cells, "holds control characters", "remove them")
        lost = pc.match_substring(cells, LOST)
        self.note(lost, name, cells, "holds characters that were lost, or is not in UTF-8", "save the file as UTF-8")
        return cells

    def isrc(self) -> Any:
        """Return the ISRCs in stored form, nothing where there is none."""
        given = self.cells("isrc")
        stored = pc.replace_substring_regex(pc.utf8_upper(given), "[ -]", "")
        good = pc.match_substring_regex(stored, _ISRC)
        odd = pc.and_(pc.invert(good), pc.not_equal(given, ""))
        if pc.any(odd).as_py():
            # The slow road, for full-width letters and the like.
            mended = self.distinct(pc.if_else(odd, given, ""), "isrc", _isrc)
            stored = pc.if_else(odd, mended, stored)
        return _whole(pc.if_else(pc.equal(stored, ""), pa.scalar(None, pa.string()), stored))

    def durations(self) -> Any:
        cells = self.cells("duration_ms")
        empty = pc.equal(cells, "")
        good = pc.match_substring_regex(cells, _DIGITS)
        self.note(pc.invert(pc.or_(empty, good)), "duration_ms", cells, "is no duration", "give whole milliseconds")
        numbers = pc.if_else(good, cells, pa.scalar(None, pa.string())).cast(pa.int64())
        self.note(
            pc.fill_null(pc.greater(numbers, BULK.duration_ms_max), False),
            "duration_ms",
            cells,
            "is longer than a day",
            "give milliseconds",
        )
        return numbers

    def distinct(self, cells: Any, name: str, mend: Any) -> Any:
        """Return the values in stored form, each distinct one brought there once; empty ones become nothing."""
        coded = pc.dictionary_encode(cells)
        stored: list[str | None] = []
        wrong: dict[int, tuple[str, str]] = {}
        for number, value in enumerate(coded.dictionary.to_pylist()):
            try:
                stored.append(mend(value) if value else None)
            except InputError as error:
                wrong[number] = (error.message, error.remedy)
                stored.append(None)
        if wrong:
            mask = pc.is_in(coded.indices, value_set=pa.array(list(wrong), coded.indices.type))
            for row in _true_rows(mask):
                message, remedy = wrong[coded.indices[row].as_py()]
                self.faults.setdefault(row, (name, cells[row].as_py(), message, remedy))
        return _whole(pc.take(pa.array(stored, pa.string()), coded.indices))

    def lists(self, name: str, mend: Any) -> Any:
        """Return the values between semicolons, each in stored form, once and in order."""
        cells = self.cells(name)
        coded = pc.dictionary_encode(cells)
        kind = pa.list_(pa.string())
        if len(coded.dictionary) == 1 and coded.dictionary[0].as_py() == "":
            return pa.array([[]], kind).take(pa.array([0] * self.count, pa.int32()))
        found: list[list[str]] = []
        wrong: dict[int, tuple[str, str]] = {}
        for number, value in enumerate(coded.dictionary.to_pylist()):
            found.append([])
            try:
                parts = [part.strip() for part in value.split(";") if part.strip()]
                if len(parts) > CODES_MAX:
                    raise InputError(f"holds {len(parts)} values", f"at most {CODES_MAX}")
                found[-1] = list(dict.fromkeys(mend(part) for part in parts))
            except InputError as error:
                wrong[number] = (error.message, error.remedy)
        if wrong:
            mask = pc.is_in(coded.indices, value_set=pa.array(list(wrong), coded.indices.type))
            for row in _true_rows(mask):
                message, remedy = wrong[coded.indices[row].as_py()]
                self.faults.setdefault(row, (name, cells[row].as_py(), message, remedy))
        return pa.array(found, kind).take(coded.indices)

    def keys(self, scheme: str, chief: Any, more: Any) -> Any:
        """Return the first code key of each row; a row without any code can never be found again."""
        prefixed = pc.binary_join_element_wise(pa.scalar(scheme), chief, ":")
        first = pc.if_else(pc.greater(pc.list_value_length(more), 0), pc.list_element(_padded(more), 0), None)
        keys = _whole(pc.coalesce(prefixed, first))
        self.note(pc.is_null(keys), scheme, keys, "the row has no code", f"give an {scheme.upper()} or another code")
        return keys

    def note(self, mask: Any, name: str, cells: Any, message: str, remedy: str) -> None:
        """Note a fault of the rows in a mask."""
        if pc.any(mask).as_py():
            for row in _true_rows(mask):
                self.faults.setdefault(row, (name, cells[row].as_py() or "", message, remedy))


def _padded(lists: Any) -> Any:
    """Return lists with at least one element each, so that the first can be taken."""
    empty = pa.array([[""]], lists.type).take(pa.array([0] * len(lists), pa.int32()))
    return pc.if_else(pc.greater(pc.list_value_length(lists), 0), lists, empty)


def _whole(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _true_rows(mask: Any) -> list[int]:
    rows: list[int] = pc.indices_nonzero(mask).to_pylist()
    return rows


def _isrc(text: str) -> str:
    return codes.check(Scheme.ISRC, text).value


def _iswc(text: str) -> str:
    checked = codes.check(Scheme.ISWC, text)
    if checked.warning:
        raise InputError(checked.warning, "look it up again")
    return checked.value


def _code_key(text: str) -> str:
    scheme, _, value = text.partition(":")
    return codes.key(scheme, value)


def _work_id(text: str) -> str:
    uuid_of(text, prefix="work")
    return text


def _node(text: str) -> str:
    """Return an id of ours or a code key in stored form."""
    return _code_key(text) if ":" in text else text


def _relation(text: str) -> str:
    if text not in _RELATIONS:
        raise InputError("is no relation", "one of " + ", ".join(_RELATIONS))
    return text
