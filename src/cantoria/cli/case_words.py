"""A case in words and as JSON, for every command that shows one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cantoria.cli.console import lines, table
from cantoria.kernel.periods import format_moment
from cantoria.registry.reasons import CASES
from cantoria.registry.types import Case


def case_value(case: Case) -> dict[str, Any]:
    """Return everything about a case as JSON."""
    return {
        "case": case.case,
        "kind": case.kind.value,
        "subject": case.subject,
        "opened_at": format_moment(case.opened_at),
        "due_at": format_moment(case.due_at),
        "next_actor": case.next_actor,
        "stage": case.stage.value,
        "missed": case.missed,
        "blocks": case.blocks,
        "detail": case.detail,
        "evidence": list(case.evidence),
        "about": list(case.about),
        "claimants": list(case.concerned.claimants),
        "others": list(case.concerned.others),
        "holders": list(case.concerned.holders),
        "events": [
            {
                "index": event.index,
                "at": format_moment(event.at),
                "by": event.by,
                "what": event.what,
                "text": event.text,
                "without_effect": event.without_effect,
            }
            for event in case.events
        ],
    }


def case_row(case: Case) -> tuple[str, ...]:
    """Return a case as one row: id, kind, subject, stage, due, next actor, whether it blocks."""
    due = format_moment(case.due_at)[:10]
    blocks = "yes" if case.blocks else "no"
    return (case.case, case.kind.value, case.subject, case.stage.value, due, case.next_actor, blocks)


def show_case(case: Case, *, name: Callable[[str], str]) -> None:
    """Draw one case."""
    missed = f", {case.missed} deadlines missed" if case.missed else ""
    lines(
        [
            f"{case.case}: {CASES[case.kind]} of {name(case.subject)}",
            case.detail,
            f"open since {format_moment(case.opened_at)}, stage {case.stage.value}, next {name(case.next_actor)} "
            f"until {format_moment(case.due_at)}{missed}; {'blocks' if case.blocks else 'shown only'}",
            "evidence: entries " + ", ".join(map(str, case.evidence)),
        ]
    )
    if case.about:
        lines(["about: " + ", ".join(case.about)])
    rows = [
        (event.index, format_moment(event.at)[:10], event.by, event.what, event.text, event.without_effect)
        for event in case.events
    ]
    if rows:
        table("Said in it", ("entry", "day", "by", "what", "text", "without effect because"), rows, right=(0,))
