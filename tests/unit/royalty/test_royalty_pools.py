"""Units of pools: each basis adds up, artists' weight reaches their recordings, ignorance stays visible."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.attribution.types import PPM, Because, Weighed
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.money import Money
from cantoria.kernel.periods import Period
from cantoria.royalty.accounts import Accounts, pool_id, recoupment_job
from cantoria.royalty.distribute import distribute_pool
from cantoria.royalty.facts import BalanceAged, DistributionRun, PaidOut, RevenueDeclared, TariffPublished
from cantoria.royalty.pools import (
    policy_of,
    subjects_of_generations,
    units_of_generations,
    units_of_recordings,
    with_aged,
)
from cantoria.royalty.split import split_of
from cantoria.royalty.tariff import Analogy, AttributionTerms, Basis, Counting, PoolTerms, Tariff, Terms
from cantoria.royalty.types import DISPUTED, JOINT_FUND, UNATTRIBUTED, UNMATCHED, Leaf, State
from cantoria.royalty.units import by_analogy, equal_per_recording, equal_per_work, renamed, spread

RECORDINGS = ["rec_1", "rec_2", "rec_3"]
SPLITS = {name: split_of([Leaf(f"artist_of_{name}", "work", Fraction(1))]) for name in RECORDINGS}


def test_every_work_counts_once_however_many_recordings() -> None:
    works = {"rec_1": ("w1",), "rec_2": ("w1",), "rec_3": ("w2",), "rec_4": (), "rec_5": ("w2", "w1"), "rec_6": ("w1",)}
    units = equal_per_work(works)
    assert units["rec_1"] + units["rec_2"] + units["rec_6"] == PPM
    assert (
        max(units["rec_1"], units["rec_2"], units["rec_6"]) - min(units["rec_1"], units["rec_2"], units["rec_6"]) <= 1
    )
    assert (units["rec_3"], units["rec_4"], units["rec_5"]) == (PPM, PPM, PPM)
    assert equal_per_recording(["b", "a", "a"]) == {"a": PPM, "b": PPM}


@given(st.integers(0, 10**12), st.dictionaries(st.sampled_from(RECORDINGS), st.integers(0, 10**6)))
def test_analogy_leaves_the_rest_unattributed(units: int, like: dict[str, int]) -> None:
    parts, rest = by_analogy(units, like)
    assert sum(parts.values()) + rest == units
    assert rest >= 0
    assert rest < max(1, len(like)) or not sum(like.values())


def test_spreading_over_nobody_is_refused_and_names_are_added_up() -> None:
    with pytest.raises(InputError, match="nobody"):
        spread(5, [])
    assert renamed({"isrc:A": 2, "isrc:B": 3}, lambda code: "rec_1") == {"rec_1": 5}


@given(
    st.dictionaries(st.sampled_from(RECORDINGS), st.integers(0, PPM)),
    st.integers(0, PPM),
    st.integers(0, PPM),
    st.integers(0, PPM),
)
def test_generations_become_units_that_add_up(recordings: dict[str, int], ada: int, bo: int, analogy: int) -> None:
    total = sum(recordings.values()) + ada + bo + analogy
    generations = -(-total // PPM)
    unattributed = {Because.NO_EVIDENCE: generations * PPM - total}
    weighed = Weighed(generations, recordings, {"ada": ada, "bo": bo}, {}, analogy, unattributed)
    artists = {"ada": ("rec_1", "rec_2")}
    like = {"rec_2": 1, "rec_3": 2}
    assert set(subjects_of_generations(weighed, artists=artists, like=like)) <= set(RECORDINGS)
    pool = units_of_generations(weighed, artists=artists, splits=SPLITS, like=like)
    assert sum(one.units for one in pool.units) == generations * PPM
    nobody = sum(one.units for one in pool.units if one.subject == UNATTRIBUTED)
    assert nobody >= bo + unattributed[Because.NO_EVIDENCE]


def test_unmatched_and_contested_units_are_held_under_their_own_codes() -> None:
    pool = units_of_recordings({"rec_1": 5}, splits=SPLITS, unmatched={"isrc:A": 2}, contested={"isrc:B": 3})
    holders = {one.subject: pool.splits[one.split].leaves[0].holder for one in pool.units}
    assert holders == {"rec_1": "artist_of_rec_1", "isrc:A": UNMATCHED, "isrc:B": DISPUTED}


def test_an_aged_balance_passes_to_its_heir_for_its_subject_alone() -> None:
    pool = units_of_recordings({"rec_1": 5}, splits=SPLITS, unmatched={"isrc:A": 2, "isrc:B": 3})
    aged = aged_fact("isrc:A")
    passed = with_aged(pool, [aged])
    holders = {one.subject: passed.splits[one.split].leaves[0].holder for one in passed.units}
    assert holders == {"rec_1": "artist_of_rec_1", "isrc:A": JOINT_FUND, "isrc:B": UNMATCHED}
    assert [one.units for one in passed.units] == [one.units for one in pool.units]
    runner = said(0, "cmo", run_fact(1))
    accounts = Accounts.fold([runner, said(1, "stranger", aged), said(2, "cmo", aged_fact("isrc:B"))])
    assert [one.subject for one in accounts.aged_of("model_1/training", "2026-Q1")] == ["isrc:B"]
    assert accounts.aged_of("model_1/training", "2026-Q2") == ()


def aged_fact(subject: str) -> BalanceAged:
    return BalanceAged(
        pool="model_1/training",
        label="2026-Q1",
        subject=subject,
        holder=UNMATCHED,
        heir=JOINT_FUND,
        amount=Money(1, "KRW"),
    )


def test_the_tariff_says_how_evidence_counts() -> None:
    policy = policy_of(
        AttributionTerms(counting=Counting.POINT, analogy=Analogy.TRAINING_SET, relative_error_max_ppm=7)
    )
    assert (policy.lower_bound, policy.analogy, policy.relative_error_max_ppm) == (False, True, 7)
    with pytest.raises(InputError, match="named_pool"):
        AttributionTerms(analogy=Analogy.NAMED_POOL)


TARIFF = Tariff(
    tariff="tariff_1",
    publisher="cmo",
    currency="KRW",
    pools=(PoolTerms(name="training", basis=Basis.EQUAL_PER_WORK, fraction=Fraction(1, 10)),),
    work_fraction=Fraction(1, 2),
    territory="0410",
    terms=Terms(advance=Money.minor(150, "KRW")),
)


def said(index: int, organisation: str, fact: object) -> Recorded:
    return Recorded(index, f"f{index}", organisation, Capacity.OPERATOR, index, fact)


def revenue(
    declaration: str, won: int, label: str = "2026-Q1", *, final: bool = False, debtor: str = "dev"
) -> RevenueDeclared:
    return RevenueDeclared(
        declaration=declaration,
        debtor=debtor,
        model="model_1",
        tariff="tariff_1",
        label=label,
        period=Period(int(label[-1]), 100),
        amount=Money.minor(won, "KRW"),
        final=final,
    )


def run_fact(number: int) -> DistributionRun:
    nothing = Money(0, "KRW")
    return DistributionRun(
        pool="model_1/training",
        label="2026-Q1",
        number=number,
        state=State.CLOSED,
        tariff="tariff_1",
        ledger_size=7,
        inputs=(),
        rules="",
        splits="",
        outputs="",
        totals="",
        total_in=nothing,
        holders=nothing,
        suspense=nothing,
        residue=nothing,
        debits=nothing,
        credits=nothing,
        postings=0,
    )


def test_accounts_take_only_what_comes_from_who_may_say_it() -> None:
    facts = [
        said(0, "stranger", TariffPublished(tariff=TARIFF)),
        said(1, "cmo", TariffPublished(tariff=TARIFF)),
        said(2, "dev", revenue("d1", 9_000)),
        said(3, "dev", revenue("d1", 1_000, final=True)),
        said(4, "other", revenue("d1", 1, debtor="other")),
        said(5, "other", revenue("d2", 1)),
        said(6, "dev", revenue("d3", 1_000, "2026-Q2")),
        said(7, "cmo", run_fact(1)),
        said(8, "stranger", run_fact(2)),
        said(9, "cmo", run_fact(3)),
        said(10, "cmo", run_fact(2)),
        said(
            11, "cmo", PaidOut(payment="p", party="ada", amount=Money(5, "KRW"), carry=Money(0, "KRW"), statement="s")
        ),
    ]
    with pytest.raises(InputError, match="not published"):
        Accounts.fold(facts, size=1).tariff("tariff_1")
    accounts = Accounts.fold(facts)
    assert [one.revenue for one in accounts.earned("model_1", "tariff_1")] == [10**9, 10**9]
    first, second = accounts.dues("model_1", "tariff_1")
    assert (first.recouped, first.payable, second.recouped, second.payable) == (10**8, 0, 5 * 10**7, 5 * 10**7)
    assert accounts.closed("model_1", "tariff_1", label="2026-Q1")
    assert not accounts.closed("model_1", "tariff_1", label="2026-Q2")
    assert [run.number for run in accounts.runs_of("model_1/training", "2026-Q1")] == [1, 2]
    assert accounts.paid("ada", "KRW") == 5
    run = distribute_pool(recoupment_job("model_1", first, currency="KRW", number=1, posted={}))
    assert {key.holder: amount for key, amount in run.totals.items()} == {
        "revenue:model_1": -(10**8),
        "recouped:model_1": 10**8,
    }
    assert run.pool == pool_id("model_1", "advance")
