"""One's own account and API keys."""

import pytest

from cantoria.app.access.permissions import Permission, Role
from cantoria.web.portal.doorman import Credentials, Refused

LOGIN = "ada@example.org"
NEW = "other paper boats tonight"


@pytest.fixture
def ada(door):
    door.person(LOGIN)
    browser = door.browser()
    browser.sign_in(LOGIN)
    return browser


def test_the_pages_are_lawful(ada, lawful):
    for path in ("/account", "/keys", "/staff", "/approvals"):
        lawful(ada.get(path))


def test_a_name_is_changed(ada):
    ada.post("/account/name", {"name": "Ada <script>alert(1)</script>"})
    assert "<script>alert" not in ada.get("/account")
    assert ada.json("/account")["name"] == "Ada <script>alert(1)</script>"


def test_a_password_change_ends_other_sessions_and_keeps_this_one(door, ada):
    other = door.browser()
    other.sign_in(LOGIN)
    before = ada.client.cookies["cantoria_session"]
    ada.post("/account/password", {"current": "seven lanterns over water", "password": NEW, "again": NEW})
    assert ada.client.cookies["cantoria_session"] != before
    ada.json("/account")
    other.json("/account", status=401)
    door.browser().sign_in(LOGIN, NEW)


@pytest.mark.parametrize(
    "fields",
    [
        {"current": "wrong", "password": NEW, "again": NEW},
        {"current": "", "password": NEW, "again": NEW},
        {"current": "seven lanterns over water", "password": NEW, "again": NEW + "x"},
        {"current": "seven lanterns over water", "password": "short", "again": "short"},
        {"current": "seven lanterns over water", "password": "123456789012", "again": "123456789012"},
        {"current": "seven lanterns over water", "password": "aaaaaaaaaaaaaa", "again": "aaaaaaaaaaaaaa"},
        {"current": "seven lanterns over water", "password": "adaadaadaada", "again": "adaadaadaada"},
    ],
)
def test_a_password_change_needs_the_present_one_and_a_good_new_one(door, ada, fields):
    ada.post("/account/password", fields, status=400)
    door.browser().sign_in(LOGIN)


def test_the_present_password_cannot_be_guessed_at_leisure(ada):
    fields = {"current": "wrong", "password": NEW, "again": NEW}
    for _ in range(5):
        ada.post("/account/password", fields, status=400)
    assert int(ada.post("/account/password", fields, status=429).headers["retry-after"]) >= 1


def test_a_hash_made_with_other_parameters_is_renewed(door, ada):
    from argon2 import PasswordHasher

    account = door.access.accounts.by_login(LOGIN)
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash("seven lanterns over water")
    door.access.accounts.set_password(account.id, old)
    door.browser().sign_in(LOGIN)
    renewed = door.access.accounts.password(account.id)
    assert renewed != old
    assert not door.access.passwords.outdated(renewed)


def test_other_sessions_are_listed_and_ended(door, ada):
    other, third = door.browser(), door.browser()
    other.sign_in(LOGIN)
    third.sign_in(LOGIN)
    listed = ada.json("/account")["sessions"]
    assert [one["current"] for one in listed].count(True) == 1
    assert len(listed) == 3
    ada.post("/account/sessions/end-others", {})
    other.json("/account", status=401)
    third.json("/account", status=401)
    ada.json("/account")


def test_nobody_ends_anothers_session(door, ada):
    door.person("bob@example.org")
    bob = door.browser()
    bob.sign_in("bob@example.org")
    mine = ada.json("/account")["sessions"][0]["id"]
    bob.post("/account/sessions/end", {"session": mine}, status=404)
    ada.json("/account")


def test_one_acts_in_one_capacity_at_a_time(door, ada):
    account = door.access.accounts.by_login(LOGIN)
    second = door.access.accounts.join(
        account.id, organisation="dev-mirinae", role=Role.DEVELOPER, party="", now=door.clock()
    )
    foreign = door.access.accounts.memberships(door.access.accounts.by_login("artist@sample.invalid").id)[0]
    ada.post("/account/capacity", {"membership": foreign.id}, status=404)
    ada.json("/staff")
    ada.post("/account/capacity", {"membership": second.id})
    ada.json("/staff", status=403)
    assert [one["organisation"] for one in ada.json("/account")["capacities"] if one["current"]] == ["dev-mirinae"]


