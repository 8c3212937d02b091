"""Earnings and statements: whose they are, that they add up, that they can be computed again, and who may not look."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from cantoria.app.access.permissions import Role
from cantoria.app.pages import money_statement
from cantoria.app.pages.money_statement import Found, Which
from cantoria.kernel.money import Money
from cantoria.ledger.bundle import ATTESTED
from cantoria.royalty.facts import DistributionRun, StatementIssued
from cantoria.royalty.types import Key

Lawful = Callable[[str], None]


@pytest.fixture(scope="session")
def issued(sample_home: Any) -> StatementIssued:
    """The one statement that the sample world records."""
    from cantoria.bootstrap.house import open_house

    house = open_house(sample_home)
    try:
        found: StatementIssued = next(iter(house.index.scan(tags=[StatementIssued.TYPE.tag]))).fact
        return found
    finally:
        house.close()


def place(issued: StatementIssued, *, party: str = "", what: str = "", currency: str = "KRW") -> str:
    return f"/earnings/{party or issued.party}/{issued.label}{what}?currency={currency}"


def artist(site: Any, issued: StatementIssued) -> None:
    site.become(Role.PERSON, party=issued.party, organisation="org-haneulsori", persons=(issued.party,))


def others(site: Any, issued: StatementIssued) -> list[str]:
    """Parties that earned something beside the artist and who distributes."""
    from cantoria.app import payday

    house = site.house()
    size = house.index.catch_up()
    accounts = payday.load_accounts(house, size=size)
    found: set[str] = set()
    for (pool, label), runs in accounts.runs.items():
        if runs[-1].total_in.currency == "KRW":
            found |= {p.key.holder for p in payday.postings_of(house, accounts, pool=pool, label=label)}
    house.close()
    not_them = {issued.party, *accounts.runners.values()}
    return sorted(one for one in found if one.startswith("party_") and one not in not_them)


def test_earnings_list_periods_with_their_statement(site: Any, issued: StatementIssued, lawful: Lawful) -> None:
    artist(site, issued)
    html = site.get("/earnings")
    lawful(html)
    assert place(issued) in html
    (account,) = site.json("/earnings")["accounts"]
    assert account["party"] == issued.party
    period = next(one for one in account["periods"] if one["currency"] == "KRW")
    assert period["state"] == "provisional"
    assert period["provisional"]["fine"] == str(issued.amount.fine)
    assert [one["digest"] for one in period["statements"]] == [issued.digest]


def test_a_statement_says_what_was_recorded_and_adds_up(site: Any, issued: StatementIssued, lawful: Lawful) -> None:
    artist(site, issued)
    lawful(site.get(place(issued)))
    page = site.json(place(issued))
    assert page["recorded"]["digest"] == page["digest"] == issued.digest
    for steps in (page["inflow"], page["payout"]):
        running = 0
        for step in steps:
            fine = int(step["sum"]["fine"])
            assert not step["level"] or step is steps[0] or running == fine, step
            running = fine if step["level"] else running + fine
    assert int(page["inflow"][-1]["sum"]["fine"]) == issued.amount.fine
    layers = {node["id"]: node["layer"] for node in page["flow"]["nodes"]}
    for layer in range(3):
        links = [one for one in page["flow"]["links"] if layers[one["source"]] == layer]
        assert sum(int(one["sum"]["fine"]) for one in links) == issued.amount.fine
    for node in page["flow"]["nodes"]:
        into = [int(one["sum"]["fine"]) for one in page["flow"]["links"] if one["target"] == node["id"]]
        assert not into or sum(into) == int(node["sum"]["fine"])
    assert sum(int(one["mine"]["fine"]) for one in page["pools"]) == issued.amount.fine


def test_every_amount_opens_to_numbers_that_hold(site: Any, issued: StatementIssued) -> None:
    artist(site, issued)
    total, lines, start = 0, 0, 0
    while True:
        page = site.json(place(issued) + f"&start={start}")
        for group in page["groups"]:
            assert int(group["sum"]["fine"]) == sum(int(line["sum"]["fine"]) for line in group["lines"])
            for line in group["lines"]:
                total, lines = total + int(line["sum"]["fine"]), lines + 1
                why = line["why"]
                assert why["holds"]
                assert why["subject_holds"]
                assert int(why["at_high"]) - int(why["at_low"]) == int(line["sum"]["fine"])
                assert sum(map(Fraction, (path["share"] for path in why["paths"]))) == Fraction(why["share"])
                exact = int(why["exact"]["whole"]) + Fraction(why["exact"]["rest"])
                assert abs(exact - int(line["sum"]["fine"])) <= int(why["distance"]) <= int(why["distance_max"])
                assert line["entry"] is not None
        if page["after"] is None:
            break
        start = page["after"]
    assert (total, lines) == (issued.amount.fine, page["line_count"])


def test_entries_of_runs_are_the_facts(site: Any, issued: StatementIssued) -> None:
    artist(site, issued)
    house = site.house()
    for pool in site.json(place(issued))["pools"]:
        (said,) = house.index.scan(tags=[DistributionRun.TYPE.tag], start=pool["entry"], size=pool["entry"] + 1)
        assert f"{said.fact.pool}/{said.fact.label}/{said.fact.number}" == pool["run"]
    house.close()


def test_files_are_the_statement(site: Any, issued: StatementIssued) -> None:
    artist(site, issued)
    found = site.client.get(place(issued, what="/file") + "&form=json")
    assert found.status_code == 200
    kept = json.loads(found.content)
    assert kept["format"] == ATTESTED
    assert money_statement.statements.digest(kept["document"]) == issued.digest
    assert found.headers["content-disposition"].startswith("attachment")
    assert b"pool,period" in site.client.get(place(issued, what="/file") + "&form=csv").content
    assert b"<!doctype html>" in site.client.get(place(issued, what="/file") + "&form=html").content
    assert site.client.get(place(issued, what="/file") + "&form=exe").status_code == 422


def test_computing_again_gives_the_same_bytes(site: Any, issued: StatementIssued, lawful: Lawful) -> None:
    artist(site, issued)
    done = site.post(place(issued, what="/recompute").partition("?")[0], {"currency": "KRW"}, status=200)
    lawful(done.text)
    assert "✔" in done.text
    assert issued.digest in done.text
    value = site.client.post(
        place(issued, what="/recompute.json").partition("?")[0],
        json={"currency": "KRW"},
        headers={"x-csrf-token": site.doorman.token(site.doorman.is_now)},
    ).json()
    assert value["equal"]
    assert value["digest_again"] == issued.digest


def test_a_statement_that_is_not_recorded_is_computed(site: Any, issued: StatementIssued) -> None:
    artist(site, issued)
    page = site.json(place(issued, currency="EUR"))
    assert page["recorded"] is None
    assert page["totals"]["provisional"]["currency"] == "EUR"
    files = site.client.get(place(issued, what="/file", currency="EUR")).content
    assert hashlib.sha256(files).hexdigest() == page["digest"]


def test_what_differs_is_said() -> None:
    line = {"pool": "p", "subject": "s", "leg": "work", "split": "v", "amount": "1.00"}
    totals = dict.fromkeys(money_statement.TOTALS, "0.00")
    before = {"totals": totals, "lines": [line]}
    after = {"totals": {**totals, "closed": "0.01"}, "lines": [{**line, "amount": "1.01"}]}
    found = money_statement.compared(Found(before, None), after)
    assert not found["equal"]
    assert [(one["where"], one["before"], one["after"]) for one in found["differences"]] == [
        ("closed", "0.00", "0.01"),
        ("line", "1.00", "1.01"),
    ]
    assert money_statement.compared(Found(before, None), before)["equal"]


def test_nobody_sees_what_is_not_theirs(site: Any, issued: StatementIssued) -> None:
    """Whatever id is put into the address, another party's statement, file and recomputation stay closed."""
    stranger = others(site, issued)[0]
    visits = [
        lambda: site.become(Role.PERSON, party=stranger, organisation="org-haneulsori", persons=(stranger,)),
        lambda: site.become(Role.MANAGER, party=stranger, organisation="org-haneulsori", persons=(stranger,)),
        lambda: site.become(Role.FINANCE, party=stranger, organisation="org-maru"),
        lambda: site.become(Role.AUDITOR, party="", organisation="org-maru"),
    ]
    for visit in visits:
        visit()
        for path in (place(issued), place(issued, what="/file"), f"{place(issued, what='.json')}"):
            assert site.client.get(path, follow_redirects=False).status_code == 403, path
        site.post(place(issued, what="/recompute").partition("?")[0], {"currency": "KRW"}, status=403)
        text = site.get("/earnings")
        assert str(issued.party) not in text
    site.become()
    assert site.client.get(place(issued), follow_redirects=False).status_code == 303
    assert site.client.get(place(issued, what=".json")).status_code == 401
    assert site.client.get("/earnings.json").status_code == 401
    site.become(Role.DEVELOPER, party=issued.party, persons=(issued.party,))
    assert site.client.get("/earnings.json").status_code == 403


