"""Conflict cases: public with their clocks; answered by their parties, decided by registers alone."""

from __future__ import annotations

from typing import Any

import pytest

from cantoria.app.access.permissions import Role

SOCIETY, REGISTRAR = "org-haneulsori", "registrar"


@pytest.fixture
def case(own_site: Any) -> Any:
    """The first case about a thing whose shares are above the whole."""
    return next(one for one in own_site.json("/cases")["cases"] if one["kind"] == "shares_above_whole")


def test_cases_are_public_with_clock_and_claims(site: Any, lawful: Any) -> None:
    found = site.json("/cases")
    assert found["total"] == len(found["cases"]) > 0
    lawful(site.get("/cases"))
    lawful(site.get("/cases/statistics"))
    assert sum(row["cases"] for row in site.json("/cases/statistics")["statistics"]["rows"]) >= found["total"]
    for one in found["cases"][:6]:
        about = one["subject"]["id"]
        html = site.get(f"/cases/{one['case']}?about={about}")
        lawful(html)
        assert f"{one['case']}/answer" not in html
        value = site.json(f"/cases/{one['case']}?about={about}")
        assert value["claims"] or value["links"]
        assert value == site.json(f"/cases/{one['case']}")
        assert one["case"] in [case["case"] for case in site.json(f"/cases?about={about}")["cases"]]
    kind = found["cases"][0]["kind"]
    assert all(one["kind"] == kind for one in site.json(f"/cases?kind={kind}")["cases"])


def test_a_case_as_of_an_earlier_size_is_as_it_was(site: Any) -> None:
    one = site.json("/cases")["cases"][0]
    site.json(f"/cases/{one['case']}?about={one['subject']['id']}&as_of=1", status=404)
    size = site.json("/")["as_of"]
    assert site.json(f"/cases/{one['case']}?about={one['subject']['id']}&as_of={size}")["case"] == one["case"]


def test_a_society_answers_and_a_register_decides(own_site: Any, case: Any, lawful: Any) -> None:
    about, path = case["subject"]["id"], f"/cases/{case['case']}"
    own_site.become(Role.REVIEWER, organisation=SOCIETY)
    page = own_site.json(f"{path}?about={about}")
    assert page["may"] == {"answer": True, "decide": False, "why_not": "no_register"}
    claims = [one["claim"] for one in page["claims"]]
    own_site.post(f"{path}/answer", {"about": about, "stance": "uphold", "text": "<script>alert(1)</script>"})
    own_site.post(f"{path}/decide", {"about": about, "outcome": "ours", "falls": claims[0]}, status=400)
    own_site.become(Role.REVIEWER, organisation=REGISTRAR)
    html = own_site.get(f"{path}?about={about}")
    lawful(html)
    assert "&lt;script&gt;alert(1)" in html
    assert own_site.json(f"{path}?about={about}")["may"]["decide"]
    wrong = {"about": about, "outcome": "no", "falls": "claim_01h2xcejqtf2nbrexx3vqjhp41"}
    own_site.post(f"{path}/decide", wrong, status=422)
    own_site.post(f"{path}/decide", {**wrong, "outcome": "later"}, status=400)
    own_site.post(f"{path}/decide", {"about": about, "outcome": "the later claim falls", "falls": claims[1:]})
    after = own_site.json(f"{path}?about={about}")
    assert after["events"][-1]["what"] == "decide"
    lawful(own_site.get(f"{path}?about={about}"))
    assert after["settled"] or after["stage"] == "decided"


def test_nobody_without_the_right_says_anything(own_site: Any, case: Any) -> None:
    path, fields = f"/cases/{case['case']}", {"about": case["subject"]["id"], "stance": "uphold"}
    own_site.post(f"{path}/answer", fields, status=303)  # to sign in
    for role in (Role.PERSON, Role.FINANCE, Role.AUDITOR):
        own_site.become(role, organisation=SOCIETY)
        own_site.post(f"{path}/answer", fields, status=403)
        assert own_site.json(f"{path}?about={fields['about']}")["may"]["answer"] is False


@pytest.mark.parametrize("about", ["nonsense", "isrc:KRA000000000", "work_01h2xcejqtf2nbrexx3vqjhp41"])
def test_what_is_not_there_is_not_there(site: Any, about: str) -> None:
    found = site.client.get("/cases/case_01h2xcejqtf2nbrexx3vqjhp41.json", params={"about": about})
    assert found.status_code in (400, 404)
