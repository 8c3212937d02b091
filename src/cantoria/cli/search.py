"""`cantoria search`: parties, works, recordings and releases, by words or by a code."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from cantoria.app import search
from cantoria.cli.console import emit, progress, say, table
from cantoria.cli.state import house


def run(
    words: Annotated[list[str], typer.Argument(help="Words of a title or a name, or one code such as an ISRC.")],
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=search.LIMIT_MAX)] = 20,
) -> None:
    """Find parties, works, recordings and releases: by a code, or by words without regard to accents, case and small
    typing errors; Korean also by two syllables, and by how it is romanised. Exit 1 when nothing is found.

    Example: cantoria search 봄날
    """
    with house() as opened, progress("Indexing words") as bar:
        found = search.find(opened, " ".join(words), limit=limit, progress=bar)
    hits = [asdict(hit) | {"kind": hit.kind.value} for hit in found.hits]

    def text() -> None:
        rows = [(hit.kind.value, hit.title, hit.artist, hit.code, hit.id) for hit in found.hits]
        table(f"{len(rows)} found", ("kind", "title", "artist", "code", "id"), rows)
        say(f"complete as of ledger size {found.size:,}")

    emit({"hits": hits, "size": found.size}, text=text)
    if not hits:
        raise typer.Exit(1)
