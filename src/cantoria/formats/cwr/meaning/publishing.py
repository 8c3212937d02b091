"""Chains of publishers as CWR tells them: sequences of SPU records whose order says who passes rights to whom.

A reader takes an administrator to act for the one before it, and a sub-publisher for the last one that is none: so a
sequence is the way down to one publisher and then its sub-publishers. Who stands in several sequences owns in one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cantoria.formats.cwr.meaning.words import PUBLISHER_CODES
from cantoria.formats.entries import Chain
from cantoria.formats.outgoing import Lost
from cantoria.registry.trade_facts import ChainKind

SEQUENCES_MAX = 99
_DEPTH_MAX = 12


@dataclass(frozen=True, slots=True)
class Place:
    """One publisher in one sequence: its party key, its CWR role, and the link that brought it there."""

    party: str
    code: str
    link: Chain | None


@dataclass(slots=True)
class Sequences:
    """The sequences of one work, made from the links among its publishers."""

    lost: Lost
    thing: str
    _down: dict[str, list[Chain]] = field(default_factory=dict)
    _made: list[list[Place]] = field(default_factory=list)

    def make(self, holders: Iterable[str], chains: Iterable[Chain]) -> list[list[Place]]:
        """Return the sequences of these publishers. `holders` are those that claim; links from writers begin one."""
        began: dict[str, Chain | None] = {}
        reached: dict[str, Chain] = {}
        for link in chains:
            if link.kind is ChainKind.ORIGINAL:
                began.setdefault(link.acquirer, None)
            elif link.grantor:
                self._down.setdefault(link.grantor, []).append(link)
                reached.setdefault(link.acquirer, link)
            else:
                began.setdefault(link.acquirer, link)
        firsts = [party for party in dict.fromkeys((*holders, *began, *self._down)) if party not in reached]
        for party in firsts:
            first = began.get(party)
            self._walk([Place(party, "E" if first is None else PUBLISHER_CODES[first.kind], first)])
        self._rings(reached)
        if len(self._made) > SEQUENCES_MAX:
            self.lost.note("CWR takes at most 99 chains of publishers", "split the work's chains", thing=self.thing)
        return self._made[:SEQUENCES_MAX]

    def _walk(self, path: list[Place]) -> None:
        links = self._down.get(path[-1].party, []) if len(path) < _DEPTH_MAX else []
        links = [link for link in links if link.acquirer not in {place.party for place in path}]
        subs = [link for link in links if link.kind is ChainKind.SUB_PUBLICATION]
        others = [link for link in links if link.kind is not ChainKind.SUB_PUBLICATION]
        if subs and path[-1].code == "SE":
            what = "a sub-publisher's own sub-publishers are told as those of the one before it"
            self.lost.note(what, "tell the recipient by other means", thing=self.thing)
        # Two links to one acquirer, of different territories, take a sequence each.
        while subs or not others:
            here: dict[str, Chain] = {}
            for link in subs:
                here.setdefault(link.acquirer, link)
            self._made.append([*path, *(self._place(link) for link in here.values())])
            subs = [link for link in subs if link is not here[link.acquirer]]
            if not subs:
                break
        for link in links:
            if link.kind is not ChainKind.SUB_PUBLICATION or self._down.get(link.acquirer):
                self._walk([*path, self._place(link)])

    def _place(self, link: Chain) -> Place:
        return Place(link.acquirer, PUBLISHER_CODES.get(link.kind, "SE"), link)

    def _rings(self, reached: dict[str, Chain]) -> None:
        """Give a sequence to those that no chain from its beginning reaches."""
        placed = {place.party for sequence in self._made for place in sequence}
        for party, link in reached.items():
            if party not in placed:
                what = "a link of the chain of title has no beginning; its grantor is not told"
                self.lost.note(what, "correct the chain", thing=self.thing)
                self._made.append([self._place(link)])
                placed.add(party)
