"""What the sync and the async client share: when to try again and how long to wait, what an answer means.

A request is repeated after 409, 429, 5xx and broken connections, with exponential backoff and full
jitter, or as `Retry-After` says; the same idempotency key goes with every try, so that a repeated request is one
request. Problems (RFC 9457) become the three errors: fix it, stop, try again.
"""

from __future__ import annotations

import email.utils
import json
import random
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit

import httpx

from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError

ANSWER_BYTES_MAX: Final = 64 << 20
PROBLEM_BYTES_MAX: Final = 1 << 16
BATCH_ROWS_MAX: Final = 1_000
PAGES_MAX: Final = 1_000_000
_SHOWN_CHARS: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How patient a client is: tries in all, seconds of the first wait (doubled each time, up to `wait_max`), seconds
    until a connection or a read is given up, and the most bytes of an answer that are read."""

    tries: int = 5
    wait: float = 0.5
    wait_max: float = 30.0
    timeout: float = 30.0
    answer_bytes_max: int = ANSWER_BYTES_MAX
    jitter: random.Random = field(default_factory=random.SystemRandom, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.tries < 1 or self.wait < 0 or self.wait_max < self.wait or self.timeout <= 0:
            raise InputError("a client tries at least once and waits for some time", "check tries, wait and timeout")

    def pause(self, attempt: int, response: httpx.Response | None) -> float:
        """Return the seconds to wait after this failed try (0 the first): what the server asks for, at most
        `wait_max`, else a random part of the backoff."""
        asked = retry_after(response) if response is not None else None
        if asked is not None:
            return min(max(asked, 0.0), self.wait_max)
        return self.jitter.uniform(0, min(self.wait * 2**attempt, self.wait_max))


def base_of(address: str) -> str:
    """Return the address of a server without a slash at its end, or raise `InputError`."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise InputError(f"{address!r:.200} is not the address of a server", "write it as https://rights.example.org")
    return address.rstrip("/").removesuffix("/v1")


def retryable(response: httpx.Response) -> bool:
    """Tell whether the same request may be answered otherwise later: too many at once, one with the same key still
    under way, or a failure over there."""
    return response.status_code in (409, 429) or response.status_code >= 500


def retry_after(response: httpx.Response) -> float | None:
    """Return the seconds that `Retry-After` asks for (RFC 9110 section 10.2.3: seconds or a date), None if it does
    not."""
    text = response.headers.get("retry-after", "").strip()
    if text.isdecimal() and len(text) < 10:
        return float(text)
    try:
        return email.utils.parsedate_to_datetime(text).timestamp() - time.time()
    except (TypeError, ValueError):
        return None


def new_key() -> str:
    """Return a fresh idempotency key."""
    return str(uuid.uuid4())


def value_of(response: httpx.Response, body: bytes) -> Any:
    """Return the JSON value of an answer, or raise what its problem means."""
    if response.status_code >= 400:
        raise_problem(response, body)
    if response.status_code >= 300:
        raise InputError(f"{response.url} sends elsewhere ({response.status_code})", "give the final address")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnavailableError(f"{response.url} answers no JSON", "check that it is a Cantoria server") from error


def raise_problem(response: httpx.Response, body: bytes) -> NoReturn:
    """Raise what a problem (RFC 9457) means: 4xx is ours to fix, one of integrity says so in its type, the rest may
    be tried again."""
    problem: Any = None
    if response.headers.get("content-type", "").split(";")[0].strip() in (
        "application/problem+json",
        "application/json",
    ):
        try:
            problem = json.loads(body[:PROBLEM_BYTES_MAX])
        except (ValueError, RecursionError):
            problem = None
    told = problem if isinstance(problem, dict) else {}
    title = str(told.get("title") or response.reason_phrase or "refused")[:_SHOWN_CHARS]
    detail = str(told.get("detail") or "")[:_SHOWN_CHARS]
    message = f"{title}: {detail}" if detail and detail != title else title
    remedy = str(told.get("remedy") or "")[:_SHOWN_CHARS]
    context = {"status": str(response.status_code), "address": str(response.url.copy_with(query=None))[:_SHOWN_CHARS]}
    if "integrity" in str(told.get("type", "")):
        raise IntegrityError(message, remedy or "stop, and ask who runs the server", context)
    if retryable(response):
        raise UnavailableError(message, remedy or "try again later", context)
    raise InputError(message, remedy or "correct the request", context)


def no_answer(address: str, error: Exception) -> UnavailableError:
    """Return the error for a server that gave no answer."""
    return UnavailableError(f"{address} does not answer: {error}", "check the address and the network, then try again")


def too_long(response: httpx.Response, limit: int) -> UnavailableError:
    """Return the error for an answer beyond the limit."""
    return UnavailableError(f"{response.url} answers more than {limit} bytes", "ask for less at a time")
