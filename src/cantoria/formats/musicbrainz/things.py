"""Records of MusicBrainz to things: recordings, works, artists, labels and releases with what they mention."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from cantoria.formats.entries.types import Code, Recording, Release, Share, Work
from cantoria.formats.musicbrainz.gather import Gathering, is_mbid, mbid_of, own, titles_of
from cantoria.formats.musicbrainz.relations import (
    MADE_FROM,
    MADE_OF,
    MEDLEY,
    PERFORMANCE,
    PERFORMERS,
    PRODUCERS,
    TRANSLATED,
    VERSIONS,
    WRITERS,
    Related,
    relations_of,
)
from cantoria.formats.musicbrainz.values import Value, member, members, text, texts, whole
from cantoria.formats.types import Severity
from cantoria.kernel.periods import ALWAYS, Period
from cantoria.registry.types import Role, Tier, WorkKind

_PARTIES: Final = ("artist", "label")
_SOCIETY: Final = re.compile(r"(.+) ID")
_NOT_NAMESPACE: Final = re.compile(r"[^A-Z0-9._-]+")
_IDENTIFIERS_MAX: Final = 100


def take(gathering: Gathering, kind: str, value: Value) -> None:
    """Take in a record of one of the kinds that are registered; `InputError` where it has no MBID."""
    match kind:
        case "recording":
            recording(gathering, value, mentioned=False)
        case "work":
            work(gathering, value, mentioned=False)
        case "release":
            release(gathering, value)
        case _:
            mbid_of(value)
            if not gathering.party(value, label=kind == "label"):
                gathering.notes.add(
                    "this entry of the database stands for nobody", "nothing", severity=Severity.INFO, field="name"
                )


def recording(gathering: Gathering, value: Value, *, mentioned: bool, works: tuple[str, ...] = ()) -> str:
    """Take in a recording with the works that it performs and the recordings that it is made of; return its key."""
    key = mbid_of(value)
    shares, artist = _featured(gathering, value)
    featured = {share.party for share in shares}
    performed: dict[str, None] = dict.fromkeys(works)
    samples: dict[str, None] = {}
    said, other = dict.fromkeys(shares), Counter[str]()
    version: dict[str, None] = {}
    for related in relations_of(value):
        if related.kind == "work" and related.type == PERFORMANCE:
            performed[work(gathering, related.target, mentioned=True)] = None
            version |= dict.fromkeys(name for name in VERSIONS if name in related.attributes)
        elif related.kind == "recording" and related.type in MADE_OF and related.forward:
            if text(related.target, "id").lower() != key:
                samples[_bare_recording(gathering, related.target)] = None
        elif share := _holder(gathering, related, featured):
            said[share] = None
        else:
            other[related.type] += related.kind in _PARTIES
    _tell(gathering, other)
    gathering.recording(
        Recording(
            key=key,
            title=text(value, "title"),
            titles=titles_of(value),
            artist=artist,
            duration_ms=whole(value, "length"),
            version=text(value, "disambiguation") or ", ".join(version),
            codes=(own(key), *(("isrc", code) for code in texts(value, "isrcs"))),
            works=tuple(performed),
            samples=tuple(samples),
            shares=tuple(said),
            mentioned=mentioned,
        )
    )
    return key


def work(gathering: Gathering, value: Value, *, mentioned: bool) -> str:
    """Take in a work with its writers, publishers and what it was made from; return its key."""
    key = mbid_of(value)
    shares: dict[Share, None] = {}
    parts: dict[str, None] = {}
    kind, other = WorkKind.ORIGINAL, Counter[str]()
    for related in relations_of(value):
        made = _made_from(related)
        if made is not None and text(related.target, "id").lower() != key:
            kind = made if kind is WorkKind.ORIGINAL else kind
            parts[_bare_work(gathering, related.target)] = None
        elif related.kind in _PARTIES and related.type in WRITERS and not related.over:
            if party := gathering.party(related.target, label=related.kind == "label"):
                shares[_credited(party, WRITERS[related.type], related.period)] = None
        elif related.kind == "recording" and related.type == PERFORMANCE and not mentioned:
            recording(gathering, related.target, mentioned=True, works=(key,))
        else:
            other[related.type] += related.kind in _PARTIES
    _tell(gathering, other)
    gathering.work(
        Work(
            key=key,
            title=text(value, "title"),
            titles=titles_of(value),
            kind=kind,
            parts=tuple(parts),
            codes=(own(key), *(("iswc", code) for code in texts(value, "iswcs")), *_society_codes(value)),
            shares=tuple(shares),
            mentioned=mentioned,
        )
    )
    return key


def release(gathering: Gathering, value: Value) -> None:
    """Take in a release with its recordings, in order."""
    key = mbid_of(value)
    held: dict[str, None] = {}
    for medium in members(value, "media"):
        pregap = member(medium, "pregap")
        for item in (*([pregap] if pregap else []), *members(medium, "tracks"), *members(medium, "data-tracks")):
            found = member(item, "recording")
            if is_mbid(text(found, "id").lower()):
                held[recording(gathering, found, mentioned=True)] = None
    barcode = text(value, "barcode")
    codes = (own(key), *([("gtin", barcode)] if barcode else []))
    gathering.release(Release(key=key, title=text(value, "title"), codes=codes, recordings=tuple(held)))
    if not held:
        gathering.notes.add(
            "the release names no recording", "send it with its recordings", severity=Severity.INFO, field="media"
        )


def _featured(gathering: Gathering, value: Value) -> tuple[list[Share], str]:
    """Return who is credited as the artist, and the credit as it is displayed."""
    shares: dict[Share, None] = {}
    shown: list[str] = []
    for credit in members(value, "artist-credit"):
        artist = member(credit, "artist")
        shown += [text(credit, "name") or text(artist, "name"), _phrase(credit)]
        if party := gathering.party(artist):
            shares[_credited(party, Role.FEATURED_PERFORMER)] = None
    return list(shares), "".join(shown).strip()


def _credited(party: str, role: Role, period: Period = ALWAYS) -> Share:
    """Return a credit: anybody can edit it, so it is shown and makes nobody a holder."""
    return Share(party=party, role=role, period=period, tier=Tier.ASSERTED)


def _phrase(credit: Value) -> str:
    """Return the words between two credits with their spaces, which mean something here."""
    found = credit.get("joinphrase")
    return found if isinstance(found, str) and found.isprintable() and len(found) <= 100 else ""


def _holder(gathering: Gathering, related: Related, featured: set[str]) -> Share | None:
    """Return the role that a relation to an artist or label gives in a recording, if it gives one."""
    if related.kind not in _PARTIES or related.over or related.type not in PERFORMERS | PRODUCERS:
        return None
    party = gathering.party(related.target, label=related.kind == "label")
    if not party:
        return None
    if related.type in PRODUCERS:
        return _credited(party, Role.PRODUCER)
    if party in featured:
        return _credited(party, Role.FEATURED_PERFORMER)
    return _credited(party, Role.NON_FEATURED_PERFORMER)


def _made_from(related: Related) -> WorkKind | None:
    """Return what a work is when it was made from the work of this relation, or None when it was not."""
    if related.kind != "work":
        return None
    if related.type == MEDLEY and related.forward:
        return WorkKind.MEDLEY
    if related.type in MADE_FROM and not related.forward:
        return WorkKind.TRANSLATION if TRANSLATED in related.attributes else MADE_FROM[related.type]
    return None


def _bare_work(gathering: Gathering, value: Value) -> str:
    """Take in a work that another was made from, without its own relations; return its key."""
    key = mbid_of(value)
    codes = (own(key), *(("iswc", code) for code in texts(value, "iswcs")))
    gathering.work(Work(key=key, title=text(value, "title"), codes=codes, mentioned=True))
    return key


def _bare_recording(gathering: Gathering, value: Value) -> str:
    """Take in a recording that another is made of, without its own relations; return its key."""
    key = mbid_of(value)
    codes = (own(key), *(("isrc", code) for code in texts(value, "isrcs")))
    length = whole(value, "length")
    gathering.recording(Recording(key=key, title=text(value, "title"), duration_ms=length, codes=codes, mentioned=True))
    return key


def _society_codes(value: Value) -> list[Code]:
    """Return the work numbers of societies (`KOMCA ID`, `JASRAC ID`) as their own codes."""
    found: list[Code] = []
    for attribute in members(value, "attributes")[:_IDENTIFIERS_MAX]:
        named = _SOCIETY.fullmatch(text(attribute, "type"))
        number = text(attribute, "value")
        if named and number:
            namespace = _NOT_NAMESPACE.sub("-", named[1].upper()).strip("-._")[:32]
            found.append(("own", f"{namespace}:{number}"))
    return found


def _tell(gathering: Gathering, other: Counter[str]) -> None:
    """Say which relations to parties make nobody a holder."""
    kinds = {name or "unnamed": count for name, count in sorted(other.items()) if count}
    if kinds:
        shown = ", ".join(kinds)
        gathering.notes.add(
            f"relations to parties that make nobody a holder here ({sum(kinds.values())}): {shown}"[:300],
            "nothing, unless the party performs, writes or produces",
            severity=Severity.INFO,
            field="relations",
        )
