"""`cantoria import …`: files of the trade in, facts and findings out."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cantoria.adapters.files import read_file
from cantoria.app import intake
from cantoria.app.intake import Intake
from cantoria.cli.console import emit, say, table, talk
from cantoria.cli.state import author, house
from cantoria.formats import csvfamily
from cantoria.formats.csvfamily import Context
from cantoria.formats.limits import CSV
from cantoria.formats.types import Finding, Imported
from cantoria.kernel.errors import InputError
from cantoria.kernel.shown import shown
from cantoria.kernel.spreadsheet import as_text

SHOWN: Final = 15
MAP_HELP: Final = "OURS=THEIRS, such as isrc=ISRC; OURS==TEXT puts TEXT in every row. May be given again."
MAP = Annotated[list[str], typer.Option("--map", help="For somebody else's file: " + MAP_HELP)]
FILES = Annotated[list[Path], typer.Argument(help="The files, read together.", exists=True, dir_okay=False)]
NAMESPACE = Annotated[str, typer.Option("--namespace", help="Of your own keys and codes; default: --as in capitals.")]
FINDINGS = Annotated[Path | None, typer.Option("--findings", help="Write every finding to this CSV file.")]
DRY = Annotated[bool, typer.Option("--dry-run", help="Read and show findings, but record nothing.")]

app = typer.Typer(
    no_args_is_help=True,
    help="Files of the trade in: CWR, DDEX, YouTube, MusicBrainz, BWARM, lists and sheets.",
)


@app.command("csv")
def csv_family(files: FILES, namespace: NAMESPACE = "", findings: FINDINGS = None, dry_run: DRY = False) -> None:
    """Read tables of the CSV family (docs/reference/csv.md) together and record what they say. Exit 1 on refused rows.

    Example: cantoria --as authors import csv parties.csv works.csv recordings.csv shares.csv complete.csv
    """
    _run(files, _read_family, namespace=namespace, findings=findings, dry_run=dry_run)


@app.command("table")
def foreign_table(
    files: FILES,
    columns: Annotated[list[str], typer.Option("--map", help=MAP_HELP)],
    kind: Annotated[str, typer.Option("--table", help="Which table of the family it becomes.")] = "recordings",
    namespace: NAMESPACE = "",
    findings: FINDINGS = None,
    dry_run: DRY = False,
) -> None:
    """Read somebody else's CSV by a mapping of its columns to a table of the CSV family. Exit 1 on refused rows.

    For recordings the ISRC is your key unless you map `recording`; map `release` to a column with titles of albums.

    Example: cantoria --as registrar import table streams.csv --map title=Track --map isrc=ISRC --map artist=Artist
    """
    mapping = mapping_of(columns) or {}

    def read(contents: Mapping[str, bytes], context: Context) -> Imported:
        found = Imported()
        for name, data in contents.items():
            found = found + csvfamily.read_mapped(data, file=name, table=kind, columns=mapping, context=context)
        return found

    _run(files, read, namespace=namespace, findings=findings, dry_run=dry_run)


def show(done: Intake, *, names: list[str], recorded: bool) -> None:
    """Draw the account of an import and its first findings."""
    counts = done.imported.counts
    types = Counter(fact.TYPE.name for fact in done.imported.facts)
    value: dict[str, Any] = {
        "files": names,
        "recorded": recorded,
        "received": counts.received,
        "registered": counts.registered,
        "refused": counts.refused,
        "duplicate": counts.duplicate,
        "passed_over": counts.passed_over,
        "facts": dict(sorted(types.items())),
        "findings": len(done.imported.findings),
        "last_index": done.receipts[-1].index if done.receipts else None,
    }

    def text() -> None:
        rows = [(name, f"{count:,}") for name, count in sorted(types.items())]
        table("Facts recorded" if recorded else "Facts (nothing recorded)", ("type", "count"), rows, right=(1,))
        typer.echo(
            f"{counts.received:,} records received = {counts.registered:,} registered + {counts.refused:,} refused"
            f" + {counts.duplicate:,} duplicate + {counts.passed_over:,} passed over"
        )

    emit(value, text=text)
    show_findings(done.imported.findings, option="--findings")


def mapping_of(pairs: Sequence[str]) -> dict[str, str] | None:
    """Return a mapping of our columns to a file's own from OURS=THEIRS pairs, None without any."""
    found: dict[str, str] = {}
    for text in pairs:
        ours, separator, theirs = (part.strip() for part in text.partition("="))
        if not separator or not ours or not theirs:
            raise InputError(f"{text!r} is not OURS=THEIRS", "such as --map isrc=ISRC")
        if ours in found:
            raise InputError(f"--map {ours} is given twice", "map each column once")
        found[ours] = theirs
    return found or None


def show_findings(findings: Sequence[Finding], *, option: str = "") -> None:
    """Tell the first findings on stderr; `option` is the command's own that writes them all."""
    for finding in findings[:SHOWN]:
        talk.print(shown(str(finding)), markup=False, soft_wrap=True)
    if len(findings) > SHOWN:
        hint = f": write them all with {option} FILE" if option else ""
        say(f"… and {len(findings) - SHOWN:,} more findings{hint}")


def write_findings(path: Path, findings: tuple[Finding, ...]) -> None:
    """Write findings as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("file", "line", "column", "severity", "field", "value", "message", "remedy"))
        for one in findings:
            place = (as_text(one.file), one.line, one.column, one.severity.value)
            # Files, fields and values are the sender's; the person who opens the list did not write them.
            writer.writerow((*place, *map(as_text, (one.field, one.value, one.message, one.remedy))))


def _run(files: list[Path], read: intake.Reader, *, namespace: str, findings: Path | None, dry_run: bool) -> None:
    contents = {path.name: read_file(path, bytes_max=CSV.file_bytes_max) for path in files}
    if len(contents) != len(files):
        raise InputError("two of the files have the same name", "give each file its own name")
    with house() as opened:
        who = author(opened)
        done = intake.take_in(
            opened, contents, read=read, namespace=namespace or who.name.upper(), author=who, dry_run=dry_run
        )
    show(done, names=sorted(contents), recorded=not dry_run)
    if findings is not None:
        write_findings(findings, done.imported.findings)
    if done.imported.counts.refused:
        raise typer.Exit(1)


def _read_family(contents: Mapping[str, bytes], context: Context) -> Imported:
    return csvfamily.read_family(contents, context=context)
