"""The search box: words, codes in any form, ids, what came close, and what to do when nothing is found."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from cantoria.registry.facts import LinkAsserted, RecordingRegistered

LANGUAGES = ("en", "ko", "es")


@pytest.fixture
def recording(site):
    """A recording of the sample world that one ISRC names."""
    house = site.house()
    house.index.catch_up()
    title = {one.fact.recording: one.fact for one in house.index.scan(tags=[RecordingRegistered.TYPE.tag])}
    for one in house.index.scan(tags=[LinkAsserted.TYPE.tag]):
        if one.fact.left.startswith("isrc:") and one.fact.right in title:
            code = one.fact.left
            if len({link.fact.right for link in house.index.about([code], tags=[LinkAsserted.TYPE.tag])}) == 1:
                return code.removeprefix("isrc:"), title[one.fact.right]
    raise LookupError("the sample world has no such recording")


def test_a_code_is_found_in_any_form(site, recording):
    code, registered = recording
    forms = (code, f"{code[:2]}-{code[2:5]}-{code[5:7]}-{code[7:]}", f"isrc:{code.lower()}", f" {code.lower()} ")
    for form in forms:
        (hit,) = site.json(f"/search?q={quote(form)}")["hits"]
        assert (hit["id"], hit["match"]) == (registered.recording, "code")


def test_a_code_that_names_one_thing_leads_to_it(site, recording):
    code, registered = recording
    found = site.client.get(f"/search?q={code}&go=1", follow_redirects=False)
    assert (found.status_code, found.headers["location"]) == (303, f"/recordings/{registered.recording}")


def test_an_id_leads_to_its_page_at_the_size_that_was_asked_for(site, recording):
    size = site.json("/")["as_of"]
    thing = recording[1].recording
    found = site.client.get(f"/search?q={thing}&go=1&as_of={size}", follow_redirects=False)
    assert found.headers["location"] == f"/recordings/{thing}?as_of={size}"


def test_what_was_not_yet_on_record_is_not_found(site, recording):
    code, registered = recording
    assert site.json(f"/search?q={code}&as_of=1")["hits"] == []
    assert site.json(f"/search?q={registered.recording}&as_of=1")["goes_to"] == ""


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("#7", "/entries/7"),
        ("certificate_01h2xcejqtf2nbrexx3vqjhp41", "/certificates/certificate_01h2xcejqtf2nbrexx3vqjhp41"),
        ("MODEL_01h2xcejqtf2nbrexx3vqjhp41", "/models/model_01h2xcejqtf2nbrexx3vqjhp41"),
        ("statement_01h2xcejqtf2nbrexx3vqjhp41", "/decisions/statement_01h2xcejqtf2nbrexx3vqjhp41"),
        ("party_01h2xcejqtf2nbrexx3vqjhp41", ""),
        ("link_01h2xcejqtf2nbrexx3vqjhp41", ""),
        ("#99999999999", ""),
        ("//evil.example", ""),
    ],
)
def test_where_an_id_or_an_entry_leads(site, text, place):
    assert site.json(f"/search?q={quote(text)}")["goes_to"] == place


def test_a_title_is_found_exactly_and_with_a_typing_error(site, recording):
    title = recording[1].title
    exact = site.json(f"/search?q={quote(title)}&limit=50")["hits"]
    assert any(one["match"] == "exact" and one["title"] == title for one in exact)
    long = next(one for one in _titles(site) if one.isascii() and len(one.split()[0]) > 7)
    wrong = long[:3] + long[4:]
    close = site.json(f"/search?q={quote(wrong)}&limit=50")["hits"]
    assert any(one["match"] == "close" and one["title"] == long for one in close)


def test_two_syllables_of_korean_are_enough(site):
    title = next(
        one for one in _titles(site) if one[:2].isalpha() and "\uac00" <= one[0] <= "\ud7a3" and one[2:3] == " "
    )
    assert title in {one["title"] for one in site.json(f"/search?q={quote(title[:2])}&limit=100")["hits"]}


def _titles(site):
    house = site.house()
    house.index.catch_up()
    return sorted({one.fact.title for one in house.index.scan(tags=[RecordingRegistered.TYPE.tag])})


def test_hits_can_be_of_one_kind(site, recording):
    hits = site.json(f"/search?q={quote(recording[1].title)}&kind=work&limit=50")["hits"]
    assert hits
    assert {one["kind"] for one in hits} == {"work"}


def test_more_hits_are_offered(site, recording):
    artist = quote(recording[1].display_artist)
    few = site.json(f"/search?q={artist}&limit=1")
    assert few["more"]
    assert len(few["hits"]) == 1
    assert len(site.json(f"/search?q={artist}&limit=2")["hits"]) == 2


def test_a_wrong_check_digit_is_said(site):
    page = site.get("/search?q=T-345.246.800-2")
    assert "its check digit is wrong" in page
    assert "ISWC T-345.246.800-2" in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "path", ["/", "/help", "/search", "/search?q=zzzzqqqq", "/search?q=%3Cscript%3Ealert(1)%3C/script%3E"]
)
def test_the_pages_are_lawful_in_every_language(site, lawful, language, path):
    page = site.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
    lawful(page)
    assert f'<html lang="{language}"' in page
    assert page.count("<h1>") == 1


def test_a_page_at_an_older_size_links_to_others_at_that_size(site):
    size = site.json("/")["as_of"]
    page = site.get(f"/?as_of={size - 1}")
    assert f'href="/coverage?as_of={size - 1}"' in page
    assert 'href="/coverage"' in site.get("/")


def test_the_start_page_counts(site):
    value = site.json("/")
    assert value["figures"]["facts"] == value["as_of"]
    assert value["figures"]["recordings"] > 0
    assert sum(one["rows"] for one in value["newest"]["counts"]) == value["newest"]["rows"]
    assert site.json("/?as_of=1")["newest"] is None


def test_the_sample_world_says_that_it_is_invented(site):
    assert "Everything here is invented" in site.get("/")
