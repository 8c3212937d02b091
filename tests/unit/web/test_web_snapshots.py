"""Snapshots over HTTP: whole files, parts of them, and nothing else of the disk."""

from __future__ import annotations

import hashlib
import http.client
from pathlib import Path

import httpx
import pytest

from cantoria.adapters.snapshot_pull import HttpSnapshots, pull
from cantoria.adapters.snapshots import SnapshotFolder
from cantoria.clearance.snapshot import build
from cantoria.sdk.pack_build import build_pack, read_meta
from cantoria.testing.http import running
from cantoria.testing.packs import KEY, publish_tables
from cantoria.web.app import create_app
from cantoria.web.desk import Desk


def test_files_are_those_of_the_head(served) -> None:
    head = served.http.get("/v1/snapshots/latest").json()
    assert served.http.get("/v1/snapshots").json()["items"] == [head]
    for entry in served.desk.served.head.files:
        answer = served.http.get(f"/v1/snapshots/{head['id']}/tables/{entry.name}")
        assert hashlib.sha256(answer.content).hexdigest() == entry.sha256
        again = served.http.get(
            f"/v1/snapshots/{head['id']}/tables/{entry.name}", headers={"If-None-Match": answer.headers["etag"]}
        )
        assert (again.status_code, again.content) == (304, b"")
    assert len(head["files"]) == len(served.desk.served.head.files)


def test_a_part_of_a_file_can_be_asked_for(served) -> None:
    entry = max(served.desk.served.head.files, key=lambda one: one.bytes)
    address = f"/v1/snapshots/latest/tables/{entry.name}"
    whole = served.http.get(address).content
    part = served.http.get(address, headers={"Range": "bytes=4-9"})
    assert (part.status_code, part.content) == (206, whole[4:10])
    rest = served.http.get(address, headers={"Range": f"bytes={len(whole) - 3}-"})
    assert rest.content == whole[-3:]
    beyond = served.http.get(address, headers={"Range": f"bytes={len(whole)}-"})
    assert beyond.status_code == 416


@pytest.mark.parametrize(
    "path",
    [
        "latest/tables/../snapshot.json",
        "latest/tables/..%2Fsnapshot.json",
        "latest/tables/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "latest/tables/..%5C..%5Csecret",
        "latest/pack.db",
        "latest/tables/pack.db",
        "latest/tables/name-000002.parquet",
        "latest/tables/name-000001.parquet%00",
        "latest/..",
        "snapshot_00000000000000000000000000000000/snapshot.json",
        "%2e%2e/snapshot.json",
    ],
)
def test_nothing_else_is_served(served, path: str) -> None:
    (served.folder / "secret").write_text("secret")
    connection = http.client.HTTPConnection(served.address.removeprefix("http://"), timeout=20)
    connection.request("GET", f"/v1/snapshots/{path}")  # as it stands: no client tidies it up
    answer = connection.getresponse()
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"
    connection.close()


def test_a_snapshot_can_be_pulled_and_answers_the_same(served, tmp_path: Path) -> None:
    source = HttpSnapshots(served.address)
    folder = SnapshotFolder(tmp_path / "copy", keys=[KEY])
    pull(source, folder)
    source.close()
    assert folder.open().id == served.desk.served.id
    build_pack(tmp_path / "copy", target=tmp_path / "pack", keys=[KEY])
    assert read_meta(tmp_path / "pack").id == served.desk.served.id


def test_an_answer_is_not_given_again_once_there_is_a_newer_snapshot(served, tmp_path: Path) -> None:
    snapshot = build(served.rights, at=served.snapshot.at, size=served.snapshot.size)
    first = publish_tables(tmp_path, snapshot.tables, at=snapshot.at, until=snapshot.until, size=snapshot.size)
    desk = Desk(tmp_path, pack=tmp_path / "pack", keys=[KEY], clock=lambda: snapshot.at + 1)
    body = {"request": served.body() | {"at": snapshot.at + 1}, "rows": [{"codes": ["isrc:KRA381900001"]}]}
    with running(create_app(desk), lifespan="on") as address, httpx.Client(base_url=address) as http:

        def asked() -> httpx.Response:
            return http.post("/v1/clearance", headers={"Idempotency-Key": "k"}, json=body)

        assert asked().json()["snapshot"] == desk.served.id
        assert asked().headers["idempotency-replayed"] == "true"
        publish_tables(
            tmp_path, {}, at=snapshot.at + 1, until=snapshot.until, size=snapshot.size, before=first, generation=1
        )
        assert desk.refresh()
        anew = asked()
        assert "idempotency-replayed" not in anew.headers
        assert anew.json()["snapshot"] == desk.served.id


def test_an_older_snapshot_is_not_taken_up(served, tmp_path: Path) -> None:
    snapshot = build(served.rights, at=served.snapshot.at, size=served.snapshot.size)
    first = publish_tables(tmp_path, snapshot.tables, at=snapshot.at, until=snapshot.until, size=snapshot.size)
    desk = Desk(tmp_path, pack=tmp_path / "pack", keys=[KEY], clock=lambda: snapshot.at)
    before = desk.served
    for at, size in ((snapshot.at, snapshot.size - 1), (snapshot.at - 1, snapshot.size)):
        publish_tables(tmp_path, {}, at=at, until=snapshot.until - 1, size=size, before=first, generation=1)
        assert not desk.refresh()
        assert desk.served is before
        assert "the one that is served" in desk.trouble


def test_a_newer_snapshot_is_taken_up_and_a_tampered_one_is_not(served, tmp_path: Path) -> None:
    snapshot = build(served.rights, at=served.snapshot.at, size=served.snapshot.size)
    first = publish_tables(tmp_path, snapshot.tables, at=snapshot.at, until=snapshot.until, size=snapshot.size)
    desk = Desk(tmp_path, pack=tmp_path / "pack", keys=[KEY], clock=lambda: snapshot.at)
    before = desk.served
    publish_tables(
        tmp_path, {}, at=snapshot.at + 1, until=snapshot.until, size=snapshot.size, before=first, generation=1
    )
    assert desk.refresh()
    assert desk.served.id != before.id
    assert desk.known(before.id) is before
    head = (tmp_path / "snapshot.json").read_bytes()
    (tmp_path / "snapshot.json").write_bytes(head.replace(b'"size":', b'"size":1'))
    assert not desk.refresh()
    assert "note" in desk.trouble
    (tmp_path / "snapshot.json").write_bytes(head)
    assert not desk.refresh()
    assert desk.trouble == ""
    desk.close()
