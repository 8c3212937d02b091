"""Write `vectors/witness/*.json`: what a witness answers to a row of requests, and what its evidence must be.

Run `python -m tools.make_witness_vectors` after a change of format, and never otherwise: the files are what other
implementations must reproduce. Every key here is public: never use one of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cantoria import ledger
from cantoria.kernel.errors import InputError
from cantoria.ledger import merkle
from cantoria.ledger.cosignatures import cosign, cosigned_bytes, cosigner_key
from cantoria.ledger.notes import sign_note, split_note
from cantoria.ledger.tiles import Edge, node_reader
from cantoria.ledger.witnessing import AddCheckpoint, Seen, Status, decide, kept_note, read_request, request

FOLDER: Final = Path(__file__).parent.parent / "vectors" / "witness"
ORIGIN: Final = "log.example.org/vectors"
NAME: Final = "witness.example.org/vectors"
LOG: Final = ledger.Ed25519Signer(sha256(b"vectors: log").digest())
WITNESS: Final = ledger.Ed25519Signer(sha256(b"vectors: witness").digest())
KEY: Final = ledger.NoteKey(ORIGIN, LOG.public_key)
TIME: Final = 1_795_000_000
SIZES: Final = 16


class Tree:
    """A history of the log: from entry 5 on the forked one has other entries."""

    def __init__(self, *, forked: bool) -> None:
        entries = [b"fork %d" % n if forked and n >= 5 else b"entry %d" % n for n in range(SIZES)]
        self.leaves = merkle.leaf_hashes(entries)
        _, changed = Edge().extend(self.leaves)
        stored = {(tile.level, tile.number): tile.hashes for tile in changed}
        self.node = node_reader(lambda level, number: stored.get((level, number)))

    def note(self, size: int) -> str:
        """Return the signed checkpoint of `size`."""
        checkpoint = ledger.Checkpoint(ORIGIN, size, merkle.root_of(self.leaves[:size]))
        return ledger.sign_checkpoint(checkpoint, signer=LOG)

    def ask(self, old: int, size: int) -> AddCheckpoint:
        """Return the honest request to go from `old` to `size`."""
        return request(old, merkle.consistency_proof(self.node, old, size=size), note=self.note(size))


TRUE: Final = Tree(forked=False)
FORK: Final = Tree(forked=True)


def requests() -> Iterator[tuple[str, bytes]]:
    """Yield (story, body) of requests that one witness meets in this order."""
    yield "A log that the witness has never seen begins.", TRUE.ask(0, 5).pack()
    yield "The same again: the client lost the answer, and knows no better than zero.", TRUE.ask(0, 5).pack()
    yield "The same again, with the size that the conflict named.", TRUE.ask(5, 5).pack()
    yield "The tree grows.", TRUE.ask(5, 8).pack()
    yield "The tree grows from a power of two.", TRUE.ask(8, 13).pack()
    yield "A replay of what was true before.", TRUE.ask(5, 8).pack()
    yield "A proof that leads nowhere.", request(13, [bytes(32)], note=TRUE.note(14)).pack()
    yield "No proof where one is needed.", request(13, [], note=TRUE.note(14)).pack()
    yield "An old size beyond the checkpoint's.", request(13, [], note=TRUE.note(8)).pack()
    yield "Two roots at the newest size.", FORK.ask(13, 13).pack()
    yield "Two roots at a size of long ago, under a stale old size.", FORK.ask(0, 8).pack()
    yield "Growth from another history, proven by the log itself.", FORK.ask(13, 15).pack()
    text, _ = split_note(TRUE.note(14))
    yield "Signed by somebody else.", request(13, [], note=sign_note(text, name="else.example", signer=WITNESS)).pack()
    wrong = TRUE.note(13).split("\n\n")[1]
    yield "The log's signature is that of another checkpoint.", request(13, [], note=f"{text}\n{wrong}").pack()
    foreign = ledger.Checkpoint("other.example", 3, bytes(32))
    yield (
        "A log that the witness does not know.",
        request(0, [], note=ledger.sign_checkpoint(foreign, signer=LOG)).pack(),
    )
    stranger = sign_note(text, name="else.example", signer=WITNESS).split("\n\n")[1]
    grown = TRUE.ask(13, 14)
    yield "A line by a stranger changes nothing.", request(13, grown.proof, note=grown.note + stranger).pack()
    yield "A size with a leading zero.", TRUE.ask(14, 15).pack().replace(b"old 14", b"old 014")
    yield "A hash that is none.", TRUE.ask(14, 15).pack().replace(b"old 14\n", b"old 14\nAAAA\n")
    yield "Carriage returns.", TRUE.ask(14, 15).pack().replace(b"\n", b"\r\n")
    yield "Nothing.", b""


def contents() -> dict[str, Any]:
    """Return the content of every file by its name."""
    return {"cosignatures.json": _cosignatures(), "requests.json": {"about": _ABOUT, **_requests()}}


_ABOUT: Final = (
    "One witness that knows the log `vkey` gets these requests in this order, at `time`. `status` is what it answers, "
    "`size` the body of a conflict, `line` the body when it cosigns, `evidence` the file it keeps."
)


def _requests() -> dict[str, Any]:
    seen: dict[int, Seen] = {}
    cases = [_case(story, body, seen) for story, body in requests()]
    witness = cosigner_key(NAME, public_key=WITNESS.public_key).vkey()
    return {"vkey": KEY.vkey(), "witness": witness, "seed": _seed("witness"), "time": TIME, "cases": cases}


def _case(story: str, body: bytes, seen: dict[int, Seen]) -> dict[str, Any]:
    shown: dict[str, Any] = {"story": story, "body": body.decode()}
    try:
        asked = read_request(body)
    except InputError:
        return {**shown, "status": int(Status.MALFORMED)}
    keys = [KEY] if asked.checkpoint.origin == ORIGIN else []
    latest = seen[max(seen)] if seen else None
    decision = decide(asked, keys=keys, latest=latest, same_size=seen.get(asked.checkpoint.size))
    shown["status"] = int(decision.status)
    if decision.known_size is not None:
        shown["size"] = f"{decision.known_size}\n"
    if decision.status is Status.COSIGNED:
        shown["line"] = cosign(asked.text, name=NAME, signer=WITNESS, time=TIME)
        seen[asked.checkpoint.size] = Seen(asked.checkpoint, kept_note(asked, keys))
    if decision.evidence is not None:
        shown["evidence"] = decision.evidence.pack().decode()
    return shown


def _cosignatures() -> dict[str, Any]:
    cases = []
    for size, time in ((0, 0), (5, 1), (13, TIME), (14, 2**63 - 1)):
        text, _ = split_note(TRUE.note(size))
        cases.append(
            {
                "text": text,
                "time": str(time),  # does not fit a double
                "signed": cosigned_bytes(text, time=time).decode(),
                "line": cosign(text, name=NAME, signer=WITNESS, time=time),
            }
        )
    key = cosigner_key(NAME, public_key=WITNESS.public_key)
    about = "The witness's line over each text at `time`: the key's hash, u64 time, Ed25519 over `signed`."
    return {"about": about, "name": NAME, "seed": _seed("witness"), "vkey": key.vkey(), "cases": cases}


def _seed(name: str) -> str:
    return sha256(f"vectors: {name}".encode()).hexdigest()


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in contents().items():
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
