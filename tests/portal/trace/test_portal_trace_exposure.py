""" "Was I in it?": the page answers as the command does, and its proofs verify offline."""

from __future__ import annotations

import io
import zipfile

import pytest

from cantoria.app import exposing, lineage_views, training
from cantoria.app.pages import trace_manifests
from cantoria.registry.facts import PartyNamed, RecordingRegistered, WorkRegistered
from cantoria.sdk.verify import verify_file


@pytest.fixture
def house(site):
    """The house behind the portal."""
    opened = site.house()
    yield opened
    opened.close()


def hits(page) -> tuple[set[str], set[str], set[str]]:
    return (
        {one["id"] for one in page["in_certificates"]},
        {one["id"] for one in page["in_runs"]},
        {one["version"] for one in page["versions"]},
    )


def subjects(house) -> list[str]:
    """Some codes, recordings, works and persons of the world, in it and not."""
    recordings = [one.fact.recording for one in house.index.scan(tags=[RecordingRegistered.TYPE.tag])]
    works = [one.fact.work for one in house.index.scan(tags=[WorkRegistered.TYPE.tag])]
    parties = [one.fact.party for one in house.index.scan(tags=[PartyNamed.TYPE.tag])]
    codes = ["isrc:KR9ZA0000379", "isrc:KRA381900123"]
    return [*codes, *recordings[::90], *works[::60], *parties[::30]]


def test_the_page_answers_as_the_command_does(site, house):
    found = 0
    for subject in subjects(house):
        page = site.json(f"/was-i-in-it?code={subject}")
        answer = exposing.trace(house, [subject]).exposure
        told = (
            {str(one.certificate) for one in answer.certificates},
            {str(one.run) for one in answer.runs},
            {str(one.version) for one in answer.versions},
        )
        assert hits(page) == told, subject
        assert {one["id"] for one in page["absent"]} == {str(one.subject) for one in answer.absent}
        cleared = {str(one.certificate): one.cleared for one in answer.certificates}
        assert {one["id"]: one["cleared"] for one in page["in_certificates"]} == cleared
        found += any(told)
    assert found > 3


def test_proofs_of_presence_and_absence_verify_offline(site, house):
    present = site.json("/was-i-in-it?code=isrc:KR9ZA0000379")
    absent = site.json("/was-i-in-it?code=isrc:KRA381900123")
    assert absent["state"] == "answer"
    assert not absent["in_certificates"]
    asked = [
        *((one["found"][0], one["id"], True) for one in (*present["in_certificates"], *present["in_runs"])),
        *((absent["key"], one["id"], False) for one in absent["absent"]),
    ]
    assert {one[2] for one in asked} == {True, False}
    for code, subject, there in asked:
        data = site.client.get("/was-i-in-it/proof", params={"code": code, "of": subject}).content
        found = verify_file(data, vkey=house.engine.vkey).found
        assert (found.code, found.subject, found.present) == (code, subject, there)
        assert b"isrc:" not in data.replace(code.encode(), b"")  # nobody else's code is disclosed


def test_all_proofs_come_in_one_archive(site, house):
    data = site.client.get("/was-i-in-it/proofs", params={"code": "isrc:KR9ZA0000379"}).content
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        for name in names:
            assert verify_file(archive.read(name), vkey=house.engine.vkey).found.present == name.startswith("present-")
    assert len(names) == len(set(names)) > 4


def test_a_name_lists_candidates_and_claims_nothing(site):
    page = site.json("/was-i-in-it?code=Han Soyul")
    assert page["state"] == "candidates"
    assert page["candidates"]
    assert "in_certificates" not in page
    html = site.get("/was-i-in-it?code=Han Soyul")
    assert f'/was-i-in-it?code={page["candidates"][0]["id"]}"' in html


def test_an_absence_says_what_it_does_not_mean(site):
    html = site.get("/was-i-in-it?code=isrc:KRA381900123")
    assert "not of the sound" in html
    assert "salted hashes only" in html


def test_nothing_can_be_proven_of_nothing(site):
    for path in (
        "/was-i-in-it/proof",
        "/was-i-in-it/proofs",
        "/was-i-in-it/proofs?code=Han",
        "/was-i-in-it/proof?code=x&of=y",
    ):
        assert site.client.get(path).status_code == 404


def test_a_derived_version_carries_it_too(own_site):
    house = own_site.house()
    try:
        history = lineage_views.load(house, size=house.engine.size)
        base = next(iter(history.versions))
        author = house.author("dev-mirinae")
        model = training.register_model(house, "Later", author=author)
        made = training.register_version(house, model, label="2", author=author, bases=[base])
    finally:
        house.close()
    page = own_site.json("/was-i-in-it?code=isrc:KR9ZA0000379")
    later = next(one for one in page["versions"] if one["version"] == made)
    assert [one["version"] for one in later["inherited_from"]] == [base]


def test_a_manifest_that_is_not_kept_is_no_no(own_site):
    house = own_site.house()
    run = next(iter(lineage_views.load(house, size=house.engine.size).runs))
    house.close()
    trace_manifests.SHELF._kept.clear()  # another test may have had it built
    (own_site.home / "datasets" / f"{run}.jsonl").unlink()
    page = own_site.json("/was-i-in-it?code=isrc:KR9ZA0000379")
    assert [(one["id"], one["why"]) for one in page["unanswered"]] == [(run, "not_here")]
    assert "That is not a no." in own_site.get("/was-i-in-it?code=isrc:KR9ZA0000379")


def test_what_does_not_fit_on_the_shelf_is_no_no(site, monkeypatch):
    monkeypatch.setattr(trace_manifests, "LEAVES_MAX", 100)
    page = site.json("/was-i-in-it?code=isrc:KR9ZA0000379")
    whys = {one["id"]: one["why"] for one in page["unanswered"]}
    assert set(whys.values()) == {"too_large"}
    answered = [one["id"] for one in (*page["in_certificates"], *page["in_runs"], *page["absent"])]
    assert answered
    assert not set(answered) & set(whys)


def test_the_shelf_of_manifests_is_bounded(house):
    history = lineage_views.load(house, size=house.engine.size)
    shelf = trace_manifests.Shelf(leaves_max=1)
    for issued in history.certificates.values():
        manifest, why = trace_manifests.of_certificate(house, issued, shelf=shelf)
        assert manifest is not None
        assert (manifest.head, why) == (issued.fact.manifest, "")
        assert len(shelf._kept) == 1
