"""What waits passes on after its time, closed periods are paid once, and statements say the same for ever."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from tests.unit.app.money_world import PERIODS, R1, R2, R3
from typer.testing import CliRunner

from cantoria.app import issuing, payday, paying, waiting
from cantoria.attribution.facts import AttributionDisputed
from cantoria.cli.main import app
from cantoria.kernel.canonical import encode
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import PartyId
from cantoria.kernel.money import Money
from cantoria.kernel.periods import DAY, parse_moment
from cantoria.registry.facts import PartyNamed
from cantoria.registry.types import Role, Side
from cantoria.royalty.facts import PaidOut
from cantoria.sdk.verify import verify_file

TRAINING = [{"name": "training", "basis": "equal_per_work", "fraction": "1"}]
MINOR = 10**6
THOUSAND = 10**11


@pytest.fixture
def ageing(money: Any) -> Any:
    """A model whose R3 nobody completed, and whose fourth row has a code that names nothing."""
    money.tariff = money.publish(pools=TRAINING, escrow_days=30, escrow_heir="joint_fund")
    money.train(R1, R2, R3, "isrc:KRA381900999")
    money.record(
        AttributionDisputed(
            dispute="d1",
            subject=money.ids["r2"],
            claimant=PartyId(money.ids["cy"]),
            reason="mine",
            next_actor="society",
            due_at=2**50,
        )
    )
    money.revenue("1000.00")
    money.distribute()
    return money


def named(money: Any) -> list[tuple[str, int, int, int, bool]]:
    rows = waiting.named(money.house, currency="EUR")
    return [(one.holder, one.amount.fine, one.days, one.limit_days, one.overdue) for one in rows]


def test_balances_say_since_when_they_wait_and_how_long_they_may(ageing: Any) -> None:
    ageing.house.clock.set(PERIODS["2026-10"].end + 29 * DAY)
    quarter = THOUSAND // 4
    assert named(ageing) == [
        ("suspense:disputed", quarter, 29, 0, False),
        ("suspense:incomplete", quarter, 29, 30, False),
        ("suspense:unmatched", quarter, 29, 30, False),
    ]
    first = waiting.named(ageing.house, currency="EUR")[1]
    assert (first.since, first.heir, first.label, first.subjects) == (
        parse_moment("2026-11-01"),
        "joint_fund",
        "2026-10",
        1,
    )
    assert waiting.age(ageing.house, currency="EUR", author=ageing.society) == ()


def test_what_waited_too_long_passes_to_the_heir_by_a_difference_and_on_when_found(ageing: Any) -> None:
    quarter = THOUSAND // 4
    before = ageing.balances()
    ageing.house.clock.set(PERIODS["2026-10"].end + 30 * DAY)
    size = ageing.house.engine.size
    tried = waiting.age(ageing.house, currency="EUR", author=ageing.society, dry_run=True)
    assert ageing.house.engine.size == size
    aged = waiting.age(ageing.house, currency="EUR", author=ageing.society)
    assert aged == tried
    assert sorted((one.subject, one.holder, one.amount.fine) for one in aged) == sorted(
        [
            ("isrc:KRA381900999", "suspense:unmatched", quarter),
            (ageing.ids["r3"], "suspense:incomplete", quarter),
        ]
    )
    assert waiting.age(ageing.house, currency="EUR", author=ageing.society) == (), "recorded once"
    assert ageing.balances() == before, "it moves with the next distribution"
    run = ageing.distribute().runs["training"]
    assert run.controls.debits == run.controls.credits == 4 * quarter, "two amounts, each out and in"
    after = ageing.balances()
    assert after == {
        **{name: fine for name, fine in before.items() if "incomplete" not in name and "unmatched" not in name},
        "joint_fund": 2 * quarter,
    }
    assert not ageing.distribute().runs["training"].postings
    # The owner of R3 is found: the heir gives it back.
    ageing.share("w3", "cy", Role.COMPOSER)
    ageing.complete("w3", Side.WORK)
    ageing.share("r3", "cy", Role.FEATURED_PERFORMER)
    ageing.share("r3", "blue", Role.PRODUCER)
    ageing.complete("r3", Side.RECORDING)
    ageing.distribute()
    found = ageing.balances()
    assert found["joint_fund"] == quarter
    assert found["cy"] > 0
    assert sum(found.get(name, 0) - before.get(name, 0) for name in ("cy", "blue", "ana", "bo")) == quarter


def test_only_who_distributes_a_pool_lets_it_age(ageing: Any) -> None:
    ageing.house.clock.set(PERIODS["2026-10"].end + 40 * DAY)
    other = ageing.house.admit("other", capacities=[Capacity.CMO])
    assert waiting.age(ageing.house, currency="EUR", author=other) == ()
    assert waiting.age(ageing.house, currency="KRW", author=ageing.society) == ()


@pytest.fixture
def paid(money: Any) -> Any:
    """October is closed: 1,000.00 for R1, R2 and R3, a third each."""
    money.tariff = money.publish(pools=TRAINING)
    money.train(R1, R2, R3)
    money.revenue("1000.00", final=True)
    money.distribute()
    return money


def pay(money: Any, **options: Any) -> dict[str, tuple[int, int]]:
    names = {identity: name for name, identity in money.ids.items()}
    facts = paying.pay(money.house, currency="EUR", author=money.society, **options)
    return {names[one.party]: (one.amount.fine, one.carry.fine) for one in facts}


def test_a_closed_period_is_paid_once_floored_and_the_rest_is_carried(paid: Any) -> None:
    balances = paid.balances()
    size = paid.house.engine.size
    expected = {name: (balances[name] // MINOR * MINOR, balances[name] % MINOR) for name in ("ana", "blue", "bo")}
    assert expected["ana"][0] == 16_666 * MINOR
    assert pay(paid, dry_run=True) == expected
    assert paid.house.engine.size == size
    assert pay(paid) == expected
    assert pay(paid) == {}
    paid.revenue("1000.00", "2026-11", final=True)
    paid.distribute("2026-11")
    second = pay(paid)
    for name, (first_amount, _) in expected.items():
        whole = balances[name] + paid.balances("2026-11")[name]
        assert second[name] == (whole // MINOR * MINOR - first_amount, whole % MINOR), "the carry counts"


def test_provisional_money_is_not_paid(money: Any) -> None:
    money.train(R1)
    money.revenue("1000.00")
    money.distribute()
    assert pay(money) == {}
    money.revenue("1000.00", final=True)
    assert pay(money) == {}, "closed by its distribution"
    money.distribute()
    assert set(pay(money)) == {"ana", "blue"}


def test_a_correction_below_what_was_paid_is_set_off_and_never_paid_twice(paid: Any) -> None:
    first = pay(paid)
    paid.revenue("400.00", final=True)
    paid.distribute()
    assert pay(paid) == {}
    paid.revenue("300.00", "2026-11", final=True)
    paid.distribute("2026-11")
    assert pay(paid) == {}, "still less than what was paid"
    paid.revenue("1000.00", final=True)
    paid.distribute()
    assert {name: amount // MINOR for name, (amount, _) in pay(paid).items()} == {
        "ana": 5000,
        "blue": 10000,
        "bo": 5000,
    }
    assert first["ana"][0] == 16_666 * MINOR


def test_a_period_reopened_after_payment_owes_nothing_until_it_closes_again(paid: Any) -> None:
    pay(paid)
    paid.revenue("2000.00")
    paid.distribute()
    assert pay(paid) == {}
    paid.revenue("2000.00", final=True)
    paid.distribute()
    assert pay(paid)["ana"][0] == 16_667 * MINOR


def test_a_payment_counts_once_and_only_from_who_runs_the_pool(paid: Any, reopen: Any) -> None:
    other = paid.house.admit("other", capacities=[Capacity.CMO])
    forged = PaidOut(
        payment="forged",
        party=PartyId(paid.ids["ana"]),
        amount=Money(10**9, "EUR"),
        carry=Money(0, "EUR"),
        statement="",
    )
    paid.record(forged, author=other)
    assert paying.pay(paid.house, currency="EUR", author=other) == ()
    second = reopen()
    plain = paid.house.journal

    class Late:
        def record(self, facts: Any, *, author: Any) -> Any:
            paying.pay(second, currency="EUR", author=paid.society)
            return plain.record(facts, author=author)

    paid.house.journal = Late()
    with pytest.raises(UnavailableError, match="pay nothing of this"):
        pay(paid)
    paid.house.journal = plain
    assert pay(paid) == {}
    accounts = payday.load_accounts(paid.house, size=paid.house.index.catch_up())
    assert accounts.paid(paid.ids["ana"], "EUR") == 16_666 * MINOR


def issue(money: Any, label: str = "2026-10", party: str = "ana", **options: Any) -> Any:
    return issuing.issue(
        money.house, party=money.ids[party], label=label, currency="EUR", author=money.society, **options
    )


def test_the_opening_balance_is_what_was_closed_before_less_what_was_paid(paid: Any) -> None:
    first = issue(paid).statement
    assert (first["totals"]["opening"], first["payable_minor"]) == ("0.00", 16_666)
    pay(paid)
    paid.revenue("1000.00", "2026-11", final=True)
    paid.distribute("2026-11")
    october, november = paid.balances()["ana"], paid.balances("2026-11")["ana"]
    second = issue(paid, "2026-11").statement
    carried = october - 16_666 * MINOR
    assert second["totals"]["opening"] == Money(carried, "EUR").format()
    assert second["payable_minor"] == (carried + november) // MINOR
    facts = paying.pay(paid.house, currency="EUR", author=paid.society)
    (mine,) = (one for one in facts if one.party == paid.ids["ana"])
    assert mine.amount.fine == second["payable_minor"] * MINOR, "what the statement said is what is paid"
    assert Money(mine.carry.fine, "EUR").format() == second["totals"]["carried"]
    assert mine.statement


def test_a_statement_shows_what_the_last_run_changed(paid: Any) -> None:
    before = paid.balances()["ana"]
    paid.revenue("400.00", final=True)
    paid.distribute()
    value = issue(paid).statement
    (line,) = (one for one in value["lines"] if one["leg"] == "work")
    assert line["previously"] != "0.00"
    assert Money.parse(line["amount"], "EUR") == Money.parse(line["previously"], "EUR") + Money.parse(
        line["difference"], "EUR"
    )
    assert Money.parse(value["totals"]["closed"], "EUR").fine == paid.balances()["ana"] < before
    assert value["runs"][0]["number"] == 2


def test_an_issued_statement_comes_out_the_same_for_ever(paid: Any, reopen: Any) -> None:
    issued = [issue(paid)]
    sizes = [paid.house.index.catch_up()]
    pay(paid)
    paid.record(PartyNamed(party=PartyId(paid.ids["ana"]), name="Ana the Great"))
    paid.resplit("w1", {"ana": "1/4", "cy": "3/4"})
    issued.append(issue(paid))
    sizes.append(paid.house.index.catch_up())
    assert issued[0].statement == issued[1].statement, "no run since, so nothing new to say"
    paid.distribute()
    issued.append(issue(paid))
    sizes.append(paid.house.index.catch_up())
    paid.revenue("10.00", "2026-11", final=True)
    paid.distribute("2026-11")
    assert issued[1].statement != issued[2].statement
    for house in (paid.house, reopen()):
        house.index.catch_up()
        for one, size in zip(issued, sizes, strict=True):
            value, _ = issuing.statement_at(house, party=paid.ids["ana"], label="2026-10", currency="EUR", size=size)
            assert encode(value) == encode(one.statement)
    assert all(early < late for early, late in pairwise(sizes))


def test_a_statement_file_verifies_offline_and_every_flipped_byte_fails(paid: Any) -> None:
    data = issue(paid).files[".json"]
    vkey = paid.house.engine.vkey
    assert verify_file(data, vkey=vkey).kind == "statement-issued"
    for place in range(len(data)):
        flipped = bytearray(data)
        flipped[place] ^= 1 << place % 8
        with pytest.raises((InputError, IntegrityError)):
            verify_file(bytes(flipped), vkey=vkey)


def test_the_commands_age_pay_and_show(paid: Any, home: Any, tmp_path: Any) -> None:
    paid.house.close()
    runner = CliRunner()

    def run(*words: str) -> Any:
        done = runner.invoke(app, ["--home", str(home), "--json", "--as", "society", "royalty", *words])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    (held,) = (one for one in run("balances") if one["holder"] == "suspense:incomplete")
    assert (held["period"], held["since"], held["subjects"], held["heir"]) == ("2026-10", "2026-11-01", 1, "")
    assert run("age", "--dry-run") == {"recorded": False, "aged": []}
    assert len(run("pay", "--dry-run")["paid"]) == 3
    assert len(run("pay")["paid"]) == 3
    assert run("pay") == {"recorded": True, "paid": []}
    folder = tmp_path / "statements"
    found = run("statement", paid.ids["ana"], "--period", "2026-10", "--to", str(folder))
    (file,) = (name for name in found["files"] if name.endswith(".json"))
    key = tmp_path / "log.vkey"
    key.write_text(paid.house.engine.vkey + "\n")
    done = runner.invoke(app, ["proof", "verify", file, "--key", str(key)])
    assert done.exit_code == 0, done.output
