"""How the commands talk: data on stdout (text or JSON), everything else on stderr, progress on anything slow."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from cantoria.kernel.shown import shown, shown_json

talk = Console(stderr=True, highlight=False)
page = Console(highlight=False, soft_wrap=True)
WIDTH_MAX: Final = 1_000
SHORT: Final = 12
STATUS_STYLE = {"cleared": "green", "denied": "red", "licensable": "yellow", "unknown": "magenta"}
STATUS_MARK = {"cleared": "✔", "denied": "✘", "licensable": "€", "unknown": "?"}


@dataclass(slots=True)
class Output:
    """Whether this run prints JSON; set once by the root command."""

    as_json: bool = False


output = Output()


def emit(value: Any, *, text: Callable[[], None]) -> None:
    """Print `value` as JSON when `--json` was given, else let `text` draw it."""
    if output.as_json:
        sys.stdout.write(shown_json(json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2)) + "\n")
    else:
        text()


def lines(texts: Iterable[str]) -> None:
    """Print each text on a line of its own, without the orders to a terminal that a stranger may have put in."""
    for text in texts:
        typer.echo(shown(text))


def say(message: str) -> None:
    """Tell the person something beside the data; in a pipe or a file, each message is one line."""
    talk.print(message, soft_wrap=not talk.is_terminal)


def would(message: str) -> None:
    """Tell what a dry run would have done."""
    emit({"recorded": False, "would": message}, text=lambda: say(f"would {escape(message)}"))


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[int] = ()) -> None:
    """Draw a table on stdout. Its first column, numbers (the columns `right`) and short cells are never broken.

    Where no person looks (a file, a pipe) it is as wide as it has to be, so that no id is cut in two.
    """
    drawn = Table(header_style="bold", box=SIMPLE_HEAD, show_edge=False)
    for position, column in enumerate(columns):
        number = position in right
        whole = number or position == 0 or max((len(str(row[position])) for row in rows), default=0) <= SHORT
        drawn.add_column(column, justify="right" if number else "left", overflow="fold", no_wrap=whole)
    for row in rows:
        drawn.add_row(*(escape(shown(str(cell))) for cell in row))
    if title:
        page.print(f"[bold]{escape(shown(title))}[/bold]")
    console = page if page.is_terminal else Console(highlight=False, width=WIDTH_MAX)
    console.print(drawn)


def bars(title: str, counts: Sequence[tuple[str, int, str]], *, width: int = 40) -> None:
    """Draw labelled bars (label, count, style) with counts and percentages."""
    total = sum(count for _, count, _ in counts) or 1
    widest = max((len(label) for label, _, _ in counts), default=0)
    if title:
        page.print(f"[bold]{escape(shown(title))}[/bold]")
    for label, count, style in counts:
        bar = "█" * max(1 if count else 0, count * width // total)
        share = f"{count * 1000 // total / 10:5.1f} %"
        page.print(f"  {escape(shown(label)):<{widest}}  {count:>9,}  {share}  [{style}]{bar}[/{style}]")


@contextmanager
def progress(title: str, *, total: int | None = None) -> Iterator[Callable[[int, int | None], None]]:
    """Show a progress bar on stderr; yields `step(done, total)`."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=talk, transient=True) as drawn:
        task = drawn.add_task(escape(shown(title)), total=total)

        def step(done: int, of: int | None = None) -> None:
            drawn.update(task, completed=done, total=of if of is not None else total)

        yield step
