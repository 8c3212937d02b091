"""`cantoria file …`: look at a file of the trade, check it, answer it, without a house."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final

import typer
from rich.text import Text

from cantoria.adapters.files import open_regular, write_file
from cantoria.adapters.system import SystemClock
from cantoria.bootstrap.naming import cwr_moment
from cantoria.cli.console import emit, page, table
from cantoria.cli.delivering import FILE_BYTES_MAX
from cantoria.cli.importing import FINDINGS, show_findings, write_findings
from cantoria.formats import bwarm, cwr, ddex_credits, musicbrainz, worklist, youtube
from cantoria.formats.cwr import view as shapes
from cantoria.formats.cwr.reader import read_transactions
from cantoria.formats.entries import Entry, Outcome
from cantoria.formats.types import Finding, Severity

app = typer.Typer(no_args_is_help=True, help="Look at a file of the trade, check it, answer it.")


class Format(StrEnum):
    """What a file is."""

    CWR = "cwr"
    YOUTUBE = "youtube"
    MUSICBRAINZ = "musicbrainz"
    WORKLIST = "worklist"
    BWARM = "bwarm"
    CREDITS = "credits"


READERS: Final[dict[Format, Callable[..., Iterator[Entry]]]] = {
    Format.CWR: cwr.read,
    Format.YOUTUBE: youtube.read,
    Format.MUSICBRAINZ: musicbrainz.read,
    Format.WORKLIST: worklist.read,
    Format.BWARM: bwarm.read,
    Format.CREDITS: ddex_credits.read,
}
FINDINGS_KEPT: Final = 100_000
FILE = Annotated[Path, typer.Argument(help="The file.", exists=True, dir_okay=False)]


@app.command("view")
def view(
    file: FILE,
    start: Annotated[int, typer.Option("--from", min=1, help="The line to begin with.")] = 1,
    lines: Annotated[int, typer.Option(min=1, help="How many lines to show at the most.")] = 200,
    faults: Annotated[bool, typer.Option("--faults", help="Only transactions with findings.")] = False,
) -> None:
    """Show a CWR file: fields in colours, what is wrong marked under it with its column and what to do.

    Example: cantoria file view CW260001PUB_052.V22
    """
    colours = page.is_terminal
    with _open(file) as stream:
        items = (item for item in read_transactions(stream, file=file.name) if item.findings or not faults)
        shown = (line for item in items for line in _from(item, start))
        for line in islice(shown, lines):
            if colours:
                page.print(Text.assemble(*((text, style) for text, style in shapes.markup(line))), soft_wrap=True)
            else:
                sys.stdout.write(shapes.plain(line) + "\n")


def _from(item: Any, start: int) -> Iterator[shapes.Shown]:
    last = max((record.line for record in item.records), default=0)
    return shapes.view(item) if last >= start else iter(())


@app.command("check")
def check(
    file: FILE,
    form: Annotated[Format, typer.Option("--format", help="What the file is.")] = Format.CWR,
    findings: FINDINGS = None,
) -> None:
    """Read a file as `cantoria import` would, and record nothing: the account of its records, and what is odd.

    Exit 1 when a record would be refused or something is an error.

    Example: cantoria file check --format youtube content_owner_asset_a3.csv
    """
    outcomes: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    found: Counter[str] = Counter()
    kept: list[Finding] = []
    with _open(file) as stream:
        for entry in READERS[form](stream, file=file.name):
            outcomes[entry.outcome.value] += 1
            kinds[entry.kind] += 1
            found.update(finding.severity.value for finding in entry.findings)
            kept += entry.findings[: FINDINGS_KEPT - len(kept)]
    value = {
        "file": file.name,
        "received": outcomes.total(),
        "outcomes": {outcome.value: outcomes[outcome.value] for outcome in Outcome},
        "kinds": dict(sorted(kinds.items())),
        "findings": {severity.value: found[severity.value] for severity in Severity},
    }

    def text() -> None:
        table(
            file.name, ("kind", "records"), [(kind, f"{count:,}") for kind, count in sorted(kinds.items())], right=(1,)
        )
        told = " + ".join(f"{outcomes[outcome.value]:,} {outcome.value.replace('_', ' ')}" for outcome in Outcome)
        typer.echo(f"{outcomes.total():,} records = {told}")
        typer.echo(", ".join(f"{found[severity.value]:,} {severity.value}" for severity in Severity) + " findings")

    emit(value, text=text)
    show_findings(kept, option="--findings")
    if findings is not None:
        write_findings(findings, tuple(kept))
    if outcomes[Outcome.REFUSED.value] or found[Severity.ERROR.value]:
        raise typer.Exit(1)


@app.command("answer")
def answer(
    file: FILE,
    folder: Annotated[Path, typer.Option("--to", help="The folder for the acknowledgement.", file_okay=False)],
    name: Annotated[str, typer.Option(help="Who answers, as in the header.")],
    code: Annotated[str, typer.Option(help="Its CWR code: two or three capitals or digits.")],
    society: Annotated[str, typer.Option(help="Its society code (three digits), if it is a society.")] = "",
    ipi: Annotated[str, typer.Option(help="Its IPI name number, if it is none.")] = "",
    receiver: Annotated[str, typer.Option(help="The CWR code of the file's sender.")] = "000",
    number: Annotated[int, typer.Option(min=1, help="Which file of the year it is.")] = 1,
) -> None:
    """Write the CWR acknowledgement of a file: one ACK for each transaction, with what is odd about it as messages.

    Example: cantoria file answer CW260001PUB_052.V22 --to answers --name "Our Society" --code 118 --society 118
    """
    created = cwr_moment(SystemClock().now())
    sender = cwr.Sender(
        name=name, created=created, code=code, society=society, ipi=ipi, receiver=receiver, number=number
    )
    with _open(file) as stream:
        target = folder / cwr.answer_name(stream, file=file.name, sender=sender)
    folder.mkdir(parents=True, exist_ok=True)
    with _open(file) as stream:
        write_file(target, b"".join(cwr.acknowledge(stream, file=file.name, sender=sender)))
    emit({"file": str(target)}, text=lambda: typer.echo(str(target)))


def _open(file: Path) -> BinaryIO:
    return open_regular(file, bytes_max=FILE_BYTES_MAX)


__all__ = ["app"]
