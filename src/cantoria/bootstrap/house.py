"""A wired application on one folder: ledger, index, keys, vault, attachments, analytics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cantoria.adapters.attachments import DiskAttachments
from cantoria.adapters.batched_index import BatchedFactIndex
from cantoria.adapters.bulk.index import BulkIndex
from cantoria.adapters.cometbft.intake import Intake
from cantoria.adapters.consortium_engine import ConsortiumEngine
from cantoria.adapters.dataset_store import DiskDatasets
from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.adapters.embedded_engine import EmbeddedEngine
from cantoria.adapters.files import write_file
from cantoria.adapters.keys import KeyRing
from cantoria.adapters.search.index import SqliteSearch
from cantoria.adapters.sqlite.fact_index import SqliteFactIndex
from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
from cantoria.adapters.sqlite.vault import SqliteVault
from cantoria.adapters.system import SystemClock, SystemEntropy
from cantoria.adapters.writer_lock import WriterLock
from cantoria.app.fact_types import LEDGER_TYPES
from cantoria.app.house import House
from cantoria.app.ids import Ids
from cantoria.app.journal import LedgerJournal
from cantoria.app.ports import Author, Clock, Entropy
from cantoria.bootstrap import settings as settings_file
from cantoria.bootstrap.settings import CONSORTIUM, Settings
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import PartyId, uuid_of
from cantoria.ledger.batch import FactIds
from cantoria.ledger.ed25519 import PUBLIC_KEY_BYTES, key_id
from cantoria.ledger.notes import NoteKey
from cantoria.ledger.ports import LedgerStore

Engine = EmbeddedEngine | ConsortiumEngine
BULK_FOLDER = "bulk"  # batches as they are looked up: a view, deletable
SAMPLE_MARK = "SAMPLE-WORLD"  # a file that says that everything here is invented
SEARCH_FILE = "search.db"  # the index of words: a view, too


@dataclass(kw_only=True)
class WiredHouse(House):
    """A house with its engine and key ring at hand, for the commands that govern it."""

    engine: Engine
    keys: KeyRing
    settings: Settings
    lock: WriterLock

    @property
    def operator(self) -> EmbeddedEngine:
        """The engine of a house that orders its ledger alone; in a consortium the members govern together."""
        if not isinstance(self.engine, EmbeddedEngine):
            raise InputError("the members of this ledger govern it together", "put it to a ballot: `cantoria council`")
        return self.engine

    def begin_writing(self, waiting: Callable[[], None]) -> None:
        """Become the one process that writes here until `close`, with all that others wrote before in view."""
        self.lock.take(waiting)
        if isinstance(self.engine, ConsortiumEngine):
            self.engine.finish()
        self.engine.refresh()
        self.index.catch_up()

    def admit(self, name: str, *, capacities: Sequence[Capacity], party: PartyId | None = None) -> Author:
        """Make a key for an organisation and admit it to the ledger in these capacities; return it as an author.

        A name whose key is here but unknown to the ledger is an admission that was interrupted: it is completed.
        """
        operator = self.operator
        if not capacities:
            raise InputError("an organisation needs a capacity", "name at least one, such as cmo")
        if not self.keys.holds(name):
            chosen = party or PartyId(self.ids.new("party"))
            uuid_of(chosen, prefix="party")
            seed = self.entropy.token(32)
            self.keys.create_organisation(name, party=chosen, capacities=tuple(capacities), seed=seed)
        made = self.keys.author(name)
        if key_id(made.signer.public_key) in operator.state.keys:
            raise InputError(f"{name} is a member already", "choose another name")
        if set(self.keys.capacities(name)) != set(capacities):
            raise InputError(f"the admission of {name} was begun with other capacities", "repeat it with those")
        organisation = uuid_of(made.party, prefix="party")
        operator.admit_member(organisation, frozenset(int(one) for one in capacities))
        operator.add_key(organisation, made.signer.public_key)
        return made

    def author(self, name: str, *, capacity: Capacity | None = None) -> Author:
        """Return the organisation `name` as an author in this capacity (or its first)."""
        return self.keys.author(name, capacity=capacity)

    def close(self) -> None:
        """Release everything."""
        self.search.close()
        self.index.close()
        self.engine.close()
        self.vault.close()
        self.lock.release()


def create(
    home: Path, *, origin: str, store: str = "sqlite", clock: Clock | None = None, entropy: Entropy | None = None
) -> WiredHouse:
    """Make a new house at `home`: settings, the log's key and an empty ledger; an existing one is refused.

    The settings are written last: what an interrupted attempt left behind is taken up by the next one.
    """
    settings = settings_file.draft(home, origin=origin, store=store)
    NoteKey(origin, bytes(PUBLIC_KEY_BYTES))  # refuses an origin that no log can have, before anything is made
    keys = KeyRing(home / "keys")
    if not keys.has_log_key():
        keys.create_log_key((entropy or SystemEntropy()).token(32))
    house = _open(settings, clock=clock, entropy=entropy)
    settings_file.write(settings)
    return house


def open_house(home: Path, *, clock: Clock | None = None, entropy: Entropy | None = None) -> WiredHouse:
    """Open the house at `home`; the ledger is checked against its last checkpoint first."""
    return _open(settings_file.read(home), clock=clock, entropy=entropy)


def open_store(home: Path) -> LedgerStore:
    """Open the ledger of the house at `home` for reading what is published, without looking at the rest of the house.

    A house whose ledger was never made is an `InputError`.
    """
    settings = settings_file.read(home)
    if settings.store == "sqlite" and not (home / "ledger.db").exists():
        raise InputError(f"the house at {home} has no ledger yet", "make it first")
    return _store(settings)


def _open(settings: Settings, *, clock: Clock | None, entropy: Entropy | None) -> WiredHouse:
    home = settings.home
    clock, entropy = clock or SystemClock(), entropy or SystemEntropy()
    keys = KeyRing(home / "keys")
    engine = _engine(settings, keys, clock=clock)
    attachments = DiskAttachments(home / "attachments")
    index = BatchedFactIndex(
        SqliteFactIndex(home / "views.db", ledger=engine), BulkIndex(home / BULK_FOLDER, attachments)
    )
    return WiredHouse(
        clock=clock,
        entropy=entropy,
        ids=Ids(clock, entropy),
        sequencer=engine,
        journal=LedgerJournal(engine, clock, entropy, FactIds(entropy.token)),
        index=index,
        search=SqliteSearch(home / SEARCH_FILE, index=index, ledger=engine),
        vault=SqliteVault(home / "keys" / "persons.db"),
        attachments=attachments,
        datasets=DiskDatasets(home / "datasets"),
        write_file=write_file,
        analytics=lambda: DuckDBAnalytics(
            memory_bytes_max=settings.memory_mib << 20, threads=settings.threads, spill=str(home / "spill")
        ),
        engine=engine,
        keys=keys,
        settings=settings,
        lock=WriterLock(home / "writer.lock"),
    )


def _engine(settings: Settings, keys: KeyRing, *, clock: Clock) -> Engine:
    signer = keys.log_signer()
    if settings.engine != CONSORTIUM:
        return EmbeddedEngine.open(
            _store(settings), origin=settings.origin, signer=signer, types=LEDGER_TYPES, clock=clock.now
        )
    if settings.store != "sqlite":
        raise InputError("a node keeps its ledger in SQLite", 'write store = "sqlite"')
    if not (settings.home / "ledger.db").exists():
        raise UnavailableError(
            "this node has no ledger yet", "give it the consortium's genesis: `cantoria node init --genesis FILE`"
        )
    from cantoria.bootstrap.data import attesting  # the web server's libraries: a house alone never needs them

    return ConsortiumEngine(
        _store(settings),
        Intake(settings.home / "intake.db"),
        key=NoteKey(settings.origin, signer.public_key),
        types=LEDGER_TYPES,
        clock=clock.now,
        attest=attesting(settings.home),
    )


def _store(settings: Settings) -> LedgerStore:
    if settings.store == "sqlite":
        return SqliteLedgerStore(settings.home / "ledger.db")
    if settings.store.startswith("postgresql"):
        from cantoria.adapters.postgres.ledger import PostgresLedgerStore

        return PostgresLedgerStore(settings.store)
    raise InputError(f"unknown ledger store {settings.store!r:.60}", "use sqlite or a postgresql:// address")
