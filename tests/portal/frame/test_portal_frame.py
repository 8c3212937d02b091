"""The frame: pages and twins, languages, sizes, refusals, and what a form must bring."""

import pytest

from cantoria.app.access.permissions import Role


def test_the_start_page_and_its_twin_speak_of_the_same_size(site, lawful):
    page, twin = site.get("/"), site.json("/")
    lawful(page)
    assert f'href="/?as_of={twin["as_of"]}"' in page


def test_a_page_carries_the_policy(site):
    found = site.client.get("/")
    policy = found.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert found.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("language", ["en", "ko", "es"])
def test_a_language_is_chosen_by_address_then_remembered(site, language):
    assert f'<html lang="{language}"' in site.get(f"/?lang={language}")
    assert f'<html lang="{language}"' in site.get("/")


def test_a_language_is_chosen_by_the_browser(site):
    assert '<html lang="ko"' in site.get("/", headers={"Accept-Language": "fr, ko;q=0.8, en;q=0.5"})


def test_search_finds_a_title(site):
    assert site.json("/search?q=a")["as_of"] > 0


@pytest.mark.parametrize(("query", "status"), [("as_of=0", 422), ("as_of=99999999999", 400), ("as_of=x", 422)])
def test_a_size_that_is_none_is_refused(site, query, status):
    assert site.json(f"/?{query}", status=status)["status"] == status
    assert "<h1>" in site.get(f"/?{query}", status=status)


def test_an_unknown_role_may_do_nothing(site):
    assert not site.become().permissions
    assert site.become(Role.OWNER).permissions
