"""The header and the footer: who sees which way, what is greeted with, and what leads to other languages."""

from __future__ import annotations

import re

import pytest

from cantoria.app.access.permissions import ROLES, Permission, Role

PUBLIC = {"/search", "/coverage", "/was-i-in-it", "/ledger"}
PRIVATE = {
    "/decide": Permission.DECIDE,
    "/inbox": Permission.ANSWER_REQUESTS,
    "/earnings": Permission.READ_EARNINGS,
    "/files": Permission.SUBMIT_FILES,
    "/matches": Permission.REVIEW_MATCHES,
    "/cases": Permission.DECIDE_CASES,
    "/members": Permission.ONBOARD_MEMBERS,
    "/datasets": Permission.CLEAR_DATASETS,
}


def ways(page: str) -> set[str]:
    """The addresses in the main navigation."""
    nav = page[page.index('<nav class="menu"') : page.index("</nav>", page.index('<nav class="menu"'))]
    return set(re.findall(r'href="([^"]*)"', nav))


def test_anyone_sees_the_public_ways(site):
    site.become()
    assert ways(site.get("/help")) == PUBLIC


@pytest.mark.parametrize("role", Role)
def test_a_role_sees_the_ways_that_it_may_go(site, role):
    site.become(role)
    allowed = {path for path, permission in PRIVATE.items() if permission in ROLES[role]}
    assert ways(site.get("/help")) == PUBLIC | allowed


def test_the_present_page_is_marked(site):
    assert re.search(r'href="/search"[^>]* aria-current="page"', site.get("/search"))
    assert not re.search(r'href="/ledger"[^>]* aria-current', site.get("/search"))


def test_a_visitor_is_called_by_name_and_the_name_is_text(site):
    site.become(Role.OWNER, name="<b>Ada</b>")
    page = site.get("/help")
    assert "&lt;b&gt;Ada&lt;/b&gt;" in page
    assert 'href="/sign-in"' not in page


def test_a_file_may_be_dropped_by_who_may_submit_files(site):
    site.become()
    assert 'action="/files"' not in site.get("/")
    site.become(Role.RIGHTS)
    assert 'action="/files"' in site.get("/")


def test_languages_keep_what_was_asked(site):
    page = site.get("/search?q=rain&kind=work")
    assert 'href="/search?q=rain&amp;kind=work&amp;lang=ko"' in page


def test_a_greeting_is_one_of_ours(site):
    page = site.get("/?said=%3Cb%3Eyou+won%3C/b%3E")
    assert "you won" not in page.replace("said=", "")
    assert '<p class="said" role="status">Done.</p>' in page


def test_another_site_can_have_nothing_said_in_our_name(site):
    page = site.get("/?said=decision_recorded", headers={"Sec-Fetch-Site": "cross-site"})
    assert 'class="said"' not in page
    assert 'class="said"' in site.get("/?said=decision_recorded", headers={"Sec-Fetch-Site": "same-origin"})


@pytest.mark.parametrize("role", [None, *Role])
def test_the_start_page_leads_nobody_where_they_may_not_go(site, role):
    site.become(role)
    page = site.get("/")
    doors = page[page.index('aria-labelledby="doors"') : page.index('aria-labelledby="figures"')]
    offered = set(re.findall(r'href="(/[a-z]+)"', doors)) & set(PRIVATE) - {"/cases"}
    allowed = {path for path, permission in PRIVATE.items() if role is None or permission in ROLES[role]}
    assert offered <= allowed
    assert offered or role is not None
