"""Find parties, works, recordings and releases by words or by a code, as of a ledger size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cantoria import codes
from cantoria.app.code_book import CodeBook
from cantoria.app.house import House
from cantoria.app.ports import Hit, Kind
from cantoria.codes import Scheme
from cantoria.kernel.errors import InputError
from cantoria.registry.facts import (
    LinkAsserted,
    PartyNamed,
    RecordingRegistered,
    ReleaseRegistered,
    WorkRegistered,
)
from cantoria.registry.trade_facts import TitleGiven
from cantoria.registry.types import Relation

QUERY_CHARS_MAX: Final = 500
LIMIT_MAX: Final = 200
BARE_SCHEMES: Final = (Scheme.ISRC, Scheme.ISWC)  # codes that are known without their scheme
SEARCHED: Final = (PartyNamed, WorkRegistered, RecordingRegistered, ReleaseRegistered, TitleGiven)


@dataclass(frozen=True, slots=True)
class Found:
    """Hits, the best first, complete as of ledger size `size`."""

    hits: tuple[Hit, ...]
    size: int


def find(house: House, text: str, *, limit: int = 20, progress: Callable[[int, int], None] | None = None) -> Found:
    """Return what `text`, a code or words, finds; a code is looked up as one first."""
    if not text.strip() or len(text) > QUERY_CHARS_MAX:
        raise InputError("nothing to search for" if not text.strip() else "too much to search for", "give a few words")
    if not 1 <= limit <= LIMIT_MAX:
        raise InputError(f"a limit of {limit}", f"1 to {LIMIT_MAX}")
    key = code_of(text)
    if key:
        size = house.index.catch_up()
        named = CodeBook(house).names(key)
        if named:
            return Found(tuple(_named(house, entity, key) for entity in named[:limit]), size)
    size = house.search.catch_up(progress)
    return Found(tuple(house.search.find(text, limit=limit)), size)


def code_of(text: str) -> str:
    """Return the code key that a text is, empty when it is none."""
    scheme, colon, value = text.strip().partition(":")
    tries: Sequence[tuple[str, str]] = [(scheme, value)] if colon else [(one, text) for one in BARE_SCHEMES]
    for name, code in tries:
        try:
            return codes.key(name, code)
        except InputError:
            continue
    return ""


def first_code(house_about: Callable[..., list[Any]], entity: str) -> str:
    """Return the first code on record that names a thing, an ISRC or ISWC before others."""
    said = house_about([entity], tags=[LinkAsserted.TYPE.tag])
    found = [
        one.fact.left
        for one in said
        if one.fact.relation is Relation.IDENTIFIES and one.fact.right == entity and ":" in one.fact.left
    ]
    return min(found, key=lambda code: (not code.startswith(("isrc:", "iswc:")), found.index(code)), default="")


def _named(house: House, entity: str, code: str) -> Hit:
    title, artist = "", ""
    for one in house.index.about([entity], tags=[cls.TYPE.tag for cls in SEARCHED]):
        if one.fact.subjects()[0] == entity:
            title = getattr(one.fact, "name", "") or getattr(one.fact, "title", "")
            artist = getattr(one.fact, "display_artist", "")
            break
    return Hit(kind=kind_of(entity), id=entity, title=title, artist=artist, code=code, score=100)


def kind_of(entity: str) -> Kind:
    """Return what an id is of."""
    try:
        return Kind(entity.rpartition("_")[0])
    except ValueError:
        return Kind.RECORDING
