"""The rows that an entry makes in the tables of the family, and what of it no table can hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Final

from cantoria.codes import Scheme
from cantoria.formats.csvfamily.cells import KEY_CHARS_MAX
from cantoria.formats.csvfamily.desk import is_id
from cantoria.formats.entries.types import Entry, Outcome, Party, Recording, Release, Share, Work
from cantoria.formats.limits import CSV
from cantoria.formats.outgoing import Lost, Outgoing, Thing, codes_of, key_of, kind_of, other_codes
from cantoria.kernel.periods import TIME_MIN, Period, format_moment
from cantoria.kernel.territories import WORLD
from cantoria.registry.types import Relation, Side, Tier

Row = tuple[str, dict[str, str]]  # the table and the cells that are not empty
PARTY_CODES: Final = ("ipi_name", "ipi_base", "ipn", "isni", "dpid")
RECORDING_CODES: Final = ("isrc", "uci", "youtube_asset", "iscc")
RELEASE_CODES: Final = ("gtin", "grid")
_SCHEMES: Final = {scheme.value for scheme in Scheme}
_DIGITS_MAX: Final = 12
_YES_NO: Final = {True: "yes", False: "no"}


class Rows:
    """Makes rows of entries, each thing once."""

    def __init__(self, lost: Lost) -> None:
        self._lost = lost
        self._outgoing = Outgoing(lost)

    def of(self, entry: Entry) -> Iterator[Row]:
        """Give the rows of an entry."""
        if entry.outcome is not Outcome.REGISTER:
            return
        for thing in self._outgoing.definitions(entry):
            match thing:
                case Party():
                    yield from self._party(thing)
                case Work():
                    yield from self._work(thing)
                case Recording():
                    yield from self._recording(thing)
                case Release():
                    yield from self._release(thing)
        for recording, work in self._outgoing.embodied(entry):
            yield from self._embodied(recording, work)
        titled: tuple[Work | Recording, ...] = (*entry.works, *entry.recordings)
        for thing in titled:
            yield from self._titles(thing)
        for subject, share in self._outgoing.claims(entry):
            yield from self._share(subject, share)
        for one in entry.works:
            yield from self._collections(one)
            yield from self._chains(one)
        if entry.facts or entry.late:
            self._lost.note("facts of other kinds have no table here", "export the facts", thing=entry.kind)

    def _party(self, party: Party) -> Iterator[Row]:
        names = [name.text for name in party.names]
        if any(name.script for name in party.names[1:]):
            self._lost.note("only the first name of a party keeps its script", "nothing", thing=key_of(party))
        cells = {
            "kind": party.kind.value,
            "name": names[0] if names else "",
            "script": party.names[0].script if names else "",
            "other_names": self._list(names[1:], party),
            "reachable": "no",
            **self._codes(party, PARTY_CODES),
            "codes": self._other(party, *PARTY_CODES),
        }
        yield from self._row("parties", "party", party, cells)

    def _work(self, work: Work) -> Iterator[Row]:
        cells = {
            "title": work.title,
            "kind": work.kind.value,
            "parts": self._list(self._references(work.parts, work), work),
            "parts_complete": _YES_NO[work.parts_complete],
            **self._codes(work, ("iswc",)),
            "codes": self._other(work, "iswc"),
        }
        yield from self._row("works", "work", work, cells)

    def _recording(self, recording: Recording) -> Iterator[Row]:
        works = [work for work in recording.works if self._outgoing.seen.add("embodies", key_of(recording), work)]
        cells = {
            "title": recording.title,
            "artist": recording.artist,
            "version": recording.version,
            "duration_ms": "" if recording.duration_ms is None else str(recording.duration_ms),
            "works": self._list(self._references(works, recording), recording),
            "samples": self._list(self._references(recording.samples, recording), recording),
            "samples_complete": _YES_NO[recording.samples_complete],
            **self._codes(recording, RECORDING_CODES),
            "codes": self._other(recording, *RECORDING_CODES),
        }
        yield from self._row("recordings", "recording", recording, cells)

    def _release(self, release: Release) -> Iterator[Row]:
        if not release.recordings:
            self._lost.note("a release without recordings has no row here", "add its recordings", thing=release.title)
            return
        cells = {
            "title": release.title,
            "recordings": self._list(self._references(release.recordings, release), release),
            **self._codes(release, RELEASE_CODES),
            "codes": self._other(release, *RELEASE_CODES),
        }
        yield from self._row("releases", "release", release, cells)

    def _embodied(self, recording: Recording, work: str) -> Iterator[Row]:
        ends = self._references([key_of(recording), work], recording)
        if len(ends) == 2:
            yield "links", {"left": ends[0], "relation": Relation.EMBODIES.value, "right": ends[1]}

    def _share(self, subject: Work | Recording, share: Share) -> Iterator[Row]:
        wrong = _unfit(share, Side(kind_of(subject)))
        if wrong:
            self._lost.note(wrong, "correct the claim", thing=key_of(subject))
            return
        if share.tier is Tier.ADJUDICATED:
            self._lost.note("a claim that was adjudicated is written as verified", "nothing", thing=key_of(subject))
        ends = self._references([key_of(subject), share.party], subject)
        if len(ends) == 2:
            yield "shares", {"subject": ends[0], "party": ends[1], **_share(share)}

    def _titles(self, thing: Work | Recording) -> Iterator[Row]:
        for title in thing.titles:
            about = (kind_of(thing), key_of(thing), title.text, title.kind, title.language)
            if title.text not in ("", thing.title) and self._outgoing.seen.add("title", *about):
                for subject in self._references([key_of(thing)], thing):
                    cells = {"title": title.text, "kind": title.kind.value, "language": title.language}
                    yield "titles", {"subject": subject, **cells}

    def _collections(self, work: Work) -> Iterator[Row]:
        for one in work.collections:
            about = (key_of(work), one.party, one.role, one.right, one.territory)
            if not self._outgoing.seen.add("collection", *about, str(one.share)):
                continue
            ends = self._references([key_of(work), one.party], work)
            share = share_text(one.share) if 0 <= one.share <= 1 else ""
            if one.role.side is not Side.WORK or not share:
                self._lost.note("a collection share cannot be written", "correct it", thing=key_of(work))
            elif len(ends) == 2:
                cells = {"role": one.role.value, "right": one.right.value, "share": share}
                where = {} if one.territory == WORLD else {"territory": one.territory}
                yield "collections", {"subject": ends[0], "party": ends[1], **cells, **where}

    def _chains(self, work: Work) -> Iterator[Row]:
        for one in work.chains:
            about = (key_of(work), one.grantor, one.acquirer, one.kind, one.territory, one.agreement)
            if not self._outgoing.seen.add("chain", *about, str(one.period.start), str(one.period.end)):
                continue
            keys = [key_of(work), one.acquirer, *([one.grantor] if one.grantor else [])]
            ends = self._references(keys, work)
            if len(ends) == len(keys):
                named = dict(zip(("subject", "acquirer", "grantor"), ends, strict=False))
                where = {} if one.territory == WORLD else {"territory": one.territory}
                said = {"kind": one.kind.value, "agreement": one.agreement, **_period(one.period)}
                yield "chains", {**named, **where, **{name: text for name, text in said.items() if text}}

    def _row(self, table: str, column: str, thing: Thing, cells: dict[str, str]) -> Iterator[Row]:
        key = safe_key(key_of(thing))
        if key:
            yield table, {column: key, **{name: text for name, text in cells.items() if text}}
        else:
            self._lost.note("a key is too long, or holds control characters", "give it another", thing=key_of(thing))

    def _references(self, keys: Iterable[str], thing: Thing) -> list[str]:
        """Return the cells that refer to these keys; those that cannot are lost."""
        found = [reference(key) for key in keys]
        if not all(found):
            self._lost.note("a reference cannot be written", "give the thing another key", thing=key_of(thing))
        return [text for text in found if text]

    def _codes(self, thing: Thing, schemes: Iterable[str]) -> dict[str, str]:
        return {scheme: self._list(codes_of(thing, scheme), thing) for scheme in schemes}

    def _other(self, thing: Thing, *schemes: str) -> str:
        return self._list([f"{scheme}:{text}" for scheme, text in other_codes(thing, *schemes)], thing)

    def _list(self, items: Iterable[str], thing: Thing) -> str:
        kept: list[str] = []
        room = CSV.cell_chars_max - 2  # an apostrophe may come before it
        for item in items:
            if "|" in item:
                self._lost.note("an item of a list holds the sign | and is left out", "nothing", thing=key_of(thing))
            elif len(kept) >= CSV.list_items_max or len(item) >= room:
                self._lost.note("a list is too long for a cell and is cut", "send it in parts", thing=key_of(thing))
                break
            elif item.strip():
                kept.append(item)
                room -= len(item) + 1
        return "|".join(kept)


def reference(key: str) -> str:
    """Return the cell that refers to a key of the file, or to a code written as `scheme:text`; nothing if none can."""
    scheme, colon, _ = key.partition(":")
    if colon and scheme in _SCHEMES and "|" not in key and key.isprintable():
        return key
    return safe_key(key)


def safe_key(key: str) -> str:
    """Return a key that the family can hold for this one, or nothing. Cantoria's own ids change their first `_` to
    `-`: a partner's registry would take `work_…` for an id of its own."""
    text = key.replace("_", "-", 1) if is_id(key) else key
    text = text.replace("%", "%25").replace(":", "%3A").replace("|", "%7C")
    return text if 0 < len(text) <= KEY_CHARS_MAX and text.isprintable() and text == text.strip() else ""


