"""Comparing and judging: symmetric, rising, and no rule of thumb above the hard ones."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.registry.matching.conftest import rows

from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.registry.match_facts import MatchKind
from cantoria.registry.matching import Band, Field, Judged, Pattern, Row, Thresholds, compare, judge, normalise
from cantoria.registry.matching.model import Model, read_model, shipped
from cantoria.registry.matching.types import FIELD_LEVELS, PPM, Code, Duration, Facets, Names, Title
from cantoria.registry.matching.words import RULES, features, rule_in_words

KINDS = list(MatchKind)
WIDE = Thresholds(link_ppm=2, review_ppm=1)  # the probability alone would make nearly everything a link
SAME = Row(
    id="a",
    title="Spring Rain",
    artist="Kim Min-jun",
    isrc=("isrc:KRA381900123",),
    duration_ms=180_000,
    writers=("Ada Molina",),
)


def judged(left: Row, right: Row, *, thresholds: Thresholds = WIDE, kind: MatchKind = MatchKind.RECORDING) -> Judged:
    pattern = compare(normalise(left, kind=kind), normalise(right, kind=kind))
    return judge(pattern, model=shipped(kind), thresholds=thresholds)


def patterns() -> st.SearchStrategy[Pattern]:
    levels = [st.integers(0, len(FIELD_LEVELS[field]) - 1) for field in FIELD_LEVELS]
    return st.tuples(*levels).map(lambda found: Pattern.of(dict(zip(FIELD_LEVELS, found, strict=True))))


@given(rows(), rows(), st.sampled_from(KINDS))
def test_matching_comparison_is_symmetric(left: Row, right: Row, kind: MatchKind) -> None:
    one, other = normalise(left, kind=kind), normalise(right, kind=kind)
    assert compare(one, other) == compare(other, one)


@given(rows(), st.sampled_from(KINDS))
def test_matching_a_row_is_like_itself(row: Row, kind: MatchKind) -> None:
    normal = normalise(row, kind=kind)
    pattern = compare(normal, normal)
    assert pattern.level(Field.FACETS) == Facets.SAME
    assert pattern.level(Field.TITLE) in (Title.EQUAL, Title.MISSING)


@given(patterns(), st.sampled_from([MatchKind.RECORDING, MatchKind.WORK]))
def test_matching_another_version_is_never_a_link(pattern: Pattern, kind: MatchKind) -> None:
    """Clean and explicit, edit, remaster, re-recording and live stay apart, whatever all the codes say."""
    if pattern.level(Field.FACETS) != Facets.SAME:
        assert judge(pattern, model=shipped(kind), thresholds=WIDE).band is not Band.LINK


@given(patterns(), st.sampled_from(KINDS))
def test_matching_no_code_makes_a_link_alone(pattern: Pattern, kind: MatchKind) -> None:
    """Without a similar title nothing is a link: no ISRC, no fingerprint, nor all codes together."""
    if pattern.level(Field.TITLE) < Title.SIMILAR:
        assert judge(pattern, model=shipped(kind), thresholds=WIDE).band is not Band.LINK


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("(Clean)", "(Explicit)"),
        ("(Live)", ""),
        ("(Radio Edit)", ""),
        ("(2009 Remaster)", "(2011 Remaster)"),
        ("(Remastered)", "(Remastered 2011)"),
        ("(Taylor's Version)", ""),
        ("(Acústico)", "(라이브)"),
        ("(DJ A Remix)", "(DJ B Remix)"),
        ("Pt. 1", "Pt. 2"),
    ],
)
def test_matching_versions_stay_apart_with_every_code_the_same(one: str, other: str) -> None:
    left, right = (replace(SAME, title=f"Spring Rain {words}", audio=("fp:1",)) for words in (one, other))
    assert judged(left, right).band is not Band.LINK
    assert judged(left, right).rule in ("other_version", "version_unsaid")


@pytest.mark.parametrize("words", ["(Live)", "(2011 Remaster)", "(Clean)", ""])
def test_matching_the_same_version_can_be_a_link(words: str) -> None:
    row = replace(SAME, title=f"Spring Rain {words}")
    assert judged(row, row).band is Band.LINK
    assert judged(row, row, thresholds=Thresholds()).band is Band.LINK


@pytest.mark.parametrize(
    ("change", "band", "rule"),
    [
        ({"title": "Another Thing Entirely"}, Band.REVIEW, "code_contradicted"),
        ({"title": "Another Thing Entirely", "artist": "Boris Vian"}, Band.NO, "code_contradicted"),
        ({"duration_ms": 240_000, "artist": "Boris Vian"}, Band.NO, "code_contradicted"),
        ({"duration_ms": 240_000, "isrc": ()}, Band.REVIEW, "duration_apart"),
        ({"artist": "Boris Vian", "isrc": ()}, Band.REVIEW, "unsupported"),
        ({"artist": "", "writers": ()}, Band.REVIEW, "code_alone"),
        ({"artist": "김민준"}, Band.LINK, ""),
        ({"title": "Kim Min-jun", "artist": "Spring Rain"}, Band.LINK, ""),
    ],
)
def test_matching_hard_rules_of_recordings(change: dict[str, object], band: Band, rule: str) -> None:
    found = judged(SAME, replace(SAME, id="b", **change))  # type: ignore[arg-type]
    assert (found.band, found.rule) == (band, rule)
    assert rule == "" or rule_in_words(rule) == RULES[rule]


def test_matching_works_and_parties_have_rules_of_their_own() -> None:
    work = Row(id="w", title="Spring Rain", iswc=("iswc:T0000000010",), writers=("Ada Molina",))
    assert judged(work, work, kind=MatchKind.WORK).band is Band.LINK
    twice = replace(work, iswc=("iswc:T0000000021",))
    assert judged(work, twice, kind=MatchKind.WORK).rule == "codes_disagree"
    stranger = replace(work, writers=("Boris Vian",))
    assert judged(work, stranger, kind=MatchKind.WORK).rule == "code_contradicted"
    kim = Row(id="p", title="김민준", version="person")
    assert judged(kim, kim, kind=MatchKind.PARTY).rule == "unsupported", "a common name is no person"
    known = replace(kim, codes=("ipi_name:00014107338",))
    assert judged(known, replace(known, title="Min-jun Kim"), kind=MatchKind.PARTY).band is Band.LINK
    other = replace(known, codes=("ipi_name:00014107339",))
    assert judged(known, other, kind=MatchKind.PARTY).rule == "codes_disagree"
    band = replace(known, version="group")
    assert judged(known, band, kind=MatchKind.PARTY).band is Band.NO


@given(st.integers(-60_000, 60_000), st.integers(0, 5_000), st.sampled_from(KINDS))
def test_matching_more_weight_is_never_less_likely(weight: int, more: int, kind: MatchKind) -> None:
    model = shipped(kind)
    assert 0 <= model.probability(weight) <= model.probability(weight + more) <= PPM


@pytest.mark.parametrize("kind", KINDS)
def test_matching_calibration_rises_and_doubts(kind: MatchKind) -> None:
    model = shipped(kind)
    assert all(low <= high for (_, low), (_, high) in pairwise(model.knots))
    assert model.knots[0][1] > 0
    assert model.knots[-1][1] < PPM
    assert model.weights[Field.TITLE][Title.EQUAL] > model.weights[Field.TITLE][Title.DIFFERENT]


def test_matching_a_digest_names_the_whole_model() -> None:
    model = shipped(MatchKind.RECORDING)
    assert len(model.digest) == 64
    changed = replace(model, prior=model.prior + 1)
    assert changed.digest != model.digest
    assert shipped(MatchKind.RECORDING).digest == model.digest
    with pytest.raises(IntegrityError):
        replace(model, knots=((0, 10), (1, 5)))
    with pytest.raises(InputError):
        read_model({"kind": "recording"})


def test_matching_bands_follow_the_thresholds() -> None:
    pattern = Pattern.of({Field.TITLE: Title.EQUAL, Field.NAMES: Names.EQUAL, Field.DURATION: Duration.EQUAL})
    model = shipped(MatchKind.RECORDING)
    likely = model.probability(model.weight(pattern))
    assert judge(pattern, model=model, thresholds=Thresholds(likely, likely)).band is Band.LINK
    assert judge(pattern, model=model, thresholds=Thresholds(PPM, likely)).band is Band.REVIEW
    assert judge(pattern, model=model, thresholds=Thresholds(PPM, PPM)).band is Band.NO
    with pytest.raises(InputError):
        Thresholds(link_ppm=1, review_ppm=2)


@given(patterns())
def test_matching_features_say_what_was_weighed(pattern: Pattern) -> None:
    model: Model = shipped(MatchKind.RECORDING)
    told = features(pattern, model=model)
    assert len(told) <= len(FIELD_LEVELS)
    silent = (Field.OTHER_CODE, *(field for field in FIELD_LEVELS if pattern.level(field) == 0))
    weight = sum(model.weights[f][pattern.level(f)] for f in FIELD_LEVELS if f not in silent or f is Field.FACETS)
    assert sum(one.weight for one in told if one.name != "other codes") == weight


def test_matching_features_in_words() -> None:
    pattern = Pattern.of({Field.FIRST_CODE: Code.AGREE, Field.TITLE: Title.NEAR, Field.SWAPPED: 1})
    told = {one.name: one.said for one in features(pattern, model=shipped(MatchKind.RECORDING))}
    assert told["ISRC"] == "agree"
    assert told["title"] == "title and performer are exchanged"
