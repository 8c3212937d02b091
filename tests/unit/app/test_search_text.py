"""How words are compared: the same for every way of writing them, and again the same when done twice."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.app.search_text import (
    GRAM,
    WORD_CHARS_MAX,
    deletes,
    fold,
    grams,
    letters,
    romanised,
    sound,
    terms,
    typable,
    within,
    words,
)

TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)
LATIN = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzáéíóúñçàü ,.'-"), max_size=40)
HANGUL = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1, max_size=8)


@given(TEXTS)
def test_words_of_words_are_the_same_words(text: str) -> None:
    found = words(text)
    assert words(" ".join(found)) == found
    assert all(0 < len(word) <= WORD_CHARS_MAX and GRAM not in word for word in found)


@given(LATIN | HANGUL | st.tuples(LATIN, HANGUL).map(" ".join))
def test_composed_and_decomposed_text_are_one(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))
    assert words(text.upper()) == words(text.lower())


@given(LATIN)
def test_accents_do_not_matter(text: str) -> None:
    bare = "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))
    assert words(bare) == words(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Canción", ["cancion"]),
        ("DON'T Stop", ["dont", "stop"]),
        ("Rock-n-Roll", ["rock", "n", "roll"]),
        ("Straße", ["strasse"]),
        ("Sørensen Łódź", ["sorensen", "lodz"]),
        ("ﬁre ＬＯＶＥ", ["fire", "love"]),
        ("봄날 (Spring Day)", ["봄날", "spring", "day"]),
        ("  ", []),
        ("!!!", []),
    ],
)
def test_words(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_korean_stands_under_every_two_syllables() -> None:
    assert terms("너의봄날") == ["너의봄날", "너의~", "의봄~", "봄날~"]
    assert terms("봄날") == ["봄날"]
    assert terms("spring") == ["spring"]
    assert set(within("봄날")) <= set(terms("너의봄날"))
    assert set(within("의봄날")) <= set(terms("너의봄날"))
    assert within("of") == []


@given(HANGUL)
def test_what_is_within_a_word_is_found_there(word: str) -> None:
    if len(word) >= 3:
        for start in range(len(word) - 1):
            assert set(within(word[start : start + 2])) <= {*terms(word), *grams(word)}


@given(st.sampled_from(["heart", "봄날에", "corazon", "사랑해"]), st.data())
def test_a_typing_error_is_one_letter_apart(word: str, data: st.DataObject) -> None:
    spelt = letters(word)
    place = data.draw(st.integers(0, len(spelt) - 2))
    wrong = data.draw(
        st.sampled_from(
            [
                spelt[:place] + spelt[place + 1 :],
                spelt[:place] + spelt[place] + spelt[place:],
                spelt[:place] + spelt[place + 1] + spelt[place] + spelt[place + 2 :],
                spelt[:place] + "x" + spelt[place + 1 :],
            ]
        )
    )
    assert typable(word)
    assert deletes(word) & {wrong, *(wrong[:n] + wrong[n + 1 :] for n in range(len(wrong)))}


def test_romanised_korean() -> None:
    assert [romanised(one) for one in ("사랑", "봄날", "방탄소년단", "그대", "없다")] == [
        "sarang",
        "bomnal",
        "bangtansonyeondan",
        "geudae",
        "eopda",
    ]
    assert romanised("love") == ""
    assert sound("salang") == sound("sarang") == sound("사랑")


@given(HANGUL)
def test_every_syllable_has_letters(word: str) -> None:
    assert romanised(word).isascii()
    assert romanised(word)
