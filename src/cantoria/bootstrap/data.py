"""The data service of a node, wired: what it holds and endorses, its courier, and what attests this house's batches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette

from cantoria.adapters.attachments import DiskAttachments
from cantoria.adapters.attesting import Attester, PendingBatches, demand_of
from cantoria.adapters.cometbft.intake import Intake
from cantoria.adapters.courier import Courier
from cantoria.adapters.courier_duties import Deliverer, Eraser, Publisher, Tidier
from cantoria.adapters.desk import Desk
from cantoria.adapters.holder import Holder, facts_of, no_fault
from cantoria.adapters.http.data_service import DataParts, data_service
from cantoria.adapters.http.members import MemberClient
from cantoria.adapters.http.serving import serve
from cantoria.adapters.keys import KeyRing
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
    settings, near = settings_file.read(home), read_neighbours(home)
    if not (home / "ledger.db").exists():
        raise UnavailableError("this node has no ledger yet", "give it the consortium's genesis, then start it")
    moment, chance = (clock or SystemClock()).now, (entropy or SystemEntropy()).token
    keys = KeyRing(home / "keys")
    author = keys.author(near.organisation)
    sealer = BatchAuthor(uuid_of(author.party, prefix="party"), author.signer, settings.origin)
    store, data, intake = SqliteLedgerStore(home / "ledger.db"), DataFile(home / "data.db"), Intake(home / "intake.db")
    log = StoredLog(store, origin=settings.origin, types=LEDGER_TYPES)
    members = {one.organisation: one for one in near.members if one.organisation != sealer.organisation}
    client = MemberClient(author.signer, clock=moment, entropy=chance)
    attachments, pending = DiskAttachments(home / "attachments"), PendingBatches(home / "pending")
    views = OwnViews(home / "views.db", log, sealer.organisation)
    holder = Holder(
        author=sealer,
        log=log,
        attachments=attachments,
        holdings=Holdings(data),
        client=client,
        members=members,
        clock=moment,
        automatic=endorsed_unseen(home),
        contradiction=views.contradiction,
        fault=fault,
    )
    attester = Attester(holder=holder, client=client, members=tuple(members.values()), pending=pending)
    record = Recorder(author, sealer, attester, intake, FactIds(chance), clock=moment, entropy=chance)
    desk = Desk(
        organisation=sealer.organisation,
        log=log,
        memory=CourierMemory(data),
        holdings=holder.holdings,
        attachments=attachments,
        client=client,
        members=members,
        record=record,
        clock=moment,
    )

    def erased() -> None:
        """No copy stays behind: not in the house's index, nor in the files that bodies pass through."""
        views.refresh()
        data.scrub()
        scrub_file(home / "intake.db")

    duties = (
        ("erase", Eraser(desk, after=erased)),
        ("deliver", Deliverer(desk)),
        ("publish", Publisher(desk, keys.log_signer())),
        ("tidy", Tidier(desk, pending, intake)),
    )
    return WiredData(
        parts=DataParts(desk=desk, holder=holder, pending=pending, intake=intake),
        courier=Courier(desk, duties),
        attester=attester,
        author=author,
        listens=near.listens,
        data=data,
        store=store,
    )


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
        """Let the index forget what was erased, where there is one."""
        if self.path.exists():
            self._open().close()

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


def attesting(home: Path) -> Callable[[Batch, State], Batch]:
    """Return what puts attestations before the batches of the house at `home`, opening its data only when they are
    demanded."""

    def attest(batch: Batch, state: State) -> Batch:
        if not demand_of(batch, state):
            return batch
        wired = open_data(home)
        try:
            return replace(batch, attestations=wired.attester.gather(batch, state))
        finally:
            wired.close()

    return attest
