"""Outside signals in a house: read what was found, keep it as evidence, take it back, and show what is on record."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from cantoria.app import rights
from cantoria.app.house import House
from cantoria.app.ports import Author, Receipt
from cantoria.clearance import Request, Row
from cantoria.consent.signal_facts import THINGS_MAX, SignalObserved, SignalRetracted
from cantoria.consent.signal_fold import Noted
from cantoria.consent.signals import LATEST, Covers, OutsideSignal, named_uses, refused_uses, settle
from cantoria.formats.csvfamily import ManifestRead
from cantoria.formats.signals import Kind, SignalsRead, ddex, headers, kind_of, path_of, read
from cantoria.formats.signals.rows import words_of
from cantoria.formats.types import Finding
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Recorded
from cantoria.kernel.ids import SignalId
from cantoria.kernel.uses import Use
from cantoria.registry import Found, Registry, Side
from cantoria.registry.disclosure_facts import DealSignalled, NoticeGiven
from cantoria.registry.disclosures import Disclosures
from cantoria.registry.standing import REGISTERS

ROOT: Final = "/"  # of a site, where no address tells more


@dataclass(frozen=True, slots=True)
class Evidence:
    """One file as it was found, or header fields; `kind` tells what it is where its name and content do not."""

    name: str
    data: bytes
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What was found together for one resource: the signals that stand, each with the evidence in which it stands,
    those that their own standard sets aside, and what is odd."""

    stands: tuple[tuple[OutsideSignal, Evidence], ...]
    set_aside: tuple[OutsideSignal, ...]
    findings: tuple[Finding, ...]

    @property
    def signals(self) -> tuple[OutsideSignal, ...]:
        """The signals that stand."""
        return tuple(signal for signal, _ in self.stands)

    @property
    def refused(self) -> frozenset[Use]:
        """The uses that they refuse."""
        return frozenset().union(*(refused_uses(signal) for signal in self.signals))


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What somebody wants to keep on record: of which works or recordings, from where, when and how it was got."""

    things: tuple[str, ...]
    address: str = ""
    retrieved_at: int | None = None
    how: str = "given by hand"


@dataclass(frozen=True, slots=True)
class Shown:
    """One recorded signal of a thing, and whether it tightens the answers of everyone."""

    noted: Noted
    tightens: bool


@dataclass(frozen=True, slots=True)
class OnRecord:
    """Everything from outside that is on record of a thing: recorded signals, and deals that name AI."""

    signals: tuple[Shown, ...] = ()
    deals: tuple[OutsideSignal, ...] = field(default=())


def look(evidence: Sequence[Evidence], *, address: str = "") -> Look:
    """Return what files and headers say of the resource at `address` (of the root of its site, without one).

    Files that were found together for it are settled together, as each standard orders its own signals.
    """
    if len({one.name for one in evidence}) != len(evidence):
        raise InputError("two of the files have the same name", "give each file its own name")
    found: list[tuple[OutsideSignal, Evidence]] = []
    findings: list[Finding] = []
    for one in evidence:
        signals = _read(one)
        found += [(signal, one) for signal in signals.signals]
        findings += signals.findings
    source: Mapping[OutsideSignal, Evidence] = {_whole(signal): one for signal, one in reversed(found)}
    settled = settle(dict.fromkeys(signal for signal, _ in found), path=path_of(address) if address else ROOT)
    stands = tuple((signal, source[_whole(signal)]) for signal in settled.stands)
    return Look(stands, settled.set_aside, tuple(findings))


def _whole(signal: OutsideSignal) -> OutsideSignal:
    """Return what tells the evidence of a signal even where a part of it stands."""
    return replace(signal, said=(), offers=())


def _read(one: Evidence) -> SignalsRead:
    kind = one.kind or kind_of(one.name, one.data)
    if kind is Kind.HEADERS:
        return headers.read(one.data, file=one.name)
    return read(one.data, file=one.name, kind=kind)


def beside_all(read: ManifestRead, found: Look) -> ManifestRead:
    """Return the rows of a data set, each of them tightened by what stands beside the whole of it (a licence file, a
    data set card): what refuses a use refuses it for every row, and what is said is shown with every row."""
    if not found.signals:
        return read
    says = "; ".join(dict.fromkeys(words_of(signal) for signal in found.signals))
    rows = tuple(replace(row, refused=row.refused | found.refused) for row in read.rows)
    told = {row.line: "; ".join(filter(None, (read.signals.get(row.line), says))) for row in rows}
    return replace(read, rows=rows, signals=told, findings=(*read.findings, *found.findings))


def record(house: House, found: Look, observation: Observation, *, author: Author) -> list[Receipt]:
    """Record every signal that stands as a fact, and keep the bytes in which it stands; return the receipts.

    Raises `InputError` where nothing was found, or for things that are no works and recordings.
    """
    facts = facts_of(house, found, observation)
    for data in {one.name: one.data for _, one in found.stands}.values():
        house.attachments.put(data)
    return house.journal.record(facts, author=author)


def facts_of(house: House, found: Look, observation: Observation) -> list[SignalObserved]:
    """Return the facts that `record` would record."""
    things = tuple(dict.fromkeys(observation.things))
    if not found.stands:
        raise InputError("no signal was found there", "absence is no permission; there is nothing to record")
    if not 1 <= len(things) <= THINGS_MAX:
        raise InputError(f"a signal on {len(things)} things", f"name 1 to {THINGS_MAX} works or recordings")
    wrong = [thing for thing in things if not thing.startswith(("recording_", "work_"))]
    if wrong:
        raise InputError(
            f"{wrong[0]!r:.80} is neither a work nor a recording", "record signals on works and recordings"
        )
    now = house.clock.now()
    return [
        SignalObserved(
            signal=SignalId(house.ids.new("signal")),
            things=things,
            standard=signal.standard,
            version=signal.version,
            found=signal.found,
            place=signal.place,
            said=signal.said,
            crosswalk=LATEST,
            evidence=_digest(one.data),
            address=observation.address,
            retrieved_at=now if observation.retrieved_at is None else observation.retrieved_at,
            how=observation.how,
            covers=_covers(signal, things),
            location=signal.location,
            territory=signal.territory,
            period=signal.period,
            offers=signal.offers,
        )
        for signal, one in found.stands
    ]


def _covers(signal: OutsideSignal, things: tuple[str, ...]) -> Covers:
    """Return what a signal covers once it is recorded of things: what lies at a location covers them as they are."""
    if signal.covers is not Covers.LOCATION:
        return signal.covers
    return Covers.WORK if all(thing.startswith("work_") for thing in things) else Covers.LOCATION


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def retract(house: House, signal: str, *, author: Author, at: int | None = None, because: str = "") -> Receipt:
    """End a recorded signal from `at` on (default: now). Raises `InputError` where nobody recorded it."""
    said = [one for one in house.index.about([signal], tags=[SignalObserved.TYPE.tag]) if one.fact.signal == signal]
    if not said:
        raise InputError(f"no signal {signal}", "copy the id from a receipt or `cantoria signal show`")
    if author.capacity not in REGISTERS and all(one.organisation != author.party for one in said):
        raise InputError(f"{signal} was recorded by another organisation", "ask it, or a register, to retract it")
    fact = SignalRetracted(signal=SignalId(signal), at=house.clock.now() if at is None else at, because=because)
    return house.journal.record([fact], author=author)[0]


def on_record(house: House, thing: str) -> OnRecord:
    """Return what is on record of a work or recording, as of now."""
    size = house.index.catch_up()
    view = rights.load_around(house.index, subjects=[thing], size=size)
    signals = view.standings.signals
    heard = {refusal.index for refusal in signals.refusals(thing, registry=view.registry)}
    shown = tuple(Shown(noted, noted.recorded.index in heard) for noted in signals.on(thing))
    return OnRecord(shown, deals_of(house, thing, registry=view.registry, size=size))


def beside_answer(house: House, row: Row, request: Request) -> OnRecord:
    """Return what is on record, at the request's moment, of anything that a row carries with it, as far as it speaks of
    the request's use: what tightens, what is only shown, and where a licence is said to be on offer."""
    size = house.index.catch_up()
    view = rights.load_around(house.index, subjects=list(row.codes), size=size, media=row.media)
    match view.registry.resolve(row.codes, media=row.media):
        case Found(subject=subject):
            closure = view.registry.closure(subject)
        case _:
            return OnRecord()
    shown: dict[tuple[int, int], Shown] = {}
    offered: dict[OutsideSignal, None] = {}
    for thing in (*closure.recordings, *closure.works):
        heard = {refusal.index for refusal in view.standings.signals.refusals(thing, registry=view.registry)}
        for noted in view.standings.signals.on(thing):
            signal, period = noted.fact.outside(), noted.period
            speaks = not signal.said or request.use in named_uses(signal, version=noted.fact.crosswalk)
            if speaks and period is not None and period.contains(request.at):
                shown[noted.recorded.place] = Shown(noted, noted.recorded.index in heard)
        deals = deals_of(house, thing, registry=view.registry, size=size)
        offered |= dict.fromkeys(deal for deal in deals if request.use in named_uses(deal))
    return OnRecord(tuple(shown[place] for place in sorted(shown)), tuple(offered))


