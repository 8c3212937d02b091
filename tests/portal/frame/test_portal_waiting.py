"""What waits for whoever comes in, on the start page."""

from __future__ import annotations

from typing import Any

from cantoria.app.access.permissions import Role
from cantoria.bootstrap.access import open_access


def somebody(site: Any, login: str) -> Any:
    """Become one of the sample world's accounts."""
    access = open_access(site.home)
    try:
        account = access.accounts.by_login(f"{login}@sample.invalid")
        (member,) = access.accounts.memberships(account.id)
    finally:
        access.close()
    return site.become(
        member.role,
        account=account.id,
        organisation=member.organisation,
        party=member.party,
        persons=(member.party,) if member.party else (),
    )


def test_strangers_are_told_of_nothing(site: Any) -> None:
    site.become()
    assert site.json("/")["waits"] == []
    assert 'id="waits"' not in site.get("/")


def test_requests_wait_until_they_are_answered(own_site: Any, lawful: Any) -> None:
    somebody(own_site, "label")
    inbox = own_site.json("/inbox")
    (found,) = own_site.json("/")["waits"]
    assert (found["what"], found["count"], found["href"]) == ("requests", inbox["waiting"], "/inbox")
    assert found["until"] == min(one["first_deadline"] for one in inbox["groups"] if one["yours"])
    page = own_site.get("/")
    lawful(page)
    assert '<a href="/inbox">1 request waits for your answer</a>' in page
    offers = [one["answer_to"] for group in inbox["groups"] for one in group["requests"]]
    own_site.post("/inbox/answer", {"offers": offers, "stance": "decline"})
    assert own_site.json("/")["waits"] == []
    assert "Nothing waits" in own_site.get("/")


def test_who_may_not_answer_is_not_asked_to(site: Any) -> None:
    for role in (Role.FINANCE, Role.AUDITOR, Role.DEVELOPER):
        site.become(role, organisation="org-haneulsori", party="")
        assert [one for one in site.json("/")["waits"] if one["what"] == "requests"] == []
