"""Every durable write failed, failed but persisted, killed, or without space: nothing lost, nothing half-visible."""

from __future__ import annotations

import resource
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cantoria import ledger
from cantoria.adapters.postgres.ledger import PostgresLedgerStore
from cantoria.adapters.sql_ledger import SqlLedgerStore
from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
from cantoria.kernel.errors import UnavailableError
from cantoria.ledger.notes import open_checkpoint, parse_vkey
from cantoria.testing.memory_ledger import MemoryLedgerStore

STEPS = ["begin", "head", "entries", "facts", "bodies", "tiles", "commit", "committed", "checkpoint", "signed"]
PERSISTED = ["committed", "checkpoint", "signed"]


class Trap:
    """Fails once, at one named step, when armed."""

    def __init__(self) -> None:
        self.step = ""

    def __call__(self, step: str) -> None:
        if step == self.step:
            self.step = ""
            raise UnavailableError(f"the disk failed at {step}", "retry")


MakeTrapped = Callable[[Trap], ledger.LedgerStore]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def make_trapped(request: pytest.FixtureRequest, tmp_path: Path) -> MakeTrapped:
    if request.param == "memory":
        return lambda trap: MemoryLedgerStore(fault=trap)
    if request.param == "sqlite":
        return lambda trap: SqliteLedgerStore(tmp_path / "ledger.db", fault=trap)
    url = request.getfixturevalue("postgres_url")
    return lambda trap: PostgresLedgerStore(url, fault=trap)


@pytest.mark.parametrize("step", STEPS)
def test_a_failed_write_is_whole_or_absent_and_may_be_retried(house, make_trapped: MakeTrapped, step: str) -> None:
    trap = Trap()
    store = make_trapped(trap)
    engine = house.begin(store)
    engine.append([house.batch(300)])
    before, note = engine.size, engine.checkpoint()
    batch = house.batch(3, first=300)
    trap.step = step
    if isinstance(store, SqlLedgerStore) or step in ("commit", *PERSISTED):
        with pytest.raises(UnavailableError, match="the disk failed"):
            engine.append([batch])
        assert engine.checkpoint() == note
        assert store.head().size == before + (4 if step in PERSISTED else 0)
        assert store.last_index() == store.head().size - 1
    answer = engine.append([batch])[0]
    assert isinstance(answer, ledger.Receipt)
    assert answer.repeated is (step in PERSISTED)
    assert answer.index == before + 1
    engine.append([house.batch(1, first=400)])
    audit = engine.verify_deep()
    assert (audit.size, audit.facts) == (before + 6, 304)
    store.close()


CHILD = """
    import os, signal, sys
    sys.path.insert(0, {folder!r})
    import conftest
    from cantoria.adapters.{kind} import {store} as Store
    from pathlib import Path

    house = conftest.House()
    steps = 0

    def fault(step):
        global steps
        steps += armed
        if steps == {kill_at}:
            os.kill(os.getpid(), signal.SIGKILL)

    armed = 0
    engine = house.begin(Store({where}, fault=fault))
    print("open", flush=True)
    armed = 1
    for number in range({rounds}):
        receipt = engine.append([house.batch(7, first=7 * number), house.batch(300, first=1000 + 300 * number)])[1]
        print(receipt.index, receipt.checkpoint.size, flush=True)
"""


def spawn(
    where: str, *, kind: str = "sqlite.ledger", store: str = "SqliteLedgerStore", **values: int
) -> subprocess.Popen[str]:
    folder = str(Path(__file__).parent)
    script = textwrap.dedent(CHILD).format(folder=folder, where=where, kind=kind, store=store, **values)
    return subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)


def check_after_kill(house, store: ledger.LedgerStore, lines: list[str]) -> None:
    """All that was acknowledged is there; the rest is whole batches; the log goes on."""
    engine = house.open(store)
    audit = engine.verify_deep()
    assert audit.facts % 307 == 0
    checkpoint = open_checkpoint(engine.checkpoint(), key=parse_vkey(engine.vkey))
    assert checkpoint.size == engine.size == audit.size
    for line in lines:
        index, size = map(int, line.split())
        assert index < size <= engine.size
        engine.consistency(size)
    house.now += 10_000_000
    house.ids = ledger.FactIds(house.noise)
    assert isinstance(engine.append([house.seal([house.draft(fact_id=b"\x01" * 16)])])[0], ledger.Receipt)
    assert engine.verify_deep().facts == audit.facts + 1


