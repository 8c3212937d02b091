"""Whom to ask for what: from the answers of clearance to the licences that would clear the rows.

A row is worth asking for when nobody says no and everybody whose yes is missing is known and can be reached. What is
missing is gathered by holder, so that each is asked once for all its things (spec/licensing.md, section 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from typing import Final

from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.rights import Rights, targets_of
from cantoria.clearance.types import Answer, Cleared, Denied, Reason, Request, Row
from cantoria.consent import Effective, Occasion, Scope, ScopeKind, Target, TargetKind
from cantoria.kernel.ids import PartyId, StatementId
from cantoria.kernel.money import Money
from cantoria.kernel.uses import Use
from cantoria.licensing.deciding import Deciding
from cantoria.licensing.offers import SCOPES_MAX
from cantoria.mandates import Voice
from cantoria.registry import Found

# What a party's own word can change. Everything else (a refusal, holders who are not all known, a dispute) it cannot.
ASKABLE: Final = frozenset(
    {
        ReasonCode.ASKS,
        ReasonCode.PRICE_OPEN,
        ReasonCode.SILENT,
        ReasonCode.CONDITION_UNMET,
        ReasonCode.CONDITION_UNKNOWN,
    }
)


@dataclass(frozen=True, slots=True, order=True)
class Group:
    """What goes to one holder in one licence: the use, the voices to answer and the things. `statements` and `price`
    are set where published prices settle it at once."""

    holder: PartyId
    use: Use
    voices: tuple[PartyId, ...]
    scopes: tuple[Scope, ...]
    statements: tuple[StatementId, ...] = ()
    price: Money | None = None


@dataclass(slots=True)
class Asking:
    """Gathers, row by row, whom to ask. `rows`, `cleared` and `askable` count rows; `hopeless` counts the others by
    their first reason that nobody's word can change."""

    rights: Rights
    request: Request
    rows: int = 0
    cleared: int = 0
    askable: int = 0
    hopeless: dict[ReasonCode, int] = field(default_factory=dict)
    _asked: dict[tuple[str, Use], dict[Scope, set[PartyId]]] = field(default_factory=dict)
    _priced: dict[tuple[str, Use, str, Money], dict[Scope, set[StatementId]]] = field(default_factory=dict)
    _deciding: Deciding = field(init=False)
    _found: dict[tuple[tuple[str, ...], str], dict[str, tuple[Target, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._deciding = Deciding(self.rights)

    def add(self, row: Row, *, answer: Answer, without_offer: Answer) -> None:
        """Take in a row with its answer, and its answer to the same request that offers no price."""
        self.rows += 1
        if isinstance(answer, Cleared):
            self.cleared += 1
        else:
            wall = next((reason for reason in answer.reasons if reason.code not in ASKABLE), None)
            if wall is not None or isinstance(answer, Denied) or not answer.missing:
                code = wall.code if wall is not None else answer.reasons[0].code
                self.hopeless[code] = self.hopeless.get(code, 0) + 1
                return
            self.askable += 1
            self._ask(row, answer.reasons, answer.missing)
        if not isinstance(without_offer, Cleared):
            still = () if isinstance(answer, Cleared) else answer.reasons
            bought = (one for one in without_offer.reasons if one.code is ReasonCode.PRICE_OPEN and one not in still)
            self._buy(row, tuple(bought), without_offer.missing)

    def groups(self, *, asked: Set[tuple[str, Use, str, Scope]] = frozenset()) -> Iterator[Group]:
        """Give the licences to ask for, by holder, each with at most 2,000 things. `asked` are the (holder, use,
        voice, thing) that the same request has asked for before."""
        for (holder, use), scopes in sorted(self._asked.items()):
            by_voices: dict[tuple[PartyId, ...], list[Scope]] = {}
            for scope, speakers in scopes.items():
                left = tuple(sorted(voice for voice in speakers if (holder, use, voice, scope) not in asked))
                if left:
                    by_voices.setdefault(left, []).append(scope)
            for voices, things in sorted(by_voices.items()):
                for few in _parts(things):
                    yield Group(PartyId(holder), use, voices, few)
        for (holder, use, voice, price), priced in sorted(self._priced.items(), key=lambda item: str(item[0])):
            for few in _parts(scope for scope in priced if (holder, use, voice, scope) not in asked):
                statements = tuple(sorted({name for scope in few for name in priced[scope]}))
                yield Group(PartyId(holder), use, (PartyId(voice),), few, statements, price)

    def _ask(self, row: Row, reasons: Iterable[Reason], missing: Iterable[str]) -> None:
        for voice, target in self._missing(row, reasons, missing):
            things = self._asked.setdefault((voice.principal, self._use(target)), {})
            things.setdefault(scope_of(target), set()).add(voice.speaker)

    def _buy(self, row: Row, reasons: Iterable[Reason], missing: Iterable[str]) -> None:
        """Note the published prices that the offer meets, at the price published."""
        for voice, target in self._missing(row, reasons, missing):
            said = list(self._standing(voice, target))
            prices = [one.conditions.min_price for one in said if one.conditions.min_price is not None]
            if prices:
                price = max(prices, key=lambda money: money.fine)
                things = self._priced.setdefault((voice.principal, self._use(target), voice.speaker, price), {})
                things.setdefault(scope_of(target), set()).update(one.statement for one in said)

    def _missing(self, row: Row, reasons: Iterable[Reason], missing: Iterable[str]) -> Iterator[tuple[Voice, Target]]:
        """Give each missing voice with what its yes is missing for."""
        speakers: dict[str, list[Voice]] = {}
        for text in missing:
            voice = voice_of(text)
            speakers.setdefault(voice.speaker, []).append(voice)
        targets = self._targets(row)
        for reason in reasons:
            for voice in speakers.get(reason.party, ()):
                for target in targets.get(reason.subject, ()):
                    if len(speakers[reason.party]) == 1 or self._deciding.holds(
                        voice.principal, target, request=self.request
                    ):
                        yield voice, target

    def _targets(self, row: Row) -> dict[str, tuple[Target, ...]]:
        """Return by id what a yes is needed for in a row; a work stands once for each recording that uses it."""
        key = (row.codes, row.media)
        if key not in self._found:
            found: dict[str, list[Target]] = {}
            registry = self.rights.registry
            resolved = registry.resolve(row.codes, media=row.media)
            for target in targets_of(resolved, registry=registry) if isinstance(resolved, Found) else ():
                found.setdefault(target.id, []).append(target)
            for person in self.request.persons:
                found.setdefault(person, []).append(Target(TargetKind.PERSONA, person))
            self._found[key] = {name: tuple(targets) for name, targets in found.items()}
        return self._found[key]

    def _use(self, target: Target) -> Use:
        """Return for what a yes to a target is needed: what tunes a voice on recordings asks their holders as training
        does."""
        persons = target.kind is TargetKind.PERSONA
        needs = self.rights.terms_of(self.request).needs
        return next((need.use for need in needs if need.persons == persons), self.request.use)

    def _standing(self, voice: Voice, target: Target) -> Iterator[Effective]:
        """Give the statements that decide in the countries of the request."""
        terms = self.rights.terms_of(self.request)
        use, request = self._use(target), self.request
        for country, *_ in terms.classes:
            occasion = Occasion(
                use, request.licensee, request.licensee_classes, country, request.at, request.model_version
            )
            said = self._deciding.winner(voice, target, occasion=occasion)
            if said is not None:
                yield said


def voice_of(text: str) -> Voice:
    """Return the voice that an answer names: `principal`, or `principal via speaker`."""
    principal, _, speaker = text.partition(" via ")
    return Voice(PartyId(principal), PartyId(speaker or principal))


def scope_of(target: Target) -> Scope:
    """Return the narrowest scope of a yes that reaches a target, so that no ask to everybody stands before it."""
    if target.kind is TargetKind.PERSONA:
        return Scope(ScopeKind.PERSONA)
    if target.recording:
        return Scope(ScopeKind.RECORDING, target.recording)
    return Scope(ScopeKind.WORK, target.id)


def _parts(things: Iterable[Scope]) -> Iterator[tuple[Scope, ...]]:
    ordered = sorted(things)
    for start in range(0, len(ordered), SCOPES_MAX):
        yield tuple(ordered[start : start + SCOPES_MAX])
