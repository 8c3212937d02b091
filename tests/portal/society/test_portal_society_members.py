"""Members: checked, welcomed, invited once, confirmed by themselves, verified, forgotten when they withdraw."""

from __future__ import annotations

import csv
import io
import re
import time
from pathlib import Path
from typing import Any

import pytest

from cantoria.adapters.members import SqliteMembers
from cantoria.app.access.permissions import Role
from cantoria.app.members.reading import Reader
from cantoria.app.members.types import Member, MemberState
from cantoria.bootstrap.job_runner import MEMBERS_FILE
from cantoria.registry.facts import PartyKeyRegistered, PartyNamed

SOCIETY, OTHER = "org-haneulsori", "org-cantares"
TABLE = (
    "회원번호,이름,영문명,이메일,IPI Name Number\n"
    "M1,김민지,Kim Minji,minji@example.org,\n"
    "M2,<script>alert(1)</script>,,bo@example.org,\n"
    "M3,,,nobody@example.org,\n"
    "M4,Ada,,not an address,\n"
    "M5,Eve,,minji@example.org,\n"
    "M6,Cho,,,no number\n"
    "M7,Dan,,,\n"
).encode()


def sent(site: Any, data: bytes, name: str = "members.csv") -> str:
    done = site.client.post(
        "/members/upload",
        data={"csrf": site.doorman.token(site.doorman.is_now)},
        files={"file": (name, data, "text/csv")},
        follow_redirects=False,
    )
    assert done.status_code == 303, done.text
    return str(done.headers["location"].partition("?")[0])


def ended(site: Any, location: str) -> Any:
    for _ in range(900):
        found = site.json(location)
        if found["job"]["ended"]:
            assert found["job"]["state"] == "done", found["job"]
            return found["job"]
        time.sleep(0.05)
    raise AssertionError(found)


@pytest.fixture
def welcomed(own_site: Any) -> Any:
    """A site whose society has welcomed the members of the table."""
    own_site.become(Role.RIGHTS, organisation=SOCIETY)
    location = sent(own_site, TABLE)
    ended(own_site, location)
    taken = own_site.post(f"{location}/welcome", {}).headers["location"].partition("?")[0]
    assert ended(own_site, taken)["result"]["registered"] == 3
    own_site.get(taken)
    return own_site


def test_a_table_is_checked_line_by_line(own_site: Any, lawful: Any) -> None:
    own_site.become(Role.RIGHTS, organisation=SOCIETY)
    lawful(own_site.get("/members"))
    location = sent(own_site, TABLE)
    found = ended(own_site, location)["result"]
    assert (found["registered"], found["refused"], found["without_email"]) == (3, 4, 1)
    errors = [(one["line"], one["field"]) for one in found["first"] if one["severity"] == "error"]
    assert errors == [(4, "name"), (5, "email"), (6, "email"), (7, "ipi_name")]
    assert all("@" not in one["value"] for one in found["first"])
    html = own_site.get(location)
    lawful(html)
    assert "<script>alert" not in html


def test_members_are_registered_invited_confirmed_and_verified(welcomed: Any, lawful: Any) -> None:
    page = welcomed.json("/members")
    assert page["counts"] == {"invited": 3, "confirmed": 0, "verified": 0, "withdrawn": 0}
    lawful(welcomed.get("/members"))
    assert [one["name"] for one in welcomed.json("/members?q=민지")["members"]] == ["김민지"]
    assert [one["number"] for one in welcomed.json("/members?q=BO@example.org")["members"]] == ["M2"]
    made = welcomed.post("/members/links", {}, status=200)
    rows = list(csv.DictReader(io.StringIO(made.text)))
    assert [one["number"] for one in rows] == ["M1", "M2", "M7"]
    welcomed.post("/members/links", {}, status=400)  # it comes once
    code = re.search(r"code=(\w+)", rows[0]["link"])
    assert code is not None
    kept = Path(welcomed.home / MEMBERS_FILE).read_bytes()
    assert code[1].encode() not in kept
    welcomed.become()
    lawful(welcomed.get(f"/welcome?code={code[1]}"))
    welcomed.get("/welcome?code=wrong", status=404)
    fields = {"code": code[1], "password": "a long night of seven songs", "again": "a long night of seven songs"}
    welcomed.post("/welcome", fields)
    welcomed.post("/welcome", fields, status=404)  # used
    welcomed.become(Role.RIGHTS, organisation=SOCIETY)
    confirmed = welcomed.json("/members?state=confirmed")["members"]
    assert [one["number"] for one in confirmed] == ["M1"]
    welcomed.post("/members/state", {"members": [confirmed[0]["member"]], "to": "verified"})
    assert welcomed.json("/members")["counts"]["verified"] == 1


