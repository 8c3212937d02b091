"""`cantoria licence …`: ask for licences, and see what became of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from cantoria.adapters.manifest_files import read_rows
from cantoria.adapters.result_files import holds_results, read_result_rows
from cantoria.app import licence_asking, licences, lineage_views, terms_known
from cantoria.app.licence_asking import Asked, Plan, Wish
from cantoria.app.licences import Shelf
from cantoria.bootstrap.house import WiredHouse
from cantoria.bootstrap.naming import find_party
from cantoria.clearance.types import Request, Row
from cantoria.cli import licence_answering, licence_prices, licence_showing
from cantoria.cli.console import emit, progress, would
from cantoria.cli.licence_showing import draw_summary, summary_value
from cantoria.cli.licence_words import price_of, price_word
from cantoria.cli.state import author, house
from cantoria.kernel import canonical, territories
from cantoria.kernel.codec import to_json
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import CertificateId
from cantoria.kernel.periods import DAY, Period, parse_moment
from cantoria.kernel.uses import Use
from cantoria.licensing.licence_views import LicenceState

app = typer.Typer(
    no_args_is_help=True, help="Licences: ask many holders at once, answer, publish prices; see what became of it."
)
NAMES = Annotated[list[str], typer.Argument(help="The id of a licence or of a request; several may be given.")]
PRICE = Annotated[str, typer.Option("--price", help="For each thing, such as 'EUR 0.05'; empty: no payment.")]
LUMP = Annotated[bool, typer.Option("--lump-sum", help="The price is for all things of a holder together.")]
EXPIRES = Annotated[int, typer.Option("--expires", help="After how many days without an answer it is a no.")]
DRY = Annotated[bool, typer.Option("--dry-run", help="Show whom it would ask, and ask nobody.")]


@app.command("request")
def request_it(
    source: Annotated[
        str, typer.Option("--from", help="A certificate's id, the results of a clearing, or a manifest.")
    ],
    terms: Annotated[str, typer.Option("--terms", help="Name of a document: see `cantoria licence terms list`.")],
    price: PRICE = "",
    lump_sum: LUMP = False,
    use: Annotated[Use | None, typer.Option("--use", metavar="<use>", help="Where no certificate says it.")] = None,
    licensee: Annotated[str, typer.Option("--licensee", help="Who asks, when not the organisation itself.")] = "",
    where: Annotated[str, typer.Option("--in", help="Where no certificate says it, such as 'KR ES US'.")] = "",
    model: Annotated[str, typer.Option("--model", help="The model that it is for, as people call it.")] = "",
    model_version: Annotated[str, typer.Option("--model-version", help="The model version that it is for.")] = "",
    licensee_class: Annotated[list[str], typer.Option("--class", help="A class the licensee belongs to.")] = [],  # noqa: B006
    person: Annotated[list[str], typer.Option("--person", help="A person named or replicated.")] = [],  # noqa: B006
    campaign: Annotated[str, typer.Option("--campaign", help="The campaign, for advertising.")] = "",
    since: Annotated[str, typer.Option("--from-day", help="First day of the term; now when empty.")] = "",
    until: Annotated[str, typer.Option("--until", help="Day after the last of the term; open when empty.")] = "",
    expires: EXPIRES = 30,
    key: Annotated[str, typer.Option("--key", help="Tells this request from another of the same content.")] = "",
    dry_run: DRY = False,
) -> None:
    """Ask every holder whose yes is missing, once each, for all its things. Repeat it to go on where it was cut off.

    What published prices settle is concluded at once. Exit 1 when nobody is left to ask.

    Example: cantoria --as sonara licence request --from out/results.parquet --terms one-version --model-version 1.0
    --price 'EUR 0.05' --use train_generative --in KR
    """
    with house() as opened:
        who = author(opened)
        asker = find_party(opened, licensee) if licensee else who.party
        told = _Told(use, where, model_version, licensee_class, person, campaign)
        rows, wanted = _rows_and_request(opened, source, told, asker, namespace=who.name.upper())
        now = opened.clock.now()
        start = parse_moment(since) if since else now
        wish = Wish(
            key=key or _content(source, wanted, (terms, price, str(lump_sum), model, since, until)),
            rows=rows,
            request=replace(wanted, at=now),
            terms=terms_known.named(opened, terms),
            period=Period(start, parse_moment(until) if until else None),
            expires_at=now + expires * DAY,
            price=price_of(price, lump=lump_sum),
            model=model,
            basis=source if source.startswith("certificate_") else "",
        )
        if dry_run:
            planned = licence_asking.plan(opened, wish)
            would(f"ask {len(planned.groups):,} holders for {planned.asking.askable:,} of {len(rows):,} rows")
            return
        with progress(f"Asking for {len(rows):,} rows") as step:
            asked = licence_asking.request(opened, wish, author=who, step=step)
        shelf = licences.load(opened, about=[asked.plan.request])
        _show_asked(opened, asked, shelf)
    if not asked.plan.groups and not asked.plan.asked_before:
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class _Told:
    """What the command line says of the request; what a certificate says is not said again."""

    use: Use | None
    where: str
    model_version: str
    classes: list[str]
    persons: list[str]
    campaign: str


def _rows_and_request(
    opened: WiredHouse, source: str, told: _Told, asker: Any, *, namespace: str
) -> tuple[tuple[Row, ...], Request]:
    if source.startswith("certificate_"):
        history = lineage_views.load(opened, size=opened.index.catch_up())
        issued = history.certificate(CertificateId(source))
        kept = opened.datasets.get(source)
        if kept is None:
            raise InputError(f"the rows of {source} are not kept here", "give its results or its manifest")
        same = issued.request.licensee == asker
        if not same:
            raise InputError(f"{source} was issued to somebody else", "ask as the licensee that it names")
        version = told.model_version or issued.request.model_version
        return tuple(kept.rows), replace(issued.request, model_version=version, offer=None)
    path = Path(source)
    if told.use is None or not told.where:
        raise InputError("what is it for, and where?", "give --use and --in, or --from a certificate")
    rows = read_result_rows(path) if holds_results(path) else list(read_rows(path, namespace=namespace).rows)
    request = Request(
        use=told.use,
        licensee=asker,
        territories=territories.canonical(told.where),
        at=opened.clock.now(),
        size=opened.engine.size,
        licensee_classes=frozenset(told.classes),
        model_version=told.model_version or None,
        campaign=told.campaign or None,
        persons=tuple(sorted(find_party(opened, one) for one in told.persons)),
    )
    return tuple(rows), request


def _content(source: str, wanted: Request, more: tuple[str, ...]) -> str:
    """Return the key of a request that was given none: what it asks for, whenever it does."""
    basis = source if source.startswith("certificate_") else Path(source).name
    said = to_json(replace(wanted, at=0, size=0))
    return canonical.encode([basis, said, *more]).decode()


def _show_asked(opened: WiredHouse, asked: Asked, shelf: Shelf) -> None:
    planned = asked.plan
    value = {
        "request": planned.request,
        "settled_at_once": asked.settled,
        "asked": asked.waiting,
        "asked_before": planned.asked_before,
        **_rows_value(planned),
        **summary_value(opened, shelf, planned.request),
    }

    def text() -> None:
        typer.echo(
            f"{planned.request}: {asked.settled:,} settled at once by published prices, {asked.waiting:,} asked"
            + (f", {planned.asked_before:,} asked before" if planned.asked_before else "")
        )
        draw_summary(value)
        for name, rows in value["out_of_reach"].items():
            typer.echo(f"nobody's word can clear {rows:,} rows: {name}")

    emit(value, text=text)


def _rows_value(planned: Plan) -> dict[str, Any]:
    asking = planned.asking
    return {
        "rows": asking.rows,
        "out_of_reach": {code.name.lower(): rows for code, rows in sorted(asking.hopeless.items())},
    }


@app.command()
def offer(
    licence: Annotated[str, typer.Argument(help="The licence's id.")],
    price: PRICE = "",
    lump_sum: LUMP = False,
    terms: Annotated[str, typer.Option("--terms", help="Other terms.")] = "",
    as_countered: Annotated[bool, typer.Option("--as-countered", help="Offer what was asked for instead.")] = False,
    expires: EXPIRES = 30,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be offered.")] = False,
) -> None:
    """Make a new offer for a licence that waits: what was answered to the one before is past.

    Example: cantoria --as sonara licence offer licence_01h2xcejqtf2nbrexx3vqjhp41 --as-countered
    """
    with house() as opened:
        who = author(opened)
        wanted, document = price_of(price, lump=lump_sum), terms_known.named(opened, terms) if terms else None
        if as_countered:
            [found, *_] = licences.load(opened, about=[licence]).of(licence)
            asked = [said.fact for _, said in found.answers if said.fact.price or said.fact.terms]
            if len(asked) != 1:
                raise InputError(f"{len(asked)} counter-offers wait", "say what to offer with --price and --terms")
            wanted = asked[0].price or wanted
            document = terms_known.of_digest(opened, asked[0].terms) if asked[0].terms else document
        if dry_run:
            would(f"offer {price_word(wanted) if wanted else 'the same price'} for {licence}")
            return
        made = licence_asking.offer_again(
            opened,
            licence,
            author=who,
            price=wanted,
            terms=document,
            expires_at=opened.clock.now() + expires * DAY,
        )
        value = {"licence": licence, "number": made.offer.number, "price": price_word(made.offer.price)}
        emit(value, text=lambda: typer.echo(f"offer {made.offer.number} for {licence}: {value['price']}"))


@app.command()
def withdraw(
    names: NAMES,
    reason: Annotated[str, typer.Option("--reason", help="Why it is withdrawn.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be withdrawn.")] = False,
) -> None:
    """Take offers off the table: those of a request that still wait, or single ones.

    Example: cantoria --as sonara licence withdraw request_01h2xcejqtf2nbrexx3vqjhp41 --reason "the model is cancelled"
    """
    with house() as opened:
        who = author(opened)
        if dry_run:
            would("withdraw what waits of " + ", ".join(names))
            return
        gone = licences.withdraw(opened, names, author=who, reason=reason)
        count = len({one.fact.subjects()[0] for one in gone if one.fact.subjects()[0].startswith("licence_")})
        emit({"withdrawn": count}, text=lambda: typer.echo(f"{count:,} offers withdrawn"))


@app.command()
def expire(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show how many.")] = False,
) -> None:
    """Note which of your offers have expired, so that their end has its place in the ledger. They ended without it.

    Example: cantoria --as sonara licence expire
    """
    with house() as opened:
        who = author(opened)
        if dry_run:
            now = opened.clock.now()
            every = [one for one in licences.load(opened).licences.all() if one.end is None]
            count = sum(one.state(now) is LicenceState.EXPIRED and one.offer.licensee == who.party for one in every)
            would(f"note the end of {count:,} offers")
            return
        count = len(licences.expire(opened, author=who))
        emit({"expired": count}, text=lambda: typer.echo(f"{count:,} offers have expired"))


app.command("show")(licence_showing.show)
app.command("list")(licence_showing.list_all)
app.command("inbox")(licence_answering.inbox)
app.command("answer")(licence_answering.answer)
app.add_typer(licence_prices.prices, name="price-list")
app.add_typer(licence_prices.terms, name="terms")
