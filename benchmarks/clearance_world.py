"""Clearance of a world catalogue: `python -m benchmarks.clearance_world [--quick] [--runs 1] [--directory DIR]`.

A synthetic registry of 10,000,000 recordings, two works under each, three parties to each work and recording, and
1,000,000 statements; manifests of 1, 3 and 10 million rows, spread over all of it, are cleared each in a process of
its own, as `dataset clear --snapshot` does: the snapshot's Parquet files are attached, codes resolved, every row
decided with its reasons, parties and missing yeses, and these tables written. Beside it stands the time of the
certificate's roots (both manifests and the results). `--rows 100000000` clears by chunks of 10 million.

Peers: a naive SQL join on PostgreSQL over the same tables, and the row-by-row reference `decide`, both on a smaller
world where they end in reasonable time; what they clear must be what the plan clears.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks import clearance_postgres, report
from benchmarks.clearance import reference
from benchmarks.clearance_tables import AT, REQUEST, UNTIL, Sizes, write, write_manifest
from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.clearance import Cleared, root_plan
from cantoria.clearance.analytics import Format
from cantoria.clearance.dataset import clear_attached
from cantoria.clearance.plan_terms import Terms
from cantoria.clearance.prepare import Manner, prepare
from cantoria.clearance.snapshot_schema import MANIFEST_SCHEMAS, SCHEMAS

RECORDINGS: Final = 10_000_000
RULES: Final = 1_000_000
ROWS: Final = (1_000_000, 3_000_000, 10_000_000)
QUICK: Final = 100  # so many times smaller
CHUNK_ROWS: Final = 10_000_000
PEER_RECORDINGS: Final = 50_000
SAMPLE_ROWS: Final = 2_000
MEMORY_MIB: Final = 2_800
SECRET: Final = bytes(range(32))
RESULTS: Final = {
    "answer": "SELECT line, subject, status, first, mask FROM answer ORDER BY line",
    "reason": "SELECT subject, code, party, about FROM reason ORDER BY subject, code, party, about",
    "missing": "SELECT subject, voice FROM missing ORDER BY subject, voice",
}


@dataclass(frozen=True, slots=True)
class Run:
    """One clearing: seconds, CPU seconds and peak MiB up to the tables written, what was decided, and, apart from
    that, the seconds and CPU seconds of the certificate's roots."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    statuses: dict[str, int]
    roots_seconds: float
    roots_cpu_seconds: float
    roots_peak_mib: float


