"""A gate over a server, and a snapshot fetched from it: the same verdicts as by the snapshot on disk."""

from __future__ import annotations

import asyncio
import json
import pickle
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.unit.sdk.gate_worlds import VKEY, code_of, publish_catalogue

from cantoria.clearance.published import TABLES_FOLDER, Head
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.sdk.client import AsyncClient, Client
from cantoria.sdk.folder import open_folder
from cantoria.sdk.gate import Gate
from cantoria.sdk.gate.feed import codes_heard
from cantoria.sdk.gate.marks import reason_of
from cantoria.sdk.transport import Policy
from cantoria.testing.http import running
from cantoria.testing.packs import KEY
from cantoria.web.app import create_app
from cantoria.web.desk import Desk

ASKED: dict[str, Any] = {"use": "train_generative", "licensee": "party_ai", "territories": "KR"}
QUICK = Policy(tries=3, wait=0.0, wait_max=0.0)
RECORDINGS = 1_500


@dataclass
class Place:
    """A server over a snapshot in `folder`."""

    address: str
    folder: Path
    head: Head
    desk: Desk


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    now = time.time_ns() // 1000
    folder = tmp_path / "served"
    refused = range(3, RECORDINGS + 1, 3)
    head = publish_catalogue(folder, RECORDINGS, refused=refused, at=now - 10**6, until=now + 10**12)
    desk = Desk(folder, pack=tmp_path / "pack", keys=[KEY], clock=lambda: time.time_ns() // 1000)
    with running(create_app(desk), lifespan="on") as address:
        yield Place(address, folder, head, desk)


def test_a_server_and_its_snapshot_agree(place: Place, tmp_path: Path) -> None:
    codes = [*(code_of(number) for number in range(1, RECORDINGS + 1)), "KRA381900099", None, "x", "AA"]
    codes += [f"{code_of(3)}|{code_of(3)}", f"{code_of(1)}|{code_of(2)}"]
    remote = Gate(place.address, **ASKED)
    local = Gate(place.folder, **ASKED, key=VKEY, cache=tmp_path / "cache")
    assert remote.marks_of({"isrc": codes}) == local.marks_of({"isrc": codes})
    assert remote.report().count(remote.explain(code_of(1)).status) == 1_000
    assert remote.basis.snapshot == local.basis.snapshot
    verdict = remote.explain(code_of(3))
    assert (verdict.reasons, verdict.subject) == (("said_no",), "recording_3")
    other = pickle.loads(pickle.dumps(remote))
    assert other.passes({"isrc": code_of(1)})
    with Client(place.address) as client:
        assert Gate(client, **ASKED).passes({"isrc": code_of(1)})


def test_a_server_that_moved_on_ends_the_gate(place: Place) -> None:
    gate = Gate(place.address, **ASKED)
    assert gate.passes({"isrc": code_of(1)})
    publish_catalogue(
        place.folder, RECORDINGS, refused=[1], before=place.head, at=place.head.at, until=place.head.until
    )
    assert place.desk.refresh()
    with pytest.raises(InputError, match="open the gate again"):
        gate.passes({"isrc": code_of(1)})
    assert not Gate(place.address, **ASKED).passes({"isrc": code_of(1)})


@pytest.mark.parametrize("answer", [{}, {"id": 1}, [], {"id": "s", "size": "x"}])
def test_what_is_no_cantoria_server_opens_no_gate(answer: Any) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=answer))
    with Client("https://x.example", policy=QUICK, transport=transport) as client, pytest.raises(UnavailableError):
        Gate(client, **ASKED)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        {"status": "CLEARED"},
        {"status": ["cleared"]},
        {"status": "cleared", "reasons": [{"code": "silent"}]},
        {"status": "maybe"},
    ],
)
def test_an_answer_that_cannot_be_read_does_not_pass(answer: Any, place: Place) -> None:
    with Client(place.address) as real:
        told = real.get("/v1/snapshots/latest")

    def server(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=told)
        rows = json.loads(request.content)["rows"]
        return httpx.Response(200, json={"snapshot": told["id"], "answers": [answer] * len(rows), "next": None})

    with Client("https://x.example", policy=QUICK, transport=httpx.MockTransport(server)) as client:
        assert not Gate(client, **ASKED).passes({"isrc": code_of(1)})


