"""What a proposer or a voter can send: whatever the bytes, a replica answers, and every replica answers the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cantoria import ledger
from cantoria.adapters.cometbft import extensions
from cantoria.adapters.cometbft.cosigning import address_of
from cantoria.adapters.cometbft.extensions import Cosignature
from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import DAY
from cantoria.ledger.change_json import cosigner_public_key
from cantoria.ledger.cosignatures import cosigned_bytes, cosigner_key, parse_cosigner
from cantoria.ledger.governance import signed_bytes
from cantoria.testing.consortium import ORIGIN, Consortium, Organisation, signer_of

CONSORTIUM = Consortium(4, others=1)
MEMBER = CONSORTIUM.organisations[0]
STRANGER = Organisation("stranger")
U64 = 2**64 - 1


def good_items() -> list[bytes]:
    organisation = Organisation("org1")
    return [
        ledger.pack_item(organisation.batch(1)),
        ledger.pack_item(organisation.batch(3)),
        organisation.adds(signer_of("fresh")),
        organisation.says(ledger.Propose(b"\x01" * 16, ledger.Resolve("topic", b"\x02" * 32), organisation.now + DAY)),
    ]


GOOD = good_items()
SHAPES: dict[str, tuple[str, ...]] = {
    "genesis": ("origin", "operator_key", "claimed_future_max"),
    "admit_member": ("organisation", "capacities"),
    "add_key": ("organisation", "public_key", "valid_from"),
    "revoke_key": ("key_id",),
    "convene": ("seats", "endorsers", "holders"),
    "seat_member": ("seat",),
    "unseat_member": ("organisation",),
    "set_endorsers": ("type", "count"),
    "set_holders": ("type", "count"),
    "resolve": ("topic", "digest"),
    "propose": ("ballot", "change", "closes_at"),
    "vote": ("ballot", "yes"),
    "withdraw_ballot": ("ballot",),
}
OTHERS = {"consensus_key", "cosigner", "kind", "sequence", "signature", "extra"}
INTEGERS = st.sampled_from([0, 1, 2, 7, 255, 65_535, 65_536, 2**31, 2**53 - 1, -1])
WORDS = st.one_of(
    st.sampled_from(
        ["", "00", "zz", "a" * 64, "00" * 16, "00" * 32, "00" * 64, "A" * 32, "ü", "x" * 200, "log.example/x"]
    ),
    st.sampled_from([MEMBER.identifier.hex(), STRANGER.identifier.hex(), MEMBER.consensus.public_key.hex()]),
    st.sampled_from([MEMBER.seat.cosigner, MEMBER.seat.cosigner[:-1] + "A", STRANGER.seat.cosigner]),
)
PLAIN = st.one_of(INTEGERS, WORDS, st.booleans(), st.none())
FIELDS = st.sampled_from(sorted({name for names in SHAPES.values() for name in names} | OTHERS))
KINDS = st.sampled_from([*SHAPES, "by_member"])


def objects(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    fields = st.dictionaries(FIELDS, children, max_size=5)
    return st.one_of(
        st.lists(children, max_size=3), fields, st.builds(lambda one, kind: one | {"kind": kind}, fields, KINDS)
    )


JSON = st.recursive(PLAIN, objects, max_leaves=12)


@st.composite
def changes(draw: Callable[..., Any]) -> dict[str, Any]:
    """A change with the right fields and any values in them, or nearly so."""
    kind = draw(st.sampled_from(sorted(SHAPES)))
    fields = {"kind": kind, **{name: draw(JSON) for name in SHAPES[kind]}}
    if kind == "propose" and draw(st.booleans()):
        fields["change"] = draw(changes())
    if draw(st.integers(0, 9)) == 0:
        fields[draw(FIELDS)] = draw(JSON)
    return fields


@st.composite
def records(draw: Callable[..., Any]) -> bytes:
    """A governance record of any shape, whose signature is right."""
    change = draw(changes())
    if draw(st.booleans()):
        key_id = ledger.key_id(MEMBER.signer.public_key).hex()
        fields = {"kind": "by_member", "organisation": MEMBER.identifier.hex(), "key_id": key_id, "change": change}
        signer = MEMBER.signer
    else:
        fields = change | {"sequence": draw(INTEGERS)}
        signer = CONSORTIUM.operator
    signature = signer.sign(signed_bytes(canonical.encode(fields), ORIGIN)).hex()
    return b"\x03" + canonical.encode({**fields, "signature": signature})


@st.composite
def damaged(draw: Callable[..., Any]) -> bytes:
    """A good item, cut, prolonged, or with other bytes in it."""
    data = draw(st.sampled_from(GOOD))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        replaced = data[:at] + draw(st.binary(min_size=1, max_size=8)) + data[at + 1 :]
        data = draw(st.sampled_from([data[:at], data[at:], data + data[:at], replaced]))
    return data


COSIGNATURES = st.builds(
    lambda key_hash, time, signature: Cosignature(key_hash, time, signature),
    st.one_of(
        st.binary(min_size=4, max_size=4),
        st.sampled_from([parse_cosigner(one.seat.cosigner).key_hash for one in [*CONSORTIUM.seated, STRANGER]]),
    ),
    st.integers(0, U64) | st.sampled_from([0, 2**63 - 1, 2**63, U64]),
    st.binary(min_size=64, max_size=64),
)
PUBLISHING = st.builds(
    extensions.pack_transaction, st.integers(0, 5) | st.integers(0, U64), st.lists(COSIGNATURES, max_size=66)
)
TRANSACTIONS = st.one_of(st.binary(max_size=400), damaged(), records(), PUBLISHING)


@settings(max_examples=300)
@given(transactions=st.lists(TRANSACTIONS, max_size=4), first=st.none() | PUBLISHING, blocks=st.integers(0, 2))
def test_any_bytes_are_judged_and_give_the_same_everywhere(
    make_chain, transactions: list[bytes], first: bytes | None, blocks: int
) -> None:
    chain = make_chain(4)
    for _ in range(blocks):
        chain.record(chain.organisations[0].batch())
    block = ([] if first is None else [first]) + transactions
    verdicts = {chain.judge(block, judge=judge) for judge in range(4)}
    assert len(verdicts) == 1
    before = chain.replicas[0].size
    done = chain.decide(block)
    assert len(done.codes) == len(block)
    recorded = sum(code == 0 for code, _ in done.codes) - (block[:1] != [] and block[0][:1] == b"\x05")
    assert chain.replicas[0].size - before >= recorded
    if verdicts == {None}:
        assert {code for code, _ in done.codes} <= {0}
    assert all(chain.open(number).mark == chain.replicas[number].mark for number in range(4))
    chain.step()


@pytest.mark.parametrize("change", sorted(SHAPES))
def test_every_kind_of_record_is_judged_whatever_its_fields_hold(make_chain, change: str) -> None:
    chain = make_chain(4)
    for value in (None, 0, -1, 2**53 - 1, True, "", "00" * 16, [], {}, [[1, 2]], [[1]], [None], {"kind": change}):
        fields = {"kind": change, **dict.fromkeys(SHAPES[change], value)}
        key_id = ledger.key_id(MEMBER.signer.public_key).hex()
        for whole, signer in (
            (
                {"kind": "by_member", "organisation": MEMBER.identifier.hex(), "key_id": key_id, "change": fields},
                MEMBER.signer,
            ),
            (fields | {"sequence": 10}, CONSORTIUM.operator),
        ):
            signature = signer.sign(signed_bytes(canonical.encode(whole), ORIGIN)).hex()
            item = b"\x03" + canonical.encode({**whole, "signature": signature})
            assert chain.judge([item]) is not None


def test_a_record_nested_as_deep_as_it_goes_is_judged(chain) -> None:
    inner: dict[str, Any] = {"kind": "resolve", "topic": "t", "digest": "00" * 32}
    for _ in range(60):
        inner = {"kind": "propose", "ballot": "00" * 16, "change": inner, "closes_at": 1}
    for depth in (600, 60_000):
        text = b'{"change":' * depth + b"0" + b"}" * depth
        assert chain.judge([b"\x03" + text]) is not None
    assert chain.judge([b"\x03" + canonical.encode(inner)]) is not None


@pytest.mark.parametrize("height", [0, 1, 2, 3, U64])
@pytest.mark.parametrize("time", [0, 2**63 - 1, 2**63, U64])
def test_only_a_quorum_over_the_log_before_the_last_block_is_published(chain, height: int, time: int) -> None:
    chain.record(chain.organisations[0].batch())
    chain.step(1)
    tip = chain.replicas[0].mark.tip(1)
    text = tip.checkpoint(ORIGIN).text()
    cosignatures = []
    for one in chain.organisations:
        key = parse_cosigner(one.seat.cosigner)
        signature = one.cosigner.sign(cosigned_bytes(text, time=min(time, 2**63 - 1)))
        cosignatures.append(Cosignature(key.key_hash, time, signature))
    right = height == 1 and time < 2**63
    verdict = chain.judge([extensions.pack_transaction(height, cosignatures)])
    assert (verdict is None) is right
    refused = "the cosignatures are not a quorum over the log as it was"
    if right:
        for bad in (cosignatures[:2], [*cosignatures[:3], cosignatures[0]], [*cosignatures[:2], cosignatures[0]]):
            assert chain.judge([extensions.pack_transaction(1, bad)]) == refused
        forged = Cosignature(cosignatures[3].key_hash, time, cosignatures[2].signature)
        assert chain.judge([extensions.pack_transaction(1, [*cosignatures[:3], forged])]) == refused
        foreign = Cosignature(parse_cosigner(STRANGER.seat.cosigner).key_hash, time, bytes(64))
        assert chain.judge([extensions.pack_transaction(1, [*cosignatures[:3], foreign])]) == refused
        twice = extensions.pack_transaction(1, cosignatures)
        assert chain.judge([twice, twice]) == "transaction 0 is malformed"
    else:
        assert verdict == refused


@settings(max_examples=200)
@given(
    extension=st.one_of(
        st.binary(max_size=200), st.binary(min_size=77, max_size=77), st.builds(extensions.pack_extension, COSIGNATURES)
    ),
    height=st.sampled_from([0, 1, 2, 3, 4, 2**62]),
    address=st.binary(max_size=32) | st.sampled_from([address_of(MEMBER.consensus.public_key)]),
)
def test_any_vote_extension_is_judged(make_chain, extension: bytes, height: int, address: bytes) -> None:
    chain = make_chain(4)
    chain.record(chain.organisations[0].batch())
    chain.step()
    answers = {one.accepts(height, address=address, extension=extension) for one in chain.replicas}
    assert len(answers) == 1
    try:
        found = extensions.unpack_extension(extension)
    except InputError:
        assert answers == {False}
    else:
        seated = address == address_of(MEMBER.consensus.public_key) and height in (2, 3)
        assert answers == {not (seated and found)} or found is None


def test_anothers_cosignature_is_not_ours(chain) -> None:
    chain.record(chain.organisations[0].batch())
    height = chain.height + 1
    first, second = (one.extend(height) for one in chain.replicas[:2])
    address = address_of(chain.organisations[0].consensus.public_key)
    assert chain.replicas[2].accepts(height, address=address, extension=first)
    assert not chain.replicas[2].accepts(height, address=address, extension=second)
    assert not chain.replicas[2].accepts(height, address=address, extension=first[:-1] + bytes([first[-1] ^ 1]))


@given(
    name=st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1, max_size=30),
    junk=st.binary(max_size=3),
)
def test_a_cosigner_that_a_seat_may_name_can_be_read_ever_after(name: str, junk: bytes) -> None:
    """What a ballot let in is parsed in every vote: what one reader accepts the other must."""
    public_key = signer_of(name).public_key
    try:
        vkey = cosigner_key(name, public_key=public_key).vkey() + junk.decode("latin-1")
    except InputError:
        return
    try:
        found = cosigner_public_key(vkey)
    except InputError:
        return
    assert found == parse_cosigner(vkey).public_key


def test_a_block_beyond_the_limits_is_refused(chain) -> None:
    organisation = chain.organisations[0]
    items = [ledger.pack_item(organisation.batch(1000, first=number)) for number in range(31)]
    assert sum(map(len, items)) > 4_000_000
    assert chain.judge(items[:30]) is None
    assert chain.judge(items) == "the block is too large"


@pytest.mark.parametrize("time", [0, 1, 2**62])
def test_any_time_is_judged(chain, time: int) -> None:
    chain.replicas[0].judge(1, time=time, transactions=GOOD)
