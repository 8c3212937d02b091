"""`cantoria model …`: AI models, their versions, and the runs they were trained in."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from cantoria.adapters.manifest_files import read_rows
from cantoria.app import training
from cantoria.cli.console import bars, emit, table, would
from cantoria.cli.importing import show_findings
from cantoria.cli.state import author, house
from cantoria.kernel.uses import Use

app = typer.Typer(no_args_is_help=True, help="AI models: register, add versions, start and end training runs.")


@app.command()
def register(
    name: Annotated[str, typer.Argument(help="What the model is called.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, but record nothing.")] = False,
) -> None:
    """Register a model; the developer is who records it.

    Example: cantoria --as sonara model register "Sonara Compose"
    """
    with house() as opened:
        developer = author(opened)
        if dry_run:
            would(f"register {name} of {developer.party}")
            return
        model = training.register_model(opened, name, author=developer)
        emit({"model": model, "developer": developer.party}, text=lambda: typer.echo(model))


@app.command()
def version(
    model: Annotated[str, typer.Argument(help="The model's id.")],
    label: Annotated[str, typer.Argument(help="The version's label, such as 1.0.")],
    base: Annotated[list[str], typer.Option("--base", help="A version that it was made from.")] = [],  # noqa: B006
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, but record nothing.")] = False,
) -> None:
    """Register a version of a model. What its bases were trained on, it carries too.

    Example: cantoria --as sonara model version model_01h2xcejqtf2nbrexx3vqjhp41 1.0
    """
    with house() as opened:
        developer = author(opened)
        if dry_run:
            would(f"register version {label} of {model}")
            return
        made = training.register_version(opened, model, label=label, author=developer, bases=base)
        emit({"version": made, "model": model}, text=lambda: typer.echo(made))


@app.command()
def train(
    version: Annotated[str, typer.Argument(help="The version that is trained.")],
    manifest: Annotated[Path, typer.Argument(help="The rows it is trained on.", exists=True, dir_okay=False)],
    certificate: Annotated[str, typer.Option(help="The certificate's id; empty: none.")] = "",
    use: Annotated[Use, typer.Option(metavar="<use>", help="The use: " + ", ".join(Use) + ".")] = Use.TRAIN_GENERATIVE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Compare and show, but record nothing.")] = False,
) -> None:
    """Record the start of a training run: its rows are compared with the certificate, rechecked as of now.

    Rows outside are recorded as unauthorised and flagged, never silently refused. Exit 1 when there are any.

    Example: cantoria --as sonara model train version_01h2… cleared.csv --certificate certificate_01h2…
    """
    with house() as opened:
        developer = author(opened)
        read = read_rows(manifest, namespace=developer.name.upper())
        show_findings(read.findings)
        report = training.start(
            opened,
            version=version,
            rows=read.rows,
            certificate=certificate or None,
            author=developer,
            use=use,
            dry_run=dry_run,
        )
        flags = Counter(row.reason.name.lower() for row in report.unauthorised)
        run = report.receipt.fact.subjects()[0] if report.receipt else "dry run"
        value = {"run": run, "rows": report.rows, "unauthorised": len(report.unauthorised), "reasons": dict(flags)}

        def text() -> None:
            typer.echo(f"{run}: {report.rows} rows, {len(report.unauthorised)} unauthorised")
            if flags:
                bars("Unauthorised rows", [(name, count, "red") for name, count in flags.most_common()])

        emit(value, text=text)
    if report.unauthorised:
        raise typer.Exit(1)


@app.command()
def finish(
    run: Annotated[str, typer.Argument(help="The run that ended.")],
    weights: Annotated[str, typer.Option("--weights", help="SHA-256 (hex) of the weights that came out.")] = "",
    aborted: Annotated[bool, typer.Option("--aborted", help="Nothing came out.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, but record nothing.")] = False,
) -> None:
    """Record the end of a training run.

    Example: cantoria --as sonara model finish run_01h2xcejqtf2nbrexx3vqjhp41 --weights 9f86d081…
    """
    with house() as opened:
        who = author(opened)
        receipt = training.end(opened, run, weights_sha256=weights, author=who, aborted=aborted, dry_run=dry_run)
        if receipt is None:
            would(f"end {run}")
            return
        emit({"run": run, "fact_id": receipt.fact_id}, text=lambda: table("Ended", ("run",), [(run,)]))
