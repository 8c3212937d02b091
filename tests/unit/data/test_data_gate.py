"""What stands before the data service: forged, replayed, stale, misdirected and oversized requests come to nothing."""

from __future__ import annotations

import itertools
import socket
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import httpx
import pytest

from cantoria import ledger
from cantoria.adapters.http import gate, signing
from cantoria.adapters.http.gate import Nonces
from cantoria.adapters.http.signing import Message, content_digest
from cantoria.kernel.errors import InputError
from cantoria.testing.consortium import signer_of

BODIES = "/v1/bodies?from=0&to=5"


NONCES = itertools.count()


class Stranger:
    """Sends requests to the first member of a network, signed as org2 unless told otherwise."""

    def __init__(self, network: Any) -> None:
        self.network = network
        self.target = network[0]
        self.signer = network[1].organisation.signer

    def headers(self, target: str = BODIES, **changes: Any) -> dict[str, str]:
        path, _, query = target.partition("?")
        options = {
            "method": "GET",
            "authority": f"127.0.0.1:{self.target.port}",
            "recipient": self.target.id,
            "created": self.network.clock.now() // 1_000_000,
            "nonce": next(NONCES).to_bytes(16, "big"),
            "signer": self.signer,
            "body": b"",
        } | changes
        message = Message(
            method=options["method"],
            authority=options["authority"],
            path=path,
            query=query,
            recipient=options["recipient"],
            digest=content_digest(options["body"]),
        )
        return signing.sign(message, options["signer"], created=options["created"], nonce=options["nonce"])

    def send(self, headers: Any, target: str = BODIES, **options: Any) -> httpx.Response:
        method = options.pop("method", "GET")
        return httpx.request(method, self.target.member.url + target, headers=headers, trust_env=False, **options)


@pytest.fixture
def stranger(lasting: Any) -> Stranger:
    return Stranger(lasting)


def refused(answer: httpx.Response, status: int, why: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    value = answer.json()
    assert set(value) <= {"status", "title", "detail", "remedy"}
    assert value["status"] == status
    assert why in value["detail"]


def test_a_member_is_answered_once(stranger: Stranger) -> None:
    headers = stranger.headers()
    assert stranger.send(headers).status_code == 200
    refused(stranger.send(headers), 401, "answered before")


def test_the_log_itself_is_open_to_all(stranger: Stranger) -> None:
    stranger.network.block()
    assert stranger.send({}, "/checkpoint").status_code in (200, 404)
    assert stranger.send({}, "/tile/0/000").status_code == 404


@pytest.mark.parametrize("target", ["/v1/bodies?from=0&to=5", "/v1/hold", "/v1/batches", "/v1/nothing", "/v1/"])
def test_without_a_signature_nothing_under_v1_is_answered(stranger: Stranger, target: str) -> None:
    refused(stranger.send({}, target), 401, "not signed")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"signer": signer_of("nobody")}, "no member signs"),
        ({"recipient": bytes(16)}, "another member"),
        ({"authority": "elsewhere.example"}, "not over this request"),
        ({"method": "POST"}, "not over this request"),
        ({"target": "/v1/bodies?from=0&to=6"}, "not over this request"),
        ({"target": "/v1/bodies"}, "not over this request"),
        ({"body": b"x"}, "not the one"),
    ],
)
def test_what_was_signed_for_something_else_is_refused(stranger: Stranger, changes: dict[str, Any], why: str) -> None:
    changes = dict(changes)
    target = changes.pop("target", BODIES)
    refused(stranger.send(stranger.headers(target, **changes)), 400 if why == "not the one" else 401, why)


