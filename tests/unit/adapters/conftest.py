"""A real engine with two members, and a journal on it, for the tests of what stands around the ledger."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cantoria.adapters.embedded_engine import EmbeddedEngine
from cantoria.adapters.spark.analytics import SparkAnalytics
from cantoria.adapters.spark.session import missing_parts
from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
from cantoria.adapters.system import SteppingClock, UnsafeSeededEntropy
from cantoria.app.fact_types import LEDGER_TYPES
from cantoria.app.ids import Ids
from cantoria.app.journal import LedgerJournal
from cantoria.app.ports import Author
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import PartyId, uuid_of
from cantoria.ledger.batch import FactIds
from cantoria.ledger.ed25519 import Ed25519Signer

SPARK_FROM = "pip install 'cantoria[spark]' and apt-get install openjdk-17-jre-headless"
START = 1_790_000_000_000_000


@dataclass
class Bench:
    """An engine, a journal on it, and the society that records."""

    engine: EmbeddedEngine
    journal: LedgerJournal
    society: Author
    clock: SteppingClock
    entropy: UnsafeSeededEntropy
    ids: Ids

    def record(self, *facts: Any) -> list[int]:
        return [receipt.index for receipt in self.journal.record(facts, author=self.society)]


MakeBench = Callable[..., Bench]


@pytest.fixture
def make_bench(tmp_path: Path) -> Iterator[MakeBench]:
    """Return `make(name="ledger", origin=…, seed=…)`: a bench on its own ledger file, closed in the end."""
    made: list[Bench] = []

    def make(name: str = "ledger", *, origin: str = "log.example/bench", seed: int = 1) -> Bench:
        clock, entropy = SteppingClock(START), UnsafeSeededEntropy(seed)
        store = SqliteLedgerStore(tmp_path / f"{name}.db")
        signer = Ed25519Signer(bytes([7]) * 32)
        engine = EmbeddedEngine.open(store, origin=origin, signer=signer, types=LEDGER_TYPES, clock=clock.now)
        ids = Ids(clock, entropy)
        author = Author("society", PartyId(ids.new("party")), Capacity.CMO, Ed25519Signer(entropy.token(32)))
        organisation = uuid_of(author.party, prefix="party")
        engine.admit_member(organisation, frozenset({int(Capacity.CMO), int(Capacity.PRODUCER)}))
        engine.add_key(organisation, author.signer.public_key)
        journal = LedgerJournal(engine, clock, entropy, FactIds(entropy.token))
        made.append(Bench(engine, journal, author, clock, entropy, ids))
        return made[-1]

    yield make
    for bench in made:
        bench.engine.close()


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench()


@pytest.fixture(scope="session")
def spark(require_part: Callable[[str, bool, str], None]) -> Iterator[SparkAnalytics]:
    """The one Spark of this worker; tests that use it are of the xdist group `spark`, so that one worker starts it."""
    missing = missing_parts()
    require_part(missing, not missing, SPARK_FROM)
    # Many small queries, each once: compiling less costs half.
    os.environ["JAVA_TOOL_OPTIONS"] = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    with SparkAnalytics("local[2]", partitions=2) as engine:
        yield engine
