"""Who stands at the door: what tells visitors apart, keeps the answers to keys, and slows down the hasty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cantoria.app.access.visitors import Visitor

SESSION_COOKIE = "cantoria_session"
HOST_COOKIE = f"__Host-{SESSION_COOKIE}"  # behind https: no other host, path or scheme can set it (RFC 6265bis)
FLOW_COOKIE = "cantoria_flow"  # binds the way to a provider and back to one browser
HOST_FLOW_COOKIE = f"__Host-{FLOW_COOKIE}"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request brought: the session cookie (`host_session` is the one that only https sets), a bearer key, the
    address it came from, its method, the host that it names, the browser, and whether others passed it on."""

    session: str = ""
    bearer: str = ""
    address: str = ""
    method: str = "GET"
    host_session: str = ""
    flow: str = ""
    host_flow: str = ""
    host: str = ""
    agent: str = ""
    passed_on: bool = False


class Doorman(Protocol):
    """Tells visitors apart. May be called from any thread."""

    def visitor(self, credentials: Credentials) -> Visitor:
        """Return who is behind a request. A key that is unknown or ended is a `Refused`, a session nobody's."""
        ...

    def token(self, visitor: Visitor) -> str:
        """Return a fresh text that shows a form to come from a page of ours."""
        ...

    def genuine(self, visitor: Visitor, token: str) -> bool:
        """Tell whether `token` was given to this visitor."""
        ...

    def begin(self, visitor: Visitor, *, key: str, digest: bytes) -> bytes | str | None:
        """Return the answer kept under an idempotency key of this account, None where this is the first request, the
        text `other` where the key came with another body, `busy` where the first is not answered."""
        ...

    def end(self, visitor: Visitor, *, key: str, answer: bytes | None) -> None:
        """Keep an answer; None forgets the key."""
        ...


class Refused(Exception):  # noqa: N818 - it is an answer
    """Not let in: 401, or 429 with the seconds to wait."""

    def __init__(self, detail: str, *, status: int = 401, wait: int = 0) -> None:
        super().__init__(detail)
        self.detail, self.status, self.wait = detail, status, wait
