"""Turn what a person types into ids, scopes, uses and periods."""

from __future__ import annotations

from typing import Final

from cantoria import codes
from cantoria.app.code_book import CodeBook
from cantoria.bootstrap.house import WiredHouse
from cantoria.consent.types import Scope, ScopeKind
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import PartyId
from cantoria.kernel.periods import ALWAYS, TIME_MIN, Period, format_moment, parse_moment
from cantoria.kernel.uses import FAMILIES, Use

WIDE: Final = {
    "persona": ScopeKind.PERSONA,
    "present": ScopeKind.PRESENT_WORKS,
    "future": ScopeKind.FUTURE_WORKS,
}
KINDS: Final = {
    "recording": ScopeKind.RECORDING,
    "work": ScopeKind.WORK,
    "release": ScopeKind.RELEASE,
    "catalogue": ScopeKind.CATALOGUE,
}


def find_party(opened: WiredHouse, text: str) -> PartyId:
    """Return the party called `text`: its id, a code key such as `ipi_name:…`, or an organisation's key name."""
    if text.startswith("party_"):
        return PartyId(text)
    if text in opened.keys.names():
        return opened.keys.author(text).party
    key = code_key(text)
    found = CodeBook(opened).names(key)
    if len(found) != 1 or not found[0].startswith("party_"):
        what = f"{len(found)} things" if len(found) > 1 else "no party"
        raise InputError(f"{what} with the code {key}", "give a party id, or a code as scheme:value")
    return PartyId(found[0])


def find_thing(opened: WiredHouse, text: str) -> str:
    """Return the id of the work, recording, release or catalogue that `text`, an id or a code key, names."""
    if text.split("_", 1)[0] in KINDS:
        return text
    key = code_key(text)
    found = CodeBook(opened).names(key)
    if len(found) != 1:
        what = "nothing" if not found else f"{len(found)} things"
        raise InputError(f"{what} with the code {key}", "give an id, or a code as scheme:value")
    return found[0]


def subject_of(text: str) -> str:
    """Return an id as it is, and a code as its key, even where it names several things or none."""
    return text if text.split("_", 1)[0] in (*KINDS, "party") else code_key(text)


def code_key(text: str) -> str:
    """Return a code key in canonical form; `scheme:value` with a known scheme."""
    scheme, _, value = text.partition(":")
    try:
        return codes.key(codes.Scheme(scheme), value)
    except ValueError as error:
        known = ", ".join(one.value for one in codes.Scheme)
        raise InputError(
            f"{text!r:.80} is neither an id nor a code", f"write scheme:value; schemes: {known}"
        ) from error


def scope_of(opened: WiredHouse, text: str) -> Scope:
    """Return the scope called `text`: present, future, persona, an id, or a code."""
    if text in WIDE:
        return Scope(WIDE[text])
    thing = find_thing(opened, text)
    return Scope(KINDS[thing.split("_", 1)[0]], thing)


def uses_of(names: list[str], *, family_allowed: bool) -> frozenset[Use]:
    """Return the uses called by these names; a family of uses only where a refusal may be wide."""
    found: set[Use] = set()
    for name in names:
        if name in FAMILIES:
            if not family_allowed:
                raise InputError(f"a yes names its uses one by one, not {name!r}", "a yes to one use is for that alone")
            found |= FAMILIES[name]
            continue
        try:
            found.add(Use(name))
        except ValueError as error:
            raise InputError(f"{name!r} is not a use", "one of " + ", ".join(Use)) from error
    return frozenset(found)


def period_of(since: str, until: str) -> Period:
    """Return the period from the day `since` to the day `until` (excluded); empty means open."""
    if not since and not until:
        return ALWAYS
    return Period(parse_moment(since) if since else TIME_MIN, parse_moment(until) if until else None)


def cwr_moment(moment: int) -> str:
    """Return a moment (UTC microseconds) as CWR headers say it: YYYYMMDDHHMMSS, midnight too."""
    return "".join(sign for sign in format_moment(moment) if sign.isdigit())[:14].ljust(14, "0")
