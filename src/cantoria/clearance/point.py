"""One answer from the rows of one subject: the third form of one rule, for look-ups (RULES sections 1 to 6).

It reads the tables of a snapshot like the set-based plan, but only the few rows that one answer needs, and gives the
answers of `decide`, reason by reason. Countries are bits of a mask; the statements of a voice are taken in order of
precedence, and each speaks for the countries that no earlier one has spoken for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from cantoria.clearance.point_codes import NOTHING, Chosen, choose
from cantoria.clearance.point_rows import Book, Licensees, Masks, NeedRow, PersonRow, SaidRow, SubjectRows, licensees_of
from cantoria.clearance.reasons import ReasonCode, is_denial, is_open
from cantoria.clearance.rights import countries_of, needs_of, profile_for
from cantoria.clearance.snapshot_codes import MEDIA
from cantoria.clearance.snapshot_schema import PERSON_USES, SIDE_USES, USE_BITS, mode_of
from cantoria.clearance.types import Answer, Cleared, Denied, Licensable, Reason, Request, Row, Unknown
from cantoria.consent import ScopeKind
from cantoria.kernel.errors import InputError
from cantoria.kernel.uses import Use
from cantoria.registry.resolve import CODES_MAX

_STOP, _NO, _ASK, _YES = range(4)
_EVERYWHERE: Final = 0
# Who cannot be reached can be neither asked nor offered a price.
_NEEDS_REACHING: Final = frozenset({ReasonCode.ASKS, ReasonCode.PRICE_OPEN, ReasonCode.SILENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request in the numbers of a snapshot, worked out once for any number of look-ups.

    Masks have one bit for each country of the request: `everywhere` all of them, `masks` those of each place; `sizes`
    tells how many countries a place has in all. `asked` is the bit of `need.asked`, 0 where no side is asked; `use`
    is what the sides are asked for. `licensees` are the ways in which a statement can speak to who asks. `persons` is
    what the persons named come to, for every row that is found.
    """

    request: Request
    everywhere: int
    masks: Mapping[int, int]
    sizes: Mapping[int, int]
    asked: int
    use: int
    licensees: Licensees
    model: int
    campaign: int
    currency: int
    persons: Answer


@dataclass(slots=True)
class _Finding:
    """What has been found so far; the strictest status that the reasons allow is the answer's."""

    reasons: set[Reason] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    because: set[str] = field(default_factory=set)

    def take(self, answer: Answer) -> None:
        """Add what another answer found."""
        if isinstance(answer, Cleared):
            self.because.update(answer.because)
        else:
            self.reasons.update(answer.reasons)
            self.missing.update(answer.missing)

    def answer(self) -> Answer:
        reasons, missing = tuple(sorted(self.reasons)), tuple(sorted(self.missing))
        if any(is_denial(reason.code) for reason in reasons):
            return Denied(reasons, missing)
        if any(not is_open(reason.code) for reason in reasons):
            return Unknown(reasons, missing)
        return Licensable(reasons, missing) if reasons else Cleared(tuple(sorted(self.because)))


class _Spoken(NamedTuple):
    """What voices come to: reasons (None for a yes), each with the statements behind it."""

    reasons: frozenset[ReasonCode]
    yeses: frozenset[int]


def question(request: Request, *, book: Book) -> Question:
    """Return a request in the numbers of a snapshot. Raises `InputError` for one that cannot be read."""
    profile = profile_for(request)
    needs = needs_of(request, profile=profile)
    sides = {need.use for need in needs if not need.persons}
    if len(sides) > 1:
        raise InputError("the profile asks works and recordings for several uses at once", "name another profile")
    bits = {country: 1 << place for place, country in enumerate(countries_of(request))}
    places = book.places()
    mode = mode_of(trust_cmo=profile.trust_cmo, estate_representative=profile.estate_representative)
    use = next(iter(sides), request.use)
    found = Question(
        request=request,
        everywhere=(1 << len(bits)) - 1,
        masks=Masks(
            (number, sum(bits[country] for country in countries & bits.keys())) for number, countries in places.items()
        ),
        sizes={number: len(countries) for number, countries in places.items()},
        asked=1 << mode * len(SIDE_USES) + SIDE_USES.index(use) if sides else 0,
        use=USE_BITS[use],
        licensees=licensees_of(request, book=book),
        model=book.term(f"model:{request.model_version}") if request.model_version is not None else 0,
        campaign=book.term(f"campaign:{request.campaign}") if request.campaign is not None else 0,
        currency=book.term(f"currency:{request.offer.currency}") if request.offer else 0,
        persons=Cleared(()),
    )
    if any(need.persons for need in needs) or not needs:
        bit = 1 << mode * len(PERSON_USES) + PERSON_USES.index(request.use) if needs else 0
        return _with_persons(found, bit, book=book)
    return found


