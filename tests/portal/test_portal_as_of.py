"""Pages at an earlier ledger size say what was true then, as the rights were, and their links stay there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import islice
from typing import Any, Final

import pytest

from cantoria.app.pages.registry_statuses import performers_of, request_to
from cantoria.app.rights import load_around
from cantoria.bootstrap.house import WiredHouse, open_house
from cantoria.clearance.decide import decide_subject
from cantoria.consent.facts import StatementMade
from cantoria.consent.types import Scope, ScopeKind, Verdict
from cantoria.kernel.ids import StatementId
from cantoria.kernel.uses import Use

RECORDINGS: Final = 12
SIZES: Final = 4  # of each recording, spread over its life
# What is done now, whatever state is looked at: decisions, work, and what proves the newest checkpoint.
TIMELESS: Final = ("/help", "/v1/", "/decide", "/inbox", "/files", "/matches", "/members", "/datasets", "/jobs")
OF_NOW: Final = ("/cases/statistics", "/ledger/checkpoint", "/ledger/consistency")


@pytest.fixture(scope="module")
def house(sample_home: Any) -> Iterator[WiredHouse]:
    """The sample world, opened beside the portal to look."""
    opened = open_house(sample_home)
    opened.index.catch_up()
    yield opened
    opened.close()


@pytest.fixture
def spoken_of(house: WiredHouse) -> list[str]:
    """Recordings of people who made statements, for which there is an answer now other than that it is not known."""
    speakers = [one.fact.party for one in house.index.scan(tags=[StatementMade.TYPE.tag])]
    said = house.index.about(sorted(set(speakers)))
    named = {name for one in said for name in one.fact.subjects() if name.startswith("recording_")}
    size = house.engine.size
    known = (one for one in sorted(named) if truth(house, one, Use.ANALYSE, size) != "unknown")
    return list(islice(known, RECORDINGS))


def life(site: Any, thing: str) -> list[int]:
    """Return a few ledger sizes at which a recording's page changed, the newest among them."""
    sizes = site.json(f"/recordings/{thing}")["changes"]["sizes"]
    return [*sizes[:: max(1, len(sizes) // SIZES)], sizes[-1]]


def truth(house: WiredHouse, thing: str, use: Use, size: int) -> str:
    """Return the answer by the rights as of a size, for anybody in Korea now."""
    rights = load_around(house.index, subjects=[thing], size=size)
    persons = performers_of(rights, thing)
    request = request_to(use, territory="KR", at=house.clock.now(), size=size, persons=persons)
    if persons:
        rights = load_around(house.index, subjects=[thing, *request.persons], size=size)
    return decide_subject(thing, request, rights=rights).status.value


def test_the_recordings_page_says_what_was_true(site: Any, house: WiredHouse, spoken_of: list[str]) -> None:
    site.become()
    met: dict[str, set[str]] = {}
    for thing in spoken_of:
        for size in life(site, thing):
            page = site.json(f"/recordings/{thing}?territory=KR&as_of={size}")
            assert page["as_of"] == size
            shown = {one["use"]: one["status"] for one in page["statuses"]}
            for use in (Use.ANALYSE, Use.TRAIN_GENERATIVE, Use.VOICE):
                assert shown[use.value] == truth(house, thing, use, size), (thing, use, size)
                met.setdefault(f"{thing} {use}", set()).add(shown[use.value])
    assert any(len(answers) > 1 for answers in met.values())  # else no size would differ from another


def test_the_veto_view_says_what_was_true(site: Any, house: WiredHouse, spoken_of: list[str]) -> None:
    site.become()
    voices: dict[str, set[int]] = {}
    for thing in spoken_of:
        for size in life(site, thing):
            view = site.json(f"/recordings/{thing}/clearance?use=analyse&territory=KR&as_of={size}")
            assert view["as_of"] == size
            assert view["status"] == truth(house, thing, Use.ANALYSE, size), (thing, size)
            voices.setdefault(thing, set()).add(len(view["missing"]))
            html = site.get(f"/recordings/{thing}/clearance?use=analyse&territory=KR&as_of={size}")
            assert f'<input type="hidden" name="as_of" value="{size}">' in html or size == house.engine.size
    assert any(len(numbers) > 1 for numbers in voices.values())


def told(site: Any, path: str) -> dict[str, Any]:
    """Return what a page says, but for the moment at which it was asked."""
    return {name: value for name, value in site.json(path).items() if name != "at"}


def test_a_state_that_is_cited_stays_what_it_was(own_site: Any) -> None:
    """What is recorded afterwards changes nothing of a page that names its size."""
    own_site.become()
    opened = own_site.house()
    said = list(opened.index.scan(tags=[StatementMade.TYPE.tag]))[-1]
    party, size = said.fact.party, opened.engine.size
    before = told(own_site, f"/parties/{party}?as_of={size}")
    opened.begin_writing(lambda: None)
    again = StatementMade(
        statement=StatementId(opened.ids.new("statement")),
        party=party,
        speaker=party,
        verdict=Verdict.STOP,
        uses=frozenset(Use),
        scope=Scope(ScopeKind.PERSONA),
    )
    opened.journal.record([again], author=opened.author("org-haneulsori"))
    opened.lock.release()
    opened.close()
    now = told(own_site, f"/parties/{party}")
    assert now["as_of"] > size
    assert {**now, "as_of": size} != before
    assert told(own_site, f"/parties/{party}?as_of={size}") == before


PAGES: Final = ("/", "/search?q=%EC%9D%98", "/cases", "/certificates", "/models", "/was-i-in-it", "/ledger")


@pytest.mark.parametrize("path", PAGES)
def test_links_keep_the_state(site: Any, path: str) -> None:
    site.become()
    newest = site.json(path)["as_of"]
    size = newest - 5
    mark = "&" if "?" in path else "?"
    page = site.get(f"{path}{mark}as_of={size}")
    main = page[page.index("<main") : page.index("</main>")]
    inner = [unescape(one) for one in re.findall(r'<a\b[^>]*?\shref="(/[^"]*)"', main)]
    bare = [one for one in inner if "as_of=" not in one and not one.startswith((*TIMELESS, *OF_NOW))]
    # The way to the newest state is the one that leaves the size out.
    assert [one for one in bare if one.partition("?")[0].removesuffix(".json") != path.partition("?")[0]] == []
    assert f"as_of={size}" in page
