"""A batch of rows means what its facts would mean one by one: random worlds recorded both ways answer alike."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from cantoria.adapters.batched_index import BatchedFactIndex
from cantoria.adapters.bulk.index import BulkIndex
from cantoria.app.codec import decode_fact, encode_fact
from cantoria.app.rights import RightsViews, fold, load_around
from cantoria.clearance import Request, Rights, Row, Status, decide
from cantoria.formats.bulk import encode
from cantoria.formats.bulk.batch import SCHEMAS
from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.ids import PartyId, typed_id
from cantoria.kernel.uses import Use
from cantoria.registry.bulk import facts_of_row
from cantoria.registry.bulk_facts import BatchRegistered, BatchTable
from cantoria.registry.facts import LinkAsserted, LinkReviewed, RecordingRegistered, WorkRegistered
from cantoria.registry.types import Tier, WorkKind
from cantoria.testing.worlds import World, random_world

SPREAD = 1000  # places between two facts of a world: room for what a batch says


@dataclass
class Shelf:
    """Single facts in memory, as the SQLite index would give them."""

    facts: Sequence[Recorded[Any]]

    def catch_up(self, progress: Any = None, *, fresh: Any = None) -> int:
        return self.facts[-1].index + 1

    def scan(
        self, *, tags: Iterable[int] | None = None, start: int = 0, size: int | None = None
    ) -> Iterator[Recorded[Any]]:
        wanted = None if tags is None else set(tags)
        for one in self.facts:
            below = size is None or one.index < size
            if (wanted is None or one.fact.TYPE.tag in wanted) and start <= one.index and below:
                yield one

    def about(self, subjects: Sequence[str], **cut: Any) -> list[Recorded[Any]]:
        names = set(subjects)
        return [one for one in self.scan(**cut) if names & set(one.fact.subjects())]

    def mark(self, *, tags: Iterable[int], size: int) -> tuple[int, int, int]:
        found = [one.index for one in self.scan(tags=tags, size=size)]
        return len(found), max(found, default=-1), 0


@dataclass
class Drawer:
    """Attachments in memory."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def put(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        self.kept[digest] = data
        return digest

    def get(self, digest: str) -> bytes:
        return self.kept[digest]

    def holds(self, digest: str) -> bool:
        return digest in self.kept


def with_real_ids(world: World) -> list[Recorded[Any]]:
    """The facts of a world with ids as a batch must have them, their places spread out."""
    names = {
        one.fact.subjects()[0] for one in world.facts if isinstance(one.fact, RecordingRegistered | WorkRegistered)
    }
    ids = {name: typed_id(name.split("_")[0], hashlib.sha256(name.encode()).digest()[:16]) for name in sorted(names)}
    found = []
    for one in world.facts:
        text = json.dumps(encode_fact(one.fact))
        for name, real in ids.items():
            text = text.replace(f'"{name}"', f'"{real}"')
        fact = decode_fact(one.fact.TYPE.name, json.loads(text))
        if hasattr(fact, "said_index"):
            fact = replace(fact, said_index=fact.said_index * SPREAD)
        found.append(replace(one, index=one.index * SPREAD, fact=fact))
    return found


def table_for(fact: Any, organisation: str) -> BatchTable | None:
    """Which batch could say this."""
    match fact:
        case RecordingRegistered() if not fact.samples and fact.samples_complete:
            return BatchTable.RECORDINGS
        case WorkRegistered() if fact.kind is WorkKind.ORIGINAL and not fact.parts and fact.parts_complete:
            return BatchTable.WORKS
        case LinkAsserted() if fact.tier is Tier.DOCUMENTED and fact.asserted_by == organisation:
            return BatchTable.LINKS
        case _:
            return None


def row_of(fact: Any, line: int) -> dict[str, Any]:
    match fact:
        case RecordingRegistered():
            return {
                "id": fact.recording,
                "line": line,
                "title": fact.title,
                "display_artist": fact.display_artist,
                "isrc": None,
                "codes": [],
                "duration_ms": fact.duration_ms,
                "version": fact.version,
                "works": [],
            }
        case WorkRegistered():
            return {"id": fact.work, "line": line, "title": fact.title, "iswc": None, "codes": []}
        case _:
            return {"left": fact.left, "line": line, "relation": fact.relation.value, "right": fact.right}


