"""node.toml, keys and cards: read as written, refused with a word on what is wrong."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.adapters.cometbft.config import StateSync, Timeouts
from cantoria.adapters.system import SteppingClock, UnsafeSeededEntropy
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.kernel.facts import Capacity
from cantoria.node import keys as node_keys
from cantoria.node import settings as node_settings
from cantoria.node.building import Member, add_peers, card_of, make_member
from cantoria.node.card import Card, parse_card, read_card
from cantoria.node.settings import FILE, NodeSettings, Peer

ORIGIN = "rights.example/log"
PLAIN = NodeSettings(organisation="komca", chain="rights-1", p2p="0.0.0.0:26656", rpc="127.0.0.1:26657")
PEER = Peer(organisation="0" * 32, name="sacem", data="http://10.0.0.2:8000", p2p=f"{'a' * 40}@10.0.0.2:26656")
NODE = '[node]\norganisation = "o"\nchain = "c"\np2p = "h:1"\nrpc = "h:2"\n'


def member(home: Path, name: str, seed: int) -> Card:
    made = Member(name=name, capacities=(Capacity.CMO,), settings=replace(PLAIN, organisation=name))
    return make_member(home, made, origin=ORIGIN, clock=SteppingClock(10**15), entropy=UnsafeSeededEntropy(seed))


@pytest.mark.parametrize(
    "settings",
    [
        PLAIN,
        replace(PLAIN, data="127.0.0.1:8000", external="node.example:26656", loopback=True, exchange=False),
        replace(PLAIN, peers=(PEER, replace(PEER, data="")), snapshot_blocks=7, timeouts=Timeouts(commit=5)),
        replace(PLAIN, sync=StateSync(rpc_servers=("http://a:1", "http://b:2"), trust_height=9, trust_hash="ab" * 32)),
    ],
)
def test_settings_read_back_as_written(tmp_path: Path, settings: NodeSettings) -> None:
    node_settings.write(tmp_path, settings)
    assert node_settings.read(tmp_path) == settings
    assert [file.name for file in tmp_path.iterdir()] == [FILE]


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=30))
def test_any_printable_name_survives(tmp_path: Path, name: str) -> None:
    settings = replace(PLAIN, organisation=name, peers=(replace(PEER, name=name),))
    node_settings.write(tmp_path, settings)
    assert node_settings.read(tmp_path) == settings


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[node\n", "not valid TOML"),
        ("", r"no table \[node\]"),
        ("node = 5\n", r"no table \[node\]"),
        ('[node]\norganisation = "o"\n', "lacks"),
        (NODE + "colour = 1\n", "node.colour is not known"),
        (NODE + "peers = 1\n", "node.peers is not known"),
        (NODE + "[colour]\n", r"\[colour\] is not known"),
        (NODE.replace('"h:1"', "1"), "node.p2p is not text"),
        (NODE.replace('"h:1"', '"h"'), "p2p = 'h' is no address"),
        (NODE.replace('"h:1"', '"h:99999"'), "is no address"),
        (NODE.replace('"c"', '""'), "has an organisation and a chain"),
        (NODE + 'data = "nowhere"\n', "data = 'nowhere' is no address"),
        (NODE + "snapshot_blocks = 0\n", "snapshot_blocks is a whole number above 0"),
        (NODE + "snapshot_blocks = true\n", "snapshot_blocks is not a whole number"),
        (NODE + "loopback = 1\n", "loopback is not true or false"),
        (NODE + "[timeouts]\npropose = 1.5\n", "timeouts.propose is not a whole number"),
        (NODE + "[timeouts]\nlunch = 1\n", "timeouts.lunch is not known"),
        (NODE + "[sync]\n", "sync.rpc_servers is not a list of texts"),
        (NODE + '[sync]\nrpc_servers = ["http://a:1"]\n', r"\[sync\] lacks"),
        (NODE + '[peer]\norganisation = "x"\n', "a peer is not a list"),
        (NODE + '[[peer]]\norganisation = "x"\nname = "n"\np2p = "y"\n', "has no organisation id"),
        (NODE + f'[[peer]]\norganisation = "{"0" * 32}"\nname = "n"\np2p = "h:1"\n', "is no p2p address"),
        (NODE + f'[[peer]]\norganisation = "{"0" * 32}"\nname = "n"\np2p = "{"a" * 40}@h"\n', "is no address"),
        (
            NODE + f'[[peer]]\norganisation = "{"0" * 32}"\nname = "n"\np2p = "{"a" * 40}@h:1"\ndata = "h:1"\n',
            "is no data service",
        ),
    ],
)
def test_bad_settings_say_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        node_settings.read(tmp_path)
    assert FILE in caught.value.message
    assert caught.value.remedy or "TOML" in message


def test_no_node_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no node at") as caught:
        node_settings.read(tmp_path)
    assert "node init" in caught.value.remedy
    (tmp_path / FILE).mkdir()
    with pytest.raises((InputError, UnavailableError)):
        node_settings.read(tmp_path)


def test_a_member_is_made_once_and_its_card_reads_back(tmp_path: Path) -> None:
    card = member(tmp_path, "komca", 1)
    again = member(tmp_path, "komca", 2)
    assert again == card == card_of(tmp_path) == parse_card(card.text().encode())
    assert card.held() == (Capacity.CMO,)
    assert card.seat().consensus_key == node_keys.read(tmp_path / "keys").consensus_key
    assert card.cosigner.startswith(f"{ORIGIN}/{card.organisation[-8:]}+")
    assert "\n" not in card.text()
    for file in (tmp_path / "keys").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
        seed = json.loads(file.read_text())["seed"]
        assert seed not in card.text()
    with pytest.raises(InputError, match="keeps the log"):
        make_member(
            tmp_path,
            Member(name="komca", capacities=(Capacity.CMO,), settings=PLAIN),
            origin="other.example/log",
            clock=SteppingClock(1),
            entropy=UnsafeSeededEntropy(1),
        )


def test_keys_that_are_missing_or_open_to_others_are_refused(tmp_path: Path) -> None:
    node_keys.make(tmp_path, entropy=UnsafeSeededEntropy(1))
    (tmp_path / "p2p.json").chmod(0o640)
    with pytest.raises(InputError, match="open to others"):
        node_keys.read(tmp_path)
    (tmp_path / "p2p.json").unlink()
    with pytest.raises(InputError, match=r"no key file p2p\.json"):
        node_keys.read(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "x"}, "no member's card"),
        ({"more": 1}, "more or fewer fields"),
        ({"organisation": "0" * 31}, "has not 32 hex digits"),
        ({"key": "G" * 64}, "has not 64 hex digits"),
        ({"name": 5}, "are not text"),
        ({"capacities": "cmo"}, "are not text"),
        ({"capacities": []}, "no capacities"),
        ({"capacities": ["king"]}, "no capacities that are known"),
        ({"cosigner": "x+1+2"}, "verifier key"),
        ({"log": ""}, "verifier key"),
        ({"key_possession": "0" * 128}, "does not sign for its organisation"),
        ({"consensus_possession": "0" * 128}, "does not sign for its organisation"),
        ({"cosigner_possession": "0" * 128}, "does not sign for its organisation"),
        ({"organisation": "0" * 32}, "does not sign for its organisation"),
        ({"consensus_key": "0" * 64}, "does not sign for its organisation"),
        ({"key_possession": ""}, "has not 128 hex digits"),
    ],
)
def test_a_card_that_is_none_is_refused(tmp_path: Path, change: dict[str, object], message: str) -> None:
    value = json.loads(member(tmp_path / "m", "komca", 1).text()) | change
    (tmp_path / "card").write_text(json.dumps(value))
    with pytest.raises(InputError, match=message):
        read_card(tmp_path / "card")
    with pytest.raises(InputError, match="no member's card"):
        parse_card(b"[]")
    with pytest.raises(InputError, match="no member's card"):
        parse_card(b"{")


def test_peers_are_the_others_each_once(tmp_path: Path) -> None:
    cards = [member(tmp_path / name, name, seed) for seed, name in enumerate(("a", "b", "c"))]
    add_peers(tmp_path / "a", cards[1:])
    moved = replace(cards[1], p2p=cards[1].p2p.replace("26656", "26666"))
    settings = add_peers(tmp_path / "a", [moved, cards[0]])
    assert settings == node_settings.read(tmp_path / "a")
    assert {peer.name: peer.p2p for peer in settings.peers} == {"b": moved.p2p, "c": cards[2].p2p}
