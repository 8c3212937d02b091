"""Signing in at a provider: a small real one on this machine, which also sends what a forger would."""

import base64
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from cantoria.adapters.access.oidc import Provider, Providers
from cantoria.app.access.permissions import Role

CLIENT, SECRET = "cantoria-portal", "a client's secret"
ORGANISATION = "org-cantares"
EMAIL = "ada@example.org"


class SmallProvider:
    """An OpenID provider: one user, RS256; `forge` changes what its next token says or how it is signed."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, parameters={"kid": "one"})
        self.asked: dict[str, dict[str, str]] = {}
        self.claims: dict[str, object] = {}
        self.sign = None
        self.document: dict[str, object] = {}
        self.padding = ""
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                provider.get(self)

            def do_POST(self):
                provider.post(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def get(self, request: BaseHTTPRequestHandler) -> None:
        if request.path == "/.well-known/openid-configuration":
            document = {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "padding": self.padding,
            }
            self.answer(request, {**document, **self.document})
        elif request.path == "/jwks":
            self.answer(request, {"keys": [self.key.as_dict(private=False)]})

    def post(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["content-length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        asked = self.asked.pop(form["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        good = asked is not None and challenge.decode() == asked["code_challenge"]
        good = good and (form["client_id"], form["client_secret"]) == (CLIENT, SECRET)
        good = good and form["redirect_uri"] == asked["redirect_uri"]
        if not good:
            self.answer(request, {"error": "invalid_grant"}, 400)
            return
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "user-1",
            "exp": now + 300,
            "iat": now,
            "nonce": asked["nonce"],
            "email": EMAIL,
            "email_verified": True,
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        token = self.sign(claims) if self.sign else jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        self.answer(request, {"id_token": token, "access_token": "x", "token_type": "Bearer"})

    def answer(self, request: BaseHTTPRequestHandler, value: object, status: int = 200) -> None:
        data = json.dumps(value).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    def authorize(self, location: str) -> dict[str, str]:
        """Do what the provider does with a browser: note what is asked, and return what it is sent back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        assert location.startswith(f"{self.issuer}/authorize?")
        assert asked["code_challenge_method"] == "S256"
        self.asked["code-1"] = asked
        return {"code": "code-1", "state": asked["state"], "iss": self.issuer}


@pytest.fixture
def provider():
    made = SmallProvider()
    yield made
    made.close()


@pytest.fixture
def federated(open_door, provider):
    """A portal whose organisation signs its people in at the small provider; Ada is one of them."""
    configured = Provider(
        organisation=ORGANISATION, issuer=provider.issuer, client_id=CLIENT, client_secret=SECRET, title="Cantares"
    )
    door = open_door()
    providers = Providers((configured,))
    object.__setattr__(door.access, "providers", providers)
    door.person(EMAIL, Role.REVIEWER, organisation=ORGANISATION)
    yield door
    providers.close()


WAY = f"/sign-in/with/{ORGANISATION}"


def leave(browser, **more):
    answer = browser.client.get(WAY, params=more, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def come_back(browser, sent):
    return browser.client.get(f"{WAY}/back", params=sent, follow_redirects=False)


def refused(answer):
    return answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?failed=provider")


def test_the_page_offers_the_provider(federated):
    assert f'href="{WAY}"' in federated.browser().get("/sign-in")


def test_a_colleague_comes_in_by_the_provider(federated, provider):
    browser = federated.browser()
    sent = provider.authorize(leave(browser, next="/search?q=a"))
    answer = come_back(browser, sent)
    assert answer.headers["location"] == "/search?q=a"
    account = browser.json("/account")
    assert account["login"] == EMAIL
    assert [one["current"] for one in account["capacities"]] == [True]
    provider.claims = {"email": None, "email_verified": None}
    again = federated.browser()
    come_back(again, provider.authorize(leave(again)))
    assert again.json("/account")["login"] == EMAIL


def other_key(claims):
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, RSAKey.generate_key(2048))


def unsigned(claims):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."


def by_the_secret(claims):
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET), algorithms=["HS256"])


