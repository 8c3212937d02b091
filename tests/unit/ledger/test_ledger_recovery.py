"""Opening: what was altered in the store is found, named, and not written to."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
from cantoria.kernel.errors import IntegrityError
from cantoria.ledger import Checkpoint, recovery, sign_checkpoint


@pytest.fixture
def path(house, tmp_path: Path) -> Path:
    """A log of 1,106 entries, closed."""
    found = tmp_path / "ledger.db"
    engine = house.begin(SqliteLedgerStore(found))
    engine.append([house.batch(100)])
    engine.append([house.batch(1000, first=100)])
    assert engine.size == 1105
    engine.close()
    return found


def alter(path: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(path)
    assert connection.execute(statement, values).rowcount == 1
    connection.commit()
    connection.close()


def flip(path: Path, table: str, column: str, where: str, *, at: int = 10) -> None:
    connection = sqlite3.connect(path)
    (data,) = connection.execute(f"SELECT {column} FROM {table} WHERE {where}").fetchone()
    connection.close()
    changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    alter(path, f"UPDATE {table} SET {column} = ? WHERE {where}", changed)


Damage = Callable[[Path], None]
REFUSED: dict[str, Damage] = {
    "a recent entry": lambda path: flip(path, "entry", "data", "idx = 1100"),
    "an old entry": lambda path: flip(path, "entry", "data", "idx = 40"),
    "the last partial tile": lambda path: flip(path, "tile", "hashes", "level = 0 AND n = 4"),
    "an old tile": lambda path: flip(path, "tile", "hashes", "level = 0 AND n = 0"),
    "an upper tile": lambda path: flip(path, "tile", "hashes", "level = 1 AND n = 0"),
    "the frontier": lambda path: flip(path, "meta", "value", "key = 'head'", at=20),
    "the size": lambda path: flip(path, "meta", "value", "key = 'head'", at=7),
    "a missing tile": lambda path: alter(path, "DELETE FROM tile WHERE level = 0 AND n = 4"),
    "a missing last entry": lambda path: alter(path, "DELETE FROM entry WHERE idx = 1104"),
    "a missing old entry": lambda path: alter(path, "DELETE FROM entry WHERE idx = 50"),
    "a governance entry": lambda path: flip(path, "entry", "data", "idx = 1", at=80),
    "the format": lambda path: alter(path, "UPDATE meta SET value = x'00' WHERE key = 'format'"),
    "the checkpoint": lambda path: alter(
        path, "UPDATE checkpoint SET note = replace(note, 'test', 'best') WHERE size = 1105"
    ),
    "the checkpoint's shape": lambda path: alter(path, "UPDATE checkpoint SET note = 'x' WHERE size = 1105"),
}


@pytest.mark.parametrize("damage", REFUSED, ids=list(REFUSED))
def test_a_damaged_log_does_not_open(house, path: Path, damage: str) -> None:
    REFUSED[damage](path)
    with pytest.raises(IntegrityError):
        house.open(SqliteLedgerStore(path))


@pytest.mark.parametrize("at", [0, 8_000, 60_000])
def test_a_file_of_noise_does_not_open(house, path: Path, at: int) -> None:
    for journal in path.parent.glob("ledger.db-*"):
        journal.unlink()
    data = bytearray(path.read_bytes())
    data[at : at + 4096] = bytes(range(256)) * 16
    path.write_bytes(data)
    with pytest.raises(IntegrityError):
        house.open(SqliteLedgerStore(path)).verify_deep()


EDGE_ONLY = [one for one in REFUSED if one not in ("an old entry", "an old tile", "a missing old entry")]


@pytest.mark.parametrize("damage", EDGE_ONLY)
def test_the_edge_of_a_large_log_is_checked_at_opening(
    house, path: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "WHOLE_CHECK_MAX", 0)
    REFUSED[damage](path)
    with pytest.raises(IntegrityError):
        house.open(SqliteLedgerStore(path))


def test_old_damage_in_a_large_log_is_found_by_proofs_and_by_the_audit(
    house, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "WHOLE_CHECK_MAX", 0)
    flip(path, "entry", "data", "idx = 40")
    flip(path, "tile", "hashes", "level = 0 AND n = 2", at=0)
    engine = house.open(SqliteLedgerStore(path))
    for index in (40, 513):
        with pytest.raises(IntegrityError):
            engine.prove(index)
    assert engine.prove(300)
    with pytest.raises(IntegrityError):
        engine.verify_deep()


AUDITED: dict[str, Damage] = {
    "a body": lambda path: flip(path, "body", "body", "idx = 30", at=3),
    "a salt": lambda path: flip(path, "body", "salt", "idx = 30"),
    "a lost fact id": lambda path: alter(path, "DELETE FROM fact WHERE idx = 30"),
    "another fact id": lambda path: flip(path, "fact", "fact_id", "idx = 30"),
    "a lost governance record": lambda path: alter(path, "DELETE FROM governance WHERE idx = 2"),
    "a body beside a header": lambda path: alter(path, "UPDATE body SET idx = 3 WHERE idx = 30"),
}


@pytest.mark.parametrize("damage", AUDITED, ids=list(AUDITED))
def test_damage_beside_the_tree_is_found_by_the_audit(house, path: Path, damage: str) -> None:
    AUDITED[damage](path)
    engine = house.open(SqliteLedgerStore(path))
    with pytest.raises(IntegrityError):
        engine.verify_deep()


def test_a_log_shorter_than_its_signed_checkpoint_does_not_open(house, path: Path) -> None:
    note = sign_checkpoint(Checkpoint(house.origin, 2000, bytes(32)), signer=house.operator)
    alter(path, "INSERT INTO checkpoint (size, note) VALUES (2000, ?)", note)
    with pytest.raises(IntegrityError, match="entries are gone"):
        house.open(SqliteLedgerStore(path))


def test_a_missing_last_checkpoint_is_signed_again_with_the_same_bytes(house, path: Path) -> None:
    connection = sqlite3.connect(path)
    (note,) = connection.execute("SELECT note FROM checkpoint WHERE size = 1105").fetchone()
    connection.close()
    alter(path, "DELETE FROM checkpoint WHERE size = 1105")
    engine = house.open(SqliteLedgerStore(path))
    assert engine.checkpoint() == note
    engine.verify_deep()


def test_an_earlier_checkpoint_of_another_tree_is_refused(house, path: Path) -> None:
    alter(path, "DELETE FROM checkpoint WHERE size = 1105")
    forged = sign_checkpoint(Checkpoint(house.origin, 1000, bytes(32)), signer=house.operator)
    alter(path, "INSERT INTO checkpoint (size, note) VALUES (1000, ?)", forged)
    with pytest.raises(IntegrityError, match="signed at 1000"):
        house.open(SqliteLedgerStore(path))
