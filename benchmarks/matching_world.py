"""A generated catalogue with known truth: recordings, works and parties as several sources write them.

Every row is one source's account of one thing. What sources do to it is what is seen in the trade: typing errors,
romanised or bilingual Korean, surnames left out or turned, version words in another place, in another language or not
at all, title and performer exchanged, codes missing, other, or somebody else's (`Noise.false_isrc` is 8 % of all
rows). Seeded; the same arguments give the same rows.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from benchmarks import matching_words as words
from cantoria.registry.matching.types import Row

SOURCES: Final = 6
VERSIONS: Final = (
    ("live", 0.16), ("live_at", 0.12), ("remaster", 0.18), ("edit", 0.12), ("clean", 0.07), ("remix", 0.12),
    ("acoustic", 0.08), ("instrumental", 0.12), ("karaoke", 0.03), ("demo", 0.04), ("sped_up", 0.04),
    ("rerecording", 0.03),
)  # fmt: skip
SAME_LENGTH: Final = frozenset({"remaster", "clean", "explicit", "instrumental", "karaoke", ""})


@dataclass(frozen=True, slots=True)
class Noise:
    """How often what happens to a row; `harsher` gives half as much again of everything."""

    typo: float = 0.07
    romanised: float = 0.3
    bilingual: float = 0.1
    swapped: float = 0.01
    version_unsaid: float = 0.04
    neutral: float = 0.06
    isrc_missing: float = 0.2
    false_isrc: float = 0.08
    second_isrc: float = 0.04
    iswc_missing: float = 0.5
    duration_missing: float = 0.1
    duration_wrong: float = 0.02
    writers_missing: float = 0.4
    writer_left_out: float = 0.15
    code_missing: float = 0.25
    featured: float = 0.12

    def harsher(self) -> Noise:
        """Return the same noise, half as much again."""
        return Noise(**{name: min(0.9, 1.5 * getattr(self, name)) for name in self.__dataclass_fields__})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a name in one or two scripts: all the ways in which it is written, the truest first."""

    number: int
    spellings: tuple[str, ...]


People = tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class TitleText:
    """A title and how else it is written (romanised)."""

    text: str
    romanised: tuple[str, ...] = ()


