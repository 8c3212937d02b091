"""Point clearance: how long one answer takes, in process and over HTTP, with a cold and a warm store.

    python -m benchmarks.lookup [--quick] [--rows N]

A snapshot of N recordings (default 1,000,000, each with two works and seven say-sos), and beside them a label with
100,000 recordings that has made a rule for each and for as many licensees. The peer is what one would write first: one
SQL statement over the same SQLite file, from the voices to all that they have said.
"""

from __future__ import annotations

import argparse
import http.client
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, Final
from urllib.parse import urlencode

from benchmarks.clearance_tables import AT, REQUEST, UNTIL, Sizes
from benchmarks.lookup_world import KEY, SIZE, publish
from benchmarks.report import emit, peak_rss_mib, percentile
from cantoria.clearance import Row
from cantoria.sdk.pack import Pack
from cantoria.sdk.pack_build import build_pack

ROWS: Final = 1_000_000
RULES: Final = 100_000
THREADS: Final = 4
MILLI: Final = 1_000
_NAIVE: Final = """
SELECT n.voice, n.unit, s."index", s.verdict, s.kind
FROM name AS c JOIN part AS p ON p.subject = c.subject JOIN need AS n ON n.unit = p.unit
JOIN statement AS s ON s.voice = n.voice
LEFT JOIN reach AS r ON r.unit = n.unit AND r.scope = s.scope
WHERE c.code = ? AND c.media = 0 AND (s.kind >= 5 OR r.scope IS NOT NULL) AND s.uses & 4 <> 0
  AND (s.licensee_kind = 2 OR s.licensee_kind = 1 AND s.licensee = 2 OR s.licensee_kind = 0 AND s.licensee = 1)
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under 20 s, smaller")
    parser.add_argument("--rows", type=int, default=0)
    options = parser.parse_args(arguments)
    rows = options.rows or (20_000 if options.quick else ROWS)
    rules = 5_000 if options.quick else RULES
    asked = 2_000 if options.quick else 50_000
    with tempfile.TemporaryDirectory() as place:
        metrics, peers = measure(Path(place), rows=rows, rules=rules, asked=asked)
    met = emit(
        "lookup",
        {"rows": rows, "rules_of_one_label": rules, "lookups": asked, "http_threads": THREADS},
        metrics,
        peers,
        {"warm_p99_ms": ("<=", 1.0), "label_p99_ms": ("<=", 1.0)},
    )
    return 0 if met or options.quick else 1


def measure(folder: Path, *, rows: int, rules: int, asked: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the figures of ours and of the peer."""
    counts = publish(folder, sizes=Sizes(rows), rules=rules)
    target = folder / "pack"
    started = time.perf_counter()
    build_pack(folder, target=target, keys=[KEY])
    metrics: dict[str, Any] = {
        "snapshot_rows": sum(counts.values()),
        "pack_build_s": round(time.perf_counter() - started, 1),
        "pack_mib": round(target.stat().st_size / (1 << 20), 1),
    }
    rng = Random(1)
    codes = [isrc(rng.randrange(rows)) for _ in range(asked)]
    labels = [label(rng.randrange(rules)) for _ in range(asked // 5)]
    forget(target)
    with Pack(target) as pack:
        question = pack.ask(replace(REQUEST, size=SIZE))

        def one(code: str) -> object:
            return pack.answer(Row(1, (code,)), question)

        def moment(number: int) -> object:
            return pack.ask(replace(REQUEST, size=SIZE, at=AT + number))

        metrics |= timed("cold", one, codes[: len(codes) // 10])
        for code in codes:
            one(code)
        metrics |= timed("warm", one, codes)
        metrics |= timed("label", one, labels)
        metrics |= timed("question", moment, range(500))

        def naive(code: str) -> object:
            return pack._connection.execute(_NAIVE, (code,)).fetchall()

        peers = timed("naive_sql", naive, codes[: asked // 20])
        peers |= timed("naive_sql_label", naive, labels[:20])
    forget(target)
    metrics |= over_http(folder, target, codes=codes[: asked // 5])
    metrics["peak_rss_mib"] = peak_rss_mib()
    return metrics, peers


def timed(name: str, ask: Callable[[Any], object], items: Sequence[Any]) -> dict[str, float]:
    """Return the median and the 99th percentile in milliseconds, and how many are answered in a second."""
    taken, worked = [], []
    for item in items:
        before, busy = time.perf_counter(), time.thread_time()
        ask(item)
        worked.append(time.thread_time() - busy)
        taken.append(time.perf_counter() - before)
    # What a busy machine does not distort: the processor's own time.
    own = {f"{name}_cpu_p99_ms": round(percentile(worked, share=0.99) * MILLI, 4)}
    return figures(name, taken, wall=sum(taken)) | own


def figures(name: str, taken: Sequence[float], *, wall: float) -> dict[str, float]:
    """Return the figures of single durations that took `wall` seconds together."""
    return {
        f"{name}_p50_ms": round(percentile(taken, share=0.5) * MILLI, 4),
        f"{name}_p99_ms": round(percentile(taken, share=0.99) * MILLI, 4),
        f"{name}_per_s": round(len(taken) / wall),
    }


def over_http(folder: Path, target: Path, *, codes: Sequence[str]) -> dict[str, float]:
    """Return the figures of a server in a process of its own: one connection with a cold store, then several."""
    command = [sys.executable, "-m", "benchmarks.lookup_server", str(folder), str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip().removeprefix("http://")
            query = urlencode(
                {"use": "train_generative", "licensee": REQUEST.licensee, "licensee_classes": "class_1"}
                | {"territories": REQUEST.territories}
            )
            cold = asked_over_http(address, codes[: len(codes) // 5], query)
            found = figures("http_cold", cold, wall=sum(cold))
            alone = asked_over_http(address, codes, query)
            found |= figures("http_warm", alone, wall=sum(alone))
            taken: list[float] = []
            threads = [
                threading.Thread(target=lambda part=part: taken.extend(asked_over_http(address, part, query)))
                for part in (codes[number::THREADS] for number in range(THREADS))
            ]
            started = time.perf_counter()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            return found | figures(f"http_{THREADS}_threads", taken, wall=time.perf_counter() - started)
        finally:
            server.kill()


def asked_over_http(address: str, codes: Sequence[str], query: str) -> list[float]:
    """Return how long each answer took over one connection that is kept."""
    connection = http.client.HTTPConnection(address, timeout=60)
    taken = []
    for code in codes:
        before = time.perf_counter()
        connection.request("GET", f"/v1/clearance/{code}?{query}")
        answer = connection.getresponse()
        body = answer.read()
        taken.append(time.perf_counter() - before)
        assert answer.status == 200, body
    connection.close()
    return taken


def forget(path: Path) -> None:
    """Have the system forget what it keeps of a file in memory."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def isrc(number: int) -> str:
    return f"isrc:QZ{chr(65 + number // 10_000_000)}AA{number % 10_000_000:07}"


def label(number: int) -> str:
    return f"isrc:QZZLB{number:07}"


if __name__ == "__main__":
    assert AT < UNTIL
    sys.exit(main())
