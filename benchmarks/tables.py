"""Reading tables: `python -m benchmarks.tables [--quick] [--rows 500000] [--runs 3]`.

Three files are made by seeded generators: a YouTube asset report, a Korean work list, and somebody's catalogue read by
a mapping. Each reading runs in a process of its own, so that its peak memory is nobody else's, beside a loop over
`csv.DictReader` that keeps nothing. All entries are taken and let go, as an import does.
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from benchmarks import report
from cantoria.formats import sheet, worklist, youtube
from cantoria.formats.entries import Entry
from cantoria.testing import table_files

ROWS: Final = 500_000
QUICK_ROWS: Final = 4_000
SEED: Final = 20_260_315
KINDS: Final = ("youtube", "worklist", "sheet")


@dataclass(frozen=True, slots=True)
class Run:
    """One reading in its own process: CPU seconds, peak MiB, how many records it gave."""

    cpu_seconds: float
    peak_mib: float
    records: int


def main() -> int:
    """Run the benchmark; exit status 0 whether or not the targets are met, the JSON line tells."""
    options = _options()
    rows = options.rows or (QUICK_ROWS if options.quick else ROWS)
    runs = 1 if options.quick else options.runs
    metrics: dict[str, float | int] = {}
    with tempfile.TemporaryDirectory(dir=options.directory) as name:
        empty = _in_new_process("nothing", "").peak_mib
        for kind in KINDS:
            path = Path(name) / f"{kind}.csv"
            with multiprocessing.get_context("spawn").Pool(1) as pool:  # its memory is not to count as the readers'
                expected = pool.apply(_write, (str(path), kind, rows))
            size = path.stat().st_size / 1e6
            read = [_in_new_process(kind, str(path)) for _ in range(runs)]
            loop = [_in_new_process("loop", str(path)) for _ in range(runs)]
            seconds, plain = (report.median([run.cpu_seconds for run in found]) for found in (read, loop))
            metrics |= {
                f"{kind}_mb": round(size, 1),
                f"{kind}_records": read[-1].records,
                f"{kind}_records_missing": abs(read[-1].records - expected),
                f"{kind}_records_per_cpu_s": round(read[-1].records / seconds),
                f"{kind}_mb_per_cpu_s": round(size / seconds, 2),
                f"{kind}_to_loop": round(plain / seconds, 3),
                f"{kind}_memory_over_import_mib": round(max(run.peak_mib for run in read) - empty, 1),
            }
    peers = {"loop": "for each row of csv.DictReader: count it; nothing is checked, understood or kept"}
    targets = {f"{kind}_records_missing": ("<=", 0.0) for kind in KINDS}
    # What earlier rows said is remembered up to a limit: the same for a file of any size.
    targets |= {f"{kind}_memory_over_import_mib": ("<=", 256.0) for kind in KINDS}
    report.emit("tables", {"rows": rows, "seed": SEED, "runs": runs}, metrics, peers, targets)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tables", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small files and one run, to keep the benchmark alive")
    parser.add_argument("--rows", type=int, help=f"of each file, about ({ROWS})")
    parser.add_argument("--runs", type=int, default=3, help="of each reading, each in a new process; the median counts")
    parser.add_argument("--directory", help="where the temporary files go")
    return parser.parse_args()


def _write(path: str, kind: str, rows: int) -> int:
    """Write a file of about that many rows; return how many records it has."""
    if kind == "youtube":
        made = table_files.assets(rows, seed=SEED)
        Path(path).write_bytes(made.data)
        return made.registered + made.duplicate + made.passed_over
    if kind == "worklist":
        Path(path).write_bytes(table_files.as_csv(table_files.work_list(rows // 3, seed=SEED)))
        return rows // 3
    Path(path).write_bytes(table_files.as_csv(list(_catalogue(rows))))
    return rows


def _catalogue(rows: int) -> Iterator[list[object]]:
    yield ["Song ID", "Title", "Artist", "ISRC", "Length", "Album"]
    for number in range(rows):
        clock = f"{number % 7 + 1}:{number % 60:02d}"
        yield [f"S{number}", f"Title {number}", f"Artist {number % 999}", table_files.isrc(number), clock, "Seasons"]


def _in_new_process(way: str, path: str) -> Run:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        run = pool.apply(_measure, (way, path))
    print(f"{way}: {run.records:,} records, {run.cpu_seconds:.2f} CPU s, {run.peak_mib:.0f} MiB", file=sys.stderr)
    return run


def _measure(way: str, path: str) -> Run:
    began = time.process_time()
    records = _loop(path) if way == "loop" else _read(way, path) if path else 0
    return Run(time.process_time() - began, report.peak_rss_mib(), records)


def _loop(path: str) -> int:
    with Path(path).open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.DictReader(file))


def _read(kind: str, path: str) -> int:
    with Path(path).open("rb") as stream:
        return sum(1 for _ in _reader(kind, path)(stream))


def _reader(kind: str, path: str) -> Callable[..., Iterator[Entry]]:
    if kind == "youtube":
        return partial(youtube.read, file="assets.csv")
    if kind == "worklist":
        return partial(worklist.read, file="works.csv")
    with Path(path).open(encoding="utf-8", newline="") as file:
        headings, *sample = islice(csv.reader(file), 500)
    return partial(sheet.read, file="songs.csv", mapping=sheet.suggest(headings, sample))


if __name__ == "__main__":
    sys.exit(main())
