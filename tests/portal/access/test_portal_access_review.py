"""What an adversarial reading found at the door: each attack that once worked, made again."""

from __future__ import annotations

import socket
import threading
from typing import Any
from urllib.parse import urlsplit

import pytest

from cantoria.app.access.permissions import Role
from cantoria.app.members.types import Member
from cantoria.web.portal.society import files
from cantoria.web.portal.threads import READERS

PASSWORD = "seven lanterns over water"
SOCIETY = "org-cantares"


def asked(address: str, head: str) -> str:
    """Send these lines as they are; return the answer."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as line:
        line.sendall(head.replace("\n", "\r\n").encode())
        found = b""
        while part := line.recv(1 << 16):
            found += part
    return found.decode()


def test_a_proxy_that_says_nothing_of_itself_leads_nobody_in(door: Any, serve: Any) -> None:
    address = serve(door)
    body = "account=artist%40sample.invalid"
    head = (
        f"POST /sign-in/demo HTTP/VERSION\nHost: localhost\nContent-Length: {len(body)}\n"
        f"Content-Type: application/x-www-form-urlencoded\nConnection: close\n\n{body}"
    )
    assert " 404 " in asked(address, head.replace("VERSION", "1.0")).partition("\r\n")[0]  # as nginx speaks by itself
    assert " 303 " in asked(address, head.replace("VERSION", "1.1")).partition("\r\n")[0]


def test_one_account_is_counted_as_one_however_it_is_written(door: Any) -> None:
    door.person("victim@example.org")
    wide = {ord(sign): ord(sign) + 0xFEE0 for sign in "victm"}
    ways = ["victim@example.org", "VICTIM@example.org", "victim@example.org".translate(wide)]
    ways += ["victim@example.org".replace("victim", "vic" + "tim".translate(wide))]
    codes = [
        door.browser(address=f"192.0.2.{number}").post(
            "/sign-in", {"login": ways[number % len(ways)], "password": "wrong"}, status=303 if number < 40 else 429
        )
        for number in range(41)
    ]
    assert len(codes) == 41


def test_whoever_is_let_go_while_a_body_comes_does_nothing_more(door: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from cantoria.web.portal import routes

    account = door.person("slow@example.org", Role.RIGHTS, organisation=SOCIETY)
    browser = door.browser()
    browser.sign_in("slow@example.org")
    fields = {"csrf": browser.token()}
    reading = routes.read_fields

    async def slowly(*given: Any, **more: Any) -> Any:
        found = await reading(*given, **more)
        door.access.accounts.set_active(account, False)
        return found

    monkeypatch.setattr(routes, "read_fields", slowly)
    sent = browser.client.post("/matches/run.json", data=fields)
    assert sent.status_code == 401


@pytest.fixture
def invited(door: Any) -> Any:
    """Invite a member of this name without an address; return the code of the invitation."""
    store = door.portal.parts["jobs"].parts()["members"]

    def make(name: str) -> str:
        house = door.portal.threads
        member, party, code = (
            house.look(lambda one, kind=kind: one.ids.new(kind)) for kind in ("member", "party", "x")
        )
        one = Member(member=member, organisation=SOCIETY, party=party, key=member, name=name, email="", made_at=1)
        store.add([one])
        store.link([(member, code)], organisation=SOCIETY, now=2)
        return str(code)

    return make


@pytest.mark.parametrize("login", ["a", "two words", "x" * 201])
def test_a_refused_sign_in_name_uses_no_invitation_up(door: Any, invited: Any, login: str) -> None:
    code = invited("Kim")
    fields = {"code": code, "password": PASSWORD, "again": PASSWORD}
    door.browser().post("/welcome", {**fields, "login": login}, status=400)
    door.browser().post("/welcome", {**fields, "login": f"{code[-12:]}@example.org"})


def test_a_busy_moment_uses_no_invitation_up(door: Any, invited: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cantoria.adapters.access.passwords.WAIT_SECONDS", 0.01)
    code = invited("Lee")
    fields = {"code": code, "password": PASSWORD, "again": PASSWORD, "login": f"{code[-12:]}@example.org"}
    with door.access.passwords._turns:
        door.browser().post("/welcome", fields, status=503)
    door.browser().post("/welcome", fields)


def test_a_name_that_is_too_long_for_an_account_is_cut(door: Any, invited: Any) -> None:
    code = invited("Long " * 30 + "\u200b")
    login = f"{code[-12:]}@example.org"
    browser = door.browser()
    browser.post("/welcome", {"code": code, "password": PASSWORD, "again": PASSWORD, "login": login})
    assert len(browser.json("/account")["name"]) <= 120


@pytest.mark.parametrize(
    ("path", "head", "body"),
    [
        (
            "/sign-in",
            "multipart/form-data; boundary=x; charset=undefined",
            b'--x\r\nContent-Disposition: form-data; name="login"\r\n\r\n\xff\r\n--x--\r\n',
        ),
        ("/sign-in/passkey.json", "application/json", b'{"flow": "x", "credential": {"id": "\\ud800"}}'),
    ],
)
def test_signs_that_are_none_are_refused(door: Any, path: str, head: str, body: bytes) -> None:
    found = door.browser().client.post(path, content=body, headers={"Content-Type": head}, follow_redirects=False)
    assert 400 <= found.status_code < 500


def test_strangers_checks_do_not_take_all_threads(door: Any) -> None:
    table = {"file": ("works.csv", b"work,title\nW1,One\n", "text/csv")}
    begun, go_on = threading.Event(), threading.Event()
    once = files._checked_now

    def held(*given: Any) -> Any:
        begun.set()
        go_on.wait(30)
        return once(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "_checked_now", held)
        codes: list[int] = []
        first = threading.Thread(
            target=lambda: codes.append(door.browser().client.post("/files/check", files=table).status_code)
        )
        first.start()
        begun.wait(30)
        assert door.browser().client.post("/files/check", files=table).status_code == 503
        go_on.set()
        first.join()
    assert codes == [200]
    assert door.browser().client.post("/files/check", files=table).status_code == 200


def test_pages_are_shown_while_strangers_wait(door: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, shown = threading.Event(), threading.Event()
    monkeypatch.setattr(type(door.access.passwords), "check", lambda *_: bool(go_on.wait(60)) and False)
    fields = {"login": "nobody@example.org", "password": "x"}

    def look() -> None:
        door.browser().get("/")
        shown.set()

    ways = [f"192.0.2.{number}" for number in range(READERS + 1)]
    waiting = [
        threading.Thread(target=lambda one=one: door.browser(address=one).post("/sign-in", fields)) for one in ways
    ]
    waiting.append(threading.Thread(target=look))
    for one in waiting:
        one.start()
    seen = shown.wait(30)
    go_on.set()
    for one in waiting:
        one.join()
    assert seen
