"""Ed25519 at its edges: every library, and every version of it, must judge a signature the same way."""

from __future__ import annotations

import pytest

from cantoria.ledger import ed25519

KEY = "edc876d6831fd2105d0b4389ca2e283166469289146e2ce06faefe98b22548df"
PLAIN = (
    "b862409fb5c4c4123df2abf7462b88f041ad36dd6864ce872fd5472be363c5b1"
    "00909422e3e1ae8d9418d4ec933c8d16e994c23273f5194d61da33db57f24d00"
)
# Made with a point of order 8 added to R, or to the key: by the cofactor both are right.
MIXED_R = (
    "e9b2fe981587efae6478f48ba1fa60cec6126d0e26dde72a0a24f640dcd783e5"
    "67c8ca218b81564094684342f5cfce50c9e4e99b83742dcf0b20b4a363bee106"
)
MIXED_KEY = "d0424b701d60255de5df705071059ccd22b8349bb4138202ebbd65e9e0ad211b"
BY_MIXED_KEY = (
    "b4b937fca95b2f1e93e41e62fc3c78818ff38a66096fad6e7973e5c90006d321"
    "ede2b14f9afd0a20cbb481db0858c9f49eeec8cd516436b511c7b17bf83e040e"
)
BY_MIXED_KEY_WITHOUT_REST = (
    "b862409fb5c4c4123df2abf7462b88f041ad36dd6864ce872fd5472be363c5b1"
    "43e3dcbe4c2cfef243e47637a70e35728c8696c3576ba1aa79d6ab6cf2bee30d"
)
ORDER = 2**252 + 27742317777372353535851937790883648493
CASES = [
    (KEY, PLAIN, True),
    (KEY, MIXED_R, False),
    (MIXED_KEY, BY_MIXED_KEY, False),
    (MIXED_KEY, BY_MIXED_KEY_WITHOUT_REST, True),
    (KEY, MIXED_R[:64] + PLAIN[64:], False),
    (KEY, PLAIN[:-2], False),
    (
        KEY,
        PLAIN[:64] + (int.from_bytes(bytes.fromhex(PLAIN[64:]), "little") + ORDER).to_bytes(32, "little").hex(),
        False,
    ),
]


@pytest.mark.parametrize(("key", "signature", "right"), CASES)
def test_sides_are_compared_as_they_stand(key: str, signature: str, right: bool) -> None:
    assert ed25519.verify(bytes.fromhex(key), b"", signature=bytes.fromhex(signature)) is right


@pytest.mark.parametrize(("key", "signature", "right"), CASES)
def test_a_library_that_multiplies_by_the_cofactor_changes_nothing(
    key: str, signature: str, right: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ed25519, "crypto_sign_open", lambda signed, public_key: signed[64:])  # takes all of them
    assert not ed25519._compares()
    monkeypatch.setattr(ed25519, "_COMPARES", False)
    assert ed25519.verify(bytes.fromhex(key), b"", signature=bytes.fromhex(signature)) is right
