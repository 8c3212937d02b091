"""The law book: documents of several territories and versions together, looked up by country, use and moment.

Of the documents that count at a moment, the one of the smallest territory that holds a country speaks for it: its own
before that of a group such as the European Union.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Final

from cantoria.consent.law import (
    NOT_ASSESSED,
    LawDocument,
    LawEntry,
    Note,
    Scheme,
    Verdict,
    period_of,
)
from cantoria.kernel import canonical, territories
from cantoria.kernel.codec import to_json
from cantoria.kernel.errors import InputError
from cantoria.kernel.uses import Use

SPOKEN_MAX: Final = 16_384  # countries at moments whose document is remembered


@dataclass(frozen=True)
class LawBook:
    """Documents by territory and version; at no moment do two versions of one territory count."""

    documents: tuple[LawDocument, ...]

    def __hash__(self) -> int:
        return hash(self.digest)

    @staticmethod
    def of(documents: Iterable[LawDocument]) -> LawBook:
        """Return the book of documents in any order. Two versions of a territory that count at the same time, and an
        inheritance that is missing or goes in circles, are `InputError`s."""
        book = LawBook(tuple(sorted(documents, key=lambda document: (document.territory, document.version))))
        book._check_versions()
        book._check_inheritance()
        return book

    def _check_versions(self) -> None:
        for one, other in zip(self.documents, self.documents[1:], strict=False):
            if (one.territory, one.version) == (other.territory, other.version):
                raise InputError(f"{one.label} stands twice", "give each version a number of its own")
        for position, one in enumerate(self.documents):
            for other in self.documents[position + 1 :]:
                if one.overlaps(other):
                    raise InputError(f"{one.label} and {other.label} count at the same time", "end the earlier one")

    def _check_inheritance(self) -> None:
        """An heir's ancestors inherit from nobody, so there is no circle and one look suffices."""
        known = {document.territory for document in self.documents}
        heirs = {document.territory for document in self.documents if document.inherits}
        for document in self.documents:
            for parent in document.inherits:
                if parent not in known or parent in heirs:
                    raise InputError(
                        f"{document.label} inherits from {parent}, which is missing or an heir itself",
                        "inherit from a base, such as EU",
                    )

    @cached_property
    def digest(self) -> str:
        """The version of the book: SHA-256 (hex) of its documents in canonical form."""
        return sha256(canonical.encode([to_json(document) for document in self.documents])).hexdigest()

    def era(self, at: int) -> int:
        """Return a number that stands for a time in which this book and the table of territories do not change: at two
        moments of the same number the book says the same of everything."""
        return bisect_right(self._changes, at) << 20 | territories.segment(at)

    @cached_property
    def _changes(self) -> list[int]:
        """The moments at which a document, or a part of one with a period of its own, begins or ceases to count."""
        periods = [document.period for document in self.documents]
        for document in self.documents:
            parts: tuple[Verdict | Note | Scheme, ...]
            parts = (*document.verdicts, *document.notes, *document.schemes.values())
            periods += [period_of(part.since, part.until) for part in parts]
        return sorted({one.start for one in periods} | {one.end for one in periods if one.end is not None})

    def in_force(self, at: int) -> tuple[LawDocument, ...]:
        """Return the documents that count at the moment `at`, by territory."""
        return tuple(document for document in self.documents if document.period.contains(at))

    def find(self, territory: str, *, at: int) -> LawDocument:
        """Return the document of a territory (its code, such as KR) that counts at `at`, or raise `InputError`."""
        for document in self.in_force(at):
            if document.territory == territory.upper():
                return document
        known = ", ".join(document.territory for document in self.in_force(at))
        raise InputError(f"no law of {territory[:40]!r} is on file for that date", f"on file are {known}")

    def document_of(self, country: str, *, at: int) -> LawDocument | None:
        """Return the document that speaks for a country (TIS code) at `at`, None where there is none."""
        key = (self.era(at), country)
        found = self._spoken.get(key)
        if found is None:
            if len(self._spoken) >= SPOKEN_MAX:
                self._spoken.clear()
            found = self._spoken[key] = (self._speaking(country, at),)
        return found[0]

    @cached_property
    def _spoken(self) -> dict[tuple[int, str], tuple[LawDocument | None]]:
        """Which document speaks for a country in an era, as far as it was asked."""
        return {}

    def _speaking(self, country: str, at: int) -> LawDocument | None:
        found = [
            (len(holds), document)
            for document in self.in_force(at)
            if country in (holds := territories.resolve(document.territory, at=at))
        ]
        return min(found, key=lambda pair: (pair[0], pair[1].territory))[1] if found else None

    def entry(self, use: Use, *, country: str, at: int) -> LawEntry:
        """Return what the law of a country (TIS code) says of `use` at `at`; where its own document judges the use at
        any time, what that one inherits is not asked."""
        document = self.document_of(country, at=at)
        for source in self.line(document, at=at):
            judged = [verdict for verdict in source.verdicts if use in verdict.uses]
            for verdict in judged:
                if period_of(verdict.since, verdict.until).contains(at):
                    return _entry(verdict, source)
            if judged:
                return NOT_ASSESSED
        return NOT_ASSESSED

    def notes(self, *, country: str, at: int, use: Use | None = None) -> Iterator[tuple[LawDocument, Note]]:
        """Give what is noted for a country at `at`, its own first, on one use or (None) on all."""
        for source in self.line(self.document_of(country, at=at), at=at):
            for note in source.notes:
                if period_of(note.since, note.until).contains(at) and (
                    use is None or not note.uses or use in note.uses
                ):
                    yield source, note

    def schemes(self, use: Use, *, country: str, at: int) -> Iterator[tuple[LawDocument, str, Scheme]]:
        """Give the schemes under which a use costs money in a country at `at` without its holders' yes, with keys."""
        for source in self.line(self.document_of(country, at=at), at=at):
            for key in sorted(source.schemes):
                scheme = source.schemes[key]
                if use in scheme.uses and period_of(scheme.since, scheme.until).contains(at):
                    yield source, key, scheme

    def line(self, document: LawDocument | None, *, at: int) -> Iterator[LawDocument]:
        """Give a document and those that it inherits, as far as they count at `at`."""
        if document is not None:
            yield document
            by_name = {other.territory: other for other in self.in_force(at)}
            yield from (by_name[parent] for parent in document.inherits if parent in by_name)


def _entry(verdict: Verdict, document: LawDocument) -> LawEntry:
    return LawEntry(
        kind=verdict.kind,
        basis=verdict.basis,
        source="; ".join(f"{document.sources[cite.source].title} {cite.at}".rstrip() for cite in verdict.cites),
        period=period_of(verdict.since, verdict.until),
        confidence=verdict.confidence,
        assessed_on=verdict.assessed_on or document.assessed_on,
        check=verdict.check or document.check,
        document=document.label,
        scheme=verdict.scheme,
    )
