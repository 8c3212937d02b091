"""Titles: what is the song, what is the version, in three languages and wherever it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.registry.match_facts import MatchKind
from cantoria.registry.matching import Row, normalise
from cantoria.registry.matching.folding import fold, sound
from cantoria.registry.matching.titles import split_title


@pytest.mark.parametrize(
    ("text", "titles", "facets"),
    [
        ("Spring Rain", ("spring rain",), ()),
        ("Spring Rain (Live)", ("spring rain",), ("live",)),
        ("Spring Rain - En Vivo", ("spring rain",), ("live",)),
        ("봄비 (라이브)", ("봄비",), ("live",)),
        ("봄비 라이브", ("봄비",), ("live",)),
        ("Rain (Live at Wembley, 1999)", ("rain",), ("live=wembley 1999",)),
        ("Rain (2011 Remaster)", ("rain",), ("remaster=2011",)),
        ("Rain - Remastered 2011", ("rain",), ("remaster=2011",)),
        ("Lluvia (Remasterizado 2011)", ("lluvia",), ("remaster=2011",)),
        ("Rain (Radio Edit)", ("rain",), ("edit",)),
        ("비 (라디오 에디트)", ("비",), ("edit",)),
        ("Rain [Clean]", ("rain",), ("clean",)),
        ("Rain (Explicit)", ("rain",), ("explicit",)),
        ("Rain (DJ X Remix)", ("rain",), ("remix=dj x",)),
        ("Lluvia (Versión Acústica)", ("lluvia",), ("acoustic",)),
        ("비 (Inst.)", ("비",), ("instrumental",)),
        ("비 MR", ("비",), ("karaoke",)),
        ("Rain (Karaoke Version)", ("rain",), ("karaoke",)),
        ("Rain (Taylor’s Version)", ("rain",), ("rerecording=taylor",)),
        ("Rain (Re-Recorded)", ("rain",), ("rerecording",)),
        ("Rain (sped up)", ("rain",), ("sped_up",)),
        ("Rain - Demo", ("rain",), ("demo",)),
        ("Rain (Korean Ver.)", ("rain",), ("language=ko",)),
        ("Rain (Album Version)", ("rain",), ()),
        ("Rain [Official Audio]", ("rain",), ()),
        # Words of versions that are the title.
        ("Live", ("live",), ()),
        ("Long Live", ("long live",), ()),
        ("Dirty Diana", ("dirty diana",), ()),
        ("Clean Bandit", ("clean bandit",), ()),
        # A subtitle or a translation is another title.
        ("봄비 (Spring Rain)", ("봄비", "spring rain", "봄비 spring rain"), ()),
        ("Rain, Pt. II", ("rain part 2",), ()),
    ],
)
def test_matching_splits_a_title(text: str, titles: tuple[str, ...], facets: tuple[str, ...]) -> None:
    found = split_title(text)
    assert (found.titles, found.facets) == (titles, facets)


@pytest.mark.parametrize(
    ("version", "facets"),
    [("Live", ("live",)), ("2011 Remaster", ("remaster=2011",)), ("Album Version", ()), ("Nana", ("other=nana",))],
)
def test_matching_reads_a_version_column(version: str, facets: tuple[str, ...]) -> None:
    assert split_title("Rain", version=version).facets == facets


def test_matching_takes_guests_out_of_a_title() -> None:
    found = split_title("Rain (feat. Bo Kim) [Live]")
    assert (found.titles, found.facets, found.featured) == (("rain",), ("live",), ("bo kim",))
    assert split_title("비 (피처링 김보)").featured == ("김보",)


@pytest.mark.parametrize(
    ("hangul", "latin"),
    [
        ("사랑해", "Saranghae"),
        ("봄날", "Bom Nal"),
        ("한국어", "Hangugeo"),
        ("음악", "Eumak"),
        ("신라", "Silla"),
        ("별", "Byul"),
    ],
)
def test_matching_hears_hangul_and_its_romanisation_alike(hangul: str, latin: str) -> None:
    from cantoria.registry.matching.comparing import title_level
    from cantoria.registry.matching.types import Title

    assert title_level(fold(hangul), fold(latin)) >= Title.WEAK
    if hangul != "별":
        assert sound(fold(hangul)) == sound(fold(latin))


@given(st.text(max_size=60))
def test_matching_never_loses_a_title(text: str) -> None:
    found = split_title(text)
    assert bool(found.titles) is bool(fold(text))
    assert found.facets == tuple(sorted(found.facets))


@given(st.text(max_size=40))
def test_matching_folding_is_settled(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_matching_cuts_what_is_beyond_all_measure() -> None:
    row = Row(id="a", title="(" * 100_000, artist="x " * 100_000, writers=("Ada",) * 1_000, version="live " * 10_000)
    normal = normalise(row, kind=MatchKind.RECORDING)
    assert len(normal.titles) + len(normal.names) + len(normal.facets) < 4_000
    assert normal.writers == "ada"
