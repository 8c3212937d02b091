"""A kept process comes back; what a new node trusts is what two members agree on; a node's row says how it stands."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cantoria.adapters.cometbft.pair import Patience
from cantoria.cli import node_words
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.node import joining
from cantoria.node.keeping import Kept
from cantoria.node.status import Holdings, NodeStatus

QUICK = Patience(pause_min=0.05, pause_max=0.2, healthy=60, answer=5, grace=5)
SECONDS = 30


def eventually(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_kept_process_comes_back_until_it_is_stopped(tmp_path: Path) -> None:
    program = "import time; print('here', flush=True); time.sleep(600)"
    log = tmp_path / "kept.log"
    kept = Kept([sys.executable, "-c", program], log=log, patience=QUICK)
    assert kept.pid == 0
    kept.start()
    eventually(lambda: log.exists() and log.read_text() == "here\n")
    first = kept.pid
    os.kill(first, 9)
    eventually(lambda: kept.pid not in (0, first))
    second = kept.pid
    eventually(lambda: log.read_text() == "here\nhere\n")
    kept.stop()
    assert kept.pid == 0
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)


def test_a_process_that_always_ends_is_started_again_and_again(tmp_path: Path) -> None:
    kept = Kept([sys.executable, "-c", "print('here', flush=True)"], log=tmp_path / "kept.log", patience=QUICK)
    kept.start()
    log = tmp_path / "kept.log"
    eventually(lambda: log.exists() and log.read_text().count("here") >= 3)
    kept.stop()


class Said:
    """A node's RPC as two members might answer it: the second names another block where `lies`."""

    lies = False
    top = 10

    def __init__(self, address: str, *, seconds: float) -> None:
        self._address = address

    def __enter__(self) -> Said:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def height(self) -> int:
        return self.top

    def commit(self, height: int) -> dict[str, Any]:
        name = f"{height:02d}" * 32
        if self.lies and "b:" in self._address:
            name = "ff" * 32
        return {"signed_header": {"commit": {"block_id": {"hash": name}}}}


def test_a_snapshot_is_trusted_on_the_word_of_two_who_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "Rpc", Said)
    both = ("http://a:1", "http://b:1")
    found = joining.trusted_block(both)
    assert (found.trust_height, found.trust_hash, found.rpc_servers) == (8, "08" * 32, both)
    with pytest.raises(InputError, match="two members at least"):
        joining.trusted_block(both[:1])
    monkeypatch.setattr(Said, "lies", True)
    with pytest.raises(IntegrityError, match="different blocks at height 8"):
        joining.trusted_block(both)
    monkeypatch.setattr(Said, "top", 2)
    with pytest.raises(InputError, match="too young"):
        joining.trusted_block(both)


def test_a_chain_without_new_blocks_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(joining, "read", lambda _: type("Settings", (), {"rpc": "127.0.0.1:1"}))
    seen: list[int] = []
    with pytest.raises(UnavailableError, match="no new block came"):
        joining.await_caught_up(tmp_path, step=lambda height, _: seen.append(height), seconds=0.2)
    assert seen == []


@pytest.mark.parametrize(
    ("age", "catching_up", "said"), [(1, False, "in step"), (31, False, "standing still"), (90, True, "catching up")]
)
def test_a_row_says_how_a_node_stands(age: int, catching_up: bool, said: str) -> None:
    held = Holdings(
        size=1234, root="00" * 32, block=7, cosigned=1200, cosignatures=3, waiting=5, seated=True, members=4
    )
    found = NodeStatus(
        name="komca",
        chain="rights-1",
        height=1000,
        age_seconds=age,
        catching_up=catching_up,
        peers=("sacem", "sgae"),
        validators={"komca": True, "sacem": True, "sgae": False},
        restarts=0,
        last_end="",
        holdings=held,
    )
    row = node_words.row("01-komca", found)
    assert row == ("01-komca", said, "1,000", f"{age} s", "2", "1,234", "1,200", "5", "2 of 3")
    assert node_words.row("x", None)[:2] == ("x", "no answer")
    assert len(node_words.row("x", None)) == len(row) == len(node_words.COLUMNS)
