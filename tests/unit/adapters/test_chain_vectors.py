"""`vectors/chain/chain.json` is what the code writes and reads, byte for byte."""

from __future__ import annotations

import json
from hashlib import sha256

from tools import make_chain_vectors

from cantoria.adapters.cometbft import extensions, genesis, snapshots
from cantoria.ledger import ed25519, merkle
from cantoria.ledger.cosignatures import cosigned_bytes, parse_cosigner

VECTORS = json.loads(make_chain_vectors.FILE.read_text(encoding="utf-8"))


def test_the_file_is_what_the_tool_writes() -> None:
    assert json.loads(json.dumps(make_chain_vectors.vectors())) == VECTORS


def test_an_app_hash_is_the_hash_of_domain_root_size_and_state() -> None:
    for case in VECTORS["app_hash"]:
        root, state = bytes.fromhex(case["root"]), bytes.fromhex(case["state"])
        expected = sha256(b"cantoria/app/v1\x00" + root + case["size"].to_bytes(8, "big") + state).hexdigest()
        assert case["app_hash"] == expected


def test_extensions_are_cosignatures_and_the_transaction_joins_them() -> None:
    case = VECTORS["cosignatures"]
    joined = []
    for vote in case["votes"]:
        data = bytes.fromhex(vote["extension"])
        key = parse_cosigner(vote["cosigner"])
        assert (data[0], data[1:5], int.from_bytes(data[5:13], "big")) == (1, key.key_hash, vote["time"])
        message = cosigned_bytes(case["checkpoint"], time=vote["time"])
        assert ed25519.verify(key.public_key, message, signature=data[13:])
        joined.append(data[1:])
    assert case["transaction"] == (b"\x05" + (41).to_bytes(8, "big") + b"".join(sorted(joined))).hex()
    assert extensions.unpack_transaction(bytes.fromhex(case["transaction"]))[0] == case["height"]


def test_a_genesis_carries_a_small_log_whole() -> None:
    case = VECTORS["genesis"]
    found = genesis.read_app_state(case["app_state"])
    assert [one.hex() for one in found.entries] == case["entries"]
    assert found.root == merkle.root_of(merkle.leaf_hashes(found.entries))


def test_a_snapshot_leads_from_chunk_roots_to_the_app_hash() -> None:
    case = VECTORS["snapshot"]
    data = case["metadata"].encode("ascii")
    found = snapshots.unpack_snapshot(data)
    assert (found.app_hash.hex(), found.tip.root.hex()) == (case["app_hash"], case["root"])
    assert case["hash"] == sha256(data).hexdigest()
