"""Asset rows: an asset is a recording (sound recording, art track, music video) or a work (composition)."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, TypeVar

from cantoria.codes import Scheme, youtube
from cantoria.formats.entries.types import Code, Entry, Outcome, Party, Recording, Share, Work
from cantoria.formats.limits import SHEET
from cantoria.formats.types import Severity
from cantoria.formats.youtube.disputes import disputes
from cantoria.formats.youtube.merges import Merged
from cantoria.formats.youtube.ownership import Owned, ownership
from cantoria.formats.youtube.rows import Cells
from cantoria.kernel.errors import InputError
from cantoria.registry.types import Right, Role, Side

RECORDINGS: Final = {"sound_recording", "art_track_video", "art_track", "music_video"}
WORKS: Final = {"composition", "composition_share"}
_TRUE: Final = {"yes", "true", "1"}
_ALL_RIGHTS: Final = (Right.PERFORMING, Right.MECHANICAL, Right.SYNCHRONISATION)
_KEY_CHARS_MAX: Final = 128


@dataclass(slots=True)
class Seen:
    """What earlier rows said, as far back as is remembered: the content of each asset's row, and whose each custom
    id is."""

    assets: OrderedDict[str, tuple[int, int]] = field(default_factory=OrderedDict)
    customs: OrderedDict[str, tuple[str, int]] = field(default_factory=OrderedDict)

    def row(self, asset: str, content: int, line: int) -> tuple[int, bool]:
        """Remember the row of an asset; return the line of the row before (0 without) and whether it said the same."""
        before = self.assets.get(asset)
        _remember(self.assets, asset, (content, line))
        return (before[1], before[0] == content) if before is not None else (0, False)

    def custom(self, text: str, asset: str, line: int) -> tuple[str, int]:
        """Return the asset that a custom id was seen for first, with its line."""
        before = self.customs.get(text)
        if before is None:
            _remember(self.customs, text, (asset, line))
        return before or (asset, line)


T = TypeVar("T")


def _remember(memory: OrderedDict[str, T], key: str, value: T) -> None:
    memory[key] = value
    if len(memory) > SHEET.remembered_max:
        memory.popitem(last=False)


def asset_id(row: Cells) -> str:
    """Return the row's asset id in stored form; `InputError` where it is none."""
    return youtube.validate(row.text("asset_id")).value


def side_of(row: Cells) -> Side | None:
    """Return the side that the row's asset is on, None where it is no music or its type is not known."""
    kind = row.text("asset_type").lower().replace(" ", "_").replace("-", "_")
    if kind in RECORDINGS:
        return Side.RECORDING
    if kind in WORKS:
        return Side.WORK
    if kind:
        return None
    if row.first("iswc", "hfa_song_code"):
        return Side.WORK
    return Side.RECORDING if row.first("isrc", "your_isrc", "display_isrc", "other_isrc") else None


def read_asset(row: Cells, *, seen: Seen, owner: Party, mentioned: bool = False) -> Entry:
    """Return the entry of one row about an asset. Rows of one asset that differ only in references or constituents
    add what is new. `mentioned`: the row speaks of the asset only in passing."""
    asset = asset_id(row)
    side = side_of(row)
    if side is None:
        return _passed_over(row)
    content = hash(tuple(sorted((name, text) for name, text in row.cells.items() if _tells(name))))
    before, same = seen.row(asset, content, row.line)
    if same:
        return _duplicate(row, asset, before)
    key, titled = _key(row, asset, seen), row.first("asset_title", "episode_title")
    shares, parties = _shares(row, side, owner) if not mentioned else ((), ())
    passing = mentioned or before > 0 or not titled
    works: tuple[Work, ...] = ()
    recordings: tuple[Recording, ...] = ()
    if side is Side.WORK:
        codes = ((Scheme.YOUTUBE_ASSET.value, asset), *row.codes(Scheme.ISWC, "iswc"))
        works = (Work(key=key, title=titled, codes=codes, shares=shares, mentioned=passing),)
    else:
        codes = ((Scheme.YOUTUBE_ASSET.value, asset), *_isrcs(row))
        artist = row.text("artist")
        recordings = (Recording(key=key, title=titled, artist=artist, codes=codes, shares=shares, mentioned=passing),)
    return Entry(
        line=row.line,
        kind="asset",
        parties=parties,
        works=works,
        recordings=recordings,
        late=(*_merged(row, asset), *disputes(row, asset=asset, side=side)),
        findings=row.notes.take(),
    )


