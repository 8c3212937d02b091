"""The commands `holding` and `endorsement` on real homes, over loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner

from cantoria.cli import endorsement, holding
from cantoria.cli.main import app
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.registry.facts import WorkRegistered

WORK = WorkRegistered.TYPE.tag


class Commands:
    """Runs commands in the name of a member."""

    def __init__(self, network: Any) -> None:
        self.network = network

    def __call__(self, number: int, *words: str, fails: type[Exception] | None = None) -> Any:
        arguments = ["--home", str(self.network[number].home), "--json", *words]
        done = CliRunner().invoke(app, arguments)
        if fails is not None:
            assert isinstance(done.exception, fails), done.output
            return done.exception
        assert done.exception is None, f"{done.output} {done.exception!r}"
        return json.loads(done.stdout) if done.stdout.startswith(("{", "[")) else done.stdout

    def text(self, number: int, *words: str) -> str:
        done = CliRunner().invoke(app, ["--home", str(self.network[number].home), *words])
        assert done.exception is None, f"{done.output} {done.exception!r}"
        return done.stdout


@pytest.fixture
def on_the_networks_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], Commands]:
    def use(network: Any) -> Commands:
        monkeypatch.setattr("cantoria.bootstrap.data.SystemClock", lambda: network.clock)
        monkeypatch.setattr("cantoria.bootstrap.house.SystemClock", lambda: network.clock)
        return Commands(network)

    return use


def test_a_request_is_listed_shown_approved_and_sent(make_network: Any, on_the_networks_clock: Any) -> None:
    network = make_network(endorsers={WORK: 2})
    run = on_the_networks_clock(network)
    with pytest.raises(UnavailableError):
        network[0].record(WorkRegistered(work="work_1", title="song"))
    assert run(0, "endorsement", "list")["own"][0]["facts"] == "1 work-registered"
    [asked] = run(1, "endorsement", "list")["asked"]
    assert (asked["by"], asked["stage"], asked["facts"]) == ("org1", "pending", "1 work-registered")
    short = asked["key"][:8]
    [shown] = run(1, "endorsement", "show", short)["bodies"]
    assert shown == {"type": "work-registered", "body": {"title": "song", "work": "work_1"}}
    assert run(1, "endorsement", "approve", short, "--dry-run")["would"].startswith("endorse")
    assert run(0, "endorsement", "send", fails=UnavailableError)
    assert run(1, "endorsement", "approve", short)["stage"] == "approved"
    assert run(0, "endorsement", "send") == {"queued": [asked["key"]], "waiting": {}}
    assert run(0, "endorsement", "send") == {"queued": [], "waiting": {}}
    network.block()
    assert len(network[0].bodies()) == 1
    assert "org1" in run.text(1, "endorsement", "list")
    assert run(1, "endorsement", "show", "ffff", fails=InputError)


def test_a_request_is_refused_with_its_reason_and_a_batch_given_up(
    make_network: Any, on_the_networks_clock: Any
) -> None:
    network = make_network(endorsers={WORK: 2})
    run = on_the_networks_clock(network)
    with pytest.raises(UnavailableError):
        network[0].record(WorkRegistered(work="work_1", title="song"))
    [asked] = run(1, "endorsement", "list")["asked"]
    assert run(1, "endorsement", "refuse", asked["key"], "--reason", "no", "--dry-run")["recorded"] is False
    assert run(1, "endorsement", "refuse", asked["key"], "--reason", "unknown work")["reason"] == "unknown work"
    failed = run(0, "endorsement", "send", fails=UnavailableError)
    assert "1 batches still wait" in str(failed)
    [own] = run(0, "endorsement", "list")["own"]
    assert run(0, "endorsement", "drop", own["key"], "--dry-run")["recorded"] is False
    assert run(0, "endorsement", "drop", own["key"][:10]) == {"dropped": own["key"]}
    assert run(0, "endorsement", "list")["own"] == []


def test_holdings_are_listed_demanded_and_fetched(network: Any, on_the_networks_clock: Any) -> None:
    run = on_the_networks_clock(network)
    report = network[0].report()
    network[0].record(report)
    network.block()
    network.block()
    network[2].stop()
    network[1].data.courier.round()
    value = run(1, "holding", "list")
    assert [sorted(one["holders"]) for one in value["holders"]] == [["org1", "org2", "org3"]]
    assert (value["awaited"], value["demands"]) == ({}, [])
    network[2].serve()
    entry = value["holders"][0]["batch"] + 1
    assert "leaf 0" in run(1, "holding", "demand", "org3", "--fact", str(entry), "--dry-run")["would"]
    for words in (["--fact", "0"], [], ["--fact", str(entry), "--root", "ab" * 32]):
        run(1, "holding", "demand", "org3", *words, fails=InputError)
    run(1, "holding", "demand", "org9", "--fact", str(entry), fails=InputError)
    stop = threading.Event()

    def chain() -> None:
        while not stop.wait(0.01):
            if any(site.data.parts.intake.waiting() for site in network.sites):
                network.block()
                network.block()

    moving = threading.Thread(target=chain)
    moving.start()
    try:
        said = run(1, "holding", "demand", "org3", "--root", report.root, "--line", "2")
    finally:
        stop.set()
        moving.join(60)
    network[1].data.courier.round()
    [demand] = run(1, "holding", "list")["demands"]
    assert (demand["fact_id"], demand["of"], demand["by"], demand["state"]) == (
        said["fact_id"],
        "org3",
        "org2",
        "no answer",
    )
    assert "no answer" in run.text(1, "holding", "list")
    network[1].data.parts.desk.attachments.drop(report.attachment)
    assert run(1, "holding", "fetch", report.attachment)["bytes"] > 0
    assert run(1, "holding", "fetch", report.attachment)["fetched"] is False
    run(1, "holding", "fetch", "ab" * 32, fails=UnavailableError)


def test_a_house_without_a_node_says_so(tmp_path: Any) -> None:
    for group, words in ((holding.app, ["list"]), (endorsement.app, ["send"])):
        assert group.info.help
        done = CliRunner().invoke(
            app, ["--home", str(tmp_path), "holding" if group is holding.app else "endorsement", *words]
        )
        assert isinstance(done.exception, InputError)
