"""Asking in bulk: a plan that asks nobody, a request that asks each once, and what yeses change in the certificate."""

from __future__ import annotations

from collections import Counter

from cantoria.app import licence_answering, licences
from cantoria.app.licence_answering import Answer
from cantoria.app.pages import developer_requests as recorded
from cantoria.licensing.licence_facts import Stance


def _asked(developer, dataset, **more):
    fields = {"terms": "one-version", "price": "KRW 2000", "model_version": "2.0", **more}
    plan = developer.post(f"/datasets/{dataset}/ask", fields)
    return plan, developer.wait(plan)


def _size(developer):
    return developer.site.json("/requests")["as_of"]


def test_a_plan_asks_nobody_and_a_request_asks_each_holder_once(developer, lawful):
    dataset = developer.clear()["dataset"]
    before = _size(developer)
    plan, value = _asked(developer, dataset)
    told = value["comes_to"]
    assert value["stage"] == "planned"
    assert _size(developer) == before
    assert told["askable"] + told["cleared"] == told["rows"] > 0
    assert 0 < told["at_once"] < told["licences"]
    [least], [most] = told["least"], told["most"]
    assert int(least["amount"]) <= int(most["amount"])
    lawful(developer.site.get(plan))
    request = developer.post(f"{plan}/send")
    sent = developer.wait(request)
    states = sent["summary"]["states"]
    assert sent["stage"] == "sent"
    assert sent["summary"]["licences"] == told["licences"] == sum(states.values())
    assert states["concluded"] == told["at_once"]
    assert sent["summary"]["agreed"] == told["least"]
    assert len({one["holder"] for one in sent["licences"]}) == told["holders"]
    after = _size(developer)
    assert after > before
    assert developer.post(f"{plan}/send") == request  # once more: nobody is asked twice
    assert _size(developer) == after
    lawful(developer.site.get(request))
    lawful(developer.site.get("/requests"))
    assert request.rpartition("/")[2] in [one["request"] for one in developer.site.json("/requests")["requests"]]
    _states_are_those_of_the_fold(developer, request.rpartition("/")[2])


def _states_are_those_of_the_fold(developer, request):
    house = developer.site.house()
    try:
        size, now = house.index.catch_up(), house.clock.now()
        told = recorded.licences_of(house, request, licensee=developer.party, size=size, now=now)
        known = {one.offer.licence: one.state(now) for one in licences.load(house, about=[request]).of(request)}
        assert {one.recorded.fact.offer.licence: one.state for one in told} == known
    finally:
        house.close()


def test_yeses_open_rows_and_the_difference_is_told(developer):
    dataset = developer.clear()["dataset"]
    plan, _ = _asked(developer, dataset)
    request = developer.post(f"{plan}/send")
    name = request.rpartition("/")[2]
    developer.wait(request)
    house = developer.site.house()
    house.begin_writing(lambda: None)
    shelf = licences.load(house, about=[name])
    society, said = house.author("org-haneulsori"), Counter()
    for licence in shelf.of(name):
        for voice in licence.waiting(house.clock.now()):
            able = house.vault.public_key(voice) and shelf.waiting_for(voice, at=house.clock.now(), among=[licence])
            if able and sum(said.values()) < 8:
                stance = Stance.DECLINE if said[Stance.ACCEPT] == 6 else Stance.ACCEPT
                licence_answering.answer(
                    house, [licence.offer.licence], Answer(by=voice, stance=stance), author=society
                )
                said[stance] += 1
    house.close()
    states = developer.site.json(request)["summary"]["states"]
    assert states["concluded"] > 0
    assert states["declined"] > 0
    _states_are_those_of_the_fold(developer, name)
    only = developer.site.json(f"{request}?state=declined")["licences"]
    assert [one["state"] for one in only] == ["declined"] * states["declined"]
    again = developer.wait(developer.post(f"/datasets/{dataset}/again", {"request": name}))
    assert again["change"]["dataset"] == dataset
    assert again["change"]["won"] > 0
    assert again["change"]["lost"] == 0
    counted = Counter()
    for move in again["change"]["moves"]:
        counted[move["now"]] += move["rows"]
        counted[move["before"]] -= move["rows"]
    then = developer.site.json(f"/datasets/{dataset}")["cleared"]["counts"]
    assert all(again["cleared"]["counts"][status] - then[status] == counted[status] for status in then)
    developer.post(f"{request}/withdraw")
    states = developer.site.json(request)["summary"]["states"]
    assert states["open"] == states["countered"] == 0
    assert states["withdrawn"] > 0
    _states_are_those_of_the_fold(developer, name)


def test_another_organisation_sees_no_request_and_sends_none(developer):
    dataset = developer.clear()["dataset"]
    plan, _ = _asked(developer, dataset)
    known, *_ = developer.site.json("/requests")["requests"]
    developer.other_comes()
    for path in (plan, f"/requests/{known['request']}", "/requests/request_66kz9794sx6sf2e19x087p2hyk"):
        developer.site.json(path, status=404)
        developer.site.get(path, status=404)
        developer.post(f"{path}/withdraw", status=404)
    developer.post(f"{plan}/send", status=404)
    theirs = developer.site.json("/requests")
    assert known["request"] not in [one["request"] for one in theirs["requests"]]
    assert theirs["plans"] == theirs["under_way"] == []


def test_nothing_is_asked_for_that_cannot_be(developer):
    dataset = developer.clear()["dataset"]
    plan, value = _asked(developer, dataset, text="no such text")
    assert value["stage"] == "failed"
    developer.post(f"{plan}/send", status=400)
    for wrong in ({"terms": "none of these"}, {"price": "EUR"}, {"until": "tomorrow"}, {"expires_days": "0"}):
        fields = {"terms": "one-version", "model_version": "2.0", **wrong}
        found = developer.site.client.post(f"/datasets/{dataset}/ask", data={**_token(developer), **fields})
        assert found.status_code in (400, 422), wrong


def _token(developer):
    return {"csrf": developer.site.doorman.token(developer.site.doorman.is_now)}
