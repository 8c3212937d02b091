"""A member's card: the one JSON line that the other members need to admit it, to seat it and to find its node.

It holds public keys and addresses, nothing secret; whoever takes it in checks by another way that it is the member's.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from cantoria.adapters.files import read_file
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity
from cantoria.ledger.changes import AddKey, Seat, SeatMember
from cantoria.ledger.cosignatures import parse_cosigner
from cantoria.ledger.ed25519 import verify
from cantoria.ledger.notes import parse_vkey
from cantoria.ledger.possession import shown
from cantoria.node.settings import Peer

FORMAT: Final = "cantoria-member/v1"
BYTES_MAX: Final = 64 * 1024
_HEX_DIGITS: Final = {
    "organisation": 32,
    "key": 64,
    "consensus_key": 64,
    "key_possession": 128,
    "consensus_possession": 128,
    "cosigner_possession": 128,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Public keys as hex digits (`key` signs batches), `cosigner` and `log` as vkey texts, capacities by name,
    `p2p` as NODE_ID@host:port, `data` as http://host:port or empty. The `…possession`s are the signatures (hex) by
    which key, validator's key and cosigner show that they are this organisation's."""

    organisation: str
    name: str
    capacities: tuple[str, ...]
    key: str
    consensus_key: str
    cosigner: str
    log: str
    p2p: str
    key_possession: str
    consensus_possession: str
    cosigner_possession: str
    data: str = ""

    def text(self) -> str:
        """Return the card as one line of JSON."""
        return json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False)

    def seat(self) -> Seat:
        """Return the seat that the member asks for."""
        proofs = bytes.fromhex(self.consensus_possession), bytes.fromhex(self.cosigner_possession)
        return Seat(bytes.fromhex(self.organisation), bytes.fromhex(self.consensus_key), self.cosigner, *proofs)

    def added_key(self) -> AddKey:
        """Return the change that registers the key with which the member signs."""
        organisation, key, proof = map(bytes.fromhex, (self.organisation, self.key, self.key_possession))
        return AddKey(organisation, key, possession=proof)

    def peer(self) -> Peer:
        """Return the member's node as another node's settings name it."""
        return Peer(organisation=self.organisation, name=self.name, data=self.data, p2p=self.p2p)

    def held(self) -> tuple[Capacity, ...]:
        """Return the capacities in which the member wants to record."""
        return tuple(Capacity[one.upper().replace("-", "_")] for one in self.capacities)


def read_card(path: Path) -> Card:
    """Return the card in a file."""
    return parse_card(read_file(path, bytes_max=BYTES_MAX))


def parse_card(data: bytes) -> Card:
    """Return the card in a line of JSON; anything else is an `InputError` that says what is wrong."""
    try:
        value = json.loads(data)
    except ValueError as error:
        raise InputError(f"this is no member's card: {error}", _REMEDY) from error
    if not isinstance(value, dict) or value.pop("format", None) != FORMAT:
        raise InputError("this is no member's card", _REMEDY)
    if set(value) != {one.name for one in fields(Card)}:
        raise InputError("this card has more or fewer fields than a member's card", _REMEDY)
    capacities = value.pop("capacities")
    if not isinstance(capacities, list) or not all(isinstance(one, str) for one in (*capacities, *value.values())):
        raise InputError("this card's fields are not text", _REMEDY)
    card = Card(capacities=tuple(capacities), **value)
    _check(card, value)
    return card


def _check(card: Card, value: dict[str, Any]) -> None:
    for name, digits in _HEX_DIGITS.items():
        text = value[name]
        if len(text) != digits or not set(text) <= set("0123456789abcdef"):
            raise InputError(f"this card's {name} has not {digits} hex digits", _REMEDY)
    known = {one.name.lower().replace("_", "-") for one in Capacity}
    if not card.capacities or not set(card.capacities) <= known:
        raise InputError("this card names no capacities that are known here", f"known are {', '.join(sorted(known))}")
    parse_cosigner(card.cosigner)
    origin = parse_vkey(card.log).name
    if not all(shown(one, origin=origin, verify=verify) for one in (card.added_key(), SeatMember(card.seat()))):
        raise InputError("this card names a key that does not sign for its organisation", _REMEDY)


_REMEDY: Final = "ask the member for what `cantoria node card` prints"
