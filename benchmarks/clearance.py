"""Clearance of a whole dataset: `python -m benchmarks.clearance [--quick] [--rows 1000000] [--threads 2] [--runs 3]`.

A manifest of as many rows as there are recordings is cleared against a snapshot on disk: two works for each recording,
three parties for each work and recording, statements at person, catalogue, work and recording level. What is timed is
one whole clearing in one process: reading the snapshot's Parquet files, resolving the codes, deciding every row with
its reasons, parties and missing yeses, and writing the result tables. Making the snapshot is not in it (once for each
ledger size, for all requests); it is timed beside, as are a refresh of it and the export with every reason in words.

The row-by-row reference `decide` runs on a part of the same world, folded from facts; its rate is what the ratio
compares with, and its answers must equal the plan's.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks import report
from benchmarks.clearance_reference import REQUEST, Sample
from benchmarks.clearance_tables import Sizes, write, write_manifest
from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.clearance import Cleared, decide, plan
from cantoria.clearance.analytics import Format
from cantoria.clearance.export_plan import export_query, message_table
from cantoria.clearance.prepare import Manner, prepare
from cantoria.clearance.snapshot import build
from cantoria.clearance.snapshot_schema import MANIFEST_SCHEMAS, SCHEMAS

ROWS: Final = 1_000_000
QUICK_ROWS: Final = 50_000
SAMPLE_ROWS: Final = 2_000
MEMORY_MIB: Final = 1_400
RESULTS: Final = {
    "answer": "SELECT line, subject, status, first, mask FROM answer ORDER BY line",
    "reason": "SELECT subject, code, party, about FROM reason ORDER BY subject, code, party, about",
    "missing": "SELECT subject, voice FROM missing ORDER BY subject, voice",
}
PEERS: Final = {
    "training_data_registry_urls_per_request_max": 1_000,
    "note": "a published limit of a service, not a measurement: not like for like",
}


@dataclass(frozen=True, slots=True)
class Run:
    """One clearing in its own process: seconds and CPU seconds, peak MiB, and what was decided."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    statuses: dict[str, int]
    steps: dict[str, float]
    export_seconds: float | None = None


def main() -> int:
    """Run the benchmark; exit status 0 whether or not the targets are met, the JSON line tells."""
    options = _options()
    rows = options.rows or (QUICK_ROWS if options.quick else ROWS)
    runs = 1 if options.quick else options.runs
    with tempfile.TemporaryDirectory(dir=options.directory) as name:
        folder = Path(name)
        began = time.perf_counter()
        counts = write(folder, sizes=Sizes(rows))
        write_manifest(folder, sizes=Sizes(rows))
        made = time.perf_counter() - began
        _tell(f"world of {rows:,} rows in {made:.1f} s: {counts['need']:,} needs, {counts['statement']:,} statements")
        measured = [_in_new_process(folder, options.threads, False) for _ in range(runs)]
        worded = _in_new_process(folder, options.threads, True)
        compared = reference(folder, Sizes(rows), min(SAMPLE_ROWS // (5 if options.quick else 1), rows))
    seconds = report.median([run.seconds for run in measured])
    cpu_seconds = report.median([run.cpu_seconds for run in measured])
    metrics = {
        "seconds": round(seconds, 2),
        "seconds_of_each_run": [round(run.seconds, 2) for run in measured],
        "cpu_seconds": round(cpu_seconds, 2),
        "rows_per_s": round(rows / seconds),
        "rows_per_cpu_s": round(rows / cpu_seconds),
        "peak_rss_mib": max(run.peak_mib for run in measured),
        "seconds_of_each_step": measured[-1].steps,
        "statuses": measured[-1].statuses,
        "export_in_words_seconds": round(worded.export_seconds or 0, 2),
        "export_in_words_peak_rss_mib": worded.peak_mib,
        "world_seconds": round(made, 2),
        **compared,
        "ratio_to_reference": round(rows / seconds / compared["reference_rows_per_s"]),
        "ratio_to_reference_by_cpu": round(rows / cpu_seconds / compared["reference_rows_per_cpu_s"]),
    }
    params = {
        "rows": rows,
        "recordings": rows,
        "works_per_recording": 2,
        "parties_per_work_and_recording": 3,
        "needs": counts["need"],
        "statements": counts["statement"],
        "territory_classes": 2,
        "threads": options.threads,
        "memory_cap_mib": MEMORY_MIB,
        "runs": runs,
        "reference": f"decide, row by row, on the first rows of the same world ({compared['sample_rows']})",
    }
    targets = {"sample_rows_different": ("<=", 0.0), "peak_rss_mib": ("<=", 2048.0)}
    if rows >= ROWS:
        targets["seconds"] = ("<=", 8.0 * rows / ROWS)
    report.emit("clearance", params, metrics, PEERS, targets)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clearance", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small world and one run, to keep the benchmark alive")
    parser.add_argument("--rows", type=int, help=f"rows of the manifest and recordings of the world ({ROWS:,})")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3, help="each in a new process; the median counts")
    parser.add_argument("--directory", help="where the temporary files go")
    return parser.parse_args()


