"""W3C TDM Reservation Protocol: the file of a site, fields of a response, and metadata of a page.

Each states a reservation (1: the rights of text and data mining are reserved, 0: they are not) and may point to a
policy (formats/signals/odrl.py). What is malformed reserves nothing and permits nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, BinaryIO, Final

from cantoria.consent.signals import Found, Offer, OutsideSignal, Said, Stance, Standard, quoted
from cantoria.formats.limits import SIGNALS
from cantoria.formats.signals.common import (
    Notes,
    SignalsRead,
    is_address,
    normal,
    parse_json,
    path_of,
    take,
)
from cantoria.kernel.errors import InputError

VERSION: Final = "2024-05-10"
RESERVATION: Final = "tdm-reservation"
POLICY: Final = "tdm-policy"
FILE: Final = "/.well-known/tdmrep.json"
MINE: Final = "mine"
_VALUES: Final = {"1": Stance.REFUSED, "0": Stance.ALLOWED}
_TRUTHS: Final = {"true": "1", "false": "0"}


def read(source: bytes | BinaryIO, *, file: str = "tdmrep.json") -> SignalsRead:
    """Return one signal for each rule of a tdmrep.json. Raises `InputError` for what is no list of rules at all."""
    value = parse_json(take(source, file=file), file=file)
    notes = Notes(file)
    if isinstance(value, dict) and "location" in value:
        notes.add("one rule without a list around it: read as a list of one", remedy="write [ ] around it")
        value = [value]
    if not isinstance(value, list):
        raise InputError(f"{file} is no list of rules", 'such as [{"location": "/", "tdm-reservation": 1}]')
    if len(value) > SIGNALS.rules_max:
        raise InputError(f"{file} has more than {SIGNALS.rules_max} rules", "join them by patterns")
    signals = [_rule(rule, number, file, notes) for number, rule in enumerate(value, 1)]
    return SignalsRead(tuple(signal for signal in signals if signal is not None), notes.all())


def _rule(rule: Any, number: int, file: str, notes: Notes) -> OutsideSignal | None:
    what = f"rule {number}"
    if not isinstance(rule, dict):
        notes.add(f"{what} is no object and says nothing", field=what, value=rule)
        return None
    location = rule.get("location")
    if not isinstance(location, str) or not location or len(location) > SIGNALS.text_chars_max:
        notes.add(f"{what} has no location and says nothing", remedy="give a path", field="location", value=location)
        return None
    if is_address(location):
        notes.add(f"{what} has an address for a location: its path is taken", field="location", value=location)
        location = path_of(location)
    elif not location.startswith(("/", "*")):
        location = "/" + location
    return signal_of(
        rule.get(RESERVATION), rule.get(POLICY), found=Found.FILE, place=file, notes=notes, location=normal(location)
    )


def signal_of(
    reservation: Any, policy: Any, *, found: Found, place: str, notes: Notes, location: str = ""
) -> OutsideSignal | None:
    """Return what a reservation and the address of a policy (None: not given) say together, None for nothing."""
    text = str(reservation).strip().lower()
    if text in _TRUTHS:
        notes.add("a truth value for a number: read as one", field=RESERVATION, value=reservation)
    stance = _VALUES.get(_TRUTHS.get(text, text)) if reservation is not None else None
    if stance is None:
        message = "neither 1 nor 0: nothing is reserved by it, and nothing permitted"
        notes.add(message, remedy="write 1 or 0", field=RESERVATION, value=reservation)
        return None
    offers: tuple[Offer, ...] = ()
    if isinstance(policy, str) and is_address(policy.strip()):
        offers = (Offer(quoted(policy), "TDM policy"),)
    elif policy is not None:
        notes.add("not an address on the web: it points nowhere", field=POLICY, value=policy)
    return OutsideSignal(
        standard=Standard.TDMREP,
        version=VERSION,
        found=found,
        place=place,
        said=(Said(MINE, stance),),
        location=location,
        offers=offers,
    )


def of_fields(fields: Iterable[tuple[str, str]], *, found: Found, place: str, notes: Notes) -> list[OutsideSignal]:
    """Return what fields of a response, or metadata of a page, say as (name, value); of several the stricter counts
    where they are weighed."""
    given = [(name.lower(), value) for name, value in fields]
    policies = [value for name, value in given if name == POLICY]
    reservations = [value for name, value in given if name == RESERVATION]
    if policies and not reservations:
        notes.add("a policy without a reservation says nothing", field=POLICY, value=policies[0])
    if len(reservations) > 1:
        notes.add("given more than once: each counts", field=RESERVATION, value=", ".join(reservations))
    policy = policies[0] if policies else None
    signals = (signal_of(value, policy, found=found, place=place, notes=notes) for value in reservations)
    return [signal for signal in signals if signal is not None]
