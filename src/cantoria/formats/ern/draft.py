"""One message in the making: its facts, findings and references, and what is read together with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from cantoria.formats.csvfamily.desk import Context
from cantoria.formats.ern.avs import AllowedValues, Checked, shipped
from cantoria.formats.ern.message import Message, Portion
from cantoria.formats.ern.names import Names, Notes
from cantoria.formats.ern.records import SoundRecord
from cantoria.formats.types import Counts, Imported, Severity
from cantoria.kernel.facts import Source
from cantoria.kernel.ids import LinkId, PartyId
from cantoria.registry.disclosure_facts import NoticeGiven, NoticeKind
from cantoria.registry.facts import LinkAsserted
from cantoria.registry.types import PartyKind, Relation, Tier

NOTICE_THINGS_MAX: Final = 400


class Standing(Enum):
    """What a message may do to a thing: by whom and when it was last spoken of."""

    FIRST = "first"  # nobody gave notice of it before
    NEWER = "newer"  # this sender is the authority on it, and this is its latest word
    OLDER = "older"  # this sender said something newer already
    OTHERS = "others"  # another sender is the authority on it


@dataclass(slots=True)
class Session:
    """Messages read together: what their codes name, which have been seen, and what they gave notice of."""

    names: Names
    allowed: AllowedValues = field(default_factory=shipped)
    seen: dict[str, str] = field(default_factory=dict)
    noticed: dict[str, list[NoticeGiven]] = field(default_factory=dict)

    @property
    def context(self) -> Context:
        return self.names.context

    def notices(self, thing: str) -> Sequence[NoticeGiven]:
        """Return the notices of a thing, oldest first: those on record and those of this session."""
        return (*self.context.notices(thing), *self.noticed.get(thing, ()))


@dataclass(slots=True)
class Waiting:
    """A recording that is made of others which have not come yet: it is registered once they have."""

    record: SoundRecord
    recording: str
    fresh: bool
    keys: tuple[str, ...]


@dataclass(slots=True)
class Draft:
    """The facts of one message in the making. Memory grows with its references, not with its records."""

    message: Message
    session: Session
    notes: Notes
    sha256: str
    portion: Portion = field(default_factory=Portion)
    facts: list[Any] = field(default_factory=list)
    parties: dict[str, str] = field(default_factory=dict)  # reference -> id
    works: dict[str, str] = field(default_factory=dict)
    recordings: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)  # of the recordings, by reference
    releases: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)  # reference -> id, recordings
    known: set[str] = field(default_factory=set)  # releases that were known before
    bearers: dict[str, str] = field(default_factory=dict)  # name -> reference, empty when several bear it
    kinds: dict[str, PartyKind] = field(default_factory=dict)  # of the parties registered here, by reference
    own: dict[str, int] = field(default_factory=dict)  # own codes of earlier portions -> line
    taken: set[str] = field(default_factory=set)  # things that a record of the message is already
    waiting: list[Waiting] = field(default_factory=list)
    unsaid: list[str] = field(default_factory=list)  # things whose notice is not given yet
    said: list[NoticeGiven] = field(default_factory=list)
    dealt: bool = False
    carried: str = ""  # the first thing that the message brought
    registered: int = 0
    passed_over: int = 0
    duplicate: int = 0
    sender: PartyId | str = ""
    said_at: int = 0
    checked: Checked | None = None
    _source: Source = field(default_factory=Source)

    def source(self, line: int) -> Source:
        """Return where a record stands."""
        if self._source.line != line or not self._source.sha256:
            self._source = Source(self.message.file, self.sha256, line)
        return self._source

    def link(self, left: str, relation: Relation, right: str, line: int) -> None:
        """Assert a link, by the sender of the message."""
        self.facts.append(
            LinkAsserted(
                link=LinkId(self.session.context.new_id("link")),
                left=left,
                relation=relation,
                right=right,
                asserted_by=self.sender,
                tier=Tier.DOCUMENTED,
                source=self.source(line),
            )
        )

    def refer(self, references: dict[str, str], reference: str, thing: str, line: int) -> None:
        """Remember what a reference of the message means; the first use of one stands."""
        if not reference or references.setdefault(reference, thing) != thing:
            what = f"the reference {reference!r} stands twice" if reference else "the record has no reference"
            self.notes.add(line, what, "give each record its own", field="Reference", value=reference)

    def standing(self, thing: str, *, fresh: bool) -> Standing:
        """Tell what this message may do to a thing."""
        notices = () if fresh else self.session.notices(thing)
        if not notices:
            return Standing.FIRST
        if notices[0].said_by != self.sender:
            return Standing.OTHERS
        newest = max(notice.said_at for notice in notices if notice.said_by == self.sender)
        return Standing.OLDER if self.said_at < newest else Standing.NEWER

    def locked(self, standing: Standing, line: int, kind: str, value: str) -> bool:
        """Tell whether what is known of a thing must stay, and say why."""
        if standing is Standing.OTHERS:
            self.notes.add(
                line,
                f"another sender is the authority on this {kind}; what this one says stands beside it",
                "ask both senders which one answers for it",
                field=kind,
                value=value,
            )
        elif standing is Standing.OLDER:
            self.notes.add(
                line,
                f"a newer message of this sender on this {kind} was read before; it stays as that one says",
                "nothing, unless messages were sent in the wrong order",
                field=kind,
                value=value,
            )
        return standing in (Standing.OTHERS, Standing.OLDER)

    def notice(self, thing: str) -> None:
        """Remember that the message gives notice of a thing."""
        self.carried = self.carried or thing
        self.unsaid.append(thing)

    def give_notice(
        self,
        things: Sequence[str],
        line: int = 1,
        *,
        kind: NoticeKind = NoticeKind.RELEASED,
        territories: tuple[str, ...] = (),
    ) -> None:
        """Record that the sender gave notice of things."""
        header = self.message.header
        for start in range(0, len(things), NOTICE_THINGS_MAX):
            said = NoticeGiven(
                things=tuple(things[start : start + NOTICE_THINGS_MAX]),
                said_by=self.sender,
                said_at=self.said_at,
                message=header.message_id,
                thread=header.thread_id,
                kind=kind,
                territories=territories,
                source=self.source(line),
            )
            self.facts.append(said)
            self.said.append(said)

    def pass_over(self, line: int, kind: str, value: str) -> None:
        """Count a record as passed over, and say so."""
        self.passed_over += 1
        what = f"this {kind} holds no sound recording, so it" if kind.endswith("Release") else f"this {kind}"
        self.notes.add(line, f"{what} is not registered", "nothing", severity=Severity.INFO, field=kind, value=value)

    def allowed(self, name: str, values: Sequence[str], line: int) -> None:
        """Say which values are in no set of that name, each once in the message."""
        checked = self.checked
        for value in values if checked is not None else ():
            if value and checked is not None and not checked.knows(name, value):
                self.notes.add(
                    line,
                    f"{checked.told} does not hold this value for {name.replace('|', ' or ')}",
                    "correct it, or give the reader a newer version of the set",
                    field=name,
                    value=value,
                )

    def handed_on(self) -> Imported:
        """Return what came of the portion, and begin the next one."""
        counts = Counts(
            received=self.registered + self.passed_over + self.duplicate,
            registered=self.registered,
            passed_over=self.passed_over,
            duplicate=self.duplicate,
        )
        imported = Imported(tuple(self.facts), tuple(self.notes.findings), counts)
        self.facts, self.notes.findings = [], []
        self.registered = self.passed_over = self.duplicate = 0
        return imported