def _in_new_process(folder: Path, threads: int, in_words: bool) -> Run:
    """Measure one clearing in a process of its own, so that its peak memory is nobody else's."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        run = pool.apply(_clear, (str(folder), threads, in_words))
    _tell(f"cleared in {run.seconds:.2f} s, {run.cpu_seconds:.2f} CPU s, {run.peak_mib:.0f} MiB")
    return run


def _clear(folder: str, threads: int, in_words: bool) -> Run:
    spill = Path(folder) / "spill"
    with DuckDBAnalytics(memory_bytes_max=MEMORY_MIB << 20, threads=threads, spill=str(spill)) as engine:
        start, cpu = time.perf_counter(), time.process_time()
        for name, schema in (SCHEMAS | MANIFEST_SCHEMAS).items():
            engine.attach(name, path=f"{folder}/{name}.parquet", schema=schema)
        steps = {}
        terms = prepare(engine, request=REQUEST, persons=Cleared(()), manner=Manner(), signals=False)
        for step in plan.steps(terms):
            began = time.perf_counter()
            engine.make(step)
            steps[step.name] = round(time.perf_counter() - began, 3)
        began = time.perf_counter()
        for name, query in RESULTS.items():
            engine.export(query, path=f"{folder}/result_{name}.parquet", file_format=Format.PARQUET)
        steps["write"] = round(time.perf_counter() - began, 3)
        seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
        statuses = {
            plan.STATUSES[int(status or 0)]: int(rows or 0)
            for status, rows in engine.fetch("SELECT status, count(*) FROM answer GROUP BY status ORDER BY status")
        }
        export_seconds = _export(engine, folder) if in_words else None
        return Run(seconds, cpu_seconds, report.peak_rss_mib(), statuses, steps, export_seconds)


def _export(engine: DuckDBAnalytics, folder: str) -> float:
    began = time.perf_counter()
    engine.register("message", message_table())
    query = export_query(laws={"0410": "not_assessed"}, persons=Cleared(()), lists=True)
    engine.export(query, path=f"{folder}/results.parquet", file_format=Format.PARQUET)
    return time.perf_counter() - began


def reference(folder: Path, sizes: Sizes, lines: int) -> dict[str, Any]:
    """Decide the first rows one by one and compare them with the plan's answers."""
    sample = Sample(folder, sizes=sizes, lines=lines)
    rows, rights = sample.rows(), sample.rights()
    began = time.perf_counter()
    snapshot = build(rights, at=REQUEST.at, size=REQUEST.size)
    built = time.perf_counter() - began
    began, cpu = time.perf_counter(), time.process_time()
    answers = {row.line: decide(row, REQUEST, rights=rights) for row in rows}
    elapsed, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
    _tell(f"reference: {len(rows) / elapsed:,.0f} rows/s; snapshot built at {len(rows) / built:,.0f} rows/s")
    with DuckDBAnalytics(threads=1) as engine:
        query = f"SELECT line, status, mask FROM '{folder}/result_answer.parquet' WHERE line <= {lines}"
        planned = {line: (plan.STATUSES[int(status or 0)], mask) for line, status, mask in engine.fetch(query)}
    different = 0
    for line, answer in answers.items():
        mask = 0
        for reason in getattr(answer, "reasons", ()):
            mask |= 1 << reason.code
        different += planned[line] != (answer.status.value, mask)
    return {
        "reference_rows_per_s": round(len(rows) / elapsed),
        "reference_rows_per_cpu_s": round(len(rows) / cpu_seconds),
        "snapshot_build_rows_per_s": round(snapshot.subjects / built),
        "sample_rows": len(rows),
        "sample_rows_different": different,
    }


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
