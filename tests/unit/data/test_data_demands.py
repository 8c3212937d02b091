"""Withheld leaves: a demand is on record, an answer is checked, and silence stays visible."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cantoria.adapters.courier_duties import read_leaf
from cantoria.adapters.http import data_service
from cantoria.kernel.errors import InputError
from cantoria.ledger import LeafDelivered, LeafDemanded, fact_id_text
from cantoria.ledger.merkle import leaf_hash
from cantoria.registry.facts import WorkRegistered


def held(network: Any) -> Any:
    """Have a report recorded and held by all."""
    report = network[0].report(7)
    network[0].record(report)
    network.block()
    network.rounds(1)
    return report


def cycle(network: Any) -> None:
    network.rounds(2)
    network.block()
    network.rounds(2)


def test_a_demanded_line_is_delivered_recorded_and_checked(network: Any) -> None:
    report = held(network)
    network[2].record(LeafDemanded(of=network[1].party, position=4, root=report.root))
    network.block()
    cycle(network)
    [demand] = network[2].data.parts.desk.memory.demands()
    assert (demand.asker, demand.of, demand.checked) == (network[2].id, network[1].id, True)
    line = network[0].data.parts.desk.attachments.get(report.attachment).split(b"\n")[4]
    assert demand.digest == leaf_hash(line).hex()
    assert network[2].data.parts.desk.memory.demands(open_only=True) == []
    assert len(network[0].index().about([network[1].party], tags=[2])) == 1
    assert len(list(network[0].index("anew").scan(tags=[LeafDelivered.TYPE.tag]))) == 1


def test_a_demanded_body_is_delivered_and_lies_there_then(network: Any) -> None:
    network[0].record(WorkRegistered(work="work_1", title="song"))
    network.block()
    header = next(
        n for n, entry in enumerate(network[0].store.entries(0, stop=network[0].store.head().size)) if entry[0] == 2
    )
    network[2].data.parts.intake.put([network[2].seal(LeafDemanded(of=network[0].party, position=0, batch=header))])
    network.block()
    cycle(network)
    [demand] = network[2].data.parts.desk.memory.demands()
    assert demand.checked
    assert network[2].store.bodies(header + 1, stop=header + 2)[0].body is not None


@pytest.mark.parametrize(
    "asked",
    [
        {"position": 9, "root": "ab" * 32},
        {"position": 99},
        {"position": 0, "batch": 0},
        {"position": 77, "batch": 10**6},
    ],
)
def test_what_cannot_be_delivered_stays_open_with_the_reason(network: Any, asked: dict[str, Any]) -> None:
    report = held(network)
    fields = asked if "batch" in asked else {"root": report.root, **asked}
    network[2].record(LeafDemanded(of=network[1].party, **fields))
    network.block()
    cycle(network)
    for site in network.sites:
        [demand] = site.data.parts.desk.memory.demands(open_only=True)
        assert not demand.checked
    assert network[1].data.parts.desk.memory.demands()[0].trouble


def test_who_says_delivered_and_hands_out_nothing_is_found_out(network: Any, monkeypatch: Any) -> None:
    report = held(network)
    network[2].record(LeafDemanded(of=network[1].party, position=1, root=report.root))
    network.block()
    monkeypatch.setattr(
        data_service, "_leaf", lambda *_: data_service.JSONResponse({"line": "x", "path": [], "lines": 7})
    )
    cycle(network)
    [demand] = network[2].data.parts.desk.memory.demands(open_only=True)
    assert "not handed out" in demand.delivery_trouble


def test_a_delivery_by_somebody_else_answers_nothing(network: Any) -> None:
    report = held(network)
    network[1].stop()
    network[2].record(LeafDemanded(of=network[1].party, position=1, root=report.root))
    network.block()
    network[0].data.courier.round()
    [demand] = network[0].data.parts.desk.memory.demands()
    network[0].record(LeafDelivered(demand=fact_id_text(demand.fact_id), digest="ab" * 32))
    network.block()
    network[2].data.courier.round()
    network[2].data.courier.round()
    assert [one.delivered for one in network[2].data.parts.desk.memory.demands()] == [None]


@pytest.mark.parametrize(
    "fields",
    [
        {"position": 0},
        {"position": 0, "batch": 1, "root": "ab" * 32},
        {"position": -1, "batch": 1},
        {"position": 0, "root": "AB" * 32},
        {"position": 2**53, "batch": 1},
    ],
)
def test_a_demand_that_names_no_leaf_cannot_be_made(fields: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        LeafDemanded(of="party_1", **fields)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"line": 1, "path": [], "lines": 1},
        {"line": "x", "path": ["zz"], "lines": 1},
        {"line": "x", "path": [], "lines": "1"},
        {"line": "x", "path": [], "lines": True},
        {"line": "x", "path": ["00" * 32] * 65, "lines": 1},
        {"line": "\ud800", "path": [], "lines": 1},
    ],
)
def test_an_answer_that_is_no_leaf_is_none(value: Any) -> None:
    assert read_leaf(json.dumps(value).encode(), 0, root=leaf_hash(b"x").hex()) is None


def test_a_leaf_is_read_under_its_root_only() -> None:
    data = json.dumps({"line": "x", "path": [], "lines": 1}).encode()
    assert read_leaf(data, 0, root=leaf_hash(b"x").hex()) == b"x"
    assert read_leaf(data, 1, root=leaf_hash(b"x").hex()) is None
    assert read_leaf(data, 0, root=leaf_hash(b"y").hex()) is None
