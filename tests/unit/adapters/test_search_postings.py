"""Packed lists: what goes in comes out, in order, however it is cut into frames."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from cantoria.adapters.search import postings

VALUES = st.lists(st.integers(0, 2**32 - 1), unique=True, max_size=600).map(sorted)


def array(values: list[int]) -> pa.Array:
    return pa.array(values, pa.uint32())


class Numbers:
    """Numbers words as they come; a word with a hyphen is two."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def terms_of(self, texts: list[str]) -> list[list[int]]:
        return [[self.known.setdefault(part, len(self.known)) for part in text.split("-") if part] for text in texts]


@given(VALUES, st.integers(0, 600))
def test_frames_come_out_as_they_went_in(values: list[int], cut: int) -> None:
    packed = postings.pack(array(values[:cut])) + postings.pack(array(values[cut:]))
    assert postings.unpack(packed).to_pylist() == values


@given(VALUES, VALUES, VALUES)
def test_lists_are_cut_and_joined_as_sets_are(one: list[int], two: list[int], three: list[int]) -> None:
    parts = [array(values) for values in (one, two, three)]
    assert postings.union(parts).to_pylist() == sorted({*one, *two, *three})
    assert postings.common(parts).to_pylist() == sorted({*one} & {*two} & {*three})
    others = {value >> 3 for value in two}
    assert postings.among(parts[0], parts[1]).to_pylist() == [value for value in one if value >> 3 in others]


TEXTS = st.lists(
    st.lists(st.sampled_from(["a", "b", "c-d", "e", "-"]), max_size=8).map(" ".join), min_size=1, max_size=300
)


@given(TEXTS, st.booleans(), st.integers(0, 3 << 20))
def test_every_word_of_every_title_stands_in_its_list(texts: list[str], named: bool, first: int) -> None:
    numbers = Numbers()
    titles = pa.array(texts, pa.string())
    artists = pa.array(list(reversed(texts)), pa.string()) if named else None
    found: dict[int, list[int]] = {}
    keys = []
    for key, packed in postings.lists_of(titles, artists, first=first, vocabulary=numbers):
        keys.append(key)
        for value in postings.unpack(packed).to_pylist():
            assert value >> postings.PIECE_BITS == key & ((1 << postings.KEY_SHIFT) - 1)
            found.setdefault(key >> postings.KEY_SHIFT, []).append(value)
    assert keys == sorted(keys)
    expected: dict[int, set[int]] = {}
    for place, text in enumerate(texts):
        length = min(len(text.split()), postings.LONG)
        for word in text.split():
            for term in numbers.terms_of([word])[0]:
                expected.setdefault(term, set()).add((first + place) << 3 | length)
    for place, text in enumerate(reversed(texts) if named else ()):
        for word in text.split():
            for term in numbers.terms_of([word])[0]:
                expected.setdefault(term, set()).add((first + place) << 3 | postings.ARTIST)
    assert found == {term: sorted(values) for term, values in expected.items()}
