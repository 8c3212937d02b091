"""The veto view: whether one recording or work may be used as asked, every reason against it, whose yes is missing,
and what their yes would change. As of one ledger size, by the reference `decide`; the law stands in a column of its
own and clears nothing (RULES sections 1 to 4, 6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from cantoria.app.house import House
from cantoria.app.pages.registry_names import Names, Value
from cantoria.app.pages.registry_statuses import ANY_CAMPAIGN
from cantoria.app.rights_near import Near, load_near
from cantoria.clearance import Answer, Cleared, Reason, Request, Rights, explain, law_column, law_value
from cantoria.clearance.decide import decide_subject
from cantoria.clearance.explain import MESSAGES
from cantoria.clearance.law_column import LAW_MEANS, STATUS_MEANS, LawLine
from cantoria.clearance.reasons import is_denial
from cantoria.clearance.unlock import plan_unlock
from cantoria.clearance.unlock_bounds import Group
from cantoria.consent import Standings
from cantoria.consent.types import Conditions, Effective, LicenseeTerm, Scope, ScopeKind, Verdict
from cantoria.kernel import canonical, territories
from cantoria.kernel.ids import PartyId, StatementId
from cantoria.kernel.periods import ALWAYS, TIME_MAX
from cantoria.kernel.territories import WORLD
from cantoria.kernel.uses import ALL_USES
from cantoria.mandates import Voice
from cantoria.registry.types import Closure, Side

ASKED_FIRST: Final = 1_000  # voices that the plan of whom to ask is worked out for


def clearance_value(house: House, thing: str, request: Request, *, near: Near | None = None) -> Value | None:
    """Return the answer for a recording or work as of `request.size`; None when it is not registered by then. `near` is
    its neighbourhood as of that size if it was read."""
    if near is None or request.persons:
        near = load_near(house.index, subjects=[thing, *request.persons], size=request.size)
    rights = near.rights
    view = rights.registry.recording(thing) or rights.registry.work(thing)
    if view is None:
        return None
    names = Names(house.index, request.size)
    answer = decide_subject(thing, request, rights=rights)
    reasons = () if isinstance(answer, Cleared) else answer.reasons
    missing = () if isinstance(answer, Cleared) else answer.missing
    names.want([*request.persons, request.licensee, *_parties(missing)])
    names.want(name for reason in reasons for name in (reason.party, reason.subject))
    return {
        "id": thing,
        "title": view.title,
        "artist": getattr(view, "display_artist", ""),
        "media": "work" if rights.registry.side_of(thing) is Side.WORK else "recording",
        "request": request_value(request, names=names),
        "status": answer.status.value,
        "status_means": STATUS_MEANS,
        "reasons": [reason_value(reason, names=names) for reason in reasons],
        "because": list(answer.because) if isinstance(answer, Cleared) else [],
        "missing": list(missing),
        "voices": _voices_value(rights, missing, reasons, names=names),
        "plan": plan_value(rights, thing, request, answer, names=names),
        "law": law_lines_value(law_column(request)),
        "law_means": LAW_MEANS,
    }


def request_value(request: Request, *, names: Names) -> Value:
    """Return what was asked."""
    return {
        "use": request.use.value,
        "licensee": names.ref(request.licensee) if request.licensee else None,
        "licensee_classes": sorted(request.licensee_classes),
        "territory": request.territories,
        "training_place": request.training_place,
        "establishment": request.establishment,
        "markets": request.markets,
        "at": request.at,
        "profile": request.profile,
        "model_version": request.model_version or "",
        "offer": f"{request.offer.currency} {request.offer.format()}" if request.offer else "",
        "campaign": "" if request.campaign == ANY_CAMPAIGN else request.campaign or "",
        "persons": [names.ref(one) for one in request.persons],
        "attribution": request.attribution,
        "label": request.label,
        "tuned_on": request.tuned_on,
        "used_input": request.used_input,
    }


def reason_value(reason: Reason, *, names: Names) -> Value:
    """Return a reason: the same code, party, subject and text as the API gives, with names and addresses beside it."""
    return {
        "code": reason.code.name.lower(),
        "number": int(reason.code),
        "rule": MESSAGES[reason.code].rule,
        "party": reason.party,
        "subject": reason.subject,
        "text": explain(reason),
        "who": names.ref(reason.party) if reason.party else None,
        "what": names.ref(reason.subject) if reason.subject else None,
        "denies": is_denial(reason.code),
    }


def _voices_value(rights: Rights, missing: Sequence[str], reasons: Sequence[Reason], *, names: Names) -> list[Value]:
    """Return the parties whose yes is missing: for whom each speaks, why it is missing, whether it can be reached."""
    found = []
    for text in missing:
        voice = _voice(text)
        why = dict.fromkeys(one.code.name.lower() for one in reasons if one.party == voice.speaker)
        subjects = dict.fromkeys(one.subject for one in reasons if one.party == voice.speaker)
        view = rights.registry.party(voice.speaker)
        found.append(
            {
                "voice": text,
                "principal": names.ref(voice.principal),
                "speaker": names.ref(voice.speaker),
                "reachable": view is not None and view.reachable,
                "reasons": list(why),
                "subjects": [names.ref(one) for one in subjects if one],
            }
        )
    return found


def plan_value(rights: Rights, thing: str, request: Request, answer: Answer, *, names: Names) -> Value:
    """Return the smallest set of yeses for this row, and what they would make of it.

    All that are missing must say yes, so the smallest set is exactly they: `plan_unlock` over the one row says the
    same. What stands against a use by a refusal must be taken back with it. `then` is what `decide` answers when each
    of them says an unconditional yes in place of what it says now; what is left is not theirs to open.
    """
    if isinstance(answer, Cleared):
        return {"yeses": [], "exact": True, "then": {"status": answer.status.value, "left": []}, "to_take_back": []}
    voices = answer.missing
    chosen: tuple[str, ...] = ()
    if 0 < len(voices) <= ASKED_FIRST:
        moves = plan_unlock([Group(tuple(range(len(voices))), 1)], yeses=len(voices)).moves
        chosen = tuple(voices[number] for move in moves for number in move.voices)
    supposed = suppose(rights, thing, request, voices)
    then = decide_subject(thing, request, rights=supposed)
    left = () if isinstance(then, Cleared) else then.reasons
    names.want(name for reason in left for name in (reason.party, reason.subject))
    against = {one.party for one in answer.reasons if one.code.name in ("STOPPED", "SAID_NO")}
    return {
        "yeses": list(chosen or voices),
        "exact": set(chosen) == set(voices),
        "to_take_back": sorted(str(voice) for voice in voices if _voice(voice).speaker in against),
        "then": {"status": then.status.value, "left": [reason_value(reason, names=names) for reason in left]},
    }


def suppose(rights: Rights, thing: str, request: Request, voices: Iterable[str]) -> Rights:
    """Return rights in which each of these voices says nothing but an unconditional yes to all that the thing carries
    with it and to the persons."""
    closure = rights.registry.closure(thing)
    standings = rights.standings
    by_voice = {voice: standings.by_voice(voice) for voice in standings.voices()}
    for text in voices:
        voice = _voice(text)
        by_voice[voice] = tuple(_yeses(voice, closure, request))
    changed = Standings(standings.effective, standings.without_effect, by_voice, standings.signals)
    return Rights(rights.registry, rights.mandates, changed)


def _yeses(voice: Voice, closure: Closure, request: Request) -> Iterable[Effective]:
    scopes = [Scope(ScopeKind.RECORDING, one) for one in closure.recordings]
    scopes += [Scope(ScopeKind.WORK, one) for one in closure.works]
    for scope in (*scopes, Scope(ScopeKind.PERSONA)):
        yield Effective(
            statement=StatementId(""),
            voice=voice,
            verdict=Verdict.YES,
            uses=ALL_USES,
            scope=scope,
            licensee=LicenseeTerm(),
            territory=WORLD,
            period=ALWAYS,
            conditions=Conditions(campaign=request.campaign),
            own=True,
            delegation=None,
            index=request.size,
        )


def law_lines_value(lines: Sequence[LawLine]) -> Value:
    """Return the law column: countries of which something is on file, those whose law says the same together, and how
    many there are of which nothing is. It stands beside the status and never changes it."""
    known = [line for line in lines if line.entry.basis or line.due]
    groups: dict[str, Value] = {}
    for code, said in law_value(known).items():
        name = said.pop("name")
        iso = next(iter(territories.resolve(code, at=TIME_MAX).iso()), "")
        group = groups.setdefault(canonical.encode(said).decode(), {"countries": [], **said})
        group["countries"].append({"code": code, "iso": iso, "name": name})
    return {"lines": list(groups.values()), "not_assessed": len(lines) - len(known)}


def _voice(text: str) -> Voice:
    principal, _, speaker = text.partition(" via ")
    return Voice(PartyId(principal), PartyId(speaker or principal))


def _parties(voices: Iterable[str]) -> list[str]:
    return [name for text in voices for name in text.split(" via ")]
