"""Shared test set-up: the Hypothesis profile, parts that a machine may lack, and a real PostgreSQL where one is."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "cantoria",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("cantoria")

RequirePart = Callable[[str, bool, str], None]


def _require_part(name: str, present: bool, how: str) -> None:
    if present:
        return
    message = f"{name} is not on this machine; to get it: {how}"
    if os.environ.get("CANTORIA_REQUIRE_ALL") == "1":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def require_part() -> RequirePart:
    """Return `require(name, present, how)`: skips, naming the part and how to get it; fails under
    CANTORIA_REQUIRE_ALL=1."""
    return _require_part


def _postgres_folder() -> Path | None:
    """Return the folder with initdb and pg_ctl, the newest version first."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: int(one.parent.name.split(".")[0]))
    on_path = shutil.which("initdb")
    folders = [*reversed(installed), *([Path(on_path).parent] if on_path else [])]
    return next((one for one in folders if (one / "initdb").exists() and (one / "pg_ctl").exists()), None)


def _as_user(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: run it as `postgres`, or `nobody`, and give that user the folder."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, found.pw_uid, found.pw_gid)
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    return {}


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Path]:
    """Start a PostgreSQL of our own on a Unix socket for the session; yield the socket's folder."""
    binaries = _postgres_folder()
    _require_part("PostgreSQL", binaries is not None, "apt-get install postgresql")
    assert binaries is not None
    folder = Path(tempfile.mkdtemp(prefix="cantoria-pg-"))
    as_user = _as_user(folder)

    def run(*command: str) -> None:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, **as_user
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"

    data = str(folder / "data")
    options = f"-c listen_addresses= -c shared_buffers=64MB -c unix_socket_directories={folder}"
    try:
        run(str(binaries / "initdb"), "-D", data, "-A", "trust", "-U", "cantoria", "-E", "UTF8", "--no-sync")
        run(str(binaries / "pg_ctl"), "-D", data, "-w", "-o", options, "-l", str(folder / "log"), "start")
        try:
            yield folder
        finally:
            run(str(binaries / "pg_ctl"), "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: Path) -> str:
    """Return the SQLAlchemy URL of a fresh, empty database."""
    import psycopg

    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(f"host={postgres_server} user=cantoria dbname=postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"postgresql+psycopg://cantoria@/{name}?host={postgres_server}"
