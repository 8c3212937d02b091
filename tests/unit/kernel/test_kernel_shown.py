"""What strangers write gives no orders to a terminal or a page, and stays readable as what it was."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.kernel.shown import shown, shown_json

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


@given(st.text(st.characters()))
def test_no_text_moves_the_cursor_or_turns_the_line_round(text: str) -> None:
    said = shown(text)
    assert not {unicodedata.category(one) for one in said} & {"Cc", "Cs", "Zl", "Zp"}
    turning = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert not {unicodedata.bidirectional(one) for one in said} & turning
