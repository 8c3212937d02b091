"""Why something recorded on the way to a licence has no effect: every code with the line that a person reads."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Unheard(StrEnum):
    """What is kept and shown, and moves nothing."""

    NOT_THE_LICENSEE = "not_the_licensee"
    OFFER_UNREADABLE = "offer_unreadable"
    OFFER_OUT_OF_TURN = "offer_out_of_turn"
    OTHER_THINGS = "other_things"
    NO_SUCH_OFFER = "no_such_offer"
    OFFER_CHANGED = "offer_changed"
    NOT_ASKED = "not_asked"
    NOT_THEIR_WORD = "not_their_word"
    NO_YES_BEHIND = "no_yes_behind"
    ENDED = "ended"
    TOO_LATE = "too_late"
    ANSWERED_ALREADY = "answered_already"
    NOTHING_ASKED_INSTEAD = "nothing_asked_instead"
    PRICE_UNPAYABLE = "price_unpayable"
    NOT_CONCLUDED = "not_concluded"


LINES: Final[dict[Unheard, str]] = {
    Unheard.NOT_THE_LICENSEE: "it was neither recorded nor signed by the licensee that it names",
    Unheard.OFFER_UNREADABLE: "the offer lacks things, voices or a campaign, or its territory or price cannot be read",
    Unheard.OFFER_OUT_OF_TURN: "an offer with this number, or a later one, was made before",
    Unheard.OTHER_THINGS: "a new offer is to the same holder for the same use of the same things",
    Unheard.NO_SUCH_OFFER: "there is no such offer",
    Unheard.OFFER_CHANGED: "the offer that it speaks of is no longer on the table",
    Unheard.NOT_ASKED: "the licence does not need the yes of this voice",
    Unheard.NOT_THEIR_WORD: "who said it may not speak for this voice",
    Unheard.NO_YES_BEHIND: "no yes with effect for each thing of the offer was said between the offer and the answer",
    Unheard.ENDED: "the licence was concluded, declined or withdrawn before",
    Unheard.TOO_LATE: "the offer had expired",
    Unheard.ANSWERED_ALREADY: "this voice had accepted this offer already",
    Unheard.NOTHING_ASKED_INSTEAD: "a counter-offer names a price or other terms",
    Unheard.PRICE_UNPAYABLE: "a price is not below zero, and comes to an amount that can be written",
    Unheard.NOT_CONCLUDED: "the answers before it do not make a licence of that offer by those statements",
}
