"""Claim rows: a claim on somebody's video names an asset. What it says of the asset is kept, the video is not."""

from __future__ import annotations

from typing import Final

from cantoria.codes import Scheme
from cantoria.formats.entries.types import Entry, Outcome, Recording, Release, Work
from cantoria.formats.types import Severity
from cantoria.formats.youtube.assets import Seen, asset_id, side_of
from cantoria.formats.youtube.rows import Cells
from cantoria.registry.types import Side

_TELLS: Final = ("asset_id", "custom_id", "asset_title", "artist", "isrc", "iswc", "upc", "grid", "album")
_KEY_CHARS_MAX: Final = 128


def read_claim(row: Cells, *, seen: Seen) -> Entry:
    """Return the entry of one claim: its asset mentioned, once for all claims that say the same of it."""
    asset = asset_id(row)
    side = side_of(row)
    if side is None:
        return _left(
            row, Outcome.PASSED_OVER, "the claim names no ISRC and no ISWC: what its asset is, it does not say"
        )
    content = hash(tuple(row.text(name) for name in _TELLS))
    before, same = seen.row(asset, content, row.line)
    if same:
        return _left(row, Outcome.DUPLICATE, f"a claim on line {before} says the same of this asset")
    custom = row.text("custom_id")
    key = custom if custom and len(custom) <= _KEY_CHARS_MAX and custom.isprintable() else asset
    codes = (Scheme.YOUTUBE_ASSET.value, asset)
    if side is Side.WORK:
        work = Work(
            key=key,
            title=row.text("asset_title"),
            codes=(codes, *row.codes(Scheme.ISWC, "iswc")),
            mentioned=True,
        )
        return Entry(line=row.line, kind="claim", works=(work,), findings=row.notes.take())
    recording = Recording(
        key=key,
        title=row.text("asset_title"),
        artist=row.text("artist"),
        codes=(codes, *row.codes(Scheme.ISRC, "isrc")),
        mentioned=True,
    )
    found = (*row.codes(Scheme.GTIN, "upc"), *row.codes(Scheme.GRID, "grid"))
    releases = (Release(title=row.text("album"), codes=found, recordings=(f"{codes[0]}:{asset}",)),) if found else ()
    return Entry(line=row.line, kind="claim", recordings=(recording,), releases=releases, findings=row.notes.take())


def _left(row: Cells, outcome: Outcome, why: str) -> Entry:
    row.notes.add(
        row.line, why, "nothing needs to be done", field="asset_id", value=row.text("asset_id"), severity=Severity.INFO
    )
    return Entry(line=row.line, kind="claim", outcome=outcome, findings=row.notes.take())
