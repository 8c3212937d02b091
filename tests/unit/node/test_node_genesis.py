"""A convened log as the beginning of a chain: inline or from a copy, admitted again entry by entry, never on trust."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cantoria.adapters.cometbft import genesis as app_genesis
from cantoria.adapters.cometbft.config import MEMPOOL
from cantoria.adapters.keys import KeyRing
from cantoria.adapters.log_import import import_log, log_entries
from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
from cantoria.adapters.system import SteppingClock, UnsafeSeededEntropy
from cantoria.adapters.tile_export import export_tiles
from cantoria.app.fact_types import LEDGER_TYPES
from cantoria.bootstrap import house as houses
from cantoria.bootstrap import settings as house_settings
from cantoria.bootstrap.house import WiredHouse, open_house
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.kernel.facts import Capacity
from cantoria.ledger import tiles
from cantoria.ledger.notes import parse_vkey
from cantoria.ledger.recovery import audit
from cantoria.ledger.tiles import root_of_frontier
from cantoria.node import genesis as geneses
from cantoria.node import home as homes
from cantoria.node import settings as node_settings
from cantoria.node.building import Member, admit, become_node, convene, make_member
from cantoria.node.card import Card
from cantoria.node.genesis import Source
from cantoria.node.settings import NodeSettings
from cantoria.node.status import holdings_of
from cantoria.registry.facts import WorkRegistered

ORIGIN = "rights.example/log"
NAMES = ("one", "two", "three", "four")


@dataclass
class Founders:
    """Four homes, the first with a ledger that holds three hundred facts and is not yet convened."""

    folder: Path
    house: WiredHouse
    cards: list[Card]

    def home(self, name: str) -> Path:
        return self.folder / name

    def document(self) -> bytes:
        return geneses.document_of(self.house.operator.store, chain="rights-1", time=1_700_000_000_000_000)

    def install(self, name: str, document: bytes, source: Source = geneses.FROM_DOCUMENT) -> None:
        signer = KeyRing(self.home(name) / "keys").log_signer()
        geneses.install(self.home(name), document, signer=signer, types=LEDGER_TYPES, source=source)


@pytest.fixture
def founders(tmp_path: Path) -> Iterator[Founders]:
    clock = SteppingClock(1_700_000_000_000_000)
    with closing(houses.create(tmp_path / "one", origin=ORIGIN, clock=clock, entropy=UnsafeSeededEntropy(9))) as house:
        cards = []
        for seed, name in enumerate(NAMES):
            settings = NodeSettings(organisation=name, chain="rights-1", p2p="127.0.0.1:1", rpc="127.0.0.1:2")
            member = Member(name=name, capacities=(Capacity.CMO,), settings=settings)
            entropy = UnsafeSeededEntropy(seed)
            cards.append(make_member(tmp_path / name, member, origin=ORIGIN, clock=clock, entropy=entropy))
        admit(house, cards)
        facts = [WorkRegistered(work=f"w{number}", title="t") for number in range(300)]
        house.journal.record(facts, author=house.author("one"))
        yield Founders(tmp_path, house, cards)


def test_a_small_log_stands_in_the_document_whole(founders: Founders) -> None:
    with pytest.raises(InputError, match="not convened"):
        founders.document()
    convene(founders.house, founders.cards)
    document = founders.document()
    assert document == founders.document()
    found = geneses.read_document(document)
    store = founders.house.operator.store
    assert (found.chain, found.log.size) == ("rights-1", store.head().size)
    assert found.log.root == root_of_frontier(store.head().frontier)
    assert found.log.state == founders.house.operator.state.digest()
    for name in NAMES[1:]:
        founders.install(name, document)
        founders.install(name, document)
        held = holdings_of(founders.home(name))
        assert (held.size, held.cosigned, held.seated) == (found.log.size, found.log.size, True)
        assert list(founders.home(name).glob("*.partial*")) == []
    with pytest.raises(InputError, match="another chain"):
        founders.install("two", document.replace(b"rights-1", b"rights-2"))


def test_an_admitted_member_stays_and_admission_ends_with_the_council(founders: Founders) -> None:
    size = founders.house.operator.size
    admit(founders.house, founders.cards)
    assert founders.house.operator.size == size
    assert convene(founders.house, founders.cards) == size
    stranger = replace(founders.cards[0], organisation="ab" * 16, key="cd" * 32)
    with pytest.raises(InputError, match="council_governs"):
        admit(founders.house, [stranger])


def test_a_large_log_is_loaded_from_a_copy(founders: Founders, monkeypatch: pytest.MonkeyPatch) -> None:
    convene(founders.house, founders.cards)
    monkeypatch.setattr(app_genesis, "INLINE_BYTES_MAX", 1000)
    document = founders.document()
    with pytest.raises(InputError, match="does not stand in the genesis document") as caught:
        founders.install("two", document)
    assert "--log" in caught.value.remedy
    copy = founders.folder / "copy"
    export_tiles(founders.house.operator.store, copy)
    founders.install("two", document, Source(copy))
    store = founders.house.operator.store
    with closing(SqliteLedgerStore(homes.ledger_path(founders.home("two")))) as loaded:
        assert loaded.head() == store.head()
        key = parse_vkey(founders.cards[1].log)
        found = audit(loaded, types=LEDGER_TYPES, key=key)
        assert (found.facts, found.bodies) == (300, 0)
    founders.install("three", document, Source(empty=True))
    with closing(SqliteLedgerStore(homes.ledger_path(founders.home("three")))) as empty:
        assert empty.head().size == 0
    founders.install("three", document)  # its log begins with a snapshot of the chain


def test_a_copy_that_was_touched_is_not_taken_in(founders: Founders) -> None:
    convene(founders.house, founders.cards)
    store = founders.house.operator.store
    size = store.head().size
    entries = store.entries(0, stop=size)
    forged = list(entries)
    forged[-5] = forged[-5][:60] + bytes([forged[-5][60] ^ 1]) + forged[-5][61:]
    for changed in (forged, entries[:-1], [*entries[:9], *entries[10:]]):
        copy = founders.folder / "forged"
        bundles = range(0, len(changed), tiles.TILE_WIDTH)
        for number, start in enumerate(bundles):
            part = changed[start : start + tiles.TILE_WIDTH]
            path = copy / tiles.entries_path(number, width=len(part))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(tiles.pack_entries(part))
        with pytest.raises((InputError, IntegrityError)):
            founders.install("two", founders.document(), Source(copy))
        assert not homes.ledger_path(founders.home("two")).exists()
        assert not homes.genesis_path(founders.home("two")).exists()
    with pytest.raises(InputError, match="lacks tile/entries/000"):
        list(log_entries(founders.folder / "nowhere", size=1))


def test_another_log_is_not_the_chains_beginning(founders: Founders) -> None:
    convene(founders.house, founders.cards)
    document = founders.document()
    with closing(houses.create(founders.folder / "else", origin=ORIGIN)) as other:
        other.admit("x", capacities=[Capacity.CMO])
    node_settings.write(
        founders.folder / "else", NodeSettings(organisation="x", chain="c", p2p="127.0.0.1:1", rpc="127.0.0.1:2")
    )
    with pytest.raises(IntegrityError, match="not the one"):
        founders.install("else", document)


def test_a_house_becomes_a_node_and_keeps_its_settings(founders: Founders) -> None:
    convene(founders.house, founders.cards)
    document = founders.document()
    founders.house.close()
    path = founders.home("one") / house_settings.FILE
    path.write_text(path.read_text() + '\n[data]\nendorse = ["work-registered"]  # by hand\n')
    founders.install("one", document)
    become_node(founders.home("one"))
    become_node(founders.home("one"))
    assert "# by hand" in path.read_text()
    assert house_settings.read(founders.home("one")).engine == "consortium"
    with closing(open_house(founders.home("one"))) as house:
        with pytest.raises(InputError, match="govern it together") as caught:
            house.admit("x", capacities=[Capacity.CMO])
        assert "cantoria council" in caught.value.remedy
        house.index.catch_up()
        assert house.index.counts() == {"work-registered": 300}
    with pytest.raises(UnavailableError, match="no ledger yet"):
        open_house(founders.home("two"))


def test_a_homes_parts_are_laid_out_for_cometbft(founders: Founders) -> None:
    convene(founders.house, founders.cards)
    home = founders.home("two")
    settings = node_settings.read(home)
    with pytest.raises(InputError, match="has no genesis yet"):
        homes.prepare(home, settings)
    founders.install("two", founders.document())
    homes.prepare(home, settings)
    homes.prepare(home, replace(settings, p2p="127.0.0.1:9"))
    text = (home / "comet" / "config" / "config.toml").read_text()
    assert 'laddr = "tcp://127.0.0.1:9"' in text
    assert f'type = "{MEMPOOL}"' in text
    assert homes.application_address(home) in text
    assert len(homes.application_address(home).encode()) <= 107


def test_a_store_with_entries_is_not_imported_into(tmp_path: Path, founders: Founders) -> None:
    store = founders.house.operator.store
    entries = store.entries(0, stop=store.head().size)
    with closing(SqliteLedgerStore(tmp_path / "a.db")) as copy:
        state = import_log(copy, entries, types=LEDGER_TYPES)
        assert state == founders.house.operator.state
        assert copy.head() == store.head()
        with pytest.raises(InputError, match="empty one"):
            import_log(copy, entries, types=LEDGER_TYPES)
