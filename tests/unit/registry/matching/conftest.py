"""Rows that are one thing or nearly so, for the tests of matching."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from cantoria.registry.matching.types import Row

TITLES: Final = (
    "Spring Rain",
    "봄비",
    "Bombi",
    "Spring Rian",
    "Lluvia de Abril",
    "Rain No. 5",
    "Rain No. 6",
    "Live",
    "",
)
VERSIONS: Final = ("", "(Live)", "(라이브)", "- Remastered 2009", "(2011 Remaster)", "(Clean)", "(Explicit)", "[Inst.]")
ARTISTS: Final = ("김민준", "Kim Min-jun", "Min Jun Kim feat. Ana Ruiz", "Ana Ruiz", "RUIZ, Ana", "Spring Rain", "")
CODES: Final = ("isrc:KRA381900123", "isrc:KRA381900124", "isrc:ESA011900456")


def some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


@st.composite
def rows(draw: st.DrawFn, name: str = "") -> Row:
    title = " ".join((draw(st.sampled_from(TITLES)), draw(st.sampled_from(VERSIONS)))).strip()
    return Row(
        id=name or f"recording_{draw(st.integers(0, 10**6)):08d}",
        source=draw(st.sampled_from(("one", "two"))),
        title=title,
        artist=draw(st.sampled_from(ARTISTS)),
        version=draw(st.sampled_from(("", "Live", "Album Version"))),
        isrc=draw(some(CODES)),
        iswc=draw(some(("iswc:T0000000010", "iswc:T0000000021"))),
        codes=draw(some(("youtube_asset:A1", "youtube_asset:A2"))),
        duration_ms=draw(st.sampled_from((None, 180_000, 181_000, 183_500, 188_000, 240_000))),
        writers=draw(some(("Ada Molina", "MOLINA, Ada", "이은지", "Eunji Lee"))),
        shares=draw(st.sampled_from(((), (500_000, 500_000), (1_000_000,)))),
        audio=draw(some(("fp:1", "fp:2"))),
        related=(),
    )
