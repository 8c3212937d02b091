"""`cantoria serve` over a house: it answers, keeps up with the ledger, and ends when told to."""

from __future__ import annotations

import signal
import time
from typing import Any

import httpx
from tests.e2e.shell import Stage, good, run_here
from tests.e2e.test_witness import daemon

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
        process.send_signal(signal.SIGINT)
        assert process.wait(WAIT_SECONDS) in (0, 130)


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
