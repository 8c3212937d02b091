"""Whose yes a holder's or a person's needs, for all uses and all demands of profiles at once, as bits of `asked`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cantoria.clearance.rights import Rights
from cantoria.clearance.snapshot_schema import MODES, PERSON_USES, SIDE_USES, mode_of
from cantoria.kernel.ids import PartyId
from cantoria.kernel.uses import Use
from cantoria.mandates import Voice


@dataclass(frozen=True, slots=True)
class _Mode:
    """What a profile may demand of who says yes."""

    trust_cmo: bool
    estate_representative: bool


_MODES: Final = tuple(_Mode(trust, estate) for estate in (False, True) for trust in (False, True))
_ALL_SIDES: Final = (1 << MODES * len(SIDE_USES)) - 1
_ALL_PERSONS: Final = (1 << MODES * len(PERSON_USES)) - 1


class VoiceBook:
    """The voices of parties at the moment `at`, each with the uses and modes in which it is asked."""

    def __init__(self, rights: Rights, *, at: int) -> None:
        self._rights, self._at = rights, at
        self._sides: dict[str, tuple[tuple[Voice, int], ...]] = {}
        self._reachable: dict[str, bool] = {}

    def of_holder(self, party: str) -> tuple[tuple[Voice, int], ...]:
        """Return the voices of a holder with the bits of `need.asked`."""
        voices = self._sides.get(party)
        if voices is None:
            voices = self._sides[party] = self._voices(party, SIDE_USES, _ALL_SIDES)
        return voices

    def of_person(self, party: str) -> tuple[tuple[Voice, int], ...]:
        """Return the voices of a person with the bits of `person.asked`."""
        return self._voices(party, PERSON_USES, _ALL_PERSONS)

    def can_reach(self, party: str) -> bool:
        """Tell whether a request can be delivered to a party."""
        reachable = self._reachable.get(party)
        if reachable is None:
            view = self._rights.registry.party(party)
            reachable = self._reachable[party] = view is not None and view.reachable
        return reachable

    def _voices(self, party: str, uses: tuple[Use, ...], every: int) -> tuple[tuple[Voice, int], ...]:
        mandates = self._rights.mandates
        if mandates.speaks_alone(party):
            return ((Voice(PartyId(party), PartyId(party)), every),)
        asked: dict[Voice, int] = {}
        for mode in _MODES:
            first = len(uses) * mode_of(trust_cmo=mode.trust_cmo, estate_representative=mode.estate_representative)
            for place, use in enumerate(uses):
                for voice in mandates.voices(party, at=self._at, profile=mode, use=use):
                    asked[voice] = asked.get(voice, 0) | 1 << first + place
        return tuple(sorted(asked.items()))
