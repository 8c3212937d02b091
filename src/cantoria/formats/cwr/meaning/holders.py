"""Who has a part in a work by one transaction: parties, ownership, what they collect where, and how rights pass on.

SPU, OPU, SPT, OPT, SWR, OWR, SWT, OWT, MAN, PWR, NPN and NWN, in the order of the file. CWR19-1070R1 section 4 (2.x),
CWR22-0478 section 4 (3.1).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction

from cantoria.formats.cwr.meaning.keys import local_key, party_key
from cantoria.formats.cwr.meaning.notes import Notes
from cantoria.formats.cwr.meaning.territory import Scope
from cantoria.formats.cwr.meaning.values import (
    PUBLISHER_ROLE,
    TERRITORY,
    WRITER_ROLE,
    flag,
    share,
    text,
    whole_name,
)
from cantoria.formats.cwr.meaning.words import HOLDING, NEAREST_ROLES, RIGHTS, WRITER_ROLES
from cantoria.formats.cwr.records import Record
from cantoria.formats.entries import Code, Collection, Name, Party, Share
from cantoria.kernel.errors import InputError
from cantoria.registry.types import PartyKind, Right, Role

NOTHING = Fraction(0)
IPI_FIELDS = (("ipi_name", "ipi_name_number"), ("ipi_base", "ipi_base_number"))


@dataclass(slots=True)
class Holder:
    """One SPU, OPU, SWR or OWR: the party's key, its role, what it owns, and where it collects."""

    record: Record
    key: str
    number: str  # its interested party number
    code: str  # CWR's code of its role
    role: Role
    sequence: str  # of its chain of publishers
    scope: Scope
    shares: dict[Right, Fraction] = field(default_factory=dict)
    agreement: str = ""


