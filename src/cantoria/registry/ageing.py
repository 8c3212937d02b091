"""Public ageing statistics of cases: how many of each kind wait, for how long, on whom, and what money with them.

No person is named: whoever is next is an organisation of the registry, the registrar, or just "a party".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from cantoria.kernel.periods import DAY
from cantoria.registry.escalation import REGISTRAR
from cantoria.registry.types import Case, CaseKind, Stage

BUCKETS: Final = ((30, "0-30"), (90, "31-90"), (180, "91-180"), (365, "181-365"))
OLDEST: Final = ">365"
A_PARTY: Final = "a party"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ageing:
    """The cases of one kind, age and next actor: how many, how many of them past their day, how many subjects they
    block, and the money that waits for them in fine units by currency."""

    kind: CaseKind
    days: str
    stage: Stage
    next_actor: str
    cases: int
    overdue: int
    blocked: int
    waiting: Mapping[str, int]


def bucket(case: Case, *, at: int) -> str:
    """Return how old a case is at the moment `at`, in days, as a range: `0-30` to `>365`."""
    days = max(0, (at - case.opened_at) // DAY)
    return next((name for last, name in BUCKETS if days <= last), OLDEST)


def ageing(
    cases: Iterable[Case],
    *,
    at: int,
    is_organisation: Callable[[str], bool],
    waiting: Mapping[str, Mapping[str, int]] | None = None,
) -> tuple[Ageing, ...]:
    """Return the statistics, by kind, age, stage and next actor. `waiting` has by case id the money that waits for it
    in fine units by currency; `is_organisation` tells whom they may name."""
    groups: dict[tuple[CaseKind, str, Stage, str], list[Case]] = {}
    for case in cases:
        actor = case.next_actor
        shown = actor if actor == REGISTRAR or is_organisation(actor) else A_PARTY
        groups.setdefault((case.kind, bucket(case, at=at), case.stage, shown), []).append(case)
    ages = [name for _, name in BUCKETS] + [OLDEST]
    kinds, stages = list(CaseKind), list(Stage)
    order = sorted(groups, key=lambda key: (kinds.index(key[0]), ages.index(key[1]), stages.index(key[2]), key[3]))
    return tuple(_row(key, groups[key], at, waiting or {}) for key in order)


def _row(
    key: tuple[CaseKind, str, Stage, str], cases: list[Case], at: int, waiting: Mapping[str, Mapping[str, int]]
) -> Ageing:
    kind, days, stage, actor = key
    money: dict[str, int] = {}
    for case in {case.case: case for case in cases}.values():
        for currency, fine in waiting.get(case.case, {}).items():
            money[currency] = money.get(currency, 0) + fine
    return Ageing(
        kind=kind,
        days=days,
        stage=stage,
        next_actor=actor,
        cases=len(cases),
        overdue=sum(at > case.due_at for case in cases),
        blocked=len({case.subject for case in cases if case.blocks}),
        waiting=dict(sorted(money.items())),
    )