def test_names_go_to_the_ledger_and_addresses_do_not(welcomed: Any) -> None:
    house = welcomed.house()
    house.index.catch_up()
    parties = {one["party"] for one in welcomed.json("/members")["members"]}
    named = [one.fact for one in house.index.about(sorted(parties), tags=[PartyNamed.TYPE.tag])]
    assert {one.name for one in named} >= {"김민지", "Kim Minji", "Dan"}
    assert len(house.index.about(sorted(parties), tags=[PartyKeyRegistered.TYPE.tag])) == 3
    assert all(house.vault.public_key(party) for party in parties)
    house.close()
    for path in welcomed.home.rglob("*"):
        if path.is_file() and not path.name.startswith("members.db"):
            assert b"minji@example.org" not in path.read_bytes(), path


def test_whoever_withdraws_is_forgotten(welcomed: Any) -> None:
    member = welcomed.json("/members?q=M2")["members"][0]["member"]
    welcomed.post("/members/state", {"members": [member], "to": "withdrawn"})
    gone = welcomed.json("/members?state=withdrawn")["members"][0]
    assert (gone["name"], gone["email"], gone["number"]) == ("", "", "M2")
    assert b"bo@example.org" not in Path(welcomed.home / MEMBERS_FILE).read_bytes()
    welcomed.post("/members/state", {"members": [member], "to": "verified"}, status=404)


def test_the_same_table_again_welcomes_nobody_twice(welcomed: Any) -> None:
    location = sent(welcomed, TABLE)
    assert ended(welcomed, location)["result"]["duplicate"] == 3
    taken = welcomed.post(f"{location}/welcome", {}).headers["location"].partition("?")[0]
    found = ended(welcomed, taken)["result"]
    assert (found["registered"], welcomed.json("/members")["total"]) in ((0, 3), (1, 4))  # M7 has a number


def test_members_are_their_societys_alone(welcomed: Any) -> None:
    member = welcomed.json("/members")["members"][0]["member"]
    location = sent(welcomed, TABLE)
    welcomed.become(Role.RIGHTS, organisation=OTHER)
    assert welcomed.json("/members")["total"] == 0
    assert welcomed.json("/members?q=M1")["members"] == []
    welcomed.json(location, status=404)
    welcomed.post(f"{location}/welcome", {}, status=404)
    welcomed.post("/members/state", {"members": [member], "to": "withdrawn"}, status=404)
    welcomed.post("/members/links", {"again": "true"}, status=400)
    for role in (Role.PERSON, Role.FINANCE, Role.REVIEWER, Role.DEVELOPER):
        welcomed.become(role, organisation=SOCIETY)
        welcomed.json("/members", status=403)
        welcomed.post("/members/links", {}, status=403)


@pytest.mark.parametrize(
    "data", [b"\0" * 500, b"PK\x03\x04 no workbook", b"just,words\n1,2\n", b"name\n" + b"x" * 70_000 + b"\n", b"name\n"]
)
def test_a_table_that_is_none_ends_in_a_sentence(own_site: Any, data: bytes) -> None:
    own_site.become(Role.RIGHTS, organisation=SOCIETY)
    location = sent(own_site, data)
    for _ in range(400):
        found = own_site.json(location)["job"]
        if found["ended"]:
            break
        time.sleep(0.05)
    assert found["state"] in ("done", "failed")
    assert "defect" not in str(found["result"].get("message"))
    assert not found["result"].get("registered")
    own_site.get(location)


def test_what_is_erased_is_not_in_the_file(tmp_path: Path) -> None:
    store = SqliteMembers(tmp_path / "members.db")
    store.keep_upload("u", organisation="o", name="a", data=b"secret-in-upload")
    store.drop_upload("u", organisation="o")
    one = Member(member="m", organisation="o", party="p", key="k", name="Name-Secret", email="secret@example.org")
    assert (store.add([one]), store.add([one])) == (1, 0)
    assert store.known("o", emails=["secret@example.org"], keys=["z"]) == ({"secret@example.org"}, set())
    assert store.known("p", emails=["secret@example.org"], keys=["k"]) == (set(), set())
    store.move(["m"], organisation="o", to=MemberState.WITHDRAWN, now=5)
    store.close()
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in (b"secret-in-upload", b"Name-Secret", b"secret@example.org"):
        assert secret not in left


def test_fifty_thousand_rows_are_read_and_one_more_is_refused() -> None:
    from cantoria.kernel.errors import InputError

    rows = "".join(f"Name {number},m{number}@example.org\n" for number in range(50_000))
    reader = Reader("m.csv", "upload_x")
    assert sum(1 for _ in reader.rows(io.BytesIO(b"name,email\n" + rows.encode()))) == 50_000
    with pytest.raises(InputError):
        list(Reader("m.csv", "u").rows(io.BytesIO(b"name,email\n" + rows.encode() + b"One more,\n")))
