"""A scripted attacker against a real server with the house's limits and its real doorman: it gets nothing.

The house is a copy of the sample world to which hostile titles and names were added. Eve owns another organisation, so
that her account may do everything that an account can: whatever she is refused, she is refused for whose it is.
"""

from __future__ import annotations

import http.client
import json
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from cantoria.adapters.http import serving
from cantoria.app.access.permissions import Permission, Role
from cantoria.app.access.types import DAY
from cantoria.bootstrap.access import Access
from cantoria.bootstrap.house import WiredHouse
from cantoria.kernel.ids import ClaimId, PartyId, RecordingId
from cantoria.licensing.licence_facts import LicenceRequested
from cantoria.registry.facts import PartyNamed, PartyRegistered, RecordingRegistered, ShareClaimed
from cantoria.registry.types import PartyKind
from cantoria.registry.types import Role as CreditRole
from cantoria.web.app import create_app
from cantoria.web.portal import bodies
from cantoria.web.portal.areas import AREAS
from cantoria.web.portal.opening import open_portal
from cantoria.web.portal.portal import Portal

PASSWORD: Final = "seven lanterns over water"
TITLE: Final = "\"><script>alert('t')</script><img src=x onerror=alert(1)>{{7*7}}"
NAME: Final = "';--\"><svg/onload=alert(2)></title><script>alert('n')</script>"
PARAMETER: Final = re.compile(r"{(\w+)(?::\w+)?}")
PAGES: Final = [page for area in AREAS for page in area.pages]
FORMS: Final = [form for area in AREAS for form in area.forms]
QUICK: Final = 1.0  # seconds that the server waits in these tests, in place of its own patience


class World:
    """The attacked portal: its address, its accounts, and what an attacker may have learnt of it (ids)."""

    def __init__(self, portal: Portal, address: str) -> None:
        self.portal, self.address = portal, address
        self.ids: dict[str, str] = {}

    @property
    def access(self) -> Access:
        found: Access = self.portal.parts["access"]
        return found

    def client(self, **more: Any) -> httpx.Client:
        return httpx.Client(base_url=self.address, timeout=60, trust_env=False, **more)

    @contextmanager
    def demo(self, who: str) -> Iterator[httpx.Client]:
        """Enter as one of the demonstration's people, on this machine."""
        with self.client() as client:
            done = client.post("/sign-in/demo", data={"account": f"{who}@sample.invalid"})
            assert done.status_code == 303, done.text
            yield client

    @contextmanager
    def eve(self) -> Iterator[httpx.Client]:
        """Be Eve, signed in."""
        with self.client() as client:
            client.cookies.set("cantoria_session", self.session("eve@example.org"))
            assert client.get("/account.json").json()["login"] == "eve@example.org"
            yield client

    def session(self, login: str) -> str:
        account = self.access.accounts.by_login(login)
        assert account is not None
        [membership] = self.access.accounts.memberships(account.id)
        return self.access.sessions.begin(
            account.id, version=account.version, membership=membership.id, now=self.access.now(), agent="a test"
        )

    def key(self, login: str, *scopes: Permission) -> str:
        account = self.access.accounts.by_login(login)
        assert account is not None
        [membership] = self.access.accounts.memberships(account.id)
        return self.access.keys.make(
            membership, name="test", scopes=frozenset(scopes or Permission), days=1, now=self.access.now()
        )[1]


def token_of(client: httpx.Client) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/account").text)
    assert found
    return found[1]


def plant(house: WiredHouse) -> dict[str, str]:
    """Record somebody and something with hostile names."""
    author = house.author("org-cantares")
    party, recording = PartyId(house.ids.new("party")), RecordingId(house.ids.new("recording"))
    house.journal.record(
        [
            PartyRegistered(party=party, kind=PartyKind.PERSON),
            PartyNamed(party=party, name=NAME),
            RecordingRegistered(recording=recording, title=TITLE, display_artist=NAME),
            ShareClaimed(
                claim=ClaimId(house.ids.new("claim")),
                subject=recording,
                party=party,
                role=CreditRole.FEATURED_PERFORMER,
                asserted_by=author.party,
            ),
        ],
        author=author,
    )
    house.index.catch_up()
    house.search.catch_up()
    asked = next(iter(house.index.scan(tags=[LicenceRequested.TYPE.tag]))).fact
    return {"hostile_party": party, "hostile": recording, "licence": asked.offer.licence, "request": asked.request}


