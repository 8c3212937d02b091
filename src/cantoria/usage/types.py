"""Nouns of usage: a line of plays, a generation event with its evidence, and the one state each of them is in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cantoria.kernel.check import require

PLAYS_MAX: Final = 10**12
LINES_MAX: Final = 20_000_000
EVIDENCE_MAX: Final = 1_000
ID_CHARS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class UsageLine:
    """`plays` of what `code` names (a code key such as `isrc:KRA381900123`) in a territory on a day (ISO date)."""

    event_id: str
    code: str
    territory: str
    date: str
    plays: int


class PlayerKind(StrEnum):
    """What an evidence names: a recording by its code or id, or an artist, a party of record."""

    RECORDING = "recording"
    ARTIST = "artist"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The developer or an attributor says that `player` had a part of `weight_ppm` in a generation, give or take
    `error_ppm`; both in parts per million of the generation."""

    kind: PlayerKind
    player: str
    weight_ppm: int
    error_ppm: int = 0


@dataclass(frozen=True, slots=True)
class GenerationEvent:
    """One output of a model version at a moment (UTC microseconds), with what it was made of."""

    event_id: str
    version: str
    at: int
    evidence: tuple[Evidence, ...] = ()


class LineState(StrEnum):
    """Every line that was received is in exactly one of these."""

    MATCHED = "matched"
    SUSPENSE = "suspense"  # accepted, and its code names nothing, or several things
    DUPLICATE = "duplicate"  # same id and same content as a line before
    CONFLICT = "conflict"  # same id and other content: quarantined
    INVALID = "invalid"


ACCEPTED: Final = frozenset({LineState.MATCHED, LineState.SUSPENSE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounting:
    """Counts of one batch: received = accepted + duplicate + conflict + invalid, accepted = matched + suspense."""

    received: int
    matched: int
    suspense: int
    duplicate: int
    conflict: int
    invalid: int

    def __post_init__(self) -> None:
        whole = self.matched + self.suspense + self.duplicate + self.conflict + self.invalid
        require(self.received == whole, f"{self.received} lines received, {whole} accounted for")
        require(min(self.matched, self.suspense, self.duplicate, self.conflict, self.invalid) >= 0, "negative")

    @property
    def accepted(self) -> int:
        return self.matched + self.suspense

    @classmethod
    def of(cls, states: Mapping[LineState, int]) -> Accounting:
        """Return the accounting of these counts by state."""
        return cls(
            received=sum(states.values()),
            matched=states.get(LineState.MATCHED, 0),
            suspense=states.get(LineState.SUSPENSE, 0),
            duplicate=states.get(LineState.DUPLICATE, 0),
            conflict=states.get(LineState.CONFLICT, 0),
            invalid=states.get(LineState.INVALID, 0),
        )
