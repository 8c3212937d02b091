"""Decisions: the latest of each organisation stands until it takes it back itself."""

from __future__ import annotations

from typing import Any

from cantoria.kernel.facts import Capacity, Recorded
from cantoria.registry.match_facts import MatchDecided, MatchDecisionWithdrawn, MatchVerdict
from cantoria.registry.matching.decisions import Decisions

CMO, REGISTRAR = Capacity.CMO, Capacity.REGISTRAR


def folded(*said: tuple[str, Capacity, Any]) -> Decisions:
    return Decisions.fold(
        Recorded(index, f"{index:032x}", organisation, capacity, index, fact)
        for index, (organisation, capacity, fact) in enumerate(said)
    )


def decided(name: str, verdict: MatchVerdict, left: str = "a", right: str = "b") -> MatchDecided:
    return MatchDecided(decision=name, left=left, right=right, verdict=verdict, decided_by="somebody")


SAME, DIFFERENT, UNSURE = MatchVerdict.SAME, MatchVerdict.DIFFERENT, MatchVerdict.UNSURE


def test_matching_the_order_of_a_pair_does_not_matter() -> None:
    found = folded(("x", CMO, decided("1", DIFFERENT, "b", "a")))
    assert found.kept_apart("a", "b")
    assert found.kept_apart("b", "a")
    assert found.settled_for("a", "b", organisation="x") is DIFFERENT


def test_matching_what_a_stranger_decided_settles_nothing_for_others() -> None:
    found = folded(("x", CMO, decided("1", DIFFERENT)))
    assert found.settled_for("a", "b", organisation="y") is None
    assert found.kept_apart("a", "b"), "but no machine may link it"


def test_matching_a_register_settles_for_all_who_said_nothing() -> None:
    found = folded(("x", REGISTRAR, decided("1", SAME)), ("y", CMO, decided("2", DIFFERENT)))
    assert found.settled_for("a", "b", organisation="z") is SAME
    assert found.settled_for("a", "b", organisation="y") is DIFFERENT


def test_matching_unsure_settles_nothing_and_a_later_word_counts() -> None:
    found = folded(("x", CMO, decided("1", UNSURE)))
    assert found.settled_for("a", "b", organisation="x") is None
    found = folded(("x", CMO, decided("1", DIFFERENT)), ("x", CMO, decided("2", SAME)))
    assert found.settled_for("a", "b", organisation="x") is SAME
    assert not found.kept_apart("a", "b")


def test_matching_only_who_decided_takes_it_back() -> None:
    one = ("x", CMO, decided("1", DIFFERENT))
    assert folded(one, ("y", CMO, MatchDecisionWithdrawn(decision="1"))).kept_apart("a", "b")
    assert not folded(one, ("x", CMO, MatchDecisionWithdrawn(decision="1"))).kept_apart("a", "b")


def test_matching_an_id_keeps_its_first_meaning() -> None:
    found = folded(("x", CMO, decided("1", SAME)), ("y", CMO, decided("1", DIFFERENT)))
    assert found.made["1"].fact.verdict is SAME
    assert not found.kept_apart("a", "b")
