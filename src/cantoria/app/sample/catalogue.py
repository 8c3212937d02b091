"""Works, recordings and releases of the sample world, and what of them is awry from the start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cantoria.app.sample import coins, mess, organisations, settings, story, titles
from cantoria.app.sample.dice import Dice, Wheel
from cantoria.app.sample.model import Recording, Records, Release, Scene, Work
from cantoria.app.sample.names import Language
from cantoria.app.sample.people import Cast
from cantoria.app.sample.settings import Size
from cantoria.registry.types import WorkKind

FIRST_YEAR, LAST_YEAR = 1996, 2026
TWO_WORKS: Final = 0.01
COVERED_BY_OTHERS: Final = 0.10
RECORDINGS_MAX: Final = 12
_DERIVED: Final = {
    "arrangement": WorkKind.ARRANGEMENT,
    "translation": WorkKind.TRANSLATION,
    "original_unknown": WorkKind.ARRANGEMENT,
    "medley": WorkKind.MEDLEY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The bare catalogue with what was planted in it: number of work or recording to the kind of mess."""

    cast: Cast
    records: Records
    work_mess: dict[int, str]
    recording_mess: dict[int, str]


def build(seed: int, *, cast: Cast, size: Size) -> Draft:
    """Return works, recordings and releases; holders and links are added by others."""
    dice = Dice(seed=seed, stream="catalogue")
    planting = Dice(seed=seed, stream="mess")
    draft = Draft(
        cast=cast,
        records=Records(parties=cast.parties),
        work_mess=mess.plant(planting, count=size.works, rates=settings.WORK_MESS),
        recording_mess=mess.plant(planting, count=size.recordings, rates=settings.RECORDING_MESS),
    )
    wheel = Wheel(3 + dice.below(6) for _ in cast.scenes)
    for number in range(size.works):
        scene = cast.scenes[0 if number < story.WORKS else wheel.spin(dice)]
        draft.records.works.append(_work(dice, draft, number=number, scene=scene))
    by_scene = _by_scene(draft.records.works)
    for number in range(size.recordings):
        draft.records.recordings.append(_recording(dice, draft, number=number, by_scene=by_scene))
    draft.records.releases.extend(_releases(dice, draft))
    return draft


def _work(dice: Dice, draft: Draft, *, number: int, scene: Scene) -> Work:
    kind = draft.work_mess.get(number, "")
    works = draft.records.works
    parts: tuple[str, ...] = ()
    title = story.TITLE if number == 0 else titles.work(dice, language=scene.language)
    if kind in _DERIVED and kind != "original_unknown":
        originals = dice.few(_plain(draft, scene.society), dice.between(2, 4) if kind == "medley" else 1)
        parts = tuple(works[place].key for place in originals)
        title = " / ".join(works[place].title for place in originals)
    recorder = scene.society
    return Work(
        key=f"work-{number + 1:05d}",
        title=title,
        scene=scene.number,
        iswc="" if number and dice.chance(settings.NO_ISWC) else coins.work_code(number + 1),
        codes=(f"own:HANEUL:{100_000_000_000 + number}",) if scene.language is Language.KOREAN else (),
        kind=_DERIVED.get(kind, WorkKind.ORIGINAL),
        parts=parts,
        parts_complete=kind != "original_unknown",
        recorder=recorder,
    )


def _plain(draft: Draft, society: str) -> Sequence[int]:
    """Return a few hundred of the numbers of a society's works made so far that nothing is wrong with."""
    works = draft.records.works
    numbers = range(0, len(works), max(1, len(works) // 300))
    return [number for number in numbers if number not in draft.work_mess and works[number].recorder == society]


def _by_scene(works: Sequence[Work]) -> dict[int, list[Work]]:
    found: dict[int, list[Work]] = {}
    for work in works:
        found.setdefault(work.scene, []).append(work)
    return found


def _recording(dice: Dice, draft: Draft, *, number: int, by_scene: dict[int, list[Work]]) -> Recording:
    """Make one recording: first one of each work, then versions and covers."""
    works = draft.records.works
    first = number < len(works)
    work = works[number] if first else works[dice.below(len(works))]
    scene = draft.cast.scenes[work.scene]
    if not first and dice.chance(COVERED_BY_OTHERS) and work.scene:
        scene = dice.pick(draft.cast.scenes[1:])
    kind = draft.recording_mess.get(number, "")
    year = 2021 if number == 0 else dice.between(FIRST_YEAR, LAST_YEAR - (0 if number % 3 else 6))
    embodied = [work.key]
    if number >= story.WORKS and dice.chance(TWO_WORKS):
        embodied.append(dice.pick(by_scene[work.scene]).key)
    samples: tuple[str, ...] = ()
    if kind == "sampled":
        place = dice.below(number)
        samples = () if place in draft.recording_mess else (draft.records.recordings[place].key,)
    return Recording(
        key=f"rec-{number + 1:05d}",
        title=work.title,
        artist=_artist(dice, draft, number=number, scene=scene),
        scene=scene.number,
        year=year,
        version="" if first else titles.version(dice),
        duration_ms=dice.between(95_000, 420_000),
        isrc=coins.isrc(number + 1, language=scene.language, year=year),
        codes=_codes(dice, number=number, language=scene.language),
        works=() if kind == "no_work" else tuple(dict.fromkeys(embodied)),
        samples=samples,
        samples_complete=kind != "sample_unknown",
        recorder=organisations.PRODUCERS.key,
    )


def _artist(dice: Dice, draft: Draft, *, number: int, scene: Scene) -> str:
    """Return the key of the artist or band on the cover."""
    if number < story.WORKS:
        return story.ARTIST
    if scene.bands and dice.chance(0.3):
        return dice.pick(scene.bands)[0]
    soloists = scene.artists[: max(1, len(scene.artists) // 2)]
    return soloists[min(dice.below(len(soloists)), dice.below(len(soloists)))]


def _codes(dice: Dice, *, number: int, language: Language) -> tuple[str, ...]:
    """Return the other codes of a recording: UCI mostly in Korea, YouTube assets for a quarter, own codes for some."""
    codes = []
    if dice.chance(0.6 if language is Language.KOREAN else 0.02) or number == 0:
        codes.append(f"uci:{coins.content_code(number + 1)}")
    if dice.chance(0.25) or number == 0:
        codes.append(f"youtube_asset:{coins.asset(number + 1)}")
    if dice.chance(0.12):
        codes.append(f"own:MARU:tr-{number + 1:06d}")
    return tuple(codes)


def _releases(dice: Dice, draft: Draft) -> list[Release]:
    """Put every recording but a few on one release with others of its artist and scene."""
    shelves: dict[tuple[int, str], list[str]] = {}
    for recording in draft.records.recordings:
        if recording.scene == 0 or dice.chance(0.97):
            shelves.setdefault((recording.scene, recording.artist), []).append(recording.key)
    releases: list[Release] = []
    for (number, _), recordings in shelves.items():
        scene = draft.cast.scenes[number]
        start = 0
        while start < len(recordings):
            count = 1 if dice.chance(0.3) else dice.between(3, RECORDINGS_MAX)
            releases.append(
                Release(
                    key=f"release-{len(releases) + 1:05d}",
                    title=titles.work(dice, language=scene.language),
                    gtin=coins.product(len(releases) + 1),
                    label=scene.label,
                    scene=number,
                    recordings=tuple(recordings[start : start + count]),
                    recorder=organisations.CONTENT.key if scene.label == "" else organisations.PRODUCERS.key,
                )
            )
            start += count
    return releases
