"""`cantoria law …`: what the law column rests on: list, show and export documents, check and compare files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from cantoria.adapters.files import read_file
from cantoria.clearance.law_column import LAW_MEANS
from cantoria.cli.console import emit, table
from cantoria.cli.console import lines as print_lines
from cantoria.consent import LawBook, LawDocument, law_book, parse_document
from cantoria.consent.law import Note, Verdict
from cantoria.consent.law_documents import DOCUMENT_BYTES_MAX
from cantoria.consent.law_texts import changes
from cantoria.kernel.codec import to_json
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import TIME_MAX, parse_moment
from cantoria.kernel.uses import Use

app = typer.Typer(
    no_args_is_help=True,
    help="Law: what territories' laws say of each use, as dated documents. They inform; they clear nothing.",
)
AT = Annotated[str, typer.Option("--at", help="The day to look at; the latest when empty.")]
EXIT_DIFFERENT = 1


@app.command("list")
def list_documents(at: AT = "") -> None:
    """List the documents of the law book: territory, version, when assessed, who checked it.

    Example: cantoria law list
    """
    book = law_book()
    documents = book.in_force(_moment(at)) if at else book.documents
    value = {"digest": book.digest, "means": LAW_MEANS, "documents": [_summary(one) for one in documents]}

    def text() -> None:
        rows = [
            (one.label, one.name, one.assessed_on, one.checked_by or "nobody yet", len(one.verdicts), len(one.sources))
            for one in documents
        ]
        columns = ("document", "territory", "assessed", "checked by", "verdicts", "sources")
        table(f"Law book {book.digest[:16]}", columns, rows, right=(4, 5))
        typer.echo(LAW_MEANS)

    emit(value, text=text)


@app.command()
def show(
    territory: Annotated[str, typer.Argument(help="The territory's code, such as KR, or EU.")],
    use: Annotated[Use | None, typer.Option("--use", metavar="<use>", help="Only what concerns this use.")] = None,
    at: AT = "",
) -> None:
    """Show what a territory's document says: of each use, on every topic, with its sources.

    Example: cantoria law show KR --use train_generative
    """
    document = law_book().find(territory, at=_moment(at))

    def text() -> None:
        print_lines(_told(document, use))

    emit({"document": to_json(document), "label": document.label, "means": LAW_MEANS}, text=text)


@app.command()
def export(
    territory: Annotated[str, typer.Argument(help="The territory's code, such as KR, or EU.")],
    at: AT = "",
) -> None:
    """Print a territory's document as JSON, to begin another one or a new version from.

    Example: cantoria law export KR > kr-2.json
    """
    document = to_json(law_book().find(territory, at=_moment(at)))
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="Documents as JSON.", exists=True, dir_okay=False)],
) -> None:
    """Read documents strictly and say whether they could stand in the book, in place of those that they overlap.

    Example: cantoria law check kr-2.json
    """
    documents = [_read(path) for path in files]
    kept = [one for one in law_book().documents if not any(one.overlaps(new) for new in documents)]
    book = LawBook.of([*kept, *documents])
    value = {"documents": [_summary(one) for one in documents], "digest": book.digest}

    def text() -> None:
        for one in documents:
            typer.echo(f"{one.label}: whole, {len(one.verdicts)} verdicts, {len(one.notes)} notes")
        typer.echo(f"the book would be {book.digest}")

    emit(value, text=text)


@app.command()
def diff(
    file: Annotated[Path, typer.Argument(help="A document as JSON.", exists=True, dir_okay=False)],
    other: Annotated[
        Path | None, typer.Argument(help="What to compare it with; the book's own when left out.", dir_okay=False)
    ] = None,
) -> None:
    """Compare a document with another, or with the one that the book has for its territory. Exit 1 when they differ.

    Example: cantoria law diff kr-2.json
    """
    new = _read(file)
    old = law_book().find(new.territory, at=TIME_MAX) if other is None else _read(other)
    found = changes(old, new)

    def text() -> None:
        print_lines(found or [f"{old.label} and {new.label} say the same"])

    emit({"old": old.label, "new": new.label, "changes": list(found)}, text=text)
    if found:
        raise typer.Exit(EXIT_DIFFERENT)


def _read(path: Path) -> LawDocument:
    try:
        return parse_document(read_file(path, bytes_max=DOCUMENT_BYTES_MAX))
    except InputError as error:
        raise InputError(f"{path.name}: {error.message}", error.remedy, error.context) from error


def _moment(at: str) -> int:
    return parse_moment(at) if at else TIME_MAX


def _summary(document: LawDocument) -> dict[str, Any]:
    return {
        "label": document.label,
        "name": document.name,
        "assessed_on": document.assessed_on,
        "check": document.check,
        "checked_by": document.checked_by,
        "since": document.since,
        "until": document.until,
        "inherits": list(document.inherits),
        "verdicts": len(document.verdicts),
        "notes": len(document.notes),
        "schemes": len(document.schemes),
    }


def _told(document: LawDocument, use: Use | None) -> list[str]:
    told = [
        f"{document.name} ({document.label}), assessed {document.assessed_on}; to be checked by {document.check}, "
        f"checked by {document.checked_by or 'nobody yet'}",
        document.disclaimer,
    ]
    if document.inherits:
        told.append(f"asks {', '.join(document.inherits)} where it says nothing")
    told += [_verdict(line) for line in document.verdicts if use is None or use in line.uses]
    told += [_note(note) for note in document.notes if use is None or not note.uses or use in note.uses]
    told += [
        f"scheme {key}: {one.title}, {one.cmo}, {one.tariff}"
        for key, one in sorted(document.schemes.items())
        if use is None or use in one.uses
    ]
    told += [f"source {key}: {one.title}, {one.published} ({one.known_by})" for key, one in document.sources.items()]
    return told


def _verdict(line: Verdict) -> str:
    since = f" since {line.since}" if line.since else ""
    until = f" until {line.until}" if line.until else ""
    cites = ", ".join(f"{cite.source} {cite.at}".rstrip() for cite in line.cites)
    return (
        f"{', '.join(sorted(line.uses))}: {line.kind}{since}{until}: {line.basis} "
        f"[{cites}; confidence {line.confidence}]"
    )


def _note(note: Note) -> str:
    cites = ", ".join(f"{cite.source} {cite.at}".rstrip() for cite in note.cites)
    return f"{note.topic}: {note.finding}: {note.says} [{cites or 'no source'}; confidence {note.confidence}]"
