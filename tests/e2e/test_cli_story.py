"""The command line as a new user meets it: answers on stdout, talk on stderr, exit codes that mean something."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.shell import ASK, TABLES, Stage, good, run_apart, run_here

from cantoria.bootstrap.house import open_house
from cantoria.consent.facts import StatementMade
from cantoria.kernel.errors import CantoriaError
from cantoria.kernel.ids import uuid_of
from cantoria.ledger import Author as BatchAuthor
from cantoria.ledger import Draft, FactIds, seal
from cantoria.sdk.verify import verify_file

ADA, BO = "own:AUTHORS:ADA", "own:AUTHORS:BO"
R1 = "isrc:KRA381900123"


def test_a_new_user_gets_from_nothing_to_an_answer(tmp_path: Path) -> None:
    """The whole way in processes of their own, as typed into a shell."""
    for name, text in TABLES.items():
        (tmp_path / name).write_text(text)

    def run(*args: object, code: int = 0) -> Any:
        done = run_apart(*args, cwd=tmp_path)
        assert done.code == code, done.err
        assert "Traceback" not in done.err
        return done

    made = run("ledger", "init", "--origin", "rights.example.org/log")
    assert made.out == (tmp_path / "world" / "log.vkey").read_text()
    assert "fingerprint" in made.err
    assert run("organisation", "admit", "authors", "--in", "cmo").out.startswith("authors is party_")
    taken = run("--json", "--as", "authors", "import", "csv", "parties.csv").value
    assert (taken["received"], taken["registered"], taken["recorded"]) == (3, 3, True)
    run("--as", "authors", "import", "csv", "works.csv", "recordings.csv", "shares.csv")
    answer = run("--json", "dataset", "explain", R1, *ASK[:2], "--licensee", "authors", "--in", "KR", code=1).value
    assert answer["status"] == "unknown"
    assert {reason["code"] for reason in answer["reasons"]} >= {"holders_incomplete", "silent"}
    assert run("--json", "ledger", "verify").value["facts"] > 10


def test_the_story_ends_in_one_cleared_row(stage: Stage) -> None:
    found = good(stage.run("--json", "dataset", "explain", R1, *ASK)).value
    assert (found["status"], found["missing"], len(found["because"])) == ("cleared", [], 3)
    other = stage.run("--json", "dataset", "explain", "isrc:KRA381900124", *ASK)
    assert (other.code, other.value["status"]) == (1, "unknown")


READERS: dict[str, tuple[str, ...]] = {
    "status": ("ledger", "status"),
    "verify": ("ledger", "verify"),
    "export": ("ledger", "export", "tiles"),
    "rebuild": ("ledger", "rebuild"),
    "organisations": ("organisation", "list"),
    "party": ("party", "show", ADA),
    "thing": ("registry", "show", R1),
    "cases": ("registry", "cases"),
    "find": ("registry", "find", R1),
    "said": ("consent", "show", ADA),
    "explain": ("dataset", "explain", R1, *ASK),
    "trace": ("lineage", "trace", ADA),
    "balances": ("royalty", "balances"),
}


@pytest.mark.parametrize("name", sorted(READERS))
def test_json_is_all_that_stands_on_stdout_and_words_when_not_asked_for(stage: Stage, name: str) -> None:
    done = good(stage.run("--json", *READERS[name]))
    assert isinstance(done.value, dict | list)
    plain = good(stage.run(*READERS[name]))
    with pytest.raises(json.JSONDecodeError):
        json.loads(plain.out or plain.err)


def dry_runs(stage: Stage) -> dict[str, tuple[object, ...]]:
    """Every command that would write, tried dry."""
    authors, sonara = ("--as", "authors"), ("--as", "sonara")
    statement = good(stage.run("--json", "consent", "show", ADA)).value[0]["statement"]
    (stage.folder / "parties-2.csv").write_text("party,name\nCY,Cy Lee\n")
    return {
        "admit": ("organisation", "admit", "label", "--in", "producer", "--dry-run"),
        "import": (*authors, "import", "csv", "parties-2.csv", "--dry-run"),
        "enrol": (*authors, "party", "enrol", "isni:0000000121707484", "--dry-run"),
        "say": (*authors, "consent", "say", "no", "--party", ADA, "--use", "all", "--dry-run"),
        "withdraw": (*authors, "consent", "withdraw", statement, "--dry-run"),
        "clear": (*authors, "dataset", "clear", "manifest.csv", *ASK, "--dry-run", "--to", "tried"),
        "register": (*sonara, "model", "register", "Compose", "--dry-run"),
        "erase": (*authors, "ledger", "erase", stage.fact_id, "--basis", "objection", "--dry-run"),
    }


def kept(home: Path) -> dict[str, str]:
    """The digest of everything in a house but its views, which may be rebuilt at any time."""
    files = [file for file in sorted(home.rglob("*")) if file.is_file() and not file.name.startswith("views.db")]
    content = {str(file.relative_to(home)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    return {name: digest for name, digest in content.items() if not name.endswith(("-shm", "-wal", "ledger.db"))}


def test_a_dry_run_writes_nothing(stage: Stage) -> None:
    tried = dry_runs(stage)
    tried["enrol"] = ("--as", "authors", "party", "enrol", BO, "--dry-run")
    size, before = stage.size(), kept(stage.folder / "world")
    for name, args in tried.items():
        done = stage.run("--json", *args)
        assert done.code in (0, 1), f"{name}: {done.err}"
        assert isinstance(done.value, dict), name
        good(stage.run(*args))
    assert stage.size() == size
    assert kept(stage.folder / "world") == before


def test_a_dry_run_gives_no_signed_statement_away(stage: Stage) -> None:
    say = ("--as", "authors", "consent", "say", "yes", "--party", ADA, "--use", "voice", "--dry-run")
    fact = good(stage.run("--json", *say)).value["fact"]
    assert fact["verdict"] == "yes"
    assert "signature" not in fact
    assert "signature" not in good(stage.run(*say)).out


def test_a_no_to_a_named_licensee_binds_that_licensee(stage: Stage) -> None:
    good(stage.run("organisation", "admit", "other", "--in", "ai-developer"))
    no = ("--as", "authors", "consent", "say", "no", "--party", ADA, "--use", "training", "--licensee", "sonara")
    good(stage.run(*no))
    assert stage.run("--json", "dataset", "explain", R1, *ASK).value["status"] == "denied"
    asked = ("--use", "train_generative", "--licensee", "other", "--in", "KR")
    assert good(stage.run("--json", "dataset", "explain", R1, *asked)).value["status"] == "cleared"
    unknown = stage.run(*no[:-1], "nobody")
    assert unknown.code == 2


def test_a_yes_that_ends_is_felt_everywhere(stage: Stage) -> None:
    statement = good(stage.run("--json", "consent", "show", ADA)).value[0]["statement"]
    done = good(stage.run("--json", "--as", "authors", "consent", "withdraw", statement))
    assert done.value["certificates"] == [stage.certificate]
    assert stage.run("--json", "dataset", "explain", R1, *ASK).value["status"] == "unknown"
    again = stage.run("--json", "dataset", "recheck", stage.certificate)
    [lost] = again.value["lost"]
    assert lost.pop("facts") == [done.value["index"]]
    assert (again.code, lost) == (1, {"line": 1, "status": "unknown", "reason": "silent"})


def test_an_erased_no_still_denies(stage: Stage) -> None:
    no = ("--json", "--as", "authors", "consent", "say", "no", "--party", ADA, "--use", "training", "--scope", R1)
    fact_id = good(stage.run(*no)).value["fact_id"]
    assert stage.run("--json", "dataset", "explain", R1, *ASK).value["status"] == "denied"
    erase = ("--as", "authors", "ledger", "erase", fact_id, "--basis", "objection")
    assert "tombstone" in good(stage.run(*erase)).out
    assert stage.run("--json", "dataset", "explain", R1, *ASK).value["status"] == "denied"
    twice = stage.run(*erase)
    assert (twice.code, "erased already" in twice.err) == (2, True)
    good(stage.run("ledger", "rebuild"))
    assert stage.run("--json", "dataset", "explain", R1, *ASK).value["status"] == "denied"
    assert good(stage.run("--json", "ledger", "verify")).value["erased"] == 1
    assert stage.run("proof", "make", fact_id, "--to", "proof.json").code == 2


MISTAKES: dict[str, tuple[tuple[str, ...], str]] = {
    "no house": (("--home", "nowhere", "ledger", "status"), "cantoria ledger init"),
    "a house twice": (("ledger", "init", "--origin", "rights.example.org/log"), "exists already"),
    "a bad origin": (("--home", "new", "ledger", "init", "--origin", "two words"), "two words"),
    "an unknown command": (("ledger", "burn"), "No such command"),
    "an unknown option": (("ledger", "status", "--loud"), "No such option"),
    "a missing file": (("--as", "authors", "import", "csv", "absent.csv"), "does not exist"),
    "an unknown organisation": (("--as", "sony", "consent", "say", "no", "--party", ADA, "--use", "all"), "sony"),
    "nobody in particular": (("consent", "say", "no", "--party", ADA, "--use", "all"), "--as NAME"),
    "an unknown party": (("consent", "show", "own:AUTHORS:NOBODY"), "no party"),
    "an unknown code": (("registry", "show", "isrc:KRA381999999"), "nothing with the code"),
    "no code at all": (("registry", "show", "song"), "neither an id nor a code"),
    "a bad code": (("registry", "find", "iswc:T0345246802"), "T0345246802"),
    "an unknown use": (("--as", "authors", "consent", "say", "no", "--party", ADA, "--use", "sing"), "not a use"),
    "a wide yes": (("--as", "authors", "consent", "say", "yes", "--party", ADA, "--use", "all"), "one by one"),
    "an unknown capacity": (("organisation", "admit", "x", "--in", "king"), "not a capacity"),
    "a bad key name": (("organisation", "admit", "../x", "--in", "cmo"), "not a key name"),
    "a taken name": (("organisation", "admit", "authors", "--in", "cmo", "--in", "registrar"), "member already"),
    "the wrong capacity": (("--as", "sonara", "consent", "say", "no", "--party", ADA, "--use", "all"), "ai_developer"),
    "not its capacity": (("--as", "authors", "--capacity", "producer", "party", "enrol", BO), "not admitted as"),
    "an account twice": (("--as", "authors", "party", "enrol", ADA), "already holds a key"),
    "an unknown territory": (("dataset", "explain", R1, *ASK[:-1], "Atlantis"), "Atlantis"),
    "a bad moment": (("dataset", "explain", R1, *ASK, "--at", "tomorrow"), "tomorrow"),
    "an unknown certificate": (("dataset", "recheck", "certificate_x"), "certificate_x"),
    "an unknown statement": (("--as", "authors", "consent", "withdraw", "statement_x"), "statement_x"),
    "an unknown fact": (("proof", "make", "01a1fa96-4c98-7007-8f33-1fe11e1780e2", "--to", "p.json"), "no fact"),
    "no fact id": (("proof", "make", "song", "--to", "p.json"), "song"),
    "an entry beyond the end": (("proof", "make", "99999", "--to", "p.json"), "99999"),
    "an entry that is no fact": (("proof", "make", "0", "--to", "p.json"), "not a fact"),
    "a folder that is not there": (("proof", "make", "FACT", "--to", "absent/p.json"), "absent/p.json"),
    "a bad ground": (("--as", "authors", "ledger", "erase", "FACT", "--basis", "boredom"), "no ground"),
}


@pytest.mark.parametrize("name", sorted(MISTAKES))
def test_a_mistake_is_one_clear_line_and_exit_code_2(finished: Stage, name: str) -> None:
    args, message = MISTAKES[name]
    size = finished.size()
    done = finished.run(*(finished.fact_id if word == "FACT" else word for word in args))
    assert done.code == 2, done.out + done.err
    assert message in " ".join(done.err.split()), done.err
    assert done.out == ""
    assert "Traceback" not in done.err
    assert finished.size() == size


def test_refused_rows_are_shown_with_their_line_and_hide_no_good_ones(stage: Stage) -> None:
    (stage.folder / "works-2.csv").write_text("work,title,iswc\nSUN,Summer Sun,T0345246802\nMOON,Moon,\n")
    done = stage.run("--json", "--as", "authors", "import", "csv", "works-2.csv", "--findings", "findings.csv")
    assert (done.code, done.value["refused"], done.value["registered"]) == (1, 1, 1)
    assert "works-2.csv" in done.err
    assert "T0345246802" in (stage.folder / "findings.csv").read_text()


@pytest.fixture
def receipt(finished: Stage, tmp_path: Path) -> Path:
    """A folder of a stranger's: the proof of Ada's yes, the certificate, the log's public key, and nothing else."""
    folder = tmp_path / "stranger"
    folder.mkdir()
    good(finished.run("proof", "make", finished.fact_id, "--to", folder / "receipt.json"))
    shutil.copy(finished.folder / "out" / "certificate.json", folder)
    shutil.copy(finished.folder / "world" / "log.vkey", folder)
    return folder


