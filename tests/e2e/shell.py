"""The `cantoria` command as people meet it: in a process of its own, or, for most tests, run in this one."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from cantoria.cli import main

PARTIES = "party,kind,name\nADA,person,Ada Molina\nBO,person,Bo Kim\nBLUE,organisation,Blue Records\n"
WORKS = "work,title,iswc\nRAIN,Spring Rain,T0345246801\n"
RECORDINGS = (
    "recording,title,artist,isrc,works\n"
    "R1,Spring Rain,Bo Kim,KRA381900123,RAIN\n"
    "R2,Spring Rain (Live),Bo Kim,KRA381900124,RAIN\n"
)
SHARES = (
    "subject,party,role,right,share\n"
    "RAIN,ADA,composer,mechanical,100\n"
    "R1,BO,featured_performer,,\n"
    "R1,BLUE,producer,neighbouring,100\n"
    "R2,BO,featured_performer,,\n"
    "R2,BLUE,producer,neighbouring,100\n"
)
COMPLETE = "subject,side,signed_by\nRAIN,work,\nR1,recording,BLUE\n"
MANIFEST = "line,isrc\n1,KRA381900123\n2,KRA381900124\n3,ESA011900456\n"
TABLES = {
    "parties.csv": PARTIES,
    "works.csv": WORKS,
    "recordings.csv": RECORDINGS,
    "shares.csv": SHARES,
    "complete.csv": COMPLETE,
    "manifest.csv": MANIFEST,
}
ASK = ("--use", "train_generative", "--licensee", "sonara", "--in", "KR")


@dataclass(frozen=True)
class Done:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        """The JSON on stdout: all of stdout and nothing else."""
        return json.loads(self.out)


Run = Callable[..., Done]


def run_here(*args: object, cwd: Path, together: bool = False) -> Done:
    """Run the command line in this process, in the folder `cwd`; `together`: both streams in `out`."""
    out = io.StringIO()
    err = out if together else io.StringIO()
    before = Path.cwd()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CANTORIA_")}
    os.chdir(cwd)
    try:
        with (
            mock.patch.object(sys, "argv", ["cantoria", *map(str, args)]),
            mock.patch.dict(os.environ, {**environment, "COLUMNS": "200"}, clear=True),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = 0
            try:
                main.run()
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else 0
    finally:
        os.chdir(before)
    return Done(code, out.getvalue(), "" if together else err.getvalue())


def run_apart(*args: object, cwd: Path, stdin: str = "") -> Done:
    """Run the installed command in a process of its own, with nothing in its environment but what it needs."""
    command = Path(sys.executable).with_name("cantoria")
    environment = {"PATH": os.environ.get("PATH", ""), "COLUMNS": "200", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [str(command), *map(str, args)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        input=stdin,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def good(done: Done) -> Done:
    assert done.code == 0, done.err
    assert "Traceback" not in done.err
    return done


@dataclass(frozen=True)
class Stage:
    """A folder with tables and a house in `world`, and what its making printed."""

    folder: Path
    certificate: str
    fact_id: str

    def run(self, *args: object) -> Done:
        return run_here(*args, cwd=self.folder)

    def size(self) -> int:
        return int(good(self.run("--json", "ledger", "status")).value["size"])
