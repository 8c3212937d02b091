"""Money finds its way to holders of recordings and works that came in a batch, as if they had come one by one."""

from __future__ import annotations

import hashlib
import io
import shutil
from pathlib import Path

from tests.unit.app.conftest import START
from tests.unit.app.money_world import R1, R2, R3, MoneyWorld

from cantoria.adapters.system import SteppingClock, UnsafeSeededEntropy
from cantoria.app import bulk, training
from cantoria.app.bulk import Source
from cantoria.app.code_book import CodeBook
from cantoria.bootstrap import house as houses
from cantoria.kernel.ids import PartyId
from cantoria.registry import facts as registry
from cantoria.registry.bulk_facts import BatchTable
from cantoria.registry.types import PartyKind, Right, Role, Side


class InBatches(MoneyWorld):
    """The world of money, its recordings and works in batches."""

    def build(self) -> None:
        for name in ("ana", "bo", "cy"):
            self.record(
                registry.PartyRegistered(party=PartyId(self.new(name, "party")), kind=PartyKind.PERSON),
                registry.PartyNamed(party=PartyId(self.ids[name]), name=name.title()),
            )
        self.ids["blue"] = self.label.party
        self.record(registry.PartyRegistered(party=self.label.party, kind=PartyKind.ORGANISATION))
        self.take("title,codes\n" + "".join(f"Song {n},own:S:W{n}\n" for n in (1, 2, 3)), BatchTable.WORKS)
        book = CodeBook(self.house)
        rows = []
        for number, code in enumerate((R1, R2, R3), 1):
            self.ids[f"w{number}"] = book.names(f"own:S:W{number}")[0]
            rows.append(f"Song {number},{code.removeprefix('isrc:')},{self.ids[f'w{number}']}\n")
        self.take("title,isrc,works\n" + "".join(rows), BatchTable.RECORDINGS)
        for number, (code, artist) in enumerate(((R1, "ana"), (R2, "bo"), (R3, "")), 1):
            self.ids[f"r{number}"] = CodeBook(self.house).names(code)[0]
            if artist:
                self.share(f"w{number}", artist, Role.COMPOSER, right=Right.PERFORMING, share="1")
                self.share(f"r{number}", artist, Role.FEATURED_PERFORMER)
                self.share(f"r{number}", "blue", Role.PRODUCER, right=Right.NEIGHBOURING, share="1")
                self.complete(f"w{number}", Side.WORK)
                self.complete(f"r{number}", Side.RECORDING)
        self.model = training.register_model(self.house, "Compose", author=self.lab)
        self.version = training.register_version(self.house, self.model, label="1", author=self.lab)
        self.tariff = self.publish()

    def take(self, text: str, table: BatchTable) -> None:
        data = text.encode()
        source = Source(file="c.csv", stream=io.BytesIO(data), sha256=hashlib.sha256(data).hexdigest(), mapping={})
        counts = bulk.take_in(self.house, source, table=table, author=self.society, note=lambda step: None)
        assert counts.registered == counts.received == 3


def earned(world: MoneyWorld) -> dict[str, int]:
    world.build()
    world.train(R1, R2, R3)
    world.revenue("100")
    world.generated(("g1", "2026-10-05", [(R1, 600_000), (R2, 300_000)]), ("g2", "2026-10-06", [(R3, 900_000)]))
    world.distribute()
    return world.balances()


def test_the_same_money_goes_to_the_same_holders(empty_house: Path, tmp_path: Path) -> None:
    found = []
    for kind in (MoneyWorld, InBatches):
        home = tmp_path / kind.__name__
        shutil.copytree(empty_house, home)
        house = houses.open_house(home, clock=SteppingClock(START + 10**8), entropy=UnsafeSeededEntropy(9))
        world = kind(house, house.author("society"), house.author("label"), house.author("lab"))
        found.append(earned(world))
        house.close()
    one_by_one, in_batches = found
    assert {"ana", "bo", "blue"} <= one_by_one.keys()
    assert in_batches == one_by_one
