"""Entries put together for writing: what is said of one thing in several entries is one thing again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from cantoria.formats.entries.types import Code, Entry, Outcome, Party, Recording, Release, Work
from cantoria.formats.types import Finding, Severity
from cantoria.registry.disclosure_facts import AiDisclosed, DealSignalled

T = TypeVar("T", Party, Work, Recording, Release)
Note = Callable[[Finding], None]


def ignore(finding: Finding) -> None:
    """Take note of nothing."""


@dataclass(slots=True)
class Catalogue:
    """The things of some entries, by key (of a thing without one, by its first code), in order."""

    note: Note = ignore
    parties: dict[str, Party] = field(default_factory=dict)
    works: dict[str, Work] = field(default_factory=dict)
    recordings: dict[str, Recording] = field(default_factory=dict)
    releases: dict[str, Release] = field(default_factory=dict)
    disclosed: dict[str, AiDisclosed] = field(default_factory=dict)
    deals: dict[str, list[DealSignalled]] = field(default_factory=dict)

    def add(self, entries: Iterable[Entry]) -> Catalogue:
        """Add what entries say; those that are not to be registered are left out."""
        for entry in entries:
            if entry.outcome is not Outcome.REGISTER:
                continue
            for party in entry.parties:
                _put(self.parties, party)
            for work in entry.works:
                _put(self.works, work)
            for recording in entry.recordings:
                _put(self.recordings, recording)
            for release in entry.releases:
                _put(self.releases, release)
            for fact in entry.facts:
                self._state(fact)
        return self

    def _state(self, fact: Any) -> None:
        if isinstance(fact, AiDisclosed):
            # The authority's word comes first; who only claims a later time does not outdo it.
            self.disclosed.setdefault(fact.subject, fact)
        elif isinstance(fact, DealSignalled):
            known = self.deals.setdefault(fact.release, [])
            if fact not in known:
                known.append(fact)

    def lost(self, thing: str, field: str, message: str, *, value: str = "", remedy: str = "send it otherwise") -> None:
        """Say that the format cannot carry something."""
        self.note(
            Finding(
                file="",
                field=f"{thing}: {field}",
                value=value[:80],
                message=message,
                remedy=remedy,
                severity=Severity.WARNING,
            )
        )


def key_of(thing: Party | Work | Recording | Release) -> str:
    """Return the key of a thing, or its first code as "scheme:text"."""
    return thing.key or (":".join(thing.codes[0]) if thing.codes else "")


def _put(known: dict[str, T], thing: T) -> None:
    key = key_of(thing)
    before = known.get(key)
    known[key] = thing if before is None else _joined(before, thing)


def _joined(first: T, other: T) -> T:
    """Put together what two entries say of a thing: lists add up, of single values the first that is given stands."""
    values: dict[str, Any] = {}
    for name in first.__slots__:
        one: Any = getattr(first, name)
        two: Any = getattr(other, name)
        if isinstance(one, tuple):
            values[name] = tuple(dict.fromkeys((*one, *two)))
        elif isinstance(one, bool):
            values[name] = one and two
        else:
            values[name] = two if one in ("", None) else one
    return replace(first, **values)


def texts(codes: Iterable[Code], scheme: str) -> list[str]:
    """Return the codes of a scheme."""
    return [text for kind, text in codes if kind == scheme]
