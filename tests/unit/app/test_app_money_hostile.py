"""Whatever comes in twice, late, wrong, huge or not at all: every fine unit has a named place, exactly."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from tests.unit.app.money_world import PERIODS, R1, R2, R3

from cantoria.app import earning, payday, training, waiting
from cantoria.app.earning import Revenue
from cantoria.attribution.facts import AttributionDisputed
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import ClaimId, ModelId, PartyId, TariffId
from cantoria.kernel.money import FINE_MAX, Money
from cantoria.kernel.periods import Period, parse_moment
from cantoria.registry.facts import ClaimWithdrawn
from cantoria.registry.types import Side
from cantoria.royalty import journal
from cantoria.royalty.facts import RevenueDeclared

TRAINING = [{"name": "training", "basis": "equal_per_work", "fraction": "1"}]
OUTPUT = [{"name": "output", "basis": "attribution", "fraction": "1"}]
PLAYS = [{"name": "plays", "basis": "usage", "fraction": "1"}]
RADIO = "channel:radio"
THOUSAND = 10**11  # EUR 1,000.00 in fine units


def radio(money: Any, amount: str = "1000.00", label: str = "2026-10") -> dict[str, str]:
    """Declare what the radio earned, under one tariff for plays."""
    tariff = money.ids.setdefault("plays", "") or money.publish(pools=PLAYS)
    money.ids["plays"] = tariff
    money.revenue(amount, label, model=RADIO, tariff=tariff)
    return {"model": RADIO, "tariff": tariff}


def same_as_a_full_rerun(money: Any, label: str = "2026-10", **change: str) -> dict[str, int]:
    """Distribute, and require that old postings plus differences are a rerun from nothing, here and in a cold house."""
    done = money.distribute(label, **change)
    fresh = money.afresh(label, **change)
    assert {n: journal.totals_digest(r) for n, r in done.runs.items()} == {
        n: journal.totals_digest(r) for n, r in fresh.runs.items()
    }
    assert not any(run.postings for run in money.distribute(label, **change).runs.values())
    found: dict[str, int] = money.balances(label, **change)
    return found


def test_every_kind_of_money_has_its_place(money: Any) -> None:
    money.train(R1, R2, R3)
    money.generated(("g1", "2026-10-05", [(R1, 600_000, 100_000)]), ("g2", "2026-10-06", []))
    money.revenue("1000.00")
    assert same_as_a_full_rerun(money) == {
        "revenue": -3 * THOUSAND // 10,
        "ana": 1_666_666_667 + 2_500_000_000,
        "blue": 2 * 1_666_666_666 + 2_500_000_000,
        "bo": 1_666_666_667,
        "suspense:incomplete": 3_333_333_333,
        "unattributed": 15_000_000_000,
        "residue": 1,
    }


def test_negative_revenue_and_revenue_of_others_is_refused(money: Any) -> None:
    rival = money.house.admit("rival", capacities=[Capacity.AI_DEVELOPER])
    money.revenue("10.00")
    money.revenue("10.00", model=RADIO)
    size = money.house.engine.size
    with pytest.raises(InputError, match="is negative"):
        money.revenue("-0.01")
    fields: dict[str, Any] = {
        "tariff": money.tariff,
        "label": "2026-10",
        "period": PERIODS["2026-10"],
        "amount": Money.parse("1", "EUR"),
    }
    with pytest.raises(InputError, match="is a model of"):
        earning.declare_revenue(money.house, Revenue(model=money.model, **fields), author=rival)
    with pytest.raises(InputError, match="declares 2026-10"):
        earning.declare_revenue(money.house, Revenue(model=RADIO, **fields), author=rival)
    assert money.house.engine.size == size
    forged: dict[str, Any] = {"model": ModelId(money.model), "tariff": TariffId(money.tariff), "label": "2026-10"}
    forged["period"] = PERIODS["2026-11"]
    extra = RevenueDeclared(declaration="x", debtor=rival.party, amount=Money(10**9, "EUR"), **forged)
    money.record(extra, author=rival)
    forged["period"] = PERIODS["2026-10"]
    money.record(
        RevenueDeclared(declaration="y", debtor=money.lab.party, amount=Money(-1, "EUR"), **forged), author=money.lab
    )
    assert money.distribute().due.payable == 3 * 10**9 // 10, "on the ledger, neither has an effect"


def test_a_pool_is_distributed_by_one_organisation_under_one_tariff_in_one_currency(money: Any) -> None:
    money.train(R1)
    money.revenue("1000.00")
    before = same_as_a_full_rerun(money)
    other = money.house.admit("other", capacities=[Capacity.CMO])
    money.revenue("2000.00")
    with pytest.raises(InputError, match="distributes pool"):
        payday.distribute(money.house, money.request(), author=other)
    won = money.publish(currency="KRW")
    money.revenue("1", tariff=won, amount=Money.parse("5000", "KRW"))
    with pytest.raises(InputError, match="was distributed under"):
        money.distribute(tariff=won)
    assert money.balances() == before
    money.revenue("0", tariff=won, amount=Money(0, "KRW"))
    money.revenue("1", "2026-10-krw", tariff=won, amount=Money.parse("5000", "KRW"), period=PERIODS["2026-10"])
    money.distribute("2026-10-krw", tariff=won)
    assert money.balances("2026-10-krw", tariff=won)["revenue"] == -1_500_000_000
    assert {one.label for one in waiting.named(money.house, currency="KRW")} == {"2026-10-krw"}
    assert {one.label for one in waiting.named(money.house, currency="EUR")} == {"2026-10"}


def test_a_model_without_runs_or_generations_leaves_its_pools_in_the_residue(money: Any) -> None:
    money.revenue("1000.00")
    assert same_as_a_full_rerun(money) == {"revenue": -3 * THOUSAND // 10, "residue": 3 * THOUSAND // 10}
    named = waiting.named(money.house, currency="EUR")
    assert [(one.holder, one.amount.fine) for one in named] == [
        (f"residue:{money.model}/output", THOUSAND // 5),
        (f"residue:{money.model}/training", THOUSAND // 10),
    ]
    money.train(R1)
    money.generated(("g1", "2026-10-05", []))
    later = same_as_a_full_rerun(money)
    assert later == {
        "revenue": -3 * THOUSAND // 10,
        "ana": THOUSAND // 20,
        "blue": THOUSAND // 20,
        "unattributed": THOUSAND // 5,
    }


def test_revenue_without_plays_is_residue_and_plays_without_revenue_post_nothing(money: Any) -> None:
    asked = radio(money)
    assert same_as_a_full_rerun(money, **asked) == {
        "revenue:channel:radio": -THOUSAND,
        f"residue:{RADIO}/plays": THOUSAND,
    }
    money.played(("p1", R1, "2026-11-03", 5), label="2026-11")
    radio(money, "0.00", "2026-11")
    size = money.house.engine.size
    assert same_as_a_full_rerun(money, "2026-11", **asked) == {}
    assert money.house.engine.size == size


def test_a_label_is_no_artist_and_an_artist_stands_for_its_recordings(money: Any) -> None:
    money.train(R1, R2)
    tariff = money.publish(pools=OUTPUT)
    ana, blue = money.ids["ana"], money.ids["blue"]
    money.generated(("g1", "2026-10-05", [(blue, 500_000, 0, "artist"), (ana, 250_000, 0, "artist")]))
    money.revenue("1000.00", tariff=tariff)
    assert same_as_a_full_rerun(money, tariff=tariff) == {
        "revenue": -THOUSAND,
        "ana": THOUSAND // 8,
        "blue": THOUSAND // 8,
        "unattributed": 3 * THOUSAND // 4,
    }


def test_evidence_above_the_whole_is_refused_by_line_and_hides_no_other(money: Any) -> None:
    report = money.generated(
        ("g1", "2026-10-05", [(R1, 600_000), (R2, 400_001)]),
        ("g2", "2026-10-05", [(R1, 1_000_001)]),
        ("g3", "2026-10-05", [(R1, 600_000), (R1, 100_000)]),
        ("g4", "2026-10-05", [(R1, 600_000), (R2, 400_000)]),
    )
    assert (report.lines, [one.line for one in report.rejected]) == (1, [1, 2, 3])


def test_an_event_counts_once_and_where_it_first_stood_whatever_batch_brings_it_again(money: Any) -> None:
    tariff = money.publish(pools=OUTPUT)
    money.generated(("g1", "2026-10-05", [(R1, 1_000_000)]))
    money.generated(("g1", "2026-10-05", [(R1, 1_000_000)]), ("g2", "2026-10-06", [(R2, 1_000_000)]))
    money.revenue("1000.00", tariff=tariff)
    before = same_as_a_full_rerun(money, tariff=tariff)
    assert before == {"revenue": -THOUSAND, "ana": THOUSAND // 4, "bo": THOUSAND // 4, "blue": THOUSAND // 2}
    money.generated(
        ("g1", "2026-11-05", [(R1, 1_000_000)]),  # moved to another period: a conflict
        ("g2", "2026-10-06", [(R1, 1_000_000)]),  # other evidence: a conflict
        ("g3", "2026-11-07", [(R2, 1_000_000)]),
        label="2026-11",
    )
    money.revenue("1000.00", "2026-11", tariff=tariff)
    assert same_as_a_full_rerun(money, tariff=tariff) == before
    november = same_as_a_full_rerun(money, "2026-11", tariff=tariff)
    assert november == {"revenue": -THOUSAND, "bo": THOUSAND // 2, "blue": THOUSAND // 2}


def test_plays_of_a_batch_over_two_months_count_in_the_month_of_their_day(money: Any) -> None:
    money.played(("p1", R1, "2026-10-31", 3), ("p2", R2, "2026-11-01", 1))
    asked = radio(money)
    radio(money, "1000.00", "2026-11")
    october, november = (same_as_a_full_rerun(money, label, **asked) for label in PERIODS)
    assert october == {"revenue:channel:radio": -THOUSAND, "ana": THOUSAND // 2, "blue": THOUSAND // 2}
    assert november == {"revenue:channel:radio": -THOUSAND, "bo": THOUSAND // 2, "blue": THOUSAND // 2}


def test_a_late_line_in_a_later_batch_comes_to_its_period_by_a_difference(money: Any) -> None:
    money.played(("p1", R1, "2026-10-05", 3))
    asked = radio(money)
    same_as_a_full_rerun(money, **asked)
    money.played(("p2", R2, "2026-10-31", 1), ("p3", R1, "2026-11-01", 9), label="2026-11")
    assert same_as_a_full_rerun(money, **asked) == {
        "revenue:channel:radio": -THOUSAND,
        "ana": 3 * THOUSAND // 8,
        "bo": THOUSAND // 8,
        "blue": THOUSAND // 2,
    }


def test_a_date_in_another_spelling_is_refused(money: Any) -> None:
    report = money.played(("p1", R1, "20261005", 3), ("p2", R1, "2026-W41-1", 3), ("p3", R1, "2026-10-05", 3))
    assert (report.lines, [one.line for one in report.rejected]) == (1, [1, 2])


def test_a_changed_share_moves_what_was_posted(money: Any) -> None:
    money.train(R1)
    tariff = money.publish(pools=TRAINING)
    money.revenue("1000.00", tariff=tariff)
    same_as_a_full_rerun(money, tariff=tariff)
    money.resplit("w1", {"ana": "1/4", "cy": "3/4"})
    changed = same_as_a_full_rerun(money, tariff=tariff)
    assert changed == {
        "revenue": -THOUSAND,
        "ana": THOUSAND // 8,
        "cy": 3 * THOUSAND // 8,
        "blue": THOUSAND // 2,
    }


def test_a_claim_withdrawn_after_posting_leaves_its_leg_waiting(money: Any) -> None:
    money.train(R1)
    tariff = money.publish(pools=TRAINING)
    money.revenue("1000.00", tariff=tariff)
    same_as_a_full_rerun(money, tariff=tariff)
    (claim,) = money.claims["w1", Side.WORK]
    money.record(ClaimWithdrawn(claim=ClaimId(claim), at=0))
    assert same_as_a_full_rerun(money, tariff=tariff) == {
        "revenue": -THOUSAND,
        "blue": THOUSAND // 2,
        "suspense:incomplete": THOUSAND // 2,
    }


def test_a_period_has_one_pair_of_bounds_and_overlaps_no_other(money: Any, lab: Any) -> None:
    money.played(("p1", R1, "2026-10-05", 1), ("p2", R2, "2026-10-20", 1))
    asked = radio(money)
    half = Period(PERIODS["2026-10"].start, parse_moment("2026-10-15"))
    with pytest.raises(InputError, match="overlaps 2026-10"):
        money.revenue("1.00", "2026-10-a", period=half, **asked)
    both = same_as_a_full_rerun(money, **asked)
    assert both["bo"] == THOUSAND // 4
    money.revenue("1000.00", period=half, **asked)  # the same declaration, corrected as a whole
    assert "bo" not in same_as_a_full_rerun(money, **asked)
    second = RevenueDeclared(
        declaration="another",
        debtor=lab.party,
        model=ModelId(RADIO),
        tariff=TariffId(asked["tariff"]),
        label="2026-10",
        period=PERIODS["2026-10"],
        amount=Money.parse("1", "EUR"),
    )
    money.record(second, author=lab)
    with pytest.raises(InputError, match="different bounds"):
        money.distribute(**asked)


def test_the_largest_amount_is_exact_and_one_more_is_refused(money: Any, lab: Any) -> None:
    money.train(R1, R2, R3)
    tariff = money.publish(pools=TRAINING)
    largest = FINE_MAX // 2  # the debits of a run, in and out of the pool's account, have 63 bits as well
    money.revenue("0", tariff=tariff, amount=Money(FINE_MAX, "EUR"))
    size = money.house.engine.size
    with pytest.raises(InputError, match="63 bits"):
        money.distribute(tariff=tariff)
    assert money.house.engine.size == size
    money.revenue("0", tariff=tariff, amount=Money(largest, "EUR"))
    found = same_as_a_full_rerun(money, tariff=tariff)
    each = largest // 3
    assert found["suspense:incomplete"] == each
    assert found["revenue"] == -largest
    assert found.get("residue", 0) == largest - 3 * each
    assert found["ana"] + found["bo"] + found["blue"] == 2 * each
    with pytest.raises(InputError, match="63 bits"):
        Money(FINE_MAX + 1, "EUR")
    extra = RevenueDeclared(
        declaration="one more",
        debtor=lab.party,
        model=ModelId(money.model),
        tariff=TariffId(tariff),
        label="2026-10",
        period=PERIODS["2026-10"],
        amount=Money(FINE_MAX, "EUR"),
    )
    money.record(extra, author=lab)
    size = money.house.engine.size
    with pytest.raises(InputError, match="63 bits"):
        money.distribute(tariff=tariff)
    assert money.house.engine.size == size


def test_an_attachment_missing_or_altered_stops_the_distribution(money: Any, reopen: Any) -> None:
    report = money.played(("p1", R1, "2026-10-05", 1))
    asked = radio(money)
    path = money.house.attachments.path(report.receipt.fact.attachment)
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"plays":1', b'"plays":9'))
    size = money.house.engine.size
    with pytest.raises(IntegrityError, match="altered"):
        money.distribute(**asked)
    path.unlink()
    with pytest.raises(InputError, match="no attachment"):
        money.distribute(**asked)
    assert money.house.engine.size == size
    path.write_bytes(whole)
    money.distribute(**asked)
    accounts = payday.load_accounts(money.house, size=money.house.index.catch_up())
    outputs = accounts.runs[f"{RADIO}/plays", "2026-10"][0].outputs
    money.house.attachments.path(outputs).write_bytes(b"")
    cold = reopen()
    with pytest.raises(IntegrityError, match="altered"):
        payday.distribute(cold, money.request(**asked), author=money.society)


class Interrupted:
    """A journal before whose first record somebody else does something."""

    def __init__(self, journal: Any, before: Any) -> None:
        self.journal, self.before = journal, before

    def record(self, facts: Any, *, author: Any) -> Any:
        before, self.before = self.before, None
        if before is not None:
            before()
        return self.journal.record(facts, author=author)


def test_of_two_distributions_at_once_one_takes_effect_and_the_other_is_told(money: Any, reopen: Any) -> None:
    money.train(R1)
    money.revenue("1000.00")
    other = reopen()
    plain = money.house.journal

    def richer() -> None:
        other.index.catch_up()
        fields = {"model": money.model, "tariff": money.tariff, "label": "2026-10", "period": PERIODS["2026-10"]}
        earning.declare_revenue(other, Revenue(**fields, amount=Money.parse("2000", "EUR")), author=money.lab)
        payday.distribute(other, money.request(), author=money.society)

    money.house.journal = Interrupted(plain, richer)
    with pytest.raises(UnavailableError, match="another distribution"):
        money.distribute()
    money.house.journal = plain
    assert same_as_a_full_rerun(money)["ana"] == THOUSAND // 10
    assert money.balances()["revenue"] == -6 * THOUSAND // 10


def test_of_two_equal_distributions_at_once_one_counts(money: Any, reopen: Any) -> None:
    money.train(R1)
    money.revenue("1000.00")
    other = reopen()
    plain = money.house.journal
    money.house.journal = Interrupted(plain, lambda: payday.distribute(other, money.request(), author=money.society))
    money.distribute()
    money.house.journal = plain
    assert same_as_a_full_rerun(money)["ana"] == THOUSAND // 20


def test_what_was_computed_before_is_never_taken_for_something_else(money: Any, reopen: Any) -> None:
    """Warm memory and a cold house agree after every change, and at every earlier size."""
    money.train(R1, R2)
    money.generated(("g1", "2026-10-05", [(R1, 700_000, 50_000)]), ("g2", "2026-10-05", [(R2, 90_000, 80_000)]))
    money.revenue("1000.00")
    strict = {"counting": "point", "relative_error_max_ppm": 1_000_000}
    other = money.publish(attribution=strict)
    money.revenue("1000.00", "2026-10-x", tariff=other, period=PERIODS["2026-10"])

    def dispute() -> None:
        fact = AttributionDisputed(
            dispute="d1",
            subject=money.ids["r1"],
            claimant=PartyId(money.ids["bo"]),
            reason="mine",
            next_actor="society",
            due_at=2**50,
        )
        money.record(fact)

    changes: list[Any] = [
        lambda: None,
        lambda: money.resplit("w1", {"ana": "1/3", "bo": "2/3"}),
        lambda: money.generated(("g3", "2026-10-09", [(R2, 1_000_000)])),
        dispute,
        lambda: money.train(R3),
        lambda: money.revenue("999.99"),
    ]
    asked = [money.request(), money.request("2026-10-x", tariff=other)]
    sizes, digests = [], []
    for change in changes:
        change()
        sizes.append(money.house.index.catch_up())
        digests.append([_digests(money.house, one, size=sizes[-1]) for one in asked])
        assert digests[-1][0] != digests[-1][1]
    first = [found[0] for found in digests]
    assert all(one != two for one, two in pairwise(first)), "every change shows"
    for size, found in zip(sizes, digests, strict=True):
        assert [_digests(money.house, one, size=size) for one in asked] == found, "warm, at an earlier size"
    for size, found in zip(sizes, digests, strict=True):
        assert [_digests(reopen(), one, size=size) for one in asked] == found, "cold"


def _digests(house: Any, asked: Any, *, size: int) -> dict[str, str]:
    house.index.catch_up()
    runs = payday.compute(house, asked, size=size, afresh=True).runs
    return {name: journal.totals_digest(run) for name, run in runs.items()}


def test_an_advance_is_recouped_from_the_units_of_earlier_periods_too(money: Any) -> None:
    tariff = money.publish(
        pools=[{"name": "plays", "basis": "usage", "fraction": "0", "unit_price": "100"}],
        terms={"advance": {"fine": "1000", "currency": "EUR"}},
    )
    asked = {"model": RADIO, "tariff": tariff}
    money.played(("p1", R1, "2026-10-05", 8), ("p2", R1, "2026-11-05", 8))
    for label in PERIODS:
        money.revenue("0.00", label, **asked)
        money.distribute(label, **asked)
    assert money.distribute("2026-10", **asked).due.recouped == 800
    second = money.distribute("2026-11", **asked).due
    assert (second.recouped, second.payable) == (200, 600)
    assert same_as_a_full_rerun(money, "2026-11", **asked) == {
        "revenue:channel:radio": -800,
        "recouped:channel:radio": 200,
        "ana": 300,
        "blue": 300,
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"attribution": {"analogy": "named_pool", "analogy_pool": "elsewhere"}}, "no pool 'elsewhere'"),
        ({"attribution": {"analogy": "named_pool", "analogy_pool": "output"}}, "itself by attribution"),
        ({"attribution": {"analogy_without_evidence": True}}, "no analogy is named"),
    ],
)
def test_an_analogy_that_leads_nowhere_is_refused(money: Any, change: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        money.publish(**change)


def test_a_tariff_never_changes(money: Any) -> None:
    with pytest.raises(InputError, match="never changes"):
        money.publish(tariff=money.tariff)


def test_generations_without_evidence_go_by_analogy_where_the_tariff_says_so(money: Any) -> None:
    money.train(R1, R2)
    analogy = {"analogy": "training_set", "analogy_without_evidence": True}
    tariff = money.publish(pools=OUTPUT, attribution=analogy)
    money.generated(("g1", "2026-10-05", []), ("g2", "2026-10-05", [(R1, 400_000)]))
    money.revenue("1000.00", tariff=tariff)
    assert same_as_a_full_rerun(money, tariff=tariff) == {
        "revenue": -THOUSAND,
        "ana": (THOUSAND // 4 + THOUSAND // 5) // 2,
        "bo": THOUSAND // 8,
        "blue": (THOUSAND // 4 + THOUSAND // 5) // 2 + THOUSAND // 8,
        "unattributed": 3 * THOUSAND // 10,
    }


def test_what_a_base_generates_is_paid_by_its_own_model_and_what_it_was_trained_on_by_both(money: Any) -> None:
    money.train(R1)
    money.generated(("g1", "2026-10-05", [(R1, 1_000_000)]))
    rival = money.house.admit("rival", capacities=[Capacity.AI_DEVELOPER])
    model = training.register_model(money.house, "Tuned", author=rival)
    version = training.register_version(money.house, model, label="1", author=rival, bases=[money.version])
    fields: dict[str, Any] = {"label": "2026-10", "period": PERIODS["2026-10"], "amount": Money.parse("1000", "EUR")}
    earning.declare_revenue(money.house, Revenue(model=model, tariff=money.tariff, **fields), author=rival)
    asked = {"model": model}
    assert same_as_a_full_rerun(money, **asked) == {
        "revenue": -3 * THOUSAND // 10,
        "ana": THOUSAND // 20,
        "blue": THOUSAND // 20,
        "residue": THOUSAND // 5,
    }
    line = b'{"at":1790985600000000,"event_id":"g9","version":"%s"}' % version.encode()
    report = {"version": version, "period": PERIODS["2026-10"]}
    with pytest.raises(InputError, match="is a version of"):
        earning.report_generations(money.house, line, author=money.lab, **report)
    attributor = money.house.admit("ear", capacities=[Capacity.ATTRIBUTOR])
    assert earning.report_generations(money.house, line, author=attributor, **report).lines == 1
    assert same_as_a_full_rerun(money, **asked)["unattributed"] == THOUSAND // 5


def test_generations_that_somebody_else_reports_do_not_count(money: Any) -> None:
    rival = money.house.admit("rival", capacities=[Capacity.AI_DEVELOPER])
    report = money.generated(("g1", "2026-10-05", [(R1, 1_000_000)]))
    fact = report.receipt.fact
    forged = money.house.attachments.get(fact.attachment).replace(b'"g1"', b'"g2"').replace(R1.encode(), R2.encode())
    money.record(replace(fact, producer=rival.party, attachment=money.house.attachments.put(forged)), author=rival)
    tariff = money.publish(pools=OUTPUT)
    money.revenue("1000.00", tariff=tariff)
    assert "bo" not in same_as_a_full_rerun(money, tariff=tariff)
