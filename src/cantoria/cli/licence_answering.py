"""`cantoria licence inbox` and `answer`: what waits for a holder, and the holder's word."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

import typer

from cantoria.app import licence_answering, licences, terms_known
from cantoria.app.licence_answering import Answer
from cantoria.bootstrap.house import WiredHouse
from cantoria.bootstrap.naming import find_party
from cantoria.cli.console import emit, lines, table, would
from cantoria.cli.licence_words import money_word, price_of, price_word, terms_word
from cantoria.cli.state import author, house
from cantoria.kernel.ids import PartyId
from cantoria.kernel.periods import format_moment
from cantoria.licensing.inbox import Waiting
from cantoria.licensing.licence_facts import LicenceConcluded, Stance


def inbox(
    party: Annotated[
        str, typer.Argument(help="Whose: a person, manager, guardian, CMO, label or publisher (id or code).")
    ],
) -> None:
    """List what waits for an answer that a party can give, by deadline and money. No answer by then is a no.

    Example: cantoria licence inbox own:AUTHORS:ADA
    """
    with house() as opened:
        who = find_party(opened, party)
        found = licences.load_for(opened, who).waiting_for(who, at=opened.clock.now())
        value = [_value(opened, one) for one in found]
        shown = ("licence", "expires_at", "total", "things", "use", "licensee_name", "voice_name")
        rows = [tuple(one[name] for name in shown) for one in value]
        columns = ("licence", "expires", "total", "things", "use", "licensee", "in the voice of")

        def text() -> None:
            table(f"Offers that wait for {opened.index.name_of(who)}: {len(rows):,}", columns, rows, right=(2, 3))

        emit(value, text=text)


def _value(opened: WiredHouse, waiting: Waiting) -> dict[str, Any]:
    offer = waiting.licence.offer
    return {
        "licence": offer.licence,
        "request": waiting.licence.fact.request,
        "offer": waiting.licence.digest,
        "expires_at": format_moment(offer.expires_at),
        "price": price_word(offer.price),
        "total": money_word(offer.total),
        "things": len(offer.scopes),
        "use": offer.use.value,
        "territory": offer.territory,
        "model_version": offer.model_version,
        "terms": terms_word(opened, offer.terms),
        "licensee": offer.licensee,
        "licensee_name": opened.index.name_of(offer.licensee),
        "holder": offer.holder,
        "voice": waiting.voice,
        "voice_name": opened.index.name_of(waiting.voice),
        "delegation": waiting.mouth.delegation,
    }


def answer(
    stance: Annotated[Stance, typer.Argument(help="accept, counter or decline.")],
    names: Annotated[list[str], typer.Argument(help="Licences, or requests: everything of theirs that waits.")],
    by: Annotated[str, typer.Option("--by", help="Who answers: the party, its manager, guardian or CMO.")],
    price: Annotated[str, typer.Option("--price", help="To counter: what each thing costs, such as 'EUR 0.08'.")] = "",
    lump_sum: Annotated[bool, typer.Option("--lump-sum", help="The price is for all things together.")] = False,
    terms: Annotated[str, typer.Option("--terms", help="To counter: other terms.")] = "",
    note: Annotated[str, typer.Option("--note", help="A word to the licensee.")] = "",
    offer: Annotated[str, typer.Option("--offer", help="Only if this is still the offer: its digest.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be recorded.")] = False,
) -> None:
    """Answer offers. To accept is to say yes, signed, to that licensee, model, territory and term and to nothing else.

    Example: cantoria --as authors licence answer accept request_01h2xcejqtf2nbrexx3vqjhp41 --by own:AUTHORS:ADA
    """
    with house() as opened:
        who = author(opened)
        said = Answer(
            by=PartyId(find_party(opened, by)),
            stance=stance,
            price=price_of(price, lump=lump_sum),
            terms=terms_known.named(opened, terms).digest if terms else None,
            note=note,
            offer=offer,
        )
        if dry_run:
            facts = licence_answering.answer_facts(opened, names, said, author=who)
            counts = Counter(fact.TYPE.name for fact in facts)
            would("record " + ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items())))
            return
        receipts = licence_answering.answer(opened, names, said, author=who)
        counts = Counter(one.fact.TYPE.name for one in receipts)
        concluded = [one.fact for one in receipts if isinstance(one.fact, LicenceConcluded)]
        value = {
            "answers": counts["licence-answered"],
            "yeses": counts["statement-made"],
            "concluded": [one.licence for one in concluded],
            "index": receipts[-1].index,
        }

        def text() -> None:
            typer.echo(f"answers recorded: {value['answers']:,}, with {value['yeses']:,} yes")
            lines(f"{one.licence} is concluded: {money_word(one.total) or 'no payment'}" for one in concluded[:20])

        emit(value, text=text)