FORGED = {
    "another key": ({}, other_key),
    "no signature": ({}, unsigned),
    "a shared secret": ({}, by_the_secret),
    "no token": ({}, lambda claims: "x.y.z"),
    "another audience": ({"aud": "another"}, None),
    "several audiences": ({"aud": [CLIENT, "another"]}, None),
    "another party": ({"azp": "another"}, None),
    "another issuer": ({"iss": "https://evil.example"}, None),
    "expired": ({"exp": 1_600_000_000}, None),
    "no end": ({"exp": None}, None),
    "an end that is no number": ({"exp": "never"}, None),
    "made long ago": ({"iat": 1_600_000_000}, None),
    "another nonce": ({"nonce": "x"}, None),
    "no nonce": ({"nonce": None}, None),
    "nobody": ({"sub": None}, None),
    "an unverified address": ({"sub": "user-2", "email_verified": False}, None),
    "an address verified by a word": ({"sub": "user-2", "email_verified": "true"}, None),
    "somebody unknown": ({"sub": "user-2", "email": "eve@example.org"}, None),
    "somebody of another organisation": ({"sub": "user-3", "email": "lee@example.org"}, None),
    "a demonstration account": ({"sub": "user-4", "email": "artist@sample.invalid"}, None),
    "somebody of two organisations": ({"sub": "user-5", "email": "two@example.org"}, None),
}


@pytest.mark.parametrize("case", FORGED)
def test_a_forged_or_foreign_token_opens_nothing(federated, provider, case):
    federated.person("lee@example.org", Role.OWNER, organisation="org-eumban")
    two = federated.person("two@example.org", Role.OWNER, organisation=ORGANISATION)
    federated.access.accounts.join(two, organisation="org-eumban", role=Role.OWNER, party="", now=federated.clock())
    provider.claims, provider.sign = FORGED[case]
    browser = federated.browser()
    assert refused(come_back(browser, provider.authorize(leave(browser))))
    assert not browser.known


def test_the_way_back_is_for_the_browser_that_left_and_once(federated, provider):
    browser, other = federated.browser(), federated.browser()
    sent = provider.authorize(leave(browser))
    assert refused(come_back(other, sent))
    leave(other)
    assert refused(come_back(other, sent))
    answer = come_back(browser, sent)
    assert answer.headers["location"] == "/"
    assert refused(come_back(browser, sent))


@pytest.mark.parametrize(
    "change",
    [{"state": "x"}, {"state": ""}, {"code": ""}, {"code": "other"}, {"iss": "https://evil.example"}, {"error": "no"}],
)
def test_a_changed_way_back_opens_nothing(federated, provider, change):
    browser = federated.browser()
    sent = provider.authorize(leave(browser))
    assert refused(come_back(browser, {**sent, **change}))
    assert not browser.known


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example"},
        {"jwks_uri": "http://192.0.2.1/jwks"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
    ],
)
def test_a_provider_that_names_another_place_is_not_followed(federated, provider, document):
    provider.document = document
    answer = federated.browser().client.get(WAY, follow_redirects=False)
    assert answer.status_code == 503


def test_a_provider_that_sends_too_much_is_not_read(federated, provider):
    provider.padding = "x" * (1 << 20)
    assert federated.browser().client.get(WAY, follow_redirects=False).status_code == 503


def test_replaced_keys_are_fetched_again(federated, provider):
    browser = federated.browser()
    come_back(browser, provider.authorize(leave(browser)))
    provider.key = RSAKey.generate_key(2048, parameters={"kid": "one"})
    federated.clock.pass_seconds(61)
    again = federated.browser()
    answer = come_back(again, provider.authorize(leave(again)))
    assert answer.headers["location"] == "/"


def test_an_organisation_without_a_provider_has_no_such_page(federated):
    assert federated.browser().client.get("/sign-in/with/org-eumban", follow_redirects=False).status_code == 404


def test_settings_name_providers_and_an_address(tmp_path):
    from cantoria.bootstrap.access import read_portal
    from cantoria.kernel.errors import InputError

    good = (
        '[portal]\naddress = "https://rights.example.org"\n[[portal.oidc]]\norganisation = "authors"\n'
        'issuer = "https://login.example.org"\nclient_id = "c"\nclient_secret = "s"\n'
    )
    path = tmp_path / "cantoria.toml"
    path.write_text(good, "utf-8")
    path.chmod(0o644)
    with pytest.raises(InputError):  # others may read its secret
        read_portal(tmp_path)
    path.chmod(0o600)
    found = read_portal(tmp_path)
    assert found.secure
    assert [one.title for one in found.providers] == ["authors"]
    for bad in (
        good.replace("https://rights", "http://rights"),
        good.replace("https://login", "http://login"),
        good.replace('client_id = "c"\n', ""),
        good.replace("rights.example.org", "rights.example.org/x"),
        "portal = 3\n",
    ):
        path.write_text(bad, "utf-8")
        with pytest.raises(InputError):
            read_portal(tmp_path)
