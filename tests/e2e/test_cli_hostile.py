"""The command line when something goes wrong around it: other commands, odd files, other people's eyes, our defects."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from tests.e2e.shell import ASK, Stage, run_apart, run_here

from cantoria.bootstrap.house import open_house
from cantoria.cli import ledger, main
from cantoria.registry.facts import LinkAsserted

COMMAND = str(Path(sys.executable).with_name("cantoria"))


def test_two_imports_of_one_file_at_once_come_to_one(stage: Stage) -> None:
    """Each must see what the other recorded, else one work would be registered twice under one key."""
    works = "work,title,iswc\n" + "".join(f"W{number},Song {number},\n" for number in range(50))
    (stage.folder / "works.csv").write_text(works)
    command = [COMMAND, "--as", "authors", "import", "csv", "works.csv"]
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    running = [subprocess.Popen(command, cwd=stage.folder, **pipes) for _ in range(3)]
    for one in running:
        _, err = one.communicate(timeout=120)
        assert one.returncode == 0, err
    with_house = open_house(stage.folder / "world")
    try:
        with_house.index.catch_up()
        links = [one.fact for one in with_house.index.scan(tags=[LinkAsserted.TYPE.tag])]
    finally:
        with_house.close()
    for number in range(50):
        named = {link for link in links if f"own:AUTHORS:W{number}" in link.subjects()}
        assert len(named) == 1, "one key, one work"


def test_a_writer_sees_what_was_written_since_it_looked(stage: Stage) -> None:
    home = stage.folder / "world"
    early, late = open_house(home), open_house(home)
    try:
        early.index.catch_up()
        before = early.engine.size
        stage.run("--as", "authors", "import", "csv", "parties.csv")
        assert early.engine.size == before
        early.begin_writing(lambda: None)
        assert early.engine.size > before
        said: list[str] = []

        def stop() -> None:
            said.append("waiting")
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            late.begin_writing(stop)
        assert said == ["waiting"]
        early.close()
        late.begin_writing(stop)
        assert said == ["waiting"]
    finally:
        late.close()


@pytest.mark.parametrize(
    "verb", [("import", "csv"), ("import", "ern"), ("dataset", "clear"), ("proof", "verify"), ("royalty", "tariff")]
)
def test_a_pipe_or_device_is_refused_and_not_waited_for(stage: Stage, verb: tuple[str, ...]) -> None:
    os.mkfifo(stage.folder / "pipe.csv")
    more = {"dataset": ASK, "proof": ("--key", "world/log.vkey")}.get(verb[0], ())
    done = run_apart("--as", "authors", *verb, "pipe.csv", *more, cwd=stage.folder)
    assert done.code in (2, 3)
    assert "not a regular file" in done.err


def test_a_defect_of_ours_is_never_the_answer_no(stage: Stage) -> None:
    with mock.patch.object(ledger, "export_tiles", side_effect=ValueError("name of a person")):
        done = run_here("ledger", "export", "tiles", cwd=stage.folder)
    assert done.code == main.EXIT_DEFECT == 70
    assert "please report" in done.err
    assert "Traceback" not in done.err
    assert "name of a person" not in done.err


def test_debug_shows_the_traceback(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    home = stage.folder / "world"
    script = (
        "import sys; from unittest import mock; from cantoria.cli import ledger, main\n"
        "ledger.export_tiles = mock.Mock(side_effect=ValueError('seen'))\n"
        f"sys.argv = ['cantoria', '--home', {str(home)!r}, 'ledger', 'export', 'tiles']\n"
        "main.run()"
    )
    for debug, shown in (("1", True), ("0", False)):
        monkeypatch.setenv("CANTORIA_DEBUG", debug)
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=stage.folder)
        assert done.returncode == 70
        assert ("Traceback" in done.stderr) == shown


def test_an_interrupted_command_says_so_by_its_code(stage: Stage) -> None:
    with mock.patch.object(ledger, "export_tiles", side_effect=KeyboardInterrupt):
        assert run_here("ledger", "export", "tiles", cwd=stage.folder).code == 130


def test_a_reader_that_goes_away_is_no_failure(stage: Stage) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([COMMAND, "ledger", "status"], stdout=write, stderr=subprocess.PIPE, cwd=stage.folder)
    os.close(write)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["log.json", "organisation-authors.json", "persons.db"])
def test_a_key_that_others_can_read_is_refused(stage: Stage, name: str) -> None:
    path = stage.folder / "world" / "keys" / name
    for mode in (0o640, 0o604, 0o660):
        path.chmod(mode)
        done = stage.run("--as", "authors", "import", "csv", "parties.csv")
        assert done.code == 2
        assert "chmod 600" in done.err
    path.chmod(0o600)
    assert stage.run("--as", "authors", "import", "csv", "parties.csv").code == 0


def test_no_key_is_ever_printed(stage: Stage) -> None:
    keys = stage.folder / "world" / "keys"
    seeds = [text.split('"seed": "')[1][:64] for text in (path.read_text() for path in keys.glob("*.json"))]
    assert len(seeds) == 3
    for arguments in (("ledger", "status"), ("organisation", "list"), ("ledger", "verify"), ("registry", "show", "R1")):
        for mode in ((), ("--json",)):
            done = stage.run(*mode, *arguments)
            assert not any(seed in done.out + done.err for seed in seeds)


def test_the_log_itself_holds_nothing_personal(stage: Stage) -> None:
    """Entries are published: no text of any body stands in one, neither in clear nor as a hash that can be guessed."""
    with sqlite3.connect(stage.folder / "world" / "ledger.db") as ledger_file:
        entries = b"".join(
            row[0] for row in ledger_file.execute("SELECT data FROM entry WHERE substr(data, 1, 1) = x'01'")
        )
        bodies = [row[0] for row in ledger_file.execute("SELECT body FROM body")]
    texts = {text for body in bodies for text in re.findall(r'"([^"]{4,})"', body.decode())}
    texts = {
        text
        for text in texts
        if text not in "organisation rights.example.org/log" and not re.fullmatch("[0-9a-f]{64}", text)
    }
    assert {"Ada Molina", "Spring Rain", "Blue Records"} <= texts
    for text in texts:
        assert text.encode() not in entries
        for digest in (hashlib.sha256, hashlib.sha1, hashlib.md5):
            assert digest(text.encode()).digest() not in entries


def test_a_house_that_cannot_be_written_is_a_clear_error(stage: Stage) -> None:
    """As for a folder without permission: where the lock should be stands a folder."""
    (stage.folder / "world" / "writer.lock").unlink()
    (stage.folder / "world" / "writer.lock").mkdir()
    done = stage.run("--as", "authors", "import", "csv", "parties.csv")
    assert (done.code, "cannot lock" in done.err) == (4, True)


def test_names_and_values_in_a_file_give_no_orders_to_a_terminal(stage: Stage) -> None:
    """A partner chose the name of the file and the values in it."""
    name = "odd[b]\x1b]0;owned\x07.jsonl"
    (stage.folder / name).write_text('{"title": "\\u001b[31mred\\u202e", "id": "[/x]\\u001b[2J"}\n')
    for command in (("--dry-run",), (), ()):
        done = run_apart("--as", "authors", "import", "musicbrainz", name, *command, cwd=stage.folder)
        assert "Traceback" not in done.err
        assert "closing tag" not in done.err, "square brackets are text"
        for sign in ("\x1b", "\x07", "\u202e"):
            assert sign not in done.out + done.err
    assert "taken in before" in done.err
