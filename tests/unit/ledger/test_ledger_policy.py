"""The policy file: what it may say, what it may not, with the line named; and how a quorum is counted."""

from __future__ import annotations

import hashlib
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.kernel.errors import InputError
from cantoria.ledger.cosignatures import cosigner_key
from cantoria.ledger.ed25519 import Ed25519Signer
from cantoria.ledger.notes import NoteKey
from cantoria.ledger.policy import Group, Log, Policy, Witness, members_policy, parse_policy, quorum_of, trusting


def public_key(name: str) -> bytes:
    return Ed25519Signer(hashlib.sha256(name.encode()).digest()).public_key


def log(name: str, seed: str = "") -> str:
    return NoteKey(name, public_key(seed or name)).vkey()


def witness(name: str, seed: str = "") -> str:
    return cosigner_key(f"{name}.example", public_key=public_key(seed or name)).vkey()


NESTED = f"""# a comment, then the example of the published format with names of ours

log {log("log.example/one")}
\tlog\t{log("log.example/one", "second key")}   https://log.example/one
 log {log("log.example/two")}
witness X1 {witness("x1")} https://x1.example/submit
witness X2 {witness("x2")}
witness X3 {witness("x3")}
group X-witnesses 2 X1 X2 X3
witness Y1 {witness("y1")}
witness Y2 {witness("y2")}
witness Y3 {witness("y3")}
group Y-witnesses any Y1 Y2 Y3
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
witness late {witness("late")}
"""


def test_the_published_example_reads_and_counts() -> None:
    policy = parse_policy(NESTED)
    assert [(one.key.name, one.url) for one in policy.logs] == [
        ("log.example/one", ""),
        ("log.example/one", "https://log.example/one"),
        ("log.example/two", ""),
    ]
    assert policy.origins() == ("log.example/one", "log.example/two")
    assert [one.name for one in policy.witnesses] == ["X1", "X2", "X3", "Y1", "Y2", "Y3", "late"]
    assert policy.witnesses[0].url == "https://x1.example/submit"
    assert policy.groups[1] == Group("Y-witnesses", 1, ("Y1", "Y2", "Y3"))
    assert policy.groups[2].threshold == 2
    every = [one.name for one in policy.witnesses]
    for count in range(len(every) + 1):
        for names in combinations(every, count):
            xs, ys = (sum(name.startswith(letter) for name in names) for letter in "XY")
            assert policy.reached(names) == (xs >= 2 and ys >= 1)


def test_the_text_of_a_policy_is_the_policy() -> None:
    policy = parse_policy(NESTED)
    assert parse_policy(policy.text()) == policy
    assert parse_policy(policy.text().encode()) == policy


def test_none_demands_nobody_and_a_witness_can_be_the_quorum() -> None:
    assert parse_policy("quorum none\n") == Policy(())
    assert parse_policy(f"log {log('l')}\nquorum none\n") == trusting(NoteKey("l", public_key("l")))
    alone = parse_policy(f"witness w {witness('w')}\nwitness v {witness('v')}\nquorum w\n")
    assert alone.reached(["w"])
    assert not alone.reached(["v"])


@pytest.mark.parametrize(("members", "quorum"), [(1, 1), (2, 2), (3, 3), (4, 3), (5, 4), (6, 5), (7, 5), (10, 7)])
def test_a_consortiums_quorum_is_more_than_two_thirds(members: int, quorum: int) -> None:
    named = [Witness(f"m{n}", cosigner_key(f"m{n}.example", public_key=public_key(f"m{n}"))) for n in range(members)]
    policy = members_policy([Log(NoteKey("l", public_key("l")), "https://l.example")], named)
    assert quorum_of(members) == quorum == policy.groups[0].threshold
    names = [one.name for one in named]
    assert policy.reached(names[:quorum])
    assert not policy.reached(names[: quorum - 1])
    assert f"group members {quorum} m0" in policy.text()
    with pytest.raises(InputError):
        members_policy([], [])


