"""One message in the making: its facts, findings and references, and what is read together with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cantoria.formats.csvfamily.desk import Context
from cantoria.formats.ern.message import Message
from cantoria.formats.ern.names import Names, Notes
from cantoria.formats.types import Counts, Imported, Severity
from cantoria.kernel.facts import Source
from cantoria.kernel.ids import LinkId
from cantoria.registry.facts import LinkAsserted
from cantoria.registry.types import Relation, Tier


@dataclass(slots=True)
class Session:
    """Messages read together: what their codes name, and which messages have been seen."""

    names: Names
    seen: dict[str, str] = field(default_factory=dict)

    @property
    def context(self) -> Context:
        return self.names.context


@dataclass(slots=True)
class Draft:
    """The facts of one message in the making."""

    message: Message
    session: Session
    notes: Notes
    sha256: str
    facts: list[Any] = field(default_factory=list)
    parties: dict[str, str] = field(default_factory=dict)  # reference -> id
    recordings: dict[str, str] = field(default_factory=dict)
    registered: int = 0
    passed_over: int = 0

    def source(self, line: int) -> Source:
        """Return where a record stands."""
        return Source(self.message.file, self.sha256, line)

    def link(self, left: str, relation: Relation, right: str, line: int) -> None:
        """Assert a link, by the sender of the message."""
        context = self.session.context
        self.facts.append(
            LinkAsserted(
                link=LinkId(context.new_id("link")),
                left=left,
                relation=relation,
                right=right,
                asserted_by=self.message.header.sender[0] or context.sender,
                tier=Tier.DOCUMENTED,
                source=self.source(line),
            )
        )

    def refer(self, references: dict[str, str], reference: str, thing: str, line: int) -> None:
        """Remember what a reference of the message means; the first use of one stands."""
        if not reference or references.setdefault(reference, thing) != thing:
            what = f"the reference {reference!r} stands twice" if reference else "the record has no reference"
            self.notes.add(line, what, "give each record its own", field="Reference", value=reference)

    def pass_over(self, line: int, kind: str, value: str) -> None:
        """Count a record as passed over, and say so."""
        self.passed_over += 1
        what = f"this {kind} holds no sound recording, so it" if kind.endswith("Release") else f"this {kind}"
        self.notes.add(line, f"{what} is not registered", "nothing", severity=Severity.INFO, field=kind, value=value)

    def imported(self) -> Imported:
        """Return what came of the message."""
        counts = Counts(received=self.message.records, registered=self.registered, passed_over=self.passed_over)
        return Imported(tuple(self.facts), tuple(self.notes.findings), counts)
