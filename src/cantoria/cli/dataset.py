"""`cantoria dataset …`: clear a dataset, explain a row, recheck a certificate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from cantoria.adapters.manifest_files import read_rows
from cantoria.app import clearing, deals, lineage_views
from cantoria.app.clearing import Order
from cantoria.bootstrap.house import WiredHouse
from cantoria.clearance import Answer, Cleared, Request, Row, Status, explain_all, law
from cantoria.clearance.facts import Aftermath, Remedy
from cantoria.cli.cleared import show_cleared
from cantoria.cli.console import STATUS_MARK, emit, progress, table
from cantoria.cli.console import lines as print_lines
from cantoria.cli.deals import deal_value
from cantoria.cli.importing import FINDINGS, MAP, mapping_of, show_findings, write_findings
from cantoria.cli.state import author, house
from cantoria.cli.words import code_key, find_party
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import CertificateId
from cantoria.kernel.money import Currency, Money
from cantoria.kernel.periods import parse_moment
from cantoria.kernel.uses import Use

app = typer.Typer(no_args_is_help=True, help="Datasets: clear one, explain a row, recheck a certificate.")
USE = Annotated[
    Use, typer.Option("--use", metavar="<use>", help="What the AI developer wants to do: " + ", ".join(Use) + ".")
]
LICENSEE = Annotated[str, typer.Option("--licensee", help="Who wants it: a party id, code or organisation.")]
TERRITORIES = Annotated[
    str, typer.Option("--in", help="Place of training, establishment and markets together, such as 'KR ES US'.")
]
OFFER = Annotated[str, typer.Option("--offer", help="The price offered per row, such as 'EUR 0.05'.")]
AT = Annotated[str, typer.Option("--at", help="The moment to decide for; now when empty.")]
PERSON = Annotated[list[str], typer.Option("--person", help="A person named or replicated; may be given again.")]
VERSION = Annotated[str, typer.Option("--model-version", help="The model version it is for.")]
CLASSES = Annotated[list[str], typer.Option("--class", help="A class the licensee belongs to, such as research.")]
ATTRIBUTION = Annotated[bool, typer.Option("--attribution", help="The developer will attribute.")]
LABEL = Annotated[bool, typer.Option("--label", help="The developer will label the output as AI.")]
TUNED = Annotated[bool, typer.Option("--tuned-on", help="Style, voice or likeness is tuned on the rows.")]
INPUT = Annotated[bool, typer.Option("--used-input", help="The output was made with the rows as input.")]
CAMPAIGN = Annotated[str, typer.Option("--campaign", help="The campaign, for advertising.")]
PROFILE = Annotated[
    str,
    typer.Option(
        "--profile", help="The legal profile to start from: base, or that of a country; the strictest counts."
    ),
]


@app.command()
def clear(
    manifest: Annotated[Path, typer.Argument(help="CSV, JSON lines or Parquet.", exists=True, dir_okay=False)],
    use: USE,
    licensee: LICENSEE,
    territories: TERRITORIES,
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
) -> None:
    """Clear every row of a dataset and certify the answers. Only `cleared` rows may be used. Exit 1 when none is.

    The manifest has the columns of manifest.csv (docs/reference/csv.md): isrc, iswc, own … and a stated `licence`,
    which is shown as a signal and changes no answer. `--map` takes any other table as it is.

    Example: cantoria --as authors dataset clear manifest.csv --use train_generative --licensee sonara --in 'KR ES US'
    """
    with house() as opened:
        who = author(opened)
        namespace = licensee.upper() if licensee.isalnum() else who.name.upper()
        read = read_rows(manifest, namespace=namespace, renamed=mapping_of(columns))
        show_findings(read.findings, option="--findings")
        if findings is not None:
            write_findings(findings, read.findings)
        wish = _Wish(use, licensee, territories, at, offer, person, model_version, licensee_class)
        terms = _Terms(attribution, label, tuned_on, used_input, campaign, profile)
        request = _request(opened, wish, terms)
        order = Order(
            title=title or manifest.stem,
            rows=read.rows,
            request=request,
            signals=read.signals,
            valid_days=days,
            aftermath=_aftermath(aftermath),
        )
        with progress(f"Clearing {len(read.rows):,} rows"):
            done = clearing.clear(opened, order, author=who, folder=to, dry_run=dry_run, suffix="." + form)
    show_cleared(done, read)
    if not any(one.status is Status.CLEARED and one.rows for one in done.certificate.counts):
        raise typer.Exit(1)


@app.command()
def explain(
    codes: Annotated[list[str], typer.Argument(help="The row's codes, such as isrc:KRA381900123.")],
    use: USE,
    licensee: LICENSEE,
    territories: TERRITORIES,
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
        wish = _Wish(use, licensee, territories, at, offer, person, model_version, licensee_class)
        terms = _Terms(attribution, label, tuned_on, used_input, campaign, profile)
        request = _request(opened, wish, terms)
        row = Row(1, tuple(code_key(code) for code in codes), media)
        answer = clearing.answer_row(opened, row, request)
        found = deals.touching(opened, row.codes, media=media)
        names = _names(opened)
        lines = explain_all(answer, name=names)
        value = _answer_value(answer, lines, request)
        value["deals"] = [deal_value(opened, one) for one in found]

        def text() -> None:
            status = answer.status.value
            typer.echo(f"{STATUS_MARK[status]} {status}, as of ledger size {opened.engine.size}")
            for line in lines:
                typer.echo(f"  - {line}")
            if value["missing"]:
                typer.echo("missing: " + ", ".join(names(one) for one in value["missing"]))
            for country, entry in value["law"].items():
                typer.echo(f"  law of {country}: {entry['kind']} {entry['basis']}".rstrip())
            print_lines(f"  beside: {line}" for line in deals.lines(opened, found))

        emit(value, text=text)
    if not isinstance(answer, Cleared):
        raise typer.Exit(1)


@app.command()
def recheck(
    certificate: Annotated[str, typer.Argument(help="The certificate's id.")],
) -> None:
    """Decide the rows of a certificate again as of now and show what changed. Exit 1 when rows were lost.

    Example: cantoria dataset recheck certificate_01h2xcejqtf2nbrexx3vqjhp41
    """
    with house() as opened:
        history = lineage_views.load(opened, size=opened.index.catch_up())
        issued = history.certificate(CertificateId(certificate))
        with progress("Rechecking"):
            found = clearing.recheck_certificate(opened, issued)
        value = {
            "certificate": certificate,
            "changes": len(found.changes),
            "lost": [{"line": one.line, "status": one.status.value} for one in found.lost],
        }

        def text() -> None:
            rows = [(c.line, c.before.value, c.after.status.value) for c in found.changes[:50]]
            title = f"{len(found.changes)} rows changed, {len(found.lost)} no longer cleared"
            table(title, ("line", "before", "now"), rows, right=(0,))

        emit(value, text=text)
    if found.lost:
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class _Wish:
    use: Use
    licensee: str
    territories: str
    at: str
    offer: str
    persons: list[str]
    model_version: str
    classes: list[str]


@dataclass(frozen=True, slots=True)
class _Terms:
    attribution: bool
    label: bool
    tuned_on: bool
    used_input: bool
    campaign: str
    profile: str


def _request(opened: WiredHouse, wish: _Wish, terms: _Terms) -> Request:
    return Request(
        use=wish.use,
        licensee=find_party(opened, wish.licensee),
        territories=wish.territories,
        at=parse_moment(wish.at) if wish.at else opened.clock.now(),
        size=opened.engine.size,
        licensee_classes=frozenset(wish.classes),
        profile=terms.profile,
        model_version=wish.model_version or None,
        offer=_money(wish.offer),
        attribution=terms.attribution,
        label=terms.label,
        campaign=terms.campaign or None,
        persons=tuple(sorted(find_party(opened, one) for one in wish.persons)),
        tuned_on=terms.tuned_on,
        used_input=terms.used_input,
    )


def _answer_value(answer: Answer, lines: tuple[str, ...], request: Request) -> dict[str, Any]:
    return {
        "status": answer.status.value,
        "reasons": []
        if isinstance(answer, Cleared)
        else [_reason(one, text) for one, text in zip(answer.reasons, lines, strict=True)],
        "missing": [] if isinstance(answer, Cleared) else list(answer.missing),
        "because": list(answer.because) if isinstance(answer, Cleared) else [],
        "law": {country: {"kind": entry.kind.value, "basis": entry.basis} for country, entry in law(request).items()},
        "size": request.size,
    }


def _reason(reason: Any, text: str) -> dict[str, Any]:
    return {"code": reason.code.name.lower(), "party": reason.party, "subject": reason.subject, "text": text}


def _names(opened: WiredHouse) -> Any:
    def name(of: str) -> str:
        parts = of.split(" via ")
        return " via ".join(opened.index.name_of(part) for part in parts)

    return name


def _money(text: str) -> Money | None:
    if not text:
        return None
    currency, _, amount = text.partition(" ")
    return Money.parse(amount.strip(), Currency(currency))


def _aftermath(text: str) -> Aftermath:
    remedy, _, days = text.partition(":")
    try:
        return Aftermath(Remedy(remedy), int(days or "0"))
    except ValueError as error:
        raise InputError(f"{text!r} is no aftermath", "keep, retire_by:DAYS or unlearn_by:DAYS") from error
