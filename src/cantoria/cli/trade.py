"""`cantoria import cwr|ern|youtube|…`: one command for each format of the trade; what they share is in `delivering`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cantoria.adapters.files import read_file
from cantoria.app.delivery import Entries, Messages, Reading
from cantoria.app.ports import Author
from cantoria.cli import delivering, sheets
from cantoria.cli.importing import DRY, FILES, FINDINGS, NAMESPACE, app
from cantoria.formats import bwarm, cwr, ddex_credits, musicbrainz, worklist, youtube
from cantoria.formats.entries import Party
from cantoria.formats.ern import avs
from cantoria.registry.types import PartyKind

AGAIN = Annotated[bool, typer.Option("--again", help="Read a file anew that was taken in whole before.")]


def _command(name: str, reading: Callable[[Author], Reading], text: str) -> None:
    """Add the command of a format that needs no options of its own."""

    def command(
        files: FILES,
        namespace: NAMESPACE = "",
        findings: FINDINGS = None,
        dry_run: DRY = False,
        again: AGAIN = False,
    ) -> None:
        delivering.run(files, reading, namespace=namespace, findings=findings, dry_run=dry_run, again=again)

    command.__doc__ = text
    app.command(name)(command)


def _owned(by: Author) -> Reading:
    """Return how YouTube's reports are read: what they say is owned, the organisation that records claims."""
    return Entries(youtube.FORMAT, partial(youtube.read, owner=Party(key=by.party, kind=PartyKind.ORGANISATION)))


_command(
    "cwr",
    lambda by: Entries(cwr.FORMAT, cwr.read),
    """Read CWR 2.1, 2.2, 3.0 or 3.1: registrations, agreements, ISWCs, acknowledgements. Exit 1 on refused records.

    Example: cantoria --as publisher import cwr CW260001PUB_052.V22
    """,
)
_command(
    "youtube",
    _owned,
    """Read YouTube Content ID reports of the organisation's own assets, conflicts or claims. Exit 1 on refused rows.

    Example: cantoria --as bluelabel import youtube content_owner_asset_a3.csv
    """,
)
_command(
    "credits",
    lambda by: Entries(ddex_credits.FORMAT, ddex_credits.read),
    """Read DDEX MEAD, PIE and RIN messages as far as they carry identifiers and credits. Exit 1 on refused records.

    Example: cantoria --as bluelabel import credits session.xml
    """,
)


@app.command("ern")
def messages(
    files: FILES,
    allowed: Annotated[
        Path | None, typer.Option("--avs", help="DDEX's allowed-value-sets.xsd, if it is newer than ours.")
    ] = None,
    namespace: NAMESPACE = "",
    findings: FINDINGS = None,
    dry_run: DRY = False,
    again: AGAIN = False,
) -> None:
    """Read DDEX ERN 3.8 to 4.3.2 messages. Deal terms about AI are signals, never consent. Exit 1 on refused records.

    Example: cantoria --as bluelabel import ern message-1.xml message-2.xml
    """
    values = None if allowed is None else avs.load(read_file(allowed, bytes_max=avs.FILE_BYTES_MAX))
    delivering.run(
        files, lambda by: Messages(allowed=values), namespace=namespace, findings=findings, dry_run=dry_run, again=again
    )


@app.command("musicbrainz")
def community(
    files: FILES,
    kind: Annotated[str, typer.Option(help="What the records are where the file does not say: recording, work …")] = "",
    namespace: NAMESPACE = "",
    findings: FINDINGS = None,
    dry_run: DRY = False,
    again: AGAIN = False,
) -> None:
    """Read MusicBrainz documents (JSON, XML) or dumps of JSON lines: credits and codes, never shares.

    Example: cantoria --as registrar import musicbrainz recording.jsonl
    """
    read = partial(musicbrainz.read, kind=kind)
    delivering.run(
        files,
        lambda by: Entries(musicbrainz.FORMAT, read),
        namespace=namespace,
        findings=findings,
        dry_run=dry_run,
        again=again,
    )


@app.command("worklist")
def works(
    files: FILES,
    sheet: Annotated[str, typer.Option(help="Of a workbook; its first one when empty.")] = "",
    namespace: NAMESPACE = "",
    findings: FINDINGS = None,
    dry_run: DRY = False,
    again: AGAIN = False,
) -> None:
    """Read work lists as Korean publishers keep them, with performing and mechanical shares apart. Exit 1 on refusals.

    Example: cantoria --as publisher import worklist works.xlsx
    """
    read = partial(worklist.read, sheet=sheet)
    delivering.run(
        files,
        lambda by: Entries(worklist.FORMAT, read),
        namespace=namespace,
        findings=findings,
        dry_run=dry_run,
        again=again,
    )


@app.command("bwarm")
def bulk_tables(
    files: FILES,
    feed: Annotated[str, typer.Option(help="The DPID of who sends it; its own party identifiers are its codes.")] = "",
    namespace: NAMESPACE = "",
    findings: FINDINGS = None,
    dry_run: DRY = False,
    again: AGAIN = False,
) -> None:
    """Read a BWARM-style set of TSV files; parties and works go first, in whatever order they are named.

    Example: cantoria --as registrar import bwarm works.tsv parties.tsv musicalworkrightshares.tsv
    """
    read = partial(bwarm.read, feed=feed)
    ordered = sorted(files, key=lambda file: bwarm.order_of(file.name))
    delivering.run(
        ordered,
        lambda by: Entries(bwarm.FORMAT, read),
        namespace=namespace,
        findings=findings,
        dry_run=dry_run,
        again=again,
    )


app.command("sheet")(sheets.sheet)

__all__ = ["app"]
