"""Reading of ERN messages: `python -m benchmarks.ern [--quick] [--megabytes 100] [--runs 3] [--directory DIR]`.

A generated message is read into facts, portion by portion, each portion let go as the next one comes; beside it, in
the same run and in processes of their own, plain `lxml.etree.parse` builds its tree of the same file and does nothing
with it. Two proportions are measured: `mixed` (as many deals as the official samples have) and `dense` (nearly every
byte is about a recording). A message of a tenth of the size shows how memory grows: with the references of the
message, about a kilobyte for a recording and its release.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lxml import etree

from benchmarks import report
from benchmarks.ern_world import parts, recordings
from cantoria.formats import ern
from cantoria.formats.csvfamily import Context
from cantoria.kernel.ids import PartyId, typed_id
from cantoria.kernel.periods import parse_moment

MEGABYTES: Final = 100
QUICK_MEGABYTES: Final = 6


@dataclass(frozen=True, slots=True)
class Run:
    """One reading in a process of its own."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    facts: int
    findings: int


def main() -> int:
    """Run the benchmark; exit status 0 whether or not the targets are met, the JSON line tells."""
    options = _options()
    size = QUICK_MEGABYTES if options.quick else options.megabytes
    runs = 1 if options.quick else options.runs
    metrics: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(dir=options.directory) as name:
        for shape in ("mixed", "dense"):
            large = _write(Path(name) / f"{shape}.xml", size, shape)
            small = _write(Path(name) / f"{shape}-small.xml", max(1, size // 10), shape)
            metrics |= {f"{shape}_{key}": value for key, value in _measure(large, small, runs).items()}
            metrics[f"{shape}_recordings"] = recordings(size, mixed=shape == "mixed")
            large.unlink()
            small.unlink()
    params = {"megabytes": size, "runs": runs, "portion_records": 2_000, "lxml": ".".join(map(str, etree.LXML_VERSION))}
    targets = {"mixed_ratio_to_dom": (">=", 0.7), "mixed_peak_rss_mib": ("<=", 128.0)}
    peers = {"lxml_dom": "etree.parse of the same file in the same run: a tree, and no facts"}
    report.emit("ern", params, metrics, peers, targets)
    return 0


def _measure(large: Path, small: Path, runs: int) -> dict[str, Any]:
    """Read both ways in turn, so that what else the machine does falls on both."""
    read, parsed = [], []
    for _ in range(runs):
        parsed.append(_in_new_process(_parse, large))
        read.append(_in_new_process(_read, large))
    little = _in_new_process(_read, small)
    megabytes = large.stat().st_size / 1e6
    seconds, dom = (report.median([run.seconds for run in part]) for part in (read, parsed))
    cpu, dom_cpu = (report.median([run.cpu_seconds for run in part]) for part in (read, parsed))
    peak = max(run.peak_mib for run in read)
    return {
        "megabytes": round(megabytes, 1),
        "mb_per_s": round(megabytes / seconds, 1),
        "mb_per_cpu_s": round(megabytes / cpu, 1),
        "seconds_of_each_run": [round(run.seconds, 2) for run in read],
        "dom_mb_per_s": round(megabytes / dom, 1),
        "dom_seconds_of_each_run": [round(run.seconds, 2) for run in parsed],
        "ratio_to_dom": round(dom / seconds, 3),
        "ratio_to_dom_by_cpu": round(dom_cpu / cpu, 3),
        "facts": read[-1].facts,
        "facts_per_s": round(read[-1].facts / seconds),
        "findings": read[-1].findings,
        "peak_rss_mib": peak,
        "dom_peak_rss_mib": max(run.peak_mib for run in parsed),
        "small_megabytes": round(small.stat().st_size / 1e6, 1),
        "small_peak_rss_mib": little.peak_mib,
        "memory_growth": round(peak / little.peak_mib, 2),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ern", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small message and one run, to keep the benchmark alive")
    parser.add_argument("--megabytes", type=int, default=MEGABYTES)
    parser.add_argument("--runs", type=int, default=3, help="each in a new process; the median counts")
    parser.add_argument("--directory", help="where the temporary files go")
    return parser.parse_args()


def _write(path: Path, megabytes: int, shape: str) -> Path:
    with path.open("wb") as file:
        file.writelines(parts(megabytes, mixed=shape == "mixed"))
    return path


def _in_new_process(task: Callable[[str], Run], path: Path) -> Run:
    """Measure in a process of its own, so that its peak memory is nobody else's."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        run = pool.apply(task, (str(path),))
    print(f"{task.__name__} {path.name}: {run.seconds:.2f} s, {run.peak_mib:.0f} MiB", file=sys.stderr, flush=True)
    return run


def _parse(path: str) -> Run:
    start, cpu = time.perf_counter(), time.process_time()
    tree = etree.parse(path)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
    return Run(seconds, cpu_seconds, report.peak_rss_mib(), 0, len(tree.getroot()) * 0)


def _read(path: str) -> Run:
    made = iter(range(1, 1 << 62))
    context = Context(
        sender=PartyId(typed_id("party", bytes(16))),
        namespace="BENCH",
        now=parse_moment("2026-11-20"),
        new_id=lambda prefix: typed_id(prefix, next(made).to_bytes(16, "big")),
        lookup=lambda code: None,
    )
    facts = findings = 0
    start, cpu = time.perf_counter(), time.process_time()
    with Path(path).open("rb") as stream:
        for portion in ern.read_stream(stream, file="message.xml", context=context):
            facts += len(portion.facts)
            findings += len(portion.findings)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
    return Run(seconds, cpu_seconds, report.peak_rss_mib(), facts, findings)


if __name__ == "__main__":
    sys.exit(main())
