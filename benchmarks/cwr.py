"""Reading CWR: `python -m benchmarks.cwr [--quick] [--mb 100] [--runs 3] [--version 2.1]`.

A file of works is made by a seeded generator: some thousand different works, written again and again with running
numbers until the file is as long as asked. Each way of reading it runs in a process of its own, so that its peak memory
is nobody else's: reading with every rule checked, reading the frame only, and the plainest loop there is, which cuts
each line at fixed columns and keeps nothing. All transactions are taken and let go, as an import does.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Final

from benchmarks import report
from cantoria.formats.cwr.layout import layout_of
from cantoria.formats.cwr.reader import read_transactions
from cantoria.formats.cwr.records import Transaction
from cantoria.formats.cwr.writer import write_items, write_transactions
from cantoria.testing.cwr_files import header, transactions

MB: Final = 100
QUICK_MB: Final = 4
WORKS: Final = 4_000
SEED: Final = 20_260_315


@dataclass(frozen=True, slots=True)
class Run:
    """One reading in its own process: seconds and CPU seconds, peak MiB, and what came out."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    transactions: int
    findings: int


def main() -> int:
    """Run the benchmark; exit status 0 whether or not the targets are met, the JSON line tells."""
    options = _options()
    size = options.mb or (QUICK_MB if options.quick else MB)
    runs = 1 if options.quick else options.runs
    with tempfile.TemporaryDirectory(dir=options.directory) as name:
        path = Path(name) / "works.cwr"
        began = time.perf_counter()
        works = WORKS // (10 if options.quick else 1)
        with multiprocessing.get_context("spawn").Pool(1) as pool:  # its memory is not to count as the readers'
            pool.apply(_write, (str(path), options.version, size * 1_000_000, works))
        made = time.perf_counter() - began
        size_bytes = path.stat().st_size
        lines = sum(block.count(b"\n") for block in _blocks(path))
        _tell(f"{size_bytes / 1e6:.1f} MB, {lines:,} lines in {made:.1f} s")
        measured = {way: [_in_new_process(str(path), way) for _ in range(runs)] for way in WAYS}
    metrics: dict[str, float | int | list[float]] = {"bytes": size_bytes, "lines": lines}
    rates: dict[str, float] = {}
    for way, found in measured.items():
        if way == "nothing":
            continue
        rates[way] = size_bytes / 1e6 / report.median([run.cpu_seconds for run in found])
        metrics[f"{way}_mb_per_s"] = round(size_bytes / 1e6 / report.median([run.seconds for run in found]), 1)
        metrics[f"{way}_mb_per_cpu_s"] = round(rates[way], 1)
        metrics[f"{way}_peak_rss_mib"] = max(run.peak_mib for run in found)
    checked, plain = measured["checked"][-1], measured["unchecked"][-1]
    metrics |= {
        "transactions": checked.transactions,
        "transactions_different": abs(checked.transactions - plain.transactions),
        "findings": checked.findings,
        "checked_to_loop": round(rates["checked"] / rates["loop"], 3),
        "unchecked_to_loop": round(rates["unchecked"] / rates["loop"], 3),
        "memory_over_import_mib": round(checked.peak_mib - measured["nothing"][-1].peak_mib, 1),
    }
    params = {"version": options.version, "seed": SEED, "different_works": works, "runs": runs}
    peers = {"loop": "for each line: decode, cut into type, two numbers, and ten columns; nothing is checked or kept"}
    targets = {"checked_mb_per_cpu_s": (">=", 20.0), "memory_over_import_mib": ("<=", 64.0), "findings": ("<=", 0.0)}
    report.emit("cwr", params, metrics, peers, {**targets, "transactions_different": ("<=", 0.0)})
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cwr", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small file and one run, to keep the benchmark alive")
    parser.add_argument("--mb", type=int, help=f"size of the file in 10^6 bytes ({MB})")
    parser.add_argument("--runs", type=int, default=3, help="of each way, each in a new process; the median counts")
    parser.add_argument("--version", default="2.1", help="of CWR")
    parser.add_argument("--directory", help="where the temporary file goes")
    return parser.parse_args()


def _write(path: str, version: str, size: int, works: int) -> None:
    """Write a file of about that many bytes."""
    made = list(transactions(version, seed=SEED, count=works))
    each = sum(len(record.raw) + 2 for one in made for record in one.records) / works
    count = max(1, round(size / each))
    with Path(path).open("wb") as stream:
        stream.writelines(write_transactions(header(version), islice(cycle(made), count), version=version))


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            yield block


def _in_new_process(path: str, way: str) -> Run:
    """Measure one reading in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        run = pool.apply(_measure, (path, way))
    _tell(f"{way}: {run.seconds:.2f} s, {run.cpu_seconds:.2f} CPU s, {run.peak_mib:.0f} MiB")
    return run


def _measure(path: str, way: str) -> Run:
    began, cpu = time.perf_counter(), time.process_time()
    seen, findings = WAYS[way](path)
    return Run(time.perf_counter() - began, time.process_time() - cpu, report.peak_rss_mib(), seen, findings)


def _checked(path: str) -> tuple[int, int]:
    return _read(path, validate=True)


def _unchecked(path: str) -> tuple[int, int]:
    return _read(path, validate=False)


def _read(path: str, *, validate: bool) -> tuple[int, int]:
    seen = findings = 0
    with Path(path).open("rb") as stream:
        for item in read_transactions(stream, file="works.cwr", validate=validate):
            seen += isinstance(item, Transaction)
            findings += len(item.findings)
    return seen, findings


def _written(path: str) -> tuple[int, int]:
    """Read with validation, and write again: the bytes must be the same."""
    with Path(path).open("rb") as stream, Path(path).open("rb") as other:
        for data in write_items(read_transactions(stream, file="works.cwr")):
            if other.read(len(data)) != data:
                raise SystemExit("what was written is not what was read")
    return 0, 0


def _loop(path: str) -> tuple[int, int]:
    """Cut every line at fixed columns: the plainest reading that gives fields at all."""
    parts = [slice(field.start, field.end) for field in layout_of("2.1").record("SWR").fields[:10]]
    seen = 0
    with Path(path).open("rb") as stream:
        for line in stream:
            text = line.decode("latin-1")
            kind, cells = text[:3], [text[part] for part in parts]
            seen += kind == "NWR" and bool(cells) and bool(text[3:11]) and bool(text[11:19])
    return seen, 0


def _nothing(path: str) -> tuple[int, int]:
    return 0, 0


WAYS: Final = {
    "checked": _checked,
    "unchecked": _unchecked,
    "written_again": _written,
    "loop": _loop,
    "nothing": _nothing,
}


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
