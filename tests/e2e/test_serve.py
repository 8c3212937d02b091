"""`cantoria serve` over a house: it answers, keeps up with the ledger, and ends when told to."""

from __future__ import annotations

import json
import signal
import time
from typing import Any

import httpx
from tests.e2e.shell import Done, Stage, good, run_here
from tests.e2e.test_witness import daemon
from tests.unit.adapters.test_feeding import receiver

from cantoria.sdk.webhooks import verify

WAIT_SECONDS = 60


def ask(address: str, licensee: str, code: str = "isrc:KRA381900123") -> Any:
    params = {"use": "train_generative", "licensee": licensee, "territories": "KR"}
    answer = httpx.get(f"{address}/v1/clearance/{code}", params=params, trust_env=False, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_house_is_served_and_a_withdrawal_is_heard(stage: Stage) -> None:
    with daemon("serve", "--port", 0, "--every", 1, cwd=stage.folder) as (address, process):
        licensee = "party_sonara"
        before = ask(address, licensee)
        assert before["status"] == "cleared"
        assert len(before["because"]) == 3
        assert ask(address, licensee, "isrc:KRA381900124")["status"] == "unknown"
        statement = before["because"][0]
        good(run_here("--as", "authors", "consent", "withdraw", statement, cwd=stage.folder))
        deadline = time.monotonic() + WAIT_SECONDS
        while (after := ask(address, licensee))["status"] == "cleared" and time.monotonic() < deadline:
            time.sleep(0.2)
        assert after["status"] == "unknown"
        assert [one["code"] for one in after["reasons"]] == ["silent"]
        assert after["as_of"]["size"] > before["as_of"]["size"]
        page = httpx.get(f"{address}/v1/revocations?since={before['as_of']['size']}", trust_env=False).json()
        [item] = page["items"]
        assert (item["_cantoria"]["kind"], item["_cantoria"]["statement"]) == ("withdrawn", statement)
        assert "isrc:KRA381900123" in item["_cantoria"]["codes"]
        process.send_signal(signal.SIGINT)
        assert process.wait(WAIT_SECONDS) in (0, 130)


def test_a_subscriber_is_told_of_a_withdrawal(stage: Stage) -> None:
    def feed(*args: object) -> Done:
        return run_here("--json", "feed", *args, cwd=stage.folder)

    with receiver(500) as (url, got):
        assert feed("subscribe", url).code == 2  # not the open internet
        made = good(feed("subscribe", url, "--allow-loopback")).value
        key = good(feed("key")).value["key"]
        assert made["key"] == key
        said = good(run_here("--json", "consent", "show", "own:AUTHORS:ADA", cwd=stage.folder)).value
        statement = said[0]["statement"]
        good(run_here("--as", "authors", "consent", "withdraw", statement, cwd=stage.folder))
        assert feed("deliver").code == 4
        [waiting] = good(feed("list")).value["messages"]
        assert (waiting["state"], waiting["tries"]) == ("waiting", 1)
        assert good(feed("deliver")).value == {"items": 0, "delivered": 0, "failed": 0, "dead": 0}
        assert feed("test", made["id"]).code == 0
        assert [verify(body, told, key=key, now=time.time())["type"] for _, told, body in got] == [
            "revocation.published",
            "feed.test",
        ]
        [item] = json.loads(got[0][2])["data"]["items"]
        assert item["_cantoria"]["statement"] == statement
        assert "party_" not in got[0][2].decode()
        good(feed("unsubscribe", made["id"]))
        assert good(feed("list")).value["messages"] == []


def test_a_snapshot_is_served_under_the_key_of_its_log_alone(stage: Stage) -> None:
    with daemon("serve", "--port", 0, cwd=stage.folder):
        pass
    snapshot = ("serve", "--port", 0, "--snapshot", "world/snapshot")
    refused = run_here(*snapshot, cwd=stage.folder)
    assert (refused.code, "--key" in refused.err) == (2, True)
    with daemon(*snapshot, "--key", "world/log.vkey", cwd=stage.folder) as (address, _):
        assert ask(address, "party_anybody")["status"] == "cleared"
    head = stage.folder / "world" / "snapshot" / "snapshot.json"
    head.write_bytes(head.read_bytes().replace(b'"size":', b'"size":1'))
    assert run_here(*snapshot, "--key", "world/log.vkey", cwd=stage.folder).code == 3
