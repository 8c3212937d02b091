"""Witnesses, served logs and mirrors as people run them: daemons in processes of their own, killed and restarted."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.e2e.shell import Done, good, run_here

from cantoria.cli.proof import TLOG_PROOF
from cantoria.ledger.cosignatures import parse_cosigner
from cantoria.ledger.notes import parse_vkey
from cantoria.ledger.policy import Log, Witness, members_policy
from cantoria.sdk.verify import fingerprint, policy_fingerprint

NAMES = ("north", "south", "east", "west")
Run = Callable[..., Done]


@contextmanager
def daemon(*args: object, cwd: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run a command that serves, in a process of its own; yield its address, and kill it in the end."""
    command = [str(Path(sys.executable).with_name("cantoria")), *map(str, args)]
    with subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:"), address
            yield address, process
        finally:
            process.kill()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A house of one organisation in `world`, in the folder of the test."""

    def run(*args: object) -> Done:
        return run_here(*args, cwd=tmp_path)

    good(run("ledger", "init", "--origin", "rights.example.org/log"))
    good(run("organisation", "admit", "authors", "--in", "cmo", "--title", "Authors' Society"))
    return run


def grow(run: Run, name: str, home: str = "world") -> None:
    good(run("--home", home, "organisation", "admit", name, "--in", "cmo", "--title", name))


def new_witness(run: Run, name: str) -> str:
    made = good(run("witness", "init", "--name", f"{name}.example", "--folder", name))
    good(run("witness", "add-log", "world/log.vkey", "--folder", name))
    return made.out.strip()


def write_policy(folder: Path, vkeys: dict[str, str], addresses: dict[str, str]) -> None:
    log = Log(parse_vkey((folder / "world" / "log.vkey").read_text()))
    members = [Witness(name, parse_cosigner(vkey), addresses.get(name, "")) for name, vkey in vkeys.items()]
    (folder / "trust.policy").write_text(members_policy([log], members).text())


def test_a_house_is_witnessed_and_its_proofs_carry_it(run: Run, tmp_path: Path) -> None:
    vkeys = {name: new_witness(run, name) for name in NAMES}
    with (
        daemon("witness", "start", "--folder", "north", "--port", 0, cwd=tmp_path) as (north, _),
        daemon("witness", "start", "--folder", "south", "--port", 0, cwd=tmp_path) as (south, _),
    ):
        with daemon("witness", "start", "--folder", "east", "--port", 0, cwd=tmp_path) as (east, process):
            write_policy(tmp_path, vkeys, {"north": north, "south": south, "east": east, "west": "http://127.0.0.1:1"})
            done = good(run("--json", "ledger", "cosign", "--seconds", "120", "--policy", "trust.policy"))
            assert sorted(done.value["cosigned"]) == ["east", "north", "south"]
            assert (done.value["quorum"], list(done.value["problems"])) == (True, ["west"])
            first = done.value["size"]
            good(run("proof", "make", "4", "--to", "receipt.json"))
            proven = good(run("--json", "proof", "verify", "receipt.json", "--policy", "trust.policy")).value
            assert [one["name"] for one in proven["witnesses"]] == ["north", "south", "east"]
            assert proven["policy_fingerprint"] == policy_fingerprint((tmp_path / "trust.policy").read_bytes())
            one = (tmp_path / "trust.policy").read_text().replace("group members 3 ", "group members 1 ")
            (tmp_path / "one.policy").write_text(one)
            for file in ("small.json", f"small{TLOG_PROOF}"):
                good(run("proof", "make", "4", "--to", file, "--policy", "one.policy"))
                small = good(run("--json", "proof", "verify", file, "--policy", "one.policy")).value
                assert len(small["witnesses"]) == 1, "no more than the quorum needs"
            process.send_signal(signal.SIGKILL)
            process.wait(120)
        grow(run, "later")
        short = run("ledger", "cosign", "--seconds", "120", "--policy", "trust.policy")
        assert short.code == 4, "two of four are no quorum of three"
        assert "quorum" in short.err
        assert "east" in short.out
        assert run("proof", "make", "4", "--to", "plain.json").code == 0
        refused = run("proof", "verify", "plain.json", "--policy", "trust.policy")
        assert (refused.code, "3 of its 4 members" in refused.err) == (3, True)
        good(run("proof", "verify", "plain.json", "--key", "world/log.vkey"))
        good(run("proof", "make", "4", "--to", "older.json", "--policy", "trust.policy"))
        older = good(run("--json", "proof", "verify", "older.json", "--policy", "trust.policy")).value
        assert older["size"] == first, "the newest checkpoint with a quorum is the one before"
        with daemon("witness", "start", "--folder", "east", "--port", 0, cwd=tmp_path) as (east, _):
            write_policy(tmp_path, vkeys, {"north": north, "south": south, "east": east})
            again = good(run("--json", "ledger", "cosign", "--seconds", "120", "--policy", "trust.policy")).value
            assert sorted(again["cosigned"]) == ["east", "north", "south"]
            assert again["size"] > first
    good(run("ledger", "verify"))
    words = good(run("proof", "verify", "receipt.json", "--policy", "trust.policy")).out
    assert "3 witnesses of the policy saw this very log: north at " in words
    alone = good(run("--json", "proof", "verify", "receipt.json", "--key", "world/log.vkey")).value
    assert alone["self_attested"] is True
    assert alone["key_fingerprint"] == fingerprint((tmp_path / "world/log.vkey").read_text())
    assert "Self-attested" in good(run("proof", "verify", "receipt.json", "--key", "world/log.vkey")).out


def test_the_same_proof_for_tools_that_are_not_ours(run: Run, tmp_path: Path) -> None:
    vkey = new_witness(run, "north")
    with daemon("witness", "start", "--folder", "north", "--port", 0, cwd=tmp_path) as (north, _):
        write_policy(tmp_path, {"north": vkey}, {"north": north})
        good(run("ledger", "cosign", "--seconds", "120", "--policy", "trust.policy"))
    name = f"receipt{TLOG_PROOF}"
    good(run("proof", "make", "4", "--to", name, "--policy", "trust.policy"))
    text = (tmp_path / name).read_text()
    assert text.startswith("c2sp.org/tlog-proof@v1\nextra ")
    shown = good(run("--json", "proof", "verify", name, "--policy", "trust.policy")).value
    assert (shown["kind"], shown["index"]) == ("tlog-proof", 4)
    (tmp_path / "entry").write_bytes(bytes.fromhex(shown["entry"]))
    bare = "\n".join(line for line in text.split("\n") if not line.startswith("extra "))
    (tmp_path / f"bare{TLOG_PROOF}").write_text(bare)
    assert run("proof", "verify", f"bare{TLOG_PROOF}", "--key", "world/log.vkey").code == 3
    good(run("proof", "verify", f"bare{TLOG_PROOF}", "--key", "world/log.vkey", "--entry", "entry"))
    (tmp_path / "other").write_bytes(b"another entry")
    assert run("proof", "verify", name, "--key", "world/log.vkey", "--entry", "other").code == 3


def test_a_log_that_shows_two_faces_is_caught_and_the_evidence_is_a_file(run: Run, tmp_path: Path) -> None:
    vkey = new_witness(run, "north")
    shutil.copytree(tmp_path / "world", tmp_path / "other")
    grow(run, "sonara")
    grow(run, "helix", home="other")
    with daemon("witness", "start", "--folder", "north", "--port", 0, cwd=tmp_path) as (north, _):
        write_policy(tmp_path, {"north": vkey}, {"north": north})
        good(run("ledger", "cosign", "--seconds", "120", "--policy", "trust.policy"))
        caught = run("--home", "other", "ledger", "cosign", "--seconds", "120", "--policy", "trust.policy")
        assert (caught.code, "another history" in caught.err) == (3, True)
        about = httpx.get(north, timeout=120).json()
        assert about["evidence"] == 1
        (tmp_path / "seen").write_text(httpx.get(f"{north}/{about['logs'][0]['hash']}/checkpoint", timeout=120).text)
    (file,) = good(run("--json", "witness", "status", "--folder", "north")).value["evidence"]
    for pinned in (("--key", "world/log.vkey"), ("--policy", "trust.policy")):
        shown = good(run("--json", "proof", "verify", file, *pinned)).value
        assert shown["kind"] == "split-view"
        assert len(set(shown["roots"])) == 2
    assert "showed two faces" in good(run("proof", "verify", file, "--key", "world/log.vkey")).out
    data = (tmp_path / file).read_bytes()
    (tmp_path / "forged.json").write_bytes(data.replace(b"rights.example.org", b"rights.example.net"))
    assert run("proof", "verify", "forged.json", "--key", "world/log.vkey").code == 3

    grow(run, "blue", home="other")
    good(run("--home", "other", "ledger", "export", "tiles"))
    compared = run("witness", "compare", "seen", "tiles", "--key", "world/log.vkey", "--to", "found.json")
    assert (compared.code, "two faces" in compared.err) == (3, True)
    good(run("proof", "verify", "found.json", "--key", "world/log.vkey"))
    good(run("ledger", "export", "true"))
    good(run("witness", "compare", "seen", "true", "--key", "world/log.vkey"))


def test_an_old_copy_of_the_house_is_noticed(run: Run, tmp_path: Path) -> None:
    vkey = new_witness(run, "north")
    shutil.copytree(tmp_path / "world", tmp_path / "yesterday")
    grow(run, "sonara")
    with daemon("witness", "start", "--folder", "north", "--port", 0, cwd=tmp_path) as (north, _):
        write_policy(tmp_path, {"north": vkey}, {"north": north})
        good(run("ledger", "cosign", "--seconds", "120", "--policy", "trust.policy"))
        done = run("--home", "yesterday", "ledger", "cosign", "--seconds", "120", "--policy", "trust.policy")
        assert (done.code, "this log has only" in done.err) == (3, True)


def test_a_log_is_served_and_mirrored_and_the_mirror_holds_offline(run: Run, tmp_path: Path) -> None:
    with daemon("ledger", "serve", "--port", 0, cwd=tmp_path) as (address, process):
        made = good(run("--json", "ledger", "mirror", address, "copy", "--key", "world/log.vkey")).value
        assert made["size_before"] == 0
        grow(run, "sonara")
        more = good(run("--json", "ledger", "mirror", address, "copy", "--key", "world/log.vkey")).value
        assert (more["size_before"], more["size"] > made["size"]) == (made["size"], True)
        assert httpx.get(f"{address}/tile/../../etc/passwd", timeout=120).status_code == 404
        process.send_signal(signal.SIGTERM)
        process.wait(120)
    held = good(run("--json", "ledger", "verify", "--folder", "copy", "--key", "world/log.vkey")).value
    assert held["root"] == good(run("--json", "ledger", "status")).value["root"]
    with daemon("ledger", "serve", "--folder", "copy", "--port", 0, cwd=tmp_path) as (mirror, _):
        good(run("ledger", "mirror", mirror, "second", "--key", "world/log.vkey"))
        good(run("witness", "compare", mirror, "copy", "--key", "world/log.vkey"))
        gone = run("ledger", "mirror", f"{mirror}/elsewhere", "third", "--key", "world/log.vkey")
        assert (gone.code, "no checkpoint" in gone.err) == (4, True)
    entries = next((tmp_path / "copy" / "tile" / "entries").rglob("[0-9]*[0-9]"))
    entries = entries if entries.is_file() else next(entries.iterdir())
    data = bytearray(entries.read_bytes())
    data[-1] ^= 1
    entries.write_bytes(bytes(data))
    bad = run("ledger", "verify", "--folder", "copy", "--key", "world/log.vkey")
    assert (bad.code, "tile/entries/000.p/" in bad.err) == (3, True)
    assert run("ledger", "verify", "--folder", "copy").code == 2


def test_what_a_person_gets_wrong_is_said(run: Run, tmp_path: Path) -> None:
    new_witness(run, "north")
    wrong = {
        ("witness", "init", "--name", "two words", "--folder", "x"): 2,
        ("witness", "init", "--name", "north.example", "--folder", "north"): 2,
        ("witness", "add-log", "nonsense", "--folder", "north"): 2,
        ("witness", "add-log", "world/log.vkey", "--folder", "north"): 2,
        ("witness", "add-log", "world/log.vkey", "--folder", "none"): 2,
        ("witness", "status", "--folder", "none"): 2,
        ("witness", "start", "--folder", "none"): 2,
        ("witness", "start", "--folder", "north", "--host", "203.0.113.1"): 4,
        ("witness", "compare", "none", "world", "--key", "world/log.vkey"): 2,
        ("witness", "compare", "world", "world", "--key", "world/log.vkey"): 4,
        ("ledger", "mirror", "ftp://x", "copy", "--key", "world/log.vkey"): 2,
        ("ledger", "mirror", "http://127.0.0.1:1", "copy", "--key", "world/log.vkey"): 4,
        ("ledger", "mirror", "world", "copy"): 2,
        ("ledger", "mirror", "world", "copy", "--key", "world/log.vkey", "--policy", "world/log.vkey"): 2,
        ("ledger", "cosign", "--policy", "world/log.vkey"): 2,
        ("--home", "none", "ledger", "serve"): 2,
        ("proof", "make", "4", "--to", "x.json", "--policy", "world/log.vkey"): 2,
    }
    for command, code in wrong.items():
        done = run(*command)
        assert done.code == code, (command, done.err)
        assert "Traceback" not in done.err
