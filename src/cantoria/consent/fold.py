"""The consent fold: which statements have effect, in whose voice, and which have none and why (RULES sections 2, 5).

A yes without effect is kept with its reason. If it had conditions it keeps its place in the order of precedence as a
yes that cannot be evaluated, so that no wider yes takes over: what a person demands binds without any formality.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from cantoria.consent.facts import DenyTombstone, StatementMade, StatementWithdrawn
from cantoria.consent.reasons import NoEffectReason
from cantoria.consent.signal_fold import Signals
from cantoria.consent.types import NO_CONDITIONS, Conditions, Effective, NoEffect, ScopeKind, Verdict
from cantoria.consent.withdrawals import Withdrawals, before, since
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Recorded
from cantoria.kernel.periods import Period
from cantoria.kernel.uses import ALL_USES
from cantoria.mandates import (
    Authority,
    Estate,
    Mandates,
    NoAuthority,
    Speech,
    Voice,
    may_refuse,
    may_say_yes,
)
from cantoria.registry import Registry

# Scopes that speak of a person's everything; an id that stands there by mistake narrows nothing.
_PERSON_WIDE = frozenset({ScopeKind.PERSONA, ScopeKind.PRESENT_WORKS, ScopeKind.FUTURE_WORKS})


@dataclass(frozen=True, slots=True)
class Standings:
    """All statements as of one ledger size: those with effect, those without, and the former by voice; and beside
    them the outside signals, which are nobody's statements and can only tighten."""

    effective: tuple[Effective, ...]
    without_effect: tuple[NoEffect, ...]
    _by_voice: dict[Voice, tuple[Effective, ...]]
    signals: Signals = field(default_factory=Signals, compare=False, repr=False)

    @staticmethod
    def fold(
        facts: Iterable[Recorded[Any]], *, registry: Registry, mandates: Mandates, size: int | None = None
    ) -> Standings:
        """Return the standings that the facts with an index below `size` (None = all) make; others are ignored."""
        fold = _Fold(mandates)
        for recorded in facts:
            if size is None or recorded.index < size:
                fold.add(recorded)
        return fold.standings()

    def by_voice(self, voice: Voice) -> tuple[Effective, ...]:
        """Return what has effect in a voice, in ledger order."""
        return self._by_voice.get(voice, ())

    def voices(self) -> Iterator[Voice]:
        """Give every voice in which something has effect."""
        return iter(self._by_voice)

    def territory_expressions(self) -> set[str]:
        """Return every territory expression that statements with effect use, and signals."""
        return {effective.territory for effective in self.effective} | self.signals.territory_expressions()


class _Part(NamedTuple):
    """A stretch of time in which a statement amounts to a verdict under conditions; no period, no part."""

    verdict: Verdict
    period: Period | None
    conditions: Conditions = NO_CONDITIONS


