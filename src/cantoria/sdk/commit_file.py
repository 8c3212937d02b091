"""The file of a commit, `cantoria-commit/v1`: a block's header, the validators' signatures, the validators.

Canonical JSON. Header, commit and validators are spelled as CometBFT's RPC spells them, so nothing is lost on the way;
reading is strict, and what is read is not yet believed (spec/light-client.md).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError
from cantoria.ledger.app_hash import app_hash
from cantoria.ledger.ed25519 import PUBLIC_KEY_BYTES
from cantoria.sdk import comet_bytes
from cantoria.sdk.comet_bytes import BlockId, Header, Time

FORMAT: Final = "cantoria-commit/v1"
DOCUMENT_BYTES_MAX: Final = 1024 * 1024
VALIDATORS_MAX: Final = 1000
_INT64_MAX: Final = 2**63 - 1
_POWER_MAX: Final = _INT64_MAX // 8
ABSENT, FOR_BLOCK, FOR_NONE = 1, 2, 3
_NEVER: Final = "0001-01-01T00:00:00Z"
_KEY_TYPE: Final = "tendermint/PubKeyEd25519"
_MOMENT: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{0,8}[1-9]))?Z", re.ASCII)

_HEADER_HASHES: Final = (
    *("last_commit_hash", "data_hash", "validators_hash", "next_validators_hash", "consensus_hash"),
    *("app_hash", "last_results_hash", "evidence_hash"),
)
_HEADER_FIELDS: Final = frozenset(
    {*_HEADER_HASHES, "version", "chain_id", "height", "time", "last_block_id", "proposer_address"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """The log as the app hash covers it: RFC 6962 root, number of entries, digest of members, keys and seats."""

    root: bytes
    size: int
    state: bytes

    def app_hash(self) -> bytes:
        """Return the app hash of this state."""
        return app_hash(self.root, size=self.size, state=self.state)


@dataclass(frozen=True, slots=True)
class Signature:
    """A validator's place in a commit: for the block (flag 2), for none (3), or empty (1)."""

    flag: int
    address: bytes
    time: Time
    signature: bytes


@dataclass(frozen=True, slots=True)
class Commit:
    """The precommits that decided a block, one place for each validator, in the order of the set."""

    height: int
    round: int
    block: BlockId
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitFile:
    """What a file says. `validators` are Ed25519 public keys with their power, in CometBFT's order."""

    header: Header
    commit: Commit
    validators: tuple[tuple[bytes, int], ...]
    log: LogState | None


def write(
    signed_header: Mapping[str, Any], validators: Sequence[Mapping[str, Any]], *, log: LogState | None = None
) -> bytes:
    """Return the file of a commit, from what a node's RPC gives for one height (`commit`, `validators`). Raises
    `InputError` for what `read` could not read; whether it holds is not looked at."""
    value: dict[str, Any] = {
        "format": FORMAT,
        "header": dict(signed_header["header"]),
        "commit": dict(signed_header["commit"]),
        "validators": [{name: one[name] for name in ("address", "pub_key", "voting_power")} for one in validators],
    }
    if log is not None:
        value["log"] = {
            "root": log.root.hex().upper(),
            "size": str(log.size),
            "state": log.state.hex().upper(),
        }
    data = canonical.encode(value)
    read(data)
    return data


def read(data: bytes) -> CommitFile:
    """Return what a file says. Raises `InputError` where a field is missing, unknown or misshapen."""
    value = canonical.decode(data, size_max=DOCUMENT_BYTES_MAX)
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise InputError(f"this is no {FORMAT} file", "give the file that a member's node wrote")
    log = value.pop("log", None)
    _fields(value, frozenset({"format", "header", "commit", "validators"}))
    rows = value["validators"]
    if not isinstance(rows, list) or not 0 < len(rows) <= VALIDATORS_MAX:
        raise _malformed(f"it must name 1 to {VALIDATORS_MAX} validators")
    validators = tuple(_validator(row) for row in rows)
    if len({public_key for public_key, _ in validators}) != len(validators):
        raise _malformed("it names a validator twice")
    return CommitFile(
        header=_header(value["header"]),
        commit=_commit(value["commit"]),
        validators=validators,
        log=None if log is None else _log(log),
    )


def _header(value: Any) -> Header:
    _fields(value, _HEADER_FIELDS)
    # A zero is left out of CometBFT's JSON here, as of version.app.
    version = value["version"]
    if not isinstance(version, dict) or not version.keys() <= {"block", "app"}:
        raise _malformed("version is wrong")
    return Header(
        version_block=_number(version.get("block", "0")),
        version_app=_number(version.get("app", "0")),
        chain_id=_text(value["chain_id"]),
        height=_number(value["height"]),
        time=_moment(value["time"]),
        last_block_id=_block_id(value["last_block_id"]),
        proposer_address=_hex(value["proposer_address"], sizes=(comet_bytes.ADDRESS_BYTES,)),
        **{name: _hex(value[name], sizes=(0, 32)) for name in _HEADER_HASHES},
    )


