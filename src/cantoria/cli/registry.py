"""`cantoria registry …`: works and recordings, their codes, holders and conflicts."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cantoria.app import deals, rights
from cantoria.bootstrap.naming import code_key, find_thing
from cantoria.cli import registry_words
from cantoria.cli.case_words import case_value
from cantoria.cli.console import emit, lines, table
from cantoria.cli.deals import deal_value
from cantoria.cli.state import house
from cantoria.kernel.territories import resolve
from cantoria.registry import Registry
from cantoria.registry.types import Side

app = typer.Typer(no_args_is_help=True, help="Works and recordings: codes, holders, links with evidence, conflicts.")


@app.command()
def show(
    thing: Annotated[str, typer.Argument(help="A code such as isrc:KRA381900123, or an id.")],
    territory: Annotated[str, typer.Option(help="The country whose holders are shown.")] = "KR",
) -> None:
    """Show one work or recording: its codes with evidence, holders, completeness, and what it carries.

    Example: cantoria registry show isrc:KRA381900123
    """
    with house() as opened:
        subject = find_thing(opened, thing)
        size = opened.index.catch_up()
        registry = rights.load_around(opened.index, subjects=[subject], size=size).registry
        now = opened.clock.now()
        country = next(iter(resolve(territory, at=now)))
        closure = registry.closure(subject)
        sides = [_side(registry, one, country, now) for one in (*closure.recordings, *closure.works)]
        found = deals.touching(opened, [subject])
        links = _links(registry, subject)
        said = registry_words.beside(opened, registry, subject, size=size, at=now)
        value = {
            "subject": subject,
            "size": size,
            **registry_words.heading(registry, subject),
            **said,
            "links": links,
            "sides": sides,
            "deals": [deal_value(opened, one) for one in found],
        }

        def text() -> None:
            called = (str(value[name]) for name in ("title", "artist", "version") if value.get(name))
            lines([" · ".join(called), *registry_words.told(opened, said)])
            rows = [(one["left"], one["relation"], one["right"], one["state"], one["tier"]) for one in links]
            table(f"{subject}: links", ("left", "says", "right", "state", "evidence"), rows)
            for side in sides:
                title = f"{side['subject']} in {territory.upper()}: {side['state']}"
                held = [(opened.index.name_of(h["party"]), h["role"]) for h in side["holders"]]
                table(title, ("party", "role"), held)
            lines([f"beside: {line}" for line in deals.lines(opened, found)])

        emit(value, text=text)


@app.command()
def cases() -> None:
    """List the open conflicts: what, since when, whose turn it is, and until when.

    Example: cantoria registry cases
    """
    with house() as opened:
        size = opened.index.catch_up()
        found = opened.rights.load(size=size).registry.cases(opened.clock.now())
        value = [case_value(case) for case in found]
        rows = [
            (one["kind"], one["subject"], str(one["due_at"])[:10], one["next_actor"], "yes" if one["blocks"] else "no")
            for one in value
        ]
        columns = ("kind", "subject", "due", "next actor", "blocks")
        emit(value, text=lambda: table(f"{len(rows)} open cases", columns, rows))


@app.command()
def find(code: Annotated[str, typer.Argument(help="A code such as iswc:T0345246801.")]) -> None:
    """Show what a code names. Exit 1 when it names nothing.

    Example: cantoria registry find isrc:KRA381900123
    """
    with house() as opened:
        key = code_key(code)
        registry = rights.load_around(opened.index, subjects=[key], size=opened.engine.size).registry
        named = list(registry.named_by(key))
        emit({"code": key, "names": named}, text=lambda: typer.echo(f"{key}: {', '.join(named) or 'nothing'}"))
    if not named:
        raise typer.Exit(1)


def _links(registry: Registry, subject: str) -> list[dict[str, Any]]:
    return [
        {
            "left": link.left,
            "relation": link.relation.value,
            "right": link.right,
            "state": link.state.value,
            "tier": link.tier.name.lower(),
            "asserted_by": list(link.asserted_by),
        }
        for link in registry.links(subject)
    ]


def _side(registry: Registry, subject: str, country: str, at: int) -> dict[str, Any]:
    side = registry.side(subject, territory=country, at=at)
    state = "complete" if side.complete else ", ".join(problem.value for problem in side.problems)
    if side.public_domain:
        state = "public domain"
    return {
        "subject": subject,
        "side": "work" if side.side is Side.WORK else "recording",
        "state": state,
        "holders": [{"party": holding.party, "role": holding.role.value} for holding in side.holders],
    }
