"""OpenID Connect for organisations: authorization code with PKCE, state and nonce; ID tokens checked here.

OpenID Connect Core 1.0 sections 3.1.2 and 3.1.3.7, RFC 7636 (PKCE), RFC 9207 (`iss` in the answer). What a provider
sends is fetched by this server with limits of size and time, and never from another place than its issuer names.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from cantoria.adapters.access.secrets import new_token
from cantoria.kernel.errors import InputError, UnavailableError

SECONDS_MAX: Final = 5.0
BYTES_MAX: Final = 128 << 10
KEPT_SECONDS: Final = 3_600
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
LEEWAY_SECONDS: Final = 60
AGE_SECONDS_MAX: Final = 600
_SECOND: Final = 1_000_000
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Where the people of an organisation (a name in the key ring) sign in. `title` is what their button says."""

    organisation: str
    issuer: str
    client_id: str
    client_secret: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A sign-in on its way: where to send the browser, and what to remember until it comes back."""

    location: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whom a provider says that somebody is; `email` only where it vouches for it."""

    issuer: str
    subject: str
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class _Known:
    document: dict[str, Any]
    keys: KeySet
    at: int


class Providers:
    """The configured providers, with what they published kept for an hour."""

    def __init__(self, providers: tuple[Provider, ...], *, client: httpx.Client | None = None) -> None:
        self._by_organisation = {one.organisation: one for one in providers}
        self._client = client or httpx.Client(
            timeout=SECONDS_MAX, follow_redirects=False, trust_env=False, headers={"User-Agent": "cantoria"}
        )
        self._known: dict[str, _Known] = {}
        self._lock = threading.Lock()

    def every(self) -> tuple[Provider, ...]:
        """Return the providers by organisation."""
        return tuple(self._by_organisation[name] for name in sorted(self._by_organisation))

    def get(self, organisation: str) -> Provider | None:
        """Return the provider of an organisation."""
        return self._by_organisation.get(organisation)

    def begin(self, provider: Provider, *, back: str, now: int) -> Begun:
        """Begin a sign-in that comes back to the address `back`."""
        known = self._look(provider, now=now)
        state, nonce, verifier = new_token(), new_token(), new_token()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": back,
            "scope": "openid email profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        endpoint = _endpoint(known.document, "authorization_endpoint", provider)
        mark = "&" if "?" in endpoint else "?"
        return Begun(location=f"{endpoint}{mark}{urlencode(query)}", state=state, nonce=nonce, verifier=verifier)

    def finish(self, provider: Provider, *, code: str, nonce: str, verifier: str, back: str, now: int) -> Identity:
        """Exchange the code for an ID token and return whom it names; a token that fails any check is refused."""
        known = self._look(provider, now=now)
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "client_id": provider.client_id,
            "client_secret": provider.client_secret,
            "code_verifier": verifier,
        }
        answer = self._fetch(_endpoint(known.document, "token_endpoint", provider), sent)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise refused("the provider sent no ID token")
        claims = self._claims(provider, token, known, now=now)
        return identity_of(claims, provider=provider, nonce=nonce, now=now)

    def close(self) -> None:
        """Release the connections."""
        self._client.close()

    def _claims(self, provider: Provider, token: str, known: _Known, *, now: int) -> dict[str, Any]:
        try:
            return decode(token, known.keys)
        except InputError:
            if now - known.at < 60 * _SECOND:
                raise
        return decode(token, self._look(provider, now=now, afresh=True).keys)  # its keys may have been replaced

    def _look(self, provider: Provider, *, now: int, afresh: bool = False) -> _Known:
        with self._lock:
            found = self._known.get(provider.organisation)
        if found is not None and not afresh and now - found.at < KEPT_SECONDS * _SECOND:
            return found
        issuer = provider.issuer.rstrip("/")
        document = self._fetch(f"{issuer}/.well-known/openid-configuration")
        if document.get("issuer") != provider.issuer:
            raise UnavailableError("the provider calls itself another issuer", "correct the issuer in the settings")
        try:
            keys = KeySet.import_key_set(self._fetch(_endpoint(document, "jwks_uri", provider)))  # type: ignore[arg-type]
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise UnavailableError("the provider's keys cannot be read", "try again later") from error
        found = _Known(document, keys, now)
        with self._lock:
            self._known[provider.organisation] = found
        return found

    def _fetch(self, address: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        """Return a JSON object from a provider: to a form's answer, or to a look."""
        method = "POST" if form is not None else "GET"
        try:
            with self._client.stream(method, address, data=form, headers={"Accept": "application/json"}) as response:
                body = b""
                for part in response.iter_bytes():
                    body += part
                    if len(body) > BYTES_MAX:
                        raise UnavailableError("the provider sends too much", "try again later")
            if response.status_code != 200:
                if form is not None and response.status_code in (400, 401):
                    raise refused("the provider does not accept the code")
                raise UnavailableError(f"the provider answers {response.status_code}", "try again later")
            value = json.loads(body)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
            raise UnavailableError("the provider cannot be reached", "try again later") from error
        if not isinstance(value, dict):
            raise UnavailableError("the provider sends something else", "try again later")
        return value


def decode(token: str, keys: KeySet) -> dict[str, Any]:
    """Return the claims of a token signed by one of the keys with an algorithm of our list; others are refused."""
    try:
        return dict(jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise refused("the ID token is not genuine") from error


def identity_of(claims: dict[str, Any], *, provider: Provider, nonce: str, now: int) -> Identity:
    """Return whom the claims name, after the checks of section 3.1.3.7; `now` in microseconds."""
    seconds = now // _SECOND
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if claims.get("iss") != provider.issuer:
        raise refused("the ID token is of another issuer")
    if provider.client_id not in audiences or (len(audiences) > 1 and claims.get("azp") != provider.client_id):
        raise refused("the ID token is for somebody else")
    if claims.get("azp", provider.client_id) != provider.client_id:
        raise refused("the ID token is for somebody else")
    until, since = _number(claims.get("exp")), _number(claims.get("iat"))
    if until is None or since is None or until + LEEWAY_SECONDS <= seconds:
        raise refused("the ID token has expired")
    if not -LEEWAY_SECONDS <= seconds - since <= AGE_SECONDS_MAX:
        raise refused("the ID token was made at another time")
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise refused("the ID token answers another sign-in")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise refused("the ID token names nobody")
    email = claims.get("email")
    vouched = claims.get("email_verified") is True and isinstance(email, str)
    name = claims.get("name")
    return Identity(
        issuer=provider.issuer,
        subject=subject,
        email=str(email) if vouched else "",
        name=name if isinstance(name, str) else "",
    )


def refused(detail: str) -> InputError:
    """Return why a sign-in by a provider is refused."""
    return InputError(detail, "begin to sign in again")


def _endpoint(document: dict[str, Any], name: str, provider: Provider) -> str:
    """Return an address that the provider names: https, or on loopback where its issuer is."""
    address = document.get(name)
    parts = urlsplit(address) if isinstance(address, str) else urlsplit("")
    local = parts.scheme == "http" and parts.hostname in _LOOPBACK and provider.issuer.startswith("http://")
    if not isinstance(address, str) or (parts.scheme != "https" and not local) or "@" in parts.netloc:
        raise UnavailableError(f"the provider names no good {name}", "ask whoever runs it")
    return address


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
