"""The supervisor, tried with stand-ins for both programs: what it starts, when it starts again, what it leaves."""

import os
import signal
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cantoria.adapters.cometbft import process
from cantoria.adapters.cometbft.pair import Pair, PairState, Patience, Plan, read_state
from cantoria.adapters.cometbft.process import BoundedLog, Child, find_cometbft
from cantoria.kernel.errors import IntegrityError, UnavailableError

APPLICATION = """
import socket, sys, time
print("application begins", flush=True)
with socket.socket(socket.AF_UNIX) as listener:
    import os
    if os.path.exists(sys.argv[1]):
        os.unlink(sys.argv[1])
    listener.bind(sys.argv[1])
    listener.listen(8)
    while True:
        listener.accept()[0].close()
"""
COMETBFT = """#!/bin/sh
echo "cometbft begins with $*"
exec sleep 600
"""


def program(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    address = tmp_path / "a.sock"
    return Plan(
        application=(sys.executable, "-c", APPLICATION, str(address)),
        address=f"unix://{address}",
        cometbft=program(tmp_path / "cometbft", COMETBFT),
        home=tmp_path / "home",
        folder=tmp_path / "pair",
        patience=Patience(pause_min=0.01, pause_max=0.02, answer=20, grace=5),
    )


class Supervised:
    """A pair in a thread."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.pair = Pair(plan)
        self.thread = threading.Thread(target=self.pair.run)
        self.thread.start()

    def state(self) -> PairState | None:
        return read_state(self.plan.folder)

    def until(self, condition: Callable[[PairState], bool]) -> PairState:
        for _ in range(3000):
            state = self.state()
            if state is not None and condition(state):
                return state
            time.sleep(0.01)
        pytest.fail(f"never came about: {self.state()}")

    def end(self) -> None:
        self.pair.stop()
        self.thread.join(30)
        assert not self.thread.is_alive()


@pytest.fixture
def supervise() -> Iterator[Callable[[Plan], Supervised]]:
    running: list[Supervised] = []

    def start(plan: Plan) -> Supervised:
        running.append(Supervised(plan))
        return running[-1]

    try:
        yield start
    finally:
        for one in running:
            one.end()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_both_run_and_both_end(plan: Plan, supervise: Callable[[Plan], Supervised]) -> None:
    one = supervise(plan)
    state = one.until(lambda state: state.phase == "running")
    assert state.supervisor == os.getpid()
    assert alive(state.application)
    assert alive(state.cometbft)
    said = one.plan.folder / "cometbft.log"
    one.until(lambda _: f"start --home {plan.home}" in said.read_text())
    one.end()
    assert not alive(state.application)
    assert not alive(state.cometbft)
    ended = one.state()
    assert ended is not None
    assert (ended.phase, ended.application, ended.cometbft) == ("stopped", 0, 0)
    assert "application begins" in (plan.folder / "application.log").read_text()


@pytest.mark.parametrize("victim", ["application", "cometbft"])
def test_both_start_again_when_either_ends(plan: Plan, supervise: Callable[[Plan], Supervised], victim: str) -> None:
    one = supervise(plan)
    before = one.until(lambda state: state.phase == "running")
    os.kill(getattr(before, victim), signal.SIGKILL)
    after = one.until(lambda state: state.phase == "running" and state.restarts == 1)
    assert after.last_end == f"{victim} ended with -9"
    assert not alive(before.application)
    assert not alive(before.cometbft)


def test_an_end_with_success_is_an_end_too(plan: Plan, supervise: Callable[[Plan], Supervised]) -> None:
    """CometBFT ends so when its application is gone."""
    program(plan.cometbft, "#!/bin/sh\nexit 0\n")
    state = supervise(plan).until(lambda state: state.restarts >= 2)
    assert state.last_end == "cometbft ended with 0"


def test_a_failure_of_consensus_ends_the_round(plan: Plan, supervise: Callable[[Plan], Supervised]) -> None:
    """CometBFT goes on running then, without taking part."""
    program(plan.cometbft, "#!/bin/sh\necho 'E[…] CONSENSUS FAILURE!!! err=wrong'\nexec sleep 600\n")
    state = supervise(plan).until(lambda state: state.restarts >= 1)
    assert "CONSENSUS FAILURE" in state.last_end


def test_an_application_that_never_answers_is_given_up(plan: Plan, supervise: Callable[[Plan], Supervised]) -> None:
    silent = replace(
        plan,
        application=(sys.executable, "-c", "import time; time.sleep(600)"),
        patience=replace(plan.patience, answer=0.1),
    )
    state = supervise(silent).until(lambda state: state.restarts >= 1)
    assert "did not answer" in state.last_end


def test_an_application_that_ends_at_once_is_started_again(plan: Plan, supervise: Callable[[Plan], Supervised]) -> None:
    failing = replace(plan, application=(sys.executable, "-c", "raise SystemExit(71)"))
    state = supervise(failing).until(lambda state: state.restarts >= 3)
    assert state.last_end == "application ended with 71"


def test_a_program_that_is_not_there_is_tried_again(plan: Plan, supervise: Callable[[Plan], Supervised]) -> None:
    plan.cometbft.unlink()
    one = supervise(plan)
    one.until(lambda state: state.restarts >= 1)
    program(plan.cometbft, COMETBFT)
    one.until(lambda state: state.phase == "running")


def test_a_stop_is_heard_in_a_long_pause(plan: Plan, supervise: Callable[[Plan], Supervised]) -> None:
    long = replace(plan, application=("false",), patience=replace(plan.patience, pause_min=3600, pause_max=3600))
    one = supervise(long)
    one.until(lambda state: state.phase == "waiting")
    one.end()


def test_a_folder_has_one_supervisor(plan: Plan, supervise: Callable[[Plan], Supervised]) -> None:
    supervise(plan).until(lambda state: state.phase == "running")
    with pytest.raises(UnavailableError, match="already"):
        Pair(plan).run()


def test_the_state_of_a_supervisor_that_is_gone_is_stopped(plan: Plan) -> None:
    assert read_state(plan.folder) is None
    plan.folder.mkdir()
    (plan.folder / "pair.json").write_text('{"phase": "running", "supervisor": 1, "cometbft": 2}')
    state = read_state(plan.folder)
    assert state is not None
    assert (state.phase, state.cometbft) == ("stopped", 0)
    (plan.folder / "pair.json").write_text("{}")
    with pytest.raises(IntegrityError):
        read_state(plan.folder)


def test_a_child_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    text = (
        "import signal,time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('ready', flush=True)\ntime.sleep(600)"
    )
    ready, ended = threading.Event(), threading.Event()
    child = Child(
        (sys.executable, "-c", text),
        log=tmp_path / "log",
        on_end=lambda _: ended.set(),
        on_line=lambda _, line: ready.set(),
    )
    assert ready.wait(20)
    assert child.terminate(seconds=0.05) == -signal.SIGKILL
    assert ended.wait(20)


def test_a_log_is_bounded(tmp_path: Path) -> None:
    log = BoundedLog(tmp_path / "log", bytes_max=100)
    for number in range(50):
        log.write(b"line %02d of ten\n" % number)
    log.close()
    kept = (tmp_path / "log.1").read_bytes() + (tmp_path / "log").read_bytes()
    assert all(path.stat().st_size <= 100 for path in tmp_path.iterdir())
    assert kept.endswith(b"line 48 of ten\nline 49 of ten\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "log.1"]


def test_cometbft_is_looked_for_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.sys, "executable", str(tmp_path / "venv" / "python"))
    with pytest.raises(UnavailableError, match="make cometbft"):
        find_cometbft({"PATH": str(tmp_path)})
    on_path = program(tmp_path / "cometbft", "#!/bin/sh\necho 0.38.25\n")
    assert find_cometbft({"PATH": str(tmp_path)}) == on_path
    (tmp_path / "venv").mkdir()
    beside = program(tmp_path / "venv" / "cometbft", "#!/bin/sh\nexit 1\n")
    assert find_cometbft({"PATH": str(tmp_path)}) == beside
    assert find_cometbft({"CANTORIA_COMETBFT": str(on_path)}) == on_path
    with pytest.raises(UnavailableError, match="CANTORIA_COMETBFT"):
        find_cometbft({"CANTORIA_COMETBFT": str(tmp_path / "none")})
    assert process.version(on_path) == "0.38.25"
    with pytest.raises(UnavailableError):
        process.version(beside)
