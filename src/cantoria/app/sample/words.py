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


_GENEROUS: Final = (
    (Words(verdict=Verdict.YES), 45),
    (Words(verdict=Verdict.YES, uses=_WITH_INPUT), 20),
    (Words(verdict=Verdict.YES, period=_RUNNING), 15),
    (Words(verdict=Verdict.YES, conditions=_CREDITED), 16),
    (Words(verdict=Verdict.YES, uses=_WITH_INPUT | {Use.RELEASE_OUTPUT}), 4),
)
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
    (Words(verdict=Verdict.NO), 60),
    (Words(verdict=Verdict.STOP, uses=FAMILIES["all"]), 15),
    (Words(verdict=Verdict.STOP), 5),
    (Words(verdict=Verdict.NO, uses=frozenset({Use.TRAIN_GENERATIVE, Use.INPUT})), 20),
)
_AFTER_TALKS: Final = Words(
    verdict=Verdict.YES, conditions=Conditions(other=("only after we have talked about the title",))
)
_QUIET: Final = (
    (None, 50),
    (Words(verdict=Verdict.YES, uses=_LISTENING), 14),
    (Words(verdict=Verdict.YES, period=_EXPIRED), 8),
    (Words(verdict=Verdict.YES, territory="2136 -0840"), 8),
    (Words(verdict=Verdict.YES, conditions=Conditions(model_version="0.9")), 8),
    (_AFTER_TALKS, 8),
    (Words(verdict=Verdict.YES, period=_LATER), 4),
)
_SAYINGS: Final[dict[Temper, tuple[tuple[Words | None, int], ...]]] = {
    Temper.OPEN: _OPEN,
    Temper.ASKING: _ASKING,
    Temper.REFUSING: _REFUSING,
    Temper.QUIET: _QUIET,
}


def of(temper: Temper, *, dice: Dice, generous: bool = False) -> Words | None:
    """Return what a party of this temper says of the training of models, None for nothing. An open and generous one
    names no licensee and no price."""
    sayings = _GENEROUS if generous and temper is Temper.OPEN else _SAYINGS[temper]
    words = sayings[Wheel(weight for _, weight in sayings).spin(dice)][0]
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


def of_company(temper: Temper, *, number: int) -> Words | None:
    """Return what the `number`-th company says; fixed by its temper, for one company weighs more than many people."""
    match temper:
        case Temper.OPEN:
            return Words(verdict=Verdict.YES)
        case Temper.ASKING:
            return _ASKING[0][0] if number % 2 else _ASKING[2][0]
        case Temper.REFUSING:
            return _REFUSING[0][0]
        case Temper.QUIET:
            return None if number % 2 else _AFTER_TALKS


def exception(kind: str) -> Words | None:
    """Return what a performer says of a single recording where a yes with a condition was planted."""
    match kind:
        case "condition_unmet":
            return Words(verdict=Verdict.YES, conditions=Conditions(model_version="0.9"))
        case "condition_unknown":
            return _AFTER_TALKS
        case _:
            return None


def blanket() -> Words:
    """Return the terms of a label's blanket licence to the first developer."""
    return Words(verdict=Verdict.YES, uses=_WITH_INPUT, licensee=_TO_DEVELOPER, period=_RUNNING)


def persona(dice: Dice) -> Words:
    """Return what an artist says of voice, likeness and style: mostly no."""
    verdict = (Verdict.STOP, Verdict.NO, Verdict.ASK)[min(dice.below(3), dice.below(3))]
    return Words(verdict=verdict, uses=FAMILIES["persona"])
