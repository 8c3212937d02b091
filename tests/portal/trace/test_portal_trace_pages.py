"""Certificates, licensees, models and runs: what their pages say is what the ledger says."""

from __future__ import annotations

import json

import pytest

from cantoria.app import lineage_views, rechecking, training
from cantoria.clearance.facts import DatasetCleared
from cantoria.clearance.types import Status
from cantoria.sdk.verify import verify_file


@pytest.fixture
def history(site):
    """The lineage of the sample world, and the house it was read from."""
    house = site.house()
    yield lineage_views.load(house, size=house.engine.size)
    house.close()


def first(history) -> DatasetCleared:
    return next(iter(history.certificates.values())).fact


PAGES = ("/certificates", "/models", "/ledger", "/was-i-in-it", "/was-i-in-it?code=Han", "/entries/0", "/entries/1")


@pytest.mark.parametrize("language", ["en", "ko", "es"])
def test_every_page_is_lawful_in_every_language(site, lawful, history, language):
    fact = first(history)
    run = next(iter(history.runs))
    more = [
        f"/certificates/{fact.certificate}",
        f"/certificates/{fact.certificate}/verification",
        f"/licensees/{fact.request.licensee}",
        f"/models/{next(iter(history.models))}",
        f"/runs/{run}",
        f"/was-i-in-it?code={run}",
    ]
    for path in (*PAGES, *more):
        html = site.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
        lawful(html)
        assert f'<html lang="{language}"' in html


def test_the_list_is_leafed_through_newest_first(site, history):
    places = sorted((one.index for one in history.certificates.values()), reverse=True)
    seen, before = [], ""
    while True:
        page = site.json(f"/certificates?limit=1{before}")
        seen += [one["index"] for one in page["certificates"]]
        if page["next_before"] is None:
            break
        before = f"&before={page['next_before']}"
    assert seen == places
    assert page["total"] == len(places)


def test_a_list_as_of_an_earlier_size_is_shorter(site, history):
    newest = max(one.index for one in history.certificates.values())
    before = site.json(f"/certificates?as_of={newest}")
    assert len(before["certificates"]) == len(history.certificates) - 1
    assert f'href="/certificates/{before["certificates"][0]["id"]}?as_of={newest}"' in site.get(
        f"/certificates?as_of={newest}"
    )


def test_a_certificate_says_what_was_certified(site, history):
    fact = first(history)
    page = site.json(f"/certificates/{fact.certificate}")
    assert page["title"] == fact.title
    assert {one["status"]: one["rows"] for one in page["counts"]} == {one.status.value: one.rows for one in fact.counts}
    assert sum(one["rows"] for one in page["counts"]) == page["rows"]
    assert page["funnel"][-1]["left"] == page["cleared"]
    said = {one["reason"]: one["rows"] for stage in page["funnel"] for one in stage["reasons"]}
    assert said == {one.reason.name.lower(): one.rows for one in fact.reasons}
    lost = {stage["stage"]: stage["lost"] for stage in page["funnel"]}
    assert lost["not_refused"] == next(one.rows for one in fact.counts if one.status is Status.DENIED)
    assert [one["run"] for one in page["runs"]] == list(history.runs_under(fact.certificate))
    html = site.get(f"/certificates/{fact.certificate}")
    assert 'class="chart funnel"' in html
    assert fact.title in html


def test_what_was_revoked_since_holds_at_least_what_a_recheck_loses(own_site):
    house = own_site.house()
    try:
        history = lineage_views.load(house, size=house.engine.size)
        lost = 0
        for name in history.certificates:
            page = own_site.json(f"/certificates/{name}")["since"]
            found = rechecking.recheck(house, name)
            said = {one.index for one in found.facts if one.statement}
            assert len(found.changes.lost) == 0 or page["rows"] > 0
            assert said <= {fact["index"] for one in page["statements"] for fact in one["facts"]}
            lost += len(found.changes.lost)
        assert lost > 0
    finally:
        house.close()


