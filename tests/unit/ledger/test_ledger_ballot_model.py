"""Ballots against a model of a few lines: whatever members do in whatever order, both agree on who governs what."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cantoria import ledger
from cantoria.kernel.facts import FactType
from cantoria.kernel.periods import DAY
from cantoria.ledger import replay

START = 1_790_000_000_000_000
TYPES = {301: FactType(301, "statement-made"), 302: FactType(302, "cmo-only")}
MEMBERS = st.integers(0, 5)
BALLOTS = st.integers(0, 5)


class Model:
    """Seats as numbers of members, thresholds, and ballots with who said what: no keys, no bytes, no indices."""

    def __init__(self, count: int) -> None:
        self.seats = set(range(count))
        self.holders = 0
        self.open: dict[int, tuple[int, tuple[str, int], int, dict[int, bool]]] = {}
        self.closed: dict[int, str] = {}

    def possible(self, change: tuple[str, int]) -> bool:
        kind, value = change
        if kind == "seat":
            return True
        if kind == "unseat":
            return value in self.seats and len(self.seats) - 1 >= max(1, self.holders)
        return value <= len(self.seats)

    def enact(self, change: tuple[str, int]) -> None:
        kind, value = change
        if kind == "seat":
            self.seats.add(value)
        elif kind == "unseat":
            self.seats.remove(value)
        else:
            self.holders = value

    def propose(self, who: int, ballot: int, change: tuple[str, int], *, until: int, now: int) -> bool:
        known = ballot in self.open or ballot in self.closed
        if who not in self.seats or known or not self.possible(change) or not now < until <= now + 90:
            return False
        self.open[ballot] = (who, change, until, {who: True})
        self.settle(ballot)
        return True

    def vote(self, who: int, ballot: int, yes: bool, *, now: int) -> bool:
        if who not in self.seats or ballot not in self.open:
            return False
        _, _, until, votes = self.open[ballot]
        if who in votes or now > until:
            return False
        votes[who] = yes
        self.settle(ballot)
        return True

    def withdraw(self, who: int, ballot: int) -> bool:
        if ballot not in self.open:
            return False
        proposer = self.open[ballot][0]
        if who != proposer and (proposer in self.seats or who not in self.seats):
            return False
        del self.open[ballot]
        self.closed[ballot] = "withdrawn"
        return True

    def settle(self, ballot: int) -> None:
        _, change, _, votes = self.open[ballot]
        yes = len([one for one in self.seats if votes.get(one) is True])
        no = len([one for one in self.seats if votes.get(one) is False])
        needed = len(self.seats) * 2 // 3 + 1
        if yes >= needed:
            del self.open[ballot]
            self.closed[ballot] = "passed" if self.possible(change) else "without_effect"
            if self.possible(change):
                self.enact(change)
        elif no > len(self.seats) - needed:
            del self.open[ballot]
            self.closed[ballot] = "rejected"


class Ballots(RuleBasedStateMachine):
    """Drives the ledger and the model alike; time only goes on."""

    make_council: Any = None

    @initialize(count=st.integers(1, 5))
    def begin(self, count: int) -> None:
        self.council = type(self).make_council(count)
        while len(self.council.members) < 6:
            self.council.members.append(self.council.members[-1])
        self.model = Model(count)
        self.members = min(count + 2, 6)
        self.now = 0

    def change(self, change: tuple[str, int]) -> Any:
        kind, value = change
        if kind == "seat":
            return ledger.SeatMember(self.council.members[value].seat)
        if kind == "unseat":
            return ledger.UnseatMember(self.council.members[value].organisation)
        return ledger.SetHolders(302, value)

    def says(self, who: int, change: Any) -> bool:
        result = self.council.say(who, change, time=START + self.now * DAY)
        return isinstance(result, ledger.Admitted)

    @rule(who=MEMBERS, ballot=BALLOTS, days=st.integers(0, 91), value=MEMBERS,
          kind=st.sampled_from(["seat", "unseat", "unseat", "holders"]))  # fmt: skip
    def propose(self, who: int, ballot: int, days: int, value: int, kind: str) -> None:
        who, value = who % self.members, value % self.members
        until = self.now + days
        said = ledger.Propose(ballot.to_bytes(16, "big"), self.change((kind, value)), START + until * DAY)
        expected = self.model.propose(who, ballot, (kind, value), until=until, now=self.now)
        assert self.says(who, said) is expected

    @rule(who=MEMBERS, ballot=BALLOTS, yes=st.sampled_from([True, True, False]))
    def vote(self, who: int, ballot: int, yes: bool) -> None:
        who %= self.members
        expected = self.model.vote(who, ballot, yes, now=self.now)
        assert self.says(who, self.council.vote(ballot.to_bytes(16, "big"), yes)) is expected

    @rule(ballot=BALLOTS)
    def everyone_votes_yes(self, ballot: int) -> None:
        for who in range(self.members):
            self.vote(who, ballot, True)

    @rule(who=MEMBERS, ballot=BALLOTS)
    def withdraw(self, who: int, ballot: int) -> None:
        who %= self.members
        expected = self.model.withdraw(who, ballot)
        assert self.says(who, ledger.WithdrawBallot(ballot.to_bytes(16, "big"))) is expected

    @rule(days=st.integers(1, 40))
    def wait(self, days: int) -> None:
        self.now += days

    @rule()
    def somebody_records_facts(self) -> None:
        assert isinstance(self.council.apply(self.council.members[0].batch(2)), ledger.Admitted)

    @invariant()
    def they_agree(self) -> None:
        if not hasattr(self, "model"):
            return
        state, names = self.council.state, [one.organisation for one in self.council.members]
        assert set(state.seats) == {names[one] for one in self.model.seats}
        assert state.holders.get(302, 0) == self.model.holders
        assert {int.from_bytes(one, "big"): decision.outcome.value for one, decision in state.decisions.items()} == (
            self.model.closed
        )
        assert {int.from_bytes(one, "big"): dict(ballot.votes) for one, ballot in state.ballots.items()} == {
            ballot: {names[who]: yes for who, yes in votes.items()}
            for ballot, (_, _, _, votes) in self.model.open.items()
        }

    def teardown(self) -> None:
        if hasattr(self, "council"):
            replayed = replay.replay(self.council.entries, types=TYPES)
            assert replayed.state == self.council.state
            assert replayed.state.digest() == self.council.state.digest()


@pytest.mark.parametrize("steps", [50])
def test_ballots_do_what_the_model_does(make_council: Any, steps: int) -> None:
    Ballots.make_council = staticmethod(make_council)
    run_state_machine_as_test(Ballots, settings=settings(max_examples=80, stateful_step_count=steps))
