"""What the search page says: hits by id, by code of any scheme in any written form, or by words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from cantoria import codes
from cantoria.app import search
from cantoria.app.code_book import CodeBook
from cantoria.app.house import House
from cantoria.app.ports import Hit, Kind
from cantoria.codes import Scheme
from cantoria.kernel.errors import InputError
from cantoria.registry.facts import (
    PartyNamed,
    PartyRegistered,
    RecordingRegistered,
    ReleaseRegistered,
    WorkRegistered,
)

Value = dict[str, Any]
PAGES: Final = {
    "party": "/parties/",
    "work": "/works/",
    "recording": "/recordings/",
    "release": "/releases/",
    "certificate": "/certificates/",
    "model": "/models/",
    "run": "/runs/",
    "statement": "/decisions/",
    "case": "/cases/",
    "licence": "/negotiations/",
    "job": "/jobs/",
}
EXACT: Final = 100  # the score of a title that is just what was asked for
CANDIDATES: Final = search.LIMIT_MAX
# Not tried on a bare text: numbers that mean nothing without a word before them, and what nearly any text could be.
PREFIXED: Final = frozenset({Scheme.SOCIETY, Scheme.OWN})
_ID: Final = re.compile(r"([a-z]+)_[0-7][0-9a-hjkmnp-tv-z]{25}")
_ENTRY: Final = re.compile(r"#(\d{1,18})")
_REGISTERED: Final = {
    Kind.PARTY: (PartyRegistered.TYPE.tag, PartyNamed.TYPE.tag),
    Kind.WORK: (WorkRegistered.TYPE.tag,),
    Kind.RECORDING: (RecordingRegistered.TYPE.tag,),
    Kind.RELEASE: (ReleaseRegistered.TYPE.tag,),
}


def search_page(house: House, text: str, *, limit: int, size: int, kind: str = "") -> Value:
    """Return up to `limit` hits of one kind or any, the best first, of what is on record below `size`; `goes_to` is
    the page of the one thing that an id, a code or an entry's number names."""
    wanted = text.strip()
    value: Value = {"q": wanted, "kind": kind, "limit": limit, "hits": [], "more": False, "read_as": [], "goes_to": ""}
    if not wanted:
        return value
    value["goes_to"] = _place_of(house, wanted, size=size)
    read = read_codes(wanted)
    hits = _by_code(house, [one["key"] for one in read if one["valid"]])
    by_code = bool(hits)
    if not by_code and not value["goes_to"]:
        hits = list(search.find(house, wanted, limit=CANDIDATES if kind else limit + 1).hits)
    there = [one for one in hits if (not kind or one.kind == kind)][: limit + 1]
    versions = _on_record(house, there, size=size)
    there = [one for one in there if one.id in versions]
    value["hits"] = [_hit(one, version=versions[one.id], by_code=by_code) for one in there[:limit]]
    value["more"] = len(there) > limit
    value["read_as"] = read
    if by_code and len(there) == 1:
        value["goes_to"] = value["hits"][0]["href"]
    return value


def read_codes(text: str) -> list[Value]:
    """Return as which codes a text can be read: `scheme`, `key`, how it is `written`, and whether its check holds."""
    scheme, colon, rest = text.partition(":")
    bare = PREFIXED if text.lower().startswith("urn:uci:") else PREFIXED | {Scheme.UCI}
    tries: Sequence[tuple[Scheme, str]] = [(one, text) for one in Scheme if one not in bare]
    if colon and scheme.strip().lower() in {one.value for one in Scheme}:
        tries = [(Scheme(scheme.strip().lower()), rest)]
    found = []
    for name, code in tries:
        one = _read(name, code)
        if one is not None:
            found.append(one)
    return found


def _read(scheme: Scheme, text: str) -> Value | None:
    module = codes.module_for(scheme)
    try:
        compact = module.compact(text)
        written = module.format(compact)
    except InputError:
        return None
    try:
        value, valid = module.validate(compact).value, True
    except InputError:
        value, valid = compact, False
    return {"scheme": scheme.value, "key": f"{scheme.value}:{value}", "written": written, "valid": valid}


def _place_of(house: House, text: str, *, size: int) -> str:
    """Return the page of what an id or an entry's number names, empty where there is none."""
    entry = _ENTRY.fullmatch(text)
    if entry:
        return f"/entries/{int(entry[1])}" if int(entry[1]) < size else ""
    found = _ID.fullmatch(text.lower())
    if not found or found[1] not in PAGES:
        return ""
    here = found[1] not in {one.value for one in Kind} or _exists(house, text.lower(), size=size)
    return f"{PAGES[found[1]]}{text.lower()}" if here else ""


def _by_code(house: House, keys: Sequence[str]) -> list[Hit]:
    book = CodeBook(house)
    hits: dict[str, Hit] = {}
    for key in keys:
        if book.names(key):
            for one in search.find(house, key, limit=search.LIMIT_MAX).hits:
                hits.setdefault(one.id, one)
    return list(hits.values())


def _on_record(house: House, hits: Sequence[Hit], *, size: int) -> dict[str, str]:
    """Return those of the hits that are on record below `size`, each with the version of a recording, if it has one."""
    if not hits:
        return {}
    tags = sorted({tag for one in hits for tag in _REGISTERED[one.kind]})
    there: dict[str, str] = {}
    for one in house.index.about([one.id for one in hits], tags=tags, size=size):
        subject = one.fact.subjects()[0]
        there[subject] = there.get(subject, "") or str(getattr(one.fact, "version", ""))
    return there


def _exists(house: House, thing: str, *, size: int) -> bool:
    tags = _REGISTERED[Kind(thing.rpartition("_")[0])]
    return any(one.fact.subjects()[0] == thing for one in house.index.about([thing], tags=tags, size=size))


def _hit(hit: Hit, *, version: str, by_code: bool) -> Value:
    scheme, _, code = hit.code.partition(":")
    return {
        "kind": hit.kind.value,
        "id": hit.id,
        "title": hit.title,
        "artist": hit.artist,
        "version": version,
        "code": hit.code,
        "scheme": scheme if code else "",
        "written": _written(scheme, code),
        "score": hit.score,
        "match": "code" if by_code else "exact" if hit.score == EXACT else "close",
        "href": f"{PAGES[hit.kind]}{hit.id}",
    }


def _written(scheme: str, code: str) -> str:
    try:
        return codes.module_for(scheme).format(code) if code else ""
    except InputError:
        return code
