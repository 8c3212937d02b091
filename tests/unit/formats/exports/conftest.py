"""Entries of a small catalogue, and strategies that make others."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import strategies as st

from cantoria.formats.entries.types import Chain, Collection, Entry, Name, Party, Recording, Release, Share, Title, Work
from cantoria.kernel.periods import DAY, Period
from cantoria.registry.trade_facts import ChainKind, TitleKind
from cantoria.registry.types import PartyKind, Right, Role, Tier, WorkKind

HOSTILE = (
    "=1+1",
    "'=1+1",
    "''=cmd()",
    "@SUM(A1)",
    "+82 2",
    "-",
    "'",
    "＝1",
    'a "quoted", b',
    "two\nlines",
    "봄비",
    "ñ\u0301",
)
ISNIS = ("000000012281955X", "0000000121032683", "0000000114559647")
ROLES = (Role.COMPOSER, Role.LYRICIST, Role.AUTHOR, Role.ARRANGER, Role.TRANSLATOR, Role.PUBLISHER)

words = st.sampled_from(HOSTILE) | st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=12
)
texts = words.map(str.strip).filter(bool)
names = texts.map(lambda text: text.replace("|", "/"))
parts = st.integers(1, 5).flatmap(lambda whole: st.lists(st.fractions(0, Fraction(1, whole)), max_size=3))
periods = st.sampled_from([Period(), Period(0), Period(0, DAY), Period(20_000 * DAY, 20_100 * DAY + 1)])
territories = st.sampled_from(["2136", "0410", "0410 0840", "2136 -0840"])


@st.composite
def catalogues(draw: Any) -> list[Entry]:
    """Return the entries of a catalogue: parties first, then works, recordings and releases that refer to them."""
    parties = [
        Party(
            key=f"P{number}",
            names=(Name(draw(names), draw(st.sampled_from(["", "Latn", "Hang"]))),),
            kind=draw(st.sampled_from(PartyKind)),
            codes=draw(st.sampled_from([(), (("isni", ISNIS[number]), ("own", f"MB:{number}"))])),
        )
        for number in range(draw(st.integers(1, 3)))
    ]
    keys = st.sampled_from([party.key for party in parties])

    collected = st.builds(
        Collection,
        party=keys,
        role=st.sampled_from(ROLES),
        right=st.sampled_from([Right.PERFORMING, Right.MECHANICAL]),
        share=st.fractions(0, 1, max_denominator=7),
        territory=territories,
    )
    chained = st.builds(
        Chain,
        grantor=st.just("") | keys,
        acquirer=keys,
        kind=st.sampled_from(ChainKind),
        territory=territories,
        period=periods,
        agreement=st.just("") | texts,
    )

    def titles() -> tuple[Title, ...]:
        made = st.builds(
            Title, text=texts, kind=st.sampled_from(TitleKind), language=st.sampled_from(["", "en", "=ko"])
        )
        return tuple(dict.fromkeys(draw(st.lists(made, max_size=2))))

    def shares(roles: tuple[Role, ...]) -> tuple[Share, ...]:
        made = draw(
            st.lists(
                st.builds(
                    Share,
                    party=keys,
                    role=st.sampled_from(roles),
                    right=st.sampled_from([Right.PERFORMING, Right.MECHANICAL]),
                    share=st.none() | st.fractions(0, 1, max_denominator=1000),
                    territory=territories,
                    period=periods,
                    tier=st.sampled_from([Tier.ASSERTED, Tier.DOCUMENTED, Tier.VERIFIED]),
                ),
                max_size=3,
            )
        )
        return tuple(dict.fromkeys(made))

    works = [
        Work(
            key=f"W{number}",
            title=draw(texts),
            titles=titles(),
            codes=draw(codes_of_work(number)),
            shares=shares(ROLES),
            collections=tuple(dict.fromkeys(draw(st.lists(collected, max_size=2)))),
            chains=tuple(dict.fromkeys(draw(st.lists(chained, max_size=2)))),
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    if len(works) > 1:
        kind = draw(st.sampled_from([WorkKind.ARRANGEMENT, WorkKind.MEDLEY]))
        works[0] = Work(key="W0", title=works[0].title, kind=kind, parts=("W1",), parts_complete=draw(st.booleans()))
    recordings = [
        Recording(
            key=f"R{number}",
            title=draw(texts),
            artist=draw(texts),
            titles=titles(),
            version=draw(st.sampled_from(["", "Live", "=live"])),
            duration_ms=draw(st.none() | st.integers(0, 10**9)),
            codes=(("isrc", f"KRA38{number:07d}"),),
            works=tuple(draw(st.lists(st.sampled_from([work.key for work in works]), unique=True))) if works else (),
            samples=("R0",) if number and draw(st.booleans()) else (),
            samples_complete=draw(st.booleans()),
            shares=shares((Role.FEATURED_PERFORMER, Role.NON_FEATURED_PERFORMER, Role.PRODUCER)),
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    held = tuple(recording.key for recording in recordings)
    releases = (
        [Release(key="A0", title=draw(texts), codes=(("gtin", "4006381333931"),), recordings=held)] if held else []
    )
    entries = [Entry(line=0, kind="party", parties=(party,)) for party in parties]
    entries += [Entry(line=0, kind="work", parties=tuple(parties), works=(work,)) for work in reversed(works)]
    entries += [Entry(line=0, kind="recording", recordings=(recording,)) for recording in recordings]
    return [*entries, *(Entry(line=0, kind="release", releases=(release,)) for release in releases)]


def codes_of_work(number: int) -> st.SearchStrategy[tuple[tuple[str, str], ...]]:
    return st.sampled_from([(), (("own", f"KOMCA:{number:012d}"),), (("iswc", "T0345246801"),) if not number else ()])


@pytest.fixture(scope="session")
def some_catalogue() -> list[Entry]:
    """Return the entries of a catalogue in which everything occurs."""
    writer = Party(key="P1", names=(Name("김민지", "Hang"), Name("=Kim")), codes=(("ipi_name", "00014107338"),))
    label = Party(key="P2", names=(Name("Blue Records"),), kind=PartyKind.ORGANISATION)
    work = Work(
        key="W1",
        title="봄비",
        titles=(Title(text="Spring Rain", language="en"),),
        codes=(("iswc", "T0345246801"), ("own", "KOMCA:100000000001")),
        shares=(
            Share(party="P1", role=Role.COMPOSER, right=Right.MECHANICAL, share=Fraction(1, 3)),
            Share(party="P2", role=Role.PUBLISHER, right=Right.MECHANICAL, share=Fraction(1, 2), territory="0410"),
        ),
    )
    recording = Recording(
        key="R1",
        title="봄비",
        artist="Minji",
        duration_ms=214_000,
        codes=(("isrc", "KRA381900123"),),
        works=("W1",),
        shares=(Share(party="P2", role=Role.PRODUCER),),
    )
    release = Release(key="A1", title="Album", codes=(("gtin", "4006381333931"),), recordings=("R1",))
    return [
        Entry(line=0, kind="work", parties=(writer, label), works=(work,), recordings=(recording,)),
        Entry(line=0, kind="recording", parties=(label,), recordings=(recording,)),
        Entry(line=0, kind="release", releases=(release,)),
    ]
