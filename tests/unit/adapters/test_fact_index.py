"""The fact index: it follows the ledger, can be rebuilt at any time, and never says more than the ledger does."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cantoria.adapters.sqlite import fact_index
from cantoria.adapters.sqlite.fact_index import SqliteFactIndex
from cantoria.app import codec
from cantoria.app.codec import bytes_to_sign, with_signature
from cantoria.app.fact_types import BY_NAME
from cantoria.consent.facts import StatementMade
from cantoria.consent.types import Scope, ScopeKind, Verdict
from cantoria.kernel.errors import IntegrityError, UnavailableError
from cantoria.kernel.facts import Recorded, Signature
from cantoria.kernel.uses import Use
from cantoria.ledger import Draft, ErasureBasis, seal
from cantoria.ledger.batch import Author as BatchAuthor
from cantoria.ledger.ed25519 import Ed25519Signer
from cantoria.ledger.ports import Receipt
from cantoria.registry.facts import PartyNamed, PartyRegistered, RecordingRegistered, ReleaseRegistered, WorkRegistered
from cantoria.registry.types import PartyKind

Open = Callable[..., SqliteFactIndex]


@pytest.fixture
def open_index(tmp_path: Path) -> Iterator[Open]:
    """Return `open(bench, name="views")`: an index on the bench's ledger, closed in the end."""
    opened: list[SqliteFactIndex] = []

    def make(bench: Any, name: str = "views") -> SqliteFactIndex:
        opened.append(SqliteFactIndex(tmp_path / f"{name}.db", ledger=bench.engine))
        return opened[-1]

    yield make
    for index in opened:
        index.close()


def works(start: int, stop: int) -> list[WorkRegistered]:
    return [WorkRegistered(work=f"work_{n:04}", title=f"song {n}") for n in range(start, stop)]


def contents(path: Path) -> dict[str, list[Any]]:
    """Every row of every table."""
    with sqlite3.connect(path) as db:
        return {
            table: db.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
            for table in ("fact", "about", "unreadable", "meta")
        }


def test_a_recorded_fact_is_found_with_its_place_in_the_ledger(bench: Any, open_index: Open) -> None:
    receipt = bench.journal.record(works(0, 1), author=bench.society)[0]
    index = open_index(bench)
    assert index.catch_up() == bench.engine.size
    found = index.about(["work_0000"])
    assert found == list(index.scan())
    assert found == [
        Recorded(
            receipt.index,
            receipt.fact_id.replace("-", ""),
            bench.society.party,
            bench.society.capacity,
            found[0].claimed_at,
            WorkRegistered(work="work_0000", title="song 0"),
        )
    ]
    assert index.by_fact_id(found[0].fact_id) == found[0]
    assert index.by_fact_id("00" * 16) is None
    assert index.counts() == {"work-registered": 1}


