"""What the trade says beside claims: other titles, who collects what where, and chains of title.

A collection and a chain belong to the organisation that recorded them: a later one with the same id replaces the
earlier one, the same id recorded by another organisation is another.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cantoria.kernel.facts import Recorded
from cantoria.kernel.periods import ALWAYS
from cantoria.registry.trade_facts import ChainAsserted, CollectionClaimed, TitleGiven, TitleKind
from cantoria.registry.views import CollectionView, TitleView

Key = tuple[str, str]  # organisation, id
_NONE: Final[dict[Key, None]] = {}


class Trade:
    """All of it, by subject."""

    __slots__ = ("_by_subject", "_chains", "_collections", "_granted", "_titles")

    def __init__(self) -> None:
        self._titles: dict[str, dict[tuple[str, TitleKind, str], Recorded[TitleGiven]]] = {}
        self._collections: dict[Key, Recorded[CollectionClaimed]] = {}
        self._chains: dict[Key, Recorded[ChainAsserted]] = {}
        self._by_subject: dict[type, dict[str, dict[Key, None]]] = {CollectionClaimed: {}, ChainAsserted: {}}
        self._granted: dict[str, dict[str, None]] = {}

    def give_title(self, recorded: Recorded[TitleGiven]) -> None:
        """Take in another title; the same title of the same kind and language is kept once, as first said."""
        fact = recorded.fact
        known = self._titles.setdefault(fact.subject, {})
        known.setdefault((fact.title, fact.kind, fact.language), recorded)

    def collect(self, recorded: Recorded[CollectionClaimed]) -> tuple[str, ...]:
        """Take in who collects a share; return the subjects that it touches."""
        key = (recorded.organisation, str(recorded.fact.claim))
        return self._put(self._collections, key, recorded)

    def chain(self, recorded: Recorded[ChainAsserted]) -> tuple[str, ...]:
        """Take in a link of a chain of title; return the subjects that it touches."""
        key = (recorded.organisation, recorded.fact.chain)
        if recorded.fact.grantor:
            self._granted.setdefault(recorded.fact.grantor, {})[recorded.fact.subject] = None
        return self._put(self._chains, key, recorded)

    def _put(self, known: dict[Key, Recorded[Any]], key: Key, recorded: Recorded[Any]) -> tuple[str, ...]:
        subject, before = recorded.fact.subject, known.get(key)
        held = self._by_subject[type(recorded.fact)]
        if before is not None:
            held[before.fact.subject].pop(key, None)
        known[key] = recorded
        held.setdefault(subject, {})[key] = None
        return (subject, before.fact.subject) if before is not None else (subject,)

    def titles(self, subject: str) -> tuple[TitleView, ...]:
        """Return the other titles of a subject, in the order in which they were first said."""
        return tuple(
            TitleView(said.fact.title, said.fact.kind, said.fact.language, said.organisation, said.index)
            for said in self._titles.get(subject, {}).values()
        )

    def collections(self, subject: str) -> tuple[CollectionView, ...]:
        """Return who collects what of a subject, in ledger order."""
        keys = self._by_subject[CollectionClaimed].get(subject, _NONE)
        found = (CollectionView(self._collections[key]) for key in keys)
        return tuple(sorted(found, key=lambda view: view.recorded.place))

    def chains(self, subject: str) -> list[Recorded[ChainAsserted]]:
        """Return the links of the chain of title of a subject, in ledger order."""
        keys = self._by_subject[ChainAsserted].get(subject, _NONE)
        return sorted((self._chains[key] for key in keys), key=lambda said: said.place)

    def is_chained(self, subject: str) -> bool:
        """Tell whether a link of a chain of title of a subject is on record."""
        return bool(self._by_subject[ChainAsserted].get(subject))

    def chained(self) -> list[str]:
        """Return the works with links of a chain of title, sorted. Links under an agreement's own number (CWR AGR) name
        no work: there is nothing that they could fail to bear out."""
        held = self._by_subject[ChainAsserted].items()
        return sorted(subject for subject, keys in held if keys and not subject.startswith("own:"))

    def granted_by(self, party: str) -> tuple[str, ...]:
        """Return the subjects in whose chains of title a party ever was the grantor."""
        return tuple(self._granted.get(party, ()))

    def moments(self) -> Iterator[tuple[str, int]]:
        """Give every moment at which a link of a chain begins or ends, with the subject."""
        for said in self._chains.values():
            if said.fact.period != ALWAYS:
                yield from ((said.fact.subject, moment) for moment in said.fact.period.ends())

    def territories(self) -> set[str]:
        """Return every territory expression that chains use."""
        return {said.fact.territory for said in self._chains.values()}
