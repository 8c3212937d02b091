"""From a pattern to a band: the probability decides, and hard rules keep some pairs down whatever it says.

A rule caps the band, it never raises one. The first that applies is named, so that a person sees what to look at:

- other_version: the facets contradict each other (clean and explicit, live and studio, two remasters, `No. 5` and
  `No. 6`): never one thing. For review only where a code or a fingerprint says otherwise of the same title.
- version_unsaid: one names a version and the other does not: never a link.
- code_contradicted: one code is shared, and two of title, performer and duration contradict it: no. One: review.
- duration_apart: they last more than ten seconds longer or shorter: never a link.
- code_alone, unsupported: title and performer (or writers) do not both agree: never a link, however many codes do.
- codes_disagree: two works with two ISWCs, two persons with two IPI numbers: for a person to judge.
"""

from __future__ import annotations

from typing import Final

from cantoria.registry.match_facts import MatchKind
from cantoria.registry.matching.model import Model
from cantoria.registry.matching.types import (
    Band,
    Code,
    Duration,
    Facets,
    Field,
    Judged,
    Names,
    Pattern,
    Thresholds,
    Title,
    Writers,
)

_ORDER: Final = {Band.NO: 0, Band.REVIEW: 1, Band.LINK: 2}
Cap = tuple[Band, str]
_NONE: Final = (Band.LINK, "")


def judge(pattern: Pattern, *, model: Model, thresholds: Thresholds) -> Judged:
    """Return the band of a pattern, with the hard rule that caps it, if one does, whatever the probability says."""
    weight = model.weight(pattern)
    ppm = model.probability(weight)
    band = Band.LINK if ppm >= thresholds.link_ppm else Band.REVIEW if ppm >= thresholds.review_ppm else Band.NO
    cap, rule = cap_of(pattern, kind=model.kind)
    return Judged(weight, ppm, min(cap, band, key=_ORDER.__getitem__), rule)


def cap_of(pattern: Pattern, *, kind: MatchKind) -> Cap:
    """Return the highest band that the hard rules leave, and the rule that sets it (empty when none does)."""
    versions = _versions(pattern, kind)
    if versions[0] is not Band.LINK:
        return versions
    match kind:
        case MatchKind.RECORDING:
            return _recording(pattern)
        case MatchKind.WORK:
            return _work(pattern)
        case MatchKind.PARTY:
            return _party(pattern)


def _versions(pattern: Pattern, kind: MatchKind) -> Cap:
    facets = pattern.level(Field.FACETS)
    if facets == Facets.CONTRADICT:
        shared = Code.AGREE in (pattern.level(Field.FIRST_CODE), pattern.level(Field.AUDIO))
        doubtful = shared and kind is not MatchKind.PARTY and pattern.level(Field.TITLE) >= Title.SIMILAR
        return (Band.REVIEW if doubtful else Band.NO), "other_version"
    if facets == Facets.ONE_SIDED and kind is not MatchKind.PARTY:
        return Band.REVIEW, "version_unsaid"
    return _NONE


def _recording(pattern: Pattern) -> Cap:
    title, names = pattern.level(Field.TITLE), pattern.level(Field.NAMES)
    apart = pattern.level(Field.DURATION) == Duration.FAR
    against = (title == Title.DIFFERENT) + (names == Names.DIFFERENT) + apart
    shared = Code.AGREE in (pattern.level(Field.FIRST_CODE), pattern.level(Field.AUDIO))
    if against and shared:
        return (Band.REVIEW if against == 1 else Band.NO), "code_contradicted"
    if apart:
        return Band.REVIEW, "duration_apart"
    return _supported(pattern, by_people=names >= Names.SIMILAR or (not names and _writers(pattern)))


def _work(pattern: Pattern) -> Cap:
    shared = pattern.level(Field.FIRST_CODE)
    writers = pattern.level(Field.WRITERS)
    against = (pattern.level(Field.TITLE) == Title.DIFFERENT) + (writers == Writers.DISJOINT)
    if against and shared == Code.AGREE:
        return (Band.REVIEW if against == 1 else Band.NO), "code_contradicted"
    if shared == Code.DISAGREE:
        return Band.REVIEW, "codes_disagree"
    return _supported(pattern, by_people=_writers(pattern) or (not writers and shared == Code.AGREE))


def _party(pattern: Pattern) -> Cap:
    codes = (pattern.level(Field.FIRST_CODE), pattern.level(Field.SECOND_CODE))
    if Code.DISAGREE in codes:
        return Band.REVIEW, "codes_disagree"
    return _supported(pattern, by_people=Code.AGREE in codes or _writers(pattern))


def _writers(pattern: Pattern) -> bool:
    return pattern.level(Field.WRITERS) >= Writers.OVERLAP


def _supported(pattern: Pattern, *, by_people: bool) -> Cap:
    if pattern.level(Field.TITLE) >= Title.SIMILAR and by_people:
        return _NONE
    coded = Code.AGREE in (
        pattern.level(field) for field in (Field.FIRST_CODE, Field.SECOND_CODE, Field.OTHER_CODE, Field.AUDIO)
    )
    return Band.REVIEW, "code_alone" if coded else "unsupported"
