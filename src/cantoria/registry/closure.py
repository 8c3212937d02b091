"""What a subject carries with it: works with their originals and parts, sampled recordings with theirs.

Walks are bounded and stand cycles; wherever the chain breaks or leads too far, that is a problem, never an omission
(RULES section 4).
"""

from __future__ import annotations

from typing import Final

from cantoria.registry.entities import Entities
from cantoria.registry.graph import Edge, Graph
from cantoria.registry.types import Closure, Problem, Relation, Side, Tier, WorkKind

NODES_MAX: Final = 10_000  # works and recordings in one closure
_ORDER = {problem: position for position, problem in enumerate(Problem)}


def close(subject: str, *, side: Side, entities: Entities, graph: Graph) -> Closure:
    """Return the closure of a recording or a work, the subject itself included."""
    walk = _Walk(entities, graph)
    if side is Side.RECORDING:
        walk.recordings_from(subject)
    else:
        walk.works_from((subject,))
    return walk.closure()


def embodied(recording: str, *, entities: Entities, graph: Graph) -> Closure:
    """Return the works of one recording with their originals and parts, without those of sampled recordings."""
    walk = _Walk(entities, graph)
    walk.works_from(walk.works_in(recording))
    return walk.closure()


class _Walk:
    """Collects nodes and problems from what is still ahead until nothing is, or the bound is reached."""

    __slots__ = ("_entities", "_graph", "problems", "recordings", "works")

    def __init__(self, entities: Entities, graph: Graph) -> None:
        self._entities, self._graph = entities, graph
        self.works: set[str] = set()
        self.recordings: set[str] = set()
        self.problems: set[Problem] = set()

    def closure(self) -> Closure:
        """Return what was collected; everything sorted, problems in their order."""
        problems = tuple(sorted(self.problems, key=_ORDER.__getitem__))
        return Closure(tuple(sorted(self.works)), tuple(sorted(self.recordings)), problems)

    def recordings_from(self, subject: str) -> None:
        """Collect a recording, those it samples, those that are the same, and the works of them all."""
        ahead = [subject]
        while ahead:
            recording = ahead.pop()
            if recording in self.recordings:
                continue
            if self._full():
                self.problems.add(Problem.SAMPLE_UNKNOWN)
                return
            self.recordings.add(recording)
            ahead += self._same(recording, Side.RECORDING)
            self.works_from(self.works_in(recording))
            view = self._entities.recording(recording)
            if view is None or not view.samples_complete:
                self.problems.add(Problem.SAMPLE_UNKNOWN)
            if view is not None:
                ahead += view.samples

    def works_in(self, recording: str) -> tuple[str, ...]:
        """Return the works that a recording embodies; a disputed edge stays and blocks."""
        edges = list(self._graph.out(recording, Relation.EMBODIES))
        if not any(self._vouched(recording, edge) for edge in edges):
            self.problems.add(Problem.NO_LINKED_WORK)
        if any(edge.disputed for edge in edges):
            self.problems.add(Problem.BLOCKING_DISPUTE)
        return tuple(edge.right for edge in edges)

    def _vouched(self, recording: str, edge: Edge) -> bool:
        """Tell whether somebody who can know says what the recording embodies: who registered it first, or an office.
        A stranger's link adds a work to ask for, but does not make the works known."""
        return any(
            said.fact.tier >= Tier.DOCUMENTED and self._entities.vouched(recording, said) for said in edge.assertions
        )

    def works_from(self, start: tuple[str, ...]) -> None:
        """Collect works, the originals and parts that they are made of, and those that are the same."""
        ahead = list(start)
        while ahead:
            work = ahead.pop()
            if work in self.works:
                continue
            if self._full():
                self.problems.add(Problem.ORIGINAL_UNKNOWN)
                return
            self.works.add(work)
            ahead += self._same(work, Side.WORK)
            view = self._entities.work(work)
            if view is None:
                self.problems.add(Problem.ORIGINAL_UNKNOWN)
                continue
            if not view.parts_complete or (view.kind is not WorkKind.ORIGINAL and not view.parts):
                self.problems.add(Problem.ORIGINAL_UNKNOWN)
            ahead += view.parts

    def _same(self, node: str, side: Side) -> list[str]:
        """Return what is one with `node`: whoever holds any of them is asked, so that merging opens no door."""
        return [other for other in self._graph.bound(node) if other != node and self._entities.kind(other) is side]

    def _full(self) -> bool:
        return len(self.works) + len(self.recordings) >= NODES_MAX
