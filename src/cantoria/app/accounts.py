"""Open accounts: a person's key is made here, kept in the vault, and vouched for by the recording organisation."""

from __future__ import annotations

from collections.abc import Sequence

from cantoria.app.house import House
from cantoria.app.ports import Author, Receipt
from cantoria.kernel.ids import PartyId
from cantoria.ledger.ed25519 import Ed25519Signer
from cantoria.registry.facts import PartyKeyRegistered


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
