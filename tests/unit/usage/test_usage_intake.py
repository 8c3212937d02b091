"""Every line is in exactly one state, whatever was sent twice, and a bad line hides no good one."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.kernel.errors import IntegrityError
from cantoria.ledger import merkle
from cantoria.usage.intake import plays_by_code, settle
from cantoria.usage.lines import (
    check_line,
    content_hash,
    encode_line,
    read_generations,
    read_usage,
    root_of,
    sum_plays,
    write_lines,
)
from cantoria.usage.types import Accounting, Evidence, GenerationEvent, LineState, PlayerKind, UsageLine

CODES = ["isrc:KRA381900123", "isrc:ESA012600001", "isrc:XXX000000000"]
LINES = st.builds(
    UsageLine,
    st.sampled_from(["e1", "e2", "e3", "e4"]),
    st.sampled_from(CODES),
    st.just("0410"),
    st.just("2026-09-01"),
    st.integers(1, 3),
)


def line(event_id: str = "e1", code: str = CODES[0], plays: int = 1, date: str = "2026-09-01") -> UsageLine:
    return UsageLine(event_id, code, "0410", date, plays)


@given(st.lists(LINES, max_size=12), st.integers(0, 3), st.integers(0, 12))
def test_the_accounting_identity_holds_in_any_batches(lines: list[UsageLine], invalid: int, cut: int) -> None:
    def matched(one: UsageLine) -> bool:
        return one.code != CODES[2]

    whole = settle(lines, seen={}, matched=matched, invalid=invalid)
    accounting = whole.accounting
    assert (
        accounting.received
        == len(lines) + invalid
        == (accounting.accepted + accounting.duplicate + accounting.conflict + accounting.invalid)
    )
    assert len(whole.accepted) == accounting.accepted == len({one.event_id for one in lines})
    first = settle(lines[:cut], seen={}, matched=matched)
    second = settle(lines[cut:], seen=first.seen, matched=matched, invalid=invalid)
    assert first.accepted + second.accepted == whole.accepted
    assert first.states + second.states == whole.states
    assert second.seen == whole.seen
    plays = Counter(plays_by_code(first.accepted)) + Counter(plays_by_code(second.accepted))
    assert plays == Counter(plays_by_code(whole.accepted))


def test_same_id_same_content_is_a_duplicate_and_other_content_a_conflict() -> None:
    found = settle(
        [line(), line(), line(plays=2), line("e2", CODES[2])], seen={}, matched=lambda one: one.code == CODES[0]
    )
    assert [state for _, state in found.states] == [
        LineState.MATCHED,
        LineState.DUPLICATE,
        LineState.CONFLICT,
        LineState.SUSPENSE,
    ]
    assert sum_plays(found.accepted) == 2
    again = settle([line()], seen=found.seen, matched=lambda one: True)
    assert again.accepted == ()
    assert again.accounting.duplicate == 1


def test_an_accounting_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(IntegrityError):
        Accounting(received=2, matched=1, suspense=0, duplicate=0, conflict=0, invalid=0)


def test_attachments_are_read_back_and_bad_lines_named() -> None:
    lines = [line("e1"), line("e2", plays=5)]
    data = write_lines(lines)
    assert read_usage(data).lines == tuple(lines)
    broken = data + b'{"code":"x"}\n' + encode_line(line("e3")) + b"\n"
    batch = read_usage(broken)
    assert [one.event_id for one in batch.lines] == ["e1", "e2", "e3"]
    assert [rejected.line for rejected in batch.rejected] == [3]


@pytest.mark.parametrize(
    "bad",
    [
        line(event_id=""),
        line(event_id="e" * 201),
        line(code="KRA381900123"),
        line(code="isrc:a b"),
        line(plays=0),
        line(plays=-4),
        line(plays=10**13),
        line(date="2026-02-30"),
        line(date="yesterday"),
    ],
    ids=repr,
)
def test_usage_out_of_range_is_rejected_with_its_line(bad: UsageLine) -> None:
    batch = read_usage(write_lines([line("good"), bad]))
    assert [one.event_id for one in batch.lines] == ["good"]
    (rejected,) = batch.rejected
    assert rejected.line == 2
    assert rejected.reason


def generation(*evidence: Evidence, event_id: str = "g1") -> GenerationEvent:
    return GenerationEvent(event_id, "version_1", 1_780_000_000_000_000, evidence)


@pytest.mark.parametrize(
    "evidence",
    [
        (Evidence(PlayerKind.RECORDING, "isrc:A", 600_000), Evidence(PlayerKind.RECORDING, "isrc:B", 400_001)),
        (Evidence(PlayerKind.RECORDING, "isrc:A", 1), Evidence(PlayerKind.RECORDING, "isrc:A", 1)),
        (Evidence(PlayerKind.RECORDING, "isrc:A", -1),),
        (Evidence(PlayerKind.RECORDING, "isrc:A", 5, -1),),
        (Evidence(PlayerKind.RECORDING, "isrc:A", 0),),
    ],
    ids=["above one", "twice", "negative weight", "negative error", "nothing"],
)
def test_evidence_out_of_range_is_rejected(evidence: tuple[Evidence, ...]) -> None:
    batch = read_generations(write_lines([generation(), generation(*evidence, event_id="g2")]))
    assert [event.event_id for event in batch.lines] == ["g1"]
    assert [rejected.line for rejected in batch.rejected] == [2]


def test_lines_cut_anywhere_never_become_another_line() -> None:
    data = write_lines([generation(Evidence(PlayerKind.ARTIST, "party_1", 5)), line()])
    for size in range(len(data)):
        for event in read_generations(data[:size]).lines:
            assert event == generation(Evidence(PlayerKind.ARTIST, "party_1", 5))


def test_the_root_is_the_merkle_root_of_the_lines() -> None:
    lines = [line("e1"), line("e2")]
    hashes = [merkle.leaf_hash(encode_line(one)) for one in lines]
    assert root_of(lines) == merkle.node_hash(*hashes).hex()
    assert content_hash(lines[0]) != content_hash(lines[1])
    check_line(lines[0])
