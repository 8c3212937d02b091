"""Fetching from strangers: deadlines, bounded retries, bounded answers, no redirects."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httpx

from cantoria.kernel.errors import InputError, UnavailableError

TRIES: Final = 3
PAUSE_SECONDS: Final = 0.2
_TIMEOUT_SECONDS: Final = 30.0
_RETRIED: Final = frozenset((408, 425, 429, 500, 502, 503, 504))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the content type, and the body."""

    status: int
    content_type: str
    body: bytes


class Fetcher:
    """Requests to one address. Failures that may pass are tried `TRIES` times in all, within `seconds` each."""

    def __init__(self, base: str, *, seconds: float = _TIMEOUT_SECONDS) -> None:
        self.base = base.rstrip("/")
        if not self.base.startswith(("http://", "https://")):
            raise InputError(f"{base!r:.200} is not an address", "write it as https://host/path")
        try:
            httpx.URL(self.base)
        except httpx.InvalidURL as error:
            raise InputError(f"{base!r:.200} is not an address: {error}", "write it as https://host/path") from error
        self._seconds = seconds
        self._client = httpx.Client(follow_redirects=False, timeout=seconds, trust_env=False)

    def get(self, path: str, *, bytes_max: int) -> Answer:
        """Return the answer to GET, or raise `UnavailableError`."""
        return self._request("GET", path, b"", bytes_max=bytes_max)

    def post(self, path: str, body: bytes, *, bytes_max: int) -> Answer:
        """Return the answer to POST of a text, or raise `UnavailableError`; it may arrive more than once."""
        return self._request("POST", path, body, bytes_max=bytes_max)

    def close(self) -> None:
        """Release the connections."""
        self._client.close()

    def _request(self, method: str, path: str, body: bytes, *, bytes_max: int) -> Answer:
        address = f"{self.base}/{path}"
        deadline = time.monotonic() + self._seconds
        for tried in range(1, TRIES + 1):
            try:
                answer = self._once(method, address, body, bytes_max=bytes_max, deadline=deadline)
            except httpx.HTTPError as error:
                problem = str(error) or type(error).__name__
            else:
                if answer.status not in _RETRIED:
                    return answer
                problem = f"it answered {answer.status}"
            pause = PAUSE_SECONDS * 2**tried
            if tried == TRIES or time.monotonic() + pause > deadline:
                break
            time.sleep(pause)
        raise UnavailableError(f"cannot reach {address}: {problem:.200}", "try again later")

    def _once(self, method: str, address: str, body: bytes, *, bytes_max: int, deadline: float) -> Answer:
        headers: Mapping[str, str] = {"Content-Type": "text/plain; charset=utf-8"} if body else {}
        parts: list[bytes] = []
        left = bytes_max
        with self._client.stream(method, address, content=body or None, headers=headers) as response:
            for part in response.iter_bytes():
                left -= len(part)
                if left < 0:
                    raise UnavailableError(f"{address} sends more than {bytes_max} bytes", "ask who serves it")
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("the answer did not come in time")
                parts.append(part)
            return Answer(response.status_code, response.headers.get("content-type", ""), b"".join(parts))