@pytest.mark.parametrize("name", ["signature", "signature-input", "content-digest", "cantoria-to"])
@pytest.mark.parametrize("change", ["flip", "drop", "twice", "empty"])
def test_no_header_of_a_signed_request_can_change(stranger: Stranger, name: str, change: str) -> None:
    headers = stranger.headers()
    value = headers.pop(name)
    pairs = list(headers.items())
    middle = len(value) // 2
    flipped = value[:middle] + ("A" if value[middle] != "A" else "B") + value[middle + 1 :]
    pairs += {"flip": [(name, flipped)], "drop": [], "twice": [(name, value), (name, value)], "empty": [(name, "")]}[
        change
    ]
    answer = stranger.send(pairs)
    assert answer.status_code in (400, 401), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_stale_or_future_request_is_refused(stranger: Stranger) -> None:
    now = stranger.network.clock.now() // 1_000_000
    stranger.network.clock.pass_(600)
    refused(stranger.send(stranger.headers(created=now)), 401, "ago")
    refused(stranger.send(stranger.headers(created=now + 600 + gate.SKEW_SECONDS + 5)), 401, "ago")
    assert stranger.send(stranger.headers(created=now + 600 - gate.SKEW_SECONDS + 5)).status_code == 200


def test_what_was_signed_before_the_service_started_is_not_answered(stranger: Stranger) -> None:
    headers = stranger.headers()
    stranger.network.clock.pass_(2)
    stranger.target.stop()
    stranger.target.serve()
    refused(stranger.send(headers), 503, "just started")


def test_a_revoked_key_opens_nothing_any_more(network: Any) -> None:
    stranger = Stranger(network)
    one = stranger.network[1].organisation
    assert stranger.send(stranger.headers()).status_code == 200
    fresh = signer_of("org2/second")
    add = one.adds(fresh)
    revoke = one.says(ledger.RevokeKey(ledger.key_id(one.signer.public_key)))
    refused(stranger.send(stranger.headers(signer=fresh)), 401, "no member signs")
    stranger.network[1].data.parts.intake.put([add, revoke])
    stranger.network.block()
    refused(stranger.send(stranger.headers()), 401, "no member signs")
    assert stranger.send(stranger.headers(signer=fresh)).status_code == 200


@pytest.mark.parametrize(
    "target", ["/v1/bodies?from=5&to=5", "/v1/bodies?from=0&to=99999999", "/v1/bodies?from=-1&to=2"]
)
def test_a_question_that_makes_no_sense_is_a_problem(stranger: Stranger, target: str) -> None:
    assert stranger.send(stranger.headers(target), target).status_code == 400


@pytest.mark.parametrize(
    "target", ["/v1/attachments/abc", "/v1/leaf/abc/0", f"/v1/leaf/{'ab' * 32}/x", "/v1/batches/zz"]
)
def test_a_name_that_is_none_is_a_problem(stranger: Stranger, target: str) -> None:
    assert stranger.send(stranger.headers(target), target).status_code == 400


def test_files_of_the_house_are_not_handed_out(stranger: Stranger) -> None:
    digest = stranger.target.data.parts.desk.attachments.put(b"private")
    target = f"/v1/attachments/{digest}"
    refused(stranger.send(stranger.headers(target), target), 404, "held here")


