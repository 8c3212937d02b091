"""What the review queue of matches says: pairs side by side, what was compared, what is at stake, what was decided."""

from __future__ import annotations

from typing import Any, Final

from cantoria.app.house import House
from cantoria.app.matching_queue import Evidence, Item
from cantoria.app.matching_ranking import Ranked, items, ranked
from cantoria.kernel.facts import Recorded
from cantoria.kernel.money import Money
from cantoria.registry.match_facts import MatchDecided, MatchKind
from cantoria.registry.matching.types import Band, Row

Value = dict[str, Any]
SIDES: Final = ("title", "artist", "version", "duration_ms", "isrc", "iswc", "codes", "aliases", "writers")
SHOWN: Final = 10
DECIDED_SHOWN: Final = 10
LISTED_MAX: Final = 8


def queue_value(
    house: House, kind: MatchKind, *, organisation: str, band: Band, currency: str, start: int = 0
) -> Value:
    """Return a page of the queue from the place `start` on; `run` is None where nothing was matched yet."""
    found = ranked(house, kind, organisation=organisation, band=band, currency=currency)
    if found is None:
        return {"run": None, "pairs": [], "total": 0, "next": 0, "decided": []}
    chosen = found.pairs[start : start + SHOWN]
    last = start + SHOWN
    return {
        "run": found.made.fact.run,
        "run_at": found.made.claimed_at,
        "total": found.total,
        "weighed": len(found.pairs),
        "ranked_by": found.stakes.basis,
        "start": start,
        "next": last if last < len(found.pairs) else 0,
        "pairs": [_pair(one, currency) for one in items(house, found, chosen)],
        "decided": _decided(house, found, organisation),
    }


def _pair(item: Item, currency: str) -> Value:
    left, right = _side(item.left), _side(item.right)
    rows = [
        {"name": name, "left": left[name], "right": right[name], "agrees": left[name] == right[name]}
        for name in SIDES
        if left[name] or right[name]
    ]
    stake = item.stake
    return {
        "left": {"id": item.left.id, "name": item.left.title, "from": _evidence(item.left_evidence)},
        "right": {"id": item.right.id, "name": item.right.title, "from": _evidence(item.right_evidence)},
        "rows": rows,
        "probability_ppm": item.pair.probability_ppm,
        "rule": item.pair.rule,
        "compared": [{"name": one.name, "said": one.said, "bits": one.bits} for one in item.features],
        "waiting": _money(stake.waiting, currency),
        "earned": _money(stake.earned, currency),
        "plays": stake.plays,
        "run": item.run,
        "decisions": [decision_value(one) for one in item.said],
    }


def decision_value(said: Recorded[MatchDecided]) -> Value:
    """Return a decision as JSON."""
    fact = said.fact
    return {
        "decision": fact.decision,
        "left": fact.left,
        "right": fact.right,
        "verdict": fact.verdict.value,
        "organisation": said.organisation,
        "reason": fact.reason,
        "at": said.claimed_at,
        "entry": said.index,
    }


def _decided(house: House, found: Ranked, organisation: str) -> list[Value]:
    """Return the organisation's last standing decisions, the newest first: each can be taken back."""
    made = found.decisions.made
    standing = [
        one for name, one in made.items() if one.organisation == organisation and name not in found.decisions.withdrawn
    ]
    standing.sort(key=lambda one: -one.index)
    return [
        {**decision_value(one), "names": [house.index.name_of(thing) for thing in (one.fact.left, one.fact.right)]}
        for one in standing[:DECIDED_SHOWN]
    ]


def _side(row: Row) -> dict[str, list[str]]:
    """Return what a side says, each as a list of texts."""
    found: dict[str, list[str]] = {}
    for name in SIDES:
        value = getattr(row, name)
        several = isinstance(value, tuple)
        found[name] = [str(one) for one in (value if several else [value] if value else [])][:LISTED_MAX]
    if row.duration_ms:
        seconds = row.duration_ms // 1000
        found["duration_ms"] = [f"{seconds // 60}:{seconds % 60:02}"]
    return found


def _evidence(found: tuple[Evidence, ...]) -> list[Value]:
    said = [{"organisation": one.organisation, "file": one.file, "line": one.line, "entry": one.index} for one in found]
    return said[:LISTED_MAX]


def _money(fine: int, currency: str) -> Value | None:
    return {"amount": Money(fine, currency).format(), "currency": currency} if fine else None
