"""The one path in: bytes → facts + findings → ledger → views."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from cantoria.app.codec import bytes_to_sign, signature_of, with_signature
from cantoria.app.house import House
from cantoria.app.ports import Author, Receipt
from cantoria.consent.facts import StatementMade
from cantoria.consent.types import Verdict
from cantoria.formats.csvfamily import Context
from cantoria.formats.types import Finding, Imported, Severity
from cantoria.kernel.errors import InputError
from cantoria.mandates.facts import DelegationGranted
from cantoria.registry import ClaimView, Registry
from cantoria.registry.facts import ClaimWithdrawn, HoldersDeclaredComplete, LinkAsserted, PartyNamed, ShareClaimed
from cantoria.registry.types import Relation, Tier

FILE_BYTES_MAX: Final = 256 * 1024 * 1024
PRELOAD_BYTES: Final = 500_000  # from this size on it is cheaper to read all codes once than to look each up
Reader = Callable[[Mapping[str, bytes], Context], Imported]


@dataclass(frozen=True, slots=True)
class Intake:
    """What an import did: the reader's findings and counts, and a receipt for each recorded fact."""

    imported: Imported
    receipts: tuple[Receipt, ...]


def take_in(
    house: House,
    files: Mapping[str, bytes],
    *,
    read: Reader,
    namespace: str,
    author: Author,
    dry_run: bool = False,
    book: CodeBook | None = None,
) -> Intake:
    """Read `files` (name → bytes) together and record what they say as one durable commit.

    `book` may be one that has followed everything recorded so far; it goes on to follow this.

    Persons whose keys are kept here sign what they say (yeses, delegations, keys); a yes that nobody signed is
    recorded with a finding, because it has no effect.
    """
    for name, data in files.items():
        if len(data) > FILE_BYTES_MAX:
            raise InputError(f"{name} has {len(data)} bytes, more than {FILE_BYTES_MAX}", "split the file")
    house.index.catch_up()
    if book is None:
        book = CodeBook(house, preload=sum(map(len, files.values())) > PRELOAD_BYTES)
    context = Context(
        sender=author.party,
        namespace=namespace,
        now=house.clock.now(),
        new_id=house.ids.new,
        lookup=book.lookup,
        claims_of=book.claims_of,
        links_between=book.links_between,
    )
    imported = read(files, context)
    signed, unsigned = _signed(house, imported.facts, author)
    imported = Imported(tuple(signed), imported.findings + tuple(unsigned), imported.counts)
    if dry_run:
        return Intake(imported, ())
    receipts = house.journal.record(imported.facts, author=author)
    house.index.catch_up(fresh={receipt.index: receipt.fact for receipt in receipts})
    book.follow(imported.facts)
    return Intake(imported, tuple(receipts))


@dataclass(slots=True)
class CodeBook:
    """Which entity a code names, and which claims a subject has, as far as the ledger knows."""

    house: House
    preload: bool = False
    _known: dict[str, str | None] = field(default_factory=dict)
    _claimed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        if self.preload:
            facts = self.house.index.scan(tags=[LinkAsserted.TYPE.tag, PartyNamed.TYPE.tag])
            self.follow(recorded.fact for recorded in facts)
            self._claimed |= self.house.index.subjects_of(ShareClaimed.TYPE.tag)

    def follow(self, facts: Iterable[Any]) -> None:
        """Take note of facts that are recorded."""
        if not self.preload:
            self._known.clear()
            return
        for fact in facts:
            if isinstance(fact, LinkAsserted | PartyNamed):
                for code, entity in _names(fact):
                    self._learn(code, entity)
            elif isinstance(fact, ShareClaimed):
                self._claimed.add(fact.subject)

    def lookup(self, code: str) -> str | None:
        """Return the entity that the code names, or None when it names none or several."""
        if code in self._known:
            return self._known[code]
        if self.preload:
            return None
        found = self.names(code)
        self._known[code] = found[0] if len(found) == 1 else None
        return self._known[code]

    def names(self, code: str) -> list[str]:
        """Return every entity that the code names, sorted."""
        facts = self.house.index.about([code], tags=[LinkAsserted.TYPE.tag, PartyNamed.TYPE.tag])
        return sorted({entity for one in facts for name, entity in _names(one.fact) if name == code})

    def claims_of(self, subject: str) -> Sequence[ClaimView]:
        """Return the claims on a work or recording."""
        if self.preload and subject not in self._claimed:
            return ()
        facts = self.house.index.about([subject], tags=[ShareClaimed.TYPE.tag])
        claims = [recorded.fact.claim for recorded in facts]
        withdrawn = self.house.index.about(claims, tags=[ClaimWithdrawn.TYPE.tag])
        return Registry.fold([*facts, *withdrawn]).claims(subject)

    def links_between(self, left: str, relation: Relation, right: str) -> Sequence[str]:
        """Return the ids of the links on record that say that, oldest first."""
        facts = [recorded.fact for recorded in self.house.index.about([left], tags=[LinkAsserted.TYPE.tag])]
        return [one.link for one in facts if (one.left, one.relation, one.right) == (left, relation, right)]

    def _learn(self, code: str, entity: str) -> None:
        known = self._known.get(code, entity)
        self._known[code] = entity if known == entity else None


def _names(fact: Any) -> list[tuple[str, str]]:
    if isinstance(fact, PartyNamed):
        return [(code, fact.party) for code in fact.codes]
    if fact.relation is Relation.IDENTIFIES and fact.tier >= Tier.DOCUMENTED:
        return [(fact.left, fact.right)]
    return []


def _signed(house: House, facts: Sequence[Any], author: Author) -> tuple[list[Any], list[Finding]]:
    signed, findings = [], []
    for fact in facts:
        speaker = _speaker(fact)
        if speaker and speaker != author.party and signature_of(fact) is None:
            if isinstance(fact, HoldersDeclaredComplete):
                fact = replace(fact, said_at=house.clock.now())
            signature = house.vault.sign(speaker, bytes_to_sign(fact))
            if signature is not None:
                fact = with_signature(fact, signature)
            elif _needs_signature(fact):
                findings.append(_unsigned(fact, speaker))
        signed.append(fact)
    return signed, findings


def _speaker(fact: Any) -> str:
    """Return whose signature a fact asks for, empty when nobody's."""
    match fact:
        case StatementMade():
            return fact.speaker
        case DelegationGranted():
            return fact.principal
        case HoldersDeclaredComplete():
            return fact.signed_by
        case _:
            return ""


def _needs_signature(fact: Any) -> bool:
    return not isinstance(fact, StatementMade) or fact.verdict is Verdict.YES


def _unsigned(fact: Any, speaker: str) -> Finding:
    return Finding(
        file="",
        field=fact.TYPE.name,
        value=fact.subjects()[0],
        message=f"nobody signed it: the key of {speaker} is not kept here, so it has no effect",
        remedy="let them sign it themselves",
        severity=Severity.WARNING,
    )
