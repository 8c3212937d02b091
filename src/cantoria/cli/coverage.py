"""`cantoria coverage …`: the map of use by territory, and whose yes would open most."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cantoria.adapters.files import write_file
from cantoria.app import coverage as coverages
from cantoria.app.coverage import Unlocked
from cantoria.clearance import Request, Status, law_column, law_value
from cantoria.clearance.coverage import Cell, Coverage
from cantoria.clearance.coverage_svg import heat_map
from cantoria.clearance.law_column import LAW_MEANS, STATUS_MEANS
from cantoria.clearance.unlock import Move
from cantoria.cli.asking import (
    AT,
    ATTRIBUTION,
    CAMPAIGN,
    CLASSES,
    ESTABLISHED_IN,
    LABEL,
    LICENSEE,
    MARKET,
    OFFER,
    PERSON,
    PROFILE,
    TERRITORIES,
    TRAIN_IN,
    TUNED,
    USE,
    VERSION,
    Places,
    Promises,
    Wish,
)
from cantoria.cli.console import emit, progress, table
from cantoria.cli.coverage_source import Looked, Source, looking
from cantoria.cli.importing import MAP
from cantoria.cli.snapshot_clearing import KEY, SNAPSHOT
from cantoria.consent import law_book
from cantoria.kernel.errors import InputError
from cantoria.kernel.uses import Use

app = typer.Typer(
    no_args_is_help=True, help="Coverage: what is cleared for which use where, and whose yes would open most."
)
MANIFEST = Annotated[
    Path | None,
    typer.Argument(help="CSV, JSON lines or Parquet; every registered recording when left out.", dir_okay=False),
]
CATALOGUE = Annotated[
    str, typer.Option("--catalogue", help="A registered catalogue, by id or code, in place of a file.")
]
USES = Annotated[
    list[Use], typer.Option("--use", metavar="<use>", help="A use to show; may be given again; all when left out.")
]
COLUMNS = Annotated[
    str, typer.Option("--in", help="The territories, a column each, such as 'KR ES US'; all with a law when empty.")
]


@app.command("map")
def show_map(
    manifest: MANIFEST = None,
    *,
    licensee: LICENSEE,
    catalogue: CATALOGUE = "",
    use: USES = [],  # noqa: B006
    territories: COLUMNS = "",
    svg: Annotated[Path | None, typer.Option("--svg", help="Draw the heat map to this new file.")] = None,
    offer: OFFER = "",
    at: AT = "",
    person: PERSON = [],  # noqa: B006
    model_version: VERSION = "",
    licensee_class: CLASSES = [],  # noqa: B006
    attribution: ATTRIBUTION = False,
    label: LABEL = False,
    tuned_on: TUNED = False,
    campaign: CAMPAIGN = "",
    profile: PROFILE = "base",
    columns: MAP = [],  # noqa: B006
    snapshot: SNAPSHOT = None,
    key: KEY = None,
) -> None:
    """Show for each use and territory how many rows are cleared, licensable, denied and unknown, by consent alone.

    Example: cantoria coverage map manifest.csv --licensee sonara --in 'KR ES US' --svg coverage.svg
    """
    named = territories.split() or [one.territory for one in law_book().documents if one.territory != "EU"]
    if any(name.startswith("-") for name in named):
        raise InputError("a column cannot take a territory away", "name each column by one code")
    places = Places(named[0], "", "", "")
    wish = Wish(Use.ANALYSE, licensee, places, at, offer, person, model_version, licensee_class)
    promises = Promises(attribution, label, tuned_on, False, campaign, profile)
    with looking(Source(manifest, catalogue, columns, snapshot, key), wish, promises) as looked:
        request = looked.ready.request
        uses = list(dict.fromkeys(use)) or list(coverages.uses_for(request))
        with progress(f"Clearing {len(uses) * len(named)} cells", total=len(uses) * len(named)) as step:
            found = coverages.coverage(looked.ready, title=looked.title, uses=uses, territories=named, step=step)
    if svg is not None:
        write_file(svg, heat_map(found).encode())
    _show_map(found, looked.unnamed, request)


@app.command()
def unlock(
    manifest: MANIFEST = None,
    *,
    use: USE,
    licensee: LICENSEE,
    catalogue: CATALOGUE = "",
    territories: TERRITORIES = "",
    train_in: TRAIN_IN = "",
    established_in: ESTABLISHED_IN = "",
    market: MARKET = "",
    yeses: Annotated[int, typer.Option("--yeses", help="How many further yeses to plan for at most.")] = 20,
    offer: OFFER = "",
    at: AT = "",
    person: PERSON = [],  # noqa: B006
    model_version: VERSION = "",
    licensee_class: CLASSES = [],  # noqa: B006
    attribution: ATTRIBUTION = False,
    label: LABEL = False,
    tuned_on: TUNED = False,
    campaign: CAMPAIGN = "",
    profile: PROFILE = "base",
    columns: MAP = [],  # noqa: B006
    snapshot: SNAPSHOT = None,
    key: KEY = None,
) -> None:
    """Show whom to ask first: the yeses that open most rows, with how many rows any choice could open at most.

    A row opens when all who are missing say yes. Rows that somebody refuses wait for nobody.

    Example: cantoria coverage unlock manifest.csv --use train_generative --licensee sonara --in KR --yeses 10
    """
    places = Places(territories, train_in, established_in, market)
    wish = Wish(use, licensee, places, at, offer, person, model_version, licensee_class)
    promises = Promises(attribution, label, tuned_on, False, campaign, profile)
    with looking(Source(manifest, catalogue, columns, snapshot, key), wish, promises) as looked:
        with progress("Planning whom to ask", total=yeses) as step:
            found = coverages.unlock(looked.ready, yeses=yeses, step=step)
        _show_plan(found, looked)


def _show_map(found: Coverage, unnamed: int, request: Request) -> None:
    value = {
        "title": found.title,
        "rows": found.rows,
        "unnamed": unnamed,
        "size": found.size,
        "status_means": STATUS_MEANS,
        "cells": [_cell_value(cell, request) for cell in found.cells],
        "law_means": LAW_MEANS,
        "law_book": law_book().digest,
    }

    def text() -> None:
        rows = [
            (use, *(_cell_words(found.cell(use, territory)) for territory in found.territories()))
            for use in found.uses()
        ]
        table(
            f"{found.title}: {found.rows:,} rows, percent cleared (licensable, denied, unknown)",
            ("use", *found.territories()),
            rows,
        )
        typer.echo(STATUS_MEANS)

    emit(value, text=text)


def _cell_words(cell: Cell) -> str:
    others = (Status.LICENSABLE, Status.DENIED, Status.UNKNOWN)
    return f"{cell.share(Status.CLEARED)} ({', '.join(str(cell.share(status)) for status in others)})"


def _cell_value(cell: Cell, request: Request) -> dict[str, Any]:
    asked = coverages.request_for(request, cell.use, cell.territory)
    return {
        "use": cell.use.value,
        "territory": cell.territory,
        "counts": {status.value: cell.counts.get(status, 0) for status in Status},
        "law": law_value(line for line in law_column(asked) if line.entry.basis or line.due),
    }


def _show_plan(found: Unlocked, looked: Looked) -> None:
    waiting, plan = found.waiting, found.plan
    moves = [_move_value(looked, move, waiting.voices) for move in plan.moves]
    value = {
        "title": looked.title,
        **coverages.unlocked_value(found),
        "moves": moves,
        "size": found.size,
    }

    def text() -> None:
        rows = [(", ".join(one["ask"]), one["yeses"], f"{one['opened']:,}", f"{one['at_most']:,}") for one in moves]
        table(
            f"{looked.title}: {waiting.cleared:,} of {found.rows:,} rows cleared; {plan.waiting:,} wait for yeses only",
            ("ask", "yeses", "rows opened", "at most"),
            rows,
            right=(1, 2, 3),
        )
        if plan.best is not None:
            typer.echo(f"the best that {plan.yeses} yeses can open: {plan.best:,} rows")
        for code, count in sorted(waiting.blocked.items()):
            typer.echo(f"  no yes helps: {count:,} rows, {code.name.lower()}")

    emit(value, text=text)


def _move_value(looked: Looked, move: Move, voices: Mapping[int, str]) -> dict[str, Any]:
    named = [voices[voice] for voice in move.voices]
    return {
        "ask": [looked.name(voice) for voice in named],
        "voices": named,
        "yeses": move.yeses,
        "opened": move.rows,
        "at_most": move.bound,
    }
