"""The clients: patient with servers that are busy, strict with what they answer, the same in both forms."""

from __future__ import annotations

import asyncio
import json
import pickle
import random
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.sdk.client import AsyncClient, Client
from cantoria.sdk.transport import Policy, base_of, retry_after

QUICK = Policy(tries=3, wait=0.0, wait_max=0.0)
REQUEST = {"use": "train_generative", "licensee": "party_ai"}
Handler = Callable[[httpx.Request], httpx.Response]


def answers(request: httpx.Request) -> httpx.Response:
    rows = json.loads(request.content)["rows"]
    return httpx.Response(200, json={"snapshot": "snapshot_1", "answers": [{"status": "cleared"} for _ in rows]})


class Server:
    """Answers with what it is given, one after the other, and remembers what it was asked."""

    def __init__(self, *given: httpx.Response | Exception | Handler) -> None:
        self.given, self.asked = list(given), list[httpx.Request]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        one = self.given.pop(0) if len(self.given) > 1 else self.given[0]
        if isinstance(one, Exception):
            raise one
        if callable(one):
            return one(request)
        headers = {name: value for name, value in one.headers.items() if name != "content-length"}
        return httpx.Response(one.status_code, headers=headers, content=one.content)  # a body is read once


def ask(server: Server, call: Callable[[Any], Any], *, kind: str, policy: Policy = QUICK) -> Any:
    """Return what a call of either client gives."""
    if kind == "sync":
        with Client("https://rights.example.org/", policy=policy, transport=httpx.MockTransport(server)) as client:
            found = call(client)
            return list(found) if hasattr(found, "__next__") else found

    async def run() -> Any:
        transport = httpx.MockTransport(server)
        async with AsyncClient("https://rights.example.org", policy=policy, transport=transport) as client:
            found = call(client)
            return [item async for item in found] if hasattr(found, "__anext__") else await found

    return asyncio.run(run())


BOTH = pytest.mark.parametrize("kind", ["sync", "async"])


@BOTH
def test_one_code_is_asked_by_its_address(kind: str) -> None:
    server = Server(httpx.Response(200, json={"status": "cleared"}))
    found = ask(server, lambda one: one.clearance("own:KOMCA:a/b", request={**REQUEST, "label": True}), kind=kind)
    assert found == {"status": "cleared"}
    url = server.asked[0].url
    assert url.raw_path.split(b"?")[0] == b"/v1/clearance/own%3AKOMCA%3Aa%2Fb"
    assert dict(url.params) == {**REQUEST, "label": "true"}


@BOTH
@pytest.mark.parametrize(
    "failure",
    [
        httpx.Response(429),
        httpx.Response(409),
        httpx.Response(503, headers={"retry-after": "0"}),
        httpx.Response(500, content=b"<html>"),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut"),
    ],
)
def test_a_busy_server_is_asked_again_with_the_same_key(kind: str, failure: httpx.Response | Exception) -> None:
    server = Server(failure, failure, answers)
    found = ask(server, lambda one: one.batch([["isrc:KRA381900001"]], request=REQUEST), kind=kind)
    assert found["answers"] == [{"status": "cleared"}]
    keys = {request.headers["idempotency-key"] for request in server.asked}
    assert len(server.asked) == 3
    assert len(keys) == 1


@BOTH
@pytest.mark.parametrize("failure", [httpx.Response(503), httpx.ConnectError("refused")])
def test_patience_ends(kind: str, failure: httpx.Response | Exception) -> None:
    server = Server(failure)
    with pytest.raises(UnavailableError):
        ask(server, lambda one: one.get("/v1/snapshots/latest"), kind=kind)
    assert len(server.asked) == 3


@BOTH
@pytest.mark.parametrize(
    ("status", "kind_of_problem", "raised"),
    [
        (400, "about:blank", InputError),
        (404, "https://cantoria.example/problems/input", InputError),
        (422, "/problems/integrity", IntegrityError),
        (429, "about:blank", UnavailableError),
        (500, "about:blank", UnavailableError),
    ],
)
def test_problems_are_the_three_errors(kind: str, status: int, kind_of_problem: str, raised: type[Exception]) -> None:
    body = json.dumps({"type": kind_of_problem, "title": "no", "detail": "because", "remedy": "do this"})
    response = httpx.Response(status, content=body, headers={"content-type": "application/problem+json"})
    server = Server(response)
    with pytest.raises(raised, match=r"no: because.*do this"):
        ask(server, lambda one: one.get("/v1/x"), kind=kind)
    assert len(server.asked) == (3 if raised is UnavailableError else 1)


