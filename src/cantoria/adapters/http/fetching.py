"""Fetching from strangers: deadlines, bounded retries, bounded answers, no redirects.

Answers may be packed with gzip (C2SP tlog-tiles); they are unpacked no further than they may be long.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import httpx

from cantoria.adapters.http.watching import Watch
from cantoria.kernel.errors import InputError, UnavailableError

TRIES: Final = 3
PAUSE_SECONDS: Final = 0.2
_TIMEOUT_SECONDS: Final = 30.0
_ENCODINGS: Final = {"Accept-Encoding": "gzip, identity"}
_GZIP: Final = 16 + zlib.MAX_WBITS
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
        self._client = httpx.Client(follow_redirects=False, timeout=seconds, trust_env=False, headers=_ENCODINGS)
        self._watch = Watch()

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
        problem = ""
        with self._watch.within(self._seconds):
            for tried in range(1, TRIES + 1):
                try:
                    answer = self._once(method, address, body, bytes_max=bytes_max)
                except httpx.HTTPError as error:
                    problem = "the answer did not come in time" if self._watch.over else str(error)
                    problem = problem or type(error).__name__
                else:
                    if answer.status not in _RETRIED:
                        return answer
                    problem = f"it answered {answer.status}"
                pause = PAUSE_SECONDS * 2**tried
                if tried == TRIES or time.monotonic() + pause > deadline:
                    break
                time.sleep(pause)
        raise UnavailableError(f"cannot reach {address}: {problem:.200}", "try again later")

    def _once(self, method: str, address: str, body: bytes, *, bytes_max: int) -> Answer:
        headers: Mapping[str, str] = {"Content-Type": "text/plain; charset=utf-8"} if body else {}
        more = self._watch.extensions
        with self._client.stream(method, address, content=body or None, headers=headers, extensions=more) as response:
            found = b"".join(_unpacked(response, address, bytes_max))
            if self._watch.over:
                raise httpx.ReadTimeout("the answer was cut")
            return Answer(response.status_code, response.headers.get("content-type", ""), found)


def _unpacked(response: httpx.Response, address: str, bytes_max: int) -> Iterator[bytes]:
    """Yield the body of an answer, at most `bytes_max` bytes, unpacked where it is packed; else `UnavailableError`."""
    encoding = response.headers.get("content-encoding", "identity").lower()
    if encoding not in ("gzip", "identity"):
        raise UnavailableError(f"{address} sends what is packed by {encoding!r:.40}", "ask who serves it")
    unpacker = zlib.decompressobj(_GZIP) if encoding == "gzip" else None
    left = bytes_max
    for raw in response.iter_raw():
        try:
            part = unpacker.decompress(raw, left + 1) if unpacker else raw
        except zlib.error as error:
            raise UnavailableError(f"{address} sends what cannot be unpacked", "ask who serves it") from error
        left -= len(part)
        if left < 0:
            raise UnavailableError(f"{address} sends more than {bytes_max} bytes", "ask who serves it")
        yield part
    if unpacker and (not unpacker.eof or unpacker.unused_data):
        raise UnavailableError(f"{address} sends what cannot be unpacked", "ask who serves it")
