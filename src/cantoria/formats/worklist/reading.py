"""Read a work list: bytes → entries, one per work, in constant memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from cantoria.formats.entries.types import Entry, Outcome
from cantoria.formats.limits import SHEET, SheetLimits
from cantoria.formats.sheet.fields import plain
from cantoria.formats.sheet.komca import komca_code
from cantoria.formats.sheet.opening import Notes, Opened, open_table
from cantoria.formats.sheet.rows import Broken, Row
from cantoria.formats.sheet.text import Readable
from cantoria.formats.types import Severity
from cantoria.formats.worklist.headings import Layout, is_heading_line, layout
from cantoria.formats.worklist.works import Draft, Holder, make
from cantoria.kernel.errors import InputError

FORMAT: Final = "worklist"
_HEADER_ROWS: Final = 30
_TOTALS: Final = frozenset({"합계", "총계", "소계", "계", "total"})
_OF_WORK: Final = ("code", "key", "title", "iswc")
_UNTOLD: Final = {"artist": "the singer", "published": "the date of publication"}


def read(stream: Readable, *, file: str, sheet: str = "", limits: SheetLimits = SHEET) -> Iterator[Entry]:
    """Give an entry for each work of a list (CSV in UTF-8 or CP949, or a workbook; `sheet` names one of its sheets).

    Rows of one work that follow each other are one record, and so is a row that cannot be read. Raises `InputError`
    for a file without the headings of a work list.
    """
    table = open_table(stream, file=file, sheet=sheet, limits=limits)
    form, rows = _opened(table, file)
    notes = Notes(table.name, form.places())
    notes.tell_others(table, 1)
    if form.unread:
        message = f"{len(form.unread)} columns are not read: their headings mean nothing in a work list"
        remedy = "see the reference for the headings, or map the list by `import sheet`"
        notes.add(1, message, remedy, field="headings", value=", ".join(form.unread), severity=Severity.INFO)
    if table.sheet:
        rows = _without_remarks(rows, len(form.headings))
    yield from _Desk(notes, limits).entries(_drafts(rows, form, limits))


def _without_remarks(rows: Iterator[Row | Broken], width: int) -> Iterator[Row | Broken]:
    """Give the rows of a sheet without what somebody wrote beside the table."""
    for row in rows:
        yield row if isinstance(row, Broken) else Row(row.line, row.cells[:width])


def _opened(table: Opened, file: str) -> tuple[Layout, Iterator[Row | Broken]]:
    """Return the layout of a list, and its rows from the first below the headings on."""
    head = list(islice(table.rows, _HEADER_ROWS))
    for place, row in enumerate(head):
        if isinstance(row, Broken):
            continue
        below = head[place + 1] if place + 1 < len(head) else None
        if isinstance(below, Row) and is_heading_line(below.cells):
            form = layout(row.cells, below.cells)
            if form is not None:
                return form, chain(head[place + 2 :], table.rows)
        form = layout(row.cells)
        if form is not None:
            return form, chain(head[place + 1 :], table.rows)
    raise InputError(
        f"{file} has no headings of a work list in its first {_HEADER_ROWS} rows",
        "it needs 저작물코드, 저작물명 and columns of holders; or map it by `import sheet`",
    )


def _drafts(rows: Iterator[Row | Broken], form: Layout, limits: SheetLimits) -> Iterator[Draft | Broken]:
    """Give the works of a list: rows that follow each other and name the same work, or no work, are one."""
    draft: Draft | None = None
    for row in rows:
        if isinstance(row, Broken):
            yield row
            continue
        if len(row.cells) > len(form.headings):
            yield Broken(row.line, f"the row has {len(row.cells)} cells, the headings are {len(form.headings)}")
            continue
        cells, holders = _parts(row, form)
        if draft is not None and not form.wide and _continues(draft, cells):
            draft.cells = {**cells, **draft.cells}
            draft.holders += holders
            if len(draft.holders) > limits.group_rows_max:
                yield Broken(draft.line, f"the work has more than {limits.group_rows_max} rows")
                draft = None
            continue
        if draft is not None:
            yield draft
        draft = Draft(row.line, cells, holders)
    if draft is not None:
        yield draft


def _parts(row: Row, form: Layout) -> tuple[dict[str, str], list[Holder]]:
    """Return what a row says of the work, and its holders, each with the cells of one group of columns."""
    cells: dict[str, str] = {}
    held: dict[tuple[object, int], dict[str, str]] = {}
    for place, column in form.columns.items():
        text = row.cells[place] if place < len(row.cells) else ""
        if not text:
            continue
        if column.holder:
            held.setdefault((column.role, column.number), {}).setdefault(column.field, text)
        else:
            cells.setdefault(column.field, text)
    holders = [Holder(row.line, held[group], group[0]) for group in form.groups if _says_something(held.get(group, {}))]
    return cells, holders


def _says_something(cells: dict[str, str]) -> bool:
    """Tell whether a group of columns holds a holder: wide lists have a 0 in the shares of groups they leave empty."""
    return any(name in cells for name in ("name", "holder", "ipi", "role")) or any(
        text.strip("0.% ") for text in cells.values()
    )


def _continues(draft: Draft, cells: dict[str, str]) -> bool:
    """Tell whether a row goes on with the work of the rows before: it repeats what identifies it, or leaves it
    blank."""
    if "code" in cells and "code" in draft.cells:
        sent, before = cells["code"], draft.cells["code"]
        return (komca_code(sent) or sent) == (komca_code(before) or before)
    return all(cells[name] == draft.cells.get(name) for name in _OF_WORK if name in cells)


class _Desk:
    """Turns drafts into entries; remembers which works were seen."""

    def __init__(self, notes: Notes, limits: SheetLimits) -> None:
        self._notes, self._limits = notes, limits
        self._seen: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._untold = dict(_UNTOLD)

    def entries(self, drafts: Iterator[Draft | Broken]) -> Iterator[Entry]:
        """Give the entry of each work or broken row."""
        for draft in drafts:
            if isinstance(draft, Broken):
                remedy = "correct the row and send it again"
                self._notes.add(draft.line, draft.why, remedy, severity=Severity.ERROR)
                yield self._entry(draft.line, Outcome.REFUSED)
            else:
                yield self._work(draft)

    def _work(self, draft: Draft) -> Entry:
        title = draft.cells.get("title") or draft.cells.get("code", "")
        if plain(title) in _TOTALS:
            return self._entry(draft.line, Outcome.PASSED_OVER, "a line of totals is no work", Severity.INFO)
        identity = "\0".join(draft.cells.get(name, "") for name in _OF_WORK)
        content = draft.content()
        before = self._seen.get(identity)
        self._seen[identity] = (content, draft.line)
        if len(self._seen) > self._limits.remembered_max:
            self._seen.popitem(last=False)
        if before is not None and before[0] == content:
            told = f"the same work stands on line {before[1]}; it counts once"
            return self._entry(draft.line, Outcome.DUPLICATE, told, Severity.WARNING)
        if before is not None:
            message = f"the work stands on line {before[1]} too, with other content; both are taken"
            self._notes.add(draft.line, message, "keep the rows of a work together", field="title", value=title)
        made = make(draft, self._notes)
        if made is None:
            return self._entry(draft.line, Outcome.REFUSED)
        self._tell_once(draft, recording=bool(made.recordings))
        return Entry(
            line=draft.line,
            kind="work",
            parties=made.parties,
            works=(made.work,),
            recordings=made.recordings,
            findings=self._notes.take(),
        )

    def _tell_once(self, draft: Draft, *, recording: bool) -> None:
        """Say once a file what of a work list is not recorded."""
        for name in [name for name in self._untold if name in draft.cells and not (name == "artist" and recording)]:
            message = f"{self._untold.pop(name)} is not recorded: nothing of the registry of works holds it"
            remedy = "send recordings with their ISRC" if name == "artist" else "keep it in your list"
            value = draft.cells[name]
            self._notes.add(draft.line, message, remedy, field=name, value=value, severity=Severity.INFO)

    def _entry(self, line: int, outcome: Outcome, message: str = "", severity: Severity = Severity.ERROR) -> Entry:
        if message:
            self._notes.add(line, message, "nothing needs to be done", severity=severity)
        return Entry(line=line, kind="work", outcome=outcome, findings=self._notes.take())
