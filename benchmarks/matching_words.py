"""Words for the generated catalogue of `benchmarks.matching_world`: titles, names and versions as sources write them.

The Korean words carry the romanisations that people use, written out by hand: the code under test has its own rules
and none of them is used here, so that the one does not prove the other.
"""

from __future__ import annotations

from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _table(text: str) -> dict[str, str]:
    pairs = (entry.partition(":") for entry in text.split())
    return {word: sounds.replace("_", " ") for word, _, sounds in pairs}


ENGLISH: Final = _words(
    """
    love night rain fire heart dream summer winter river road home light shadow dance blue gold
    broken forever tonight yesterday stranger angel devil ghost mirror ocean mountain window paper
    silver diamond thunder lightning echo silence garden rose thorn wolf tiger bird wings sky moon
    star sun morning midnight sunday highway city train station letter photograph memory secret
    promise lie truth game war peace freedom soldier king queen crown kingdom castle desert island
    harbour storm wind snow ice flame smoke glass stone steel velvet neon electric crazy lonely
    happy wild young old last first second another someone nobody everything nothing always never
    again runaway beautiful bitter sweet honey sugar poison medicine doctor gravity satellite rocket
    machine radio signal
    """
)
JOINS: Final = ("of the", "in the", "and", "for a", "without", "like a", "on my", "to the", "under the")
SPANISH: Final = _words(
    """
    amor corazón noche día vida sueño cielo luna sol estrella mar playa fuego lluvia viento flor
    rosa camino calle ciudad casa ventana puerta espejo sombra luz alma cuerpo piel beso mirada
    sonrisa lágrima dolor olvido recuerdo adiós mañana siempre nunca niña mujer hombre reina ángel
    diablo canción baile guitarra verano invierno primavera otoño libertad guerra paz mentira verdad
    secreto promesa destino suerte razón locura pasión tormenta
    """
)
SPANISH_JOINS: Final = ("de la", "del", "sin", "con", "y", "en la", "para mi")
KOREAN: Final = _table(
    """
    사랑:sarang 봄날:bomnal|bom_nal 비:bi|bee 밤:bam 편지:pyeonji|pyunji 꿈:kkum|ggum
    별:byeol|byul 하늘:haneul|hanul 바람:baram 꽃:kkot|ggot 눈물:nunmul|noonmool 그대:geudae|gudae
    길:gil|kil 여름:yeoreum|yureum 겨울:gyeoul|kyeowool 안녕:annyeong|annyong 기억:gieok|giuk
    오늘:oneul|onul 내일:naeil 달:dal|tal 춤:chum|choom 마음:maeum|maum 이별:ibyeol|ibyul
    그리움:geurium|griwoom 노래:norae 거리:geori|guri 시간:sigan|shigan 첫눈:cheonnun|chutnoon
    고백:gobaek|gobaik 우리:uri|woori 다시:dasi|dashi 파도:pado 영원:yeongwon|youngwon
    청춘:cheongchun|chungchun 새벽:saebyeok|saebyuk 바다:bada 섬:seom|sum 나무:namu|namoo
    가을:gaeul|gaul 아침:achim 인사:insa 약속:yaksok 거짓말:geojitmal|gojitmal 소녀:sonyeo|sonyuh
    소년:sonyeon|sonyun 친구:chingu|chinggu 어머니:eomeoni|uhmuhni 고향:gohyang 구름:gureum|gurum
    햇살:haetsal 미소:miso 그림자:geurimja|gurimja 무지개:mujigae|moojigae 강물:gangmul|kangmool
    외로움:oeroum|weroum 행복:haengbok|hangbok 천사:cheonsa|chunsa 혼자:honja
    둘이서:duriseo|doorisuh 떠나:tteona|dduhna 기다려:gidaryeo|gidaryo 사랑해:saranghae
    """
)
SURNAMES_KO: Final = _table(
    """
    김:Kim|Gim 이:Lee|Yi|Rhee 박:Park|Pak|Bak 최:Choi|Choe 정:Jung|Jeong|Chung 강:Kang|Gang
    조:Cho|Jo 윤:Yoon|Yun 장:Jang|Chang 임:Lim|Im 한:Han 오:Oh 서:Seo|Suh 신:Shin|Sin
    권:Kwon|Gwon 황:Hwang 안:Ahn|An 송:Song 홍:Hong 유:Yoo|Yu 고:Ko|Go 문:Moon|Mun 배:Bae
    백:Baek|Paik 남:Nam 노:Noh|Roh
    """
)
SYLLABLES_KO: Final = _table(
    """
    민:min 준:jun|joon 서:seo|suh 연:yeon|yun 지:ji|jee 우:woo|u 현:hyun|hyeon 은:eun|un
    영:young|yeong 수:su|soo 진:jin 혜:hye 경:kyung|gyeong 호:ho 재:jae 석:seok|suk 미:mi
    선:sun|seon 희:hee|hui 태:tae 윤:yoon|yun 아:ah|a 하:ha 나:na 성:sung|seong 훈:hoon|hun
    정:jung|jeong 빈:bin 유:yu|yoo 예:ye 원:won 동:dong 규:kyu|gyu 상:sang 소:so 채:chae
    """
)
GIVEN_EN: Final = _words(
    """
    James Mary John Linda Robert Susan Michael Karen David Nancy Daniel Emma Chris Olivia Mark Grace
    Paul Alice George Ruth Kevin Laura Brian Helen Jason Amy Ryan Clara Adam Nora Peter Iris Simon
    Faye Oscar Joan
    """
)
SURNAMES_EN: Final = _words(
    """
    Smith Johnson Brown Taylor Wilson Davies Evans Thomas Walker White Hughes Green Hall Wood Harris
    Clarke Cooper King Baker Turner Hill Scott Moore Ward Carter Bell Young Allen Wright Morris
    Price Bennett Gray Cook Murphy Reed Kelly Howard Foster Russell Griffin Hayes Myers Ford
    Hamilton Graham Sullivan Wallace Woods Cole West
    """
)
GIVEN_ES: Final = _words(
    """
    José María Juan Carmen Luis Ana Carlos Lucía Miguel Sofía Javier Elena Andrés Paula Diego Rosa
    Fernando Marta Alejandro Isabel Sergio Pilar Raúl Inés Óscar Adrián Ángel Verónica
    """
)
SURNAMES_ES: Final = _words(
    """
    García Martínez López Sánchez Pérez Gómez Fernández González Rodríguez Díaz Ruiz Hernández
    Jiménez Moreno Muñoz Álvarez Romero Alonso Gutiérrez Navarro Torres Domínguez Vázquez Ramos Gil
    Ramírez Serrano Blanco Molina Núñez Ortega Delgado Castro Ortiz Rubio Marín Sanz Iglesias Medina
    Cortés
    """
)
GROUPS: Final = _words(
    """
    Arrows Anchors Badgers Cinders Comets Drifters Embers Foxes Gliders Harbours Idols Jackals Kites
    Lanterns Magnets Nomads Orchards Pilots Quarters Ravens Sparrows Tides Umbrellas Vagrants
    Willows Yards Zebras
    """
)
PLACES: Final = ("Wembley", "Seoul", "Madrid", "the Garden", "Olympic Hall", "Red Rocks", "Buenos Aires", "Tokyo Dome")