class Maker:
    """Turns the facts of a world into single facts and batches."""

    def __init__(self, seed: int, drawer: Drawer) -> None:
        self.rng, self.drawer = Random(seed), drawer
        self.links: dict[str, str] = {}

    def batch(self, rows: list[dict[str, Any]], kind: BatchTable, place: Recorded[Any]) -> Recorded[Any]:
        schema = SCHEMAS[kind]
        ordered = sorted(rows, key=lambda row: tuple(str(row[name]) for name in schema.names if name != "line"))
        data = encode(pa.Table.from_pylist(ordered, schema=schema), kind=kind)
        first, last = ordered[0][schema.names[0]], ordered[-1][schema.names[0]]
        fact = BatchRegistered(
            table=kind,
            attachment=self.drawer.put(data),
            rows=len(rows),
            first=first,
            last=last,
            file="f",
            source="ab" * 32,
            start=0,
            taken=len(rows),
        )
        return replace(place, fact=fact, proven_key="")

    def both(self, facts: list[Recorded[Any]]) -> list[Recorded[Any]]:
        """Return the facts, runs of which that a batch could say are now in one."""
        found: list[Recorded[Any]] = []
        runs = itertools.groupby(
            facts, key=lambda one: (table_for(one.fact, one.organisation), one.organisation, one.capacity)
        )
        for (kind, _, _), run in runs:
            some = list(run)
            keys = [one.fact.subjects()[-2:] if kind is BatchTable.LINKS else one.fact.subjects()[0] for one in some]
            if kind is None or len(set(keys)) < len(keys) or self.rng.random() < 0.2:
                found += some
                continue
            found.append(self.batch([row_of(one.fact, n) for n, one in enumerate(some)], kind, some[0]))
            if kind is BatchTable.LINKS:
                self.links.update((one.fact.link, f"{one.fact.left}|{one.fact.right}") for one in some)
            if self.rng.random() < 0.6:
                found.append(self.extra(facts, some[-1]))
        return found

    def extra(self, facts: list[Recorded[Any]], after: Recorded[Any]) -> Recorded[Any]:
        """A batch of recordings with codes and works, known and new, said by the label after this fact."""
        works = sorted(one.fact.work for one in facts if isinstance(one.fact, WorkRegistered))
        known = sorted(one.fact.recording for one in facts if isinstance(one.fact, RecordingRegistered))
        rows = []
        for number in range(self.rng.randint(1, 3)):
            new = typed_id("recording", self.rng.randbytes(16))
            rows.append(
                {
                    "id": self.rng.choice(known) if known and self.rng.random() < 0.2 else new,
                    "line": number + 1,
                    "title": f"extra {number}",
                    "display_artist": "somebody",
                    "isrc": f"KRA38250000{self.rng.randint(0, 9)}" if self.rng.random() < 0.8 else None,
                    "codes": [f"own:LABEL:{self.rng.randint(0, 5)}"],
                    "duration_ms": None,
                    "version": "",
                    "works": self.rng.sample(works, k=min(len(works), self.rng.randint(0, 2))),
                }
            )
        rows = list({row["id"]: row for row in rows}.values())
        place = replace(
            after, index=after.index + 1, organisation="party_label", capacity=Capacity.PRODUCER, fact_id="extra"
        )
        return self.batch(rows, BatchTable.RECORDINGS, place)


def one_by_one(facts: list[Recorded[Any]], index: BulkIndex) -> list[Recorded[Any]]:
    """The same world with what each row says as facts of their own, from the place of the batch on."""
    batches = {one.recorded.index: one for one in index.batches}
    found = []
    for recorded in facts:
        batch = batches.get(recorded.index) if isinstance(recorded.fact, BatchRegistered) else None
        if batch is None:
            found.append(recorded)
            continue
        said = [
            fact for row in range(recorded.fact.rows) for fact in facts_of_row(batch.recorded, batch.shelf.row(row))
        ]
        assert len(said) < SPREAD - 1
        found += [replace(one, index=recorded.index + n, part=0) for n, one in enumerate(said)]
    return found


def reviewed(facts: list[Recorded[Any]], links: dict[str, str], index: BulkIndex) -> list[Recorded[Any]]:
    """Reviews of links that are rows now speak of the links as the rows state them."""
    ids = {}
    for batch in index.batches:
        for row in range(batch.recorded.fact.rows):
            for one in facts_of_row(batch.recorded, batch.shelf.row(row)):
                if isinstance(one.fact, LinkAsserted):
                    ids.setdefault(f"{one.fact.left}|{one.fact.right}", one.fact.link)
    return [
        replace(one, fact=replace(one.fact, link=ids[links[one.fact.link]]))
        if isinstance(one.fact, LinkReviewed) and one.fact.link in links
        else one
        for one in facts
    ]


def two_ways(seed: int, folder: Path) -> tuple[World, BatchedFactIndex, list[Recorded[Any]], int]:
    world, drawer = random_world(seed), Drawer()
    maker = Maker(seed, drawer)
    facts = maker.both(with_real_ids(world))
    facts = [one for n, one in enumerate(facts) if not n or one.index > facts[n - 1].index]
    bulk = BulkIndex(folder / str(seed), drawer)
    bulk.follow([one for one in facts if isinstance(one.fact, BatchRegistered)])
    assert not bulk.unreadable
    facts = reviewed(facts, maker.links, bulk)
    shelf: Any = Shelf(facts)
    index = BatchedFactIndex(shelf, bulk)
    index.catch_up()
    return world, index, one_by_one(facts, bulk), facts[-1].index + SPREAD


