"""Matching of a generated catalogue with known truth: `python -m benchmarks.matching [--quick] [--rows 100000]`.

Rows are one source's account of one recording each (`benchmarks.matching_world`): typing errors, romanised and
bilingual Korean, turned and shortened names, version words anywhere or nowhere, exchanged fields, missing codes, 8 %
of the ISRCs somebody else's. Each way of matching runs in a process of its own; what is timed is everything from
reading the table (Parquet, by the contract of docs/how-to/review-matches.md) to the proposed pairs, its preparation of
texts included.

Precision, recall and F1 are over pairs of rows. `link` counts what would be proposed as a link; `link_and_review` what
a person would be shown, too. Peers: the same ISRC; the same normalised title, performer and ISRC; Splink with its own
comparisons and EM on the raw columns (`splink`), and on our normalised columns (`splink_normalised`), each at the
threshold where its F1 is best, found with the truth, which ours is not given. `shifted` is the same world with half as
much noise again, for which nothing was fitted. Beyond 100,000 rows only ours, the codes and Splink on the raw columns
are measured: normalising for Splink would measure our normalisation twice.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import report
from benchmarks.matching_world import Noise, World
from cantoria.adapters.duckdb.matching import DuckDBMatcher
from cantoria.adapters.duckdb.matching_engine import MatchingEngine
from cantoria.adapters.duckdb.matching_tables import read_rows
from cantoria.registry.match_facts import MatchKind
from cantoria.registry.matching.estimate import fitted, reliability
from cantoria.registry.matching.model import Model, shipped
from cantoria.registry.matching.types import PPM, Band, Field, Pattern, Thresholds

ROWS: Final = 100_000
QUICK_ROWS: Final = 5_000
SEED: Final = 77
MEMORY_MIB: Final = 2_048
_TEXTS: Final = pa.list_(pa.string())
TABLE: Final = pa.schema(
    [
        *((name, pa.string()) for name in ("id", "thing", "source", "title", "artist", "version")),
        *((name, _TEXTS) for name in ("isrc", "iswc", "codes", "writers", "audio", "aliases", "related")),
        ("duration_ms", pa.int64()),
    ]
)


@dataclass(slots=True)
class Outcome:
    """What one way of matching came to: quality by band, seconds, peak MiB, and what else is worth telling."""

    quality: dict[str, dict[str, float]]
    seconds: float
    peak_mib: float
    more: dict[str, Any] = field(default_factory=dict)


def main() -> int:
    """Run the benchmark; exit status 0 whether or not the targets are met, the JSON line tells."""
    options = _options()
    rows = QUICK_ROWS if options.quick else options.rows
    with tempfile.TemporaryDirectory(dir=options.directory) as name:
        folder = Path(name)
        _tell(f"world of {rows:,} rows in {_write(folder / 'rows.parquet', rows, Noise()):.1f} s")
        table, threads = folder / "rows.parquet", options.threads
        ours = _apart(_ours, table, threads, "")
        peers = {"isrc": _apart(_exact, table, threads, "isrc")}
        peers["title_performer_isrc"] = _apart(_exact, table, threads, "all")
        if not options.no_splink:
            from benchmarks.matching_splink import run_splink

            peers["splink"] = _apart(run_splink, table, threads, "raw")
            if rows <= ROWS:
                peers["splink_normalised"] = _apart(run_splink, table, threads, "normalised")
        others = _others(folder, rows, threads) if rows <= ROWS else {}
    metrics = {
        **_flat(ours),
        **{name: _told(outcome) for name, outcome in others.items()},
    }
    params = {"rows": rows, "seed": SEED, "threads": options.threads, "memory_cap_mib": MEMORY_MIB}
    targets = {"link_precision": (">=", 0.98), "link_and_review_recall": (">=", 0.95), "wrong_versions": ("<=", 0.0)}
    told = {name: _told(outcome) for name, outcome in peers.items()}
    report.emit("matching", params, metrics, told, {**targets, "calibration_error": ("<=", 0.02)})
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small world, to keep the benchmark alive")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--no-splink", action="store_true", help="leave Splink out (it takes long with many rows)")
    parser.add_argument("--directory", help="where the temporary files go")
    return parser.parse_args()


def _write(path: Path, rows: int, noise: Noise, kind: MatchKind = MatchKind.RECORDING) -> float:
    """Write a world as a table by the contract, with the thing that each row is of beside it."""
    began = time.perf_counter()
    world = World(seed=SEED, scale=rows, noise=noise)
    made = {MatchKind.RECORDING: world.recordings, MatchKind.WORK: world.works, MatchKind.PARTY: world.parties}[kind]
    with pq.ParquetWriter(path, TABLE) as writer:
        columns: dict[str, list[Any]] = {name: [] for name in TABLE.names}
        for row, thing in made(rows):
            for name, values in columns.items():
                values.append(thing if name == "thing" else getattr(row, name))
            if len(columns["id"]) >= 50_000:
                writer.write_batch(pa.RecordBatch.from_pydict(columns, TABLE))
                columns = {name: [] for name in TABLE.names}
        writer.write_batch(pa.RecordBatch.from_pydict(columns, TABLE))
    return time.perf_counter() - began


def _apart(work: Callable[[str, int, str], Outcome], path: Path, threads: int, how: str) -> Outcome:
    """Measure in a process of its own, so that its peak memory is nobody else's."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        outcome = pool.apply(work, (str(path), threads, how))
    best = ", ".join(f"{band} P {one['precision']:.4f} R {one['recall']:.4f}" for band, one in outcome.quality.items())
    name = f"{work.__name__.strip('_')} {how}".strip()
    _tell(f"{name}: {outcome.seconds:.1f} s, {outcome.peak_mib:.0f} MiB, {best}")
    return outcome


