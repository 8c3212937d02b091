"""Passkeys in a real browser with a virtual authenticator (Chromium's), and what a forger gets without one."""

import json
import shutil
from pathlib import Path

import pytest

LOGIN = "ada@example.org"
PASSWORD = "seven lanterns over water"


@pytest.fixture
def chromium(require_part):
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("google-chrome")
    require_part("Chromium", path is not None, "install the package chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """A page with an authenticator that holds passkeys and knows its bearer."""
    opened = chromium.new_context().new_page()
    session = opened.context.new_cdp_session(opened)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    opened.troubles = []
    opened.on("console", lambda message: opened.troubles.append(message.text) if message.type == "error" else None)
    yield opened
    opened.context.close()


def sign_in(page, address):
    page.goto(f"{address}/sign-in")
    page.fill("#login", LOGIN)
    page.fill("#password", PASSWORD)
    page.locator("form[action='/sign-in'] button").click()
    page.goto(f"{address}/account")


def add_passkey(page):
    page.fill("#passkey-name", "Kitchen phone")
    page.locator("[data-passkey-add] button").click()
    page.wait_for_url("**/account?said=passkey_added*")


def sign_out(page):
    page.locator("form[action='/sign-out'] button").click()
    page.wait_for_load_state("networkidle")


def test_a_passkey_is_added_and_opens_the_account(door, serve, page):
    account, address = door.person(LOGIN), serve(door)
    sign_in(page, address)
    add_passkey(page)
    assert [one.name for one in door.access.passkeys.of(account)] == ["Kitchen phone"]
    sign_out(page)
    sent = []
    page.on("request", lambda request: sent.append(request) if request.url.endswith("/sign-in/passkey.json") else None)
    page.goto(f"{address}/sign-in?next=/account")
    page.locator("[data-passkey-enter]").click()
    page.wait_for_url(f"{address}/account")
    assert page.locator("h1").inner_text() == "Ada"
    assert door.access.passkeys.of(account)[0].last_used is not None
    assert page.troubles == []
    replayed = door.browser(base=address).client.post("/sign-in/passkey.json", json=json.loads(sent[0].post_data))
    assert replayed.status_code == 400
    page.fill("input[id^=pk-]", "Hall phone")
    page.locator("form[action='/account/passkeys/rename'] button").click()
    page.wait_for_url("**said=passkey_renamed*")
    assert [one.name for one in door.access.passkeys.of(account)] == ["Hall phone"]
    page.locator("form[action='/account/passkeys/remove'] button").click()
    page.wait_for_url("**said=passkey_removed*")
    assert door.access.passkeys.of(account) == []


def test_another_origin_challenge_or_owner_is_refused(door, serve, page):
    account, address = door.person(LOGIN), serve(door)
    sign_in(page, address)
    add_passkey(page)
    sign_out(page)
    made = page.evaluate(
        """async () => {
          const post = async (path, value) => (await fetch(path, {method: "POST", body: JSON.stringify(value),
            headers: {"Content-Type": "application/json"}})).json();
          const begun = await post("/sign-in/passkey/options.json", {});
          const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(begun.options);
          return {flow: begun.flow, credential: (await navigator.credentials.get({publicKey})).toJSON()};
        }"""
    )
    stranger = door.browser(base=address).client
    fresh = stranger.post("/sign-in/passkey/options.json", json={}).json()["flow"]
    assert stranger.post("/sign-in/passkey.json", json={**made, "flow": fresh}).status_code == 400
    elsewhere = door.browser(base="http://localhost:1").client
    assert elsewhere.post("/sign-in/passkey.json", json=made).status_code == 400
    assert stranger.post("/sign-in/passkey.json", json=made).status_code == 400
    assert len(door.access.sessions.of(account, now=door.clock())) == 0


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"id": 7},
        {"id": "x" * 5000},
        {"id": "abc", "response": []},
        {"id": "abc", "rawId": "abc", "type": "public-key"},
    ],
)
def test_what_is_no_credential_is_refused(door, credential):
    browser = door.browser()
    flow = browser.client.post("/sign-in/passkey/options.json", json={}).json()["flow"]
    answer = browser.client.post("/sign-in/passkey.json", json={"flow": flow, "credential": credential})
    assert answer.status_code == 400
    door.person(LOGIN)
    browser.sign_in(LOGIN)
    flow = browser.send("/account/passkeys/options", {}).json()["flow"]
    browser.send("/account/passkeys", {"flow": flow, "name": "x", "credential": credential}, status=400)


def test_a_passkey_needs_a_name_to_be_bound_to(door):
    assert (
        door.browser(base="http://127.0.0.1").client.post("/sign-in/passkey/options.json", json={}).status_code == 400
    )
    assert (
        door.browser(base="http://evil.example").client.post("/sign-in/passkey/options.json", json={}).status_code
        == 400
    )


def test_a_demonstration_account_gets_no_lasting_way_in(door):
    browser = door.browser()
    browser.demo("artist")
    browser.send("/account/passkeys/options", {}, status=400)
    password = "other paper boats tonight"
    browser.post("/account/password", {"password": password, "again": password}, status=400)


def test_the_script_is_no_inline_script():
    text = (Path(__file__).parents[3] / "src/cantoria/web/portal/static/js/passkeys.js").read_text("utf-8")
    assert text.startswith('"use strict"')
    assert "innerHTML" not in text
