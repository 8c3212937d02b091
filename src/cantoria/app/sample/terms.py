"""What the models owe: two tariffs as data, one for plays, and the revenue that the developers declare."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from cantoria.app.sample import organisations, story
from cantoria.kernel.ids import PartyId, TariffId
from cantoria.kernel.money import Money
from cantoria.registry.types import Right
from cantoria.royalty.tariff import (
    Analogy,
    AttributionTerms,
    Basis,
    Deduction,
    Leg,
    PoolTerms,
    Tariff,
    Terms,
)

GENERATIVE: Final = "tariff-generative"
RESEARCH: Final = "tariff-research"
PLAYS: Final = "tariff-plays"
_KOREA: Final = "0410"
_SOCIETY: Final = organisations.AUTHORS.key
_COSTS: Final = (
    Deduction(name="society_costs", holder=_SOCIETY, leg=Leg.WORK, fraction=Fraction(9, 100)),
    Deduction(
        name="performers_costs", holder=organisations.PERFORMERS.key, leg=Leg.PERFORMERS, fraction=Fraction(7, 100)
    ),
    Deduction(name="joint_fund", holder="joint_fund", leg=Leg.RECORDING, fraction=Fraction(2, 100)),
)
# What no evidence explains, or only badly, is divided as the training pool is.
_BY_ANALOGY: Final = AttributionTerms(
    relative_error_max_ppm=500_000, analogy=Analogy.NAMED_POOL, analogy_pool="training", analogy_without_evidence=True
)


def tariffs() -> tuple[Tariff, ...]:
    """Return the tariffs; ids and parties are local keys, which whoever imports them resolves."""
    return (
        Tariff(
            tariff=TariffId(GENERATIVE),
            publisher=PartyId(_SOCIETY),
            currency="KRW",
            pools=(
                PoolTerms(name="training", basis=Basis.EQUAL_PER_WORK, fraction=Fraction(8, 100)),
                PoolTerms(name="output", basis=Basis.ATTRIBUTION, fraction=Fraction(22, 100)),
            ),
            work_fraction=Fraction(2, 5),
            territory=_KOREA,
            performers_fraction=Fraction(1, 4),
            featured_fraction=Fraction(4, 5),
            deductions=_COSTS,
            work_rights=(Right.MECHANICAL, Right.PERFORMING),
            attribution=_BY_ANALOGY,
            terms=Terms(minimum=Money.parse("20000000", "KRW")),
            escrow_days=1095,
            source="sample tariff, article 3",
        ),
        Tariff(
            tariff=TariffId(RESEARCH),
            publisher=PartyId(organisations.AUTHORS_TWO.key),
            currency="EUR",
            pools=(
                PoolTerms(name="training", basis=Basis.EQUAL_PER_WORK, fraction=Fraction(1, 10)),
                PoolTerms(name="output", basis=Basis.ATTRIBUTION, fraction=Fraction(1, 5)),
            ),
            work_fraction=Fraction(1, 2),
            territory="0724",
            performers_fraction=Fraction(1, 5),
            featured_fraction=Fraction(3, 4),
            work_rights=(Right.MECHANICAL, Right.PERFORMING),
            source="sample tariff for research models",
        ),
        Tariff(
            tariff=TariffId(PLAYS),
            publisher=PartyId(_SOCIETY),
            currency="KRW",
            pools=(PoolTerms(name="plays", basis=Basis.USAGE, fraction=Fraction(65, 100)),),
            work_fraction=Fraction(1, 5),
            territory=_KOREA,
            performers_fraction=Fraction(1, 8),
            deductions=_COSTS[:1],
            source="sample tariff for streams",
        ),
    )


def revenue() -> tuple[dict[str, str], ...]:
    """Return the declarations of revenue for September 2026, the second of them a correction of the first."""
    return (
        _declared("rev-2026-09-mirinae", organisations.DEVELOPER.key, story.MODEL, GENERATIVE, "1250000000", "KRW"),
        _declared("rev-2026-09-boreal", organisations.DEVELOPER_TWO.key, story.MODEL_TWO, RESEARCH, "84250.75", "EUR"),
        _declared("rev-2026-09-streams", organisations.CONTENT.key, "Maru Streams", PLAYS, "310000000", "KRW"),
    )


def correction() -> dict[str, str]:
    """Return the late correction of the first declaration: what the month really brought."""
    key = organisations.DEVELOPER.key
    return _declared("rev-2026-09-mirinae", key, story.MODEL, GENERATIVE, "1263500000", "KRW")


def _declared(declaration: str, debtor: str, model: str, tariff: str, amount: str, currency: str) -> dict[str, str]:
    return {
        "declaration": declaration,
        "debtor": debtor,
        "model": model,
        "tariff": tariff,
        "label": "2026-09",
        "start": "2026-09-01",
        "end": "2026-10-01",
        "amount": amount,
        "currency": currency,
        "final": "no",
    }