# the feed


def feed(*items: Any) -> Client:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json={"items": list(items)}))
    return Client("https://x.example", policy=QUICK, transport=transport)


def item(codes: list[str], **told: Any) -> dict[str, Any]:
    return {"id": "1", "_cantoria": {"codes": codes, "whole": True, "uses": [], "ledger_index": 12} | told}


def test_a_gate_follows_the_feed(place: Place, tmp_path: Path) -> None:
    gate = Gate(place.folder, **ASKED, key=VKEY, cache=tmp_path / "cache")
    first, second, third = (f"isrc:{code_of(number)}" for number in (1, 2, 3))
    with feed(item([first, third]), item([second], uses=["voice"])) as client:
        followed = gate.follow(client)
    marks = followed.marks([first, second, third, (first, "own:A:1")])
    assert [reason_of(mark) for mark in marks] == ["revoked", "", "said_no", "revoked"]
    assert followed.explain({"codes": first}).reasons == ("revoked",)
    assert followed.basis.revocations != gate.basis.revocations
    assert pickle.dumps(followed) != pickle.dumps(gate)
    with feed(item(["isrc:x"], whole=False, uses=["voice"])) as client:
        gate.follow(client)  # of another use


def test_what_is_tuned_on_is_asked_for_training_besides() -> None:
    with feed(item(["isrc:a"], uses=["train_generative"]), item(["isrc:b"], uses=["analyse"])) as client:
        assert codes_heard(client, since=1, use="voice") == ["isrc:a"]
        assert codes_heard(client, since=1, use="train_generative") == ["isrc:a"]
        assert codes_heard(client, since=1, use="input") == []


@pytest.mark.parametrize("use", ["style", "voice", "likeness", "release_output", "advertise"])
@pytest.mark.parametrize("kind", ["refused", "withdrawn", "mandate"])
def test_what_a_named_person_may_have_said_ends_the_gate(use: str, kind: str) -> None:
    for uses in ([], [use]):
        with feed(item(["isrc:a"], uses=uses, kind=kind)) as client, pytest.raises(InputError, match="fresh snapshot"):
            codes_heard(client, since=1, use=use)
    with feed(item(["isrc:a"], kind="dispute")) as client:
        assert codes_heard(client, since=1, use=use) == ["isrc:a"]


def test_what_was_learned_of_late_ends_the_gate() -> None:
    with feed(item(["isrc:a"])) as client:
        assert codes_heard(client, since=12, use="input") == ["isrc:a"]
        with pytest.raises(InputError, match="fresh snapshot"):
            codes_heard(client, since=13, use="input")


@pytest.mark.parametrize("broken", [item([], whole=False), item([1]), {"id": "1"}, "x", {"_cantoria": {"codes": "a"}}])  # type: ignore[list-item]
def test_a_feed_that_cannot_tell_all_ends_the_gate(broken: Any, place: Place, tmp_path: Path) -> None:
    gate = Gate(place.folder, **ASKED, key=VKEY, cache=tmp_path / "cache")
    with feed(broken) as client, pytest.raises(InputError, match="fresh snapshot"):
        gate.follow(client)


# downloads


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_snapshot_is_fetched_whole_and_opens(place: Place, tmp_path: Path, kind: str) -> None:
    if kind == "sync":
        with Client(place.address) as client:
            folder = client.download(tmp_path / "here", key=VKEY)
    else:

        async def run() -> Path:
            async with AsyncClient(place.address) as client:
                return await client.download(tmp_path / "here", key=VKEY)

        folder = asyncio.run(run())
    assert folder.name == open_folder(folder, key=VKEY).opened.id
    assert Gate(folder, **ASKED, key=VKEY, cache=tmp_path / "cache").passes({"isrc": code_of(1)})
    assert [path.name for path in (tmp_path / "here").iterdir()] == [folder.name]


