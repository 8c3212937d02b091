"""Every page, walked by its links as everyone: lawful, with one heading and a twin that speaks of the same ledger size,
and no link that leads nowhere."""

from __future__ import annotations

import re
import shutil
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any, Final

import pytest
from starlette.testclient import TestClient

from cantoria.app.access.permissions import ROLES, Role
from cantoria.web.app import create_app
from cantoria.web.portal.areas import AREAS
from cantoria.web.portal.opening import open_portal
from cantoria.web.portal.page import PageRoute

HERE: Final = "http://127.0.0.1:8080"
DEPTH: Final = 3
LINKS_MAX: Final = 120  # for each visitor
ALIKE_MAX: Final = 2  # addresses that differ in ids and numbers alone
ROLE_OF: Final = {
    "": None,
    "artist": Role.PERSON,
    "manager": Role.MANAGER,
    "society": Role.RIGHTS,
    "label": Role.RIGHTS,
    "reviewer": Role.REVIEWER,
    "finance": Role.FINANCE,
    "director": Role.OWNER,
    "auditor": Role.AUDITOR,
    "developer": Role.DEVELOPER,
}
LINK: Final = re.compile(r'<a\b[^>]*?\shref="([^"]+)"')
TWIN: Final = re.compile(r'<link rel="alternate" type="application/json" href="([^"]+)">')
ALIKE: Final = ((re.compile(r"[a-z]+_[0-9a-z]{10,}"), "ID"), (re.compile(r"\d+"), "N"), (re.compile(r"=[^&]*"), "="))


@dataclass
class Visit:
    """One address as one visitor found it; `html` is empty for files and where the answer leads elsewhere."""

    address: str
    status: int
    html: str = ""
    came_from: str = ""
    twin: Any = None


@dataclass
class Walk:
    """Where one visitor came by following links."""

    login: str
    visits: dict[str, Visit] = field(default_factory=dict)

    @property
    def pages(self) -> list[Visit]:
        """Whole pages; parts that a page fetches again are none."""
        return [one for one in self.visits.values() if one.html.lstrip().startswith("<!doctype html>")]


def alike(address: str) -> str:
    """Return an address without what tells its things apart."""
    for pattern, mark in ALIKE:
        address = pattern.sub(mark, address)
    return address


def links(html: str) -> Iterator[str]:
    """Give the addresses of ours that a page links to; the languages of a page are walked by other tests."""
    for found in LINK.findall(html):
        address = unescape(found).partition("#")[0]
        if address.startswith("/") and not address.startswith("/static/") and not re.search(r"[?&]lang=", address):
            yield address


def guest(app: Any) -> TestClient:
    """A browser on this machine; the portal itself is started and stopped elsewhere."""
    return TestClient(app, base_url=HERE, client=("127.0.0.1", 50_000))


def enter(client: TestClient, login: str) -> None:
    """Come in by a click, as one of the demonstration's accounts."""
    done = client.post("/sign-in/demo", data={"account": f"{login}@sample.invalid"}, follow_redirects=False)
    assert done.status_code == 303, done.text


def look(client: TestClient, address: str, came_from: str) -> Visit:
    """Open an address, and the twin that its page names."""
    found = client.get(address, follow_redirects=False, headers={"Accept": "text/html"})
    kind = found.headers.get("content-type", "")
    visit = Visit(address, found.status_code, found.text if kind.startswith("text/html") else "", came_from)
    named = TWIN.search(visit.html)
    if named:
        twin = client.get(unescape(named[1]))
        assert twin.status_code == 200, (address, named[1], twin.text)
        visit.twin = twin.json()
    return visit


def walk(app: Any, login: str) -> Walk:
    """Follow the links from the start page on, a few of each kind of address."""
    made = Walk(login)
    client = guest(app)
    if login:
        enter(client, login)
    seen: Counter[str] = Counter()
    waiting = deque([("/", 0, "")])
    while waiting and len(made.visits) < LINKS_MAX:
        address, depth, came_from = waiting.popleft()
        if address in made.visits or seen[alike(address)] >= ALIKE_MAX:
            continue
        seen[alike(address)] += 1
        visit = made.visits[address] = look(client, address, came_from)
        if depth < DEPTH and visit.status == 200:
            waiting.extend((one, depth + 1, address) for one in links(visit.html))
    return made


