"""`cantoria royalty …`: from revenue to exact postings and statements."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cantoria.adapters.files import read_file, write_file
from cantoria.app import earning, issuing, payday
from cantoria.app.earning import Report, Revenue
from cantoria.bootstrap.naming import find_party, period_of
from cantoria.cli.balances import age, balances, pay
from cantoria.cli.console import emit, progress, say, table, would
from cantoria.cli.importing import MAP, mapping_of, show_findings
from cantoria.cli.state import author, house
from cantoria.formats.limits import CSV
from cantoria.formats.types import Severity
from cantoria.kernel.money import Currency, Money
from cantoria.royalty.types import Run

app = typer.Typer(no_args_is_help=True, help="Money: tariff, revenue, generations, plays, distribute, statement.")
DRY = Annotated[bool, typer.Option("--dry-run", help="Compute and show, but record nothing.")]
MODEL = Annotated[str, typer.Option("--model", help="The model's id, or a channel such as channel:radio.")]
LABEL = Annotated[str, typer.Option("--period", help="The period's label, such as 2026-10.")]
for command in (balances, age, pay):
    app.command()(command)


@app.command()
def tariff(
    document: Annotated[Path, typer.Argument(help="The tariff as JSON.", exists=True, dir_okay=False)],
    dry_run: DRY = False,
) -> None:
    """Publish a tariff: pools, legs, deductions and attribution terms, all as data (docs/reference/tariff.md).

    Example: cantoria --as authors royalty tariff tariff.json
    """
    with house() as opened:
        made = earning.publish_tariff(
            opened, read_file(document, bytes_max=CSV.file_bytes_max), author=author(opened), dry_run=dry_run
        )
        emit({"tariff": made.tariff, "recorded": not dry_run}, text=lambda: typer.echo(made.tariff))


@app.command()
def revenue(
    model: MODEL,
    tariff: Annotated[str, typer.Option("--tariff", help="The tariff's id.")],
    label: LABEL,
    amount: Annotated[str, typer.Option("--amount", help="Such as 'EUR 125000.00'.")],
    since: Annotated[str, typer.Option("--from", help="First day of the period.")],
    until: Annotated[str, typer.Option("--until", help="Day after its last.")],
    final: Annotated[bool, typer.Option("--final", help="Close the period.")] = False,
    dry_run: DRY = False,
) -> None:
    """Declare what a model or channel earned in a period; declaring again corrects it as a whole.

    Example: cantoria --as sonara royalty revenue --model model_01h2… --tariff tariff_01h2… --period 2026-10
    --amount 'EUR 125000.00' --from 2026-10-01 --until 2026-11-01
    """
    currency, _, figure = amount.partition(" ")
    declared = Revenue(
        model=model,
        tariff=tariff,
        label=label,
        period=period_of(since, until),
        amount=Money.parse(figure.strip(), Currency(currency)),
        final=final,
    )
    with house() as opened:
        if dry_run:
            earning.check_revenue(opened, declared, author=author(opened))
            would(f"declare {declared.amount.format()} {currency} of {model} for {label}")
            return
        receipt = earning.declare_revenue(opened, declared, author=author(opened))
        emit({"fact_id": receipt.fact_id}, text=lambda: typer.echo(receipt.fact_id))


@app.command()
def generations(
    file: Annotated[Path, typer.Argument(help="Generation events, JSON lines.", exists=True, dir_okay=False)],
    version: Annotated[str, typer.Option(help="The model version that generated.")],
    since: Annotated[str, typer.Option("--from", help="First day.")],
    until: Annotated[str, typer.Option("--until", help="Day after the last.")],
    dry_run: DRY = False,
) -> None:
    """Report a batch of generation events with their attribution evidence.

    Example: cantoria --as sonara royalty generations october.jsonl --version version_01h2… --from 2026-10-01
    --until 2026-11-01
    """
    with house() as opened:
        report = earning.report_generations(
            opened,
            read_file(file, bytes_max=CSV.file_bytes_max),
            version=version,
            period=period_of(since, until),
            author=author(opened),
            dry_run=dry_run,
        )
        _show_report(report, file)


@app.command()
def plays(
    file: Annotated[Path, typer.Argument(help="plays.csv, or JSON lines.", exists=True, dir_okay=False)],
    channel: Annotated[str, typer.Option(help="What was used, such as channel:radio.")],
    since: Annotated[str, typer.Option("--from", help="First day.")],
    until: Annotated[str, typer.Option("--until", help="Day after the last.")],
    columns: MAP = [],  # noqa: B006
    dry_run: DRY = False,
) -> None:
    """Report plays of recordings outside AI: radio, streams, shops. `--map` takes somebody else's table as it is.

    Example: cantoria --as authors royalty plays plays.csv --channel channel:radio --from 2026-10-01 --until 2026-11-01
    """
    with house() as opened:
        mapping, now = mapping_of(columns), opened.clock.now()
        data, findings = earning.plays_lines(
            read_file(file, bytes_max=CSV.file_bytes_max), name=file.name, now=now, columns=mapping
        )
        show_findings(findings)
        report = earning.report_usage(
            opened,
            data,
            channel=channel,
            period=period_of(since, until),
            author=author(opened),
            dry_run=dry_run,
        )
        _show_report(report, file, refused=sum(one.severity is Severity.ERROR for one in findings))


@app.command()
def distribute(
    model: MODEL,
    tariff: Annotated[str, typer.Option("--tariff", help="The tariff's id.")],
    label: LABEL,
    dry_run: DRY = False,
) -> None:
    """Share out what a model or channel owes for a period, to the last unit, and post the differences.

    Run it again and nothing changes; after a correction only the difference is posted.

    Example: cantoria --as authors royalty distribute --model model_01h2… --tariff tariff_01h2… --period 2026-10
    """
    request = payday.Request(model=model, tariff=tariff, label=label)
    with house() as opened:
        who = author(opened)
        with progress("Distributing") as step:
            done = payday.distribute(opened, request, author=who, dry_run=dry_run, watch=lambda _: step(0, None))
        value = {name: _controls(run) for name, run in done.runs.items()}
        emit(value, text=lambda: show_runs(done.runs))


@app.command()
def statement(
    party: Annotated[str, typer.Argument(help="A party id or code.")],
    label: LABEL,
    to: Annotated[Path, typer.Option("--to", help="The folder to write JSON, CSV and HTML to.")] = Path(),
    currency: Annotated[str, typer.Option(help="The currency.")] = "EUR",
    dry_run: DRY = False,
) -> None:
    """Issue a party's statement: each amount opens to its rule, input, shares and rounding.

    Example: cantoria --as authors royalty statement ipi_name:00014107338 --period 2026-10 --to statements/
    """
    with house() as opened:
        holder = find_party(opened, party)
        issued = issuing.issue(
            opened, party=holder, label=label, currency=currency, author=author(opened), dry_run=dry_run
        )
        to.mkdir(parents=True, exist_ok=True)
        files = {name: to / f"statement-{label}-{holder}{name}" for name in issued.files}
        for name, path in files.items():
            write_file(path, issued.files[name])
        value = {"party": holder, "amount": issued.amount, "files": [str(path) for path in files.values()]}
        emit(value, text=lambda: typer.echo(f"{issued.amount}: " + ", ".join(str(path) for path in files.values())))


def show_runs(runs: Mapping[str, Run]) -> None:
    """Draw the control sums of distribution runs: money in = holders + suspense + residue."""
    rows = []
    for name, run in runs.items():
        one = _controls(run)
        rows.append((name, one["in"], one["holders"], one["suspense"], one["residue"], f"{run.controls.postings:,}"))
    columns = ("pool", "in", "to holders", "waiting", "residue", "postings")
    table("Money in = money out", columns, rows, right=(1, 2, 3, 4, 5))


def _controls(run: Run) -> dict[str, Any]:
    def text(fine: int) -> str:
        return Money(fine, Currency(run.currency)).format()

    controls = run.controls
    return {
        "currency": run.currency,
        "in": text(controls.total_in),
        "holders": text(controls.holders),
        "suspense": text(controls.suspense),
        "residue": text(controls.residue),
        "postings": controls.postings,
    }


def _show_report(report: Report, file: Path, *, refused: int = 0) -> None:
    value = {
        "lines": report.lines,
        "refused": refused + len(report.rejected),
        "rejected": [{"line": one.line, "reason": one.reason} for one in report.rejected],
        "recorded": report.receipt is not None,
    }
    known = "" if report.receipt else " (nothing recorded: known before, or dry run)"

    def text() -> None:
        typer.echo(f"{file.name}: {report.lines} lines, {value['refused']} unreadable{known}")
        for one in report.rejected[:10]:
            say(f"{file.name}:{one.line}: {one.reason}")

    emit(value, text=text)
