"""The API keeps to its description: whatever is sent, no answer is a fault of ours or one that it does not name.

Every operation of the OpenAPI document is asked with generated requests, right ones and wrong ones, by nobody in
particular and by people of several organisations. The same requests come in every run.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Final

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.definitions import OPENAPI_31
from starlette.testclient import TestClient

from cantoria.adapters.snapshots import SnapshotFolder
from cantoria.app import snapshots
from cantoria.app.access.permissions import Permission, Role
from cantoria.app.access.visitors import Visitor
from cantoria.bootstrap.house import open_house
from cantoria.ledger.notes import NoteKey
from cantoria.sdk.pack_build import build_pack
from cantoria.web.app import create_app
from cantoria.web.desk import Desk
from cantoria.web.portal.areas import AREAS
from cantoria.web.portal.opening import open_portal

EXAMPLES: Final = int(os.environ.get("CANTORIA_SCHEMATHESIS_EXAMPLES", "3"))
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
TAGS: Final = sorted({area.name for area in AREAS} | {"clearance", "server", "snapshots", "revocations"})
MODES: Final = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
VISITORS: Final = ("nobody", "developer", "society", "person")


class World:
    """The whole server over a sample world, whose visitor is whoever `doorman` says; and real ids of that world."""

    def __init__(self, client: TestClient, visitors: dict[str, Visitor], known: dict[str, list[str]]) -> None:
        self.client, self.visitors, self.known = client, visitors, known
        self.document = client.get("/v1/openapi.json").json()
        self.schema = schemathesis.openapi.from_dict(self.document)

    def operations(self, tag: str) -> list[Any]:
        """The operations of an area, all of whose path parameters are real ids now and then."""
        found = []
        for result in self.schema.get_all_operations():
            operation = result.ok()
            if tag in operation.tags:
                found.append(operation)
        return found


@pytest.fixture(scope="module")
def world(sample_home: Any, tmp_path_factory: pytest.TempPathFactory, doorman: Any) -> Iterator[World]:
    """A server with portal and desk over a copy of the sample world."""
    import shutil

    base = tmp_path_factory.mktemp("schemathesis")
    home, folder = base / "world", base / "snapshot"
    shutil.copytree(sample_home, home)
    house = open_house(home)
    house.begin_writing(lambda: None)
    key = NoteKey(house.settings.origin, house.keys.log_signer().public_key)
    snapshots.build_snapshot(house, SnapshotFolder(folder, keys=[key]), signer=house.keys.log_signer())
    known, visitors = _ids(house), _visitors(house)
    clock = house.clock.now
    house.close()
    build_pack(folder, target=base / "pack", keys=[key])
    desk = Desk(folder, pack=base / "pack", keys=[key], clock=clock)
    portal = open_portal(home, desk=desk)
    portal.doorman = doorman
    with TestClient(create_app(desk, portal=portal), raise_server_exceptions=False) as client:
        yield World(client, visitors, known)


@pytest.fixture(scope="module")
def doorman(module_doorman: Callable[[], Any]) -> Any:
    """Whoever stands at the door, to whom tests say who comes."""
    return module_doorman()


def _ids(house: Any) -> dict[str, list[str]]:
    """Real ids by the name of the parameter that takes them."""
    size = house.index.catch_up()
    of = {prefix: house.index.subjects_like(f"{prefix}_", limit=3) for prefix in ("recording", "work", "release")}
    party = house.author("dev-boreal").party
    issued = [said.fact for said in house.index.about([party], tags=[401], size=size)]
    asked = [said.fact for said in house.index.about([party], tags=[354], size=size)]
    holders = [fact.offer.holder for fact in asked]
    return {
        "thing": [*of["recording"], *of["work"], *of["release"], *holders[:2], party],
        "party": [party, *holders[:2]],
        "dataset": [one.certificate for one in issued],
        "certificate": [one.certificate for one in issued],
        "request": sorted({one.request for one in asked}),
        "licence": [one.offer.licence for one in asked][:3],
        "statement": house.index.subjects_like("statement_", limit=3),
        "model": house.index.subjects_like("model_", limit=2),
        "run": house.index.subjects_like("run_", limit=2),
        "index": ["0", str(size - 1), str(size)],
        "label": ["2026-07", "2026-08"],
        "part": ["results", "relied"],
    }


def _visitors(house: Any) -> dict[str, Visitor]:
    """Somebody of each kind, with every permission that there is."""
    every = frozenset(Permission)
    found = {"nobody": Visitor()}
    for name, organisation in (("developer", "dev-boreal"), ("society", "org-haneulsori")):
        party = house.author(organisation).party
        found[name] = Visitor(
            account=f"account_{name}",
            name=name,
            role=Role.OWNER,
            permissions=every,
            party=party,
            organisation=organisation,
            key="key_1",
        )
    [holder, *_] = [said.fact.offer.holder for said in house.index.about([found["developer"].party], tags=[354])]
    found["person"] = Visitor(
        account="account_person",
        name="person",
        role=Role.PERSON,
        permissions=every,
        party=holder,
        persons=(holder,),
        organisation="org-haneulsori",
        key="key_2",
    )
    return found


def _with_real_ids(case: Any, known: dict[str, list[str]]) -> None:
    """Put real ids into two of three requests, chosen by what was generated."""
    for name, value in dict(case.path_parameters or {}).items():
        seed = zlib.crc32(repr(value).encode("utf-8", "surrogatepass"))
        if known.get(name) and seed % 3:
            case.path_parameters[name] = known[name][seed % len(known[name])]


@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize("tag", TAGS)
def test_every_answer_is_one_that_the_description_names(world, doorman, tag, visitor):
    doorman.is_now = world.visitors[visitor]
    told: dict[str, str] = {}
    for operation in world.operations(tag):
        for mode in MODES:
            told |= _asked(world, operation, mode)
    assert not told, "\n".join(f"{what}: {how}" for what, how in told.items())


def _asked(world: World, operation: Any, mode: GenerationMode) -> dict[str, str]:
    """Ask one operation a few times; return what was wrong with the answers, each with a request that shows it."""
    found: dict[str, str] = {}

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        if mode is GenerationMode.POSITIVE:
            _with_real_ids(case, world.known)
        response = _sent(world.client, case)
        for check in CHECKS:
            try:
                case.validate_response(response, checks=[check])
            except (Failure, FailureGroup) as error:
                for one in getattr(error, "exceptions", [error]):
                    what = f"{operation.label} {response.status_code} {str(one).replace(chr(10), ' ')[:300]}"
                    found.setdefault(what, f"{response.url} {case.body!r:.300} → {response.text[:400]}")

    with suppress(Unsatisfiable):
        ask()
    return found


def _sent(client: TestClient, case: Any) -> Any:
    """Send what was generated to the server that stays open."""
    given = case.as_transport_kwargs(base_url="http://testserver", headers={"Authorization": "Bearer key"})
    for unused in ("auth", "cookies"):
        given.pop(unused, None)
    if isinstance(given.get("data"), bytes | str):
        given["content"] = given.pop("data")
    if given.get("files"):
        given["files"] = [_part(*one) for one in given["files"]]
    request = client.build_request(**given)
    request.read()  # multipart bodies are streams: whoever checks the answer looks at what was sent
    return client.send(request, follow_redirects=False)


def _part(name: str, part: Any) -> tuple[str, Any]:
    """Return a part of a form whose value is text, as forms send numbers, too."""
    file, value, *kind = part if isinstance(part, tuple) else (None, part)
    return name, (file, value if isinstance(value, bytes | str) else str(value), *kind)


def test_the_description_is_openapi_3_1_and_names_every_operation(world):
    document = world.document
    jsonschema_rs.validator_for(OPENAPI_31).validate(document)
    assert document["openapi"].startswith("3.1")
    seen: set[str] = set()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation.get("summary"), (method, path)
            assert operation.get("tags"), (method, path)
            assert operation["operationId"] not in seen
            seen.add(operation["operationId"])
    assert {tag for operations in document["paths"].values() for one in operations.values() for tag in one["tags"]} <= {
        *TAGS
    }