def _ours(path: str, threads: int, how: str) -> Outcome:
    kind = MatchKind(how) if how in list(MatchKind) else MatchKind.RECORDING
    began = time.perf_counter()
    steps: dict[str, float] = {}

    def step(name: str) -> None:
        steps[name] = round(time.perf_counter() - began - sum(steps.values()), 2)

    with (
        tempfile.TemporaryDirectory(dir=Path(path).parent) as spill,
        MatchingEngine(memory_bytes_max=MEMORY_MIB << 20, threads=threads, spill=spill) as engine,
    ):
        matcher = DuckDBMatcher(engine)
        count = matcher.load(read_rows(path), kind=kind, aliases={})
        step("read_and_normalise")
        blocked = matcher.block()
        step("block")
        counts = matcher.compare()
        step("compare")
        model = fitted(shipped(kind), counts) if how == "fitted" else shipped(kind)
        bands = matcher.judge(model, thresholds=Thresholds())
        step("judge")
        proposed = [(pair.left, pair.right, pair.pattern, pair.band) for pair in matcher.pairs()]
        step("read_pairs")
        seconds = time.perf_counter() - began
        peak = report.peak_rss_mib()
        truth = _truth(path)
        more = {
            "rows_per_s": round(count / seconds),
            "seconds_of_each_step": steps,
            "pairs_compared": blocked.pairs,
            "pairs_capped": blocked.capped_pairs,
            "rows_unreached": blocked.unreached,
            "patterns": len(counts),
            "bands": {str(band): number for band, number in bands.items()},
            "model": model.version,
            **_calibrated(engine, model, truth),
        }
    quality = _qualities(proposed, truth)
    more["wrong_versions"] = _wrong_versions(proposed)
    return Outcome(quality, round(seconds, 2), peak, more)


def _exact(path: str, threads: int, how: str) -> Outcome:
    """Match by codes as they are: the same ISRC, or the same ISRC with the same title and performer in lower case."""
    began = time.perf_counter()
    also = " AND lower(a.title) = lower(b.title) AND lower(a.artist) = lower(b.artist)" if how == "all" else ""
    with MatchingEngine(memory_bytes_max=MEMORY_MIB << 20, threads=threads) as engine:
        pairs = engine.fetch(
            f"""WITH r AS (SELECT id, title, artist, isrc[1] AS code FROM read_parquet('{path}') WHERE len(isrc) > 0)
            SELECT a.id, b.id FROM r AS a JOIN r AS b ON a.code = b.code AND a.id < b.id{also}"""
        )
    seconds = time.perf_counter() - began
    peak = report.peak_rss_mib()
    truth = _truth(path)
    quality = {"link": quality_of(((str(a), str(b)) for a, b in pairs), truth)}
    return Outcome(quality, round(seconds, 2), peak)


def _truth(path: str) -> dict[str, str]:
    table = pq.read_table(path, columns=["id", "thing"])
    return dict(zip(table["id"].to_pylist(), table["thing"].to_pylist(), strict=True))


