"""`cantoria import cwr|youtube|…`: files of the trade, of any size, in parts that survive an interruption."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, Final

import typer
from rich.markup import escape

from cantoria.adapters.attachments import ATTACHMENT_BYTES_MAX
from cantoria.adapters.files import open_regular
from cantoria.app.delivery import Delivered, Parcel, Reading, deliver
from cantoria.app.ports import Author
from cantoria.cli.console import emit, progress, say, table
from cantoria.cli.importing import DRY, FILES, FINDINGS, NAMESPACE, show_findings
from cantoria.cli.state import author, house
from cantoria.formats.types import Counts, Finding
from cantoria.kernel.shown import shown
from cantoria.kernel.spreadsheet import as_text

Note = Callable[[Finding], None] | None
FILE_BYTES_MAX: Final = ATTACHMENT_BYTES_MAX  # the file itself is kept
HEADINGS: Final = ("file", "line", "column", "severity", "field", "value", "message", "remedy")


def run(
    files: list[Path],
    reading: Callable[[Author], Reading],
    *,
    namespace: NAMESPACE = "",
    findings: FINDINGS = None,
    dry_run: DRY = False,
    again: bool = False,
) -> None:
    """Take the files in, one after another, and show what became of each; exit 1 when a record was refused."""
    done: list[Delivered] = []
    with house() as opened, _notebook(findings) as note:
        who = author(opened)
        for path in files:
            size = path.stat().st_size
            with progress(path.name, total=size) as step:
                delivered = deliver(
                    opened,
                    Parcel(name=path.name, open=_opener(path)),
                    reading=reading(who),
                    namespace=namespace or who.name.upper(),
                    author=who,
                    dry_run=dry_run,
                    again=again,
                    watch=lambda read, step=step: step(read, None),  # type: ignore[misc]
                    note=note,
                )
            done.append(delivered)
    show(done, recorded=not dry_run)
    if any(one.counts.refused for one in done):
        raise typer.Exit(1)


def show(done: list[Delivered], *, recorded: bool) -> None:
    """Draw the account of each file, the facts by type, and the first findings."""
    total = sum((one.counts for one in done), Counts())
    facts: dict[str, int] = {}
    for one in done:
        for name, count in one.facts.items():
            facts[name] = facts.get(name, 0) + count
    value = {
        "files": sorted(one.file for one in done),
        "recorded": recorded,
        **asdict(total),
        "facts": dict(sorted(facts.items())),
        "findings": sum(one.found for one in done),
        "last_index": max((one.last_index for one in done if one.last_index is not None), default=None),
        "deliveries": [_value(one) for one in done],
    }

    def text() -> None:
        heads = ("file", "records", "registered", "refused", "duplicate", "passed over", "findings")
        table("Files", heads, [_row(one) for one in done], right=range(1, 7))
        rows = [(name, f"{count:,}") for name, count in sorted(facts.items())]
        table("Facts recorded" if recorded else "Facts (nothing recorded)", ("type", "count"), rows, right=(1,))
        typer.echo(
            f"{total.received:,} records received = {total.registered:,} registered + {total.refused:,} refused"
            f" + {total.duplicate:,} duplicate + {total.passed_over:,} passed over"
        )

    emit(value, text=text)
    for one in done:
        name = escape(shown(one.file))
        if one.known:
            say(f"{name} was taken in before ({one.before:,} records); --again reads it anew")
        elif one.before:
            say(f"{name}: an earlier run had taken in {one.before:,} records; this one went on behind them")
        show_findings(one.findings, option="--findings")


def _value(one: Delivered) -> dict[str, Any]:
    return {
        "file": one.file,
        "sha256": one.sha256,
        "known": one.known,
        "before": one.before,
        **asdict(one.counts),
        "findings": one.found,
        "last_index": one.last_index,
    }


def _row(one: Delivered) -> tuple[str, ...]:
    counts = one.counts
    numbers = (counts.received, counts.registered, counts.refused, counts.duplicate, counts.passed_over, one.found)
    return one.file, *(f"{number:,}" for number in numbers)


def _opener(path: Path) -> Callable[[], BinaryIO]:
    return lambda: open_regular(path, bytes_max=FILE_BYTES_MAX)


@contextmanager
def _notebook(path: Path | None) -> Iterator[Note]:
    """Give what writes each finding to a CSV file as it comes, or None without a file."""
    with nullcontext() if path is None else path.open("w", encoding="utf-8", newline="") as file:
        if file is None:
            yield None
            return
        writer = csv.writer(file)
        writer.writerow(HEADINGS)

        def note(one: Finding) -> None:
            # Files, fields and values are the sender's; the person who opens the list did not write them.
            texts = map(as_text, (one.field, one.value, one.message, one.remedy))
            writer.writerow((as_text(one.file), one.line, one.column, one.severity.value, *texts))

        yield note


__all__ = ["DRY", "FILES", "FINDINGS", "NAMESPACE", "run", "show"]
