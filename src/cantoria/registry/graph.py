"""The four-code graph: who says that a code names a thing, that a recording embodies a work, that two are one.

An edge is (left, relation, right). All assertions and reviews of one edge are evidence side by side; none overwrites
another. An edge has effect from the evidence tier DOCUMENTED upward.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cantoria.kernel.facts import Recorded
from cantoria.registry.facts import LinkAsserted, LinkReviewed
from cantoria.registry.standing import REGISTERS
from cantoria.registry.trade_facts import LinkWithdrawn
from cantoria.registry.types import LinkState, LinkView, Relation, Tier

_NONE: tuple[Edge, ...] = ()
_AGREED = frozenset({LinkState.AGREED})
_STANDING = frozenset({LinkState.AGREED, LinkState.DISPUTED})


class Edge:
    """One edge with all that was said of it: `assertions` are those that stand, `withdrawn` those taken back."""

    __slots__ = ("assertions", "left", "relation", "reviews", "right", "state", "tier", "withdrawn")

    def __init__(self, recorded: Recorded[LinkAsserted]) -> None:
        fact = recorded.fact
        self.left, self.relation, self.right = fact.left, fact.relation, fact.right
        self.assertions = [recorded]
        self.withdrawn: list[Recorded[LinkAsserted]] = []
        self.reviews: dict[tuple[str, str], Recorded[LinkReviewed]] = {}
        self.tier = fact.tier
        self.state = LinkState.UNREVIEWED

    @property
    def effective(self) -> bool:
        """Tell whether somebody still asserts the edge, evidenced well enough to have effect."""
        return bool(self.assertions) and self.tier >= Tier.DOCUMENTED

    @property
    def disputed(self) -> bool:
        return self.state is LinkState.DISPUTED

    def asserters(self) -> tuple[str, ...]:
        """Return who asserts the edge, in the order of their first assertion."""
        return tuple(dict.fromkeys(said.fact.asserted_by or said.organisation for said in self.assertions))

    def disagreeing(self) -> list[Recorded[LinkReviewed]]:
        """Return the standing reviews against the edge, in ledger order.

        Of each reviewer the latest counts. A review that agrees and is ADJUDICATED outvotes all below that tier and
        the adjudications before it, if a register recorded it: nobody adjudicates in its own favour.
        """
        latest = self.reviews.values()
        ruled = [
            said.index
            for said in latest
            if said.fact.agreed and said.fact.tier >= Tier.ADJUDICATED and said.capacity in REGISTERS
        ]
        last_ruling = max(ruled, default=-1)
        against = [
            said
            for said in latest
            if not said.fact.agreed
            and said.fact.tier >= Tier.DOCUMENTED
            and (not ruled or (said.fact.tier >= Tier.ADJUDICATED and said.index > last_ruling))
        ]
        return sorted(against, key=lambda said: said.index)

    def add(self, recorded: Recorded[LinkAsserted]) -> None:
        """Take in one more assertion."""
        self.assertions.append(recorded)
        self.settle()

    def take_back(self, recorded: Recorded[LinkWithdrawn], *, named: bool) -> bool:
        """Take back the assertions recorded under the link id: the organisation's own, and as a register all where the
        id speaks of this edge (`named`). Return whether there were any."""
        all_of_them = named and recorded.capacity in REGISTERS
        gone = [
            said
            for said in self.assertions
            if said.fact.link == recorded.fact.link and (all_of_them or said.organisation == recorded.organisation)
        ]
        places = {said.place for said in gone}
        self.assertions = [said for said in self.assertions if said.place not in places]
        self.withdrawn += gone
        self.settle()
        return bool(gone)

    def settle(self) -> None:
        """Work out tier and state anew after something was added or taken back."""
        self.tier = max((said.fact.tier for said in self.assertions), default=Tier.SIGNAL)
        if not self.assertions:
            self.state = LinkState.WITHDRAWN
        elif self.disagreeing():
            self.state = LinkState.DISPUTED
        elif len({said.organisation for said in self.assertions if self._counts(said)}) > 1 or self._agreed():
            self.state = LinkState.AGREED
        else:
            self.state = LinkState.UNREVIEWED

    def _counts(self, said: Recorded[LinkAsserted]) -> bool:
        """Tell whether an assertion can agree with another's. That two things are one is not agreed by what is only
        asserted: a machine's proposal must not make one organisation's word effective (docs/adr/0014)."""
        return self.relation is not Relation.SAME_AS or said.fact.tier >= Tier.DOCUMENTED

    def _agreed(self) -> bool:
        """Tell whether another organisation than the first that asserts the edge, or a register, agrees with it. The
        first is the first whose assertion counts: who agrees with a machine's proposal that it made its own word
        agrees with itself."""
        counted = [said.organisation for said in self.assertions if self._counts(said)]
        first = next(iter(counted), self.assertions[0].organisation)
        return any(
            said.fact.agreed
            and said.fact.tier >= Tier.DOCUMENTED
            and (said.organisation != first or said.capacity in REGISTERS)
            for said in self.reviews.values()
        )

    def view(self) -> LinkView:
        """Return the edge as shown to people."""
        first = (self.assertions or self.withdrawn)[0]
        return LinkView(
            first.fact.link,
            self.left,
            self.relation,
            self.right,
            self.state,
            self.tier,
            self.asserters(),
            first.index,
        )


class Graph:
    """All edges, found from either end."""

    __slots__ = ("_bound", "_by_link", "_classes", "_edges", "_into", "_out", "_pending", "_reused")

    def __init__(self) -> None:
        self._edges: dict[tuple[str, Relation, str], Edge] = {}
        self._out: dict[str, list[Edge]] = {}
        self._into: dict[str, list[Edge]] = {}
        self._by_link: dict[str, Edge] = {}
        self._reused: dict[str, dict[tuple[str, Relation, str], Edge]] = {}
        self._pending: dict[str, list[Recorded[LinkReviewed]]] = {}
        self._classes: dict[str, tuple[str, ...]] | None = None
        self._bound: dict[str, tuple[str, ...]] | None = None

    def assert_link(self, recorded: Recorded[LinkAsserted]) -> None:
        """Take in an assertion. A link id speaks of the edge that used it first; reuse for another edge asserts that
        edge, but reviews of the id do not reach it."""
        fact = recorded.fact
        key = (fact.left, fact.relation, fact.right)
        edge = self._edges.get(key)
        if edge is None:
            edge = self._edges[key] = Edge(recorded)
            self._out.setdefault(fact.left, []).append(edge)
            self._into.setdefault(fact.right, []).append(edge)
        else:
            edge.add(recorded)
        if self._by_link.setdefault(fact.link, edge) is edge:
            for review in self._pending.pop(fact.link, ()):
                self.review(review)
        else:
            self._reused.setdefault(fact.link, {})[key] = edge
        self._changed(edge)

    def withdraw(self, recorded: Recorded[LinkWithdrawn]) -> tuple[str, ...]:
        """Take in that an assertion is taken back; others' assertions of the same edge stand, and so does one made
        again later. Return the left ends of the edges that it touches."""
        named = self._by_link.get(recorded.fact.link)
        under = self.edges_under(recorded.fact.link)
        touched = [edge for edge in under if edge.take_back(recorded, named=edge is named)]
        for edge in touched:
            self._changed(edge)
        return tuple(edge.left for edge in touched)

    def edges_under(self, link: str) -> list[Edge]:
        """Return the edges that were asserted under a link id, the one that it speaks of first."""
        named = self._by_link.get(link)
        return ([named] if named is not None else []) + list(self._reused.get(link, {}).values())

    def _changed(self, edge: Edge) -> None:
        if edge.relation is Relation.SAME_AS:
            self._classes = self._bound = None

    def review(self, recorded: Recorded[LinkReviewed]) -> None:
        """Take in a review; the latest of each reviewer counts. One that comes before its link waits for it."""
        fact = recorded.fact
        edge = self._by_link.get(fact.link)
        if edge is None:
            self._pending.setdefault(fact.link, []).append(recorded)
            return
        edge.reviews[recorded.organisation, fact.reviewed_by] = recorded
        edge.settle()
        self._changed(edge)

    def out(self, node: str, relation: Relation) -> Iterator[Edge]:
        """Give the edges with effect that leave `node`."""
        return (edge for edge in self._out.get(node, _NONE) if edge.relation is relation and edge.effective)

    def into(self, node: str, relation: Relation) -> Iterator[Edge]:
        """Give the edges with effect that end at `node`."""
        return (edge for edge in self._into.get(node, _NONE) if edge.relation is relation and edge.effective)

    def edges(self) -> Iterator[Edge]:
        """Give all edges, those without effect too, in ledger order."""
        return iter(self._edges.values())

    def namers(self) -> Iterator[str]:
        """Give every node that names something, or is said to be the same as another, each once."""
        nodes = (
            node
            for edge in self._edges.values()
            for node in {
                Relation.IDENTIFIES: (edge.left,),
                Relation.SAME_AS: (edge.left, edge.right),
                Relation.EMBODIES: (),
            }[edge.relation]
        )
        return iter(dict.fromkeys(nodes))

    def links(self, node: str) -> tuple[LinkView, ...]:
        """Return everything that was said with `node` at either end, in ledger order."""
        return tuple(sorted((edge.view() for edge in self.edges_of(node)), key=lambda view: view.index))

    def edges_of(self, node: str) -> list[Edge]:
        """Return all edges with `node` at either end, those without effect too, each once."""
        found = {id(edge): edge for edge in (*self._out.get(node, ()), *self._into.get(node, ()))}
        return list(found.values())

    def link(self, link: str) -> LinkView | None:
        """Return the edge that a link id speaks of."""
        edge = self._by_link.get(link)
        return edge.view() if edge else None

    def same(self, node: str) -> tuple[str, ...]:
        """Return all nodes that agreed SAME_AS links make one with `node`, itself included, sorted."""
        if self._classes is None:
            self._classes = self._find_classes(_AGREED)
        return self._classes.get(node, (node,))

    def bound(self, node: str) -> tuple[str, ...]:
        """Return all nodes whose holders must be asked with those of `node`: what is one with it by SAME_AS links that
        are agreed or disputed, for nobody's dispute parts what others hold together."""
        if self._bound is None:
            self._bound = self._find_classes(_STANDING)
        return self._bound.get(node, (node,))

    def _find_classes(self, states: frozenset[LinkState]) -> dict[str, tuple[str, ...]]:
        near: dict[str, list[str]] = {}
        for edge in self._edges.values():
            if edge.relation is Relation.SAME_AS and edge.effective and edge.state in states:
                near.setdefault(edge.left, []).append(edge.right)
                near.setdefault(edge.right, []).append(edge.left)
        classes: dict[str, tuple[str, ...]] = {}
        for start in near:
            if start not in classes:
                members = {start}
                ahead = [start]
                while ahead:
                    for node in near[ahead.pop()]:
                        if node not in members:
                            members.add(node)
                            ahead.append(node)
                group = tuple(sorted(members))
                classes.update(dict.fromkeys(members, group))
        return classes


def standing_assertions(facts: Iterable[Recorded[Any]]) -> list[Recorded[LinkAsserted]]:
    """Return the assertions among the facts that nobody entitled took back, in ledger order. The facts must hold all
    assertions and withdrawals of the link ids in question."""
    graph = Graph()
    for recorded in sorted(facts, key=lambda recorded: recorded.place):
        if isinstance(recorded.fact, LinkAsserted):
            graph.assert_link(recorded)
        elif isinstance(recorded.fact, LinkWithdrawn):
            graph.withdraw(recorded)
    found = (said for edge in graph.edges() for said in edge.assertions)
    return sorted(found, key=lambda said: said.place)