@dataclass(slots=True)
class Cast:
    """The parties of one transaction, gathered record by record. `work` is the submitter's number of the work."""

    work: str
    notes: Notes
    at: int
    publishers: list[Holder] = field(default_factory=list)
    writers: list[Holder] = field(default_factory=list)
    links: list[tuple[Record, Holder | None]] = field(default_factory=list)  # PWR, with the writer before it
    _parties: dict[str, Party] = field(default_factory=dict)
    _unknown: dict[str, int] = field(default_factory=dict)

    def take(self, record: Record) -> bool:
        """Take in a record; False when it is about no party."""
        match record.kind:
            case "SPU" | "OPU":
                self.publishers.append(self._publisher(record))
            case "SWR" | "OWR":
                self.writers.append(self._writer(record))
            case "SPT" | "OPT":
                self._territory(record, self.publishers)
            case "SWT" | "OWT":
                self._territory(record, self.writers)
            case "MAN":
                self._manuscript(record)
            case "PWR":
                self.links.append((record, self.writers[-1] if self.writers else None))
            case "NPN":
                self._other_name(record, self.publishers, text(record, "publisher_name"))
            case "NWN":
                name = whole_name(text(record, "writer_last_name"), text(record, "writer_first_name"))
                self._other_name(record, self.writers, name)
            case _:
                return False
        return True

    def parties(self) -> tuple[Party, ...]:
        """Return the parties, each once, in order of mention."""
        return tuple(self._parties.values())

    def shares(self) -> tuple[Share, ...]:
        """Return who holds what. Who holds a role but owns nothing by this file is a holder without a share; who only
        administers, sub-publishes or takes part in income is none unless a share is written beside it."""
        found = []
        owning = {(one.key, one.role) for one in (*self.writers, *self.publishers) if one.shares}
        for one in (*self.writers, *self.publishers):
            for right, owned in one.shares.items():
                found.append(Share(party=one.key, role=one.role, right=right, share=owned))
            holds = one.role is not Role.PUBLISHER or one.code in HOLDING
            if holds and (one.key, one.role) not in owning:
                owning.add((one.key, one.role))
                found.append(Share(party=one.key, role=one.role))
        return tuple(found)

    def collections(self) -> tuple[Collection, ...]:
        """Return who collects what where."""
        return tuple(
            Collection(party=one.key, role=one.role, right=right, share=portion, territory=territory)
            for one in (*self.publishers, *self.writers)
            for shares, territory in one.scope.expressions()
            for (_, right), portion in zip(RIGHTS, shares, strict=True)
            if portion
        )

    def _publisher(self, record: Record) -> Holder:
        name = text(record, "publisher_name")
        key = self._party(record, "publisher", name=name, kind=PartyKind.ORGANISATION)
        return Holder(
            record,
            key,
            number=text(record, "interested_party_number"),
            code=text(record, *PUBLISHER_ROLE),
            role=Role.PUBLISHER,
            sequence=text(record, "publisher_sequence_number"),
            scope=Scope(self.at),
            shares=self._owned(record),
            agreement=text(record, "submitter_agreement_number"),
        )

    def _writer(self, record: Record) -> Holder:
        name = whole_name(text(record, "writer_last_name"), text(record, "writer_first_name"))
        key = self._party(record, "writer", name=name, kind=PartyKind.PERSON)
        code = text(record, *WRITER_ROLE)
        role = WRITER_ROLES.get(code, Role.AUTHOR)
        if code not in WRITER_ROLES:
            message = "the writer's role is not said; read as composer and author"
            self.notes.add(record, message, "send the writer's role", fields=WRITER_ROLE, value=code)
        elif code in NEAREST_ROLES:
            message = f"role {code} is registered as {role.value}, the nearest"
            self.notes.once(record, f"{WRITER_ROLE[0]} {code}", message, value=code)
        return Holder(
            record,
            key,
            number=text(record, "interested_party_number"),
            code=code,
            role=role,
            sequence="",
            scope=Scope(self.at),
            shares=self._owned(record),
        )

    def _party(self, record: Record, who: str, *, name: str, kind: PartyKind) -> str:
        """Note the party of a record; return its key."""
        number = text(record, "interested_party_number")
        unknown = flag(record, f"{who}_unknown_indicator") or not (name or number)
        codes: tuple[Code, ...] = ()
        if not unknown:
            codes = tuple(
                (scheme, sent)
                for scheme, part in IPI_FIELDS
                if (sent := text(record, f"{who}_{part}")) and sent.strip("0")
            )
        if number:
            key = party_key(number)
        elif name and not unknown:
            key = local_key(self.work, name)
        else:
            self._unknown[who] = self._unknown.get(who, 0) + 1
            key = local_key(self.work, f"unknown {who}", str(self._unknown[who]))
        if unknown:
            message = f"the sender does not know this {who}, so the holders of the work are not all known"
            remedy = f"name the {who} when it becomes known"
            self.notes.add(record, message, remedy, fields=(f"{who}_unknown_indicator",), value=name)
        names = (Name(name),) if name else ()
        self._add(Party(key=key, names=names, kind=kind, codes=codes))
        return key

    def _add(self, party: Party) -> None:
        known = self._parties.get(party.key)
        if known is not None:
            names = tuple(dict.fromkeys((*known.names, *party.names)))
            party = replace(known, names=names, codes=tuple(dict.fromkeys((*known.codes, *party.codes))))
        self._parties[party.key] = party

    def _owned(self, record: Record) -> dict[Right, Fraction]:
        found = {}
        for prefix, right in RIGHTS:
            name = f"{prefix}_ownership_share"
            owned = share(record, name)
            if owned is None and text(record, name):
                self._unread(record, name)
            elif owned:
                found[right] = owned
        return found

    def _unread(self, record: Record, name: str) -> None:
        message = "this is no share between 0 and 100.00 %; it is not registered"
        self.notes.add(record, message, "send five digits, 05000 for 50 %", fields=(name,), value=text(record, name))

    def _find(self, record: Record, holders: list[Holder]) -> Holder | None:
        """Return whom a record that follows is about: the latest with its number, or the latest of all."""
        number = text(record, "interested_party_number", "writer_ip_number")
        for one in reversed(holders):
            if not number or one.number == number:
                return one
        message = "the record is about a party that the transaction does not name above it; it is passed over"
        self.notes.add(record, message, "name the party first", fields=("interested_party_number",), value=number)
        return None

    def _territory(self, record: Record, holders: list[Holder]) -> None:
        holder = self._find(record, holders)
        if holder is None:
            return
        code = text(record, *TERRITORY)
        try:
            if text(record, "inclusion_exclusion_indicator") == "E":
                if not holder.scope.exclude(code):
                    message = "the excluded territory is in none of the territories above; it changes nothing"
                    self.notes.add(record, message, "include a wider territory first", fields=TERRITORY, value=code)
            else:
                holder.scope.include(code, self._collected(record))
        except InputError as error:
            message = f"{error.message}; the record is passed over"
            self.notes.add(record, message, error.remedy, fields=TERRITORY, value=code)
        holder.agreement = holder.agreement or text(record, "submitter_agreement_number")

    def _collected(self, record: Record) -> tuple[Fraction, Fraction, Fraction]:
        found = []
        for prefix, _ in RIGHTS:
            name = f"{prefix}_collection_share"
            collected = share(record, name)
            if collected is None and text(record, name):
                self._unread(record, name)
            found.append(collected or NOTHING)
        return found[0], found[1], found[2]

    def _manuscript(self, record: Record) -> None:
        """Take a manuscript share (3.x) as the writer's: it is what the writer had before any publisher."""
        holder = self._find(record, self.writers)
        if holder is not None:
            for prefix, right in RIGHTS:
                owned = share(record, f"{prefix}_manuscript_share")
                if owned:
                    holder.shares[right] = owned

    def _other_name(self, record: Record, holders: list[Holder], name: str) -> None:
        holder = self._find(record, holders)
        if holder is not None and name:
            self._add(replace(self._parties[holder.key], names=(Name(name, text(record, "script_code")),)))
