"""The four-code graph: who says that a code names a thing, that a recording embodies a work, that two are one.

An edge is (left, relation, right). All assertions and reviews of one edge are evidence side by side; none overwrites
another. An edge has effect from the evidence tier DOCUMENTED upward.
"""

from __future__ import annotations

from collections.abc import Iterator

from cantoria.kernel.facts import Recorded
from cantoria.registry.facts import LinkAsserted, LinkReviewed
from cantoria.registry.standing import REGISTERS
from cantoria.registry.types import LinkState, LinkView, Relation, Tier

_NONE: tuple[Edge, ...] = ()
_AGREED = frozenset({LinkState.AGREED})
_STANDING = frozenset({LinkState.AGREED, LinkState.DISPUTED})


class Edge:
    """One edge with all that was said of it."""

    __slots__ = ("assertions", "left", "relation", "reviews", "right", "state", "tier")

    def __init__(self, recorded: Recorded[LinkAsserted]) -> None:
        fact = recorded.fact
        self.left, self.relation, self.right = fact.left, fact.relation, fact.right
        self.assertions = [recorded]
        self.reviews: dict[tuple[str, str], Recorded[LinkReviewed]] = {}
        self.tier = fact.tier
        self.state = LinkState.UNREVIEWED

    @property
    def effective(self) -> bool:
        """Tell whether the edge is evidenced well enough to have effect."""
        return self.tier >= Tier.DOCUMENTED

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

    def settle(self) -> None:
        """Work out the state anew after something was added."""
        if self.disagreeing():
            self.state = LinkState.DISPUTED
        elif len({said.organisation for said in self.assertions}) > 1 or self._agreed():
            self.state = LinkState.AGREED
        else:
            self.state = LinkState.UNREVIEWED

    def _agreed(self) -> bool:
        """Tell whether another organisation than the first that asserts the edge, or a register, agrees with it."""
        first = self.assertions[0].organisation
        return any(
            said.fact.agreed
            and said.fact.tier >= Tier.DOCUMENTED
            and (said.organisation != first or said.capacity in REGISTERS)
            for said in self.reviews.values()
        )

    def view(self) -> LinkView:
        """Return the edge as shown to people."""
        first = self.assertions[0]
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

    __slots__ = ("_bound", "_by_link", "_classes", "_edges", "_into", "_out", "_pending")

    def __init__(self) -> None:
        self._edges: dict[tuple[str, Relation, str], Edge] = {}
        self._out: dict[str, list[Edge]] = {}
        self._into: dict[str, list[Edge]] = {}
        self._by_link: dict[str, Edge] = {}
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
            edge.assertions.append(recorded)
            edge.tier = max(edge.tier, fact.tier)
            edge.settle()
        if self._by_link.setdefault(fact.link, edge) is edge:
            for review in self._pending.pop(fact.link, ()):
                self.review(review)
        if fact.relation is Relation.SAME_AS:
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
        if edge.relation is Relation.SAME_AS:
            self._classes = self._bound = None

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
        found = {id(edge): edge for edge in (*self._out.get(node, ()), *self._into.get(node, ()))}
        return tuple(sorted((edge.view() for edge in found.values()), key=lambda view: view.index))

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
