"""Tables without facts: manifests of datasets to be cleared, and plays."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Final

from cantoria.clearance.types import Row
from cantoria.formats.csvfamily.cells import Cells, code_key, wrong
from cantoria.formats.csvfamily.columns import Table
from cantoria.formats.csvfamily.reading import Broken, Record, Sheet, check_mapping, split_mapping
from cantoria.formats.csvfamily.tables import MANIFEST, PLAYS
from cantoria.formats.signals.rows import COLUMNS as SIGNAL_COLUMNS
from cantoria.formats.signals.rows import RowSignals, read_cells
from cantoria.formats.types import Counts, Finding, Severity
from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import format_moment
from cantoria.registry.types import Side
from cantoria.usage.types import ID_CHARS_MAX, PLAYS_MAX, UsageLine

_NO_SIGNALS: Final = RowSignals()
_CODES: Final = ("isrc", "iswc", "uci", "youtube_asset", "iscc", "gtin", "grid")


@dataclass(frozen=True, slots=True)
class ManifestRead:
    """The rows of a dataset; a row whose codes cannot be read is among them, without codes.

    `signals` has, by line, what outside signals beside the row say. A licence is shown with the answer and changes
    none; what refuses a use is in the row itself (`Row.refused`) and tightens its answer (spec/signals.md).
    """

    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    counts: Counts
    signals: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlaysRead:
    """The usage lines of a file, as sent: duplicates are settled when the lines are taken in."""

    lines: tuple[UsageLine, ...]
    findings: tuple[Finding, ...]
    counts: Counts


def read_manifest(data: bytes, *, file: str, namespace: str, renamed: Mapping[str, str] | None = None) -> ManifestRead:
    """Return the rows of a manifest by their numbers; own codes without a namespace are the sender's, in `namespace`.

    A row that cannot be read or has a malformed code stays in the dataset without codes, so that it is answered (not
    found) and never vanishes. Only a row that repeats the number of another is refused.

    `renamed` reads a foreign file: from this table's columns to its headings, `=` before what stands for every cell.
    Raises `InputError` for a file or mapping that cannot be used at all.
    """
    sheet, constants = _open(data, file, MANIFEST, renamed)
    findings = [*_without_codes(sheet, constants), *sheet.findings]
    rows: dict[int, Row] = {}
    signals: dict[int, str] = {}
    refused = 0
    for item in sheet.records():
        row, found = _row(sheet, item, constants, namespace)
        findings += found
        if row.line in rows:
            refused += 1
            line = item.line if isinstance(item, Record) else item.finding.line
            message = "another row has this number already"
            findings.append(
                sheet.finding(line, message, remedy="number each row once", field="line", value=str(row.line))
            )
        else:
            if isinstance(item, Record):
                beside = _beside({**constants, **item.cells}, file)
                findings += [replace(finding, line=item.line) for finding in beside.findings]
                row = replace(row, refused=beside.refused) if beside.refused else row
                signals |= {row.line: beside.says} if beside.says else {}
            rows[row.line] = row
    counts = Counts(received=len(rows) + refused, registered=len(rows), refused=refused)
    return ManifestRead(tuple(rows[line] for line in sorted(rows)), tuple(findings), counts, signals)


def _beside(cells: Mapping[str, str], file: str) -> RowSignals:
    """Return what stands beside a row; rows without any signal cost nothing, and those with the same one little."""
    given = tuple(cells.get(name, "") for name in SIGNAL_COLUMNS)
    return _read_beside(given, file) if any(given) else _NO_SIGNALS


@lru_cache(maxsize=1_024)
def _read_beside(cells: tuple[str, ...], file: str) -> RowSignals:
    return read_cells(dict(zip(SIGNAL_COLUMNS, cells, strict=True)), file=file)


def _without_codes(sheet: Sheet, constants: Mapping[str, str]) -> list[Finding]:
    if {*_CODES, "own"} & {*sheet.columns, *constants}:
        return []
    remedy = "name the columns of codes as in manifest.csv, or map them: --map isrc=THEIRS"
    message = "no column holds codes, so no row will be found"
    return [sheet.finding(1, message, remedy=remedy, severity=Severity.WARNING)]


def _row(
    sheet: Sheet, item: Record | Broken, constants: Mapping[str, str], namespace: str
) -> tuple[Row, list[Finding]]:
    if isinstance(item, Broken):
        return Row(item.number, ()), [item.finding]
    cells = Cells(Record(item.line, item.number, {**constants, **item.cells}), grouped=True)
    number = item.number
    warnings: list[tuple[str, str, str]] = []
    try:
        number = cells.number("line") or number
        media = cells.choice("media", Side, Side.RECORDING)
        own = [_own(text, namespace, warnings) for text in cells.listed("own")]
        keys = (*cells.codes(_CODES, warn=warnings), *own)
    except InputError as error:
        found = sheet.finding(
            item.line,
            f"{error.message}; the row is in the dataset, and will not be found",
            remedy=error.remedy,
            field=error.context.get("field", ""),
            value=error.context.get("value", ""),
            severity=Severity.WARNING,
        )
        return Row(number, ()), [found]
    findings = [
        sheet.finding(item.line, warning, remedy="check the code", field=field, value=value, severity=Severity.WARNING)
        for field, value, warning in warnings
    ]
    return Row(number, tuple(dict.fromkeys(keys)), media.value), findings


def _own(text: str, namespace: str, warnings: list[tuple[str, str, str]]) -> str:
    return code_key("own", f"own:{text}" if ":" in text else f"own:{namespace}:{text}", warn=warnings)


def read_plays(
    data: bytes, *, file: str, now: int | None = None, renamed: Mapping[str, str] | None = None
) -> PlaysRead:
    """Return the usage lines of a file of plays; dates after `now` (UTC microseconds), where given, are refused.

    With `renamed`, numbers may have thousands commas, and a line without any number of plays is passed over. Lines
    without an id of their own are named after file, mapping and line, so that two columns of one file are two reports.
    Raises `InputError` for a file or mapping that cannot be used at all.
    """
    sheet, constants = _open(data, file, PLAYS, renamed)
    origin = _origin(data, renamed)
    findings = list(sheet.findings)
    lines: list[UsageLine] = []
    refused = passed_over = 0
    for item in sheet.records():
        if isinstance(item, Broken):
            refused += 1
            findings.append(item.finding)
            continue
        cells = Cells(Record(item.line, item.number, {**constants, **item.cells}), grouped=renamed is not None)
        if renamed is not None and not cells.text("plays"):
            passed_over += 1
            continue
        try:
            lines.append(_line(cells, f"{origin}:{item.line}", now))
        except InputError as error:
            refused += 1
            findings.append(
                sheet.finding(
                    item.line,
                    error.message,
                    remedy=error.remedy,
                    field=error.context.get("field", ""),
                    value=error.context.get("value", ""),
                )
            )
    if passed_over:
        message = f"rows without a number of {(renamed or {})['plays']!r}, passed over: {passed_over:,}"
        findings.append(sheet.finding(0, message, remedy="", severity=Severity.INFO))
    received = len(lines) + refused + passed_over
    counts = Counts(received=received, registered=len(lines), refused=refused, passed_over=passed_over)
    return PlaysRead(tuple(lines), tuple(findings), counts)


def _open(data: bytes, file: str, table: Table, renamed: Mapping[str, str] | None) -> tuple[Sheet, dict[str, str]]:
    """Open a sheet, foreign where `renamed` is given; return it with the cells that stand in every row."""
    if renamed is not None:
        needed = [column.name for column in table.columns if column.required]
        check_mapping(renamed, table=table.name, known=[column.name for column in table.columns], needed=needed)
    columns, constants = split_mapping(renamed)
    return Sheet(data, file=file, table=table, renamed=columns), constants


def _origin(data: bytes, renamed: Mapping[str, str] | None) -> str:
    digest = hashlib.sha256(data)
    if renamed is not None:
        digest.update(canonical.encode(dict(renamed)))
    return digest.hexdigest()[:16]


def _line(cells: Cells, default_id: str, now: int | None) -> UsageLine:
    event = cells.text("event", default_id)
    if len(event) > ID_CHARS_MAX or not event.isprintable():
        raise wrong("event", event, "this cannot be an id", f"use up to {ID_CHARS_MAX} printable characters")
    plays = cells.number("plays") if cells.needed("plays") else None
    if plays is None or not 0 < plays <= PLAYS_MAX:
        raise wrong("plays", cells.text("plays"), f"plays are between 1 and {PLAYS_MAX}", "correct the number")
    day = _day(cells, now)
    code = cells.needed("code")
    return UsageLine(event, _code(code), cells.territory(), day, plays)


def _code(text: str) -> str:
    key = code_key("code", text if ":" in text else f"isrc:{text}", warn=[])
    if len(key) > ID_CHARS_MAX or " " in key:
        raise wrong("code", text, "a code of plays has no spaces and is not that long", "use another code of it")
    return key


def _day(cells: Cells, now: int | None) -> str:
    text = cells.needed("date")
    try:
        day = date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise wrong("date", text, "this is not a date", "write 2026-11-20") from error
    if now is not None and day > format_moment(now)[:10]:
        raise wrong("date", text, "the date is in the future", "report plays after they took place")
    return day
