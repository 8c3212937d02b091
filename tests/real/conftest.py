"""Real houses for the tests on real input: made and used by the command line, as a person would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parents[3] / "shared" / "data"
Cli = Callable[..., Any]


def _cli(folder: Path, *arguments: str, expect: int = 0) -> Any:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CANTORIA_")}
    command = [sys.executable, "-m", "cantoria", "--json", "--home", str(folder / "house"), *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == expect, f"{arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return json.loads(done.stdout) if done.stdout.strip() else None


@pytest.fixture(scope="session")
def cli() -> Cli:
    """Return `cli(folder, *arguments, expect=0)`: runs a command on the house in `folder`, returns what it printed."""
    return _cli


@pytest.fixture(scope="session")
def catalogue() -> Path:
    """Return the folder with the real catalogues."""
    return DATA / "catalogue"
