"""What the ledger's tests share: keys, an author, batches, and an engine on each kind of store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from cantoria import ledger
from cantoria.adapters.embedded_engine import EmbeddedEngine
from cantoria.adapters.postgres.ledger import PostgresLedgerStore
from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
from cantoria.kernel import canonical
from cantoria.kernel.facts import Capacity, FactType
from cantoria.kernel.periods import DAY
from cantoria.ledger.cosignatures import cosigner_key
from cantoria.ledger.governance import seal_record
from cantoria.testing.memory_ledger import MemoryLedgerStore

ORIGIN = "log.example.org/test"
NOTE = FactType(301, "statement-made")
CMO_ONLY = FactType(302, "cmo-only", frozenset({Capacity.CMO}))
TYPES = {one.tag: one for one in (NOTE, CMO_ONLY)}
CONVENED = {1: ledger.BODY_ERASED, **TYPES}
START = 1_790_000_000_000_000


class Noise:
    """Predictable bytes that never repeat, for tests."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._calls = 0

    def __call__(self, count: int) -> bytes:
        self._calls += 1
        return hashlib.shake_256(f"{self._seed}/{self._calls}".encode()).digest(count)


@dataclass
class House:
    """One organisation that records in one log, and the log's operator."""

    name: str = "house"
    origin: str = ORIGIN
    operator: ledger.Ed25519Signer = field(init=False)
    signer: ledger.Ed25519Signer = field(init=False)
    organisation: bytes = field(init=False)
    ids: ledger.FactIds = field(init=False)
    now: int = START
    opened: list[ledger.LedgerStore] = field(default_factory=list)

    def __post_init__(self) -> None:
        seed = hashlib.sha256(self.name.encode()).digest()
        self.operator = ledger.Ed25519Signer(hashlib.sha256(b"operator").digest())
        self.signer = ledger.Ed25519Signer(seed)
        self.organisation = seed[:16]
        self.noise = Noise(self.name)
        self.ids = ledger.FactIds(self.noise)

    @property
    def author(self) -> ledger.Author:
        return ledger.Author(self.organisation, self.signer, self.origin)

    @property
    def seat(self) -> ledger.Seat:
        """Its seat in a council, with made-up keys for validator and cosigner."""
        keys = [
            ledger.Ed25519Signer(hashlib.sha256(f"{self.name}/{use}".encode()).digest()) for use in ("val", "cosign")
        ]
        proofs = [ledger.prove_possession(one, self.organisation, origin=self.origin) for one in keys]
        vkey = cosigner_key(f"{self.name.replace(' ', '-')}.example.org", public_key=keys[1].public_key).vkey()
        return ledger.Seat(self.organisation, keys[0].public_key, vkey, *proofs)

    def clock(self) -> int:
        self.now += 1
        return self.now

    def draft(self, number: int = 0, **changes: object) -> ledger.Draft:
        fields: dict[str, object] = {
            "type": NOTE,
            "body": canonical.encode({"n": number}),
            "subjects": (f"rec_{number}",),
            "capacity": Capacity.CMO,
            "claimed_at": self.now,
        }
        return ledger.Draft(**{**fields, **changes})  # type: ignore[arg-type]

    def seal(self, drafts: list[ledger.Draft]) -> ledger.Batch:
        return ledger.seal(drafts, self.author, ids=self.ids, entropy=self.noise, claimed_at=self.now)

    def batch(self, count: int = 1, *, first: int = 0) -> ledger.Batch:
        return self.seal([self.draft(first + number) for number in range(count)])

    def open(self, store: ledger.LedgerStore) -> EmbeddedEngine:
        self.opened.append(store)
        return EmbeddedEngine.open(store, origin=self.origin, signer=self.operator, types=TYPES, clock=self.clock)

    def begin(self, store: ledger.LedgerStore) -> EmbeddedEngine:
        engine = self.open(store)
        self.join(engine)
        return engine

    def join(self, engine: EmbeddedEngine, capacities: frozenset[int] = frozenset({2})) -> None:
        engine.admit_member(self.organisation, capacities)
        engine.add_key(self.organisation, self.signer.public_key)


@pytest.fixture
def house() -> Iterator[House]:
    """Return a house whose stores are closed at the end."""
    house = House()
    yield house
    for store in house.opened:
        store.close()