def test_a_key_is_shown_once_and_opens_its_scopes_alone(door, ada, lawful):
    fields = {"name": "ci", "scopes": ["clear_datasets", "ask_licences"], "days": "30"}
    page = ada.post("/keys", fields, status=200, page="/keys").text
    lawful(page)
    text = page.split("data-key>")[1].split("<")[0]
    assert text not in ada.get("/keys")
    visitor = door.portal.doorman.visitor(Credentials(bearer=text))
    assert visitor.permissions == {Permission.CLEAR_DATASETS, Permission.ASK_LICENCES}
    assert visitor.organisation == "org-cantares"
    assert not visitor.session
    machine = door.browser()
    machine.json("/approvals", status=403, headers={"Authorization": f"Bearer {text}"})
    for path in ("/account", "/keys", "/staff"):
        machine.json(path, status=403, headers={"Authorization": f"Bearer {text}"})


@pytest.mark.parametrize("scopes", [[], ["manage_keys"], ["manage_staff"], ["everything"], ["decide", "manage_keys"]])
def test_a_key_gets_no_scope_that_takes_a_person(ada, scopes):
    ada.post("/keys", {"name": "ci", "scopes": scopes, "days": "3"}, status=400)


def test_a_key_gets_no_scope_that_its_maker_lacks(door):
    door.person("dev@example.org", Role.DEVELOPER)
    browser = door.browser()
    browser.sign_in("dev@example.org")
    browser.post("/keys", {"name": "ci", "scopes": "pay", "days": "3"}, status=400)
    browser.post("/keys", {"name": "ci", "scopes": "clear_datasets", "days": "4000"}, status=422)


def test_a_key_loses_what_its_maker_loses(door, ada):
    made = ada.send("/keys", {"name": "ci", "scopes": ["pay", "read_audit"], "days": 3}).json()["made"]["text"]
    account = door.access.accounts.by_login(LOGIN)
    door.access.accounts.set_role(door.access.accounts.memberships(account.id)[0].id, Role.REVIEWER)
    assert door.portal.doorman.visitor(Credentials(bearer=made)).permissions == {Permission.READ_AUDIT}
    door.access.accounts.set_active(account.id, False)
    with pytest.raises(Refused):
        door.portal.doorman.visitor(Credentials(bearer=made))


def test_a_key_is_ended_by_its_owner_alone(door, ada):
    made = ada.send("/keys", {"name": "ci", "scopes": ["decide"], "days": 3}).json()["made"]
    door.person("bob@example.org")
    bob = door.browser()
    bob.sign_in("bob@example.org")
    bob.post("/keys/end", {"key": made["id"]}, status=404)
    door.portal.doorman.visitor(Credentials(bearer=made["text"]))
    ada.post("/keys/end", {"key": made["id"]})
    with pytest.raises(Refused):
        door.portal.doorman.visitor(Credentials(bearer=made["text"]))


@pytest.mark.parametrize("key", ["cantoria_x_y", "cantoria_" + "0" * 16 + "_" + "0" * 64, "x" * 3000, "Bearer"])
def test_a_wrong_key_is_refused_even_where_anybody_may_look(door, ada, key):
    answer = ada.client.get("/search.json?q=a", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_key_in_place_of_a_session_makes_no_session_actions(ada):
    made = ada.send("/keys", {"name": "ci", "scopes": ["decide"], "days": 3}).json()["made"]["text"]
    token = ada.token()
    answer = ada.client.post(
        "/account/name", data={"csrf": token, "name": "Eve"}, headers={"Authorization": f"Bearer {made}"}
    )
    assert answer.status_code == 403
    assert ada.json("/account")["name"] == "Ada"
