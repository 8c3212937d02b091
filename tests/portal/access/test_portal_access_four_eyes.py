"""Four eyes: colleagues and payouts change when a second person approves, and not before."""

import pytest

from cantoria.app import earning, payday
from cantoria.app.access.permissions import Permission, Role
from cantoria.bootstrap.approving import LIFE, OPERATOR, approve
from cantoria.kernel.errors import InputError
from cantoria.royalty.facts import RevenueDeclared

PASSWORD = "seven lanterns over water"


@pytest.fixture
def people(door):
    """Two owners, a reviewer and a stranger, each in a browser."""
    found = {}
    for login, role, organisation in (
        ("ada@example.org", Role.OWNER, "org-cantares"),
        ("bob@example.org", Role.OWNER, "org-cantares"),
        ("rea@example.org", Role.REVIEWER, "org-cantares"),
        ("eve@example.org", Role.OWNER, "org-eumban"),
    ):
        door.person(login, role, organisation=organisation)
        found[login[:3]] = door.browser()
        found[login[:3]].sign_in(login)
    return found


def member(door, login):
    return door.access.accounts.memberships(door.access.accounts.by_login(login).id)[0]


def proposed(browser):
    return browser.json("/approvals")["proposals"][0]


def test_a_colleague_is_invited_by_two_and_comes_by_a_link(door, people, lawful):
    ada, bob = people["ada"], people["bob"]
    ada.post("/staff/invite", {"login": "new@example.org", "name": "New", "role": "finance"})
    one = proposed(ada)
    assert (one["state"], one["may_approve"], one["mine"]) == ("open", False, True)
    ada.post(f"/approvals/{one['id']}/approve", {}, status=400)
    page = bob.post(f"/approvals/{one['id']}/approve", {}, status=200).text
    lawful(page)
    link = page.split('class="secret" tabindex="0">')[1].split("<")[0]
    assert link.startswith("http://localhost/invitation?code=")
    newcomer = door.browser()
    path = link.removeprefix("http://localhost")
    lawful(newcomer.get(path))
    fields = {"code": path.partition("=")[2], "password": PASSWORD, "again": PASSWORD}
    newcomer.post("/invitation", {**fields, "again": "x"}, status=400)
    newcomer.post("/invitation", fields)
    assert newcomer.json("/account")["capacities"][0]["role"] == "finance"
    door.browser().get(path, status=404)
    door.browser().post("/invitation", fields, status=404)
    line = next(one for one in door.access.audit.lines("org-cantares") if one.action == "staff.invite")
    names = door.access.accounts.names([line.actor, line.second])
    assert names == {line.actor: "Ada", line.second: "Bob"}
    told = ada.json("/audit", params={"q": "action:staff.invite"})["rows"][0]
    assert (told["name"], told["account"], line.second in told["targets"]) == ("Ada + Bob", line.actor, True)


def test_a_role_changes_when_approved_and_ends_the_sessions_of_its_bearer(door, people):
    who = member(door, "rea@example.org")
    people["ada"].post("/staff/role", {"membership": who.id, "role": "finance"})
    assert member(door, "rea@example.org").role is Role.REVIEWER
    people["rea"].json("/account")
    people["bob"].post(f"/approvals/{proposed(people['bob'])['id']}/approve", {}, status=200)
    assert member(door, "rea@example.org").role is Role.FINANCE
    people["rea"].json("/account", status=401)


def test_a_colleague_is_removed_by_two(door, people):
    people["ada"].post("/staff/remove", {"membership": member(door, "rea@example.org").id})
    people["bob"].post(f"/approvals/{proposed(people['bob'])['id']}/approve", {}, status=200)
    account = door.access.accounts.by_login("rea@example.org")
    assert door.access.accounts.memberships(account.id) == []


def test_an_approval_happens_once(door, people):
    people["ada"].post("/staff/role", {"membership": member(door, "rea@example.org").id, "role": "auditor"})
    one = proposed(people["bob"])["id"]
    people["bob"].post(f"/approvals/{one}/approve", {}, status=200)
    people["bob"].post(f"/approvals/{one}/approve", {}, status=400)


def test_a_declined_or_withdrawn_proposal_is_not_done(door, people):
    who = member(door, "rea@example.org")
    for browser, state in (("bob", "declined"), ("ada", "withdrawn")):
        people["ada"].post("/staff/role", {"membership": who.id, "role": "auditor"})
        one = proposed(people["ada"])["id"]
        people[browser].post(f"/approvals/{one}/decline", {})
        assert proposed(people["ada"])["state"] == state
        people["bob"].post(f"/approvals/{one}/approve", {}, status=400)
        door.clock.pass_seconds(1)
    assert member(door, "rea@example.org").role is Role.REVIEWER


def test_a_proposal_expires(door, people):
    people["ada"].post("/staff/role", {"membership": member(door, "rea@example.org").id, "role": "auditor"})
    one = proposed(people["ada"])["id"]
    door.clock.pass_seconds(LIFE / 1_000_000 + 1)
    bob = door.browser()
    bob.sign_in("bob@example.org")
    assert proposed(bob)["state"] == "expired"
    bob.post(f"/approvals/{one}/approve", {}, status=400)


