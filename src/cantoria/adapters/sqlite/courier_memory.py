"""What the courier remembers between rounds: what it awaits, what is to be erased, demanded or delivered, who answers.

Everything here can be made again from the ledger by walking it once more, but for how often a peer failed to answer.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from cantoria.adapters.sqlite.courier_rows import Demand, Erasure, PeerRecord, Stage
from cantoria.adapters.sqlite.data_file import DataFile
from cantoria.app.attached import attachments_of
from cantoria.consent.facts import DenyTombstone, StatementWithdrawn
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import uuid_of
from cantoria.ledger.envelope import Envelope, parse_fact_id
from cantoria.ledger.facts import BodyErased, LeafDelivered, LeafDemanded
from cantoria.usage.facts import GenerationsReported, UsageReported


class CourierMemory:
    """The courier's tables in `data.db`."""

    def __init__(self, data: DataFile) -> None:
        self._data = data

    def number(self, key: str) -> int:
        """Return a number that was kept, 0 when there is none."""
        row = self._one("SELECT value FROM meta WHERE key = ?", key)
        return row[0] if row else 0

    def keep(self, key: str, value: int, *, step: Callable[[], None] = lambda: None) -> None:
        """Keep a number in the same transaction as what `step` writes."""
        with self._data.transaction() as run:
            step()
            run.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def begin_anew(self) -> None:
        """Forget all that was learned by following the log, to learn it again."""
        with self._data.transaction() as run:
            for table in ("awaited", "named", "shield", "root", "erasure", "holder", "demand", "delivery"):
                run.execute(f"DELETE FROM {table}")  # noqa: S608
            run.execute("DELETE FROM meta WHERE key IN ('walk', 'late')")

    def expect(self, rows: Iterable[tuple[int, bytes]]) -> None:
        """Wait for the bodies of these facts, each (index, organisation)."""
        with self._data.transaction() as run:
            run.executemany("INSERT OR IGNORE INTO awaited (idx, organisation) VALUES (?, ?)", list(rows))

    def hold(self, index: int, *, author: bytes, holders: Iterable[bytes]) -> None:
        """Note who said to hold the data of the batch whose header is entry `index`."""
        with self._data.transaction() as run:
            run.executemany("INSERT OR IGNORE INTO holder VALUES (?, ?, ?)", [(index, author, one) for one in holders])

    def learn(self, index: int, packed: Envelope, fact: Any) -> None:
        """Take in a fact whose body is here: the files it names, and what the courier has to do because of it."""
        with self._data.transaction() as run:
            run.execute("DELETE FROM awaited WHERE idx = ?", (index,))
            names = [(digest, index, packed.type_tag) for digest in attachments_of(fact)]
            run.executemany("INSERT OR IGNORE INTO named VALUES (?, ?, ?)", names)
            match fact:
                case BodyErased():
                    target = parse_fact_id(fact.target)
                    run.execute("INSERT OR IGNORE INTO erasure VALUES (?, ?, 0, '')", (index, target))
                case DenyTombstone() | StatementWithdrawn():
                    run.execute("INSERT OR IGNORE INTO shield VALUES (?, ?)", (str(fact.statement), index))
                case UsageReported():
                    _learn_root(run, fact.root, fact.attachment, (fact.lines, index))
                case GenerationsReported():
                    _learn_root(run, fact.root, fact.attachment, (fact.events, index))
                case LeafDemanded():
                    _learn_demand(run, index, packed, fact)
                case LeafDelivered():
                    row = (parse_fact_id(fact.demand), packed.organisation, index, fact.digest)
                    run.execute(
                        "INSERT OR IGNORE INTO delivery (demand, organisation, idx, digest) VALUES (?, ?, ?, ?)", row
                    )
                case _:
                    pass

    def forget(self, index: int) -> list[str]:
        """The body of a fact is gone: return the files that no other fact names any more, which are named no longer."""
        with self._data.transaction() as run:
            run.execute("DELETE FROM awaited WHERE idx = ?", (index,))
            rows = run.execute("SELECT digest FROM named WHERE idx = ?", (index,)).fetchall()
            for table in ("named", "root", "shield"):
                run.execute(f"DELETE FROM {table} WHERE idx = ?", (index,))  # noqa: S608
            gone = [
                digest
                for (digest,) in rows
                if run.execute("SELECT 1 FROM named WHERE digest = ?", (digest,)).fetchone() is None
            ]
        return sorted(gone)

    def names(self, digest: str) -> set[int]:
        """Return the type tags of the recorded facts that name a file."""
        rows = self._all("SELECT DISTINCT tag FROM named WHERE digest = ?", digest)
        return {row[0] for row in rows}

    def due(self, *, now: int, limit: int) -> dict[bytes, list[int]]:
        """Return the facts that are due, by the organisation that recorded them, each list in order."""
        rows = self._all(
            "SELECT organisation, idx FROM awaited WHERE retry_at <= ? ORDER BY retry_at, idx LIMIT ?", now, limit
        )
        found: dict[bytes, list[int]] = {}
        for organisation, index in rows:
            found.setdefault(organisation, []).append(index)
        return {organisation: sorted(found[organisation]) for organisation in sorted(found)}

    def postpone(self, indices: Sequence[int], *, until: int, tried: bool) -> None:
        """Ask for these facts again after `until`; `tried` = everybody who could be reached was asked in vain."""
        with self._data.transaction() as run:
            run.executemany(
                "UPDATE awaited SET retry_at = ?, tries = tries + ? WHERE idx = ?",
                [(until, int(tried), index) for index in indices],
            )

    def tries(self, index: int) -> int | None:
        """Return how often an awaited fact was asked for in vain, None when it is not awaited."""
        row = self._one("SELECT tries FROM awaited WHERE idx = ?", index)
        return row[0] if row else None

    def awaited(self) -> dict[bytes, int]:
        """Return how many facts of each organisation are awaited."""
        return dict(self._all("SELECT organisation, count(*) FROM awaited GROUP BY organisation ORDER BY organisation"))

    def awaits(self, organisation: bytes, *, below: int) -> bool:
        """Tell whether some fact of an organisation below an index is awaited."""
        query = "SELECT 1 FROM awaited WHERE organisation = ? AND idx < ? LIMIT 1"
        return self._one(query, organisation, below) is not None

    def shields(self, statement: str, *, below: int) -> list[int]:
        """Return where tombstones and withdrawals of a statement stand below an index."""
        rows = self._all("SELECT idx FROM shield WHERE statement = ? AND idx < ? ORDER BY idx", statement, below)
        return [row[0] for row in rows]

    def files_of_root(self, root: str) -> list[tuple[str, int]]:
        """Return the files recorded with this Merkle root, each (digest, lines)."""
        return self._all("SELECT digest, lines FROM root WHERE root = ? ORDER BY digest", root)

    def root_of(self, digest: str) -> tuple[str, int] | None:
        """Return the Merkle root (hex) and the number of lines recorded for a file, or None."""
        row = self._one("SELECT root, lines FROM root WHERE digest = ? ORDER BY idx LIMIT 1", digest)
        return (row[0], row[1]) if row else None

    def erasures(self, stage: Stage) -> list[Erasure]:
        """Return the erasures in this stage, in ledger order."""
        rows = self._all("SELECT idx, target, state, reason FROM erasure WHERE state = ? ORDER BY idx", int(stage))
        return [Erasure(index, target, Stage(state), reason) for index, target, state, reason in rows]

    def settle(self, index: int, stage: Stage, *, reason: str = "") -> None:
        """Say how far an erasure has come."""
        with self._data.transaction() as run:
            run.execute("UPDATE erasure SET state = ?, reason = ? WHERE idx = ?", (int(stage), reason, index))

    def demands(self, *, open_only: bool = False) -> list[Demand]:
        """Return the demands in ledger order; an open one has no delivery that was found right."""
        rows = self._all(
            "SELECT d.fact_id, d.idx, d.asker, d.of, d.batch, d.root, d.position, d.at, d.answered, d.trouble, v.idx,"
            " coalesce(v.digest, ''), coalesce(v.checked, 0), coalesce(v.trouble, '') FROM demand d"
            " LEFT JOIN delivery v ON v.demand = d.fact_id AND v.organisation = d.of ORDER BY d.idx"
        )
        found = [
            Demand(
                fact_id=row[0],
                index=row[1],
                asker=row[2],
                of=row[3],
                batch=row[4],
                root=row[5],
                position=row[6],
                at=row[7],
                answered=bool(row[8]),
                trouble=row[9],
                delivered=row[10],
                digest=row[11],
                checked=bool(row[12]),
                delivery_trouble=row[13],
            )
            for row in rows
        ]
        return [one for one in found if not (open_only and one.delivered is not None and not one.delivery_trouble)]

    def answer(self, fact_id: bytes, *, trouble: str = "") -> None:
        """Note that a demand is answered by us, or why it cannot be yet."""
        with self._data.transaction() as run:
            run.execute(
                "UPDATE demand SET answered = ?, trouble = ? WHERE fact_id = ?", (int(not trouble), trouble, fact_id)
            )

    def check(self, fact_id: bytes, *, trouble: str = "") -> None:
        """Note that what we demanded was fetched and is right, or what is wrong with it."""
        with self._data.transaction() as run:
            run.execute(
                "UPDATE delivery SET checked = ?, trouble = ? WHERE demand = ?", (int(not trouble), trouble, fact_id)
            )

    def holders(self, *, limit: int) -> list[tuple[int, bytes, list[bytes]]]:
        """Return the newest batches with attested holders: (entry of the header, author, holders)."""
        query = (
            "SELECT idx, author, organisation FROM holder WHERE idx IN"
            " (SELECT DISTINCT idx FROM holder ORDER BY idx DESC LIMIT ?) ORDER BY idx DESC, organisation"
        )
        found: dict[int, tuple[bytes, list[bytes]]] = {}
        for index, author, organisation in self._all(query, limit):
            found.setdefault(index, (author, []))[1].append(organisation)
        return [(index, author, holders) for index, (author, holders) in found.items()]

    def peer(self, organisation: bytes) -> PeerRecord:
        """Return how a member has answered so far."""
        row = self._one("SELECT * FROM peer WHERE organisation = ?", organisation)
        return PeerRecord(*row) if row else PeerRecord(organisation, 0, 0, 0, "")

    def note_peer(self, record: PeerRecord) -> None:
        """Keep how a member answers."""
        row = (record.organisation, record.failures, record.retry_at, record.answered_at, record.trouble)
        with self._data.transaction() as run:
            run.execute("INSERT OR REPLACE INTO peer VALUES (?, ?, ?, ?, ?)", row)

    def troubles(self) -> list[tuple[str, int, str]]:
        """Return what the courier cannot do at present: (duty, since when, why)."""
        return self._all("SELECT duty, at, said FROM trouble ORDER BY duty")

    def trouble(self, duty: str, *, at: int, said: str) -> None:
        """Note why a duty fails, or, with nothing to say, that it does not."""
        with self._data.transaction() as run:
            if said:
                row = (duty, at, said)
                run.execute("INSERT INTO trouble VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET said = excluded.said", row)
            else:
                run.execute("DELETE FROM trouble WHERE duty = ?", (duty,))

    def _one(self, query: str, *values: Any) -> Any:
        with self._data.transaction() as run:
            return run.execute(query, values).fetchone()

    def _all(self, query: str, *values: Any) -> list[Any]:
        with self._data.transaction() as run:
            return run.execute(query, values).fetchall()


def _learn_root(run: sqlite3.Connection, root: str, digest: str, place: tuple[int, int]) -> None:
    run.execute("INSERT OR IGNORE INTO root VALUES (?, ?, ?, ?)", (root, digest, *place))


def _learn_demand(run: sqlite3.Connection, index: int, packed: Envelope, fact: LeafDemanded) -> None:
    try:
        of = uuid_of(fact.of, prefix="party")
    except InputError:
        return  # nobody is named: nobody can answer
    row = (packed.fact_id, index, packed.organisation, of, fact.batch, fact.root, fact.position, packed.claimed_at)
    run.execute(
        "INSERT OR IGNORE INTO demand (fact_id, idx, asker, of, batch, root, position, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        row,
    )
