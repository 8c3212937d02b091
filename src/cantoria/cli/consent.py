"""`cantoria consent …`: decide what AI may do."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Final

import typer

from cantoria.app import rights, saying
from cantoria.app.codec import encode_fact
from cantoria.app.exposing import touched
from cantoria.app.saying import Saying
from cantoria.bootstrap.house import WiredHouse
from cantoria.bootstrap.naming import find_party, period_of, scope_of, uses_of
from cantoria.cli.console import emit, table, would
from cantoria.cli.state import author, house
from cantoria.consent.facts import StatementMade
from cantoria.consent.types import Conditions, LicenseeKind, LicenseeTerm, Verdict
from cantoria.kernel.ids import DelegationId, PartyId
from cantoria.kernel.money import Money
from cantoria.kernel.periods import format_moment, parse_moment
from cantoria.kernel.uses import FAMILIES, Use

app = typer.Typer(no_args_is_help=True, help="Decide what AI may do: say stop, no, ask or yes; withdraw; show.")


USES: Final = f"A use ({', '.join(Use)}); a refusal may name a family ({', '.join(FAMILIES)}). May be given again."


@app.command("say")
def say_it(
    verdict: Annotated[Verdict, typer.Argument(help="stop, no, ask or yes.")],
    party: Annotated[str, typer.Option("--party", help="Whose say it is: a party id or code, such as ipi_name:….")],
    uses: Annotated[list[str], typer.Option("--use", help=USES)],
    scope: Annotated[
        str,
        typer.Option(help="present, future, persona, or the id or code of a recording, work, release or catalogue."),
    ] = "present",
    speaker: Annotated[str, typer.Option(help="Who says it, when not the party itself.")] = "",
    delegation: Annotated[str, typer.Option(help="The delegation under which it is said.")] = "",
    licensee: Annotated[str, typer.Option(help="A party id, class:NAME, or empty for anyone.")] = "",
    territory: Annotated[str, typer.Option(help="Such as KR, 'ES FR' or '2136 -0840'.")] = "2136",
    since: Annotated[str, typer.Option("--from", help="First day.")] = "",
    until: Annotated[str, typer.Option("--until", help="Day after the last.")] = "",
    min_price: Annotated[str, typer.Option(help="The least price per row, such as 'EUR 0.05'.")] = "",
    attribution: Annotated[bool, typer.Option("--attribution", help="Only with attribution.")] = False,
    label: Annotated[bool, typer.Option("--label", help="Only when the output is labelled as AI.")] = False,
    model_version: Annotated[str, typer.Option(help="Only for this model version.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be recorded.")] = False,
) -> None:
    """Say stop, no, ask or yes for a party. A yes names its uses one by one and needs the speaker's signature.

    Example: cantoria consent say yes --party ipi_name:00014107338 --use train_generative --scope isrc:KRA381900123
    """
    with house() as opened:
        principal = find_party(opened, party)
        said = Saying(
            party=principal,
            verdict=verdict,
            uses=uses_of(uses, family_allowed=verdict is not Verdict.YES),
            scope=scope_of(opened, scope),
            speaker=PartyId(find_party(opened, speaker)) if speaker else None,
            licensee=licensee_of(opened, licensee),
            territory=territory,
            period=period_of(since, until),
            conditions=Conditions(
                model_version=model_version or None,
                min_price=_price(min_price),
                attribution=attribution,
                label=label,
            ),
            delegation=DelegationId(delegation) if delegation else None,
        )
        if dry_run:
            # Without its signature: a signed statement is worth something to whoever holds it.
            fact = replace(saying.statement_of(opened, said), signature=None)
            value: dict[str, Any] = {"recorded": False, "fact": encode_fact(fact)}
            emit(value, text=lambda: typer.echo(f"would record {value['fact']}"))
            return
        receipt = saying.say(opened, said, author=author(opened))
        statement = receipt.fact.subjects()[0]
        value = {"recorded": True, "statement": statement, "fact_id": receipt.fact_id, "index": receipt.index}
        emit(value, text=lambda: typer.echo(f"{statement} recorded as entry {receipt.index}, fact {receipt.fact_id}"))


@app.command()
def withdraw(
    statement: Annotated[str, typer.Argument(help="The statement to end.")],
    at: Annotated[str, typer.Option(help="From when on; now when empty.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be touched.")] = False,
) -> None:
    """End a statement, as easily as it was given, and show which certificates, runs and models it touches.

    Example: cantoria consent withdraw statement_01h2xcejqtf2nbrexx3vqjhp41
    """
    with house() as opened:
        moment = parse_moment(at) if at else opened.clock.now()
        made = saying.find_statement(opened, statement)
        if dry_run:
            would(f"end {made.fact.verdict.value} of {made.fact.party} from {format_moment(moment)}")
            return
        receipt = saying.withdraw(opened, statement, author=author(opened), at=moment)
        found = touched(opened, statement, at=moment)
        value = {
            "fact_id": receipt.fact_id,
            "index": receipt.index,
            "certificates": [one.certificate for one in found.certificates],
            "runs": [one.run for one in found.runs],
            "versions": [one.version for one in found.versions],
        }

        def text() -> None:
            typer.echo(f"ended {statement} as entry {receipt.index}")
            rows: list[tuple[object, ...]] = [
                (one.certificate, one.rows, "no longer clear") for one in found.certificates
            ]
            rows += [(one.run, "", "trained under it") for one in found.runs]
            rows += [(one.version, "", one.remedy.value) for one in found.versions]
            table("What it touches", ("what", "rows", "effect"), rows, right=(1,))

        emit(value, text=text)


@app.command()
def show(party: Annotated[str, typer.Argument(help="A party id or code.")]) -> None:
    """List everything a party, or somebody for it, has said; statements without effect say why.

    Example: cantoria consent show ipi_name:00014107338
    """
    with house() as opened:
        size = opened.index.catch_up()
        principal = find_party(opened, party)
        standings = rights.load_around(opened.index, subjects=[principal], size=size).standings
        without = {one.statement: one.reason for one in standings.without_effect}
        ended = {one.statement: one.period.end for one in standings.effective}
        facts = opened.index.about([principal], tags=[StatementMade.TYPE.tag], size=size)
        value = [
            {
                "statement": fact.fact.statement,
                "verdict": fact.fact.verdict.value,
                "uses": sorted(use.value for use in fact.fact.uses),
                "scope": f"{fact.fact.scope.kind.name.lower()} {fact.fact.scope.id}".strip(),
                "speaker": fact.fact.speaker,
                "until": format_moment(end) if (end := ended.get(fact.fact.statement)) is not None else "",
                "effect": without.get(fact.fact.statement, "in force"),
                "index": fact.index,
            }
            for fact in facts
            if fact.fact.party == principal
        ]
        columns = ("statement", "verdict", "uses", "scope", "until", "effect")
        lines = [
            (one["statement"], one["verdict"], ", ".join(one["uses"]), one["scope"], one["until"], one["effect"])
            for one in value
        ]
        emit(value, text=lambda: table(f"Said for {principal}", columns, lines))


def licensee_of(opened: WiredHouse, text: str) -> LicenseeTerm:
    """Return the licensee called `text`: a party, `class:NAME`, or anyone where it is empty."""
    if not text:
        return LicenseeTerm()
    if text.startswith("class:"):
        return LicenseeTerm(LicenseeKind.CLASS, text.removeprefix("class:"))
    return LicenseeTerm(LicenseeKind.NAMED, find_party(opened, text))


def _price(text: str) -> Money | None:
    if not text:
        return None
    currency, _, amount = text.partition(" ")
    return Money.parse(amount.strip(), currency)
