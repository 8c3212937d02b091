"""Check offline that the validators of a chain signed a block, and with it the state of the log before that block.

What is proven: validators with more than two thirds of the power of a set that the caller trusts signed the header,
which names this app hash (and, where the file tells the log's root, size and state digest, exactly these). What is
not: who these validators are. Trust in them comes from the seats on the ledger, never from the file
(spec/light-client.md; CometBFT `spec/light-client/verification`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.shown import shown
from cantoria.ledger import ed25519
from cantoria.sdk import comet_bytes, commit_file
from cantoria.sdk.comet_bytes import Time
from cantoria.sdk.commit_file import ABSENT, FOR_BLOCK, Commit, LogState

GENESIS_BYTES_MAX: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Chain:
    """Whom a verifier trusts: a chain's id, and its validators (Ed25519 public key → power)."""

    id: str
    validators: Mapping[bytes, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedBlock:
    """A block that the trusted validators signed. `app_hash` and `log` are after block `height` − 1."""

    chain_id: str
    height: int
    time: str
    hash: bytes
    app_hash: bytes
    power: int
    power_total: int
    log: LogState | None

    def explain(self) -> tuple[str, ...]:
        """Return what is proven and what is not, in words, one line each."""
        held = (f"The log had {self.log.size} entries with root {self.log.root.hex()} then.",) if self.log else ()
        lines = (
            f"The validators of the chain {self.chain_id} signed block {self.height} of {self.time}, {self.power} "
            f"votes of {self.power_total}; the application hash before it was {self.app_hash.hex()}.",
            *held,
            "Not proven: that fewer than a third of the validators work together against you, or that what was "
            "recorded is true.",
        )
        return tuple(shown(line) for line in lines)


def chain_of_genesis(data: bytes) -> Chain:
    """Return the chain and the validators that a CometBFT genesis file names, or raise `InputError`."""
    try:
        value: Any = json.loads(data)
        name = value["chain_id"]
        rows = [(commit_file.base64_of(one["pub_key"]["value"]), int(one["power"])) for one in value["validators"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError("this is no genesis file of CometBFT", "ask the consortium for its genesis.json") from error
    if not isinstance(name, str) or not rows or len(dict(rows)) < len(rows):
        raise InputError("the genesis file names no chain, no validator, or one twice", "ask for it again")
    return Chain(name, dict(rows))


def verify_commit(data: bytes, *, chain_id: str, validators: Mapping[bytes, int]) -> SignedBlock:
    """Return the block that a commit file proves signed by these validators (Ed25519 public key → power).

    Raises `InputError` for what is no such file, `IntegrityError` for one that does not hold: another chain, another
    validator set, a signature or a hash that is wrong, two thirds of the power or less.
    """
    file = commit_file.read(data)
    header, commit, found = file.header, file.commit, file.validators
    _hold(header.chain_id == chain_id, f"the commit is of the chain {header.chain_id!r:.80}, not {chain_id!r:.80}")
    _hold(dict(found) == dict(validators), "the commit's validators are not those that the ledger seats")
    _hold(comet_bytes.validators_hash(found) == header.validators_hash, "the header names another validator set")
    block_hash = comet_bytes.header_hash(header)
    _hold(block_hash == commit.block.hash, "the validators signed another header")
    _hold(commit.height == header.height, "the commit is of another height than the header")
    power, total = _signed_power(chain_id, commit, validators=found), sum(power for _, power in found)
    _hold(3 * power > 2 * total, f"signed by {power} of {total}, which is not more than two thirds")
    if file.log is not None:
        _hold(file.log.app_hash() == header.app_hash, "the log's root, size and state are not those of the header")
    return SignedBlock(
        chain_id=chain_id,
        height=header.height,
        time=_moment_text(header.time),
        hash=block_hash,
        app_hash=header.app_hash,
        power=power,
        power_total=total,
        log=file.log,
    )


def _signed_power(chain_id: str, commit: Commit, *, validators: Sequence[tuple[bytes, int]]) -> int:
    """Return the power whose signatures are for the block; one that is wrong, even one for no block, spoils it all."""
    _hold(len(commit.signatures) == len(validators), "the commit has not one place for each validator")
    power = 0
    for one, (public_key, own_power) in zip(commit.signatures, validators, strict=True):
        if one.flag == ABSENT:
            continue
        _hold(one.address == comet_bytes.address(public_key), "a signature stands at another validator's place")
        block = commit.block if one.flag == FOR_BLOCK else None
        message = comet_bytes.precommit_bytes(chain_id, block, height=commit.height, round_=commit.round, time=one.time)
        good = ed25519.verify(public_key, message, signature=one.signature)
        _hold(good, f"the signature of validator {one.address.hex()} is wrong")
        power += own_power if block is not None else 0
    return power


def _hold(condition: bool, why: str) -> None:
    if not condition:
        raise IntegrityError(f"the commit does not hold: {why}", "get it again, from another member")


def _moment_text(time: Time) -> str:
    return f"{datetime.fromtimestamp(time.seconds, UTC).isoformat()[:19]}.{time.nanos:09d}Z"
