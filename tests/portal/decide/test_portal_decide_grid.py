"""Deciding in the portal: the grid shows what is in force and where from, the preview tells what will be, receipts."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cantoria.app import rights
from cantoria.app.access.permissions import Role
from cantoria.clearance import Request
from cantoria.clearance.decide import decide_subject
from cantoria.kernel.ids import PartyId
from cantoria.kernel.uses import Use
from cantoria.mandates.facts import DelegationGranted

USES = [use.value for use in Use]


def rows(value: Any) -> dict[str, Any]:
    return {row["use"]: row for family in value["grid"]["families"] for row in family["rows"]}


def things(site: Any, party: str, kind: str) -> list[str]:
    groups = site.json(f"/decide?party={party}")["choices"]["groups"]
    return [one["id"] for group in groups if group["kind"] == kind for one in group["things"]]


def said(site: Any, party: str, scope: str, **fields: str) -> str:
    """Save a decision; return its first statement."""
    done = site.post("/decide", {"party": party, "scope": scope, **fields})
    return done.headers["location"].partition("?")[0].rpartition("/")[2]


def test_one_person_goes_straight_to_what_it_is_about(site: Any, visits: Any, lawful: Any) -> None:
    party = visits(site).artist()
    value = site.json("/decide")
    assert value["step"] == "scope"
    assert value["whose"]["party"]["id"] == party
    assert {group["kind"] for group in value["choices"]["groups"]} >= {"recording", "work", "release"}
    lawful(site.get("/decide"))


def test_no_verdict_is_chosen_beforehand(site: Any, visits: Any, lawful: Any) -> None:
    party = visits(site).artist()
    for scope in ("present", "future", "persona", *(things(site, party, kind)[0] for kind in ("recording", "work"))):
        html = site.get(f"/decide?party={party}&scope={scope}")
        lawful(html)
        radios = re.findall(rf'<input type="radio" name="(?:{"|".join(USES)})"[^>]*>', html)
        assert len(radios) >= 5 * 5
        assert not [one for one in radios if "checked" in one]


def test_what_is_in_force_shows_where_it_comes_from(own_site: Any, visits: Any) -> None:
    party = visits(own_site).artist()
    first, second, *_ = things(own_site, party, "recording")[5:]
    said(own_site, party, "present", train_generative="yes")
    statement = said(own_site, party, first, train_generative="no")
    row = rows(own_site.json(f"/decide?party={party}&scope={first}"))["train_generative"]
    assert (row["now"]["verdict"], row["now"]["statement"], row["inherited"]) == ("no", statement, False)
    levels = {level["kind"]: (level["verdict"], level["wins"]) for level in row["levels"]}
    assert levels["present_works"] == ("yes", False)
    assert levels["recording"] == ("no", True)
    assert [one["verdict"] for one in row["others"]][:1] == ["yes"]
    other = rows(own_site.json(f"/decide?party={party}&scope={second}"))["train_generative"]
    assert (other["now"]["verdict"], other["inherited"]) == ("yes", True)
    assert other["now"]["scope"]["kind"] == "present_works"
    wide = rows(own_site.json(f"/decide?party={party}&scope=present"))["train_generative"]
    assert wide["exceptions"] >= 1


def test_a_stop_decides_over_a_narrower_yes(own_site: Any, visits: Any) -> None:
    party = visits(own_site).artist()
    thing = things(own_site, party, "recording")[5]
    said(own_site, party, thing, analyse="yes")
    stop = said(own_site, party, "present", analyse="stop")
    row = rows(own_site.json(f"/decide?party={party}&scope={thing}"))["analyse"]
    assert row["now"]["statement"] == stop
    preview = own_site.post("/decide/preview.json", {"party": party, "scope": thing, "analyse": "yes"}, status=200)
    assert [one["statement"] for one in preview.json()["outranked"]] == [stop]


def test_the_preview_records_nothing_and_tells_what_comes_true(own_site: Any, visits: Any, lawful: Any) -> None:
    party = visits(own_site).artist()
    fields = {"party": party, "scope": "present", "train_generative": "yes", "analyse": "no"}
    before = own_site.json("/decide")["as_of"]
    shown = own_site.post("/decide/preview", fields, status=200)
    lawful(shown.text)
    assert 'name="train_generative" value="yes"' in shown.text
    told = own_site.post("/decide/preview.json", fields, status=200).json()
    assert own_site.json("/decide")["as_of"] == before
    assert told["whole"]
    said(own_site, **fields)
    house = own_site.house()
    size = house.index.catch_up()
    recordings = _reached(house, party, size)
    view = rights.load_around(house.index, subjects=recordings, size=size)
    assert told["counted"] == len(recordings)
    for change in told["changes"]:
        assert change["before"] != change["after"]
        request = Request(
            use=Use(change["use"]),
            licensee=PartyId(""),
            territories="2136",
            at=house.clock.now(),
            size=size,
            attribution=True,
            label=True,
        )
        found = [decide_subject(one, request, rights=view).status.value for one in recordings]
        assert change["after"] == {state: found.count(state) for state in change["after"]}
    house.close()


def _reached(house: Any, party: str, size: int) -> list[str]:
    from cantoria.app.pages.decide_things import reached
    from cantoria.consent.types import Scope, ScopeKind

    return list(reached(house.index, party, Scope(ScopeKind.PRESENT_WORKS), size=size, limit=1_000).listed)


def test_no_to_the_voice_and_yes_to_training_at_a_price_are_two_statements(own_site: Any, visits: Any) -> None:
    party = visits(own_site).artist()
    fields = {"voice": "no", "train_generative": "yes", "price_train_generative": "0.05", "currency": "EUR"}
    first = said(own_site, party, "present", **fields, attribution="true")
    receipt = own_site.json(f"/decisions/{first}")
    both = {one["verdict"]: one for one in (receipt, *receipt["beside"])}
    assert both["yes"]["conditions"]["min_price"] == {"amount": "0.05", "currency": "EUR"}
    assert both["yes"]["conditions"]["attribution"] is True
    assert both["yes"]["scope"]["kind"] == "present_works"
    assert (both["no"]["uses"], both["no"]["scope"]["kind"]) == (["voice"], "persona")
    assert not both["no"]["conditions"]["attribution"]
    assert {one["effect"]["state"] for one in both.values()} == {"in_force"}


def test_a_receipt_is_public_and_only_its_people_may_take_it_back(own_site: Any, visits: Any, lawful: Any) -> None:
    people = visits(own_site)
    party = people.artist()
    statement = said(own_site, party, "future", analyse="yes")
    html = own_site.get(f"/decisions/{statement}")
    lawful(html)
    assert f"/decisions/{statement}/withdraw" in html
    own_site.become()
    receipt = own_site.json(f"/decisions/{statement}")
    assert (receipt["signed"], receipt["may_withdraw"]) == (True, False)
    people.stranger()
    own_site.get(f"/decisions/{statement}/withdraw", status=403)
    own_site.post(f"/decisions/{statement}/withdraw", {}, status=403)
    people.agency()
    own_site.post(f"/decisions/{statement}/withdraw", {}, status=403)
    people.artist()
    lawful(own_site.get(f"/decisions/{statement}/withdraw"))
    own_site.post(f"/decisions/{statement}/withdraw", {})
    after = own_site.json(f"/decisions/{statement}")
    assert after["effect"]["state"] == "ended"
    assert len(after["taken_back"]) == 1
    own_site.post(f"/decisions/{statement}/withdraw", {}, status=400)


def test_what_an_end_touches_is_told_before(site: Any, visits: Any) -> None:
    visits(site).artist()
    statements = site.json("/decisions")["statements"]
    yes = next(one for one in statements if one["verdict"] == "yes" and one["effect"]["state"] == "ended")
    touched = site.json(f"/decisions/{yes['statement']}")["touched"]
    assert len(touched["certificates"]) == 2
    assert touched["runs"] == 2
    assert {one["remedy"] for one in touched["versions"]} == {"retire_by"}


def test_a_manager_allows_what_the_mandate_names_and_refuses_more(own_site: Any, visits: Any) -> None:
    people = visits(own_site)
    client = people.agency()
    assert own_site.json("/decide")["step"] in ("scope", "whose")
    statement = said(own_site, client, "future", train_nongenerative="yes")
    receipt = own_site.json(f"/decisions/{statement}")
    assert receipt["speaker"]["id"] == people.who.agency
    assert receipt["delegation"]
    assert receipt["effect"]["state"] == "in_force"
    own_site.post("/decide", {"party": client, "scope": "future", "voice": "yes"}, status=400)
    refusal = said(own_site, client, "future", input="no")
    assert own_site.json(f"/decisions/{refusal}")["effect"]["state"] == "in_force"
    html = own_site.get(f"/decide?party={client}&scope=future")
    assert 'name="input" value="yes" disabled' in html
    people._person(client, "org-haneulsori")
    own_site.post(f"/decisions/{statement}/withdraw", {})
    assert own_site.json(f"/decisions/{statement}")["effect"]["state"] == "ended"


@pytest.mark.parametrize("path", ["/decide", "/decide/preview", "/trusted", "/trusted/preview"])
def test_nobody_decides_for_somebody_else(own_site: Any, visits: Any, path: str) -> None:
    people = visits(own_site)
    fields = {"party": people.who.artist, "scope": "present"}
    fields |= {"uses": "analyse", "price": "1", "currency": "EUR"} if "trusted" in path else {"analyse": "yes"}
    for become in (people.stranger, people.agency):
        become()
        size = own_site.json("/decisions")["as_of"]
        own_site.post(path, fields, status=403)
        own_site.post(f"{path}.json", fields, status=403)
        assert own_site.json("/decisions")["as_of"] == size
    people.developer()
    own_site.post(path, fields, status=403)
    own_site.become()
    own_site.client.cookies.clear()
    assert own_site.client.post(f"{path}.json", data=fields).status_code == 401


def test_nobody_reads_the_pages_of_somebody_else(site: Any, visits: Any) -> None:
    people = visits(site)
    people.stranger()
    for page in ("/decide", "/decisions", "/trusted"):
        site.get(f"{page}?party={people.who.artist}", status=403)


def test_a_form_sent_twice_says_it_once(own_site: Any, visits: Any) -> None:
    party = visits(own_site).artist()
    fields = {"party": party, "scope": "future", "analyse": "ask", "once": "a-key"}
    first, second = (own_site.post("/decide", fields).headers["location"] for _ in range(2))
    assert first == second
    own_site.post("/decide", {**fields, "analyse": "no"}, status=422)


@pytest.mark.parametrize(
    "wrong",
    [
        {"analyse": "perhaps"},
        {"analyse": "yes", "price_analyse": "-1", "currency": "EUR"},
        {"analyse": "yes", "price_analyse": "1"},
        {"analyse": "yes", "territory": "nowhere"},
        {"analyse": "yes", "since": "2027-01-01", "until": "2026-01-01"},
        {"analyse": "yes", "licensee_kind": "named", "licensee": "party_unknown"},
        {"advertise": "yes"},
        {"analyse": "yes", "scope": "recording_unknown"},
        {"analyse": "yes", "surprise": "1"},
    ],
)
def test_what_cannot_be_said_is_refused(site: Any, visits: Any, wrong: dict[str, str]) -> None:
    party = visits(site).artist()
    token = site.doorman.token(site.doorman.is_now)
    fields = {"csrf": token, "party": party, "scope": "present"} | wrong
    found = site.client.post("/decide/preview.json", data=fields)
    assert found.status_code in (400, 404, 422), found.text
    assert found.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize("language", ["en", "ko", "es"])
def test_every_page_speaks_three_languages(site: Any, visits: Any, lawful: Any, language: str) -> None:
    party = visits(site).artist()
    thing = things(site, party, "release")[0]
    for page in (f"/decide?party={party}&scope={thing}", "/decide", "/decisions", "/inbox", "/trusted"):
        html = site.get(f"{page}{'&' if '?' in page else '?'}lang={language}")
        lawful(html)
        assert f'<html lang="{language}"' in html


def test_a_society_finds_a_member_and_decides_under_its_mandate(own_site: Any, visits: Any) -> None:
    visits(own_site)
    house = own_site.house()
    house.index.catch_up()
    society, other = (house.author(name).party for name in ("org-yeonju", "org-cantares"))
    granted = [one.fact for one in house.index.about([society], tags=[DelegationGranted.TYPE.tag])]
    mandate = next(one for one in granted if one.delegate == society and one.period.contains(house.clock.now()))
    name = house.index.name_of(mandate.principal).partition(" [")[0]
    house.close()
    own_site.become(Role.RIGHTS, party=society, organisation="org-yeonju")
    value = own_site.json(f"/decide?q={name}")
    assert value["step"] == "whose"
    assert mandate.principal in [one["party"]["id"] for one in value["members"]]
    statement = said(own_site, mandate.principal, "present", train_generative="ask")
    assert own_site.json(f"/decisions/{statement}")["speaker"]["id"] == society
    own_site.become(Role.RIGHTS, party=other, organisation="org-cantares")
    assert mandate.principal not in str(own_site.json(f"/decide?q={name}"))
    own_site.get(f"/decide?party={mandate.principal}", status=403)
    own_site.post("/decide", {"party": mandate.principal, "scope": "present", "analyse": "no"}, status=403)
    own_site.post(f"/decisions/{statement}/withdraw", {}, status=403)
    own_site.become(Role.REVIEWER, party=society, organisation="org-yeonju")
    own_site.post("/decide", {"party": mandate.principal, "scope": "present", "analyse": "no"}, status=403)


def test_nothing_chosen_changes_nothing(own_site: Any, visits: Any, lawful: Any) -> None:
    party = visits(own_site).artist()
    fields = {"party": party, "scope": "present"}
    told = own_site.post("/decide/preview", fields, status=200)
    lawful(told.text)
    assert 'action="/decide"' not in told.text.partition("<main")[2]
    assert own_site.post("/decide/preview.json", fields, status=200).json()["nothing"] is True
    own_site.post("/decide", fields, status=400)
    done = own_site.post("/inbox/answer", {"stance": "accept"})
    assert done.headers["location"] == "/inbox?said=decide_nothing_chosen"
    for page in ("/decide/preview", "/trusted/preview"):
        lawful(own_site.get(page))
