"""Nouns of distribution: splits, units, the job, postings and the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Final, NamedTuple

from cantoria.kernel.shares import Bound

# Named balances: ordinary holders, so that conservation needs no special case (RULES section 9).
UNMATCHED: Final = "suspense:unmatched"  # we do not know what was used
DISPUTED: Final = "suspense:disputed"  # we know, and somebody disputes whose it is
INCOMPLETE: Final = "suspense:incomplete"  # we know, but not all of its holders or their shares
UNATTRIBUTED: Final = "unattributed"  # the evidence does not say what was used
JOINT_FUND: Final = "joint_fund"
SUSPENSES: Final = (DISPUTED, INCOMPLETE, UNMATCHED)
RESIDUE_SUBJECT: Final = "residue"
FUNDING_SUBJECT: Final = "funding"


def residue_holder(pool: str) -> str:
    """Return the holder that keeps what the division of `pool` leaves over."""
    return f"residue:{pool}"


def pool_account(pool: str) -> str:
    """Return the account through which a pool's money passes; it is empty after every run."""
    return f"pool:{pool}"


class State(StrEnum):
    """Money is provisional until its period closes; only closed money is paid out."""

    PROVISIONAL = "provisional"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Step:
    """One factor of a share: what it is called and the fraction it takes."""

    name: str
    fraction: Fraction


@dataclass(frozen=True, slots=True)
class Path:
    """One reason why a holder has a share: the product of its steps."""

    steps: tuple[Step, ...]

    @property
    def share(self) -> Fraction:
        product = Fraction(1)
        for step in self.steps:
            product *= step.fraction
        return product


@dataclass(frozen=True, slots=True)
class Leaf:
    """One holder on one leg with its exact share of the recording's money and every path that leads to it."""

    holder: str
    leg: str
    share: Fraction
    paths: tuple[Path, ...] = ()

    @property
    def id(self) -> str:
        """The canonical holder id: a space is below every character of an id, so byte order is (holder, leg)."""
        return f"{self.holder} {self.leg}"


@dataclass(frozen=True, slots=True)
class Split:
    """A compiled split: leaves in canonical order and their bounds; `version` is the hash of the bounds."""

    version: str
    leaves: tuple[Leaf, ...]
    bounds: tuple[Bound, ...]


class Units(NamedTuple):
    """`units` of a pool's basis that fell to a subject under one split version."""

    subject: str
    split: str
    units: int


class Key(NamedTuple):
    """The grain of postings. Sorting keys is the canonical order of a run."""

    pool: str
    period: str
    subject: str
    split: str
    holder: str
    leg: str


class Posting(NamedTuple):
    """One leg of a double entry: exactly one of `debit` and `credit` is above zero. `id` is idempotent: the same
    change of the same key by the same run has the same id for ever."""

    id: str
    key: Key
    debit: int
    credit: int


class SubjectAmount(NamedTuple):
    """What fell to one subject under one split version: its units and fine units."""

    subject: str
    split: str
    units: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Everything that one run needs, and nothing else: a distribution is a pure function of it.

    `funding` is the cumulative total that each account gives to the pool, in fine units; `units` the cumulative
    units; `posted` the net credits (credit minus debit) of earlier runs of this pool and period, by key; `number`
    counts the runs of this pool and period from 1.
    """

    pool: str
    period: str
    currency: str
    number: int
    funding: Mapping[str, int]
    units: tuple[Units, ...]
    splits: Mapping[str, Split]
    posted: Mapping[Key, int] = field(default_factory=dict)
    state: State = State.PROVISIONAL


@dataclass(frozen=True, slots=True)
class Controls:
    """The control sums of one run, all in fine units of one currency; `total_in` is the sum of the other three
    groups, and the debits of the postings equal their credits."""

    total_in: int
    holders: int
    suspense: int
    residue: int
    debits: int
    credits: int
    postings: int
    subjects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a run did: `totals` is the new cumulative state by key, `postings` the way there from the job's."""

    pool: str
    period: str
    currency: str
    number: int
    state: State
    pool_amount: int
    pool_units: int
    amounts: tuple[SubjectAmount, ...]
    totals: Mapping[Key, int]
    postings: tuple[Posting, ...]
    controls: Controls
