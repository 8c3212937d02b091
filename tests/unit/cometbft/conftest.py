"""A few replicas in lockstep: every block is proposed by one, judged, voted on, applied and stored by all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from cantoria import ledger
from cantoria.adapters.cometbft.cosigning import address_of
from cantoria.adapters.cometbft.intake import Intake
from cantoria.adapters.cometbft.replica import Finalized, Replica
from cantoria.testing.consortium import START, Consortium, Organisation
from cantoria.testing.memory_ledger import MemoryLedgerStore

BYTES = 4_000_000
SECOND = 1_000_000


class Chain:
    """`seated` replicas of one consortium, each with its store and its intake in memory."""

    def __init__(self, seated: int = 4, *, others: int = 0, snapshot_blocks: int = 1000) -> None:
        self.consortium = Consortium(seated, others=others)
        self.snapshot_blocks = snapshot_blocks
        self.organisations = self.consortium.seated
        self.stores = [MemoryLedgerStore() for _ in range(seated)]
        self.intakes = [Intake(Path(":memory:")) for _ in range(seated)]
        for store in self.stores:
            self.consortium.begin(store)
        self.replicas = [self.open(number) for number in range(seated)]
        self.votes: list[tuple[bytes, bytes]] = []
        self.now = START
        self.blocks: list[tuple[int, list[bytes]]] = []

    def open(self, number: int) -> Replica:
        """Return a replica on what lies on this member's disk."""
        organisation, store, intake = self.organisations[number], self.stores[number], self.intakes[number]
        return self.consortium.replica(organisation, store, intake, snapshot_blocks=self.snapshot_blocks)

    @property
    def height(self) -> int:
        return self.replicas[0].mark.height

    def propose(self, proposer: int = 0, *, bytes_max: int = BYTES) -> list[bytes]:
        """Return what this member proposes next."""
        replica = self.replicas[proposer]
        return replica.propose(self.height + 1, time=self.now + SECOND, bytes_max=bytes_max, votes=self.votes)

    def judge(self, transactions: Sequence[bytes], *, judge: int = 0) -> str | None:
        """Return what a member says of a proposed block."""
        return self.replicas[judge].judge(self.height + 1, time=self.now + SECOND, transactions=transactions)

    def vote(self) -> None:
        """Have everyone vote on the next block."""
        height = self.height + 1
        addresses = [address_of(one.consensus.public_key) for one in self.organisations]
        self.votes = [(address, one.extend(height)) for address, one in zip(addresses, self.replicas, strict=True)]
        for address, extension in self.votes:
            assert all(one.accepts(height, address=address, extension=extension) for one in self.replicas)

    def finalize(self, transactions: Sequence[bytes]) -> Finalized:
        """Have everyone compute what a decided block comes to: the same for all."""
        height = self.height + 1
        found = [one.finalize(height, time=self.now + SECOND, transactions=transactions) for one in self.replicas]
        assert all(one == found[0] for one in found)
        return found[0]

    def decide(self, transactions: Sequence[bytes]) -> Finalized:
        """Apply and store a block everywhere, admissible or not."""
        self.vote()
        found = self.finalize(transactions)
        for one in self.replicas:
            one.commit()
        self.now += SECOND
        self.blocks.append((self.now, list(transactions)))
        for organisation in self.consortium.organisations:
            organisation.now = max(organisation.now, self.now)
        return found

    def step(self, proposer: int = 0, *, bytes_max: int = BYTES) -> Finalized:
        """Have a member propose what waits with it, everyone accept it, and store it."""
        transactions = self.propose(proposer, bytes_max=bytes_max)
        for judge in range(len(self.replicas)):
            assert self.judge(transactions, judge=judge) is None
        return self.decide(transactions)

    def record(self, *items: ledger.Batch | bytes, proposer: int = 0) -> list[bytes]:
        """Queue items with a member, have it propose them, and return their keys."""
        keys = self.intakes[proposer].put(items)
        self.step(proposer)
        return keys


MakeChain = Callable[..., Chain]


@pytest.fixture
def make_chain() -> Iterator[MakeChain]:
    """Return a function that makes chains; their intakes are closed at the end."""
    made: list[Chain] = []

    def make(seated: int = 4, *, others: int = 0, snapshot_blocks: int = 1000) -> Chain:
        made.append(Chain(seated, others=others, snapshot_blocks=snapshot_blocks))
        return made[-1]

    yield make
    for chain in made:
        for intake in chain.intakes:
            intake.close()


@pytest.fixture
def chain(make_chain: MakeChain) -> Chain:
    """Return a chain of four."""
    return make_chain()


@pytest.fixture
def one(chain: Chain) -> Organisation:
    """Return the chain's first organisation."""
    return chain.organisations[0]
