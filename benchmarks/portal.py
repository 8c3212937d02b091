"""The portal under load: `python -m benchmarks.portal [--quick] [--recordings 1000000] [--users 32]`.

A house with the sample world (holders, shares, statements, datasets, models) and beside it a catalogue of 1,000,000
recordings read in as batches; clearance over HTTP by a snapshot of as many recordings. The server is one process; the
users are another on the same two cores, each on a connection of its own. They search, open recordings and veto views
(half of the sample world, half of the catalogue) and ask the clearance API, in turn, at random.

Measured twice: users who look at what they got for a second on average (exponential), as people do; and users who ask
again at once, which tells the most that the server answers. Beside: bytes on the line for a first visit of each page
with all that it loads, and the largest contentful paint in a headless Chromium. The peer is the same users against
`/v1/health`, which says what the web server alone costs.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, Final
from urllib.parse import quote, urlencode

from benchmarks import report
from benchmarks.clearance_tables import REQUEST, Sizes
from benchmarks.lookup import isrc as snapshot_isrc
from benchmarks.lookup_world import KEY, publish
from benchmarks.registry_world import STRETCH, Catalogue, isrc_of
from cantoria.app import bulk
from cantoria.bootstrap.house import open_house
from cantoria.registry.bulk_facts import BatchTable
from cantoria.registry.facts import LinkAsserted
from cantoria.registry.types import Relation
from cantoria.sdk.pack_build import build_pack

RECORDINGS: Final = 1_000_000
USERS: Final = 32
KINDS: Final = ("search", "recording", "veto", "clearance")
ASKED: Final = 60  # by each user who thinks in between
AT_ONCE: Final = 40  # by each user who does not
THINK_SECONDS: Final = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller, only to keep it alive")
    parser.add_argument("--recordings", type=int, default=0)
    parser.add_argument("--users", type=int, default=0)
    options = parser.parse_args(arguments)
    recordings = options.recordings or (5_000 if options.quick else RECORDINGS)
    users = options.users or (4 if options.quick else USERS)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        titles = prepare(folder, recordings, scale="0.01" if options.quick else "0.2")
        metrics = measure(folder, titles, recordings=recordings, users=users, quick=options.quick)
    met = report.emit(
        "portal",
        {"recordings": recordings, "users": users, "think_seconds": THINK_SECONDS},
        metrics,
        {"health": "the same users against /v1/health, which does nothing"},
        {"p99_ms": ("<=", 250.0), "page_bytes_max": ("<=", 100_000.0), "largest_paint_ms_max": ("<=", 1_000.0)},
    )
    return 0 if met or options.quick else 1


def prepare(folder: Path, recordings: int, *, scale: str) -> list[str]:
    """Make the house and the snapshot; return titles of the catalogue."""
    home = folder / "world"
    command = [sys.executable, "-m", "cantoria", "--home", str(home), "demo", "--scale", scale]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    catalogue, source = Catalogue(recordings), folder / "catalogue.parquet"
    catalogue.write(source)
    house = open_house(home)
    house.begin_writing(lambda: None)
    names = [name for name in house.keys.names() if house.keys.capacities(name)[0].name == "PRODUCER"]
    with source.open("rb") as stream:
        bulk.take_in(
            house,
            bulk.Source(file=source.name, stream=stream, sha256="00" * 32, mapping={}),
            table=BatchTable.RECORDINGS,
            author=house.author(names[0]),
            note=lambda step: None,
        )
    house.search.catch_up()
    house.close()
    shutil.rmtree(folder / "snapshot", ignore_errors=True)
    (folder / "snapshot").mkdir()
    publish(folder / "snapshot", sizes=Sizes(recordings), rules=1_000)
    build_pack(folder / "snapshot", target=folder / "pack", keys=[KEY])
    return Random(5).choices(catalogue.rows(0, min(recordings, STRETCH))["title"].to_pylist(), k=500)


def measure(folder: Path, titles: list[str], *, recordings: int, users: int, quick: bool) -> dict[str, Any]:
    """Return the figures."""
    known = sample_codes(folder / "world")
    with served(folder) as address:
        asked = {kind: visits(kind, titles, known, recordings) for kind in KINDS}
        rng = Random(6)

        def plan(count: int) -> list[list[tuple[str, str]]]:
            return [[(kind, rng.choice(asked[kind])) for kind in rng.choices(KINDS, k=count)] for _ in range(users)]

        crowd(address, plan(8), think=0.0)  # warm: each thread has opened its house
        metrics = figures("", crowd(address, plan(12 if quick else ASKED), think=0.2 if quick else THINK_SECONDS))
        metrics |= figures("at_once_", crowd(address, plan(AT_ONCE // (8 if quick else 1)), think=0.0))
        bare = [[("health", "/v1/health")] * AT_ONCE for _ in range(users)]
        metrics |= figures("health_at_once_", crowd(address, bare, think=0.0))
        metrics |= first_visits(address, {kind: asked[kind][0] for kind in KINDS[:3]})
    return metrics


def sample_codes(home: Path) -> list[str]:
    """Return ISRCs of the sample world, each the code of just one recording: the world has doublets on purpose."""
    house = open_house(home)
    try:
        named: dict[str, set[str]] = {}
        for one in house.index.scan(tags=[LinkAsserted.TYPE.tag]):
            if one.fact.relation is Relation.IDENTIFIES and one.fact.left.startswith("isrc:"):
                named.setdefault(one.fact.left, set()).add(one.fact.right)
        return [code for code, things in named.items() if len(things) == 1][:500]
    finally:
        house.close()


def visits(kind: str, titles: list[str], known: list[str], recordings: int) -> list[str]:
    """Return addresses of one kind."""
    rng = Random(kind)
    codes = known[:250] + [f"isrc:{isrc_of(rng.randrange(recordings))}" for _ in range(250)]
    match kind:
        case "search":
            return [f"/search?{urlencode({'q': one})}" for one in titles]
        case "recording":
            return [f"/recordings/{quote(one)}" for one in codes]
        case "veto":
            return [f"/recordings/{quote(one)}/clearance?use=train_generative" for one in codes]
        case _:
            asked = {"use": "train_generative", "licensee": REQUEST.licensee, "territories": REQUEST.territories}
            return [f"/v1/clearance/{snapshot_isrc(rng.randrange(recordings))}?{urlencode(asked)}" for _ in range(500)]


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the house in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.portal_server"]
    command += [str(folder / "world"), str(folder / "snapshot"), str(folder / "pack")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.kill()


def crowd(address: str, users: list[list[tuple[str, str]]], *, think: float) -> dict[str, Any]:
    """Have the users visit, from a process of their own."""
    order = json.dumps({"address": address, "users": users, "think": think})
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.portal_users"], input=order, check=True, capture_output=True, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    refused = sorted({(kind, status) for kind, _, status, _ in found["answers"] if status != 200})
    if refused:
        raise RuntimeError(f"answers other than 200: {refused}")
    return found


def figures(name: str, found: dict[str, Any]) -> dict[str, float]:
    """Return the median and the 99th percentile of all answers and of each kind, and how many came in a second."""
    taken: dict[str, list[float]] = {"": [seconds for _, seconds, _, _ in found["answers"]]}
    for kind, seconds, _, _ in found["answers"]:
        taken.setdefault(f"{kind}_", []).append(seconds)
    metrics = {f"{name}per_s": round(len(taken[""]) / found["wall"], 1)}
    for kind, seconds in taken.items():
        metrics[f"{name}{kind}p50_ms"] = round(report.percentile(seconds, share=0.5) * 1000, 1)
        metrics[f"{name}{kind}p99_ms"] = round(report.percentile(seconds, share=0.99) * 1000, 1)
    return metrics


def first_visits(address: str, pages: dict[str, str]) -> dict[str, Any]:
    """Return the bytes on the line and the largest contentful paint of a first visit of each page."""
    from playwright.sync_api import Request, sync_playwright

    found: dict[str, Any] = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for kind, path in pages.items():
            context = browser.new_context()
            page = context.new_page()
            requests: list[Request] = []

            def keep(request: Request, kept: list[Request] = requests) -> None:
                kept.append(request)

            page.on("requestfinished", keep)
            page.goto(address + path, wait_until="networkidle")
            found[f"{kind}_first_visit_bytes"] = sum(one.sizes()["responseBodySize"] for one in requests)
            found[f"{kind}_largest_paint_ms"] = round(page.evaluate(_LARGEST_PAINT), 1)
            context.close()
        browser.close()
    found["page_bytes_max"] = max(found[f"{kind}_first_visit_bytes"] for kind in pages)
    found["largest_paint_ms_max"] = max(found[f"{kind}_largest_paint_ms"] for kind in pages)
    return found


_LARGEST_PAINT: Final = """() => new Promise(done => {
  new PerformanceObserver(list => done(list.getEntries().at(-1).startTime))
    .observe({type: "largest-contentful-paint", buffered: true});
})"""


if __name__ == "__main__":
    sys.exit(main())