def test_another_organisation_sees_and_does_nothing_of_it(door, people):
    who = member(door, "rea@example.org")
    people["ada"].post("/staff/role", {"membership": who.id, "role": "auditor"})
    one = proposed(people["ada"])["id"]
    eve = people["eve"]
    assert eve.json("/approvals")["proposals"] == []
    for way in ("approve", "decline"):
        eve.post(f"/approvals/{one}/{way}", {}, status=404)
    eve.post("/staff/role", {"membership": who.id, "role": "owner"}, status=404)
    eve.post("/staff/remove", {"membership": who.id}, status=404)
    assert proposed(people["ada"])["state"] == "open"


def test_colleagues_without_the_permission_neither_see_nor_decide(door, people):
    people["ada"].post("/staff/role", {"membership": member(door, "rea@example.org").id, "role": "auditor"})
    one = proposed(people["ada"])["id"]
    people["rea"].json("/staff", status=403)
    people["rea"].json("/approvals", status=403)
    people["rea"].post(f"/approvals/{one}/approve", {}, status=403)


def test_persons_are_no_colleagues(door, people):
    artist = member(door, "artist@sample.invalid")
    eve = door.person("yeo@example.org", Role.OWNER, organisation=artist.organisation)
    browser = door.browser()
    browser.sign_in("yeo@example.org")
    assert [one["account"] for one in browser.json("/staff")["colleagues"]] == [eve]
    browser.post("/staff/role", {"membership": artist.id, "role": "owner"}, status=400)
    browser.post("/staff/invite", {"login": "x@example.org", "name": "X", "role": "person"}, status=400)


def test_the_last_owner_stays(door, people):
    people["eve"].post("/staff/remove", {"membership": member(door, "eve@example.org").id}, status=400)
    people["eve"].post("/staff/role", {"membership": member(door, "eve@example.org").id, "role": "auditor"}, status=400)


def test_who_lost_the_right_to_propose_gets_nothing_approved(door, people):
    people["ada"].post("/staff/role", {"membership": member(door, "rea@example.org").id, "role": "owner"})
    one = proposed(people["bob"])["id"]
    door.access.accounts.set_role(member(door, "ada@example.org").id, Role.AUDITOR)
    people["bob"].post(f"/approvals/{one}/approve", {}, status=400)
    assert member(door, "rea@example.org").role is Role.REVIEWER


def test_the_operator_stands_in_only_where_nobody_else_can(door, people):
    people["eve"].post("/staff/invite", {"login": "two@example.org", "name": "Two", "role": "owner"})
    alone = proposed(people["eve"])
    assert alone["nobody_else"] is True
    assert "cantoria account approve" in people["eve"].get("/approvals")
    house = door.portal.threads
    found = door.access.approvals.get("org-eumban", alone["id"])
    done = house.write_now(lambda opened: approve(door.access, opened, found, by=OPERATOR))
    assert done["code"]
    people["ada"].post("/staff/invite", {"login": "two@example.org", "name": "Two", "role": "owner"})
    other = door.access.approvals.get("org-cantares", proposed(people["ada"])["id"])
    with pytest.raises(InputError):
        house.write_now(lambda opened: approve(door.access, opened, other, by=OPERATOR))


def close_a_period(house):
    """Declare a revenue final and distribute it, so that there is something to pay."""
    tag = RevenueDeclared.TYPE.tag
    said = next(one for one in house.index.scan(tags=[tag]) if one.fact.amount.currency == "KRW")
    declared = said.fact
    names = {house.keys.author(name).party: name for name in house.keys.names()}
    final = earning.Revenue(
        model=declared.model,
        tariff=declared.tariff,
        label=declared.label,
        period=declared.period,
        amount=declared.amount,
        final=True,
    )
    earning.declare_revenue(house, final, author=house.author(names[said.organisation]))
    request = payday.Request(model=declared.model, tariff=declared.tariff, label=declared.label)
    payday.distribute(house, request, author=house.author("org-haneulsori"))


def test_a_payout_takes_two_and_pays_what_was_proposed(door, lawful):
    door.portal.threads.write_now(close_a_period)
    finance, second = door.browser(), door.browser()
    finance.demo("finance")
    second.demo("finance-two")
    finance.post("/approvals/pay", {"currency": "KRW"})
    one = proposed(second)
    assert one["kind"] == "royalty.pay"
    assert one["count"] >= len(one["payments"]) > 0
    lawful(second.get("/approvals"))
    finance.post(f"/approvals/{one['id']}/approve", {}, status=400)
    size = second.json("/approvals")["as_of"]
    second.post(f"/approvals/{one['id']}/approve", {}, status=200)
    assert second.json("/approvals")["as_of"] >= size + one["count"]
    finance.post("/approvals/pay", {"currency": "KRW"}, status=400)
    line = next(one for one in door.access.audit.lines("org-haneulsori") if one.action == "royalty.pay")
    assert line.actor != line.second
    assert all((line.actor, line.second))


def test_no_key_approves(door, people):
    people["ada"].post("/staff/role", {"membership": member(door, "rea@example.org").id, "role": "auditor"})
    one = proposed(people["bob"])["id"]
    bob = member(door, "bob@example.org")
    _, key = door.access.keys.make(bob, name="k", scopes=frozenset(Permission), days=1, now=door.clock())
    answer = door.browser().client.post(
        f"/approvals/{one}/approve.json", json={}, headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.status_code == 403
    assert proposed(people["ada"])["state"] == "open"
