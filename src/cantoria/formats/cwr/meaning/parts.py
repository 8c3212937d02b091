"""The works that a work is made of: originals (VER, OWK), the entire work of an excerpt (EWT), components (COM)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from cantoria.formats.cwr.meaning.keys import fits, local_key
from cantoria.formats.cwr.meaning.notes import Notes
from cantoria.formats.cwr.meaning.values import WORK_NUMBER, text, whole_name
from cantoria.formats.cwr.records import Record
from cantoria.formats.entries import Code, Name, Party, Share, Title, Work
from cantoria.registry.trade_facts import TitleKind
from cantoria.registry.types import PartyKind, Role

_TITLES: Final = ("original_work_title", "entire_work_title", "title")
_ISWCS: Final = ("iswc_of_original_work", "iswc_of_entire_work", "iswc_of_component")
KINDS: Final = frozenset({"VER", "OWK", "EWT", "COM"})
OTHER_TITLES: Final = frozenset({"NVT", "NET", "NCT", "NOT"})


@dataclass(slots=True)
class Parts:
    """The parts of one work, gathered record by record. `work` is the submitter's number of the work."""

    work: str
    notes: Notes
    components: int = 0
    named: list[Work] = field(default_factory=list)
    parties: list[Party] = field(default_factory=list)

    def take(self, record: Record) -> bool:
        """Take in a record; False when it is about no part."""
        if record.kind in KINDS:
            self._part(record)
            return True
        if record.kind in OTHER_TITLES:
            self._title(record)
            return True
        return False

    def keys(self) -> tuple[str, ...]:
        """Return the keys of the parts, each once, in order."""
        return tuple(dict.fromkeys(part.key for part in self.named))

    def works(self) -> tuple[Work, ...]:
        """Return the parts as mentioned works, each once."""
        return tuple({part.key: part for part in self.named}.values())

    def _part(self, record: Record) -> None:
        title, number, iswc = text(record, *_TITLES), text(record, *WORK_NUMBER), text(record, *_ISWCS)
        self.components += record.kind in ("COM", "OWK")
        if number == self.work and number:
            message = "a work cannot be a part of itself; the record is passed over"
            self.notes.add(record, message, "send the number of the other work", fields=WORK_NUMBER, value=number)
            return
        codes: tuple[Code, ...] = (("iswc", iswc),) if iswc and fits("iswc", iswc) else ()
        if iswc and not codes:
            message = "this is no ISWC; the work is named without it"
            self.notes.add(record, message, "check the code", fields=_ISWCS, value=iswc)
        shares: tuple[Share, ...] = ()
        if not number and not codes:
            # Nothing but this record knows the work, so that its writers can stand in no other's way.
            shares = tuple(self._writer(record, place) for place in ("1", "2") if _name(record, place))
        else:
            self._writers_kept(record)
        self.named.append(
            Work(
                key=number or local_key(self.work, "of", title or iswc),
                title=title,
                codes=codes,
                shares=shares,
                mentioned=True,
            )
        )

    def _writer(self, record: Record, place: str) -> Share:
        name = _name(record, place)
        sent = (
            ("ipi_name", text(record, f"writer_{place}_ipi_name_number")),
            ("ipi_base", text(record, f"writer_{place}_ipi_base_number")),
        )
        codes = tuple((scheme, code) for scheme, code in sent if code.strip("0"))
        party = Party(key=local_key(self.work, "writer", name), names=(Name(name),), kind=PartyKind.PERSON, codes=codes)
        self.parties.append(party)
        return Share(party=party.key, role=Role.AUTHOR)

    def _writers_kept(self, record: Record) -> None:
        if _name(record, "1"):
            message = "writers of a work that has a number or an ISWC of its own stay in the file: it names them itself"
            self.notes.once(record, "writer_1_last_name", message, value=_name(record, "1"))

    def _title(self, record: Record) -> None:
        title = text(record, "title")
        if self.named and title:
            part = self.named[-1]
            other = Title(text=title, kind=TitleKind.TRANSCRIBED, language=text(record, "language_code"))
            self.named[-1] = replace(part, titles=(*part.titles, other))


def _name(record: Record, place: str) -> str:
    return whole_name(text(record, f"writer_{place}_last_name"), text(record, f"writer_{place}_first_name"))
