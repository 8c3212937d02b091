"""Who holds something by a message: its line-up, its producer, and what it says of the work side.

A label's message documents the line-up and the producer that it names; that these are all it never says. Of works it
is no authority: their writers and publishers are asserted only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cantoria.formats.ern.names import Notes
from cantoria.formats.ern.records import Credit, SoundRecord
from cantoria.formats.ern.roles import CONTRIBUTORS, CONTROLLERS, DISPLAY_ARTISTS
from cantoria.formats.types import Severity
from cantoria.registry.types import Role, Tier

_P_LINE: Final = re.compile(r"^\s*(?:\(\s*[pP]\s*\)|℗)?\s*(?:[0-9]{4}\s*,?\s*)*")
_PERFORMER: Final = {True: Role.FEATURED_PERFORMER, False: Role.NON_FEATURED_PERFORMER}
_DISPLAYED: Final = {**CONTRIBUTORS, **DISPLAY_ARTISTS}
Holder = tuple[str, Role, Tier]  # party reference, role, tier
Parties = dict[str, str]


def holders_of(record: SoundRecord, *, names: dict[str, str], notes: Notes) -> list[Holder]:
    """Return the holders that the record names, each party once per role, featured before non-featured.

    `names` maps a case-folded name to the reference of the party of the message that bears it.
    """
    best: dict[tuple[str, Role], Tier] = {}
    for holder, role, tier in (*_credited(record, notes), *_producers(record, names, notes)):
        best[holder, role] = max(tier, best.get((holder, role), tier))
    featured = {party for (party, role), tier in best.items() if role is Role.FEATURED_PERFORMER}
    return [
        (party, role, tier)
        for (party, role), tier in best.items()
        if role is not Role.NON_FEATURED_PERFORMER or party not in featured
    ]


def _credited(record: SoundRecord, notes: Notes) -> Iterator[Holder]:
    for credit in record.credits:
        if credit.special:
            continue  # a generative AI, various artists: nobody in particular
        if not credit.party:
            notes.add(credit.line, f"a {credit.element} names no party", "name one", field=credit.element)
            continue
        roles = list(_roles(credit))
        for role, tier in roles:
            yield credit.party, role, tier
        if not roles:
            shown = ", ".join(credit.roles) or "no role"
            notes.add(
                credit.line,
                f"this credit ({shown}) makes nobody a holder here",
                "nothing, unless the party performs, writes or produces",
                severity=Severity.INFO,
                field=credit.element,
                value=credit.party,
            )


def _roles(credit: Credit) -> Iterator[tuple[Role, Tier]]:
    if credit.element == "ResourceRightsController":
        if CONTROLLERS & set(credit.roles) and not credit.delegated:
            yield Role.PRODUCER, Tier.DOCUMENTED
        return
    if credit.element == "WorkRightsController":
        yield Role.PUBLISHER, Tier.ASSERTED
        return
    if not credit.roles and credit.element in ("Contributor", "EditionContributor"):
        yield _PERFORMER[bool(credit.featured)], Tier.ASSERTED
        return
    known = _DISPLAYED if credit.element == "DisplayArtist" else CONTRIBUTORS
    for text in credit.roles:
        for role in known.get(text, ()):
            if role in _PERFORMER.values() and credit.featured is not None:
                yield _PERFORMER[credit.featured], Tier.DOCUMENTED
            elif role in _PERFORMER.values():
                yield role, Tier.DOCUMENTED
            else:
                yield role, Tier.ASSERTED


def _producers(record: SoundRecord, names: dict[str, str], notes: Notes) -> Iterator[Holder]:
    """Give the producer that the P line names, if it is a party of the message by exactly that name."""
    for line, text in record.producers:
        company = _P_LINE.sub("", text).strip()
        party = names.get(company.casefold())
        if party:
            yield party, Role.PRODUCER, Tier.DOCUMENTED
        elif company:
            notes.add(
                line,
                "the producer in the P line is no party of the message, so it is not registered",
                "name it in the PartyList, or as ResourceRightsController",
                field="PLine",
                value=company,
            )
