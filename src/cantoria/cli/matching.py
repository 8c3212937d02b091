"""`cantoria match …`: which things are one, as a proposal; decide, take back, accept."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from cantoria.app import matching, matching_queue
from cantoria.app.matching_queue import Item
from cantoria.bootstrap import matching as engines
from cantoria.bootstrap.house import WiredHouse
from cantoria.bootstrap.naming import find_party, find_thing
from cantoria.cli import matching_words as words
from cantoria.cli.console import emit, progress, say, would
from cantoria.cli.state import author, house
from cantoria.kernel.errors import InputError
from cantoria.registry.match_facts import MatchKind, MatchVerdict
from cantoria.registry.matching.ports import BLOCK_ROWS_MAX
from cantoria.registry.matching.types import PPM, Band, Row, Thresholds

app = typer.Typer(
    no_args_is_help=True, help="Which recordings, works and parties are one: proposals, a queue, decisions."
)
KIND = Annotated[MatchKind, typer.Option("--kind", help="What is matched: recording, work or party.")]
DRY = Annotated[bool, typer.Option("--dry-run", help="Compute and show, but record nothing.")]
REASON = Annotated[str, typer.Option("--reason", help="Why, for whoever reads it later.")]
_THRESHOLDS = Thresholds()


@app.command()
def run(
    kind: KIND = MatchKind.RECORDING,
    link: Annotated[int, typer.Option(help="From how many parts in a hundred a pair is a link.")] = 0,
    review: Annotated[int, typer.Option(help="From how many parts in a hundred a pair is for review.")] = 0,
    block: Annotated[int, typer.Option(help="Rows that a block may hold; larger ones are left out and told.")] = (
        BLOCK_ROWS_MAX
    ),
    tables: Annotated[list[Path] | None, typer.Option("--table", help="More rows, as Parquet by the contract.")] = None,
    one_each: Annotated[list[str] | None, typer.Option(help="A source of those tables without duplicates.")] = None,
    show: Annotated[bool, typer.Option(help="Record the links so that they are shown, without effect.")] = True,
    dry_run: DRY = False,
) -> None:
    """Match all things of a kind with each other. What it finds is a proposal: nothing has effect.

    Example: cantoria --as authors match run --kind recording --dry-run
    """
    thresholds = Thresholds(link * PPM // 100 or _THRESHOLDS.link_ppm, review * PPM // 100 or _THRESHOLDS.review_ppm)
    with house() as opened:
        wish = matching.Wish(
            kind=kind,
            thresholds=thresholds,
            block_rows_max=block,
            rows=chain(engines.batch_rows(opened, kind), _rows(tables or [])),
            one_each=frozenset(one_each or ()),
            show=show,
        )
        who = author(opened)
        with progress("Matching") as step, engines.matcher(opened, watch=lambda name, done: step(done, None)) as engine:
            ran = matching.run(opened, wish, matcher=engine, author=who, dry_run=dry_run)
        emit(words.ran_value(ran, recorded=not dry_run), text=lambda: words.show_run(ran, recorded=not dry_run))


@app.command("queue")
def show_queue(
    kind: KIND = MatchKind.RECORDING,
    currency: Annotated[str, typer.Option(help="The currency in which money is at stake.")] = "EUR",
    band: Annotated[Band, typer.Option(help="Which proposals: review, or link.")] = Band.REVIEW,
    limit: Annotated[int, typer.Option(help="How many to show.")] = 20,
    of_run: Annotated[str, typer.Option("--run", help="The run; the newest of its kind when empty.")] = "",
) -> None:
    """List what is left to review, most money first, with both sides and the reasons.

    Example: cantoria --as authors match queue --currency EUR
    """
    with house() as opened:
        found = matching_queue.queue(
            opened,
            kind,
            organisation=author(opened).party,
            band=band,
            currency=currency,
            limit=limit,
            run=of_run,
        )
        emit(words.queue_value(found), text=lambda: words.show_queue(found))


@app.command()
def show(
    left: Annotated[str, typer.Argument(help="An id or a code.")],
    right: Annotated[str, typer.Argument(help="An id or a code.")],
    currency: Annotated[str, typer.Option(help="The currency in which money is at stake.")] = "EUR",
) -> None:
    """Show one pair side by side: what was compared, what it weighs, where it is from, what was decided.

    Example: cantoria match show isrc:KRA381900123 isrc:KRA381900124
    """
    with house() as opened:
        one, other = _thing(opened, left), _thing(opened, right)
        decisions = matching.load_decisions(opened)
        proposal = matching.proposal_of(opened, one, other, decisions=decisions)
        said = decisions.about(one, other)
        item: Item | None = None
        if proposal is not None:
            item = matching_queue.item_of(opened, one, other, found=proposal, currency=currency)
        if item is None and not said:
            raise InputError(f"no run proposed {one} with {other}, and nobody decided", "run `cantoria match run`")
        value: dict[str, Any] = {"proposal": words.item_value(item) if item else None}
        value["decisions"] = [words.decision_value(one) for one in said]
        emit(value, text=lambda: words.show_pair(item, said, currency=currency))


@app.command()
def decide(
    left: Annotated[str, typer.Argument(help="An id or a code.")],
    right: Annotated[str, typer.Argument(help="An id or a code.")],
    verdict: Annotated[MatchVerdict, typer.Argument(help="same, different or unsure.")],
    reason: REASON = "",
    by: Annotated[str, typer.Option("--by", help="Who decides; the organisation when empty.")] = "",
    dry_run: DRY = False,
) -> None:
    """Decide about a pair. `same` records a link with effect, `different` keeps it from being proposed again.

    Example: cantoria --as authors match decide isrc:KRA381900123 isrc:KRA381900124 different --reason "live"
    """
    with house() as opened:
        one, other = _thing(opened, left), _thing(opened, right)
        if dry_run:
            would(f"decide that {one} and {other} are {verdict}")
            return
        who = author(opened)
        decisions = matching.load_decisions(opened)
        found = matching.proposal_of(opened, one, other, decisions=decisions, organisation=who.party)
        decision = matching.Decision(
            left=one,
            right=other,
            verdict=verdict,
            decided_by=find_party(opened, by) if by else "",
            reason=reason,
            run=found[0].fact.run if found else "",
            probability_ppm=found[1].probability_ppm if found else 0,
        )
        receipt = matching.decide(opened, decision, author=who)
        value = words.decided_value(receipt)
        emit(value, text=lambda: typer.echo(f"{verdict}: {value['decision']}"))


@app.command()
def undo(
    decision: Annotated[str, typer.Argument(help="The decision's id.")],
    reason: REASON = "",
    dry_run: DRY = False,
) -> None:
    """Take a decision back, with the link that came with it.

    Example: cantoria --as authors match undo decision_01m2pyyvwafwfsmq0nqhdrpkqa --reason "wrong recording"
    """
    with house() as opened:
        if dry_run:
            would(f"take {decision} back")
            return
        receipts = matching.undo(opened, decision, author=author(opened), reason=reason)
        value = {"decision": decision, "facts": [one.fact_id for one in receipts]}
        emit(value, text=lambda: typer.echo(f"{decision} is taken back"))


@app.command()
def accept(
    of_run: Annotated[str, typer.Argument(help="The run's id.")],
    least: Annotated[int, typer.Option("--from", help="Only pairs of at least so many parts in a hundred.")] = 99,
    reason: REASON = "",
    dry_run: DRY = False,
) -> None:
    """Decide `same` about a run's whole band of links. Each pair gets a decision that can be taken back alone.

    Example: cantoria --as authors match accept matching_01m2pyyvwafwfsmq0nqhdrpkqa --from 99 --dry-run
    """
    with house() as opened:
        who = author(opened)
        count = matching.accept(opened, of_run, author=who, from_ppm=least * PPM // 100, reason=reason, dry_run=dry_run)
        value = {"run": of_run, "decided": count, "recorded": not dry_run}
        if dry_run:
            say(escape("nothing was recorded"))
        emit(value, text=lambda: typer.echo(f"{count} pairs {'would be' if dry_run else 'are'} decided"))


def _thing(opened: WiredHouse, text: str) -> str:
    return text if text.startswith("party_") else find_thing(opened, text)


def _rows(tables: list[Path]) -> Iterator[Row]:
    for table in tables:
        yield from engines.read_rows(str(table))
