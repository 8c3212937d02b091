"""`cantoria proof verify` comes to the same as the vectors say, for every kind of file that it reads."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.shell import Done, run_here
from tests.verifier.conftest import ROOT, Case, genesis, load_cases
from tests.verifier.misleading import BODY, KIND, look_alike_answer, misleading_bundle, signer

from cantoria import ledger
from cantoria.cli.commits import pinned_chain
from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError
from cantoria.ledger import merkle
from cantoria.ledger.proof_text import write_proof
from cantoria.node import founding
from cantoria.node import keys as node_keys
from cantoria.sdk.light import chain_of_genesis

CASES = [case for case in load_cases() if case.group != "policies"]
# One good and one broken file of each kind under a key, and one under a policy: the rest is tried below the command.
CHOSEN = list({(case.group, case.found is None, " " in case.trust): case for case in CASES}.values())


def verify(folder: Path, case: Case) -> Done:
    """Run the command on a case's files."""
    (folder / "file").write_bytes(case.data)
    (folder / "trust").write_text(case.trust, "utf-8")
    arguments = ["--policy" if " " in case.trust else "--key", "trust"]
    if case.entry is not None:
        (folder / "entry").write_bytes(case.entry)
        arguments += ["--entry", "entry"]
    return run_here("--json", "proof", "verify", "file", *arguments, cwd=folder)


@pytest.mark.parametrize("case", CHOSEN, ids=lambda case: f"{case.group}: {case.name}")
def test_the_command_decides_as_the_vectors_say(case: Case, tmp_path: Path) -> None:
    done = verify(tmp_path, case)
    assert done.code == (3 if case.found is None else 0), done.err
    if case.found is not None:
        assert done.value["verified"] is True
        roots = done.value.get("roots") or [done.value["root"]]
        assert roots[-1] == case.found["root"]
        if "cosigned" in case.found:
            told = [[one["name"], str(one["time"])] for one in done.value["witnesses"]]
            assert sorted(told) == case.found["cosigned"]


def test_growth_from_a_checkpoint_that_was_kept(tmp_path: Path) -> None:
    def run(*arguments: str) -> Done:
        done = run_here("--json", *arguments, cwd=tmp_path)
        assert done.code == 0, done.err
        return done

    run("ledger", "init", "--origin", "rights.example.org/log")
    run("ledger", "export", "kept")
    run("organisation", "admit", "authors", "--in", "cmo", "--title", "Authors")
    run("proof", "growth", "kept/checkpoint", "--to", "growth.json")
    told = run("proof", "verify", "growth.json", "--key", "world/log.vkey").value
    assert (told["kind"], told["self_attested"]) == ("growth", True)
    assert 0 < told["old_size"] < told["size"]
    said = run_here("proof", "verify", "kept/checkpoint", "--key", "world/log.vkey", cwd=tmp_path)
    assert "signed its tree of" in said.out
    data = (tmp_path / "growth.json").read_bytes()
    (tmp_path / "growth.json").write_bytes(data.replace(b'"proof":["', b'"proof":["00'))
    assert run_here("proof", "verify", "growth.json", "--key", "world/log.vkey", cwd=tmp_path).code == 3


@pytest.fixture
def answer(tmp_path: Path) -> Path:
    """Return a folder with an answer about a code, a checkpoint, a proof of growth, evidence, and their key."""
    for group, name in GROUPS.items():
        case = next(one for one in CASES if one.group == group and one.found and " " not in one.trust)
        (tmp_path / name).write_bytes(case.data)
        (tmp_path / f"{name}.vkey").write_text(case.trust)
    return tmp_path


GROUPS = {
    "answers": "answer.json",
    "bundles": "receipt.json",
    "checkpoints": "checkpoint",
    "consistency": "growth.json",
    "split-views": "evidence.json",
}


def test_an_answer_to_the_question_is_a_yes(answer: Path) -> None:
    asked = ("--about", "isrc:ESA-01-19-00456")
    done = run_here("proof", "verify", "answer.json", "--key", "answer.json.vkey", *asked, cwd=answer)
    assert done.code == 0, done.err


@pytest.mark.parametrize("name", GROUPS.values())
def test_a_file_that_holds_and_is_no_answer_is_a_no(answer: Path, name: str) -> None:
    """Whatever the file is: a yes to another question, or to none, must not pass for a yes to this one."""
    asked = ("--key", f"{name}.vkey", "--about", "isrc:KRA381900123")
    done = run_here("--json", "proof", "verify", name, *asked, cwd=answer)
    assert done.code == 1
    assert done.value["verified"] is True
    assert "no answer about isrc:KRA381900123" in done.err
    (answer / name).write_bytes((answer / name).read_bytes()[:-1] + b"!")
    assert run_here("proof", "verify", name, *asked, cwd=answer).code == 3


def test_what_cannot_be_trusted_is_usage_and_no_verdict(answer: Path) -> None:
    (answer / "broken.vkey").write_text("log.example.org/vectors+00000000+AQ==\n")
    (answer / "broken.policy").write_text("log x\nquorum none\n")
    (answer / "big").write_bytes(bytes(70_000))
    key = ("--key", "receipt.json.vkey")
    for given in (
        ("--key", "broken.vkey"),
        ("--policy", "broken.policy"),
        ("--validators", "receipt.json"),
        ("--seats",),
        (*key, "--seats"),
        (*key, "--policy", "broken.policy"),
        (*key, "--entry", "big"),
        (),
    ):
        assert run_here("proof", "verify", "receipt.json", *given, cwd=answer).code == 2, given


