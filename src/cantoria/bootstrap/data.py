"""The data service of a node, wired: what it holds and endorses, its courier, and what attests this house's batches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette

from cantoria.adapters.attachments import DiskAttachments
from cantoria.adapters.attesting import Attester, PendingBatches, demand_of
from cantoria.adapters.batched_index import BatchedFactIndex
from cantoria.adapters.bulk.index import BulkIndex
from cantoria.adapters.cometbft.intake import Intake
from cantoria.adapters.courier import Courier
from cantoria.adapters.courier_duties import Deliverer, Eraser, Publisher, Tidier
from cantoria.adapters.desk import Desk
from cantoria.adapters.holder import Holder, facts_of, no_fault
from cantoria.adapters.http.data_service import DataParts, data_service
from cantoria.adapters.http.members import Member, MemberClient
from cantoria.adapters.http.serving import serve
from cantoria.adapters.keys import KeyRing
from cantoria.adapters.search.index import SqliteSearch
from cantoria.adapters.sqlite.courier_memory import CourierMemory
from cantoria.adapters.sqlite.data_file import DataFile, scrub_file
from cantoria.adapters.sqlite.fact_index import SqliteFactIndex
from cantoria.adapters.sqlite.holdings import Holdings
from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
from cantoria.adapters.stored_log import StoredLog
from cantoria.adapters.system import SystemClock, SystemEntropy
from cantoria.app.codec import body_of
from cantoria.app.fact_types import LEDGER_TYPES
from cantoria.app.ports import Author, Clock, Entropy
from cantoria.bootstrap import settings as settings_file
from cantoria.bootstrap.house import BULK_FOLDER, SEARCH_FILE
from cantoria.bootstrap.members import endorsed_unseen, read_neighbours
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.kernel.ids import typed_id, uuid_of
from cantoria.ledger.batch import Author as BatchAuthor
from cantoria.ledger.batch import Batch, Draft, FactIds, seal
from cantoria.ledger.ports import LedgerStore
from cantoria.ledger.state import State

STOP_SECONDS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class WiredData:
    """Everything of one node's data service. `listens` is host:port, empty where none is to run."""

    parts: DataParts
    courier: Courier
    attester: Attester
    author: Author
    listens: str
    data: DataFile
    store: LedgerStore

    def application(self) -> Starlette:
        """Return the service as an application."""
        return data_service(self.parts)

    def close(self) -> None:
        """Release everything."""
        self.parts.desk.client.close()
        self.parts.intake.close()
        self.data.close()
        self.store.close()


