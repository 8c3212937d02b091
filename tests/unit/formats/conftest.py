"""A sender with counted ids, and a registry that grows by what was imported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from cantoria.formats.csvfamily import Context
from cantoria.formats.types import Imported
from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.ids import PartyId, typed_id
from cantoria.kernel.periods import DAY
from cantoria.registry import ClaimView, Registry

NOW = 20_000 * DAY  # 2024-10-04
SENDER = PartyId(typed_id("party", b"sender".rjust(16, b"\0")))


class House:
    """Takes imports into a registry, as the application does."""

    NOW = NOW
    SENDER = SENDER

    def __init__(self) -> None:
        self.registry = Registry()
        self.size = 0
        self.ids = 0

    def new_id(self, prefix: str) -> str:
        self.ids += 1
        return typed_id(prefix, self.ids.to_bytes(16, "big"))

    def lookup(self, code: str) -> str | None:
        named = self.registry.named_by(code)
        return named[0] if len(named) == 1 else None

    def claims_of(self, subject: str) -> Sequence[ClaimView]:
        return self.registry.claims(subject)

    def context(self, sender: PartyId = SENDER, namespace: str = "BLUE") -> Context:
        return Context(
            sender=sender,
            namespace=namespace,
            now=NOW,
            new_id=self.new_id,
            lookup=self.lookup,
            define=lambda code, kind="": self.lookup(code),
            claims_of=self.claims_of,
        )

    def take(self, imported: Imported, sender: PartyId = SENDER, capacity: Capacity = Capacity.PRODUCER) -> Imported:
        for fact in imported.facts:
            recorded: Recorded[Any] = Recorded(self.size, f"fact_{self.size}", sender, capacity, NOW, fact)
            self.registry.add(recorded)
            self.size += 1
        return imported

    def thing(self, key: str, namespace: str = "BLUE") -> str:
        found = self.lookup(f"own:{namespace}:{key}")
        assert found is not None, key
        return found


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture(scope="session")
def new_house() -> type[House]:
    return House
