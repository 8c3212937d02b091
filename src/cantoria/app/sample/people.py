"""The people of the sample world, in scenes of those who make music with each other, and their families."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from cantoria.app.sample import coins, names, organisations, story
from cantoria.app.sample.dice import Dice, Wheel
from cantoria.app.sample.model import Party, Scene, Temper
from cantoria.app.sample.names import Language
from cantoria.app.sample.organisations import Company
from cantoria.app.sample.settings import Size
from cantoria.registry.types import PartyKind

SELF_RELEASED: Final = 0.12
GENEROUS: Final = 0.6
NO_ACCOUNT: Final = 3  # in every so many-th scene the first session musician, who says yes all the same
UNREACHABLE: Final = 0.015
MINORS: Final = 0.006
DECEASED: Final = 0.012
LOST: Final = ("p-lost-1", "p-lost-2")  # session musicians whom nobody can reach

# How the people of a scene of each temper are inclined, per mille.
_INCLINED: Final = {
    Temper.OPEN: ((Temper.OPEN, 984), (Temper.ASKING, 7), (Temper.REFUSING, 5), (Temper.QUIET, 4)),
    Temper.ASKING: ((Temper.OPEN, 530), (Temper.ASKING, 462), (Temper.REFUSING, 4), (Temper.QUIET, 4)),
    Temper.REFUSING: ((Temper.OPEN, 500), (Temper.ASKING, 90), (Temper.REFUSING, 370), (Temper.QUIET, 40)),
    Temper.QUIET: ((Temper.OPEN, 640), (Temper.ASKING, 60), (Temper.REFUSING, 20), (Temper.QUIET, 280)),
}
_OTHERWISE: Final = (Temper.OPEN, Temper.OPEN, Temper.ASKING, Temper.ASKING, Temper.REFUSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a person to be made is like: a `plain` one can be reached for certain."""

    language: Language
    temper: Temper
    trade: str
    plain: bool = False
    generous: bool = False
    account: bool = True


@dataclass(frozen=True, slots=True)
class Family:
    """Who speaks for a minor or for somebody who has died."""

    party: str
    relatives: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Cast:
    """Everybody: parties in the order of registration, scenes, and the families of minors and of the deceased."""

    parties: list[Party] = field(default_factory=list)
    scenes: list[Scene] = field(default_factory=list)
    minors: list[Family] = field(default_factory=list)
    estates: list[Family] = field(default_factory=list)

    def by_key(self) -> dict[str, Party]:
        """Return the parties by local key."""
        return {party.key: party for party in self.parties}


def cast(dice: Dice, *, size: Size) -> Cast:
    """Return the organisations, companies and people of the world."""
    found = Cast(parties=[*organisations.houses(), *organisations.companies()])
    wheel = Wheel(label.weight for label in organisations.LABELS)
    maker = _Maker(dice, found)
    for number in range(size.scenes):
        heads = size.people * (number + 1) // size.scenes - size.people * number // size.scenes
        label = organisations.LABELS[wheel.at(number)]
        found.scenes.append(maker.scene(number, label=label, heads=heads))
    maker.families()
    return found


