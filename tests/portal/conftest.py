"""A portal over a small sample world, asked without a network; tests that write get a copy of the world."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from cantoria.app.access.permissions import ROLES, Role
from cantoria.app.access.visitors import ANONYMOUS, Visitor
from cantoria.bootstrap.house import WiredHouse, open_house
from cantoria.web.app import create_app
from cantoria.web.portal.doorman import Credentials
from cantoria.web.portal.opening import open_portal

SCALE = "0.02"


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample world, made once: look, do not write."""
    from cantoria.cli.main import app

    home = tmp_path_factory.mktemp("portal") / "world"
    done = CliRunner().invoke(app, ["--home", str(home), "demo", "--scale", SCALE])
    assert done.exit_code == 0, done.output
    return home


@pytest.fixture
def home(sample_home: Path, tmp_path: Path) -> Path:
    """A copy of the sample world to write to."""
    copy = tmp_path / "world"
    shutil.copytree(sample_home, copy)
    return copy


class FixedDoorman:
    """Takes everybody for one visitor."""

    def __init__(self) -> None:
        self.is_now = ANONYMOUS
        self.kept: dict[str, tuple[bytes, bytes | None]] = {}

    def visitor(self, credentials: Credentials) -> Visitor:
        return self.is_now

    def token(self, visitor: Visitor) -> str:
        return f"token-of-{visitor.account}"

    def genuine(self, visitor: Visitor, token: str) -> bool:
        return token == self.token(visitor)

    def begin(self, visitor: Visitor, *, key: str, digest: bytes) -> bytes | str | None:
        if key not in self.kept:
            self.kept[key] = (digest, None)
            return None
        before, answer = self.kept[key]
        return "other" if before != digest else answer or "busy"

    def end(self, visitor: Visitor, *, key: str, answer: bytes | None) -> None:
        self.kept[key] = (self.kept[key][0], answer)


@pytest.fixture(scope="session")
def module_doorman() -> Callable[[], FixedDoorman]:
    """Make doormen that take everybody for one visitor."""
    return FixedDoorman


class Site:
    """The portal of one house: `become` a visitor, then `get`, `json` or `post`."""

    def __init__(self, home: Path, client: TestClient, doorman: FixedDoorman) -> None:
        self.home, self.client, self.doorman = home, client, doorman

    def become(self, role: Role | None = None, **more: Any) -> Visitor:
        """Be somebody of this role from now on; nobody without one."""
        if role is None:
            self.doorman.is_now = ANONYMOUS
        else:
            given: dict[str, Any] = {"account": f"account-{role}", "name": role.value, "session": "session", **more}
            self.doorman.is_now = Visitor(role=role, permissions=ROLES[role], **given)
        return self.doorman.is_now

    def get(self, path: str, *, status: int = 200, **more: Any) -> str:
        """Return the HTML of a page."""
        found = self.client.get(path, follow_redirects=False, **more)
        assert found.status_code == status, found.text
        return found.text

    def json(self, path: str, *, status: int = 200, **more: Any) -> Any:
        """Return the twin of a page."""
        bare, mark, query = path.partition("?")
        twin = "/index.json" if bare == "/" else f"{bare}.json"
        found = self.client.get(f"{twin}{mark}{query}", **more)
        assert found.status_code == status, found.text
        return found.json()

    def post(self, path: str, fields: dict[str, Any], *, status: int = 303, **more: Any) -> Any:
        """Send a form as its page does; return the response."""
        sent = {"csrf": self.doorman.token(self.doorman.is_now), **fields}
        found = self.client.post(path, data=sent, follow_redirects=False, **more)
        assert found.status_code == status, found.text
        return found

    def house(self) -> WiredHouse:
        """Open the house beside the portal, to look or to write."""
        return open_house(self.home)


@pytest.fixture
def open_site() -> Iterator[Callable[[Path], Site]]:
    """Open the portal of a house."""
    with ExitStack() as stack:

        def opened(home: Path) -> Site:
            portal = open_portal(home, desk=None)
            doorman = FixedDoorman()
            portal.doorman = doorman
            client = stack.enter_context(TestClient(create_app(None, portal=portal), raise_server_exceptions=True))
            return Site(home, client, doorman)

        yield opened


@pytest.fixture
def site(sample_home: Path, open_site: Callable[[Path], Site]) -> Site:
    """The portal of the shared sample world: look, do not write."""
    return open_site(sample_home)


@pytest.fixture
def own_site(home: Path, open_site: Callable[[Path], Site]) -> Site:
    """The portal of a sample world of the test's own."""
    return open_site(home)


SCRIPTED = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", re.IGNORECASE)


@pytest.fixture
def lawful() -> Callable[[str], None]:
    """Check that a page needs nothing that the Content-Security-Policy forbids."""

    def check(html: str) -> None:
        found = SCRIPTED.search(html)
        assert found is None, html[max(0, found.start() - 80) : found.end() + 80]

    return check
