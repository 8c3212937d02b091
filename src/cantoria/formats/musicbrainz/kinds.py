"""What kind of thing a record of MusicBrainz is: its list says so, or the file's name, or its form."""

from __future__ import annotations

from typing import Final

from cantoria.formats.musicbrainz.values import Value

REGISTERED: Final = ("recording", "work", "artist", "label", "release")
OTHERS: Final = ("area", "event", "genre", "instrument", "place", "release-group", "series", "url", "collection")
KINDS: Final = (*REGISTERED, *OTHERS)
LISTS: Final = {f"{kind}s": kind for kind in KINDS} | {"series": "series", "series-list": "series"}
# Members that only one kind has, in the order in which they are asked for: a release names its release group.
_MARKS: Final = (
    ("release", ("media", "barcode", "packaging", "packaging-id", "text-representation", "release-group")),
    ("release-group", ("primary-type", "primary-type-id", "secondary-types")),
    ("recording", ("isrcs", "video", "length", "first-release-date")),
    ("work", ("iswcs", "languages", "language")),
    ("area", ("iso-3166-1-codes", "iso-3166-2-codes")),
    ("place", ("coordinates", "address")),
    ("event", ("cancelled", "setlist", "time")),
    ("label", ("label-code",)),
    ("artist", ("gender", "gender-id", "begin-area", "begin_area")),
    ("url", ("resource",)),
)


def kind_of(value: Value, *, hint: str = "") -> str:
    """Return the kind of a record by the members that only one kind has; else `hint` where it is a kind; else by
    members that several have; nothing where it cannot be told."""
    for kind, marks in _MARKS:
        if any(mark in value for mark in marks):
            return kind
    if hint in KINDS:
        return hint
    if "sort-name" in value or "ipis" in value:
        return "artist"
    return "work" if "title" in value and "artist-credit" not in value else ""


def hint_of(file: str) -> str:
    """Return the kind that a file's name says (`mbdump/recording`, `work.jsonl`), or nothing."""
    name = file.replace("\\", "/").rpartition("/")[2].lower()
    stem = name.partition(".")[0]
    return LISTS.get(stem, stem) if LISTS.get(stem, stem) in KINDS else ""
