"""Members talk to members: a client whose requests are signed with the organisation's ledger key, over HTTP.

What comes back is data to be checked, never believed: bodies against their commitments, files against their digests,
attestations against the ledger's keys. So answers are not signed, only bounded in size and time.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import httpx

from cantoria.adapters.http import signing
from cantoria.adapters.http.signing import NONCE_BYTES, Message
from cantoria.adapters.http.watching import Watch
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.kernel.shown import shown
from cantoria.ledger import ed25519
from cantoria.ledger.batch import Entropy
from cantoria.ledger.ports import Clock

SECONDS_MAX: Final = 30.0
_CONNECT_SECONDS: Final = 5.0
_PROBLEM_BYTES_MAX: Final = 65_536
_ATTEMPTS: Final = 3
_AGAIN: Final = frozenset({429, 502, 503, 504})
_WAIT_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Member:
    """Another member as it is reached: organisation (16 bytes), what people call it, and `url`, http://host:port."""

    organisation: bytes
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a member answered: 200, or 202 where it has not decided yet."""

    status: int
    body: bytes


class MemberClient:
    """Sends signed requests. Any number of threads."""

    def __init__(
        self,
        signer: ed25519.Signer,
        *,
        clock: Clock,
        entropy: Entropy,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._signer = signer
        self._clock = clock
        self._entropy = entropy
        self._sleep = sleep
        # Proxies and netrc of the environment are not for traffic between members.
        # One connection for each request: it can be cut when its time is over, and no other with it.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._http = httpx.Client(transport=transport, trust_env=False, follow_redirects=False, limits=limits)

    def get(self, member: Member, target: str, *, bytes_max: int, seconds: float = SECONDS_MAX) -> Answer:
        """Return the answer to GET `target` (path and query); errors as for `stream`."""
        with self.stream(member, target, seconds=seconds) as (status, parts):
            return Answer(status, _whole(member, parts, bytes_max))

    def post(self, member: Member, target: str, body: bytes, *, bytes_max: int, seconds: float = SECONDS_MAX) -> Answer:
        """Return the answer to POST `target` with `body`; errors as for `stream`."""
        with self.stream(member, target, method="POST", body=body, seconds=seconds) as (status, parts):
            return Answer(status, _whole(member, parts, bytes_max))

    @contextmanager
    def stream(
        self, member: Member, target: str, *, method: str = "GET", body: bytes = b"", seconds: float = SECONDS_MAX
    ) -> Iterator[tuple[int, Iterator[bytes]]]:
        """Open an answer and yield its status and bytes as they come, within `seconds` in all.

        Tried again, freshly signed, where the member does not answer or says that it will soon. `UnavailableError`
        when it does not in the end, or not in time; `InputError` with its own words when it refuses.
        """
        until = time.monotonic() + seconds
        watch = Watch()
        with watch.within(seconds):
            response = self._opened(member, target, method=method, body=body, until=until, watch=watch)
            try:
                if response.status_code not in (200, 202):
                    raise _refused(member, response, until)
                yield response.status_code, _parts(member, response, until)
            except httpx.HTTPError as error:
                raise _silent(member, error) from error
            finally:
                response.close()

    def close(self) -> None:
        """Release connections."""
        self._http.close()

    def _opened(
        self, member: Member, target: str, *, method: str, body: bytes, until: float, watch: Watch
    ) -> httpx.Response:
        for attempt in range(1, _ATTEMPTS + 1):
            last = attempt == _ATTEMPTS
            try:
                response = self._send(member, target, method=method, body=body, until=until, watch=watch)
                if last or response.status_code not in _AGAIN:
                    return response
                response.close()
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                if last or time.monotonic() >= until or isinstance(error, httpx.InvalidURL):
                    raise _silent(member, error) from error
            self._sleep(_WAIT_SECONDS * attempt)
        raise _silent(member, None)

    def _send(
        self, member: Member, target: str, *, method: str, body: bytes, until: float, watch: Watch
    ) -> httpx.Response:
        left = max(until - time.monotonic(), 0.001)
        request = self._http.build_request(
            method,
            member.url.rstrip("/") + target,
            content=body,
            headers={"accept-encoding": "identity"},
            timeout=httpx.Timeout(left, connect=min(left, _CONNECT_SECONDS)),
            extensions=watch.extensions,
        )
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        message = Message(
            method=method,
            authority=request.headers["host"].lower(),
            path=path,
            query=query,
            recipient=member.organisation,
            digest=signing.content_digest(body),
        )
        created = self._clock() // 1_000_000
        request.headers.update(signing.sign(message, self._signer, created=created, nonce=self._entropy(NONCE_BYTES)))
        return self._http.send(request, stream=True)


def _parts(member: Member, response: httpx.Response, until: float) -> Iterator[bytes]:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise IntegrityError(f"{member.name} sends what was not asked for: packed bytes", "report it to that member")
    for part in response.iter_raw():
        if time.monotonic() > until:
            raise UnavailableError(f"{member.name} answers too slowly", "retry later or ask another member")
        yield part


def _whole(member: Member, parts: Iterator[bytes], bytes_max: int) -> bytes:
    found = bytearray()
    for part in parts:
        found += part
        if len(found) > bytes_max:
            raise IntegrityError(f"{member.name} sends more than {bytes_max} bytes", "ask another member")
    return bytes(found)


def _refused(member: Member, response: httpx.Response, until: float) -> InputError | UnavailableError:
    """Return the error that a member's problem document makes; whatever else it sends is cut short."""
    data = bytearray()
    for part in _parts(member, response, until):
        data += part
        if len(data) > _PROBLEM_BYTES_MAX:
            break
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    found = value if isinstance(value, dict) else {}
    detail = shown(str(found.get("detail", f"HTTP status {response.status_code}"))[:500])
    remedy = shown(str(found.get("remedy", ""))[:500])
    if 400 <= response.status_code < 500 and response.status_code != 429:
        return InputError(f"{member.name} refuses: {detail}", remedy)
    return UnavailableError(f"{member.name} cannot answer: {detail}", remedy or "retry later or ask another member")


def _silent(member: Member, error: Exception | None) -> UnavailableError:
    why = f": {type(error).__name__} {error}".rstrip() if error is not None else ""
    return UnavailableError(f"{member.name} does not answer at {member.url}{why}", "see that its node runs, then retry")
