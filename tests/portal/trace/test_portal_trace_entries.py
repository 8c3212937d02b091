"""Entries and the ledger: every kind is shown, proofs verify by the command, erased and withheld bodies stay unseen."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from cantoria.app import erasure
from cantoria.app.access.permissions import Role
from cantoria.clearance.facts import DatasetCleared
from cantoria.cli.main import app
from cantoria.kernel.errors import IntegrityError
from cantoria.ledger import consistency
from cantoria.ledger.notes import parse_vkey
from cantoria.licensing.licence_facts import LicenceRequested
from cantoria.registry.facts import PartyNamed
from cantoria.sdk.verify import verify_tlog_proof


def place_of(house, kind) -> int:
    return next(iter(house.index.scan(tags=[kind.TYPE.tag]))).index


@pytest.fixture
def house(site):
    """The house behind the portal."""
    opened = site.house()
    yield opened
    opened.close()


def test_each_kind_of_entry_is_told_apart(site, house):
    place = place_of(house, DatasetCleared)
    kinds = {index: site.json(f"/entries/{index}")["kind"] for index in (0, place - 1, place)}
    assert list(kinds.values()) == ["governance", "batch", "fact"]
    head = site.json(f"/entries/{place - 1}")
    assert head["count"] == 1
    assert site.json("/entries/0")["body"]["origin"] == house.engine.origin


def test_an_entry_leads_to_what_it_names_and_is_found_by_its_fact_id(site, house):
    place = place_of(house, DatasetCleared)
    page = site.json(f"/entries/{place}")
    assert page["type"] == "dataset-cleared"
    assert site.json(f"/entries/{page['fact_id']}")["index"] == place
    html = site.get(f"/entries/{place}")
    assert f'href="/certificates/{page["body"]["certificate"]}"' in html
    assert 'class="chart inclusion"' in html


def test_the_path_leads_to_the_root_of_its_size(site, house):
    for index, size in ((0, 2), (5, 6), (5, 100), (99, 100), (64, 6000), (6385, 6400)):
        page = site.json(f"/entries/{index}?as_of={size}")
        assert len(page["path"]) == len(house.engine.prove(index, size=size))
        left = [one["side"] for one in page["path"]].count("left")
        assert left == bin(index).count("1")
        assert page["root"] == site.json(f"/entries/0?as_of={size}")["root"]


def test_a_bundle_verifies_by_the_command(site, house, tmp_path):
    place = place_of(house, DatasetCleared)
    bundle = tmp_path / "entry.json"
    bundle.write_bytes(site.client.get(f"/entries/{place}/proof").content)
    key = str(site.home / "log.vkey")
    done = CliRunner().invoke(app, ["--json", "proof", "verify", str(bundle), "--key", key])
    assert done.exit_code == 0, done.output
    assert f'"index": {place}' in done.output
    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 1
    bundle.write_bytes(bytes(data))
    refused = CliRunner().invoke(app, ["proof", "verify", str(bundle), "--key", key])
    assert isinstance(refused.exception, IntegrityError)


@pytest.mark.parametrize("index", [0, 1, 2, 6385])
def test_a_tlog_proof_verifies_for_every_kind(site, house, index):
    data = site.client.get(f"/entries/{index}/proof?form=tlog").content
    assert verify_tlog_proof(data, vkey=house.engine.vkey).index == index


def test_talks_about_licences_are_shown_to_those_concerned_alone(site, house):
    asked = next(iter(house.index.scan(tags=[LicenceRequested.TYPE.tag])))
    place = f"/entries/{asked.index}"
    assert site.json(place)["body_state"] == "withheld"
    assert site.json(place)["body"] is None
    assert str(asked.fact.offer.licence) not in site.get(place)
    assert site.client.get(f"{place}/proof").status_code == 403
    assert site.client.get(f"{place}/proof?form=tlog").status_code == 200
    site.become(Role.PERSON, party="party_01h2xcejqtf2nbrexx3vqjhp41")
    assert site.client.get(f"{place}/proof").status_code == 403
    holder = str(asked.fact.offer.holder)
    site.become(Role.MANAGER, party="party_01h2xcejqtf2nbrexx3vqjhp41", persons=(holder,))
    assert site.json(place)["body"]["request"] == asked.fact.request
    assert site.client.get(f"{place}/proof").status_code == 200
    site.become(Role.DEVELOPER, organisation="dev-nobody")
    assert site.client.get(f"{place}/proof").status_code == 403
    recorder = next(name for name in ("dev-boreal", "dev-mirinae") if house.author(name).party == asked.organisation)
    site.become(Role.DEVELOPER, organisation=recorder)
    assert site.client.get(f"{place}/proof").status_code == 200
    site.become()
    assert site.client.get(f"{place}/proof").status_code == 403


def test_an_erased_body_shows_as_erased(own_site):
    house = own_site.house()
    named = next(iter(house.index.scan(tags=[PartyNamed.TYPE.tag])))
    before = own_site.json(f"/entries/{named.index}")
    assert (before["body_state"], before["identity"]) == ("readable", True)
    author = house.author("org-haneulsori")
    fact = next(one for one in house.index.scan(tags=[PartyNamed.TYPE.tag]) if one.organisation == author.party)
    found = own_site.json(f"/entries/{fact.index}")["fact_id"]
    erasure.erase(house, found, basis="objection", author=author)
    house.close()
    after = own_site.json(f"/entries/{fact.index}")
    assert (after["body_state"], after["body"], after["type"]) == ("erased", None, "party-named")
    assert own_site.json(f"/entries/{found}")["index"] == fact.index
    html = own_site.get(f"/entries/{fact.index}")
    assert fact.fact.name not in html
    assert own_site.client.get(f"/entries/{fact.index}/proof").status_code == 404
    assert own_site.client.get(f"/entries/{fact.index}/proof?form=tlog").status_code == 200
    assert own_site.json("/ledger")["erased"] == 1


def test_the_health_of_the_ledger(site, house):
    page = site.json("/ledger")
    assert {one["type"]: one["count"] for one in page["facts"]} == house.index.counts()
    assert page["checkpoint"]["size"] == house.engine.size == page["growth"][-1]["entries"]
    sizes = [one["entries"] for one in page["growth"]]
    times = [one["at"] for one in page["growth"]]
    assert sizes == sorted(set(sizes))
    assert times == sorted(times)
    assert page["members_total"] == len(page["members"]) == 9
    assert page["erased"] == page["awaited"] == page["unreadable_total"] == 0
    assert page["older"]
    assert site.json("/ledger?as_of=200")["facts_total"] < page["facts_total"]


def test_growth_verifies_since_every_size_that_is_offered(site, house):
    key = parse_vkey(house.engine.vkey)
    for old in site.json("/ledger")["older"]:
        data = site.client.get(f"/ledger/consistency?old={old}").content
        found = consistency.verify(data, key=key)
        assert (found.old.size, found.new.checkpoint.size) == (old, house.engine.size)
    assert site.client.get("/ledger/consistency?old=6386").status_code == 400
    assert site.client.get("/ledger/consistency").status_code == 422
    assert site.client.get("/ledger/checkpoint").text == house.engine.checkpoint()