@pytest.fixture(scope="module")
def world(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The portal over a copy of the sample world, with its own doorman and accounts."""
    home = tmp_path_factory.mktemp("twins") / "world"
    shutil.copytree(sample_home, home)
    app = create_app(None, portal=open_portal(home, desk=None))
    with TestClient(app, base_url=HERE):
        yield app


@pytest.fixture(scope="module")
def walks(world: Any) -> dict[str, Walk]:
    """What everyone found."""
    return {login: walk(world, login) for login in ROLE_OF}


@pytest.mark.parametrize("login", ROLE_OF)
def test_no_link_leads_nowhere(walks: dict[str, Walk], login: str) -> None:
    visits = walks[login].visits
    assert len(visits) > 40
    assert [(one.address, one.status, one.came_from) for one in visits.values() if one.status not in (200, 303)] == []


@pytest.mark.parametrize("login", ROLE_OF)
def test_every_page_is_lawful_and_whole(walks: dict[str, Walk], login: str, lawful: Any) -> None:
    pages = walks[login].pages
    assert len(pages) > 30
    for one in pages:
        lawful(one.html)
        assert len(re.findall(r"<h1\b", one.html)) == 1, one.address
        assert re.search(r'<html lang="(en|ko|es)"', one.html), one.address
        title = re.search(r"<title>(.*?)</title>", one.html, re.DOTALL)
        assert title, one.address
        assert title[1].removesuffix(" · Cantoria").strip(), one.address
        assert one.html.count("<main ") == 1, one.address


@pytest.mark.parametrize("login", ROLE_OF)
def test_every_page_has_a_twin_that_speaks_of_the_same_size(walks: dict[str, Walk], login: str) -> None:
    for one in walks[login].pages:
        assert one.twin is not None, one.address
        asked = re.search(r"[?&]as_of=(\d+)", one.address)
        if asked:
            assert one.twin["as_of"] == int(asked[1]), one.address
        permalink = re.search(r'<p class="as-of">.*?href="([^"]*as_of=(\d+)[^"]*)"', one.html)
        if permalink:
            assert one.twin["as_of"] == int(permalink[2]), one.address


def matches(route: PageRoute, address: str) -> bool:
    """Tell whether an address is one of a route's."""
    pattern = re.sub(r"{\w+:path}", ".+", route.path)
    pattern = re.sub(r"{\w+}", "[^/]+", pattern)
    return re.fullmatch(pattern, address.partition("?")[0]) is not None


# Opened by a link in a letter, by a provider, by a script of a page, or by what a form has just made or found.
UNLINKED: Final = {
    "/invitation",
    "/sign-in/with/{organisation}",
    "/sign-in/with/{organisation}/back",
    "/welcome",
    "/decide/preview",
    "/trusted/preview",
    "/files/{job}",
    "/files/{job}/findings",
    "/jobs/{job}",
    "/jobs/{job}/progress",
    "/members/imports/{job}",
    "/datasets/{dataset}/progress",
    "/was-i-in-it/proof",
    "/was-i-in-it/proofs",
    "/ledger/checkpoint",
    "/ledger/consistency",
}


def test_every_page_is_reached_by_links(walks: dict[str, Walk]) -> None:
    met = {one.address for made in walks.values() for one in made.visits.values()}
    routes = [page for area in AREAS for page in area.pages]
    lost = {page.path for page in routes if not any(matches(page, one) for one in met)}
    assert lost <= UNLINKED, sorted(lost - UNLINKED)


@pytest.mark.parametrize("login", ROLE_OF)
def test_pages_answer_exactly_whom_they_are_for(world: Any, login: str) -> None:
    role = ROLE_OF[login]
    may = ROLES[role] if role else frozenset()
    client = guest(world)
    if login:
        enter(client, login)
    for page in (one for area in AREAS for one in area.pages if "{" not in one.path):
        found = client.get(page.path, follow_redirects=False, headers={"Accept": "text/html"})
        twin = client.get("/index.json" if page.path == "/" else f"{page.path}.json", follow_redirects=False)
        if not login and page.signed_in:
            assert (found.status_code, twin.status_code) == (303, 401), page.path
        elif page.needs is not None and page.needs not in may:
            assert (found.status_code, twin.status_code) == (403, 403), page.path
        else:  # what only some may see of a role's, or what has to be asked for something, is refused in words
            assert found.status_code == twin.status_code, page.path
            assert found.status_code in (200, 303, 400, 403, 404, 422), page.path
