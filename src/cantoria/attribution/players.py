"""Resolve who evidence names: a recording, an artist of record, or nobody who can be paid by it.

Players are artists, never labels, publishers or uploaders. What two claim is contested, whoever came first
(RULES section 9).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cantoria.attribution.types import Player, PlayerState
from cantoria.registry.types import WRITER_ROLES, Ambiguous, Found, Resolution, Role, Side
from cantoria.registry.views import ClaimView
from cantoria.usage.types import Evidence, PlayerKind

ARTIST_ROLES = WRITER_ROLES | {Role.FEATURED_PERFORMER, Role.NON_FEATURED_PERFORMER}


class PlayersView(Protocol):
    """What resolving needs to know; `registry.Registry` is one."""

    def resolve(self, codes: Sequence[str], *, media: str = "recording") -> Resolution: ...

    def registered_index(self, entity: str) -> int: ...

    def claims_of_party(self, party: str) -> Sequence[ClaimView]: ...


@dataclass(slots=True)
class Players:
    """Resolves the players of evidence, each once. `contested` are recordings with an open attribution dispute."""

    registry: PlayersView
    contested: frozenset[str] = frozenset()
    _known: dict[tuple[PlayerKind, str], Player] = field(default_factory=dict, init=False)

    def resolve(self, evidence: Evidence) -> Player:
        """Return the player that the evidence names."""
        key = (evidence.kind, evidence.player)
        player = self._known.get(key)
        if player is None:
            by_kind = self._recording if evidence.kind is PlayerKind.RECORDING else self._artist
            player = self._known[key] = by_kind(evidence.player)
        return player

    def _recording(self, name: str) -> Player:
        recording = name
        if ":" in name:
            found = self.registry.resolve((name,))
            if isinstance(found, Ambiguous):
                return Player(PlayerState.CONTESTED, name)
            if not isinstance(found, Found) or found.side is not Side.RECORDING:
                return Player(PlayerState.UNKNOWN, name)
            recording = found.subject
        elif self.registry.registered_index(name) < 0:
            return Player(PlayerState.UNKNOWN, name)
        state = PlayerState.CONTESTED if recording in self.contested else PlayerState.RECORDING
        return Player(state, recording)

    def _artist(self, party: str) -> Player:
        claims = [claim for claim in self.registry.claims_of_party(party) if claim.effective]
        if not claims:
            return Player(PlayerState.UNKNOWN, party)
        if any(claim.fact.role in ARTIST_ROLES for claim in claims):
            return Player(PlayerState.ARTIST, party)
        return Player(PlayerState.NOT_AN_ARTIST, party)


def recordings_of_artists(
    registry: PlayersView, artists: Sequence[str], *, recordings: Sequence[str], works: dict[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Return for each artist the recordings among `recordings` (a training set) that it performs on, or whose works
    (`works`, by recording) it wrote: what evidence for an artist speaks of."""
    by_work: dict[str, list[str]] = {}
    for recording in recordings:
        for work in works.get(recording, ()):
            by_work.setdefault(work, []).append(recording)
    known = frozenset(recordings)
    found = {}
    for artist in artists:
        mine: set[str] = set()
        for claim in registry.claims_of_party(artist):
            if claim.effective and claim.fact.role in ARTIST_ROLES:
                subject = claim.fact.subject
                mine.update({subject} & known)
                mine.update(by_work.get(subject, ()))
        found[artist] = tuple(sorted(mine))
    return found
