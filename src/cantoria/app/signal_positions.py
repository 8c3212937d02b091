"""What stands of a thing for anybody who asks, as a position to be published (formats/signals/writing.py).

Of a recording or work it is the answer that a licensee of whom nothing is known would get. Of a person or a catalogue
it is what its own statements say of works; others hold rights in these too, so a yes is told as terms. Everything that
is not a plain yes is told as terms or as a refusal.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cantoria.app import rights
from cantoria.app.house import House
from cantoria.clearance import Answer, Cleared, Denied, ReasonCode, Request, Rights
from cantoria.clearance.decide import decide_persons, decide_subject
from cantoria.clearance.reasons import is_open
from cantoria.consent import Effective, ScopeKind, Verdict
from cantoria.consent.signals import Stance
from cantoria.formats.signals.positions import Position
from cantoria.formats.types import Finding, Severity
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import PartyId
from cantoria.kernel.uses import FAMILIES, Use
from cantoria.mandates import Voice

ANYBODY: Final = PartyId("")  # a licensee that no statement names
_PERSONA: Final = FAMILIES["persona"]
_SIDES: Final = tuple(use for use in Use if use not in _PERSONA)


def position_of(
    house: House, thing: str, *, territory: str = territories.WORLD, contact: str = "", location: str = "/"
) -> Position:
    """Return what is to be said of a recording, work, party or catalogue (an id) in a territory, as of now."""
    size = house.index.catch_up()
    view = rights.load_around(house.index, subjects=[thing], size=size)
    kind = thing.partition("_")[0]
    now = house.clock.now()
    if kind in ("recording", "work"):
        if view.registry.registered_index(thing) < 0:
            raise InputError(f"{thing} is not registered", "register it first")
        stances = {
            use: _answered(decide_subject(thing, _request(use, territory, now, size), rights=view)) for use in _SIDES
        }
    elif kind == "party":
        stances = {use: _of_statements(view, Voice(PartyId(thing), PartyId(thing)), use, thing, now) for use in _SIDES}
        for use in sorted(_PERSONA):
            request = _request(use, territory, now, size, persons=(PartyId(thing),))
            stances[use] = _answered(decide_persons(request, rights=view))
    elif kind == "catalogue":
        owner = view.registry.catalogue_owner(thing)
        if owner is None:
            raise InputError(f"{thing} is not defined", "define the catalogue first")
        voice = Voice(PartyId(owner), PartyId(owner))
        stances = {use: _of_statements(view, voice, use, thing, now) for use in _SIDES}
    else:
        raise InputError(f"{thing!r:.80} has no standing", "name a recording, work, party or catalogue")
    return Position(target=f"urn:cantoria:thing:{thing}", stances=stances, contact=contact, location=location)


def _request(use: Use, territory: str, at: int, size: int, *, persons: tuple[PartyId, ...] = ()) -> Request:
    """Return the request of somebody of whom nothing is known. The campaign is one that no statement names."""
    return Request(
        use=use,
        licensee=ANYBODY,
        territories=territory,
        at=at,
        size=size,
        persons=persons,
        used_input=use in FAMILIES["output"],
        campaign="any campaign" if use is Use.ADVERTISE else None,
    )


def _answered(answer: Answer) -> Stance:
    """Return what an answer is to the outside: terms where nothing but terms stands in the way."""
    if isinstance(answer, Cleared):
        return Stance.ALLOWED
    terms = all(is_open(reason.code) or reason.code is ReasonCode.CONDITION_UNMET for reason in answer.reasons)
    return Stance.CONSTRAINED if terms and not isinstance(answer, Denied) else Stance.REFUSED


def _of_statements(view: Rights, voice: Voice, use: Use, thing: str, at: int) -> Stance:
    """Return what a voice says of a use of all its present works, or of a catalogue: at most terms, because the yes of
    one holder is never that of all."""
    said = [
        one
        for one in view.standings.by_voice(voice)
        if use in one.uses and one.period.contains(at) and _speaks_of(one, thing)
    ]
    if not said or any(one.verdict in (Verdict.STOP, Verdict.NO) for one in said):
        return Stance.REFUSED
    return Stance.CONSTRAINED


def _speaks_of(said: Effective, thing: str) -> bool:
    if said.scope.kind is ScopeKind.PRESENT_WORKS:
        return True
    return said.scope.kind is ScopeKind.CATALOGUE and said.scope.id == thing


def unsaid_finding(uses: Iterable[Use], *, form: str) -> Finding:
    """Return the finding that a standard has no word for some uses."""
    names = ", ".join(use.value for use in uses)
    return Finding(
        file=form,
        message=f"this standard has no word for {names}: whoever reads it finds nothing said of these",
        remedy="publish the ODRL policy beside it",
        severity=Severity.INFO,
    )