def share_text(share: Fraction) -> str:
    """Return an exact share as percent where that ends, else as a fraction; nothing where it has too many digits."""
    percent = share * 100
    for digits in range(_DIGITS_MAX + 1):
        scaled = percent * 10**digits
        if scaled.denominator == 1:
            whole, rest = divmod(scaled.numerator, 10**digits)
            return f"{whole}.{rest:0{digits}d}" if digits else str(whole)
    text = f"{share.numerator}/{share.denominator}"
    return text if len(str(share.denominator)) <= _DIGITS_MAX else ""


def _unfit(share: Share, side: Side) -> str:
    if share.role.side is not side:
        return f"a {share.role.value} is claimed on the wrong side"
    if share.share is not None and share.right is None:
        return "a share is a share of one right, and none is named"
    if share.share is not None and not (0 <= share.share <= 1 and share_text(share.share)):
        return "a share is not between 0 and 100 percent, or has too many digits"
    return ""


def _share(share: Share) -> dict[str, str]:
    cells = {
        "role": share.role.value,
        "right": share.right.value if share.right else "",
        "share": "" if share.share is None else share_text(share.share),
        "territory": "" if share.territory == WORLD else share.territory,
        **_period(share.period),
        "tier": "" if share.tier is Tier.DOCUMENTED else min(share.tier, Tier.VERIFIED).name.lower(),
    }
    return {name: text for name, text in cells.items() if text}


def _period(period: Period) -> dict[str, str]:
    start = "" if period.start == TIME_MIN else format_moment(period.start)
    return {"from": start, "to": "" if period.end is None else format_moment(period.end)}