# How sources write each version: in the title, and as a column of its own.
WRITTEN: Final = {
    "live": ("(Live)", "- Live", "[Live]", "(Live Version)", "(En Vivo)", "(라이브)"),
    "live_at": ("(Live at {x})", "- Live at {x}", "[Live At {x}]", "(Live in {x})"),
    "remaster": ("({y} Remaster)", "(Remastered {y})", "- Remastered {y}", "[{y} Remastered Version]",
                 "(Remasterizado {y})", "({y} 리마스터)"),
    "edit": ("(Radio Edit)", "- Radio Edit", "[Edit]", "(Single Edit)", "(Radio Version)", "(라디오 에디트)"),
    "clean": ("(Clean)", "[Clean]", "- Clean Version", "(클린 버전)"),
    "explicit": ("(Explicit)", "[Explicit]", "- Explicit"),
    "remix": ("({x} Remix)", "- {x} Remix", "[{x} Remix]", "({x} Remezcla)"),
    "acoustic": ("(Acoustic)", "- Acoustic Version", "[Acoustic]", "(Acústico)", "(어쿠스틱)"),
    "instrumental": ("(Instrumental)", "(Inst.)", "- Instrumental", "[Inst.]", "(연주곡)"),
    "karaoke": ("(Karaoke Version)", "(MR)", "- Karaoke", "(노래방)"),
    "demo": ("(Demo)", "- Demo", "[Demo Version]", "(데모)"),
    "sped_up": ("(Sped Up)", "- Sped Up", "[sped up version]", "(스페드업)"),
    "rerecording": ("({x}'s Version)", "(Re-Recorded)", "[Re-recording]", "(재녹음)"),
}  # fmt: skip
NEUTRAL_WRITTEN: Final = (
    "(Album Version)",
    "(Original Version)",
    "[Official Audio]",
    "- Original Mix",
    "(Official Video)",
)
