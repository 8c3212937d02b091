"""A few members with real homes and data services on loopback; their logs grow in lockstep, without CometBFT."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from cantoria import ledger
from cantoria.adapters.cometbft.cosigning import address_of
from cantoria.adapters.cometbft.replica import Replica
from cantoria.adapters.http.members import Member
from cantoria.adapters.http.serving import listen, server
from cantoria.adapters.keys import KeyRing
from cantoria.adapters.sqlite.fact_index import SqliteFactIndex
from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
from cantoria.adapters.system import UnsafeSeededEntropy
from cantoria.app.codec import body_of
from cantoria.app.fact_types import CONVENED_TYPES, LEDGER_TYPES
from cantoria.bootstrap import settings as settings_file
from cantoria.bootstrap.data import WiredData, open_data
from cantoria.bootstrap.settings import Settings
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import PartyId, typed_id
from cantoria.kernel.periods import Period
from cantoria.ledger.governance import seal_record
from cantoria.testing.consortium import ORIGIN, START, Organisation, signer_of, store_log
from cantoria.usage import lines as usage_lines
from cantoria.usage.facts import UsageReported
from cantoria.usage.types import UsageLine

SECOND = 1_000_000
USAGE = UsageReported.TYPE.tag


class Clock:
    """One clock for the whole network: a microsecond passes at each look, more only when told."""

    def __init__(self) -> None:
        self._now = START
        self._lock = threading.Lock()

    def now(self) -> int:
        with self._lock:
            self._now += 1
            return self._now

    def pass_(self, seconds: int) -> None:
        with self._lock:
            self._now += seconds * SECOND


@dataclass
class Site:
    """One member: its keys, its home, and, while it is up, its open parts, its replica and its server."""

    organisation: Organisation
    home: Path
    clock: Clock
    port: int = 0
    wired: Any = None
    replica: Any = None
    votes: bytes = b""
    fault: Callable[[str], None] = lambda step: None
    _server: uvicorn.Server | None = None
    _thread: threading.Thread | None = None
    _opened: list[SqliteFactIndex] = field(default_factory=list)

    @property
    def id(self) -> bytes:
        return self.organisation.identifier

    @property
    def party(self) -> PartyId:
        return PartyId(typed_id("party", self.id))

    @property
    def member(self) -> Member:
        return Member(self.id, self.organisation.name, f"http://127.0.0.1:{self.port}")

    @property
    def data(self) -> WiredData:
        found: WiredData = self.wired
        return found

    @property
    def store(self) -> Any:
        return self.data.parts.desk.log.store

    def open(self) -> None:
        self.wired = open_data(
            self.home, clock=self.clock, entropy=UnsafeSeededEntropy(hash(self.id) & 0xFFFF), fault=self.fault
        )
        self.replica = Replica(
            self.store,
            self.data.parts.intake,
            origin=ORIGIN,
            identity=self.organisation.identity,
            types=LEDGER_TYPES,
            clock=self.clock.now,
        )

    def serve(self) -> None:
        listening = listen("127.0.0.1", port=self.port)
        self._server = server(self.data.application())
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listening]}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take the server down; the parts stay open."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(10)
        self._server = self._thread = None

    def close(self) -> None:
        self.stop()
        for index in self._opened:
            index.close()
        self.data.close()

    def index(self, name: str = "views") -> SqliteFactIndex:
        """Return the member's fact index, caught up."""
        index = SqliteFactIndex(self.home / f"{name}.db", ledger=self.data.parts.desk.log)
        self._opened.append(index)
        index.catch_up()
        return index

    def seal(self, *facts: Any, capacity: Capacity = Capacity.CMO) -> ledger.Batch:
        """Return the facts as a batch of this member."""
        now = self.clock.now()
        drafts = [ledger.Draft(one.TYPE, body_of(one), one.subjects(), capacity, now) for one in facts]
        author, noise, ids = self.organisation.author, self.organisation.noise, self.organisation.ids
        return ledger.seal(drafts, author, ids=ids, entropy=noise, claimed_at=now)

    def record(self, *facts: Any) -> bytes:
        """Queue facts as this member's house does, attested where needed; return the batch's key."""
        batch = self.data.attester(self.seal(*facts), self.replica.state)
        return self.data.parts.intake.put([batch])[0]

    def report(self, count: int = 5, *, seed: str = "a") -> UsageReported:
        """Put the lines of a usage report into the attachments; return the report."""
        lines = [UsageLine(f"{seed}{n}", f"isrc:KRA38190{n:04}", "KR", "2026-11-20", n + 1) for n in range(count)]
        return UsageReported(
            producer=self.party,
            channel="stream",
            sequence=1,
            period=Period(START, START + SECOND),
            file_sha256=hashlib.sha256(seed.encode()).hexdigest(),
            attachment=self.data.parts.desk.attachments.put(usage_lines.write_lines(lines)),
            lines=len(lines),
            plays=usage_lines.sum_plays(lines),
            root=usage_lines.root_of(lines),
        )

    def bodies(self) -> list[tuple[int, bytes | None]]:
        return [(one.index, one.body) for one in self.store.bodies(0, stop=self.store.head().size)]


