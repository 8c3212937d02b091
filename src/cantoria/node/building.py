"""Making the homes of a consortium: keys and settings of a member, a log that is convened, a chain that begins.

`make_member` is what one organisation does for itself; `admit`, `convene` and `genesis.document_of` are what the
operator does, once, with the cards of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cantoria.adapters.keys import KeyRing
from cantoria.app.fact_types import CONVENED_TYPES
from cantoria.app.ids import Ids
from cantoria.app.ports import Clock, Entropy
from cantoria.bootstrap import settings as house_settings
from cantoria.bootstrap.house import WiredHouse
from cantoria.bootstrap.settings import CONSORTIUM, Settings
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import PartyId, uuid_of
from cantoria.ledger.changes import AdmitMember, Convene
from cantoria.ledger.ed25519 import PUBLIC_KEY_BYTES, Ed25519Signer, key_id
from cantoria.ledger.notes import NoteKey
from cantoria.ledger.possession import prove_possession
from cantoria.node import keys as node_keys
from cantoria.node.card import Card
from cantoria.node.settings import NodeSettings, read, write


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Who an organisation is, in which capacities it records, and how its node is set up."""

    name: str
    capacities: tuple[Capacity, ...]
    settings: NodeSettings


def make_member(folder: Path, member: Member, *, origin: str, clock: Clock, entropy: Entropy) -> Card:
    """Make what is missing at `folder` of a member's keys and settings; return its card.

    Where a house is already it stays what it is, until it gets a genesis. Raises `InputError` where the folder is
    another log's or another organisation's.
    """
    NoteKey(origin, bytes(PUBLIC_KEY_BYTES))  # refuses an origin that no log can have
    ring = KeyRing(folder / "keys")
    if not ring.has_log_key():
        ring.create_log_key(entropy.token(32))
    if not ring.holds(member.name):
        party = PartyId(Ids(clock, entropy).new("party"))
        ring.create_organisation(member.name, party=party, capacities=member.capacities, seed=entropy.token(32))
    node_keys.make(folder / "keys", entropy=entropy)
    if not (folder / house_settings.FILE).exists():
        house_settings.write(Settings(folder, origin, engine=CONSORTIUM))
    elif (found := house_settings.read(folder).origin) != origin:
        raise InputError(f"the house at {folder} keeps the log {found!r}, not {origin!r}", "give the node another home")
    write(folder, member.settings)
    return card_of(folder)


def card_of(folder: Path) -> Card:
    """Return the card of the member whose node is at `folder`."""
    settings, house = read(folder), house_settings.read(folder)
    ring, keys = KeyRing(folder / "keys"), node_keys.read(folder / "keys")
    author = ring.author(settings.organisation)
    organisation = uuid_of(author.party, prefix="party")
    signers = author.signer, Ed25519Signer(keys.consensus), keys.cosigner_signer()
    proofs = [prove_possession(one, organisation, origin=house.origin).hex() for one in signers]
    return Card(
        organisation=organisation.hex(),
        name=settings.organisation,
        capacities=tuple(one.name.lower().replace("_", "-") for one in ring.capacities(settings.organisation)),
        key=author.signer.public_key.hex(),
        consensus_key=keys.consensus_key.hex(),
        cosigner=node_keys.cosigner_of(house.origin, organisation, keys).vkey(),
        log=NoteKey(house.origin, ring.log_signer().public_key).vkey(),
        p2p=f"{keys.p2p_id}@{settings.external or settings.p2p}",
        data=f"http://{settings.data}" if settings.data else "",
        key_possession=proofs[0],
        consensus_possession=proofs[1],
        cosigner_possession=proofs[2],
    )


def admit(house: WiredHouse, members: Sequence[Card]) -> None:
    """Make the organisations of these cards, which hold their own keys, members of the house's ledger; whoever is one
    already stays."""
    engine = house.operator
    for card in members:
        organisation, key = bytes.fromhex(card.organisation), card.added_key()
        capacities = frozenset(int(one) for one in card.held())
        if engine.state.members.get(organisation) != capacities:
            engine.govern(AdmitMember(organisation, capacities))
        if key_id(key.public_key) not in engine.state.keys:
            engine.govern(key)


def convene(house: WiredHouse, seated: Sequence[Card]) -> int:
    """Hand the house's ledger over to these members, with the fact types that this code knows; return the index of the
    record. From then on its operator admits nothing."""
    return house.operator.govern(Convene(tuple(card.seat() for card in seated), types=CONVENED_TYPES))


def become_node(folder: Path) -> None:
    """Let the chain order the house's ledger from now on."""
    house_settings.choose_engine(folder, CONSORTIUM)


def add_peers(folder: Path, cards: Sequence[Card]) -> NodeSettings:
    """Put the members' nodes into the settings of the node at `folder`, in place of what was there of them."""
    settings = read(folder)
    own = card_of(folder).organisation
    known = {peer.organisation: peer for peer in settings.peers}
    known |= {card.organisation: card.peer() for card in cards if card.organisation != own}
    changed = replace(settings, peers=tuple(known[one] for one in sorted(known)))
    write(folder, changed)
    return changed
