"""Passwords: hashed with argon2id (RFC 9106), hashed anew when the parameters change, a few at a time."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from itertools import pairwise
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from cantoria.kernel.errors import InputError, UnavailableError

CHARS_MIN, CHARS_MAX = 12, 200
DIFFERENT_MIN: Final = 6
AT_ONCE: Final = 1  # each takes 64 MiB and four threads for a moment
WAIT_SECONDS: Final = 1.0  # whoever waits keeps a thread from showing pages to others


class Passwords:
    """Hashes and checks passwords. Checking against no hash takes as long as against one."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobodys = self._hasher.hash(secrets.token_hex(32))
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def hash(self, password: str) -> str:
        """Return the hash of a password, parameters and salt in it."""
        with _Turn(self._turns):
            return self._hasher.hash(_text(password))

    def check(self, password: str, kept: str | None) -> bool:
        """Tell whether the password is the one that was hashed."""
        with _Turn(self._turns):
            try:
                self._hasher.verify(self._nobodys if kept is None else kept, _text(password))
            except (VerificationError, InvalidHashError):
                return False
        return kept is not None

    def outdated(self, kept: str) -> bool:
        """Tell whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)


class _Turn:
    """One of a few turns at hashing; `UnavailableError` where none comes in time."""

    def __init__(self, turns: threading.BoundedSemaphore) -> None:
        self._turns = turns

    def __enter__(self) -> None:
        if not self._turns.acquire(timeout=WAIT_SECONDS):
            raise UnavailableError("too many people sign in at once", "try again in a moment")

    def __exit__(self, *_: object) -> None:
        self._turns.release()


def acceptable(password: str, *, login: str, name: str) -> None:
    """Raise `InputError` for a password that is too short, too even, or says the account's name (NIST SP 800-63B)."""
    text = _text(password)
    if not CHARS_MIN <= len(text) <= CHARS_MAX:
        raise InputError(f"a password has {CHARS_MIN} to {CHARS_MAX} characters", "a few words are easy to remember")
    own = [part for part in (login.partition("@")[0], name.casefold(), "cantoria") if len(part) > 3]
    bare = text.casefold()
    for part in own:
        bare = bare.replace(part, "")
    if len(set(bare)) < DIFFERENT_MIN or _row(bare):
        raise InputError("this password is easily guessed", "take a few words that do not belong together")


def _row(text: str) -> bool:
    """Tell whether a text is little more than neighbouring characters in a row, such as 123456789012."""
    steps = [abs(ord(two) - ord(one)) for one, two in pairwise(text)]
    return bool(steps) and sum(step <= 1 for step in steps) * 4 >= len(steps) * 3


def _text(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
