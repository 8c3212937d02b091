"""Sustained appends to the embedded ledger, end to end: `python -m benchmarks.ledger [--quick] [--seconds 60]`.

Each fact is made, canonicalised, salted, committed to, put in an envelope, signed in batches of 1,000 by its
organisation, admitted (signature, root, members, keys, fact ids), written with its body and tiles, fsynced, and
covered by a signed checkpoint. The baseline, in the same run and on the same disk, writes the same bytes to SQLite
with one durable transaction for each fact. At the end a sample of proofs is verified.
"""

from __future__ import annotations

import argparse
import secrets
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks import report
from cantoria import ledger
from cantoria.adapters.embedded_engine import EmbeddedEngine
from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
from cantoria.kernel import canonical
from cantoria.kernel.facts import Capacity, FactType
from cantoria.sdk.verify import verify_bundle

TYPE: Final = FactType(301, "statement-made")
ORGANISATION: Final = bytes.fromhex("01900000000070008000000000000001")
BATCH: Final = 1000
PEERS: Final = {
    "tessera_posix_nvme_7_cores_per_s": 10_000,
    "tessera_posix_e2_micro_per_s": 1_500,
    "note": "published by the Tessera project on other hardware: not like for like",
}


def clock() -> int:
    """Return UTC microseconds."""
    return time.time_ns() // 1000


def main() -> int:
    """Run the benchmark; exit status 0 whether or not the target is met, the JSON line tells."""
    options = _options()
    seconds = 4.0 if options.quick else options.seconds
    with tempfile.TemporaryDirectory(dir=options.directory) as name:
        path = Path(name) / "ledger.db"
        store = _postgres(options.postgres) if options.postgres else SqliteLedgerStore(path)
        engine, author = _begin(store)
        cpu = time.process_time()
        facts, elapsed, latencies = _append(engine, author, seconds=seconds, group=options.group)
        cpu = time.process_time() - cpu
        proof_ms = _verify_sample(engine)
        stored = sum(one.stat().st_size for one in Path(name).iterdir())
        engine.close()
        baseline = _baseline(Path(name) / "baseline.db", seconds=1.0 if options.quick else 5.0)
    rate = facts / elapsed
    metrics = {
        "facts_per_s": round(rate),
        "facts": facts,
        "seconds": round(elapsed, 2),
        "cpu_us_per_fact": round(cpu / facts * 1e6, 1),
        "commit_p50_ms": round(report.percentile(latencies, share=0.5) * 1000, 1),
        "commit_p99_ms": round(report.percentile(latencies, share=0.99) * 1000, 1),
        "bytes_per_fact": round(stored / facts, 1) if stored else None,
        "peak_rss_mib": report.peak_rss_mib(),
        "bundle_make_and_verify_ms": round(proof_ms, 2),
        "baseline_facts_per_s": round(baseline),
        "ratio_to_baseline": round(rate / baseline, 1),
    }
    params = {
        "seconds": seconds,
        "batch": BATCH,
        "batches_per_commit": options.group,
        "store": "postgresql" if options.postgres else "sqlite",
        "baseline": "SQLite WAL synchronous=FULL, the same rows, one transaction for each fact",
    }
    report.emit("ledger", params, metrics, PEERS, {"facts_per_s": (">=", 20_000)})
    return 0


def _postgres(url: str) -> ledger.LedgerStore:
    """Open the store; its driver is an optional dependency, so it is imported only here."""
    from cantoria.adapters.postgres.ledger import PostgresLedgerStore

    return PostgresLedgerStore(url)


def _begin(store: ledger.LedgerStore) -> tuple[EmbeddedEngine, ledger.Author]:
    operator = ledger.Ed25519Signer(secrets.token_bytes(32))
    signer = ledger.Ed25519Signer(secrets.token_bytes(32))
    engine = EmbeddedEngine.open(
        store, origin="bench.example/ledger", signer=operator, types={TYPE.tag: TYPE}, clock=clock
    )
    engine.admit_member(ORGANISATION, frozenset({int(Capacity.CMO)}))
    engine.add_key(ORGANISATION, signer.public_key)
    return engine, ledger.Author(ORGANISATION, signer, engine.origin)