def lines_of(found: OnRecord) -> Iterator[str]:
    """Give what is on record as lines for a person."""
    for one in found.signals:
        fact = one.noted.fact
        effect = "heard by every answer" if one.tightens else "shown only: who recorded it has no say in this"
        yield f"signal {fact.signal}: {words_of(fact.outside())} ({effect})"
        yield from (f"on offer, it says: {offer.where} {offer.terms}".rstrip() for offer in fact.offers)
    for deal in found.deals:
        yield from (f"a deal on offer: {offer.where}: {offer.terms}; nobody's yes here" for offer in deal.offers)


def deals_of(house: House, thing: str, *, registry: Registry, size: int) -> tuple[OutsideSignal, ...]:
    """Return the deals in force that name AI for a recording: they cover no work."""
    if registry.side_of(thing) is Side.WORK:
        return ()
    tags = (DealSignalled.TYPE.tag, NoticeGiven.TYPE.tag)
    said: list[Recorded[DealSignalled | NoticeGiven]] = list(house.index.about([thing], tags=tags, size=size))
    releases = registry.releases_of(thing)
    said += house.index.about(list(releases), tags=tags, size=size) if releases else []
    folded = Disclosures.fold({one.place: one for one in sorted(said, key=lambda one: one.place)}.values())
    now = house.clock.now()
    found = [deal for one in (thing, *releases) for deal in folded.signals(one, at=now)]
    return tuple(ddex.signals_of(dict.fromkeys(found)))
