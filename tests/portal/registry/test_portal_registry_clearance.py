"""The veto view answers as `decide` over the whole ledger and `dataset clear` do, and says what a yes would change."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.app.pages.registry_clearance import clearance_value, suppose
from cantoria.app.pages.registry_statuses import request_to
from cantoria.app.rights_near import load_near
from cantoria.clearance import Cleared, Row, explain_all
from cantoria.clearance.dataset import clear_rows
from cantoria.clearance.decide import decide_subject
from cantoria.cli.main import app
from cantoria.kernel.ids import PartyId
from cantoria.kernel.uses import Use

USES = (Use.ANALYSE, Use.TRAIN_GENERATIVE, Use.INPUT, Use.RELEASE_OUTPUT)
PLACES = ("2136", "KR", "ES US")


def told(answer):
    return (
        []
        if isinstance(answer, Cleared)
        else [(one.code.name.lower(), one.party, one.subject) for one in answer.reasons]
    )


def said(value):
    return [(one["code"], one["party"], one["subject"]) for one in value["reasons"]]


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("place", PLACES)
def test_it_answers_as_the_whole_ledger_does(things, use, place):
    house = things.house
    size = house.engine.size
    whole = house.rights.load(size=size)
    met = set()
    for thing in [*things.some("recording", 60), *things.some("work", 20)]:
        request = request_to(use, territory=place, at=house.clock.now(), size=size)
        answer = decide_subject(thing, request, rights=whole)
        value = clearance_value(house, thing, request)
        assert value is not None
        assert value["status"] == answer.status.value
        assert said(value) == told(answer)
        assert value["missing"] == ([] if isinstance(answer, Cleared) else list(answer.missing))
        assert [one["text"] for one in value["reasons"]] == list(explain_all(answer))
        met.add(value["status"])
    assert len(met) > 1


def test_so_it_does_at_earlier_sizes(things):
    house = things.house
    for part in (3, 5, 8):
        size = house.engine.size * part // 9
        whole = house.rights.load(size=size)
        known = [one for one in things.some("recording", 40) if whole.registry.recording(one)]
        for thing in known:
            request = request_to(Use.TRAIN_GENERATIVE, territory="KR", at=house.clock.now(), size=size)
            value = clearance_value(house, thing, request)
            assert value is not None
            assert said(value) == told(decide_subject(thing, request, rights=whole))


def test_it_answers_as_a_cleared_dataset_does(things):
    """Row by row, reason by reason, the set-based plan and the page say the same."""
    house = things.house
    size = house.engine.size
    whole = house.rights.load(size=size)
    by_code = {}
    for thing in things.some("recording", 150):
        for code in whole.registry.codes_of(thing):
            if code.startswith("isrc:") and whole.registry.named_by(code) == (thing,):
                by_code[code] = thing
    rows = [Row(line, (code,)) for line, code in enumerate(by_code, 1)]
    assert len(rows) > 80
    request = request_to(Use.TRAIN_GENERATIVE, territory="2136", at=house.clock.now(), size=size, licensee="party_x")
    with DuckDBAnalytics(threads=1) as analytics:
        cleared = clear_rows(rows, request=request, rights=whole, analytics=analytics, evidence=True)
        answers = dict(cleared.answers())
        subjects = cleared.subjects()
    for row in rows:
        thing = by_code[row.codes[0]]
        if subjects.get(row.line) != thing:  # codes that disagree: the row names nothing
            continue
        value = clearance_value(house, thing, request)
        assert value is not None
        assert value["status"] == answers[row.line].status.value
        assert said(value) == told(answers[row.line])


def test_the_page_and_the_command_give_the_same_reasons(site, things, sample_home):
    met = 0
    for thing in things.some("recording", 40):
        registry = load_near(things.house.index, subjects=[thing], size=things.house.engine.size).rights.registry
        codes = [one for one in registry.codes_of(thing) if one.startswith("isrc:")]
        if not codes or registry.named_by(codes[0]) != (thing,):
            continue
        twin = site.json(f"/recordings/{codes[0]}/clearance?use=train_generative&territory=KR%20ES&licensee=party_x")
        asked = ["dataset", "explain", codes[0], "--use", "train_generative", "--licensee", "party_x", "--in", "KR ES"]
        ran = CliRunner().invoke(app, ["--home", str(sample_home), "--json", *asked])
        command = json.loads(ran.output)
        assert twin["status"] == command["status"]
        assert said(twin) == said(command)
        assert twin["missing"] == command["missing"]
        met += 1
        if met == 5:
            return
    pytest.fail("no recording with an ISRC of its own")


def test_the_smallest_set_opens_the_row_and_no_smaller_one_does(things):
    house = things.house
    size = house.engine.size
    opened = 0
    for thing in things.some("recording", 40):
        request = request_to(Use.TRAIN_GENERATIVE, territory="KR", at=house.clock.now(), size=size)
        rights = load_near(house.index, subjects=[thing], size=size).rights
        value = clearance_value(house, thing, request)
        assert value is not None
        plan = value["plan"]
        assert set(plan["yeses"]) == set(value["missing"])
        assert plan["exact"] or not value["missing"]
        if plan["then"]["status"] != "cleared" or not plan["yeses"]:
            continue
        opened += 1
        for left_out in plan["yeses"]:
            fewer = suppose(rights, thing, request, [one for one in plan["yeses"] if one != left_out])
            assert not isinstance(decide_subject(thing, request, rights=fewer), Cleared)
    assert opened


def test_what_no_yes_opens_stays_closed(things):
    house = things.house
    size = house.engine.size
    for thing in things.some("recording", 60):
        request = request_to(Use.TRAIN_GENERATIVE, territory="KR", at=house.clock.now(), size=size)
        value = clearance_value(house, thing, request)
        assert value is not None
        left = value["plan"]["then"]["left"]
        assert not [one for one in left if one["party"] in value["missing"] and one["code"] not in ("unreachable",)]
        if any(one["code"] in ("holders_incomplete", "no_linked_work") for one in value["reasons"]):
            assert value["plan"]["then"]["status"] != "cleared"


def test_supposing_changes_nothing_that_is(things):
    house = things.house
    [thing] = things.some("recording", 1)
    size = house.engine.size
    request = request_to(Use.TRAIN_GENERATIVE, territory="KR", at=house.clock.now(), size=size)
    rights = load_near(house.index, subjects=[thing], size=size).rights
    before = decide_subject(thing, request, rights=rights)
    suppose(rights, thing, request, [] if isinstance(before, Cleared) else before.missing)
    assert decide_subject(thing, request, rights=rights) == before


def test_the_law_stands_beside_and_changes_nothing(site, things):
    for thing in things.some("recording", 6):
        twin = site.json(f"/recordings/{thing}/clearance?territory=JP")  # its law permits much without consent
        assert twin["law_means"].startswith("what the law says")
        page = site.get(f"/recordings/{thing}/clearance?territory=JP")
        status, law = page.split('id="law"')[0], page.split('id="law"')[1]
        assert 'id="status"' in status
        assert 'id="status"' not in law
        countries = [country["code"] for line in twin["law"]["lines"] for country in line["countries"]]
        assert len(countries) + twin["law"]["not_assessed"] == 1


@pytest.mark.parametrize("language", ["en", "ko", "es"])
@pytest.mark.parametrize("use", list(Use))
def test_each_use_is_answered_in_each_language(site, things, lawful, use, language):
    [thing] = things.some("recording", 1)
    page = site.get(f"/recordings/{thing}/clearance?use={use.value}&lang={language}")
    lawful(page)
    assert f'<option value="{use.value}" selected>' in page


def test_everything_that_the_interface_takes_is_taken(site, things):
    [thing] = things.some("recording", 1)
    [person] = things.some("party", 1)
    query = (
        f"use=voice&licensee=party_x&training_place=KR&establishment=US&markets=ES&at=2026-08-01&offer=EUR+0.05"
        f"&persons={person}&persons=party_y&licensee_classes=research&model_version=v1&campaign=spring"
        "&attribution=true&label=on&tuned_on=1&used_input=true&profile=base"
    )
    asked = site.json(f"/recordings/{thing}/clearance?{query}")["request"]
    assert asked["offer"] == "EUR 0.05"
    assert asked["at"] == 1_785_542_400_000_000
    assert {one["id"] for one in asked["persons"]} == {person, "party_y"}
    assert asked["attribution"]
    assert asked["label"]
    assert asked["tuned_on"]
    assert asked["used_input"]
    site.get(f"/recordings/{thing}/clearance?{query}")


def test_an_empty_form_asks_for_anybody_everywhere(site, things):
    [thing] = things.some("recording", 1)
    empty = "use=train_generative&licensee=&territory=&offer=&persons=&model_version=&campaign=&licensee_classes="
    bare, asked = site.json(f"/recordings/{thing}/clearance"), site.json(f"/recordings/{thing}/clearance?{empty}")
    for one in (bare, asked):
        one["request"].pop("at")
    assert bare == asked
    assert asked["request"]["licensee"] is None
    assert asked["request"]["territory"] == "2136"


@pytest.mark.parametrize(
    "query",
    [
        "use=sing",
        "territory=ZZ",
        "offer=free",
        "at=tomorrow",
        "profile=none",
        "licensee=isrc:KRA381900123",
        "attribution=x",
    ],
)
def test_a_question_that_cannot_be_read_is_refused(site, things, query):
    [thing] = things.some("recording", 1)
    found = site.client.get(f"/recordings/{thing}/clearance.json?{query}")
    assert found.status_code in (400, 422), found.text


def test_a_yes_to_the_licensee_counts_for_the_licensee_alone(things):
    """Whoever asks without a name gets no answer that rests on a yes to somebody named."""
    house = things.house
    size = house.engine.size
    for thing in things.some("recording", 40):
        request = request_to(Use.TRAIN_GENERATIVE, territory="KR", at=house.clock.now(), size=size)
        named = replace(request, licensee=PartyId("party_nobody_has_named"))
        one, other = clearance_value(house, thing, request), clearance_value(house, thing, named)
        assert one is not None
        assert other is not None
        assert (one["status"], said(one)) == (other["status"], said(other))
