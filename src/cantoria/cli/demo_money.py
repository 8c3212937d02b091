"""The money of the demonstration: revenue, generations and plays in; postings, corrections and a statement out."""

from __future__ import annotations

from rich.markup import escape

from cantoria.app import issuing, payday, waiting
from cantoria.app.earning import Revenue
from cantoria.app.payday import Payday
from cantoria.cli.balances import show_balances
from cantoria.cli.console import page, progress, table
from cantoria.cli.demo_stage import CORRECTED, LABEL, PAID, PERIOD, Stage, must
from cantoria.cli.royalty import show_runs
from cantoria.kernel.periods import parse_moment
from cantoria.royalty import journal


def pay(stage: Stage) -> None:
    """Declare revenue, report generations and plays, share everything out, correct it late, and check the sums."""
    stage.heading("Its revenue is shared out to the last unit")
    stage.clock.set(parse_moment(PAID))
    tariffs = stage.builder.tariffs()
    declared = stage.builder.revenue("revenue", models=stage.models, tariffs=tariffs)
    for delivery in stage.world.of_kind("generations"):
        report = stage.builder.generations(delivery, versions=stage.versions, period=PERIOD)
        page.print(f"{delivery.name}: {report.lines:,} generations, {len(report.rejected)} unreadable lines")
    channel = next(one.model for one in declared if one.model.startswith("channel:"))
    for delivery in stage.world.of_kind("plays"):
        report = stage.builder.plays(delivery, channel=channel, period=PERIOD)
        page.print(f"{delivery.name}: {report.lines:,} lines of plays")
    for revenue in declared:
        done = _distribute(stage, revenue)
        page.print(f"\n{_name(stage, revenue.model)} earned {revenue.amount.currency} {revenue.amount.format()}")
        show_runs(done.runs)
    again = _distribute(stage, declared[0])
    must(all(not run.postings for run in again.runs.values()), "the same distribution twice posted something")
    page.print("run again: nothing to post")
    stage.clock.set(parse_moment(CORRECTED))
    late = stage.builder.revenue("correction", models=stage.models, tariffs=tariffs)[0]
    corrected = _distribute(stage, late)
    afresh = payday.compute(stage.house, _request(late), size=stage.house.index.catch_up(), afresh=True)
    same = all(
        journal.totals_digest(run) == journal.totals_digest(afresh.runs[name]) for name, run in corrected.runs.items()
    )
    must(same, "old postings plus differences are not the full rerun")
    page.print("a late correction posted its difference; old plus difference equals a full rerun:")
    show_runs(corrected.runs)


def statement(stage: Stage) -> None:
    """Issue the story artist's statement; it is recomputed and compared before it is recorded."""
    stage.heading("The artist's statement opens every amount down to its rule")
    story = stage.world.story
    artist = stage.builder.party(story.artist)
    society = stage.builder.authors["org-haneulsori"]
    issued = issuing.issue(stage.house, party=artist, label=LABEL, currency="KRW", author=society)
    folder = stage.home / "out" / "statements"
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, data in issued.files.items():
        (folder / f"{story.artist}{suffix}").write_bytes(data)
    lines = issued.statement["lines"]
    page.print(f"{escape(story.artist_name)} ({escape(story.artist_name_hangul)}): {issued.amount}")
    rows = [(line["title"], line["pool"].rpartition("/")[2], line["leg"], line["amount"]) for line in lines[:8]]
    table(f"{len(lines)} lines, the first of them", ("recording", "pool", "leg", "amount"), rows, right=(3,))
    show_balances(waiting.named(stage.house, currency="KRW"), currency="KRW")


def _distribute(stage: Stage, revenue: Revenue) -> Payday:
    author = stage.builder.authors["org-haneulsori"]
    with progress(f"Distributing {revenue.model}"):
        return payday.distribute(stage.house, _request(revenue), author=author)


def _name(stage: Stage, model: str) -> str:
    return next((name for name, one in stage.models.items() if one == model), model)


def _request(revenue: Revenue) -> payday.Request:
    return payday.Request(model=revenue.model, tariff=revenue.tariff, label=revenue.label)
