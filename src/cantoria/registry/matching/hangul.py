"""Hangul in Latin letters, and Korean surnames in the spellings that people use.

Syllables are written by the Revised Romanization with its commonest sound changes (a final before a vowel moves over,
stops before nasals become nasal, l and r meet). What other systems and habits write differently (McCune-Reischauer
`ch'`, `ŏ`; `Lee`, `Yi`, `Rhee`) is brought together by `phonetic` and by the table of surnames, not here.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final


def _parts(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


BASE: Final = 0xAC00
LAST: Final = 0xD7A3
_INITIALS: Final = _parts("g|kk|n|d|tt|r|m|b|pp|s|ss||j|jj|ch|k|t|p|h")
_VOWELS: Final = _parts("a|ae|ya|yae|eo|e|yeo|ye|o|wa|wae|oe|yo|u|wo|we|wi|yu|eu|ui|i")
_FINALS: Final = _parts("|k|k|k|n|n|n|t|l|k|m|l|l|l|p|l|m|p|p|t|t|ng|t|t|k|t|p|t")
# What a final becomes when a vowel follows: the part that stays, and the part that moves over.
_MOVED: Final = (
    ("", ""), ("", "g"), ("", "kk"), ("k", "s"), ("", "n"), ("n", "j"), ("", "n"), ("", "d"), ("", "r"), ("l", "g"),
    ("l", "m"), ("l", "b"), ("l", "s"), ("l", "t"), ("l", "p"), ("", "r"), ("", "m"), ("", "b"), ("p", "s"), ("", "s"),
    ("", "ss"), ("ng", ""), ("", "j"), ("", "ch"), ("", "k"), ("", "t"), ("", "p"), ("", ""),
)  # fmt: skip
_NASAL: Final = {"k": "ng", "t": "n", "p": "m"}
_SILENT: Final = 11  # the initial that only carries a vowel

# Surnames by how common they are: Hangul, then the spellings in use. The first is the one that stands for all.
_SURNAMES: Final = """
김 kim gim ghim|이 lee yi rhee ri li rhie|박 park pak bak bahk|최 choi choe choy|정 jung jeong chung chong joung
강 kang gang|조 cho jo joe|윤 yoon yun youn|장 jang chang|임 lim im rim yim|한 han hahn|오 oh|서 seo suh so sur
신 shin sin|권 kwon gwon kweon|황 hwang whang|안 ahn an|송 song|전 jeon jun chun|홍 hong|유 yoo yu ryu you ryoo
고 ko go koh|문 moon mun|양 yang ryang|손 son sohn|배 bae pae|백 baek paik back baik|허 heo hur huh|남 nam
심 shim sim|노 noh roh no|하 ha hah|곽 kwak gwak|성 sung seong|차 cha|주 joo ju chu|우 woo wu|구 koo gu ku goo
나 na ra nah|민 min|진 jin chin|지 ji chi jee|엄 eom um uhm|채 chae|원 won|천 cheon|방 bang pang|공 kong gong
현 hyun hyeon|함 ham hahm|변 byun byeon|염 yeom yum|여 yeo|추 chu choo|도 do doh|소 so soh|석 seok suk|선 sun seon
설 seol sul|마 ma mah|길 gil kil|연 yeon|위 wi|표 pyo|명 myung myeong|기 ki|반 ban|왕 wang|금 geum keum|옥 ok
육 yook yuk|인 in|맹 maeng|제 je|모 mo|탁 tak|국 kook guk|어 eo|은 eun|편 pyeon|용 yong
남궁 namgoong namgung namkung|황보 hwangbo|제갈 jegal|사공 sagong|선우 sunwoo seonwoo|독고 dokko dokgo
"""
_ENTRIES: Final = tuple(entry.split() for entry in _SURNAMES.replace("\n", "|").split("|") if entry)
HANGUL_SURNAMES: Final = {names[0]: names[1] for names in _ENTRIES}
SURNAME_RANK: Final = {name: rank for rank, names in reversed(tuple(enumerate(_ENTRIES))) for name in names[1:]}
LATIN_SURNAMES: Final = {name: _ENTRIES[rank][1] for name, rank in SURNAME_RANK.items()}


def has_hangul(text: str) -> bool:
    """Tell whether a Hangul syllable is in the text."""
    return any(BASE <= ord(character) <= LAST for character in text)


def jamo(text: str) -> str:
    """Return the text with every syllable taken apart into its letters (NFD): one wrong letter is then one error."""
    return unicodedata.normalize("NFD", text)


@lru_cache(maxsize=100_000)
def romanise(text: str) -> str:
    """Return the text with its Hangul in Latin letters; everything else stays as it is."""
    written: list[str] = []
    carried = ""  # what the final before moves over to this syllable
    for position, character in enumerate(text):
        code = ord(character) - BASE
        if not 0 <= code <= LAST - BASE:
            written.append(carried + character)
            carried = ""
            continue
        initial, vowel, final = code // 588, code // 28 % 21, code % 28
        after = ord(text[position + 1]) - BASE if position + 1 < len(text) else -1
        next_initial = after // 588 if 0 <= after <= LAST - BASE else -1
        begin = carried if initial == _SILENT and carried else _INITIALS[initial]
        if begin == "r" and written and written[-1].endswith(("l", "n")):
            begin = "l"
        ending, carried = _ending(final, next_initial)
        written.append(begin + _VOWELS[vowel] + ending)
    return "".join(written) + carried


def _ending(final: int, next_initial: int) -> tuple[str, str]:
    """Return what of a final is heard here, and what moves over to the next syllable."""
    if next_initial == _SILENT:
        return _MOVED[final]
    ending = _FINALS[final]
    if next_initial in (2, 6):  # n, m
        ending = _NASAL.get(ending, ending)
    elif next_initial == 5 and ending == "n":
        ending = "l"
    return ending, ""


_SOUNDS: Final = (
    ("yeo", "yo"), ("eo", "o"), ("eu", "u"), ("ae", "e"), ("oe", "e"), ("ui", "i"), ("ou", "u"), ("oo", "u"),
    ("ee", "i"), ("wi", "i"), ("ch", "j"), ("sh", "s"), ("ph", "p"), ("th", "t"), ("kh", "k"), ("ck", "k"),
    ("c", "k"), ("q", "k"), ("g", "k"), ("d", "t"), ("b", "p"), ("v", "p"), ("f", "p"), ("r", "l"), ("z", "s"),
)  # fmt: skip


@lru_cache(maxsize=400_000)
def phonetic(text: str) -> str:
    """Return Latin letters reduced to what all romanisations of one word share; spaces and repeats go.

    It brings much together that differs (`bad`, `pat`), so equality of it is evidence only where the scripts differ
    or the name is Korean; everywhere else it only finds candidates.
    """
    for written, sound in _SOUNDS:
        if written in text:
            text = text.replace(written, sound)
    kept: list[str] = []
    for character in text:
        if character.isalnum() and (not kept or kept[-1] != character):
            kept.append(character)
    return "".join(kept)
