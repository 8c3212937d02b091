"""`cantoria deal …`: existing blanket deals between labels and AI developers, and what they are worth."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cantoria.app import deals
from cantoria.app.deals import Ending, Offer
from cantoria.bootstrap.house import WiredHouse
from cantoria.bootstrap.naming import find_party, period_of, scope_of, subject_of, uses_of
from cantoria.cli.console import emit, lines, table, would
from cantoria.cli.state import author, house
from cantoria.kernel.periods import format_moment, parse_moment
from cantoria.kernel.uses import Use
from cantoria.licensing import Deal

app = typer.Typer(
    no_args_is_help=True, help="Blanket deals of labels with AI developers: at most the label's own yes, never more."
)
DEAL = Annotated[str, typer.Argument(help="The deal's id, from `cantoria deal list`.")]
DRY = Annotated[bool, typer.Option("--dry-run", help="Show what would be recorded.")]


@app.command()
def register(
    label: Annotated[str, typer.Option("--label", help="The label: a party id, code or organisation.")],
    licensee: Annotated[str, typer.Option("--licensee", help="The AI developer.")],
    uses: Annotated[list[str], typer.Option("--use", help=f"A use ({', '.join(Use)}); may be given again.")],
    scope: Annotated[
        list[str],
        typer.Option("--scope", help="A recording, release or catalogue (id or code), or `present`; again for more."),
    ],
    source: Annotated[str, typer.Option("--source", help="Where the deal is published.")] = "",
    own: Annotated[bool, typer.Option("--own-word", help="The label itself says so, and says yes beside it.")] = False,
    no_yes: Annotated[bool, typer.Option("--no-yes", help="With --own-word: record the deal without the yes.")] = False,
    territory: Annotated[str, typer.Option(help="Such as KR, 'ES FR' or '2136 -0840'.")] = "2136",
    since: Annotated[str, typer.Option("--from", help="First day.")] = "",
    until: Annotated[str, typer.Option("--until", help="Day after the last.")] = "",
    dry_run: DRY = False,
) -> None:
    """Register a blanket deal: as a report with its source, or by the label's own word.

    Example: cantoria deal register --label own:AUTHORS:BLUE --licensee sonara --use input --scope present --own-word
    """
    with house() as opened:
        offer = Offer(
            label=find_party(opened, label),
            licensee=find_party(opened, licensee),
            uses=uses_of(uses, family_allowed=False),
            scopes=tuple(scope_of(opened, one) for one in scope),
            territory=territory,
            period=period_of(since, until),
            evidence=source,
            by_label=own,
            yes=not no_yes,
        )
        who = author(opened)
        if dry_run:
            facts = deals.deal_facts(opened, offer, author=who)
            would("record " + ", ".join(fact.TYPE.name for fact in facts))
            return
        receipts = deals.register(opened, offer, author=who)
        name = receipts[0].fact.subjects()[0]
        statements = [receipt.fact.subjects()[0] for receipt in receipts[1:]]
        value = {"recorded": True, "deal": name, "index": receipts[0].index, "statements": statements}
        beside = f", with {len(statements)} yes of the label" if statements else ""
        emit(value, text=lambda: typer.echo(f"{name} recorded as entry {receipts[0].index}{beside}"))


@app.command()
def contest(
    deal: DEAL,
    reason: Annotated[str, typer.Option("--reason", help="Why it is contested.")],
    by: Annotated[str, typer.Option("--by", help="Who contests it, when not the organisation itself.")] = "",
    source: Annotated[str, typer.Option("--source", help="Where that is to be seen.")] = "",
    dry_run: DRY = False,
) -> None:
    """Contest a deal: that it exists, what it covers, or that the label may make it. Shown wherever the deal is.

    Example: cantoria --as authors deal contest deal_01h2xcejqtf2nbrexx3vqjhp41 --reason "our works are not theirs"
    """
    with house() as opened:
        who = author(opened)
        party = find_party(opened, by) if by else who.party
        if dry_run:
            would(f"contest {deal} in the name of {party}")
            return
        receipt = deals.contest(opened, deal, by=party, reason=reason, evidence=source, author=who)
        value = {"recorded": True, "deal": deal, "index": receipt.index}
        emit(value, text=lambda: typer.echo(f"contest recorded as entry {receipt.index}"))


@app.command()
def end(
    deal: DEAL,
    by: Annotated[str, typer.Option("--by", help="Who ends it, when not the organisation itself.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why it ends.")] = "",
    at: Annotated[str, typer.Option("--at", help="From when on; now when empty.")] = "",
    dry_run: DRY = False,
) -> None:
    """End a deal, and with it the label's yes that was recorded beside it.

    Example: cantoria --as blue deal end deal_01h2xcejqtf2nbrexx3vqjhp41 --reason "ran out"
    """
    with house() as opened:
        who = author(opened)
        party = find_party(opened, by) if by else who.party
        ending = Ending(deal=deal, by=party, at=parse_moment(at) if at else None, reason=reason)
        if dry_run:
            facts = deals.ending_facts(opened, ending, author=who)
            would("record " + ", ".join(fact.TYPE.name for fact in facts))
            return
        receipts = deals.end(opened, ending, author=who)
        taken_back = [receipt.fact.subjects()[0] for receipt in receipts[1:]]
        value = {"recorded": True, "deal": deal, "index": receipts[0].index, "statements_ended": taken_back}
        beside = f", and {len(taken_back)} yes of the label with it" if taken_back else ""
        emit(value, text=lambda: typer.echo(f"ended as entry {receipts[0].index}{beside}"))


@app.command()
def show(deal: DEAL) -> None:
    """Show a deal with its source, its contests, and what it means.

    Example: cantoria deal show deal_01h2xcejqtf2nbrexx3vqjhp41
    """
    with house() as opened:
        found = deals.load(opened).of(deal)
        value = [deal_value(opened, one) for one in found]

        def text() -> None:
            for one, line in zip(value, deals.lines(opened, found), strict=True):
                lines(
                    [line, f"scopes: {', '.join(one['scopes'])}; in {one['territory']}", f"source: {one['evidence']}"]
                )

        emit(value, text=text)
    if not found:
        raise typer.Exit(1)


@app.command("list")
def list_all(
    touching: Annotated[str, typer.Option("--touching", help="Only those that touch this recording or row.")] = "",
) -> None:
    """List the deals, with whether they are in force and contested.

    Example: cantoria deal list --touching isrc:KRA381900123
    """
    with house() as opened:
        found = list(deals.touching(opened, [subject_of(touching)]) if touching else deals.load(opened).all())
        value = [deal_value(opened, one) for one in found]
        columns = ("deal", "label", "licensee", "uses", "state", "says so", "contests")
        rows = [
            (
                one["deal"],
                one["label"],
                one["licensee"],
                ", ".join(one["uses"]),
                one["state"],
                "the label" if one["own_word"] else one["asserted_by"],
                len(one["contests"]),
            )
            for one in value
        ]
        emit(value, text=lambda: table(f"{len(rows)} blanket deals", columns, rows, right=(6,)))


def deal_value(opened: WiredHouse, deal: Deal) -> dict[str, Any]:
    """Return everything about a deal as JSON."""
    fact = deal.fact
    return {
        "deal": fact.deal,
        "label": fact.label,
        "licensee": fact.licensee,
        "uses": sorted(use.value for use in fact.uses),
        "scopes": [deals.scope_words(scope) for scope in fact.scopes],
        "territory": fact.territory,
        "state": deal.state(opened.clock.now()).value,
        "ended_at": format_moment(deal.ended_at) if deal.ended_at is not None else "",
        "own_word": deal.own_word,
        "asserted_by": fact.asserted_by,
        "evidence": fact.evidence,
        "statements": list(fact.statements),
        "contests": [
            {
                "by": contest.recorded.fact.contested_by,
                "reason": contest.recorded.fact.reason,
                "evidence": contest.recorded.fact.evidence,
                "concerned": contest.concerned,
                "index": contest.recorded.index,
            }
            for contest in deal.contests
        ],
        "index": deal.recorded.index,
    }
