"""What strangers write gives no orders to a terminal or a page, and stays readable as what it was."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.kernel.shown import shown, shown_exact, shown_json

ORDERS = ["\x00", "\x07", "\n", "\r", "\x1b", "\x7f", "\x85", "\x9b", "\u061c", "\u200e", "\u202e", "\u2028", "\u2066"]
ORDERS += ["\ufeff", "\ud800", "\udc80", "\U000e0041"]


@pytest.mark.parametrize("order", ORDERS, ids=ascii)
def test_an_order_is_spelt_out(order: str) -> None:
    said = shown(f"a{order}b")
    assert said.isprintable()
    assert json.loads(f'"{said}"') == f"a{order}b"
    told = json.dumps({f"k{order}": f"v{order}"}, ensure_ascii=False, indent=2)
    assert json.loads(shown_json(told)) == {f"k{order}": f"v{order}"}
    assert all(line.isprintable() for line in shown_json(told).split("\n"))


@pytest.mark.parametrize("text", ["", "Bo Kim", "작사 · 김보", "نامه\u200cها", "👩\u200d🎤", 'say "\\n"'])
def test_words_stay_as_they_are(text: str) -> None:
    assert shown(text) == text
    assert shown_json(json.dumps([text], ensure_ascii=False)) == json.dumps([text], ensure_ascii=False)


@pytest.mark.parametrize("text", ["isrc:KRA381900123", "own:A:W-1", "certificate_01h2xcejqtf2nbrexx3vqjhp41"])
def test_an_identifier_is_shown_as_it_is(text: str) -> None:
    assert shown_exact(text) == text


@pytest.mark.parametrize(
    "text", ["", " isrc:X", "isrc:X ", "isrc:\u041aRA", "isrc:K\u200bRA", "isrc:\u3164X", "a\nb", "own:김"]
)
def test_one_that_may_look_like_another_is_spelt_out(text: str) -> None:
    assert shown_exact(text).isascii()
    assert shown_exact(text).isprintable()
    assert json.loads(shown_exact(text)) == text


@given(st.text(st.characters()))
def test_no_text_moves_the_cursor_or_turns_the_line_round(text: str) -> None:
    said = shown(text)
    assert not {unicodedata.category(one) for one in said} & {"Cc", "Cs", "Zl", "Zp"}
    turning = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert not {unicodedata.bidirectional(one) for one in said} & turning
