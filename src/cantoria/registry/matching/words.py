"""A comparison in words: what was compared, what it came to, and how much it weighed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cantoria.registry.match_facts import MatchKind
from cantoria.registry.matching.model import BIT, Model
from cantoria.registry.matching.types import (
    FIELD_LEVELS,
    Code,
    Duration,
    Facets,
    Field,
    Names,
    Pattern,
    Title,
    Writers,
)

NAMES_OF: Final = {
    MatchKind.RECORDING: {Field.TITLE: "title", Field.NAMES: "performers", Field.FIRST_CODE: "ISRC"},
    MatchKind.WORK: {Field.TITLE: "title", Field.NAMES: "performers", Field.FIRST_CODE: "ISWC"},
    MatchKind.PARTY: {Field.TITLE: "name", Field.FIRST_CODE: "IPI name number", Field.SECOND_CODE: "ISNI"},
}
_ALL: Final = {
    Field.DURATION: "duration",
    Field.SECOND_CODE: "ISWC of the work",
    Field.OTHER_CODE: "other codes",
    Field.WRITERS: "writers",
    Field.SHARES: "shares",
    Field.AUDIO: "fingerprint",
    Field.FACETS: "version",
}
_CODES: Final[dict[int, str]] = {Code.DISAGREE: "differ", Code.AGREE: "agree"}
SAID: Final[dict[Field, dict[int, str]]] = {
    Field.TITLE: {
        Title.DIFFERENT: "different",
        Title.WEAK: "a little alike",
        Title.SIMILAR: "similar",
        Title.NEAR: "nearly the same, or the same in another script",
        Title.EQUAL: "the same",
        Title.EQUAL_RARE: "the same, and rare",
    },
    Field.NAMES: {
        Names.DIFFERENT: "different",
        Names.WEAK: "a little alike",
        Names.SIMILAR: "similar",
        Names.PARTLY: "some the same",
        Names.EQUAL: "the same",
    },
    Field.DURATION: {
        Duration.FAR: "more than 10 s apart",
        Duration.LOOSE: "within 10 s",
        Duration.CLOSE: "within 4 s",
        Duration.EQUAL: "within 1.5 s",
    },
    Field.FIRST_CODE: {**_CODES},
    Field.SECOND_CODE: {**_CODES},
    Field.OTHER_CODE: {Code.AGREE: "one in common"},
    Field.WRITERS: {Writers.DISJOINT: "none in common", Writers.OVERLAP: "some in common", Writers.EQUAL: "the same"},
    Field.SHARES: {**_CODES},
    Field.AUDIO: {**_CODES},
    Field.FACETS: {
        Facets.SAME: "the same version by their words",
        Facets.ONE_SIDED: "one names a version, the other does not",
        Facets.CONTRADICT: "two different versions",
    },
}
RULES: Final = {
    "other_version": "two versions are never one recording, whatever the codes say",
    "version_unsaid": "one names a version and the other does not: a person has to look",
    "code_contradicted": "they share a code, but what they say of themselves contradicts it",
    "duration_apart": "they last too differently for one recording",
    "code_alone": "a code alone never makes a link: title and names do not both agree",
    "unsupported": "title and names do not both agree",
    "codes_disagree": "their codes of one scheme differ",
    "one_to_one": "another one of the same source fits as well or better",
}


@dataclass(frozen=True, slots=True)
class Feature:
    """One field of a comparison in words; `weight` in thousandths of a bit, above zero for the same thing."""

    name: str
    said: str
    weight: int

    @property
    def bits(self) -> str:
        """The weight with one decimal and its sign."""
        return f"{'-' if self.weight < 0 else '+'}{abs(self.weight) // BIT}.{abs(self.weight) % BIT // 100}"


def features(pattern: Pattern, *, model: Model) -> tuple[Feature, ...]:
    """Return what was compared, in words, the heaviest first; what is missing on a side is left out."""
    names = {**_ALL, **NAMES_OF[model.kind]}
    found = []
    for field in FIELD_LEVELS:
        level = pattern.level(field)
        said = SAID[field].get(level)
        if said is None or field not in names:
            continue
        if field is Field.TITLE and pattern.level(Field.SWAPPED):
            said = "title and performer are exchanged"
        if field is Field.FACETS and model.kind is MatchKind.PARTY:
            continue
        weights = model.weights[field]
        found.append(Feature(names[field], said, weights[level]))
    return tuple(sorted(found, key=lambda one: (-abs(one.weight), one.name)))


def rule_in_words(rule: str) -> str:
    """Return what a hard rule says, or nothing where none applied."""
    return RULES.get(rule, rule)