def main() -> int:
    """Run the benchmark; exit status 0 whether or not the targets are met, the JSON line tells."""
    options = _options()
    smaller = QUICK if options.quick else 1
    sizes = Sizes(options.recordings or RECORDINGS // smaller, options.rules or RULES // smaller)
    rows = options.rows or [number // smaller for number in ROWS]
    runs = 1 if options.quick else options.runs
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(dir=options.directory) as name:
        folder = Path(name)
        began = time.perf_counter()
        counts = write(folder, sizes=sizes)
        made = time.perf_counter() - began
        _tell(f"{sizes.rows:,} recordings, {counts['need']:,} needs, {counts['statement']:,} rules in {made:.0f} s")
        found = {number: _measure(folder, sizes, number, runs, options.threads) for number in rows}
        peers = _peers(folder / "peers", PEER_RECORDINGS // (20 if options.quick else 1), options.threads)
    metrics: dict[str, Any] = {"world_seconds": round(made, 1), "load_before": round(load, 1)}
    for number, metric in found.items():
        metrics |= {f"{key}_{_short(number)}": value for key, value in metric.items()}
    first, last = rows[0], rows[-1]
    metrics["growth"] = round(found[last]["cpu_seconds"] / found[first]["cpu_seconds"] / (last / first), 2)
    metrics |= peers
    params = {
        "recordings": sizes.rows,
        "rules": counts["statement"],
        "needs": counts["need"],
        "rows": rows,
        "threads": options.threads,
        "memory_cap_mib": MEMORY_MIB,
        "runs": runs,
    }
    targets = {"peer_postgres_cleared_different": ("<=", 0.0), "peer_sample_rows_different": ("<=", 0.0)}
    if not options.quick and not options.recordings:
        for number, bound in ((1_000_000, 6.0), (10_000_000, 90.0), (100_000_000, 900.0)):
            if number in found:
                targets[f"seconds_{_short(number)}"] = ("<=", bound)
        targets |= {f"peak_rss_mib_{_short(last)}": ("<=", 4096.0), "growth": ("<=", 1.0)}
    report.emit("clearance_world", params, metrics, {"note": "peers are measured here: see peer_… in metrics"}, targets)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clearance_world", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small world, to keep the benchmark alive")
    parser.add_argument("--recordings", type=int, help=f"recordings of the world ({RECORDINGS:,})")
    parser.add_argument("--rules", type=int, help=f"statements, about ({RULES:,})")
    parser.add_argument("--rows", type=int, nargs="+", help="rows of each manifest, ascending")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=1, help="each in a new process; the median counts")
    parser.add_argument("--directory", help="where the temporary files go (some 4 GiB)")
    return parser.parse_args()


def _measure(folder: Path, sizes: Sizes, rows: int, runs: int, threads: int) -> dict[str, Any]:
    """Return what clearing a manifest of so many rows costs; beyond `CHUNK_ROWS`, chunk by chunk."""
    chunks = [min(CHUNK_ROWS, rows - start) for start in range(0, rows, CHUNK_ROWS)]
    measured = []
    for chunk in chunks if len(chunks) > 1 else [rows] * runs:
        write_manifest(folder, sizes=sizes, rows=chunk if chunk < sizes.rows else 0)
        measured.append(_in_new_process(folder, threads))
    together = sum if len(chunks) > 1 else report.median
    statuses: dict[str, int] = {}
    for run in measured if len(chunks) > 1 else measured[:1]:
        for status, count in run.statuses.items():
            statuses[status] = statuses.get(status, 0) + count
    return {
        "seconds": round(together([run.seconds for run in measured]), 2),
        "cpu_seconds": round(together([run.cpu_seconds for run in measured]), 2),
        "peak_rss_mib": max(run.peak_mib for run in measured),
        "statuses": statuses,
        "roots_seconds": round(together([run.roots_seconds for run in measured]), 2),
        "roots_cpu_seconds": round(together([run.roots_cpu_seconds for run in measured]), 2),
        "roots_peak_rss_mib": max(run.roots_peak_mib for run in measured),
    }


def _in_new_process(folder: Path, threads: int) -> Run:
    """Measure one clearing in a process of its own, so that its peak memory is nobody else's."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        run = pool.apply(_clear, (str(folder), threads))
    rows = sum(run.statuses.values())
    _tell(
        f"{rows:,} rows in {run.seconds:.1f} s, {run.cpu_seconds:.1f} CPU s, {run.peak_mib:.0f} MiB; "
        f"roots {run.roots_seconds:.1f} s"
    )
    return run


def _clear(folder: str, threads: int) -> Run:
    spill = str(Path(folder) / "spill")
    with DuckDBAnalytics(memory_bytes_max=MEMORY_MIB << 20, threads=threads, spill=spill) as engine:
        start, cpu = time.perf_counter(), time.process_time()
        for name, schema in (SCHEMAS | MANIFEST_SCHEMAS).items():
            engine.attach(name, path=f"{folder}/{name}.parquet", schema=schema)
        result = clear_attached(engine, request=REQUEST, persons=Cleared(()), at=AT, until=UNTIL)
        for name, query in RESULTS.items():
            engine.export(query, path=f"{folder}/result_{name}.parquet", file_format=Format.PARQUET)
        seconds, cpu_seconds, peak = time.perf_counter() - start, time.process_time() - cpu, report.peak_rss_mib()
        statuses = {one.status.value: one.rows for one in result.counts()}
        engine.drop(["reason", "missing"])
        start, cpu = time.perf_counter(), time.process_time()
        root_plan.bind(engine, secret=SECRET)
        root_plan.roots(engine, secret=SECRET)
        took, cpu_took = time.perf_counter() - start, time.process_time() - cpu
        return Run(seconds, cpu_seconds, peak, statuses, took, cpu_took, report.peak_rss_mib())


def _peers(folder: Path, recordings: int, threads: int) -> dict[str, Any]:
    """Return how the plan, the reference and PostgreSQL fare on one smaller world."""
    folder.mkdir()
    sizes = Sizes(recordings, recordings // 10)
    write(folder, sizes=sizes)
    write_manifest(folder, sizes=sizes)
    run = _in_new_process(folder, threads)
    compared = reference(folder, sizes, min(SAMPLE_ROWS, recordings // 25))
    rate = recordings / run.seconds
    metrics = {
        "peer_rows": recordings,
        "peer_plan_rows_per_s": round(rate),
        "peer_reference_rows_per_s": compared["reference_rows_per_s"],
        "peer_sample_rows_different": compared["sample_rows_different"],
        "ratio_to_reference": round(rate / compared["reference_rows_per_s"]),
    }
    naive = clearance_postgres.measure(folder, terms=_terms(folder))
    if naive is None:
        _tell("PostgreSQL is not on this machine; to get it: apt-get install postgresql")
        return metrics
    _tell(f"PostgreSQL: {recordings:,} rows in {naive['seconds']:.1f} s")
    return metrics | {
        "peer_postgres_seconds": round(naive["seconds"], 2),
        "peer_postgres_load_seconds": round(naive["load_seconds"], 2),
        "peer_postgres_cleared_different": abs(naive["cleared"] - run.statuses.get("cleared", 0)),
        "ratio_to_postgres": round(naive["seconds"] / run.seconds, 1),
    }


def _terms(folder: Path) -> Terms:
    with DuckDBAnalytics(threads=1) as engine:
        for name in ("place", "term", "unit"):
            engine.attach(name, path=f"{folder}/{name}.parquet", schema=SCHEMAS[name])
        return prepare(engine, request=REQUEST, persons=Cleared(()), manner=Manner(), signals=False)


def _short(rows: int) -> str:
    return f"{rows // 1_000_000}m" if rows >= 1_000_000 else f"{rows // 1000}k"


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
