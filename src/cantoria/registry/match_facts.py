"""What is recorded of matching: runs of the machine, and what people decide about its proposals. Tags 170 to 172.

A machine proposes and never joins: what a run finds has no effect of its own. A decision `same` comes with a
`LinkAsserted` of the same author, and it is that link that has effect, as any link has (docs/adr/0014).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from cantoria.kernel.facts import FactType
from cantoria.kernel.ids import LinkId, PartyId
from cantoria.registry.facts import REGISTRARS
from cantoria.registry.types import Relation


class MatchKind(StrEnum):
    """What a run matches with each other."""

    RECORDING = "recording"
    WORK = "work"
    PARTY = "party"


class MatchVerdict(StrEnum):
    """What somebody decides about two things: one thing, two things, or not to be told from what is known."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingRun:
    """A machine compared the registry's things of one kind, as of ledger size `size`, and scored pairs of them.

    `model` is the model's version and `model_sha256` the digest of its weights and calibration. From `link_ppm` up a
    pair is in the band link, from `review_ppm` up in review (probabilities in millionths). `attachment` is the SHA-256
    (hex) of the scored pairs of both bands. `compared` counts all pairs that were scored, `rows` the things,
    `capped` the pairs that were left out because their block was too large.
    """

    TYPE: ClassVar = FactType(170, "matching-run", REGISTRARS)
    run: str
    kind: MatchKind
    model: str
    model_sha256: str
    link_ppm: int
    review_ppm: int
    size: int
    rows: int
    compared: int
    capped: int
    links: int
    reviews: int
    attachment: str

    def subjects(self) -> tuple[str, ...]:
        return (self.run, self.attachment)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchDecided:
    """Somebody decided about a pair. `run` is the run that proposed it or empty, `probability_ppm` what it said.

    `link` is the id of the `LinkAsserted` that was recorded with a `same`, empty otherwise. `different` keeps the pair
    from being proposed again by whoever said it. The latest decision of an organisation about a pair counts.
    """

    TYPE: ClassVar = FactType(171, "match-decided", REGISTRARS)
    decision: str
    run: str = ""
    left: str
    right: str
    relation: Relation = Relation.SAME_AS
    verdict: MatchVerdict
    decided_by: PartyId | str
    probability_ppm: int = 0
    reason: str = ""
    link: LinkId | str = ""

    def subjects(self) -> tuple[str, ...]:
        return tuple(name for name in (self.decision, self.run, self.left, self.right, self.link) if name)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchDecisionWithdrawn:
    """Whoever decided takes the decision back; the link that came with it is withdrawn beside (`LinkWithdrawn`)."""

    TYPE: ClassVar = FactType(172, "match-decision-withdrawn", REGISTRARS)
    decision: str
    reason: str = ""

    def subjects(self) -> tuple[str, ...]:
        return (self.decision,)