def answer(row: Row, asked: Question, *, book: Book) -> Answer:
    """Return the answer for a row, as `decide` would give it.

    Raises `InputError` for an unknown medium and for too many codes.
    """
    chosen = resolve(row.codes, book=book, media=row.media)
    if chosen.outcome:
        return Unknown((Reason(ReasonCode(chosen.outcome)),), ())
    rows = book.subject(chosen.subject, licensees=asked.licensees)
    return answer_subject(rows, asked, book=book, refused=refuses(row.refused, asked))


def refuses(uses: Iterable[Use], asked: Question) -> bool:
    """Tell whether what a signal refuses covers the use that is asked for."""
    return any(USE_BITS[use] & asked.use for use in uses)


def resolve(codes: Iterable[str], *, book: Book, media: str = "recording") -> Chosen:
    """Return what the code keys of a row name together."""
    distinct = sorted(set(codes))
    if media not in MEDIA:
        raise InputError(f"media {media!r:.40} is unknown", "use recording or work")
    if len(distinct) > CODES_MAX:
        raise InputError(f"a row with {len(distinct)} codes", f"give at most {CODES_MAX}")
    if not distinct:
        return NOTHING
    if len(distinct) == 1:
        return book.name(distinct[0], MEDIA[media])
    return choose({code: book.leads(code, MEDIA[media]) for code in distinct})


def answer_subject(rows: SubjectRows, asked: Question, *, book: Book, refused: bool = False) -> Answer:
    """Return what the rows of one subject come to. `refused` tells that a signal beside the row refuses the use."""
    finding = _Finding()
    finding.take(asked.persons)
    if asked.asked:
        if refused or _refused(rows, asked):
            finding.reasons.add(Reason(ReasonCode.SIGNAL_REFUSES, "", rows.text))
        for problem in rows.problems:
            if problem.place == _EVERYWHERE or asked.masks[problem.place]:
                finding.reasons.add(Reason(ReasonCode(problem.code), "", book.thing(problem.about)))
        for need in rows.needs:
            if need.asked & asked.asked:
                _hear(need, rows, asked, finding=finding, book=book)
    return finding.answer()


def _refused(rows: SubjectRows, asked: Question) -> bool:
    """Tell whether an outside signal on record refuses this use of a subject."""
    at = asked.request.at
    return any(
        signal.uses & asked.use and signal.since <= at < signal.until and asked.masks[signal.place]
        for signal in rows.signals
    )


def _hear(need: NeedRow, rows: SubjectRows, asked: Question, *, finding: _Finding, book: Book) -> None:
    """Add what one needed voice says of one unit in all countries where it is needed."""
    where = asked.masks[need.place]
    if not where:
        return
    covering = [
        said
        for since, said in rows.narrow.get((need.unit, need.voice), ())
        if said.verdict != _YES or said.index > since
    ]
    covering += [
        said
        for said in rows.wide.get(need.voice, ())
        if (said.kind == ScopeKind.PRESENT_WORKS) == (need.registered < said.index)
    ]
    spoken = _speak(covering, where, asked)
    _note(spoken, need, book.thing(need.about), finding=finding, book=book)


