"""Weigh evidence: its lower bound counts, its error stays unattributed, and nothing is normalised away.

Ignorance is a result like any other: what the evidence does not say, what its error takes, and what names no artist
adds up with the rest to exactly one (RULES section 9, spec/money.md section 5).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cantoria.attribution.types import PPM, Because, Player, PlayerState, Weighed
from cantoria.kernel.errors import InputError
from cantoria.usage.types import Evidence, GenerationEvent

Resolver = Callable[[Evidence], Player]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How evidence counts, from the tariff: by its lower bound or its point value, up to which relative error (ppm of
    the weight), whether what is too uncertain goes by analogy or stays unattributed, and whether a generation without
    any evidence goes by analogy as a whole."""

    lower_bound: bool = True
    relative_error_max_ppm: int = 500_000
    analogy: bool = False
    analogy_without_evidence: bool = False


def weigh_all(events: Iterable[GenerationEvent], *, resolve: Resolver, policy: Policy) -> Weighed:
    """Return all events weighed and added together; the order of events does not matter."""
    tally = _Tally()
    for event in events:
        _weigh_into(tally, event, resolve=resolve, policy=policy)
    return tally.result()


def weigh_event(event: GenerationEvent, *, resolve: Resolver, policy: Policy) -> Weighed:
    """Return one event weighed: its parts add up to exactly 1,000,000 ppm, `unattributed` included."""
    return weigh_all((event,), resolve=resolve, policy=policy)


class _Tally:
    __slots__ = ("analogy", "artists", "contested", "generations", "recordings", "unattributed")

    def __init__(self) -> None:
        self.generations = 0
        self.recordings: Counter[str] = Counter()
        self.artists: Counter[str] = Counter()
        self.contested: Counter[str] = Counter()
        self.unattributed: Counter[Because] = Counter()
        self.analogy = 0

    def result(self) -> Weighed:
        return Weighed(
            generations=self.generations,
            recordings={key: self.recordings[key] for key in sorted(self.recordings) if self.recordings[key]},
            artists={key: self.artists[key] for key in sorted(self.artists) if self.artists[key]},
            contested={key: self.contested[key] for key in sorted(self.contested) if self.contested[key]},
            analogy=self.analogy,
            unattributed={because: self.unattributed[because] for because in Because},
        )


def _weigh_into(tally: _Tally, event: GenerationEvent, *, resolve: Resolver, policy: Policy) -> None:
    weight = sum(evidence.weight_ppm for evidence in event.evidence)
    if weight > PPM or any(evidence.weight_ppm < 0 or evidence.error_ppm < 0 for evidence in event.evidence):
        raise InputError(f"evidence of {event.event_id} weighs {weight} ppm", "weights are parts of one generation")
    tally.generations += 1
    if not event.evidence and policy.analogy_without_evidence:
        tally.analogy += PPM
        return
    # A partly explained generation keeps its unexplained rest: to spread it would make up evidence.
    tally.unattributed[Because.NO_EVIDENCE] += PPM - weight
    for evidence in event.evidence:
        if evidence.error_ppm * PPM > evidence.weight_ppm * policy.relative_error_max_ppm:
            if policy.analogy:
                tally.analogy += evidence.weight_ppm
            else:
                tally.unattributed[Because.TOO_UNCERTAIN] += evidence.weight_ppm
            continue
        counted = max(0, evidence.weight_ppm - evidence.error_ppm) if policy.lower_bound else evidence.weight_ppm
        tally.unattributed[Because.ERROR] += evidence.weight_ppm - counted
        _credit(tally, resolve(evidence), weight=counted)


def _credit(tally: _Tally, player: Player, *, weight: int) -> None:
    match player.state:
        case PlayerState.RECORDING:
            tally.recordings[player.id] += weight
        case PlayerState.ARTIST:
            tally.artists[player.id] += weight
        case PlayerState.CONTESTED:
            tally.contested[player.id] += weight
        case PlayerState.NOT_AN_ARTIST:
            tally.unattributed[Because.NOT_AN_ARTIST] += weight
        case PlayerState.UNKNOWN:
            tally.unattributed[Because.UNKNOWN_PLAYER] += weight