class Network:
    """Members one, two, three …; `block` moves all of them on."""

    def __init__(self, folder: Path, count: int, *, holders: Mapping[int, int], endorsers: Mapping[int, int]) -> None:
        self.clock = Clock()
        self.sites = [
            Site(Organisation(f"org{n + 1}", origin=ORIGIN), folder / f"org{n + 1}", self.clock) for n in range(count)
        ]
        operator = signer_of("operator")
        changes: list[ledger.Change] = [ledger.Genesis(ORIGIN, operator.public_key)]
        for one in self.sites:
            changes.append(ledger.AdmitMember(one.id, frozenset({1, 2})))
            changes.append(ledger.AddKey(one.id, one.organisation.signer.public_key))
        seats = tuple(one.organisation.seat for one in self.sites)
        changes.append(ledger.Convene(seats, dict(endorsers), dict(holders), CONVENED_TYPES))
        self.entries = [
            seal_record(change, sequence=n, origin=ORIGIN, signer=operator) for n, change in enumerate(changes)
        ]
        for one in self.sites:
            one.port = _free_port()
        for one in self.sites:
            self._lay_out(one)
            one.open()
            one.serve()
        self.votes: list[tuple[bytes, bytes]] = []
        self.height = 0

    def __getitem__(self, number: int) -> Site:
        return self.sites[number]

    def block(self, *, deaf: Sequence[Site] = ()) -> None:
        """Decide one block of what waits anywhere; `deaf` members miss the cosignatures that it publishes."""
        for proposer in self.sites:
            self.clock.pass_(1)
            self.height += 1
            time = self.clock.now()
            txs = proposer.replica.propose(self.height, time=time, bytes_max=4_000_000, votes=self.votes)
            votes = [
                (address_of(one.organisation.consensus.public_key), one.replica.extend(self.height))
                for one in self.sites
            ]
            found = {one.replica.finalize(self.height, time=time, transactions=txs).app_hash for one in self.sites}
            assert len(found) == 1
            for one in self.sites:
                one.replica.commit()
            self.votes = votes

    def rounds(self, count: int = 3) -> None:
        """Let every courier go round."""
        for _ in range(count):
            for one in self.sites:
                one.data.courier.round()
            self.clock.pass_(10)

    def close(self) -> None:
        for one in self.sites:
            one.close()

    def _lay_out(self, site: Site) -> None:
        site.home.mkdir()
        settings_file.write(Settings(site.home, ORIGIN, engine="consortium"))
        keys, name = KeyRing(site.home / "keys"), site.organisation.name
        keys.create_log_key(hashlib.sha256(f"{name}/log".encode()).digest())
        seed = hashlib.sha256(f"{name}/author".encode()).digest()
        keys.create_organisation(name, party=site.party, capacities=(Capacity.CMO, Capacity.OPERATOR), seed=seed)
        peers = "".join(
            f'[[peer]]\norganisation = "{one.id.hex()}"\nname = "{one.organisation.name}"\n'
            f'data = "{one.member.url}"\np2p = ""\n'
            for one in self.sites
            if one is not site
        )
        node = f'[node]\norganisation = "{name}"\ndata = "127.0.0.1:{site.port}"\n'
        (site.home / "node.toml").write_text(node + peers)
        store = SqliteLedgerStore(site.home / "ledger.db")
        store_log(store, self.entries)
        store.close()


def _free_port() -> int:
    with listen("127.0.0.1", port=0) as taken:
        number: int = taken.getsockname()[1]
    return number


MakeNetwork = Callable[..., Network]


@pytest.fixture
def make_network(tmp_path: Path) -> Iterator[MakeNetwork]:
    """Return `make(count=3, holders={tag: n}, endorsers={tag: n})`: a network, closed in the end."""
    made: list[Network] = []

    def make(
        count: int = 3, *, holders: Mapping[int, int] | None = None, endorsers: Mapping[int, int] | None = None
    ) -> Network:
        folder = tmp_path / f"network{len(made)}"
        folder.mkdir()
        made.append(Network(folder, count, holders=holders or {}, endorsers=endorsers or {}))
        return made[-1]

    yield make
    for network in made:
        network.close()


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Three members who live as long as the module's tests, which leave them as they found them."""
    found = Network(tmp_path_factory.mktemp("lasting"), 3, holders={USAGE: 3}, endorsers={})
    yield found
    found.close()


@pytest.fixture
def network(make_network: MakeNetwork) -> Network:
    """Three members who all must hold what is reported of usage."""
    return make_network(holders={USAGE: 3})
