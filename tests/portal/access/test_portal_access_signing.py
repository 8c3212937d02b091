"""Signing in and out: what a browser gets, keeps and loses; what a stranger learns (nothing)."""

import re

import pytest

from cantoria.app.access.permissions import Role

LOGIN = "ada@example.org"


def test_the_sign_in_page_is_lawful_and_offers_the_ways_in(door, lawful):
    page = door.browser().get("/sign-in?next=/works/x")
    lawful(page)
    assert 'value="/works/x"' in page
    assert page.count("data-demo=") == len(door.access.accounts.demos()) == 12


def test_a_password_opens_a_session_that_script_cannot_read(door):
    door.person(LOGIN)
    browser = door.browser()
    answer = browser.post("/sign-in", {"login": " ADA@example.org", "password": "seven lanterns over water"})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("cantoria_session=")
    for part in ("HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie
    assert browser.json("/account")["login"] == LOGIN


def test_behind_https_the_cookie_is_bound_to_the_host(open_door):
    door = open_door(address="https://rights.example.org")
    door.person(LOGIN)
    browser = door.browser(base="https://rights.example.org")
    answer = browser.post("/sign-in", {"login": LOGIN, "password": "seven lanterns over water"})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-cantoria_session=")
    assert "; Secure" in cookie
    assert browser.json("/account")["login"] == LOGIN
    token = browser.client.cookies["__Host-cantoria_session"]
    plain = door.browser(base="https://rights.example.org")
    plain.client.cookies.set("cantoria_session", token)
    plain.json("/account", status=401)


@pytest.mark.parametrize(
    ("login", "password"),
    [(LOGIN, "wrong"), ("nobody@example.org", "wrong"), ("", "x"), ("artist@sample.invalid", ""), ("a b", "x")],
)
def test_what_is_wrong_is_not_told(door, login, password):
    door.person(LOGIN)
    browser = door.browser()
    answer = browser.post("/sign-in", {"login": login, "password": password})
    assert answer.headers["location"].startswith("/sign-in?failed=wrong")
    assert "set-cookie" not in answer.headers
    assert not browser.known
    twin = browser.client.post("/sign-in.json", json={"login": login, "password": password})
    told = twin.json()
    assert (twin.status_code, told["signed_in"], told["failed"]) == (403, False, "wrong")
    assert not {"login", "account"} & told.keys()


def test_an_unknown_account_takes_as_much_work_as_a_known_one(door, monkeypatch):
    door.person(LOGIN)
    checked = []
    real = door.access.passwords.check
    monkeypatch.setattr(
        type(door.access.passwords), "check", lambda self, password, kept: checked.append(kept) or real(password, kept)
    )
    for login in (LOGIN, "nobody@example.org"):
        door.browser().post("/sign-in", {"login": login, "password": "wrong"})
    assert checked[0] is not None
    assert checked[1] is None
    assert door.access.passwords.check("x", None) is False


def test_a_disabled_account_stays_out(door):
    account = door.person(LOGIN)
    door.access.accounts.set_active(account, False)
    browser = door.browser()
    browser.post("/sign-in", {"login": LOGIN, "password": "seven lanterns over water"})
    assert not browser.known


def test_guessing_is_slowed_down_and_the_owner_gets_in_from_elsewhere(door):
    door.person(LOGIN)
    browser = door.browser()
    for _ in range(5):
        browser.post("/sign-in", {"login": LOGIN, "password": "wrong"})
    refused = browser.post("/sign-in", {"login": LOGIN, "password": "seven lanterns over water"}, status=429)
    assert int(refused.headers["retry-after"]) >= 1
    elsewhere = door.browser(address="192.0.2.7")
    elsewhere.sign_in(LOGIN)
    door.clock.pass_seconds(int(refused.headers["retry-after"]))
    browser.sign_in(LOGIN)


def test_many_accounts_tried_from_one_address_are_slowed_down_too(door):
    browser = door.browser()
    codes = [
        browser.client.post("/sign-in.json", json={"login": f"person-{n}@example.org", "password": "x"}).status_code
        for n in range(61)
    ]
    assert codes[-1] == 429
    assert set(codes[:60]) == {403}


def test_a_fixed_session_is_not_taken_over(door):
    door.person(LOGIN)
    browser = door.browser()
    browser.client.cookies.set("cantoria_session", "A" * 43)
    answer = browser.client.post(
        "/sign-in", data={"login": LOGIN, "password": "seven lanterns over water"}, follow_redirects=False
    )
    assert "A" * 43 not in answer.headers["set-cookie"]
    fixed = door.browser()
    fixed.client.cookies.set("cantoria_session", "A" * 43)
    fixed.json("/account", status=401)


def test_signing_in_again_ends_the_browsers_former_session(door):
    door.person(LOGIN)
    browser = door.browser()
    browser.sign_in(LOGIN)
    before = browser.client.cookies["cantoria_session"]
    browser.sign_in(LOGIN)
    assert browser.client.cookies["cantoria_session"] != before
    old = door.browser()
    old.client.cookies.set("cantoria_session", before)
    old.json("/account", status=401)


def test_signing_out_ends_the_session_itself(door):
    door.person(LOGIN)
    browser = door.browser()
    browser.sign_in(LOGIN)
    token = browser.client.cookies["cantoria_session"]
    browser.post("/sign-out", {})
    assert not browser.known
    browser.client.cookies.set("cantoria_session", token)
    browser.json("/account", status=401)


@pytest.mark.parametrize(
    "then",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/%0d%0aSet-Cookie:x=1\r\nx: y",
        "http:/evil.example",
        "/x//evil.example",
        " //evil.example",
        "/sign-out",
        "/\tevil",
        "evil.example",
    ],
)
def test_the_way_on_stays_within_the_portal(door, then):
    door.person(LOGIN)
    browser = door.browser()
    answer = browser.client.post(
        "/sign-in", data={"login": LOGIN, "password": "seven lanterns over water", "next": then}, follow_redirects=False
    )
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    assert 'name="next" value="/"' in door.browser().get("/sign-in", params={"next": then})


