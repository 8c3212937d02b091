"""A consortium for tests: organisations with all their keys, the log that its chain begins with, and what they sign."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cantoria import ledger
from cantoria.adapters.cometbft.application import ReplicaApplication
from cantoria.adapters.cometbft.genesis import LogGenesis, inline
from cantoria.adapters.cometbft.intake import Queue
from cantoria.adapters.cometbft.replica import Identity, Replica
from cantoria.kernel import canonical
from cantoria.kernel.facts import Capacity, FactType
from cantoria.ledger.cosignatures import cosigner_key
from cantoria.ledger.facts import BODY_ERASED
from cantoria.ledger.governance import seal_record
from cantoria.ledger.merkle import leaf_hashes
from cantoria.ledger.ports import Head, Write
from cantoria.ledger.replay import replay
from cantoria.ledger.tiles import Edge

ORIGIN: Final = "log.example.org/consortium"
NOTE: Final = FactType(301, "statement-made")
CMO_ONLY: Final = FactType(302, "cmo-only", frozenset({Capacity.CMO}))
TYPES: Final[Mapping[int, FactType]] = {one.tag: one for one in (NOTE, CMO_ONLY)}
CONVENED: Final[Mapping[int, FactType]] = {BODY_ERASED.tag: BODY_ERASED, **TYPES}
START: Final = 1_790_000_000_000_000
_CAPACITIES: Final = frozenset({int(Capacity.CMO), int(Capacity.PUBLISHER)})


class Noise:
    """Predictable bytes that never repeat."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._calls = 0

    def __call__(self, count: int) -> bytes:
        """Return `count` bytes."""
        self._calls += 1
        return hashlib.shake_256(f"{self._seed}/{self._calls}".encode()).digest(count)


def signer_of(name: str) -> ledger.Ed25519Signer:
    """Return the key pair that a name stands for."""
    return ledger.Ed25519Signer(hashlib.sha256(name.encode()).digest())


@dataclass(slots=True)
class Organisation:
    """One organisation: what it signs with as an author (`signer`, which it may rotate), and as a node."""

    name: str
    origin: str = ORIGIN
    now: int = START
    signer: ledger.Ed25519Signer = field(init=False)
    consensus: ledger.Ed25519Signer = field(init=False)
    cosigner: ledger.Ed25519Signer = field(init=False)
    log: ledger.Ed25519Signer = field(init=False)
    identifier: bytes = field(init=False)
    noise: Noise = field(init=False)
    ids: ledger.FactIds = field(init=False)

    def __post_init__(self) -> None:
        self.signer = signer_of(f"{self.name}/author")
        self.consensus = signer_of(f"{self.name}/consensus")
        self.cosigner = signer_of(f"{self.name}/cosigner")
        self.log = signer_of(f"{self.name}/log")
        self.identifier = hashlib.sha256(self.name.encode()).digest()[:16]
        self.noise = Noise(self.name)
        self.ids = ledger.FactIds(self.noise)

    @property
    def author(self) -> ledger.Author:
        """The organisation as it records now."""
        return ledger.Author(self.identifier, self.signer, self.origin)

    @property
    def seat(self) -> ledger.Seat:
        """Its seat in the council."""
        name = f"{self.name}.example.org/cosigner"
        vkey = cosigner_key(name, public_key=self.cosigner.public_key).vkey()
        proofs = [
            ledger.prove_possession(one, self.identifier, origin=self.origin) for one in (self.consensus, self.cosigner)
        ]
        return ledger.Seat(self.identifier, self.consensus.public_key, vkey, *proofs)

    @property
    def identity(self) -> Identity:
        """What its node signs with."""
        return Identity(self.log, self.cosigner)

    def draft(self, number: int = 0) -> ledger.Draft:
        """Return fact `number`."""
        body = canonical.encode({"n": number, "of": self.name})
        return ledger.Draft(NOTE, body, (f"rec_{number}",), Capacity.CMO, self.now)

    def seal(self, drafts: Sequence[ledger.Draft]) -> ledger.Batch:
        """Return the drafts as a batch, claimed now."""
        return ledger.seal(drafts, self.author, ids=self.ids, entropy=self.noise, claimed_at=self.now)

    def batch(self, count: int = 1, *, first: int = 0) -> ledger.Batch:
        """Return a batch of `count` facts."""
        return self.seal([self.draft(first + number) for number in range(count)])

    def erasure(self, targets: Sequence[bytes]) -> ledger.Batch:
        """Return the batch that says these facts (16-byte ids) are erased."""
        facts = [ledger.BodyErased(ledger.fact_id_text(one), ledger.ErasureBasis.OBJECTION) for one in targets]
        drafts = [ledger.Draft(BODY_ERASED, one.body(), one.subjects(), Capacity.CMO, self.now) for one in facts]
        return self.seal(drafts)

    def says(self, change: ledger.Change) -> bytes:
        """Return a governance record of its own."""
        return ledger.seal_member_record(change, self.author)

    def adds(self, fresh: ledger.Ed25519Signer) -> bytes:
        """Return the record by which it adds a key of its own."""
        return self.says(ledger.own_key(self.author, fresh))

    def ballot(self) -> bytes:
        """Return a fresh ballot number."""
        return self.noise(16)