def open_data(
    home: Path,
    *,
    clock: Clock | None = None,
    entropy: Entropy | None = None,
    fault: Callable[[str], None] = no_fault,
) -> WiredData:
    """Open the data service's parts of the node at `home`."""
    ground = _ground(home, clock or SystemClock(), entropy or SystemEntropy())
    holder = _holder(ground, fault)
    members = tuple(ground.members.values())
    attester = Attester(holder=holder, client=ground.client, members=members, pending=ground.pending)
    desk = _desk(ground, holder, attester)
    return WiredData(
        parts=DataParts(desk=desk, holder=holder, pending=ground.pending, intake=ground.intake),
        courier=Courier(desk, _duties(ground, desk)),
        attester=attester,
        author=ground.author,
        listens=ground.listens,
        data=ground.data,
        store=ground.log.store,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What everything else stands on."""

    home: Path
    keys: KeyRing
    author: Author
    sealer: BatchAuthor
    log: StoredLog
    data: DataFile
    intake: Intake
    members: dict[bytes, Member]
    client: MemberClient
    pending: PendingBatches
    listens: str
    clock: Callable[[], int]
    entropy: Callable[[int], bytes]


def _ground(home: Path, clock: Clock, entropy: Entropy) -> _Ground:
    settings, near = settings_file.read(home), read_neighbours(home)
    if not (home / "ledger.db").exists():
        raise UnavailableError("this node has no ledger yet", "give it the consortium's genesis, then start it")
    keys = KeyRing(home / "keys")
    author = keys.author(near.organisation)
    sealer = BatchAuthor(uuid_of(author.party, prefix="party"), author.signer, settings.origin)
    store = SqliteLedgerStore(home / "ledger.db")
    return _Ground(
        home=home,
        keys=keys,
        author=author,
        sealer=sealer,
        log=StoredLog(store, origin=settings.origin, types=LEDGER_TYPES),
        data=DataFile(home / "data.db"),
        intake=Intake(home / "intake.db"),
        members={one.organisation: one for one in near.members if one.organisation != sealer.organisation},
        client=MemberClient(author.signer, clock=clock.now, entropy=entropy.token),
        pending=PendingBatches(home / "pending"),
        listens=near.listens,
        clock=clock.now,
        entropy=entropy.token,
    )


def _holder(ground: _Ground, fault: Callable[[str], None]) -> Holder:
    return Holder(
        author=ground.sealer,
        log=ground.log,
        attachments=DiskAttachments(ground.home / "attachments"),
        holdings=Holdings(ground.data),
        client=ground.client,
        members=ground.members,
        clock=ground.clock,
        automatic=endorsed_unseen(ground.home),
        contradiction=_views(ground).contradiction,
        fault=fault,
    )


def _desk(ground: _Ground, holder: Holder, attester: Attester) -> Desk:
    ids = FactIds(ground.entropy)
    record = Recorder(
        ground.author, ground.sealer, attester, ground.intake, ids, clock=ground.clock, entropy=ground.entropy
    )
    return Desk(
        organisation=ground.sealer.organisation,
        log=ground.log,
        memory=CourierMemory(ground.data),
        holdings=holder.holdings,
        attachments=holder.attachments,
        client=ground.client,
        members=ground.members,
        record=record,
        clock=ground.clock,
    )


def _duties(ground: _Ground, desk: Desk) -> tuple[tuple[str, Callable[[], None]], ...]:
    def erased() -> None:
        """No copy stays behind: not in the house's index, nor in the files that bodies pass through."""
        _views(ground).refresh()
        ground.data.scrub()
        scrub_file(ground.home / "intake.db")

    return (
        ("erase", Eraser(desk, after=erased)),
        ("deliver", Deliverer(desk)),
        ("publish", Publisher(desk, ground.keys.log_signer())),
        ("tidy", Tidier(desk, ground.pending, ground.intake)),
    )


def _views(ground: _Ground) -> OwnViews:
    return OwnViews(ground.home / "views.db", ground.log, ground.sealer.organisation)


def run_data(home: Path, *, ready: Callable[[str], None]) -> None:
    """Serve the data of the node at `home`, with its courier, until SIGINT or SIGTERM; `ready` gets the address."""
    wired = open_data(home)
    host, _, port = wired.listens.rpartition(":")
    stop = threading.Event()
    courier = threading.Thread(target=wired.courier.run, args=(stop,), name="courier", daemon=True)
    try:
        if not host or not port.isdecimal():
            raise InputError("this node runs no data service", 'write data = "host:port" under [node] in node.toml')
        application = wired.application()
        courier.start()
        serve(application, host=host.strip("[]"), port=int(port), ready=ready)
    finally:
        stop.set()
        if courier.is_alive():
            courier.join(STOP_SECONDS)
        wired.close()


@dataclass(slots=True)
class Recorder:
    """Seals facts in the name of the organisation, has them attested where the council demands it, and queues them."""

    author: Author
    sealer: BatchAuthor
    attester: Attester
    intake: Intake
    ids: FactIds
    clock: Callable[[], int]
    entropy: Callable[[int], bytes]

    def __call__(self, facts: Sequence[Any]) -> None:
        """Queue the facts durably, in one batch."""
        now = self.clock()
        drafts = [Draft(one.TYPE, body_of(one), one.subjects(), self.author.capacity, now) for one in facts]
        batch = seal(drafts, self.sealer, ids=self.ids, entropy=self.entropy, claimed_at=now)
        self.intake.put([self.attester(batch, self.attester.holder.log.state())])


@dataclass(frozen=True, slots=True)
class OwnViews:
    """The index of the house in the same folder: brought up to date after erasures, asked before endorsing unseen."""

    path: Path
    log: StoredLog
    organisation: bytes

    def refresh(self) -> None:
        """Let the indexes forget what was erased, where there are some."""
        if not self.path.exists():
            return
        home = self.path.parent
        rows = BulkIndex(home / BULK_FOLDER, DiskAttachments(home / "attachments"))
        index = BatchedFactIndex(self._open(), rows)
        search = SqliteSearch(home / SEARCH_FILE, index=index, ledger=self.log)
        try:
            if search.exists():
                search.catch_up()
        finally:
            search.close()
            index.close()

    def contradiction(self, batch: Batch) -> str | None:
        """Return what speaks against endorsing a batch unseen: this organisation has itself said something of the same
        kind about one of the same things, so a person compares."""
        index = self._open()
        try:
            own = typed_id("party", self.organisation)
            for fact in facts_of(batch):
                said = index.about(list(fact.subjects()), tags=[fact.TYPE.tag])
                if any(one.organisation == own for one in said):
                    return f"this organisation has recorded a {fact.TYPE.name} about the same things"
        finally:
            index.close()
        return None

    def _open(self) -> SqliteFactIndex:
        index = SqliteFactIndex(self.path, ledger=self.log)
        index.catch_up()
        return index


def attesting(home: Path) -> Callable[[Sequence[Batch], State], Sequence[Batch]]:
    """Return what puts attestations before the batches of the house at `home`, opening its data only when they are
    demanded."""

    def attest(batches: Sequence[Batch], state: State) -> Sequence[Batch]:
        if not any(demand_of(batch, state) for batch in batches):
            return batches
        wired = open_data(home)
        try:
            return wired.attester.together(batches, state)
        finally:
            wired.close()

    return attest
