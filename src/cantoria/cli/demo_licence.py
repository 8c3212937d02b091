"""The demonstration's licences: what waits for a yes is asked for in bulk, answered in inboxes, and cleared again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from rich.markup import escape

from cantoria.app import licence_answering, licence_asking, licences, terms_known
from cantoria.app.clearing import Order, clear
from cantoria.app.licence_answering import Answer as Answered
from cantoria.app.licence_asking import Asked, Wish
from cantoria.app.licences import Shelf
from cantoria.clearance import Answer, Cleared, Request, Row, Status
from cantoria.clearance.dataset import clear_rows
from cantoria.clearance.facts import DatasetCleared
from cantoria.clearance.results import decode_results
from cantoria.cli.console import page, progress, table
from cantoria.cli.demo_rights import request_of
from cantoria.cli.demo_stage import LICENSED, Stage, must
from cantoria.cli.licence_showing import draw_summary, summary_value
from cantoria.cli.licence_words import price_word
from cantoria.kernel.ids import PartyId
from cantoria.kernel.money import Money
from cantoria.kernel.periods import DAY, Period, parse_moment
from cantoria.licensing.asking import voice_of
from cantoria.licensing.licence_facts import LicenceAnswered, Stance
from cantoria.licensing.offers import Price

PRICE: Final = Price(Money.parse("2000", "KRW"))
TERMS: Final = "one-version"
ANSWER_DAYS: Final = 30
ANSWERING: Final = 20  # inboxes that are looked into before the dataset is cleared again
DECLINING: Final = 5  # every fifth of them says no


def ask_for_licences(stage: Stage) -> None:
    """Ask for the second developer's licensable rows, have some inboxes answer, and clear these rows again."""
    stage.heading("Licensable rows become a licence: all are asked at once")
    stage.clock.set(parse_moment(LICENSED))
    wish = _wish(stage)
    before = _answers(stage, wish.rows, replace(wish.request, offer=None))
    with progress(f"Asking for {len(wish.rows):,} rows") as step:
        done = licence_asking.request(stage.house, wish, author=stage.builder.authors[_developer(stage)], step=step)
    page.print(
        f"{_developer(stage)} offers {price_word(wish.price)} under {wish.terms.name}@{wish.terms.version} for "
        f"{len(wish.rows):,} rows that wait for nothing but a yes:\n{done.settled:,} licences settled at once by "
        f"published prices, {done.waiting:,} offers in the inboxes of those who were not yet asked"
    )
    priced = _answers(stage, wish.rows, licence_asking.asked_by(wish))
    said = _answer(stage, done, priced)
    after = _answers(stage, wish.rows, licence_asking.asked_by(wish))
    _hold(priced, after, said)
    shelf = licences.load(stage.house, about=[done.plan.request])
    draw_summary(summary_value(stage.house, shelf, done.plan.request))
    certificate = _certified(stage, wish)
    steps = [sum(isinstance(one, Cleared) for one in answers.values()) for answers in (before, priced, after)]
    must(max(steps[:2]) < steps[2], "no row is cleared although its holders said yes")
    must(_count(certificate) == steps[2], "the certificate does not count what was cleared")
    _tell(stage, done, steps, said)
    page.print(f"certificate {certificate.certificate}; every further row rests on the yes of all who had been missing")


def _tell(stage: Stage, done: Asked, steps: Sequence[int], said: Mapping[PartyId, Stance]) -> None:
    """Draw how many rows were cleared at each step."""
    yes, no = (sum(one is stance for one in said.values()) for stance in (Stance.ACCEPT, Stance.DECLINE))
    when = (
        "before anybody was asked",
        "by prices that holders had published",
        f"after {yes} holders said yes and {no} no",
    )
    rows = done.plan.asking.rows
    shown = [
        (what, f"{count:,}", f"+{count - last:,}")
        for what, count, last in zip(when, steps, (0, *steps[:-1]), strict=True)
    ]
    table(f"Cleared of {rows:,} licensable rows", ("when", "cleared", "more"), shown, right=(1, 2))
    stage.tell("Asked in bulk", f"{rows:,} rows: {done.settled} licences by published prices, {yes} yes, {no} no")
    stage.tell("Cleared by these licences", " → ".join(f"{count:,}" for count in steps) + f" of {rows:,} rows")


def licensed_request(stage: Stage) -> Request:
    """Return what the developer asks, as of now, at the price that it offers."""
    return replace(request_of(stage, stage.world.requests[-1]), offer=PRICE.amount)


def dataset_rows(stage: Stage) -> Sequence[Row]:
    """Return the rows of the developer's dataset, as its certificate was made of them."""
    kept = stage.house.datasets.get(stage.certificates[stage.world.requests[-1].model].certificate.certificate)
    return () if kept is None else kept.rows


def _developer(stage: Stage) -> str:
    return stage.world.requests[-1].licensee


