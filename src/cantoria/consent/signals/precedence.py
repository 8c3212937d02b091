"""What stands of the signals that were found together for one resource, as each standard's own text orders them.

One resource, one look: a response header that was read with the file of its site may set that file aside, because one
party put both there. Signals that were recorded at other times or by others never set one another aside: `weigh` takes
their union. The order of each standard is one row of `RULES` (spec/signals.md section 4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from cantoria.consent.signals.types import Found, OutsideSignal, Said, Stance, Standard

Signals = tuple[OutsideSignal, ...]
_NEARNESS: Final = {Found.META: 2, Found.HEADER: 1}  # of TDMRep: the page, its response, the file of the site


@dataclass(frozen=True, slots=True)
class Settled:
    """The signals that stand for a resource, and those that its own standard sets aside; both in the given order."""

    stands: Signals
    set_aside: Signals


@dataclass(frozen=True, slots=True)
class Rule:
    """How one standard orders its signals: in words, and as the function that returns those that stand."""

    says: str
    choose: Callable[[Signals], Iterable[OutsideSignal]]


def settle(signals: Iterable[OutsideSignal], *, path: str) -> Settled:
    """Return what stands of signals found together for the resource at `path` (with its query, as in a request line).

    Those that speak of other locations are in neither part.
    """
    here = tuple(signal for signal in signals if not signal.location or matches(signal.location, path))
    stands: list[OutsideSignal] = []
    for standard in dict.fromkeys(signal.standard for signal in here):
        stands += RULES[standard].choose(tuple(signal for signal in here if signal.standard is standard))
    left: dict[OutsideSignal, set[Said]] = {}
    for signal in stands:
        left.setdefault(replace(signal, said=()), set()).update(signal.said)
    whole = set(stands)
    aside = (one for one in here if one not in whole and not _left_of(one, left))
    return Settled(tuple(stands), tuple(aside))


def _left_of(signal: OutsideSignal, left: Mapping[OutsideSignal, set[Said]]) -> bool:
    """Tell whether a signal was only cut down: something that it says still stands."""
    return not left.get(replace(signal, said=()), set()).isdisjoint(signal.said)


def matches(pattern: str, path: str) -> bool:
    """Tell whether a path begins as `pattern` says (RFC 9309 section 2.2.2: `*` stands for anything, a `$` at the end
    for the end of the path). Time is linear in both."""
    anchored = pattern.endswith("$")
    pieces = (pattern[:-1] if anchored else pattern).split("*")
    if not path.startswith(pieces[0]):
        return False
    if len(pieces) == 1:
        return not anchored or len(path) == len(pieces[0])
    at = len(pieces[0])
    last = len(pieces) - 1
    for number, piece in enumerate(pieces[1:], 1):
        if anchored and number == last:
            return path.endswith(piece) and len(path) - len(piece) >= at
        at = path.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return True


def _all(signals: Signals) -> Signals:
    return signals


def _tdmrep(signals: Signals) -> Iterable[OutsideSignal]:
    """Give policies, and of the reservations those nearest to the resource; of a file those of the longest location."""
    stated = [signal for signal in signals if signal.found is not Found.POLICY]
    nearest = max((_NEARNESS.get(signal.found, 0) for signal in stated), default=0)
    near = [signal for signal in stated if _NEARNESS.get(signal.found, 0) == nearest]
    longest = max((len(signal.location) for signal in near), default=0)
    chosen = {signal for signal in near if len(signal.location) == longest}
    return (signal for signal in signals if signal.found is Found.POLICY or signal in chosen)


def _longest_in_files(signals: Signals) -> Iterable[OutsideSignal]:
    """Give what is said in headers, and of what files say the rules of the longest location."""
    longest = max((len(signal.location) for signal in signals if signal.found is Found.FILE), default=0)
    return (signal for signal in signals if signal.found is not Found.FILE or len(signal.location) == longest)


def _robots(signals: Signals) -> Iterable[OutsideSignal]:
    """Give for each crawler the rule of the longest location; where an allow and a disallow tie, the allow."""
    best: dict[str, tuple[int, bool]] = {}
    for signal in signals:
        for said in signal.said:
            rank = _robots_rank(signal, said)
            best[said.category] = max(best.get(said.category, rank), rank)
    for signal in signals:
        left = tuple(one for one in signal.said if best[one.category] == _robots_rank(signal, one))
        if left:
            yield signal if left == signal.said else replace(signal, said=left)


def _robots_rank(signal: OutsideSignal, said: Said) -> tuple[int, bool]:
    return len(signal.location.encode()), said.stance is Stance.ALLOWED


_EVERY: Final = "every signal stands, so that the most restrictive wins"
RULES: Final[Mapping[Standard, Rule]] = MappingProxyType(
    {
        Standard.TDMREP: Rule(
            "the page's own metadata, else the response header, else the file; in the file the longest matching "
            "location; a policy stands beside the reservation that points to it",
            _tdmrep,
        ),
        Standard.RSL: Rule("every licence for a matching address stands: the most restrictive wins", _all),
        Standard.AIPREF: Rule(
            "in robots.txt the longest matching path; then header and file together: any disallow wins, then an "
            "allow, else no preference",
            _longest_in_files,
        ),
        Standard.CONTENT_SIGNAL: Rule("the longest matching path; any no wins", _longest_in_files),
        Standard.ROBOTS: Rule(
            "for each crawler the group that names it, else that for *; in it the longest matching path; on a tie the "
            "allow",
            _robots,
        ),
        Standard.NO_AI: Rule(_EVERY, _all),
        Standard.C2PA: Rule(_EVERY, _all),
        Standard.CAWG: Rule(_EVERY, _all),
        Standard.DDEX: Rule(_EVERY, _all),
        Standard.LICENCE: Rule(_EVERY, _all),
        Standard.ODRL: Rule("every rule stands, and a prohibition wins over a permission", _all),
    }
)
