"""Entries: one record of a file (a CWR transaction, a row, a message item) with the things that it speaks of.

Things refer to each other by `key`, the sender's own key within its namespace ("" when it has none and is known by
its codes alone). The same key later in the file, or in a later file of the sender, is the same thing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

from cantoria.formats.types import Finding
from cantoria.kernel.periods import ALWAYS, Period
from cantoria.kernel.territories import WORLD
from cantoria.registry.trade_facts import ChainKind, TitleKind
from cantoria.registry.types import PartyKind, Right, Role, Tier, WorkKind

if TYPE_CHECKING:
    from cantoria.formats.entries.scribe import Scribe
    from cantoria.kernel.facts import Source

Code = tuple[str, str]  # scheme (`cantoria.codes.Scheme`) and the text as sent


class Outcome(StrEnum):
    """What becomes of a record: exactly one of these."""

    REGISTER = "register"  # its things are registered
    REFUSED = "refused"  # it cannot be read; its findings say why
    DUPLICATE = "duplicate"  # the same record stands above
    PASSED_OVER = "passed_over"  # it is of a kind that is not registered


@dataclass(frozen=True, slots=True)
class Name:
    """What a party is called; `script` is ISO 15924 or empty."""

    text: str
    script: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A person, group or organisation, by its own key or its codes (at least one of them)."""

    key: str = ""
    names: tuple[Name, ...] = ()
    kind: PartyKind = PartyKind.PERSON
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """Another title of a work or recording."""

    text: str
    kind: TitleKind = TitleKind.ALTERNATIVE
    language: str = ""  # as sent: CWR and ERN use different code lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A claim on a work or recording: a party (by key) in a role, and for a right a share (exact fraction of 1)."""

    party: str
    role: Role
    right: Right | None = None
    share: Fraction | None = None
    territory: str = WORLD
    period: Period = ALWAYS
    tier: Tier = Tier.DOCUMENTED  # below it, the claim is shown and makes nobody a holder


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """What a party collects of a right somewhere (CWR SPT, SWT): no claim to own it."""

    party: str
    role: Role
    right: Right
    share: Fraction
    territory: str = WORLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A link in a chain of title: `grantor` passes rights to `acquirer` (party keys; grantor "" when not named)."""

    grantor: str
    acquirer: str
    kind: ChainKind = ChainKind.ORIGINAL
    territory: str = WORLD
    period: Period = ALWAYS
    agreement: str = ""  # the sender's number of the agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A musical work. `parts` are keys of works of the file."""

    key: str = ""
    title: str = ""
    titles: tuple[Title, ...] = ()
    kind: WorkKind = WorkKind.ORIGINAL
    parts: tuple[str, ...] = ()
    parts_complete: bool = True
    codes: tuple[Code, ...] = ()
    shares: tuple[Share, ...] = ()
    whole: bool = (
        False  # it names all that the sender claims here: what it claimed before and is not named is withdrawn
    )
    collections: tuple[Collection, ...] = ()
    chains: tuple[Chain, ...] = ()
    mentioned: bool = False  # said in passing: registered when it is new, else left as it stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A sound recording. `works` and `samples` are keys of the file, or codes as "scheme:text"."""

    key: str = ""
    title: str = ""
    titles: tuple[Title, ...] = ()
    artist: str = ""
    duration_ms: int | None = None
    version: str = ""
    codes: tuple[Code, ...] = ()
    works: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    samples_complete: bool = True
    shares: tuple[Share, ...] = ()
    whole: bool = False  # as of a work
    mentioned: bool = False  # as of a work
    releases: tuple[str, ...] = ()  # on the way out only: the releases (keys) that carry it


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release with its recordings (keys) in order."""

    key: str = ""
    title: str = ""
    codes: tuple[Code, ...] = ()
    recordings: tuple[str, ...] = ()


class Late(Protocol):
    """What an entry says of things by their keys, and how it is stated once the scribe knows what they name."""

    def facts(self, scribe: Scribe, source: Source) -> Iterator[Any]:
        """Give the facts; raises `InputError` when a key names nothing, and the entry is refused."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One record of a file: where it begins (line, 1-based), what becomes of it, what it speaks of, what is odd.

    `facts` are facts of other kinds that the reader itself knows how to state (answers to a registration, disputes);
    they are recorded with the rest. `late` are facts about things of the entry whose ids only the scribe knows.
    """

    line: int
    kind: str  # the record's kind in its own format: "NWR", "asset", "row"
    outcome: Outcome = Outcome.REGISTER
    parties: tuple[Party, ...] = ()
    works: tuple[Work, ...] = ()
    recordings: tuple[Recording, ...] = ()
    releases: tuple[Release, ...] = ()
    findings: tuple[Finding, ...] = ()
    facts: tuple[Any, ...] = field(default=())
    late: tuple[Late, ...] = ()
