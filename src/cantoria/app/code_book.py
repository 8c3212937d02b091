"""Which entity a code names for whom: what a sender said itself counts first, and strangers name nobody's things.

Looking up and defining are different. A reference in a file may name what anybody registered, as long as it is one
thing. A row that *defines* a thing under the sender's own key, or a party by its code, must never become somebody
else's thing: otherwise a stranger who records the key first would answer for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cantoria.app.house import House
from cantoria.app.ports import Author
from cantoria.kernel.facts import Capacity, Recorded
from cantoria.registry import ClaimView, Registry
from cantoria.registry.conflict_facts import CaseDecided
from cantoria.registry.disclosure_facts import NoticeGiven
from cantoria.registry.facts import (
    ClaimWithdrawn,
    LinkAsserted,
    PartyNamed,
    PartyRegistered,
    RecordingRegistered,
    ReleaseRegistered,
    ShareClaimed,
    WorkRegistered,
)
from cantoria.registry.graph import standing_assertions
from cantoria.registry.standing import OFFICES, REGISTERS
from cantoria.registry.trade_facts import ChainAsserted, CollectionClaimed, LinkWithdrawn
from cantoria.registry.types import Relation, Tier

NAMING: Final = (LinkAsserted.TYPE.tag, PartyNamed.TYPE.tag)
TITLED: Final = tuple(cls.TYPE.tag for cls in (WorkRegistered, RecordingRegistered, ReleaseRegistered))
PARTY_SCHEMES: Final = frozenset({"ipi_name", "ipi_base", "isni", "ipn", "dpid"})


@dataclass(frozen=True, slots=True)
class Naming:
    """Somebody says that a code names an entity."""

    entity: str
    organisation: str
    capacity: Capacity


@dataclass(slots=True)
class CodeBook:
    """What the codes on the ledger name, by whom, and which subjects have claims. With `preload` everything is read
    once, which is cheaper for large imports; else each code is looked up when it is asked for."""

    house: House
    preload: bool = False
    _known: dict[str, tuple[Naming, ...]] = field(default_factory=dict)
    _claimed: set[str] = field(default_factory=set)
    _in_rows: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        if self.preload:
            taken_back = list(self.house.index.scan(tags=[LinkWithdrawn.TYPE.tag]))
            touched = {recorded.fact.link for recorded in taken_back}
            in_doubt: list[Recorded[Any]] = []
            for recorded in self.house.index.scan(tags=NAMING):
                if touched and getattr(recorded.fact, "link", "") in touched:
                    in_doubt.append(recorded)
                else:
                    self._learn(recorded.fact, recorded.organisation, recorded.capacity)
            for recorded in standing_assertions([*in_doubt, *taken_back]):
                self._learn(recorded.fact, recorded.organisation, recorded.capacity)
            self._claimed |= self.house.index.subjects_of(ShareClaimed.TYPE.tag)

    def follow(self, facts: Iterable[Any], *, author: Author) -> None:
        """Take note of facts that the author has just recorded."""
        if not self.preload:
            self._known.clear()
            return
        for fact in facts:
            if isinstance(fact, LinkAsserted | PartyNamed):
                self._learn(fact, author.party, author.capacity)
            elif isinstance(fact, ShareClaimed):
                self._claimed.add(fact.subject)

    def lookup(self, code: str, *, sender: str = "") -> str | None:
        """Return what a reference to `code` means to the sender: what it, else a register, else everybody says it
        is, as long as that is one thing."""
        said = self._said(code)
        for trusted in (
            [one for one in said if one.organisation == sender],
            [one for one in said if one.capacity in REGISTERS],
            said,
        ):
            if trusted:
                return _one(trusted)
        return None

    def define(self, code: str, *, sender: str, kind: str = "") -> str | None:
        """Return the thing (of a kind, if one is named) that a row of the sender with this code is about, when it is on
        record already.

        An own key counts as the sender or a register recorded it; a code of a party as a register or a society did,
        too; a code of a work, recording or release as anybody did.
        """
        scheme = code.partition(":")[0]
        said = self._said(code)
        if scheme == "own":
            said = tuple(one for one in said if one.organisation == sender or one.capacity in REGISTERS)
        elif scheme in PARTY_SCHEMES:
            said = tuple(one for one in said if one.organisation == sender or one.capacity in OFFICES)
        return _one(one for one in said if not kind or one.entity.startswith(kind + "_"))

    def names(self, code: str) -> list[str]:
        """Return every entity that the code names, sorted."""
        return sorted({one.entity for one in self._said(code)})

    def claims_of(self, subject: str) -> Sequence[ClaimView]:
        """Return the claims on a work or recording."""
        if self.preload and subject not in self._claimed:
            return ()
        facts = self.house.index.about([subject], tags=[ShareClaimed.TYPE.tag])
        claims = [recorded.fact.claim for recorded in facts]
        ended = self.house.index.about(claims, tags=[ClaimWithdrawn.TYPE.tag, CaseDecided.TYPE.tag])
        return Registry.fold([*facts, *ended]).claims(subject)

    def links_between(self, left: str, relation: Relation, right: str) -> Sequence[str]:
        """Return the ids of the links on record that say that, oldest first; what was taken back says nothing."""
        said = self.house.index.about([left], tags=[LinkAsserted.TYPE.tag])
        edge = (left, relation, right)
        that = [one for one in said if (one.fact.left, one.fact.relation, one.fact.right) == edge]
        return [one.fact.link for one in self._standing(that)]

    def _standing(self, said: list[Recorded[Any]]) -> list[Recorded[Any]]:
        """Return what was said without the links that were taken back since."""
        links = [one.fact.link for one in said if isinstance(one.fact, LinkAsserted)]
        taken_back = self.house.index.about(links, tags=[LinkWithdrawn.TYPE.tag]) if links else []
        if not taken_back:
            return said
        touched = sorted({one.fact.link for one in taken_back})
        all_of_them = self.house.index.about(touched, tags=[LinkAsserted.TYPE.tag])
        stands = {one.place for one in standing_assertions([*all_of_them, *taken_back])}
        return [one for one in said if getattr(one.fact, "link", "") not in touched or one.place in stands]

    def title_of(self, thing: str) -> str:
        """Return what a party, work, recording or release is called by who said so first, or nothing."""
        facts = [one.fact for one in self.house.index.about([thing], tags=(*TITLED, PartyNamed.TYPE.tag))]
        called = (fact.name if isinstance(fact, PartyNamed) else fact.title for fact in facts if _about(fact) == thing)
        return next(filter(None, called), "")

    def exists(self, thing: str) -> bool:
        """Tell whether a party, work, recording or release of this id is on record."""
        facts = self.house.index.about([thing], tags=(*TITLED, PartyRegistered.TYPE.tag))
        return any(one.fact.subjects()[0] == thing for one in facts)

    def called(self, thing: str, *, sender: str) -> bool:
        """Tell whether the sender has a key of its own for a thing."""
        facts = self.house.index.about([thing], tags=[LinkAsserted.TYPE.tag])
        return any(
            one.organisation == sender and one.fact.right == thing and one.fact.left.startswith("own:") for one in facts
        )

    def said_of(self, subject: str, *, sender: str) -> Sequence[CollectionClaimed | ChainAsserted]:
        """Return what the sender says that is collected of a work, and of its chain of title, as it stands."""
        latest: dict[str, CollectionClaimed | ChainAsserted] = {}
        for one in self.house.index.about([subject], tags=[CollectionClaimed.TYPE.tag, ChainAsserted.TYPE.tag]):
            if one.organisation == sender and one.fact.subject == subject:
                latest[one.fact.subjects()[0]] = one.fact
        return tuple(latest.values())

    def notices(self, thing: str, *, sender: str) -> Sequence[NoticeGiven]:
        """Return the notices of a thing that the sender, or a register, recorded, oldest first."""
        facts = self.house.index.about([thing], tags=[NoticeGiven.TYPE.tag])
        return [one.fact for one in facts if one.organisation == sender or one.capacity in REGISTERS]

    def registered(self, recording: str, *, sender: str) -> RecordingRegistered | None:
        """Return what the sender registered of a recording last."""
        facts = self.house.index.about([recording], tags=[RecordingRegistered.TYPE.tag])
        said = [one.fact for one in facts if one.organisation == sender and one.fact.recording == recording]
        return said[-1] if said else None

    def _said(self, code: str) -> tuple[Naming, ...]:
        if code not in self._known and not self.preload:
            self._known[code] = ()
            found: list[Recorded[Any]] = self.house.index.about([code], tags=NAMING)
            for recorded in self._standing(found):
                self._learn(recorded.fact, recorded.organisation, recorded.capacity, only=code)
        if self.preload and code not in self._in_rows and self.house.index.batches():
            self._in_rows.add(code)
            for recorded in self.house.index.rows_about([code], tags=NAMING):
                self._learn(recorded.fact, recorded.organisation, recorded.capacity, only=code)
        return self._known.get(code, ())

    def _learn(self, fact: Any, organisation: str, capacity: Capacity, *, only: str = "") -> None:
        for code, entity in _names(fact):
            if not only or code == only:
                naming = Naming(entity, organisation, capacity)
                known = self._known.get(code, ())
                if naming not in known:
                    self._known[code] = (*known, naming)


def _about(fact: Any) -> str:
    """Return the thing that a fact is about first of all."""
    subject: str = fact.subjects()[0]
    return subject


def _one(said: Iterable[Naming]) -> str | None:
    entities = {one.entity for one in said}
    return entities.pop() if len(entities) == 1 else None


def _names(fact: Any) -> list[tuple[str, str]]:
    if isinstance(fact, PartyNamed):
        return [(code, fact.party) for code in fact.codes]
    if fact.relation is Relation.IDENTIFIES and fact.tier >= Tier.DOCUMENTED:
        return [(fact.left, fact.right)]
    return []
