"""The receipt of a statement: what was said, where it stands in the ledger, whether it has effect, what its end
touches; and the list of everything said by or for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cantoria.app import saying
from cantoria.app.house import House
from cantoria.app.pages.decide_names import Value
from cantoria.app.pages.decide_said import MADE, TAKEN, listed, said_by
from cantoria.app.pages.decide_touched import stays_trained, touched_value
from cantoria.app.ports import Author, FactIndex
from cantoria.consent.facts import StatementMade
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Recorded

BESIDE_MAX: Final = 20
PAGE: Final = 50


def find(index: FactIndex, statement: str, *, size: int) -> Recorded[StatementMade] | None:
    """Return the recorded statement of this id, None where there is none below `size`."""
    said = index.about([statement], tags=[MADE], size=size)
    return next((one for one in said if one.fact.statement == statement), None)


def receipt(house: House, made: Recorded[StatementMade], *, at: int, size: int) -> Value:
    """Return what a receipt shows."""
    [value] = listed(house.index, [made], at=at, size=size)
    taken = house.index.about([made.fact.statement], tags=[TAKEN], size=size)
    return {
        **value,
        "recorded_by": made.organisation,
        "beside": listed(house.index, beside(house.index, made, size=size), at=at, size=size),
        "taken_back": [{"at": one.fact.at, "index": one.index, "said_at": one.claimed_at} for one in taken],
        "touched": touched_value(house, [made.fact.statement], at=at, size=size),
        "stays_trained": stays_trained(made.fact.uses),
    }


def beside(index: FactIndex, made: Recorded[StatementMade], *, size: int) -> list[Recorded[StatementMade]]:
    """Return what was said in the same step: its neighbours in the ledger, by the same speaker at the same moment."""
    low, high = max(0, made.index - BESIDE_MAX), min(size, made.index + BESIDE_MAX)
    near = [one for one in index.scan(tags=[MADE], start=low, size=high) if one.index != made.index]
    same = (made.claimed_at, made.fact.party, made.fact.speaker)
    return [one for one in near if (one.claimed_at, one.fact.party, one.fact.speaker) == same]


def may_withdraw(made: Recorded[StatementMade], party: str, *, organisation: str) -> bool:
    """Tell whether a party's word ends a statement: its own, or one that was said for it; and what its organisation
    recorded that nobody signed."""
    unsigned = not made.proven_key and organisation != "" and made.organisation == organisation
    return party != "" and (party in (made.fact.speaker, made.fact.party) or (unsigned and party == organisation))


def withdraw(house: House, made: Recorded[StatementMade], *, party: str, author: Author) -> Value:
    """End a statement now, in the name of a party, and return where that stands."""
    [value] = listed(house.index, [made], at=house.clock.now(), size=house.index.catch_up())
    if value["effect"]["state"] == "ended":
        raise InputError(f"{made.fact.statement} was taken back already", "look at its receipt")
    done = saying.withdraw(house, made.fact.statement, author=author, by=party)
    return {"statement": made.fact.statement, "index": done.index, "fact_id": done.fact_id}


def said_page(index: FactIndex, party: str, *, before: int, at: int, size: int) -> Value:
    """Return a page of what was said by or for a party, the newest first, below ledger index `before`."""
    every = said_by(index, party, size=size)
    rest = [one for one in reversed(every) if one.index < before]
    shown: Sequence[Recorded[StatementMade]] = rest[:PAGE]
    return {
        "total": len(every),
        "statements": listed(index, shown, at=at, size=size),
        "next": shown[-1].index if len(rest) > PAGE else None,
    }
