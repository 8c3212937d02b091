"""A CometBFT commit is verified as CometBFT does it, and nothing in its file can be changed."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import BytesValue, Int64Value, StringValue
from hypothesis import given
from hypothesis import strategies as st

from cantoria.adapters.cometbft.framing import framed
from cantoria.adapters.cometbft.proto import blocks_pb2 as blocks
from cantoria.adapters.cometbft.proto import canonical_pb2, keys_pb2, validator_pb2, version_pb2
from cantoria.kernel import canonical
from cantoria.kernel.errors import CantoriaError, InputError, IntegrityError
from cantoria.ledger.ed25519 import Ed25519Signer
from cantoria.sdk import comet_bytes, commit_file
from cantoria.sdk.comet_bytes import BlockId, Header, Time
from cantoria.sdk.commit_file import LogState
from cantoria.sdk.light import verify_commit

VECTORS = json.loads((Path(__file__).parents[3] / "vectors" / "light" / "commits.json").read_text("utf-8"))
BY_NAME = {case["name"]: case for case in VECTORS["cases"]}
CHAIN = "rights-1"
LOG = LogState(root=sha256(b"root").digest(), size=12_345, state=sha256(b"state").digest())


def judged(case: dict[str, Any]) -> str:
    trusted = {bytes.fromhex(one["public_key"]): int(one["power"]) for one in case["validators"]}
    try:
        block = verify_commit(canonical.encode(case["file"]), chain_id=case["chain_id"], validators=trusted)
    except InputError:
        return "malformed"
    except IntegrityError:
        return "does not hold"
    return f"block {block.height}: {block.power} of {block.power_total}, app hash {block.app_hash.hex()}"


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_vectors(case: dict[str, Any]) -> None:
    assert judged(case) == case["verdict"]


def test_the_vectors_show_every_verdict() -> None:
    assert {case["verdict"].split()[0] for case in VECTORS["cases"]} == {"block", "does", "malformed"}


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, key))
    else:
        yield path, value


def changed(value: Any) -> list[Any]:
    """Values near `value`: of the same shape where there is one, of another, and none."""
    if isinstance(value, str):
        near = [value[:-1], value + "0", value.swapcase(), "0" * len(value)]
        near += [value[:at] + ("1" if value[at] != "1" else "2") + value[at + 1 :] for at in range(0, len(value), 7)]
        return [one for one in near if one != value] + [None, 1]
    if isinstance(value, int):
        return [value + 1, value - 1, str(value), None, True]
    return ["", 0, "AA=="]


@pytest.mark.parametrize("name", ["three of four", "first block", "with the log"])
def test_nothing_in_the_file_can_be_changed(name: str) -> None:
    good = BY_NAME[name]
    tried = 0
    for path, value in leaves(good["file"]):
        for other in changed(value):
            case = deepcopy(good)
            place = case["file"]
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = other
            assert judged(case) in ("malformed", "does not hold"), f"{path}: {value!r} became {other!r}"
            tried += 1
    assert tried > 300


@given(data=st.binary(max_size=200))
def test_no_bytes_do_anything_but_be_refused(data: bytes) -> None:
    with pytest.raises(CantoriaError):
        verify_commit(data, chain_id=CHAIN, validators={})


# A commit built from keys of our own, its bytes by the generated protocol buffers: the other way to the same bytes.


def keys(count: int) -> list[Ed25519Signer]:
    """Signers in CometBFT's order, by address where all have one power."""
    signers = [Ed25519Signer(sha256(b"light %d" % number).digest()) for number in range(count)]
    return sorted(signers, key=lambda one: comet_bytes.address(one.public_key))


def protobuf_header(header: Header) -> list[bytes]:
    version = version_pb2.Consensus(block=header.version_block, app=header.version_app)
    last = blocks.BlockID(
        hash=header.last_block_id.hash,
        part_set_header=blocks.PartSetHeader(
            total=header.last_block_id.parts_total, hash=header.last_block_id.parts_hash
        ),
    )
    hashes = [
        *(header.last_commit_hash, header.data_hash, header.validators_hash, header.next_validators_hash),
        *(header.consensus_hash, header.app_hash, header.last_results_hash, header.evidence_hash),
        header.proposer_address,
    ]
    return [
        version.SerializeToString(),
        StringValue(value=header.chain_id).SerializeToString(),
        Int64Value(value=header.height).SerializeToString(),
        Timestamp(seconds=header.time.seconds, nanos=header.time.nanos).SerializeToString(),
        last.SerializeToString(),
        *(BytesValue(value=one).SerializeToString() for one in hashes),
    ]


