"""Splink as a peer of `benchmarks.matching`: its library comparisons, blocking by equality, EM without labels.

`raw` reads the columns as they came. `normalised` reads what our normalisation makes of them (base title, performer
keys, version words as one text), so that what differs is the model. The threshold is the one with the best F1 by the
truth: a favour that no real user can do it.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import report
from benchmarks.matching import MEMORY_MIB, Outcome, scored, true_pairs
from cantoria.adapters.duckdb.matching_tables import read_rows
from cantoria.registry.match_facts import MatchKind
from cantoria.registry.matching.normalise import normalise

THRESHOLDS: Final = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999)
_RAW: Final = """SELECT id AS unique_id, lower(title) AS title, lower(artist) AS artist, isrc[1] AS isrc,
  iswc[1] AS iswc,
  CAST(duration_ms AS DOUBLE) AS duration, nullif(lower(version), '') AS facets,
  CASE WHEN len(writers) > 0 THEN list_transform(writers, lambda w: lower(w)) END AS writers, thing
  FROM read_parquet('{path}')"""


def run_splink(path: str, threads: int, how: str) -> Outcome:
    """Match the table at `path` and return what came of it."""
    import duckdb
    import splink.comparison_library as cl
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    logging.getLogger("splink").setLevel(logging.ERROR)
    began = time.perf_counter()
    connection = duckdb.connect(":memory:", config={"memory_limit": f"{MEMORY_MIB}MiB", "threads": threads})
    connection.execute("SET enable_progress_bar = false")  # it would write to stdout, where the JSON line goes
    connection.execute(f"SET temp_directory = '{Path(path).parent / 'splink'}'")
    if how == "normalised":
        source = Path(path).with_suffix(".normalised.parquet")
        _write_normalised(path, source)
        connection.execute(f"CREATE TABLE r AS SELECT * FROM read_parquet('{source}')")
    else:
        connection.execute(f"CREATE TABLE r AS {_RAW.format(path=path)}")
    comparisons: list[Any] = [
        cl.JaroWinklerAtThresholds("title", [0.92, 0.8]),
        cl.JaroWinklerAtThresholds("artist", [0.92, 0.8]),
        cl.ExactMatch("isrc"),
        cl.ExactMatch("iswc"),
        cl.DistanceFunctionAtThresholds(
            "duration", "duration_apart", [1_500, 4_000, 10_000], higher_is_more_similar=False
        ),
        cl.ArrayIntersectAtSizes("writers", [2, 1]),
        cl.ExactMatch("facets"),
    ]
    connection.execute("CREATE MACRO duration_apart(a, b) AS abs(a - b)")
    rules: list[Any] = [block_on("isrc"), block_on("title", "artist"), block_on("title", "iswc")]
    rules += [block_on("substr(title, 1, 6)", "substr(artist, 1, 6)"), block_on("artist", "round(duration / 4000)")]
    settings = SettingsCreator(
        link_type="dedupe_only", comparisons=comparisons, blocking_rules_to_generate_predictions=rules,
        retain_matching_columns=False, additional_columns_to_retain=["thing"],
    )  # fmt: skip
    api = DuckDBAPI(connection)
    linker = Linker(api.register("r"), settings, log_level=logging.ERROR)
    training = linker.training
    training.estimate_probability_two_random_records_match([block_on("isrc", "title")], recall=0.4)
    training.estimate_u_using_random_sampling(max_pairs=1e6)
    training.estimate_parameters_using_expectation_maximisation(block_on("isrc"))
    training.estimate_parameters_using_expectation_maximisation(block_on("title", "artist"))
    predicted = linker.inference.predict(threshold_match_probability=THRESHOLDS[0])
    seconds = time.perf_counter() - began
    peak = report.peak_rss_mib()
    counts = connection.execute(
        f"""SELECT t.level, count(*), count(CASE WHEN thing_l = thing_r THEN 1 END)
        FROM {predicted.physical_name} JOIN (SELECT unnest({list(THRESHOLDS)}) AS level) AS t
        ON match_probability >= t.level GROUP BY 1"""
    ).fetchall()
    wanted = true_pairs({str(row): str(thing) for row, thing in _things(path)})
    found = {level: scored(pairs, right, wanted) for level, pairs, right in counts}
    best = max(found, key=lambda level: found[level]["f1"])
    return Outcome({"link": found[best]}, round(seconds, 2), peak, {"threshold": float(best)})


def _things(path: str) -> list[tuple[str, str]]:
    table = pq.read_table(path, columns=["id", "thing"])
    return list(zip(table["id"].to_pylist(), table["thing"].to_pylist(), strict=True))


def _write_normalised(path: str, target: Path) -> None:
    columns: dict[str, list[Any]] = {name: [] for name in ("unique_id", "title", "artist", "isrc", "iswc", "facets")}
    durations: list[float | None] = []
    writers: list[list[str] | None] = []
    for row in read_rows(path):
        normal = normalise(row, kind=MatchKind.RECORDING)
        columns["unique_id"].append(row.id)
        columns["title"].append(normal.titles.split("\x1f")[0])
        columns["artist"].append(normal.names.split("\x1f")[0] or None)
        columns["isrc"].append(normal.first_codes[0] if normal.first_codes else None)
        columns["iswc"].append(normal.second_codes[0] if normal.second_codes else None)
        columns["facets"].append(normal.facets.replace("\x1f", " ") or "none")
        durations.append(None if row.duration_ms is None else float(row.duration_ms))
        writers.append(normal.writers.split("\x1f") if normal.writers else None)
    arrays = [pa.array(values, pa.string()) for values in columns.values()]
    arrays += [pa.array(durations, pa.float64()), pa.array(writers, pa.list_(pa.string()))]
    arrays.append(pa.array([thing for _, thing in _things(path)], pa.string()))
    pq.write_table(pa.Table.from_arrays(arrays, names=[*columns, "duration", "writers", "thing"]), target)
