"""Make vectors/snapshot: heads of published snapshots with note, checkpoint and key (spec/snapshot.md).

Run `python -m tools.make_snapshot_vectors`; the same release writes the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cantoria.clearance import published
from cantoria.clearance.published import GONE, TABLES, FileEntry, Head
from cantoria.kernel import canonical
from cantoria.ledger.ed25519 import Ed25519Signer
from cantoria.ledger.notes import Checkpoint, NoteKey, sign_checkpoint, sign_note

TARGET: Final = Path(__file__).parents[1] / "vectors" / "snapshot" / "heads.json"
ORIGIN: Final = "log.example.org/vectors"
SIGNER: Final = Ed25519Signer(sha256(b"cantoria/vectors/snapshot/log").digest())
STRANGER: Final = Ed25519Signer(sha256(b"cantoria/vectors/snapshot/stranger").digest())
KEY: Final = NoteKey(ORIGIN, SIGNER.public_key)
Case = dict[str, Any]


def entry(table: str, generation: int) -> FileEntry:
    """Return a made-up file."""
    name = published.file_name(table, generation)
    digest = sha256(name.encode())
    length = 400 + digest.digest()[0]
    return FileEntry(
        table=table, generation=generation, name=name, sha256=digest.hexdigest(), bytes=length, rows=length // 40
    )


FIRST: Final = Head(
    origin=ORIGIN,
    size=20_852,
    root=sha256(b"root").hexdigest(),
    at=1_790_000_000_000_000,
    until=1_792_592_000_000_000,
    generation=1,
    previous="",
    law=sha256(b"law").hexdigest(),
    crosswalk="2026-11",
    files=tuple(entry(table, 1) for table in TABLES),
)
SECOND: Final = replace(
    FIRST,
    size=20_860,
    root=sha256(b"later root").hexdigest(),
    at=FIRST.at + 3_600_000_000,
    generation=2,
    previous=published.snapshot_id(published.encode_head(FIRST)),
    files=tuple(
        sorted((*FIRST.files, entry("statement", 2), entry(GONE, 2)), key=lambda one: (one.table, one.generation))
    ),
)


def case(name: str, story: str, head: Head, **given: Any) -> Case:
    """Return a case; `given` replaces parts of what is signed rightly, and says what a verifier comes to."""
    data = given.pop("data", published.encode_head(head))
    note = given.pop("note", published.sign(head, signer=SIGNER))
    checkpoint = sign_checkpoint(Checkpoint(head.origin, head.size, bytes.fromhex(head.root)), signer=SIGNER)
    return {
        "name": name,
        "story": story,
        "head": data.decode(),
        "note": note,
        "checkpoint": given.pop("checkpoint", checkpoint),
        "vkey": given.pop("vkey", KEY.vkey()),
        **given,
    }


def signed_anyway(value: dict[str, Any]) -> dict[str, Any]:
    """Return data and note of a head that Cantoria itself would not make, signed by the log's own key."""
    data = canonical.encode(value)
    text = f"{published.FORMAT}\n{value['origin']}\n{value['size']}\n{sha256(data).hexdigest()}\n"
    return {"data": data, "note": sign_note(text, name=ORIGIN, signer=SIGNER)}


def changed(**members: Any) -> dict[str, Any]:
    return signed_anyway(canonical.decode(published.encode_head(FIRST)) | members)


def with_file(**members: Any) -> dict[str, Any]:
    value = canonical.decode(published.encode_head(FIRST))
    value["files"][0] |= members
    return signed_anyway(value)


# fmt: off
def cases() -> list[Case]:
    """Return all cases."""
    other = Checkpoint(ORIGIN, FIRST.size, sha256(b"another root").digest())
    first, second = (published.snapshot_id(published.encode_head(head)) for head in (FIRST, SECOND))
    no = {"refused": True}
    fewer = [one for one in canonical.decode(published.encode_head(FIRST))["files"] if one["table"] != "signal"]
    return [
        case("first", "A base of one generation.", FIRST, snapshot=first),
        case("second", "A refresh: statements of one voice are replaced.", SECOND, snapshot=second),
        case("stranger", "Signed by a key of the same name that nobody pinned.", FIRST,
             note=published.sign(FIRST, signer=STRANGER), **no),
        case("another head", "The note is that of the refresh.", FIRST,
             note=published.sign(SECOND, signer=SIGNER), **no),
        case("another root", "The checkpoint has another root.", FIRST,
             checkpoint=sign_checkpoint(other, signer=SIGNER), **no),
        case("not canonical", "A space after the first bracket.", FIRST,
             data=b"{ " + published.encode_head(FIRST)[1:], **no),
        case("way out", "A name leads out of the folder.", FIRST, **with_file(name="../../.profile"), **no),
        case("wrong name", "A name is that of another generation.", FIRST,
             **with_file(name="lead-000002.parquet"), **no),
        case("capitals", "A digest in capitals.", FIRST, **with_file(sha256="AB" * 32), **no),
        case("no bytes", "A file without a byte is no Parquet.", FIRST, **with_file(bytes=0), **no),
        case("unknown table", "A table that version 1 does not have.", FIRST, **with_file(table="secrets"), **no),
        case("missing table", "The table of signals is not there: refusals could be missing.", FIRST,
             **changed(files=fewer), **no),
        case("further member", "A member that version 1 does not have.", FIRST, **changed(note="x"), **no),
        case("other version", "A format of another version.", FIRST, **changed(format="cantoria-snapshot/v2"), **no),
        case("no time", "It answers for no moment.", FIRST, **changed(until=FIRST.at), **no),
        case("generation", "It says a generation that no file has.", FIRST, **changed(generation=3), **no),
        case("previous", "What it says it refreshed is no id.", FIRST, **changed(previous="snapshot_1"), **no),
    ]
# fmt: on


def main() -> None:
    """Write the file."""
    about = "A verifier with `vkey` pinned comes to the id `snapshot`, or refuses (`refused`)."
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"about": about, "cases": cases()}, ensure_ascii=False, indent=1)
    TARGET.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
