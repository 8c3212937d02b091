"""From the codes of a row to the one thing that they name, or to none (ISRC, else ISWC, else other codes).

Codes that name several things or contradict each other choose nothing. A link below the tier DOCUMENTED names
nothing. A disputed link names nothing either, but where it would change the answer there is no answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from cantoria.kernel.errors import InputError
from cantoria.registry.closure import embodied
from cantoria.registry.entities import Entities
from cantoria.registry.graph import Graph
from cantoria.registry.types import Ambiguous, Found, NotFound, Relation, Resolution, Side

CODES_MAX: Final = 64  # codes of one row
CHIEF_SCHEMES: Final = {Side.RECORDING: "isrc", Side.WORK: "iswc"}


@dataclass(frozen=True, slots=True)
class Lead:
    """What one code leads to: subjects that it names itself, and those that follow from what it names (the
    recordings of a work or release; for a work, the works of a recording)."""

    scheme: str
    direct: frozenset[str]
    implied: frozenset[str]
    across: frozenset[str]  # named things of the other side: works for a recording, recordings for a work
    astray: bool  # it names something known from which no such subject follows

    @property
    def any(self) -> frozenset[str]:
        return self.direct or self.implied


class Resolver:
    """Finds subjects by codes in one state of the registry."""

    __slots__ = ("_entities", "_graph")

    def __init__(self, entities: Entities, graph: Graph) -> None:
        self._entities, self._graph = entities, graph

    def resolve(self, codes: Sequence[str], *, side: Side) -> Resolution:
        """Return the subject of `side` that the code keys (`isrc:KRA381900123`) name."""
        if len(codes) > CODES_MAX:
            raise InputError(f"a row with {len(codes)} codes", f"give at most {CODES_MAX}")
        given = tuple(dict.fromkeys(codes))
        firm = self._decide([self.lead(code, side, disputed=False) for code in given], side)
        if not any(self.disputed(code) for code in given):
            return firm
        loose = self._decide([self.lead(code, side, disputed=True) for code in given], side)
        if isinstance(firm, Found) and isinstance(loose, Found) and firm.subject == loose.subject:
            return firm
        candidates = _candidates(firm) | _candidates(loose)
        if not candidates:
            return firm
        contradiction = isinstance(firm, Ambiguous) and firm.contradiction
        return Ambiguous(tuple(sorted(candidates)), contradiction)

    def named_by(self, code: str, *, disputed: bool = False) -> frozenset[str]:
        """Return the things that a code names, by links with effect and without dispute unless `disputed`."""
        named: set[str] = set()
        for node in self._graph.same(code):
            for edge in self._graph.out(node, Relation.IDENTIFIES):
                if disputed or not edge.disputed:
                    named.add(self.chief(edge.right))
            if node != code and self._entities.first_index(node) >= 0:
                named.add(self.chief(node))
        return frozenset(named)

    def chief(self, thing: str) -> str:
        """Return the one of several same things that stands for them all: the one registered first."""
        group = self._graph.same(thing)
        if len(group) == 1:
            return thing
        side = self._entities.kind(thing)
        known = [(self._entities.first_index(other), other) for other in group if self._kin(other, side)]
        return min(known)[1] if known else thing

    def _kin(self, other: str, side: Side | None) -> bool:
        return side is not None and self._entities.kind(other) is side

    def disputed(self, code: str) -> bool:
        """Tell whether a link by which the code names something is disputed."""
        edges = (edge for node in self._graph.same(code) for edge in self._graph.out(node, Relation.IDENTIFIES))
        return any(edge.disputed for edge in edges)

    def lead(self, code: str, side: Side, *, disputed: bool) -> Lead:
        """Return where one code leads, by undisputed links with effect, or by disputed ones too."""
        direct: set[str] = set()
        implied: set[str] = set()
        across: set[str] = set()
        astray = False
        for thing in self.named_by(code, disputed=disputed):
            kind = self._entities.kind(thing)
            if kind is side or (kind is None and not self._entities.is_other(thing)):
                direct.add(thing)  # what is not registered may be anything: it counts, lest erasure decide a tie
                continue
            follows = self._follow(thing, side)
            implied.update(follows)
            if kind is not None:
                across.add(thing)
                astray = astray or not follows
        scheme = code.partition(":")[0]
        return Lead(scheme, frozenset(direct), frozenset(implied), frozenset(across), astray)

    def _follow(self, thing: str, side: Side) -> Iterable[str]:
        """Return the recordings of a work or release, or the works of a recording."""
        kind = self._entities.kind(thing)
        if kind is Side.WORK:
            same = self._graph.same(thing)
            edges = [edge for work in same for edge in self._graph.into(work, Relation.EMBODIES)]
            return {self.chief(edge.left) for edge in edges}
        if kind is Side.RECORDING:
            return {self.chief(edge.right) for edge in self._graph.out(thing, Relation.EMBODIES)}
        release = self._entities.release(thing)
        if release is None or side is Side.WORK:
            return ()
        return {self.chief(recording) for recording in release.recordings}

    def _decide(self, named: list[Lead], side: Side) -> Resolution:
        """Take the strongest group of codes that leads anywhere; every other code must agree with it."""
        chief = CHIEF_SCHEMES[side]
        groups = (
            [(lead, lead.direct) for lead in named if lead.scheme == chief],
            [(lead, lead.direct) for lead in named if lead.scheme != chief],
            [(lead, lead.implied) for lead in named if not lead.direct and lead.scheme in CHIEF_SCHEMES.values()],
            [(lead, lead.implied) for lead in named if not lead.direct and lead.scheme not in CHIEF_SCHEMES.values()],
        )
        for group in groups:
            leading = [(lead, subjects) for lead, subjects in group if subjects]
            if leading:
                return self._choose(leading, named, side)
        return NotFound()

    def _choose(self, leading: list[tuple[Lead, frozenset[str]]], named: list[Lead], side: Side) -> Resolution:
        candidates = frozenset().union(*(subjects for _, subjects in leading))
        if len(candidates) > 1:
            common = frozenset.intersection(*(subjects for _, subjects in leading))
            return Ambiguous(tuple(sorted(candidates)), contradiction=not common)
        (subject,) = candidates
        against = [lead for lead in named if not self._agrees(lead, subject, side)]
        if against:
            others = frozenset().union(*(lead.any for lead in against))
            return Ambiguous(tuple(sorted(candidates | others)), contradiction=True)
        return Found(subject, side, leading[0][0].scheme)

    def _agrees(self, lead: Lead, subject: str, side: Side) -> bool:
        """Tell whether a code that leads somewhere leads to `subject` too; what leads nowhere says nothing."""
        if subject in lead.any or not (lead.any or lead.astray):
            return True
        return not lead.direct and self._underlies(lead.across, subject, side)

    def _underlies(self, across: frozenset[str], subject: str, side: Side) -> bool:
        """Tell whether work and recording belong together through an arrangement, a translation or a medley."""
        if side is Side.RECORDING:
            return bool(across & self._works_under(subject))
        return any(subject in self._works_under(recording) for recording in across)

    def _works_under(self, recording: str) -> frozenset[str]:
        return frozenset(embodied(recording, entities=self._entities, graph=self._graph).works)


def _candidates(resolution: Resolution) -> set[str]:
    match resolution:
        case Found(subject=subject):
            return {subject}
        case Ambiguous(candidates=candidates):
            return set(candidates)
        case NotFound():
            return set()
