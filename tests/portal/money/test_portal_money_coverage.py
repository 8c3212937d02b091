"""Coverage and the explorers: made in the background, the same numbers as the command, bounded in what they take."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from cantoria.adapters.snapshots import SnapshotFolder
from cantoria.app import coverage as coverages
from cantoria.app import snapshots
from cantoria.app.access.permissions import Role
from cantoria.bootstrap.house import open_house
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.ledger.notes import NoteKey
from cantoria.registry.facts import CatalogueDefined
from cantoria.sdk.pack_build import build_pack
from cantoria.web.app import create_app
from cantoria.web.desk import Desk
from cantoria.web.portal.faces import STATIC
from cantoria.web.portal.money import coverage, workshop
from cantoria.web.portal.money.workshop import KEPT_MAX, WAITING_MAX, Workshop, workshop_of
from cantoria.web.portal.opening import open_portal

ROOT = Path(__file__).parents[3]
SETTLED = 120.0
Lawful = Callable[[str], None]


def made(site: Any, path: str) -> Any:
    """The page's value once it is there."""
    first = site.json(path)
    if first["ready"]:
        return first
    assert site.shop.settle(SETTLED)
    return site.json(path)


@pytest.fixture
def shop(site: Any, sample_home: Path) -> Iterator[Any]:
    """A site over the same world with its workshop at hand."""
    portal = open_portal(sample_home, desk=None)
    portal.doorman = type(site.doorman)()
    with TestClient(create_app(None, portal=portal)) as client:
        opened = type(site)(sample_home, client, portal.doorman)
        opened.shop = workshop_of(portal)
        yield opened


def test_the_map_is_what_the_command_counts(shop: Any, lawful: Lawful, monkeypatch: pytest.MonkeyPatch) -> None:
    from cantoria.cli.main import app

    monkeypatch.setattr(coverage, "PATIENCE", 0.0)
    shop.become()
    assert not shop.json("/coverage?territories=KR+ES")["ready"]
    lawful(shop.get("/coverage?territories=KR+ES"))
    page = made(shop, "/coverage?territories=KR+ES")
    lawful(shop.get("/coverage?territories=KR+ES"))
    found = page["map"]
    licensee = page["licensees"][0]["party"]
    page = made(shop, f"/coverage?territories=KR+ES&licensee={licensee}")
    wanted = ["--json", "--home", str(shop.home), "coverage", "map", "--licensee", licensee, "--in", "KR ES"]
    counted = json.loads(CliRunner().invoke(app, wanted).stdout)
    cells = {(one["use"], one["territory"]): one["counts"] for one in counted["cells"]}
    assert page["map"]["rows"] == counted["rows"] == found["rows"]
    for cell in page["map"]["cells"]:
        assert {name: cell[name] for name in cells[cell["use"], cell["territory"]]} == cells[
            cell["use"], cell["territory"]
        ]
        assert sum(cell[name] for name in ("cleared", "licensable", "denied", "unknown")) == counted["rows"]
    plan = page["map"]["unlock"]
    assert plan["opened"] <= plan["at_most"] <= plan["waiting"]
    for move in plan["moves"]:
        assert move["opened"] <= move["at_most"]
        assert move["ask"]


def test_the_served_snapshot_gives_the_same_map(home: Path, site: Any) -> None:
    """A house that serves its snapshot looks there, in place, and says its size."""
    house = open_house(home)
    key = NoteKey(house.settings.origin, house.keys.log_signer().public_key)
    folder = SnapshotFolder(home / "snapshot", keys=[key])
    snapshots.refresh_snapshot(house, folder, signer=house.keys.log_signer())
    clock, size = house.clock.now, house.index.catch_up()
    house.close()
    pack = home / "snapshot.clearance.pack"
    build_pack(folder.path, target=pack, keys=[key])
    desk = Desk(folder.path, pack=pack, keys=[key], clock=clock)
    maps = []
    for chosen in (desk, None):
        portal = open_portal(home, desk=chosen)
        portal.doorman = type(site.doorman)()
        with TestClient(create_app(None, portal=portal)) as client:
            opened = type(site)(home, client, portal.doorman)
            opened.shop = workshop_of(portal)
            found = made(opened, "/coverage?territories=KR+DE")
            assert not found["newer"]
            maps.append(found["map"])
    assert maps[0]["size"] == maps[1]["size"] == size
    assert maps[0]["cells"] == maps[1]["cells"]
    assert maps[0]["unlock"] == maps[1]["unlock"]