def test_a_proof_verifies_with_nothing_but_the_file_and_the_key(receipt: Path) -> None:
    for name, kind in (("receipt.json", "statement-made"), ("certificate.json", "dataset-cleared")):
        done = good(run_apart("--json", "proof", "verify", name, "--key", "log.vkey", cwd=receipt))
        assert (done.value["verified"], done.value["kind"]) == (True, kind)
        assert "verified" in done.err
    assert sorted(file.name for file in receipt.iterdir()) == ["certificate.json", "log.vkey", "receipt.json"]
    words = good(run_here("proof", "verify", "receipt.json", "--key", "log.vkey", cwd=receipt))
    assert "recorded this statement-made" in words.out


@pytest.mark.parametrize("name", ["receipt.json", "certificate.json"])
def test_no_byte_of_a_proof_can_change(receipt: Path, name: str) -> None:
    vkey = (receipt / "log.vkey").read_text().strip()
    data = (receipt / name).read_bytes()
    assert verify_file(data, vkey=vkey).body
    for at in range(len(data)):
        for flip in (1, 0x20):
            altered = data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :]
            with pytest.raises(CantoriaError):
                verify_file(altered, vkey=vkey)
    for short in (data[:at] for at in range(0, len(data), 37)):
        with pytest.raises(CantoriaError):
            verify_file(short, vkey=vkey)
    with pytest.raises(CantoriaError):
        verify_file(data + b"\n", vkey=vkey)


