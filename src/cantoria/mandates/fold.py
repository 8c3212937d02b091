"""The mandates fold: delegations, guardians and estates, and who must say yes for a holder (RULES section 5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cantoria.kernel.facts import Recorded
from cantoria.kernel.ids import PartyId
from cantoria.kernel.uses import Use
from cantoria.mandates.delegations import DEMANDING, SPEAKING, Delegation, Places
from cantoria.mandates.facts import DelegationEnded, DelegationGranted, EstateOpened, GuardianAppointed
from cantoria.mandates.types import Demands, Estate, MandateKind, Speech, Voice


class Mandates:
    """Delegations, guardians and estates as of one ledger size."""

    __slots__ = (
        "_by_id",
        "_by_principal",
        "_dead",
        "_ends",
        "_estates",
        "_guardians",
        "_opened",
        "_shared",
        "registry",
    )

    def __init__(self, registry: Places) -> None:
        self.registry = registry
        self._by_id: dict[str, Delegation] = {}
        self._by_principal: dict[str, list[Delegation]] = {}
        self._shared: dict[str, None] = {}
        self._ends: list[Recorded[DelegationEnded]] = []
        self._guardians: dict[str, list[Recorded[GuardianAppointed]]] = {}
        self._opened: dict[str, list[Recorded[EstateOpened]]] = {}
        self._estates: dict[str, Estate] = {}
        self._dead: dict[str, list[int]] = {}

    @classmethod
    def fold(cls, facts: Iterable[Recorded[Any]], *, registry: Places, size: int | None = None) -> Mandates:
        """Return the mandates that the facts with an index below `size` (None = all) make; others are ignored."""
        mandates = cls(registry)
        for recorded in sorted(facts, key=lambda recorded: recorded.index):
            if size is None or recorded.index < size:
                mandates._add(recorded)
        mandates._end_delegations()
        mandates._settle_estates()
        return mandates

    def _add(self, recorded: Recorded[Any]) -> None:
        match recorded.fact:
            case DelegationGranted() as fact:
                delegation = Delegation(recorded)
                # An id is used once: a later grant under the same id can demand and refuse, but carries no yes.
                self._by_id.setdefault(fact.delegation, delegation)
                self._by_principal.setdefault(fact.principal, []).append(delegation)
                if fact.kind in DEMANDING:
                    self._shared[fact.principal] = None
            case DelegationEnded():
                self._ends.append(recorded)
            case GuardianAppointed() as fact:
                self._guardians.setdefault(fact.minor, []).append(recorded)
            case EstateOpened() as fact:
                self._opened.setdefault(fact.deceased, []).append(recorded)
            case _:
                pass

    def _end_delegations(self) -> None:
        granted: dict[str, list[Delegation]] = {}
        for delegations in self._by_principal.values():
            for delegation in delegations:
                granted.setdefault(delegation.fact.delegation, []).append(delegation)
        for recorded in self._ends:
            for delegation in granted.get(recorded.fact.delegation, ()):
                delegation.end(recorded, self.authentic)

    def _settle_estates(self) -> None:
        """Work out each estate: the last word of who answers for the deceased. What others said since can only add to
        whom to ask: more heirs, an earlier death, and the deceased's own voice, which says yes no longer."""
        for deceased, opened in self._opened.items():
            ruling = [said for said in opened if self.registry.answers_for(deceased, said)][-1:]
            others = [said for said in opened if not ruling or said.index > ruling[0].index]
            self._dead[deceased] = [
                said.index
                for said in opened
                if said.fact.died_at <= said.claimed_at
                and (said in others or self.registry.answers_for(deceased, said))
            ]
            facts = [said.fact for said in (*ruling, *others)]
            heirs = {heir for fact in facts for heir in fact.heirs}
            representative = facts[0].representative
            if others:
                heirs |= {fact.representative for fact in facts if fact.representative is not None}
                representative = None
            self._estates[deceased] = Estate(
                PartyId(deceased),
                min(fact.died_at for fact in facts),
                tuple(sorted(heirs)),
                facts[0].heirs_complete and not others,
                representative,
            )

    def authentic(self, party: str, recorded: Recorded[Any]) -> bool:
        """Tell whether `party` itself said a fact: as the recording organisation, or by a key on record before it."""
        key = recorded.proven_key
        return recorded.organisation == party or (
            bool(key) and self.registry.key_in_force(party, key, at=recorded.claimed_at, index=recorded.index)
        )

    def signed(self, speech: Speech) -> bool:
        """Tell whether the speaker itself said it: as the recording organisation, or by a key of its own."""
        key = speech.proven_key
        return speech.organisation == speech.speaker or (
            bool(key) and self.registry.key_in_force(speech.speaker, key, at=speech.said_at, index=speech.index)
        )

    def estate(self, party: str) -> Estate | None:
        """Return the estate of a deceased party as last recorded, None while the party is not known to have died."""
        return self._estates.get(party)

    def estates(self) -> tuple[Estate, ...]:
        """Return all estates, sorted by the deceased."""
        return tuple(self._estates[party] for party in sorted(self._estates))

    def voices(self, party: str, *, at: int, profile: Demands, use: Use | None = None) -> tuple[Voice, ...]:
        """Return who must say yes for a holder at the moment `at`, sorted.

        The party itself; after its death all heirs, and the party's own voice with them while not all heirs are known
        (it can never say yes then); or the representative that the profile names. In addition every co-signer, and
        where the profile demands it every CMO that holds the rights in trust, whose mandate names `use` (None = any).
        """
        principal = PartyId(party)
        speakers = self._successors(principal, at=at, profile=profile)
        for delegation in self._by_principal.get(party, ()):
            fact = delegation.fact
            wanted = fact.kind is MandateKind.COSIGNER or (fact.kind is MandateKind.TRUST and profile.trust_cmo)
            if wanted and delegation.demands(at) and (use is None or use in fact.uses):
                speakers.add(fact.delegate)
        return tuple(sorted(Voice(principal, speaker) for speaker in speakers))

    def _successors(self, party: PartyId, *, at: int, profile: Demands) -> set[PartyId]:
        estate = self._estates.get(party)
        if estate is None or at < estate.died_at:
            return {party}
        if profile.estate_representative and estate.representative is not None:
            return {estate.representative}
        known = estate.heirs_complete and bool(estate.heirs)
        return set(estate.heirs) if known else {*estate.heirs, party}

    def moments(self) -> Iterator[tuple[str, int]]:
        """Give every moment (UTC microseconds) at which the voices of a holder change, with the holder: deaths, and
        the begin and end of co-signatures and trusts."""
        for deceased, estate in self._estates.items():
            yield deceased, estate.died_at
        for principal in self._shared:
            for delegation in self._by_principal[principal]:
                if delegation.fact.kind in DEMANDING:
                    yield from ((principal, moment) for moment in delegation.fact.period.ends())
                    if delegation.ended_firmly is not None:
                        yield principal, delegation.ended_firmly

    def in_company(self) -> Iterator[str]:
        """Give every holder beside or instead of whom somebody else must ever say yes, each once."""
        return iter(dict.fromkeys((*self._shared, *self._estates)))

    def speaks_alone(self, party: str) -> bool:
        """Tell whether nobody else must ever say yes for a holder."""
        return party not in self._shared and party not in self._estates

    def all_voices(self, party: PartyId) -> Iterator[Voice]:
        """Give every voice that a holder could ever need: itself, heirs, representative, co-signers, trust CMOs."""
        speakers = dict.fromkeys([party])
        estate = self._estates.get(party)
        if estate is not None:
            speakers.update(dict.fromkeys(estate.heirs))
            if estate.representative is not None:
                speakers[estate.representative] = None
        for delegation in self._by_principal.get(party, ()):
            if delegation.fact.kind not in SPEAKING:
                speakers[delegation.fact.delegate] = None
        return (Voice(party, speaker) for speaker in speakers)

    def grants(self, principal: str) -> list[Delegation]:
        """Return all delegations that name `principal`, in ledger order."""
        return self._by_principal.get(principal, [])

    def delegation(self, delegation: str) -> Delegation | None:
        """Return the grant that used this id first."""
        return self._by_id.get(delegation)

    def guardians(self, minor: str) -> list[GuardianAppointed]:
        """Return the guardians that anybody ever named for a party, in ledger order."""
        return [said.fact for said in self._guardians.get(minor, [])]

    def guardian_until(self, minor: str, guardian: str) -> int | None:
        """Return until when a guardian can say yes for a minor: the earliest majority that anybody names, None when
        nobody who answers for the minor appointed it."""
        named = [said for said in self._guardians.get(minor, []) if said.fact.guardian == guardian]
        if not any(self.registry.answers_for(minor, said) for said in named):
            return None
        return min(said.fact.majority_at for said in named)

    def dead(self, party: str, *, at: int, index: int) -> bool:
        """Tell whether a party was dead at the moment `at`. What is recorded once a death is on record was not said
        before it, whatever time it claims: whoever has the key of the deceased signs nothing in arrears."""
        died_at = self.died_at(party)
        known = any(position < index for position in self._dead.get(party, ()))
        return known or (died_at is not None and died_at <= at)

    def died_at(self, party: str) -> int | None:
        """Return when a party died (UTC microseconds), None while it is not known to have."""
        estate = self._estates.get(party)
        return estate.died_at if estate else None
