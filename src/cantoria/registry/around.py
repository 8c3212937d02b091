"""What a change of one thing can be felt in: everything that carries it, by all that was ever said.

Links without effect, disputed and withdrawn ones count too, and so do parts and samples that are named no longer:
these are supersets, for whoever keeps answers and must know which of them to work out anew.
"""

from __future__ import annotations

from collections.abc import Iterable

from cantoria.registry.entities import Entities
from cantoria.registry.graph import Graph
from cantoria.registry.types import Relation


def above(things: Iterable[str], *, entities: Entities, graph: Graph) -> set[str]:
    """Return the works and recordings whose closure may hold one of these things, the things themselves included."""
    found = set(things)
    ahead = list(found)
    while ahead:
        thing = ahead.pop()
        near = [*entities.used_in(thing)]
        for edge in graph.edges_of(thing):
            if edge.relation is Relation.SAME_AS:
                near += (edge.left, edge.right)
            elif edge.relation is Relation.EMBODIES and edge.right == thing:
                near.append(edge.left)
        ahead += (fresh := set(near) - found)
        found |= fresh
    return found


def below(things: Iterable[str], *, entities: Entities, graph: Graph) -> set[str]:
    """Return the works and recordings that these things may carry with them, the things themselves included."""
    found = set(things)
    ahead = list(found)
    while ahead:
        thing = ahead.pop()
        work, recording = entities.work(thing), entities.recording(thing)
        near = [*(work.parts if work else ()), *(recording.samples if recording else ())]
        for edge in graph.edges_of(thing):
            if edge.relation is Relation.SAME_AS:
                near += (edge.left, edge.right)
            elif edge.relation is Relation.EMBODIES and edge.left == thing:
                near.append(edge.right)
        ahead += (fresh := set(near) - found)
        found |= fresh
    return found


def codes_near(things: Iterable[str], *, graph: Graph) -> set[str]:
    """Return the codes that may name one of these things, by any link that identifies or makes one, and what is said
    to be the same as those codes."""
    found: set[str] = set()
    for thing in things:
        for edge in graph.edges_of(thing):
            if edge.relation is Relation.IDENTIFIES:
                found.add(edge.left)
            elif edge.relation is Relation.SAME_AS:
                found |= {edge.left, edge.right}
    ahead = list(found)
    while ahead:
        for edge in graph.edges_of(ahead.pop()):
            if edge.relation is Relation.SAME_AS:
                ahead += (fresh := {edge.left, edge.right} - found)
                found |= fresh
    return found
