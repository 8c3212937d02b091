"""From the rights views to the tables of a snapshot, book by book, for everything or for what a refresh touches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cantoria.clearance.analytics import Table
from cantoria.clearance.rights import Rights, refusals_of
from cantoria.clearance.snapshot_codes import CodeBook
from cantoria.clearance.snapshot_dictionaries import Dictionaries, SubjectKey, UnitKey
from cantoria.clearance.snapshot_needs import NeedBook
from cantoria.clearance.snapshot_numbers import Rows
from cantoria.clearance.snapshot_places import Places
from cantoria.clearance.snapshot_schema import OPEN_END, SCHEMAS, USE_BITS
from cantoria.clearance.snapshot_statements import StatementBook, spoken_scopes
from cantoria.clearance.snapshot_voices import VoiceBook
from cantoria.kernel.errors import InputError
from cantoria.kernel.territories import WORLD
from cantoria.mandates import Voice


class Builder:
    """Reads what is asked of it into rows, with the numbers of `numbers`. Everything is worked out at `at`."""

    def __init__(self, rights: Rights, *, at: int, numbers: Dictionaries) -> None:
        self._rights, self._numbers = rights, numbers
        self._places = Places(numbers.places, at=at)
        self._voices = VoiceBook(rights, at=at)
        self.scopes = spoken_scopes(rights.standings.effective)
        self._codes = CodeBook(rights.registry, numbers=numbers.subjects)
        self._needs = NeedBook(
            rights, at=at, numbers=numbers, places=self._places, voices=self._voices, scopes=self.scopes
        )
        self._statements = StatementBook(rights.standings, numbers=numbers, places=self._places)
        self._rows = {name: Rows(SCHEMAS[name]) for name in ("person", "signal")}

    def lead(self, codes: Iterable[str]) -> None:
        """Read codes; once all are, `finish_codes`."""
        self._codes.read(codes)

    def finish_codes(self) -> None:
        """Read what belongs together with the codes read."""
        self._codes.finish()

    def subjects(self, subjects: Iterable[SubjectKey]) -> None:
        """Read works and recordings that rows can name, with what they carry."""
        for subject, side in subjects:
            self._needs.read(subject, side)
            self._signals((subject, side))

    def units(self, units: Iterable[UnitKey]) -> None:
        """Read units, whatever consists of them."""
        for unit in units:
            self._needs.read_unit(unit)

    def needed_voices(self) -> Iterator[Voice]:
        """Give the voices that the units read so far need."""
        return self._needs.voices()

    def read_units(self) -> set[UnitKey]:
        """Return the units read so far."""
        return self._needs.units()

    def voices(self, voices: Iterable[Voice]) -> None:
        """Read what has effect in voices."""
        for voice in voices:
            self._statements.read(voice)

    def persons(self, parties: Iterable[str]) -> None:
        """Read whom one asks where a person is named."""
        for party in parties:
            number = self._numbers.parties[party]
            for voice, asked in self._voices.of_person(party):
                reachable = self._voices.can_reach(voice.speaker)
                self._rows["person"].add(number, self._numbers.voices[voice], asked, reachable)

    def tables(self) -> dict[str, Table]:
        """Return every table: the rows read, and of the dictionaries what they added."""
        rows = {name: rows.table() for name, rows in self._rows.items()}
        read = self._codes.tables() | self._needs.tables() | rows | {"statement": self._statements.table()}
        found = read | self._numbers.tables()
        return {name: found[name] for name in SCHEMAS}

    def _signals(self, key: SubjectKey) -> None:
        """Read what outside signals refuse of a subject and of all that it carries."""
        for said in refusals_of(key[0], rights=self._rights):
            end = said.period.end
            self._rows["signal"].add(
                self._numbers.subjects[key],
                sum(USE_BITS[use] for use in said.uses),
                self._place(said.territory),
                said.period.start,
                OPEN_END if end is None else end,
                said.index,
                self._numbers.things[key[0]],
            )

    def _place(self, territory: str) -> int:
        """Return the place of a signal; one that nobody can read holds the world, so that no refusal is lost."""
        try:
            return self._places.named(territory)
        except InputError:
            return self._places.named(WORLD)


def persons_of(rights: Rights) -> dict[str, None]:
    """Return everybody of whom something is on record that a request naming them would need."""
    parties = dict.fromkeys(rights.registry.parties())
    parties.update(dict.fromkeys(rights.mandates.in_company()))
    parties.update((voice.principal, None) for voice in rights.standings.voices())
    return parties
