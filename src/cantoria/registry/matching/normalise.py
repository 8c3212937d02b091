"""A row as it is compared, with the keys under which candidates for it are looked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from cantoria.kernel.errors import InputError
from cantoria.registry.match_facts import MatchKind
from cantoria.registry.matching.folding import fold, sound
from cantoria.registry.matching.people import key_sound, key_words, name_key, name_keys, split_names
from cantoria.registry.matching.titles import SplitTitle, split_title
from cantoria.registry.matching.types import SEPARATOR, Normal, Row

TEXT_CHARS_MAX: Final = 1_000
LIST_MAX: Final = 100
BUCKET_MS: Final = 4_000
_PREFIX: Final = 5
_NAMES_KEYED: Final = 4
NO_ALIASES: Final[Mapping[str, str]] = {}

KEY_KINDS: Final = {
    "c": "code",
    "a": "fingerprint id",
    "n": "title and performer, in any order",
    "t": "title and name",
    "p": "beginning of title and name",
    "e": "end of title and name",
    "d": "title and duration",
    "m": "name, duration and one letter of the title",
    "w": "whole title or name",
    "i": "one name and the beginning of the other",
    "r": "thing in common",
}
"""What rows are brought together by, by the first letter of a key."""


def normalise(row: Row, *, kind: MatchKind, aliases: Mapping[str, str] = NO_ALIASES) -> Normal:
    """Return a row in the form that is compared. Raises `InputError` for a row without an id."""
    row = _within(row)
    if kind is MatchKind.PARTY:
        return _party(row)
    title = split_title(row.title, version=row.version)
    artist = split_title(row.artist, version="") if row.artist else SplitTitle((), (), (), ())
    credit = _credit(row.artist) if artist.facets else row.artist
    written = (*split_names(credit), *(name for text in title.featured for name in split_names(text)))
    names = name_keys(written, aliases=aliases)
    facets = tuple(sorted({*title.facets, *artist.facets, *(f"#{number}" for number in title.numbers)}))
    titles = tuple(dict.fromkeys((*title.titles, *(_alias(alias) for alias in row.aliases))))
    works = kind is MatchKind.WORK
    normal = Normal(
        id=row.id,
        source=row.source,
        titles=SEPARATOR.join(one for one in titles if one),
        names=SEPARATOR.join(names),
        facets=SEPARATOR.join(facets),
        writers=SEPARATOR.join(name_keys(row.writers, aliases=aliases)),
        shares=",".join(str(share) for share in sorted(row.shares)),
        first_codes=row.iswc if works else row.isrc,
        second_codes=row.isrc if works else row.iswc,
        other_codes=row.codes,
        audio=row.audio,
        related=(),
        duration_ms=row.duration_ms,
        keys=(),
    )
    return replace(normal, keys=tuple(sorted(set(_work_keys(normal) if works else _recording_keys(normal)))))


def normalise_all(rows: Iterable[Row], *, kind: MatchKind, aliases: Mapping[str, str] = NO_ALIASES) -> Iterator[Normal]:
    """Give every row in the form that is compared."""
    return (normalise(row, kind=kind, aliases=aliases) for row in rows)


def _within(row: Row) -> Row:
    """Return the row with texts and lists that are beyond all measure cut: one bad row must not stop a run."""
    if not row.id:
        raise InputError("a row has no id", "give each row an id of its own")
    texts = ("title", "artist", "version", "source")
    lists = ("isrc", "iswc", "codes", "aliases", "writers", "audio", "related", "shares")
    long = {name: value[:TEXT_CHARS_MAX] for name in texts if len(value := getattr(row, name)) > TEXT_CHARS_MAX}
    many = {name: value[:LIST_MAX] for name in lists if len(value := getattr(row, name)) > LIST_MAX}
    return replace(row, **long, **many) if long or many else row


def _credit(artist: str) -> str:
    """Return a performer without the version words that were written into its field."""
    split = split_title(artist)
    return " & ".join((split.titles[0], *split.featured))


def _alias(title: str) -> str:
    return split_title(title).titles[0] if title else ""


def _party(row: Row) -> Normal:
    names = tuple(dict.fromkeys(key for key in map(name_key, (row.title, *row.aliases)) if key))
    split = {scheme: tuple(code for code in row.codes if code.startswith(scheme)) for scheme in ("ipi", "isni")}
    normal = Normal(
        id=row.id,
        source=row.source,
        titles=SEPARATOR.join(_words(key) for key in names),
        names=SEPARATOR.join(sorted(names)),
        facets=row.version,
        writers="",
        shares="",
        first_codes=tuple(code for code in split["ipi"] if code.startswith("ipi_name:")) or split["ipi"],
        second_codes=split["isni"],
        other_codes=tuple(code for code in row.codes if not code.startswith(("ipi", "isni"))),
        audio=(),
        related=row.related,
        duration_ms=None,
        keys=(),
    )
    return replace(normal, names="", keys=tuple(sorted(set(_party_keys(row, normal)))))


def _words(key: str) -> str:
    return " ".join(key_words(key))


def _recording_keys(normal: Normal) -> Iterator[str]:
    """Give the blocking keys of a recording. None is the ISRC alone: each code has its key, and so has each way in
    which title, performer and duration can agree although one of them is written wrongly."""
    yield from (f"c{code}" for code in (*normal.first_codes, *normal.other_codes))
    yield from (f"a{one}" for one in normal.audio)
    titles = [sound(one) for one in normal.titles.split(SEPARATOR) if one]
    names = normal.names.split(SEPARATOR)[:_NAMES_KEYED] if normal.names else []
    sounds = [key_sound(name) for name in names]
    for title in filter(None, titles):
        for name in filter(None, sounds):
            yield f"t{title[:14]}|{name[:3]}"
            yield f"p{title[:_PREFIX]}|{name[:6]}"
            yield f"e{title[-_PREFIX:]}|{name[:6]}"
        for bucket in _buckets(normal.duration_ms):
            yield f"d{title[:18]}|{bucket}"
        yield from (f"c{code}|{title[:3]}" for code in normal.second_codes)
        if not sounds:
            yield f"w{title}"  # nobody is named: the title is all there is
    # A title as a name, so that rows with title and performer exchanged meet.
    turned = [key_sound(name_key(one)) for one in normal.titles.split(SEPARATOR) if one]
    for name in filter(None, sounds):
        yield from ("n" + "|".join(sorted((one, name))) for one in turned if one)
        for bucket in _buckets(normal.duration_ms):
            ends = {end for title in titles for end in (title[:1], "-" + title[-1:])}
            yield from (f"m{name[:14]}|{bucket}|{end}" for end in ends)


def _buckets(duration_ms: int | None) -> Iterator[int]:
    """Give the bucket of a duration, and the next one, so that two near each other share one."""
    if duration_ms is not None:
        yield duration_ms // BUCKET_MS
        yield (duration_ms + BUCKET_MS // 2) // BUCKET_MS + 1_000_000


def _work_keys(normal: Normal) -> Iterator[str]:
    yield from (f"c{code}" for code in (*normal.first_codes, *normal.second_codes, *normal.other_codes))
    titles = [sound(one) for one in normal.titles.split(SEPARATOR) if one]
    people = (normal.writers or normal.names).split(SEPARATOR)
    sounds = [key_sound(name) for name in people[: 2 * _NAMES_KEYED] if name]
    for title in filter(None, titles):
        for name in filter(None, sounds):
            yield f"t{title[:14]}|{name[:3]}"
            yield f"p{title[:_PREFIX]}|{name[:6]}"
            yield f"e{title[-_PREFIX:]}|{name[:6]}"
        # Half of all rows name no writer: rows with and without meet by the whole title.
        yield f"w{title}"


def _party_keys(row: Row, normal: Normal) -> Iterator[str]:
    yield from (f"c{code}" for code in row.codes)
    for name in normal.names.split(SEPARATOR):
        words = key_words(name)
        if not words:
            continue
        yield f"w{key_sound(name)}"
        ordered = sorted(words, key=lambda word: (-len(word), word))
        yield from (f"r{one}|{ordered[0][:3]}" for one in normal.related)
        if len(words) > 1:
            first, second = fold(ordered[0]), fold(ordered[1])
            yield f"i{sound(first)}|{second[:3]}"
            yield f"i{sound(second)}|{first[:3]}"
