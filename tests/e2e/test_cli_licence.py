"""From rows that wait for a yes to a certificate, by commands; killed in the middle, asked by strangers, dry."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.shell import TABLES, Done, good, run_here

ADA, BO, BLUE = (f"own:AUTHORS:{name}" for name in ("ADA", "BO", "BLUE"))
FOR = ("--use", "train_generative", "--in", "KR")
MADE = ("--model-version", "1.0", "--attribution", "--label")
AUTHORS, SONARA = ("--as", "authors"), ("--as", "sonara")
REQUEST = (*SONARA, "licence", "request", "--terms", "one-version", "--price", "EUR 0.05")


class Story:
    """A folder with a house in which three people have accounts and one has said that it wants to be asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *args: object) -> Done:
        return run_here(*args, cwd=self.folder)

    def json(self, *args: object) -> Any:
        return good(self.run("--json", *args)).value

    def clear(self, *more: object, to: str = "out") -> dict[str, int]:
        """Clear the manifest; return how many rows have each status."""
        done = self.run(
            "--json", *AUTHORS, "dataset", "clear", "manifest.csv", "--licensee", "sonara", *FOR, *more, "--to", to
        )
        counts: dict[str, int] = done.value["counts"]
        return counts

    def request(self, *more: object) -> Any:
        return self.json(*REQUEST, "--from", "out/results.parquet", *FOR, "--model-version", "1.0", *more)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    for name, text in TABLES.items():
        (tmp_path / name).write_text(text)
    found = Story(tmp_path)
    good(found.run("ledger", "init", "--origin", "rights.example.org/log"))
    good(found.run("organisation", "admit", "authors", "--in", "cmo", "--in", "registrar"))
    good(found.run("organisation", "admit", "sonara", "--in", "ai-developer"))
    good(found.run("organisation", "admit", "rival", "--in", "ai-developer"))
    good(found.run(*AUTHORS, "import", "csv", "parties.csv"))
    good(found.run(*AUTHORS, "party", "enrol", ADA, BO, BLUE))
    good(found.run(*AUTHORS, "import", "csv", "works.csv", "recordings.csv", "shares.csv"))
    good(found.run(*AUTHORS, "import", "csv", "complete.csv"))
    for who in (ADA, BO, BLUE):
        good(found.run(*AUTHORS, "consent", "say", "ask", "--party", who, "--use", "train_generative"))
    assert found.clear(*MADE)["licensable"] == 1
    return found


def accept(story: Story, name: str, *people: str) -> None:
    for who in people:
        good(story.run(*AUTHORS, "licence", "answer", "accept", name, "--by", who))


def test_licensable_becomes_a_certificate_and_nothing_else_does(story: Story) -> None:
    asked = story.request()
    assert (asked["asked"], asked["settled_at_once"], asked["out_of_reach"]) == (3, 0, {"holders_incomplete": 1})
    name = asked["request"]
    accept(story, name, ADA, BO)
    assert story.clear(*MADE).get("cleared", 0) == 0
    accept(story, name, BLUE)
    shown = story.json("licence", "show", name)
    assert shown["licences"] == {"concluded": 3}
    assert shown["agreed"] == ["EUR 0.15"]
    assert shown["status"] == {"cleared": 1, "unknown": 1}
    assert story.clear(*MADE, "--aftermath", "retire_by:180", to="licensed")["cleared"] == 1
    proof = story.folder / "licensed" / "certificate.json"
    good(story.run("proof", "verify", proof, "--key", story.folder / "world" / "log.vkey"))
    for other in (("--model-version", "2.0", "--attribution", "--label"), (*MADE[:2],), (*MADE, "--in", "KR ES")):
        assert story.clear(*other, to="other").get("cleared", 0) == 0, other
    rival = story.run("dataset", "explain", "isrc:KRA381900123", "--licensee", "rival", *FOR, *MADE)
    assert rival.code == 1
    good(story.run(*AUTHORS, "consent", "say", "no", "--party", ADA, "--use", "train_generative"))
    assert story.clear(*MADE, to="kept").get("cleared", 0) == 1, "a wide no comes after what was said to one by name"
    good(story.run(*AUTHORS, "consent", "say", "stop", "--party", ADA, "--use", "train_generative"))
    assert story.clear(*MADE, to="stopped").get("cleared", 0) == 0