def true_pairs(truth: dict[str, str]) -> int:
    """Return how many pairs of rows are of one thing."""
    return sum(count * (count - 1) // 2 for count in Counter(truth.values()).values())


def quality_of(pairs: Iterator[tuple[str, str]], truth: dict[str, str]) -> dict[str, float]:
    """Return precision, recall and F1 of proposed pairs, and how many there are."""
    proposed = right = 0
    for left, right_id in pairs:
        proposed += 1
        right += truth[left] == truth[right_id]
    return scored(proposed, right, true_pairs(truth))


def scored(proposed: int, right: int, wanted: int) -> dict[str, float]:
    """Return precision, recall and F1 from counts."""
    precision, recall = right / proposed if proposed else 1.0, right / wanted if wanted else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"precision": round(precision, 5), "recall": round(recall, 5), "f1": round(f1, 5), "pairs": proposed}


def _qualities(proposed: list[tuple[str, str, Pattern, Band]], truth: dict[str, str]) -> dict[str, dict[str, float]]:
    links = ((left, right) for left, right, _, band in proposed if band is Band.LINK)
    return {
        "link": quality_of(links, truth),
        "link_and_review": quality_of(((left, right) for left, right, *_ in proposed), truth),
    }


def _wrong_versions(proposed: list[tuple[str, str, Pattern, Band]]) -> int:
    """Return how many links join two rows whose version words differ: by the hard rules, none."""
    return sum(band is Band.LINK and pattern.level(Field.FACETS) > 0 for _, _, pattern, band in proposed)


def _calibrated(engine: MatchingEngine, model: Model, truth: dict[str, str]) -> dict[str, Any]:
    """Return how far the probabilities of all compared pairs are from what is true, by tenths."""
    things = [str(row[0]) for row in engine.fetch("SELECT id FROM item ORDER BY n")]
    labelled: dict[int, list[int]] = {}
    query = "SELECT pair >> 32 AS a, pair & 4294967295 AS b, pattern FROM patterned"
    for batch in engine.stream(query):
        for a, b, pattern in zip(*batch.to_pydict().values(), strict=True):
            one = labelled.setdefault(pattern, [0, 0])
            one[0] += 1
            one[1] += truth[things[a]] == truth[things[b]]
    told = [
        (model.probability(model.weight(Pattern(number))), pairs, right) for number, (pairs, right) in labelled.items()
    ]
    tenths = reliability(told)
    total = sum(pairs for _, pairs, _, _ in tenths)
    error = sum(pairs * abs(said - found) for _, pairs, said, found in tenths) / total / PPM
    return {
        "calibration_error": round(error, 5),
        "reliability": [
            {"from": low / PPM, "pairs": pairs, "said": round(said / PPM, 4), "found": round(found / PPM, 4)}
            for low, pairs, said, found in tenths
        ],
        "best_f1": _best_f1(labelled, model, true_pairs(truth)),
        "blocking_recall": round(sum(matches for _, matches in labelled.values()) / true_pairs(truth), 5),
    }


def _best_f1(labelled: dict[int, list[int]], model: Model, wanted: int) -> float:
    """Return the best F1 of any threshold on the weight, found with the truth as for Splink, without hard rules."""
    by_weight = sorted(((model.weight(Pattern(number)), *two) for number, two in labelled.items()), reverse=True)
    proposed = right = 0
    best = 0.0
    for _, pairs, matches in by_weight:
        proposed, right = proposed + pairs, right + matches
        best = max(best, scored(proposed, right, wanted)["f1"])
    return best


def _others(folder: Path, rows: int, threads: int) -> dict[str, Outcome]:
    """Return what else is measured up to `ROWS` rows: weights fitted to the pairs at hand, more noise, other kinds."""
    small = min(rows, 50_000)
    found = {"fitted_to_own_pairs": _apart(_ours, folder / "rows.parquet", threads, "fitted")}
    _write(folder / "shifted.parquet", small, Noise().harsher())
    found[f"shifted_noise_{small}_rows"] = _apart(_ours, folder / "shifted.parquet", threads, "")
    if rows > QUICK_ROWS:
        for kind in (MatchKind.WORK, MatchKind.PARTY):
            _write(folder / f"{kind}.parquet", small, Noise(), kind)
            found[f"{kind}_{small}_rows"] = _apart(_ours, folder / f"{kind}.parquet", threads, kind.value)
    return found


def _flat(outcome: Outcome) -> dict[str, Any]:
    figures = {f"{band}_{name}": value for band, one in outcome.quality.items() for name, value in one.items()}
    return {"seconds": outcome.seconds, "peak_rss_mib": outcome.peak_mib, **figures, **outcome.more}


def _told(outcome: Outcome) -> dict[str, Any]:
    figures = {key: value for key, value in outcome.more.items() if key != "seconds_of_each_step"}
    return {"seconds": outcome.seconds, "peak_rss_mib": outcome.peak_mib, **outcome.quality, **figures}


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
