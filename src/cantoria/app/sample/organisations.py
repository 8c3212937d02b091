"""The six organisations of the sample world, its companies and its AI developers: all invented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cantoria.app.sample import coins
from cantoria.app.sample.model import Party, Temper
from cantoria.app.sample.names import Language, Name
from cantoria.kernel.facts import Capacity
from cantoria.registry.types import PartyKind


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation that records facts, and in what capacity."""

    key: str
    name: str
    capacity: Capacity


AUTHORS: Final = Organisation("org-haneulsori", "Haneulsori Authors' Society", Capacity.CMO)
AUTHORS_TWO: Final = Organisation("org-cantares", "Cantares, Sociedad de Autores", Capacity.CMO)
PRODUCERS: Final = Organisation("org-eumban", "Eumban Record Producers' Association", Capacity.PRODUCER)
ENTERTAINMENT: Final = Organisation("org-yeonhap", "Mudae Entertainment Producers' Union", Capacity.PRODUCER)
PERFORMERS: Final = Organisation("org-yeonju", "Yeonju Performers' Organisation", Capacity.PERFORMERS_ORGANISATION)
CONTENT: Final = Organisation("org-maru", "Maru Music Content Companies", Capacity.DISTRIBUTOR)
ORGANISATIONS: Final = (AUTHORS, AUTHORS_TWO, PRODUCERS, ENTERTAINMENT, PERFORMERS, CONTENT)

DEVELOPER: Final = Organisation("dev-mirinae", "Mirinae Sound AI", Capacity.AI_DEVELOPER)
DEVELOPER_TWO: Final = Organisation("dev-boreal", "Boreal Audio Research", Capacity.AI_DEVELOPER)
DEVELOPERS: Final = (DEVELOPER, DEVELOPER_TWO)

_HANGUL: Final = {
    AUTHORS.key: "하늘소리저작자협회",
    PRODUCERS.key: "음반지음협회",
    ENTERTAINMENT.key: "무대연예제작자연합",
    PERFORMERS.key: "연주실연자회",
    CONTENT.key: "마루음악콘텐츠사협의회",
    DEVELOPER.key: "미리내사운드에이아이",
}


@dataclass(frozen=True, slots=True)
class Company:
    """A label, publisher, distributor or agency, in a language, inclined in a way; `weight` is its size."""

    key: str
    name: str
    language: Language
    temper: Temper
    weight: int = 1


def _companies(prefix: str, text: str) -> tuple[Company, ...]:
    """Return the companies of one trade, one per line: name, language, temper, weight."""
    found = []
    for number, line in enumerate(text.strip().splitlines(), 1):
        name, language, temper, weight = (part.strip() for part in line.split("|"))
        key = f"{prefix}-{number:02d}"
        found.append(Company(key, name, Language(language), Temper(temper), int(weight)))
    return tuple(found)


LABELS: Final = _companies(
    "label",
    """
    Baramgyeol Records | ko | open | 9
    Dalmuri Music | ko | open | 9
    Seoritgil Sound | ko | asking | 8
    Nuri Garden Entertainment | ko | open | 5
    Hwaseok Records | ko | refusing | 4
    Solbat Label | ko | quiet | 1
    Azotea Discos | es | open | 6
    Marea Alta Fonográfica | es | asking | 4
    Discos Tranvía | es | open | 3
    Sello Barlovento | es | refusing | 2
    Wren & Harrow Recordings | en | open | 7
    Copper Lantern Records | en | asking | 5
    Saltmarsh Audio | en | open | 3
    Northfold Music | en | quiet | 1
    """,
)
PUBLISHERS: Final = _companies(
    "pub",
    """
    Baramgyeol Publishing | ko | open | 9
    Dalmuri Songs | ko | open | 7
    Mulgyeol Music Publishing | ko | open | 5
    Cheongsol Songs | ko | asking | 5
    Garam Teo Publishing | ko | refusing | 3
    Ediciones Azotea | es | open | 6
    Ediciones Dos Orillas | es | asking | 4
    Editorial Caracola | es | open | 3
    Ediciones Ceniza | es | quiet | 2
    Wren Songs | en | open | 6
    Lantern Copyrights | en | asking | 4
    Fenwick Lane Music | en | open | 3
    Tollgate Publishing | en | refusing | 2
    """,
)
DISTRIBUTORS: Final = _companies(
    "dist",
    """
    Gilmok Distribution | ko | open | 5
    Narae Digital | ko | open | 4
    Puente Digital | es | open | 3
    Causeway Digital | en | open | 3
    Openquay | en | open | 2
    """,
)
AGENCIES: Final = _companies(
    "agency",
    """
    Onsaemiro Management | ko | open | 3
    Byeolttong Entertainment | ko | open | 3
    Haedoji Company | ko | open | 2
    Faro Management | es | open | 2
    Brújula Artistas | es | open | 2
    Kestrel Artists | en | open | 2
    Harbour Row Management | en | open | 1
    Bellweather Talent | en | open | 1
    """,
)
BLANKET_LABEL: Final = LABELS[1].key
ERN_LABELS: Final = (LABELS[0].key, LABELS[10].key)


def houses() -> list[Party]:
    """Return the six organisations and the AI developers as parties; they sign for themselves, without an account."""
    return [
        Party(
            key=one.key,
            kind=PartyKind.ORGANISATION,
            names=_named(one.name, _HANGUL.get(one.key, "")),
            codes=(f"dpid:{coins.ddex_party(number)}",),
            account=False,
            recorder=one.key,
        )
        for number, one in enumerate((*ORGANISATIONS, *DEVELOPERS), 1)
    ]


def companies() -> list[Party]:
    """Return labels, publishers, distributors and agencies as parties with accounts."""
    found = []
    number = 20
    for trade, recorder in (
        (LABELS, PRODUCERS),
        (PUBLISHERS, AUTHORS),
        (DISTRIBUTORS, CONTENT),
        (AGENCIES, ENTERTAINMENT),
    ):
        for company in trade:
            number += 1
            codes: tuple[str, ...] = (f"dpid:{coins.ddex_party(number)}",)
            if trade is PUBLISHERS:
                recorder_key = society_of(company.language)
                codes += (f"ipi_name:{coins.name_number(number)}",)
            else:
                recorder_key = recorder.key
            found.append(
                Party(
                    key=company.key,
                    kind=PartyKind.ORGANISATION,
                    names=(Name(company.name, "Latn"),),
                    codes=codes,
                    recorder=recorder_key,
                    temper=company.temper,
                )
            )
    return found


def society_of(language: Language) -> str:
    """Return the authors' society of a language: one for Korean repertoire, one for Spanish and English."""
    return AUTHORS.key if language is Language.KOREAN else AUTHORS_TWO.key


def _named(latin: str, hangul: str) -> tuple[Name, ...]:
    return (*((Name(hangul, "Kore"),) if hangul else ()), Name(latin, "Latn"))
