"""A machine's proposal in the graph: shown, and without effect, whoever else says the same."""

from __future__ import annotations

from typing import Any

import pytest

from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.ids import LinkId, RecordingId
from cantoria.registry import Registry
from cantoria.registry.facts import LinkAsserted, RecordingRegistered
from cantoria.registry.types import LinkState, Relation, Tier


def said(index: int, organisation: str, tier: Tier) -> Recorded[Any]:
    fact = LinkAsserted(
        link=LinkId(f"link_{index}"),
        left="recording_a",
        relation=Relation.SAME_AS,
        right="recording_b",
        asserted_by=organisation,
        tier=tier,
    )
    return Recorded(index, f"{index:032x}", organisation, Capacity.PUBLISHER, index, fact)


def registered(index: int, recording: str) -> Recorded[Any]:
    fact = RecordingRegistered(recording=RecordingId(recording), title="Rain")
    return Recorded(index, f"{index:032x}", "ours", Capacity.PRODUCER, index, fact)


@pytest.mark.parametrize(
    ("first", "second", "state", "joined"),
    [
        (("ours", Tier.ASSERTED), ("theirs", Tier.DOCUMENTED), LinkState.UNREVIEWED, False),
        (("ours", Tier.DOCUMENTED), ("theirs", Tier.ASSERTED), LinkState.UNREVIEWED, False),
        (("ours", Tier.ASSERTED), ("theirs", Tier.ASSERTED), LinkState.UNREVIEWED, False),
        (("ours", Tier.DOCUMENTED), ("theirs", Tier.DOCUMENTED), LinkState.AGREED, True),
    ],
)
def test_matching_a_proposal_agrees_with_nobody(first: Any, second: Any, state: LinkState, joined: bool) -> None:
    things = [registered(0, "recording_a"), registered(1, "recording_b")]
    registry = Registry.fold([*things, said(2, *first), said(3, *second)])
    (view,) = registry.links("recording_a")
    assert view.state is state
    assert ("recording_b" in registry.closure("recording_a").recordings) is joined
