"""The crosswalk: which of our uses each category of each standard speaks of, as data with its version and sources.

It decides what a *no* in foreign words refuses here. A category that is not in it refuses nothing and is shown. An
older version stays: what was recorded under it goes on meaning the same (spec/signals.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final

from cantoria.consent.signals.crawlers import CRAWLERS, INPUTS, MINING, TRAINING
from cantoria.consent.signals.types import Standard
from cantoria.kernel.uses import Use

NOTHING: Final[frozenset[Use]] = frozenset()
# Everything that is asked of works and recordings; style, voice and likeness ask them as generative training.
ALL_AI: Final = MINING | INPUTS


@dataclass(frozen=True, slots=True)
class Line:
    """One category of a standard, the uses that a *no* to it refuses, and why."""

    standard: Standard
    category: str
    uses: frozenset[Use]
    because: str


@dataclass(frozen=True)
class Crosswalk:
    """One version of the table, and for each standard the version and source that it was made from."""

    version: str
    sources: Mapping[Standard, str]
    lines: tuple[Line, ...]

    @cached_property
    def _uses(self) -> dict[tuple[Standard, str], frozenset[Use]]:
        return {(line.standard, line.category): line.uses for line in self.lines}

    def uses(self, standard: Standard, category: str) -> frozenset[Use]:
        """Return the uses that a category speaks of; none for a category that the table does not know."""
        return self._uses.get((standard, category), NOTHING)

    def categories(self, standard: Standard) -> tuple[str, ...]:
        """Return the categories of a standard that the table knows, in its order."""
        return tuple(line.category for line in self.lines if line.standard is standard)


_SOURCES: Final[Mapping[Standard, str]] = MappingProxyType(
    {
        Standard.TDMREP: "W3C TDM Reservation Protocol, final community group report, 2024-05-10",
        Standard.RSL: "RSL 1.0, recommendation, 2025-12-10, with the errata to 2026-05-27",
        Standard.AIPREF: "IETF drafts aipref-vocab and aipref-attach, as of 2026-08-19: not consensus",
        Standard.CONTENT_SIGNAL: "Content Signals Policy, 2025-09",
        Standard.ROBOTS: "RFC 9309, and what operators publish of their crawlers, as of 2026-08",
        Standard.NO_AI: "directives noai and noimageai, 2022-11",
        Standard.C2PA: "C2PA 1.4, assertion c2pa.training-mining (left to CAWG from 2.0 on)",
        Standard.CAWG: "CAWG Training and Data Mining Assertion 1.0 and 1.1",
        Standard.DDEX: "DDEX allowed values version 9, UseType, and ERN 3.8.3",
        Standard.LICENCE: "Creative Commons suites 1.0 to 4.0; SPDX licence list",
        Standard.ODRL: "ODRL 2.2, the TDMRep profile, and our own profile (spec/odrl-profile.jsonld)",
    }
)
_USE = {use: frozenset({use}) for use in Use}
_C2PA_KEYS: Final = (
    ("data_mining", _USE[Use.ANALYSE], "extracting text or data to find patterns"),
    ("ai_training", _USE[Use.TRAIN_NONGENERATIVE], "training a model that is not generative"),
    ("ai_generative_training", _USE[Use.TRAIN_GENERATIVE], "training a generative model"),
    ("ai_inference", INPUTS | {Use.ANALYSE}, "input to a trained model, to infer a result or to make one"),
)


def _lines() -> Iterator[Line]:
    yield Line(Standard.TDMREP, "mine", MINING, "mining is any automated analysis (Directive 2019/790 art. 2(2))")
    yield from _rsl()
    yield from _preferences()
    yield Line(Standard.NO_AI, "noai", ALL_AI, "no use by AI, in one word")
    yield Line(Standard.NO_AI, "noimageai", NOTHING, "speaks of images alone")
    for agent, crawler in sorted(CRAWLERS.items()):
        yield Line(Standard.ROBOTS, agent, crawler.uses, crawler.because)
    yield Line(Standard.ROBOTS, "*", ALL_AI, "every crawler, so also those of AI that are not named")
    for standard in (Standard.C2PA, Standard.CAWG):
        for key, uses, because in _C2PA_KEYS:
            yield Line(standard, f"{standard.value}.{key}", uses, because)
    yield from _ddex()
    yield from _licences()
    yield from _odrl()


def _rsl() -> Iterator[Line]:
    yield Line(Standard.RSL, "all", ALL_AI, "any automated processing")
    yield Line(Standard.RSL, "ai-all", ALL_AI, "any use by AI")
    yield Line(Standard.RSL, "ai-train", TRAINING, "training or fine-tuning a model")
    yield Line(Standard.RSL, "ai-input", INPUTS, "input to a model as it generates")
    yield Line(Standard.RSL, "ai-index", INPUTS | {Use.ANALYSE}, "an index from which a model is fed")
    yield Line(Standard.RSL, "search", NOTHING, "finding and linking to it is none of our uses")


def _preferences() -> Iterator[Line]:
    yield Line(Standard.AIPREF, "train-ai", TRAINING, "training or fine-tuning a model")
    yield Line(Standard.AIPREF, "train-genai", _USE[Use.TRAIN_GENERATIVE], "of an earlier draft")
    yield Line(Standard.AIPREF, "tdm", MINING, "of an earlier draft: automated analysis")
    yield Line(Standard.AIPREF, "bots", ALL_AI, "of an earlier draft: any automated processing")
    yield Line(Standard.AIPREF, "ai", ALL_AI, "of an earlier draft: any use by AI")
    yield Line(Standard.AIPREF, "ai-use", ALL_AI, "of an earlier draft: any use by AI")
    yield Line(Standard.AIPREF, "ai-input", INPUTS, "proposed: input to a model")
    yield Line(Standard.AIPREF, "ai-output", INPUTS, "proposed: use in what a model puts out")
    yield Line(Standard.AIPREF, "search", NOTHING, "finding and linking to it is none of our uses")
    yield Line(Standard.CONTENT_SIGNAL, "ai-train", TRAINING, "training or fine-tuning a model")
    yield Line(Standard.CONTENT_SIGNAL, "ai-input", INPUTS, "retrieval and grounding as a model generates")
    yield Line(Standard.CONTENT_SIGNAL, "search", NOTHING, "finding and linking to it is none of our uses")


def _ddex() -> Iterator[Line]:
    """DDEX has use types that are offered and no way to refuse one: these lines tell what an offer is for."""
    recording = "of the recording, not of the work in it"
    yield Line(Standard.DDEX, "UseForTrainingGenerativeAI", _USE[Use.TRAIN_GENERATIVE], recording)
    yield Line(Standard.DDEX, "UseForGenerativeAI", _USE[Use.TRAIN_GENERATIVE], recording + "; the name in ERN 3.8.3")
    yield Line(Standard.DDEX, "UseForTrainingNonGenerativeAI", _USE[Use.TRAIN_NONGENERATIVE], recording)
    yield Line(Standard.DDEX, "UseForDataMining", _USE[Use.ANALYSE], recording)


def _licences() -> Iterator[Line]:
    """Licences: what they do not give is not refused. A clause that forbids use by AI in plain words is."""
    limits = "a limit of what is given, not a no; that it gives nothing here is because a licence is nobody's yes"
    for element in ("by", "nc", "nd", "sa", "sampling", "sampling+"):
        yield Line(Standard.LICENCE, f"cc:{element}", NOTHING, limits)
    for name in ("cc0", "public-domain-mark", "public-domain-dedication", "spdx", "other"):
        yield Line(Standard.LICENCE, name, NOTHING, "no licence forbids use by AI by its name alone")
    yield Line(Standard.LICENCE, "clause:no-ai", ALL_AI, "a clause that forbids use by AI")
    yield Line(Standard.LICENCE, "clause:no-training", TRAINING, "a clause that forbids training")
    yield Line(Standard.LICENCE, "clause:no-mining", MINING, "a clause that forbids text and data mining")


def _odrl() -> Iterator[Line]:
    for use in Use:
        yield Line(Standard.ODRL, f"cantoria:{use.value}", _USE[use], "our own profile")
    yield Line(Standard.ODRL, "tdm:mine", MINING, "the TDMRep profile")
    yield Line(Standard.ODRL, "odrl:use", ALL_AI, "every use")
    yield Line(Standard.ODRL, "odrl:reproduce", ALL_AI, "each of these uses makes copies")


LATEST: Final = "2026-11"
CROSSWALKS: Final[Mapping[str, Crosswalk]] = MappingProxyType({LATEST: Crosswalk(LATEST, _SOURCES, tuple(_lines()))})


def crosswalk(version: str = LATEST) -> Crosswalk:
    """Return a version of the table; the latest for a version that this code does not know."""
    return CROSSWALKS.get(version, CROSSWALKS[LATEST])
