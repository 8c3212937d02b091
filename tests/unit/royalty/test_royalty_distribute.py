"""Properties of the reference: nothing vanishes, order and batching cannot matter, old plus differences is a rerun."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.royalty import journal
from cantoria.royalty.controls import check_postings, from_limbs, limbs
from cantoria.royalty.distribute import distribute_pool
from cantoria.royalty.split import split_of, whole
from cantoria.royalty.types import UNATTRIBUTED, UNMATCHED, Job, Key, Leaf, Posting, Split, Units

HOLDERS = [f"party_{name}" for name in "abcdefg"]
LEGS = ["work", "recording", "performers"]
SETTINGS = settings(deadline=None, max_examples=150, derandomize=True)


@st.composite
def splits(draw: st.DrawFn) -> Split:
    weights = draw(
        st.dictionaries(
            st.tuples(st.sampled_from(HOLDERS), st.sampled_from(LEGS)),
            st.integers(0, 1000),
            min_size=1,
            max_size=8,
        ).filter(lambda weights: any(weights.values()))
    )
    total = sum(weights.values())
    return split_of(Leaf(holder, leg, Fraction(weight, total)) for (holder, leg), weight in weights.items())


@st.composite
def jobs(draw: st.DrawFn, *, lines_max: int = 12) -> Job:
    known = [*draw(st.lists(splits(), min_size=1, max_size=3)), whole(UNMATCHED), whole(UNATTRIBUTED)]
    units = draw(
        st.lists(
            st.builds(
                Units,
                st.sampled_from(["rec_1", "rec_2", "rec_3", "isrc:KRA381900123"]),
                st.sampled_from([split.version for split in known]),
                st.integers(0, 10**9),
            ),
            max_size=lines_max,
        )
    )
    funding = draw(
        st.dictionaries(st.sampled_from(["revenue:m", "residue:p"]), st.integers(-(10**6), 10**17), max_size=2)
    )
    return Job(
        pool="model_1/output",
        period="2026-Q3",
        currency="KRW",
        number=1,
        funding=funding,
        units=tuple(units),
        splits={split.version: split for split in known},
    )


@SETTINGS
@given(jobs())
def test_what_comes_in_stands_on_accounts(job: Job) -> None:
    run = distribute_pool(job)
    assert sum(run.totals.values()) == 0
    controls = run.controls
    assert controls.total_in == sum(job.funding.values())
    assert controls.total_in == controls.holders + controls.suspense + controls.residue
    assert sum(p.debit for p in run.postings) == sum(p.credit for p in run.postings)
    check_postings(run.postings)
    residue = controls.total_in - sum(amount.amount for amount in run.amounts)
    assert controls.residue == residue
    assert not run.amounts or abs(residue) < len(run.amounts)


@SETTINGS
@given(jobs())
def test_every_part_is_within_the_stated_distance(job: Job) -> None:
    run = distribute_pool(job)
    for amount in run.amounts:
        split = job.splits[amount.split]
        for leaf in split.leaves:
            key = Key(job.pool, job.period, amount.subject, amount.split, leaf.holder, leaf.leg)
            part = run.totals.get(key, 0)
            assert abs(part - amount.amount * leaf.share) < Fraction(abs(amount.amount), 10**9) + 1
            assert leaf.share or not part


@SETTINGS
@given(jobs())
def test_the_same_job_twice_gives_the_same_bytes(job: Job) -> None:
    once, twice = distribute_pool(job), distribute_pool(replace(job, units=job.units[::-1]))
    data = journal.write_postings(once.postings)
    assert data == journal.write_postings(twice.postings)
    assert journal.read_postings(data) == once.postings
    assert journal.cumulate([*once.postings, *twice.postings]) == once.totals
    again = replace(job, number=2, posted=journal.cumulate(once.postings))
    assert distribute_pool(again).postings == ()


@SETTINGS
@given(jobs(lines_max=20), st.randoms(use_true_random=False), st.integers(1, 5))
def test_any_batching_and_order_gives_the_full_rerun(job: Job, rng: object, batches: int) -> None:
    """Lines arrive in batches of any order; each run sees all lines so far and posts the difference."""
    lines = list(job.units)
    rng.shuffle(lines)  # type: ignore[attr-defined]
    postings: list[Posting] = []
    for number in range(1, batches + 1):
        so_far = tuple(lines[: len(lines) * number // batches])
        run = distribute_pool(replace(job, number=number, units=so_far, posted=journal.cumulate(postings)))
        postings += run.postings
    full = distribute_pool(job)
    assert journal.cumulate(postings) == full.totals
    assert journal.totals_digest(run) == journal.totals_digest(full)
    assert journal.cumulate(reversed(postings)) == full.totals


@SETTINGS
@given(jobs(), st.lists(splits(), min_size=4, max_size=4), st.integers(0, 10**15))
def test_old_plus_differences_equals_a_full_rerun_after_any_change(job: Job, newer: list[Split], revenue: int) -> None:
    """Splits change, revenue is corrected; the differences lead exactly to what a run from nothing gives."""
    first = distribute_pool(job)
    subjects = sorted({unit.subject for unit in job.units})
    choice = dict(zip(subjects, newer, strict=False))
    changed = replace(
        job,
        number=2,
        funding={"revenue:m": revenue},
        units=tuple(unit._replace(split=choice[unit.subject].version) for unit in job.units),
        splits={**job.splits, **{split.version: split for split in newer}},
    )
    second = distribute_pool(replace(changed, posted=journal.cumulate(first.postings)))
    full = distribute_pool(changed)
    assert second.totals == full.totals
    assert journal.cumulate([*first.postings, *second.postings]) == full.totals


def test_a_split_change_alone_moves_money_only_within_its_recording() -> None:
    old = split_of([Leaf("ada", "work", Fraction(1, 2)), Leaf("bo", "work", Fraction(1, 2))])
    new = split_of([Leaf("ada", "work", Fraction(1, 3)), Leaf("cy", "work", Fraction(2, 3))])
    other = whole("dan", leg="work")
    known = {split.version: split for split in (old, new, other)}

    def job(split: Split, number: int, posted: dict[Key, int]) -> Job:
        units = (Units("rec_1", split.version, 3), Units("rec_2", other.version, 4))
        return Job(
            pool="p",
            period="q",
            currency="EUR",
            number=number,
            funding={"r": 10**9},
            units=units,
            splits=known,
            posted=posted,
        )

    first = distribute_pool(job(old, 1, {}))
    second = distribute_pool(job(new, 2, journal.cumulate(first.postings)))
    assert {posting.key.subject for posting in second.postings} == {"rec_1"}
    holders = [posting for posting in second.postings if posting.key.holder != "pool:p"]
    assert sum(posting.credit - posting.debit for posting in holders) == 0
    assert journal.by_holder(second.totals)["cy"] == second.totals[Key("p", "q", "rec_1", new.version, "cy", "work")]
    assert "bo" not in journal.by_holder(second.totals)


@pytest.mark.parametrize("position", range(9))
def test_a_changed_journal_is_refused(position: int) -> None:
    split = split_of([Leaf("ada", "work", Fraction(1, 3)), Leaf("bo", "work", Fraction(2, 3))])
    job = Job(
        pool="p",
        period="q",
        currency="EUR",
        number=1,
        funding={"r": 1001},
        units=(Units("rec_1", split.version, 3),),
        splits={split.version: split},
    )
    data = bytearray(journal.write_postings(distribute_pool(job).postings))
    lines = data.split(b"\n")
    target = lines[0].rindex(b'"1001"') + 1
    data[target + position % 4] = ord("7") if position < 4 else ord("x")
    if position == 8:
        data = bytearray(b"\n".join(lines[1:]))
    with pytest.raises(IntegrityError):
        journal.read_postings(bytes(data))


def test_negative_units_and_missing_splits_are_refused() -> None:
    split = whole("ada")
    job = Job(
        pool="p",
        period="q",
        currency="EUR",
        number=1,
        funding={"r": 5},
        units=(Units("rec_1", split.version, 3), Units("rec_1", split.version, -4)),
        splits={split.version: split},
    )
    with pytest.raises(InputError, match="takes back too much"):
        distribute_pool(job)
    with pytest.raises(InputError, match="no split"):
        distribute_pool(replace(job, units=(Units("rec_1", "other", 1),)))
    with pytest.raises(InputError, match="cannot be a subject"):
        distribute_pool(replace(job, units=(Units("residue", split.version, 1),)))
    with pytest.raises(InputError, match="63 bits"):
        distribute_pool(replace(job, units=(), funding={"r": 2**63}))


def test_the_same_posting_id_with_other_content_is_refused() -> None:
    key = Key("p", "q", "rec_1", "v", "ada", "work")
    with pytest.raises(IntegrityError, match="stands twice"):
        journal.cumulate([Posting("id", key, 0, 5), Posting("id", key, 0, 6)])


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_limb_sums_are_exact(values: list[int]) -> None:
    assert from_limbs(*limbs(values)) == sum(values)
