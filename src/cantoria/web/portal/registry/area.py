"""The area, what its pages take, and how a thing is found by id or code."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from cantoria.app.pages.registry_names import found_near, path_of
from cantoria.app.rights_near import Near
from cantoria.kernel.errors import InputError
from cantoria.kernel.territories import EXPRESSION_CHARS_MAX, WORLD, resolve
from cantoria.kernel.uses import Use
from cantoria.web.portal.page import Area, Ask, NotHere, PageQuery, Value

area: Final = Area("registry")
THING_CHARS_MAX: Final = 512


class ThingQuery(PageQuery):
    """For which countries a thing is looked at, and which part of a long list is shown."""

    territory: str = Field(
        "", max_length=EXPRESSION_CHARS_MAX, description="TIS or ISO codes such as `KR ES`; everywhere when left out"
    )
    start: int = Field(0, ge=0, le=1 << 40, description="the first of a list to be shown: `next` of the page before")


class ReleaseQuery(ThingQuery):
    """For which use the recordings are looked at."""

    use: Use = Field(Use.TRAIN_GENERATIVE, description="the use that statuses are shown for")


class PartyQuery(PageQuery):
    """Which part of a party's claims is shown."""

    before: int | None = Field(
        None, ge=0, le=1 << 60, description="only claims recorded before this entry: `next` of the page before"
    )


def find(ask: Ask, text: str, kind: str) -> str:
    """Return the id of the thing of a kind that an id or a code key names; `NotHere` where it names none or several."""
    return find_near(ask, text, kind)[0]


def find_near(ask: Ask, text: str, kind: str) -> tuple[str, Near | None]:
    """Return the same, and the thing's neighbourhood where it was read to find it."""
    if len(text) > THING_CHARS_MAX:
        raise NotHere("there is no such thing")
    try:
        found, near = found_near(ask.house.index, text, kind=kind, size=ask.size)
    except InputError as error:
        raise NotHere(error.message, error.remedy) from error
    if not found:
        raise NotHere(f"nothing of that kind is known as {text[:80]}", "search for it")
    if len(found) > 1:
        raise NotHere(
            f"{text[:80]} names {len(found)} things", "open one of them: " + ", ".join(map(path_of, found[:5]))
        )
    return found[0], near


def territory_of(ask: Ask, text: str) -> str:
    """Return the territory that is asked about, the world when none is named; `InputError` for one that means none."""
    chosen = " ".join(text.split()) or WORLD
    if not resolve(chosen, at=ask.now):
        raise InputError(f"{chosen[:80]!r} means no country today", "write codes such as KR, ES or EU")
    return chosen


def shown_or_gone(value: Value | None, text: str) -> Value:
    """Return a page's value; `NotHere` where the thing was not registered by that size."""
    if value is None:
        raise NotHere(f"{text[:80]} is not registered as of this ledger size", "look at a later size, or search for it")
    return {**value, "canonical": path_of(value["id"])}
