"""The audit log: one row for every form, questions to it, and nobody else's rows."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.adapters.audit import SqliteAudit
from cantoria.app.access.permissions import Role
from cantoria.app.access.visitors import Visitor
from cantoria.app.audit import FIELDS, Deed, Misread, Question, parse
from cantoria.web.portal.auditing import action_of, place_of


def test_a_refused_form_leaves_a_row_that_can_be_asked_for(own_site: Any, lawful: Any) -> None:
    own_site.become(Role.RIGHTS, organisation="authors", name="Alice <b>")
    own_site.post("/jobs/job_01h2xcejqtf2nbrexx3vqjhp41/cancel", {}, status=404)
    own_site.post("/jobs/job_01h2xcejqtf2nbrexx3vqjhp41/cancel", {"csrf": "forged"}, status=403)
    own_site.become(Role.AUDITOR, organisation="authors")
    rows = own_site.json("/audit?q=action:jobs.cancel")["rows"]
    assert [(one["outcome"], one["status"]) for one in rows] == [("refused", 403), ("failed", 404)]
    assert rows[0]["targets"] == ["job_01h2xcejqtf2nbrexx3vqjhp41"]
    assert rows[0]["account"] == "account-rights"
    assert len(own_site.json("/audit?q=outcome:refused target:job_01h2xcejqtf2nbrexx3vqjhp41")["rows"]) == 1
    assert own_site.json("/audit?q=actor:bob")["rows"] == []
    html = own_site.get("/audit")
    lawful(html)
    assert "Alice &lt;b&gt;" in html
    own_site.become(Role.AUDITOR, organisation="bluelabel")
    assert own_site.json("/audit")["rows"] == []


@pytest.mark.parametrize("role", [Role.PERSON, Role.MANAGER, Role.DEVELOPER, Role.RIGHTS])
def test_only_who_may_read_it_does(site: Any, role: Role) -> None:
    site.become(role, organisation="authors")
    site.json("/audit", status=403)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("alice", "no_field"),
        ("who:alice", "unknown_field"),
        ("actor:", "no_text"),
        ("since:yesterday", "no_day"),
        ('actor:"alice', "open_quote"),
        ("actor:a " * 30, "too_long"),
        ("a" * 600, "too_long"),
    ],
)
def test_a_question_that_cannot_be_read_says_why(site: Any, text: str, code: str) -> None:
    with pytest.raises(Misread) as error:
        parse(text)
    assert error.value.code == code
    site.become(Role.AUDITOR, organisation="authors")
    found = site.client.get("/audit.json", params={"q": text}).json()
    assert found["wrong"]["code"] == code
    assert site.client.get("/audit", params={"q": text}).status_code == 200


@given(st.text(max_size=200))
def test_any_text_is_a_question_or_misread(text: str) -> None:
    with suppress(Misread):
        assert set(parse(text).terms) <= set(FIELDS)


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
def test_a_text_fits_itself_and_no_other(tmp_path_factory: Any, one: str, other: str) -> None:
    log = SqliteAudit(tmp_path_factory.mktemp("audit") / "audit.db")
    if "\0" in one + other or one.endswith("*") or not one.isprintable() or not other.isprintable():
        log.close()
        return
    log.add(Deed(organisation="o", account=one, action="a", outcome="done"))
    assert len(log.found("o", Question({"actor": (one,)}))) == 1
    assert len(log.found("o", Question({"actor": (one[:1] + "*",)}))) == 1
    if other != one and not other.endswith("*"):
        assert log.found("o", Question({"actor": (other,)})) == []
    assert log.found("p", Question()) == []
    log.close()


def test_a_row_stays_as_it_is(tmp_path: Any) -> None:
    log = SqliteAudit(tmp_path / "audit.db")
    log.add(Deed(organisation="o", account="a", action="decide", outcome="done", at=5, said="decision_recorded"))
    raw = sqlite3.connect(tmp_path / "audit.db")
    for order in ("UPDATE deed SET account = 'b'", "DELETE FROM deed"):
        with pytest.raises(sqlite3.IntegrityError):
            raw.execute(order)
    raw.close()
    for question in ("action:decision.recorded", "action:decide", "action:dec*", "since:1970-01-01"):
        assert len(log.found("o", parse(question))) == 1
    assert log.found("o", parse("until:1970-01-01")) == []
    log.close()


def test_what_a_form_does_has_a_name() -> None:
    assert action_of("/jobs/{job}/cancel") == "jobs.cancel"
    assert action_of("/decide") == "decide"
    places = {one: place_of(one) for one in ("127.0.0.1", "::1", "10.0.0.7", "8.8.8.8", "testclient", "")}
    assert list(places.values()) == ["loopback", "loopback", "private", "public", "unknown", "unknown"]
    assert Visitor().organisation == ""
