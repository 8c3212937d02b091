"""Requests in the portal: the inbox, answers to one or many, the conversation of two sides, standing rules."""

from __future__ import annotations

from typing import Any

from cantoria.app import licence_asking, search, terms_known
from cantoria.app.licence_asking import Wish
from cantoria.clearance import Request, Row
from cantoria.kernel.money import Money
from cantoria.kernel.periods import DAY, Period, parse_moment
from cantoria.kernel.uses import Use
from cantoria.licensing.offers import Price


def groups(site: Any) -> list[Any]:
    found: list[Any] = site.json("/inbox")["groups"]
    return found


def pair(site: Any) -> Any:
    """The two requests on equal terms."""
    [found] = [one for one in groups(site) if len(one["requests"]) == 2]
    return found


def test_the_inbox_shows_who_asks_for_what_and_until_when(site: Any, visits: Any, lawful: Any) -> None:
    people = visits(site)
    people.artist()
    lawful(site.get("/inbox"))
    assert site.json("/inbox")["waiting"] == 3
    group = pair(site)
    assert group["licensee"]["id"] == people.who.developer
    assert (group["use"], group["model_version"]) == ("train_generative", "2.0")
    assert group["price"] == {"amount": "3000", "currency": "KRW", "basis": "per_row"}
    assert group["total"]["amount"] == str(3000 * group["things"])
    assert group["terms"]["remedy"] == "retire_by"
    assert all(one["standing"]["verdict"] in ("", "yes") and one["yours"] for one in group["requests"])
    assert group["first_deadline"] == parse_moment("2027-12-31")


def test_many_requests_on_equal_terms_are_approved_in_one_step(own_site: Any, visits: Any) -> None:
    visits(own_site).artist()
    chosen = [one["answer_to"] for one in pair(own_site)["requests"]]
    done = own_site.post("/inbox/answer", {"offers": chosen, "stance": "accept"})
    assert done.headers["location"] == "/inbox?said=decide_accepted"
    for one in chosen:
        talk = own_site.json(f"/negotiations/{one.partition(':')[0]}")
        assert talk["state"] == "concluded"
        assert [event["what"] for event in talk["events"]] == ["offer", "accept", "concluded"]
        assert talk["statements"]
    assert own_site.json("/inbox")["waiting"] == 1


def test_a_no_ends_a_request_and_nothing_else(own_site: Any, visits: Any) -> None:
    visits(own_site).artist()
    first, second = pair(own_site)["requests"]
    own_site.post("/inbox/answer", {"offers": first["answer_to"], "stance": "decline", "note": "not this time"})
    talk = own_site.json(f"/negotiations/{first['licence']}")
    assert (talk["state"], talk["may_answer"], talk["events"][-1]["note"]) == ("declined", False, "not this time")
    assert own_site.json(f"/negotiations/{second['licence']}")["state"] == "open"
    own_site.post("/inbox/answer", {"offers": first["answer_to"], "stance": "accept"}, status=400)


def test_nobody_answers_for_somebody_else(own_site: Any, visits: Any) -> None:
    people = visits(own_site)
    people.artist()
    [first, *_] = pair(own_site)["requests"]
    size = own_site.json("/inbox")["as_of"]
    for become in (people.stranger, people.agency):
        become()
        for stance in ("accept", "decline", "counter"):
            fields = {"offers": first["answer_to"], "stance": stance, "price": "1", "currency": "EUR"}
            own_site.post("/inbox/answer", fields, status=400)
        assert first["licence"] not in str(own_site.json("/inbox"))
    people.developer()
    own_site.post("/inbox/answer", {"offers": first["answer_to"], "stance": "accept"}, status=403)
    own_site.get("/inbox", status=403)
    people.artist()
    assert own_site.json("/inbox")["as_of"] == size


def test_an_answer_binds_the_offer_that_was_looked_at(own_site: Any, visits: Any) -> None:
    people = visits(own_site)
    people.artist()
    [first, *_] = pair(own_site)["requests"]
    people.developer()
    own_site.post(f"/negotiations/{first['licence']}/offer", {"price": "2000", "currency": "KRW"})
    people.artist()
    own_site.post("/inbox/answer", {"offers": first["answer_to"], "stance": "accept"}, status=400)
    own_site.post("/inbox/answer", {"offers": first["licence"], "stance": "accept"}, status=400)
    fresh = own_site.json(f"/negotiations/{first['licence']}")
    assert (fresh["number"], fresh["price"]["amount"]) == (2, "2000")
    own_site.post("/inbox/answer", {"offers": fresh["answer_to"], "stance": "accept"})