def test_a_certificate_says_what_to_ask_for(story: Story) -> None:
    issued = story.json(*SONARA, "licence", "list")
    assert issued == []
    certificate = (
        (story.folder / "out" / "certificate.json").read_text().partition('"certificate":"')[2].partition('"')[0]
    )
    asked = story.json(*REQUEST, "--from", certificate)
    assert asked["asked"] == 3
    [one, *_] = story.json("licence", "inbox", ADA)
    assert (one["model_version"], one["territory"], one["use"]) == ("1.0", "0410", "train_generative")
    wrong = story.run("--as", "rival", *REQUEST[2:], "--from", certificate)
    assert (wrong.code, "somebody else" in wrong.err) == (2, True)


def test_strangers_and_repetitions_move_nothing(story: Story) -> None:
    name = story.request()["request"]
    again = story.request()
    assert (again["asked"], again["asked_before"], again["request"]) == (0, 3, name)
    for args in (
        ("--as", "rival", "licence", "withdraw", name),
        (*AUTHORS, "licence", "withdraw", name),
        (*SONARA, "licence", "answer", "accept", name, "--by", ADA),
        (*AUTHORS, "licence", "answer", "accept", name, "--by", "rival"),
        (*AUTHORS, "licence", "answer", "counter", name, "--by", ADA),
        (*AUTHORS, "licence", "answer", "accept", name, "--by", ADA, "--offer", "0" * 64),
        (*AUTHORS, "licence", "answer", "accept", "licence_01h2xcejqtf2nbrexx3vqjhp41", "--by", ADA),
    ):
        assert story.run(*args).code == 2, args
    accept(story, name, ADA)
    assert story.run(*AUTHORS, "licence", "answer", "accept", name, "--by", ADA).code == 2
    assert story.json("licence", "show", name)["licences"] == {"open": 2, "concluded": 1}


def test_dry_runs_of_licences_record_nothing(story: Story) -> None:
    name = story.request()["request"]
    licence = story.json("licence", "inbox", ADA)[0]["licence"]
    (story.folder / "terms.txt").write_text("Use it kindly.\n")
    size = story.json("ledger", "status")["size"]
    price = ("--use", "input", "--price", "EUR 0.03", "--terms", "one-version")
    for args in (
        (*REQUEST, "--from", "manifest.csv", *FOR, "--model-version", "1.0", "--dry-run"),
        (*AUTHORS, "licence", "answer", "accept", name, "--by", ADA, "--dry-run"),
        (*SONARA, "licence", "offer", licence, "--price", "EUR 0.06", "--dry-run"),
        (*SONARA, "licence", "withdraw", name, "--dry-run"),
        (*SONARA, "licence", "expire", "--dry-run"),
        (*AUTHORS, "licence", "price-list", "publish", "--for", ADA, *price, "--dry-run"),
        (
            *AUTHORS,
            "licence",
            "terms",
            "publish",
            "terms.txt",
            "--name",
            "a",
            "--version",
            "1",
            "--title",
            "A",
            "--models",
            "any_model",
            "--dry-run",
        ),
    ):
        assert story.json(*args)["recorded"] is False
    assert story.json("ledger", "status")["size"] == size


def test_a_request_that_was_killed_goes_on(story: Story) -> None:
    """Killed by the operating system at any moment: what is asked then is asked once each."""
    command = [str(Path(sys.executable).with_name("cantoria")), *REQUEST, "--from", "out/results.parquet", *FOR]
    command += ["--model-version", "1.0"]
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
    for seconds in (0.4, 1.2, 2.0):
        started = subprocess.Popen(
            command, cwd=story.folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(seconds)
        started.send_signal(signal.SIGKILL)
        started.wait()
    story.request()
    every = story.json("licence", "list")
    assert len(every) == len({one["licence"] for one in every}) == 3
    assert {one["state"] for one in every} == {"open"}
    good(story.run("ledger", "verify"))


def test_what_strangers_write_gives_a_terminal_no_orders(story: Story) -> None:
    name = story.request()["request"]
    note = "pay\x1b[2Jme"
    good(story.run(*AUTHORS, "licence", "answer", "counter", name, "--by", ADA, "--price", "EUR 1", "--note", note))
    licence = next(one["licence"] for one in story.json("licence", "list") if one["state"] == "countered")
    (story.folder / "terms.txt").write_text("Kind\x1b[31m.\n")
    published = ("--name", "a", "--version", "1", "--title", "A\x1b[0m", "--models", "this_version")
    good(story.run(*AUTHORS, "licence", "terms", "publish", "terms.txt", *published))
    for args in (("show", licence), ("terms", "show", "a"), ("terms", "list"), ("list",), ("inbox", BO)):
        done = good(story.run("licence", *args))
        assert "\x1b" not in done.out, args
        assert "\x1b" not in good(story.run("--json", "licence", *args)).out
