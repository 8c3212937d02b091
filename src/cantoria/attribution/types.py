"""Nouns of attribution: who a player is, and what a generation was made of, ignorance included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cantoria.kernel.check import require

PPM: Final = 1_000_000


class PlayerState(StrEnum):
    """What a player named by evidence is."""

    RECORDING = "recording"  # exactly one recording
    ARTIST = "artist"  # a party of record of some recording or work: a performer or a writer
    CONTESTED = "contested"  # two claims to one sound, or a code that names several things: escrow
    NOT_AN_ARTIST = "not_an_artist"  # a label, a publisher, an uploader: no player (RULES section 9)
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Player:
    """A player resolved: its state, and its id (a recording, an artist, or the code key in doubt)."""

    state: PlayerState
    id: str


class Because(StrEnum):
    """Why a part of a generation is attributed to nobody."""

    ERROR = "error"  # taken by the evidence's own error
    NO_EVIDENCE = "no_evidence"
    TOO_UNCERTAIN = "too_uncertain"
    NOT_AN_ARTIST = "not_an_artist"
    UNKNOWN_PLAYER = "unknown_player"


@dataclass(frozen=True, slots=True)
class Weighed:
    """One or many generations weighed, in parts per million: everything adds up to 1,000,000 for each generation.

    `unattributed` says for each reason what nobody gets; `analogy` is to be divided by analogy; `contested` waits in
    escrow by what is in doubt.
    """

    generations: int
    recordings: Mapping[str, int]
    artists: Mapping[str, int]
    contested: Mapping[str, int]
    analogy: int
    unattributed: Mapping[Because, int]

    def __post_init__(self) -> None:
        parts = (self.recordings, self.artists, self.contested, self.unattributed)
        whole = sum(sum(part.values()) for part in parts) + self.analogy
        require(whole == self.generations * PPM, f"{self.generations} generations weigh {whole} ppm")
        require(self.analogy >= 0, "a negative weight")
        require(all(value >= 0 for part in parts for value in part.values()), "a negative weight")