def merkle(items: list[bytes]) -> bytes:
    if len(items) == 1:
        return sha256(b"\0" + items[0]).digest()
    split = 1
    while split * 2 < len(items):
        split *= 2
    return sha256(b"\1" + merkle(items[:split]) + merkle(items[split:])).digest()


def protobuf_vote(chain_id: str, block: BlockId | None, *, height: int, round_: int, time: Time) -> bytes:
    vote = canonical_pb2.CanonicalVote(
        type=blocks.SIGNED_MSG_TYPE_PRECOMMIT,
        height=height,
        round=round_,
        timestamp=Timestamp(seconds=time.seconds, nanos=time.nanos),
        chain_id=chain_id,
    )
    if block is not None:
        vote.block_id.hash = block.hash
        vote.block_id.part_set_header.total = block.parts_total
        vote.block_id.part_set_header.hash = block.parts_hash
        vote.block_id.part_set_header.SetInParent()
    return framed(vote.SerializeToString())


def protobuf_validators(validators: list[tuple[bytes, int]]) -> bytes:
    return merkle(
        [
            validator_pb2.SimpleValidator(
                pub_key=keys_pb2.PublicKey(ed25519=public_key), voting_power=power
            ).SerializeToString()
            for public_key, power in validators
        ]
    )


def rfc3339(time: Time) -> str:
    fraction = f".{time.nanos:09d}".rstrip("0").rstrip(".")
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=time.seconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def block_id_json(block: BlockId) -> dict[str, Any]:
    parts = {"total": block.parts_total, "hash": block.parts_hash.hex().upper()}
    return {"hash": block.hash.hex().upper(), "parts": parts}


def header_json(header: Header) -> dict[str, Any]:
    names = [*commit_file._HEADER_HASHES, "proposer_address"]
    return {
        "version": {"block": str(header.version_block), "app": str(header.version_app)},
        "chain_id": header.chain_id,
        "height": str(header.height),
        "time": rfc3339(header.time),
        "last_block_id": block_id_json(header.last_block_id),
        **{name: getattr(header, name).hex().upper() for name in names},
    }


def a_header(signers: list[Ed25519Signer]) -> Header:
    other = sha256(b"other").digest()
    return Header(
        version_block=11,
        version_app=3,
        chain_id=CHAIN,
        height=70,
        time=Time(seconds=1_800_000_000, nanos=120),
        last_block_id=BlockId(hash=other, parts_total=2, parts_hash=other),
        last_commit_hash=other,
        data_hash=other,
        validators_hash=protobuf_validators([(one.public_key, 1) for one in signers]),
        next_validators_hash=other,
        consensus_hash=other,
        app_hash=LOG.app_hash(),
        last_results_hash=other,
        evidence_hash=b"",
        proposer_address=comet_bytes.address(signers[0].public_key),
    )


def a_file(
    flags: str, *, header: Callable[[Header], Header] = lambda header: header, log: LogState | None = LOG
) -> Any:
    """A commit of as many validators as `flags` has letters: y for the block, n for none, - absent."""
    signers = keys(len(flags))
    top = header(a_header(signers))
    block = BlockId(hash=merkle(protobuf_header(top)), parts_total=3, parts_hash=sha256(b"parts").digest())
    signatures = []
    for number, (flag, signer) in enumerate(zip(flags, signers, strict=True)):
        if flag == "-":
            absent = {"block_id_flag": 1, "validator_address": "", "timestamp": "0001-01-01T00:00:00Z"}
            signatures.append({**absent, "signature": None})
            continue
        time = Time(seconds=1_800_000_001, nanos=number)
        voted = block if flag == "y" else None
        message = protobuf_vote(CHAIN, voted, height=top.height, round_=2, time=time)
        signatures.append(
            {
                "block_id_flag": 2 if flag == "y" else 3,
                "validator_address": comet_bytes.address(signer.public_key).hex().upper(),
                "timestamp": rfc3339(time),
                "signature": base64.b64encode(signer.sign(message)).decode(),
            }
        )
    commit = {"height": str(top.height), "round": 2, "block_id": block_id_json(block), "signatures": signatures}
    validators = [
        {
            "address": comet_bytes.address(one.public_key).hex().upper(),
            "pub_key": {"type": "tendermint/PubKeyEd25519", "value": base64.b64encode(one.public_key).decode()},
            "voting_power": "1",
            "proposer_priority": "-3",
        }
        for one in signers
    ]
    return commit_file.write({"header": header_json(top), "commit": commit}, validators, log=log)