class _Fold:
    """Collects statements and withdrawals, then works out what has effect."""

    __slots__ = ("_first", "_mandates", "_none", "_said", "_signals", "_withdrawals")

    def __init__(self, mandates: Mandates) -> None:
        self._mandates = mandates
        self._withdrawals = Withdrawals(mandates)
        self._said: list[Recorded[Any]] = []
        self._first: dict[str, Recorded[StatementMade]] = {}
        self._none: list[NoEffect] = []
        self._signals = Signals()

    def add(self, recorded: Recorded[Any]) -> None:
        """Take in one fact; those of other rooms are passed over."""
        if isinstance(recorded.fact, StatementMade | DenyTombstone):
            self._said.append(recorded)
            if isinstance(recorded.fact, StatementMade):
                known = self._first.setdefault(recorded.fact.statement, recorded)
                if recorded.index < known.index:
                    self._first[recorded.fact.statement] = recorded
        elif isinstance(recorded.fact, StatementWithdrawn):
            self._withdrawals.add(recorded)
        else:
            self._signals.add(recorded)

    def standings(self) -> Standings:
        """Return what all facts taken in amount to."""
        found = [effective for said in self._said for effective in self._read(said)]
        for estate in self._mandates.estates():
            found = list(_inherit(found, estate))
        found.sort(key=lambda effective: (effective.index, effective.statement, effective.voice))
        by_voice: dict[Voice, list[Effective]] = {}
        for effective in found:
            by_voice.setdefault(effective.voice, []).append(effective)
        none = sorted(self._none, key=lambda item: item.index)
        of_voices = {voice: tuple(said) for voice, said in by_voice.items()}
        return Standings(tuple(found), tuple(none), of_voices, self._signals)

    def _read(self, said: Recorded[Any]) -> list[Effective]:
        """Return what one statement or tombstone comes to; when to nothing, note why."""
        result = self._tombstone(said) if isinstance(said.fact, DenyTombstone) else self._statement(said)
        if isinstance(result, str):
            self._note(said, result)
            return []
        if not result:
            self._note(said, NoEffectReason.NEVER_IN_FORCE)
        return result

    def _note(self, said: Recorded[Any], reason: str) -> None:
        self._none.append(NoEffect(said.fact.statement, said.fact.party, str(reason), said.index))

    def _tombstone(self, said: Recorded[DenyTombstone]) -> list[Effective] | str:
        fact = said.fact
        if fact.verdict is Verdict.YES:
            return NoEffectReason.TOMBSTONE_OF_YES
        return self._refusal(replace(said, index=min(fact.said_index, said.index)))

    def _statement(self, said: Recorded[StatementMade]) -> list[Effective] | str:
        fact = said.fact
        if fact.verdict in (Verdict.YES, Verdict.ASK) and not fact.uses:
            return NoEffectReason.NAMES_NO_USE
        if fact.verdict is Verdict.YES:
            first = self._first[fact.statement]
            if first.index < said.index:
                same = first.fact == fact
                return NoEffectReason.SAID_ALREADY if same else self._demand(said, NoEffectReason.SAID_ALREADY)
            return self._yes(said)
        return self._refusal(said)

    def _refusal(self, said: Recorded[Any]) -> list[Effective] | str:
        """Return what a refusal or ask comes to; one that names no use or no readable territory speaks of all."""
        authorities = may_refuse(_speech(said), mandates=self._mandates)
        if isinstance(authorities, NoAuthority):
            return authorities.reason
        end = self._withdrawals.firm_end(said)
        verdict = said.fact.verdict
        return _effective(said, authorities, lambda authority: [_Part(verdict, before(authority.period, end))])

    def _yes(self, said: Recorded[StatementMade]) -> list[Effective] | str:
        if not _readable(said.fact.territory):
            return self._demand(said, NoEffectReason.TERRITORY_UNREADABLE)
        speech = _speech(said)
        authorities = may_say_yes(speech, mandates=self._mandates)
        if isinstance(authorities, NoAuthority):
            return self._demand(said, authorities.reason)
        conditions = said.fact.conditions
        loose = self._withdrawals.any_end(said.fact.statement)
        firm = self._withdrawals.firm_end(said)

        def parts(authority: Authority) -> list[_Part]:
            kept = before(authority.period, firm)
            if authority.yes_counts_as_ask:
                return [_Part(Verdict.ASK, kept)]
            if conditions == NO_CONDITIONS:
                return [_Part(Verdict.YES, before(authority.period, loose))]
            rest = since(kept, loose) if kept is not None and loose is not None else None
            return [
                _Part(Verdict.YES, kept and before(kept, loose), conditions),
                _Part(Verdict.ASK, rest),
            ]

        return _effective(said, authorities, parts)

    def _demand(self, said: Recorded[StatementMade], reason: str) -> list[Effective] | str:
        """Return what is left of a yes without effect: its conditions, if it had any, as what nobody can evaluate."""
        conditions = said.fact.conditions
        speech = _speech(said)
        authorities = may_refuse(speech, mandates=self._mandates)
        if conditions == NO_CONDITIONS or isinstance(authorities, NoAuthority):
            return reason
        self._note(said, reason)
        firm = self._withdrawals.firm_end(said)
        binding = replace(conditions, other=(*conditions.other, str(reason)))
        return _effective(
            said,
            authorities,
            lambda authority: [_Part(Verdict.YES, before(authority.period, firm), binding)],
        )


def _inherit(found: list[Effective], estate: Estate) -> Iterator[Effective]:
    """Give all statements anew after a death: what the deceased said in life stays in force in the voice of every
    successor, as somebody else's word, so that the successor's own comes before it. The deceased's own voice, asked
    as long as not all heirs are known, can refuse for good but says yes no longer."""
    own = Voice(estate.deceased, estate.deceased)
    successors = {*estate.heirs, *([estate.representative] if estate.representative else [])} - {estate.deceased}
    for effective in found:
        if effective.voice != own:
            yield effective
            continue
        refusal = effective.verdict in (Verdict.STOP, Verdict.NO)
        in_life = effective.period if refusal else before(effective.period, estate.died_at)
        after = since(effective.period, estate.died_at)
        if in_life is not None:
            yield replace(effective, period=in_life)
        if after is not None:
            for successor in sorted(successors):
                voice = Voice(estate.deceased, successor)
                yield replace(effective, voice=voice, own=False, period=after)


def _speech(said: Recorded[Any]) -> Speech:
    fact = said.fact
    return Speech(
        party=fact.party,
        speaker=fact.speaker,
        uses=fact.uses or ALL_USES,
        scope="" if fact.scope.kind in _PERSON_WIDE else fact.scope.id,
        territory=fact.territory if _readable(fact.territory) else territories.WORLD,
        delegation=fact.delegation if isinstance(fact, StatementMade) else None,
        said_at=said.claimed_at,
        index=said.index,
        organisation=said.organisation,
        proven_key=said.proven_key,
    )


def _effective(
    said: Recorded[Any], authorities: tuple[Authority, ...], parts: Callable[[Authority], list[_Part]]
) -> list[Effective]:
    """Return a statement in every voice and stretch of time in which it has effect."""
    fact = said.fact
    found = []
    for authority in authorities:
        for part in parts(authority):
            period = part.period and fact.period.intersect(part.period)
            if period is not None:
                found.append(
                    Effective(
                        statement=fact.statement,
                        voice=authority.voice,
                        verdict=part.verdict,
                        uses=authority.uses,
                        scope=fact.scope,
                        licensee=fact.licensee,
                        territory=authority.territory,
                        period=period,
                        conditions=part.conditions,
                        own=authority.own,
                        delegation=authority.delegation,
                        index=said.index,
                    )
                )
    return found


def _readable(territory: str) -> bool:
    try:
        territories.canonical(territory)
    except InputError:
        return False
    return True
