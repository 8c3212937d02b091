"""Deals of DDEX messages as signals: offers between a sender and its recipients, of the recording, not of the work.

DDEX has use types for training and mining that a deal may name; it has no way to refuse one. A deal that names none
says nothing of AI, so nothing is refused by a deal and nothing allowed: it shows who offers what to whom.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cantoria.consent.signals import Covers, Found, Offer, OutsideSignal, Said, Stance, Standard, quoted
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.registry.disclosure_facts import DealSignalled


def signals_of(deals: Iterable[DealSignalled]) -> Iterator[OutsideSignal]:
    """Give a signal for each deal that names AI."""
    for deal in deals:
        if deal.uses:
            terms = ", ".join((*deal.uses, *deal.commercial_models))
            recipients = f" to {', '.join(deal.recipients)}" if deal.recipients else ""
            yield OutsideSignal(
                standard=Standard.DDEX,
                version="ERN",
                found=Found.MESSAGE,
                place=quoted(deal.source.file or deal.release),
                said=tuple(
                    Said(use, Stance.CONSTRAINED, f"offered by {deal.said_by}{recipients}") for use in deal.uses
                ),
                covers=Covers.RECORDING,
                territory=_territory(deal),
                period=deal.period,
                offers=(Offer(quoted(deal.said_by), quoted(terms + recipients)),),
            )


def _territory(deal: DealSignalled) -> str:
    """Return the territory of a deal; one that cannot be read is everywhere, for what is shown opens nothing."""
    codes = deal.territories or (territories.WORLD,)
    text = " ".join((*codes, *(f"-{code}" for code in deal.excluded)))
    try:
        return territories.canonical(text)
    except InputError:
        return territories.WORLD