class Flaky(httpx.BaseTransport):
    """Passes requests on, and cuts answers of tables after `cut` bytes; `spoil` changes a byte of one."""

    def __init__(self, *, cut: int | None = None, spoil: str = "") -> None:
        self.real, self.cut, self.spoil = httpx.HTTPTransport(), cut, spoil
        self.ranges: list[str] = []

    def close(self) -> None:
        self.real.close()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self.real.handle_request(request)
        if "/tables/" not in request.url.path:
            return response
        self.ranges.append(request.headers.get("range", ""))
        body = b"".join(response.iter_raw())
        headers = {name: value for name, value in response.headers.items() if name != "content-length"}
        if self.spoil and self.spoil in request.url.path:
            body = body[:-1] + bytes([body[-1] ^ 1])
        if self.cut is not None:
            body = body[: self.cut]
        return httpx.Response(response.status_code, headers=headers, stream=httpx.ByteStream(body))


def test_a_download_goes_on_where_it_broke_off(place: Place, tmp_path: Path) -> None:
    flaky = Flaky(cut=2_000)
    with Client(place.address, policy=QUICK, transport=flaky) as client, pytest.raises(UnavailableError):
        client.download(tmp_path, key=VKEY)
    assert any(asked.startswith("bytes=2000-") for asked in flaky.ranges)
    begun = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    assert begun > 2_000
    with Client(place.address) as client:
        folder = client.download(tmp_path, key=VKEY)
    open_folder(folder, key=VKEY).check_files()


def test_a_spoiled_file_is_refused_and_fetched_anew(place: Place, tmp_path: Path) -> None:
    with (
        Client(place.address, policy=QUICK, transport=Flaky(spoil="need")) as client,
        pytest.raises(IntegrityError, match="need"),
    ):
        client.download(tmp_path, key=VKEY)
    with Client(place.address) as client:
        open_folder(client.download(tmp_path, key=VKEY), key=VKEY).check_files()


def test_a_snapshot_of_another_log_is_refused(place: Place, tmp_path: Path) -> None:
    other = "other.example/log+" + VKEY.split("+", 1)[1]
    with Client(place.address) as client, pytest.raises((InputError, IntegrityError)):
        client.download(tmp_path, key=other)
    assert not list(tmp_path.glob("snapshot_*"))


def test_a_snapshot_older_than_one_here_is_refused(place: Place, tmp_path: Path) -> None:
    here, at = tmp_path / "here", place.head.at
    shutil.copytree(place.folder, here / "snapshot_newer")
    publish_catalogue(here / "snapshot_newer", RECORDINGS, refused=[1], before=place.head, at=at, until=at + 10**12)
    with Client(place.address) as client:
        with pytest.raises(IntegrityError, match="older snapshot"):
            client.download(here, key=VKEY)
        (here / "snapshot_newer" / "snapshot.note").write_text("not signed")
        assert client.download(here, key=VKEY).is_dir()


def test_a_refresh_brings_only_what_is_new(place: Place, tmp_path: Path) -> None:
    with Client(place.address) as client:
        client.download(tmp_path / "here", key=VKEY)
        publish_catalogue(
            place.folder, RECORDINGS, refused=[1], before=place.head, at=place.head.at, until=place.head.until
        )
        assert place.desk.refresh()
    flaky = Flaky()
    with Client(place.address, transport=flaky) as client:
        folder = client.download(tmp_path / "here", key=VKEY)
    files = list((folder / TABLES_FOLDER).iterdir())
    assert 0 < len(flaky.ranges) < len(files)
    assert not Gate(folder, **ASKED, key=VKEY, cache=tmp_path / "cache").passes({"isrc": code_of(1)})
    shutil.rmtree(folder)