def test_a_counter_offer_goes_back_and_forth(own_site: Any, visits: Any, lawful: Any) -> None:
    people = visits(own_site)
    people.artist()
    [first, *_] = pair(own_site)["requests"]
    page = f"/negotiations/{first['licence']}"
    counter = {"offers": first["answer_to"], "stance": "counter", "price": "4500", "currency": "KRW"}
    own_site.post("/inbox/answer", counter)
    assert own_site.json(page)["state"] == "countered"
    assert [one["yours"] for one in groups(own_site) if one["requests"][0]["licence"] == first["licence"]] == [False]
    people.developer()
    seen = own_site.json(page)
    assert (seen["side"], seen["may_offer"], seen["may_answer"]) == ("licensee", True, False)
    assert seen["counters"] == [{"price": {"amount": "4500", "currency": "KRW", "basis": "per_row"}, "terms": ""}]
    lawful(own_site.get(page))
    own_site.post(f"{page}/offer", {"price": "4500", "currency": "KRW"})
    people.artist()
    fresh = own_site.json(page)
    lawful(own_site.get(page))
    own_site.post("/inbox/answer", {"offers": fresh["answer_to"], "stance": "accept"})
    talk = own_site.json(page)
    assert [one["what"] for one in talk["events"]] == ["offer", "counter", "offer", "accept", "concluded"]
    assert talk["total"]["amount"] == str(4500 * talk["things"])


def test_a_conversation_is_for_its_two_sides_alone(own_site: Any, visits: Any) -> None:
    people = visits(own_site)
    people.artist()
    [first, *_] = pair(own_site)["requests"]
    page = f"/negotiations/{first['licence']}"
    assert own_site.json(page)["side"] == "holder"
    people.stranger()
    own_site.get(page, status=404)
    people.developer(other=True)
    own_site.get(page, status=404)
    own_site.post(f"{page}/offer", {"price": "1", "currency": "KRW"}, status=404)
    own_site.post(f"{page}/withdraw", {}, status=404)
    people.artist()
    own_site.post(f"{page}/withdraw", {}, status=403)
    own_site.become()
    assert own_site.client.get(page, follow_redirects=False).status_code == 303
    people.developer()
    own_site.post(f"{page}/withdraw", {"reason": "the model is cancelled"})
    assert own_site.json(page)["state"] == "withdrawn"


def test_silence_is_a_no(own_site: Any, visits: Any, moment: Any) -> None:
    visits(own_site).artist()
    [first, *_] = pair(own_site)["requests"]
    moment.at = parse_moment("2028-01-01")
    assert own_site.json("/inbox")["waiting"] == 0
    talk = own_site.json(f"/negotiations/{first['licence']}")
    assert (talk["state"], talk["events"][-1]["what"]) == ("expired", "expired")
    own_site.post("/inbox/answer", {"offers": first["answer_to"], "stance": "accept"}, status=400)


def test_a_rule_answers_by_itself_until_it_is_taken_back(own_site: Any, visits: Any, moment: Any, lawful: Any) -> None:
    people = visits(own_site)
    artist = people.artist()
    fields = {
        "party": artist,
        "scope": "present",
        "licensee_kind": "named",
        "licensee": people.who.developer,
        "uses": ["train_generative", "analyse"],
        "price": "900",
        "currency": "KRW",
        "terms": "one-version",
    }
    told = own_site.post("/trusted/preview", fields, status=200)
    lawful(told.text)
    assert own_site.json("/trusted")["rules"] == []
    statement = own_site.post("/trusted", fields).headers["location"].partition("?")[0].rpartition("/")[2]
    [rule] = own_site.json("/trusted")["rules"]
    assert (rule["statement"], rule["uses"]) == (statement, ["analyse", "train_generative"])
    assert rule["price_list"].startswith("price_list_")
    assert rule["conditions"]["attribution"] is True
    lawful(own_site.get("/trusted"))
    assert _asked(own_site, artist, people.who.developer, "900", moment.now()) > 0
    assert _asked(own_site, artist, people.who.developer, "899", moment.now()) == 0
    own_site.post(f"/decisions/{statement}/withdraw", {})
    assert own_site.json("/trusted")["rules"] == []
    assert _asked(own_site, artist, people.who.developer, "950", moment.now()) == 0


def _asked(site: Any, artist: str, developer: str, price: str, at: int) -> int:
    """Have the developer ask; return how many licences the artist's rule settled at once."""
    house = site.house()
    house.begin_writing(lambda: None)
    try:
        recordings = [one["id"] for one in _recordings(site, artist)]
        codes = [search.first_code(house.index.about, one) for one in recordings]
        wish = Wish(
            key=price,
            rows=[Row(line, (code,)) for line, code in enumerate(codes, 1) if code],
            request=Request(
                use=Use.TRAIN_GENERATIVE,
                licensee=developer,  # type: ignore[arg-type]
                territories="KR",
                at=at,
                size=house.engine.size,
                model_version="9.9",
            ),
            terms=terms_known.named(house, "one-version"),
            period=Period(at + DAY, at + 100 * DAY),
            expires_at=at + 30 * DAY,
            price=Price(Money.parse(price, "KRW")),
        )
        author = house.author("dev-mirinae")
        before = _settled(house, artist)
        licence_asking.request(house, wish, author=author)
        house.index.catch_up()
        return _settled(house, artist) - before
    finally:
        house.close()


def _settled(house: Any, artist: str) -> int:
    from cantoria.licensing.licence_facts import LicenceConcluded

    said = house.index.about([artist], tags=[LicenceConcluded.TYPE.tag])
    return sum(one.fact.holder == artist for one in said)


def _recordings(site: Any, artist: str) -> list[Any]:
    found = site.json(f"/decide?party={artist}")["choices"]["groups"]
    return [one for group in found if group["kind"] == "recording" for one in group["things"]]
