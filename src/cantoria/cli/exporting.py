"""`cantoria export …`: what the registry knows, in the forms that partners expect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from cantoria import codes
from cantoria.adapters.files import write_pieces
from cantoria.app.extract import extract, things
from cantoria.bootstrap.naming import cwr_moment, find_thing
from cantoria.cli.console import emit, progress, say, table
from cantoria.cli.importing import show_findings
from cantoria.cli.state import author, house
from cantoria.formats import bwarm, csv_out, cwr, ern, jsonld, parquet_out
from cantoria.formats.entries import Entry
from cantoria.formats.outgoing import Lost
from cantoria.formats.types import Finding

app = typer.Typer(no_args_is_help=True, help="Files of the trade out: what the registry knows, for partners.")

Pieces = Iterator[tuple[str, bytes]]  # file name and bytes to append to it
Write = Callable[[Iterable[Entry], Lost], Pieces]
THINGS = Annotated[list[str] | None, typer.Argument(help="Codes or ids of works, recordings, releases; all if none.")]
FOLDER = Annotated[Path, typer.Option("--to", help="The folder to write into.", file_okay=False)]
MINE = Annotated[bool, typer.Option("--mine", help="Only what the organisation of --as claims.")]


@app.command("csv")
def csv_family(folder: FOLDER, thing: THINGS = None, mine: MINE = False) -> None:
    """Write the tables of the CSV family (docs/reference/csv.md); they read back as the same registrations.

    Example: cantoria export csv --to out
    """
    _run(folder, thing, lambda entries, lost: csv_out.write(entries, lost=lost), mine=mine)


@app.command("parquet")
def parquet(folder: FOLDER, thing: THINGS = None, mine: MINE = False) -> None:
    """Write Parquet tables of works, recordings, parties, shares and links (docs/reference/exports.md).

    Example: cantoria export parquet --to out
    """
    _run(folder, thing, lambda entries, lost: parquet_out.write(entries, lost=lost), mine=mine)


@app.command("bwarm")
def bulk_tables(folder: FOLDER, thing: THINGS = None, mine: MINE = False) -> None:
    """Write a BWARM-style set of TSV files (docs/reference/bwarm.md).

    Example: cantoria export bwarm --to out
    """
    _run(folder, thing, lambda entries, lost: bwarm.write(entries, lost=lost), mine=mine)


@app.command("jsonld")
def linked_data(
    folder: FOLDER,
    thing: THINGS = None,
    lines: Annotated[bool, typer.Option("--lines", help="One document a line instead of one for all.")] = False,
    mine: MINE = False,
) -> None:
    """Write JSON-LD 1.1 with terms of schema.org (docs/reference/exports.md).

    Example: cantoria export jsonld --to out isrc:KRA381900123
    """
    form, name = (jsonld.write_lines, "registry.jsonl") if lines else (jsonld.write, "registry.jsonld")
    _run(folder, thing, lambda entries, lost: ((name, piece) for piece in form(entries, lost=lost)), mine=mine)


@app.command("ern")
def messages(
    folder: FOLDER,
    sender: Annotated[str, typer.Option(help="The sender's DPID and name, as DPID=NAME.")],
    recipient: Annotated[str, typer.Option(help="The recipient's DPID and name, as DPID=NAME.")],
    thing: THINGS = None,
    version: Annotated[str, typer.Option(help="4.3 or 4.3.2.")] = "4.3.2",
    test: Annotated[bool, typer.Option("--test", help="Mark them as test messages.")] = False,
    mine: MINE = False,
) -> None:
    """Write DDEX ERN messages, one for each release, with what is disclosed of AI and what deals signal.

    Example: cantoria export ern --to out --sender PADPIDA2013020802I=Blue --recipient PADPIDA2020062405C=Shop
    """
    with house() as opened:
        now = opened.clock.now()
    envelope = ern.Envelope(
        message=f"CANTORIA-{now}", sender=_dpid(sender), recipient=_dpid(recipient), created=now, test=test
    )

    def write(entries: Iterable[Entry], lost: Lost) -> Pieces:
        def note(finding: Finding) -> None:
            lost.note(finding.message, finding.remedy, thing=finding.field.partition(": ")[0])

        made = ern.write(entries, envelope=envelope, version=version, note=note)
        return ((f"{message}.xml", data) for message, data in made)

    _run(folder, thing, write, mine=mine)


def _dpid(text: str) -> tuple[str, str]:
    code, _, name = text.partition("=")
    return codes.check("dpid", code).value, name or code


@app.command("cwr")
def registrations(
    folder: FOLDER,
    name: Annotated[str, typer.Option(help="The sender's name, as in the header.")],
    code: Annotated[str, typer.Option(help="Its CWR code: two or three capitals or digits.")],
    thing: THINGS = None,
    ipi: Annotated[str, typer.Option(help="Its IPI name number, if it is no society.")] = "",
    society: Annotated[str, typer.Option(help="Its society code (three digits), if it is one.")] = "",
    receiver: Annotated[str, typer.Option(help="The recipient's CWR code; 000: several.")] = "000",
    version: Annotated[str, typer.Option(help="2.1, 2.2, 3.0 or 3.1.")] = "2.2",
    number: Annotated[int, typer.Option(min=1, help="Which file of the year it is.")] = 1,
    revision: Annotated[bool, typer.Option("--revision", help="Revise earlier registrations (REV).")] = False,
    mine: MINE = False,
) -> None:
    """Write registrations of works as one CWR file.

    Example: cantoria --as publisher export cwr --to out --name "Blue Songs" --code BS --ipi 00014107338 --mine
    """
    with house() as opened:
        now = opened.clock.now()
        namespace = author(opened).name.upper() if mine else ""
    created = cwr_moment(now)
    sender = cwr.Sender(
        name=name,
        created=created,
        code=code,
        ipi=ipi,
        society=society,
        receiver=receiver,
        version=version,
        number=number,
        namespace=namespace,
    )

    def write(entries: Iterable[Entry], lost: Lost) -> Pieces:
        file = cwr.file_name(sender)
        return ((file, piece) for piece in cwr.write(entries, sender=sender, revision=revision, lost=lost))

    _run(folder, thing, write, mine=mine, kinds=("work",))


def _run(
    folder: Path,
    given: list[str] | None,
    write: Write,
    *,
    mine: bool,
    kinds: tuple[str, ...] = ("work", "recording", "release"),
) -> None:
    """Write the files, all of them or none, and say what was written and what could not be."""
    lost = Lost()
    with house() as opened:
        size = opened.index.catch_up()
        subjects = [find_thing(opened, text) for text in given] if given else things(opened, kinds=kinds)
        organisation = author(opened).party if mine else ""
        with progress("Writing", total=len(subjects)) as step:
            entries = extract(opened, subjects, size=size, organisation=organisation, watch=step)
            paths = write_pieces(folder, write(entries, lost))
    findings = lost.findings(folder.name)
    sizes = {path.name: path.stat().st_size for path in paths}
    value = {
        "folder": str(folder),
        "size": size,
        "things": len(subjects),
        "files": dict(sorted(sizes.items())),
        "lost": [finding.message for finding in findings],
    }
    rows = [(name, f"{count:,}") for name, count in sorted(sizes.items())]
    emit(value, text=lambda: table(f"As of ledger size {size:,}", ("file", "bytes"), rows, right=(1,)))
    show_findings(findings)
    if not subjects:
        say("nothing is registered yet")
