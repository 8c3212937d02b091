"""What the consortium's tests need: CometBFT's program, folders with short names, ports that nobody uses."""

import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cantoria.adapters.cometbft import process
from cantoria.kernel.errors import UnavailableError


@pytest.fixture(scope="session")
def cometbft(require_part: Callable[[str, bool, str], None]) -> Path:
    """Return CometBFT's program of the version that Cantoria is built for; skip, naming it, where it is missing."""
    try:
        program: Path | None = process.find_cometbft()
    except UnavailableError:
        program = None
    require_part("CometBFT", program is not None, process.HOW_TO_GET_IT)
    assert program is not None
    assert process.version(program) == process.VERSION
    return program


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Yield a folder whose path leaves room for a socket's name, which may have about a hundred bytes."""
    folder = Path(tempfile.mkdtemp(prefix="cantoria-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def free_ports() -> Callable[[int], list[int]]:
    """Return `ports(count)`: as many different TCP ports of this machine that nobody listens on now."""

    def ports(count: int) -> list[int]:
        with ExitStack() as held:
            sockets = [held.enter_context(socket.socket()) for _ in range(count)]
            for one in sockets:
                one.bind(("127.0.0.1", 0))
            return [one.getsockname()[1] for one in sockets]

    return ports


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let whatever runs real nodes run in one worker: two networks at a time would starve each other."""
    for item in items:
        if "cometbft" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("nodes"))
