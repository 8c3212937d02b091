"""The readable reference: one row, one request, one answer that explains itself (RULES sections 1 to 6).

It is naive on purpose: every country (or one of each class that nothing on record tells apart), every target, every
holder, every voice. The set-based plan must give the same answers, reason by reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from cantoria import consent
from cantoria.clearance.reasons import ReasonCode, is_denial, is_open
from cantoria.clearance.rights import Rights, condition_unmet, refusals_of, targets_of
from cantoria.clearance.types import Answer, Cleared, Denied, Licensable, Reason, Request, Row, Unknown
from cantoria.consent import Effective, Need, Occasion, Profile, Target, TargetKind, Verdict
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.uses import Use
from cantoria.mandates import Voice
from cantoria.registry import Ambiguous, Found, NotFound, Problem

PROBLEM_REASONS: Final = {
    Problem.NO_LINKED_WORK: ReasonCode.NO_LINKED_WORK,
    Problem.NO_HOLDERS: ReasonCode.HOLDERS_INCOMPLETE,
    Problem.HOLDERS_INCOMPLETE: ReasonCode.HOLDERS_INCOMPLETE,
    Problem.SHARES_NOT_WHOLE: ReasonCode.HOLDERS_INCOMPLETE,
    Problem.BLOCKING_DISPUTE: ReasonCode.BLOCKING_DISPUTE,
    Problem.ORIGINAL_UNKNOWN: ReasonCode.ORIGINAL_UNKNOWN,
    Problem.SAMPLE_UNKNOWN: ReasonCode.SAMPLE_UNKNOWN,
}
# Who cannot be reached can be neither asked nor offered a price.
_NEEDS_REACHING: Final = frozenset({ReasonCode.ASKS, ReasonCode.PRICE_OPEN, ReasonCode.SILENT})


@dataclass(slots=True)
class _Finding:
    """What has been found about a row so far: reasons against it, yeses missing, yeses it rests on."""

    reasons: set[Reason] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    because: set[str] = field(default_factory=set)

    def answer(self) -> Answer:
        """Return the strictest status that the reasons allow: denied, unknown, licensable, cleared."""
        reasons, missing = tuple(sorted(self.reasons)), tuple(sorted(self.missing))
        if any(is_denial(reason.code) for reason in reasons):
            return Denied(reasons, missing)
        if any(not is_open(reason.code) for reason in reasons):
            return Unknown(reasons, missing)
        if reasons:
            return Licensable(reasons, missing)
        return Cleared(tuple(sorted(self.because)))


def decide(row: Row, request: Request, *, rights: Rights) -> Answer:
    """Return whether the row may be used as requested, by these rights; if not, why not and whose yes is missing.

    Raises `InputError` for a request that cannot be read: unknown profile, media or territory, too many codes.
    """
    match rights.registry.resolve(row.codes, media=row.media):
        case NotFound():
            return Unknown((Reason(ReasonCode.NOT_FOUND),), ())
        case Ambiguous(contradiction=contradiction):
            code = ReasonCode.CODES_DISAGREE if contradiction else ReasonCode.AMBIGUOUS
            return Unknown((Reason(code),), ())
        case Found() as found:
            return _judge(found, request, rights, refused=row.refused).answer()


def decide_subject(subject: str, request: Request, *, rights: Rights) -> Answer:
    """Return whether a work or recording, named by its id, may be used as requested, without a row or its codes."""
    found = Found(subject, rights.registry.side_of(subject), "")
    return _judge(found, request, rights).answer()


def decide_persons(request: Request, *, rights: Rights) -> Answer:
    """Return what the persons named (or missing) in a request come to: the part of the answer that is the same for
    every row that is found."""
    return _judge(None, request, rights).answer()


def _judge(found: Found | None, request: Request, rights: Rights, *, refused: frozenset[Use] = frozenset()) -> _Finding:
    """Judge a subject (None = the persons named alone) for all countries of the request together: the strictest
    wins. `refused` are the uses that signals beside the row refuse."""
    terms = rights.terms_of(request)
    finding = _Finding()
    if any(need.persons for need in terms.needs) or not terms.needs:
        finding.reasons.update(_nobody_named(request))
    for country, *_ in terms.classes:
        for need in terms.needs:
            judge = _Judge(request, rights, terms.profile, need, country, finding)
            if need.persons:
                judge.persons()
            elif found is not None:
                judge.sides(found)
                judge.signals(found, beside=refused)
    return finding


def _nobody_named(request: Request) -> Iterator[Reason]:
    """Give the reason against a request that needs a person and names none. A request to publish an output made with
    neither an input nor a person asks nobody: it clears nothing."""
    if not request.persons:
        yield Reason(ReasonCode.NO_PERSON_NAMED)


@dataclass(frozen=True, slots=True)
class _Judge:
    """Collects what one need finds in one country."""

    request: Request
    rights: Rights
    profile: Profile
    need: Need
    country: str
    finding: _Finding

    def persons(self) -> None:
        """Ask every person named or replicated."""
        for person in self.request.persons:
            self._ask(person, Target(TargetKind.PERSONA, person))

    def sides(self, found: Found) -> None:
        """Ask every holder of every work and recording that the row carries with it; note what is not known."""
        registry = self.rights.registry
        self._note(registry.closure(found.subject).problems, found.subject)
        for target in targets_of(found, registry=registry):
            state = registry.side(target.id, territory=self.country, at=self.request.at)
            self._note(state.problems, target.id)
            for holding in state.holders:
                if holding.role in self.need.roles:
                    self._ask(holding.party, target)

    def signals(self, found: Found, *, beside: frozenset[Use]) -> None:
        """Heed the outside signals: those on record of anything that the row carries with it, and those beside it."""
        use, at = self.need.use, self.request.at
        if use in beside or any(
            use in said.uses and said.period.contains(at) and _holds(said.territory, self.country, at)
            for said in refusals_of(found.subject, rights=self.rights)
        ):
            self.finding.reasons.add(Reason(ReasonCode.SIGNAL_REFUSES, "", found.subject))

    def _note(self, problems: Iterable[Problem], subject: str) -> None:
        self.finding.reasons.update(Reason(PROBLEM_REASONS[problem], "", subject) for problem in problems)

    def _ask(self, party: str, target: Target) -> None:
        """Ask everybody who must say yes for a holder."""
        voices = self.rights.mandates.voices(party, at=self.request.at, profile=self.profile, use=self.need.use)
        for voice in voices:
            said = self._standing(voice, target)
            code = self._counts_as(said)
            if code is None:
                self.finding.because.update([said.statement] if said else [])
                continue
            self.finding.missing.add(str(voice))
            self.finding.reasons.add(Reason(code, voice.speaker, target.id))
            if code in _NEEDS_REACHING and not self._reachable(voice):
                self.finding.reasons.add(Reason(ReasonCode.UNREACHABLE, voice.speaker, target.id))

    def _standing(self, voice: Voice, target: Target) -> Effective | None:
        occasion = Occasion(
            self.need.use,
            self.request.licensee,
            self.request.licensee_classes,
            self.country,
            self.request.at,
            self.request.model_version,
        )
        return consent.winner(
            voice,
            target,
            occasion=occasion,
            standings=self.rights.standings,
            registry=self.rights.registry,
        )

    def _counts_as(self, said: Effective | None) -> ReasonCode | None:
        """Return why the winning statement is no yes, None when it is one."""
        if said is None:
            return ReasonCode.SILENT
        match said.verdict:
            case Verdict.STOP:
                return ReasonCode.STOPPED
            case Verdict.NO:
                return ReasonCode.SAID_NO
            case Verdict.ASK:
                return ReasonCode.ASKS
            case Verdict.YES:
                return condition_unmet(said.conditions, self.request)

    def _reachable(self, voice: Voice) -> bool:
        view = self.rights.registry.party(voice.speaker)
        return view is not None and view.reachable


def _holds(territory: str, country: str, at: int) -> bool:
    """Tell whether a territory holds a country; one that nobody can read holds all, so that no refusal is lost."""
    try:
        return country in territories.resolve(territory, at=at)
    except InputError:
        return True