class _Maker:
    """Makes people one after the other, with numbers that never repeat."""

    def __init__(self, dice: Dice, found: Cast) -> None:
        self._dice, self._cast, self._count = dice, found, 0

    def scene(self, number: int, *, label: Company, heads: int) -> Scene:
        """Return one scene of `heads` people; the first is the story's, of one mind and with accounts for all."""
        dice = self._dice
        temper = label.temper if number == 0 or dice.chance(0.88) else dice.pick(_OTHERWISE)
        artists, musicians = max(2, heads * 28 // 100), max(2, heads * 30 // 100)
        keys = self._people(label.language, temper, number=number, trades=(artists, musicians, heads))
        soloists = keys[: max(1, artists // 2)]
        return Scene(
            number=number,
            language=label.language,
            temper=temper,
            label="" if number and dice.chance(SELF_RELEASED) else label.key,
            publishers=_publishers(dice, label.language, temper),
            society=organisations.society_of(label.language),
            artists=tuple(keys[:artists]),
            musicians=tuple(keys[artists : artists + musicians]),
            writers=tuple(keys[artists + musicians :]) or tuple(keys[:1]),
            bands=self._bands(label.language, [key for key in keys[:artists] if key not in soloists]),
        )

    def _people(self, language: Language, temper: Temper, *, number: int, trades: tuple[int, int, int]) -> list[str]:
        """Make the people of scene `number`: artists, musicians, then writers; `trades` counts the first two and all.
        In the first scene, the story's, everybody says yes."""
        dice = self._dice
        artists, musicians, heads = trades
        star = number == 0
        generous = star or dice.chance(GENEROUS)
        wheel = Wheel(weight for _, weight in _INCLINED[temper])
        keys = []
        for place in range(heads):
            unkeyed = number % NO_ACCOUNT == 1 and place == artists
            inclined = _INCLINED[temper][wheel.spin(dice)][0]
            traits = Traits(
                language=language,
                temper=Temper.OPEN if star or unkeyed else inclined,
                trade=_trade(place, artists, musicians),
                plain=star,
                generous=generous,
                account=not unkeyed,
            )
            keys.append(self.person(traits))
        return keys

    def person(self, traits: Traits) -> str:
        """Register one person and return the local key."""
        dice = self._dice
        self._count += 1
        number = self._count
        star = number == 1
        society = organisations.society_of(traits.language)
        party = Party(
            key=story.ARTIST if star else f"p-{number:05d}",
            kind=PartyKind.PERSON,
            names=story.ARTIST_NAMES if star else names.person(dice, language=traits.language),
            codes=self._codes(number, trade=traits.trade),
            reachable=traits.plain or not dice.chance(UNREACHABLE),
            account=traits.account,
            recorder=society if traits.trade == "writer" else organisations.PERFORMERS.key,
            temper=traits.temper,
            generous=traits.generous,
        )
        self._cast.parties.append(party)
        return party.key

    def families(self) -> None:
        """Give guardians to some young artists and heirs to some writers who have died; none of the story's scene."""
        self._lost()
        dice = self._dice
        scenes = self._cast.scenes[1:]
        young = [artist for scene in scenes for artist in scene.artists]
        late = [writer for scene in scenes for writer in scene.writers]
        parties = self._cast.by_key()
        for minor in dice.few(young, max(2, round(len(young) * MINORS * 2))):
            traits = Traits(language=Language.KOREAN, temper=parties[minor].temper, trade="relative", plain=True)
            self._cast.minors.append(Family(minor, (self.person(traits),)))
        for deceased in dice.few(late, max(3, round(len(late) * DECEASED))):
            traits = Traits(language=Language.SPANISH, temper=parties[deceased].temper, trade="relative")
            heirs = tuple(self.person(traits) for _ in range(dice.between(1, 3)))
            self._cast.estates.append(Family(deceased, heirs))

    def _lost(self) -> None:
        for number, key in enumerate(LOST, 90_000):
            self._cast.parties.append(
                Party(
                    key=key,
                    kind=PartyKind.PERSON,
                    names=names.person(self._dice, language=Language.ENGLISH),
                    codes=(f"ipn:{coins.performer_number(number)}",),
                    reachable=False,
                    account=False,
                    recorder=organisations.PERFORMERS.key,
                    temper=Temper.QUIET,
                )
            )

    def _codes(self, number: int, *, trade: str) -> tuple[str, ...]:
        dice = self._dice
        codes: list[str] = []
        if trade in {"writer", "artist"}:
            codes.append(f"ipi_name:{coins.name_number(number + 1_000)}")
        if trade == "writer" and dice.chance(0.4):
            codes.append(f"ipi_base:{coins.base_number(number)}")
        if trade in {"artist", "musician"}:
            codes.append(f"ipn:{coins.performer_number(number)}")
        if trade == "artist" and dice.chance(0.5):
            codes.append(f"isni:{coins.identity(number)}")
        return tuple(codes)

    def _bands(self, language: Language, members: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return bands of three to five of the members, each a party of its own that only gives its name."""
        bands = []
        start = 0
        while len(members) - start >= 3:
            count = min(self._dice.between(3, 5), len(members) - start)
            key = f"band-{len(self._cast.parties):05d}"
            self._cast.parties.append(
                Party(
                    key=key,
                    kind=PartyKind.GROUP,
                    names=names.band(self._dice, language=language),
                    account=False,
                    recorder=organisations.ENTERTAINMENT.key,
                )
            )
            bands.append((key, tuple(members[start : start + count])))
            start += count
        return tuple(bands)


def _trade(place: int, artists: int, musicians: int) -> str:
    if place < artists:
        return "artist"
    return "musician" if place < artists + musicians else "writer"


def _publishers(dice: Dice, language: Language, temper: Temper) -> tuple[str, ...]:
    """Return two publishers of the language; those of an open scene are open too."""
    local = [one for one in organisations.PUBLISHERS if one.language is language]
    liked = [one for one in local if one.temper is Temper.OPEN] if temper is Temper.OPEN else local
    return tuple(one.key for one in dice.few(liked, 2))
