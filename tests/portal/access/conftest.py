"""The portal with its real doorman, and browsers that come to it from this machine or from elsewhere."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from cantoria.adapters.http.serving import listen, server
from cantoria.app.access.permissions import Role
from cantoria.bootstrap import settings as settings_file
from cantoria.bootstrap.access import ACCESS_FILE, Access, open_access
from cantoria.web.app import create_app
from cantoria.web.portal.opening import open_portal
from cantoria.web.portal.portal import Portal

PASSWORD = "seven lanterns over water"
HERE = "http://localhost"


class Clock:
    """Tells the time that the test says."""

    def __init__(self, start: int) -> None:
        self.time = start

    def __call__(self) -> int:
        return self.time

    def pass_seconds(self, seconds: float) -> None:
        self.time += int(seconds * 1_000_000)


class Browser:
    """One browser at the real door: keeps cookies, sends forms as their pages do."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(self, path: str, *, status: int = 200, **more: Any) -> str:
        found = self.client.get(path, follow_redirects=False, **more)
        assert found.status_code == status, found.text
        return found.text

    def json(self, path: str, *, status: int = 200, **more: Any) -> Any:
        found = self.client.get(f"{path}.json", follow_redirects=False, **more)
        assert found.status_code == status, found.text
        return found.json()

    def token(self, page: str = "/account") -> str:
        found = re.search(r'name="csrf" value="([^"]*)"', self.client.get(page).text)
        assert found, page
        return found[1]

    def post(self, path: str, fields: dict[str, Any], *, status: int = 303, page: str = "/account", **more: Any) -> Any:
        sent = {"csrf": self.token(page), **fields} if self.known else fields
        found = self.client.post(path, data=sent, follow_redirects=False, **more)
        assert found.status_code == status, found.text
        return found

    def send(self, path: str, value: dict[str, Any], *, status: int = 200, **more: Any) -> Any:
        """POST a JSON object to a twin."""
        headers = {"X-CSRF-Token": self.token()} if self.known else {}
        found = self.client.post(f"{path}.json", json=value, headers={**headers, **more.pop("headers", {})}, **more)
        assert found.status_code == status, found.text
        return found

    @property
    def known(self) -> bool:
        return any(name.endswith("cantoria_session") and value for name, value in self.client.cookies.items())

    def sign_in(self, login: str, password: str = PASSWORD) -> None:
        self.post("/sign-in", {"login": login, "password": password})
        assert self.known

    def demo(self, who: str) -> None:
        self.post("/sign-in/demo", {"account": f"{who}@sample.invalid"})
        assert self.known


class Door:
    """A portal with its real doorman."""

    def __init__(self, portal: Portal, home: Path, clock: Clock) -> None:
        self.portal, self.home, self.clock = portal, home, clock
        self.app = create_app(None, portal=portal)

    @property
    def access(self) -> Access:
        found: Access = self.portal.parts["access"]
        return found

    def browser(self, *, base: str = HERE, address: str = "127.0.0.1") -> Browser:
        return Browser(TestClient(self.app, base_url=base, client=(address, 50_000)))

    def person(
        self, login: str, role: Role = Role.OWNER, *, organisation: str = "org-cantares", party: str = ""
    ) -> str:
        """Open an account with a password; return its id."""
        made = self.access.accounts.create(login, name=login.partition("@")[0].capitalize(), now=self.clock())
        self.access.accounts.set_password(made.id, self.access.passwords.hash(PASSWORD))
        self.access.accounts.join(made.id, organisation=organisation, role=role, party=party, now=self.clock())
        return made.id


@pytest.fixture(scope="module")
def shared_portal(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """One portal over a copy of the sample world, for the tests of a module."""
    home = tmp_path_factory.mktemp("access") / "world"
    shutil.copytree(sample_home, home)
    portal = open_portal(home, desk=None)
    yield portal
    portal.close()


@pytest.fixture
def open_door(sample_home: Path, shared_portal: Portal, tmp_path: Path) -> Iterator[Callable[..., Door]]:
    """Open the portal with its real doorman and accounts of the test's own; settings may be others than the house's."""
    before = shared_portal.parts["access"], shared_portal.sample
    opened: list[Access] = []

    def open_one(**settings: Any) -> Door:
        for name in (settings_file.FILE, ACCESS_FILE):
            shutil.copy(sample_home / name, tmp_path / name)
        quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        access = open_access(tmp_path, hasher=quick)
        opened.append(access)
        clock = Clock(access.now())
        access = replace(access, now=clock, settings=replace(access.settings, **settings))
        shared_portal.parts["access"] = shared_portal.doorman._access = access  # type: ignore[attr-defined]
        return Door(shared_portal, tmp_path, clock)

    yield open_one
    for one in opened:
        one.close()
    shared_portal.parts["access"], shared_portal.sample = before
    shared_portal.doorman._access = before[0]  # type: ignore[attr-defined]


@pytest.fixture
def door(open_door: Callable[..., Door]) -> Door:
    """The portal of the sample world, with accounts of the test's own."""
    return open_door()


@pytest.fixture
def serve() -> Iterator[Callable[[Door], str]]:
    """Serve a door over real HTTP on this machine, with the house's limits; return its address by name."""
    running: list[tuple[Any, threading.Thread]] = []

    def start(door: Door) -> str:
        listening = listen("127.0.0.1", port=0)
        serving = server(door.app)
        thread = threading.Thread(target=serving.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        running.append((serving, thread))
        return f"http://localhost:{listening.getsockname()[1]}"

    yield start
    for serving, thread in running:
        serving.should_exit = True
        thread.join(timeout=30)
