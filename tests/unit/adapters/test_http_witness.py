"""The witness as a daemon: answers over HTTP, memory that outlives kill -9, one step of look-and-keep for everyone."""

from __future__ import annotations

import multiprocessing
import socket
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import pytest
from tests.unit.ledger.fork import ORIGIN, Face, signer

from cantoria.adapters.http.serving import CONNECTIONS_MAX
from cantoria.adapters.http.witness_server import witness_app
from cantoria.adapters.witness_home import WitnessHome
from cantoria.adapters.witness_store import HISTORY_MAX, WitnessStore
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.ledger import evidence
from cantoria.ledger.cosignatures import cosign, cosignatures_of
from cantoria.ledger.notes import split_note
from cantoria.ledger.policy import Log, Witness, members_policy
from cantoria.ledger.witnessing import REQUEST_BYTES_MAX, AddCheckpoint, Seen, Status, request
from cantoria.testing.http import running

TRUE = Face()
FALSE = Face("false", fork=100)
NOW = 1_800_000_000


def ask(face: Face, old: int, size: int) -> AddCheckpoint:
    return request(old, face.consistency(min(old, size), size), note=face.note(size))


@pytest.fixture
def home(tmp_path: Path) -> Iterator[WitnessHome]:
    WitnessHome.create(tmp_path / "witness", name="witness.example/north", seed=b"\x05" * 32)
    made = WitnessHome(tmp_path / "witness", now=lambda: NOW)
    made.add_log(TRUE.note_key.vkey(), url="https://log.example.org/test")
    yield made
    made.close()


@pytest.fixture
def client(home: WitnessHome) -> Iterator[httpx.Client]:
    with running(witness_app(home)) as address, httpx.Client(base_url=address, timeout=120) as made:
        yield made


def post(client: httpx.Client, asked: AddCheckpoint) -> httpx.Response:
    return client.post("/add-checkpoint", content=asked.pack())


def test_a_log_is_cosigned_as_it_grows(client: httpx.Client, home: WitnessHome) -> None:
    policy = members_policy([Log(TRUE.note_key)], [Witness("north", home.key)])
    for old, size in ((0, 10), (10, 10), (10, 300), (300, 600)):
        answer = post(client, ask(TRUE, old, size))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
        opened = policy.open(TRUE.note(size) + answer.text)
        assert [(one.name, one.time) for one in opened.witnesses] == [("north", NOW)]
    known = home.newest(ORIGIN)
    assert known is not None
    assert known.seen.checkpoint == TRUE.checkpoint(600)


def test_every_other_answer(client: httpx.Client, home: WitnessHome) -> None:
    assert post(client, ask(TRUE, 0, 10)).status_code == 200
    conflict = post(client, ask(TRUE, 0, 20))
    assert (conflict.status_code, conflict.content) == (409, b"10\n")
    assert conflict.headers["content-type"] == "text/x.tlog.size"
    assert post(client, request(10, [], note=TRUE.note(20))).status_code == 422
    assert post(client, request(20, [], note=TRUE.note(10))).status_code == 400
    assert post(client, ask(Face(origin="other.example"), 0, 10)).status_code == 404
    assert post(client, ask(Face(key="thief"), 0, 10)).status_code == 403
    assert client.post("/add-checkpoint", content=b"\xff").status_code == 400
    assert client.post("/add-checkpoint", content=b"old 0\n").status_code == 400
    assert client.get("/add-checkpoint").status_code == 405
    assert client.get("/nothing/else").status_code == 404
    assert home.evidence() == []


def test_what_it_cosigned_can_be_read(client: httpx.Client, home: WitnessHome) -> None:
    about = client.get("/").json()
    (log,) = about["logs"]
    assert (about["vkey"], log["origin"], log["size"]) == (home.key.vkey(), ORIGIN, None)
    assert client.get(f"/{log['hash']}/checkpoint").status_code == 404
    post(client, ask(TRUE, 0, 10))
    note = client.get(f"/{log['hash']}/checkpoint").text
    text, lines = split_note(note)
    assert text == TRUE.checkpoint(10).text()
    assert len(cosignatures_of(text, lines, keys=[home.key])) == 1
    assert client.get("/").json()["logs"][0]["size"] == 10
    assert client.get("/../checkpoint").status_code == 404
    assert client.get(f"/{'0' * 64}/checkpoint").status_code == 404


def test_lines_of_strangers_are_neither_kept_nor_given_on(client: httpx.Client, home: WitnessHome) -> None:
    stray = "".join(f"— stray{number}.example AAAAAAAA\n" for number in range(100))
    assert post(client, request(0, [], note=TRUE.note(10) + stray)).status_code == 200
    known = home.newest(ORIGIN)
    assert known is not None
    assert "stray" not in known.seen.note