def trusted(count: int) -> dict[bytes, int]:
    return {one.public_key: 1 for one in keys(count)}


@pytest.mark.parametrize(
    ("flags", "holds"),
    [
        *(("yyyy", True), ("yyy-", True), ("ynyy", True), ("yy--", False), ("yynn", False)),
        *(("y", True), ("yy-", False), ("yyyyn-", False), ("yyyyy-", True)),
        *(("yyyyy--", True), ("yyyynn-", False)),
    ],
)
def test_more_than_two_thirds_must_have_signed(flags: str, holds: bool) -> None:
    data = a_file(flags)
    if not holds:
        with pytest.raises(IntegrityError, match="two thirds"):
            verify_commit(data, chain_id=CHAIN, validators=trusted(len(flags)))
        return
    block = verify_commit(data, chain_id=CHAIN, validators=trusted(len(flags)))
    assert (block.power, block.power_total) == (flags.count("y"), len(flags))
    assert block.app_hash == LOG.app_hash()
    assert block.log == LOG
    assert block.time == "2027-01-15T08:00:00.000000120Z"


@pytest.mark.parametrize(
    ("validators", "why"),
    [({}, "seats"), (trusted(5), "seats"), (trusted(3), "seats"), (dict.fromkeys(trusted(4), 2), "seats")],
    ids=["nobody", "one more", "one less", "other power"],
)
def test_the_validators_are_those_that_the_caller_trusts(validators: dict[bytes, int], why: str) -> None:
    with pytest.raises(IntegrityError, match=why):
        verify_commit(a_file("yyyy"), chain_id=CHAIN, validators=validators)


def test_a_log_that_the_header_does_not_name_is_refused() -> None:
    other = LogState(root=LOG.root, size=LOG.size + 1, state=LOG.state)
    with pytest.raises(IntegrityError, match="root, size and state"):
        verify_commit(a_file("yyyy", log=other), chain_id=CHAIN, validators=trusted(4))
    assert verify_commit(a_file("yyyy", log=None), chain_id=CHAIN, validators=trusted(4)).log is None


def test_a_commit_of_another_chain_is_refused() -> None:
    with pytest.raises(IntegrityError, match="chain"):
        verify_commit(a_file("yyyy"), chain_id="rights-2", validators=trusted(4))


hashes = st.one_of(st.just(b""), st.binary(min_size=32, max_size=32))
times = st.builds(Time, seconds=st.integers(-62_135_596_800, 253_402_300_799), nanos=st.integers(0, 999_999_999))
block_ids = st.builds(BlockId, hash=hashes, parts_total=st.integers(0, 2**31 - 1), parts_hash=hashes)
headers = st.builds(
    Header,
    version_block=st.integers(0, 2**63 - 1),
    version_app=st.integers(0, 2**63 - 1),
    chain_id=st.text(min_size=1, max_size=50),
    height=st.integers(0, 2**63 - 1),
    time=times,
    last_block_id=block_ids,
    proposer_address=st.binary(min_size=20, max_size=20),
    **dict.fromkeys(commit_file._HEADER_HASHES, hashes),
)


@given(header=headers)
def test_headers_hash_as_protocol_buffers_encode_them(header: Header) -> None:
    expected = protobuf_header(header)
    # Go holds the parts of a block id by value: they are encoded even when they are empty.
    if header.last_block_id.parts_total == 0 and not header.last_block_id.parts_hash:
        own = BytesValue(value=header.last_block_id.hash).SerializeToString()
        expected[4] = own + b"\x12\x00"
    assert comet_bytes.header_hash(header) == merkle(expected)


@given(
    block=st.none() | block_ids,
    height=st.integers(0, 2**63 - 1),
    round_=st.integers(0, 2**31 - 1),
    time=times,
    chain_id=st.text(min_size=1, max_size=50),
)
def test_votes_are_signed_as_protocol_buffers_encode_them(
    block: BlockId | None, height: int, round_: int, time: Time, chain_id: str
) -> None:
    expected = protobuf_vote(chain_id, block, height=height, round_=round_, time=time)
    assert comet_bytes.precommit_bytes(chain_id, block, height=height, round_=round_, time=time) == expected


@given(powers=st.lists(st.integers(1, 2**60 - 1), min_size=1, max_size=9))
def test_validator_sets_hash_as_protocol_buffers_encode_them(powers: list[int]) -> None:
    validators = [(sha256(b"%d" % number).digest(), power) for number, power in enumerate(powers)]
    assert comet_bytes.validators_hash(validators) == protobuf_validators(validators)
