"""Ten million usage lines to per-party amounts: lines per second, exactness, one digest with 1, 2 and 7 threads.

`python -m benchmarks.distribution [--quick]`. Lines and splits are generated into Parquet first (not timed): plays
are skewed as in streaming (a few recordings have most), recordings have 2 to 10 holders, 6 on average. Timed is
everything from reading both files to the amount of every party and the checked control sums. The peer is the same
work as a plain row loop in Python (reading included) on the lines of one recording in fifty, its time scaled by the
number of lines; its amounts must equal the plan's.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks import report
from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.clearance.analytics import Format, Step, Table
from cantoria.kernel.shares import W, portion
from cantoria.royalty import plan

POOL_FINE = 22_000_000 * 10**8  # 22 million euros
SAMPLE = 50
LINES_PER_SECOND = 2_500_000
DIGEST = (
    "SELECT md5(string_agg(concat_ws(':', pool, leaf, amount), ',' ORDER BY pool, leaf)), count(*), "
    "CAST(sum(amount) AS BIGINT), (SELECT CAST(sum(amount) AS BIGINT) FROM subject_amounts) FROM party_amounts"
)


def generate(folder: Path, *, lines: int, recordings: int, parties: int) -> None:
    """Write `lines.parquet` and `splits.parquet`; the same arguments give the same files."""
    subject = (
        f"least({recordings - 1}, CAST(floor({recordings} * pow(hash(i * 7 + 1) % 1000000007 / 1e9, 3)) AS BIGINT))"
    )
    holders = "2 + CAST(hash(subject) % 9 AS BIGINT)"
    with DuckDBAnalytics(memory_bytes_max=2 << 30) as engine:
        engine.export(
            f"SELECT CAST(1 AS BIGINT) AS pool, {subject} AS subject, "
            f"1 + CAST(hash(i * 13 + 5) % 50 AS BIGINT) AS units "
            f"FROM range({lines}) t(i)",
            path=str(folder / "lines.parquet"),
            file_format=Format.PARQUET,
        )
        engine.export(
            f"SELECT subject, 1 + CAST(hash(subject * 31 + k) % {parties} AS BIGINT) AS leaf, {W} * k // n AS low, "
            f"{W} * (k + 1) // n AS high FROM (SELECT subject, n, unnest(range(n)) AS k FROM "
            f"(SELECT subject, {holders} AS n FROM range({recordings}) r(subject)))",
            path=str(folder / "splits.parquet"),
            file_format=Format.PARQUET,
        )


@dataclass(frozen=True)
class Outcome:
    """One run: `shared` fell to recordings and `arrived` at parties, by sums of their own beside the control sums."""

    seconds: float
    digest: str
    parties: int
    shared: int
    arrived: int
    control: plan.PoolControl


def distribute(folder: Path, *, threads: int) -> Outcome:
    """Run the plan from the two files to the amounts of all parties and the checked control sums."""
    with DuckDBAnalytics(memory_bytes_max=2 << 30, threads=threads, spill=str(folder)) as engine:
        start = time.perf_counter()
        load(engine, folder)
        (control,) = plan.run_steps(engine)
        seconds = time.perf_counter() - start
        ((digest, parties, arrived, shared),) = engine.fetch(DIGEST)
    return Outcome(seconds, str(digest), int(parties or 0), int(shared or 0), int(arrived or 0), control)


def load(engine: DuckDBAnalytics, folder: Path) -> None:
    """Give the engine the tables that the plan reads."""
    engine.register("usage_pools", Table(plan.POOLS, {"pool": [1], "amount": [POOL_FINE]}))
    engine.attach("usage_lines", path=str(folder / "lines.parquet"), schema=plan.LINES)
    engine.attach("split_rows", path=str(folder / "splits.parquet"), schema=plan.SPLITS)


def row_loop(folder: Path) -> tuple[int, float, dict[int, int]]:
    """Do the same for one recording in fifty as a plain loop over rows; return lines, seconds and amounts."""
    connection = duckdb.connect()
    paths = (folder / "lines.parquet", folder / "splits.parquet")
    ((whole,),) = connection.execute(f"SELECT CAST(sum(units) AS BIGINT) FROM '{paths[0]}'").fetchall()
    where = f"WHERE subject % {SAMPLE} = 0"
    start = time.perf_counter()
    lines = connection.execute(f"SELECT subject, units FROM '{paths[0]}' {where}").fetchall()
    rows = connection.execute(f"SELECT subject, leaf, low, high FROM '{paths[1]}' {where}").fetchall()
    units: dict[int, int] = {}
    for subject, count in lines:
        units[subject] = units.get(subject, 0) + count
    parties: dict[int, int] = {}
    for subject, leaf, low, high in rows:
        if subject in units:
            amount = POOL_FINE * units[subject] // whole
            parties[leaf] = parties.get(leaf, 0) + portion(amount, high) - portion(amount, low)
    seconds = time.perf_counter() - start
    connection.close()
    return len(lines), seconds, parties


def sample_equal(folder: Path, expected: dict[int, int]) -> bool:
    """Tell whether the plan gives the parties of the sample exactly what the row loop gives them."""
    with DuckDBAnalytics(memory_bytes_max=2 << 30) as engine:
        load(engine, folder)
        steps = plan.distribution_steps()
        for step in steps[:3]:
            engine.make(step)
        engine.make(Step("sampled", f"SELECT * FROM subject_amounts WHERE subject % {SAMPLE} = 0"))
        engine.make(Step("subject_amounts", "SELECT * FROM sampled"))
        engine.make(steps[3])
        return engine.fetch("SELECT leaf, amount FROM party_amounts ORDER BY leaf") == sorted(expected.items())


def _asked_for_quick() -> bool:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one twentieth of the lines")
    return bool(parser.parse_args().quick)


def main() -> None:
    """Run the benchmark and print its JSON line."""
    quick = _asked_for_quick()
    lines, recordings, parties, repeats = (500_000, 35_000, 50_000, 2) if quick else (10_000_000, 700_000, 1_000_000, 5)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, lines=lines, recordings=recordings, parties=parties)
        runs = [distribute(folder, threads=2) for _ in range(repeats)]
        rss = report.peak_rss_mib()
        by_threads = {threads: distribute(folder, threads=threads) for threads in (1, 2, 7)}
        sampled, loop_seconds, expected = row_loop(folder)
        equal = sample_equal(folder, expected)
    everyone = [*runs, *by_threads.values()]
    seconds = report.median([run.seconds for run in runs])
    control = runs[0].control
    metrics = {
        "lines_per_second": round(lines / seconds),
        "seconds_median": round(seconds, 3),
        "seconds_by_threads": {str(threads): round(run.seconds, 3) for threads, run in by_threads.items()},
        "peak_rss_mib": rss,
        "difference_fine": max(abs(run.shared - run.arrived) for run in everyone),
        "residue_fine": control.residue,
        "digests": len({run.digest for run in everyone}),
        "digest": runs[0].digest,
        "sample_equals_row_loop": int(equal),
        "ratio_to_row_loop": round(lines / seconds / (sampled / loop_seconds), 1),
    }
    peer = {"lines": sampled, "seconds": round(loop_seconds, 3), "lines_per_second": round(sampled / loop_seconds)}
    targets: dict[str, tuple[str, float]] = {
        "difference_fine": ("<=", 0),
        "residue_fine": ("<=", control.subjects),
        "digests": ("<=", 1),
        "sample_equals_row_loop": (">=", 1),
    }
    if not quick:
        targets["lines_per_second"] = (">=", LINES_PER_SECOND)
    params = {"lines": lines, "recordings": recordings, "parties": runs[0].parties, "threads": 2, "repeats": repeats}
    note = "a plain loop over one recording in fifty, reading included; the ratio scales by lines"
    report.emit("distribution", params, metrics, {"row_loop_python": {**peer, "note": note}}, targets)


if __name__ == "__main__":
    main()
