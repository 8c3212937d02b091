"""Lay out CometBFT's home without its own `init`: keys from seeds, a genesis that all members share, the settings.

    config/   config.toml  genesis.json  priv_validator_key.json  node_key.json
    data/     priv_validator_state.json and CometBFT's stores

Nothing that is there is replaced by anything else, except `config.toml`: a validator that forgot what it signed, or
that began another chain under the same key, could be made to sign twice.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cantoria.adapters.cometbft.config import Settings, config_toml
from cantoria.adapters.files import read_file, write_whole
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.ledger.ed25519 import PUBLIC_KEY_BYTES, Ed25519Signer

BLOCK_BYTES_MAX: Final = 4 * 1024 * 1024
EVIDENCE_BYTES_MAX: Final = 256 * 1024
_CHAIN_ID_BYTES_MAX: Final = 50
_GENESIS_BYTES_MAX: Final = 64 * 1024 * 1024
_SECOND_NS: Final = 1_000_000_000
# Proof that a validator signed twice is taken for this long: longer than a member may take to notice.
_EVIDENCE_BLOCKS: Final = 500_000
_EVIDENCE_SECONDS: Final = 14 * 24 * 3600
_PUBLIC_TYPE: Final = "tendermint/PubKeyEd25519"
_PRIVATE_TYPE: Final = "tendermint/PrivKeyEd25519"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validator:
    """A member's consensus key (Ed25519, 32 bytes) and its voting power."""

    public_key: bytes
    name: str = ""
    power: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Genesis:
    """How a chain begins. `app_state` is any JSON value; the application gets its text, not necessarily its bytes."""

    chain_id: str
    time: datetime
    validators: Sequence[Validator]
    app_state: Any
    initial_height: int = 1
    block_bytes_max: int = BLOCK_BYTES_MAX


def address(public_key: bytes) -> str:
    """Return a validator's address, 40 upper-case hex digits: SHA-256(public key)[:20]."""
    return sha256(public_key).digest()[:20].hex().upper()


def node_id(public_key: bytes) -> str:
    """Return the name by which peers know a node's p2p key: its address in lower case."""
    return address(public_key).lower()


def genesis_json(genesis: Genesis) -> bytes:
    """Return `genesis.json`, the same bytes for the same genesis. Raises `InputError` for what CometBFT refuses."""
    if not genesis.chain_id or len(genesis.chain_id.encode()) > _CHAIN_ID_BYTES_MAX:
        raise InputError(f"a chain's id has 1 to {_CHAIN_ID_BYTES_MAX} bytes, not {genesis.chain_id!r:.80}")
    if not genesis.validators:
        raise InputError("a chain needs a validator", "name the members' consensus keys")
    if genesis.time.tzinfo is None:
        raise InputError("the genesis time has no zone", "give it in UTC")
    value = {
        "genesis_time": genesis.time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "chain_id": genesis.chain_id,
        "initial_height": str(genesis.initial_height),
        "consensus_params": _consensus_params(genesis),
        "validators": [_validator(one) for one in genesis.validators],
        "app_hash": "",
        "app_state": genesis.app_state,
    }
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


def lay_out(home: Path, *, settings: Settings, genesis: bytes, consensus_seed: bytes, node_seed: bytes) -> None:
    """Make the home, or bring its `config.toml` up to date.

    Raises `InputError` when other keys or another genesis lie there already, `UnavailableError` when nothing can be
    written.
    """
    state = {"height": "0", "round": 0, "step": 0}
    try:
        for folder in (home, home / "config", home / "data"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _keep(home / "config" / "priv_validator_key.json", validator_key_json(consensus_seed), mode=0o600)
        _keep(home / "config" / "node_key.json", node_key_json(node_seed), mode=0o600)
        _keep(home / "config" / "genesis.json", genesis, mode=0o644)
        signed = home / "data" / "priv_validator_state.json"
        if not signed.exists():
            write_whole(signed, json.dumps(state).encode(), mode=0o600)
        write_settings(home, settings)
    except OSError as error:
        raise UnavailableError(f"cannot lay out {home}: {error}", "free some space or name another folder") from error


def write_settings(home: Path, settings: Settings) -> None:
    """Write `config.toml` anew; CometBFT reads it when it starts."""
    write_whole(home / "config" / "config.toml", config_toml(settings).encode(), mode=0o600)


def validator_key_json(seed: bytes) -> bytes:
    """Return `priv_validator_key.json` of a 32-byte Ed25519 seed."""
    public_key = Ed25519Signer(seed).public_key
    value = {"address": address(public_key), "pub_key": _public(public_key), "priv_key": _private(seed, public_key)}
    return json.dumps(value, indent=1).encode()


def node_key_json(seed: bytes) -> bytes:
    """Return `node_key.json` of a 32-byte Ed25519 seed."""
    return json.dumps({"priv_key": _private(seed, Ed25519Signer(seed).public_key)}, indent=1).encode()


def _keep(path: Path, data: bytes, *, mode: int) -> None:
    """Write the file, or find the same there."""
    if not path.exists():
        write_whole(path, data, mode=mode)
    elif read_file(path, bytes_max=_GENESIS_BYTES_MAX) != data:
        raise InputError(f"{path} is there already and differs", "give the node another home")


def _consensus_params(genesis: Genesis) -> dict[str, Any]:
    return {
        "block": {"max_bytes": str(genesis.block_bytes_max), "max_gas": "-1"},
        "evidence": {
            "max_age_num_blocks": str(_EVIDENCE_BLOCKS),
            "max_age_duration": str(_EVIDENCE_SECONDS * _SECOND_NS),
            "max_bytes": str(min(EVIDENCE_BYTES_MAX, genesis.block_bytes_max // 4)),
        },
        "validator": {"pub_key_types": ["ed25519"]},
        "version": {"app": "0"},
        "abci": {"vote_extensions_enable_height": str(genesis.initial_height)},
    }


def _validator(one: Validator) -> dict[str, Any]:
    if len(one.public_key) != PUBLIC_KEY_BYTES or one.power < 1:
        raise InputError(f"{one.name!r:.80} is no validator", "give a key of 32 bytes and a power of 1 or more")
    return {
        "address": address(one.public_key),
        "pub_key": _public(one.public_key),
        "power": str(one.power),
        "name": one.name,
    }


def _public(public_key: bytes) -> dict[str, str]:
    return {"type": _PUBLIC_TYPE, "value": base64.b64encode(public_key).decode()}


def _private(seed: bytes, public_key: bytes) -> dict[str, str]:
    return {"type": _PRIVATE_TYPE, "value": base64.b64encode(seed + public_key).decode()}
