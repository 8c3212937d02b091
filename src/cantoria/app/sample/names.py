"""Names of invented people, bands and companies, in Korean, Spanish and English; made of common parts, none meant."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cantoria.app.sample.dice import Dice
from cantoria.app.sample.hangul import romanise
from cantoria.app.sample.lists import words


class Language(StrEnum):
    """The languages of the sample world (ISO 639-1)."""

    KOREAN = "ko"
    SPANISH = "es"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Name:
    """A name as written, with its script (ISO 15924)."""

    text: str
    script: str


_SURNAMES: Final = (
    ("김", "Kim"), ("이", "Lee"), ("박", "Park"), ("최", "Choi"), ("정", "Jung"), ("강", "Kang"), ("조", "Cho"),
    ("윤", "Yoon"), ("장", "Jang"), ("임", "Lim"), ("한", "Han"), ("오", "Oh"), ("서", "Seo"), ("신", "Shin"),
    ("권", "Kwon"), ("황", "Hwang"), ("안", "Ahn"), ("송", "Song"), ("류", "Ryu"), ("홍", "Hong"), ("배", "Bae"),
    ("남궁", "Namgung"), ("고", "Ko"), ("문", "Moon"), ("양", "Yang"), ("손", "Son"), ("백", "Baek"), ("허", "Heo"),
)  # fmt: skip
_FIRST_SYLLABLES: Final = tuple(
    "가강건경규나다도동라로루명미민범별보빛상새서선설성세소솔수승시아양연영예우유윤은이인재정주지진찬채초태하한해현혜호효휘희"
)
_LAST_SYLLABLES: Final = tuple(
    "겸경교국권기나내담도람래린림미민별빈빛서석선설섭솔수슬아안연영온용우욱운원유윤율은이인재주준진찬채철하한해혁현혜호훈휘희"
)
_SPANISH_GIVEN: Final = words(
    "Adriana Aitana Alba Alejo Alonso Amaya Anselmo Araceli Bruno Candela Carmela Celia Dario Débora Elías Elvira "
    "Emilio Enzo Estela Fermín Fidel Gael Gema Gonzalo Héctor Inés Irene Iván Jacinta Jimena Joaquín Lara Leandro "
    "Lola Lorenzo Lucía Malena Marcos Marina Mateo Maite Nerea Noelia Octavio Olalla Paloma Pilar Ramiro Raquel Rocío "
    "Salvador Sancho Selena Sofía Tadeo Teresa Tomás Úrsula Valentín Verónica Ximena Yago"
)
_SPANISH_SURNAMES: Final = words(
    "Abascal Aguado Alarcón Arroyo Barrio Bermejo Bustos Caballo Calderón Campos Carrión Castaño Cedrón Cordero Cuesta "
    "Delgado Encinas Espejo Fuentes Galindo Garrido Guijarro Hidalgo Huerta Ibarra Jurado Lara Lozano Luque Macías "
    "Maldonado Mansilla Medrano Molina Monzón Naranjo Nieto Olmos Otero Palacios Pastor Peña Pizarro Quintana Ramos "
    "Robledo Rosales Salinas Sepúlveda Serrano Solís Tejada Tovar Urrutia Valverde Vargas Vega Villalba Zamora Zúñiga"
)
_ENGLISH_GIVEN: Final = words(
    "Abigail Ada Alden Amos Avery Beatrix Benedict Bram Callum Cass Cecily Clara Conrad Dara Declan Delia Dorian Edith "
    "Elias Elspeth Ezra Felix Fern Flora Gideon Greta Hazel Hugo Ida Imogen Ivor Jasper Joan Jude Kit Lachlan Leona "
    "Lorna Mabel Magnus Marlow Maude Nell Niall Odette Orla Otis Pearl Perry Quentin Reuben Rhona Rowan Ruth Saul "
    "Silas Tabitha Theo Thora Una Vera Wallis Wendell Winifred Zadie"
)
_ENGLISH_SURNAMES: Final = words(
    "Abernathy Alder Ashdown Atwell Barlow Beckwith Birch Blackwood Bramley Calloway Carver Chadwick Clay Coldwell "
    "Cray Dalton Denholm Draper Eastman Ellery Fairfax Farrow Fenn Garland Glover Hadley Hale Harkness Hawthorn Holt "
    "Inman Jessop Keating Kerr Kirkby Langley Larkin Lockhart Marsh Mercer Merritt Nash Norwood Oakes Osgood Pemberton "
    "Penrose Quill Radley Ravenhill Rook Sedgwick Shaw Sinclair Stanhope Thorne Tilney Underhill Vance Wainwright "
    "Weatherby Whitlock Wilder Yarrow"
)
_BANDS: Final = {
    Language.KOREAN: (
        words("새벽 달빛 푸른 느린 먼바다 은하 여름밤 종이 유리 골목 파도 안개 첫눈 서쪽 작은 비단"),
        words("극장 정거장 우체국 소년단 언덕 기차 편지 나무들 라디오 지도 시계탑 등대 정원 고래 악단 연구소"),
    ),
    Language.SPANISH: (
        words("Los Las"),
        words(
            "Faroles Tranvías Azoteas Relojes Naufragios Veranos Persianas Hormigas Brújulas Mareas Gaviotas Terrazas"
        ),
    ),
    Language.ENGLISH: (
        words("Paper Velvet Northern Hollow Silver Quiet Copper Distant Painted Winter Crooked Amber"),
        words("Harbours Lanterns Engines Foxes Parades Gardens Satellites Orchards Tides Ladders Mirrors Sparrows"),
    ),
}
_SPANISH_BAND_ENDS: Final = words("del Norte,de Abril,de Barro,sin Prisa,de Papel,del Puerto,de Cobre,de Nadie", by=",")


def person(dice: Dice, *, language: Language) -> tuple[Name, ...]:
    """Return the names of one invented person: Korean ones in Hangul and in Latin letters."""
    if language is Language.KOREAN:
        surname, latin = dice.pick(_SURNAMES)
        given = dice.pick(_FIRST_SYLLABLES) + dice.pick(_LAST_SYLLABLES)
        return korean(surname, latin=latin, given=given)
    if language is Language.SPANISH:
        first, second = dice.few(_SPANISH_SURNAMES, 2)
        return (Name(f"{dice.pick(_SPANISH_GIVEN)} {first} {second}", "Latn"),)
    return (Name(f"{dice.pick(_ENGLISH_GIVEN)} {dice.pick(_ENGLISH_SURNAMES)}", "Latn"),)


def korean(surname: str, *, latin: str, given: str) -> tuple[Name, Name]:
    """Return a Korean name in Hangul and in Latin letters, the surname as customary, the given name romanised."""
    return Name(surname + given, "Kore"), Name(f"{latin} {romanise(given).capitalize()}", "Latn")


def band(dice: Dice, *, language: Language) -> tuple[Name, ...]:
    """Return the name of an invented band."""
    heads, tails = _BANDS[language]
    head, tail = dice.pick(heads), dice.pick(tails)
    if language is Language.KOREAN:
        return (Name(f"{head} {tail}", "Kore"),)
    if language is Language.SPANISH:
        article = "Las" if tail.endswith("as") else "Los"
        return (Name(f"{article} {tail} {dice.pick(_SPANISH_BAND_ENDS)}", "Latn"),)
    return (Name(f"{head} {tail}", "Latn"),)
