"""Write `vectors/data/*.json`: signed requests between members, parcels, pages of bodies and lines with their paths.

Run `python -m tools.make_data_vectors` after a change of format, and never otherwise: the files are what other
implementations must reproduce. Every key and salt here is public: never use one of them.
"""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cantoria import ledger
from cantoria.adapters.body_pages import Page, pack_page
from cantoria.adapters.http import signing
from cantoria.adapters.parcel import pack_parcel
from cantoria.kernel import canonical
from cantoria.kernel.facts import Capacity, FactType
from cantoria.ledger.attestation import Purpose, attest
from cantoria.ledger.merkle import leaf_hash
from cantoria.usage import lines as usage_lines
from cantoria.usage.streaming import leaf_of
from cantoria.usage.types import UsageLine

FOLDER: Final = Path(__file__).parent.parent / "vectors" / "data"
ORIGIN: Final = "log.example.org/vectors"
TIME: Final = 1_795_000_000_000_000
ANY: Final = FactType(9001, "example-said")
AUTHOR: Final = sha256(b"vectors: author").digest()
HOLDER: Final = sha256(b"vectors: holder").digest()


def organisation(seed: bytes) -> bytes:
    """Return the made-up organisation id that goes with a seed: a UUIDv7."""
    return bytes.fromhex("0190000000007000") + b"\x80" + seed[:7]


def requests() -> dict[str, Any]:
    """Return requests and the headers that sign them."""
    cases = []
    for name, method, target, body in (
        ("bodies", "GET", "/v1/bodies?from=0&to=100", b""),
        ("without a query", "GET", f"/v1/attachments/{sha256(b'file').hexdigest()}", b""),
        ("with a body", "POST", "/v1/batches", b"\x02 and so on"),
    ):
        path, _, query = target.partition("?")
        message = signing.Message(
            method=method,
            authority="data.example.org:8443",
            path=path,
            query=query,
            recipient=organisation(HOLDER),
            digest=signing.content_digest(body),
        )
        signer, nonce = ledger.Ed25519Signer(AUTHOR), sha256(name.encode()).digest()[:16]
        headers = signing.sign(message, signer, created=TIME // 1_000_000, nonce=nonce)
        parameters = headers["signature-input"].removeprefix("cantoria=")
        cases.append(
            {
                "name": name,
                "seed": AUTHOR.hex(),
                "method": method,
                "authority": message.authority,
                "target": target,
                "body": body.hex(),
                "recipient": message.recipient.hex(),
                "created": TIME // 1_000_000,
                "nonce": nonce.hex(),
                "signature_base": signing.signature_base(message, parameters).decode(),
                "headers": headers,
            }
        )
    return {"cases": cases}


def parcels() -> dict[str, Any]:
    """Return a batch with its bodies as it travels, the attestations that it gets, and a page of its bodies."""
    noise = iter(sha256(number.to_bytes(4, "big")).digest() for number in range(1000))
    author = ledger.Author(organisation(AUTHOR), ledger.Ed25519Signer(AUTHOR), ORIGIN)
    drafts = [
        ledger.Draft(ANY, canonical.encode({"n": n}), (f"rec_{n}",), Capacity.CMO, TIME, fact_id=bytes([n + 1]) * 16)
        for n in range(3)
    ]
    ids = ledger.FactIds(lambda count: b"".join(next(noise) for _ in range(count // 32 + 1))[:count])
    salts = b"".join(sha256(bytes([n])).digest() for n in range(3))
    batch = ledger.seal(drafts, author, ids=ids, entropy=lambda _: salts, claimed_at=TIME)
    holder = ledger.Author(organisation(HOLDER), ledger.Ed25519Signer(HOLDER), ORIGIN)
    rows = tuple(zip(range(10, 13), batch.salts, batch.bodies, strict=True))
    return {
        "origin": ORIGIN,
        "author_seed": AUTHOR.hex(),
        "holder_seed": HOLDER.hex(),
        "holder": organisation(HOLDER).hex(),
        "header": batch.header.hex(),
        "envelopes": [one.hex() for one in batch.envelopes],
        "salts": [one.hex() for one in batch.salts],
        "bodies": [one.decode() for one in batch.bodies],
        "parcel": pack_parcel(batch).hex(),
        "key": leaf_hash(batch.header).hex(),
        "attestations": [
            {"purpose": one.name.lower(), "bytes": attest(batch.header, holder, purpose=one, claimed_at=TIME).hex()}
            for one in Purpose
        ],
        "page": {"first": 10, "next": 20, "bytes": pack_page(Page(20, rows)).hex()},
    }


def lines() -> dict[str, Any]:
    """Return the lines of a report, their root, and every line's path."""
    report = [UsageLine(f"e{n}", f"isrc:KRA38190{n:04}", "KR", "2026-11-20", n + 1) for n in range(5)]
    data = usage_lines.write_lines(report)
    paths = [[one.hex() for one in leaf_of([data], n, lines=5).path] for n in range(5)]
    root, digest = usage_lines.root_of(report), sha256(data).hexdigest()
    return {"attachment": data.decode(), "sha256": digest, "root": root, "plays": 15, "paths": paths}


def main() -> int:
    """Write the files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in (("requests", requests()), ("parcels", parcels()), ("lines", lines())):
        text = json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
