"""`cantoria import sheet`: somebody else's table in, by a mapping that is proposed, shown, edited and kept."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cantoria.adapters.files import open_regular
from cantoria.app.delivery import Entries
from cantoria.app.previewing import known_things
from cantoria.cli import delivering
from cantoria.cli.console import WIDTH_MAX, emit, page, say, table
from cantoria.cli.importing import DRY, FINDINGS, NAMESPACE
from cantoria.cli.state import author, house
from cantoria.formats import sheet as sheets
from cantoria.formats.limits import SHEET
from cantoria.formats.sheet import Difference, Kind, Mapping, State
from cantoria.kernel.errors import InputError
from cantoria.kernel.shown import shown

ROWS: Final = 200
_STYLES: Final = {
    State.NEW: "green",
    State.CHANGED: "yellow",
    State.SAME: "dim",
    State.REFUSED: "red",
    State.DUPLICATE: "magenta",
    State.PASSED_OVER: "dim",
}
_MARKS: Final = {State.NEW: "+", State.CHANGED: "~", State.SAME: "=", State.REFUSED: "✘", State.DUPLICATE: "2"}
_SAMPLES: Final = 3
_SHOWN_CHARS: Final = 40


def sheet(
    file: Annotated[Path, typer.Argument(help="Excel, OpenDocument, CSV or TSV.", exists=True, dir_okay=False)],
    mapping: Annotated[Path | None, typer.Option(help="A mapping that was kept by --save.")] = None,
    change: Annotated[
        list[str] | None,
        typer.Option("--set", help="FIELD=HEADING; FIELD==TEXT for a text in every row; FIELD= for nothing. Again."),
    ] = None,
    kind: Annotated[str, typer.Option(help=f"What the rows are: {', '.join(Kind)}; found out when empty.")] = "",
    name: Annotated[str, typer.Option("--sheet", help="Of a workbook: the name of the sheet.")] = "",
    suggest: Annotated[bool, typer.Option("--suggest", help="Only show the mapping proposed.")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Only show what would change.")] = False,
    rows: Annotated[int, typer.Option(help="How many rows a preview looks at; 0 for all.")] = ROWS,
    save: Annotated[Path | None, typer.Option(help="Keep the mapping in this file.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Take the mapping as proposed, without asking.")] = False,
    namespace: NAMESPACE = "",
    findings: FINDINGS = None,
    dry_run: DRY = False,
    again: Annotated[bool, typer.Option("--again", help="Read a file anew that was taken in whole before.")] = False,
) -> None:
    """Read somebody else's table by a mapping of its columns. Without --mapping one is proposed; on a terminal you are
    asked about each field. Exit 1 on refused rows.

    Example: cantoria --as bluelabel import sheet catalogue.xlsx --suggest --save catalogue.json

    Example: cantoria --as bluelabel import sheet catalogue.xlsx --mapping catalogue.json --preview
    """
    form, sample = proposed(file, mapping, kind=kind, name=name)
    asks = sys.stdin.isatty() and mapping is None and not (suggest or yes or preview)
    form = changed(form, change or [])
    if asks:
        show_mapping(form, sample)
        form = asked(form, sample)
    if save is not None:
        save.write_text(form.text(), encoding="utf-8")
        say(f"the mapping is kept in {escape(shown(str(save)))}")
    if suggest:
        emit(form.as_json(), text=lambda: show_mapping(form, sample))
        return
    if preview or asks:
        show_preview(file, form, namespace=namespace, rows=rows)
        if preview or not typer.confirm("Read it in?", default=False):
            return
    elif mapping is None and not yes:
        raise InputError(
            "nobody has looked at the mapping proposed",
            "see it by --suggest, then give --yes, or keep it by --save and give it as --mapping",
        )
    read = partial(sheets.read, mapping=form)
    delivering.run(
        [file],
        lambda by: Entries(sheets.FORMAT, read),
        namespace=namespace,
        findings=findings,
        dry_run=dry_run,
        again=again,
    )


def proposed(
    file: Path, mapping: Path | None, *, kind: str = "", name: str = ""
) -> tuple[Mapping, tuple[tuple[str, ...], ...]]:
    """Return the mapping that was kept in `mapping`, else the one that the table itself suggests; with the first rows
    of the table, headings first."""
    if kind and kind not in list(Kind):
        raise InputError(f"{kind[:40]!r} is no kind of row", f"use one of {', '.join(Kind)}")
    wanted = Kind(kind) if kind else None
    if mapping is None:
        with open_regular(file, bytes_max=delivering.FILE_BYTES_MAX) as stream:
            return sheets.suggest_for(stream, file=file.name, sheet=name, kind=wanted)
    with open_regular(mapping, bytes_max=SHEET.mapping_chars_max) as stream:
        try:
            form = sheets.parse(stream.read().decode("utf-8"))
        except UnicodeDecodeError as error:
            raise InputError(f"{mapping.name} is not UTF-8", "keep the mapping as UTF-8") from error
    return replace(form, sheet=name or form.sheet), ()


def changed(form: Mapping, pairs: Sequence[str]) -> Mapping:
    """Return the mapping with FIELD=HEADING, FIELD==TEXT and FIELD= applied; a key may be given again, to be made of
    several columns."""
    columns, constants = dict(form.columns), dict(form.constants)
    given: set[str] = set()
    for text in pairs:
        field, separator, value = (part.strip() for part in text.partition("="))
        if not separator or not field:
            raise InputError(f"{text[:80]!r} is not FIELD=HEADING", "such as --set title='Song Name'")
        before = columns.pop(field, ()) if field in given else ()
        columns.pop(field, None)
        constants.pop(field, None)
        given.add(field)
        if value.startswith("="):
            constants[field] = value[1:]
        elif value:
            columns[field] = (*before, value)
    mapped = {field: list(headings) for field, headings in columns.items()}
    return sheets.from_json(form.as_json() | {"columns": mapped, "constants": constants})


def asked(form: Mapping, sample: tuple[tuple[str, ...], ...]) -> Mapping:
    """Return the mapping as the person at the terminal wants it: asked field by field, as proposed by default."""
    headings = sample[0]
    say("Enter keeps what is proposed; a number or a heading changes it; - leaves the field out.")
    pairs: list[str] = []
    for field in sheets.FIELDS[form.kind]:
        now = " + ".join(form.columns.get(field.name, ()))
        answer = typer.prompt(f"{field.name} ({field.about})", default=now or "-", show_default=True).strip()
        if answer in (now, "-") and not (answer == "-" and now):
            continue
        if answer == "-":
            pairs.append(f"{field.name}=")
        elif answer.isascii() and answer.isdigit() and 0 < int(answer) <= len(headings):
            pairs.append(f"{field.name}={headings[int(answer) - 1]}")
        elif answer in headings:
            pairs.append(f"{field.name}={answer}")
        else:
            say(f"no column is called {escape(shown(answer))}; {field.name} stays as it is")
    return changed(form, pairs)


def show_mapping(form: Mapping, sample: tuple[tuple[str, ...], ...]) -> None:
    """Draw each column of the table with samples and the field that it becomes."""
    fields = {heading: name for name, headings in reversed(list(form.columns.items())) for heading in headings}
    headings = sample[0] if sample else tuple(fields)
    drawn = []
    for place, heading in enumerate(headings):
        cells = [row[place] for row in sample[1:] if place < len(row) and row[place]][:_SAMPLES]
        short = " · ".join(cell if len(cell) <= _SHOWN_CHARS else cell[:_SHOWN_CHARS] + "…" for cell in cells)
        drawn.append((place + 1, heading, fields.get(heading, ""), short))
    table(f"Proposed: rows are {form.kind}", ("", "column", "becomes", "such as"), drawn, right=(0,))
    more = {
        name: value for name, value in form.as_json().items() if name not in ("columns", "cantoria_mapping", "kind")
    }
    say(escape(shown("; ".join(f"{name}: {value}" for name, value in more.items()))))


def show_preview(file: Path, form: Mapping, *, namespace: str = "", rows: int = ROWS) -> None:
    """Draw what reading the table would change, row by row."""
    with house() as opened, open_regular(file, bytes_max=delivering.FILE_BYTES_MAX) as stream:
        who = author(opened)
        known = known_things(opened, namespace=namespace or who.name.upper(), author=who)
        entries = sheets.read(stream, file=file.name, mapping=form)
        looked_at = islice(entries, rows) if rows > 0 else entries
        found = list(sheets.preview(looked_at, known=known))
    counts = Counter(one.state.value for one in found)
    value = {"mapping": form.as_json(), "counts": dict(sorted(counts.items())), "rows": [_value(one) for one in found]}
    emit(value, text=lambda: _draw(file.name, found, counts))


def _value(one: Difference) -> dict[str, Any]:
    return {
        "line": one.line,
        "state": one.state.value,
        "thing": one.thing,
        "changes": [{"field": change.field, "old": change.old, "new": change.new} for change in one.changes],
        "findings": [str(finding) for finding in one.findings],
    }


def _draw(title: str, found: Iterable[Difference], counts: Counter[str]) -> None:
    drawn = Table(
        header_style="bold", box=SIMPLE_HEAD, show_edge=False, title=escape(shown(title)), title_justify="left"
    )
    drawn.add_column("line", justify="right", no_wrap=True)
    drawn.add_column("", no_wrap=True)
    drawn.add_column("what", overflow="fold")
    drawn.add_column("change", overflow="fold")
    for one in found:
        style = _STYLES[one.state]
        mark = f"[{style}]{_MARKS.get(one.state, ' ')} {one.state.value}[/{style}]"
        drawn.add_row(str(one.line), mark, escape(shown(one.thing)), _changes(one))
    (page if page.is_terminal else Console(highlight=False, width=WIDTH_MAX)).print(drawn)
    page.print(", ".join(f"{count:,} {state}" for state, count in sorted(counts.items())) or "no rows")


def _changes(one: Difference) -> str:
    lines = []
    for change in one.changes:
        field, old, new = (escape(shown(text)) for text in (change.field, change.old, change.new))
        lines.append(f"{field}: [red strike]{old}[/] → [green]{new}[/]" if old else f"{field}: [green]{new}[/]")
    return "\n".join([*lines, *(f"[yellow]! {escape(shown(finding.message))}[/]" for finding in one.findings)])


__all__ = ["asked", "changed", "proposed", "sheet", "show_mapping", "show_preview"]
