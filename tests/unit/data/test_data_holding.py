"""Holding: a batch is stored with its files before it is signed for, and only what is as committed is signed for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cantoria.adapters.parcel import pack_parcel
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.ledger.attestation import Purpose, unpack_attestation
from cantoria.ledger.merkle import leaf_hash
from cantoria.registry.facts import WorkRegistered


def test_a_usage_report_is_recorded_with_three_holders_and_lies_at_all_of_them(network: Any) -> None:
    one = network[0]
    report = one.report()
    key = one.record(report)
    network.block()
    assert one.data.parts.intake.outcome(key).stage == 1
    network.rounds()
    for site in network.sites:
        index = site.index()
        assert [found.fact for found in index.scan()] == [report]
        assert index.awaited() == 0
        assert site.data.parts.desk.attachments.holds(report.attachment)
        held = site.data.parts.desk.memory.holders(limit=5)
        assert [sorted(holders) for _, _, holders in held] == [sorted(other.id for other in network.sites)]
        assert site.data.parts.holder.holdings.waiting() == 0


def test_gathered_attestations_are_exactly_those_needed_in_their_order(make_network: Any) -> None:
    network = make_network(4, holders={501: 2})
    batch = network[0].seal(network[0].report())
    found = network[0].data.attester.gather(batch, network[0].replica.state)
    attested = [unpack_attestation(one) for one in found]
    assert len(attested) == 2
    assert [one.organisation for one in attested] == sorted(one.organisation for one in attested)
    assert network[0].id in {one.organisation for one in attested}
    assert {(one.purpose, one.subject) for one in attested} == {(Purpose.HOLDING, leaf_hash(batch.header))}
    assert (
        network[0].data.attester.gather(
            network[0].seal(WorkRegistered(work="work_1", title="x")), network[0].replica.state
        )
        == ()
    )


def test_a_member_that_is_down_is_replaced_by_another(make_network: Any) -> None:
    network = make_network(4, holders={501: 3})
    network[1].stop()
    batch = network[0].seal(network[0].report())
    found = network[0].data.attester.gather(batch, network[0].replica.state)
    assert {unpack_attestation(one).organisation for one in found} == {network[n].id for n in (0, 2, 3)}


def test_too_few_holders_leave_the_batch_waiting_and_it_goes_on_later(network: Any) -> None:
    network[1].stop()
    with pytest.raises(UnavailableError, match="1 more must hold") as failed:
        network[0].record(network[0].report())
    assert "org2 does not answer" in str(failed.value)
    assert "endorsement send" in failed.value.remedy
    waiting = network[0].data.parts.pending.batches()
    assert len(waiting) == 1
    network[1].serve()
    for key, batch in waiting.items():
        again = network[0].data.attester(batch, network[0].replica.state)
        assert network[0].data.parts.intake.put([again]) == [key]
    network.block()
    network.rounds()
    assert network[0].data.parts.pending.keys() == []
    assert len(list(network[2].index().scan())) == 1


@pytest.mark.parametrize("change", [{"lines": 6}, {"plays": 1}, {"root": "00" * 32}, {"attachment": "ab" * 32}])
def test_a_report_that_its_lines_do_not_bear_out_is_not_signed_for(network: Any, change: dict[str, Any]) -> None:
    batch = network[0].seal(replace(network[0].report(), **change))
    network[0].data.parts.pending.keep(batch)
    with pytest.raises(InputError):
        network[0].data.parts.holder.hold_own(batch)
    with pytest.raises(InputError, match=r"not what the report says|is held here"):
        network[1].data.parts.holder.hold(pack_parcel(batch), asker=network[0].id)
    assert network[1].data.parts.holder.holdings.held(leaf_hash(batch.header)) is None


def test_bodies_that_are_not_as_committed_are_refused(network: Any) -> None:
    batch = network[0].seal(WorkRegistered(work="work_1", title="x"))
    other = network[0].seal(WorkRegistered(work="work_1", title="y"))
    hold = network[1].data.parts.holder.hold
    with pytest.raises(InputError, match="body_mismatch"):
        hold(pack_parcel(replace(batch, bodies=other.bodies)), asker=network[0].id)
    with pytest.raises(InputError, match="sealed it"):
        hold(pack_parcel(batch), asker=network[2].id)
    strange = replace(batch, header=batch.header[:-1] + bytes([batch.header[-1] ^ 1]))
    with pytest.raises(InputError, match="bad_signature"):
        hold(pack_parcel(strange), asker=network[0].id)


def test_asked_again_a_holder_answers_the_same(network: Any) -> None:
    batch = network[0].seal(network[0].report())
    network[0].data.parts.pending.keep(batch)
    hold = network[1].data.parts.holder.hold
    first = hold(pack_parcel(batch), asker=network[0].id)
    assert hold(pack_parcel(batch), asker=network[0].id) == first
