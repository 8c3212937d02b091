"""`cantoria dataset …`: clear a dataset, explain a row, recheck a certificate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cantoria.adapters.manifest_files import read_rows
from cantoria.app import clearing, deals
from cantoria.app.clearing import Order
from cantoria.app.signals import beside_all, beside_answer, lines_of, look
from cantoria.bootstrap.house import WiredHouse
from cantoria.bootstrap.naming import code_key
from cantoria.clearance import Answer, Cleared, Request, Row, Status, explain_all, law_column, law_value
from cantoria.clearance.facts import Aftermath, Remedy
from cantoria.clearance.law_column import LAW_MEANS, STATUS_MEANS
from cantoria.cli.asking import (
    AT,
    ATTRIBUTION,
    CAMPAIGN,
    CLASSES,
    ESTABLISHED_IN,
    INPUT,
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
    request_of,
)
from cantoria.cli.cleared import show_cleared
from cantoria.cli.console import STATUS_MARK, emit, progress
from cantoria.cli.console import lines as print_lines
from cantoria.cli.deals import deal_value
from cantoria.cli.importing import FINDINGS, MAP, mapping_of, show_findings, write_findings
from cantoria.cli.law_words import law_lines
from cantoria.cli.rechecking import recheck_and_show
from cantoria.cli.signal import BESIDE, evidence_of
from cantoria.cli.snapshot_clearing import (
    ENGINE,
    KEY,
    SNAPSHOT,
    SPARK_URL,
    By,
    Certifying,
    EngineName,
    Job,
    Out,
    run_by_snapshot,
)
from cantoria.cli.state import author, house
from cantoria.consent import law_book
from cantoria.kernel.errors import InputError

app = typer.Typer(no_args_is_help=True, help="Datasets: clear one, explain a row, recheck a certificate.")


@app.command()
def clear(
    manifest: Annotated[Path, typer.Argument(help="CSV, JSON lines or Parquet.", exists=True, dir_okay=False)],
    use: USE,
    licensee: LICENSEE,
    territories: TERRITORIES = "",
    train_in: TRAIN_IN = "",
    established_in: ESTABLISHED_IN = "",
    market: MARKET = "",
    to: Annotated[Path, typer.Option("--to", help="The folder to write results and certificate to.")] = Path("out"),
    title: Annotated[str, typer.Option("--title", help="What the dataset is called.")] = "",
    offer: OFFER = "",
    at: AT = "",
    person: PERSON = [],  # noqa: B006
    model_version: VERSION = "",
    licensee_class: CLASSES = [],  # noqa: B006
    attribution: ATTRIBUTION = False,
    label: LABEL = False,
    tuned_on: TUNED = False,
    used_input: INPUT = False,
    campaign: CAMPAIGN = "",
    profile: PROFILE = "base",
    days: Annotated[int, typer.Option("--days", help="How many days the certificate is valid.")] = 90,
    aftermath: Annotated[
        str, typer.Option("--aftermath", help="What a later revocation does to models: keep, retire_by:30, …")
    ] = "keep",
    columns: MAP = [],  # noqa: B006
    findings: FINDINGS = None,
    form: Annotated[str, typer.Option("--format", help="Of the results: parquet, csv or jsonl.")] = "parquet",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Decide and show, but certify nothing.")] = False,
    snapshot: SNAPSHOT = None,
    key: KEY = None,
    engine: ENGINE = EngineName.DUCKDB,
    spark_url: SPARK_URL = "",
    beside: BESIDE = [],  # noqa: B006
) -> None:
    """Clear every row of a dataset and certify the answers. Only `cleared` rows may be used. Exit 1 when none is.

    The manifest has the columns of manifest.csv (docs/reference/csv.md): isrc, iswc, own … and a stated `licence`,
    shown as a signal; a no beside a row (docs/reference/signals.md) refuses that row. `--map` takes any other table.

    With --snapshot the rows are decided by a published snapshot, millions of them by the query engine alone; with
    --key besides no house is needed and nothing is certified.

    Example: cantoria --as authors dataset clear manifest.csv --use train_generative --licensee sonara --in 'KR ES US'
    """
    places = Places(territories, train_in, established_in, market)
    wish = Wish(use, licensee, places, at, offer, person, model_version, licensee_class)
    promises = Promises(attribution, label, tuned_on, used_input, campaign, profile)
    certifying = Certifying(title or manifest.stem, days, _aftermath(aftermath), dry_run)
    out = Out(to, "." + form, findings)
    job = Job(manifest, mapping_of(columns), wish, promises, certifying, out, look([*map(evidence_of, beside)]))
    if snapshot is not None:
        show_findings(job.beside.findings)
        run_by_snapshot(job, By(snapshot, key, engine, spark_url))
    elif key is not None or engine is not EngineName.DUCKDB:
        raise InputError("--key and --engine go with --snapshot", "name the folder of a snapshot")
    else:
        _clear(job)


def _clear(job: Job) -> None:
    """Clear by the rights of the house as they are now."""
    with house() as opened:
        who = author(opened)
        rows = read_rows(job.manifest, namespace=job.namespace(who.name), renamed=job.renamed)
        read = beside_all(rows, job.beside)
        show_findings(read.findings, option="--findings")
        if job.out.findings is not None:
            write_findings(job.out.findings, read.findings)
        order = Order(
            title=job.certifying.title,
            rows=read.rows,
            request=request_of(opened, job.wish, job.promises),
            signals=read.signals,
            valid_days=job.certifying.days,
            aftermath=job.certifying.aftermath,
        )
        with progress(f"Clearing {len(read.rows):,} rows"):
            done = clearing.clear(
                opened, order, author=who, folder=job.out.to, dry_run=job.certifying.dry_run, suffix=job.out.suffix
            )
    show_cleared(done, read)
    if not any(one.status is Status.CLEARED and one.rows for one in done.certificate.counts):
        raise typer.Exit(1)


@app.command()
def explain(
    codes: Annotated[list[str], typer.Argument(help="The row's codes, such as isrc:KRA381900123.")],
    use: USE,
    licensee: LICENSEE,
    territories: TERRITORIES = "",
    train_in: TRAIN_IN = "",
    established_in: ESTABLISHED_IN = "",
    market: MARKET = "",
    media: Annotated[str, typer.Option(help="recording, or work (lyrics, sheet music).")] = "recording",
    offer: OFFER = "",
    at: AT = "",
    person: PERSON = [],  # noqa: B006
    model_version: VERSION = "",
    licensee_class: CLASSES = [],  # noqa: B006
    attribution: ATTRIBUTION = False,
    label: LABEL = False,
    tuned_on: TUNED = False,
    used_input: INPUT = False,
    campaign: CAMPAIGN = "",
    profile: PROFILE = "base",
) -> None:
    """Answer for one row, with every reason and missing yes; beside it the law of each country and blanket deals.

    Exit 0 when cleared, 1 otherwise.

    Example: cantoria dataset explain isrc:KRA381900123 --use train_generative --licensee sonara --in 'KR ES'
    """
    if media not in ("recording", "work"):
        raise InputError(f"{media!r} is no media", "recording or work")
    with house() as opened:
        places = Places(territories, train_in, established_in, market)
        wish = Wish(use, licensee, places, at, offer, person, model_version, licensee_class)
        terms = Promises(attribution, label, tuned_on, used_input, campaign, profile)
        request = request_of(opened, wish, terms)
        row = Row(1, tuple(code_key(code) for code in codes), media)
        answer = clearing.answer_row(opened, row, request)
        found = deals.touching(opened, row.codes, media=media)
        names = _names(opened)
        lines = explain_all(answer, name=names)
        value = _answer_value(answer, lines, request)
        value["deals"] = [deal_value(opened, one) for one in found]
        value["signals"] = list(lines_of(beside_answer(opened, row, request)))

        def text() -> None:
            status = answer.status.value
            typer.echo(f"{STATUS_MARK[status]} {status}, as of ledger size {opened.engine.size} ({STATUS_MEANS})")
            for line in lines:
                typer.echo(f"  - {line}")
            if value["missing"]:
                typer.echo("missing: " + ", ".join(names(one) for one in value["missing"]))
            print_lines(law_lines(request))
            print_lines(f"  beside: {line}" for line in (*deals.lines(opened, found), *value["signals"]))

        emit(value, text=text)
    if not isinstance(answer, Cleared):
        raise typer.Exit(1)


@app.command()
def recheck(
    certificate: Annotated[str, typer.Argument(help="The certificate's id.")],
    snapshot: SNAPSHOT = None,
    recorded: Annotated[bool, typer.Option("--record", help="Record on the ledger that it was rechecked.")] = False,
) -> None:
    """Decide the rows of a certificate again as of now: which are lost, to which facts, and what was trained on them.

    With --snapshot by a published snapshot in place of the house's own rights. Exit 1 when rows were lost.

    Example: cantoria dataset recheck certificate_01h2xcejqtf2nbrexx3vqjhp41
    """
    recheck_and_show(certificate, snapshot=snapshot, recorded=recorded)


def _answer_value(answer: Answer, lines: tuple[str, ...], request: Request) -> dict[str, Any]:
    return {
        "status": answer.status.value,
        "status_means": STATUS_MEANS,
        "reasons": []
        if isinstance(answer, Cleared)
        else [_reason(one, text) for one, text in zip(answer.reasons, lines, strict=True)],
        "missing": [] if isinstance(answer, Cleared) else list(answer.missing),
        "because": list(answer.because) if isinstance(answer, Cleared) else [],
        "law": law_value(law_column(request)),
        "law_means": LAW_MEANS,
        "law_book": law_book().digest,
        "size": request.size,
    }


def _reason(reason: Any, text: str) -> dict[str, Any]:
    return {"code": reason.code.name.lower(), "party": reason.party, "subject": reason.subject, "text": text}


def _names(opened: WiredHouse) -> Any:
    def name(of: str) -> str:
        parts = of.split(" via ")
        return " via ".join(opened.index.name_of(part) for part in parts)

    return name


def _aftermath(text: str) -> Aftermath:
    remedy, _, days = text.partition(":")
    try:
        return Aftermath(Remedy(remedy), int(days or "0"))
    except ValueError as error:
        raise InputError(f"{text!r} is no aftermath", "keep, retire_by:DAYS or unlearn_by:DAYS") from error
