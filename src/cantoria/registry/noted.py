"""What facts that were taken in may have changed, noted while they are: for whoever keeps answers worked out before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cantoria.registry.graph import Edge
from cantoria.registry.types import Relation


@dataclass(slots=True)
class Noted:
    """Works and recordings whose holders (`sides`) or contents (`contents`) may have changed; what may have been in
    them and no longer is (`lost`); codes and what they name (`naming`); the parties whose standing as somebody to
    reach changed, or who are new (`parties`); and what was put on a release or into a catalogue (`gathered`)."""

    sides: set[str] = field(default_factory=set)
    contents: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    naming: set[str] = field(default_factory=set)
    parties: set[str] = field(default_factory=set)
    gathered: set[str] = field(default_factory=set)

    def link(self, edges: Iterable[Edge]) -> None:
        """Note that what is said of edges changed. A link between recording and work changes what the recording
        carries, not what the work does."""
        for edge in edges:
            self.naming |= {edge.left, edge.right}
            if edge.relation is not Relation.IDENTIFIES:
                self.contents.add(edge.left)
                self.lost.add(edge.right)
            if edge.relation is Relation.SAME_AS:
                self.contents.add(edge.right)