def test_was_i_in_it_is_answered_by_files_that_a_stranger_can_check(finished: Stage, receipt: Path) -> None:
    codes = {"present": "isrc:KRA381900123", "absent": "isrc:USUG12400910"}
    for word, code in codes.items():
        finished.run("lineage", "trace", code, "--proofs", receipt / word)
        (file,) = sorted((receipt / word).glob(f"{word}-certificate_*-1.json"))
        done = good(run_here("proof", "verify", file, "--key", "log.vkey", "--about", code, cwd=receipt))
        assert (f"{code} stands in the dataset" in done.out) == (word == "present")
        assert ("not of the sound" in done.out) == (word == "absent")
        asked = good(run_here("--json", "proof", "verify", file, "--key", "log.vkey", cwd=receipt))
        assert (asked.value["found"]["code"], asked.value["found"]["present"]) == (code, word == "present")
        other = run_here("proof", "verify", file, "--key", "log.vkey", "--about", "isrc:KRA381900124", cwd=receipt)
        assert other.code == 1, "it holds, and is no answer about this code"
        assert "no answer" in other.err
    plain = run_here(
        "proof", "verify", "receipt.json", "--key", "log.vkey", "--about", "isrc:KRA381900124", cwd=receipt
    )
    assert plain.code == 1
    assert "no answer" in plain.err


