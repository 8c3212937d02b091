"""From the veto view of one thing to a dataset of that row alone, which can then be asked for."""

from __future__ import annotations

import re
from html import unescape

from cantoria.app.access.permissions import Role


def way(site, thing):
    page = site.get(f"/recordings/{thing}/clearance?use=train_generative&territory=KR")
    found = re.findall(r'href="(/datasets/new\?[^"]*)"', page)
    return unescape(found[0]) if found else ""


def open_thing(site, licensee=""):
    """Return a recording that nothing but yeses keep from being cleared, and whose code names it alone."""
    house = site.house()
    names = house.index.subjects_like("recording_", limit=200)
    house.close()
    for name in names:
        asked = f"use=train_generative&territory=KR&model_version=2.0&licensee={licensee}"
        view = site.json(f"/recordings/{name}/clearance?{asked}")
        if view["voices"] and view["voices"][0]["reachable"] and view["status"] == "licensable":
            code = site.json(f"/datasets/new?thing={name}")["begun"]["rows"].split()[-1]
            if len(site.json(f"/search?q={code}")["hits"]) == 1:
                return name
    raise AssertionError("no such recording in the sample world")


def test_one_thing_is_begun_cleared_and_can_be_asked_for(developer, lawful):
    site = developer.site
    thing = open_thing(site, developer.party)
    address = way(site, thing)
    html = site.get(address)
    lawful(html)
    assert re.search(r'value="train_generative" checked', html)
    begun = site.json(address)["begun"]
    assert begun["rows"].count("\n") == 2
    assert begun["title"]
    fields = {
        "file": begun["rows"].replace("\n", "\r\n"),  # as browsers send it
        "use": begun["use"],
        "territories": begun["territory"],
        "title": begun["title"],
        "model_version": "2.0",
    }
    value = developer.wait(developer.post("/datasets/new", fields))
    assert value["state"] == "cleared", value["failure"]
    assert value["cleared"]["rows"] == 1
    assert value["cleared"]["counts"]["licensable"] == 1
    [row] = site.json(f"/datasets/{value['dataset']}/rows")["rows"]
    assert row["subject"] == thing
    assert site.json(row["href"])["status"] == "licensable"
    plan = developer.wait(developer.post(f"/datasets/{value['dataset']}/ask", {"terms": "one-version"}))
    assert plan["comes_to"]["licences"] > 0


def test_only_who_may_ask_is_led_to_asking(developer):
    site = developer.site
    thing = open_thing(site)
    site.become(Role.AUDITOR, organisation="org-haneulsori")
    assert way(site, thing) == ""
    site.become()
    assert way(site, thing)  # to sign in first


def test_a_new_dataset_is_begun_with_nothing_unless_asked(onlooker):
    begun = onlooker.site.json("/datasets/new")["begun"]
    assert set(begun.values()) == {""}
    unknown = onlooker.site.json("/datasets/new?thing=recording_01h2xcejqtf2nbrexx3vqjhp41&use=input")["begun"]
    assert unknown == {"rows": "", "title": "", "use": "input", "territory": ""}


def test_the_job_of_a_dataset_shows_moments_as_moments_and_leads_to_it(developer, lawful):
    value = developer.clear(title="Winter set")
    job = developer.site.json(f"/jobs/{value['dataset']}")["job"]
    html = developer.site.get(f"/jobs/{value['dataset']}", params={"lang": "en"})
    lawful(html)
    assert f'href="/datasets/{value["dataset"]}"' in html
    assert f'href="/certificates/{job["result"]["certificate"]}"' in html
    assert str(job["result"]["issued_at"]) not in html
    developer.site.client.cookies.clear()
