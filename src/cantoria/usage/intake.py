"""Settle every line of a batch: exactly one state each, whatever was sent twice (spec/money.md section 2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from cantoria.usage.lines import content_hash
from cantoria.usage.types import Accounting, GenerationEvent, LineState, UsageLine

T = TypeVar("T", UsageLine, GenerationEvent)


@dataclass(frozen=True, slots=True)
class Intake(Generic[T]):
    """What became of a batch: the accepted lines in order, the state of every good line, the ids known afterwards
    with their content hashes, and the accounting of all lines, invalid ones included."""

    accepted: tuple[T, ...]
    states: tuple[tuple[str, LineState], ...]
    seen: Mapping[str, str]
    accounting: Accounting


def settle(lines: Iterable[T], *, seen: Mapping[str, str], matched: Callable[[T], bool], invalid: int = 0) -> Intake[T]:
    """Put every line into its one state. `seen` maps event ids to the content hash under which they first came;
    `invalid` counts the lines that could not be read.

    The same id with the same content is a duplicate: counted and acknowledged, without effect. With other content it
    is a conflict: quarantined, the first that came stands, and its sender corrects by a line with a new id.
    """
    known = dict(seen)
    accepted: list[T] = []
    states: list[tuple[str, LineState]] = []
    for line in lines:
        content = content_hash(line)
        before = known.get(line.event_id)
        if before is None:
            known[line.event_id] = content
            accepted.append(line)
            state = LineState.MATCHED if matched(line) else LineState.SUSPENSE
        else:
            state = LineState.DUPLICATE if before == content else LineState.CONFLICT
        states.append((line.event_id, state))
    counts = Counter(state for _, state in states)
    counts[LineState.INVALID] += invalid
    return Intake(tuple(accepted), tuple(states), known, Accounting.of(counts))


def plays_by_code(lines: Iterable[UsageLine]) -> dict[str, int]:
    """Return all plays of accepted lines by code key, in canonical order."""
    plays: Counter[str] = Counter()
    for line in lines:
        plays[line.code] += line.plays
    return {code: plays[code] for code in sorted(plays)}
