"""The first developer's dataset: rows with the codes that it has, some wrong, some of nothing that is on record."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from cantoria.app.sample import bad, coins, story
from cantoria.app.sample.catalogue import Draft
from cantoria.app.sample.dice import Dice, Wheel
from cantoria.app.sample.model import Recording
from cantoria.app.sample.names import Language
from cantoria.app.sample.settings import Size

UNKNOWN: Final = 0.045
CONTRADICTING: Final = 0.010
LYRICS: Final = 0.015
REPEATED: Final = 0.005
SLIPPED_IN: Final = 7  # rows that the second model's run holds and no certificate does

_ISRC, _BOTH, _ISWC, _UCI, _ASSET, _OWN = range(6)
_FORMS: Final = Wheel((70, 12, 5, 6, 4, 3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of the manifest: code keys and the medium."""

    codes: tuple[str, ...]
    media: str = "recording"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """The manifest; recordings in it that can be found by ISRC; and rows slipped into a run beside it."""

    lines: tuple[Line, ...]
    recordings: tuple[Recording, ...]
    slipped_in: tuple[Line, ...]


def build(draft: Draft, *, seed: int, size: Size) -> Dataset:
    """Return the dataset of the world: the story's recordings first of all, then recordings drawn from all."""
    maker = _Maker(draft, seed=seed)
    own, others = draft.records.recordings[: story.WORKS], draft.records.recordings[story.WORKS :]
    drawn = [*own, *maker.dice.shuffled(others)]
    wanted = max(0, size.manifest_rows - round(size.manifest_rows * (UNKNOWN + LYRICS + REPEATED)))
    chosen, left = drawn[:wanted], drawn[wanted:]
    lines = [maker.line(recording) for recording in chosen]
    lines[len(own) :] = maker.shuffled(lines[len(own) :], count=size.manifest_rows)
    found = tuple(recording for recording in chosen if maker.plain(recording))
    slipped = tuple(Line(codes=(f"isrc:{recording.isrc}",)) for recording in left[:SLIPPED_IN])
    return Dataset(lines=tuple(lines), recordings=found, slipped_in=slipped)


class _Maker:
    """Makes rows."""

    def __init__(self, draft: Draft, *, seed: int) -> None:
        self.dice = Dice(seed=seed, stream="dataset")
        self._draft = draft
        self._works = {work.key: work for work in draft.records.works}
        self._mess = {draft.records.recordings[number].key for number in draft.recording_mess}
        self._isrc_found: set[str] = set()
        self._versions = Counter(key for recording in draft.records.recordings for key in recording.works)

    def line(self, recording: Recording) -> Line:
        """Return the row of a recording, by whatever code the developer has; the story's always by ISRC."""
        form = _FORMS.spin(self.dice) if recording.scene else _ISRC
        codes = dict(code.split(":", 1) for code in recording.codes)
        iswcs = [self._works[key].iswc for key in recording.works if self._works[key].iswc]
        isrc = f"isrc:{recording.isrc}"
        if recording.scene and self.dice.chance(CONTRADICTING):
            other = self.dice.pick(self._draft.records.recordings)
            return Line(codes=(isrc, next(iter(other.codes), f"isrc:{other.isrc}")))
        if form == _BOTH and iswcs:
            return Line(codes=(isrc, f"iswc:{iswcs[0]}"))
        if form == _ISWC and iswcs and (self._versions[recording.works[0]] == 1 or self.dice.chance(0.15)):
            return Line(codes=(f"iswc:{iswcs[0]}",))
        for wanted, scheme in ((_UCI, "uci"), (_ASSET, "youtube_asset"), (_OWN, "own")):
            if form == wanted and scheme in codes:
                return Line(codes=(f"{scheme}:{codes[scheme]}",))
        self._isrc_found.add(recording.key)
        return Line(codes=(isrc,))

    def plain(self, recording: Recording) -> bool:
        """Tell whether a recording made so far stands in the manifest by its ISRC, and nothing is wrong with it."""
        return recording.key in self._isrc_found and recording.key not in self._mess

    def shuffled(self, lines: list[Line], *, count: int) -> list[Line]:
        """Return the lines with lyrics, unknown and repeated ones among them, as many as make `count` with the
        story's."""
        dice = self.dice
        works = self._draft.records.works
        more = [self._lyrics(works[dice.below(len(works))].iswc) for _ in range(round(count * LYRICS))]
        more += [dice.pick(lines) for _ in range(round(count * REPEATED))]
        missing = count - story.WORKS - len(lines) - len(more) - len(bad.MANIFEST)
        more += [self._unknown(number) for number in range(max(0, missing))]
        return dice.shuffled([*lines, *more])

    def _lyrics(self, iswc: str) -> Line:
        return Line(codes=(f"iswc:{iswc or coins.work_code(0)}",), media="work")

    def _unknown(self, number: int) -> Line:
        if self.dice.chance(0.8):
            language = self.dice.pick(list(Language))
            return Line(codes=(f"isrc:{coins.isrc(2_000_000 + number, language=language, year=2023)}",))
        return Line(codes=(f"own:CRAWL:{number:08x}",))
