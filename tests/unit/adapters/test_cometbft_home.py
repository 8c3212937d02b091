"""A home for CometBFT: settings that TOML reads back, keys and a genesis of the known shapes, nothing overwritten."""

import base64
import json
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.adapters.cometbft.config import Settings, StateSync, Timeouts, config_toml
from cantoria.adapters.cometbft.home import (
    Genesis,
    Validator,
    address,
    genesis_json,
    lay_out,
    node_id,
    node_key_json,
    validator_key_json,
)
from cantoria.kernel.errors import InputError
from cantoria.ledger.ed25519 import Ed25519Signer

SEED = bytes(range(32))
SETTINGS = Settings(
    moniker="Ada's node", application="unix:///var/app.sock", p2p="tcp://127.0.0.1:1", rpc="tcp://127.0.0.1:2"
)
GENESIS = Genesis(
    chain_id="rights-1",
    time=datetime(2026, 11, 1, 12, 0, 0, 5, tzinfo=UTC),
    validators=(Validator(public_key=Ed25519Signer(SEED).public_key, name="Ada"),),
    app_state={"origin": "log.example/1"},
)
PEER = "0" * 40 + "@10.0.0.1:26656"


def laid_out(home: Path, **changes: Any) -> None:
    given: dict[str, Any] = {
        "settings": SETTINGS,
        "genesis": genesis_json(GENESIS),
        "consensus_seed": SEED,
        "node_seed": SEED[::-1],
    }
    lay_out(home, **(given | changes))


def test_the_settings_arrive_in_their_sections() -> None:
    sync = StateSync(rpc_servers=("http://a:1", "http://b:2"), trust_height=7, trust_hash="ab" * 32)
    text = config_toml(
        replace(SETTINGS, peers=(PEER,), loopback=True, state_sync=sync, timeouts=Timeouts(propose=1500, commit=0))
    )
    read = tomllib.loads(text)
    assert read["moniker"] == "Ada's node"
    assert read["proxy_app"] == "unix:///var/app.sock"
    assert read["mempool"]["type"] == "nop"
    assert read["tx_index"]["indexer"] == "null"
    assert read["p2p"]["persistent_peers"] == PEER
    assert read["p2p"]["allow_duplicate_ip"] is True
    assert read["p2p"]["addr_book_strict"] is False
    assert read["consensus"]["timeout_propose"] == "1500ms"
    assert read["consensus"]["timeout_commit"] == "0ms"
    assert read["statesync"]["rpc_servers"] == "http://a:1,http://b:2"
    assert read["statesync"]["trust_height"] == 7
    assert read["rpc"]["unsafe"] is False
    assert tomllib.loads(config_toml(SETTINGS))["statesync"] == {"enable": False}


@given(moniker=st.text(max_size=30))
def test_any_printable_moniker_survives_and_no_other_passes(moniker: str) -> None:
    if moniker.isprintable():
        assert tomllib.loads(config_toml(replace(SETTINGS, moniker=moniker)))["moniker"] == moniker
    else:
        with pytest.raises(InputError):
            config_toml(replace(SETTINGS, moniker=moniker))


@pytest.mark.parametrize(
    "changes",
    [
        {"application": "app.sock"},
        {"p2p": "127.0.0.1:1"},
        {"rpc": "tcp://127.0.0.1"},
        {"peers": ("10.0.0.1:26656",)},
        {"peers": ("0" * 39 + "@10.0.0.1:26656",)},
        {"peers": ("0" * 40 + "@10.0.0.1",)},
        {"peers": (PEER,) * 101},
        {"timeouts": Timeouts(commit=-1)},
        {"state_sync": StateSync(rpc_servers=("http://a:1",), trust_height=7, trust_hash="ab" * 32)},
        {"state_sync": StateSync(rpc_servers=("http://a:1", "http://b:2"), trust_height=0, trust_hash="ab" * 32)},
    ],
    ids=str,
)
def test_what_cometbft_would_refuse_is_refused_here(changes: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        config_toml(replace(SETTINGS, **changes))


def test_addresses_are_the_first_twenty_bytes_of_a_hash() -> None:
    public_key = Ed25519Signer(SEED).public_key
    assert address(public_key) == "56475AA75463474C0285DF5DBF2BCAB73DA65135"
    assert node_id(public_key) == address(public_key).lower()


def test_the_key_files_hold_seed_and_public_key() -> None:
    public_key = Ed25519Signer(SEED).public_key
    key = json.loads(validator_key_json(SEED))
    assert base64.b64decode(key["priv_key"]["value"]) == SEED + public_key
    assert base64.b64decode(key["pub_key"]["value"]) == public_key
    assert key["address"] == address(public_key)
    assert base64.b64decode(json.loads(node_key_json(SEED))["priv_key"]["value"]) == SEED + public_key


def test_the_genesis_is_the_same_for_everybody() -> None:
    elsewhere = replace(GENESIS, time=GENESIS.time.astimezone(timezone(timedelta(hours=9))))
    assert genesis_json(elsewhere) == genesis_json(GENESIS)
    value = json.loads(genesis_json(GENESIS))
    assert value["genesis_time"] == "2026-11-01T12:00:00.000005Z"
    assert value["consensus_params"]["abci"]["vote_extensions_enable_height"] == "1"
    assert value["consensus_params"]["block"]["max_bytes"] == "4194304"
    assert value["app_state"] == {"origin": "log.example/1"}


@pytest.mark.parametrize(
    "changes",
    [
        {"chain_id": ""},
        {"chain_id": "x" * 51},
        {"validators": ()},
        {"validators": (Validator(public_key=b"short"),)},
        {"validators": (Validator(public_key=bytes(32), power=0),)},
        {"time": datetime(2026, 11, 1)},  # noqa: DTZ001 - the point of the case
    ],
    ids=["no id", "long id", "nobody", "short key", "no power", "no zone"],
)
def test_a_genesis_that_no_chain_can_begin_with_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        genesis_json(replace(GENESIS, **changes))


def test_a_home_is_laid_out_once_and_its_settings_again(tmp_path: Path) -> None:
    home = tmp_path / "comet"
    laid_out(home)
    keys = [home / "config" / name for name in ("priv_validator_key.json", "node_key.json")]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in keys)
    assert home.stat().st_mode & 0o777 == 0o700
    signed = home / "data" / "priv_validator_state.json"
    assert json.loads(signed.read_text()) == {"height": "0", "round": 0, "step": 0}
    signed.write_text('{"height":"9","round":0,"step":3}')
    laid_out(home, settings=replace(SETTINGS, moniker="renamed"))
    assert "renamed" in (home / "config" / "config.toml").read_text()
    assert json.loads(signed.read_text())["height"] == "9"


@pytest.mark.parametrize(
    "changes",
    [
        {"consensus_seed": bytes(32)},
        {"node_seed": bytes(32)},
        {"genesis": genesis_json(replace(GENESIS, chain_id="other"))},
    ],
    ids=["consensus key", "node key", "genesis"],
)
def test_what_lies_there_is_never_replaced(tmp_path: Path, changes: dict[str, Any]) -> None:
    laid_out(tmp_path)
    before = {path: path.read_bytes() for path in sorted(tmp_path.rglob("*.json"))}
    with pytest.raises(InputError, match="differs"):
        laid_out(tmp_path, **changes)
    assert {path: path.read_bytes() for path in sorted(tmp_path.rglob("*.json"))} == before