@pytest.fixture(scope="session")
def make_house() -> Callable[..., House]:
    return House


MakeStore = Callable[[], ledger.LedgerStore]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeStore]:
    """Return a function that opens the same durable log each time, on every kind of store."""
    opened: list[ledger.LedgerStore] = []
    if request.param == "memory":
        memory = MemoryLedgerStore()
        yield lambda: memory
        return
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""

    def make() -> ledger.LedgerStore:
        store = PostgresLedgerStore(url) if url else SqliteLedgerStore(tmp_path / "ledger.db")
        opened.append(store)
        return store

    yield make
    for store in opened:
        store.close()


@dataclass
class Council:
    """A log that a council of `count` members governs, stepping item by item; two more members have no seat."""

    count: int = 4
    endorsers: dict[int, int] = field(default_factory=dict)
    holders: dict[int, int] = field(default_factory=dict)
    convened: bool = True
    machine: ledger.Machine = field(init=False)
    members: list[House] = field(init=False)
    seen: set[bytes] = field(default_factory=set)
    entries: list[bytes] = field(default_factory=list)
    drawn: int = 0

    def __post_init__(self) -> None:
        self.machine = ledger.Machine(TYPES, seen=lambda ids: self.seen.intersection(ids))
        self.members = [House(f"member {number}") for number in range(self.count + 2)]
        self.operate(ledger.Genesis(ORIGIN, self.members[0].operator.public_key))
        for one in self.members:
            self.operate(ledger.AdmitMember(one.organisation, frozenset({2, 3})))
            self.operate(ledger.AddKey(one.organisation, one.signer.public_key))
        if self.convened:
            seats = tuple(one.seat for one in self.members[: self.count])
            self.operate(ledger.Convene(seats, self.endorsers, self.holders, CONVENED))

    @property
    def state(self) -> ledger.State:
        return self.machine.state

    def operate(self, change: ledger.Change, *, time: int | None = START) -> ledger.Admitted | ledger.Rejected:
        signer, number = self.members[0].operator, self.state.governed
        return self.apply(seal_record(change, sequence=number, origin=ORIGIN, signer=signer), time=time)

    def say(self, member: int, change: ledger.Change, *, time: int | None = START) -> ledger.Admitted | ledger.Rejected:
        return self.apply(ledger.seal_member_record(change, self.members[member].author), time=time)

    def propose(self, change: ledger.BallotChange, *, member: int = 0, closes_at: int = START + DAY) -> bytes:
        """Open a ballot, which must be admitted; return its id."""
        ballot = self.ballot()
        result = self.say(member, ledger.Propose(ballot, change, closes_at))
        assert isinstance(result, ledger.Admitted), result
        return ballot

    def ballot(self) -> bytes:
        self.drawn += 1
        return self.drawn.to_bytes(16, "big")

    def vote(self, ballot: bytes, yes: bool) -> ledger.Vote:
        """Return a vote on an open ballot, or on nothing where none is open."""
        opened = self.state.ballots.get(ballot)
        return ledger.Vote(ballot, yes, opened.proposal if opened else bytes(32))

    def decide(self, change: ledger.BallotChange) -> None:
        """Bring a change through a ballot with everyone's yes."""
        ballot = self.propose(change)
        seated = [n for n, one in enumerate(self.members) if n and one.organisation in self.state.seats]
        for member in seated:
            if ballot in self.state.ballots:
                self.say(member, self.vote(ballot, True))
        assert self.state.decisions[ballot].outcome is ledger.Outcome.PASSED

    def apply(self, item: ledger.Batch | bytes, *, time: int | None = START) -> ledger.Admitted | ledger.Rejected:
        applied = self.machine.apply(ledger.Block((item,), time))
        self.machine.adopt(applied)
        self.seen |= applied.fact_ids
        self.entries += applied.entries
        return applied.results[0]

    def attest(
        self, batch: ledger.Batch, member: int, purpose: ledger.Purpose = ledger.Purpose.ENDORSEMENT, **author: object
    ) -> bytes:
        who = replace(self.members[member].author, **author)  # type: ignore[arg-type]
        return ledger.attest(batch.header, who, purpose=purpose, claimed_at=START)


@pytest.fixture(scope="session")
def make_council() -> Callable[..., Council]:
    return Council


@pytest.fixture
def council() -> Council:
    return Council()
