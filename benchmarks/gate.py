"""The gate in other people's pipelines: `python -m benchmarks.gate [--quick] [--rows 1000000] [--recordings 200000]`.

A snapshot of so many recordings is compiled for one request (once, timed apart), then a dataset of so many rows goes
through each integration, and through the same integration with a filter that keeps every second row by its number: the
overhead is the ratio of the two, the best of three turns each. A third of the rows is cleared, a third is denied, the
others carry a code that nobody registered. The pickled gate, and rows with several codes, are timed beside.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import pickle
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import report
from benchmarks.gate_world import VKEY, code_of, publish
from cantoria.sdk.gate import Gate

ROWS: Final = 1_000_000
QUICK_ROWS: Final = 20_000
RECORDINGS: Final = 200_000
QUICK_RECORDINGS: Final = 3_000
TURNS: Final = 3
SAMPLES_MAX: Final = 50_000  # a tar of a million sounds measures the disk; at most a tenth of the rows
Pair = tuple[Callable[[], int], Callable[[], int]]  # through the gate, through the plain filter: rows that passed


def main() -> int:
    """Run the benchmark; exit status 0 whether or not the targets are met, the JSON line tells."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--recordings", type=int, default=0)
    given = parser.parse_args()
    rows = given.rows or (QUICK_ROWS if given.quick else ROWS)
    recordings = given.recordings or (QUICK_RECORDINGS if given.quick else RECORDINGS)
    os.environ["HF_HUB_OFFLINE"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        metrics = measure(Path(folder), rows=rows, recordings=recordings)
    ratios = {name: value for name, value in metrics.items() if name.startswith("overhead_")}
    metrics["overhead_worst"] = max(ratios.values())
    report.emit(
        "gate",
        {"rows": rows, "recordings": recordings, "turns": TURNS},
        metrics,
        {"plain": "the same integration, keeping every second row by its number"},
        {"microseconds_per_row": ("<=", 5.0)},
    )
    return 0


def measure(folder: Path, *, rows: int, recordings: int) -> dict[str, Any]:
    """Return all figures."""
    now = time.time_ns() // 1000
    publish(folder / "snapshot", recordings, at=now - 10**6, until=now + 10**12)
    asked: dict[str, Any] = {"use": "train_generative", "licensee": "party_ai", "territories": "KR", "key": VKEY}
    begun = time.perf_counter()
    gate = Gate(folder / "snapshot", cache=folder / "cache", **asked)
    compiled = time.perf_counter() - begun
    begun = time.perf_counter()
    gate = Gate(folder / "snapshot", cache=folder / "cache", **asked)
    opened = time.perf_counter() - begun
    table = pa.table({"isrc": codes(rows, recordings), "n": pa.array(range(rows), pa.int64())})
    metrics: dict[str, Any] = {
        "compile_seconds": round(compiled, 3),
        "open_seconds": round(opened, 3),
        "pickle_bytes": len(pickle.dumps(gate)),
        "microseconds_per_row": per_row(gate, table),
        "microseconds_per_row_of_two_codes": per_row_of_two(gate, recordings, rows=min(rows, 100_000)),
    }
    expected = sum(1 for code in table.column("isrc").to_pylist() if passes(code))
    for name, pair in pairs(gate, table, folder=folder).items():
        through, plain = (best(one) for one in pair)
        if name != "webdataset" and through[1] != expected:  # of the tar there is only a part
            raise SystemExit(f"{name} let {through[1]} rows through, not {expected}")
        metrics[f"seconds_{name}"] = round(through[0], 3)
        metrics[f"overhead_{name}"] = round(through[0] / plain[0], 2)
        print(f"{name}: {through[0]:.2f} s, plain {plain[0]:.2f} s", flush=True)
    metrics["peak_rss_mib"] = report.peak_rss_mib()
    return metrics


def codes(rows: int, recordings: int) -> pa.Array:
    """Return the codes of the rows: two of three are registered, in no order."""
    found = (code_of(number * 7919 % recordings + 1) for number in range(rows))
    return pa.array([code if number % 3 else f"KRZZZ26{number % 100_000:05}" for number, code in enumerate(found)])


def passes(code: str) -> bool:
    """Tell whether a code is of a recording that is cleared (see `gate_world`)."""
    return code.startswith("QZ") and int(code[-1]) % 2 == 1


def best(run: Callable[[], int]) -> tuple[float, int]:
    """Return the shortest of several turns, and what the last one gave."""
    seconds, found = float("inf"), 0
    for _ in range(TURNS):
        begun = time.perf_counter()
        found = run()
        seconds = min(seconds, time.perf_counter() - begun)
    return seconds, found


def per_row(gate: Gate, table: pa.Table) -> float:
    """Return what the verdict itself costs, cells in Python already, in microseconds."""
    cells = {"isrc": table.column("isrc").to_pylist()}
    seconds, _ = best(lambda: len(gate.marks_of(cells)))
    return round(seconds / int(table.num_rows) * 1e6, 3)


def per_row_of_two(gate: Gate, recordings: int, *, rows: int) -> float:
    """Return the same for rows with two codes."""
    numbers = [number * 7919 % recordings + 1 for number in range(rows)]
    cells = {"isrc": [code_of(number) for number in numbers], "own": [f"LABEL:{number}" for number in numbers]}
    seconds, _ = best(lambda: len(gate.marks_of(cells)))
    return round(seconds / rows * 1e6, 3)


def pairs(gate: Gate, table: pa.Table, *, folder: Path) -> dict[str, Pair]:
    """Return every integration with the gate and with the plain filter."""
    return {
        **in_memory(gate, table),
        **in_files(gate, table, folder=folder),
        **in_datasets(gate, table, folder=folder),
    }


def in_memory(gate: Gate, table: pa.Table) -> dict[str, Pair]:
    """Return those on tables and rows in memory."""
    import polars as pl

    frame: Any = pl.from_arrow(table)
    rows = table.to_pylist()
    connection = duckdb.connect(config={"threads": 2})
    gate.duckdb(connection)
    connection.register("rows", table)

    def counted(query: str) -> Callable[[], int]:
        return lambda: int(connection.execute(query).fetchall()[0][0])

    def plain_table() -> int:
        masks = (pa.array([n % 2 == 0 for n in batch.column("n").to_pylist()]) for batch in table.to_batches())
        return sum(batch.filter(mask).num_rows for batch, mask in zip(table.to_batches(), masks, strict=True))

    everything = "SELECT count(*) FROM (SELECT n FROM rows WHERE {})"
    join = "SELECT count(*) FROM rows JOIN ai_clearance USING (isrc) WHERE cleared"
    return {
        "arrow": (lambda: int(gate.table(table).num_rows), plain_table),
        "polars": (lambda: int(gate.polars(frame).height), lambda: int(frame.filter(pl.col("n") % 2 == 0).height)),
        "iterable": (lambda: sum(1 for _ in gate.rows(rows)), lambda: sum(1 for row in rows if row["n"] % 2 == 0)),
        "torch_indices": (
            lambda: len(gate.indices(rows)),
            lambda: len([place for place in range(len(rows)) if rows[place]["n"] % 2 == 0]),
        ),
        "duckdb_function": (counted(everything.format("ai_cleared(isrc)")), counted(everything.format("n % 2 = 0"))),
        "duckdb_join": (counted(join), counted(everything.format("n % 2 = 0"))),
    }


def in_files(gate: Gate, table: pa.Table, *, folder: Path) -> dict[str, Pair]:
    """Return those from file to file."""
    import csv

    import pyarrow.csv

    pq.write_table(table, folder / "in.parquet", compression="zstd")
    pyarrow.csv.write_csv(table, folder / "in.csv")

    def plain_parquet() -> int:
        kept = 0
        with (
            pq.ParquetFile(folder / "in.parquet") as file,
            pq.ParquetWriter(folder / "plain.parquet", table.schema, compression="zstd") as writer,
        ):
            for batch in file.iter_batches(batch_size=65_536):
                passed = batch.filter(pa.array([n % 2 == 0 for n in batch.column("n").to_pylist()]))
                writer.write_batch(passed)
                kept += passed.num_rows
        return kept

    def plain_csv() -> int:
        kept = 0
        with (folder / "in.csv").open(newline="") as read, (folder / "plain.csv").open("w", newline="") as written:
            lines, out = csv.reader(read), csv.writer(written)
            out.writerow(next(lines))
            for line in lines:
                if int(line[1]) % 2 == 0:
                    out.writerow(line)
                    kept += 1
        return kept

    def through(kind: str) -> Callable[[], int]:
        write = getattr(gate, kind)
        return lambda: int(write(folder / f"in.{kind}", folder / f"out.{kind}").statuses()["cleared"])

    return {"parquet": (through("parquet"), plain_parquet), "csv": (through("csv"), plain_csv)}


def in_datasets(gate: Gate, table: pa.Table, *, folder: Path) -> dict[str, Pair]:
    """Return Hugging Face datasets (map-style, streaming) and WebDataset."""
    import datasets  # type: ignore[import-untyped]
    import webdataset  # type: ignore[import-untyped]

    datasets.disable_progress_bars()
    datasets.disable_caching()
    made = datasets.Dataset.from_parquet(str(folder / "in.parquet"), cache_dir=str(folder / "hf"))
    stream = made.to_iterable_dataset()
    tar = _tar(table.slice(0, min(SAMPLES_MAX, table.num_rows // 10)), folder / "sounds.tar")

    def even(batch: dict[str, Any]) -> list[bool]:
        return [n % 2 == 0 for n in batch["n"]]

    def filtered(function: Any) -> Callable[[], int]:
        return lambda: len(made.filter(function, batched=True, load_from_cache_file=False))

    def streamed(function: Any) -> Callable[[], int]:
        return lambda: sum(1 for _ in stream.filter(function, batched=True))

    def samples(stage: Any) -> Callable[[], int]:
        return lambda: sum(1 for _ in webdataset.WebDataset(str(tar), shardshuffle=False).compose(stage))

    def plain_stage(source: Iterator[Any]) -> Iterator[Any]:
        return (sample for sample in source if json.loads(sample["json"])["n"] % 2 == 0)

    return {
        "datasets_map": (filtered(gate), filtered(even)),
        "datasets_stream": (streamed(gate), streamed(even)),
        "webdataset": (samples(gate.wds), samples(plain_stage)),
    }


def _tar(table: pa.Table, path: Path) -> Path:
    with tarfile.open(path, "w") as tar:
        for row in table.to_pylist():
            for name, data in (("mp3", b"sound"), ("json", json.dumps(row).encode())):
                entry = tarfile.TarInfo(f"{row['n']:08}.{name}")
                entry.size = len(data)
                tar.addfile(entry, io.BytesIO(data))
    return path


if __name__ == "__main__":
    raise SystemExit(main())
