"""Jobs in the portal: handed in, watched and cancelled by their owners, unknown to everybody else."""

from __future__ import annotations

import time
from typing import Any

import pytest

from cantoria.app import jobs
from cantoria.app.access.permissions import Role
from cantoria.app.jobs import Owner
from cantoria.bootstrap.job_runner import open_jobs

CSV = b"recording,isrc,title,artist\nR1,KRA381900123,<script>alert(1)</script>,Ada\nR2,KRA381900124,,Bo\n"


def a_job(site: Any, organisation: str, account: str, name: str = "recordings.csv") -> str:
    house = site.house()
    made = jobs.submit(house, open_jobs(site.home), "import", owner=Owner(organisation, account), files=[(name, CSV)])
    house.close()
    return made.job


def wait_for(site: Any, job: str) -> dict[str, Any]:
    for _ in range(600):
        found: dict[str, Any] = site.json(f"/jobs/{job}")["job"]
        if found["ended"]:
            return found
        time.sleep(0.05)
    raise AssertionError(found)


@pytest.fixture
def names(own_site: Any) -> list[str]:
    """Two organisations of the sample world."""
    return ["org-haneulsori", "org-cantares"]


def test_a_job_runs_in_the_portal_and_shows_its_findings(own_site: Any, names: list[str], lawful: Any) -> None:
    own_site.become(Role.RIGHTS, organisation=names[0])
    job = a_job(own_site, names[0], "account-rights", "<script>alert(2)</script>.csv")
    done = wait_for(own_site, job)
    html = own_site.get(f"/jobs/{job}")
    lawful(html)
    assert "<script>alert" not in html
    assert done["state"] == "done", done
    listed = own_site.get("/jobs")
    lawful(listed)
    assert job in listed
    assert own_site.json("/jobs")["jobs"][0]["job"] == job
    lawful(own_site.get(f"/jobs/{job}/progress"))


def test_nobody_else_sees_a_job(own_site: Any, names: list[str]) -> None:
    job = a_job(own_site, names[0], "account-rights")
    own_site.get(f"/jobs/{job}", status=303)  # to sign in
    own_site.json(f"/jobs/{job}", status=401)
    for role, organisation in ((Role.RIGHTS, names[1]), (Role.PERSON, names[0]), (Role.MANAGER, names[0])):
        own_site.become(role, organisation=organisation)
        own_site.json(f"/jobs/{job}", status=404)
        own_site.get(f"/jobs/{job}/progress", status=404)
        own_site.post(f"/jobs/{job}/cancel", {}, status=404)
        assert own_site.json("/jobs")["jobs"] == []
    own_site.become(Role.PERSON, organisation=names[0], account="account-rights")
    assert own_site.json(f"/jobs/{job}")["job"]["job"] == job


def test_an_ended_job_cannot_be_cancelled(own_site: Any, names: list[str]) -> None:
    own_site.become(Role.RIGHTS, organisation=names[0])
    job = a_job(own_site, names[0], "account-rights")
    wait_for(own_site, job)
    own_site.post(f"/jobs/{job}/cancel", {}, status=400)


@pytest.mark.parametrize("job", ["job_x", "..%2f..%2fetc", "%00", "job_01h2xcejqtf2nbrexx3vqjhp41"])
def test_an_id_that_names_nothing_is_not_here(site: Any, job: str) -> None:
    site.become(Role.RIGHTS, organisation="any")
    site.json(f"/jobs/{job}", status=404)