@pytest.mark.parametrize("size", [REQUEST_BYTES_MAX + 1, 50_000_000])
def test_an_oversized_body_is_refused(client: httpx.Client, size: int) -> None:
    assert client.post("/add-checkpoint", content=b"x" * size).status_code == 413

    def chunks() -> Iterator[bytes]:
        for _ in range(size // 65_536 + 1):
            yield b"x" * 65_536

    assert client.post("/add-checkpoint", content=chunks()).status_code == 413
    for length in (size, "9" * 17):
        with socket.create_connection((client.base_url.host, client.base_url.port or 0), timeout=120) as raw:
            raw.sendall(f"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: {length}\r\n\r\n".encode())
            assert raw.recv(100).startswith(b"HTTP/1.1 413"), "refused before a byte of it was sent"


def test_two_faces_leave_a_file_that_convinces(client: httpx.Client, home: WitnessHome) -> None:
    assert post(client, ask(TRUE, 0, 150)).status_code == 200
    assert post(client, ask(FALSE, 0, 150)).status_code == 409
    assert post(client, ask(FALSE, 150, 300)).status_code == 422
    assert post(client, ask(TRUE, 150, 400)).status_code == 200, "the history that it knows goes on"
    assert post(client, ask(FALSE, 0, 150)).status_code == 409
    files = home.evidence()
    assert len(files) == 2, "each contradiction is kept once"
    shown = [evidence.verify(path.read_bytes(), key=TRUE.note_key) for path in files]
    assert {(one.first.size, one.second.size) for one in shown} == {(150, 150), (150, 300)}
    assert client.get("/").json()["evidence"] == 2


def test_a_second_root_at_an_older_size_is_caught(client: httpx.Client, home: WitnessHome) -> None:
    for old, size in ((0, 150), (150, 300)):
        assert post(client, ask(TRUE, old, size)).status_code == 200
    assert post(client, ask(FALSE, 0, 150)).status_code == 409
    (path,) = home.evidence()
    assert evidence.verify(path.read_bytes(), key=TRUE.note_key).first.size == 150


def test_a_log_added_while_it_runs_is_known_at_once(client: httpx.Client, home: WitnessHome) -> None:
    other = Face(origin="other.example", key="other")
    assert post(client, ask(other, 0, 10)).status_code == 404
    second = WitnessHome(home.folder, now=lambda: NOW)
    second.add_log(other.note_key.vkey())
    with pytest.raises(InputError, match="known already"):
        second.add_log(other.note_key.vkey())
    second.close()
    assert post(client, ask(other, 0, 10)).status_code == 200


def test_several_keys_of_one_log_are_watched_as_one(client: httpx.Client, home: WitnessHome) -> None:
    member = Face(key="second member")
    home.add_log(member.note_key.vkey())
    assert post(client, ask(TRUE, 0, 10)).status_code == 200
    assert post(client, ask(member, 0, 20)).content == b"10\n"
    assert post(client, ask(member, 10, 20)).status_code == 200


def test_its_memory_outlives_it(home: WitnessHome) -> None:
    home.add_checkpoint(ask(TRUE, 0, 10))
    again = WitnessHome(home.folder, now=lambda: NOW + 9)
    assert again.key == home.key
    known = again.newest(ORIGIN)
    assert known is not None
    assert (known.seen.checkpoint.size, known.at) == (10, NOW)
    assert again.add_checkpoint(ask(FALSE, 0, 10))[0].status is Status.CONFLICT
    again.close()


def _race(path: str, sizes: list[int], answers: Any) -> None:
    """Ask for many sizes as if each were the first after 10, in a process of its own."""
    store = WitnessStore(Path(path), new=True)
    name, keys = "witness.example/north", [TRUE.note_key]
    for size in sizes:
        decision, line = store.consider(
            ask(TRUE, 10, size),
            keys=keys,
            cosign=lambda text, at: cosign(text, name=name, signer=signer("w"), time=at),
            now=lambda: 1,
        )
        answers.put((size, int(decision.status), bool(line)))
    store.close()


def test_of_two_processes_that_ask_at_once_one_wins(tmp_path: Path) -> None:
    store = WitnessStore(tmp_path / "witness.db", new=True)
    store.consider(ask(TRUE, 0, 10), keys=[TRUE.note_key], cosign=lambda _, __: "— w AAAAAAAA\n", now=lambda: 1)
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    parts = [[20, 23, 26, 29], [21, 24, 27, 30], [22, 25, 28, 31]]
    racers = [context.Process(target=_race, args=(str(tmp_path / "witness.db"), part, answers)) for part in parts]
    for racer in racers:
        racer.start()
    found = [answers.get(timeout=60) for _ in range(12)]
    for racer in racers:
        racer.join(60)
        assert racer.exitcode == 0
    won = [size for size, status, line in found if status == 200 and line]
    assert len(won) == 1, "only one checkpoint may follow that of size 10"
    assert all(status == 409 and not line for size, status, line in found if size not in won)
    known = store.newest(ORIGIN)
    assert known is not None
    assert known.seen.checkpoint.size == won[0]
    store.close()


def _grow(path: str, answered: Any) -> None:
    """Cosign ever larger checkpoints and say so each time, until killed."""
    store = WitnessStore(Path(path), new=True)
    known = store.newest(ORIGIN)
    for size in range(known.seen.checkpoint.size if known else 0, 600):
        asked = ask(TRUE, size, size + 1)
        decision, line = store.consider(
            asked, keys=[TRUE.note_key], cosign=lambda _, __: "— w AAAAAAAA\n", now=lambda: 1
        )
        answered.send((int(decision.status), size + 1, bool(line)))


def test_what_was_answered_before_a_kill_is_known_after_it(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    last = 0
    for answers in (1, 7, 20):
        ours, theirs = context.Pipe(duplex=False)
        grower = context.Process(target=_grow, args=(str(tmp_path / "witness.db"), theirs))
        grower.start()
        theirs.close()
        for _ in range(answers):
            status, size, line = ours.recv()
            assert (status, line) == (200, True)
            last = max(last, size)
        grower.kill()
        grower.join(60)
        while True:
            try:
                last = max(last, ours.recv()[1])
            except EOFError:
                break
        ours.close()
        store = WitnessStore(tmp_path / "witness.db", new=True)
        known = store.newest(ORIGIN)
        assert known is not None
        assert last <= known.seen.checkpoint.size <= last + 1
        last = known.seen.checkpoint.size
        stale = store.consider(
            ask(TRUE, 0, last), keys=[TRUE.note_key], cosign=lambda _, __: "— w AAAAAAAA\n", now=lambda: 1
        )
        assert (stale[0].known_size, stale[1]) == (last, "")
        store.close()
    assert last >= 28


def test_of_many_requests_at_once_one_wins(home: WitnessHome) -> None:
    home.add_checkpoint(ask(TRUE, 0, 10))
    with running(witness_app(home)) as address, ThreadPoolExecutor(8) as pool:
        sizes = range(11, 51)
        answers = list(
            pool.map(
                lambda size: httpx.post(f"{address}/add-checkpoint", content=ask(TRUE, 10, size).pack(), timeout=120),
                sizes,
            )
        )
    won = [size for size, answer in zip(sizes, answers, strict=True) if answer.status_code == 200]
    assert len(won) == 1
    assert {answer.status_code for answer in answers} == {200, 409}
    assert {answer.text for answer in answers if answer.status_code == 409} == {f"{won[0]}\n"}


def test_a_client_that_dawdles_does_not_stop_the_others(home: WitnessHome) -> None:
    with running(witness_app(home)) as address:
        host, port = address.removeprefix("http://").split(":")
        dawdlers = []
        for _ in range(min(20, CONNECTIONS_MAX // 2)):
            dawdler = socket.create_connection((host, int(port)), timeout=120)
            dawdler.sendall(b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 500\r\n\r\nold")
            dawdlers.append(dawdler)
        assert httpx.post(f"{address}/add-checkpoint", content=ask(TRUE, 0, 10).pack(), timeout=120).status_code == 200
        for dawdler in dawdlers:
            dawdler.close()


def test_nothing_is_cosigned_that_could_not_be_kept(home: WitnessHome, client: httpx.Client) -> None:
    post(client, ask(TRUE, 0, 10))
    holder = sqlite3.connect(home.folder / "witness.db", isolation_level=None)
    home._store._db.execute("PRAGMA busy_timeout = 50")
    holder.execute("BEGIN IMMEDIATE")
    answer = post(client, ask(TRUE, 10, 20))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert "—" not in answer.text
    holder.execute("ROLLBACK")
    holder.close()
    assert post(client, ask(TRUE, 10, 20)).status_code == 200


def test_a_failing_signer_leaves_no_trace(tmp_path: Path) -> None:
    store = WitnessStore(tmp_path / "witness.db", new=True)

    def fail(_: str, __: int) -> str:
        raise UnavailableError("the key service is down")

    with pytest.raises(UnavailableError):
        store.consider(ask(TRUE, 0, 10), keys=[TRUE.note_key], cosign=fail, now=lambda: 1)
    assert store.newest(ORIGIN) is None
    store.close()


def test_old_checkpoints_are_forgotten_the_newest_never(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert HISTORY_MAX >= 1_000
    monkeypatch.setattr("cantoria.adapters.witness_store.HISTORY_MAX", 3)
    store = WitnessStore(tmp_path / "witness.db", new=True)
    for size in range(1, 11):
        asked = ask(TRUE, size - 1, size)
        decision, _ = store.consider(asked, keys=[TRUE.note_key], cosign=lambda _, __: "— w AAAAAAAA\n", now=int)
        assert decision.status is Status.COSIGNED
    known = store.newest(ORIGIN)
    assert known is not None
    assert known.seen == Seen(TRUE.checkpoint(10), TRUE.note(10) + "— w AAAAAAAA\n")
    rows = sqlite3.connect(tmp_path / "witness.db")
    assert rows.execute("SELECT size FROM cosigned ORDER BY size").fetchall() == [(8,), (9,), (10,)]
    rows.close()
    store.close()


def test_a_folder_that_is_no_witness_and_one_that_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        WitnessHome(tmp_path / "none", now=lambda: NOW)
    WitnessHome.create(tmp_path / "w", name="w.example", seed=bytes(32))
    with pytest.raises(InputError, match="exists already"):
        WitnessHome.create(tmp_path / "w", name="w.example", seed=bytes(32))
    with pytest.raises(InputError):
        WitnessHome.create(tmp_path / "v", name="two words", seed=bytes(32))
    (tmp_path / "w" / "witness.db").write_bytes(b"not a database, and long enough to be read as one" * 40)
    with pytest.raises(IntegrityError, match="damaged"):
        WitnessHome(tmp_path / "w", now=lambda: NOW)
    (tmp_path / "w" / "logs.policy").write_text("log x\nquorum none\n")
    with pytest.raises(InputError, match="line 1"):
        WitnessHome(tmp_path / "w", now=lambda: NOW)


def test_a_witness_does_not_begin_anew_when_its_memory_is_gone(tmp_path: Path) -> None:
    """It would cosign a second history from its first entry on."""
    WitnessHome.create(tmp_path / "w", name="w.example", seed=bytes(32))
    assert (tmp_path / "w" / "witness.db").is_file()
    WitnessHome(tmp_path / "w", now=lambda: NOW).close()
    (tmp_path / "w" / "witness.db").unlink()
    with pytest.raises(UnavailableError, match="memory of the witness is not there"):
        WitnessHome(tmp_path / "w", now=lambda: NOW)
    with pytest.raises(InputError, match="exists already"):
        WitnessHome.create(tmp_path / "w", name="w.example", seed=bytes(32))
    assert not (tmp_path / "w" / "witness.db").exists()


def test_a_memory_without_its_table_is_damaged_and_not_made_anew(tmp_path: Path) -> None:
    WitnessHome.create(tmp_path / "w", name="w.example", seed=bytes(32))
    (tmp_path / "w" / "witness.db").write_bytes(b"")
    with pytest.raises(IntegrityError, match="damaged"):
        WitnessHome(tmp_path / "w", now=lambda: NOW)


def test_who_waits_for_the_lock_is_dated_when_it_has_it(tmp_path: Path) -> None:
    """Else a smaller tree could be called the largest at a later time than a larger one."""
    WitnessHome.create(tmp_path / "w", name="w.example", seed=bytes(32))
    clock = [NOW]
    home = WitnessHome(tmp_path / "w", now=lambda: clock[0])
    home.add_log(TRUE.note_key.vkey())
    writing = home._store._writing

    @contextmanager
    def late() -> Iterator[None]:
        with writing():
            clock[0] += 5
            yield

    with mock.patch.object(home._store, "_writing", late):
        _, line = home.add_checkpoint(ask(TRUE, 0, 10))
    (cosignature,) = cosignatures_of(*split_note(TRUE.note(10) + line), keys=[home.key])
    known = home.newest(ORIGIN)
    assert known is not None
    assert (cosignature.time, known.at) == (NOW + 5, NOW + 5)
    home.close()


def test_a_list_of_logs_that_is_broken_is_no_fault_of_the_one_that_asks(
    client: httpx.Client, home: WitnessHome
) -> None:
    (home.folder / "logs.policy").write_text("log x\n")
    assert post(client, ask(TRUE, 0, 10)).status_code == 503
    assert client.get("/").status_code == 503
    assert client.get(f"/{'0' * 64}/checkpoint").status_code == 503


def test_one_log_cannot_keep_the_evidence_about_another_out(home: WitnessHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cantoria.adapters.witness_home.EVIDENCE_FILES_MAX", 3)
    for number in range(5):
        pair = evidence.contradiction(TRUE.note(number + 101), FALSE.note(number + 101))
        assert pair is not None
        assert (home.keep(pair) is not None) == (number < 3)
    others = [Face(name, origin="other.example", fork=fork) for name, fork in (("true", 0), ("false", 1))]
    pair = evidence.contradiction(others[0].note(5), others[1].note(5))
    assert pair is not None
    assert home.keep(pair) is not None
    assert len(home.evidence()) == 4
