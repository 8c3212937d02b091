"""The pages of things: by id and by code, as value and as face, in three languages, at any size."""

from __future__ import annotations

import re

import pytest

from cantoria.app.pages.registry_names import Names
from cantoria.app.pages.registry_shares import cases_value
from cantoria.app.rights_near import load_near

KINDS = {"recording": "recordings", "work": "works", "release": "releases", "party": "parties"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_page_and_a_twin(site, things, lawful, kind):
    for thing in things.some(kind, 6):
        page = site.get(f"/{KINDS[kind]}/{thing}")
        lawful(page)
        twin = site.json(f"/{KINDS[kind]}/{thing}")
        assert twin["id"] == thing
        assert f'<link rel="canonical" href="/{KINDS[kind]}/{thing}">' in page
        assert page.count("<h1>") == 1
        assert "statement made" in page or kind != "recording" or not twin["changes"]["told"]


@pytest.mark.parametrize("language", ["en", "ko", "es"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_page_speaks_each_language(site, things, kind, language):
    [thing] = things.some(kind, 1)
    page = site.get(f"/{KINDS[kind]}/{thing}?lang={language}")
    assert f'<html lang="{language}"' in page
    word = {"en": "said by", "ko": "밝힌 곳:", "es": "según"}[language]
    assert word in page


def test_a_code_leads_to_the_same_page_as_the_id(site, things):
    registry_of = {kind: things.some(kind, 12) for kind in KINDS}
    met = 0
    for kind, found in registry_of.items():
        for thing in found:
            registry = load_near(things.house.index, subjects=[thing], size=things.house.engine.size).rights.registry
            for code in registry.codes_of(thing)[:2]:
                named = [one for one in registry.named_by(code) if one.startswith(f"{kind}_")]
                if named != [thing] or "/" in code:
                    continue
                met += 1
                by_code, by_id = site.json(f"/{KINDS[kind]}/{code}"), site.json(f"/{KINDS[kind]}/{thing}")
                by_code["at"] = by_id["at"]  # asked a moment later
                assert by_code == by_id
                assert f'rel="canonical" href="/{KINDS[kind]}/{thing}"' in site.get(f"/{KINDS[kind]}/{code}")
    assert met > 10


@pytest.mark.parametrize(
    "path",
    [
        "/recordings/recording_00000000000000000000000000",
        "/recordings/nonsense",
        "/recordings/isrc:NOPE",
        "/recordings/isrc:USZZZ9900001",
        "/recordings/" + "x" * 600,
        "/works/recording_00000000000000000000000000",
        "/releases/..%2F..%2Fetc%2Fpasswd",
        "/parties/party_x",
        "/organisations/party_x",
        "/recordings/nonsense/clearance",
    ],
)
def test_what_is_not_there_is_said_to_be_not_there(site, path):
    assert site.json(path, status=404)["status"] == 404
    assert "<h1>" in site.get(path, status=404)


def test_a_thing_of_one_kind_is_not_on_a_page_of_another(site, things):
    [recording] = things.some("recording", 1)
    site.get(f"/works/{recording}", status=404)


@pytest.mark.parametrize("territory", ["ZZ", "-KR", "nonsense", "x" * 5_000])
def test_a_territory_that_means_nothing_is_refused(site, things, territory):
    [recording] = things.some("recording", 1)
    found = site.client.get(f"/recordings/{recording}.json", params={"territory": territory})
    assert found.status_code in (400, 422)


def test_the_four_codes_stand_in_one_strip_with_their_evidence(site, things):
    for thing in things.some("recording", 8):
        twin = site.json(f"/recordings/{thing}")
        assert list(twin["strip"]) == ["isrc", "iswc", "youtube_asset", "uci"]
        works = {one["work"]["id"] for one in twin["works"]}
        for code in twin["strip"]["iswc"]:
            assert code["names"] in works
        for codes in twin["strip"].values():
            for code in codes:
                assert code["asserted_by"] or code["state"] == "withdrawn"
                assert code["tier"]
                assert code["entry"] >= 0


def test_an_earlier_size_knows_less_and_links_stay_there(site, things):
    [thing] = things.some("recording", 1)
    newest = site.json(f"/recordings/{thing}")
    sizes = newest["changes"]["sizes"]
    assert sizes == sorted(set(sizes))
    born = newest["registered"]["entry"] + 1
    then = site.json(f"/recordings/{thing}?as_of={born}")
    assert then["as_of"] == born
    assert not [one for one in then["claims"] if one["entry"] >= born]
    assert not [code for code in then["codes"] if code["entry"] >= born]
    assert {one["status"] for one in then["statuses"]} <= {"unknown", "denied"}
    site.get(f"/recordings/{thing}?as_of={born - 1}", status=404)
    page = site.get(f"/recordings/{thing}?as_of={born}")
    own = re.findall(r'href="(/(?:recordings|works|parties|releases|entries)/[^"]*)"', page)
    # All but the way back to the newest state stay at the size, or name another.
    assert not [one for one in own if "as_of" not in one and "lang" not in one and thing not in one]


def test_the_slider_works_without_a_script(site, things):
    [thing] = things.some("recording", 1)
    twin = site.json(f"/recordings/{thing}?territory=KR")
    page = site.get(f"/recordings/{thing}?territory=KR")
    assert 'type="range"' in page
    assert 'name="as_of"' in page
    assert '<input type="hidden" name="territory" value="KR">' in page
    before = [one for one in twin["changes"]["sizes"] if one < twin["as_of"]][-1]
    assert f"as_of={before}" in page


def test_each_change_changed_what_the_page_says_or_is_told(site, things):
    [thing] = things.some("recording", 1)
    twin = site.json(f"/recordings/{thing}")
    told = {one["size"] for one in twin["changes"]["told"]}
    assert told <= set(twin["changes"]["sizes"])


def test_a_party_with_many_claims_is_shown_in_pages(site, things):
    counts = {one: site.json(f"/parties/{one}")["claims"]["total"] for one in things.some("party", 200)}
    party = max(counts, key=lambda one: counts[one])
    assert counts[party] > 25
    seen, path = [], f"/parties/{party}"
    while True:
        claims = site.json(path)["claims"]
        seen += [one["entry"] for one in claims["shown"]]
        if claims["next"] is None:
            break
        path = f"/parties/{party}?before={claims['next']}"
    assert len(seen) == len(set(seen)) == counts[party]
    assert seen == sorted(seen, reverse=True)


def test_an_organisation_shows_its_capacities_and_keys(site, things):
    house = things.house
    for name in house.keys.names():
        author = house.author(name)
        twin = site.json(f"/organisations/{author.party}")
        assert twin["member"]
        assert author.capacity.name.lower() in twin["capacities"]
        assert author.signer.public_key.hex() in {one["key"] for one in twin["public_keys"]}
        site.get(f"/organisations/{author.party}")


def test_standing_rules_are_those_that_count(site, things):
    """What the grid says of all present works is what `decide` finds for a thing without a statement of its own."""
    met = set()
    for party in things.some("party", 60):
        rules = site.json(f"/parties/{party}")["rules"]
        assert len(rules["grid"]) == 9
        for row in rules["grid"]:
            for scope in ("present_works", "future_works", "persona"):
                met.add(row[scope]["verdict"])
                assert (row[scope]["rule"] is None) == (row[scope]["verdict"] == "silent")
    assert {"silent", "no"} <= met
    assert len(met) > 2


def test_open_conflicts_are_those_that_the_whole_ledger_tells(things):
    house = things.house
    size, now = house.engine.size, house.clock.now()
    names = Names(house.index, size)
    whole = house.rights.load(size=size).registry
    wanted = sorted({case.subject for case in whole.cases(now) if case.subject.startswith(("recording_", "work_"))})
    assert wanted
    for thing in [*wanted[:25], *things.some("recording", 25)]:
        near = load_near(house.index, subjects=[thing], size=size).rights.registry
        told = cases_value(near, [thing], at=now)
        assert [one["case"] for one in told] == [one["case"] for one in cases_value(whole, [thing], at=now)]
    assert names.ref(wanted[0])["path"]
