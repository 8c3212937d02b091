"""A generated catalogue of any size, made stretch by stretch: titles and names in English, Spanish and Korean.

Words are made of syllables and drawn with Zipf's distribution (the word of rank r about 1/r as often as the first), so
that a few words stand in every twentieth title and half of all words in hardly any. One artist has about eight
recordings, some thousands of times as many. The same seed makes the same rows.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

STRETCH: Final = 100_000


def _listed(text: str) -> list[str]:
    return text.split()


ENGLISH: Final = _listed(
    "love you me the my night day heart time one baby dance world life light dream fire home rain blue "
    "girl boy way down up all in of on to a I we no back down sky sun moon star road river gold black "
    "white wild free run fly high low lost found young forever tonight again never always only feel good "
    "bad sweet cold hot summer winter city song"
)
SPANISH: Final = _listed(
    "amor corazón vida noche mi tu la el de en que no sin ti más canción día sueño mañana luna sol cielo "
    "mar adiós niña niño así está aquí allá corazones último pasión razón tú él solo siempre nunca "
    "volver bailar camino año"
)
KOREAN: Final = _listed(
    "사랑 너 나 봄날 이별 그대 하루 밤 눈물 추억 바람 하늘 별 꿈 마음 오늘 내일 친구 그리움 첫사랑 여름 "
    "겨울 가을 비 노래 기억 안녕 처음 우리 거리 고백 약속 시간 바다 여행 편지 나비 꽃 눈 달 소년 소녀 "
    "청춘"
)
FIRST: Final = _listed(
    "James Mary Ana José María Luis Carmen John Emma Liam Olivia Noah Sofía Mateo Lucía Diego Elena Paul "
    "Anna David Laura Miguel Ángel Raúl Inés Zoë Chloé Max Nina Oscar Ida Leo Ruth Sam Eva Hugo Alma "
    "Ivan Rosa Tom"
)
FAMILY: Final = _listed("김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 류 홍")
CONSONANTS: Final = _listed("b c d f g h j k l m n p r s t v w z br ch cl dr fl gr pl sh st th tr")
VOWELS: Final = _listed("a e i o u ai ee ea ou io")
ACCENTED: Final = _listed("a e i o u á é í ó ú ña ue")
SYLLABLES: Final = _listed(
    "가 나 다 라 마 바 사 아 자 하 고 노 도 로 모 보 소 오 조 호 구 누 두 루 무 부 수 우 주 후 기 니 디 "
    "리 미 비 시 이 지 히 은 는 을 를 인 진 선 연 영 정 성 경 현 준 민 서 원 윤 혜 희 강 상 장 한 산 달 "
    "별 길 들 물 불 빛 꽃 숲 봄 눈 밤 해"
)


@dataclass(frozen=True, slots=True)
class Weighted:
    """Texts with Zipf's distribution over their order."""

    texts: list[str]
    weights: list[float]

    @staticmethod
    def of(texts: list[str]) -> Weighted:
        return Weighted(texts, list(accumulate(1 / rank for rank in range(1, len(texts) + 1))))

    def draw(self, rng: Random, count: int) -> list[str]:
        return rng.choices(self.texts, cum_weights=self.weights, k=count)


class Catalogue:
    """Recordings 0, 1, … of a catalogue of `size`."""

    def __init__(self, size: int, *, seed: int = 1) -> None:
        rng = Random(seed)
        self.size, self.seed = size, seed
        scale = min(1.0, 0.1 + size / 10_000_000)
        self._words = (
            Weighted.of(_words(rng, ENGLISH, int(250_000 * scale), _latin)),
            Weighted.of(_words(rng, SPANISH, int(120_000 * scale), _accented)),
            Weighted.of(_words(rng, KOREAN, int(120_000 * scale), _hangul)),
        )
        self._artists = tuple(Weighted.of(one) for one in self._names(rng, max(30, size // 8)))
        self._versions = Weighted.of(["", "", "", "", "Live", "Remastered", "Acoustic Version", "Radio Edit"])

    def _names(self, rng: Random, count: int) -> list[list[str]]:
        english, spanish, korean = self._words
        tails = english.draw(rng, count), spanish.draw(rng, count), korean.draw(rng, count)
        found: list[list[str]] = [[], [], []]
        for number in range(count):
            kind = bisect((0.55, 0.8), rng.random())
            tail = tails[kind][number]
            if kind < 2:
                band = rng.random() < 0.4
                found[kind].append(f"The {tail.capitalize()}" if band else f"{rng.choice(FIRST)} {tail.capitalize()}")
            else:
                person = rng.choice(FAMILY) + rng.choice(SYLLABLES) + rng.choice(SYLLABLES)
                found[kind].append(tail if rng.random() < 0.3 else person)
        once = [sorted(set(names)) or ["Nobody"] for names in found]
        for names in once:
            rng.shuffle(names)
        return once

    def stretches(self) -> Iterator[pa.Table]:
        """Give all rows, some at a time."""
        for start in range(0, self.size, STRETCH):
            yield self.rows(start, min(STRETCH, self.size - start))

    def rows(self, start: int, count: int) -> pa.Table:
        """Return the rows from `start` on, which begins a stretch."""
        rng = Random(self.seed << 40 | start)
        kinds = [bisect((0.55, 0.8), rng.random()) for _ in range(count)]
        lengths = [1 + bisect((0.25, 0.6, 0.85, 0.95), rng.random()) for _ in range(count)]
        words = [iter(one.draw(rng, 5 * count)) for one in self._words]
        artists = [iter(one.draw(rng, count)) for one in self._artists]
        titles = []
        for kind, length in zip(kinds, lengths, strict=True):
            take = words[kind]
            text = " ".join([next(take) for _ in range(length)])
            titles.append(text[:1].upper() + text[1:])
        return pa.table(
            {
                "title": titles,
                "display_artist": [next(artists[kind]) for kind in kinds],
                "isrc": [isrc_of(number) for number in range(start, start + count)],
                "duration_ms": pa.array([rng.randrange(90_000, 360_000) for _ in range(count)], pa.int64()),
                "version": self._versions.draw(rng, count),
            }
        )

    def write(self, path: Path) -> None:
        """Write all rows as one Parquet file."""
        with pq.ParquetWriter(path, self.rows(0, 1).schema, compression="zstd") as writer:
            for stretch in self.stretches():
                writer.write_table(stretch)


def isrc_of(number: int) -> str:
    """Return the ISRC of a recording: one registrant for every hundred thousand."""
    registrant, designation = divmod(number, 100_000)
    letters = "".join(chr(65 + registrant // 26**place % 26) for place in (2, 1, 0))
    return f"QM{letters}26{designation:05}"


def _words(rng: Random, common: list[str], count: int, make: Callable[[Random], str]) -> list[str]:
    found = dict.fromkeys(common)
    while len(found) < count:
        found[make(rng)] = None
    return list(found)


def _latin(rng: Random) -> str:
    return "".join(rng.choice(CONSONANTS) + rng.choice(VOWELS) for _ in range(rng.randint(1, 4))) + rng.choice("nrst")


def _accented(rng: Random) -> str:
    return "".join(rng.choice(CONSONANTS) + rng.choice(ACCENTED) for _ in range(rng.randint(2, 4)))


def _hangul(rng: Random) -> str:
    return "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 4)))
