"""One entry of the ledger: what it is, who recorded it when, what it says where that may be read, and its path."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from cantoria.app.fact_types import LEDGER_TYPES
from cantoria.app.house import House
from cantoria.app.pages.trace_common import Value, names, thing
from cantoria.kernel import canonical
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import typed_id
from cantoria.ledger import attestation, batch, envelope, merkle
from cantoria.ledger.change_json import to_fields
from cantoria.ledger.facts import BODY_ERASED
from cantoria.ledger.governance import KIND_GOVERNANCE, read_record
from cantoria.ledger.notes import parse_checkpoint
from cantoria.ledger.ports import StoredFact
from cantoria.ledger.proof_text import write_proof
from cantoria.ledger.replay import fact_of

BODY_BYTES_SHOWN: Final = 64 * 1024
NAMED_MAX: Final = 200
# What stays between those concerned: cases' papers, talks about licences, usage and earnings. That it was recorded is
# public; what it says is shown to whoever recorded it or is named in it.
WITHHELD: Final = frozenset({152, 153, 354, 355, 356, 357, 501, 502, 503, 702, 703, 704, 705, 706})
MONEY: Final = frozenset({703, 704, 705, 706})  # what was earned and paid, which not every colleague may read
Who = tuple[frozenset[str], frozenset[int]]  # the parties that somebody is, and the types that they may not read
_ID: Final = re.compile(r"[a-z]+_[0-7][0-9a-hjkmnp-tv-z]{25}\Z")


def entry(
    house: House,
    index: int,
    *,
    size: int,
    readers: frozenset[str] = frozenset(),
    closed: frozenset[int] = frozenset(),
) -> Value | None:
    """Return an entry below `size` with its inclusion path in the tree of `size`, None where there is none.

    `kind` is `fact`, `batch`, `governance` or `attestation`. `readers` are the parties that the visitor is or speaks
    for: they see what is withheld from others where they recorded it or are named in it, but for the types in `closed`.
    """
    if not 0 <= index < size:
        return None
    data = next(iter(house.sequencer.entries(index, stop=index + 1)))
    leaf, proof = merkle.leaf_hash(data), house.sequencer.prove(index, size=size)
    root = merkle.root_from_inclusion(leaf, index, size=size, proof=proof) or b""
    value: Value = {"index": index, "bytes": len(data), "leaf": leaf.hex(), "root": root.hex()}
    value["path"] = _path(proof, index, size)
    if fact_of(data) is not None:
        return {**value, "kind": "fact", **_fact(house, index, size, (readers, closed))}
    if data[:1] == bytes([KIND_GOVERNANCE]):
        return {**value, "kind": "governance", **_record(house, data, size)}
    if data[:1] == bytes([attestation.KIND_ATTESTATION]):
        return {**value, "kind": "attestation", "hex": data.hex()}
    return {**value, "kind": "batch", **_header(house, data, size)}


def may_read(
    house: House, index: int, *, size: int, readers: frozenset[str], closed: frozenset[int] = frozenset()
) -> bool:
    """Tell whether a fact's body may be shown to somebody who is, or speaks for, these parties, and may not read the
    types in `closed`."""
    stored = _stored(house, index) if 0 <= index < size else None
    return stored is not None and stored.body is not None and _open_to(stored, (readers, closed))


def proof_text(house: House, index: int, *, size: int | None = None) -> bytes:
    """Return the C2SP tlog-proof of an entry, which it carries itself: it holds for entries of every kind, and shows
    no body. Under the newest checkpoint, or that of `size`."""
    note = house.sequencer.checkpoint(size=size)
    under = parse_checkpoint(note.partition("\n\n")[0] + "\n").size
    data = next(iter(house.sequencer.entries(index, stop=index + 1)))
    return write_proof(index, house.sequencer.prove(index, size=under), checkpoint=note, extra=data).encode()


def _path(proof: Sequence[bytes], index: int, size: int) -> list[Value]:
    """Return the hashes on the way from a leaf to the root, each with the side on which it stands."""
    node, last, found = index, size - 1, []
    for sibling in proof:
        left = bool(node & 1) or node == last
        found.append({"hash": sibling.hex(), "side": "left" if left else "right"})
        if left:
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        node, last = node >> 1, last >> 1
    return found


def _fact(house: House, index: int, size: int, who: Who) -> Value:
    stored = _stored(house, index)
    if stored is None:
        return {}
    packed = envelope.unpack(stored.envelope)
    organisation = typed_id("party", packed.organisation)
    kind = LEDGER_TYPES.get(packed.type_tag)
    type_name = BODY_ERASED.name if packed.type_tag == BODY_ERASED.tag else kind.name if kind else ""
    state, body, size_of_body = _body(stored, who)
    called = names(house, [organisation, *_ids(body)], size=size)
    supersedes = "" if packed.supersedes == envelope.NO_FACT else envelope.fact_id_text(packed.supersedes)
    return {
        "type": type_name,
        "tag": packed.type_tag,
        "fact_id": envelope.fact_id_text(packed.fact_id),
        "organisation": thing(organisation, called),
        "capacity": _capacity(packed.capacity),
        "key_id": packed.key_id.hex(),
        "claimed_at": packed.claimed_at,
        "supersedes": supersedes,
        "identity": bool(kind and kind.identity),
        "body_state": state,
        "body_bytes": size_of_body,
        "body": body,
        "names": {name: called[name] for name in sorted(called) if name != organisation},
    }


def _body(stored: StoredFact, who: Who) -> tuple[str, Any, int]:
    """Return whether a body can be read, the body where it can, and its length."""
    if stored.body is None:
        return ("erased" if stored.erased else "awaited"), None, 0
    if not _open_to(stored, who):
        return "withheld", None, len(stored.body)
    if len(stored.body) > BODY_BYTES_SHOWN:
        return "long", None, len(stored.body)
    return "readable", canonical.decode(stored.body), len(stored.body)


def _open_to(stored: StoredFact, who: Who) -> bool:
    readers, closed = who
    packed = envelope.unpack(stored.envelope)
    if packed.type_tag not in WITHHELD:
        return True
    if packed.type_tag in closed:
        return False
    if typed_id("party", packed.organisation) in readers:
        return True
    return stored.body is not None and not readers.isdisjoint(_ids(canonical.decode(stored.body)))


def _stored(house: House, index: int) -> StoredFact | None:
    return next(iter(house.sequencer.facts(index, stop=index + 1)), None)


def _capacity(number: int) -> str:
    return Capacity(number).name.lower() if number in set(Capacity) else str(number)


def _record(house: House, data: bytes, size: int) -> Value:
    record = read_record(data)
    change = to_fields(record.change)
    organisation = typed_id("party", record.organisation) if record.organisation else ""
    called = names(house, [organisation], size=size) if organisation else {}
    return {
        "type": str(change.get("kind", "")),
        "organisation": thing(organisation, called) if organisation else None,
        "body_state": "readable",
        "body": change,
        "names": {},
    }


def _header(house: House, data: bytes, size: int) -> Value:
    header = batch.unpack_header(data)
    organisation = typed_id("party", header.organisation)
    return {
        "organisation": thing(organisation, names(house, [organisation], size=size)),
        "key_id": header.key_id.hex(),
        "count": header.count,
        "root_of_batch": header.root.hex(),
        "claimed_at": header.claimed_at,
        "signature": header.signature.hex(),
    }


def _ids(body: Any) -> list[str]:
    """Return the ids of things named in a body, each once, in its order."""
    found: dict[str, None] = {}
    ahead = [body]
    while ahead and len(found) < NAMED_MAX:
        value = ahead.pop()
        if isinstance(value, dict):
            ahead.extend(value.values())
        elif isinstance(value, list):
            ahead.extend(value)
        elif isinstance(value, str) and _ID.match(value):
            found[value] = None
    return sorted(found)
