"""What tells one version of a song from another, in the words of English, Korean and Spanish: one table.

Each facet lists phrases as they stand in brackets, after a dash or in a version column, in plain lower case. Those
with a `+` are clear enough to be taken from the end of a title without brackets, too.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Facet(StrEnum):
    """In what a version differs. Two recordings whose facets differ are two recordings, whatever their codes say."""

    LIVE = "live"
    REMASTER = "remaster"
    RERECORDING = "rerecording"
    EDIT = "edit"
    EXTENDED = "extended"
    CLEAN = "clean"
    EXPLICIT = "explicit"
    REMIX = "remix"
    ACOUSTIC = "acoustic"
    INSTRUMENTAL = "instrumental"
    KARAOKE = "karaoke"
    A_CAPPELLA = "a_cappella"
    DEMO = "demo"
    SPED_UP = "sped_up"
    SLOWED = "slowed"
    COVER = "cover"
    MONO = "mono"
    ORCHESTRAL = "orchestral"
    LANGUAGE = "language"
    OTHER = "other"  # a version column says something that this table does not know


PHRASES: Final[dict[Facet, str]] = {
    Facet.LIVE: "live at, live in, live from, live on, +live version, live session, live, +live ver, mtv unplugged, "
    "unplugged, +en vivo desde, +en vivo, +en directo, directo, +실황, +라이브",
    Facet.REMASTER: "+digitally remastered, +digital remaster, +remastered version, +remastered, +remasterizado, "
    "+remasterizada, remasterizacion, remasterización, +remaster, +리마스터링, +리마스터드, +리마스터",
    Facet.RERECORDING: "+re-recorded, +rerecorded, +re recorded, +re-recording, +rerecording, +regrabación, "
    "+regrabacion, +regrabada, +regrabado, +재녹음, 새로 부른, new recording, nueva grabación",
    Facet.EDIT: "+radio edit, +radio mix, +radio version, +single edit, +single version, +video edit, "
    "+edición de radio, +edicion de radio, +versión radio, +version radio, +versión corta, +short version, "
    "+short edit, +edit, "
    "+라디오 에디트, +라디오 버전, +에디트, +편집 버전, 편집, tv size",
    Facet.EXTENDED: "+extended mix, +extended version, +extended edit, +extended, +versión extendida, "
    "+version extendida, +확장판, +익스텐디드",
    Facet.CLEAN: "+clean version, clean edit, clean, censored, +versión limpia, version limpia, limpia, censurada, "
    "censurado, +클린 버전, +클린버전, 클린, 방송용",
    Facet.EXPLICIT: "+explicit version, explicit content, explicit, uncensored, dirty version, dirty, "
    "+versión explícita, explícita, explicita, explícito, explicito, sin censura, 청소년 유해, 19금, 익스플리싯",
    Facet.REMIX: "+remix, +rmx, +remezcla, +리믹스, club mix, dub mix, dance mix, house mix, vip mix, mix, dub, 믹스",
    Facet.ACOUSTIC: "+acoustic version, +acoustic ver, +acoustic, +versión acústica, +version acustica, +acústico, "
    "acústica, +acustico, acustica, stripped, piano version, +어쿠스틱, 피아노 버전, 통기타",
    Facet.INSTRUMENTAL: "+instrumental version, +instrumental, +inst., +inst, +instr., 연주곡, +인스트루멘탈, "
    "+인스트, 반주, backing version",
    Facet.KARAOKE: "+karaoke version, +karaoke, in the style of, +노래방, +mr, pista, al estilo de, 가라오케",
    Facet.A_CAPPELLA: "+a cappella, +acappella, +a capella, +acapella, vocals only, +아카펠라",
    Facet.DEMO: "+demo version, +demo, maqueta, +데모, rough mix, early take, alternate take, take",
    Facet.SPED_UP: "+sped up, +sped-up, +speed up, nightcore, acelerada, acelerado, +스페드업, 스피드업, 배속",
    Facet.SLOWED: "+slowed + reverb, +slowed and reverb, +slowed, +slowed down, ralentizada, 슬로우",
    Facet.COVER: "cover version, cover, tribute to, tribute, versión de, 커버, 헌정",
    Facet.MONO: "+mono version, +mono mix, mono",
    Facet.ORCHESTRAL: "orchestral version, orchestral, symphonic, sinfónica, sinfonica, 오케스트라",
    Facet.LANGUAGE: "english version, english ver, korean version, korean ver, japanese version, japanese ver, "
    "spanish version, spanish ver, chinese version, chinese ver, en español, en espanol, versión en inglés, "
    "version en ingles, en inglés, 한국어 버전, 영어 버전, 일본어 버전, 중국어 버전",
}
"""Longer phrases first within a facet, so that what is left over is the detail."""

DETAILED: Final = frozenset({Facet.LIVE, Facet.REMIX, Facet.COVER, Facet.OTHER, Facet.DEMO, Facet.LANGUAGE})
"""Facets of which there are several: live where, remixed by whom. A remaster's and a re-recording's detail is the year
or the name; the others are one thing each."""

NEUTRAL: Final = (
    "original version, original mix, original recording, original, album version, album ver, album mix, album, "
    "stereo version, stereo mix, stereo, main version, standard version, official audio, "
    "official video, official music video, official lyric video, official, lyric video, lyrics, audio, music video, "
    "mv, m/v, hd, hq, versión original, version original, versión álbum, version album, audio oficial, video oficial, "
    "letra, 원곡, 앨범 버전, 앨범버전, 공식, 정규, bonus, bonus song, title, version, ver., ver, versión, 버전, 버젼"
)
"""What says nothing about the version."""

LANGUAGES: Final = {
    "english": "en",
    "ingl": "en",
    "영어": "en",
    "korean": "ko",
    "한국어": "ko",
    "japanese": "ja",
    "일본어": "ja",
    "spanish": "es",
    "espa": "es",
    "chinese": "zh",
    "중국어": "zh",
}
"""What stands in a phrase about the language of a version, and the language."""

FEATURING: Final = re.compile(
    r"^(?:feat\.?|ft\.?|featuring|with|w/|con|duet with|a dúo con|junto a|피처링|피쳐링|함께)\s*:?\s+(.+)$"
)
FEATURING_INSIDE: Final = re.compile(r"\s(?:feat\.?|ft\.?|featuring|피처링|피쳐링)\s+([^()\[\]]+)$")
OWN_VERSION: Final = re.compile(r"\b([\w]+)(?:'s|s') version\b")
YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def _alternatives(phrases: str) -> str:
    words = sorted((one.strip().lstrip("+") for one in phrases.split(",")), key=len, reverse=True)
    return "|".join(re.escape(word) for word in words)


def _bounded(phrases: str) -> str:
    return rf"(?<![^\W_])(?:{_alternatives(phrases)})(?![a-záéíóúñ0-9])"


IN_BRACKETS: Final = {facet: re.compile(_bounded(phrases)) for facet, phrases in PHRASES.items()}
ANY_FACET: Final = re.compile("|".join(f"(?:{_bounded(phrases)})" for phrases in PHRASES.values()))
NEUTRAL_WORDS: Final = re.compile(_bounded(NEUTRAL))
_CLEAR: Final = ",".join(
    one for phrases in PHRASES.values() for one in phrases.split(",") if one.strip().startswith("+")
)
AT_END: Final = re.compile(
    rf"\s+((?:(?:19|20)\d\d\s+)?(?:{_alternatives(_CLEAR)})(?:\s+(?:19|20)\d\d)?(?:\s+(?:version|ver\.?|버전))?)$"
)
