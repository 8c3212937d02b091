"""Names: one key for each person, however the name is written; no one key for two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.registry.matching.comparing import names_level
from cantoria.registry.matching.people import name_key, name_keys, split_names
from cantoria.registry.matching.types import SEPARATOR, Names


@pytest.mark.parametrize(
    "spellings",
    [
        ("김민준", "Kim Min-jun", "Min Jun Kim", "Gim Minjun", "KIM, Min Jun", "김 민준"),
        ("이은지", "Lee Eun-ji", "Yi Eunji", "Rhee Eunji", "Eunji Lee"),
        ("박지민", "Park Ji-min", "Pak Jimin", "Bak Jimin"),
        ("최유나", "Choi Yuna", "Choe Yu-na"),
        ("남궁옥분", "Namkung Ok-bun", "Namgoong Okbun"),
        ("Gabriel García Márquez", "GARCIA MARQUEZ, Gabriel", "gabriel garcia marquez"),
        ("José de la Cruz", "Jose Cruz", "CRUZ, José de la"),
        ("The Beatles", "Beatles", "BEATLES"),
    ],
)
def test_matching_one_key_for_all_spellings(spellings: tuple[str, ...]) -> None:
    assert len({name_key(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("김민준", "이민준"), ("Kim Min-jun", "Kim Min-ji"), ("Paul Simon", "Carly Simon"), ("아이유", "방탄소년단")],
)
def test_matching_different_names_differ(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("Ana Ruiz", "ANA RUIZ", Names.EQUAL),
        ("김민준", "Min-jun Kim", Names.EQUAL),
        ("Simon, Paul", "Paul Simon", Names.EQUAL),
        ("Gabriel García Márquez", "Gabriel García", Names.SIMILAR),
        ("Ana Ruiz feat. Bo Diaz", "Ana Ruiz", Names.PARTLY),
        ("Ana Ruiz", "Anna Ruiz", Names.SIMILAR),
        ("Ana Ruiz", "Boris Vian", Names.DIFFERENT),
        ("", "Ana Ruiz", Names.MISSING),
    ],
)
def test_matching_levels_of_names(left: str, right: str, level: Names) -> None:
    keys = [SEPARATOR.join(name_keys(split_names(text), aliases={})) for text in (left, right)]
    assert names_level(*keys) is level


def test_matching_aliases_stand_for_one_name() -> None:
    aliases = {name_key("BTS"): name_key("방탄소년단")}
    assert name_keys(("BTS",), aliases=aliases) == name_keys(("방탄소년단",), aliases=aliases)


def test_matching_splits_credits() -> None:
    assert split_names("Ana Ruiz feat. Bo Diaz & Cy Young") == ("ana ruiz", "bo diaz", "cy young")
    assert split_names("Molina, Ada") == ("molina ada",)
    assert split_names("Earth Song Choir, The Long Wind Band, Ana") == ("earth song choir", "the long wind band", "ana")


@given(st.text(max_size=40))
def test_matching_a_key_is_always_found(text: str) -> None:
    assert name_key(text) == name_key(text.upper().lower()) or not text.isascii()
    assert isinstance(split_names(text), tuple)
