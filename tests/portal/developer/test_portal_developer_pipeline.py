"""A pipeline with nothing but a key: from the manifest to the certificate and the gate, each step once per key."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from cantoria.app.access.permissions import Permission
from cantoria.app.pages.developer_snippet import gate_snippet
from cantoria.clearance.types import Request
from cantoria.kernel.ids import PartyId
from cantoria.kernel.money import Money
from cantoria.kernel.uses import Use
from cantoria.sdk.verify import verify_bundle
from cantoria.web.app import create_app
from cantoria.web.portal.opening import open_portal

SECONDS = 60


class Pipeline:
    """Sends requests with a bearer key and no cookie, as a script does."""

    def __init__(self, client, key="key-of-the-pipeline"):
        self.client, self.headers = client, {"Authorization": f"Bearer {key}"}

    def get(self, path, **more):
        return self.client.get(path, headers=self.headers, **more)

    def post(self, path, key, **more):
        return self.client.post(path, headers={**self.headers, "Idempotency-Key": key}, **more)

    def wait(self, path):
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            value = self.get(path).json()
            if value["ended"]:
                return value
            time.sleep(0.02)
        raise AssertionError(path)


@pytest.fixture
def keyed(developer):
    """A pipeline at the real door, with a key that the demonstration's developer made."""
    portal = open_portal(developer.site.home, desk=None)
    access = portal.parts["access"]
    [membership, *_] = access.accounts.memberships(access.accounts.by_login("developer@sample.invalid").id)
    scopes = frozenset({Permission.CLEAR_DATASETS, Permission.ASK_LICENCES})
    _, key = access.keys.make(membership, name="pipeline", scopes=scopes, days=1, now=access.now())
    with TestClient(create_app(None, portal=portal)) as client:
        yield Pipeline(client, key)


def test_a_script_with_a_key_goes_the_whole_way(developer, keyed):
    run = keyed
    assert run.client.get("/datasets.json").status_code == 401
    sent = {"data": developer.wanted, "files": {"file": ("set.csv", developer.manifest)}}
    first = run.post("/datasets/new.json", "upload-1", **sent)
    assert first.status_code == 201
    second = run.post("/datasets/new.json", "upload-1", **sent)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.json() == first.json()
    other = {**sent, "data": {**developer.wanted, "markets": "US"}}
    assert run.post("/datasets/new.json", "upload-1", **other).status_code == 422
    dataset = first.headers["Location"]
    value = run.wait(f"{dataset}.json")
    assert value["state"] == "cleared"
    rows = run.get(f"{dataset}/rows.json", params={"status": "askable", "limit": 200}).json()["rows"]
    assert len(rows) == value["cleared"]["unlock"]["waiting"]
    wish = {"terms": "one-version", "price": "KRW 2000", "model_version": "2.0"}
    plan = run.post(f"{dataset}/ask.json", "ask-1", json=wish).headers["Location"]
    assert run.wait(f"{plan}.json")["comes_to"]["licences"] > 0
    asked = run.post(f"{plan}/send.json", "send-1", json={})
    assert run.post(f"{plan}/send.json", "send-1", json={}).headers["Idempotency-Replayed"] == "true"
    told = run.wait(f"{asked.headers['Location']}.json")
    assert told["summary"]["licences"] > 0
    again = run.post(f"{dataset}/again.json", "again-1", json={"request": asked.json()["request"]}).headers["Location"]
    now = run.wait(f"{again}.json")
    assert now["change"]["lost"] == 0
    proof = run.get(f"{again}/certificate")
    vkey = (developer.site.home / "log.vkey").read_text().strip()
    assert verify_bundle(proof.content, vkey=vkey).body["certificate"] == now["cleared"]["certificate"]


def test_a_manifest_may_come_as_text_in_json(developer):
    developer.come(session="", key="key_1")
    run = Pipeline(developer.site.client)
    body = {**developer.wanted, "file": developer.manifest.decode(), "title": "By JSON"}
    made = run.post("/datasets/new.json", "json-1", json=body)
    assert made.status_code == 201, made.text
    value = run.wait(f"{made.headers['Location']}.json")
    assert (value["state"], value["title"], value["cleared"]["rows"]) == ("cleared", "By JSON", 200)


def test_the_snippet_lets_through_what_the_certificate_cleared(developer, tmp_path, monkeypatch):
    import uvicorn

    from cantoria.adapters.snapshots import SnapshotFolder
    from cantoria.app import snapshots
    from cantoria.ledger.notes import NoteKey
    from cantoria.sdk.pack_build import build_pack
    from cantoria.web.desk import Desk

    value = developer.clear()
    house = developer.site.house()
    house.begin_writing(lambda: None)
    key = NoteKey(house.settings.origin, house.keys.log_signer().public_key)
    folder = tmp_path / "published"
    snapshots.build_snapshot(house, SnapshotFolder(folder, keys=[key]), signer=house.keys.log_signer())
    clock = house.clock.now
    house.close()
    pack = tmp_path / "pack"
    build_pack(folder, target=pack, keys=[key])
    desk = Desk(folder, pack=pack, keys=[key], clock=clock)
    server = uvicorn.Server(uvicorn.Config(create_app(desk), host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        program = value["snippet"].replace('"https://testserver"', f'"http://127.0.0.1:{port}"')
        assert program != value["snippet"]
        monkeypatch.chdir(tmp_path)
        Path("manifest.csv").write_bytes(developer.manifest)
        exec(compile(program, "snippet", "exec"), {})
    finally:
        server.should_exit = True
        thread.join()
    kept = Path("manifest-cleared.csv").read_text().splitlines()
    assert len(kept) - 1 == value["cleared"]["counts"]["cleared"]


@pytest.mark.parametrize("hostile", ['x"\nimport os\n"', "\\", '"""', "{}", "\u2028", "😀", "'"])
def test_no_text_gets_out_of_its_literal_in_the_snippet(hostile):
    import ast

    request = Request(
        use=Use.TRAIN_GENERATIVE,
        licensee=PartyId(hostile),
        territories=hostile,
        at=0,
        size=0,
        model_version=hostile,
        licensee_classes=frozenset({hostile}),
        offer=Money.parse("0.05", "EUR"),
    )
    text = gate_snippet(request, server=hostile, key=hostile, certificate=hostile, manifest=hostile + ".csv")
    tree = ast.parse(text)
    assert len(tree.body) == 10
    constants = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    assert constants.count(hostile) == 7
    assert json.dumps(constants)
