"""The witness's decision: every answer of the protocol, and no cosignature for what does not extend what it knows."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.ledger.fork import ORIGIN, Face, signer

from cantoria.kernel.errors import InputError
from cantoria.ledger import evidence
from cantoria.ledger.notes import Checkpoint, NoteKey, sign_checkpoint
from cantoria.ledger.witnessing import (
    PROOF_HASHES_MAX,
    REQUEST_BYTES_MAX,
    AddCheckpoint,
    Decision,
    Seen,
    Status,
    decide,
    kept_note,
    read_request,
    request,
)

TRUE = Face()
FALSE = Face("false", fork=100)
KEYS = [TRUE.note_key]


def seen(face: Face, size: int) -> Seen:
    return Seen(face.checkpoint(size), face.note(size))


def ask(face: Face, old: int, size: int) -> AddCheckpoint:
    return request(old, face.consistency(old, size), note=face.note(size))


def answer(asked: AddCheckpoint, latest: Seen | None = None, **more: object) -> Decision:
    return decide(asked, **{"keys": KEYS, "latest": latest, "same_size": None, **more})  # type: ignore[arg-type]


def test_the_published_example_is_read() -> None:
    name = "example.com/behind-the-sofa"
    body = f"""old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

{name}
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— {name} Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— {name} opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
"""
    asked = read_request(body.encode())
    assert (asked.old_size, len(asked.proof), asked.checkpoint.size) == (20852014, 4, 20852163)
    assert asked.checkpoint.origin == name
    assert asked.pack() == body.encode()


def test_a_log_grows_from_nothing() -> None:
    assert answer(ask(TRUE, 0, 0)).status is Status.COSIGNED
    assert answer(ask(TRUE, 0, 300)).status is Status.COSIGNED
    assert answer(ask(TRUE, 300, 300), seen(TRUE, 300)).status is Status.COSIGNED
    for old, size in ((1, 2), (3, 7), (256, 257), (255, 512), (300, 600)):
        assert answer(ask(TRUE, old, size), seen(TRUE, old)) == Decision(Status.COSIGNED)


def test_an_empty_tree_has_one_root() -> None:
    for latest in (None, seen(TRUE, 0)):
        note = sign_checkpoint(Checkpoint(ORIGIN, 0, bytes(32)), signer=signer("log"))
        found = answer(request(0, [], note=note), latest)
        assert (found.status, found.known_size) == (Status.INCONSISTENT, None)


def test_an_unknown_log_is_not_found() -> None:
    assert answer(ask(TRUE, 0, 3), keys=[]).status is Status.UNKNOWN_LOG


@pytest.mark.parametrize("name", [ORIGIN, "other.example"])
def test_what_the_log_did_not_sign_is_forbidden(name: str) -> None:
    text = TRUE.checkpoint(3).text()
    stranger = sign_checkpoint(Checkpoint(name, 3, bytes(32)), signer=signer("stranger")).split("\n\n")[1]
    assert answer(request(0, [], note=f"{text}\n{stranger}")).status is Status.NOT_SIGNED


def test_a_wrong_signature_by_the_logs_key_is_forbidden() -> None:
    moved = TRUE.note(4).split("\n\n")[1]
    assert answer(request(0, [], note=f"{TRUE.checkpoint(3).text()}\n{moved}")).status is Status.NOT_SIGNED


def test_an_old_size_beyond_the_checkpoint_is_malformed() -> None:
    assert answer(request(5, [], note=TRUE.note(3)), seen(TRUE, 5)).status is Status.MALFORMED


@pytest.mark.parametrize("old", [0, 1, 9, 11, 12])
def test_a_stale_old_size_conflicts_and_is_told_the_size(old: int) -> None:
    found = answer(ask(TRUE, old, 12), seen(TRUE, 10))
    assert (found.status, found.known_size, found.evidence) == (Status.CONFLICT, 10, None)


def test_a_replay_of_an_older_checkpoint_conflicts() -> None:
    assert answer(ask(TRUE, 0, 10), seen(TRUE, 20)).known_size == 20
    assert answer(ask(TRUE, 10, 20), seen(TRUE, 20)).known_size == 20


def test_a_proof_that_does_not_verify_is_not_processable() -> None:
    good = ask(TRUE, 10, 20)
    for proof in ([], good.proof[1:], (*good.proof, bytes(32)), good.proof[::-1], (bytes(32),) * 63):
        found = answer(request(10, proof, note=good.note), seen(TRUE, 10))
        assert (found.status, found.evidence) == (Status.INCONSISTENT, None)
    assert answer(request(0, [bytes(32)], note=TRUE.note(5))).status is Status.INCONSISTENT
    assert answer(request(20, [bytes(32)], note=TRUE.note(20)), seen(TRUE, 20)).status is Status.INCONSISTENT


def test_two_roots_at_one_size_conflict_and_are_evidence() -> None:
    for old in (0, 150, 200):
        asked = ask(FALSE, old, 200)
        found = answer(asked, seen(TRUE, 200), same_size=seen(TRUE, 200))
        assert (found.status, found.known_size) == (Status.CONFLICT, 200)
        assert found.evidence is not None
        shown = evidence.verify(found.evidence.pack(), key=TRUE.note_key)
        assert {shown.first.root, shown.second.root} == {TRUE.checkpoint(200).root, FALSE.checkpoint(200).root}


def test_a_second_root_at_a_size_of_long_ago_is_evidence_too() -> None:
    found = answer(ask(FALSE, 0, 200), seen(TRUE, 500), same_size=seen(TRUE, 200))
    assert found.status is Status.CONFLICT
    assert found.evidence is not None


def test_a_fork_that_proves_its_own_growth_is_evidence() -> None:
    asked = ask(FALSE, 150, 300)
    found = answer(asked, seen(TRUE, 150))
    assert found.status is Status.INCONSISTENT
    assert found.evidence is not None
    shown = evidence.verify(found.evidence.pack(), key=TRUE.note_key)
    assert shown.prefix_root == FALSE.checkpoint(150).root
    assert (shown.first, shown.second) == (TRUE.checkpoint(150), FALSE.checkpoint(300))


def test_evidence_holds_nothing_that_a_stranger_put_beneath_the_note() -> None:
    stray = sign_checkpoint(Checkpoint("other.example", 3, bytes(32)), signer=signer("stranger")).split("\n\n")[1]
    asked = request(200, [], note=FALSE.note(200) + stray)
    assert kept_note(asked, KEYS) == FALSE.note(200)
    found = answer(asked, seen(TRUE, 200), same_size=seen(TRUE, 200))
    assert found.evidence is not None
    assert b"other.example" not in found.evidence.pack()


@given(st.data(), st.integers(0, 600), st.integers(0, 600), st.integers(0, 600))
def test_only_what_extends_the_newest_is_cosigned(data: st.DataObject, known: int, old: int, size: int) -> None:
    face = data.draw(st.sampled_from([TRUE, FALSE]))
    proof = face.consistency(min(old, size), size)
    latest = seen(TRUE, known) if known or data.draw(st.booleans()) else None
    asked = request(old, proof, note=face.note(size))
    found = answer(asked, latest, same_size=latest if latest and known == size else None)
    extends = old == known <= size and face.checkpoint(known) == TRUE.checkpoint(known)
    assert (found.status is Status.COSIGNED) == extends
    if found.evidence is not None:
        assert face is FALSE
        evidence.verify(found.evidence.pack(), key=TRUE.note_key)


HASH = base64.b64encode(bytes(32)).decode()
GOOD = f"old 0\n\n{TRUE.note(3)}"
MALFORMED = {
    "nothing": "",
    "no old size": f"\n{TRUE.note(3)}",
    "no checkpoint": "old 0\n\n",
    "a checkpoint alone": TRUE.note(3),
    "a leading zero": GOOD.replace("old 0", "old 00"),
    "a sign": GOOD.replace("old 0", "old +0"),
    "two spaces": GOOD.replace("old 0", "old  0"),
    "capitals": GOOD.replace("old 0", "OLD 0"),
    "Arabic digits": GOOD.replace("old 0", "old ٣"),
    "an endless size": GOOD.replace("old 0", "old " + "9" * 5_000),
    "no hash": GOOD.replace("old 0", "old 0\nx"),
    "a short hash": GOOD.replace("old 0", "old 0\nAAAA"),
    "spare bits in a hash": GOOD.replace("old 0", f"old 0\n{HASH[:-2]}B="),
    "64 hashes": GOOD.replace("old 0", "old 0" + f"\n{HASH}" * (PROOF_HASHES_MAX + 1)),
    "CRLF": GOOD.replace("\n", "\r\n"),
    "no signature": GOOD.split("— ")[0],
    "a NUL": GOOD.replace("old", "old\0"),
    "a cut note": GOOD[:-1],
    "an empty line among the hashes": GOOD.replace("old 0", f"old 0\n{HASH}\n\n{HASH}"),
    "129 signatures": GOOD + "".join(f"— w{number}.example AAAAAAAA\n" for number in range(128)),
    "too long": GOOD + "— w.example " + "A" * REQUEST_BYTES_MAX + "\n",
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_request_is_refused(body: str) -> None:
    with pytest.raises(InputError):
        read_request(body.encode())


def test_63_hashes_and_128_signatures_are_within_the_limits() -> None:
    more = "".join(f"— w{number}.example AAAAAAAA\n" for number in range(127))
    asked = read_request(GOOD.replace("old 0", "old 0" + f"\n{HASH}" * PROOF_HASHES_MAX).encode() + more.encode())
    assert len(asked.proof) == PROOF_HASHES_MAX
    with pytest.raises(InputError):
        request(0, [bytes(32)] * 64, note=TRUE.note(3))


@given(st.one_of(st.binary(max_size=300), st.binary(max_size=60).map(lambda junk: GOOD.encode()[:40] + junk)))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        asked = read_request(body)
    except InputError:
        return
    assert asked.pack() == body


def test_extension_lines_of_other_logs_are_signed_along() -> None:
    from cantoria.ledger.notes import sign_note

    text = TRUE.checkpoint(3).text() + "extension\n"
    asked = request(0, [], note=sign_note(text, name=ORIGIN, signer=signer("log")))
    assert asked.text == text
    assert answer(asked).status is Status.COSIGNED
    assert NoteKey(ORIGIN, signer("log").public_key) == TRUE.note_key