class Consortium:
    """`seated` organisations with seats, `others` that are members without one, and the log that begins with them."""

    def __init__(self, seated: int, *, others: int = 0, name: str = "org", convened: bool = True) -> None:
        self.operator = signer_of(f"{name}/operator")
        self.organisations = [Organisation(f"{name}{number + 1}") for number in range(seated + others)]
        self.seated = self.organisations[:seated]
        changes: list[ledger.Change] = [ledger.Genesis(ORIGIN, self.operator.public_key)]
        for one in self.organisations:
            changes.append(ledger.AdmitMember(one.identifier, _CAPACITIES))
            changes.append(ledger.AddKey(one.identifier, one.signer.public_key))
        if convened:
            changes.append(ledger.Convene(tuple(one.seat for one in self.seated), types=CONVENED))
        self.entries = [
            seal_record(change, sequence=number, origin=ORIGIN, signer=self.operator)
            for number, change in enumerate(changes)
        ]

    def genesis(self) -> LogGenesis:
        """Return what the genesis document says of the log."""
        edge, _ = Edge().extend(leaf_hashes(self.entries))
        state = replay(self.entries, types=TYPES).state
        return LogGenesis(ORIGIN, edge.size, edge.root(), state.digest(), inline(self.entries))

    def begin(self, store: ledger.LedgerStore) -> None:
        """Put the log that the chain begins with into an empty store."""
        store_log(store, self.entries)

    def replica(
        self, organisation: Organisation, store: ledger.LedgerStore, queue: Queue, *, snapshot_blocks: int = 1000
    ) -> Replica:
        """Return this organisation's replica on a store that has the log, with its own clock."""
        return Replica(
            store,
            queue,
            origin=ORIGIN,
            identity=organisation.identity,
            types=TYPES,
            clock=lambda: organisation.now,
            snapshot_blocks=snapshot_blocks,
        )

    def application(self, organisation: Organisation, store: ledger.LedgerStore, queue: Queue) -> ReplicaApplication:
        """Return the ABCI face of a replica."""
        return ReplicaApplication(self.replica(organisation, store, queue), store)


def store_log(store: ledger.LedgerStore, entries: Sequence[bytes]) -> None:
    """Put governance records into an empty store as its log."""
    before = store.head()
    edge, tiles = Edge().extend(leaf_hashes(entries))
    store.commit(
        Write(
            first=before.size,
            entries=entries,
            facts=[],
            bodies=[],
            governance=range(len(entries)),
            tiles=tiles,
            head=Head(edge.size, edge.frontier()),
            before=before,
        )
    )
