"""A tariff as data: how a model's revenue becomes pools, and a pool becomes legs, deductions and shares.

Every choice that a contract or a collecting society makes stands here, so that code computes and never decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import PartyId, TariffId
from cantoria.kernel.money import Money, currency_of
from cantoria.kernel.periods import ALWAYS, Period
from cantoria.registry.types import Right

PPM: Final = 1_000_000
_WHOLE: Final = "fractions are between 0 and 1"


class Basis(StrEnum):
    """What a unit of a pool is."""

    EQUAL_PER_WORK = "equal_per_work"  # each work of the training set once, however many recordings of it are there
    EQUAL_PER_RECORDING = "equal_per_recording"
    ATTRIBUTION = "attribution"  # parts per million of a generation
    USAGE = "usage"  # plays


class Leg(StrEnum):
    """The parts of one recording's money."""

    WORK = "work"
    RECORDING = "recording"
    PERFORMERS = "performers"  # the performers' own leg, a part of the recording's money that no contract takes


class Counting(StrEnum):
    """How much of an evidence's weight counts."""

    LOWER_BOUND = "lower_bound"  # weight minus error; what the error takes stays unattributed
    POINT = "point"


class Analogy(StrEnum):
    """Where the weight of evidence goes that is too uncertain to count."""

    TRAINING_SET = "training_set"  # over the training set, as its basis says
    NAMED_POOL = "named_pool"  # as another pool of the same period is distributed
    UNATTRIBUTED = "unattributed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduction:
    """A named holder takes `fraction` of one leg before the shares: a society's costs, the joint fund."""

    name: str
    holder: str
    leg: Leg
    fraction: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionTerms:
    """How evidence is counted. Evidence whose error exceeds `relative_error_max_ppm` of its weight goes by analogy;
    `analogy_pool` names the other pool of a `NAMED_POOL` analogy. With `analogy_without_evidence` a generation
    without any evidence goes by analogy as a whole; without it, it stays unattributed."""

    counting: Counting = Counting.LOWER_BOUND
    relative_error_max_ppm: int = 500_000
    analogy: Analogy = Analogy.UNATTRIBUTED
    analogy_pool: str = ""
    analogy_without_evidence: bool = False

    def __post_init__(self) -> None:
        if self.relative_error_max_ppm < 0:
            raise InputError("the limit of relative error is negative", "state it in parts per million")
        if (self.analogy is Analogy.NAMED_POOL) != bool(self.analogy_pool):
            raise InputError("analogy and its pool contradict each other", "name a pool exactly for named_pool")
        if self.analogy_without_evidence and self.analogy is Analogy.UNATTRIBUTED:
            raise InputError("no analogy is named for generations without evidence", "name training_set or named_pool")


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolTerms:
    """One pool: `fraction` of the revenue, or `unit_price` fine units for each unit (a play, a whole generation is
    1,000,000 units), shared out over units of `basis`."""

    name: str
    basis: Basis
    fraction: Fraction = Fraction(0)
    unit_price: Fraction | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.fraction <= 1 or (self.unit_price is not None and self.unit_price < 0):
            raise InputError(f"pool {self.name}: fraction {self.fraction} or price is out of range", _WHOLE)
        if self.unit_price is not None and self.fraction:
            raise InputError(f"pool {self.name} has a fraction and a unit price", "choose one of them")
        if not self.name or any(character.isspace() or character in "/:" for character in self.name):
            raise InputError(f"pool name {self.name!r} is not a word", "use letters, digits, - and _")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Minimum and cap per period and an advance to recoup over all periods, of one contract (RULES section 9)."""

    minimum: Money | None = None
    cap: Money | None = None
    advance: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """The whole tariff. `work_fraction` of a recording's money is the work leg, the rest the recording's; of that
    `performers_fraction` is the performers' own leg, of which `featured_fraction` goes to featured performers.

    `work_rights` are the rights whose registered shares divide the work leg, the first that is whole counts.
    `equal_among_lineup` divides equally where all holders are known but no shares are registered; without it that
    money waits in `suspense:incomplete`. Shares are those of `territory`, one country (a TIS code). Money waiting in
    suspense passes to `escrow_heir` after `escrow_days` (0 = never). `public_domain_holder` receives a leg that
    nobody owns.
    """

    tariff: TariffId
    publisher: PartyId
    currency: str
    pools: tuple[PoolTerms, ...]
    work_fraction: Fraction
    territory: str
    performers_fraction: Fraction = Fraction(0)
    featured_fraction: Fraction = Fraction(1, 2)
    deductions: tuple[Deduction, ...] = ()
    work_rights: tuple[Right, ...] = (Right.PERFORMING, Right.MECHANICAL)
    equal_among_lineup: bool = True
    attribution: AttributionTerms = AttributionTerms()
    terms: Terms = Terms()
    escrow_days: int = 0
    escrow_heir: str = "joint_fund"
    public_domain_holder: str = "joint_fund"
    period: Period = ALWAYS
    source: str = ""

    def __post_init__(self) -> None:
        currency_of(self.currency)
        names = [pool.name for pool in self.pools]
        if not names or len(set(names)) != len(names):
            raise InputError(f"tariff {self.tariff} has no pools or names one twice", "name each pool once")
        if sum((pool.fraction for pool in self.pools), Fraction(0)) > 1:
            raise InputError(f"tariff {self.tariff} gives its pools more than the revenue", _WHOLE)
        for fraction in (self.work_fraction, self.performers_fraction, self.featured_fraction):
            if not 0 <= fraction <= 1:
                raise InputError(f"tariff {self.tariff}: fraction {fraction} is out of range", _WHOLE)
        for leg in Leg:
            taken = [deduction.fraction for deduction in self.deductions if deduction.leg is leg]
            if any(fraction < 0 for fraction in taken) or sum(taken, Fraction(0)) > 1:
                raise InputError(f"tariff {self.tariff} deducts more than the {leg} leg", _WHOLE)
        for limit in (self.terms.minimum, self.terms.cap, self.terms.advance):
            if limit is not None and (limit.currency != self.currency or limit.fine < 0):
                raise InputError(f"tariff {self.tariff}: {limit} is not a limit in {self.currency}")

    def pool(self, name: str) -> PoolTerms:
        """Return the terms of the pool called `name`."""
        for pool in self.pools:
            if pool.name == name:
                return pool
        raise InputError(f"tariff {self.tariff} has no pool {name!r}", "name one of its pools")
