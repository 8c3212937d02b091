"""`cantoria account …`: the operator's hand on who may sign in."""

import io
import json
from unittest import mock

import pytest
from tests.e2e.shell import Done, run_here

from cantoria.bootstrap.access import open_access

PASSWORD = "seven lanterns over water"


@pytest.fixture
def run(tmp_path):
    def command(*args: object, typed: str = "") -> Done:
        with mock.patch("sys.stdin", io.StringIO(typed)):
            return run_here("--home", tmp_path / "house", *args, cwd=tmp_path)

    assert command("ledger", "init", "--origin", "rights.example.org/log").code == 0
    assert command("organisation", "admit", "authors", "--in", "cmo", "--in", "registrar").code == 0
    return command


def create(run, login="ada@x.org", **more):
    options = {"--name": "Ada", "--organisation": "authors", **more}
    return run(
        "account", "create", login, *[part for pair in options.items() for part in pair], "--password", typed=PASSWORD
    )


def test_an_owner_is_made_and_listed(run, tmp_path):
    done = create(run)
    assert done.code == 0, done.err
    listed = json.loads(run("--json", "account", "list").out)
    assert listed[0]["acts_as"] == [{"organisation": "authors", "role": "owner", "party": None}]
    access = open_access(tmp_path / "house")
    assert access.passwords.check(PASSWORD, access.accounts.password(done.out.strip()))
    access.close()
    assert PASSWORD not in done.out + done.err + run("account", "list").out


@pytest.mark.parametrize(
    "more",
    [{"--organisation": "nobody"}, {"--role": "person"}, {"--party": "party_x"}, {"--role": "emperor"}, {"--name": ""}],
)
def test_what_makes_no_sense_is_refused(run, more):
    assert create(run, **more).code == 2
    assert json.loads(run("--json", "account", "list").out) == []


def test_a_weak_password_makes_no_account(run):
    options = ("--name", "Ada", "--organisation", "authors", "--password")
    assert run("account", "create", "ada@x.org", *options, typed="123456789012").code == 2
    assert json.loads(run("--json", "account", "list").out) == []


def test_the_operator_changes_password_role_and_state(run, tmp_path):
    create(run)
    assert run("account", "password", "ada@x.org", typed="other paper boats tonight\n").code == 0
    assert run("account", "role", "ada@x.org", "--organisation", "authors", "--to", "finance").code == 0
    assert run("account", "disable", "ada@x.org").code == 0
    found = json.loads(run("--json", "account", "list").out)[0]
    assert (found["active"], found["acts_as"][0]["role"]) == (False, "finance")
    assert run("account", "disable", "ada@x.org", "--undo").code == 0
    assert run("account", "role", "ada@x.org", "--organisation", "authors").code == 0
    assert json.loads(run("--json", "account", "list").out)[0]["acts_as"] == []
    access = open_access(tmp_path / "house")
    actions = {one.action for one in access.audit.lines("authors")}
    access.close()
    assert {"account.create", "account.password", "staff.role", "account.disable", "account.enable"} <= actions


def test_a_key_is_printed_once(run, tmp_path):
    create(run, **{"--role": "developer"})
    done = run("account", "key", "ada@x.org", "--name", "ci", "--scope", "clear_datasets")
    assert done.out.startswith("cantoria_")
    assert run("account", "key", "ada@x.org", "--name", "ci", "--scope", "pay").code == 2
    access = open_access(tmp_path / "house")
    assert access.keys.find(done.out.strip(), now=access.now()) is not None
    access.close()


def test_an_unknown_account_or_proposal_is_refused(run):
    for command in (("password", "x@x.org"), ("disable", "x@x.org"), ("approve", "prop_1")):
        assert run("account", *command, typed=PASSWORD).code == 2
