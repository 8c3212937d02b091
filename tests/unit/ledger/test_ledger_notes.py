"""Signed notes and checkpoints: the published example, round trips, and every byte vouched for."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.kernel.errors import CantoriaError, InputError, IntegrityError
from cantoria.ledger import proof_text
from cantoria.ledger.ed25519 import Ed25519Signer, key_id, verify
from cantoria.ledger.merkle import inclusion_proof, leaf_hashes, root_of
from cantoria.ledger.notes import (
    Checkpoint,
    NoteKey,
    SignatureLine,
    merge_signatures,
    open_checkpoint,
    open_note,
    parse_checkpoint,
    parse_vkey,
    sign_checkpoint,
    sign_note,
    unsigned_size,
)
from cantoria.ledger.tiles import Edge, node_reader

# The example in Go's golang.org/x/mod/sumdb/note package documentation.
PETER_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_NOTE = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""
SIGNER = Ed25519Signer(b"\x07" * 32)
KEY = NoteKey("log.example.org/test", SIGNER.public_key)
CHECKPOINT = Checkpoint("log.example.org/test", 42, bytes(range(32)))


def test_the_published_note_verifies_under_its_published_key() -> None:
    key = parse_vkey(PETER_VKEY)
    assert key.name == "PeterNeumann"
    assert key.vkey() == PETER_VKEY
    assert open_note(PETER_NOTE, keys=[key]).endswith("what your problem is.\n")


def test_rfc_8032_test_1() -> None:
    signer = Ed25519Signer(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
    assert signer.public_key.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    signature = signer.sign(b"")
    assert signature.hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8")
    assert verify(signer.public_key, b"", signature=signature)
    assert not verify(signer.public_key, b"x", signature=signature)
    assert not verify(signer.public_key[:31], b"", signature=signature)
    assert not verify(signer.public_key, b"", signature=signature[:63])
    assert len(key_id(signer.public_key)) == 8


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_checkpoints_round_trip(size: int, root: bytes) -> None:
    checkpoint = Checkpoint("log.example.org/test", size, root)
    note = sign_checkpoint(checkpoint, signer=SIGNER)
    assert open_checkpoint(note, key=KEY) == checkpoint
    assert unsigned_size(note) == size
    assert parse_vkey(KEY.vkey() + "\n") == KEY


def test_every_flipped_bit_of_a_checkpoint_is_noticed() -> None:
    note = sign_checkpoint(CHECKPOINT, signer=SIGNER).encode()
    for place in range(len(note)):
        for bit in range(8):
            flipped = bytearray(note)
            flipped[place] ^= 1 << bit
            try:
                text = flipped.decode()
            except UnicodeDecodeError:
                continue
            with pytest.raises(CantoriaError):
                open_checkpoint(text, key=KEY)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("no root", "log.example.org/test\n42\n"),
        ("size with a leading zero", "log.example.org/test\n042\n" + "A" * 43 + "=\n"),
        ("size with a sign", "log.example.org/test\n+42\n" + "A" * 43 + "=\n"),
        ("spare bits in the root", "log.example.org/test\n42\n" + "A" * 42 + "B=\n"),
        ("root without padding", "log.example.org/test\n42\n" + "A" * 43 + "\n"),
        ("short root", "log.example.org/test\n42\nAAAA\n"),
        ("extension line", "log.example.org/test\n42\n" + "A" * 43 + "=\nmore\n"),
        ("empty origin", "\n42\n" + "A" * 43 + "=\n"),
        ("size beyond 63 bits", f"log.example.org/test\n{2**63}\n" + "A" * 43 + "=\n"),
    ],
)
def test_a_malformed_checkpoint_is_refused(name: str, text: str) -> None:
    with pytest.raises(InputError):
        parse_checkpoint(text)


def test_a_second_signature_by_an_unknown_key_proves_nothing_and_a_line_stands_once() -> None:
    note = sign_checkpoint(CHECKPOINT, signer=SIGNER)
    other = Ed25519Signer(b"\x08" * 32)
    stranger = sign_note(CHECKPOINT.text(), name="witness.example", signer=other).split("\n\n")[1]
    assert open_checkpoint(note + stranger, key=KEY) == CHECKPOINT
    witness = NoteKey("witness.example", other.public_key)
    assert open_note(note + stranger, keys=[KEY, witness]) == CHECKPOINT.text()
    assert open_note(note + stranger, keys=[witness]) == CHECKPOINT.text()
    with pytest.raises(IntegrityError, match="no key trusted"):
        open_checkpoint(CHECKPOINT.text() + "\n" + stranger, key=KEY)
    with pytest.raises(InputError, match="stands twice"):
        open_checkpoint(note + note.split("\n\n")[1], key=KEY)
    forged = stranger.replace("witness.example", KEY.name)
    assert open_checkpoint(note + forged, key=KEY) == CHECKPOINT, "another key of the same name is another key"


def test_a_wrong_signature_by_a_known_key_spoils_the_note() -> None:
    note = sign_checkpoint(CHECKPOINT, signer=SIGNER)
    other = Ed25519Signer(b"\x08" * 32)
    line = SignatureLine("w.example", NoteKey("w.example", other.public_key).key_hash, bytes(64)).text()
    assert open_checkpoint(note + line, key=KEY) == CHECKPOINT
    with pytest.raises(IntegrityError, match="is wrong"):
        open_note(note + line, keys=[KEY, NoteKey("w.example", other.public_key)])


def test_signatures_of_one_text_are_merged_and_the_later_note_wins() -> None:
    note = sign_checkpoint(CHECKPOINT, signer=SIGNER)
    other = Ed25519Signer(b"\x08" * 32)
    more = sign_note(CHECKPOINT.text(), name="w.example", signer=other)
    both = merge_signatures(note, more)
    assert both == note + more.split("\n\n")[1]
    assert merge_signatures(both, note) == both
    later = SignatureLine("w.example", NoteKey("w.example", other.public_key).key_hash, bytes(64)).text()
    assert merge_signatures(both, f"{CHECKPOINT.text()}\n{later}") == note + later
    with pytest.raises(InputError, match="different texts"):
        merge_signatures(note, sign_checkpoint(Checkpoint(KEY.name, 43, bytes(32)), signer=SIGNER))


def test_extension_lines_are_only_for_who_asks_for_them() -> None:
    text = CHECKPOINT.text() + "more\n"
    assert parse_checkpoint(text, extensions=True) == CHECKPOINT
    for broken in (CHECKPOINT.text() + "\n", text + "\n", CHECKPOINT.text() + "more"):
        with pytest.raises(InputError):
            parse_checkpoint(broken, extensions=True)


def test_a_note_by_another_log_or_without_signature_is_refused() -> None:
    note = sign_checkpoint(Checkpoint("other.example", 42, bytes(32)), signer=SIGNER)
    with pytest.raises(IntegrityError):
        open_checkpoint(note, key=KEY)
    foreign = sign_note(Checkpoint("other.example", 42, bytes(32)).text(), name=KEY.name, signer=SIGNER)
    with pytest.raises(IntegrityError, match="is of log"):
        open_checkpoint(foreign, key=KEY)
    for broken in ("", "\n\n", CHECKPOINT.text(), CHECKPOINT.text() + "\n", note[:-1], note.replace("— ", "- ")):
        with pytest.raises(InputError):
            open_checkpoint(broken, key=KEY)


@pytest.mark.parametrize(
    "text", ["", "name", "name+00000000+AAAA", PETER_VKEY.replace("c7", "c8"), PETER_VKEY[:-4], "a b" + PETER_VKEY]
)
def test_a_damaged_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_vkey(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\tb"])
def test_names_that_cannot_name_a_key_are_refused(name: str) -> None:
    with pytest.raises(InputError):
        NoteKey(name, bytes(32))


def test_tlog_proofs_round_trip_and_hold_for_their_entry_only() -> None:
    entries = [b"entry %d" % number for number in range(300)]
    edge, changed = Edge().extend(leaf_hashes(entries))
    stored = {(one.level, one.number): one.hashes for one in changed}
    note = sign_checkpoint(Checkpoint(KEY.name, 300, edge.root()), signer=SIGNER)
    proof = inclusion_proof(node_reader(lambda *place: stored.get(place)), 299, size=300)
    text = proof_text.write_proof(299, proof, checkpoint=note)
    lines = text.split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 299"]
    assert base64.b64decode(lines[2]) == proof[0]
    assert proof_text.verify_proof(text, entry=entries[299], key=KEY).root == root_of(leaf_hashes(entries))
    with pytest.raises(IntegrityError):
        proof_text.verify_proof(text, entry=entries[298], key=KEY)
    for broken in (text.replace("index 299", "index 0299"), text.replace("@v1", "@v2"), lines[0], text[3:]):
        with pytest.raises(InputError):
            proof_text.verify_proof(broken, entry=entries[299], key=KEY)
