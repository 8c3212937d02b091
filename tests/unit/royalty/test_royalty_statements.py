"""Statements: exact totals, every amount opens, nothing in them can run, and they are the same bytes every time."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError
from cantoria.kernel.money import FINE_PER_MINOR, Money
from cantoria.kernel.periods import DAY
from cantoria.royalty import journal
from cantoria.royalty.balances import aged, payout, printed, waiting
from cantoria.royalty.distribute import distribute_pool
from cantoria.royalty.split import split_of, whole
from cantoria.royalty.statement_views import COLUMNS, to_csv, to_html
from cantoria.royalty.statements import Addressee, Source, digest, statement_of, to_bytes
from cantoria.royalty.types import JOINT_FUND, UNMATCHED, Job, Leaf, Path, Run, Split, State, Step, Units

EVIL = '<script>alert("x")</script>'
LEDGER = {"size": 42, "root": "ab" * 32}
SPLIT = split_of(
    [
        Leaf("ada", "work", Fraction(1, 3), (Path((Step("work leg", Fraction(1, 2)), Step("share", Fraction(2, 3)))),)),
        Leaf("bo", "recording", Fraction(2, 3), (Path((Step("rest", Fraction(2, 3)),)),)),
    ]
)
HELD = whole(UNMATCHED)


def job(funding: int = 10**12, *, state: State = State.CLOSED, split: Split = SPLIT, number: int = 1) -> Job:
    return Job(
        pool="model_1/output",
        period="2026-Q3",
        currency="EUR",
        number=number,
        funding={"revenue:model_1": funding},
        units=(Units("rec_1", split.version, 3), Units("isrc:KRA381900123", HELD.version, 4)),
        splits={SPLIT.version: SPLIT, HELD.version: HELD, split.version: split},
        state=state,
    )


def source(run: Run, *splits: Split) -> Source:
    known = {split.version: split for split in (SPLIT, HELD, *splits)}
    return Source(run=run, splits=known, tariff="tariff_1", basis="plays")


def ada(**more: object) -> Addressee:
    return replace(Addressee(party="ada", name="Ada", titles={"rec_1": "Song"}), **more)  # type: ignore[arg-type]


def test_an_amount_opens_to_input_shares_and_rounding() -> None:
    run = distribute_pool(job())
    statement = statement_of(ada(), [source(run)], label="2026-Q3", ledger=LEDGER)
    (line,) = statement["lines"]
    because = line["because"]
    assert because["units"] == "3"
    assert because["pool_units"] == "7"
    assert Money.parse(because["subject_amount"], "EUR").fine == 10**12 * 3 // 7
    assert because["paths"] == [
        {"share": "1/3", "steps": [{"name": "work leg", "fraction": "1/2"}, {"name": "share", "fraction": "2/3"}]}
    ]
    subject = 10**12 * 3 // 7
    assert Money.parse(line["amount"], "EUR").fine == subject // 10**9 * because["high"] + (
        subject % 10**9 * because["high"] // 10**9
    )
    assert int(because["distance_fine"]) <= int(because["distance_fine_max"])
    assert statement["payable_minor"] == Money.parse(line["amount"], "EUR").fine // FINE_PER_MINOR


def test_provisional_money_is_shown_and_not_paid() -> None:
    run = distribute_pool(job(state=State.PROVISIONAL))
    statement = statement_of(ada(), [source(run)], label="2026-Q3", ledger=LEDGER)
    assert statement["payable_minor"] == 0
    assert statement["totals"]["closed"] == "0.00"
    assert statement["totals"]["provisional"] == statement["lines"][0]["amount"]


def test_a_correction_shows_what_is_taken_back_and_what_replaces_it() -> None:
    first = distribute_pool(job())
    other = split_of([Leaf("ada", "work", Fraction(1, 2)), Leaf("cy", "work", Fraction(1, 2))])
    second = distribute_pool(replace(job(split=other, number=2), posted=journal.cumulate(first.postings)))
    statement = statement_of(ada(), [source(second, other)], label="2026-Q3", ledger=LEDGER)
    amounts = {line["split"]: line for line in statement["lines"]}
    assert amounts[SPLIT.version]["amount"] == "0.00"
    assert amounts[SPLIT.version]["because"] is None
    assert amounts[SPLIT.version]["difference"].startswith("-")
    assert amounts[other.version]["previously"] == "0.00"
    changes = sum(Money.parse(line["difference"], "EUR").fine for line in statement["lines"])
    assert Money.parse(statement["totals"]["closed"], "EUR").fine == changes
    assert "earlier version of the split" in to_html(statement)


def test_the_same_runs_give_the_same_bytes() -> None:
    runs = [distribute_pool(job()), distribute_pool(replace(job(), pool="model_1/training"))]
    one = statement_of(ada(), [source(run) for run in runs], label="2026-Q3", ledger=LEDGER)
    two = statement_of(ada(), [source(run) for run in reversed(runs)], label="2026-Q3", ledger=LEDGER)
    assert to_bytes(one) == to_bytes(two)
    assert digest(one) == digest(canonical.decode(to_bytes(one)))
    assert to_html(one) == to_html(two)


def test_what_strangers_write_cannot_run_or_be_a_formula() -> None:
    run = distribute_pool(job())
    addressee = ada(name=EVIL, titles={"rec_1": "=HYPERLINK(1)"})
    statement = statement_of(addressee, [source(run)], label=EVIL, ledger=LEDGER)
    page = to_html(statement)
    assert EVIL not in page
    tree = html.fromstring(page)
    assert tree.xpath("//script | //iframe | //link | //img | //@onclick | //@href | //@src") == []
    rows = list(csv.reader(io.StringIO(to_csv(statement))))
    assert rows[0] == list(COLUMNS)
    assert rows[1][COLUMNS.index("title")] == "'=HYPERLINK(1)"


def test_the_page_is_accessible_and_opens_every_amount() -> None:
    statement = statement_of(ada(), [source(distribute_pool(job()))], label="2026-Q3", ledger=LEDGER)
    tree = html.fromstring(to_html(statement))
    assert tree.get("lang") == "en"
    assert [len(tree.xpath(f"//{name}")) for name in ("main", "title", "h1")] == [1, 1, 1]
    assert len(tree.xpath("//details[summary]")) == len(statement["lines"]) == 1
    assert all(table.xpath("caption") for table in tree.xpath("//table"))
    assert all(cell.get("scope") for cell in tree.xpath("//th"))
    text = re.sub(r"\s+", " ", tree.text_content())
    for word in ("work leg: 1/2 × share: 2/3 = 1/3", "3 of 7 units", "F(A, high)", "fine units from the exact share"):
        assert word in text


def test_one_currency_for_one_statement() -> None:
    runs = [distribute_pool(job()), distribute_pool(replace(job(), currency="KRW"))]
    with pytest.raises(InputError, match="each currency"):
        statement_of(ada(), [source(run) for run in runs], label="2026-Q3", ledger=LEDGER)


@given(st.integers(-(10**18), 10**18))
def test_payout_and_carry_are_the_balance(balance: int) -> None:
    paid = payout(balance)
    assert paid.minor * FINE_PER_MINOR + paid.carry == balance
    assert paid.minor >= 0
    assert paid.carry < FINE_PER_MINOR


def test_the_carry_is_paid_when_it_reaches_a_minor_unit() -> None:
    first = payout(1_999_999)
    assert (first.minor, first.carry) == (1, 999_999)
    assert payout(first.carry + 1).minor == 1


@given(st.dictionaries(st.text(max_size=4), st.integers(0, 10**12), max_size=9))
def test_printed_units_add_up_to_the_printed_total(parts: dict[str, int]) -> None:
    lines = printed(parts)
    assert sum(lines.values()) == sum(parts.values()) // FINE_PER_MINOR
    assert all(abs(lines[name] * FINE_PER_MINOR - parts[name]) < FINE_PER_MINOR for name in parts)


def test_printed_ties_go_in_canonical_order() -> None:
    assert printed({"b": 500_000, "a": 500_000, "c": 0}) == {"a": 1, "b": 0, "c": 0}
    with pytest.raises(InputError, match="not negative"):
        printed({"a": -1})


def test_waiting_money_ages_and_passes_to_its_heir_by_a_difference() -> None:
    first = distribute_pool(job())
    (held,) = waiting(first.totals, since={"2026-Q3": 0}, now=400 * DAY, escrow_days=365)
    assert (held.holder, held.subject, held.days, held.overdue) == (UNMATCHED, "isrc:KRA381900123", 400, True)
    assert not waiting(first.totals, since={"2026-Q3": 0}, now=400 * DAY)[0].overdue
    heir = aged(HELD, holder=UNMATCHED, heir=JOINT_FUND)
    units = (Units("rec_1", SPLIT.version, 3), Units("isrc:KRA381900123", heir.version, 4))
    later = replace(job(), number=2, units=units, splits={SPLIT.version: SPLIT, heir.version: heir})
    second = distribute_pool(replace(later, posted=journal.cumulate(first.postings)))
    assert journal.by_holder(second.totals)[JOINT_FUND] == held.amount
    assert waiting(second.totals, since={"2026-Q3": 0}, now=400 * DAY) == ()
    with pytest.raises(InputError, match="no moment"):
        waiting(first.totals, since={}, now=0)