def _append(
    engine: EmbeddedEngine, author: ledger.Author, *, seconds: float, group: int
) -> tuple[int, float, list[float]]:
    """Append until `seconds` have passed; return facts, elapsed seconds, and the seconds of every commit."""
    ids = ledger.FactIds(secrets.token_bytes)
    latencies: list[float] = []
    facts = 0
    shown = began = time.perf_counter()
    while (now := time.perf_counter()) - began < seconds:
        batches = [_batch(author, ids, facts + BATCH * number) for number in range(group)]
        start = time.perf_counter()
        answers = engine.append(batches)
        latencies.append(time.perf_counter() - start)
        if not all(isinstance(answer, ledger.Receipt) for answer in answers):
            raise SystemExit(f"a batch was refused: {answers}")
        facts += BATCH * group
        if now - shown >= 5:
            shown = now
            print(f"{now - began:5.0f} s  {facts / (now - began):9,.0f} facts/s", file=sys.stderr)
    return facts, time.perf_counter() - began, latencies


def _batch(author: ledger.Author, ids: ledger.FactIds, first: int) -> ledger.Batch:
    moment = clock()
    drafts = [
        ledger.Draft(TYPE, canonical.encode(_body(number)), (_recording(number),), Capacity.CMO, moment)
        for number in range(first, first + BATCH)
    ]
    return ledger.seal(drafts, author, ids=ids, entropy=secrets.token_bytes, claimed_at=moment)


def _body(number: int) -> dict[str, object]:
    return {
        "party": "party_01h2xcejqtf2nbrexx3vqjhp41",
        "answer": "yes",
        "uses": ["train_generative"],
        "scope": {"kind": "recording", "id": _recording(number)},
        "territory": ["2136"],
        "period": {"start": 1_790_000_000_000_000},
    }


def _recording(number: int) -> str:
    return f"rec_01h2xcejqtf2nbrexx{number:08d}"


def _verify_sample(engine: EmbeddedEngine) -> float:
    """Make and verify 50 bundles over the whole log; return the median milliseconds of one."""
    spent = []
    for index in _sample(engine.size):
        start = time.perf_counter()
        verify_bundle(engine.bundle(index), vkey=engine.vkey)
        spent.append((time.perf_counter() - start) * 1000)
    return report.median(spent)


def _sample(size: int) -> Iterator[int]:
    """Yield 50 indices of facts: three governance records come first, and every 1,001st entry is a header."""
    for _ in range(50):
        index = 3 + secrets.randbelow(size - 3)
        yield index + 1 if (index - 3) % (BATCH + 1) == 0 else index


def _baseline(path: Path, *, seconds: float) -> float:
    """Return the rate of one durable SQLite transaction for each fact of the same size."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE entry (idx INTEGER PRIMARY KEY, data BLOB, salt BLOB, body BLOB)")
    data, salt = secrets.token_bytes(132), secrets.token_bytes(32)
    facts = 0
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        row = (facts, data, salt, canonical.encode(_body(facts)))
        connection.execute("INSERT INTO entry VALUES (?,?,?,?)", row)
        facts += 1
    elapsed = time.perf_counter() - began
    connection.close()
    return facts / elapsed


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Sustained appends to the embedded ledger.")
    parser.add_argument("--quick", action="store_true", help="4 seconds instead of --seconds")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--group", type=int, default=5, help="batches of 1,000 in one commit")
    parser.add_argument("--directory", help="where to put the database (default: the temporary folder)")
    parser.add_argument("--postgres", help="an empty PostgreSQL database, as postgresql+psycopg://… URL")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