def _duplicate(row: Cells, asset: str, before: int) -> Entry:
    row.notes.add(
        row.line,
        f"the asset stands on line {before} with the same content (another of its references)",
        "nothing needs to be done",
        field="asset_id",
        value=asset,
        severity=Severity.INFO,
    )
    return Entry(line=row.line, kind="asset", outcome=Outcome.DUPLICATE, findings=row.notes.take())


def _passed_over(row: Cells) -> Entry:
    kind = row.text("asset_type")
    told = f"an asset of type {kind!r} is no recording and no work" if kind else "the row says of no type and no code"
    row.notes.add(
        row.line,
        f"{told}; it is not registered",
        "nothing needs to be done",
        field="asset_type",
        value=kind,
        severity=Severity.INFO,
    )
    return Entry(line=row.line, kind="asset", outcome=Outcome.PASSED_OVER, findings=row.notes.take())


def _tells(name: str) -> bool:
    """Tell whether a column says something of the asset that is registered."""
    return name not in ("active_reference_id", "inactive_reference_id") and "views" not in name


def _key(row: Cells, asset: str, seen: Seen) -> str:
    """Return the sender's key of the asset: its custom id, else the asset id; none for an art track with an ISRC,
    which YouTube makes of a recording that has an asset of its own."""
    custom = row.text("custom_id")
    if not custom:
        art = row.text("asset_type").lower().replace(" ", "_").startswith("art_track")
        return "" if art and row.first("your_isrc", "display_isrc", "isrc") else asset
    if len(custom) > _KEY_CHARS_MAX or not custom.isprintable():
        row.note(
            "the custom id cannot be a key; the asset goes by its asset id",
            "shorten it",
            field="custom_id",
            value=custom,
        )
        return asset
    first, line = seen.custom(f"{side_of(row)}:{custom}", asset, row.line)
    if first != asset:
        row.note(
            f"the custom id stands for asset {first} on line {line} already; this asset goes by its asset id",
            "give each asset its own custom id",
            field="custom_id",
            value=custom,
        )
        return asset
    return custom


def _isrcs(row: Cells) -> tuple[Code, ...]:
    """Return the ISRCs that the owner gave or sees; those that other owners gave are told of, not linked."""
    mine = tuple(row.codes(Scheme.ISRC, "your_isrc", "display_isrc", "isrc"))
    for code in row.codes(Scheme.ISRC, "other_isrc"):
        if code not in mine:
            row.note(
                "another owner's ISRC of this asset; it is not linked to the recording",
                "link it yourself where it is one recording, else dispute the merge",
                field="other_isrc",
                value=code[1],
            )
    return mine


def _shares(row: Cells, side: Side, owner: Party) -> tuple[tuple[Share, ...], tuple[Party, ...]]:
    """Return what the owner of the report claims by the ownership cell, with the owner as party."""
    text, odd = row.text("ownership"), list[str]()
    if not text:
        return (), ()
    try:
        owned = ownership(text, odd=odd)
    except InputError as error:
        row.note(f"{error.message}; no share is registered", error.remedy, field="ownership", value=text)
        return (), ()
    for place in odd:
        row.note(
            "unknown territory; it is left out", "use ISO 3166 codes of two letters", field="ownership", value=place
        )
    party = owner.key or ":".join(owner.codes[0])
    shares = tuple(share for one in owned for share in _claims(one, side, party))
    return shares, (owner,) if shares else ()


def _claims(owned: Owned, side: Side, party: str) -> list[Share]:
    """Return the shares that one part of an ownership cell claims: recordings are owned whole where nothing else is
    said, works in the role alone."""
    if side is Side.RECORDING:
        whole = owned.share if owned.share is not None else Fraction(1)
        return [
            Share(party=party, role=Role.PRODUCER, right=Right.NEIGHBOURING, share=whole, territory=owned.territory)
        ]
    if owned.share is None:
        return [Share(party=party, role=Role.PUBLISHER, territory=owned.territory)]
    rights = _ALL_RIGHTS if owned.right is None else (owned.right,)
    return [
        Share(party=party, role=Role.PUBLISHER, right=right, share=owned.share, territory=owned.territory)
        for right in rights
    ]


def _merged(row: Cells, asset: str) -> tuple[Merged, ...]:
    """Return that the row's constituent assets and the asset are one."""
    constituents = [one for _, one in row.codes(Scheme.YOUTUBE_ASSET, "constituent_asset_id") if one != asset]
    if constituents and row.text("is_merged") and row.text("is_merged").lower() not in _TRUE:
        row.note("the asset names a constituent but is not merged", "check the row", field="constituent_asset_id")
    return tuple(Merged(asset=asset, constituent=one) for one in constituents)