def test_the_command_says_so_too_with_exit_code_3(receipt: Path) -> None:
    data = (receipt / "receipt.json").read_bytes()
    bad = {f"flipped {at}": data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :] for at in (0, 200, 900, len(data) - 1)}
    bad |= {"empty": b"", "cut": data[:-1], "longer": data + b" ", "binary": bytes(range(256)), "other": b"{}"}
    for name, content in bad.items():
        (receipt / "bad.json").write_bytes(content)
        done = run_here("proof", "verify", "bad.json", "--key", "log.vkey", cwd=receipt)
        assert (done.code, done.out) == (3, ""), f"{name}: {done.err}"
        assert "integrity" in done.err


@pytest.mark.parametrize("key", [b"", b"nonsense", b"\xff\xfe", b"rights.example.org/log+00000000+AAAA"])
def test_what_is_no_key_is_wrong_input_and_no_verdict(receipt: Path, key: bytes) -> None:
    (receipt / "other.vkey").write_bytes(key)
    done = run_here("proof", "verify", "receipt.json", "--key", "other.vkey", cwd=receipt)
    assert done.code == 2, done.err
    assert "verified" not in done.out + done.err


def test_the_key_of_another_log_verifies_nothing(receipt: Path) -> None:
    good(run_here("--home", "other", "ledger", "init", "--origin", "rights.example.org/log", cwd=receipt))
    done = run_here("proof", "verify", "receipt.json", "--key", "other/log.vkey", cwd=receipt)
    assert done.code == 3


