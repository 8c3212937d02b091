"""What was said since a certificate that may have taken away a yes that it rests on.

It errs on the side of too many: a withdrawal counts for the statement that it names, a refusal for whatever its party
had said to one of the same uses. Which rows really are lost, `cantoria dataset recheck` decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from cantoria.app.house import House
from cantoria.app.pages.trace_common import Value, kept_here, readable, state
from cantoria.clearance.facts import DatasetCleared
from cantoria.clearance.relied import Ranges, Relied, decode_relied
from cantoria.consent.facts import DenyTombstone, StatementMade, StatementWithdrawn
from cantoria.consent.types import Verdict
from cantoria.kernel.facts import Recorded

STATEMENTS_MAX: Final = 5_000
RELIED_BYTES_MAX: Final = 16 * 1024 * 1024
SHOWN: Final = 50
_MADE: Final = StatementMade.TYPE.tag
_WITHDRAWN: Final = StatementWithdrawn.TYPE.tag
_TOMBSTONE: Final = DenyTombstone.TYPE.tag
SPEECH: Final = (_MADE, _WITHDRAWN, _TOMBSTONE)


def revoked_since(house: House, fact: DatasetCleared, *, size: int) -> Value:
    """Return the statements relied on that later facts, below `size`, may have taken away, with those facts.

    `known` is false where the file of statements is not kept here, is damaged, or is larger than a page looks through:
    then nothing is said either way.
    """
    if fact.relied.bytes > RELIED_BYTES_MAX or not kept_here(house, fact.relied.sha256):
        return {"known": False, "statements": [], "total": 0, "rows": 0}
    key = ("pages", "since", fact.certificate, fact.relied.sha256, state(house, SPEECH, size=size))
    found: Value = house.memo.get(key, lambda: _look(house, fact, size))
    return found


def _look(house: House, fact: DatasetCleared, size: int) -> Value:
    relied = readable(lambda: decode_relied(house.attachments.get(fact.relied.sha256)))
    if relied is None or len(relied.ranges) > STATEMENTS_MAX:
        return {"known": False, "statements": [], "total": 0, "rows": 0}
    taken = _taken(house, fact, relied, size)
    shown = sorted(taken.items(), key=lambda item: (item[1][-1].index, item[0]), reverse=True)[:SHOWN]
    return {
        "known": True,
        "statements": [
            {
                "statement": statement,
                "rows": _count([relied.ranges[statement]]),
                "facts": [{"index": one.index, "kind": one.fact.TYPE.name, "at": one.claimed_at} for one in facts],
            }
            for statement, facts in shown
        ],
        "total": len(taken),
        "rows": _count(relied.ranges[statement] for statement in taken),
    }


def _taken(house: House, fact: DatasetCleared, relied: Relied, size: int) -> dict[str, list[Recorded[Any]]]:
    """Return the later facts by the statement that they may have taken away."""
    after, about = fact.as_of.size, house.index.about
    statements = sorted(relied.ranges)
    found: dict[str, list[Recorded[Any]]] = {}
    for one in about(statements, tags=[_WITHDRAWN], size=size):
        if one.index >= after:
            found.setdefault(one.fact.statement, []).append(one)
    said = [one.fact for one in about(statements, tags=[_MADE], size=after) if one.fact.statement in relied.ranges]
    parties = sorted({one.party for one in said})
    for one in about(parties, tags=[_MADE, _TOMBSTONE], size=size):
        if one.index < after or one.fact.verdict is Verdict.YES:
            continue
        for yes in said:
            if yes.party == one.fact.party and not yes.uses.isdisjoint(one.fact.uses):
                found.setdefault(yes.statement, []).append(one)
    return found


def _count(ranges: Iterable[Ranges]) -> int:
    """Return how many lines lie in any of these ranges."""
    total, edge = 0, 0
    for first, last in sorted(pair for pairs in ranges for pair in pairs):
        if last > edge:
            total += last - max(first - 1, edge)
            edge = last
    return total