def _commit(value: Any) -> Commit:
    _fields(value, frozenset({"height", "round", "block_id", "signatures"}))
    rows = value["signatures"]
    if not isinstance(rows, list) or len(rows) > VALIDATORS_MAX:
        raise _malformed("it has no list of signatures")
    return Commit(
        _number(value["height"]), _small(value["round"]), _block_id(value["block_id"]), tuple(map(_signature, rows))
    )


def _signature(value: Any) -> Signature:
    _fields(value, frozenset({"block_id_flag", "validator_address", "timestamp", "signature"}))
    flag = value["block_id_flag"]
    if isinstance(flag, bool) or flag not in (ABSENT, FOR_BLOCK, FOR_NONE):
        raise _malformed("a signature has an unknown flag")
    if flag == ABSENT:
        if (value["validator_address"], value["timestamp"], value["signature"]) != ("", _NEVER, None):
            raise _malformed("an absent validator has a signature")
        return Signature(ABSENT, b"", Time(seconds=0, nanos=0), b"")
    address = _hex(value["validator_address"], sizes=(comet_bytes.ADDRESS_BYTES,))
    return Signature(flag, address, _moment(value["timestamp"]), base64_of(value["signature"]))


def _validator(value: Any) -> tuple[bytes, int]:
    _fields(value, frozenset({"address", "pub_key", "voting_power"}))
    key = value["pub_key"]
    _fields(key, frozenset({"type", "value"}))
    public_key = base64_of(key["value"])
    if key["type"] != _KEY_TYPE or len(public_key) != PUBLIC_KEY_BYTES:
        raise _malformed("a validator's key is not of Ed25519")
    if _hex(value["address"], sizes=(comet_bytes.ADDRESS_BYTES,)) != comet_bytes.address(public_key):
        raise _malformed("a validator's address is not that of its key")
    power = _number(value["voting_power"])
    if not 0 < power <= _POWER_MAX:
        raise _malformed("a validator has no power, or too much")
    return public_key, power


def _block_id(value: Any) -> BlockId:
    _fields(value, frozenset({"hash", "parts"}))
    _fields(value["parts"], frozenset({"total", "hash"}))
    return BlockId(
        hash=_hex(value["hash"], sizes=(0, 32)),
        parts_total=_small(value["parts"]["total"]),
        parts_hash=_hex(value["parts"]["hash"], sizes=(0, 32)),
    )


def _log(value: Any) -> LogState:
    _fields(value, frozenset({"root", "size", "state"}))
    root, state = _hex(value["root"], sizes=(32,)), _hex(value["state"], sizes=(32,))
    return LogState(root=root, size=_number(value["size"]), state=state)


def _fields(value: Any, names: frozenset[str]) -> None:
    if not isinstance(value, dict) or value.keys() != names:
        raise _malformed(f"it must have exactly {', '.join(sorted(names))}")


def _number(value: Any) -> int:
    """A 64-bit number, which CometBFT writes as text."""
    if not isinstance(value, str) or not re.fullmatch(r"0|[1-9]\d{0,18}", value, re.ASCII) or int(value) > _INT64_MAX:
        raise _malformed(f"{value!r:.40} is no number of 0 or more, as text")
    return int(value)


def _small(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise _malformed(f"{value!r:.40} is no number from 0 to 2^31 - 1")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 50:
        raise _malformed("a chain's id has 1 to 50 characters")
    return value


def _hex(value: Any, *, sizes: tuple[int, ...]) -> bytes:
    """Bytes as CometBFT writes them, in upper case: one value has one text."""
    if not isinstance(value, str) or not re.fullmatch(r"(?:[0-9A-F]{2})*", value, re.ASCII):
        raise _malformed(f"{value!r:.80} is not upper-case hexadecimal")
    if len(value) // 2 not in sizes:
        raise _malformed(f"{value:.80} has {len(value) // 2} bytes, not {' or '.join(map(str, sizes))}")
    return bytes.fromhex(value)


def base64_of(value: Any) -> bytes:
    """Return the bytes of base64 in its one spelling, or raise `InputError`."""
    try:
        data = base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise _malformed(f"{value!r:.80} is not base64") from error
    if base64.b64encode(data).decode() != value:
        raise _malformed(f"{value!r:.80} is not base64 in its one form")
    return data


def _moment(value: Any) -> Time:
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise _malformed(f"{value!r:.40} is no UTC time of RFC 3339")
    try:
        moment = datetime(*(int(part) for part in found.groups()[:6]), tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError as error:
        raise _malformed(f"{value} is no time") from error
    days = moment.toordinal() - datetime(1970, 1, 1, tzinfo=UTC).toordinal()
    seconds = days * 86400 + moment.hour * 3600 + moment.minute * 60 + moment.second
    return Time(seconds=seconds, nanos=int((found[7] or "").ljust(9, "0")))


def _malformed(why: str) -> InputError:
    return InputError(f"a commit file is malformed: {why}", "give the file that a member's node wrote")
