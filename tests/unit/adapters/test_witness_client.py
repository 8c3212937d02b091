"""Asking witnesses: those that are down, slow, hostile or of another mind; and what a house keeps of the answers."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from tests.unit.ledger.fork import Face, signer, witness_key

from cantoria.adapters.http import fetching
from cantoria.adapters.http.fetching import Fetcher
from cantoria.adapters.http.witness_client import ROUNDS_MAX, collect, cosigned_before
from cantoria.adapters.http.witness_server import witness_app
from cantoria.adapters.witness_home import WitnessHome
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.ledger.cosignatures import add_cosignatures, cosign
from cantoria.ledger.policy import Log, Policy, Witness, members_policy
from cantoria.ledger.witnessing import Status
from cantoria.testing.http import running

TRUE = Face()
NOW = 1_800_000_000
Answer = Callable[[Request], Any]


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[ExitStack]:
    monkeypatch.setattr(fetching, "PAUSE_SECONDS", 0.01)
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def home(tmp_path: Path) -> Iterator[WitnessHome]:
    WitnessHome.create(tmp_path / "w", name="north.example", seed=b"\x05" * 32)
    made = WitnessHome(tmp_path / "w", now=lambda: NOW)
    made.add_log(TRUE.note_key.vkey())
    yield made
    made.close()


def policy_of(*witnesses: Witness) -> Policy:
    return members_policy([Log(TRUE.note_key)], witnesses)


def answering(stack: ExitStack, answer: Answer) -> str:
    """Return the address of a witness that answers each request so."""

    async def handle(request: Request) -> Response:
        found = answer(request)
        return await found if asyncio.iscoroutine(found) else found

    return stack.enter_context(running(Starlette(routes=[Route("/{path:path}", handle, methods=["GET", "POST"])])))


def ask(policy: Policy, size: int = 300, *, face: Face = TRUE, seconds: float = 120.0) -> Any:
    return collect(face.note(size), policy, prove=lambda old: face.consistency(old, size), seconds=seconds)


def test_a_log_that_grows_is_cosigned_each_time(stack: ExitStack, home: WitnessHome) -> None:
    address = stack.enter_context(running(witness_app(home)))
    policy = policy_of(Witness("north", home.key, address))
    for size in (10, 300, 300, 600):
        (reply,) = ask(policy, size)
        assert reply.problem == ""
        opened = policy.open(add_cosignatures(TRUE.note(size), reply.lines))
        assert [one.name for one in opened.witnesses] == ["north"]


def test_one_that_is_down_does_not_keep_the_others(stack: ExitStack, home: WitnessHome) -> None:
    address = stack.enter_context(running(witness_app(home)))
    down = Witness("down", witness_key("down"), "http://127.0.0.1:1")
    silent = Witness("silent", witness_key("silent"))
    replies = ask(policy_of(down, Witness("north", home.key, address), silent))
    assert [(one.witness.name, bool(one.lines), one.alarming) for one in replies] == [
        ("down", False, False),
        ("north", True, False),
    ]
    assert "cannot reach" in replies[0].problem
    assert ask(policy_of(silent)) == ()


def test_another_history_is_alarming(stack: ExitStack, home: WitnessHome) -> None:
    address = stack.enter_context(running(witness_app(home)))
    policy = policy_of(Witness("north", home.key, address))
    assert ask(policy, 300)[0].lines
    other = Face("other", fork=100)
    for size, words in ((300, "another history"), (400, "another history"), (200, "has only 200 entries")):
        (reply,) = ask(policy, size, face=other)
        assert reply.alarming
        assert words in reply.problem
    assert len(home.evidence()) == 2


def conflict(size: str) -> Answer:
    return lambda request: Response(size, status_code=409, headers={"Content-Type": "text/x.tlog.size"})


def stranger(request: Request) -> Response:
    return PlainTextResponse(cosign(TRUE.checkpoint(300).text(), name="x", signer=signer("x"), time=NOW))


def forged(request: Request) -> Response:
    line = cosign(TRUE.checkpoint(300).text(), name="w", signer=signer("w"), time=NOW)
    other = cosign(TRUE.checkpoint(299).text(), name="w", signer=signer("w"), time=NOW)
    return PlainTextResponse(other if line else "")


HOSTILE: dict[str, tuple[Answer, str]] = {
    "an error": (lambda _: PlainTextResponse("no", status_code=500), "500"),
    "a refusal": (lambda _: PlainTextResponse("not you", status_code=403), "403: not you"),
    "orders to a terminal": (
        lambda _: PlainTextResponse("\x1b[2Jno\u202e", status_code=403),
        "403: \\u001b[2Jno\\u202e",
    ),
    "another place": (lambda _: RedirectResponse("http://127.0.0.1:1/"), "307"),
    "nothing": (lambda _: PlainTextResponse(""), "signed note"),
    "words": (lambda _: PlainTextResponse("hello\n"), "signature"),
    "bytes": (lambda _: Response(b"\xff\xfe\n"), "UTF-8"),
    "a stranger's line": (stranger, "no cosignature by the key"),
    "a line over another checkpoint": (forged, "wrong"),
    "too much": (lambda _: PlainTextResponse("x" * 2_000_000), "more than"),
    "too many lines": (lambda _: PlainTextResponse("— x AAAAAAAA\n" * 300), "signed note"),
    "a conflict without a size": (conflict("many"), "without a size"),
    "a conflict with a sign": (conflict("-1\n"), "without a size"),
    "a conflict with Arabic digits": (conflict("١\n"), "without a size"),
    "a conflict about nothing": (conflict("0\n"), "another history"),
    "a conflict beyond the log": (conflict("99999999999999999999"), "has only 300"),
    "a conflict about this very size": (conflict("300\n"), "another history"),
}


@pytest.mark.parametrize(("answer", "words"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_answer_is_no_cosignature(answer: Answer, words: str, stack: ExitStack) -> None:
    (reply,) = ask(policy_of(Witness("w", witness_key("w"), answering(stack, answer))))
    assert reply.lines == ""
    assert words in reply.problem


def test_other_lines_in_a_good_answer_are_left_out(stack: ExitStack) -> None:
    text = TRUE.checkpoint(300).text()
    own = [cosign(text, name="w", signer=signer("w"), time=NOW + more) for more in (0, 7)]
    other = cosign(text, name="x", signer=signer("x"), time=NOW)
    address = answering(stack, lambda _: PlainTextResponse(own[1] + other + own[0]))
    (reply,) = ask(policy_of(Witness("w", witness_key("w"), address)))
    assert reply.lines == own[1], "the newest of its own"


def test_one_that_forgot_what_it_cosigned_is_alarming_and_cosigns_nothing(
    stack: ExitStack, home: WitnessHome, tmp_path: Path
) -> None:
    """Its folder was put back from an old copy: it would now cosign another history from there on."""
    shutil.copytree(home.folder, tmp_path / "old")
    policy = policy_of(Witness("north", home.key, stack.enter_context(running(witness_app(home)))))
    (reply,) = ask(policy, 300)
    before = cosigned_before([add_cosignatures(TRUE.note(300), reply.lines), TRUE.note(200)], policy)
    assert before == {home.key: 300}
    old = WitnessHome(tmp_path / "old", now=lambda: NOW)
    stack.callback(old.close)
    policy = policy_of(Witness("north", home.key, stack.enter_context(running(witness_app(old)))))
    (reply,) = collect(
        TRUE.note(400), policy, prove=lambda size: TRUE.consistency(size, 400), seconds=120.0, before=before
    )
    assert reply.alarming
    assert "has forgotten" in reply.problem
    assert reply.lines == ""
    assert old.newest(TRUE.origin) is None


def test_who_knows_what_was_cosigned_asks_once(stack: ExitStack, home: WitnessHome) -> None:
    policy = policy_of(Witness("north", home.key, stack.enter_context(running(witness_app(home)))))
    asked: list[int] = []

    def prove(size: int) -> list[bytes]:
        asked.append(size)
        return TRUE.consistency(size, 400)

    assert ask(policy, 300)[0].lines
    (reply,) = collect(TRUE.note(400), policy, prove=prove, seconds=120.0, before={home.key: 300})
    assert (bool(reply.lines), asked) == (True, [300])


def test_a_witness_that_signs_wrong_says_nothing_about_the_log(stack: ExitStack) -> None:
    (reply,) = ask(policy_of(Witness("w", witness_key("w"), answering(stack, forged))))
    assert "wrong" in reply.problem
    assert not reply.alarming


def test_one_that_keeps_naming_sizes_is_asked_a_few_times_only(stack: ExitStack) -> None:
    asked: list[int] = []

    def answer(_: Request) -> Response:
        asked.append(1)
        return PlainTextResponse(f"{len(asked)}\n", status_code=Status.CONFLICT)

    (reply,) = ask(policy_of(Witness("w", witness_key("w"), answering(stack, answer))))
    assert "keep asking" in reply.problem
    assert len(asked) == ROUNDS_MAX


def test_one_that_recovers_is_asked_again(stack: ExitStack) -> None:
    asked: list[int] = []

    def answer(_: Request) -> Response:
        asked.append(1)
        if len(asked) < fetching.TRIES:
            return PlainTextResponse("busy", status_code=503)
        return PlainTextResponse(cosign(TRUE.checkpoint(300).text(), name="w", signer=signer("w"), time=NOW))

    (reply,) = ask(policy_of(Witness("w", witness_key("w"), answering(stack, answer))))
    assert reply.lines


def test_one_that_drips_does_not_outlast_its_deadline(stack: ExitStack) -> None:
    async def drip() -> Any:
        for _ in range(600):
            yield b"x"
            await asyncio.sleep(0.1)

    address = answering(stack, lambda _: StreamingResponse(drip()))
    (reply,) = ask(policy_of(Witness("w", witness_key("w"), address)), seconds=0.5)
    assert "time" in reply.problem  # "did not come in time", or "timed out" on a busy machine


@pytest.mark.parametrize("address", ["", "w.example", "ftp://w.example", "file:///w", "javascript:1"])
def test_an_address_must_be_one(address: str) -> None:
    with pytest.raises((InputError, UnavailableError)):
        Fetcher(address)
