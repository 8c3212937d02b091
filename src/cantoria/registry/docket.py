"""The open cases of the registry: all of them, or those of a few subjects, each with its clock."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cantoria.kernel.facts import Recorded
from cantoria.registry.answers import Registration
from cantoria.registry.cases import Books, rights_cases, rights_cases_of
from cantoria.registry.cases_of_links import link_cases, link_cases_of
from cantoria.registry.clock import run
from cantoria.registry.surroundings import Surroundings
from cantoria.registry.types import Case


class Docket(Surroundings):
    """What has to be settled, by the books that `Registry` fills."""

    def registrations(self, work: str) -> tuple[Registration, ...]:
        """Return where the registration of a work stands with each who answered to it."""
        return self._answers.of(work)

    def cases(self, at: int) -> tuple[Case, ...]:
        """Return every open case at the moment `at`, the oldest first."""
        books = self._case_books()
        return self._timed([*rights_cases(books, at), *link_cases(books)], at)

    def cases_of(self, *subjects: str, at: int) -> tuple[Case, ...]:
        """Return the open cases about these works, recordings, releases or codes, their links included, the oldest
        first. Only what hangs together with them is looked at."""
        books = self._case_books()
        found = [case for one in subjects for case in (*rights_cases_of(one, books, at), *link_cases_of(one, books))]
        return self._timed(found, at)

    def _case_books(self) -> Books:
        return Books(
            self._entities, self._claims, self._graph, self._resolver, self._trade, self._answers, self._chain_book
        )

    def _timed(self, cases: Iterable[Case], at: int) -> tuple[Case, ...]:
        """Return each case once, moved on by what was said in it and by the deadlines that passed."""
        timed = (
            run(
                case,
                self._conflicts.said(case.case),
                at=at,
                societies=self._societies_of,
                speaks_for=self._speaks_for,
            )
            for case in {(case.case, case.evidence): case for case in cases}.values()
        )
        return tuple(sorted(timed, key=lambda case: (case.opened_at, case.case)))

    def _societies_of(self, parties: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted({name for party in parties for name in self._entities.societies_of(party)}))

    def _speaks_for(self, recorded: Recorded[Any], party: str) -> bool:
        return self.authentic(recorded, party) or self.answers_for(party, recorded)
