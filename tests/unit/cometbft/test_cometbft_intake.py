"""The intake queue: whose turn it is, what stays together, what survives a crash."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria import ledger
from cantoria.adapters.cometbft.intake import FRAME_BYTES, LOOK_MAX, Intake, Outcome, Stage, key_of
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.testing.consortium import Consortium, Organisation, signer_of

ALL = {"facts_max": 50_000, "bytes_max": 4_000_000}


@pytest.fixture
def intake(tmp_path: Path):
    found = Intake(tmp_path / "intake.db")
    yield found
    found.close()


def names(intake: Intake, **limits: int) -> list[bytes]:
    return [one.key for one in intake.pending(**{**ALL, **limits})]


def test_organisations_take_turns_each_in_its_own_order(intake: Intake) -> None:
    first, second = Organisation("one"), Organisation("two")
    of_first = [intake.put([first.batch(first=number)])[0] for number in range(3)]
    of_second = [intake.put([second.batch(first=number)])[0] for number in range(3)]
    found = names(intake)
    assert [one for one in found if one in of_first] == of_first
    assert [one for one in found if one in of_second] == of_second
    assert {found[0], found[1]} == {of_first[0], of_second[0]}
    half = names(intake, facts_max=4)  # the other begins this time
    assert half == [found[1], found[0], found[3], found[2]]


def test_a_long_queue_hides_nobody(intake: Intake) -> None:
    busy, quiet = Organisation("busy"), Organisation("quiet")
    for start in range(0, LOOK_MAX + 10, 512):
        for number in range(start, start + 512, 64):
            intake.put([busy.batch(first=one) for one in range(number, number + 64)])
    key = intake.put([quiet.batch()])[0]
    assert key in names(intake)[:65]


def test_a_record_waits_its_organisations_turn(intake: Intake) -> None:
    """A batch queued before its key is revoked is proposed before the revocation."""
    one = Organisation("one")
    batch = intake.put([one.batch()])[0]
    revocation = intake.put([one.says(ledger.RevokeKey(ledger.key_id(one.signer.public_key)))])[0]
    assert names(intake) == [batch, revocation]
    unreadable = intake.put([b"\x03junk"])[0]
    assert set(names(intake)) == {batch, revocation, unreadable}


def test_a_group_that_would_fit_is_not_cut_and_holds_back_its_own_only(intake: Intake) -> None:
    first, second = Organisation("one"), Organisation("two")
    alone = intake.put([first.batch(2)])
    group = intake.put([first.batch(3), first.batch(3)])
    after = intake.put([first.batch(1)])
    other = intake.put([second.batch(2)])
    assert set(names(intake, facts_max=6)) == {*alone, *other}
    assert set(names(intake, facts_max=10)) == {*alone, *other, *group}
    assert names(intake, facts_max=11)[-1:] == after


def test_a_group_beyond_one_block_goes_in_order(intake: Intake) -> None:
    one = Organisation("one")
    group = intake.put([one.batch(3, first=3 * number) for number in range(4)])
    assert names(intake, facts_max=7) == group[:2]
    intake.commit([(group[0], 1), (group[1], 5)])
    assert names(intake, facts_max=7) == group[2:]


def test_a_group_of_very_many_is_whole(intake: Intake) -> None:
    one = Organisation("one")
    group = intake.put([one.batch(first=number) for number in range(LOOK_MAX + 5)])
    intake.put([one.batch()])
    assert names(intake) == group
    small = intake.pending(facts_max=LOOK_MAX, bytes_max=ALL["bytes_max"])
    assert [queued.key for queued in small] == group[:LOOK_MAX]


@given(
    counts=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 5), st.integers(1, 3)), min_size=1, max_size=12),
    facts_max=st.integers(0, 40),
    bytes_max=st.integers(-100, 8000),
)
def test_limits_hold_and_every_turn_makes_progress(
    counts: list[tuple[int, int, int]], facts_max: int, bytes_max: int
) -> None:
    organisations = [Organisation(f"o{number}") for number in range(3)]
    intake = Intake(Path(":memory:"))
    groups: dict[bytes, int] = {}
    sizes: dict[int, tuple[int, int]] = {}
    for number, (who, facts, items) in enumerate(counts):
        batches = [organisations[who].batch(facts) for _ in range(items)]
        for one in batches:
            groups[key_of(one)] = number
        size = sum(len(ledger.pack_item(one)) + FRAME_BYTES for one in batches)
        sizes[number] = (facts * items, size)
        intake.put(batches)
    place = 0
    while intake.waiting():
        found = intake.pending(facts_max=facts_max, bytes_max=bytes_max)
        assert sum(one.facts for one in found) <= facts_max
        assert sum(len(one.tx) + FRAME_BYTES for one in found) <= max(bytes_max, 0)
        if not found:
            heads = {one.item.header[1:17]: one for one in reversed(intake.pending(**ALL))}
            assert all(one.facts > facts_max or len(one.tx) + FRAME_BYTES > bytes_max for one in heads.values())
            break
        for one in found:
            whole, size = sizes[groups[one.key]]
            if whole <= facts_max and size <= bytes_max:
                assert {key for key, group in groups.items() if group == groups[one.key]} <= {x.key for x in found}
        intake.commit([(one.key, place + at) for at, one in enumerate(found)])
        place += len(found)
    intake.close()


@pytest.mark.parametrize(("count", "facts"), [(4096, 1), (4096, 6)])
def test_a_full_block_is_within_the_limit_as_cometbft_counts_it(chain, one, count: int, facts: int) -> None:
    chain.intakes[0].put([one.batch(facts, first=number) for number in range(count)])
    chain.intakes[0].put([one.batch(facts, first=number) for number in range(count)])
    bytes_max = 1_100_000 if facts == 1 else 3_900_000
    block = chain.propose(bytes_max=bytes_max)
    framed = sum(1 + (len(f"{len(tx):b}") + 6) // 7 + len(tx) for tx in block)
    assert framed <= bytes_max


def test_what_is_queued_together_is_admitted_together_or_not_at_all(chain, one: Organisation) -> None:
    stranger = Organisation("stranger")
    good, bad, late = one.batch(2), stranger.batch(1), one.batch(1)
    keys = chain.intakes[0].put([good, bad, late])
    alone = chain.intakes[0].put([one.batch(first=9)])
    chain.step()
    outcomes = [chain.intakes[0].outcome(key) for key in keys]
    assert [(found.stage, found.reason) for found in outcomes if found] == [
        (Stage.REFUSED, "neighbour_refused"),
        (Stage.REFUSED, "unknown_member"),
        (Stage.REFUSED, "neighbour_refused"),
    ]
    assert chain.intakes[0].outcome(alone[0]).stage is Stage.COMMITTED
    assert chain.stores[0].fact_count() == 1
    assert chain.intakes[0].put([good]) == keys[:1]  # alone it may try again
    chain.step()
    assert chain.intakes[0].outcome(keys[0]).stage is Stage.COMMITTED


def test_what_depends_on_a_refused_group_is_refused_in_the_same_proposal(chain, one: Organisation) -> None:
    fresh = signer_of("fresh")
    group = chain.intakes[0].put([one.adds(fresh), Organisation("x").batch()])
    one.signer = fresh
    after = chain.intakes[0].put([one.batch()])
    chain.step()
    assert [chain.intakes[0].outcome(key).reason for key in [*group, *after]] == [
        "neighbour_refused",
        "unknown_member",
        "unknown_key",
    ]
    assert chain.replicas[0].size == len(Consortium(4).entries)


def test_it_survives_and_is_shared_between_processes(tmp_path: Path) -> None:
    one = Organisation("one")
    batches = [one.batch(2), one.batch(3, first=2)]
    first = Intake(tmp_path / "intake.db")
    keys = first.put(batches, erasures=[7, 9])
    second = Intake(tmp_path / "intake.db")
    assert second.put(batches) == keys
    assert second.waiting() == 2
    assert second.beside(keys) == {
        key: (list(batch.salts), list(batch.bodies), [7, 9]) for key, batch in zip(keys, batches, strict=True)
    }
    second.commit([(keys[0], 4)])
    assert first.outcome(keys[0]) == Outcome(Stage.COMMITTED, place=4)
    second.refuse([(keys[0], "too_late", None), (keys[1], "bad_signature", 1)])
    assert first.outcome(keys[0]) == Outcome(Stage.COMMITTED, place=4)
    assert first.outcome(keys[1]) == Outcome(Stage.REFUSED, reason="bad_signature", position=1)
    assert first.outcome(bytes(32)) is None
    assert second.put(batches) == keys
    assert first.outcome(keys[0]) == Outcome(Stage.COMMITTED, place=4)
    assert first.outcome(keys[1]) == Outcome(Stage.QUEUED)
    first.close()
    second.close()


def test_bodies_of_a_committed_batch_do_not_stay_in_the_queue(tmp_path: Path) -> None:
    one = Organisation("one")
    batch = one.batch(2)
    intake = Intake(tmp_path / "intake.db")
    key = intake.put([batch])[0]
    intake.commit([(key, 4)])
    intake.close()
    found = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert batch.bodies[0] not in found
    assert batch.salts[1] not in found


def test_what_cannot_be_queued_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Organisation("one")
    intake = Intake(tmp_path / "intake.db")
    batch = one.batch()
    for bad in (ledger.Batch(batch.header, ()), ledger.Batch(b"", batch.envelopes), b"", b"\x02junk"):
        with pytest.raises(InputError):
            intake.put([bad])
    assert intake.waiting() == 0
    monkeypatch.setattr("cantoria.adapters.cometbft.intake.QUEUED_MAX", 1)
    intake.put([batch])
    with pytest.raises(UnavailableError, match="wait already"):
        intake.put([one.batch()])
    intake.close()
    (tmp_path / "broken.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(UnavailableError, match="cannot use the intake"):
        Intake(tmp_path / "broken.db")
