"""The fold of disclosures, signals and notices: first authority, latest word, and no order of arrival that matters."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.periods import Period
from cantoria.registry.disclosure_facts import AiDisclosed, AiExtent, DealSignalled, NoticeGiven, NoticeKind
from cantoria.registry.disclosures import Disclosures

EXTENTS = (AiExtent.ALL, AiExtent.PARTLY, AiExtent.NONE)


def fold(*facts: Any) -> Disclosures:
    return Disclosures.fold(
        Recorded(index, f"fact_{index}", "party_x", Capacity.DISTRIBUTOR, 0, fact) for index, fact in enumerate(facts)
    )


def said(sender: str, at: int, extent: AiExtent = AiExtent.ALL) -> AiDisclosed:
    return AiDisclosed(subject="r", extent=extent, said_by=sender, said_at=at)


def deal(sender: str, at: int, use: str = "UseForDataMining", period: Period | None = None) -> DealSignalled:
    return DealSignalled(
        release="l", recordings=("r",), uses=(use,), said_by=sender, said_at=at, period=period or Period()
    )


def notice(sender: str, at: int, kind: NoticeKind = NoticeKind.RELEASED) -> NoticeGiven:
    return NoticeGiven(things=("l", "r"), said_by=sender, said_at=at, kind=kind)


def test_registry_disclosures_nothing_is_said_of_what_nobody_named() -> None:
    view = fold()
    assert view.disclosed("r") == view.signals("r") == view.notices("r") == ()
    assert view.authority("r") == ""
    assert view.standing("r") is None


def test_registry_disclosures_the_first_sender_is_the_authority_and_stands_first() -> None:
    view = fold(notice("B", 9), notice("A", 1), said("A", 1), said("B", 2, AiExtent.NONE))
    assert view.authority("r") == view.authority("l") == "B"
    assert [one.said_by for one in view.disclosed("r")] == ["B", "A"]
    assert view.standing("r") == notice("B", 9)


@given(st.permutations(range(5)))
def test_registry_disclosures_the_latest_word_of_a_sender_counts_in_any_order(order: list[int]) -> None:
    view = fold(*(said("A", at, EXTENTS[at % 3]) for at in order))
    assert [one.said_at for one in view.disclosed("r")] == [4]


def test_registry_disclosures_of_one_moment_the_later_recorded_counts() -> None:
    (one,) = fold(said("A", 1, AiExtent.ALL), said("A", 1, AiExtent.NONE)).disclosed("r")
    assert one.extent is AiExtent.NONE


@given(st.permutations([deal("A", 1), deal("A", 2, "UseForTrainingGenerativeAI"), deal("B", 1), deal("A", 2)]))
def test_registry_disclosures_newer_deals_replace_those_of_the_same_sender(order: list[DealSignalled]) -> None:
    signals = fold(*order).signals("r")
    assert {(one.said_by, one.said_at) for one in signals} == {("A", 2), ("B", 1)}
    assert len(signals) == 3


def test_registry_disclosures_newer_notice_without_a_deal_ends_it() -> None:
    assert fold(deal("A", 1), notice("A", 1)).signals("l")
    assert fold(deal("A", 1), notice("B", 2)).signals("l")
    assert not fold(deal("A", 1), notice("A", 2)).signals("l")


def test_registry_disclosures_deals_hold_in_their_period() -> None:
    view = fold(deal("A", 1, period=Period(10, 20)))
    assert [bool(view.signals("l", at=at)) for at in (9, 10, 19, 20)] == [False, True, True, False]
    assert view.signals("l")


def test_registry_disclosures_of_one_message_a_purge_outlasts_a_takedown_and_that_a_release() -> None:
    down, purged = notice("A", 5, NoticeKind.TAKEN_DOWN), notice("A", 5, NoticeKind.PURGED)
    assert fold(down, notice("A", 5)).standing("l") == down
    assert fold(purged, down).standing("l") == purged
    assert fold(purged, notice("A", 6)).standing("l") == notice("A", 6)
    assert fold(down, notice("B", 7)).standing("l") == down


@given(st.data())
def test_registry_disclosures_nobody_speaks_under_the_name_of_another(data: st.DataObject) -> None:
    own = [notice("A", 1), said("A", 1), deal("A", 1)]
    forged = [
        said("A", 9, AiExtent.NONE),
        notice("A", 9, NoticeKind.PURGED),
        deal("A", 9, "UseForTrainingGenerativeAI"),
    ]
    order = data.draw(st.permutations([("label", fact) for fact in own[1:]] + [("evil", fact) for fact in forged]))
    view = Disclosures.fold(
        Recorded(index, f"fact_{index}", by, Capacity.DISTRIBUTOR, 0, fact)
        for index, (by, fact) in enumerate([("label", own[0]), *order])
    )
    assert view.standing("r") == own[0]
    assert view.disclosed("r") == (own[1], forged[0]), "both are heard, the authority first"
    assert own[2] in view.signals("r")