def test_the_way_on_is_kept(door):
    door.person(LOGIN)
    browser = door.browser()
    answer = browser.client.get("/account", follow_redirects=False)
    assert answer.headers["location"] == "/sign-in?next=%2Faccount"
    done = browser.post(
        "/sign-in", {"login": LOGIN, "password": "seven lanterns over water", "next": "/search?q=a&as_of=3"}
    )
    assert done.headers["location"] == "/search?q=a&as_of=3"


def test_a_click_enters_the_sample_world_on_this_machine(door):
    browser = door.browser()
    browser.demo("manager")
    account = browser.json("/account")
    assert account["demo"] is True
    assert account["represents"] > 0


@pytest.mark.parametrize(
    ("base", "address", "headers"),
    [
        ("http://rights.example.org", "127.0.0.1", {}),
        ("http://localhost", "192.0.2.7", {}),
        ("http://localhost.evil.example", "127.0.0.1", {}),
        ("http://localhost", "127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}),
        ("http://localhost", "127.0.0.1", {"Forwarded": "for=127.0.0.1"}),
    ],
)
def test_nowhere_else_does_a_click_enter(door, base, address, headers):
    browser = door.browser(base=base, address=address)
    assert "data-demo" not in browser.get("/sign-in", headers=headers)
    browser.post("/sign-in/demo", {"account": "artist@sample.invalid"}, status=404, headers=headers)


def test_a_house_that_is_no_sample_world_has_no_such_door(door):
    door.portal.sample = False
    assert "data-demo" not in door.browser().get("/sign-in")
    door.browser().post("/sign-in/demo", {"account": "artist@sample.invalid"}, status=404)


def test_a_click_enters_no_account_but_a_demonstration_one(door):
    door.person(LOGIN)
    door.browser().post("/sign-in/demo", {"account": LOGIN}, status=404)


def test_each_page_has_another_token_and_each_is_genuine(door):
    browser = door.browser()
    browser.demo("artist")
    tokens = {browser.token() for _ in range(3)}
    assert len(tokens) == 3
    for token in tokens:
        answer = browser.client.post("/account/name", data={"csrf": token, "name": "A"}, follow_redirects=False)
        assert answer.status_code == 303


def test_forms_need_a_genuine_token_of_this_session(door):
    door.person(LOGIN)
    mine, other = door.browser(), door.browser()
    mine.sign_in(LOGIN)
    other.sign_in(LOGIN)
    good = mine.token()
    flipped = ("B" if good[0] != "B" else "C") + good[1:]
    for token in ("", "x", other.token(), flipped, good[:-4], "=" * 88, "é" * 20):
        answer = mine.client.post("/account/name", data={"csrf": token, "name": "Eve"}, follow_redirects=False)
        assert answer.status_code == 403, token
    assert mine.json("/account")["name"] == "Ada"


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_another_site_cannot_sign_anybody_in(door, headers):
    door.person(LOGIN)
    browser = door.browser()
    fields = {"login": LOGIN, "password": "seven lanterns over water"}
    browser.post("/sign-in", fields, status=403, headers=headers)
    browser.post("/sign-in/demo", {"account": "artist@sample.invalid"}, status=403, headers=headers)
    assert not browser.known


def test_private_pages_are_not_kept_by_anybody(door):
    browser = door.browser()
    browser.demo("director")
    for path in ("/account", "/keys", "/staff", "/approvals", "/account.json"):
        assert browser.client.get(path).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/account", "/keys", "/staff", "/approvals"])
def test_private_pages_ask_strangers_to_sign_in(door, path):
    answer = door.browser().client.get(path, follow_redirects=False)
    assert answer.status_code == 303
    assert re.match(r"/sign-in\?next=", answer.headers["location"])
    door.browser().json(path, status=401)


def test_a_session_speaks_for_those_whose_mandate_the_ledger_holds(door):
    from cantoria.web.portal.doorman import Credentials

    browser = door.browser()
    browser.demo("manager")
    visitor = door.portal.doorman.visitor(Credentials(session=browser.client.cookies["cantoria_session"]))
    assert visitor.role is Role.MANAGER
    assert visitor.persons[0] == visitor.party
    assert len(visitor.persons) > 1
