"""Clearance receipts: what a gate let through, by which snapshot and request, signed by the developer.

A receipt is a JSON object (`cantoria-gate-receipt/v1`). Its `signature`, when there is one, is Ed25519 over the domain
line and the canonical bytes (RFC 8785) of everything else. It shows which rows the developer kept and on what ground;
it is the developer's own word, where a certificate is the registry's.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cantoria import __version__
from cantoria.clearance.types import Status
from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.periods import format_moment
from cantoria.kernel.shown import shown
from cantoria.ledger import ed25519
from cantoria.ledger.ed25519 import Ed25519Signer, Signer
from cantoria.ledger.notes import open_note, parse_checkpoint, parse_vkey
from cantoria.sdk.gate.kept import BLOCK_ROWS, Kept
from cantoria.sdk.gate.marks import CLEARED

if TYPE_CHECKING:
    from cantoria.sdk.gate.gate import Gate
    from cantoria.sdk.gate.report import Report
    from cantoria.sdk.gate.rows import Codes

FORMAT: Final = "cantoria-gate-receipt/v1"
DOMAIN: Final = b"cantoria-gate-receipt/v1\n"
RECEIPT_BYTES_MAX: Final = 4 << 20
_FIELDS: Final = {
    "at", "checkpoint", "counts", "format", "gate", "kept", "made_at", "name", "on_unknown", "origin", "reasons",
    "request", "request_digest", "revocations", "root", "signature", "size", "snapshot", "until",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seal:
    """Signs receipts: whoever runs the gate, by an Ed25519 key of their own."""

    signer: Signer

    @staticmethod
    def of_file(path: str | Path) -> Seal:
        """Return the seal of a key file: JSON with the seed in hex as `seed`."""
        try:
            data = Path(path).read_bytes()[: 1 << 16]
            seed = bytes.fromhex(json.loads(data)["seed"])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path} is no key file", 'write {"seed": "64 hex digits"} and keep it private') from error
        except FileNotFoundError as error:
            raise InputError(f"there is no key file {path}", "name one that exists") from error
        return Seal(Ed25519Signer(seed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A receipt that holds. `signed_by` is the public key (hex), "" for an unsigned one; `log` tells whether the log's
    checkpoint was verified, `rows` whether the kept rows were."""

    receipt: dict[str, Any]
    signed_by: str
    log: bool
    rows: bool

    def explain(self) -> tuple[str, ...]:
        """Return what is shown and what is not, in words, one line each."""
        told = self.receipt
        kept, request = told["kept"], told["request"]
        signed = f"Signed by key {self.signed_by}." if self.signed_by else "Unsigned: anybody could have written it."
        log = (
            f"The log {told['origin']} signed its tree of {told['size']} entries, which the snapshot is as of."
            if self.log
            else "The log's checkpoint was not checked: give its verifier key."
        )
        rows = "They are the rows given." if self.rows else "The rows were not given, so not compared."
        lines = (
            signed,
            f"{kept['rows']} rows of {sum(told['counts'].values())} were kept for {request.get('use', '?')} by "
            f"{request.get('licensee', '?')}, as of {told['snapshot']}, on {format_moment(told['made_at'])}.",
            log,
            rows,
            "Not proven: that the registry issued a certificate for these rows, or that they still are cleared.",
        )
        return tuple(shown(line) for line in lines)


def make(gate: Gate, report: Report, *, kept: Kept, name: str, seal: Seal | None = None) -> dict[str, Any]:
    """Return the receipt of one dataset that went through a gate: `kept` are its cleared rows in their order."""
    basis = gate.basis
    rows, root = kept.head()
    if rows != report.count(Status.CLEARED):
        raise IntegrityError(f"{rows} rows were kept, {report.count(Status.CLEARED)} were cleared", "do not use it")
    receipt: dict[str, Any] = {
        "format": FORMAT,
        "name": name,
        "gate": f"cantoria {__version__}",
        "made_at": time.time_ns() // 1000,
        "snapshot": basis.snapshot,
        "origin": basis.origin,
        "size": basis.size,
        "root": basis.root,
        "at": basis.at,
        "until": basis.until,
        "checkpoint": basis.checkpoint,
        "request": dict(basis.request),
        "request_digest": basis.request_digest,
        "revocations": basis.revocations,
        "on_unknown": gate.on_unknown,
        "counts": report.statuses(),
        "reasons": dict(sorted(report.reasons().items())),
        "kept": {"rows": rows, "root": root, "block": BLOCK_ROWS},
    }
    return {**receipt, "signature": None if seal is None else _sign(receipt, seal.signer)}


