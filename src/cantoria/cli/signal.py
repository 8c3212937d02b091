"""`cantoria signal …`: what others say of AI in forms of their own: read, record, show; and say it to the outside."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cantoria.adapters.files import open_regular, write_file
from cantoria.adapters.system import SystemClock
from cantoria.app import signal_positions, signals
from cantoria.app.codec import encode_fact
from cantoria.app.signals import Evidence, Look, Observation, Shown
from cantoria.bootstrap.naming import find_party, find_thing
from cantoria.cli.console import emit, lines, table
from cantoria.cli.importing import show_findings
from cantoria.cli.state import author, house
from cantoria.consent.signals import OutsideSignal, Weight, refused_uses, weigh
from cantoria.formats.limits import SIGNALS
from cantoria.formats.signals import Kind
from cantoria.formats.signals.common import take_some
from cantoria.formats.signals.rows import words_of
from cantoria.formats.signals.writing import Form, unsaid, write
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import format_moment, parse_moment
from cantoria.kernel.territories import WORLD
from cantoria.kernel.uses import Use

app = typer.Typer(
    no_args_is_help=True,
    help="Outside signals, such as TDMRep or C2PA: they can only ever tighten. Nothing is fetched.",
)
FILES = Annotated[list[Path], typer.Argument(help="Files as they were found, for one resource.", dir_okay=False)]
HEADERS = Annotated[
    list[str], typer.Option("--header", help="A field of the response, 'Name: value'. May be given again.")
]
URL = Annotated[
    str, typer.Option("--url", help="The address of the sound, for rules by location; else the site's root.")
]
KIND = Annotated[Kind | None, typer.Option("--kind", help="What the files are, where name and content do not tell.")]
BESIDE = Annotated[
    list[Path],
    typer.Option(
        "--beside", dir_okay=False, help="A licence or another signal beside the whole data set. May be given again."
    ),
]
FILE_BYTES_MAX: Final = 1 << 62  # the readers hold each kind of file to its own limit


@app.command("read")
def read_them(
    files: FILES = [],  # noqa: B006
    header: HEADERS = [],  # noqa: B006
    url: URL = "",
    kind: KIND = None,
    use: Annotated[Use | None, typer.Option("--use", metavar="<use>", help="Only this use; exit 1 if refused.")] = None,
    territory: Annotated[str, typer.Option("--in", help="Where, such as 'KR ES'.")] = WORLD,
    at: Annotated[str, typer.Option("--at", help="When; now when empty.")] = "",
) -> None:
    """Read signals and say what they refuse here. Records nothing; an allowed in them allows nothing.

    Example: cantoria signal read --header 'tdm-reservation: 1' --use train_generative
    """
    found = _look(files, header, url, kind)
    moment = parse_moment(at) if at else SystemClock().now()
    wanted = [use] if use else list(Use)
    weighed = {one: weigh(found.signals, use=one, at=moment, territory=territory) for one in wanted}
    value = {
        "stands": [_value(signal) for signal in found.signals],
        "set_aside": [_value(signal) for signal in found.set_aside],
        "uses": {
            one.value: {
                "verdict": result.verdict.value,
                "because": [words_of(signal) for signal in result.because],
                "offers": [f"{offer.where} {offer.terms}".strip() for offer in result.offers],
            }
            for one, result in weighed.items()
        },
    }

    def text() -> None:
        _draw(found)
        rows = [
            (one.value, result.verdict.value.replace("_", " "), len(result.because)) for one, result in weighed.items()
        ]
        table("What they come to: nothing is allowed by a signal", ("use", "verdict", "signals"), rows, right=(2,))
        offers = dict.fromkeys(offer for result in weighed.values() for offer in result.offers)
        lines([f"on offer, it says: {offer.where} {offer.terms}".rstrip() for offer in offers])

    emit(value, text=text)
    show_findings(found.findings)
    if use and weighed[use].verdict is Weight.REFUSED:
        raise typer.Exit(1)


@app.command()
def record(
    things: Annotated[list[str], typer.Option("--on", help="A recording or work: id or code. May be given again.")],
    files: FILES = [],  # noqa: B006
    header: HEADERS = [],  # noqa: B006
    url: URL = "",
    kind: KIND = None,
    retrieved: Annotated[str, typer.Option("--retrieved", help="When it was found; now when empty.")] = "",
    how: Annotated[str, typer.Option("--how", help="How it was got, in words.")] = "given by hand",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be recorded.")] = False,
) -> None:
    """Keep what was found as evidence: the bytes, where, when and how. Whose record tightens what: docs/reference.

    Example: cantoria --as label signal record --on isrc:KRA381900123 tdmrep.json --url https://label.example/a.flac
    """
    found = _look(files, header, url, kind)
    with house() as opened:
        observation = Observation(
            things=tuple(find_thing(opened, thing) for thing in things),
            address=url,
            retrieved_at=parse_moment(retrieved) if retrieved else None,
            how=how,
        )
        if dry_run:
            facts = signals.facts_of(opened, found, observation)
            value: dict[str, Any] = {"recorded": False, "facts": [encode_fact(fact) for fact in facts]}
            emit(value, text=lambda: _draw(found))
        else:
            receipts = signals.record(opened, found, observation, author=author(opened))
            recorded = [{"signal": one.fact.subjects()[0], "index": one.index} for one in receipts]
            emit(
                {"recorded": True, "signals": recorded},
                text=lambda: lines([f"{one['signal']} recorded as entry {one['index']}" for one in recorded]),
            )
    show_findings(found.findings)


@app.command()
def retract(
    signal: Annotated[str, typer.Argument(help="The id of a recorded signal.")],
    because: Annotated[str, typer.Option("--because", help="Why it no longer stands, in words.")] = "",
    at: Annotated[str, typer.Option("--at", help="From when on; now when empty.")] = "",
) -> None:
    """End a recorded signal: one's own, or, as a register, anybody's.

    Example: cantoria --as label signal retract signal_01h2xcejqtf2nbrexx3vqjhp41 --because 'the file is gone'
    """
    with house() as opened:
        moment = parse_moment(at) if at else None
        receipt = signals.retract(opened, signal, author=author(opened), at=moment, because=because)
        value = {"signal": signal, "index": receipt.index}
        emit(value, text=lambda: typer.echo(f"ended {signal} as entry {receipt.index}"))


@app.command()
def show(thing: Annotated[str, typer.Argument(help="A recording or work: id or code.")]) -> None:
    """Show every signal on record of a thing, with its evidence, and the deals that name AI for it.

    Example: cantoria signal show isrc:KRA381900123
    """
    with house() as opened:
        subject = find_thing(opened, thing)
        found = signals.on_record(opened, subject)
        shown = [_shown(one) for one in found.signals]
        value = {"subject": subject, "signals": shown, "deals": [_value(deal) for deal in found.deals]}
        rows = [(one["signal"], one["says"], one["effect"], one["retrieved_at"][:10]) for one in shown]
        told = [f"a deal on offer: {words_of(deal)}; {deal.said[0].detail}" for deal in found.deals]

        def text() -> None:
            table(f"Signals on {subject}", ("signal", "says", "effect", "found"), rows)
            lines(told)

        emit(value, text=text)


@app.command()
def export(
    thing: Annotated[str, typer.Argument(help="A recording, work, party or catalogue: id or code.")],
    form: Annotated[Form, typer.Option("--as", help="In which standard.")],
    contact: Annotated[str, typer.Option(help="Where a licence may be had; without it, terms are told as a no.")] = "",
    location: Annotated[str, typer.Option(help="Its path on the site that publishes this.")] = "/",
    territory: Annotated[str, typer.Option("--in", help="Where, such as 'KR ES'; the strictest counts.")] = WORLD,
    to: Annotated[Path | None, typer.Option("--to", help="The file to write; the terminal when empty.")] = None,
) -> None:
    """Say to the outside what stands here, never more than that: silence is written as a no.

    Example: cantoria signal export isrc:KRA381900123 --as tdmrep --contact https://label.example/licence
    """
    with house() as opened:
        subject = (
            find_party(opened, thing)
            if thing.startswith(("party_", "ipi_name:", "isni:"))
            else find_thing(opened, thing)
        )
        position = signal_positions.position_of(
            opened, subject, territory=territory, contact=contact, location=location
        )
    data = write(position, form=form)
    left = unsaid(position, form=form)
    if to is not None:
        write_file(to, data)
    value = {
        "subject": subject,
        "form": form.value,
        "stances": {use.value: position.of(use).value for use in Use},
        "unsaid": [use.value for use in left],
        "document": data.decode(),
    }
    emit(value, text=lambda: lines([f"wrote {to}"] if to is not None else data.decode().splitlines()))
    if left:
        show_findings([signal_positions.unsaid_finding(left, form=form.value)])


def _look(files: list[Path], header: list[str], url: str, kind: Kind | None) -> Look:
    if not files and not header:
        raise InputError("nothing to read", "name files, or give --header 'Name: value'")
    evidence = [evidence_of(path, kind) for path in files]
    if header:
        evidence.append(Evidence("headers", "\n".join(header).encode("utf-8"), Kind.HEADERS))
    return signals.look(evidence, address=url)


def evidence_of(path: Path, kind: Kind | None = None) -> Evidence:
    """Return a file up to one byte beyond what any reader takes: a longer one is refused without being read."""
    with open_regular(path, bytes_max=FILE_BYTES_MAX) as file:
        return Evidence(path.name, take_some(file, bytes_max=SIGNALS.manifest_bytes_max + 1), kind)


def _draw(found: Look) -> None:
    rows = [(one.standard.value, one.place, one.location or "all", words_of(one)) for one in found.signals]
    table("Signals that stand", ("standard", "where it stands", "location", "says"), rows)
    lines([f"set aside by its own standard: {one.place} {one.location}".rstrip() for one in found.set_aside])


def _value(signal: OutsideSignal) -> dict[str, Any]:
    return {
        "standard": signal.standard.value,
        "version": signal.version,
        "found": signal.found.value,
        "place": signal.place,
        "location": signal.location,
        "territory": signal.territory,
        "covers": signal.covers.value,
        "said": [{"category": one.category, "stance": one.stance.value, "detail": one.detail} for one in signal.said],
        "offers": [{"where": one.where, "terms": one.terms} for one in signal.offers],
        "refuses": sorted(use.value for use in refused_uses(signal)),
    }


def _shown(one: Shown) -> dict[str, Any]:
    fact = one.noted.fact
    ended = one.noted.ends
    effect = "tightens" if one.tightens else "shown only"
    return {
        **_value(fact.outside()),
        "signal": fact.signal,
        "says": words_of(fact.outside()),
        "effect": effect if ended is None else f"{effect}, ended {format_moment(ended)}",
        "tightens": one.tightens,
        "ends": "" if ended is None else format_moment(ended),
        "recorded_by": one.noted.recorded.organisation,
        "index": one.noted.recorded.index,
        "evidence": fact.evidence,
        "address": fact.address,
        "retrieved_at": format_moment(fact.retrieved_at),
        "how": fact.how,
        "crosswalk": fact.crosswalk,
    }
