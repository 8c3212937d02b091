"""What the two models made and what else was played: generations with attribution evidence, and plays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from cantoria.app.sample import coins, organisations, story
from cantoria.app.sample.catalogue import Draft
from cantoria.app.sample.dataset import Dataset
from cantoria.app.sample.dice import Dice, Wheel
from cantoria.app.sample.model import Recording, Temper
from cantoria.app.sample.names import Language
from cantoria.app.sample.settings import Size
from cantoria.kernel.periods import moment_of

WITHOUT_EVIDENCE: Final = 0.06
UNCERTAIN: Final = 0.08
BY_ARTIST: Final = 0.02
DUPLICATE: Final = 0.004
CONFLICTING: Final = 0.001
INVALID: Final = 0.001
NOT_TRAINED_ON: Final = 0.01
SECOND_MODEL: Final = 0.2
_MONTH: Final = (datetime(2026, 9, 1, tzinfo=UTC), 30)
_DAY_MICROSECONDS: Final = 86_400_000_000
_INVALID_LINES: Final = (
    b'{"at":1790000000000000,"event_id":"bad-weight","evidence":[{"kind":"recording","player":"isrc:KR9ZA2100001",'
    b'"weight_ppm":1200000}],"version":"?"}\n',
    b'{"at":-1,"event_id":"bad-time","version":"?"}\n',
    b'{"event_id":"cut off","evid\n',
)


@dataclass(frozen=True, slots=True)
class Play:
    """A line of plays: event id, code key, country (ISO), day (ISO) and number."""

    event_id: str
    code: str
    territory: str
    date: str
    plays: int


def generations(draft: Draft, dataset: Dataset, *, seed: int, size: Size) -> tuple[bytes, bytes]:
    """Return the generation events of both models for September 2026 as JSON lines (usage's canonical form). The
    field `version` holds the model's name; whoever imports them puts the version's id in its place."""
    maker = _Events(draft, dataset, Dice(seed=seed, stream="generations"))
    second = round(size.generations * SECOND_MODEL)
    return maker.file(size.generations - second, model=story.MODEL), maker.file(second, model=story.MODEL_TWO)


class _Events:
    """Makes events; what sounds alike is drawn by popularity from what the models were probably trained on."""

    def __init__(self, draft: Draft, dataset: Dataset, dice: Dice) -> None:
        self._dice = dice
        willing = {scene.number for scene in draft.cast.scenes if scene.temper is Temper.OPEN}
        rest = [one for one in dataset.recordings if one.scene in willing and one.key != story.RECORDING]
        self._trained: Sequence[Recording] = [draft.records.recordings[0], *dice.shuffled(rest)]
        self._others = [one for one in draft.records.recordings if one.scene not in willing]
        self._wheel = Wheel(400_000 // (place + 40) for place in range(len(self._trained)))

    def file(self, count: int, *, model: str) -> bytes:
        """Return `count` events of one model with duplicates, conflicts and invalid lines among them."""
        dice = self._dice
        lines: list[bytes] = []
        for number in range(1, count + 1):
            lines.append(self._event(number, model))
            if dice.chance(DUPLICATE):
                lines.append(lines[-1])
            elif dice.chance(CONFLICTING):
                lines.append(self._event(number, model))
            elif dice.chance(INVALID):
                lines.append(dice.pick(_INVALID_LINES))
        return b"".join(lines)

    def _event(self, number: int, model: str) -> bytes:
        dice = self._dice
        start, days = _MONTH
        at = moment_of(start) + dice.below(days * _DAY_MICROSECONDS)
        evidence = "" if dice.chance(WITHOUT_EVIDENCE) else f'"evidence":[{self._evidence()}],'
        prefix = model.split()[0].lower()
        return f'{{"at":{at},"event_id":"{prefix}-{number:08d}",{evidence}"version":"{model}"}}\n'.encode()

    def _evidence(self) -> str:
        """Return one to six pieces of evidence as canonical JSON; together they weigh at most the whole."""
        dice = self._dice
        players = {self._player(): None for _ in range(1 + min(dice.below(6), dice.below(6)))}
        left = 1_000_000 - dice.between(20_000, 250_000)
        found = []
        for kind, player in players:
            weight = max(500, left * dice.between(25, 70) // 100)
            left -= weight
            error = weight * (dice.between(60, 120) if dice.chance(UNCERTAIN) else dice.between(2, 25)) // 100
            found.append(
                f'{{"error_ppm":{min(error, 1_000_000)},"kind":"{kind}","player":"{player}","weight_ppm":{weight}}}'
            )
        return ",".join(found)

    def _player(self) -> tuple[str, str]:
        dice = self._dice
        recording = self._trained[self._wheel.spin(dice)]
        if self._others and dice.chance(NOT_TRAINED_ON):
            recording = dice.pick(self._others)
        if dice.chance(BY_ARTIST):
            return "artist", recording.artist
        return "recording", f"isrc:{recording.isrc}"


def plays(draft: Draft, *, seed: int, size: Size) -> list[Play]:
    """Return plays of September 2026: by ISRC mostly, some by other codes, some of nothing on record."""
    dice = Dice(seed=seed, stream="plays")
    recordings = dice.shuffled(draft.records.recordings)
    wheel = Wheel(1_000_000 // (place + 25) for place in range(len(recordings)))
    first = date(2026, 9, 1)
    found: list[Play] = []
    for number in range(1, size.plays + 1):
        recording = recordings[wheel.spin(dice)]
        code = f"isrc:{recording.isrc}"
        if dice.chance(0.08) and recording.codes:
            code = dice.pick(recording.codes)
        elif dice.chance(0.03):
            code = f"isrc:{coins.isrc(2_500_000 + dice.below(5_000), language=Language.ENGLISH, year=2024)}"
        day = (first + timedelta(days=dice.below(30))).isoformat()
        territory = dice.pick(("KR", "KR", "KR", "US", "ES", "MX", "JP", "GB"))
        found.append(Play(f"play-{number:07d}", code, territory, day, 1 + 20_000 // (1 + dice.below(400))))
        if dice.chance(DUPLICATE):
            found.append(found[-1])
    return found


DISTRIBUTOR: Final = organisations.CONTENT.key
