"""The sample world as files, in the order in which they come in, with what a demonstration needs to know of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Final

from cantoria.app.sample import keys, organisations, words
from cantoria.app.sample.sheets import BadRow
from cantoria.app.sample.story import Story
from cantoria.kernel.codec import to_json
from cantoria.kernel.facts import Capacity
from cantoria.kernel.money import Money
from cantoria.kernel.periods import format_moment
from cantoria.kernel.uses import Use

NAMESPACE: Final = "SAMPLE"  # of all local keys: `own:SAMPLE:p-soyul`


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A file and who delivers it in what capacity. `kind` is a table of the CSV family, or `ern`, `more`, `tariff`,
    `revenue`, `correction`, `generations`, `manifest`, `plays`. Files of one `family` are read together; families in
    order."""

    name: str
    kind: str
    organisation: str
    capacity: Capacity
    family: int


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """An organisation that records: its party has to exist under its own id, with these names and codes, before the
    first file is read; the code `own:SAMPLE:KEY` among them lets files refer to it."""

    key: str
    capacity: Capacity
    names: tuple[str, ...]
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that makes sense in this world; the licensee is a local key, moment and ledger size are the asker's
    to say."""

    licensee: str
    use: Use
    territories: str
    licensee_classes: frozenset[str]
    model: str
    model_version: str | None = None
    offer: Money | None = None
    attribution: bool = False
    label: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The world: `files` by name, in the order of `deliveries`; `people_keys` are the local keys of parties that have
    an account; `planted` names by kind what is awry, `bad_rows` the rows that must become findings."""

    seed: int
    scale: float
    now: int
    files: Mapping[str, bytes]
    deliveries: tuple[Delivery, ...]
    houses: tuple[House, ...]
    people_keys: tuple[str, ...]
    planted: Mapping[str, tuple[str, ...]]
    bad_rows: tuple[BadRow, ...]
    requests: tuple[Asked, ...]
    story: Story = field(default_factory=Story)
    namespace: str = NAMESPACE

    @property
    def organisations(self) -> tuple[str, ...]:
        """The local keys of those who record, in the order of `houses`."""
        return tuple(house.key for house in self.houses)

    def families(self) -> Iterator[tuple[str, tuple[Delivery, ...]]]:
        """Give (organisation, files to be read together) in order."""
        for _, group in groupby(self.deliveries, key=lambda delivery: delivery.family):
            files = tuple(group)
            yield files[0].organisation, files

    def of_kind(self, kind: str) -> tuple[Delivery, ...]:
        """Return the deliveries of one kind."""
        return tuple(delivery for delivery in self.deliveries if delivery.kind == kind)

    def seeds(self, *, entropy: bytes) -> Iterator[tuple[str, bytes]]:
        """Give (local key, Ed25519 seed) of every account, from the entropy that the world was generated with."""
        for key in self.people_keys:
            yield key, keys.seed_of(key, entropy=entropy)


def write_files(world: World, write: Callable[[str, bytes], None]) -> None:
    """Hand every file to `write`, by name and bytes, and `index.json`: the only way out of the generator."""
    for name, data in world.files.items():
        write(name, data)
    write("index.json", index_of(world))


def index_of(world: World) -> bytes:
    """Return, as JSON, who delivers which file in what order and capacity, and which rows were planted to be found."""
    index = {
        "seed": world.seed,
        "now": format_moment(world.now),
        "namespace": world.namespace,
        "organisations": [to_json(house) for house in world.houses],
        "deliveries": [to_json(delivery) for delivery in world.deliveries],
        "bad_rows": [asdict(row) for row in world.bad_rows],
        "story": asdict(world.story),
    }
    return json.dumps(index, ensure_ascii=False, indent=1).encode() + b"\n"


def house(organisation: organisations.Organisation, *, names: tuple[str, ...], codes: tuple[str, ...]) -> House:
    """Return the house of an organisation, with the code of its local key."""
    own = f"own:{NAMESPACE}:{organisation.key}"
    return House(key=organisation.key, capacity=organisation.capacity, names=names, codes=(own, *codes))


REQUESTS: Final = (
    Asked(
        licensee=organisations.DEVELOPER.key,
        use=Use.TRAIN_GENERATIVE,
        territories=words.MARKETS,
        licensee_classes=frozenset({words.CLASS}),
        model=Story().model,
        model_version=words.MODEL_VERSION,
        offer=words.OFFER,
        attribution=True,
        label=True,
    ),
    Asked(
        licensee=organisations.DEVELOPER_TWO.key,
        use=Use.TRAIN_GENERATIVE,
        territories=words.MARKETS,
        licensee_classes=frozenset({words.CLASS_TWO}),
        model=Story().model_two,
        model_version=words.MODEL_VERSION,
        attribution=True,
        label=True,
    ),
)