@pytest.mark.parametrize("step", STEPS)
def test_kill_at_each_step_of_a_write(house, tmp_path: Path, step: str) -> None:
    path = tmp_path / "ledger.db"
    kill_at = len(STEPS) + STEPS.index(step) + 1
    child = spawn(f"Path({str(path)!r})", kill_at=kill_at, rounds=3)
    lines = child.communicate(timeout=60)[0].split("\n")
    assert child.returncode == -signal.SIGKILL
    assert lines[0] == "open"
    assert len(lines[1:-1]) == 1
    check_after_kill(house, SqliteLedgerStore(path), lines[1:-1])


@pytest.mark.parametrize("step", ["tiles", "committed"])
def test_kill_a_writer_of_postgres(house, postgres_url: str, step: str) -> None:
    kill_at = len(STEPS) + STEPS.index(step) + 1
    names = {"kind": "postgres.ledger", "store": "PostgresLedgerStore"}
    child = spawn(repr(postgres_url), **names, kill_at=kill_at, rounds=3)  # type: ignore[arg-type]
    lines = child.communicate(timeout=60)[0].split("\n")
    assert child.returncode == -signal.SIGKILL
    assert len(lines[1:-1]) == 1
    store = PostgresLedgerStore(postgres_url)
    check_after_kill(house, store, lines[1:-1])
    store.close()


@pytest.mark.parametrize("delay", [0.01, 0.05, 0.11])
def test_kill_at_any_moment(house, tmp_path: Path, delay: float) -> None:
    path = tmp_path / "ledger.db"
    child = spawn(f"Path({str(path)!r})", kill_at=-1, rounds=100_000)
    assert child.stdout is not None
    assert child.stdout.readline() == "open\n"
    time.sleep(delay)
    child.kill()
    lines = child.communicate(timeout=60)[0].split("\n")
    check_after_kill(house, SqliteLedgerStore(path), lines[:-1])


def test_a_full_disk_refuses_clearly_and_loses_nothing(house, tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    engine = house.begin(SqliteLedgerStore(path, pages_max=150))
    receipts = []

    def fill() -> None:
        for number in range(100):
            receipts.append(engine.append([house.batch(100, first=100 * number)])[0])

    with pytest.raises(UnavailableError, match="full") as caught:
        fill()
    batch = house.batch(100, first=20_000)
    assert "free space" in caught.value.remedy
    assert len(receipts) > 2
    size = receipts[-1].checkpoint.size
    assert engine.size == size
    assert engine.verify_deep().facts == 100 * len(receipts)
    with pytest.raises(UnavailableError):
        engine.append([batch])
    engine.close()
    roomy = house.open(SqliteLedgerStore(path))
    assert roomy.append([batch])[0].index == size + 1
    assert roomy.verify_deep().facts == 100 * len(receipts) + 100


LIMITED = """
    import resource, signal, sys
    sys.path.insert(0, {folder!r})
    import conftest
    from pathlib import Path
    from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
    from cantoria.kernel.errors import UnavailableError

    house = conftest.House()
    engine = house.begin(SqliteLedgerStore(Path({path!r})))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, resource.RLIM_INFINITY))
    try:
        for number in range(1000):
            engine.append([house.batch(7, first=7 * number), house.batch(300, first=1000 + 300 * number)])
            print(engine.size - 301, engine.size, flush=True)
    except UnavailableError as error:
        print("unavailable", error.message, file=sys.stderr)
"""


def test_a_write_that_the_system_refuses_is_unavailable(house, tmp_path: Path) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    path = tmp_path / "ledger.db"
    script = textwrap.dedent(LIMITED).format(folder=str(Path(__file__).parent), path=str(path))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr.startswith("unavailable cannot write to the ledger")
    check_after_kill(house, SqliteLedgerStore(path), done.stdout.split("\n")[:-1])


def test_erased_bytes_are_nowhere_in_the_files(house, tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    engine = house.begin(SqliteLedgerStore(path))
    secret = b'{"name":"Ada Lovelace of Marylebone"}'
    batch = house.seal([house.draft(number) for number in range(50)] + [house.draft(body=secret)])
    index = engine.append([batch])[0].index + 50
    salt = batch.salts[50]

    def found(needle: bytes) -> bool:
        return any(needle in one.read_bytes() for one in tmp_path.iterdir())

    assert found(secret)
    assert found(salt)
    fact = ledger.BodyErased(ledger.fact_id_text(batch.envelopes[50][3:19]), ledger.ErasureBasis.OBJECTION)
    record = house.seal([house.draft(type=fact.TYPE, body=fact.body())])
    engine.erase([index], batch=record)
    assert not found(secret)
    assert not found(salt)
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT count(*) FROM body WHERE erased_at IS NOT NULL").fetchone() == (1,)
    raw.close()
