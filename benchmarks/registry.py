"""The registry at scale: `python -m benchmarks.registry [--quick] [--rows 10000000] [--queries 2400] [--directory D]`.

A generated catalogue (`registry_world`) in one Parquet file is imported as a producer would import it: every row
checked and looked up, each 500,000 rows one batch under one signed fact, durable before the next; then the index of
words is built. Both run in one process of its own, whose peak memory is told; the searches run in another, which opens
the house anew. Making the file is not timed.

The searches, as many of each kind, are made from rows drawn from the whole catalogue: the title as it is; its
beginning; two syllables of Korean; accents dropped; one typing error; artist and title. A search found what it should
when one of its 20 hits has the row's title (artist and title: and its artist). As a peer, SQLite's own FTS5 with its
trigram tokenizer takes part of the same rows and answers the same titles; it finds no Korean of two syllables, and no
typing errors, at all.

Beside: a rights view for a manifest of that many codes of the catalogue; and the views of a ledger of single facts,
made from the beginning and after ten more facts.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import sqlite3
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

from benchmarks import report
from benchmarks.registry_world import STRETCH, Catalogue, isrc_of
from cantoria.app import bulk, search
from cantoria.app.search_text import fold
from cantoria.bootstrap import house as houses
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import LinkId, RecordingId
from cantoria.registry.bulk_facts import BatchTable
from cantoria.registry.facts import LinkAsserted, RecordingRegistered
from cantoria.registry.types import Relation

ROWS: Final = 10_000_000
QUICK_ROWS: Final = 100_000
QUERIES: Final = 2_400
QUICK_QUERIES: Final = 240
LOOK_UPS: Final = 2_000
MANIFEST_CODES: Final = 20_000
FACTS: Final = 100_000
QUICK_FACTS: Final = 6_000
PEER_ROWS: Final = 200_000
HITS: Final = 20
Query = tuple[str, str, str, str]  # kind, words, the row's title and its artist


def main() -> int:
    """Run the benchmark; exit status 0 whether or not the targets are met, the JSON line tells."""
    options = _options()
    rows = options.rows or (QUICK_ROWS if options.quick else ROWS)
    count = QUICK_QUERIES if options.quick else options.queries
    folder = Path(tempfile.mkdtemp(prefix="registry-", dir=options.directory))
    try:
        began = time.perf_counter()
        catalogue = Catalogue(rows)
        catalogue.write(folder / "catalogue.parquet")
        _tell(f"{rows:,} rows made in {time.perf_counter() - began:.0f} s")
        made = _in_new_process(_build, str(folder), rows)
        _tell(json.dumps(made))
        queries = list(_queries(catalogue, count))
        found = _in_new_process(_ask, str(folder), rows, queries)
        grown = _in_new_process(_grow, str(folder), QUICK_FACTS if options.quick else FACTS)
        peer = _peer(folder, catalogue, queries)
    finally:
        shutil.rmtree(folder)
    metrics = {**made, **found, **grown, "load_average": round(os.getloadavg()[1], 1)}
    targets = {
        "import_rows_per_s": (">=", 50_000.0),
        "import_and_index_rows_per_s": (">=", 50_000.0),
        "search_p99_ms": ("<=", 50.0),
        "look_up_p99_ms": ("<=", 5.0),
    }
    params = {"rows": rows, "queries": len(queries), "look_ups": LOOK_UPS, "rows_per_batch": bulk.BATCH_ROWS}
    report.emit("registry", params, metrics, {"fts5_trigram": peer}, targets)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.registry", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small catalogue, to keep the benchmark alive")
    parser.add_argument("--rows", type=int, help=f"recordings of the catalogue ({ROWS:,})")
    parser.add_argument("--queries", type=int, default=QUERIES)
    parser.add_argument("--directory", help="where the temporary files go")
    return parser.parse_args()


def _in_new_process(work: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Run in a process of its own, so that its peak memory is nobody else's."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


def _build(folder: str, rows: int) -> dict[str, Any]:
    home, source = Path(folder) / "world", Path(folder) / "catalogue.parquet"
    house = houses.create(home, origin="log.example/registry")
    author = house.admit("label", capacities=[Capacity.PRODUCER])
    began, cpu = time.perf_counter(), time.process_time()
    with source.open("rb") as stream:
        counts = bulk.take_in(
            house,
            bulk.Source(file=source.name, stream=stream, sha256="00" * 32, mapping={}),
            table=BatchTable.RECORDINGS,
            author=author,
            note=lambda step: _tell(f"{step.counts.registered:,} rows at {time.perf_counter() - began:.1f} s"),
        )
    imported, imported_cpu = time.perf_counter() - began, time.process_time() - cpu
    peak = report.peak_rss_mib()
    house.search.catch_up(lambda done, total: _tell(f"{done:,} of {total:,} at {time.perf_counter() - began:.1f} s"))
    whole, whole_cpu = time.perf_counter() - began, time.process_time() - cpu
    house.close()
    sizes = {
        "attachments": _bytes(home / "attachments"),
        "rows": sum(file.stat().st_size for file in (home / "bulk").glob("*.rows")),
        "keys": sum(file.stat().st_size for file in (home / "bulk").glob("*.keys")),
        "search": (home / "search.db").stat().st_size,
        "ledger_and_views": (home / "ledger.db").stat().st_size + (home / "views.db").stat().st_size,
    }
    return {
        "import_rows_per_s": round(rows / imported),
        "import_rows_per_cpu_s": round(rows / imported_cpu),
        "import_peak_rss_mib": peak,
        "search_index_rows_per_s": round(rows / (whole - imported)),
        "search_index_rows_per_cpu_s": round(rows / (whole_cpu - imported_cpu)),
        "import_and_index_rows_per_s": round(rows / whole),
        "build_peak_rss_mib": report.peak_rss_mib(),
        "registered": counts.registered,
        "bytes_per_recording": {name: round(size / rows, 1) for name, size in sizes.items()},
        "bytes_per_recording_in_all": round(sum(sizes.values()) / rows, 1),
        "source_bytes_per_recording": round(source.stat().st_size / rows, 1),
    }


def _ask(folder: str, rows: int, queries: list[Query]) -> dict[str, Any]:
    house = houses.open_house(Path(folder) / "world")
    began = time.perf_counter()
    house.index.catch_up()
    house.search.catch_up()
    opened = time.perf_counter() - began
    times: dict[str, list[float]] = {}
    hit: dict[str, int] = {}
    for kind, text, title, artist in queries:
        began = time.perf_counter()
        found = search.find(house, text, limit=HITS).hits
        times.setdefault(kind, []).append((time.perf_counter() - began) * 1000)
        wanted = fold(title)
        right = any(fold(one.title) == wanted and (kind != "artist_title" or one.artist == artist) for one in found)
        hit[kind] = hit.get(kind, 0) + right
    taken = [taken for found in times.values() for taken in found]
    looked = _look_ups(house, rows)
    rng = Random(4)
    codes = {f"isrc:{isrc_of(rng.randrange(rows))}" for _ in range(min(MANIFEST_CODES, rows // 2))}
    began = time.perf_counter()
    view = house.rights.load(size=house.index.catch_up(), codes=codes)
    manifest = time.perf_counter() - began
    if sum(1 for _ in view.registry.recordings()) != len(codes):
        raise RuntimeError("the view holds other recordings than the manifest names")
    metrics = {
        "search_p50_ms": round(report.median(taken), 2),
        "search_p99_ms": round(report.percentile(taken, share=0.99), 2),
        "search_max_ms": round(max(taken), 2),
        "search_p50_ms_of": {kind: round(report.median(found), 2) for kind, found in times.items()},
        "search_p99_ms_of": {kind: round(report.percentile(found, share=0.99), 2) for kind, found in times.items()},
        "found_share_of": {kind: round(hit[kind] / len(found), 3) for kind, found in times.items()},
        "look_up_p50_ms": round(report.median(looked), 3),
        "look_up_p99_ms": round(report.percentile(looked, share=0.99), 3),
        "manifest_codes": len(codes),
        "manifest_view_codes_per_s": round(len(codes) / manifest),
        "open_and_catch_up_ms": round(opened * 1000, 1),
        "search_peak_rss_mib": report.peak_rss_mib(),
    }
    house.close()
    return metrics


def _grow(folder: str, facts: int) -> dict[str, Any]:
    """Measure the rights views of single facts: made from the beginning, and when a few more facts come in."""
    house = houses.create(Path(folder) / "singles", origin="log.example/singles")
    author = house.admit("society", capacities=[Capacity.REGISTRAR, Capacity.CMO])

    def record(count: int) -> None:
        said: list[Any] = []
        for _ in range(count // 2):
            recording, link = RecordingId(house.ids.new("recording")), LinkId(house.ids.new("link"))
            code = f"own:S:{recording}"
            said.append(RecordingRegistered(recording=recording, title="song"))
            said.append(
                LinkAsserted(
                    link=link, left=code, relation=Relation.IDENTIFIES, right=recording, asserted_by=author.party
                )
            )
        house.journal.record(said, author=author)
        house.index.catch_up()

    def load() -> float:
        began = time.perf_counter()
        house.rights.load(size=house.index.catch_up())
        return (time.perf_counter() - began) * 1000

    record(facts)
    whole = load()
    grown = []
    for _ in range(5):
        record(10)
        grown.append(load())
    house.close()
    return {
        "single_facts": facts,
        "views_from_the_beginning_ms": round(whole, 1),
        "views_after_10_more_facts_ms": round(report.median(grown), 2),
    }


def _look_ups(house: houses.WiredHouse, rows: int) -> list[float]:
    """Return the milliseconds of look-ups by code: the links of the code, then the registration it leads to."""
    rng, taken = Random(3), []
    for _ in range(LOOK_UPS):
        key = f"isrc:{isrc_of(rng.randrange(rows))}"
        began = time.perf_counter()
        links = house.index.about([key], tags=[LinkAsserted.TYPE.tag])
        found = house.index.about([links[0].fact.right], tags=[RecordingRegistered.TYPE.tag])
        taken.append((time.perf_counter() - began) * 1000)
        if len(found) != 1:
            raise RuntimeError(f"{key} leads to {len(found)} recordings")
    return taken


def _queries(catalogue: Catalogue, count: int) -> Iterator[Query]:
    """Give searches of every kind, mixed, made from rows all over the catalogue."""
    rng = Random(2)
    starts = list(range(0, catalogue.size, STRETCH))
    chosen = sorted(rng.sample(starts, k=min(5, len(starts))))
    some = [catalogue.rows(start, min(STRETCH, catalogue.size - start)).to_pylist() for start in chosen]
    rows = [row for stretch in some for row in stretch]
    kinds: tuple[tuple[str, Callable[[Random, str, str], str]], ...] = (
        ("exact", lambda _rng, title, _artist: title),
        ("prefix", lambda rng, title, _artist: title[: -rng.randint(1, 2)] if len(title) > 6 else ""),
        ("korean_two_syllables", lambda _rng, title, _artist: title if _two_syllables(title) else ""),
        ("accents_dropped", lambda _rng, title, _artist: _bare(title) if _bare(title) != title else ""),
        ("one_typo", lambda rng, title, _artist: _mistyped(rng, title) if title.isascii() and len(title) > 6 else ""),
        ("artist_title", lambda _rng, title, artist: f"{artist} {title}"),
    )
    made = 0
    while made < count:
        kind, make = kinds[made % len(kinds)]
        row = rng.choice(rows)
        text = make(rng, row["title"], row["display_artist"])
        if text:
            made += 1
            yield kind, text, row["title"], row["display_artist"]


def _two_syllables(title: str) -> bool:
    return len(title) == 2 and all("가" <= one <= "힣" for one in title)


def _bare(title: str) -> str:
    apart = unicodedata.normalize("NFD", title)
    return unicodedata.normalize("NFC", "".join(one for one in apart if not "\u0300" <= one <= "\u036f"))


def _mistyped(rng: Random, title: str) -> str:
    """Return a title with one letter of its longest word lost, doubled or swapped with the next."""
    word = max(title.split(), key=len)
    place = rng.randrange(1, max(2, len(word) - 1))
    wrong = rng.choice(
        (
            word[:place] + word[place + 1 :],
            word[:place] + word[place] + word[place:],
            word[: place - 1] + word[place : place + 1] + word[place - 1] + word[place + 1 :],
        )
    )
    return title.replace(word, wrong, 1)


def _peer(folder: Path, catalogue: Catalogue, queries: list[Query]) -> dict[str, Any]:
    """Build FTS5 with trigrams over the first rows, without content, and ask it for the titles as they are."""
    rows = min(PEER_ROWS, catalogue.size)
    db = sqlite3.connect(folder / "peer.db")
    db.execute("CREATE VIRTUAL TABLE peer USING fts5(title, artist, content='', tokenize='trigram')")
    began = time.perf_counter()
    for start in range(0, rows, STRETCH):
        part = catalogue.rows(start, min(STRETCH, rows - start))
        values = zip(part["title"].to_pylist(), part["display_artist"].to_pylist(), strict=True)
        db.executemany("INSERT INTO peer (title, artist) VALUES (?, ?)", values)
    db.commit()
    built = time.perf_counter() - began
    taken = []
    for kind, text, _, _ in queries:
        if kind == "exact" and len(text) > 2:
            asked = " AND ".join(f'"{word}"' for word in text.split() if len(word) > 2)
            if not asked:
                continue
            began = time.perf_counter()
            db.execute("SELECT rowid FROM peer WHERE peer MATCH ? LIMIT ?", (asked, HITS)).fetchall()
            taken.append((time.perf_counter() - began) * 1000)
    db.close()
    size = (folder / "peer.db").stat().st_size
    return {
        "rows": rows,
        "build_rows_per_s": round(rows / built),
        "bytes_per_row": round(size / rows, 1),
        "search_p50_ms": round(report.median(taken), 2),
        "search_p99_ms": round(report.percentile(taken, share=0.99), 2),
    }


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
