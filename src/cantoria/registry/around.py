"""What a change of one thing can be felt in: everything that carries it, by all that was ever said.

Links without effect, disputed and withdrawn ones count too, and so do parts and samples that are named no longer:
these are supersets, for whoever keeps answers and must know which of them to work out anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cantoria.registry.entities import Entities
from cantoria.registry.graph import Edge, Graph
from cantoria.registry.types import Relation, Side, WorkKind


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
    """Return the nodes that may name one of these things or codes as codes: what identifies them or is said to be one
    with them, and so on along what is said to be the same."""
    group = joined(things, graph=graph)
    naming = {
        edge.left
        for thing in group
        for edge in graph.edges_of(thing)
        if edge.relation is Relation.IDENTIFIES and edge.right == thing
    }
    found = group | joined(naming, graph=graph)
    return {node for node in found if any(_names(edge, node) for edge in graph.edges_of(node))}


def _names(edge: Edge, node: str) -> bool:
    return edge.relation is Relation.SAME_AS or (edge.relation is Relation.IDENTIFIES and edge.left == node)


def joined(nodes: Iterable[str], *, graph: Graph) -> set[str]:
    """Return everything that anybody ever said to be the same as one of these nodes, they included."""
    found = set(nodes)
    ahead = list(found)
    while ahead:
        for edge in graph.edges_of(ahead.pop()):
            if edge.relation is Relation.SAME_AS:
                ahead += (fresh := {edge.left, edge.right} - found)
                found |= fresh
    return found


@dataclass(frozen=True, slots=True)
class Contents:
    """What a work or recording is made of by its registrations, as far as a closure reads it."""

    side: Side
    things: frozenset[str]
    complete: bool
    kind: WorkKind | None


def contents(thing: str, *, entities: Entities) -> Contents | None:
    """Return what a registered work or recording is made of, None for anything else."""
    work, recording = entities.work(thing), entities.recording(thing)
    if work is not None:
        return Contents(Side.WORK, frozenset(work.parts), work.parts_complete, work.kind)
    if recording is not None:
        return Contents(Side.RECORDING, frozenset(recording.samples), recording.samples_complete, None)
    return None