def test_who_distributes_sees_the_statements_that_it_recorded(site: Any, issued: StatementIssued) -> None:
    house = site.house()
    society = house.author("org-haneulsori").party
    house.close()
    site.become(Role.FINANCE, party=society, organisation="org-haneulsori")
    assert [one["digest"] for one in site.json("/earnings")["issued"]] == [issued.digest]
    assert site.json(place(issued))["digest"] == issued.digest


def test_unknown_periods_and_bad_input_are_answered(site: Any, issued: StatementIssued) -> None:
    artist(site, issued)
    assert site.client.get(f"/earnings/{issued.party}/1999-01?currency=KRW").status_code == 404
    assert site.client.get(f"/earnings/{issued.party}/%00%0a<x>?currency=KRW").status_code == 404
    assert site.client.get(place(issued, currency="krw")).status_code == 422
    assert site.client.get(place(issued) + "&start=-1").status_code == 422
    assert site.client.get(place(issued) + "&start=999").status_code == 200


def test_the_page_speaks_as_of_its_size(site: Any, issued: StatementIssued) -> None:
    artist(site, issued)
    entry = site.json(place(issued))["recorded"]["entry"]
    assert site.json(f"{place(issued)}&as_of={entry + 1}")["recorded"]["entry"] == entry
    assert site.json(f"{place(issued)}&as_of={entry}")["recorded"] is None
    house = site.house()
    assert (
        money_statement.issued(house, Which(party=issued.party, label=issued.label, currency="KRW", size=entry)) is None
    )
    house.close()


