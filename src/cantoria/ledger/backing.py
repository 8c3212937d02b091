"""Who stands behind a batch besides its author, and who holds its data: attestations weighed against the thresholds.

Exactly as many attestations as are needed are admitted. One that could be left out is refused like one that is wrong,
so nobody can make the log of a batch longer, or different, than its facts demand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from cantoria.ledger import attestation as attestations
from cantoria.ledger import ed25519, merkle
from cantoria.ledger.attestation import Attestation, Purpose, unpack_attestation
from cantoria.ledger.batch import Batch, Header
from cantoria.ledger.reasons import Reason
from cantoria.ledger.state import State

Fault = tuple[Reason, int | None]
"""Why a batch lacks what it needs, and the first envelope whose type needs it."""

_TAG: Final = slice(1, 3)


def examine(
    batch: Batch,
    header: Header,
    *,
    index: int,
    state: State,
    capacities: Mapping[int, frozenset[int]],
    verify: ed25519.Verifier,
) -> Fault | None:
    """Return why the attestations of a batch, otherwise admissible, are not what its facts need, or None.

    `index` is where the header would stand, `capacities` which ones each known type allows.
    """
    if not batch.attestations and not state.endorsers and not state.holders:
        return None
    subject = merkle.leaf_hash(batch.header) if batch.attestations else b""
    endorsements: list[Attestation] = []
    holdings: list[Attestation] = []
    for data in batch.attestations:
        one = unpack_attestation(data)
        key = state.keys.get(one.key_id)
        own = one.purpose is Purpose.ENDORSEMENT and one.organisation == header.organisation
        stands = one.subject == subject and not own and state.members.get(one.organisation)
        if not stands or key is None or key.organisation != one.organisation or not key.valid_at(index):
            return Reason.BAD_ATTESTATION, None
        if not attestations.verify(data, key.public_key, origin=state.origin, check=verify):
            return Reason.BAD_ATTESTATION, None
        (endorsements if one.purpose is Purpose.ENDORSEMENT else holdings).append(one)
    tags = {int.from_bytes(tag, "big") for tag in {one[_TAG] for one in batch.envelopes}}
    held = [state.members[one.organisation] for one in endorsements]
    able = {tag: [number for number, one in enumerate(held) if one & capacities[tag]] for tag in tags}
    asked = {tag: state.endorsers.get(tag, 1) - 1 for tag in tags}
    holders = {tag: state.holders.get(tag, 0) for tag in tags}
    return (
        _lacking(batch, Reason.NOT_ENDORSED, lambda tag: len(able[tag]) < asked[tag])
        or _lacking(batch, Reason.NOT_HELD, lambda tag: len(holdings) < holders[tag])
        or _surplus(len(held), able, asked, spare=len(holdings) - max(holders.values()))
    )


def _lacking(batch: Batch, reason: Reason, lacks: Callable[[int], bool]) -> Fault | None:
    judged: dict[bytes, bool] = {}
    for position, one in enumerate(batch.envelopes):
        tag = one[_TAG]
        if tag not in judged:
            judged[tag] = lacks(int.from_bytes(tag, "big"))
            if judged[tag]:
                return reason, position
    return None


def _surplus(endorsements: int, able: Mapping[int, list[int]], asked: Mapping[int, int], *, spare: int) -> Fault | None:
    """An endorsement is needed if some type would lack it; a holding, if there are no more than are asked for."""
    needed = {number for tag, found in able.items() if len(found) == asked[tag] for number in found}
    return None if spare == 0 and len(needed) == endorsements else (Reason.SURPLUS_ATTESTATION, None)
