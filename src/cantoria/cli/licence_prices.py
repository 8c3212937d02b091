"""`cantoria licence price-list …` and `terms …`: standing prices, and the documents of terms."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cantoria.app import price_lists, terms_known
from cantoria.app.price_lists import Line, Listed, Sheet
from cantoria.bootstrap.house import WiredHouse
from cantoria.bootstrap.naming import find_party, period_of, scope_of, uses_of
from cantoria.cli.consent import licensee_of
from cantoria.cli.console import emit, lines, table, would
from cantoria.cli.licence_words import aftermath_of, money_of, money_word
from cantoria.cli.state import author, house
from cantoria.kernel.ids import DelegationId, PartyId
from cantoria.kernel.periods import format_moment
from cantoria.kernel.uses import Use
from cantoria.licensing.terms import ModelRule, Terms

prices = typer.Typer(no_args_is_help=True, help="Publish prices, so that who offers them is cleared at once.")
terms = typer.Typer(no_args_is_help=True, help="The documents of terms that licences are made under.")
DRY = Annotated[bool, typer.Option("--dry-run", help="Show what would be recorded.")]


@prices.command()
def publish(
    party: Annotated[str, typer.Option("--for", help="Whose prices: a party id or code.")],
    uses: Annotated[list[str], typer.Option("--use", help=f"A use ({', '.join(Use)}); may be given again.")],
    price: Annotated[str, typer.Option("--price", help="The least price per thing, such as 'EUR 0.05'.")],
    document: Annotated[str, typer.Option("--terms", help="Under these terms.")],
    scope: Annotated[list[str], typer.Option("--scope", help="present, a recording, work, release, catalogue.")] = [],  # noqa: B006
    licensee: Annotated[str, typer.Option(help="A party id, class:NAME, or empty for anyone.")] = "",
    territory: Annotated[str, typer.Option(help="Such as KR, 'ES FR' or '2136 -0840'.")] = "2136",
    since: Annotated[str, typer.Option("--from", help="First day.")] = "",
    until: Annotated[str, typer.Option("--until", help="Day after the last.")] = "",
    speaker: Annotated[str, typer.Option("--by", help="Who publishes it, when not the party itself.")] = "",
    delegation: Annotated[str, typer.Option(help="The delegation under which it is published.")] = "",
    replaces: Annotated[str, typer.Option("--replaces", help="The list that it takes the place of.")] = "",
    dry_run: DRY = False,
) -> None:
    """Publish a price: a signed yes to whoever offers at least as much, under terms, for a use, in a place and time.

    Example: cantoria --as authors licence price-list publish --for own:AUTHORS:ADA --use train_generative
    --price 'EUR 0.03' --terms one-version
    """
    with house() as opened:
        who = author(opened)
        whose = PartyId(find_party(opened, party))
        priced = tuple(
            Line(
                uses=uses_of(uses, family_allowed=False),
                price=money_of(price),
                scope=scope_of(opened, one),
                licensee=licensee_of(opened, licensee),
                territory=territory,
                period=period_of(since, until),
            )
            for one in scope or ["present"]
        )
        sheet = Sheet(
            holder=whose,
            terms=terms_known.named(opened, document),
            lines=priced,
            speaker=PartyId(find_party(opened, speaker)) if speaker else None,
            delegation=DelegationId(delegation) if delegation else None,
            name=replaces,
        )
        if dry_run:
            facts = price_lists.sheet_facts(opened, sheet, author=who)
            would("record " + ", ".join(fact.TYPE.name for fact in facts))
            return
        receipts = price_lists.publish(opened, sheet, author=who)
        name = receipts[0].fact.subjects()[0]
        value = {"price_list": name, "lines": len(priced), "index": receipts[0].index}
        emit(value, text=lambda: typer.echo(f"{name} published as entry {value['index']}, prices: {len(priced)}"))


@prices.command("show")
def show_prices(
    party: Annotated[str, typer.Option("--for", help="Only those of this party.")] = "",
) -> None:
    """List published prices; a price without effect says why.

    Example: cantoria licence price-list show --for own:AUTHORS:ADA
    """
    with house() as opened:
        found = price_lists.listed(opened, holder=find_party(opened, party) if party else "")
        value = [_price_value(opened, one) for one in found]
        columns = ("list", "holder", "price", "uses", "scope", "territory", "until", "effect")
        rows = [
            (
                one["price_list"],
                one["holder_name"],
                one["price"],
                ", ".join(one["uses"]),
                one["scope"],
                one["territory"],
                one["until"],
                one["effect"],
            )
            for one in value
        ]
        emit(value, text=lambda: table("Published prices", columns, rows, right=(2,)))


def _price_value(opened: WiredHouse, one: Listed) -> dict[str, Any]:
    line = one.line
    return {
        "price_list": one.said.fact.price_list,
        "holder": one.said.fact.holder,
        "holder_name": opened.index.name_of(one.said.fact.holder),
        "statement": line.statement,
        "price": money_word(line.price),
        "uses": sorted(use.value for use in line.uses),
        "scope": f"{line.scope.kind.name.lower()} {line.scope.id}".strip(),
        "licensee": f"{line.licensee.kind.name.lower()} {line.licensee.id}".strip(),
        "territory": line.territory,
        "terms": one.said.fact.terms,
        "until": "" if one.ended is None else format_moment(one.ended),
        "effect": one.without_effect or "in force",
    }


@prices.command("end")
def end_prices(
    name: Annotated[str, typer.Argument(help="The list's id.")],
    dry_run: DRY = False,
) -> None:
    """End a list: from now on it settles nothing. What it settled stays.

    Example: cantoria --as authors licence price-list end price_list_01h2xcejqtf2nbrexx3vqjhp41
    """
    with house() as opened:
        who = author(opened)
        if dry_run:
            would(f"end {name}")
            return
        receipts = price_lists.end(opened, name, author=who)
        emit({"ended": len(receipts)}, text=lambda: typer.echo(f"{name} ended, prices: {len(receipts)}"))


@terms.command("list")
def list_terms() -> None:
    """List the documents of terms known here: the standard ones, and what organisations published.

    Example: cantoria licence terms list
    """
    with house() as opened:
        value = [_terms_value(one) for one in terms_known.known(opened)]
        columns = ("terms", "model rule", "aftermath", "attribution", "label", "digest", "title")
        rows = [
            (
                f"{one['name']}@{one['version']}",
                one["model_rule"],
                one["aftermath"],
                one["attribution"],
                one["label"],
                one["digest"][:12],
                one["title"],
            )
            for one in value
        ]
        emit(value, text=lambda: table("Terms", columns, rows))


@terms.command("show")
def show_terms(name: Annotated[str, typer.Argument(help="Its name, name@version or digest.")]) -> None:
    """Print a document of terms.

    Example: cantoria licence terms show one-version
    """
    with house() as opened:
        found = terms_known.named(opened, name)
        value = {**_terms_value(found), "text": found.text}

        def text() -> None:
            lines([found.title, f"{found.name}@{found.version}, SHA-256 {found.digest}", ""])
            lines(found.text.splitlines())

        emit(value, text=text)


@terms.command("publish")
def publish_terms(
    file: Annotated[Path, typer.Argument(help="The text, UTF-8.", exists=True, dir_okay=False)],
    name: Annotated[str, typer.Option("--name", help="What the document is called.")],
    version: Annotated[str, typer.Option("--version", help="Which version of it this is.")],
    title: Annotated[str, typer.Option("--title", help="One line that says what it comes to.")],
    rule: Annotated[ModelRule, typer.Option("--models", help="For one model version, or every model.")],
    aftermath: Annotated[str, typer.Option("--aftermath", help="keep, retire_by:DAYS or unlearn_by:DAYS.")] = "keep",
    attribution: Annotated[bool, typer.Option("--attribution", help="The licensee names its sources.")] = False,
    label: Annotated[bool, typer.Option("--label", help="The licensee labels its output as made by AI.")] = False,
    dry_run: DRY = False,
) -> None:
    """Publish a document of terms of your own. It never changes: another text is another version.

    Example: cantoria --as authors licence terms publish terms.txt --name authors --version 1 --title "Our terms"
    --models this_version
    """
    with house() as opened:
        who = author(opened)
        made = Terms(
            name=name,
            version=version,
            title=title,
            model_rule=rule,
            aftermath=aftermath_of(aftermath),
            attribution=attribution,
            label=label,
            text=file.read_text("utf-8"),
        )
        if dry_run:
            would(f"publish {name}@{version} with the digest {made.digest}")
            return
        receipt = terms_known.publish(opened, made, author=who)
        value = {"terms": f"{name}@{version}", "digest": made.digest, "index": receipt.index}
        emit(value, text=lambda: typer.echo(f"{name}@{version} published, digest {made.digest}"))


def _terms_value(one: Terms) -> dict[str, Any]:
    days = f":{one.aftermath.days}" if one.aftermath.days else ""
    return {
        "name": one.name,
        "version": one.version,
        "title": one.title,
        "digest": one.digest,
        "model_rule": one.model_rule.value,
        "aftermath": f"{one.aftermath.remedy.value}{days}",
        "attribution": one.attribution,
        "label": one.label,
    }
