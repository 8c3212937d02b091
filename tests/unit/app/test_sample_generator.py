"""The sample world's files: the same bytes each time, right codes but where planted, and readable."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256

import pytest
from lxml import etree

from cantoria import codes
from cantoria.app import sample
from cantoria.app.sample import World, ern_writer, keys
from cantoria.formats.csvfamily import TABLES
from cantoria.kernel import canonical
from cantoria.kernel.codec import from_json
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity
from cantoria.royalty.tariff import Tariff
from cantoria.usage import lines

SCALE = 0.02
SCHEMES = ("ipi_name", "ipi_base", "ipn", "isni", "dpid", "iswc", "isrc", "uci", "youtube_asset", "gtin", "own")
DIGEST = """
from hashlib import sha256
from cantoria.app import sample
world = sample.generate(3, scale=0.02)
print(sha256(b"".join(name.encode() + data for name, data in world.files.items())).hexdigest())
"""


@pytest.fixture(scope="module")
def world() -> World:
    return sample.generate(3, scale=SCALE)


def rows(world: World, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(world.files[name].decode()))
    for row in reader:
        yield reader.line_num, row


def test_the_same_seed_gives_the_same_bytes_whatever_the_hash_seed(world: World) -> None:
    here = sha256(b"".join(name.encode() + data for name, data in world.files.items())).hexdigest()
    for hash_seed in ("0", "4242"):
        done = subprocess.run(
            [sys.executable, "-c", DIGEST],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": ":".join(sys.path)},
        )
        assert done.stdout.strip() == here


def test_another_seed_gives_another_world(world: World) -> None:
    other = sample.generate(4, scale=SCALE)
    assert list(other.files)[:5] == list(world.files)[:5]
    assert other.files["haneulsori/works.csv"] != world.files["haneulsori/works.csv"]


def test_another_entropy_changes_keys_and_nothing_else(world: World) -> None:
    other = sample.generate(3, scale=SCALE, entropy=b"\x01" * 32)
    changed = {name.rpartition("/")[2] for name, data in world.files.items() if other.files[name] != data}
    assert changed == {"parties.csv"}


def test_every_delivery_has_its_file_and_an_admissible_capacity(world: World) -> None:
    assert [delivery.name for delivery in world.deliveries] == list(world.files)
    assert len(world.houses) == 8
    assert {house.capacity for house in world.houses} >= {
        Capacity.CMO,
        Capacity.PRODUCER,
        Capacity.PERFORMERS_ORGANISATION,
        Capacity.DISTRIBUTOR,
        Capacity.AI_DEVELOPER,
    }
    capacities = {house.key: house.capacity for house in world.houses}
    for delivery in world.deliveries:
        assert delivery.capacity is capacities[delivery.organisation]
    families = list(world.families())
    assert sum(len(files) for _, files in families) == len(world.files)
    assert all(len({file.organisation for file in files}) == 1 for _, files in families)


def test_codes_are_right_but_where_planted(world: World) -> None:
    wrong = set()
    for delivery in world.deliveries:
        if delivery.kind not in TABLES:
            continue
        for line, row in rows(world, delivery.name):
            for scheme in SCHEMES:
                for text in filter(None, row.get(scheme, "").split("|")):
                    try:
                        fine = codes.check(scheme, text).warning is None
                    except InputError:
                        fine = False
                    if not fine:
                        wrong.add((delivery.name, line, scheme))
    planted = {(bad.file, bad.line, bad.column) for bad in world.bad_rows if bad.column in SCHEMES}
    assert wrong == planted
    assert len(planted) >= 10


def test_bad_rows_stand_where_they_are_said_to(world: World) -> None:
    for bad in world.bad_rows:
        table = next(delivery.kind for delivery in world.deliveries if delivery.name == bad.file)
        assert bad.column in {column.name for column in TABLES[table].columns}
        found = dict(rows(world, bad.file))[bad.line]
        assert bad.column in found


def test_messages_are_well_formed_and_hold_what_rows_leave_out(world: World) -> None:
    tabled = {row["isrc"] for _, row in rows(world, "eumban/recordings.csv")}
    referred = {row["subject"] for _, row in rows(world, "eumban/shares.csv")}
    delivered = 0
    for delivery in world.of_kind("ern"):
        root = etree.fromstring(world.files[delivery.name])
        assert root.tag == f"{{{ern_writer.NAMESPACE}}}NewReleaseMessage"
        isrcs = [found.text or "" for found in root.iter("ISRC")]
        assert isrcs
        assert tabled.isdisjoint(isrcs)
        assert {f"isrc:{isrc}" for isrc in isrcs} <= referred
        assert all(found.text for found in root.iter("FullName"))
        delivered += len(isrcs)
    assert delivered >= 4


def test_accounts_are_those_whose_key_is_in_the_files(world: World) -> None:
    entropy = bytes(keys.ENTROPY_BYTES)
    in_files = {
        row["party"]: row["signing_key"]
        for delivery in world.of_kind("parties")
        for line, row in rows(world, delivery.name)
        if row.get("signing_key") and (delivery.name, line) not in {(bad.file, bad.line) for bad in world.bad_rows}
    }
    assert set(in_files) == set(world.people_keys)
    for key, seed in list(world.seeds(entropy=entropy))[:5]:
        assert in_files[key] == sample.public_key_of(key, entropy=entropy)
        assert len(seed) == 32


def test_entropy_has_a_fixed_length() -> None:
    with pytest.raises(InputError, match="entropy of 3 bytes"):
        sample.seed_of("p-soyul", entropy=b"abc")


def test_a_scale_out_of_range_is_refused() -> None:
    with pytest.raises(InputError, match="outside"):
        sample.generate(1, scale=100.0)


def test_generations_are_canonical_lines_with_few_bad_ones(world: World) -> None:
    for delivery in world.of_kind("generations"):
        data = world.files[delivery.name]
        batch = lines.read_generations(data)
        assert len(batch.lines) + len(batch.rejected) == data.count(b"\n")
        assert len(batch.rejected) <= 10
        assert set(lines.write_lines(batch.lines[:50]).splitlines()) <= set(data.splitlines())
        assert any(not event.evidence for event in batch.lines)
        assert {event.version for event in batch.lines} <= {world.story.model, world.story.model_two}


def test_some_events_are_duplicates_conflicts_and_invalid() -> None:
    data = sample.generate(3, scale=0.1).files["mirinae/generations.jsonl"]
    batch = lines.read_generations(data)
    assert batch.rejected
    by_id: dict[str, set[bytes]] = {}
    for event in batch.lines:
        by_id.setdefault(event.event_id, set()).add(lines.encode_line(event))
    assert len(by_id) < len(batch.lines)
    assert any(len(contents) > 1 for contents in by_id.values())


def test_tariffs_are_read_back(world: World) -> None:
    tariffs = [from_json(Tariff, canonical.decode(world.files[d.name].rstrip())) for d in world.of_kind("tariff")]
    assert {tariff.currency for tariff in tariffs} == {"KRW", "EUR"}
    declared = {row["tariff"] for d in world.of_kind("revenue") for _, row in rows(world, d.name)}
    assert declared == {tariff.tariff for tariff in tariffs}


def test_the_manifest_has_as_many_rows_as_configured(world: World) -> None:
    found = [row for _, row in rows(world, "mirinae/manifest.csv")]
    assert len(found) == 200
    assert found[0]["isrc"] == world.story.recording_isrc
    assert any(row["media"] == "work" for row in found)
    assert any(not row["isrc"] and row["iswc"] for row in found)


def test_the_writer_hands_over_every_file(world: World) -> None:
    written: dict[str, bytes] = {}
    sample.write_files(world, written.__setitem__)
    index = json.loads(written.pop("index.json"))
    assert written == world.files
    assert [delivery["name"] for delivery in index["deliveries"]] == list(world.files)
