"""What the parties of the sample world say: the pieces that statements are put together from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cantoria.app.sample import organisations
from cantoria.app.sample.dice import Dice, Wheel
from cantoria.app.sample.model import Temper
from cantoria.consent.types import ANYONE, NO_CONDITIONS, Conditions, LicenseeKind, LicenseeTerm, Verdict
from cantoria.kernel.money import Money
from cantoria.kernel.periods import ALWAYS, Period, parse_moment
from cantoria.kernel.territories import WORLD
from cantoria.kernel.uses import FAMILIES, Use

CLASS: Final = "commercial"
CLASS_TWO: Final = "research"
OFFER: Final = Money.parse("500", "KRW")  # per row, by the first developer
MODEL_VERSION: Final = "1.0"
MARKETS: Final = "KR ES US"

TRAINING: Final = FAMILIES["training"]
_WITH_INPUT: Final = TRAINING | {Use.INPUT}
_LISTENING: Final = frozenset({Use.ANALYSE})
_TO_DEVELOPER: Final = LicenseeTerm(LicenseeKind.NAMED, organisations.DEVELOPER.key)
_TO_CLASS: Final = LicenseeTerm(LicenseeKind.CLASS, CLASS)
_RUNNING: Final = Period(parse_moment("2026-01-01"), parse_moment("2029-01-01"))
_EXPIRED: Final = Period(parse_moment("2024-01-01"), parse_moment("2026-06-30"))
_LATER: Final = Period(parse_moment("2031-01-01"))
_CREDITED: Final = Conditions(attribution=True, label=True)
_MARKETS: Final = (WORLD, WORLD, WORLD, "0410 0724 0840", "0410 0724 0840 0392 2123")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A verdict with its uses and terms, not yet said of anything."""

    verdict: Verdict
    uses: frozenset[Use] = TRAINING
    licensee: LicenseeTerm = ANYONE
    territory: str = WORLD
    period: Period = ALWAYS
    conditions: Conditions = NO_CONDITIONS


_OPEN: Final = (
    (Words(verdict=Verdict.YES), 30),
    (Words(verdict=Verdict.YES, uses=_WITH_INPUT), 15),
    (Words(verdict=Verdict.YES, period=_RUNNING), 15),
    (Words(verdict=Verdict.YES, conditions=_CREDITED), 10),
    (Words(verdict=Verdict.YES, conditions=Conditions(min_price=Money.parse("200", "KRW"))), 8),
    (Words(verdict=Verdict.YES, conditions=Conditions(min_price=Money.parse("450", "KRW"), attribution=True)), 4),
    (Words(verdict=Verdict.YES, licensee=_TO_CLASS), 9),
    (Words(verdict=Verdict.YES, licensee=_TO_DEVELOPER, period=_RUNNING), 5),
    (Words(verdict=Verdict.YES, conditions=Conditions(model_version=MODEL_VERSION)), 2),
    (Words(verdict=Verdict.YES, uses=_WITH_INPUT | {Use.RELEASE_OUTPUT}), 2),
)
_ASKING: Final = (
    (Words(verdict=Verdict.ASK), 50),
    (Words(verdict=Verdict.ASK, uses=frozenset({Use.TRAIN_GENERATIVE})), 10),
    (Words(verdict=Verdict.YES, conditions=Conditions(min_price=Money.parse("2000", "KRW"))), 22),
    (Words(verdict=Verdict.YES, conditions=Conditions(min_price=Money.parse("1.50", "EUR"))), 12),
    (Words(verdict=Verdict.ASK, licensee=_TO_CLASS), 6),
)
_REFUSING: Final = (
    (Words(verdict=Verdict.NO), 50),
    (Words(verdict=Verdict.STOP, uses=FAMILIES["all"]), 25),
    (Words(verdict=Verdict.STOP), 10),
    (Words(verdict=Verdict.NO, uses=frozenset({Use.TRAIN_GENERATIVE, Use.INPUT})), 15),
)
_QUIET: Final = (
    (None, 50),
    (Words(verdict=Verdict.YES, uses=_LISTENING), 14),
    (Words(verdict=Verdict.YES, period=_EXPIRED), 8),
    (Words(verdict=Verdict.YES, territory="2136 -0840"), 8),
    (Words(verdict=Verdict.YES, conditions=Conditions(model_version="0.9")), 8),
    (Words(verdict=Verdict.YES, conditions=Conditions(other=("only after my next record is out",))), 8),
    (Words(verdict=Verdict.YES, period=_LATER), 4),
)
_SAYINGS: Final[dict[Temper, tuple[tuple[Words | None, int], ...]]] = {
    Temper.OPEN: _OPEN,
    Temper.ASKING: _ASKING,
    Temper.REFUSING: _REFUSING,
    Temper.QUIET: _QUIET,
}
_WHEELS: Final = {temper: Wheel(weight for _, weight in sayings) for temper, sayings in _SAYINGS.items()}


def of(temper: Temper, *, dice: Dice) -> Words | None:
    """Return what a party of this temper says of the training of models, None for nothing."""
    words = _SAYINGS[temper][_WHEELS[temper].spin(dice)][0]
    if words is None or words.verdict is not Verdict.YES or words.territory != WORLD:
        return words
    return Words(
        verdict=words.verdict,
        uses=words.uses,
        licensee=words.licensee,
        territory=dice.pick(_MARKETS),
        period=words.period,
        conditions=words.conditions,
    )


def blanket() -> Words:
    """Return the terms of a label's blanket licence to the first developer."""
    return Words(verdict=Verdict.YES, uses=_WITH_INPUT, licensee=_TO_DEVELOPER, period=_RUNNING)


def persona(dice: Dice) -> Words:
    """Return what an artist says of voice, likeness and style: mostly no."""
    verdict = (Verdict.STOP, Verdict.NO, Verdict.ASK)[min(dice.below(3), dice.below(3))]
    return Words(verdict=verdict, uses=FAMILIES["persona"])
