"""From words to hits: first the documents with all words, then with what they may have been meant to be.

The lists of the terms are cut with one another piece by piece, from the beginning of the ledger on, until there are
enough titles of just these words; where there are none, longer titles count. Of what is left a bounded number is
compared with the words letter by letter. The same index gives the same hits.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Final, Protocol

import pyarrow as pa
from rapidfuzz import fuzz

from cantoria.adapters.search import postings
from cantoria.adapters.search.documents import Documents
from cantoria.adapters.search.postings import LONG
from cantoria.adapters.search.terms import Terms
from cantoria.app.ports import Hit
from cantoria.app.search_text import fold, sound, terms, within, words

WORDS_MAX: Final = 8
COMPARED_MAX: Final = 200
ENOUGH: Final = 60  # titles of just the words asked for: all of them are about as good
SOUNDS_MAX: Final = 6  # of what one word may have been meant to be, the most frequent first
TYPOS_MAX: Final = 12
PREFIXED_MAX: Final = 12
PREFIX_CHARS_MIN: Final = 3
READ_MAX: Final = 24
LARGE_BYTES: Final = 40_000  # of a list: some twenty thousand titles
MEANT_BYTES: Final = 3_000  # of lists: some thousand titles
Word = list[tuple[int, ...]]  # what a word may be: each a set of terms that stand together


class Lists(Protocol):
    """The lists of documents, piece by piece."""

    def pieces(self, term: int) -> Set[int]:
        """Return in which pieces a term has a list."""
        ...

    def size(self, term: int, number: int) -> int:
        """Return how many bytes a term's list in a piece has."""
        ...

    def piece(self, term: int, number: int) -> pa.Array:
        """Return a term's values in one piece."""
        ...


