"""The size of a proof and the time to verify one offline: `python -m benchmarks.proofs [--quick]`.

A proof of one fact among 2^30, as `cantoria proof make --policy` writes it for a consortium of seven that all cosigned:
its C2SP tlog-proof@v1 (the entry, path of 30 hashes, checkpoint with the log's signature and the five cosignatures that
the policy of 5 of 7 needs), and the bundle `cantoria-proof/v1` of the same fact, which also carries the body, the batch
and the organisation's signature. Both are also measured with all seven cosignatures. The tree is not built: a valid
path is made from random siblings. Verification is pure Python with libsodium's Ed25519: six signatures and the path;
for the bundle one more and two paths. Peer, where Go is installed: the same proof checked by golang.org/x/mod/sumdb
(compiled code).
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from benchmarks import report
from cantoria import ledger
from cantoria.kernel import canonical
from cantoria.kernel.facts import Capacity, FactType
from cantoria.ledger import merkle
from cantoria.ledger.bundle import Bundle, batch_path, verify
from cantoria.ledger.cosignatures import add_cosignatures, cosign, cosigner_key
from cantoria.ledger.policy import Log, Policy, Witness, members_policy
from cantoria.ledger.proof_text import check_proof, write_proof
from cantoria.node.keys import NodeKeys, cosigner_of

ORIGIN: Final = "rights.bench.example/log"
TYPE: Final = FactType(301, "statement-made")
MEMBERS: Final = 7
DEPTH: Final = 30
BATCH: Final = 1_000
GO_PROGRAM: Final = Path(__file__).parents[1] / "tests" / "interop" / "sumdb"


def main() -> int:
    """Run the benchmark; exit status 0 whether or not the targets are met, the JSON line tells."""
    parser = argparse.ArgumentParser(description="Bytes and verification time of a proof among 2^30.")
    parser.add_argument("--quick", action="store_true", help="200 verifications instead of 5,000")
    times = 200 if parser.parse_args().quick else 5_000
    metrics: dict[str, Any] = {}
    peers: dict[str, Any] = {}
    for depth in (20, DEPTH, 40):
        world = World(depth)
        metrics[f"tlog_proof_bytes_2^{depth}"] = len(world.proof.encode())
        metrics[f"tlog_proof_bytes_2^{depth}_all_seven"] = len(world.proof.replace(world.note, world.whole).encode())
        metrics[f"bundle_bytes_2^{depth}"] = len(world.bundle)
        if depth == DEPTH:
            text, bundle = _measure(world.check_proof, times), _measure(world.check_bundle, times)
            path = _measure(world.check_path, times)
            peers |= {"go_sumdb_verify_ms_p50": _go(world, times), "path_check_only_ms_p50": path[0]}
            metrics |= {"verify_ms_p50": text[0], "verify_ms_p99": text[1]}
            metrics |= {"bundle_verify_ms_p50": bundle[0], "bundle_verify_ms_p99": bundle[1]}
    peers["note"] = "go: golang.org/x/mod/sumdb on the same proof in the same run, null where Go is not installed"
    params = {"leaves": "2^30", "members": MEMBERS, "policy": "5 of 7", "verifications": times}
    targets = {f"tlog_proof_bytes_2^{DEPTH}": ("<=", 2_560.0), "verify_ms_p50": ("<=", 5.0)}
    targets["bundle_verify_ms_p50"] = ("<=", 5.0)
    report.emit("proofs", params, metrics, peers, targets)
    return 0


class World:
    """One fact in a batch of 1,000, at a random place of a tree of 2^depth leaves, cosigned by all members: `whole`
    bears all their lines, `note` those that the policy needs."""

    def __init__(self, depth: int) -> None:
        self.size = 1 << depth
        log = ledger.Ed25519Signer(secrets.token_bytes(32))
        self.members = [(_member_name(), ledger.Ed25519Signer(secrets.token_bytes(32))) for _ in range(MEMBERS)]
        witnesses = [
            Witness(f"member-{n}", cosigner_key(name, public_key=signer.public_key))
            for n, (name, signer) in enumerate(self.members)
        ]
        self.key = ledger.NoteKey(ORIGIN, log.public_key)
        self.policy: Policy = members_policy([Log(self.key)], witnesses)
        author = ledger.Author(secrets.token_bytes(16), ledger.Ed25519Signer(secrets.token_bytes(32)), ORIGIN)
        batch = _batch(author)
        position = secrets.randbelow(BATCH)
        self.entry = batch.envelopes[position]
        self.index = BATCH + secrets.randbelow(self.size - 2 * BATCH)
        self.path = [secrets.token_bytes(32) for _ in range(depth)]
        root = merkle.root_from_inclusion(merkle.leaf_hash(self.entry), self.index, size=self.size, proof=self.path)
        self.checkpoint = ledger.Checkpoint(ORIGIN, self.size, root or b"")
        self.whole = ledger.sign_checkpoint(self.checkpoint, signer=log)
        for name, signer in self.members:
            line = cosign(self.checkpoint.text(), name=name, signer=signer, time=int(time.time()))
            self.whole = add_cosignatures(self.whole, line)
        self.note = self.policy.least(self.whole)
        self.proof = write_proof(self.index, self.path, checkpoint=self.note, extra=self.entry)
        self.bundle = self._bundle(batch, author, position)

    def check_proof(self) -> None:
        """Verify the tlog-proof under the policy."""
        check_proof(self.proof, entry=self.entry, policy=self.policy)

    def check_bundle(self) -> None:
        """Verify the bundle under the policy."""
        verify(self.bundle, policy=self.policy)

    def check_path(self) -> None:
        """Verify the path alone (RFC 6962), without any signature."""
        leaf, root = merkle.leaf_hash(self.entry), self.checkpoint.root
        if not merkle.verify_inclusion(leaf, self.index, size=self.size, proof=self.path, root=root):
            raise SystemExit("the path does not hold")

    def _bundle(self, batch: ledger.Batch, author: ledger.Author, position: int) -> bytes:
        return Bundle(
            kind=TYPE.name,
            type_tag=TYPE.tag,
            body=canonical.decode(batch.bodies[position]),
            salt=batch.salts[position],
            envelope=self.entry,
            header=batch.header,
            key=author.signer.public_key,
            position=position,
            path=batch_path(batch.envelopes, position),
            index=self.index,
            inclusion_proof=tuple(self.path),
            checkpoint=self.note,
        ).pack()


def _member_name() -> str:
    """Return the name under which a node cosigns for a fresh member (`cantoria node init`)."""
    seeds = NodeKeys(*(secrets.token_bytes(32) for _ in range(3)))
    return cosigner_of(ORIGIN, secrets.token_bytes(16), seeds).name


def _batch(author: ledger.Author) -> ledger.Batch:
    moment = time.time_ns() // 1000
    body = canonical.encode(
        {
            "answer": "yes",
            "party": "party_01h2xcejqtf2nbrexx3vqjhp41",
            "uses": ["train_generative"],
            "territory": ["2136"],
        }
    )
    draft = ledger.Draft(TYPE, body, ("party_01h2xcejqtf2nbrexx3vqjhp41",), Capacity.CMO, moment)
    ids = ledger.FactIds(secrets.token_bytes)
    return ledger.seal([draft] * BATCH, author, ids=ids, entropy=secrets.token_bytes, claimed_at=moment)


def _measure(check: Callable[[], None], times: int) -> tuple[float, float]:
    """Return the median and the 99th percentile of `times` runs, in milliseconds."""
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        check()
        spent.append((time.perf_counter() - began) * 1000)
    return round(report.median(spent), 3), round(report.percentile(spent, share=0.99), 3)


def _go(world: World, times: int) -> float | None:
    """Return the median milliseconds in which Go checks the same proof, None where Go or its module is missing."""
    go = shutil.which("go")
    if go is None:
        print("Go is not installed: no peer", file=sys.stderr)
        return None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        built = subprocess.run([go, "build", "-o", str(folder / "sumdb"), "."], cwd=GO_PROGRAM, capture_output=True)
        if built.returncode != 0:
            print(built.stderr.decode(errors="replace"), file=sys.stderr)
            return None
        keys = [cosigner_key(one, public_key=signer.public_key).vkey() for one, signer in world.members]
        texts = {"vkey": world.key.vkey(), "cosigners": "\n".join(keys), "proof.tlog-proof": world.proof}
        for file, text in texts.items():
            (folder / file).write_text(text)
        (folder / "entry").write_bytes(world.entry)
        command = [str(folder / "sumdb"), "time", str(folder), str(times)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return round(float(done.stdout) / 1000, 3)


if __name__ == "__main__":
    sys.exit(main())
