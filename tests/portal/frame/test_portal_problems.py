"""Problems as pages for people and as problem documents for programs; pages are packed."""

from __future__ import annotations

import gzip

import pytest

HTML = {"Accept": "text/html,application/xhtml+xml"}
PROBLEM = "application/problem+json"


@pytest.mark.parametrize("language", ["en", "ko", "es"])
def test_an_unknown_address_is_a_page_for_a_browser(site, lawful, language):
    found = site.client.get(f"/nothing/here?lang={language}", headers=HTML)
    assert (found.status_code, found.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert f'<html lang="{language}"' in found.text
    assert "default-src 'none'" in found.headers["content-security-policy"]
    lawful(found.text)


@pytest.mark.parametrize("path", ["/v1/nothing", "/nothing.json", "/static/nothing.js"])
def test_an_unknown_address_of_programs_is_a_problem(site, path):
    found = site.client.get(path, headers=HTML)
    assert (found.status_code, found.headers["content-type"]) == (404, PROBLEM)


def test_an_unknown_address_is_a_problem_for_who_did_not_ask_for_a_page(site):
    found = site.client.get("/nothing", headers={"Accept": "application/json"})
    assert (found.status_code, found.headers["content-type"]) == (404, PROBLEM)


def test_a_page_takes_no_form(site):
    found = site.client.post("/help", headers=HTML)
    assert found.status_code == 405
    assert "text/html" in found.headers["content-type"]
    assert "GET" in found.headers["allow"]


def test_what_an_address_says_is_shown_as_text(site, lawful):
    found = site.client.get("/?as_of=%3Cscript%3Ealert(1)%3C/script%3E", headers=HTML)
    assert found.status_code == 422
    assert "<script>alert" not in found.text
    lawful(found.text)


def test_a_page_is_packed_for_who_takes_it(site):
    with site.client.stream("GET", "/help", headers={"Accept-Encoding": "gzip"}) as found:
        packed = b"".join(found.iter_raw())
    assert found.headers["content-encoding"] == "gzip"
    assert int(found.headers["content-length"]) == len(packed)
    assert b"</html>" in gzip.decompress(packed)
    assert "Accept-Encoding" in found.headers["vary"]


@pytest.mark.parametrize("given", ["identity", "gzip;q=0", "br"])
def test_a_page_is_not_packed_for_others(site, given):
    found = site.client.get("/help", headers={"Accept-Encoding": given})
    assert "content-encoding" not in found.headers
    assert "</html>" in found.text


@pytest.mark.parametrize(("cookie", "shown"), [("dark", True), ("light", True), ("x><script>", False)])
def test_a_theme_is_remembered_and_nothing_else(site, cookie, shown):
    page = site.get("/", headers={"Cookie": f"cantoria_theme={cookie}"})
    assert (f' data-theme="{cookie}"' in page) == shown
    assert ("data-theme=" in page.split("<body>")[0]) == shown


@pytest.mark.parametrize("path", ["/", "/help", "/help.json"])
def test_a_page_answers_who_asks_for_its_head(site, path):
    assert site.client.head(path).status_code == 200
