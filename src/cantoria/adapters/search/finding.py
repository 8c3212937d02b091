"""From words to hits: first the documents with all words, then with what they may have been meant to be.

The lists of the terms are cut with one another; of what is left a bounded number, exact titles first and then in
ledger order, is compared with the words letter by letter. The same index gives the same hits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import pyarrow as pa
from rapidfuzz import fuzz

from cantoria.adapters.search import postings
from cantoria.adapters.search.documents import Documents
from cantoria.adapters.search.postings import LONG
from cantoria.adapters.search.terms import Terms
from cantoria.app.ports import Hit
from cantoria.app.search_text import fold, sound, within, words

WORDS_MAX: Final = 8
COMPARED_MAX: Final = 300
OPTIONS_BYTES_MAX: Final = 400_000  # of the lists of what one word may have been meant to be
OPTIONS_MAX: Final = 40
PREFIX_CHARS_MIN: Final = 3
Values = Callable[[int], pa.Array]


class Finder:
    """Answers one search."""

    def __init__(self, terms: Terms, documents: Documents, values: Values) -> None:
        self._terms, self._documents, self._values = terms, documents, values

    def find(self, text: str, *, limit: int) -> list[Hit]:
        """Return up to `limit` hits, the best first, each thing once."""
        asked = list(dict.fromkeys(words(text)))[:WORDS_MAX]
        if not asked:
            return []
        exact = [self._exact(word) for word in asked]
        found = self._candidates(exact, length=len(text.split()))
        if len(found) < limit and (len(asked) == 1 or not found):
            last = len(asked) - 1
            wide = [
                postings.union([values, *self._options(word, final=place == last)])
                for place, (word, values) in enumerate(zip(asked, exact, strict=True))
            ]
            found = list(dict.fromkeys([*found, *self._candidates(wide, length=len(text.split()))]))
            if not found and len(asked) > 1:
                found = self._all_but_one(wide)
        return self._ranked(found[:COMPARED_MAX], text, limit=limit)

    def _exact(self, word: str) -> pa.Array:
        term = self._terms.id_of(word)
        return postings.NONE if term is None else self._values(term)

    def _options(self, word: str, *, final: bool) -> list[pa.Array]:
        """Return the lists of what a word may have been meant to be, as far as there is room for them."""
        found = [self._within(word)]
        near = [*self._terms.sounding_like(word), *self._terms.typed_like(word)]
        if final and (len(word) >= PREFIX_CHARS_MIN or not word.isascii()):
            near += self._terms.beginning_with(word)
        left = OPTIONS_BYTES_MAX
        for term in list(dict.fromkeys(near))[:OPTIONS_MAX]:
            weight = self._terms.weight(term)
            if weight <= left:
                left -= weight
                found.append(self._values(term))
        return found

    def _within(self, word: str) -> pa.Array:
        """Return where a Korean word stands within a longer one."""
        lists = [self._exact(part) for part in within(word)]
        return postings.common(lists) if all(len(one) for one in lists) else postings.NONE

    def _candidates(self, lists: Sequence[pa.Array], *, length: int) -> list[int]:
        """Return documents in every list: those whose title has just so many words first, then in ledger order."""
        if not all(len(values) for values in lists):
            return []
        just = [postings.docs(postings.of_class(values, min(length, LONG))) for values in lists]
        found = postings.common(just).slice(0, COMPARED_MAX).to_pylist()
        if len(found) < COMPARED_MAX:
            rest = postings.common([postings.docs(values) for values in lists])
            found += rest.slice(0, COMPARED_MAX).to_pylist()
        return list(dict.fromkeys(found))[:COMPARED_MAX]

    def _all_but_one(self, lists: Sequence[pa.Array]) -> list[int]:
        """Return documents in all lists but one, whichever."""
        sets = [postings.docs(values) for values in lists]
        found: dict[int, None] = {}
        for place in range(len(sets)):
            rest = [one for number, one in enumerate(sets) if number != place]
            if all(len(one) for one in rest):
                found.update(dict.fromkeys(postings.common(rest).slice(0, COMPARED_MAX).to_pylist()))
        return list(found)

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