@pytest.fixture(scope="module")
def world(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Serve the attacked house over real HTTP on this machine."""
    home = tmp_path_factory.mktemp("attacked") / "world"
    shutil.copytree(sample_home, home)
    portal = open_portal(home, desk=None)
    listening = serving.listen("127.0.0.1", port=0)
    server = serving.server(create_app(None, portal=portal))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    made = World(portal, f"http://127.0.0.1:{listening.getsockname()[1]}")
    made.ids = portal.threads.write_now(plant)
    for login, organisation in (("eve@example.org", "org-eumban"), ("bob@example.org", "org-cantares")):
        account = made.access.accounts.create(login, name=NAME if login[0] == "e" else "Bob", now=made.access.now())
        made.access.accounts.set_password(account.id, made.access.passwords.hash(PASSWORD))
        made.access.accounts.join(
            account.id, organisation=organisation, role=Role.OWNER, party="", now=made.access.now()
        )
    made.ids |= owned(made)
    yield made
    server.should_exit = True
    thread.join(timeout=30)
    portal.close()


def owned(world: World) -> dict[str, str]:
    """Let others than Eve have something of each private kind; return the ids."""
    found: dict[str, str] = {}
    with world.demo("director") as director:
        headers = {"X-CSRF-Token": token_of(director)}
        sent = director.post(
            "/files", data={"csrf": token_of(director)}, files={"file": ("a.csv", b"party,kind,name\n")}
        )
        found["job"] = sent.headers["location"].rpartition("/")[2]
        login = {"login": "new@example.org", "name": "New", "role": "reviewer"}
        found["proposal"] = director.post("/staff/invite.json", json=login, headers=headers).json()["proposal"]
        found["session"] = director.get("/account.json").json()["sessions"][0]["id"]
        made = director.post("/keys.json", json={"name": "k", "scopes": ["decide"], "days": 3}, headers=headers)
        found["key"] = made.json()["made"]["id"]
        found["membership"] = director.get("/staff.json").json()["colleagues"][0]["membership"]
    with world.demo("developer") as developer:
        fields = {"csrf": token_of(developer), "use": "train_generative", "territories": "KR"}
        manifest = b"line,isrc\n1,KR9ZA2100001\n"
        done = developer.post("/datasets/new", data=fields, files={"file": ("m.csv", manifest)})
        assert done.status_code == 303, done.text
        found["dataset"] = done.headers["location"].rpartition("/")[2].partition("?")[0]
    for name in ("job", "dataset"):  # what they record comes before anybody attacks
        until = time.monotonic() + 120
        while world.portal.parts["jobs"].store.get(found[name]).state.value in ("queued", "running"):
            assert time.monotonic() < until, name
            time.sleep(0.1)
    with world.demo("artist") as artist:
        account = artist.get("/account.json").json()
        found["party"] = next(one["party"] for one in account["capacities"] if one["current"])
        headers = {"X-CSRF-Token": token_of(artist)}
        decision = {"party": found["party"], "scope": "future", "voice": "no"}
        done = artist.post("/decide.json", json=decision, headers=headers)
        assert done.status_code == 201, done.text
        found["statement"] = done.headers["location"].rpartition("/")[2]
    return {**found, "label": "2026-09", "organisation": "org-eumban", "index": "0", "part": "certificate"}


def filled(path: str, ids: dict[str, str]) -> str:
    return PARAMETER.sub(lambda match: ids.get(match[1], "thing_1"), path)


def gives_nothing(answer: httpx.Response) -> bool:
    """Tell whether an answer is a refusal."""
    away = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
    return away or answer.status_code in (400, 401, 403, 404, 405, 422)


# Forged requests: a browser that is signed in, led by another site


SIGNED: Final = [form for form in FORMS if form.signed_in]


@pytest.mark.parametrize("form", SIGNED, ids=lambda form: form.path)
def test_no_form_is_done_for_another_site_or_without_a_token(world: World, form: Any) -> None:
    path = filled(form.path, world.ids)
    with world.client() as victim, world.client() as other:
        victim.cookies.set("cantoria_session", world.session("director@sample.invalid"))
        other.cookies.set("cantoria_session", world.session("deputy@sample.invalid"))
        genuine, foreign = token_of(victim), token_of(other)
        for headers in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
        ):
            answer = victim.post(path, data={"csrf": genuine}, headers=headers)
            assert answer.status_code == 403, (path, headers)
        for token in ("", foreign, genuine[:-8] + "AAAAAAA=", "x"):
            told = victim.post(f"{path}.json", json={"csrf": token})
            assert told.status_code == 403, (path, token, told.text)
            assert "form" in told.json()["detail"]


def test_no_page_does_anything_when_it_is_looked_at(world: World) -> None:
    with world.client() as victim:
        victim.cookies.set("cantoria_session", world.session("director@sample.invalid"))
        before = victim.get("/account.json").json()["as_of"]
        for page in PAGES:
            if page.path not in ("/sign-in/with/{organisation}", "/sign-in/with/{organisation}/back"):
                assert victim.get(filled(page.path, world.ids)).status_code < 500, page.path
        assert victim.get("/account.json").json()["as_of"] == before


# Other people's things, by ids that exist


PRIVATE_PAGES: Final = [page for page in PAGES if page.signed_in and "{" in page.path]


@pytest.mark.parametrize("page", PRIVATE_PAGES, ids=lambda page: page.path)
def test_eve_sees_nothing_of_another_organisation(world: World, page: Any) -> None:
    path = filled(page.path, world.ids)
    with world.eve() as eve, world.client() as nobody:
        for client in (eve, nobody):
            for way in (path, f"{path}.json"):
                answer = client.get(way)
                assert gives_nothing(answer), (way, answer.status_code, answer.text[:300])
        key = world.key("eve@example.org")
        assert gives_nothing(nobody.get(f"{path}.json", headers={"Authorization": f"Bearer {key}"}))


OWNED_FORMS: Final = [form for form in SIGNED if "{" in form.path and not form.path.startswith("/cases/")]


@pytest.mark.parametrize("form", OWNED_FORMS, ids=lambda form: form.path)
def test_eve_changes_nothing_of_another_organisation(world: World, form: Any) -> None:
    path = filled(form.path, world.ids)
    with world.eve() as eve:
        before = eve.get("/account.json").json()["as_of"]
        answer = eve.post(f"{path}.json", json={}, headers={"X-CSRF-Token": token_of(eve)})
        assert gives_nothing(answer), (path, answer.status_code, answer.text[:300])
        assert eve.get("/account.json").json()["as_of"] == before


def test_eve_names_other_peoples_ids_in_vain(world: World) -> None:
    ids = world.ids
    attempts: list[tuple[str, dict[str, Any]]] = [
        ("/staff/role", {"membership": ids["membership"], "role": "auditor"}),
        ("/staff/remove", {"membership": ids["membership"]}),
        ("/account/capacity", {"membership": ids["membership"]}),
        ("/account/sessions/end", {"session": ids["session"]}),
        ("/keys/end", {"key": ids["key"]}),
        ("/decide", {"party": ids["party"], "scope": "future", "voice": "yes"}),
        ("/decide/preview", {"party": ids["party"], "scope": "future", "voice": "yes"}),
        ("/decide", {"party": ids["hostile_party"], "scope": "future", "voice": "yes"}),
        ("/trusted", {"party": ids["party"]}),
        ("/inbox/answer", {"party": ids["party"], "licence": ids["licence"], "stance": "accept"}),
        (f"/decisions/{ids['statement']}/withdraw", {}),
        (f"/approvals/{ids['proposal']}/approve", {}),
        (f"/jobs/{ids['job']}/cancel", {}),
        (f"/files/{ids['job']}/submit", {}),
    ]
    with world.eve() as eve:
        before = eve.get("/account.json").json()["as_of"]
        for path, value in attempts:
            answer = eve.post(f"{path}.json", json=value, headers={"X-CSRF-Token": token_of(eve)})
            assert gives_nothing(answer), (path, answer.status_code, answer.text[:300])
        assert eve.get("/account.json").json()["as_of"] == before
        for path in ("/decide", "/decisions", "/inbox", "/trusted", "/earnings"):
            told = eve.get(f"{path}.json", params={"party": ids["party"]})
            assert gives_nothing(told) or ids["statement"] not in told.text, path
    with world.demo("director") as director:
        assert director.get("/approvals.json").json()["proposals"][0]["state"] == "open"


def test_lists_hold_ones_own_things_alone(world: World) -> None:
    with world.eve() as eve:
        for path in (
            "/jobs",
            "/datasets",
            "/requests",
            "/files",
            "/members",
            "/staff",
            "/approvals",
            "/keys",
        ):
            told = eve.get(f"{path}.json")
            assert told.status_code == 200, (path, told.text)
            for name in ("job", "dataset", "proposal", "key", "membership", "session"):
                assert world.ids[name] not in told.text, (path, name)


def test_the_log_tells_of_ones_own_organisation_alone(world: World) -> None:
    staff = {one.account for one in world.access.accounts.staff("org-eumban")}
    with world.eve() as eve:
        eve.post("/account/name.json", json={"name": NAME}, headers={"X-CSRF-Token": token_of(eve)})
        rows = eve.get("/audit.json").json()["rows"]
        assert rows
        assert {row["account"] for row in rows} <= staff


# Hostile titles and names


def lawful(html: str) -> bool:
    bare = re.sub(r'"[^"]*"', '""', html)
    tags = re.findall(r"<[a-zA-Z][^>]*>", bare)
    scripts = [tag for tag in tags if tag.startswith("<script") and "src=" not in tag]
    return not scripts and not any(re.search(r"\s(?:on\w+|style)=", tag) for tag in tags) and "<svg/onload" not in html


def test_hostile_names_are_words_and_nothing_else(world: World) -> None:
    recording, party = world.ids["hostile"], world.ids["hostile_party"]
    paths = [
        f"/recordings/{recording}",
        f"/recordings/{recording}/clearance?use=train_generative&territory=KR",
        f"/parties/{party}",
        f"/search?q={party}",
        "/search?q=alert",
        "/account",
        "/staff",
        f"/was-i-in-it?q={recording}",
        "/cases",
    ]
    seen = 0
    with world.eve() as eve:
        for path in paths:
            answer = eve.get(path)
            assert answer.status_code == 200, (path, answer.status_code)
            assert lawful(answer.text), path
            assert "alert('" not in answer.text, path
            assert "7*7" in answer.text or ">49<" not in answer.text
            seen += "alert(" in answer.text
            assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert seen >= 3


@pytest.mark.parametrize(
    "payload", [TITLE, NAME, "</title><script>alert(1)</script>", "'\"><img src=x onerror=alert(1)>"]
)
def test_what_an_address_says_is_not_run(world: World, payload: str) -> None:
    with world.client() as client:
        for path, names in (
            ("/search", ("q",)),
            ("/", ("lang", "said", "as_of")),
            ("/sign-in", ("next", "failed", "said")),
            ("/was-i-in-it", ("q", "code", "name")),
            ("/coverage", ("use", "territory", "licensee")),
            ("/invitation", ("code",)),
        ):
            for name in names:
                answer = client.get(path, params={name: payload})
                assert answer.status_code < 500, (path, name)
                assert lawful(answer.text), (path, name)
        for path in ("/recordings/", "/parties/", "/nothing/"):
            answer = client.get(path + httpx.URL("http://x/", params={"a": payload}).query.decode())
            assert answer.status_code in (400, 404, 422)
            assert lawful(answer.text)
        answer = client.get(
            "/",
            headers={
                "Accept-Language": payload.encode("ascii", "ignore").decode(),
                "Cookie": "cantoria_language=<script>",
            },
        )
        assert lawful(answer.text)


def test_json_is_no_page(world: World) -> None:
    with world.client() as client:
        answer = client.get(f"/recordings/{world.ids['hostile']}.json")
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"


# Paths


def raw(world: World, method: str, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    """Ask for a path exactly as it is written."""
    host, _, port = world.address.removeprefix("http://").partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=30)
    try:
        connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()


@pytest.mark.parametrize(
    "ways", ["../" * 6, "..%2f" * 6, "%2e%2e/" * 6, "..\\" * 6, "....//" * 6, "%252e%252e%252f" * 6, "/"]
)
@pytest.mark.parametrize("target", ["etc/passwd", "cantoria.toml", "access.db", "portal.py", "keys/log.json"])
def test_no_path_leads_out(world: World, ways: str, target: str) -> None:
    certificate = "0" * 64
    for base in ("/static/", "/static/js/", f"/certificates/{certificate}/files/", "/entries/", "/parties/", "/"):
        status, body, _ = raw(world, "GET", base + ways + target)
        assert status in (400, 401, 404, 405, 422), (base + ways + target, status)
        for secret in (b"root:x:", b"SQLite format", b"[ledger]", b'"seed"', b"import annotations"):
            assert secret not in body


@pytest.mark.parametrize(
    "name",
    [
        "../../../evil.csv",
        "/etc/cron.d/evil",
        "..\\evil",
        "a\x00b.csv",
        'a"; x="y.csv',
        "a\r\nX-Evil: 1.csv",
        "é" * 400,
    ],
)
def test_names_of_uploads_are_no_paths(world: World, name: str) -> None:
    home = world.portal.threads.home
    before = {path.name for path in home.parent.rglob("*")}
    boundary = "x" * 30
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + b"party,kind,name\nA,person,A\n\r\n" + f"--{boundary}--\r\n".encode()
    with world.client() as client:
        answer = client.post(
            "/files/check", content=body, headers={"Content-Type": f"multipart/form-data; boundary={boundary}"}
        )
    assert answer.status_code < 500
    assert "x-evil" not in answer.headers
    assert not {one for one in {path.name for path in home.parent.rglob("*")} - before if "evil" in one}


# Too much, too slow


def test_bodies_beyond_their_limit_are_refused_before_they_are_read(world: World) -> None:
    host, _, port = world.address.removeprefix("http://").partition(":")
    for path in ("/sign-in", "/files/check", "/sign-in.json", "/invitation"):
        with socket.create_connection((host, int(port)), timeout=20) as link:
            head = f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            link.sendall(f"{head}Content-Length: 99999999999\r\n\r\n".encode())
            assert link.recv(100).startswith(b"HTTP/1.1 413"), path


def test_a_body_without_a_length_is_cut_off(world: World) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(4_000):
            yield b"x" * 1_000

    with world.client() as client, suppress(httpx.HTTPError):
        answer = client.post("/sign-in", content=parts(), headers={"Content-Type": "application/x-www-form-urlencoded"})
        assert answer.status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"&".join(b"f%d=1" % n for n in range(5_000)),
        b"login=" + b"x" * 200_000 + b"&password=y",
        b"login[a]=1&login=2&login=3&password=x",
        b"%ff%fe=%00&login=\xff\xfe&password=\x00",
    ],
)
def test_strange_forms_are_refused(world: World, body: bytes) -> None:
    with world.client() as client:
        answer = client.post("/sign-in", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
        assert answer.status_code in (303, 400, 413, 422)
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b"{" * 50_000, b'{"login": 1e400}', b"null", b"[]", b'{"login": {"a": 1}}', b"\xff", b"NaN"],
)
def test_strange_json_is_refused(world: World, body: bytes) -> None:
    with world.client() as client:
        answer = client.post("/sign-in.json", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422)


def test_slow_bodies_and_heads_are_not_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in (
        (bodies, "BODY_SECONDS_MAX"),
        (bodies, "UPLOAD_SECONDS_MAX"),
        (serving, "BODY_SECONDS_MAX"),
        (serving, "HEAD_SECONDS_MAX"),
    ):
        monkeypatch.setattr(module, name, QUICK)
    host, _, port = world.address.removeprefix("http://").partition(":")
    begun = f"POST {{}} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 500\r\nContent-Type: {{}}\r\n\r\n"
    heads = [
        begun.format("/sign-in", "application/x-www-form-urlencoded") + "log",
        begun.format("/sign-in.json", "application/json") + '{"log',
        begun.format("/files/check", "multipart/form-data; boundary=x") + "--x\r\nContent-Dis",
        f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\nX-Slow: ",
    ]
    for head in heads:
        with socket.create_connection((host, int(port)), timeout=20) as link:
            started = time.monotonic()
            link.sendall(head.encode())
            answer = link.recv(200)
            assert time.monotonic() - started < 15
            assert answer == b"" or answer.startswith(b"HTTP/1.1 408"), answer
    with world.client() as client:
        assert client.get("/").status_code == 200


def test_long_addresses_and_heads_are_refused(world: World) -> None:
    with world.client() as client:
        assert client.get("/search", params={"q": "x" * 9_000}).status_code == 414
        assert client.get("/", headers={"X-Long": "x" * 300_000}).status_code in (400, 431)


# Sessions and keys


def test_no_session_is_guessed_or_outlives_its_end(world: World) -> None:
    good = world.session("bob@example.org")
    forged = [
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        good.upper(),
        good + good,
        "' OR 1=1 --",
        "",
        "null",
        "x" * 4_000,
        json.dumps({"account": "acct_1"}),
    ]
    with world.client() as client:
        for token in forged:
            answer = client.get("/account.json", headers={"Cookie": f"cantoria_session={token}"})
            assert answer.status_code == 401, token
        assert client.get("/account.json", headers={"Cookie": f"cantoria_session={good}"}).status_code == 200
        bob = world.access.accounts.by_login("bob@example.org")
        assert bob is not None
        world.access.accounts.set_active(bob.id, False)
        assert client.get("/account.json", headers={"Cookie": f"cantoria_session={good}"}).status_code == 401
        world.access.accounts.set_active(bob.id, True)
        assert client.get("/account.json", headers={"Cookie": f"cantoria_session={good}"}).status_code == 401


def test_no_key_is_forged_and_an_expired_one_is_none(world: World) -> None:
    key = world.key("bob@example.org", Permission.READ_AUDIT)
    other = world.key("eve@example.org", Permission.READ_AUDIT)
    _, name, secret = key.split("_")
    bob = world.access.accounts.by_login("bob@example.org")
    assert bob is not None
    [membership] = world.access.accounts.memberships(bob.id)
    past = world.access.now() - 3 * DAY
    expired = world.access.keys.make(
        membership, name="old", scopes=frozenset({Permission.READ_AUDIT}), days=1, now=past
    )[1]
    forged = [
        f"cantoria_{name}_{'0' * 64}",
        f"cantoria_{name}_{other.rpartition('_')[2]}",
        f"cantoria_{'0' * 16}_{secret}",
        key.upper(),
        expired,
        f"{key} {key}",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
    ]
    with world.client() as client:
        for one in forged:
            assert client.get("/audit.json", headers={"Authorization": f"Bearer {one}"}).status_code == 401, one
        good = client.get("/audit.json", headers={"Authorization": f"Bearer {key}"})
        assert good.status_code == 200
        for path in ("/approvals", "/keys", "/staff", "/account", "/members", "/matches", "/earnings"):
            told = client.get(f"{path}.json", headers={"Authorization": f"Bearer {key}"})
            assert told.status_code == 403, path


def test_a_session_is_not_fixed_by_a_stranger(world: World) -> None:
    fixed = "F" * 43
    with world.client() as victim, world.client() as eve:
        victim.cookies.set("cantoria_session", fixed)
        done = victim.post("/sign-in", data={"login": "bob@example.org", "password": PASSWORD})
        assert done.status_code == 303
        assert fixed not in done.headers["set-cookie"]
        assert eve.get("/account.json", headers={"Cookie": f"cantoria_session={fixed}"}).status_code == 401


def test_passwords_are_not_guessed_at_speed(world: World) -> None:
    codes = []
    with world.client() as client:
        for number in range(12):
            sent = {"login": "bob@example.org", "password": f"guess {number} of many"}
            codes.append(client.post("/sign-in.json", json=sent))
    assert codes[-1].status_code == 429
    assert int(codes[-1].headers["retry-after"]) >= 1
    assert sum(one.status_code == 403 for one in codes) <= 6


# Ways elsewhere


@pytest.mark.parametrize(
    "then",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/%5cevil.example/..//evil.example",
        "\thttps://evil.example",
        "https:evil.example",
        "///evil.example",
        "/a\r\nLocation: https://evil.example",
    ],
)
def test_nobody_is_led_elsewhere(world: World, then: str) -> None:
    with world.client() as client:
        page = client.get("/sign-in", params={"next": then}).text
        assert not re.search(r'(?:href|action|value)="[^"/]*(?:https?:|//|/\\)[^"]*evil', page)
        done = client.post("/sign-in/demo", data={"account": "artist@sample.invalid", "next": then})
        location = done.headers["location"]
        assert location.startswith("/")
        assert not location.startswith(("//", "/\\"))
        assert httpx.URL(world.address).join(location).host == "127.0.0.1"
        assert "x-evil" not in done.headers


def test_a_named_host_leads_nowhere(world: World) -> None:
    status, _, headers = raw(world, "GET", "/account", Host="evil.example")
    assert (status, headers["location"]) == (303, "/sign-in?next=%2Faccount")
    status, body, _ = raw(world, "GET", "/sign-in", Host="evil.example")
    assert status == 200
    assert b"evil.example" not in body
    assert b"data-demo" not in body


def test_no_header_is_smuggled_in(world: World) -> None:
    for path in (
        "/sign-in?next=/a%0d%0aSet-Cookie:%20x=1",
        "/?lang=en%0d%0aX-Evil:%201",
        "/account?x=%0d%0aX-Evil:%201",
        "/search?q=%0d%0a%0d%0a<script>",
        "/nothing%0d%0aX-Evil:%201",
    ):
        _, _, headers = raw(world, "GET", path)
        assert "x-evil" not in headers
        assert "x=1" not in headers.get("set-cookie", "")


# The same again, and another way


def test_a_key_of_idempotency_is_its_accounts_own(world: World) -> None:
    once = {"Idempotency-Key": "the-same-key"}
    with world.demo("artist") as artist, world.eve() as eve:
        party = world.ids["party"]
        decision = {"party": party, "scope": "future", "style": "no"}
        first = artist.post("/decide.json", json=decision, headers={"X-CSRF-Token": token_of(artist), **once})
        assert first.status_code == 201, first.text
        again = artist.post("/decide.json", json=decision, headers={"X-CSRF-Token": token_of(artist), **once})
        assert again.headers["idempotency-replayed"] == "true"
        assert again.json() == first.json()
        stolen = eve.post("/decide.json", json=decision, headers={"X-CSRF-Token": token_of(eve), **once})
        assert stolen.status_code in (400, 403, 404)
        assert first.headers["location"] not in stolen.text
        changed = artist.post(
            "/decide.json", json={**decision, "style": "ask"}, headers={"X-CSRF-Token": token_of(artist), **once}
        )
        assert changed.status_code == 422
        nobody = httpx.post(f"{world.address}/decide.json", json=decision, headers=once, trust_env=False)
        assert nobody.status_code == 401


def test_forms_are_sent_one_way_alone(world: World) -> None:
    only_forms = {form.path for form in FORMS} - {page.path for page in PAGES}
    with world.demo("director") as client:
        before = client.get("/account.json").json()["as_of"]
        token = token_of(client)
        for path in sorted(only_forms):
            for method in ("GET", "PUT", "DELETE", "PATCH"):
                for way in (filled(path, world.ids), f"{filled(path, world.ids)}.json"):
                    answer = client.request(method, way, params={"csrf": token}, headers={"X-CSRF-Token": token})
                    assert answer.status_code in (404, 405, 422), (method, way, answer.status_code)
        for override in ({"X-HTTP-Method-Override": "POST"}, {"X-HTTP-Method": "DELETE"}):
            assert client.get("/account", headers=override).status_code == 200
        assert client.request("TRACE", "/account").status_code in (400, 404, 405)
        assert client.get("/account.json").json()["as_of"] == before


def test_private_pages_stay_private_on_the_way(world: World) -> None:
    with world.demo("director") as client:
        for page in PAGES:
            if page.signed_in and "{" not in page.path:
                for way in (page.path, f"{page.path}.json"):
                    answer = client.get(way)
                    if answer.status_code == 200:
                        assert "no-store" in answer.headers["cache-control"], way
                        assert "access-control-allow-origin" not in answer.headers
                        if not way.endswith(".json"):
                            assert answer.headers["x-frame-options"] == "DENY"


def test_errors_tell_nothing_of_the_house(world: World) -> None:
    with world.client() as client:
        for path in (
            "/nothing",
            "/entries/abc",
            "/recordings/x.json",
            "/?as_of=-1",
            "/certificates/x/files/y",
            "/static/x",
        ):
            text = client.get(path).text
            for secret in ("Traceback", "site-packages", str(world.portal.threads.home), "sqlalchemy", 'File "'):
                assert secret not in text, path
