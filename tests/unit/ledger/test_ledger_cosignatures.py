"""Cosignatures: what a witness signs, what a policy makes of it, and that no byte of a counted one can change."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.kernel.errors import CantoriaError, InputError, IntegrityError
from cantoria.ledger.cosignatures import (
    TIME_MAX,
    add_cosignatures,
    cosign,
    cosignatures_of,
    cosigned_bytes,
    cosigner_key,
    parse_cosigner,
)
from cantoria.ledger.ed25519 import Ed25519Signer, verify
from cantoria.ledger.notes import Checkpoint, NoteKey, open_checkpoint, parse_vkey, sign_checkpoint, split_note
from cantoria.ledger.policy import Group, Log, Policy, Witness, members_policy, parse_policy, trusting

ORIGIN = "log.example.org/test"
LOG = Ed25519Signer(b"\x07" * 32)
KEY = NoteKey(ORIGIN, LOG.public_key)
CHECKPOINT = Checkpoint(ORIGIN, 42, bytes(range(32)))
NOTE = sign_checkpoint(CHECKPOINT, signer=LOG)
NAMES = [f"witness.example/w{number}" for number in range(7)]
SIGNERS = {name: Ed25519Signer(hashlib.sha256(name.encode()).digest()) for name in NAMES}
NOW = 1_800_000_000


def witnesses(count: int) -> list[Witness]:
    return [
        Witness(f"w{number}", cosigner_key(name, public_key=SIGNERS[name].public_key))
        for number, name in enumerate(NAMES[:count])
    ]


def cosigned(*numbers: int, time: int = NOW, note: str = NOTE) -> str:
    text, _ = split_note(note)
    for number in numbers:
        note = add_cosignatures(note, cosign(text, name=NAMES[number], signer=SIGNERS[NAMES[number]], time=time))
    return note


def five_of_six() -> Policy:
    return members_policy([Log(KEY)], witnesses(6))


def test_the_signed_bytes_are_those_of_the_published_format() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    assert cosigned_bytes(text, time=1679315147) == b"cosignature/v1\ntime 1679315147\n" + text.encode()
    signer = SIGNERS[NAMES[0]]
    line = cosign(text, name=NAMES[0], signer=signer, time=1679315147)
    (parsed,) = split_note(f"{text}\n{line}")[1]
    material = NAMES[0].encode() + b"\n\x04" + signer.public_key
    assert parsed.key_hash == hashlib.sha256(material).digest()[:4]
    assert parsed.signature[:8] == (1679315147).to_bytes(8, "big")
    message = b"cosignature/v1\ntime 1679315147\n" + text.encode()
    assert verify(signer.public_key, message, signature=parsed.signature[8:])


def test_a_key_of_a_witness_is_of_another_type_than_that_of_a_log() -> None:
    key = cosigner_key(NAMES[0], public_key=SIGNERS[NAMES[0]].public_key)
    assert parse_cosigner(key.vkey()) == key
    with pytest.raises(InputError, match="type 4, not 1"):
        parse_vkey(key.vkey())
    with pytest.raises(InputError, match="type 1, not 4"):
        parse_cosigner(KEY.vkey())
    assert NoteKey(key.name, key.public_key).key_hash != key.key_hash


@pytest.mark.parametrize("time", [-1, TIME_MAX + 1])
def test_a_time_that_cannot_be_is_refused(time: int) -> None:
    with pytest.raises((InputError, OverflowError)):
        cosign(CHECKPOINT.text(), name=NAMES[0], signer=SIGNERS[NAMES[0]], time=time)


def test_under_the_logs_key_alone_cosignatures_prove_nothing() -> None:
    note = cosigned(0, 1, 2)
    assert open_checkpoint(note, key=KEY) == CHECKPOINT
    opened = trusting(KEY).open(note)
    assert opened.self_attested
    assert opened.checkpoint == CHECKPOINT
    assert opened.log == KEY


def test_five_of_six_are_needed_and_said() -> None:
    opened = five_of_six().open(cosigned(0, 1, 2, 3, 4))
    assert [(one.name, one.time) for one in opened.witnesses] == [(f"w{number}", NOW) for number in range(5)]
    assert not opened.self_attested
    assert len(five_of_six().open(cosigned(0, 1, 2, 3, 4, 5)).witnesses) == 6
    with pytest.raises(IntegrityError, match="5 of its 6 members, and cosigned have w0, w2, w4, w5"):
        five_of_six().open(cosigned(5, 4, 2, 0))
    with pytest.raises(IntegrityError, match="nobody"):
        five_of_six().open(NOTE)


def test_the_least_note_has_the_first_five_of_seven_and_says_the_same() -> None:
    policy = members_policy([Log(KEY)], witnesses(7))
    note = NOTE
    for number, time in enumerate((9, 3, 7, 1, 5, 2, 8)):
        note = cosigned(number, time=NOW + time, note=note)
    note += "— stranger.example AAAAAAAA\n"
    least = policy.least(note)
    assert [(one.name, one.time - NOW) for one in policy.open(least).witnesses] == [
        ("w1", 3),
        ("w2", 7),
        ("w3", 1),
        ("w4", 5),
        ("w5", 2),
    ]
    assert policy.open(least).checkpoint == policy.open(note).checkpoint
    assert len(split_note(least)[1]) == 6
    assert policy.least(least) == least
    assert trusting(KEY).least(note) == NOTE
    with pytest.raises(IntegrityError, match="not reached"):
        policy.least(cosigned(0, 1, 2, 3))


def test_the_least_note_of_groups_in_groups_and_of_one_that_signed_twice() -> None:
    three = witnesses(4)
    groups = (Group("pair", 1, ("w0", "w1")), Group("both", 2, ("pair", "w2")))
    policy = parse_policy(Policy((Log(KEY),), tuple(three), groups, "both").text())
    text, lines = split_note(cosigned(0, 1, 2, 3))
    again = cosign(text, name=NAMES[2], signer=SIGNERS[NAMES[2]], time=NOW + 4)
    note = f"{text}\n{''.join(line.text() for line in lines)}{again}"
    found = policy.open(policy.least(note)).witnesses
    assert [(one.name, one.time) for one in found] == [("w0", NOW), ("w2", NOW + 4)]


def test_unknown_signers_are_passed_over_and_do_not_count() -> None:
    policy = members_policy([Log(KEY)], witnesses(3))
    assert len(policy.open(cosigned(0, 1, 2, 3, 4, 5, 6)).witnesses) == 3
    with pytest.raises(IntegrityError, match="quorum"):
        policy.open(cosigned(0, 1, 3, 4, 5, 6))


def test_a_wrong_cosignature_by_a_known_key_spoils_the_note() -> None:
    other = sign_checkpoint(Checkpoint(ORIGIN, 43, bytes(32)), signer=LOG)
    stray = cosigned(5, note=other).split("\n\n")[1].split("\n")[1]
    note = f"{cosigned(0, 1, 2, 3, 4)}{stray}\n"
    with pytest.raises(IntegrityError, match="w5"):
        five_of_six().open(note)
    assert trusting(KEY).open(note).checkpoint == CHECKPOINT


def test_a_witness_counts_once_however_often_it_signs() -> None:
    text, _ = split_note(NOTE)
    lines = "".join(cosign(text, name=NAMES[0], signer=SIGNERS[NAMES[0]], time=NOW + more) for more in (0, 9, 5))
    opened = members_policy([Log(KEY)], witnesses(1)).open(NOTE + lines)
    assert [one.time for one in opened.witnesses] == [NOW + 9]
    with pytest.raises(IntegrityError, match="quorum"):
        members_policy([Log(KEY)], witnesses(2)).open(NOTE + lines)


def test_a_cosignature_by_the_witnesss_key_as_a_plain_signature_does_not_count() -> None:
    signer = SIGNERS[NAMES[0]]
    plain = sign_checkpoint(CHECKPOINT, signer=signer).split("\n\n")[1].replace(ORIGIN, NAMES[0])
    with pytest.raises(IntegrityError, match="quorum"):
        members_policy([Log(KEY)], witnesses(1)).open(NOTE + plain)


def test_another_log_key_of_the_same_origin_will_do_and_one_of_another_origin_not() -> None:
    second = Ed25519Signer(b"\x09" * 32)
    mine, other = Log(NoteKey(ORIGIN, second.public_key)), Log(NoteKey("other.example", LOG.public_key))
    note = cosigned(0, note=sign_checkpoint(CHECKPOINT, signer=second))
    assert members_policy([Log(KEY), mine], witnesses(1)).open(note).log == mine.key
    with pytest.raises(IntegrityError, match="no key trusted"):
        members_policy([Log(KEY)], witnesses(1)).open(note)
    text, _ = split_note(NOTE)
    foreign = text + "\n" + sign_checkpoint(Checkpoint("other.example", 1, bytes(32)), signer=LOG).split("\n\n")[1]
    with pytest.raises(IntegrityError):
        Policy((other,)).open(foreign)


def test_every_flipped_bit_fails_or_changes_nothing_of_what_is_proven() -> None:
    policy = five_of_six()
    note = cosigned(0, 1, 2, 3, 4, 6)
    proven = policy.open(note)
    data = note.encode()
    stranger = note.index(f"— {NAMES[6]}")
    counted = len(note[:stranger].encode())
    outcomes = {"refused": 0, "same": 0}
    for place in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[place] ^= 1 << bit
            try:
                opened = policy.open(flipped.decode())
            except (UnicodeDecodeError, CantoriaError):
                outcomes["refused"] += 1
                continue
            assert opened == proven
            assert place >= counted, "a byte that counts was changed and nobody noticed"
            outcomes["same"] += 1
    assert outcomes["refused"] > 8 * counted - 1
    assert outcomes["same"] > 0


@given(st.sets(st.integers(0, 6)), st.integers(0, TIME_MAX), st.integers(1, 7))
def test_who_cosigned_is_who_is_found(signed: set[int], time: int, known: int) -> None:
    note = cosigned(*sorted(signed), time=time)
    text, lines = split_note(note)
    found = cosignatures_of(text, lines, keys=[one.key for one in witnesses(known)])
    assert [NAMES.index(one.key.name) for one in found] == sorted(one for one in signed if one < known)
    assert all(one.time == time for one in found)
    assert add_cosignatures(note, "") == note
    policy = members_policy([Log(KEY)], witnesses(known))
    if len(found) >= 2 * known // 3 + 1:
        assert len(policy.open(note).witnesses) == len(found)
    else:
        with pytest.raises(IntegrityError):
            policy.open(note)


@pytest.mark.parametrize("length", [0, 1, 7, 8, 71, 73])
def test_a_cosignature_of_another_length_is_wrong(length: int) -> None:
    from cantoria.ledger.notes import SignatureLine

    key = witnesses(1)[0].key
    signature = bytes(length) or b"\x00"
    line = SignatureLine(key.name, key.key_hash, signature).text()
    with pytest.raises(IntegrityError, match="is wrong"):
        members_policy([Log(KEY)], witnesses(1)).open(NOTE + line)
