"""Write `vectors/verify/*.json`: files of every kind that a verifier meets, with what each must come to.

Run `python -m tools.make_verify_vectors` after a change of format, and never otherwise. The expected outcome is that of
the library; the stand-alone verifier and the web page must come to the same.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from cantoria.clearance.manifest_answer import ANSWER
from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger import consistency, evidence, proof_text
from cantoria.ledger.bundle import ATTESTED
from cantoria.ledger.bundle import FORMAT as BUNDLE
from cantoria.ledger.merkle import leaf_hash
from cantoria.ledger.notes import Checkpoint
from cantoria.ledger.policy import Policy, Witnessed
from cantoria.sdk import verify
from tools import verify_fact_cases, verify_log_cases

FOLDER: Final = Path(__file__).parent.parent / "vectors" / "verify"
ABOUT: Final = (
    "`trust` is a verifier key or a policy. A verifier comes to `holds` with what `found` names, or to `refused`. "
    "Integers in `found` are written as text."
)


def by_library(data: bytes, *, trust: str, entry: bytes | None = None) -> dict[str, Any] | None:
    """Return what the library finds proven by a file, or None where it refuses it."""
    pinned = {"policy": trust} if " " in trust else {"vkey": trust}
    try:
        found: dict[str, Any] = _plain(_found(data, pinned=pinned, entry=entry))
    except (InputError, IntegrityError):
        return None
    return found


def _found(data: bytes, *, pinned: dict[str, str], entry: bytes | None) -> dict[str, Any]:
    policy = verify.trust(**pinned)
    if not data.startswith(b"{"):
        return _text_found(data, policy=policy, pinned=pinned, entry=entry)
    value = canonical.decode(data)
    form = value.get("format")
    if form in (BUNDLE, ATTESTED, ANSWER):
        return {"file": form, **_fact_found(data, form=form, policy=policy, pinned=pinned)}
    if form == consistency.FORMAT:
        growth = consistency.verify(data, policy=policy)
        old = {"old_size": growth.old.size, "old_root": growth.old.root.hex()}
        return {"file": form, **_head(growth.new.checkpoint), **_vouched(growth.new.witnesses, policy), **old}
    if form != evidence.FORMAT:
        raise InputError("not a file of a known kind")
    split = verify.verify_evidence(data, **pinned)
    return {
        "file": form,
        "old_size": split.first.size,
        "old_root": split.first.root.hex(),
        "prefix_root": split.prefix_root.hex() if split.prefix_root else None,
        **_head(split.second),
    }


def _text_found(data: bytes, *, policy: Policy, pinned: dict[str, str], entry: bytes | None) -> dict[str, Any]:
    if data.startswith(f"{proof_text.FIRST_LINE}\n".encode()):
        shown = verify.verify_tlog_proof(data, entry=entry, **pinned)
        found, place = shown.cosigned, {"index": shown.index, "leaf": leaf_hash(shown.entry).hex()}
        form = proof_text.FIRST_LINE
    else:
        try:
            found, place, form = policy.open(data.decode("utf-8")), {}, "checkpoint"
        except UnicodeDecodeError as error:
            raise InputError("neither JSON nor text") from error
    return {"file": form, **_head(found.checkpoint), **_vouched(found.witnesses, policy), **place}


def _fact_found(data: bytes, *, form: str, policy: Policy, pinned: dict[str, str]) -> dict[str, Any]:
    verified = verify.verify_file(data, **pinned)
    names = ("kind", "index", "fact_id", "supersedes", "organisation", "organisation_key", "capacity", "claimed_at")
    found = {name: getattr(verified, name) for name in (*names, "origin", "size", "root")}
    found |= _vouched(verified.witnesses, policy)
    found["body"] = canonical.encode(verified.body).decode()
    if form == ATTESTED:
        found["digest"] = verified.body["digest"]
    if verified.found is not None:
        answer = verified.found
        parts = {"code": answer.code, "present": answer.present, "where": answer.where, "subject": answer.subject}
        found["found"] = parts
    return found


def _vouched(witnesses: Sequence[Witnessed], policy: Policy) -> dict[str, Any]:
    """Return who cosigned, and by when a quorum had (None where none was asked for)."""
    seen: list[str] = []
    reached = None
    for one in sorted(witnesses, key=lambda one: one.time):
        if not policy.reached(seen):
            seen.append(one.name)
            reached = one.time if policy.reached(seen) else None
    return {"cosigned": sorted([one.name, one.time] for one in witnesses), "cosigned_by": reached}


def _head(checkpoint: Checkpoint) -> dict[str, Any]:
    return {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()}


def _plain(value: Any) -> Any:
    """Return the value with its integers as text, which every language reads exactly."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def cases() -> dict[str, list[dict[str, Any]]]:
    """Return the cases by file name. Raises `ValueError` where the library decides otherwise than is meant."""
    found: dict[str, list[dict[str, Any]]] = {}
    for case in (*verify_fact_cases.cases(), *verify_log_cases.cases()):
        outcome = by_library(case.data, trust=case.trust, entry=case.entry)
        if (outcome is not None) != case.holds:
            raise ValueError(f"{case.name}: the library decides {outcome}")
        entry = {"entry": case.entry.hex()} if case.entry is not None else {}
        story = {"name": case.name, "story": case.story}
        decided = {"outcome": "holds", "found": outcome} if outcome else {"outcome": "refused"}
        file = {"file": case.data.decode()} if _is_text(case.data) else {"file_hex": case.data.hex()}
        found.setdefault(case.group, []).append({**story, **file, "trust": case.trust, **entry, **decided})
    return found


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def contents() -> dict[str, Any]:
    """Return every file's content by name."""
    return {f"{name}.json": {"about": ABOUT, "cases": found} for name, found in cases().items()}


def main() -> int:
    """Write the files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in contents().items():
        (FOLDER / name).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
