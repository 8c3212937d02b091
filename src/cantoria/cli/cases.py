"""`cantoria cases …`: conflicts, whose turn it is, and how they end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cantoria.app import cases as settling
from cantoria.app.cases import Answer, Decision
from cantoria.bootstrap.naming import find_party, subject_of
from cantoria.cli.case_words import case_row, case_value, show_case
from cantoria.cli.console import emit, lines, progress, table, would
from cantoria.cli.state import author, house
from cantoria.kernel.money import Money
from cantoria.kernel.periods import parse_moment
from cantoria.registry.conflict_facts import Stance
from cantoria.registry.types import CaseKind

app = typer.Typer(no_args_is_help=True, help="Conflicts: whose turn it is, until when, and how they end.")
CASE = Annotated[str, typer.Argument(help="The case's id, from `cantoria cases list`.")]
ABOUT = Annotated[str, typer.Option("--about", help="The id or code that the case is about: finds it faster.")]
FILE = Annotated[
    list[Path], typer.Option("--file", help="A document to attach; may be given again.", exists=True, dir_okay=False)
]
DRY = Annotated[bool, typer.Option("--dry-run", help="Show what would be recorded.")]


@app.command("list")
def list_all(
    about: Annotated[str, typer.Option("--about", help="Only those about this id or code and what it carries.")] = "",
    kind: Annotated[str, typer.Option("--kind", help="Only those of this kind: " + ", ".join(CaseKind) + ".")] = "",
) -> None:
    """List the open cases, the oldest first: what, whose turn it is, until when, whether it blocks.

    Example: cantoria cases list --about iswc:T0345246801
    """
    wanted = CaseKind(kind) if kind in set(CaseKind) else None
    if kind and wanted is None:
        raise typer.BadParameter(f"{kind!r} is no kind of case: one of {', '.join(CaseKind)}")
    with house() as opened:
        with progress("Looking for conflicts"):
            found = settling.open_cases(opened, subjects=[subject_of(about)] if about else [])
        chosen = [case for case in found if wanted in (None, case.kind)]
        columns = ("case", "kind", "subject", "stage", "due", "next actor", "blocks")
        rows = [case_row(case) for case in chosen]
        value = [case_value(case) for case in chosen]
        emit(value, text=lambda: table(f"{len(rows)} open cases", columns, rows))


@app.command()
def show(case: CASE, about: ABOUT = "") -> None:
    """Show one case: its evidence, its clock, what was said in it, and what a decision can name.

    Example: cantoria cases show case_01h2xcejqtf2nbrexx3vqjhp41
    """
    with house() as opened:
        found = settling.find(opened, case, subject=subject_of(about) if about else "")
        emit(case_value(found), text=lambda: show_case(found, name=opened.index.name_of))


@app.command()
def answer(
    case: CASE,
    stance: Annotated[Stance, typer.Option("--stance", help="uphold, partly, or release.")],
    text: Annotated[str, typer.Option("--text", help="Why, in words.")] = "",
    party: Annotated[str, typer.Option("--party", help="Whose answer it is, when not the organisation's own.")] = "",
    withdraw: Annotated[
        list[str], typer.Option("--withdraw", help="A claim or link of your own that you take back; again for more.")
    ] = [],  # noqa: B006
    file: FILE = [],  # noqa: B006
    about: ABOUT = "",
    dry_run: DRY = False,
) -> None:
    """Answer in a case. What is released is to be withdrawn, here or elsewhere, or the clock goes on.

    Example: cantoria --as blue cases answer case_01h2xcejqtf2nbrexx3vqjhp41 --stance uphold --file contract.pdf
    """
    with house() as opened:
        who = author(opened)
        found = settling.find(opened, case, subject=subject_of(about) if about else "")
        said = Answer(
            party=find_party(opened, party) if party else who.party,
            stance=stance,
            text=text,
            files=() if dry_run else tuple(one.read_bytes() for one in file),
            withdraw=tuple(withdraw),
        )
        if dry_run:
            facts = settling.answer_facts(opened, found, said, author=who)
            would("record " + ", ".join(fact.TYPE.name for fact in facts))
            return
        receipts = settling.answer(opened, found, said, author=who)
        _after(opened, case, found.subject, receipts[0].index)


@app.command()
def escalate(
    case: CASE,
    reason: Annotated[str, typer.Option("--reason", help="Why not wait.")] = "",
    about: ABOUT = "",
    dry_run: DRY = False,
) -> None:
    """Pass a case on to its next stage before its time is over; only a party to it can.

    Example: cantoria --as blue cases escalate case_01h2xcejqtf2nbrexx3vqjhp41 --reason "no answer by letter either"
    """
    with house() as opened:
        who = author(opened)
        found = settling.find(opened, case, subject=subject_of(about) if about else "")
        if dry_run:
            would(f"escalate {found.case} from {found.stage.value}")
            return
        receipt = settling.escalate(opened, found, reason=reason, author=who)
        _after(opened, case, found.subject, receipt.index)


@app.command()
def decide(
    case: CASE,
    outcome: Annotated[str, typer.Option("--outcome", help="What is decided, and why.")],
    stands: Annotated[list[str], typer.Option("--stands", help="A claim or link that stands.")] = [],  # noqa: B006
    falls: Annotated[list[str], typer.Option("--falls", help="A claim or link that falls.")] = [],  # noqa: B006
    since: Annotated[str, typer.Option("--from", help="From when a claim falls; from its beginning when empty.")] = "",
    grantor: Annotated[str, typer.Option("--grantor", help="In a broken chain: whom what stands is from.")] = "",
    file: FILE = [],  # noqa: B006
    about: ABOUT = "",
    dry_run: DRY = False,
) -> None:
    """Decide a case as a register that has no part in it, and carry it out in the same step.

    Example: cantoria --as office cases decide case_01h2xcejqtf2nbrexx3vqjhp41 --outcome "B is later" --falls claim_B
    """
    with house() as opened:
        who = author(opened)
        found = settling.find(opened, case, subject=subject_of(about) if about else "")
        decision = Decision(
            outcome=outcome,
            stands=tuple(stands),
            falls=tuple(falls),
            since=parse_moment(since) if since else None,
            grantor=find_party(opened, grantor) if grantor else "",
            files=() if dry_run else tuple(one.read_bytes() for one in file),
        )
        if dry_run:
            facts = settling.decision_facts(opened, found, decision, author=who)
            would("record " + ", ".join(fact.TYPE.name for fact in facts))
            return
        receipts = settling.decide(opened, found, decision, author=who)
        _after(opened, case, found.subject, receipts[0].index)


@app.command()
def stats() -> None:
    """Show how many cases wait, by kind, age and whose turn it is, and what money waits with them. It names nobody but
    organisations: the table can be published.

    Example: cantoria --json cases stats
    """
    with house() as opened:
        with progress("Counting conflicts"):
            found = settling.statistics(opened)
        value: dict[str, Any] = {
            "cases": [
                {
                    "kind": row.kind.value,
                    "days": row.days,
                    "stage": row.stage.value,
                    "next_actor": row.next_actor,
                    "cases": row.cases,
                    "overdue": row.overdue,
                    "blocked_subjects": row.blocked,
                    "waiting": _amounts(row.waiting),
                }
                for row in found.rows
            ],
            "disputed_elsewhere": _amounts(found.elsewhere),
        }

        def text() -> None:
            columns = ("kind", "days", "stage", "next actor", "cases", "overdue", "blocked", "waiting")
            rows = [
                (*(one[name] for name in list(one)[:-1]), ", ".join(one["waiting"].values())) for one in value["cases"]
            ]
            table(f"{sum(row.cases for row in found.rows)} open cases", columns, rows, right=(4, 5, 6))
            for amount in value["disputed_elsewhere"].values():
                typer.echo(f"disputed, and no open case holds it: {amount}")

        emit(value, text=text)


def _amounts(fine: Any) -> dict[str, str]:
    return {currency: str(Money(amount, currency)) for currency, amount in sorted(fine.items())}


def _after(opened: Any, case: str, subject: str, index: int) -> None:
    """Tell where the case stands after something was recorded in it."""
    left = [one for one in settling.open_cases(opened, subjects=[subject]) if one.case == case]
    value = {"recorded": True, "index": index, "case": case_value(left[0]) if left else None}

    def text() -> None:
        if not left:
            typer.echo(f"recorded as entry {index}; the case is settled")
            return
        one = left[0]
        said = next((event for event in one.events if event.index == index), None)
        why = f" It has no effect: {said.without_effect}." if said and said.without_effect else ""
        lines([f"recorded as entry {index}.{why} Stage {one.stage.value}, next {one.next_actor}"])

    emit(value, text=text)
