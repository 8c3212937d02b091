"""AGR transactions of 2.x: who passes rights to whom, where and when. CWR19-1070R1 section 4.1.

An agreement names no work. Its links are recorded under the key `AGR:` and its number, and its parties, territory and
period are known to the works of the file that name it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from cantoria.formats.cwr.meaning.chains import Agreements
from cantoria.formats.cwr.meaning.keys import local_key, party_key
from cantoria.formats.cwr.meaning.notes import Notes
from cantoria.formats.cwr.meaning.sayings import Agreed
from cantoria.formats.cwr.meaning.territory import Scope
from cantoria.formats.cwr.meaning.values import TERRITORY, moment, text, whole_name
from cantoria.formats.cwr.meaning.words import AGREEMENT_KINDS
from cantoria.formats.cwr.records import Record, Transaction
from cantoria.formats.entries import Chain, Entry, Name, Outcome, Party
from cantoria.formats.types import Severity
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import DAY, TIME_MIN, Period
from cantoria.kernel.territories import WORLD
from cantoria.registry.trade_facts import ChainKind
from cantoria.registry.types import PartyKind

KEY = "AGR:"
_WHOLE = (Fraction(1), Fraction(1), Fraction(1))
_IPI = (("ipi_name", "interested_party_ipi_name_number"), ("ipi_base", "ipi_base_number"))


@dataclass(slots=True)
class _Section:
    """Territories, and the parties that the agreement has there."""

    scope: Scope
    givers: list[str] = field(default_factory=list)
    takers: list[str] = field(default_factory=list)


def agreement_entry(transaction: Transaction, notes: Notes, agreements: Agreements, *, at: int) -> Entry:
    """Return the entry of an AGR: its parties, and each link of its chain."""
    head = transaction.records[0]
    number = text(head, "submitter_agreement_number")
    parties: dict[str, Party] = {}
    sections = _sections(transaction, notes, parties, at=at)
    kind = AGREEMENT_KINDS.get(text(head, "agreement_type"), ChainKind.ORIGINAL)
    period = _period(head, notes)
    links = []
    for section in sections:
        territory = section.scope.everywhere() or WORLD
        agreements.remember(number, territory, period)
        links += [
            Agreed(
                number=KEY + number,
                chain=Chain(
                    grantor=giver,
                    acquirer=taker,
                    kind=kind,
                    territory=territory,
                    period=period,
                    agreement=number,
                ),
            )
            for giver in section.givers or [""]
            for taker in section.takers
        ]
    if not links:
        notes.add(head, "the agreement names nobody who acquires", "send an IPA with role AC", severity=Severity.ERROR)
        return Entry(line=transaction.line, kind=transaction.kind, outcome=Outcome.REFUSED, findings=tuple(notes.found))
    return Entry(
        line=transaction.line,
        kind=transaction.kind,
        parties=tuple(parties.values()),
        findings=tuple(notes.found),
        late=tuple(links),
    )


def _sections(transaction: Transaction, notes: Notes, parties: dict[str, Party], *, at: int) -> list[_Section]:
    """Return the sections of an agreement: territories (TER) the parties (IPA) after them go to `parties`."""
    sections = [_Section(Scope(at))]
    number = text(transaction.records[0], "submitter_agreement_number")
    for record in transaction.records[1:]:
        section = sections[-1]
        if record.kind == "TER":
            if section.givers or section.takers:
                section = _Section(Scope(at))
                sections.append(section)
            _territory(record, section.scope, notes)
        elif record.kind == "IPA":
            party = _party(record, number)
            parties[party.key] = party
            (section.givers if text(record, "agreement_role_code") == "AS" else section.takers).append(party.key)
    return sections


def _territory(record: Record, scope: Scope, notes: Notes) -> None:
    code = text(record, *TERRITORY)
    try:
        if text(record, "inclusion_exclusion_indicator") == "E":
            scope.exclude(code)
        else:
            scope.include(code, _WHOLE)
    except InputError as error:
        notes.add(record, f"{error.message}; the record is passed over", error.remedy, fields=TERRITORY, value=code)


def _party(record: Record, number: str) -> Party:
    last, first = text(record, "interested_party_last_name"), text(record, "interested_party_writer_first_name")
    known = text(record, "interested_party_number")
    name = whole_name(last, first)
    return Party(
        key=party_key(known) if known else local_key(KEY + number, name),
        names=(Name(name),) if name else (),
        kind=PartyKind.PERSON if first else PartyKind.ORGANISATION,
        codes=tuple((scheme, sent) for scheme, part in _IPI if (sent := text(record, part)) and sent.strip("0")),
    )


def _period(head: Record, notes: Notes) -> Period:
    start = moment(text(head, "agreement_start_date"))
    end = moment(text(head, "agreement_end_date"))
    try:
        return Period(TIME_MIN if start is None else start, None if end is None else end + DAY)
    except InputError as error:
        fields = ("agreement_end_date",)
        notes.add(head, f"{error.message}; read as open", error.remedy, fields=fields, value=text(head, *fields))
        return Period(TIME_MIN if start is None else start)
