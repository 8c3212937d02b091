"""The published vectors of data beside the chain are reproduced from their inputs, byte for byte."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cantoria import ledger
from cantoria.adapters.body_pages import pack_page, unpack_page
from cantoria.adapters.http import signing
from cantoria.adapters.parcel import pack_parcel, unpack_parcel
from cantoria.kernel.errors import InputError
from cantoria.ledger import merkle
from cantoria.ledger.attestation import Purpose, attest, verify
from cantoria.usage.streaming import leaf_of

FOLDER = Path(__file__).parents[3] / "vectors" / "data"


def load(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


REQUESTS = load("requests")["cases"]
PARCELS = load("parcels")
LINES = load("lines")


@pytest.mark.parametrize("case", REQUESTS, ids=[case["name"] for case in REQUESTS])
def test_signed_requests(case: Any) -> None:
    path, _, query = case["target"].partition("?")
    message = signing.Message(
        method=case["method"],
        authority=case["authority"],
        path=path,
        query=query,
        recipient=bytes.fromhex(case["recipient"]),
        digest=signing.content_digest(bytes.fromhex(case["body"])),
    )
    signer = ledger.Ed25519Signer(bytes.fromhex(case["seed"]))
    headers = signing.sign(message, signer, created=case["created"], nonce=bytes.fromhex(case["nonce"]))
    assert headers == case["headers"]
    # By another implementation of Ed25519, over the base as the page lays it out.
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(case["seed"])).public_key()
    signed = signing.read_signature(headers)
    key.verify(signed.signature, case["signature_base"].encode())
    assert case["signature_base"].split("\n")[3] == f'"@query": ?{query}'


def test_parcels_attestations_and_pages() -> None:
    batch = unpack_parcel(bytes.fromhex(PARCELS["parcel"]))
    assert pack_parcel(batch).hex() == PARCELS["parcel"]
    assert batch.header.hex() == PARCELS["header"]
    assert [one.hex() for one in batch.envelopes] == PARCELS["envelopes"]
    assert [one.decode() for one in batch.bodies] == PARCELS["bodies"]
    assert merkle.leaf_hash(batch.header).hex() == PARCELS["key"]
    holder = ledger.Ed25519Signer(bytes.fromhex(PARCELS["holder_seed"]))
    who = ledger.Author(bytes.fromhex(PARCELS["holder"]), holder, PARCELS["origin"])
    for one in PARCELS["attestations"]:
        made = attest(batch.header, who, purpose=Purpose[one["purpose"].upper()], claimed_at=1_795_000_000_000_000)
        assert made.hex() == one["bytes"]
        assert verify(made, holder.public_key, origin=PARCELS["origin"])
    page = unpack_page(bytes.fromhex(PARCELS["page"]["bytes"]))
    assert page.rows == tuple(zip(range(10, 13), batch.salts, batch.bodies, strict=True))
    assert (page.next, pack_page(page).hex()) == (PARCELS["page"]["next"], PARCELS["page"]["bytes"])


def test_no_byte_of_a_parcel_can_be_cut_or_added() -> None:
    whole = bytes.fromhex(PARCELS["parcel"])
    for cut in range(len(whole)):
        with pytest.raises(InputError):
            unpack_parcel(whole[:cut])
    with pytest.raises(InputError):
        unpack_parcel(whole + b"\x00")


def test_no_page_that_is_cut_inside_a_body_is_read() -> None:
    whole = bytes.fromhex(PARCELS["page"]["bytes"])
    ends = {8, *(8 + n * (44 + 7) for n in range(1, 4))}
    for cut in range(len(whole)):
        if cut not in ends:
            with pytest.raises(InputError):
                unpack_page(whole[:cut])


def test_lines_and_their_paths() -> None:
    data = LINES["attachment"].encode()
    assert sha256(data).hexdigest() == LINES["sha256"]
    for number, path in enumerate(LINES["paths"]):
        found = leaf_of([data], number, lines=len(LINES["paths"]))
        assert [one.hex() for one in found.path] == path
        assert found.root.hex() == LINES["root"]
