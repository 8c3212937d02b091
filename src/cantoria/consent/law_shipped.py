"""The law book that ships with Cantoria: the documents in `law_data`, part of the code as every table is.

They are read once. What a process answers depends on the release that runs and on nothing in its surroundings; a
certificate names the digest of the book.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from cantoria.consent.law import LawEntry
from cantoria.consent.law_book import LawBook
from cantoria.consent.law_documents import parse_document
from cantoria.kernel.uses import Use


def law_book() -> LawBook:
    """Return the book of this release."""
    return _shipped()


@cache
def _shipped() -> LawBook:
    folder = resources.files(__package__) / "law_data"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".json")), key=lambda file: file.name)
    return LawBook.of(parse_document(file.read_bytes()) for file in files)


def law_of(use: Use, *, country: str, at: int, book: LawBook | None = None) -> LawEntry:
    """Return what the law of `country` (TIS code) said of `use` at the moment `at`, by `book` (None = the one that
    ships). It informs; no status is ever computed from it."""
    return (law_book() if book is None else book).entry(use, country=country, at=at)