def _wish(stage: Stage) -> Wish:
    """Return what the developer asks: for the rows that its certificate found licensable and that still are."""
    asked = stage.world.requests[-1]
    issued = stage.certificates[asked.model].certificate
    found = decode_results(stage.house.attachments.get(issued.results.sha256))
    lines = {one.line for one in found if one.status is Status.LICENSABLE}
    rows = [row for row in dataset_rows(stage) if row.line in lines]
    request = request_of(stage, asked)
    now = _answers(stage, rows, request)
    return Wish(
        key=f"{asked.model} {LICENSED}",
        rows=[row for row in rows if now[row.line].status is Status.LICENSABLE],
        request=request,
        terms=terms_known.named(stage.house, TERMS),
        period=Period(request.at, None),
        expires_at=request.at + ANSWER_DAYS * DAY,
        price=PRICE,
        model=asked.model,
        basis=issued.certificate,
    )


def _answers(stage: Stage, rows: Sequence[Row], request: Request) -> Mapping[int, Answer]:
    """Return the answers of clearance as of now, by line."""
    size = stage.house.index.catch_up()
    asked = replace(request, size=size, at=stage.clock.now())
    view = stage.house.rights.load(size=size, codes={code for row in rows for code in row.codes})
    with stage.house.analytics() as engine:
        return dict(clear_rows(rows, request=asked, rights=view, analytics=engine, evidence=True).answers())


def _answer(stage: Stage, done: Asked, missing: Mapping[int, Answer]) -> dict[PartyId, Stance]:
    """Have holders look into their inboxes, those first whose yes is all that a row lacks; return what each said."""
    said: dict[PartyId, Stance] = {}
    society = stage.builder.authors["org-haneulsori"]
    shelf = licences.load(stage.house, about=[done.plan.request])
    ready = _ready(stage, shelf, missing)
    over: set[str] = set()
    with progress("Answering", total=len(ready)) as step:
        for place, party in enumerate(ready, 1):
            waiting = shelf.waiting_for(party, at=stage.clock.now())
            if all(one.licence.offer.licence in over or one.voice in said for one in waiting):
                continue  # another has answered in its voice, or ended it by a no
            stance = Stance.DECLINE if place % DECLINING == 0 else Stance.ACCEPT
            answer = Answered(by=party, stance=stance)
            receipts = licence_answering.answer(stage.house, [done.plan.request], answer, author=society)
            for receipt in receipts:
                if isinstance(receipt.fact, LicenceAnswered):
                    said[receipt.fact.voice] = stance
                    over |= {receipt.fact.licence} if stance is Stance.DECLINE else set()
            step(place, None)
    return said


def _ready(stage: Stage, shelf: Shelf, missing: Mapping[int, Answer]) -> list[PartyId]:
    """Return holders with something in their inbox and an account here, by whom rows can be cleared."""
    now = stage.clock.now()
    able: dict[PartyId, bool] = {}
    ready: dict[PartyId, None] = {}
    open_rows = [(line, voices) for line, one in missing.items() if (voices := _missing(one))]
    for _, voices in sorted(open_rows, key=lambda row: (len(row[1]), row[0])):
        for party in voices - able.keys():
            able[party] = stage.house.vault.public_key(party) is not None and bool(shelf.waiting_for(party, at=now))
        if all(able[party] for party in voices):
            ready.update(dict.fromkeys(sorted(voices)))
        if len(ready) >= ANSWERING:
            break
    return list(ready)


def _missing(answer: Answer) -> frozenset[PartyId]:
    """Return who has to say yes before a row is cleared."""
    if isinstance(answer, Cleared):
        return frozenset()
    return frozenset(voice_of(text).speaker for text in answer.missing)


def _hold(before: Mapping[int, Answer], after: Mapping[int, Answer], said: Mapping[PartyId, Stance]) -> None:
    """End the run unless exactly those who said yes cleared anything."""
    for line, answer in after.items():
        stances = {said.get(party) for party in _missing(before[line])}
        if isinstance(answer, Cleared):
            must(stances <= {Stance.ACCEPT}, f"line {line} is cleared although somebody's yes is missing")
        else:
            must(bool(stances - {Stance.ACCEPT}), f"line {line} is not cleared although everybody said yes")


def _certified(stage: Stage, wish: Wish) -> DatasetCleared:
    """Clear the rows once more, and certify what may be used now."""
    order = Order(
        title=f"{wish.model} licensed rows",
        rows=wish.rows,
        request=replace(licence_asking.asked_by(wish), at=stage.clock.now()),
        aftermath=wish.terms.aftermath,
    )
    folder = stage.home / "out" / _developer(stage) / "licensed"
    done = clear(stage.house, order, author=stage.builder.registrar, folder=folder)
    page.print(f"cleared again into {escape(str(folder.relative_to(stage.home)))}")
    return done.certificate


def _count(certificate: DatasetCleared) -> int:
    return sum(one.rows for one in certificate.counts if one.status is Status.CLEARED)