def test_public_money_adds_up_and_names_no_party(site: Any, issued: StatementIssued, lawful: Lawful) -> None:
    site.become()
    html = site.get("/money")
    lawful(html)
    page = site.json("/money")
    text = json.dumps(page)
    assert "party_" not in text.replace(page["pools"][0]["tariff"], "")
    assert len(page["pools"]) == 5
    for pool in page["pools"]:
        assert pool["balanced"]
        assert int(pool["total_in"]["fine"]) == sum(
            int(pool[name]["fine"]) for name in ("holders", "suspense", "residue")
        )
        waits = [
            one for one in pool["named"] if one["holder"] in ("unmatched", "disputed", "incomplete", "unattributed")
        ]
        assert sum(int(one["sum"]["fine"]) for one in waits) == int(pool["suspense"]["fine"])
    for one in page["sums"]:
        layers = {node["id"]: node["layer"] for node in one["streams"]["nodes"]}
        for layer in (0, 1):
            links = [link for link in one["streams"]["links"] if layers[link["source"]] == layer]
            assert sum(int(link["sum"]["fine"]) for link in links) == int(one["total_in"]["fine"])
        assert one["balanced"]


def test_amounts_are_exact_in_every_language(site: Any, issued: StatementIssued) -> None:
    artist(site, issued)
    exact = Money(issued.amount.fine, "KRW").format()
    whole, _, part = exact.partition(".")
    for language, group, point in (("en", ",", "."), ("ko", ",", "."), ("es", ".", ",")):
        said = f"{int(whole):,}".replace(",", group) + point + part
        assert said in site.get(f"{place(issued)}&lang={language}")


def test_tallies_are_the_balances_of_the_journal(site: Any) -> None:
    from cantoria.app import payday
    from cantoria.app.pages.money_tally import Tallies
    from cantoria.royalty import journal

    house = site.house()
    tallies = Tallies()
    accounts = payday.load_accounts(house, size=house.index.catch_up())
    for (pool, label), runs in accounts.runs.items():
        totals = journal.cumulate(payday.postings_of(house, accounts, pool=pool, label=label))
        by_holder = journal.by_holder({key: fine for key, fine in totals.items() if not _funds(key)})
        assert tallies.missing(runs) > 0
        for holder, fine in by_holder.items():
            assert tallies.credited(house, runs, holder=holder) == fine
        assert tallies.missing(runs) == 0
    house.close()


def _funds(key: Key) -> bool:
    return key.subject == "funding"
