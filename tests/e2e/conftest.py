"""A finished story on disk for the tests of the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.e2e.shell import ASK, TABLES, Done, Stage, good, run_here


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The story up to a cleared dataset; copy it before you change it."""
    folder = tmp_path_factory.mktemp("story")
    for name, text in TABLES.items():
        (folder / name).write_text(text)

    def run(*args: object) -> Done:
        return good(run_here(*args, cwd=folder))

    run("ledger", "init", "--origin", "rights.example.org/log")
    run("organisation", "admit", "authors", "--in", "cmo", "--in", "registrar", "--title", "Authors' Society")
    run("organisation", "admit", "sonara", "--in", "ai-developer", "--title", "Sonara")
    run("--as", "authors", "import", "csv", "parties.csv")
    people = [f"own:AUTHORS:{name}" for name in ("ADA", "BO", "BLUE")]
    run("--as", "authors", "party", "enrol", *people)
    tables = [f"{name}.csv" for name in ("works", "recordings", "shares")]
    run("--as", "authors", "import", "csv", *tables)
    run("--as", "authors", "import", "csv", "complete.csv")
    said = [
        run("--json", "--as", "authors", "consent", "say", "yes", "--party", who, "--use", "train_generative").value
        for who in people
    ]
    run("--as", "authors", "dataset", "clear", "manifest.csv", *ASK, "--title", "first", "--to", "out")
    certificate = json.loads((folder / "out" / "certificate.json").read_text())["body"]["certificate"]
    return Stage(folder, certificate, said[0]["fact_id"])


@pytest.fixture
def stage(finished: Stage, tmp_path: Path) -> Stage:
    """A copy of the finished story that the test may change."""
    shutil.copytree(finished.folder, tmp_path / "story")
    return Stage(tmp_path / "story", finished.certificate, finished.fact_id)
