"""Every worked money case of `vectors/money` is reproduced, the runs by the reference and by the set-based plan."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.attribution.types import Player, PlayerState
from cantoria.attribution.weigh import Policy, weigh_event
from cantoria.clearance.analytics import Table
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.money import Money
from cantoria.kernel.shares import allocate, compile_bounds
from cantoria.registry.facts import ShareClaimed
from cantoria.registry.types import (
    Closure,
    Holding,
    LinkState,
    LinkView,
    Problem,
    Relation,
    Right,
    Role,
    Side,
    SideState,
    Tier,
)
from cantoria.registry.views import ClaimView
from cantoria.royalty import journal, plan
from cantoria.royalty.balances import payout, printed
from cantoria.royalty.contract import Earned, dues
from cantoria.royalty.distribute import distribute_pool
from cantoria.royalty.split import split_of
from cantoria.royalty.splits import SplitBuilder
from cantoria.royalty.tariff import Basis, Deduction, Leg, PoolTerms, Tariff, Terms
from cantoria.royalty.types import Job, Leaf, Posting, Run, Units
from cantoria.usage.types import Evidence, GenerationEvent, PlayerKind

FOLDER = Path(__file__).parents[3] / "vectors" / "money"
CASES = {path.stem: json.loads(path.read_text(encoding="utf-8"))["cases"] for path in sorted(FOLDER.glob("*.json"))}


def cases(name: str) -> Any:
    return pytest.mark.parametrize("case", CASES[name], ids=lambda case: case["name"])


def test_there_are_enough_cases_and_each_tells_its_story() -> None:
    everything = [case for found in CASES.values() for case in found]
    assert len(everything) >= 30
    assert set(CASES) == {"contracts", "payouts", "runs", "shares", "waterfall", "weighing"}
    assert all(case["story"].endswith(".") and "\n" not in case["story"] for case in everything)


@cases("shares")
def test_shares(case: dict[str, Any]) -> None:
    shares = {holder: Fraction(share) for holder, share in case["input"]["shares"].items()}
    if "error" in case:
        with pytest.raises(InputError, match=case["error"]):
            compile_bounds(shares)
        return
    bounds = compile_bounds(shares)
    assert [[bound.holder, bound.low, bound.high] for bound in bounds] == case["expect"]["bounds"]
    parts = allocate(int(case["input"]["amount"]), bounds)
    assert {holder: str(part) for holder, part in parts.items()} == case["expect"]["parts"]


def jobs_of(case: dict[str, Any]) -> tuple[list[Job], dict[str, str]]:
    given = case["input"]
    splits = {
        name: split_of(Leaf(holder, leg, Fraction(share)) for holder, leg, share in leaves)
        for name, leaves in given["splits"].items()
    }
    jobs = [
        Job(
            pool=given["pool"],
            period=given["period"],
            currency=given["currency"],
            number=number,
            funding={account: int(fine) for account, fine in run["funding"].items()},
            units=tuple(Units(subject, splits[name].version, units) for subject, name, units in run["units"]),
            splits={split.version: split for split in splits.values()},
        )
        for number, run in enumerate(given["runs"], 1)
    ]
    return jobs, {split.version: name for name, split in splits.items()}


def holder_postings(run: Run) -> list[Posting]:
    return [p for p in run.postings if p.key.split and not p.key.holder.startswith("pool:")]


@cases("runs")
def test_runs_by_the_reference(case: dict[str, Any]) -> None:
    jobs, names = jobs_of(case)
    postings: list[Posting] = []
    for job, expect in zip(jobs, case["expect"], strict=True):
        run = distribute_pool(replace(job, posted=journal.cumulate(postings)))
        postings += run.postings
        found = [[one.subject, names[one.split], str(one.amount)] for one in run.amounts]
        assert sorted(found) == expect["amounts"]
        differences = [
            [p.key.subject, names[p.key.split], p.key.holder, p.key.leg, str(p.debit), str(p.credit)]
            for p in holder_postings(run)
        ]
        assert sorted(differences) == expect["differences"]
        accounts = ("revenue:", "residue:")
        balances = {h: str(a) for h, a in journal.by_holder(dict(run.totals)).items() if not h.startswith(accounts)}
        assert balances == expect["balances"]
        controls = run.controls
        sums = {"in": controls.total_in, "holders": controls.holders, "suspense": controls.suspense}
        assert {name: str(value) for name, value in {**sums, "residue": controls.residue}.items()} == expect["controls"]


@cases("runs")
def test_runs_by_the_plan(case: dict[str, Any]) -> None:
    jobs, names = jobs_of(case)
    subjects: dict[tuple[str, str], int] = {}
    leaves: dict[tuple[str, str], int] = {}
    posted: dict[tuple[Any, ...], Any] = {}
    with DuckDBAnalytics(threads=1) as engine:
        for job, expect in zip(jobs, case["expect"], strict=True):
            lines = [(1, subjects.setdefault(unit[:2], len(subjects) + 1), unit.units) for unit in job.units]
            rows = {
                (subjects[unit[:2]], leaves.setdefault((leaf.holder, leaf.leg), len(leaves) + 1), bound.low, bound.high)
                for unit in job.units
                for leaf, bound in zip(job.splits[unit.split].leaves, job.splits[unit.split].bounds, strict=True)
            }
            register(engine, "usage_lines", plan.LINES, lines)
            register(engine, "usage_pools", plan.POOLS, [(1, sum(job.funding.values()))])
            register(engine, "split_rows", plan.SPLITS, sorted(rows))
            register(engine, "posted", plan.POSTED, [(*key, amount) for key, amount in posted.items()])
            (control,) = plan.run_steps(engine, differences=True)
            assert str(control.residue) == expect["controls"]["residue"]
            by_number = {number: (subject, names[split]) for (subject, split), number in subjects.items()}
            by_leaf = {number: leaf for leaf, number in leaves.items()}
            found = engine.fetch("SELECT subject, leaf, debit, credit FROM differences")
            differences = [[*by_number[s], *by_leaf[leaf], str(debit), str(credit)] for s, leaf, debit, credit in found]  # type: ignore[index]
            assert sorted(differences) == expect["differences"]
            totals = engine.fetch("SELECT pool, subject, leaf, amount FROM allocations")
            posted = {tuple(row[:3]): row[3] for row in totals}


def register(engine: DuckDBAnalytics, name: str, schema: dict[str, Any], rows: list[Any]) -> None:
    engine.register(name, Table(schema, {column: [row[at] for row in rows] for at, column in enumerate(schema)}))


TARIFF = Tariff(
    tariff="tariff_1",
    publisher="cmo",
    currency="EUR",
    pools=(PoolTerms(name="output", basis=Basis.USAGE),),
    work_fraction=Fraction(1, 2),
    territory="0724",
)


@cases("contracts")
def test_contracts(case: dict[str, Any]) -> None:
    given = case["input"]
    pools = tuple(
        PoolTerms(
            name=pool["name"],
            basis=Basis.USAGE,
            fraction=Fraction(pool.get("fraction", 0)),
            unit_price=Fraction(pool["unit_price"]) if "unit_price" in pool else None,
        )
        for pool in given["pools"]
    )
    terms = Terms(**{name: Money(int(fine), "EUR") for name, fine in given["terms"].items()})
    earned = [
        Earned(period=str(number), revenue=int(period["revenue"]), units=period.get("units", {}))
        for number, period in enumerate(given["periods"])
    ]
    found = [
        {
            "due": str(due.due),
            "recouped": str(due.recouped),
            "payable": str(due.payable),
            "pools": {name: str(fine) for name, fine in due.pools.items()},
        }
        for due in dues(replace(TARIFF, pools=pools, terms=terms), earned)
    ]
    assert found == case["expect"]


@cases("weighing")
def test_weighing(case: dict[str, Any]) -> None:
    given = case["input"]
    state = {one["player"]: PlayerState(one["player_is"]) for one in given["evidence"]}
    evidence = tuple(
        Evidence(PlayerKind.RECORDING, one["player"], one["weight_ppm"], one["error_ppm"]) for one in given["evidence"]
    )
    weighed = weigh_event(
        GenerationEvent("g", "v", 0, evidence),
        resolve=lambda one: Player(state[one.player], one.player),
        policy=Policy(**given["policy"]),
    )
    assert {
        "recordings": weighed.recordings,
        "artists": weighed.artists,
        "contested": weighed.contested,
        "analogy": weighed.analogy,
        "unattributed": {because.value: weight for because, weight in weighed.unattributed.items()},
    } == case["expect"]


@cases("payouts")
def test_payouts(case: dict[str, Any]) -> None:
    given, expect = case["input"], case["expect"]
    if "parts" in given:
        assert printed({name: int(part) for name, part in given["parts"].items()}) == expect["printed"]
    else:
        paid = payout(int(given["balance"]))
        assert {"minor": paid.minor, "carry": str(paid.carry)} == expect


@dataclass
class CaseRights:
    """The rights of one waterfall case, as a registry would tell them."""

    works: list[dict[str, Any]]
    recording: dict[str, Any]

    def closure(self, subject: str) -> Closure:
        return Closure(tuple(work["work"] for work in self.works), (subject,), ())

    def links(self, node: str) -> tuple[LinkView, ...]:
        return tuple(
            LinkView(
                f"l_{work['work']}", "rec_1", Relation.EMBODIES, work["work"], LinkState.AGREED, Tier.VERIFIED, (), 1
            )  # type: ignore[arg-type]
            for work in self.works
        )

    def side(self, subject: str, *, territory: str, at: int) -> SideState:
        found = self._of(subject)
        state = found["state"]
        roles = {"featured": Role.FEATURED_PERFORMER, "others": Role.NON_FEATURED_PERFORMER, "producers": Role.PRODUCER}
        holders = tuple(Holding(party, role) for name, role in roles.items() for party in found.get(name, ()))
        problems = {"incomplete": (Problem.HOLDERS_INCOMPLETE,), "disputed": (Problem.BLOCKING_DISPUTE,)}.get(state, ())
        side = Side.RECORDING if subject == "rec_1" else Side.WORK
        free = state == "public_domain"
        return SideState(subject, side, state != "incomplete", free, () if free else holders, problems)

    def claims(self, subject: str) -> tuple[ClaimView, ...]:
        recording = subject == "rec_1"
        role, right = (Role.PRODUCER, Right.NEIGHBOURING) if recording else (Role.COMPOSER, Right.PERFORMING)
        return tuple(
            ClaimView(
                Recorded(
                    1,
                    "f",
                    "o",
                    Capacity.CMO,
                    0,
                    ShareClaimed(
                        claim=f"c_{party}",
                        subject=subject,
                        party=party,
                        role=role,
                        right=right,
                        share=Fraction(share),  # type: ignore[arg-type]
                    ),
                )
            )
            for party, share in self._of(subject)["shares"].items()
        )

    def _of(self, subject: str) -> dict[str, Any]:
        if subject == "rec_1":
            return self.recording
        return next(work for work in self.works if work["work"] == subject)


@cases("waterfall")
def test_waterfall(case: dict[str, Any]) -> None:
    given = case["input"]
    terms = given["tariff"]
    fractions = ("work_fraction", "performers_fraction", "featured_fraction")
    tariff = replace(
        TARIFF,
        **{name: Fraction(terms[name]) for name in fractions},
        equal_among_lineup=terms["equal_among_lineup"],
        deductions=tuple(
            Deduction(name=one["name"], holder=one["holder"], leg=Leg(one["leg"]), fraction=Fraction(one["fraction"]))
            for one in terms["deductions"]
        ),
    )
    rights = CaseRights(given["works"], given["recording"])
    split = SplitBuilder(rights=rights, tariff=tariff, at=0).build("rec_1")
    assert [[leaf.holder, leaf.leg, str(leaf.share)] for leaf in split.leaves] == case["expect"]
