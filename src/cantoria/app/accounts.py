"""Open accounts: a person's key is made here, kept in the vault, and vouched for by the recording organisation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from cantoria.app.house import House
from cantoria.app.ports import Author, Receipt
from cantoria.app.rights import SIGNER_TAGS
from cantoria.kernel.facts import Recorded
from cantoria.kernel.ids import PartyId
from cantoria.ledger.ed25519 import Ed25519Signer
from cantoria.registry import Registry
from cantoria.registry.facts import PartyKeyRegistered
from cantoria.registry.standing import REGISTERS

PART: Final = 500


def open_accounts(house: House, parties: Sequence[str], *, author: Author) -> list[Receipt]:
    """Make and keep a key for each party and record that it is theirs; a party with a key here is refused.

    The keys are kept before they are registered: a registered key that nobody holds could never sign, a kept key
    that is not registered does no harm.
    """
    seeds = [(party, house.entropy.token(32)) for party in parties]
    house.vault.add(seeds)
    facts = [
        PartyKeyRegistered(party=PartyId(party), key=Ed25519Signer(seed).public_key.hex()) for party, seed in seeds
    ]
    return house.journal.record(facts, author=author)


def kept_by_others(house: House, parties: Iterable[str], *, author: Author) -> frozenset[str]:
    """Return those of these parties for whom the author does not answer (RULES section 5): another organisation keeps
    their account, and no word of the author's is theirs. A register keeps no account that somebody else has opened; a
    party that is not on record is nobody's yet."""
    wanted, found = sorted(set(parties)), set()
    for start in range(0, len(wanted), PART):
        said = house.index.about(wanted[start : start + PART], tags=SIGNER_TAGS)
        registry = Registry.fold(said)
        for party in {str(one.fact.party) for one in said} & set(wanted):
            key = PartyKeyRegistered(party=PartyId(party), key="")
            word = Recorded(house.sequencer.size, "", author.party, author.capacity, house.clock.now(), key)
            others = any(
                isinstance(one.fact, PartyKeyRegistered)
                and one.fact.party == party
                and one.organisation != author.party
                for one in said
            )
            if not registry.answers_for(party, word) or (author.capacity in REGISTERS and others):
                found.add(party)
    return frozenset(found)
