"""The revocation feed over HTTP: JSON Feed 1.1, page by page, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cantoria.adapters.sqlite.feed import FeedFile
from cantoria.formats.json_feed import item
from cantoria.sdk.client import Client
from cantoria.testing.http import running
from cantoria.web.app import create_app

ITEMS = 250


def made(index: int) -> dict:
    return item(
        origin="rights.example.org/log",
        index=index,
        kind="withdrawn",
        fact="statement-withdrawn",
        recorded_at=1_750_000_000_000_000,
        effective_at=0,
        statement=f"statement_{index}",
        uses=["analyse"],
        things=["recording_1"],
        codes=["isrc:KRA381900123"],
        whole=True,
    )


@pytest.fixture
def feed(served, tmp_path: Path) -> Iterator[tuple[httpx.Client, FeedFile]]:
    file = FeedFile(tmp_path / "feed.db")
    file.take(((2 * number, made(2 * number)) for number in range(ITEMS)), size=2 * ITEMS, turns=0)
    with (
        running(create_app(served.desk, look_seconds=3_600, feed=file)) as address,
        httpx.Client(base_url=address, trust_env=False) as http,
    ):
        yield http, file
    file.close()


def test_pages_follow_one_another_to_the_end(feed) -> None:
    http, _ = feed
    found, address = [], "/v1/revocations?limit=100"
    while address:
        answer = http.get(address)
        assert answer.headers["content-type"].startswith("application/feed+json")
        page = answer.json()
        assert (page["version"], page["title"]) == (
            "https://jsonfeed.org/version/1.1",
            "Revocations of rights.example.org/log",
        )
        assert all(name.startswith("_") or name in KNOWN for name in page)
        found += page["items"]
        address = page.get("next_url")
    assert [one["_cantoria"]["ledger_index"] for one in found] == list(range(0, 2 * ITEMS, 2))
    assert len({one["id"] for one in found}) == ITEMS
    assert all({"id", "title", "content_text", "date_published"} <= one.keys() for one in found)


KNOWN = {"version", "title", "description", "feed_url", "next_url", "items"}


def test_a_follower_is_told_what_is_new_and_no_more(feed) -> None:
    http, file = feed
    page = http.get("/v1/revocations", params={"since": 490, "limit": 1_000}).json()
    assert [one["_cantoria"]["ledger_index"] for one in page["items"]] == [490, 492, 494, 496, 498]
    cursor = page["_cantoria"]["cursor"]
    assert http.get("/v1/revocations", params={"cursor": cursor}).json()["items"] == []
    file.take([(7, made(7))], size=500, turns=1)  # its body came late
    page = http.get("/v1/revocations", params={"cursor": cursor}).json()
    assert [one["_cantoria"]["ledger_index"] for one in page["items"]] == [7]


def test_who_has_a_page_is_not_sent_it_again(feed) -> None:
    http, file = feed
    first = http.get("/v1/revocations")
    again = http.get("/v1/revocations", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    file.take([(501, made(501))], size=502, turns=0)
    assert http.get("/v1/revocations", headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_the_client_of_the_sdk_reads_all_pages(feed) -> None:
    http, _ = feed
    with Client(str(http.base_url)) as client:
        found = list(client.revocations(since="100"))
    assert [one["_cantoria"]["ledger_index"] for one in found] == list(range(100, 2 * ITEMS, 2))


@pytest.mark.parametrize("query", ["since=-1", "since=x", "limit=0", "limit=1001", "cursor=1e3", f"since={1 << 60}"])
def test_wrong_parameters_are_refused(feed, query: str) -> None:
    http, _ = feed
    answer = http.get(f"/v1/revocations?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_server_without_a_ledger_says_where_to_look(served) -> None:
    answer = served.http.get("/v1/revocations")
    assert answer.status_code == 404
    assert "rights.example.org/log" in answer.json()["remedy"]