def test_a_party_and_a_catalogue_have_their_own_map(shop: Any) -> None:
    shop.become()
    plan = made(shop, "/coverage?territories=KR")["map"]["unlock"]
    house = shop.house()
    said = next(iter(house.index.scan(tags=[CatalogueDefined.TYPE.tag])))
    counted = coverages.of_catalogue(house, said.fact.catalogue)
    house.close()
    page = made(shop, f"/coverage?territories=KR&scope={said.fact.catalogue}")
    assert counted.rows is not None
    assert (page["map"]["rows"], page["map"]["unnamed"]) == (len(counted.rows), counted.unnamed)
    party = plan["moves"][0]["ask"][0]["party"]
    page = made(shop, f"/coverage?territories=KR&scope={party}")
    assert 0 < page["map"]["rows"] < plan["rows"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("territories=XX", 400),
        ("territories=", 400),
        ("territories=KR+JP+US+GB+DE+ES+FR+IT+PT", 400),
        ("territories=-KR", 400),
        ("licensee=nobody", 422),
        ("scope=party_01kxhh5f00e27rf6bfwec8hx0d", 404),
        ("use=voice", 404),
        ("use=sing", 422),
    ],
)
def test_what_cannot_be_mapped_is_refused(site: Any, query: str, status: int) -> None:
    site.become()
    assert site.client.get(f"/coverage.json?{query}").status_code == status


def test_growth_counts_every_readable_fact(site: Any, lawful: Lawful) -> None:
    site.become()
    lawful(site.get("/explore"))
    page = site.json("/explore")
    house = site.house()
    counts = house.index.counts()
    house.close()
    assert sum(one["counts"][-1] for one in page["growth"]["families"]) == sum(counts.values())
    for one in page["growth"]["families"]:
        assert one["counts"] == sorted(one["counts"])
    assert page["growth"]["sizes"][-1] == page["as_of"]


@pytest.mark.parametrize("language", ["en", "ko", "es"])
def test_pages_of_money_speak_every_language(site: Any, lawful: Lawful, language: str) -> None:
    site.become(Role.FINANCE, party="party_01kxhh5f00e27rf6bfwec8hx0d", organisation="org-maru")
    for path in ("/earnings", "/money", "/coverage", "/explore"):
        lawful(site.get(f"{path}?lang={language}"))


def test_the_bundle_is_the_one_that_was_built() -> None:
    digest, name = (ROOT / "tools/web-bundle/SHA256").read_text("ascii").split()
    assert hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == digest
    licences = (STATIC / "vendor/echarts-LICENSE.txt").read_text("utf-8")
    for owner in ("Apache ECharts", "d3", "ZRender", "tslib"):
        assert f"=== {owner}" in licences
    text = (STATIC / "vendor" / name).read_text("utf-8")
    assert "eval(" not in text
    assert "new Function" not in text


def test_the_workshop_keeps_a_few_results_and_refuses_too_many(
    sample_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workshop, "RESTS", 0)
    shop = Workshop(sample_home)
    started, go = threading.Event(), threading.Event()

    def slow(_: Any) -> str:
        started.set()
        go.wait(SETTLED)
        return "made"

    assert shop.get("slow", slow, stamp=1, here=None).value is None
    assert started.wait(SETTLED)
    for number in range(WAITING_MAX - 1):
        shop.get(number, lambda _: "other", stamp=1, here=None)
    shop.get(0, lambda _: "other", stamp=1, here=None)  # the same again takes no place
    with pytest.raises(UnavailableError):
        shop.get("one more", lambda _: "", stamp=1, here=None)
    go.set()
    assert shop.settle(SETTLED)
    assert shop.get("slow", slow, stamp=1, here=None).value == "made"
    older = shop.get("slow", lambda _: "newer", stamp=2, here=None)
    assert (older.value, older.stamp) == ("made", 1)
    assert shop.settle(SETTLED)
    assert shop.get("slow", slow, stamp=2, here=None).value == "newer"
    for number in range(KEPT_MAX):
        shop.get(f"kept {number}", lambda _: "", stamp=1, here=object())  # type: ignore[arg-type]
    assert shop.get("slow", lambda _: "again", stamp=2, here=object()).value == "again"  # type: ignore[arg-type]
    shop.close()


def test_a_workshop_that_closes_ends_its_work(sample_home: Path) -> None:
    shop = Workshop(sample_home)
    started, closing, ended = threading.Event(), threading.Event(), []

    def long(_: Any) -> None:
        started.set()
        assert closing.wait(SETTLED)
        try:
            while True:
                shop.step()
        except UnavailableError:
            ended.append(True)
            raise

    shop.get("long", long, stamp=1, here=None)
    shop.get("next", lambda _: ended.append(False), stamp=1, here=None)
    assert started.wait(SETTLED)
    closer = threading.Thread(target=shop.close)
    closer.start()
    closing.set()
    closer.join(SETTLED)
    assert ended == [True]
    with pytest.raises(UnavailableError):
        shop.get("another", lambda _: None, stamp=1, here=None)


def test_a_failure_is_told_once(sample_home: Path) -> None:
    shop = Workshop(sample_home)

    def fails(_: Any) -> None:
        raise InputError("no such thing", "name another")

    assert shop.get("bad", fails, stamp=1, here=None).value is None
    assert shop.settle(SETTLED)
    with pytest.raises(InputError):
        shop.get("bad", fails, stamp=1, here=None)
    assert shop.get("bad", lambda _: "good", stamp=1, here=None).value is None
    assert shop.settle(SETTLED)
    assert shop.get("bad", fails, stamp=1, here=None).value == "good"
    shop.close()