def rows_to_ask(world: World, singles: Iterable[Recorded[Any]]) -> list[Row]:
    codes = {one.fact.left for one in singles if isinstance(one.fact, LinkAsserted) and ":" in one.fact.left}
    more = [Row(1000 + n, (code,), media) for n, code in enumerate(sorted(codes)) for media in ("recording", "work")]
    pairs = [Row(2000 + n, pair) for n, pair in enumerate(itertools.pairwise(sorted(codes)))]
    return [*world.rows, *more, *pairs]


def same_registry(one: Rights, other: Rights, rows: Sequence[Row], *, at: int) -> int:
    """Compare resolutions, sides and closures; return how many things were found."""
    found = set()
    for row in rows:
        resolved = one.registry.resolve(row.codes, media=row.media)
        assert resolved == other.registry.resolve(row.codes, media=row.media), row
        if hasattr(resolved, "subject"):
            found.add(resolved.subject)
    for subject in sorted(found):
        assert one.registry.closure(subject) == other.registry.closure(subject)
        assert one.registry.recording(subject) is None or _seen(one, subject) == _seen(other, subject)
        for country in ("KR", "US"):
            side = one.registry.side(subject, territory=country, at=at)
            assert side == other.registry.side(subject, territory=country, at=at)
    return len(found)


def _seen(rights: Rights, subject: str) -> Any:
    view = rights.registry.recording(subject)
    assert view is not None
    return replace(view, index=0), rights.registry.codes_of(subject), rights.registry.works_of(subject)


@pytest.mark.parametrize("start", range(0, 20, 5))
def test_rows_of_batches_mean_what_single_facts_mean(start: int, tmp_path: Path) -> None:
    found = in_batches = 0
    for seed in range(start, start + 5):
        world, index, singles, size = two_ways(seed, tmp_path)
        rows = rows_to_ask(world, singles)
        in_batches += len(index.bulk.batches)
        whole = fold(singles)
        kept: Any = index
        batched = RightsViews(kept).load(size=size, codes={code for row in rows for code in row.codes})
        found += same_registry(whole, batched, rows, at=world.requests[0].at)
        for request in world.requests:
            asked = replace(request, size=size)
            for row in rows:
                answer = decide(row, asked, rights=whole)
                assert decide(row, asked, rights=batched) == answer, f"{world} {row}"
        asked = replace(world.requests[0], size=size)
        for row in rows[:8]:
            codes = [*row.codes, *asked.persons, asked.licensee]
            around = load_around(kept, subjects=codes, size=size, media=row.media)
            assert decide(row, asked, rights=around) == decide(row, asked, rights=whole), f"{world} {row}"
    assert found > 20
    assert in_batches > 10


def test_just_the_rows_that_a_manifest_touches_are_taken_in(tmp_path: Path) -> None:
    drawer = Drawer()
    maker = Maker(1, drawer)
    rows = [
        {
            "id": typed_id("recording", n.to_bytes(16, "big")),
            "line": n + 1,
            "title": f"song {n}",
            "display_artist": "",
            "isrc": f"KRA38{n:07}",
            "codes": [],
            "duration_ms": n,
            "version": "",
            "works": [],
        }
        for n in range(2_000)
    ]
    place = Recorded(0, "00", "party_label", Capacity.PRODUCER, 0, None)
    facts = [maker.batch(rows, BatchTable.RECORDINGS, place)]
    bulk = BulkIndex(tmp_path, drawer)
    bulk.follow(facts)
    shelf: Any = Shelf(facts)
    index: Any = BatchedFactIndex(shelf, bulk)
    views = RightsViews(index)
    view = views.load(size=1, codes=["isrc:KRA380000007", "isrc:KRA380001999", "isrc:KRA389999999"])
    assert [view.registry.recording(one).title for one in view.registry.recordings()] == ["song 7", "song 1999"]
    assert list(views.load(size=1).registry.recordings()) == []
    many = views.load(size=1, codes=[f"isrc:KRA38{n:07}" for n in range(500, 2_500)])
    assert len(list(many.registry.recordings())) == 1_500, "by the thousand they are found in another way"
    request = Request(
        use=Use.TRAIN_GENERATIVE, licensee=PartyId("party_dev"), territories="KR", at=1_790_000_000_000_000, size=1
    )
    known, unknown = (decide(Row(1, (f"isrc:KRA38{n}",)), request, rights=view) for n in ("0000007", "9999999"))
    assert [one.code.name for one in unknown.reasons] == ["NOT_FOUND"]
    assert "HOLDERS_INCOMPLETE" in [one.code.name for one in known.reasons]
    assert known.status is unknown.status is Status.UNKNOWN
