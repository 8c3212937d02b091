"""`cantoria bulk …`: large catalogues, in batches of rows under one fact each."""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cantoria.adapters.files import check_regular
from cantoria.app import bulk
from cantoria.app.bulk import Source, Step
from cantoria.cli.console import emit, progress, say, talk
from cantoria.cli.importing import SHOWN, mapping_of
from cantoria.cli.state import author, house
from cantoria.formats.types import Counts, Finding
from cantoria.kernel.errors import InputError
from cantoria.kernel.spreadsheet import as_text
from cantoria.registry.bulk_facts import BatchTable

FILE_BYTES_MAX: Final = 1 << 40
COLUMNS: Final = ("file", "line", "column", "severity", "field", "value", "message", "remedy")
_CHUNK: Final = 1 << 20

app = typer.Typer(no_args_is_help=True, help="Large catalogues in: millions of rows, as batches under one fact each.")


@app.callback()
def group() -> None:
    """Large catalogues in."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A Parquet or CSV file of any size.", exists=True, dir_okay=False)],
    table: Annotated[BatchTable, typer.Option("--table", help="What its rows are.")] = BatchTable.RECORDINGS,
    columns: Annotated[
        list[str], typer.Option("--map", help="OURS=THEIRS, such as title=Track. May be given again.")
    ] = [],  # noqa: B006 - typer copies it
    findings: Annotated[Path | None, typer.Option("--findings", help="Write every finding to this CSV file.")] = None,
    rows_per_batch: Annotated[int, typer.Option("--rows-per-batch", help="Rows under one fact.")] = bulk.BATCH_ROWS,
    index: Annotated[bool, typer.Option("--index/--no-index", help="Build the search index, too.")] = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every row, but record nothing.")] = False,
) -> None:
    """Take in a catalogue of any size. Run it again after an interruption: it goes on where it stood. Exit 1 on refused
    rows.

    Columns: recordings have title, display_artist, isrc, codes, duration_ms, version, works, iswc; works have title,
    iswc, codes; links have left, relation, right (docs/how-to/import-a-large-catalogue.md).

    Example: cantoria --as label bulk import catalogue.parquet --findings findings.csv
    """
    check_regular(file, bytes_max=FILE_BYTES_MAX)
    source = partial(Source, file=file.name, sha256=_digest(file), mapping=mapping_of(columns) or {})
    shown: list[Finding] = []
    with house() as opened:
        who = author(opened)
        known = bulk.totals(bulk.done_before(opened, source.keywords["sha256"], table=table, author=who))
        if known.received:
            say(f"{known.received:,} records of this file are on record: going on from there")
        with file.open("rb") as stream, _written(findings, file.name, known) as write, progress("Records") as bar:

            def note(step: Step) -> None:
                write(step.findings)
                shown.extend(step.findings[: SHOWN - len(shown)])
                bar(step.done, None)

            take = partial(bulk.take_in, table=table, author=who, rows_per_batch=rows_per_batch, dry_run=dry_run)
            counts = take(opened, source(stream=stream), note=note)
        if index and not dry_run:
            with progress("Indexing words") as bar:
                opened.search.catch_up(bar)
    _show(file.name, counts, known, shown, dry_run)


def _show(name: str, counts: Counts, known: Counts, shown: Sequence[Finding], dry_run: bool) -> None:
    """Draw the account, then the first findings; exit 1 on refused rows."""
    value: dict[str, Any] = {
        "file": name,
        "recorded": not dry_run,
        "received": counts.received,
        "registered": counts.registered,
        "refused": counts.refused,
        "duplicate": counts.duplicate,
        "recorded_before": known.received,
    }
    text = (
        f"{counts.received:,} records received = {counts.registered:,} registered + {counts.refused:,} refused"
        f" + {counts.duplicate:,} duplicate"
    )
    emit(value, text=lambda: typer.echo(text))
    for finding in shown:
        talk.print(str(finding), markup=False, soft_wrap=True)
    if counts.refused:
        raise typer.Exit(1)


def _digest(file: Path) -> str:
    """Return the SHA-256 of a file, with a bar while it is read."""
    total, taken, done = file.stat().st_size, hashlib.sha256(), 0
    with file.open("rb") as stream, progress("Reading the file", total=total) as bar:
        while part := stream.read(_CHUNK):
            taken.update(part)
            done += len(part)
            bar(done, total)
    return taken.hexdigest()


@contextmanager
def _written(path: Path | None, name: str, known: Counts) -> Iterator[Any]:
    """Give a function that writes findings durably. What an interrupted run wrote of records that were not recorded
    then is written anew, so that each stands there once."""
    if path is None:
        yield lambda found: None
        return
    kept = _kept(path, name, known.received) if known.received and path.exists() else []
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(kept)

        def write(found: Sequence[Finding]) -> None:
            for one in found:
                place = (as_text(one.file), one.line, one.column, one.severity.value)
                # Files, fields and values are the sender's; the person who opens the list did not write them.
                writer.writerow((*place, *map(as_text, (one.field, one.value, one.message, one.remedy))))
            file.flush()
            os.fsync(file.fileno())

        yield write


def _kept(path: Path, name: str, received: int) -> list[list[str]]:
    """Return the findings of records that are on record; a CSV file's first record stands on line 2."""
    first = 1 if name.endswith(".parquet") else 2
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    if rows and tuple(rows[0]) != COLUMNS:
        raise InputError(f"{path} is no list of findings", "name another file with --findings")
    return [row for row in rows[1:] if row[0] != as_text(name) or int(row[1]) < received + first]
