"""Nouns of clearance: the request, the row, the four answers and their reasons (RULES sections 1 to 4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Never

from cantoria.clearance.reasons import ReasonCode
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import PartyId
from cantoria.kernel.money import Money
from cantoria.kernel.uses import Use


class Status(StrEnum):
    CLEARED = "cleared"
    DENIED = "denied"
    LICENSABLE = "licensable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an AI developer wants to do: one use, by one licensee, in every one of its countries (the strictest wins),
    at the moment `at` (UTC microseconds), as known at ledger size `size`.

    Its countries are those of `territories`, `training_place`, `establishment` and `markets` (of the output) together:
    territory expressions, each optional as long as one is given. `territories` is for what is not told apart.
    `licensee_classes` are the classes the licensee belongs to. `offer` is the price offered per row. `persons` are the
    persons named or replicated. `tuned_on` says that style, voice or likeness is tuned on the rows; `used_input` that
    the output to be released was made with the rows as input.
    """

    use: Use
    licensee: PartyId
    territories: str
    at: int
    size: int
    licensee_classes: frozenset[str] = frozenset()
    profile: str = "base"
    model_version: str | None = None
    offer: Money | None = None
    attribution: bool = False
    label: bool = False
    campaign: str | None = None
    persons: tuple[PartyId, ...] = ()
    tuned_on: bool = False
    used_input: bool = False
    training_place: str = ""
    establishment: str = ""
    markets: str = ""

    def __post_init__(self) -> None:
        if self.use is Use.ADVERTISE and not self.campaign:
            raise InputError("use advertise names no campaign", "name the campaign: each one needs its own yes")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a manifest: its position (1-based) and code keys such as `isrc:KRA381900123`, in any order.

    `media` is `recording` (sound) or `work` (lyrics, sheet music), which has no recording side. `refused` are the uses
    that outside signals beside the row refuse: they tighten its answer, and stand in no manifest.
    """

    line: int
    codes: tuple[str, ...]
    media: str = "recording"
    refused: frozenset[Use] = frozenset()


@dataclass(frozen=True, slots=True, order=True)
class Reason:
    """Why a row is not cleared: a code, and where it applies the party whose say is missing and the subject (work,
    recording or person)."""

    code: ReasonCode
    party: str = ""
    subject: str = ""


class _NotABool:
    __slots__ = ()

    def __bool__(self) -> Never:
        raise TypeError("a clearance answer is not a truth value: match Cleared, Denied, Licensable or Unknown")


@dataclass(frozen=True, slots=True)
class Cleared(_NotABool):
    """Every needed party says yes; `because` are the statements that say so."""

    because: tuple[str, ...]
    status = Status.CLEARED


@dataclass(frozen=True, slots=True)
class Denied(_NotABool):
    """Some needed party says no. `reasons` in order of precedence; `missing` the smallest set of missing yeses
    (the voices `principal` or `principal via speaker`)."""

    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    status = Status.DENIED


@dataclass(frozen=True, slots=True)
class Licensable(_NotABool):
    """Nobody says no, everybody is known and reachable, and what is missing can be asked for or bought."""

    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    status = Status.LICENSABLE


@dataclass(frozen=True, slots=True)
class Unknown(_NotABool):
    """Everything else: not found, ambiguous, a side incomplete, a blocking dispute, a silent party."""

    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    status = Status.UNKNOWN


Answer = Cleared | Denied | Licensable | Unknown
