"""The status of a work or recording for each use as of one ledger size: the answers of the reference `decide`."""

from __future__ import annotations

from typing import Final

from cantoria.app.coverage import OF_OUTPUT, PERSONAL
from cantoria.app.pages.registry_names import Names, Value
from cantoria.clearance import Answer, Cleared, Request, Rights
from cantoria.clearance.decide import decide_subject
from cantoria.kernel.ids import PartyId
from cantoria.kernel.uses import Use
from cantoria.registry.types import Role, Side

ANY_CAMPAIGN: Final = "(any campaign)"  # no statement names it: a yes to one campaign is no yes to any


def performers_of(rights: Rights, subject: str) -> tuple[PartyId, ...]:
    """Return the featured performers of a recording: the persons whose voice, likeness and style it shows."""
    if rights.registry.side_of(subject) is Side.WORK:
        return ()
    claims = rights.registry.claims(subject)
    return tuple(sorted({one.fact.party for one in claims if one.fact.role is Role.FEATURED_PERFORMER}))


def request_to(
    use: Use, *, territory: str, at: int, size: int, persons: tuple[PartyId, ...] = (), licensee: str = ""
) -> Request:
    """Return the plain request for a use: by anyone, under no conditions; an output is one made with the row as
    input."""
    return Request(
        use=use,
        licensee=PartyId(licensee),
        territories=territory,
        at=at,
        size=size,
        campaign=ANY_CAMPAIGN if use is Use.ADVERTISE else None,
        used_input=use in OF_OUTPUT,
        persons=persons if use in PERSONAL else (),
    )


def statuses_value(rights: Rights, subject: str, *, territory: str, at: int, size: int, names: Names) -> list[Value]:
    """Return for every use what a request by anyone would come to in every country of `territory` (the strictest
    wins): the status, its first reason, and how many yeses are missing. Voice, likeness and style are asked of the
    featured performers."""
    persons = performers_of(rights, subject)
    found = []
    for use in Use:
        request = request_to(use, territory=territory, at=at, size=size, persons=persons)
        answer = decide_subject(subject, request, rights=rights)
        found.append({"use": use.value, **status_value(answer, names=names)})
    return found


def status_value(answer: Answer, *, names: Names) -> Value:
    """Return an answer in short."""
    if isinstance(answer, Cleared):
        return {"status": answer.status.value, "reason": None, "reasons": 0, "missing": 0}
    first = answer.reasons[0]
    return {
        "status": answer.status.value,
        "reason": {
            "code": first.code.name.lower(),
            "party": names.ref(first.party) if first.party else None,
            "subject": names.ref(first.subject) if first.subject else None,
        },
        "reasons": len(answer.reasons),
        "missing": len(answer.missing),
    }
