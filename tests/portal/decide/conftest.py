"""People of the sample world at the portal's pages that decide, at a fixed moment: the artist of the story, an agency
that speaks for somebody, a developer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from cantoria.adapters.system import SystemClock
from cantoria.app.access.permissions import Role
from cantoria.app.ports import Kind
from cantoria.app.search import find
from cantoria.kernel.periods import parse_moment
from cantoria.mandates.facts import DelegationGranted
from cantoria.mandates.types import MandateKind

NOW = parse_moment("2026-11-21T09:00:00Z")


class Moment:
    """The clock of a test: it moves by a microsecond at each look, or to where it is set."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> int:
        self.at += 1
        return self.at


@pytest.fixture(autouse=True)
def moment(monkeypatch: pytest.MonkeyPatch) -> Moment:
    """The sample world's requests have deadlines: tests do not depend on the day on which they run."""
    clock = Moment()
    monkeypatch.setattr(SystemClock, "now", lambda _: clock.now())
    return clock


@dataclass(frozen=True, slots=True)
class People:
    """Parties of a sample world by their part: `agency` speaks for `client` under a mandate for training."""

    artist: str
    stranger: str
    agency: str
    client: str
    developer: str
    other_developer: str


def people_of(site: Any) -> People:
    """Look up who is who."""
    house = site.house()
    try:
        house.index.catch_up()
        granted = [one.fact for one in house.index.scan(tags=[DelegationGranted.TYPE.tag])]
        mandate = next(one for one in granted if one.kind is MandateKind.AGENT and one.period.contains(NOW))
        [artist] = [hit.id for hit in find(house, "한소율", limit=5).hits if hit.kind is Kind.PARTY][:1]
        stranger = next(one.principal for one in granted if one.principal not in (artist, mandate.principal))
        developers = [house.author(name).party for name in ("dev-mirinae", "dev-boreal")]
        return People(artist, stranger, mandate.delegate, mandate.principal, *developers)
    finally:
        house.close()


class Visits:
    """Become one of the people at a site."""

    def __init__(self, site: Any) -> None:
        self.site, self.who = site, people_of(site)

    def artist(self) -> str:
        """Be the artist; return her party."""
        return self._person(self.who.artist, "org-haneulsori")

    def stranger(self) -> str:
        """Be another person with an account."""
        return self._person(self.who.stranger, "org-haneulsori")

    def _person(self, party: str, organisation: str) -> str:
        self.site.become(
            Role.PERSON, account=party, party=party, organisation=organisation, persons=(party,), name="person"
        )
        return party

    def agency(self) -> str:
        """Be the agency; return the party that it speaks for."""
        self.site.become(
            Role.MANAGER, party=self.who.agency, organisation="org-yeonju", persons=(self.who.client,), name="agency"
        )
        return self.who.client

    def developer(self, *, other: bool = False) -> str:
        """Be a developer; return its party."""
        party = self.who.other_developer if other else self.who.developer
        self.site.become(Role.DEVELOPER, party=party, organisation="dev-boreal" if other else "dev-mirinae")
        return party


@pytest.fixture
def visits() -> Callable[[Any], Visits]:
    """Make the people of a site."""
    return Visits
