"""What files of the trade say beside registrations and claims: titles, collection, chains of title, links taken back,
and that a file was taken in. Tags 114, 122, 132, 133 and 160 of the registry's range.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar

from cantoria.kernel.facts import FactType, Source
from cantoria.kernel.ids import ClaimId, LinkId, PartyId
from cantoria.kernel.periods import ALWAYS, Period
from cantoria.kernel.territories import WORLD
from cantoria.registry.facts import NOWHERE, REGISTRARS
from cantoria.registry.types import Right, Role


class TitleKind(StrEnum):
    """What another title is (CISAC title types, in words)."""

    ALTERNATIVE = "alternative"
    TRANSLATED = "translated"
    TRANSCRIBED = "transcribed"  # the same title in another script, such as romanised Korean
    FORMAL = "formal"
    FIRST_LINE = "first_line"
    PART = "part"
    INCORRECT = "incorrect"  # known to be used though wrong: kept so that usage is found


class ChainKind(StrEnum):
    """How rights pass from one party to the next in a chain of title."""

    ORIGINAL = "original"  # writer to original publisher
    ADMINISTRATION = "administration"
    SUB_PUBLICATION = "sub_publication"
    ACQUISITION = "acquisition"
    INCOME = "income"  # income participation only


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleGiven:
    """A work, recording or release is also called this."""

    TYPE: ClassVar = FactType(114, "title-given", REGISTRARS)
    subject: str
    title: str
    kind: TitleKind = TitleKind.ALTERNATIVE
    language: str = ""
    source: Source = NOWHERE

    def subjects(self) -> tuple[str, ...]:
        return (self.subject,)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkWithdrawn:
    """Who asserted a link takes its assertion back; others' assertions of the same edge stand."""

    TYPE: ClassVar = FactType(122, "link-withdrawn", REGISTRARS)
    link: LinkId
    reason: str = ""

    def subjects(self) -> tuple[str, ...]:
        return (self.link,)


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionClaimed:
    """A party says that it collects this share of a right in a work in a territory (CWR SPT and SWT). It makes nobody
    a holder; a later one with the same `claim` id replaces the earlier one of the same organisation."""

    TYPE: ClassVar = FactType(132, "collection-claimed", REGISTRARS)
    claim: ClaimId
    subject: str
    party: PartyId
    role: Role
    right: Right
    share: Fraction
    territory: str = WORLD
    period: Period = ALWAYS
    source: Source = NOWHERE

    def subjects(self) -> tuple[str, ...]:
        return (self.claim, self.subject, self.party)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainAsserted:
    """Somebody asserts a link in the chain of title of a work: `grantor` (a writer or publisher) passes rights to
    `acquirer` in a territory and period. `grantor` is empty where the file names none. A later one with the same
    `chain` id replaces the earlier one of the same organisation."""

    TYPE: ClassVar = FactType(133, "chain-asserted", REGISTRARS)
    chain: str
    subject: str
    grantor: PartyId | str
    acquirer: PartyId
    kind: ChainKind = ChainKind.ORIGINAL
    territory: str = WORLD
    period: Period = ALWAYS
    agreement: str = ""
    source: Source = NOWHERE

    def subjects(self) -> tuple[str, ...]:
        return tuple(name for name in (self.chain, self.subject, self.grantor, self.acquirer) if name)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTaken:
    """A part of a file was taken in: records `first` to `first + received - 1` (0-based), recorded with the facts that
    they say in one commit. `whole` marks the last part. The counts account for every record of the part."""

    TYPE: ClassVar = FactType(160, "file-taken", REGISTRARS)
    sha256: str
    file: str
    format: str
    first: int
    received: int
    registered: int
    refused: int
    duplicate: int
    passed_over: int
    findings: int
    whole: bool = False

    def subjects(self) -> tuple[str, ...]:
        return (f"file:{self.sha256}",)