def test_an_entry_of_no_bytes_is_one(tmp_path: Path) -> None:
    log = signer("log")
    root = merkle.leaf_hash(b"")
    note = ledger.sign_checkpoint(ledger.Checkpoint("log.example.org/a", 1, root), signer=log)
    (tmp_path / "proof").write_text(write_proof(0, [], checkpoint=note))
    (tmp_path / "entry").write_bytes(b"")
    (tmp_path / "key").write_text(ledger.NoteKey("log.example.org/a", log.public_key).vkey())
    assert run_here("proof", "verify", "proof", "--key", "key", "--entry", "entry", cwd=tmp_path).code == 0
    assert run_here("proof", "verify", "proof", "--key", "key", cwd=tmp_path).code == 3


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_nothing_that_a_proof_says_reaches_the_terminal_as_an_order(form: tuple[str, ...], tmp_path: Path) -> None:
    data, vkey = misleading_bundle()
    (tmp_path / "proof.json").write_bytes(data)
    (tmp_path / "key").write_text(vkey)
    done = run_here(*form, "proof", "verify", "proof.json", "--key", "key", cwd=tmp_path)
    assert done.code == 0, done.err
    assert all(line.isprintable() for line in done.out.split("\n"))
    assert "receipt\\u001b[2J\\u009b2J\\n✔ verified\\u202edetrevni" in done.out
    if form:
        assert (done.value["kind"], done.value["body"]) == (KIND, BODY)


COMMITS = json.loads((ROOT / "vectors" / "light" / "commits.json").read_text("utf-8"))["cases"]


@pytest.mark.parametrize("case", COMMITS, ids=lambda case: case["name"])
def test_a_commit_of_a_chain_is_checked_against_its_genesis(case: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "commit.json").write_bytes(canonical.encode(case["file"]))
    (tmp_path / "genesis.json").write_bytes(genesis(case))
    done = run_here("--json", "proof", "verify", "commit.json", "--validators", "genesis.json", cwd=tmp_path)
    assert done.code == (0 if case["verdict"].startswith("block") else 3), done.err
    if done.code == 0:
        told = done.value
        said = f"block {told['height']}: {told['power']} of {told['power_total']}, app hash {told['app_hash']}"
        assert said == case["verdict"]
        assert ("size" in told) == ("log" in case["file"])


def test_a_commit_proves_nothing_under_a_key_and_a_receipt_nothing_under_validators(answer: Path) -> None:
    (answer / "commit.json").write_bytes(canonical.encode(COMMITS[0]["file"]))
    (answer / "genesis.json").write_bytes(genesis(COMMITS[0]))
    done = run_here("proof", "verify", "commit.json", "--key", "receipt.json.vkey", cwd=answer)
    assert done.code == 3
    assert "--validators" in done.err
    assert run_here("proof", "verify", "receipt.json", "--validators", "genesis.json", cwd=answer).code == 3


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"[]",
        b"{}",
        b'{"chain_id":"c","validators":[]}',
        b'{"chain_id":"c","validators":[{}]}',
        b'{"chain_id":"c","validators":7}',
        b'{"chain_id":7,"validators":[{"power":"1","pub_key":{"value":"AA=="}}]}',
        b'{"chain_id":"c","validators":[{"power":"1","pub_key":{"value":"AA="}}]}',
        b'{"chain_id":"c","validators":[{"power":"x","pub_key":{"value":"AA=="}}]}',
        b'{"chain_id":"c","validators":[{"power":1,"pub_key":{"value":"AA=="}},{"power":2,"pub_key":{"value":"AA=="}}]}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_genesis_names_nobody(broken: bytes) -> None:
    with pytest.raises(InputError):
        chain_of_genesis(broken)


def test_the_seats_of_a_node_are_the_validators_of_its_chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    founded = founding.found(tmp_path / "network", founding.Plan(nodes=4, chain="rights-1"))
    monkeypatch.setattr("cantoria.cli.state.state.home", founded.homes[0])
    chain = pinned_chain(None, seats=True).chain
    keys = {node_keys.read(home / "keys").consensus_key for home in founded.homes}
    assert (chain.id, chain.validators) == ("rights-1", dict.fromkeys(keys, 1))
    (tmp_path / "commit.json").write_bytes(canonical.encode(COMMITS[0]["file"]))
    done = run_here("--home", founded.homes[1], "proof", "verify", "commit.json", "--seats", cwd=tmp_path)
    assert done.code == 3
    assert "is of the chain" in done.err


def test_a_house_of_one_organisation_seats_nobody(tmp_path: Path) -> None:
    (tmp_path / "commit.json").write_bytes(canonical.encode(COMMITS[0]["file"]))
    assert run_here("ledger", "init", "--origin", "rights.example.org/log", cwd=tmp_path).code == 0
    assert run_here("proof", "verify", "commit.json", "--seats", cwd=tmp_path).code == 2


def test_a_code_that_only_looks_like_another_is_seen_to_be_another(tmp_path: Path) -> None:
    data, vkey = look_alike_answer()
    (tmp_path / "answer.json").write_bytes(data)
    (tmp_path / "key").write_text(vkey)
    done = run_here("proof", "verify", "answer.json", "--key", "key", cwd=tmp_path)
    assert done.out.startswith('"isrc:KRA\\u200b381900123" does not stand in the dataset of certificate_')
    asked = ("--key", "key", "--about", "isrc:KRA381900123")
    assert run_here("proof", "verify", "answer.json", *asked, cwd=tmp_path).code == 1
