"""`cantoria proof verify` comes to the same as the vectors say, for every kind of file that it reads."""

from pathlib import Path

import pytest
from tests.e2e.shell import Done, run_here
from tests.verifier.conftest import Case, load_cases

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
