"""A house that also knows notices and registrations, as the application's does."""

from __future__ import annotations

from typing import Any

import pytest

from cantoria.formats.csvfamily import Context
from cantoria.formats.types import Imported
from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.ids import PartyId, typed_id
from cantoria.kernel.periods import DAY
from cantoria.registry import Registry
from cantoria.registry.disclosure_facts import NoticeGiven
from cantoria.registry.disclosures import Disclosures
from cantoria.registry.facts import RecordingRegistered

NOW = 20_000 * DAY  # 2024-10-04
SENDER = PartyId(typed_id("party", b"sender".rjust(16, b"\0")))


class Desk:
    """Takes imports into a registry and its disclosures."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.disclosures = Disclosures()
        self.facts: list[Any] = []
        self.ids = 0

    def new_id(self, prefix: str) -> str:
        self.ids += 1
        return typed_id(prefix, self.ids.to_bytes(16, "big"))

    def lookup(self, code: str) -> str | None:
        named = self.registry.named_by(code)
        return named[0] if len(named) == 1 else None

    def notices(self, thing: str) -> list[NoticeGiven]:
        return [fact for fact in self.facts if isinstance(fact, NoticeGiven) and thing in fact.things]

    def registered(self, recording: str) -> RecordingRegistered | None:
        said = [fact for fact in self.facts if isinstance(fact, RecordingRegistered) and fact.recording == recording]
        return said[-1] if said else None

    def context(self) -> Context:
        return Context(
            sender=SENDER,
            namespace="BLUE",
            now=NOW,
            new_id=self.new_id,
            lookup=self.lookup,
            define=lambda code, kind="": self.lookup(code),
            claims_of=self.registry.claims,
            notices=self.notices,
            registered=self.registered,
        )

    def take(self, imported: Imported) -> Imported:
        for fact in imported.facts:
            at = len(self.facts)
            recorded: Recorded[Any] = Recorded(at, f"fact_{at}", SENDER, Capacity.DISTRIBUTOR, NOW, fact)
            self.registry.add(recorded)
            self.disclosures.add(recorded)
            self.facts.append(fact)
        return imported

    def one(self, code: str) -> str:
        found = self.lookup(code)
        assert found is not None, code
        return found


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture(scope="session")
def new_desk() -> type[Desk]:
    return Desk
