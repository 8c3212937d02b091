"""One random world, published, packed and served over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest

from cantoria.clearance import Request, Rights
from cantoria.clearance.snapshot import Snapshot, build
from cantoria.kernel.uses import Use
from cantoria.testing.http import running
from cantoria.testing.packs import KEY, publish_tables
from cantoria.testing.worlds import World, random_world
from cantoria.web.app import create_app
from cantoria.web.desk import Desk

SEED = 8


@dataclass
class Served:
    """A world, its rights and snapshot, and the server that answers from it; `shift` moves the server's clock."""

    world: World
    rights: Rights
    snapshot: Snapshot
    request: Request
    folder: Path
    desk: Desk | None = None
    http: httpx.Client | None = None
    address: str = ""
    shift: list[int] = field(default_factory=lambda: [0])

    def params(self, request: Request | None = None) -> dict[str, object]:
        """Return a request as parameters of an address."""
        asked = request or self.request
        found: dict[str, object] = {
            "use": asked.use.value,
            "licensee": asked.licensee,
            "territories": asked.territories,
            "profile": asked.profile,
            "licensee_classes": sorted(asked.licensee_classes),
            "persons": list(asked.persons),
            "at": str(asked.at),
        }
        for name in ("attribution", "label", "tuned_on", "used_input"):
            found[name] = "true" if getattr(asked, name) else "false"
        for name in ("model_version", "campaign"):
            if getattr(asked, name) is not None:
                found[name] = getattr(asked, name)
        if asked.offer:
            found["offer"] = f"{asked.offer.currency} {asked.offer.format()}"
        return found

    def body(self, request: Request | None = None) -> dict[str, object]:
        """Return a request as it stands in a body."""
        asked = request or self.request
        found = self.params(asked) | {"at": asked.at}
        for name in ("attribution", "label", "tuned_on", "used_input"):
            found[name] = getattr(asked, name)
        if asked.offer:
            found["offer"] = {"amount": asked.offer.format(), "currency": asked.offer.currency}
        return found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    world = random_world(SEED)
    request = replace(world.requests[0], use=Use.TRAIN_GENERATIVE, size=len(world.facts), persons=(), campaign=None)
    rights = Rights.fold(world.facts, size=request.size)
    snapshot = build(rights, at=request.at, size=request.size)
    publish_tables(folder, snapshot.tables, at=snapshot.at, until=snapshot.until, size=snapshot.size)
    made = Served(world, rights, snapshot, request, folder)
    desk = Desk(folder, pack=folder / "pack.db", keys=[KEY], clock=lambda: snapshot.at + made.shift[0])
    with (
        running(create_app(desk, look_seconds=0.1), lifespan="on") as address,
        httpx.Client(base_url=address, trust_env=False) as http,
    ):
        made.desk, made.http, made.address = desk, http, address
        yield made
