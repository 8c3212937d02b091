"""Whose turn it is: which of the items that wait are proposed next.

Organisations take turns, group by group, while the block has room. Another one begins each time, so that nobody who
comes late in a round is crowded out for ever, and a group that needs a whole block finds it empty in its turn.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

Row = tuple[int, int, bytes, int, int]
"""An item that waits: id, group, organisation, facts, bytes in a block."""

_Item = tuple[int, int, int]


def choose(rows: Sequence[Row], *, facts_max: int, bytes_max: int, after: bytes) -> tuple[list[int], bytes]:
    """Return the ids to propose, and which organisation began: the first above `after`, which began last time.

    A group that would fit into an empty block is not cut.
    """
    groups: dict[int, list[_Item]] = {}
    queues: dict[bytes, deque[int]] = {}
    for number, group, organisation, facts, size in rows:
        if group not in groups:
            groups[group] = []
            queues.setdefault(organisation, deque()).append(group)
        groups[group].append((number, facts, size))
    order = sorted(queues)
    start = next((at for at, organisation in enumerate(order) if organisation > after), 0)
    turns = deque(queues[organisation] for organisation in [*order[start:], *order[:start]])
    chosen: list[int] = []
    facts_left, bytes_left = facts_max, bytes_max
    while turns:
        queue = turns.popleft()
        group_rows = groups[queue.popleft()]
        facts, size = sum(one[1] for one in group_rows), sum(one[2] for one in group_rows)
        if facts <= facts_max and size <= bytes_max and (facts > facts_left or size > bytes_left):
            continue  # whole in a later block; what this organisation queued after it waits behind it
        taken = _fitting(group_rows, facts_left, bytes_left)
        chosen += [number for number, _, _ in taken]
        facts_left -= sum(one[1] for one in taken)
        bytes_left -= sum(one[2] for one in taken)
        if queue and len(taken) == len(group_rows):
            turns.append(queue)
    return chosen, order[start] if order else after


def _fitting(rows: Sequence[_Item], facts_left: int, bytes_left: int) -> list[_Item]:
    taken = []
    for row in rows:
        facts_left, bytes_left = facts_left - row[1], bytes_left - row[2]
        if facts_left < 0 or bytes_left < 0:
            break
        taken.append(row)
    return taken