@BOTH
@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b"<html>no JSON</html>"),
        httpx.Response(200, content=b"[" * 1_000_000),
        httpx.Response(200, json={"answers": []}),
        httpx.Response(200, json={"answers": "many"}),
        httpx.Response(200, json=["cleared"]),
        httpx.Response(200, content=b" " * 5_000),
    ],
)
def test_an_answer_that_is_none_is_no_pass(kind: str, answer: httpx.Response) -> None:
    policy = Policy(tries=1, wait=0, wait_max=0, answer_bytes_max=2_000_000 if len(answer.content) > 9_000 else 4_000)
    with pytest.raises(UnavailableError):
        ask(Server(answer), lambda one: one.batch([["isrc:x"]], request=REQUEST), kind=kind, policy=policy)


@BOTH
def test_elsewhere_is_not_followed(kind: str) -> None:
    server = Server(httpx.Response(302, headers={"location": "https://elsewhere.example"}))
    with pytest.raises(InputError, match="sends elsewhere"):
        ask(server, lambda one: one.get("/v1/x"), kind=kind)


@BOTH
def test_many_rows_go_in_batches_in_order(kind: str) -> None:
    def told(request: httpx.Request) -> httpx.Response:
        rows = json.loads(request.content)["rows"]
        return httpx.Response(200, json={"answers": [row["codes"][0] for row in rows]})

    server = Server(told)
    rows = [[f"isrc:{n}"] for n in range(2_500)]
    assert ask(server, lambda one: one.clearances(rows, request=REQUEST, key="mine"), kind=kind) == [
        row[0] for row in rows
    ]
    assert sorted(request.headers["idempotency-key"] for request in server.asked) == ["mine-0", "mine-1", "mine-2"]
    with pytest.raises(InputError):
        ask(server, lambda one: one.batch(rows, request=REQUEST), kind=kind)


@BOTH
def test_cursors_are_followed_to_the_end(kind: str) -> None:
    def page(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("cursor", "0"))
        following = {"next": str(number + 1)} if number < 3 else {}
        return httpx.Response(200, json={"items": [number * 2, number * 2 + 1], **following})

    assert ask(Server(page), lambda one: one.pages("/v1/x"), kind=kind) == list(range(8))

    def feed(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("cursor", "0"))
        address = f"https://elsewhere.example/v1/revocations?since=7&cursor={number + 1}"
        following = {"next_url": address} if number < 3 else {}
        return httpx.Response(200, json={"items": [number], **following})

    server = Server(feed)
    assert ask(server, lambda one: one.revocations(since=7), kind=kind) == [0, 1, 2, 3]
    assert {request.url.host for request in server.asked} == {"rights.example.org"}
    assert {request.url.params["since"] for request in server.asked} == {"7"}
    again = Server(httpx.Response(200, json={"items": [1], "next": "same"}))
    assert ask(again, lambda one: one.pages("/v1/x"), kind=kind) == [1, 1]  # a cursor that does not move ends it


def test_waits_grow_are_bounded_and_heed_the_server() -> None:
    policy = Policy(wait=1.0, wait_max=8.0, jitter=random.Random(7))
    for attempt in range(20):
        assert 0 <= policy.pause(attempt, None) <= min(2.0**attempt, 8.0)
    assert policy.pause(0, httpx.Response(429, headers={"retry-after": "5"})) == 5.0
    assert policy.pause(0, httpx.Response(429, headers={"retry-after": "3600"})) == 8.0
    assert policy.pause(0, httpx.Response(429, headers={"retry-after": "Fri, 01 Jan 2021 00:00:00 GMT"})) == 0.0
    assert retry_after(httpx.Response(429, headers={"retry-after": "soon"})) is None
    with pytest.raises(InputError):
        Policy(tries=0)


@pytest.mark.parametrize("address", ["", "ftp://x", "rights.example.org", "https://", "https://x/?q=1"])
def test_addresses(address: str) -> None:
    with pytest.raises(InputError):
        base_of(address)


def test_a_client_is_packed_by_its_address() -> None:
    with Client("https://rights.example.org/v1", token="t") as client, pickle.loads(pickle.dumps(client)) as other:
        assert other.address == client.address == "https://rights.example.org"