def _note(spoken: _Spoken, row: NeedRow | PersonRow, about: str, *, finding: _Finding, book: Book) -> None:
    """Add what a voice comes to: statements it rests on, or reasons and a missing yes."""
    finding.because.update(book.statement(index) for index in spoken.yeses)
    if not spoken.reasons:
        return
    text, speaker = book.voice(row.voice)
    finding.missing.add(text)
    finding.reasons.update(Reason(code, speaker, about) for code in spoken.reasons)
    if not row.reachable and spoken.reasons & _NEEDS_REACHING:
        finding.reasons.add(Reason(ReasonCode.UNREACHABLE, speaker, about))


def _speak(statements: Iterable[SaidRow], where: int, asked: Question) -> _Spoken:
    """Return what the statements of one voice come to in the countries of `where` together."""
    at, left = asked.request.at, where
    heard = [
        (_rank(said, asked), said, asked.masks[said.place])
        for said in statements
        if said.uses & asked.use
        and said.since <= at < said.until
        and (said.licensee_kind, said.licensee) in asked.licensees
    ]
    heard.sort(key=lambda one: one[0], reverse=True)
    reasons, yeses = set(), set()
    for rank, said, mask in heard:
        if left & mask:
            left &= ~mask
            if rank[-1]:
                reasons.add(ReasonCode(rank[-1]))
            else:
                yeses.add(said.index)
    if left:
        reasons.add(ReasonCode.SILENT)
    return _Spoken(frozenset(reasons), frozenset(yeses))


def _rank(said: SaidRow, asked: Question) -> tuple[int, ...]:
    """Return the rank of a statement, the greatest decides (RULES section 2), with what it comes to as its end."""
    outcome = _outcome(said, asked)
    this_model = said.verdict == _YES and said.model != 0 and said.model == asked.model
    if said.verdict == _STOP:
        return (1, 0, 0, 0, 0, 0, 0, said.index, outcome)
    return (
        0,
        int(said.own),
        -said.kind,
        -said.licensee_kind,
        -asked.sizes[said.place],
        -said.verdict,
        int(this_model),
        said.index,
        outcome,
    )


def _outcome(said: SaidRow, asked: Question) -> int:
    """Return why a statement is no yes to the request, 0 when it is one: see `condition_unmet`."""
    if said.verdict != _YES:
        return int((ReasonCode.STOPPED, ReasonCode.SAID_NO, ReasonCode.ASKS)[said.verdict])
    if said.unknown_terms:
        return int(ReasonCode.CONDITION_UNKNOWN)
    request = asked.request
    if request.use is Use.ADVERTISE:
        campaign_met = said.campaign != 0 and said.campaign == asked.campaign
    else:
        campaign_met = said.campaign in (0, asked.campaign)
    met = (
        said.model in (0, asked.model)
        and campaign_met
        and (request.attribution or not said.attribution)
        and (request.label or not said.label)
    )
    if not met:
        return int(ReasonCode.CONDITION_UNMET)
    offer = request.offer
    if said.currency and (offer is None or said.currency != asked.currency or said.price > offer.fine):
        return int(ReasonCode.PRICE_OPEN)
    return 0


def _with_persons(asked: Question, bit: int, *, book: Book) -> Question:
    """Return the question with what the persons named (or missing) come to."""
    finding = _Finding()
    request = asked.request
    if not request.persons:
        finding.reasons.add(Reason(ReasonCode.NO_PERSON_NAMED))
    personal = replace(asked, use=USE_BITS[request.use])
    for person in request.persons if bit else ():
        _ask_person(person, bit, asked=personal, finding=finding, book=book)
    return replace(asked, persons=finding.answer())


def _ask_person(person: str, bit: int, *, asked: Question, finding: _Finding, book: Book) -> None:
    """Add what everybody says who must say yes for a person; of whom nothing is on record is silent and unreachable."""
    rows = book.person(person)
    if not rows:
        codes = (ReasonCode.SILENT, ReasonCode.UNREACHABLE)
        finding.reasons.update(Reason(code, person, person) for code in codes)
        finding.missing.add(person)
    for row in rows:
        if row.asked & bit:
            spoken = _speak(book.persona(row.voice, licensees=asked.licensees), asked.everywhere, asked)
            _note(spoken, row, person, finding=finding, book=book)