HEAD = f"log {log('l')}\nwitness a {witness('a')}\nwitness b {witness('b')}\nwitness c {witness('c')}\n"
BROKEN = {
    "an unknown word": ("loog x\n", 5, "no keyword"),
    "a keyword in capitals": (f"Log {log('m')}\n", 5, "no keyword"),
    "a log without a key": ("log\n", 5, "words"),
    "a log with two addresses": (f"log {log('m')} u v\n", 5, "words"),
    "a witness without a name": (f"witness {witness('d')}\n", 5, "words"),
    "a log with a witness's key": (f"log {witness('d')}\n", 5, "type 4"),
    "a witness with a log's key": (f"witness d {log('d')}\n", 5, "type 1"),
    "a damaged key": (f"witness d {witness('d')[:-3]}\n", 5, "verifier key"),
    "a log twice": (f"log {log('l')}\n", 5, "earlier log"),
    "a log's key under two names": (f"log {log('other', 'l')}\n", 5, "earlier log"),
    "a witness twice": (f"witness d {witness('a')}\n", 5, "earlier witness"),
    "a witness's key under two names": (f"witness d {witness('other', 'a')}\n", 5, "earlier witness"),
    "a name taken by a witness": (f"witness a {witness('d')}\n", 5, "taken"),
    "a name taken by a group": ("group g 1 a\ngroup g 1 b\n", 6, "taken"),
    "a group called like a witness": ("group c 1 a\n", 5, "taken"),
    "a witness called none": (f"witness none {witness('d')}\n", 5, "taken"),
    "a group called none": ("group none 1 a\n", 5, "taken"),
    "an empty group": ("group g 1\n", 5, "words"),
    "none of them": ("group g 0 a b\n", 5, "cannot be"),
    "more than all of them": ("group g 3 a b\n", 5, "cannot be"),
    "a leading zero": ("group g 01 a b\n", 5, "cannot be"),
    "a sign": ("group g +1 a b\n", 5, "cannot be"),
    "Arabic digits": ("group g ١ a b\n", 5, "cannot be"),
    "a very long number": (f"group g {'9' * 5000} a b\n", 5, "cannot be"),
    "some of them": ("group g most a b\n", 5, "cannot be"),
    "a member not defined": ("group g 1 x\n", 5, "not defined above"),
    "a member defined below": (f"group g 1 d\nwitness d {witness('d')}\n", 5, "not defined above"),
    "none as a member": ("group g 1 none\n", 5, "not defined above"),
    "a group in itself": ("group g 1 g\n", 5, "not defined above"),
    "a member twice": ("group g 2 a a\n", 5, "already"),
    "a member of two groups": ("group g 1 a\ngroup h 1 a b\n", 6, "already"),
    "two quorums": ("quorum a\nquorum a\n", 6, "already"),
    "a quorum not defined": ("quorum x\n", 5, "not defined above"),
    "a quorum of two": ("quorum a b\n", 5, "words"),
    "a carriage return": ("quorum a\r\n", 5, "control"),
    "a NUL": ("quorum a\0\n", 5, "control"),
    "a NUL in a comment": ("# \0\n", 5, "control"),
    "a DEL": ("\x7f\n", 5, "control"),
    "a comment behind a line": ("quorum a # mine\n", 5, "words"),
    "a no-break space": ("quorum\u00a0a\n", 5, "no keyword"),
}


@pytest.mark.parametrize(("text", "line", "why"), BROKEN.values(), ids=BROKEN.keys())
def test_what_a_policy_may_not_say_is_refused_with_its_line(text: str, line: int, why: str) -> None:
    with pytest.raises(InputError, match=why) as caught:
        parse_policy(HEAD + text)
    assert caught.value.message.startswith(f"line {line} of the policy: ")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no quorum"),
        (HEAD, "no quorum"),
        (HEAD + "quorum a", "cut off"),
        ("# " + "x" * 300_000 + "\nquorum none\n", "longer than"),
        ("quorum none\n" + "".join(f"log {log('l', f'l{n}')}\n" for n in range(101)), "more than 100"),
        (HEAD + f"witness d {witness('other', 'l')}\nquorum d\n", "'d' has a log's public key"),
        ("# " + "é" * 131_072 + "\nquorum none\n", "longer than"),
        ("".join(f"witness w{n} {witness(f'w{n}')}\n" for n in range(101)) + "quorum none\n", "more than 100"),
    ],
)
def test_a_policy_that_is_not_whole_or_too_large_is_refused(text: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        parse_policy(text)


def test_names_are_opaque_bytes() -> None:
    kelvin = f"witness \u212a {witness('a')}\nwitness K {witness('b')}\nquorum K\n"
    assert [one.name for one in parse_policy(kelvin).witnesses] == ["\u212a", "K"]
    raw = b"witness \xff " + witness("a").encode() + b"\nquorum \xff\n"
    policy = parse_policy(raw)
    assert policy.reached([policy.witnesses[0].name])
    with pytest.raises(InputError):
        parse_policy(raw.replace(b"quorum \xff", b"quorum \xfe"))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for text in (data + b"\n", HEAD.encode() + data + b"\nquorum a\n", b"quorum none\n" + data):
        try:
            assert isinstance(parse_policy(text), Policy)
        except InputError as error:
            str(error).encode("utf-8", "backslashreplace")
