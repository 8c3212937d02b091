"""Outside signals: what stands by each standard's own text, what signals come to together, and that none ever opens."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.consent.signals import (
    CROSSWALKS,
    LATEST,
    RULES,
    Found,
    Offer,
    OutsideSignal,
    Said,
    Stance,
    Standard,
    Weight,
    crosswalk,
    matches,
    refused_uses,
    settle,
    weigh,
)
from cantoria.kernel.periods import Period, parse_moment
from cantoria.kernel.uses import Use

NOW = parse_moment("2026-11-21")
NO, YES, TERMS = Stance.REFUSED, Stance.ALLOWED, Stance.CONSTRAINED


def signal(standard: Standard, category: str, stance: Stance, **more: object) -> OutsideSignal:
    found = more.pop("found", Found.FILE)
    return OutsideSignal(
        standard=standard,
        version="1",
        found=found,
        place=more.pop("place", "here"),
        said=(Said(category, stance),),
        **more,
    )


def tdm(stance: Stance, found: Found = Found.FILE, location: str = "") -> OutsideSignal:
    return signal(Standard.TDMREP, "mine", stance, found=found, location=location)


def bot(agent: str, stance: Stance, location: str) -> OutsideSignal:
    return signal(Standard.ROBOTS, agent, stance, location=location)


def pref(stance: Stance, found: Found = Found.FILE, location: str = "") -> OutsideSignal:
    return signal(Standard.AIPREF, "train-ai", stance, found=found, location=location)


def rsl(stance: Stance, location: str = "/") -> OutsideSignal:
    return signal(Standard.RSL, "ai-train", stance, location=location)


HEADER, META, POLICY = Found.HEADER, Found.META, Found.POLICY
# What is given, the path, and which of the given stand (by position): one row for each rule of each standard.
PRECEDENCE = [
    ("tdmrep: the file alone", [tdm(NO, location="/")], "/a", [0]),
    ("tdmrep: elsewhere", [tdm(NO, location="/b/")], "/a", []),
    ("tdmrep: longest location", [tdm(NO, location="/"), tdm(YES, location="/a/")], "/a/x", [1]),
    ("tdmrep: longest location, stricter", [tdm(YES, location="/"), tdm(NO, location="/a/")], "/a/x", [1]),
    ("tdmrep: a tie stands twice", [tdm(NO, location="/a"), tdm(YES, location="/a")], "/a", [0, 1]),
    ("tdmrep: header over file", [tdm(NO, location="/"), tdm(YES, HEADER)], "/a", [1]),
    ("tdmrep: header over longer file", [tdm(YES, location="/a/b"), tdm(NO, HEADER)], "/a/b", [1]),
    ("tdmrep: page over header", [tdm(YES, HEADER), tdm(NO, META)], "/a", [1]),
    ("tdmrep: page over file", [tdm(NO, location="/a"), tdm(YES, META)], "/a", [1]),
    ("tdmrep: policy stays", [tdm(YES, META), tdm(NO, POLICY)], "/a", [0, 1]),
    ("aipref: longest path in robots.txt", [pref(NO, location="/"), pref(YES, location="/a")], "/a", [1]),
    ("aipref: header beside file", [pref(YES, location="/a"), pref(NO, HEADER)], "/a", [0, 1]),
    ("aipref: header sets no file aside", [pref(NO), pref(YES, HEADER)], "/a", [0, 1]),
    ("robots: longest path", [bot("gptbot", NO, "/"), bot("gptbot", YES, "/a/")], "/a/b", [1]),
    ("robots: allow wins a tie", [bot("gptbot", NO, "/a"), bot("gptbot", YES, "/a")], "/a", [1]),
    ("robots: other crawlers", [bot("gptbot", YES, "/"), bot("*", NO, "/")], "/a", [0, 1]),
    ("robots: each by itself", [bot("gptbot", NO, "/"), bot("ccbot", YES, "/a")], "/a", [0, 1]),
    ("rsl: all that match stand", [rsl(YES, "/"), rsl(NO, "/a")], "/a", [0, 1]),
    ("rsl: elsewhere", [rsl(NO, "/b")], "/a", []),
    ("standards do not meet", [tdm(YES, HEADER), pref(NO)], "/a", [0, 1]),
]


@pytest.mark.parametrize(("given_", "path", "stand"), [row[1:] for row in PRECEDENCE], ids=[r[0] for r in PRECEDENCE])
def test_precedence_within_a_standard(given_: list[OutsideSignal], path: str, stand: list[int]) -> None:
    settled = settle(given_, path=path)
    assert set(settled.stands) == {given_[n] for n in stand}
    here = [one for one in given_ if not one.location or matches(one.location, path)]
    assert set(settled.set_aside) == set(here) - set(settled.stands)


def test_the_part_of_a_rule_that_stands_is_kept() -> None:
    both = OutsideSignal(
        standard=Standard.ROBOTS, version="1", found=Found.FILE, place="robots.txt", location="/",
        said=(Said("gptbot", NO), Said("ccbot", NO)),
    )  # fmt: skip
    settled = settle([both, bot("gptbot", YES, "/a")], path="/a")
    assert settled.stands == (replace(both, said=(Said("ccbot", NO),)), bot("gptbot", YES, "/a"))
    assert settled.set_aside == ()


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/", "/a", True),
        ("/a", "/ab", True),
        ("/a$", "/ab", False),
        ("/a$", "/a", True),
        ("/*.mp3$", "/x/y.mp3", True),
        ("/*.mp3$", "/x.mp3?y", False),
        ("/a*b*c", "/aXbXc", True),
        ("/a*b*c", "/aXcXb", False),
        ("*", "/", True),
        ("/ab*ba$", "/aba", False),
        ("", "/", True),
        ("/a/*/c$", "/a/b/c", True),
    ],
)
def test_patterns_of_paths(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, path) is expected


def test_a_hostile_pattern_takes_linear_time() -> None:
    assert matches("/" + "*a" * 2_000 + "b", "/" + "a" * 100_000) is False


def test_every_standard_has_a_rule_a_source_and_categories() -> None:
    table = crosswalk()
    assert set(RULES) == set(table.sources) == set(Standard)
    assert all(table.categories(standard) for standard in Standard)
    assert all(line.because for line in table.lines)
    assert len({(line.standard, line.category) for line in table.lines}) == len(table.lines)
    assert table is CROSSWALKS[LATEST] is crosswalk("a version that nobody knows")


@pytest.mark.parametrize(
    ("standard", "category", "uses"),
    [
        (Standard.TDMREP, "mine", {Use.ANALYSE, Use.TRAIN_GENERATIVE, Use.TRAIN_NONGENERATIVE}),
        (Standard.AIPREF, "train-ai", {Use.TRAIN_GENERATIVE, Use.TRAIN_NONGENERATIVE}),
        (Standard.AIPREF, "search", set()),
        (Standard.RSL, "ai-input", {Use.INPUT, Use.RELEASE_OUTPUT, Use.ADVERTISE}),
        (Standard.C2PA, "c2pa.ai_training", {Use.TRAIN_NONGENERATIVE}),
        (Standard.CAWG, "cawg.ai_generative_training", {Use.TRAIN_GENERATIVE}),
        (Standard.DDEX, "UseForTrainingGenerativeAI", {Use.TRAIN_GENERATIVE}),
        (Standard.DDEX, "UseForTrainingNonGenerativeAI", {Use.TRAIN_NONGENERATIVE}),
        (Standard.DDEX, "UseForDataMining", {Use.ANALYSE}),
        (Standard.ROBOTS, "gptbot", {Use.TRAIN_GENERATIVE, Use.TRAIN_NONGENERATIVE}),
        (Standard.LICENCE, "cc:nc", set()),
        (Standard.LICENCE, "cc:nd", set()),
        (Standard.LICENCE, "clause:no-training", {Use.TRAIN_GENERATIVE, Use.TRAIN_NONGENERATIVE}),
        (Standard.ODRL, "cantoria:voice", {Use.VOICE}),
        (Standard.TDMREP, "unheard of", set()),
    ],
)
def test_crosswalk(standard: Standard, category: str, uses: set[Use]) -> None:
    assert crosswalk().uses(standard, category) == uses
    assert refused_uses(signal(standard, category, NO)) == uses


TRAIN = {"use": Use.TRAIN_GENERATIVE, "at": NOW}


def test_absent_is_not_refused_and_an_allowed_adds_nothing() -> None:
    assert weigh([], **TRAIN).verdict is Weight.NOT_REFUSED
    assert weigh([tdm(YES)], **TRAIN) == weigh([], **TRAIN)


def test_any_no_wins_and_says_which() -> None:
    weighed = weigh([tdm(YES), pref(YES), rsl(NO)], **TRAIN)
    assert (weighed.verdict, weighed.because) == (Weight.REFUSED, (rsl(NO),))


def test_terms_are_no_refusal_where_somebody_tells_them() -> None:
    offer = Offer("https://label.example/licence", "EUR 0.05")
    silent = rsl(TERMS)
    assert weigh([silent], **TRAIN).verdict is Weight.REFUSED
    told = replace(silent, offers=(offer,))
    assert weigh([told], **TRAIN).verdict is Weight.NOT_REFUSED
    assert weigh([told], **TRAIN).offers == (offer,)
    in_words = replace(silent, said=(Said("ai-train", TERMS, "mail us"),))
    assert weigh([in_words], **TRAIN).verdict is Weight.NOT_REFUSED
    assert weigh([told], use=Use.ANALYSE, at=NOW).offers == ()
    pointer = replace(told, said=())
    assert weigh([pointer], use=Use.ANALYSE, at=NOW).offers == (offer,)


@pytest.mark.parametrize(
    ("territory", "where", "refused"),
    [
        ("2136", "0410", True),
        ("0840", "0410", False),
        ("0840", "0410 0840", True),
        ("2136 -0410", "0410", False),
        ("nobody can read this", "0410", True),
    ],
)
def test_territory_of_a_signal(territory: str, where: str, refused: bool) -> None:
    weighed = weigh([replace(tdm(NO), territory=territory)], territory=where, **TRAIN)
    assert (weighed.verdict is Weight.REFUSED) is refused


def test_period_of_a_signal() -> None:
    ended = replace(tdm(NO), period=Period(end=NOW))
    assert weigh([ended], **TRAIN).verdict is Weight.NOT_REFUSED
    assert weigh([ended], use=Use.TRAIN_GENERATIVE, at=NOW - 1).verdict is Weight.REFUSED


LINES = crosswalk().lines
SIGNALS = st.builds(
    lambda line, stance, found, location, place, territory, offers: OutsideSignal(
        standard=line.standard, version="1", found=found, place=place, location=location, territory=territory,
        said=(Said(line.category, stance),), offers=offers,
    ),
    st.sampled_from(LINES), st.sampled_from(Stance), st.sampled_from(Found),
    st.sampled_from(("", "/", "/a", "/a/b$", "/*b")),
    st.sampled_from(("x", "y")), st.sampled_from(("2136", "0410", "0840", "?")),
    st.sampled_from(((), (Offer("https://x.example"),))),
)  # fmt: skip


@given(st.lists(SIGNALS, max_size=8), SIGNALS, st.sampled_from(Use), st.randoms(use_true_random=False))
def test_one_more_signal_never_loosens_and_order_does_not_matter(
    signals: list[OutsideSignal], more: OutsideSignal, use: Use, random: object
) -> None:
    before = weigh(signals, use=use, at=NOW, territory="0410")
    after = weigh([*signals, more], use=use, at=NOW, territory="0410")
    assert set(before.because) <= set(after.because)
    assert set(before.offers) <= set(after.offers)
    assert not (before.verdict is Weight.REFUSED and after.verdict is Weight.NOT_REFUSED)
    shuffled = [*signals, more]
    random.shuffle(shuffled)
    assert weigh(shuffled, use=use, at=NOW, territory="0410") == after


@given(st.lists(SIGNALS, max_size=8), st.sampled_from(("/", "/a", "/a/b")))
def test_settling_gives_what_was_given_and_settles_at_once(signals: list[OutsideSignal], path: str) -> None:
    settled = settle(signals, path=path)
    assert settle(settled.stands, path=path).stands == settled.stands
    assert set(settle(signals[::-1], path=path).stands) == set(settled.stands)
    said = {(one.standard, what) for one in signals for what in one.said}
    assert {(one.standard, what) for one in settled.stands for what in one.said} <= said
