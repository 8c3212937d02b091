"""Differential: python-stdnum knows five of the codes and must agree wherever both have an opinion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean as stdnum_ean
from stdnum import grid as stdnum_grid
from stdnum import isni as stdnum_isni
from stdnum import isrc as stdnum_isrc
from stdnum.iso7064 import mod_11_2 as stdnum_mod_11_2
from stdnum.iso7064 import mod_37_36 as stdnum_mod_37_36

from cantoria.codes import grid, gtin, isni, isrc
from cantoria.codes.iso7064 import ALPHABET, mod_11_2, mod_37_36


@given(st.text("0123456789", min_size=1, max_size=30))
def test_mod_11_2(text: str) -> None:
    assert mod_11_2(text) == stdnum_mod_11_2.calc_check_digit(text)


@given(st.text(ALPHABET, min_size=1, max_size=30))
def test_mod_37_36(text: str) -> None:
    assert mod_37_36(text) == stdnum_mod_37_36.calc_check_digit(text)


@given(st.text("0123456789", min_size=15, max_size=15), st.sampled_from("0123456789X"))
def test_isni(head: str, last: str) -> None:
    assert isni.is_valid(head + last) is stdnum_isni.is_valid(head + last)
    assert isni.format(head + last) == stdnum_isni.format(head + last)


@given(st.text("0123456789", min_size=12, max_size=14))
def test_gtin(text: str) -> None:
    assert gtin.is_valid(text) is stdnum_ean.is_valid(text)
    assert gtin.check_digit(text) == stdnum_ean.calc_check_digit(text)


@given(st.text(ALPHABET, min_size=16, max_size=16))
def test_grid(tail: str) -> None:
    text = "A1" + tail
    assert grid.is_valid(text) is stdnum_grid.is_valid(text)
    assert grid.format(text) == stdnum_grid.format(text)


@pytest.mark.parametrize("text", ["A12425GABC1234002M", "Grid: A1-2425G-ABC1234002-M", "A1-2425G-ABC1234002-Q"])
def test_grid_examples(text: str) -> None:
    assert grid.is_valid(text) is stdnum_grid.is_valid(text)


@given(st.from_regex(r"(US|KR|KS|QM|QZ|GB|FR|ES|TW|YU|ZZ)-?[A-Z0-9]{3}-?[0-9]{2}-?[0-9]{4,6}", fullmatch=True))
def test_isrc(text: str) -> None:
    assert isrc.is_valid(text) is stdnum_isrc.is_valid(text)
    if isrc.is_valid(text):
        assert isrc.compact(text) == stdnum_isrc.compact(text)
        assert isrc.format(text) == stdnum_isrc.format(text)