def test_catching_up_in_pieces_at_once_or_anew_gives_the_same_rows(
    bench: Any, open_index: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fact_index, "CATCH_UP_ROWS", 7)
    pieces = open_index(bench, "pieces")
    for start in range(0, 60, 20):
        indices = bench.record(*works(start, start + 20))
        pieces.catch_up()
    named = bench.record(PartyNamed(party="party_ada", name="Ada", codes=("isni:0000000121707484",)))
    pieces.catch_up()
    target = next(one for one in pieces.scan() if one.index == named[0])
    bench.journal.erase([target], basis=ErasureBasis.OBJECTION, author=bench.society)
    steps: list[tuple[int, int]] = []
    pieces.catch_up(lambda done, total: steps.append((done, total)))
    monkeypatch.setattr(fact_index, "CATCH_UP_ROWS", 20_000)
    whole = open_index(bench, "whole")
    whole.catch_up()
    assert contents(tmp_path / "pieces.db") == contents(tmp_path / "whole.db")
    assert len(list(whole.scan())) == 60
    assert indices[-1] == 59 + (60 // 20) + 3, "genesis, member and key, then one header before each batch"
    assert steps[-1] == (bench.engine.size, bench.engine.size)


def test_subjects_are_found_once_each_in_ledger_order_below_the_size(bench: Any, open_index: Open) -> None:
    first = bench.record(
        RecordingRegistered(recording="recording_b", title="b", samples=("recording_a",)),
        ReleaseRegistered(release="release_1", title="r", recordings=("recording_a", "recording_b")),
    )
    later = bench.record(RecordingRegistered(recording="recording_a", title="a"))
    index = open_index(bench)
    index.catch_up()
    everything = index.about(["release_1", "recording_b", "recording_a", "recording_b"])
    assert [one.index for one in everything] == [*first, *later]
    assert [one.index for one in index.about(["recording_a"])] == [*first, *later]
    assert [one.index for one in index.about(["recording_a"], size=later[0])] == first
    assert [one.index for one in index.about(["recording_a"], size=first[1])] == first[:1]
    releases = [ReleaseRegistered.TYPE.tag]
    assert [one.index for one in index.about(["recording_a"], tags=releases)] == first[1:]
    assert index.about(["recording_a"], tags=[]) == []
    assert index.about([]) == []
    assert index.about(["recording_"]) == []
    assert [one.index for one in index.scan(tags=releases)] == first[1:]
    assert [one.index for one in index.scan(size=first[1])] == first[:1]
    assert index.subjects_like("recording_") == ["recording_a", "recording_b"]
    assert index.subjects_like("recording_", limit=1) == ["recording_a"]
    assert index.subjects_like("recording%") == []


def test_a_scan_can_begin_late_and_a_mark_tells_one_state_from_another(bench: Any, open_index: Open) -> None:
    tags = [WorkRegistered.TYPE.tag]
    index = open_index(bench)
    index.catch_up()
    assert index.mark(tags=tags, size=10**9) == (0, -1, 0)
    indices = bench.record(*works(0, 3), PartyNamed(party="party_ada", name="Ada"))
    index.catch_up()
    assert [one.index for one in index.scan(start=indices[1])] == indices[1:]
    assert [one.index for one in index.scan(tags=tags, start=indices[1], size=indices[2])] == indices[1:2]
    assert index.mark(tags=tags, size=indices[3]) == (3, indices[2], 0)
    assert index.mark(tags=tags, size=indices[1]) == (1, indices[0], 0)
    assert index.mark(tags=[*tags, PartyNamed.TYPE.tag], size=indices[3] + 1) == (4, indices[3], 0)
    target = index.about(["party_ada"])[0]
    bench.journal.erase([target], basis=ErasureBasis.OBJECTION, author=bench.society)
    index.catch_up()
    assert index.mark(tags=[*tags, PartyNamed.TYPE.tag], size=10**9) == (3, indices[2], 1)


def test_things_are_called_by_their_names_with_their_ids(bench: Any, open_index: Open) -> None:
    bench.record(
        PartyNamed(party="party_ada", name="Ada"),
        WorkRegistered(work="work_1", title="Notes", parts=("work_2",)),
        RecordingRegistered(recording="recording_1", title="Notes (Live)", samples=("recording_2",)),
    )
    index = open_index(bench)
    index.catch_up()
    names = {name: index.name_of(name) for name in ("party_ada", "work_1", "recording_1", "work_2", "recording_2")}
    assert names == {
        "party_ada": "Ada [party_ada]",
        "work_1": "Notes [work_1]",
        "recording_1": "Notes (Live) [recording_1]",
        "work_2": "work_2",
        "recording_2": "recording_2",
    }


def test_facts_handed_over_fresh_give_the_rows_that_reading_gives(bench: Any, open_index: Open, tmp_path: Path) -> None:
    facts = [*works(0, 5), PartyNamed(party="party_ada", name="Ada", codes=("own:1", "own:1"))]
    receipts = bench.journal.record(facts, author=bench.society)
    open_index(bench, "fresh").catch_up(fresh={one.index: one.fact for one in receipts})
    open_index(bench, "read").catch_up()
    assert contents(tmp_path / "fresh.db") == contents(tmp_path / "read.db")


def test_thousands_of_subjects_are_looked_up_at_once(bench: Any, open_index: Open) -> None:
    indices = bench.record(*works(0, 900))
    index = open_index(bench)
    index.catch_up()
    wanted = [f"work_{n:04}" for n in range(2100)]
    assert [one.index for one in index.about(wanted)] == indices
    assert [one.index for one in index.about(wanted[::-1], tags=[WorkRegistered.TYPE.tag])] == indices


def test_an_erased_body_is_gone_from_the_index_and_from_its_file(bench: Any, open_index: Open, tmp_path: Path) -> None:
    kept, gone = (PartyNamed(party="party_ada", name=f"Ada {part}", codes=(f"own:{part}",)) for part in "XY")
    bench.record(kept, gone)
    index = open_index(bench)
    index.catch_up()
    target = index.about(["own:Y"])[0]
    bench.journal.erase([target], basis=ErasureBasis.CHILD, author=bench.society)
    assert index.about(["own:Y"]), "the index follows on catch_up only"
    index.catch_up()
    assert [one.fact for one in index.scan()] == [kept]
    assert index.about(["own:Y"]) == []
    assert index.by_fact_id(target.fact_id) is None
    assert index.counts() == {"party-named": 1}
    assert index.subjects_like("own:") == ["own:X"]
    left = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"Ada X" in left
    assert b"Ada Y" not in left


@pytest.mark.parametrize("other", [{"seed": 2}, {"origin": "log.example/other"}], ids=["restored", "other log"])
def test_the_index_of_another_ledger_is_forgotten(
    make_bench: Any, open_index: Open, tmp_path: Path, other: dict[str, Any]
) -> None:
    first, second = make_bench("first"), make_bench("second", **other)
    first.record(*works(0, 5))
    second.record(*works(3, 9))
    open_index(first).catch_up()
    open_index(second).catch_up()
    open_index(second, "fresh").catch_up()
    assert contents(tmp_path / "views.db") == contents(tmp_path / "fresh.db")


def test_the_index_of_a_longer_ledger_is_forgotten(make_bench: Any, open_index: Open, tmp_path: Path) -> None:
    longer, shorter = make_bench("longer"), make_bench("shorter")
    longer.record(*works(0, 5))
    index = open_index(longer)
    index.catch_up()
    again = open_index(shorter)
    assert again.catch_up() == shorter.engine.size
    assert list(again.scan()) == []


def test_who_only_reads_does_not_wait_for_whoever_writes(bench: Any, open_index: Open, tmp_path: Path) -> None:
    bench.record(*works(0, 3))
    index = open_index(bench)
    size = index.catch_up()
    with sqlite3.connect(tmp_path / "views.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        assert index.catch_up() == size
        other.execute("ROLLBACK")
    bench.record(*works(3, 5))
    assert index.catch_up() > size
    assert len(list(index.scan(tags=[WorkRegistered.TYPE.tag]))) == 5


def test_an_index_made_with_other_fact_types_is_forgotten(
    bench: Any, open_index: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.record(*works(0, 2))
    known = {tag: cls for tag, cls in fact_index.BY_TAG.items() if cls is not WorkRegistered}
    with monkeypatch.context() as patched:
        patched.setattr(codec, "BY_TAG", known)
        patched.setattr(fact_index, "BY_TAG", known)
        older = open_index(bench)
        older.catch_up()
        assert list(older.scan()) == []
    newer = open_index(bench)
    newer.catch_up()
    assert len(list(newer.scan())) == 2


def test_an_engine_that_lags_behind_does_not_throw_the_index_away(bench: Any, open_index: Open) -> None:
    """Another process has recorded and indexed more than this process's engine has noticed yet."""
    bench.record(*works(0, 3))
    index = open_index(bench)
    index.catch_up()

    class Lagging:
        origin, size, entries, facts = bench.engine.origin, 4, bench.engine.entries, bench.engine.facts
        store = bench.engine.store

    behind = SqliteFactIndex(Path(index_path(index)), ledger=Lagging())  # type: ignore[arg-type]
    assert behind.catch_up() == 4
    assert len(list(behind.scan())) == 3
    behind.close()


def index_path(index: SqliteFactIndex) -> str:
    return str(index._db.execute("PRAGMA database_list").fetchone()[2])


def sign(fact: Any, seed: bytes) -> Signature:
    signer = Ed25519Signer(seed)
    return Signature(signer.public_key.hex(), signer.sign(bytes_to_sign(fact)).hex())


def test_only_a_right_signature_proves_a_key(bench: Any, open_index: Open) -> None:
    fact = StatementMade(
        statement="statement_1",
        party="party_ada",
        speaker="party_ada",
        verdict=Verdict.YES,
        uses=frozenset({Use.ANALYSE}),
        scope=Scope(ScopeKind.WORK, "work_1"),
    )
    altered = StatementMade(
        statement="statement_1",
        party="party_ada",
        speaker="party_ada",
        verdict=Verdict.YES,
        uses=frozenset({Use.ANALYSE, Use.VOICE}),
        scope=Scope(ScopeKind.WORK, "work_1"),
    )
    right = sign(fact, b"a" * 32)
    other = Ed25519Signer(b"b" * 32).public_key.hex()
    flipped = f"{int(right.value[:2], 16) ^ 1:02x}" + right.value[2:]
    bench.record(
        with_signature(fact, right),
        fact,
        with_signature(altered, right),
        with_signature(fact, Signature(other, right.value)),
        with_signature(fact, Signature(right.key, flipped)),
        with_signature(fact, Signature(right.key, "")),
        with_signature(fact, Signature(right.key, "zz" * 64)),
        with_signature(fact, Signature("zz", right.value)),
        with_signature(fact, Signature(right.key[:-2], right.value)),
        with_signature(fact, Signature(right.key, right.value + "00")),
    )
    index = open_index(bench)
    index.catch_up()
    assert [one.proven_key for one in index.scan()] == [right.key, *[""] * 9]


def test_a_key_is_proven_by_its_one_spelling(bench: Any, open_index: Open) -> None:
    """Folds compare keys as text: a proven key in capitals would be nobody's."""
    fact = StatementMade(
        statement="statement_1",
        party="party_ada",
        speaker="party_ada",
        verdict=Verdict.NO,
        uses=frozenset({Use.ANALYSE}),
        scope=Scope(ScopeKind.WORK, "work_1"),
    )
    right = sign(fact, b"a" * 32)
    bench.record(with_signature(fact, Signature(right.key.upper(), right.value)))
    index = open_index(bench)
    index.catch_up()
    assert next(index.scan()).proven_key == right.key


def append_raw(bench: Any, name: str, *bodies: bytes) -> None:
    """Record bodies as a foreign member's own software might send them: signed, committed to, and nonsense."""
    cls = BY_NAME[name]
    drafts = [Draft(cls.TYPE, body, (), bench.society.capacity, bench.clock.now()) for body in bodies]
    organisation = bench.journal._signer(bench.society).organisation
    author = BatchAuthor(organisation, bench.society.signer, bench.engine.origin)
    ids, entropy = bench.journal.fact_ids, bench.entropy.token
    batch = seal(drafts, author, ids=ids, entropy=entropy, claimed_at=bench.clock.now())
    assert isinstance(bench.engine.append([batch])[0], Receipt)


def test_bodies_that_cannot_be_read_have_no_effect_and_are_shown(bench: Any, open_index: Open, tmp_path: Path) -> None:
    """Admission reads envelopes only, so anything can stand in a body; it must not stop the house."""
    hostile = [b"", b"\xff", b"{}", b"[]", b"null", b'{"title":"x"}', b"[" * 5000, b'{"work":"w","title":1}', b"1e9"]
    append_raw(bench, "work-registered", *hostile)
    append_raw(bench, "statement-made", b'{"secret name":"Ada Y"}')
    bench.record(*works(0, 1))
    index = open_index(bench)
    index.catch_up()
    assert [one.fact.work for one in index.scan()] == ["work_0000"]
    shown = index.unreadable()
    assert len(shown) == len(hostile) + 1
    assert all(reason for _, reason in shown)
    fact_id = bench.engine.facts(shown[-1][0])
    target = Recorded(shown[-1][0], next(fact_id).envelope[3:19].hex(), "", bench.society.capacity, 0, None)
    bench.journal.erase([target], basis=ErasureBasis.UNLAWFUL, author=bench.society)
    index.catch_up()
    assert len(index.unreadable()) == len(hostile), "an erased body is not quoted any longer"
    assert b"secret name" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_a_fact_of_a_type_that_this_code_does_not_know_is_shown_as_unreadable(
    bench: Any, open_index: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The council admitted it, a newer member recorded it: it is kept, has no effect, and is read after an upgrade."""
    places = bench.record(*works(0, 1))
    tag = WorkRegistered.TYPE.tag
    older = {one: cls for one, cls in fact_index.BY_TAG.items() if one != tag}
    with monkeypatch.context() as patched:
        patched.setattr(codec, "BY_TAG", older)
        patched.setattr(fact_index, "BY_TAG", older)
        index = open_index(bench)
        index.catch_up()
        assert list(index.scan()) == []
        assert [at for at, _ in index.unreadable()] == places
        assert f"unknown fact type tag {tag}" in index.unreadable()[0][1]
    newer = open_index(bench)
    newer.catch_up()
    assert ([one.index for one in newer.scan()], newer.unreadable()) == (places, [])


CHILD = """
import os, sys
from pathlib import Path
from cantoria.adapters.embedded_engine import EmbeddedEngine
from cantoria.adapters.sqlite import fact_index
from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
from cantoria.app.fact_types import LEDGER_TYPES
from cantoria.ledger.ed25519 import Ed25519Signer

folder, kill_at = Path(sys.argv[1]), int(sys.argv[2])
engine = EmbeddedEngine.open(SqliteLedgerStore(folder / "ledger.db"), origin="log.example/bench",
    signer=Ed25519Signer(bytes([7]) * 32), types=LEDGER_TYPES, clock=lambda: 1_790_000_001_000_000)
fact_index.CATCH_UP_ROWS = 10
index = fact_index.SqliteFactIndex(folder / "views.db", ledger=engine)
seen = 0
def trace(statement):
    global seen
    seen += 1
    if seen == kill_at:
        os.kill(os.getpid(), 9)
index._db.set_trace_callback(trace)
index.catch_up()
"""


def test_killed_at_any_statement_the_index_goes_on_where_it_stood(bench: Any, open_index: Open, tmp_path: Path) -> None:
    bench.record(*works(0, 40))
    named = bench.record(PartyNamed(party="party_ada", name="Ada"))
    wanted = Recorded(
        named[0], next(bench.engine.facts(named[0])).envelope[3:19].hex(), "", bench.society.capacity, 0, None
    )
    bench.journal.erase([wanted], basis=ErasureBasis.OBJECTION, author=bench.society)
    whole = open_index(bench, "whole")
    whole.catch_up()
    deaths = 0
    for kill_at in (9, 41, 70, 100):
        command = [sys.executable, "-c", CHILD, str(tmp_path), str(kill_at)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        deaths += done.returncode != 0
        rows = contents(tmp_path / "views.db")
        position = int(dict(rows["meta"]).get("position", "0"))
        expected = [row for row in contents(tmp_path / "whole.db")["fact"] if row[0] < position]
        early = [row for row in rows["fact"] if row[0] != named[0]]
        assert early == expected, f"killed at {kill_at}: a batch is indexed whole or not at all"
    assert deaths >= 2
    index = open_index(bench)
    index.catch_up()
    assert contents(tmp_path / "views.db") == contents(tmp_path / "whole.db")


def test_two_indexes_on_one_file_catch_up_side_by_side(
    bench: Any, open_index: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fact_index, "CATCH_UP_ROWS", 10)
    bench.record(*works(0, 60))
    one, two = open_index(bench), open_index(bench)
    sizes: list[int] = []

    def meanwhile(done: int, total: int) -> None:
        if done < 30:
            sizes.append(two.catch_up())

    one.catch_up(meanwhile)
    assert sizes == [bench.engine.size]
    assert [fact.work for fact in (row.fact for row in one.scan())] == [f"work_{n:04}" for n in range(60)]


def test_a_damaged_index_says_how_to_get_a_new_one(bench: Any, open_index: Open, tmp_path: Path) -> None:
    (tmp_path / "views.db").write_bytes(b"this is no database, whatever its name may say " * 200)
    with pytest.raises(IntegrityError, match="ledger rebuild"):
        open_index(bench)


def test_a_place_that_cannot_hold_an_index_is_unavailable(bench: Any, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="index of facts"):
        SqliteFactIndex(tmp_path / "absent" / "views.db", ledger=bench.engine)


def test_a_full_disk_leaves_the_index_as_it_was_and_it_recovers(
    bench: Any, open_index: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.record(*works(0, 10))
    index = open_index(bench)
    index.catch_up()
    bench.record(*[PartyRegistered(party=f"party_{n:06}", kind=PartyKind.PERSON) for n in range(900)])
    pages = index._db.execute("PRAGMA page_count").fetchone()[0]
    index._db.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(UnavailableError, match="full"):
        index.catch_up()
    assert len(list(index.scan())) == 10
    index._db.execute("PRAGMA max_page_count = 1000000")
    index.catch_up()
    assert len(list(index.scan())) == 910