def test_too_much_is_refused_before_it_is_read(stranger: Stranger) -> None:
    """10 GB are announced; the answer comes without a byte of them being sent."""
    headers = stranger.headers("/v1/hold", method="POST", body=b"")
    lines = [f"POST /v1/hold HTTP/1.1\r\nHost: 127.0.0.1:{stranger.target.port}\r\nContent-Length: {10 * 1024**3}\r\n"]
    lines += [f"{name}: {value}\r\n" for name, value in headers.items()]
    with socket.create_connection(("127.0.0.1", stranger.target.port), timeout=10) as raw:
        raw.sendall("".join([*lines, "\r\n"]).encode())
        assert raw.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_too_much_in_pieces_is_refused_too(network: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = Stranger(network)
    monkeypatch.setattr("cantoria.adapters.http.data_service.PARCEL_BYTES_MAX", 1000)
    stranger.target.stop()
    stranger.target.serve()
    stranger.network.clock.pass_(1)
    body = b"x" * 5000
    headers = stranger.headers("/v1/hold", method="POST", body=body)
    answer = stranger.send(
        headers, "/v1/hold", method="POST", content=(body[at : at + 500] for at in range(0, 5000, 500))
    )
    refused(answer, 413, "1000 bytes")


def test_a_body_other_than_the_signed_one_is_refused(stranger: Stranger) -> None:
    headers = stranger.headers("/v1/hold", method="POST", body=b"a")
    refused(stranger.send(headers, "/v1/hold", method="POST", content=b"b"), 400, "digest was signed")


@pytest.mark.parametrize("body", [b"", b"\x00", b"\x00\x00\x00\x05hello", b"\x02" * 135, b"\x03{}", b"\xff" * 300])
@pytest.mark.parametrize("target", ["/v1/hold", "/v1/endorse", "/v1/batches"])
def test_a_parcel_that_is_none_is_a_problem(stranger: Stranger, target: str, body: bytes) -> None:
    headers = stranger.headers(target, method="POST", body=body)
    assert stranger.send(headers, target, method="POST", content=body).status_code == 400


def test_nonces_are_bounded_and_forgotten_in_time() -> None:
    nonces = Nonces(most=2)
    assert nonces.take(b"k", "a", until=10, now=0) is True
    assert nonces.take(b"k", "a", until=10, now=0) is False
    assert nonces.take(b"k", "b", until=20, now=0) is True
    assert nonces.take(b"k", "c", until=30, now=10) is None
    assert nonces.take(b"k", "c", until=30, now=11) is True
    assert nonces.take(b"k", "b", until=31, now=11) is False
    assert nonces.take(b"k", "d", until=31, now=20) is None


def test_a_member_that_asks_without_end_leaves_the_others_their_share() -> None:
    nonces = Nonces(most=3)
    assert [nonces.take(b"greedy", str(number), until=100, now=0) for number in range(5)] == [True] * 3 + [None] * 2
    assert nonces.take(b"modest", "0", until=100, now=0) is True


def test_no_request_is_answered_twice_while_its_signature_is_fresh(stranger: Stranger) -> None:
    """Whatever the difference of the clocks: the nonce is kept for longer than `created` is accepted."""
    clock = stranger.network.clock
    headers = stranger.headers(created=clock.now() // 1_000_000 + gate.SKEW_SECONDS)
    assert stranger.send(headers).status_code == 200
    clock.pass_(2 * gate.SKEW_SECONDS - 1)
    refused(stranger.send(headers), 401, "answered before")
    clock.pass_(2)
    refused(stranger.send(headers), 401, "ago")


def test_a_signature_over_no_digest_is_none(stranger: Stranger) -> None:
    path, _, query = BODIES.partition("?")
    message = Message(
        method="GET",
        authority=f"127.0.0.1:{stranger.target.port}",
        path=path,
        query=query,
        recipient=stranger.target.id,
        digest="",
    )
    created = stranger.network.clock.now() // 1_000_000
    headers = signing.sign(message, stranger.signer, created=created, nonce=bytes(16))
    for sent in (headers, {name: value for name, value in headers.items() if name != "content-digest"}):
        refused(stranger.send(sent), 401, "no digest")


@pytest.mark.parametrize(
    "target",
    [
        "//v1/bodies?from=0&to=5",
        "/V1/bodies",
        "/./v1/bodies",
        "/x/../v1/bodies",
        "/%2e/v1/bodies",
        "/v1",
        "/tile/../v1/bodies",
    ],
)
def test_another_spelling_of_a_path_is_no_way_around(stranger: Stranger, target: str) -> None:
    """Sent as it is: a client that tidies it up would ask for something else."""
    asked = f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    for line in (asked, asked.replace("GET ", "GET http://a", 1)):
        with socket.create_connection(("127.0.0.1", stranger.target.port), timeout=120) as raw:
            raw.sendall(line.encode())
            answer = raw.makefile("rb").read()
        assert answer.split()[1] in (b"404", b"401"), answer


@pytest.mark.parametrize(
    "smuggled",
    [
        b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"X: a\rCantoria-To: b\r\n\r\n",
    ],
)
def test_no_request_hides_in_another(stranger: Stranger, smuggled: bytes) -> None:
    with socket.create_connection(("127.0.0.1", stranger.target.port), timeout=120) as raw:
        raw.sendall(
            b"POST /v1/hold HTTP/1.1\r\nHost: a\r\n" + smuggled + b"GET /checkpoint HTTP/1.1\r\nHost: a\r\n\r\n"
        )
        answer = raw.makefile("rb").read()
    assert answer.split()[1] in (b"400", b"401", b"501")
    assert answer.count(b"HTTP/1.1 ") == 1, "the second was answered as one of its own"


def test_one_members_bodies_leave_room_for_the_others(network: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cantoria.adapters.http.data_service.PARCEL_BYTES_MAX", 1_000)
    stranger = Stranger(network)
    network[0].stop()
    network[0].serve()
    with ExitStack() as stack:

        def begin(who: Any) -> tuple[socket.socket, bytes]:
            """Announce a body; the answer is 100 as soon as it would be read."""
            headers = stranger.headers("/v1/hold", method="POST", body=b"x" * 900, signer=who.organisation.signer)
            raw = stack.enter_context(socket.create_connection(("127.0.0.1", stranger.target.port), timeout=120))
            head = {"Host": f"127.0.0.1:{stranger.target.port}", "Content-Length": "900", "Expect": "100-continue"}
            lines = "".join(f"{name}: {value}\r\n" for name, value in {**head, **headers}.items())
            raw.sendall(f"POST /v1/hold HTTP/1.1\r\n{lines}\r\n".encode())
            return raw, raw.recv(4096).split()[1]

        def end(raw: socket.socket) -> bytes:
            raw.sendall(b"x" * 900)
            return raw.recv(4096).split()[1]

        (first, one), (_, two), (_, three) = (begin(network[1]) for _ in range(3))
        assert (one, two, three) == (b"100", b"100", b"503"), "two large ones of this member are on their way"
        other, four = begin(network[2])
        assert (four, end(other)) == (b"100", b"400"), "another member's is read to its end"
        assert end(first) == b"400"
        assert begin(network[1])[1] == b"100", "one of its own is over"


MESSAGE = Message(method="GET", authority="a.example", path="/v1/x", query="q=1", recipient=bytes(16), digest="d")


@pytest.mark.parametrize(
    "change",
    [
        {"method": "POST"},
        {"authority": "b.example"},
        {"path": "/v1/y"},
        {"query": "q=2"},
        {"query": ""},
        {"recipient": bytes([1]) * 16},
        {"digest": "e"},
    ],
)
def test_every_component_is_covered(change: dict[str, Any]) -> None:
    signer = signer_of("member")
    signed = signing.read_signature(signing.sign(MESSAGE, signer, created=1_790_000_000, nonce=bytes(16)))
    assert signing.verify(MESSAGE, signed, public_key=signer.public_key)
    assert not signing.verify(replace(MESSAGE, **change), signed, public_key=signer.public_key)
    later = replace(signed, parameters=signed.parameters.replace("1790000000", "1790000001"))
    assert not signing.verify(MESSAGE, later, public_key=signer.public_key)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("cantoria=", "sig1="),
        ('"@method" ', ""),
        (";created=1790000000", ""),
        (";created=1790000000", ";created=01790000000"),
        ('alg="ed25519"', 'alg="hmac-sha256"'),
        ('tag="cantoria/member"', 'tag="other"'),
        ('nonce="00', 'nonce="'),
        (";keyid=", "; keyid="),
    ],
)
def test_the_signature_has_one_spelling(old: str, new: str) -> None:
    headers = signing.sign(MESSAGE, signer_of("member"), created=1_790_000_000, nonce=bytes(16))
    assert old in headers["signature-input"]
    with pytest.raises(InputError):
        signing.read_signature(headers | {"signature-input": headers["signature-input"].replace(old, new, 1)})


@pytest.mark.parametrize(
    "value", ["", "cantoria=::", "cantoria=:AA==:", "cantoria=:????:", "cantoria=:" + "A" * 88 + ":"]
)
def test_a_signature_that_is_none_is_refused(value: str) -> None:
    headers = signing.sign(MESSAGE, signer_of("member"), created=1_790_000_000, nonce=bytes(16))
    with pytest.raises(InputError):
        signing.read_signature(headers | {"signature": value})