def test_a_changed_ledger_is_an_integrity_failure(stage: Stage) -> None:
    path = stage.folder / "world" / "ledger.db"
    data = path.read_bytes()
    place = data.index(b'"Spring Rain"')
    path.write_bytes(data[:place] + b'"Spring Pain"' + data[place + 13 :])
    done = stage.run("ledger", "verify")
    assert (done.code, done.out) == (3, "")
    assert "altered" in done.err


def test_a_foreign_body_that_nobody_can_read_is_shown_and_stops_nothing(stage: Stage) -> None:
    """Admission reads envelopes only: a member's own software may commit to anything."""
    opened = open_house(stage.folder / "world")
    author = opened.author("authors")
    body = b'{"verdict":"maybe"}'
    draft = Draft(StatementMade.TYPE, body, ("x",), author.capacity, opened.clock.now())
    signed = BatchAuthor(uuid_of(author.party, prefix="party"), author.signer, opened.engine.origin)
    entropy = opened.entropy.token
    batch = seal([draft], signed, ids=FactIds(entropy), entropy=entropy, claimed_at=opened.clock.now())
    receipt: Any = opened.engine.append([batch])[0]
    opened.close()
    found = good(stage.run("--json", "ledger", "status")).value["unreadable"]
    assert [one["index"] for one in found] == [receipt.index]
    assert found[0]["reason"].startswith("statement-made")
    assert "cannot be read" in good(stage.run("ledger", "status")).out
    assert good(stage.run("--json", "dataset", "explain", R1, *ASK)).value["status"] == "cleared"
    good(stage.run("ledger", "verify"))


def test_damaged_views_say_how_to_build_them_again(stage: Stage) -> None:
    views = stage.folder / "world" / "views.db"
    for leftover in ("views.db-wal", "views.db-shm"):
        (stage.folder / "world" / leftover).unlink(missing_ok=True)
    views.write_bytes(b"not a database " * 1000)
    done = stage.run("registry", "find", R1)
    assert done.code == 3
    assert "cantoria ledger rebuild" in done.err
    good(stage.run("ledger", "rebuild"))
    assert good(stage.run("--json", "dataset", "explain", R1, *ASK)).value["status"] == "cleared"


def test_rebuilding_touches_nothing_where_there_is_no_house(tmp_path: Path) -> None:
    (tmp_path / "views.db").write_text("somebody's own")
    assert run_here("--home", tmp_path, "ledger", "rebuild", cwd=tmp_path).code == 2
    assert (tmp_path / "views.db").read_text() == "somebody's own"


def test_a_ledger_that_cannot_be_reached_is_exit_code_4(stage: Stage) -> None:
    ledger = stage.folder / "world" / "ledger.db"
    for leftover in ("ledger.db-wal", "ledger.db-shm"):
        (stage.folder / "world" / leftover).unlink(missing_ok=True)
    ledger.unlink()
    ledger.mkdir()
    done = stage.run("ledger", "status")
    assert (done.code, done.out) == (4, "")
    assert "unavailable" in done.err


def test_a_reader_who_leaves_early_breaks_nothing(stage: Stage) -> None:
    command = f"{Path(sys.executable).with_name('cantoria')} --json ledger status | head -c 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=stage.folder, capture_output=True, text=True, timeout=60)
    assert done.stdout == "{0\n"
    assert "Traceback" not in done.stderr