class World:
    """The catalogue. `recordings(n)`, `works(n)` and `parties(n)` give n rows with the thing each of them is of."""

    def __init__(self, *, seed: int, scale: int, noise: Noise | None = None) -> None:
        self._dice = random.Random(seed)
        self._noise = noise or Noise()
        self._scale = scale
        self._people = [self._person(number) for number in range(max(60, scale // 25))]
        self._groups = [self._group() for _ in range(max(30, scale // 60))]

    def recordings(self, rows: int) -> Iterator[tuple[Row, str]]:
        """Give `rows` rows of recordings, each with the number of the recording that it is of."""
        made = recording = 0
        while made < rows:
            title, artist, writers, work = self._title(), self._artist(), self._writers(), self._dice.randrange(10**8)
            base = self._dice.randint(110_000, 320_000)
            versions = ["explicit" if self._dice.random() < 0.04 else ""]
            versions += [name for name, share in VERSIONS if self._dice.random() < share * 0.55]
            first = recording + 1
            for version in versions:
                recording += 1
                told = _Told(title, artist, writers, work, recording, version, self._length(base, version), self._dice)
                told.first = first
                for source in self._dice.sample(range(SOURCES), self._dice.choice((1, 1, 2, 2, 3, 4))):
                    if made < rows:
                        yield self._recording_row(told, source, made), str(recording)
                        made += 1

    def works(self, rows: int) -> Iterator[tuple[Row, str]]:
        """Give `rows` rows of works, each with the number of the work that it is of."""
        made = work = 0
        while made < rows:
            work += 1
            title, writers = self._title(), self._writers()
            shares = {1: (1_000_000,), 2: (500_000, 500_000), 3: (500_000, 250_000, 250_000)}[len(writers)]
            for source in self._dice.sample(range(SOURCES), self._dice.choice((1, 1, 2, 2, 3))):
                if made < rows:
                    yield self._work_row(title, writers, shares, work, source, made), str(work)
                    made += 1

    def parties(self, rows: int) -> Iterator[tuple[Row, str]]:
        """Give `rows` rows of parties, each with the number of the person that it is of."""
        made = number = 0
        while made < rows:
            number += 1
            person = self._person(number)
            works = [f"work:{self._dice.randrange(self._scale * 4)}" for _ in range(self._dice.choice((1, 2, 4, 8)))]
            for source in self._dice.sample(range(SOURCES), self._dice.choice((1, 1, 2, 3))):
                if made < rows:
                    yield self._party_row(person, works, source, made), str(number)
                    made += 1

    # What is true.

    def _person(self, number: int) -> Person:
        dice = self._dice
        kind = dice.random()
        if kind < 0.4:
            family, spelled = dice.choice(list(words.SURNAMES_KO.items()))
            given = [dice.choice(list(words.SYLLABLES_KO.items())) for _ in range(2)]
            surname = spelled.split("|")[min(dice.randrange(4), spelled.count("|"))]
            first, second = (dice.choice(sounds.split("|")) for _, sounds in given)
            hangul = family + "".join(syllable for syllable, _ in given)
            latin = (
                f"{surname} {first.title()}-{second}",
                f"{surname} {first.title()}{second}",
                f"{first.title()} {second.title()} {surname}",
                f"{first.title()}{second} {surname}",
                f"{surname.upper()}, {first.title()} {second.title()}",
            )
            return Person(number, (hangul, *latin))
        if kind < 0.65:
            given_name, one, two = dice.choice(words.GIVEN_ES), *dice.sample(words.SURNAMES_ES, 2)
            if dice.random() < 0.3:
                given_name += " " + dice.choice(words.GIVEN_ES)
            full = f"{given_name} {one} {two}"
            return Person(
                number, (full, _bare(full), f"{given_name} {one}", f"{one} {two}, {given_name}", full.upper())
            )
        given_name, last = dice.choice(words.GIVEN_EN), dice.choice(words.SURNAMES_EN)
        initial = dice.choice("ABCDEFGHJKLMNPRSTW")
        full = f"{given_name} {initial}. {last}"
        return Person(number, (full, f"{given_name} {last}", f"{last}, {given_name} {initial}.", full.upper()))

    def _group(self) -> Person:
        first = self._dice.choice((*words.ENGLISH, *words.SURNAMES_EN)).title()
        name = f"{first} {self._dice.choice(words.GROUPS)}"
        return Person(-1, (f"The {name}", name, f"THE {name.upper()}"))

    def _artist(self) -> Person:
        pool = self._groups if self._dice.random() < 0.45 else self._people
        return pool[int(len(pool) * self._dice.random() ** 1.7)]  # some are on very many recordings

    def _writers(self) -> People:
        return tuple(self._dice.sample(self._people, self._dice.choice((1, 2, 2, 3))))

    def _title(self) -> TitleText:
        dice = self._dice
        kind = dice.random()
        count = dice.choice((1, 2, 2, 2, 3, 3))
        if kind < 0.35:
            chosen = dice.choices(list(words.KOREAN.items()), k=count)
            spellings = tuple(
                " ".join(dice.choice(sounds.split("|")) for _, sounds in chosen).title() for _ in range(2)
            )
            return TitleText(" ".join(word for word, _ in chosen), spellings)
        pool, joins = (words.ENGLISH, words.JOINS) if kind < 0.75 else (words.SPANISH, words.SPANISH_JOINS)
        chosen_words = dice.choices(pool, k=count)
        text = chosen_words[0]
        for word in chosen_words[1:]:
            text += f" {dice.choice(joins)} {word}" if dice.random() < 0.5 else f" {word}"
        if dice.random() < 0.03:
            text += f", Pt. {dice.randint(1, 3)}"
        return TitleText(text.title())

    def _length(self, base: int, version: str) -> int:
        if version in SAME_LENGTH:
            return base + self._dice.randint(-400, 400)
        if version == "edit":
            return base - self._dice.randint(15_000, 60_000)
        if version == "sped_up":
            return base * 4 // 5
        return base + self._dice.choice((-1, 1)) * self._dice.randint(2_500, 50_000)

    # What sources make of it.

    def _recording_row(self, told: _Told, source: int, number: int) -> Row:
        dice, noise = self._dice, self._noise
        title, version = self._versioned(self._written_title(told.title), told)
        artist = self._written_name(told.artist)
        if told.features is not None and dice.random() < 0.8:
            guest = self._written_name(told.features)
            if dice.random() < 0.5:
                title = f"{title} (feat. {guest})"
            else:
                artist = f"{artist} {dice.choice(('feat.', '&', 'ft.'))} {guest}"
        if dice.random() < noise.swapped:
            title, artist = artist, title
        length: int | None = told.length + dice.randint(-900, 900)
        if dice.random() < noise.duration_missing:
            length = None
        elif dice.random() < noise.duration_wrong and length is not None:
            length += dice.randint(-30_000, 30_000)
        return Row(
            id=f"recording_{number:08d}",
            source=f"source{source}",
            title=title,
            artist=artist,
            isrc=self._isrc(told.recording),
            iswc=() if dice.random() < noise.iswc_missing else (f"iswc:T{told.work:010d}",),
            duration_ms=length,
            version=version,
            writers=self._written_writers(told.writers),
            audio=self._fingerprint(told),
            codes=(f"youtube_asset:A{self._near(told.recording, 0.03):015d}",) if dice.random() < 0.15 else (),
        )

    def _fingerprint(self, told: _Told) -> tuple[str, ...]:
        """Return the id of a fingerprint, of one row in six. What sounds alike shares one: a remaster, a clean edit."""
        if self._dice.random() > 1 / 6:
            return ()
        alike = told.version in SAME_LENGTH and self._dice.random() < 0.4
        return (f"fp:{told.first if alike else self._near(told.recording, 0.02)}",)

    def _near(self, recording: int, wrong: float) -> int:
        return recording if self._dice.random() >= wrong else recording + self._dice.choice((-1, 1, 2))

    def _isrc(self, recording: int) -> tuple[str, ...]:
        kind = self._dice.random()
        noise = self._noise
        if kind < noise.isrc_missing:
            return ()
        if kind < noise.isrc_missing + noise.false_isrc:
            # Half of the false codes are those of a neighbour: another version, or the next on the album.
            near = recording + self._dice.choice((-2, -1, 1, 2))
            far = self._dice.randrange(1, self._scale)
            return (isrc(max(1, near if self._dice.random() < 0.5 else far)),)
        if kind < noise.isrc_missing + noise.false_isrc + noise.second_isrc:
            return (isrc(recording + 50_000_000),)
        return (isrc(recording),)

    def _work_row(
        self,
        title: TitleText,
        writers: People,
        shares: tuple[int, ...],
        work: int,
        source: int,
        number: int,
    ) -> Row:
        dice, noise = self._dice, self._noise
        named = self._written_writers(writers)
        code = work if dice.random() >= noise.false_isrc / 4 else dice.randrange(1, self._scale)
        return Row(
            id=f"work_{number:08d}",
            source=f"source{source}",
            title=self._written_title(title),
            artist=self._written_name(self._artist()) if dice.random() < 0.2 else "",
            iswc=() if dice.random() < noise.iswc_missing else (f"iswc:T{code:010d}",),
            writers=named,
            shares=shares if len(named) == len(shares) and dice.random() < 0.8 else (),
        )

    def _party_row(self, person: Person, works: list[str], source: int, number: int) -> Row:
        dice = self._dice
        codes = []
        if dice.random() >= self._noise.code_missing:
            false = dice.random() < self._noise.false_isrc / 4
            codes.append(f"ipi_name:{dice.randrange(1, self._scale) if false else person.number:011d}")
        if dice.random() < 0.35:
            codes.append(f"isni:{person.number:016d}")
        known = [work for work in works if dice.random() < 0.6]
        return Row(
            id=f"party_{number:08d}",
            source=f"source{source}",
            title=self._written_name(person),
            codes=tuple(codes),
            version="person",
            related=tuple(known),
        )

    def _written_title(self, title: TitleText) -> str:
        dice, noise = self._dice, self._noise
        text = title.text
        if title.romanised:
            kind = dice.random()
            if kind < noise.romanised:
                text = dice.choice(title.romanised)
            elif kind < noise.romanised + noise.bilingual:
                text = f"{text} ({dice.choice(title.romanised)})"
            elif kind < noise.romanised + noise.bilingual + 0.1:
                text = text.replace(" ", "")
        elif dice.random() < 0.15:
            text = dice.choice((text.upper(), text.lower(), _bare(text)))
        return self._typed(text)

    def _versioned(self, title: str, told: _Told) -> tuple[str, str]:
        """Return the title and the version column, with the version said in one of them or nowhere."""
        dice, noise = self._dice, self._noise
        if not told.version:
            if dice.random() < noise.neutral:
                return f"{title} {dice.choice(words.NEUTRAL_WRITTEN)}", ""
            return title, ""
        unsaid = 0.5 if told.version == "explicit" else noise.version_unsaid
        if dice.random() < unsaid:
            return title, ""
        written = dice.choice(words.WRITTEN[told.version]).format(x=told.detail, y=told.year)
        if dice.random() < 0.2:
            return title, written.strip("()[]- ")
        return f"{title} {written}", ""

    def _written_name(self, person: Person) -> str:
        kind = self._dice.random()
        name = person.spellings[0] if kind < 0.5 else self._dice.choice(person.spellings)
        return self._typed(name, share=0.4)

    def _written_writers(self, writers: People) -> tuple[str, ...]:
        dice, noise = self._dice, self._noise
        if dice.random() < noise.writers_missing:
            return ()
        kept = [one for one in writers if dice.random() >= noise.writer_left_out] or list(writers[:1])
        return tuple(self._written_name(one) for one in kept)

    def _typed(self, text: str, *, share: float = 1.0) -> str:
        """Return the text with a typing error now and then: a letter left out, doubled, or two exchanged."""
        dice = self._dice
        if dice.random() >= self._noise.typo * share or len(text) < 4:
            return text
        place = dice.randrange(1, len(text) - 1)
        match dice.randrange(3):
            case 0:
                return text[:place] + text[place + 1 :]
            case 1:
                return text[:place] + text[place] + text[place:]
            case _:
                return text[: place - 1] + text[place] + text[place - 1] + text[place + 1 :]


class _Told:
    """What is true of one recording."""

    def __init__(
        self,
        title: TitleText,
        artist: Person,
        writers: People,
        work: int,
        recording: int,
        version: str,
        length: int,
        dice: random.Random,
    ) -> None:
        self.title, self.artist, self.writers, self.work = title, artist, writers, work
        self.recording, self.version, self.length = recording, version, length
        self.detail = artist.spellings[0] if version == "rerecording" else dice.choice(words.PLACES)
        if version == "remix":
            self.detail = f"DJ {dice.choice(words.SURNAMES_EN)}"
        self.first = recording
        self.year = dice.randint(1995, 2024)
        self.features = writers[0] if dice.random() < 0.12 else None


def isrc(number: int) -> str:
    """Return the ISRC key of a recording by its number."""
    return f"isrc:QZ{chr(65 + number // 10_000_000 % 26)}{number // 7 % 90 + 10:02d}{number % 10_000_000:07d}"


def _bare(text: str) -> str:
    """Return the text without its accents."""
    return text.translate(str.maketrans("áéíóúñüÁÉÍÓÚÑ", "aeiounuAEIOUN"))
