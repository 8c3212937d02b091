"""The page docs/reference/law.md: what the shipped law book says, by territory, use and topic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from cantoria.clearance.law_column import LAW_MEANS, STATUS_MEANS
from cantoria.consent import LawDocument, law_book
from cantoria.consent.law import Cite, LawKind, Topic
from cantoria.kernel.uses import Use

Table = Callable[[Sequence[str], Iterable[Sequence[object]]], str]
_MARK = {
    LawKind.CONSENT_REQUIRED: "consent",
    LawKind.LAWFUL_WITHOUT_CONSENT: "lawful",
    LawKind.EXTENDED_LICENCE: "extended licence",
    LawKind.NOT_ASSESSED: "–",
}


def law_page(*, note: str, table: Table) -> str:
    """Return the page; `table` draws a Markdown table."""
    book = law_book()
    return (
        f"# What the law says\n\n{note}\n"
        f"Two columns, never one. *Cantoria's status* is {STATUS_MEANS}.\nThe *law column* beside it is {LAW_MEANS}. "
        "It comes from dated\ndocuments with their sources ([spec](../../spec/law.md), "
        "[how to add one](../how-to/add-a-territory.md)). A law that permits a\nuse, or an extended "
        "collective licence, never makes a row *cleared*.\n\n"
        "No lawyer has checked these documents yet. Confidence is the author's own; much is from memory.\n\n"
        "## All territories\n\n"
        "*consent*: the law asks for it. *lawful*: permitted without consent under the conditions below. –: not "
        "assessed. Countries of the European\nUnion without a document of their own get that of EU; "
        "all others have none.\n\n"
        + table(
            ("use", *(document.territory for document in book.documents)),
            ((f"`{use}`", *(_kind(document, use) for document in book.documents)) for use in Use),
        )
        + "".join(_territory(document, table) for document in book.documents)
    )


def _kind(document: LawDocument, use: Use) -> str:
    kinds = [_MARK[line.kind] for line in document.verdicts if use in line.uses]
    return ", then ".join(kinds) or "–"


def _territory(document: LawDocument, table: Table) -> str:
    order = list(Topic)
    notes = sorted(document.notes, key=lambda note: order.index(note.topic))
    terms = document.profile
    demands = [
        *(["the CMO's yes on top where rights are held in trust"] if terms.trust_cmo else []),
        *(["the representative's yes for an estate"] if terms.estate_representative else []),
    ]
    return (
        f"\n## {document.territory}: {document.name}\n\n"
        f"Version {document.version}, assessed {document.assessed_on}; to be checked by {document.check}; checked by "
        f"{document.checked_by or 'nobody yet'}. "
        + (f"Demands {' and '.join(demands)}: {terms.why}. " if demands else "Demands what every territory does. ")
        + (f"Of age at {terms.majority_age}. " if terms.majority_age else "")
        + (f"Where it says nothing: {', '.join(document.inherits)}. " if document.inherits else "")
        + "\n\n"
        + table(
            ("uses", "the law", "since", "basis", "source", "confidence"),
            (
                (
                    ", ".join(f"`{use}`" for use in Use if use in line.uses),
                    f"`{line.kind}`",
                    line.since or "–",
                    line.basis,
                    _cites(document, line.cites),
                    line.confidence,
                )
                for line in document.verdicts
            ),
        )
        + "\n"
        + table(
            ("topic", "found", "what", "source", "confidence"),
            (
                (f"`{note.topic}`", f"`{note.finding}`", note.says, _cites(document, note.cites), note.confidence)
                for note in notes
            ),
        )
    )


def _cites(document: LawDocument, cites: tuple[Cite, ...]) -> str:
    told = (
        f"{document.sources[cite.source].title} {cite.at}".strip() + f" ({document.sources[cite.source].known_by})"
        for cite in cites
    )
    return "; ".join(told) or "–"
