"""Replicas under random faults in virtual time: no fork, nothing lost, nothing twice; and broken replicas are caught.

`CANTORIA_SOAK=1` runs thousands of schedules; `pytest 'tests/consortium/test_simulator.py::test_a_random_schedule[17]'`
or `python -m cantoria.testing.simulator 17` runs one again.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cantoria.adapters.cometbft import replica
from cantoria.adapters.cometbft.blocks import Decoded, Settled, Stored
from cantoria.adapters.cometbft.intake import Queued
from cantoria.adapters.cometbft.replica import Finalized, Replica
from cantoria.ledger.machine import Applied, Rejected
from cantoria.ledger.reasons import Reason
from cantoria.testing.simulation.checks import ViolationError
from cantoria.testing.simulation.timeline import SECOND
from cantoria.testing.simulator import Plan, Simulation, main, plan_of, run

SOAK = os.environ.get("CANTORIA_SOAK") == "1"
SEEDS = range(5000 if SOAK else 200)
IN_FILES = range(10_000, 10_040 if SOAK else 10_004)
MUTANT_SEEDS = 40


@pytest.fixture(autouse=True)
def quiet():
    """Liars make honest members warn a lot."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_schedule(seed: int) -> None:
    report = run(seed)
    assert report.height > 3
    assert report.entries > report.begun


@pytest.mark.parametrize("seed", IN_FILES)
def test_a_random_schedule_on_real_files(seed: int, tmp_path: Path) -> None:
    assert run(seed, files=tmp_path).height > 3


def test_the_same_seed_is_the_same_schedule(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = Simulation(7), Simulation(7)
    assert first.run() == second.run()
    assert first.checks.hashes == second.checks.hashes
    assert main(["7"]) == 0
    assert "seed=7" in capsys.readouterr().out


def test_the_schedules_have_every_kind_of_fault() -> None:
    plans = [plan_of(seed) for seed in range(200)]
    assert {plan.seated for plan in plans} == {4, 6, 7}
    assert {plan.joins for plan in plans} == {"", "blocks", "snapshot"}
    told = []
    for seed in range(200):
        with closing(Simulation(seed)) as simulation:
            simulation.faults.draw(simulation.plan.faults, span=simulation.plan.span)
            told += simulation.faults.told
    for what in (
        "dies at",
        "is killed",
        "are killed",
        "stands still",
        "parts into",
        "lost",
        "whole disk",
        "replica of",
    ):
        assert sum(what in one for one in told) > 10, what
    for what in ("begins to lie", "corrupted in memory", "corrupted in the log", "corrupted in the mark"):
        assert sum(what in one for one in told) > 3, what


class Divergent(Replica):
    """Leaves out the last transaction of each block."""

    def finalize(self, height: int, *, time: int, transactions: Sequence[bytes]) -> Finalized:
        return super().finalize(height, time=time, transactions=transactions[:-1])


class SelfCentred(Replica):
    """Lets the app hash depend on what is its own."""

    def finalize(self, height: int, *, time: int, transactions: Sequence[bytes]) -> Finalized:
        return super().finalize(
            height, time=time + self._clock() % 1000, transactions=transactions[: self._clock() % 7]
        )


class Hasty(Replica):
    """Settles the intake before the block is stored: what lies beside a batch is let go too early."""

    def commit(self) -> None:
        pending = self._pending
        if pending is not None:
            applied = pending.applied
            self._intake.commit([(applied.leaves[index - applied.first], index) for index in pending.headers])
        super().commit()


class Careless(Replica):
    """Publishes a checkpoint with whatever cosignatures there are."""

    def _decided(self, name: bytes, decoded: Decoded, applied: Applied) -> Any:
        found = super()._decided(name, decoded, applied)
        if found.published is None:
            return found
        tip, note = found.published
        lines = note.split("\n")
        return replace(found, published=(tip, "\n".join([*lines[:6], *lines[-1:]])))


class Impatient(Replica):
    """Refuses what it could not place at once."""

    def propose(self, height: int, *, time: int, bytes_max: int, votes: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        found = super().propose(height, time=time, bytes_max=bytes_max, votes=votes)
        rest = self._intake.pending(facts_max=50_000, bytes_max=4_000_000)
        self._intake.refuse([(one.key, Reason.MALFORMED.value, None) for one in rest[1:]])
        return found


class Gullible(Replica):
    """Accepts any block."""

    def judge(self, height: int, *, time: int, transactions: Sequence[bytes]) -> str | None:
        return None


class Oblivious(Replica):
    """Knows no fact id from before."""

    def _seen(self, fact_ids: Sequence[bytes]) -> set[bytes]:
        return set()


class Misleading(Replica):
    """Answers with the place beside."""

    def commit(self) -> None:
        intake, right = self._intake, self._intake.commit

        def beside(places: Sequence[tuple[bytes, int]]) -> None:
            right([(key, place + 1) for key, place in places])

        intake.commit = beside  # type: ignore[method-assign]
        try:
            super().commit()
        finally:
            intake.commit = right  # type: ignore[method-assign]


class Withholding(Replica):
    """Never proposes what waits."""

    def propose(self, height: int, *, time: int, bytes_max: int, votes: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        return super().propose(height, time=time, bytes_max=0, votes=votes)


def caught(replicas: Mapping[int, type[Replica]], *, plan: Plan) -> str:
    """Return what the simulator says of a broken replica, in the first schedule in which it says anything."""
    for seed in range(MUTANT_SEEDS):
        try:
            Simulation(seed, plan=plan, replicas=replicas).run()
        except ViolationError as error:
            return str(error)
    return "nothing"


SMALL = Plan(seated=4, faults=3, span=8 * SECOND)
BUSY = Plan(seated=4, faults=12, span=20 * SECOND)


@pytest.mark.parametrize(
    ("mutant", "members", "plan", "words"),
    [
        (Divergent, 1, SMALL, "another app hash"),
        (SelfCentred, 4, SMALL, "another app hash"),
        (Hasty, 4, BUSY, "lacks bodies"),
        (Careless, 1, SMALL, "lacks a quorum"),
        (Impatient, 1, SMALL, "for no reason|lacks bodies"),
        (Gullible, 4, BUSY, "inadmissible transactions"),
        (Oblivious, 4, SMALL, "stopped itself"),
        (Misleading, 1, SMALL, "something else stands|nobody has anything"),
        (Withholding, 1, replace(SMALL, quiet=40 * SECOND), "no end"),
    ],
)
def test_a_broken_replica_is_caught(mutant: type[Replica], members: int, plan: Plan, words: str) -> None:
    found = caught(dict.fromkeys(range(members), mutant), plan=plan)
    assert any(word in found for word in words.split("|")), found


def test_a_mistake_made_once_is_caught_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Items that stood in the log were answered as refused when something else than their id kept them out."""
    right = replica.settle

    def wrong(waiting: Sequence[Queued], failed: Mapping[bytes, Rejected], *, stored: Stored) -> Settled:
        found = right(waiting, failed, stored=stored)
        for place in [one for one in found.places if failed[one[0]].reason is not Reason.FACT_REPLAYED]:
            found.places.remove(place)
            found.refusals.append((place[0], failed[place[0]].reason.value, None))
        return found

    monkeypatch.setattr(replica, "settle", wrong)
    assert "but it stands in the log" in caught({}, plan=BUSY)
