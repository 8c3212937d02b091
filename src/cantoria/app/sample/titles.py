"""Titles of invented works and releases in three languages, and what recordings add to them."""

from __future__ import annotations

from typing import Final

from cantoria.app.sample.dice import Dice
from cantoria.app.sample.lists import words
from cantoria.app.sample.names import Language

_KO_ADJECTIVES: Final = words(
    "푸른 느린 하얀 깊은 먼 낡은 조용한 빛나는 기다리는 흐르는 잃어버린 마지막 첫 늦은 이른 작은 긴 따뜻한 차가운 "
    "희미한 "
    "투명한 가벼운 돌아온 멈춘 사라진 다정한 낯선 오래된 서툰 아득한"
)
_KO_NOUNS: Final = words(
    "바다 밤 새벽 편지 골목 여름 겨울 봄비 가을 정류장 기차 창문 그림자 노을 별 달 강 숲 약속 꿈 계절 바람 우산 "
    "사진 노래 "
    "등불 다리 언덕 구름 안개 파도 섬 나무 시계 전화 거울 마음 오후 아침 눈사람 불꽃 소나기 라디오 의자 길 문 "
    "종이배 고양이 "
    "손편지 일기 온도 거리 주소 항구 하루 이름 목소리 춤"
)
_KO_ENDS: Final = words("끝에서,에게,처럼,너머,사이로,아래,그리고 나,없이,까지,보다", by=",")
_ES_NOUNS: Final = words(
    "la noche,el mar,la luna,el viento,la lluvia,el verano,la calle,el espejo,la ventana,el puerto,la sombra,el reloj,"
    "la carta,el tren,la ceniza,el jardín,la orilla,el invierno,la voz,el humo,la ciudad,el faro,la sal,el silencio,"
    "la montaña,el río,la puerta,el café,la estrella,el camino,la nieve,el eco,la risa,el mapa,la madrugada,el barro",
    by=",",
)
_ES_TAILS: Final = words(
    "de abril,de papel,de nadie,sin nombre,del sur,de cristal,de enero,sin ti,de vuelta,de los dos,que no fue,de ayer,"
    "de plata,sin final,de mi barrio,de arena,que espera,de domingo,de Lisboa,del norte",
    by=",",
)
_ES_HEADS: Final = words("Bajo,Contra,Desde,Hacia,Sobre,Tras,Entre,Como", by=",")
_EN_ADJECTIVES: Final = words(
    "Paper Silent Golden Hollow Broken Distant Early Falling Gentle Hidden Idle Jagged Kinder Lonely Midnight Narrow "
    "Open Patient Quiet Restless Silver Tender Unsent Velvet Wandering Yellow Borrowed Crooked Drifting Electric"
)
_EN_NOUNS: Final = words(
    "Rivers Lanterns Window Harbour Letters Summer Winter Echo Shadows Stars Road Garden Thunder Mirrors Engines "
    "Silence Morning Bridges Feathers Smoke Signals Orchard Tides Maps Coastline Clockwork Embers Weather Ladder Skies "
    "Islands Promises Parade Kingdom Ashes Daylight Sparrow Gravity Compass Avenue"
)
_EN_HEADS: Final = words("Under the,Beyond the,Between,Without,After the,Into the,Over,Before the,Along the", by=",")
_VERSIONS: Final = words("Live,Acoustic,Instrumental,Remix,Radio Edit,Demo,2019 Remaster,Orchestral", by=",")


def work(dice: Dice, *, language: Language) -> str:
    """Return the title of an invented work."""
    if language is Language.KOREAN:
        return _korean(dice)
    if language is Language.SPANISH:
        return _spanish(dice)
    return _english(dice)


def version(dice: Dice) -> str:
    """Return what tells one recording of a work from another, such as `Live`."""
    return dice.pick(_VERSIONS)


def _korean(dice: Dice) -> str:
    match dice.below(3):
        case 0:
            return f"{dice.pick(_KO_ADJECTIVES)} {dice.pick(_KO_NOUNS)}"
        case 1:
            return f"{dice.pick(_KO_NOUNS)}의 {dice.pick(_KO_NOUNS)}"
        case _:
            return f"{dice.pick(_KO_ADJECTIVES)} {dice.pick(_KO_NOUNS)} {dice.pick(_KO_ENDS)}"


def _spanish(dice: Dice) -> str:
    noun = dice.pick(_ES_NOUNS)
    match dice.below(3):
        case 0:
            return f"{noun} {dice.pick(_ES_TAILS)}".capitalize()
        case 1:
            return f"{dice.pick(_ES_HEADS)} {noun}"
        case _:
            return f"{noun} y {dice.pick(_ES_NOUNS)}".capitalize()


def _english(dice: Dice) -> str:
    match dice.below(3):
        case 0:
            return f"{dice.pick(_EN_ADJECTIVES)} {dice.pick(_EN_NOUNS)}"
        case 1:
            return f"{dice.pick(_EN_HEADS)} {dice.pick(_EN_NOUNS)}"
        case _:
            first, second = dice.few(_EN_NOUNS, 2)
            return f"{dice.pick(_EN_ADJECTIVES)} {first}, {dice.pick(_EN_ADJECTIVES)} {second}"
