"""Verify a certificate on the server: its proof, its files, and its manifest where the rows are kept here."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from cantoria.app.house import House
from cantoria.app.pages.trace_certificates import FILE_BYTES_MAX
from cantoria.app.pages.trace_common import Value, kept_here, lineage, readable
from cantoria.clearance import results
from cantoria.clearance.facts import Attached, DatasetCleared
from cantoria.clearance.relied import decode_relied
from cantoria.clearance.results import RowResult
from cantoria.clearance.types import Status
from cantoria.kernel.codec import to_json
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.ids import CertificateId
from cantoria.ledger import bundle, merkle
from cantoria.ledger.notes import parse_checkpoint, parse_vkey

_HEX: Final = re.compile(r"[0-9a-f]{64}")
ROWS_MAX: Final = 50_000  # rows whose results are read and whose manifest is built again


def verify(house: House, name: str, *, size: int, vkey: str) -> Value | None:
    """Return each check of a certificate with its state: `holds`, `fails` (with why, in English), `not_here`, or
    `too_large` for a page. None where there is no such certificate."""
    issued = lineage(house, size).certificates.get(CertificateId(name))
    if issued is None:
        return None
    fact = issued.fact
    steps = [
        _step("proof", lambda: _proof(house, fact, issued.index, vkey)),
        _step("growth", lambda: _growth(house, fact)),
    ]
    decided: list[RowResult] = []
    steps.append(_file_step(house, "results", fact.results, lambda data: decided.extend(_results(fact, data))))
    steps.append(_file_step(house, "relied", fact.relied, lambda data: _relied(fact, data)))
    steps.append(_manifest_step(house, fact, decided))
    return {"id": name, "title": fact.title, "index": issued.index, "vkey": vkey, "steps": steps}


def _step(name: str, check: Callable[[], None]) -> Value:
    try:
        check()
    except (IntegrityError, InputError) as error:
        return {"step": name, "state": "fails", "why": error.message}
    return {"step": name, "state": "holds", "why": ""}


def _file_step(house: House, name: str, attached: Attached, check: Callable[[bytes], None]) -> Value:
    if attached.bytes > FILE_BYTES_MAX or attached.records > ROWS_MAX:
        return {"step": name, "state": "too_large", "why": ""}
    if not kept_here(house, attached.sha256):
        return {"step": name, "state": "not_here", "why": ""}
    return _step(name, lambda: check(house.attachments.get(attached.sha256)))


def _proof(house: House, fact: DatasetCleared, index: int, vkey: str) -> None:
    proven = bundle.verify(house.sequencer.bundle(index), key=parse_vkey(vkey))
    _hold(proven.body == to_json(fact), "the proof is of another certificate")


def _growth(house: House, fact: DatasetCleared) -> None:
    """The ledger that the certificate was decided by is the beginning of the present one."""
    present = parse_checkpoint(house.sequencer.checkpoint().partition("\n\n")[0] + "\n")
    _hold(_HEX.fullmatch(fact.as_of.root) is not None, "the root that it was decided by is none")
    old = bytes.fromhex(fact.as_of.root)
    proof = house.sequencer.consistency(fact.as_of.size, size=present.size)
    held = merkle.verify_consistency(old, present.root, old_size=fact.as_of.size, size=present.size, proof=proof)
    _hold(held, f"the ledger of size {fact.as_of.size} is not the beginning of the present one")


def _results(fact: DatasetCleared, data: bytes) -> tuple[RowResult, ...]:
    decided = results.decode_results(data)
    _hold(results.count_statuses(decided) == fact.counts, "the file of results counts otherwise than the certificate")
    _hold(results.count_reasons(decided) == fact.reasons, "the file of results has other reasons than the certificate")
    return decided


def _relied(fact: DatasetCleared, data: bytes) -> None:
    _hold(len(decode_relied(data).ranges) == fact.relied.records, "the file of statements has another length")


def _manifest_step(house: House, fact: DatasetCleared, decided: list[RowResult]) -> Value:
    """Build both manifests again, and the root of the results over them."""
    if fact.manifest.rows > ROWS_MAX:
        return {"step": "manifest", "state": "too_large", "why": ""}
    kept = readable(lambda: house.datasets.get(fact.certificate))
    if kept is None or not decided:
        return {"step": "manifest", "state": "not_here", "why": ""}

    def check() -> None:
        manifest = kept.manifest()
        cleared = frozenset(one.line for one in decided if one.status is Status.CLEARED)
        _hold(manifest.head == fact.manifest, "the rows kept here are not those that were certified")
        _hold(kept.part(cleared).head == fact.cleared, "the cleared rows are not those that were certified")
        root = results.root_of_results(decided, row_digests=manifest.row_digests).hex()
        _hold(root == fact.results_root, "the results are not those that were certified")

    return _step("manifest", check)


def _hold(condition: bool, why: str) -> None:
    if not condition:
        raise IntegrityError(why, "do not rely on the certificate")
