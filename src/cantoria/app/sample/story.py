"""The story that a demonstration tells: one artist, her best-known recording, and a yes that she takes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cantoria.app.sample import coins, names
from cantoria.app.sample.names import Language, Name

ARTIST: Final = "p-soyul"
ARTIST_NAMES: Final[tuple[Name, ...]] = names.korean("한", latin="Han", given="소율")
RECORDING: Final = "rec-00001"
WORK: Final = "work-00001"
TITLE: Final = "밤의 정류장"
ISRC: Final = coins.isrc(1, language=Language.KOREAN, year=2021)
ISWC: Final = coins.work_code(1)
YES: Final = "st-soyul-yes"
MODEL: Final = "Mirinae One"
MODEL_TWO: Final = "Boreal Tide"
WORKS: Final = 14  # works and recordings of hers, the first ones of the world


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Local keys and codes of the story: whom to show, what to withdraw and what it will touch.

    The yes to withdraw is her statement on all her present works: the files give statements no key of their own, so
    look for the one of `artist` whose scope is `statement_scope`.
    """

    artist: str = ARTIST
    artist_name: str = ARTIST_NAMES[1].text
    artist_name_hangul: str = ARTIST_NAMES[0].text
    recording: str = RECORDING
    recording_isrc: str = ISRC
    recording_title: str = TITLE
    work: str = WORK
    work_iswc: str = ISWC
    statement_scope: str = "present_works"
    model: str = MODEL
    model_two: str = MODEL_TWO
