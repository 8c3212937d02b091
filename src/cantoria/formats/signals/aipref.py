"""IETF AIPREF: preferences in the field `Content-Usage`, and in the rule of that name in robots.txt.

A field that cannot be read expresses no preference, which is no permission. `y` and `n` are the only preferences;
parameters that name exceptions (as CC signals do) are shown as terms and take nothing from the `n`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cantoria.consent.signals import Found, Offer, OutsideSignal, Said, Stance, Standard, quoted
from cantoria.consent.signals.crosswalk import crosswalk
from cantoria.formats.signals.common import Notes
from cantoria.formats.signals.structured import Member, dictionary
from cantoria.kernel.errors import InputError

VERSION: Final = "drafts of 2026-08-19"
FIELD: Final = "Content-Usage"
_STANCES: Final = {"y": Stance.ALLOWED, "n": Stance.REFUSED}


def preferences(
    text: str, *, found: Found, place: str, notes: Notes, line: int = 0, location: str = ""
) -> OutsideSignal | None:
    """Return what one field or rule says, None when it expresses no preference."""
    try:
        members = dictionary(text)
    except InputError as error:
        message = f"{FIELD} cannot be read and expresses no preference, which is no permission: {error.message}"
        notes.add(message, remedy=error.remedy, line=line, field=FIELD, value=text)
        return None
    said = [one for member in members if (one := _said(member, notes, line))]
    if not said:
        return None
    return OutsideSignal(
        standard=Standard.AIPREF,
        version=VERSION,
        found=found,
        place=place,
        said=tuple(dict.fromkeys(said)),
        location=location,
        offers=tuple(dict.fromkeys(_exceptions(members))),
    )


def _said(member: Member, notes: Notes, line: int) -> Said | None:
    stance = _STANCES.get(member.value)
    if stance is None:
        message = "neither y nor n: no preference is expressed, which is no permission"
        notes.add(message, remedy="write y or n", line=line, field=f"{FIELD}: {member.key}", value=member.value)
        return None
    if member.key not in crosswalk().categories(Standard.AIPREF):
        notes.add(
            "this category is not known: it is shown and refuses nothing", line=line, field=FIELD, value=member.key
        )
    return Said(quoted(member.key), stance, quoted("; ".join(f"{name}={value}" for name, value in member.parameters)))


def _exceptions(members: Iterable[Member]) -> Iterable[Offer]:
    for member in members:
        if member.value == "n" and member.parameters:
            terms = "; ".join(f"{name}={value}" for name, value in member.parameters)
            yield Offer(f"{FIELD}: {member.key}", quoted(terms))
