"""A member that behaves badly: nothing that it sends is believed, and nobody waits for it for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from cantoria.adapters.attachments import DiskAttachments
from cantoria.adapters.http import data_service
from cantoria.adapters.http.members import Member, MemberClient
from cantoria.adapters.parcel import pack_parcel
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.testing.consortium import signer_of

Respond = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def make_peer() -> Iterator[Callable[[Respond], Member]]:
    """Return `make(respond)`: a server on loopback that answers everything by `respond`."""
    servers: list[ThreadingHTTPServer] = []

    def make(respond: Respond) -> Member:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                respond(self)

            def do_POST(self) -> None:
                respond(self)

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return Member(bytes(16), "badly", f"http://127.0.0.1:{server.server_port}")

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


def client(**options: Any) -> MemberClient:
    count = iter(range(10**9))
    return MemberClient(
        signer_of("one"),
        clock=lambda: 1_790_000_000_000_000,
        entropy=lambda n: next(count).to_bytes(n, "big"),
        sleep=lambda _: None,
        **options,
    )


def announce(length: int, body: bytes = b"", **headers: str) -> Respond:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(length))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return respond


def flood(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(10 * 1024**3))
    handler.end_headers()
    try:
        for _ in range(10_000):
            handler.wfile.write(b"x" * 65_536)
    except OSError:
        return


def test_ten_gigabytes_are_not_taken_in(make_peer: Any) -> None:
    member = make_peer(flood)
    with pytest.raises(IntegrityError, match="more than 1000"):
        client().get(member, "/v1/bodies", bytes_max=1000)


def test_a_truncated_answer_is_no_answer(make_peer: Any) -> None:
    member = make_peer(announce(1000, b"only this"))
    with pytest.raises(UnavailableError, match="does not answer"):
        client().get(member, "/v1/bodies", bytes_max=5000)


def test_packed_bytes_are_refused(make_peer: Any) -> None:
    member = make_peer(announce(4, b"zip!", Content_Encoding="gzip"))
    with pytest.raises(IntegrityError, match="packed"):
        client().get(member, "/v1/bodies", bytes_max=5000)


def test_a_redirect_is_not_followed(make_peer: Any) -> None:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", "http://127.0.0.1:1/")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with pytest.raises(UnavailableError, match="302"):
        client().get(make_peer(respond), "/v1/bodies", bytes_max=10)


def test_who_dribbles_is_given_up_in_time(make_peer: Any) -> None:
    stop = threading.Event()

    def respond(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        try:
            while not stop.is_set():
                handler.wfile.write(b"x")
                stop.wait(0.05)
        except OSError:
            return

    try:
        with pytest.raises(UnavailableError, match=r"too slowly|does not answer"):
            client().get(make_peer(respond), "/v1/bodies", bytes_max=10**6, seconds=0.5)
    finally:
        stop.set()


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [(400, InputError, "refuses: because"), (404, InputError, "refuses"), (500, UnavailableError, "cannot answer")],
)
def test_a_problem_is_told_in_the_members_own_words(make_peer: Any, status: int, kind: Any, said: str) -> None:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        data = b'{"detail": "because", "remedy": "mend it"}'
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    with pytest.raises(kind, match=said) as failed:
        client().get(make_peer(respond), "/v1/bodies", bytes_max=10)
    assert failed.value.remedy == "mend it"


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b"[" * 70_000, b"x" * 200_000])
def test_a_problem_that_is_none_is_survived(make_peer: Any, body: bytes) -> None:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(418)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    with pytest.raises(InputError, match="418"):
        client().get(make_peer(respond), "/v1/bodies", bytes_max=10)


def test_it_is_asked_again_freshly_signed_a_few_times() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["signature-input"])
        return httpx.Response(503 if len(seen) < 3 else 200, stream=httpx.ByteStream(b"ok"))

    member = Member(bytes(16), "busy", "http://busy.example")
    found = client(transport=httpx.MockTransport(answer)).get(member, "/v1/bodies", bytes_max=10)
    assert found.body == b"ok"
    assert len(set(seen)) == 3
    seen.clear()

    def never(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["signature-input"])
        raise httpx.ConnectError("no route")

    with pytest.raises(UnavailableError, match="no route"):
        client(transport=httpx.MockTransport(never)).get(member, "/v1/bodies", bytes_max=10)
    assert len(seen) == 3


def test_an_address_that_is_none_is_unavailable() -> None:
    with pytest.raises(UnavailableError):
        client().get(Member(bytes(16), "nowhere", "http://[bad"), "/v1/bodies", bytes_max=10)


@pytest.mark.parametrize("parts", [[b"wrong"], [], [b"right", b"!"]])
def test_wrong_bytes_of_a_file_are_not_kept(tmp_path: Any, parts: list[bytes]) -> None:
    attachments = DiskAttachments(tmp_path / "attachments")
    digest = DiskAttachments(tmp_path / "other").put(b"right")
    with pytest.raises(IntegrityError):
        attachments.receive(digest, parts)
    assert not attachments.holds(digest)
    assert [path for path in (tmp_path / "attachments").rglob("*") if path.is_file()] == []
    assert attachments.receive(digest, [b"ri", b"ght"]) == 5
    assert attachments.holds(digest)
    assert (attachments.size(digest), b"".join(attachments.parts(digest))) == (5, b"right")
    assert attachments.drop(digest)
    assert not attachments.drop(digest)
    assert attachments.size(digest) is None
    with pytest.raises(InputError):
        b"".join(attachments.parts(digest))


def test_a_file_beyond_the_limit_or_broken_off_is_not_kept(tmp_path: Any) -> None:
    attachments = DiskAttachments(tmp_path / "attachments")
    digest = DiskAttachments(tmp_path / "other").put(b"x" * 100)
    with pytest.raises(IntegrityError, match="more than 50"):
        attachments.receive(digest, [b"x" * 10] * 10, bytes_max=50)

    def broken() -> Iterator[bytes]:
        yield b"x" * 60
        raise UnavailableError("the line went dead")

    with pytest.raises(UnavailableError):
        attachments.receive(digest, broken())
    assert [path for path in (tmp_path / "attachments").rglob("*") if path.is_file()] == []


def test_a_holder_signs_for_nothing_when_the_file_that_comes_is_another(network: Any, monkeypatch: Any) -> None:
    batch = network[0].seal(network[0].report())
    network[0].data.parts.pending.keep(batch)
    monkeypatch.setattr(data_service, "_handed_out", lambda *_: 5)
    attachments = network[0].data.parts.desk.attachments
    monkeypatch.setattr(type(attachments), "parts", lambda *_: iter([b"wrong"]))
    with pytest.raises(IntegrityError, match="not attachment"):
        network[1].data.parts.holder.hold(pack_parcel(batch), asker=network[0].id)
    assert network[1].data.parts.holder.holdings.waiting() == 0
