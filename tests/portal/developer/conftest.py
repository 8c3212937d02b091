"""A developer at the portal: hands manifests in and waits for what comes of them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from cantoria.app.access.permissions import Role
from cantoria.app.clearing import manifest_csv

ORGANISATION = "dev-boreal"
OTHER = "dev-mirinae"
SECONDS = 60


@dataclass
class Developer:
    """The developer of the sample world, with a manifest of real rows of it."""

    site: Any
    party: str
    other: str
    manifest: bytes
    certificates: list[str]
    wanted: dict[str, Any] = field(
        default_factory=lambda: {"use": "train_generative", "markets": "KR ES", "model_version": "2.0"}
    )

    def come(self, **more: Any) -> None:
        """Be at the door."""
        self.site.become(Role.DEVELOPER, party=self.party, organisation=ORGANISATION, **more)

    def other_comes(self) -> None:
        """Let another developer be there."""
        self.site.become(Role.DEVELOPER, party=self.other, organisation=OTHER)

    def hand_in(self, data: bytes, name: str = "manifest.csv", *, status: int = 201, **more: Any) -> Any:
        """Send a manifest as JSON clients do; return the response."""
        fields = {"csrf": self.site.doorman.token(self.site.doorman.is_now), **self.wanted, **more}
        found = self.site.client.post("/datasets/new.json", data=fields, files={"file": (name, data)})
        assert found.status_code == status, found.text
        return found

    def clear(self, data: bytes | None = None, name: str = "manifest.csv", **more: Any) -> Any:
        """Hand a manifest in and wait; return what its page says then."""
        made = self.hand_in(self.manifest if data is None else data, name, **more)
        return self.wait(f"/datasets/{made.json()['dataset']}")

    def wait(self, path: str) -> Any:
        """Return what a page says once its job has ended."""
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            value = self.site.json(path)
            if value["ended"]:
                return value
            time.sleep(0.02)
        raise AssertionError(f"{path} did not end")

    def post(self, path: str, fields: dict[str, Any] | None = None, *, status: int = 303) -> str:
        """Send a form; return where it leads."""
        found = self.site.post(path, fields or {}, status=status)
        return str(found.headers.get("location", "")).partition("?")[0]


def _developer(site: Any) -> Developer:
    house = site.house()
    try:
        house.index.catch_up()
        party, other = house.author(ORGANISATION).party, house.author(OTHER).party
        mine = [said.fact for said in house.index.about([party], tags=[401])]
        kept = house.datasets.get(mine[0].certificate)
        assert kept is not None
        made = Developer(site, party, other, manifest_csv(kept.rows), [one.certificate for one in mine])
    finally:
        house.close()
    made.come()
    return made


@pytest.fixture
def developer(own_site: Any) -> Developer:
    """A developer in a world of the test's own."""
    return _developer(own_site)


@pytest.fixture
def onlooker(site: Any) -> Developer:
    """A developer who only looks: the world is shared."""
    return _developer(site)
