"""Legal documents: whatever the bytes, the parser ends; what it takes is whole, reads back, and demands no less."""

from __future__ import annotations

import json
from collections.abc import Iterator

from cantoria.consent import BASE, LawBook, law_book, parse_document, profiles
from cantoria.consent.law_texts import changes
from cantoria.kernel import canonical
from cantoria.kernel.codec import to_json
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import parse_moment
from cantoria.kernel.uses import Use

NOW = parse_moment("2026-11-20")


def one(data: bytes) -> None:
    """Read, write again, look everything up."""
    try:
        document = parse_document(data)
    except InputError:
        return
    again = parse_document(canonical.encode(to_json(document)))
    if again != document or changes(document, again):
        raise AssertionError("what was written is not what was read")
    try:
        book = LawBook.of([document])
    except InputError:
        return
    for profile in profiles(at=NOW, book=book).values():
        if any(not profile.matrix[use] >= BASE.matrix[use] for use in Use):
            raise AssertionError("a profile demands less than the base")
    for use in Use:
        for country in ("0410", "0724"):
            book.entry(use, country=country, at=NOW)
            list(book.schemes(use, country=country, at=NOW))


def seeds() -> Iterator[bytes]:
    """Give the documents that ship, in canonical form and indented."""
    for document in law_book().documents:
        value = to_json(document)
        yield canonical.encode(value)
        yield json.dumps(value, indent=1, ensure_ascii=False).encode()
