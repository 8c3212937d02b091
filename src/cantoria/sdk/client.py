"""`Client` and `AsyncClient`: ask a Cantoria server about codes, take its snapshots and its revocations.

    with Client("https://rights.example.org") as client:
        client.clearance("isrc:KRA381900123", request={"use": "train_generative", "licensee": "party_…", "in": "KR"})

The two have the same methods. Every answer names the snapshot that it is as of. Errors are the three of Cantoria.
"""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Self

import httpx

from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.sdk.asking import DEFAULT, Request, Shared, answers_of, following_of, items_of
from cantoria.sdk.download import download
from cantoria.sdk.transport import BATCH_ROWS_MAX, PAGES_MAX, Policy, no_answer, retryable, too_long, value_of


class Client(Shared):
    """The synchronous client of the server at `address`; close it, or use it in a `with` statement. `transport` is for
    tests and proxies of one's own."""

    def __init__(
        self,
        address: str,
        *,
        token: str = "",
        policy: Policy = DEFAULT,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        super().__init__(address, token=token, policy=policy)
        self._http = httpx.Client(timeout=policy.timeout, follow_redirects=False, transport=transport, trust_env=False)
        self._closing = weakref.finalize(self, self._http.close)  # whoever opens one by an address keeps no name of it

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the connections."""
        self._closing()

    def get(self, path: str, *, params: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON value at a path of the server."""
        return self._ask("GET", path, params=dict(params or {}))

    def clearance(self, code: str, *, request: Request) -> Any:
        """Return the answer for one code key under a request (use, licensee, in, …)."""
        method, path, options = self.one_of(code, request)
        return self._ask(method, path, **options)

    def clearances(self, rows: Sequence[Sequence[str]], *, request: Request, key: str = "") -> list[Any]:
        """Return one answer for each row of code keys, of any number: they go in batches of at most 1,000, each with an
        idempotency key of its own made from `key`."""
        found: list[Any] = []
        for number, start in enumerate(range(0, len(rows), BATCH_ROWS_MAX)):
            part = rows[start : start + BATCH_ROWS_MAX]
            found.extend(self.batch(part, request=request, key=f"{key}-{number}" if key else "")["answers"])
        return found

    def batch(self, rows: Sequence[Sequence[str]], *, request: Request, key: str = "") -> Any:
        """Return the server's answer to one batch of at most 1,000 rows: `snapshot` and `answers`, in order."""
        method, path, options = self.many_of(rows, request, key)
        value = self._ask(method, path, **options)
        pages = [*answers_of(value)]
        while value.get("next"):  # a server may answer a batch in several pages
            value = self._ask("GET", path, params={"cursor": value["next"]})
            pages += answers_of(value)
        if len(pages) != len(rows):
            raise UnavailableError(f"the server answered {len(pages)} of {len(rows)} rows", "ask again")
        return {**value, "answers": pages}

    def pages(self, path: str, *, params: Mapping[str, Any] | None = None, items: str = "items") -> Iterator[Any]:
        """Give the items of a list that is paged by cursors, page by page as they are wanted."""
        asked = dict(params or {})
        for _ in range(PAGES_MAX):
            value = self._ask("GET", path, params=asked)
            yield from items_of(value, items)
            following = following_of(value, asked)
            if following is None:
                return
            asked = following

    def revocations(self, *, since: int) -> Iterator[Any]:
        """Give what may have taken a yes away since a ledger size, oldest first (items of a JSON Feed 1.1)."""
        yield from self.pages("/v1/revocations", params={"since": str(since)})

    def download(self, to: str | PathLike[str], *, key: str) -> Path:
        """Return the folder, below `to`, of the newest snapshot, verified under the log's verifier key: see
        `download.download`."""
        return download(self, Path(to), key=key)

    def stream(self, path: str, *, headers: Mapping[str, str] | None = None) -> Any:
        """Return the context of a streamed GET, for downloads."""
        return self._http.stream("GET", self.address + path, headers={**self.headers(), **(headers or {})})

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        options.setdefault("headers", self.headers())
        address, failed = self.address + path, None
        for attempt in range(self.policy.tries):
            response = None
            try:
                with self._http.stream(method, address, **options) as response:
                    body = self._body(response)
                if not retryable(response) or attempt + 1 == self.policy.tries:
                    return value_of(response, body)
            except (httpx.TransportError, httpx.DecodingError) as error:
                failed = error
            except httpx.InvalidURL as error:
                raise InputError(f"{address!r:.200} is no address: {error}", "check it") from error
            if attempt + 1 < self.policy.tries:
                time.sleep(self.policy.pause(attempt, response))
        raise no_answer(address, failed or RuntimeError("no answer")) from failed

    def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        for part in response.iter_bytes():
            body += part
            if len(body) > self.policy.answer_bytes_max:
                raise too_long(response, self.policy.answer_bytes_max)
        return bytes(body)


class AsyncClient(Shared):
    """The asynchronous client of the server at `address`; the methods of `Client`, awaited."""

    def __init__(
        self,
        address: str,
        *,
        token: str = "",
        policy: Policy = DEFAULT,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        super().__init__(address, token=token, policy=policy)
        self._http = httpx.AsyncClient(
            timeout=policy.timeout, follow_redirects=False, transport=transport, trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Release the connections."""
        await self._http.aclose()

    async def get(self, path: str, *, params: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON value at a path of the server."""
        return await self._ask("GET", path, params=dict(params or {}))

    async def clearance(self, code: str, *, request: Request) -> Any:
        """Return the answer for one code key under a request."""
        method, path, options = self.one_of(code, request)
        return await self._ask(method, path, **options)

    async def clearances(
        self, rows: Iterable[Sequence[str]], *, request: Request, key: str = "", together: int = 4
    ) -> list[Any]:
        """Return one answer for each row of code keys, batches of 1,000 going out, at most `together` at a time."""
        listed, gate = list(rows), asyncio.Semaphore(together)

        async def one(number: int, start: int) -> list[Any]:
            async with gate:
                part = listed[start : start + BATCH_ROWS_MAX]
                value = await self.batch(part, request=request, key=f"{key}-{number}" if key else "")
                answers: list[Any] = value["answers"]
                return answers

        starts = enumerate(range(0, len(listed), BATCH_ROWS_MAX))
        parts = await asyncio.gather(*(one(number, start) for number, start in starts))
        return [answer for part in parts for answer in part]

    async def batch(self, rows: Sequence[Sequence[str]], *, request: Request, key: str = "") -> Any:
        """Return the server's answer to one batch of at most 1,000 rows: `snapshot` and `answers`, in order."""
        method, path, options = self.many_of(rows, request, key)
        value = await self._ask(method, path, **options)
        pages = [*answers_of(value)]
        while value.get("next"):
            value = await self._ask("GET", path, params={"cursor": value["next"]})
            pages += answers_of(value)
        if len(pages) != len(rows):
            raise UnavailableError(f"the server answered {len(pages)} of {len(rows)} rows", "ask again")
        return {**value, "answers": pages}

    async def pages(
        self, path: str, *, params: Mapping[str, Any] | None = None, items: str = "items"
    ) -> AsyncIterator[Any]:
        """Give the items of a list that is paged by cursors."""
        asked = dict(params or {})
        for _ in range(PAGES_MAX):
            value = await self._ask("GET", path, params=asked)
            for item in items_of(value, items):
                yield item
            following = following_of(value, asked)
            if following is None:
                return
            asked = following

    async def revocations(self, *, since: int) -> AsyncIterator[Any]:
        """Give what may have taken a yes away since a ledger size, oldest first."""
        async for item in self.pages("/v1/revocations", params={"since": str(since)}):
            yield item

    async def download(self, to: str | PathLike[str], *, key: str) -> Path:
        """Return the folder of the newest snapshot, as `Client.download` does; files are written in a thread."""

        def run() -> Path:
            with Client(self.address, token=self.token, policy=self.policy) as client:
                return client.download(to, key=key)

        return await asyncio.to_thread(run)

    async def _ask(self, method: str, path: str, **options: Any) -> Any:
        options.setdefault("headers", self.headers())
        address, failed = self.address + path, None
        for attempt in range(self.policy.tries):
            response = None
            try:
                async with self._http.stream(method, address, **options) as response:
                    body = await self._body(response)
                if not retryable(response) or attempt + 1 == self.policy.tries:
                    return value_of(response, body)
            except (httpx.TransportError, httpx.DecodingError) as error:
                failed = error
            except httpx.InvalidURL as error:
                raise InputError(f"{address!r:.200} is no address: {error}", "check it") from error
            if attempt + 1 < self.policy.tries:
                await asyncio.sleep(self.policy.pause(attempt, response))
        raise no_answer(address, failed or RuntimeError("no answer")) from failed

    async def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        async for part in response.aiter_bytes():
            body += part
            if len(body) > self.policy.answer_bytes_max:
                raise too_long(response, self.policy.answer_bytes_max)
        return bytes(body)