class Finder:
    """Answers one search."""

    def __init__(self, known: Terms, documents: Documents, lists: Lists) -> None:
        self._terms, self._documents, self._lists = known, documents, lists

    def find(self, text: str, *, limit: int) -> list[Hit]:
        """Return up to `limit` hits, the best first, each thing once."""
        asked = list(dict.fromkeys(words(text)))[:WORDS_MAX]
        if not asked:
            return []
        length = min(len(text.split()), LONG)
        exact = [self._exact(word) for word in asked]
        found = self._candidates(exact, length=length)
        if len(found) < limit and (len(asked) == 1 or not found):
            wide = self._widened(asked, exact)
            found += self._candidates(wide, length=length, wide=True)
            for place in range(len(wide)) if len(wide) > 1 else ():
                if not found:
                    found += self._candidates([*wide[:place], *wide[place + 1 :]], length=length, wide=True)
        return self._ranked(list(dict.fromkeys(found))[:COMPARED_MAX], text, limit=limit)

    def _widened(self, asked: Sequence[str], exact: Sequence[Word]) -> list[Word]:
        """Return for each word what it may have been meant to be; a word that stands in many titles was meant."""
        found = []
        for place, (word, known) in enumerate(zip(asked, exact, strict=True)):
            final = place == len(asked) - 1
            common = sum(self._terms.weight(term) for one in known for term in one) > MEANT_BYTES
            found.append(known if common and not final else [*known, *self._options(word, final=final)])
        return found

    def _exact(self, word: str) -> Word:
        term = self._terms.id_of(word)
        return [] if term is None else [(term,)]

    def _options(self, word: str, *, final: bool) -> Word:
        """Return what a word may have been meant to be."""
        parts = [self._terms.id_of(part) for part in within(word)]
        known = [part for part in parts if part is not None]
        found: Word = [tuple(known)] if parts and len(known) == len(parts) else []
        near = [*self._terms.sounding_like(word)[:SOUNDS_MAX], *self._terms.typed_like(word)[:TYPOS_MAX]]
        if final and (len(word) >= PREFIX_CHARS_MIN or not word.isascii()):
            near += self._terms.beginning_with(word)[:PREFIXED_MAX]
        return [*found, *((term,) for term in dict.fromkeys(near))]

    def _candidates(self, asked: Sequence[Word], *, length: int, wide: bool = False) -> list[int]:
        """Return documents with every word: those whose title has just so many words first, then in ledger order.

        `wide` = what may have been meant: it is not looked for in all of the ledger once there is enough of it."""
        where = [set().union(*(self._together(one) for one in word)) for word in asked]
        exact: list[int] = []
        rest: list[int] = []
        for piece in sorted(set.intersection(*where)) if where else ():
            lists = self._in_piece(asked, piece)
            if not lists:
                continue
            just = postings.common([postings.docs(postings.of_class(values, length)) for values in lists])
            exact += just.slice(0, COMPARED_MAX).to_pylist()
            if len(exact) >= ENOUGH or (wide and len(rest) >= COMPARED_MAX):
                break
            if len(rest) < COMPARED_MAX:
                rest += postings.docs(lists[-1]).slice(0, COMPARED_MAX).to_pylist()
        return list(dict.fromkeys([*exact, *rest]))[:COMPARED_MAX]

    def _together(self, one: tuple[int, ...]) -> set[int]:
        return set.intersection(*(set(self._lists.pieces(term)) for term in one))

    def _in_piece(self, asked: Sequence[Word], piece: int) -> list[pa.Array]:
        """Return each word's values in a piece, the rarest word's first and each cut with those before it: the last
        are of documents with every word. None when there are none."""
        lists: list[pa.Array] = []
        for word in sorted(asked, key=lambda one: self._size(one, piece)):
            if lists and len(lists[-1]) <= READ_MAX and self._size(word, piece) > LARGE_BYTES:
                values = self._read(lists[-1], word)
            else:
                parts = [postings.common([self._lists.piece(term, piece) for term in one]) for one in word]
                values = postings.union(parts)
                if lists:
                    values = postings.among(values, lists[-1])
            if not len(values):
                return []
            lists.append(values)
        return lists

    def _read(self, values: pa.Array, word: Word) -> pa.Array:
        """Return those of a few values whose document holds a word: its text is read, not the word's long lists."""
        wanted = [{self._terms.text_of(term) for term in one} for one in word]
        numbers = [value >> postings.CLASS_BITS for value in values.to_pylist()]
        held = {
            number: {*terms(title), *terms(artist)} for number, title, artist in self._documents.texts(set(numbers))
        }
        return postings.values_of(
            [
                value
                for value, number in zip(values.to_pylist(), numbers, strict=True)
                if any(one <= held.get(number, set()) for one in wanted)
            ]
        )

    def _size(self, word: Word, piece: int) -> int:
        return sum(self._lists.size(term, piece) for one in word for term in one)

    def _ranked(self, numbers: Sequence[int], text: str, *, limit: int) -> list[Hit]:
        wanted = fold(text).strip()
        scored = []
        for number, title, artist in self._documents.texts(numbers):
            score = _score(wanted, fold(title), fold(artist))
            if wanted.isascii() and not (title + artist).isascii():
                score = max(score, _score(sound(wanted), sound(fold(title)), sound(fold(artist))))
            scored.append((-score, number))
        hits: dict[str, Hit] = {}
        for score, number in sorted(scored):
            if len(hits) == limit:
                break
            hit = self._documents.hit(number, score=-score)
            hits.setdefault(hit.id, hit)
        return list(hits.values())


def _score(wanted: str, title: str, artist: str) -> int:
    """Return how alike (0 to 100): to the title alone, to title and artist in either order, or to the artist alone."""
    best = max(fuzz.ratio(wanted, title), 0.9 * fuzz.ratio(wanted, artist))
    if artist:
        best = max(best, fuzz.ratio(wanted, f"{title} {artist}"), fuzz.ratio(wanted, f"{artist} {title}"))
    return round(best)
