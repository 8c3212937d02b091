"""What an adversarial reading of the portal found: each attack that once worked, made again."""

from __future__ import annotations

import time
from typing import Any

from cantoria.app.access.permissions import Role

SOCIETY, OTHER = "org-haneulsori", "org-yeonju"
ARTIST_IPI = "99000100124"  # of the story's artist, whose account the other society keeps


def ended(site: Any, location: str) -> Any:
    for _ in range(900):
        job = site.json(location)["job"]
        if job["ended"]:
            return job
        time.sleep(0.05)
    raise AssertionError(job)


def welcome(site: Any, table: str) -> Any:
    """Hand a table of members in and welcome them; return the job's result."""
    files = {"file": ("members.csv", table.encode(), "text/csv")}
    location = site.post("/members/upload", {}, files=files).headers["location"].partition("?")[0]
    assert ended(site, location)["state"] == "done"
    taken = site.post(f"{location}/welcome", {}).headers["location"].partition("?")[0]
    job = ended(site, taken)
    assert job["state"] == "done"
    return job["result"]


def test_a_number_that_everybody_knows_opens_nobodys_account(own_site: Any) -> None:
    own_site.become(Role.RIGHTS, organisation=SOCIETY)
    table = f"member,name,email,ipi\nX1,Han Soyul,eve@example.org,{ARTIST_IPI}\nX2,Kim New,new@example.org,\n"
    for new in (1, 0):  # nor by asking twice
        result = welcome(own_site, table)
        assert (result["registered"], result["refused"], result["duplicate"]) == (new, 1, 1 - new)
        assert [one["line"] for one in result["first"] if one["severity"] == "error"] == [2]
    assert [one["number"] for one in own_site.json("/members")["members"]] == ["X2"]
    links = own_site.post("/members/links", {}, status=200).text
    assert "new@example.org" in links
    assert "eve@example.org" not in links
