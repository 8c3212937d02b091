"""Passwords: what is accepted, how it is kept, and that many at once wait."""

import threading

import pytest
from argon2 import PasswordHasher

from cantoria.adapters.access import passwords as module
from cantoria.adapters.access.passwords import AT_ONCE, Passwords, acceptable
from cantoria.kernel.errors import InputError, UnavailableError

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def test_a_password_is_kept_as_argon2id_of_today():
    kept = Passwords().hash("seven lanterns over water")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert Passwords().check("seven lanterns over water", kept)
    assert not Passwords().check("seven lanterns over waters", kept)


def test_each_hash_has_its_own_salt():
    passwords = Passwords(QUICK)
    assert passwords.hash("the same words again") != passwords.hash("the same words again")


def test_one_password_however_its_letters_are_composed():
    passwords = Passwords(QUICK)
    assert passwords.check("cafe\u0301 de la man\u0303ana", passwords.hash("caf\u00e9 de la ma\u00f1ana"))


@pytest.mark.parametrize("kept", [None, "", "plain", "$argon2id$broken"])
def test_nothing_fits_what_is_no_hash(kept):
    assert not Passwords(QUICK).check("nobody's password", kept)


def test_other_parameters_are_outdated():
    assert Passwords().outdated(QUICK.hash("x"))
    assert not Passwords(QUICK).outdated(QUICK.hash("x"))


@pytest.mark.parametrize(
    "password", ["seven lanterns over water", "강물 위의 일곱 등불이 밝다", "x7#kQ!9zLmPw", "ab" * 3 + "cdefgh;19Zq"]
)
def test_good_passwords_are_accepted(password):
    acceptable(password, login="ada@example.org", name="Ada Molina")


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "a" * 12,
        "ababababababab",
        "123456789012",
        "abcdefghijkl",
        "qwertz" * 40,
        "Ada Molina Ada Molina",
        "cantoriacantoria",
    ],
)
def test_bad_passwords_are_refused(password):
    with pytest.raises(InputError):
        acceptable(password, login="ada@example.org", name="Ada Molina")


def test_a_crowd_is_told_to_come_back(monkeypatch):
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.01)
    going, done = threading.Event(), threading.Event()

    class Slow(PasswordHasher):
        def verify(self, *words):
            going.set()
            done.wait(10)
            return super().verify(*words)

    passwords = Passwords(Slow(time_cost=1, memory_cost=8, parallelism=1))
    threads = [threading.Thread(target=passwords.check, args=("x", None)) for _ in range(AT_ONCE)]
    for one in threads:
        one.start()
    going.wait(10)
    with pytest.raises(UnavailableError):
        passwords.check("x", None)
    done.set()
    for one in threads:
        one.join()
