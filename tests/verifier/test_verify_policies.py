"""Policies that mean less than they say, or that only some would read: all three verifiers come to the same."""

import json

import pytest
from tests.verifier.browser import Browser
from tests.verifier.conftest import load_script
from tests.verifier.misleading import signer

from cantoria import ledger
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger.cosignatures import add_cosignatures, cosign, cosigner_key
from cantoria.ledger.ed25519 import Ed25519Signer
from cantoria.ledger.merkle import EMPTY_ROOT
from cantoria.ledger.notes import split_note
from cantoria.ledger.policy import parse_policy

LOG, NORTH = signer("log"), signer("north")
NAME = "log.example.org/a"
NOTE = ledger.sign_checkpoint(ledger.Checkpoint(NAME, 0, EMPTY_ROOT), signer=LOG)


def witness(name: str, key: Ed25519Signer) -> bytes:
    return cosigner_key(name, public_key=key.public_key).vkey().encode()


def cosigned(name: str, key: Ed25519Signer) -> str:
    return add_cosignatures(NOTE, cosign(split_note(NOTE)[0], name=name, signer=key, time=7))


HEAD = f"log {ledger.NoteKey(NAME, LOG.public_key).vkey()}\n".encode()
MORE = [f"log {ledger.NoteKey('l', signer(f'log {n}').public_key).vkey()}\n".encode() for n in range(100)]
BY_NORTH, NORTH_KEY = cosigned("north.example", NORTH), witness("north.example", NORTH)
NONE = b"quorum none\n"
POLICIES: dict[str, tuple[str, bytes, bool]] = {
    "a witness": (BY_NORTH, HEAD + b"witness n " + NORTH_KEY + b"\nquorum n\n", True),
    "a witness that did not": (NOTE, HEAD + b"witness n " + NORTH_KEY + b"\nquorum n\n", False),
    "the log as its own witness": (
        cosigned("own.example", LOG),
        HEAD + b"witness n " + witness("own.example", LOG) + b"\nquorum n\n",
        False,
    ),
    "octets in a comment": (BY_NORTH, b"# \xff\n" + HEAD + b"witness n " + NORTH_KEY + b"\nquorum n\n", True),
    "octets in a name": (BY_NORTH, HEAD + b"witness \xff " + NORTH_KEY + b"\nquorum \xff\n", True),
    "other octets in the quorum": (BY_NORTH, HEAD + b"witness \xff " + NORTH_KEY + b"\nquorum \xfe\n", False),
    "octets in a key's name": (BY_NORTH, HEAD + b"witness n \xff" + NORTH_KEY + b"\nquorum n\n", False),
    "a Kelvin sign for a K": (BY_NORTH, HEAD + b"witness K " + NORTH_KEY + "\nquorum \u212a\n".encode(), False),
    "100 logs behind the quorum": (NOTE, NONE + HEAD + b"".join(MORE[:99]), True),
    "101 logs behind the quorum": (NOTE, NONE + HEAD + b"".join(MORE), False),
    "lines that end in CR LF": (NOTE, (HEAD + NONE).replace(b"\n", b"\r\n"), False),
    "a mark of byte order in front": (NOTE, b"\xef\xbb\xbf" + HEAD + NONE, False),
}


@pytest.mark.parametrize("name", POLICIES)
def test_library_and_script_read_the_same_policies(name: str) -> None:
    note, policy, holds = POLICIES[name]
    script = load_script()
    try:
        by_script = bool(script.verify(note.encode(), script.trust_policy(policy)))
    except script.DoesNotHoldError:
        by_script = False
    try:
        by_library = bool(parse_policy(policy).open(note))
    except (InputError, IntegrityError):
        by_library = False
    assert (by_library, by_script) == (holds, holds)


def test_the_page_reads_the_same_policies(browser: Browser) -> None:
    files = [{"note": note, "policy": policy.hex()} for note, policy, _ in POLICIES.values()]
    told = browser.run(
        """(async (files) => {
          const bytes = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
          const holds = async ({ note, policy }) =>
            Verifier.trustIn(bytes(policy)).then((trust) => Verifier.verify(new TextEncoder().encode(note), trust));
          return Promise.all(files.map((one) => holds(one).then(() => true, (error) => {
            if (error instanceof Verifier.DoesNotHold) return false;
            throw error;
          })));
        })"""
        + f"({json.dumps(files)})"
    )
    assert dict(zip(POLICIES, told, strict=True)) == {name: holds for name, (_, _, holds) in POLICIES.items()}
