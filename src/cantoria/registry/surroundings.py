"""What lies around a thing in the registry, and when anything there changes: for whoever keeps answers worked out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cantoria.registry.around import above, below, codes_near
from cantoria.registry.reader import Reader


class Surroundings(Reader):
    """Answers about the neighbourhood of works, recordings and codes; all of them are supersets."""

    def carried_since(self, recording: str, release: str) -> int:
        """Return the ledger index at which a recording, which is on the release, was put there."""
        return self._entities.carried_since(recording, release)

    def member_since(self, thing: str, catalogue: str) -> int:
        """Return the ledger index from which on `catalogues_of` shows that a catalogue holds a thing which it holds."""
        return self._entities.member_since(thing, catalogue)

    def users_of(self, things: Iterable[str]) -> set[str]:
        """Return every work and recording whose closure may hold one of these things, the things included: a superset,
        by all that was ever said."""
        return above(things, entities=self._entities, graph=self._graph)

    def carried_by(self, things: Iterable[str]) -> set[str]:
        """Return every work and recording that one of these things may carry with it, the things included."""
        return below(things, entities=self._entities, graph=self._graph)

    def names_near(self, things: Iterable[str]) -> set[str]:
        """Return every node of the code graph that may name one of these things or codes: a superset."""
        return codes_near(things, graph=self._graph)

    def members_of(self, catalogue: str) -> Iterator[str]:
        """Give what is in a catalogue itself: works, recordings and releases."""
        return self._entities.members(catalogue)

    def moments(self) -> Iterator[tuple[str, int]]:
        """Give every moment (UTC microseconds) at which what `side` reads begins or ends, with the subject."""
        yield from self._claims.moments()
        yield from self._trade.moments()