def test_files_of_a_certificate(site, history):
    fact = first(history)
    place = f"/certificates/{fact.certificate}"
    proof = site.client.get(f"{place}/proof")
    assert proof.headers["content-disposition"].startswith("attachment")
    house = site.house()
    found = verify_file(proof.content, vkey=house.engine.vkey)
    house.close()
    assert found.body["certificate"] == fact.certificate
    lines = site.client.get(f"{place}/files/results").content.splitlines()
    assert len(lines) == fact.manifest.rows
    assert len(site.client.get(f"{place}/files/relied").content.splitlines()) == fact.relied.records
    assert site.client.get(f"{place}/files/secret").status_code == 404


def test_the_server_verifies_a_certificate(site, history):
    steps = site.json(f"/certificates/{first(history).certificate}/verification")["steps"]
    assert {one["step"]: one["state"] for one in steps} == dict.fromkeys(
        ("proof", "growth", "results", "relied", "manifest"), "holds"
    )


def test_the_server_finds_out_changed_files(own_site):
    house = own_site.house()
    fact = first(lineage_views.load(house, size=house.engine.size))
    house.close()
    results = own_site.home / "attachments" / fact.results.sha256[:2] / fact.results.sha256
    results.write_bytes(results.read_bytes().replace(b'"cleared"', b'"unknown"', 1))
    kept = own_site.home / "datasets" / f"{fact.certificate}.jsonl"
    lines = kept.read_bytes().split(b"\n")
    row = json.loads(lines[1])
    lines[1] = json.dumps([row[0], row[1], ["isrc:KRA381900123"], row[3]], separators=(",", ":")).encode()
    kept.write_bytes(b"\n".join(lines))
    page = f"/certificates/{fact.certificate}/verification"
    steps = {one["step"]: one for one in own_site.json(page)["steps"]}
    assert (steps["proof"]["state"], steps["results"]["state"]) == ("holds", "fails")
    assert steps["results"]["why"] in own_site.get(page).replace("&#39;", "'")


@pytest.mark.parametrize(
    "path", ["/certificates/certificate_x", "/models/model_x", "/runs/run_x", "/licensees/party_x", "/entries/99999999"]
)
def test_what_is_not_there_is_not_found(site, path):
    site.get(path, status=404)
    assert site.json(path, status=404)["status"] == 404


def test_a_licensee_holds_what_was_concluded_with_it(site, history):
    licensees = {one.fact.request.licensee for one in history.certificates.values()}
    pages = [site.json(f"/licensees/{party}") for party in sorted(licensees)]
    assert sum(page["sections"]["certificates"]["total"] for page in pages) == len(history.certificates)
    assert any(page["sections"]["licences"]["total"] for page in pages)
    for page in pages:
        for one in page["sections"]["licences"]["rows"]:
            assert one["holder"]["name"]
            assert "price" not in one
    busy = max(pages, key=lambda page: page["sections"]["yeses"]["total"])
    total, seen, before = busy["sections"]["yeses"]["total"], [], ""
    while before is not None:
        part = site.json(f"/licensees/{busy['id']}?section=yeses&limit=5{before}")["sections"]["yeses"]
        seen += [one["index"] for one in part["rows"]]
        before = None if part["next_before"] is None else f"&before={part['next_before']}"
    assert len(seen) == len(set(seen)) == total
    assert seen == sorted(seen, reverse=True)


def test_a_model_shows_its_unauthorised_rows_and_what_was_made_from_it(own_site):
    house = own_site.house()
    try:
        history = lineage_views.load(house, size=house.engine.size)
        base = next(one.fact for one in history.runs.values() if one.fact.unauthorised)
        author = house.author("dev-mirinae")
        other = training.register_model(house, "Echo <b>of</b> it", author=author)
        made = training.register_version(house, other, label="0.1", author=author, bases=[base.version])
        model = history.model_of(base.version)
    finally:
        house.close()
    page = own_site.json(f"/models/{model}")
    assert page["unauthorised"] == base.unauthorised
    assert [one["version"] for one in page["descendants"]] == [made]
    assert own_site.json(f"/models/{base.version}")["id"] == model
    html = own_site.get(f"/models/{other}")
    assert "<b>of</b>" not in html
    run = own_site.json(f"/runs/{base.run}")
    assert sum(one["rows"] for one in run["outside"]) == run["unauthorised"] == base.unauthorised
    assert [one["version"] for one in run["made_from_it"]] == [made]
    code = own_site.json(f"/certificates/{base.certificate}")["id"]
    assert code == base.certificate