def of_rows(gate: Gate, rows: Any, *, name: str, seal: Seal | None = None) -> dict[str, Any]:
    """Return the receipt of a dataset in memory (any that the gate reads), judged now: what `num_proc` and caches let
    through is so counted once, in order."""
    from cantoria.sdk.gate.streams import batched

    fresh, kept = gate.anew(), Kept()
    for batch in batched(rows):
        codes = fresh.read(batch)
        kept.add(codes, fresh.marks(codes))
    return make(fresh, fresh.report(), kept=kept, name=name, seal=seal)


def verify_receipt(
    data: bytes | str | dict[str, Any],
    *,
    key: bytes | str = "",
    log_key: str = "",
    rows: Iterable[Sequence[str]] | None = None,
) -> Checked:
    """Return what a receipt shows. `key` is the public key that must have signed it (32 bytes or hex), `log_key` the
    verifier key of the log, `rows` the code keys of the kept rows in order.

    Raises `InputError` for what is no receipt, `IntegrityError` where a signature, a count or a root does not hold.
    """
    receipt = _read(data)
    signed_by = _check_signature(receipt, key.hex() if isinstance(key, bytes) else key.lower())
    _check_counts(receipt)
    if log_key:
        _check_log(receipt, log_key)
    if rows is not None:
        _check_rows(receipt, rows)
    return Checked(receipt=receipt, signed_by=signed_by, log=bool(log_key), rows=rows is not None)


def _sign(receipt: dict[str, Any], signer: Signer) -> dict[str, str]:
    signature = signer.sign(DOMAIN + canonical.encode(receipt))
    return {"key": signer.public_key.hex(), "signature": signature.hex()}


def _read(data: bytes | str | dict[str, Any]) -> dict[str, Any]:
    if isinstance(data, dict):
        value: Any = data
    else:
        value = canonical.parse(data.encode() if isinstance(data, str) else data, size_max=RECEIPT_BYTES_MAX)
    if not isinstance(value, dict) or value.get("format") != FORMAT or set(value) != _FIELDS:
        raise InputError(f"this is no {FORMAT}", "give the JSON that a gate wrote")
    whole = ("size", "at", "until", "made_at")
    texts = ("name", "gate", "snapshot", "origin", "root", "checkpoint", "request_digest", "revocations", "on_unknown")
    kept = value["kept"]
    counts = [*_numbers(value["counts"]), *_numbers(value["reasons"])]
    if (
        any(type(value[name]) is not int for name in whole)
        or any(not isinstance(value[name], str) for name in texts)
        or not isinstance(value["request"], dict)
        or not isinstance(kept, dict)
        or type(kept.get("rows")) is not int
        or not isinstance(kept.get("root"), str)
        or any(type(one) is not int or one < 0 for one in counts)
    ):
        raise InputError("a part of the receipt is malformed", "give the JSON that a gate wrote")
    return value


def _numbers(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else [None]


def _check_signature(receipt: dict[str, Any], wanted: str) -> str:
    signature = receipt["signature"]
    if signature is None:
        if wanted:
            raise IntegrityError("the receipt is unsigned", "ask the developer for a signed one")
        return ""
    try:
        public, signed = bytes.fromhex(signature["key"]), bytes.fromhex(signature["signature"])
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("the signature of the receipt is malformed", "ask for the receipt again") from error
    if wanted and public.hex() != wanted:
        raise IntegrityError("the receipt is signed by another key", "ask the developer which key is theirs")
    body = {name: item for name, item in receipt.items() if name != "signature"}
    if not ed25519.verify(public, DOMAIN + canonical.encode(body), signature=signed):
        raise IntegrityError("the signature of the receipt is wrong", "do not rely on it")
    return public.hex()


def _check_counts(receipt: dict[str, Any]) -> None:
    counts, kept = receipt["counts"], receipt["kept"]
    refused = sum(rows for status, rows in counts.items() if status != Status.CLEARED)
    if kept["rows"] != counts.get(Status.CLEARED.value) or sum(receipt["reasons"].values()) > refused:
        raise IntegrityError("the counts of the receipt contradict each other", "do not rely on it")


def _check_log(receipt: dict[str, Any], log_key: str) -> None:
    key = parse_vkey(log_key)
    if not receipt["checkpoint"]:
        raise IntegrityError("the receipt carries no checkpoint", "ask for one made from a snapshot")
    signed = parse_checkpoint(open_note(receipt["checkpoint"], keys=[key]))
    if (signed.origin, signed.size, signed.root.hex()) != (receipt["origin"], receipt["size"], receipt["root"]):
        raise IntegrityError("the checkpoint is not of the receipt's size and root", "do not rely on it")


def _check_rows(receipt: dict[str, Any], rows: Iterable[Sequence[str]]) -> None:
    kept = Kept()
    for row in rows:
        codes: Codes = tuple(sorted(set(row))) if len(set(row)) > 1 else row[0] if row else ""
        kept.add([codes], [CLEARED])
    if kept.head() != (receipt["kept"]["rows"], receipt["kept"]["root"]):
        raise IntegrityError("these are not the rows that were kept", "compare the dataset with its receipt")
