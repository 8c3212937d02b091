"""The feed is kept up with the ledger; its messages arrive at least once, in order, signed, or are kept as dead."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cantoria.adapters.feeding import BACKOFF_SECONDS, SECOND, Feeder
from cantoria.adapters.http.webhooks import Reply, Target, check_target, public_key_text, send, signature_headers
from cantoria.adapters.sqlite.feed import FeedFile, State
from cantoria.app.revocation_reach import Reach
from cantoria.app.revocations import Kind, Revocation
from cantoria.consent import Scope, ScopeKind, Verdict
from cantoria.consent.facts import StatementMade
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.kernel.facts import Recorded
from cantoria.kernel.ids import PartyId, StatementId
from cantoria.kernel.uses import Use
from cantoria.ledger.ed25519 import Ed25519Signer
from cantoria.sdk.webhooks import hear, verify
from cantoria.testing.book import Book

SIGNER = Ed25519Signer(bytes(range(32)))
KEY = public_key_text(SIGNER)
URL = "https://models.example.com/hook"


class Index:
    """Refusals as a fact index."""

    def __init__(self, refusals: int) -> None:
        self.book = Book()
        self.turns = 0
        self.more(refusals)

    def more(self, refusals: int) -> None:
        for _ in range(refusals):
            number = self.book.size
            self.book.say(
                StatementMade(
                    statement=StatementId(f"statement_{number}"),
                    party=PartyId("party_a"),
                    speaker=PartyId("party_a"),
                    verdict=Verdict.NO,
                    uses=frozenset({Use.ANALYSE}),
                    scope=Scope(ScopeKind.RECORDING, f"recording_{number}"),
                )
            )

    def scan(self, *, tags: Any, start: int, size: int) -> Iterator[Recorded[Any]]:
        return (one for one in self.book.facts if start <= one.index < size)

    def about(self, subjects: Sequence[str], *, tags: Any, size: int) -> list[Recorded[Any]]:
        return []

    def mark(self, *, tags: Any, size: int) -> tuple[int, int, int]:
        return (self.book.size, size - 1, self.turns)


class Desk:
    """A feed with a clock to be moved and a receiver that answers what it is told to."""

    def __init__(self, folder: Path, *, refusals: int = 3) -> None:
        self.index = Index(refusals)
        self.now = 1_750_000_000 * SECOND
        self.replies: list[Reply] = []
        self.sent: list[tuple[str, bytes, dict[str, str]]] = []
        self.made = 0
        self.file = FeedFile(folder / "feed.db")
        self.feeder = Feeder(
            file=self.file,
            origin="rights.example.org/log",
            signer=SIGNER,
            clock=lambda: self.now,
            name=self.name,
            sender=self.send,
            target=lambda one: Target(one.url, "models.example.com", "192.0.2.1", 443),
        )

    def name(self, prefix: str) -> str:
        self.made += 1
        return f"{prefix}_{self.made}"

    def send(self, target: Target, body: bytes, headers: dict[str, str]) -> Reply:
        self.sent.append((target.url, body, headers))
        return self.replies.pop(0) if self.replies else Reply(204)

    def catch_up(self) -> int:
        return self.feeder.catch_up(self.index, size=self.index.book.size)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.file.close()


def statements(body: bytes) -> list[str]:
    return [item["_cantoria"]["statement"] for item in json.loads(body)["data"]["items"]]


def test_the_ledger_is_read_once_and_late_bodies_are_found(desk: Desk) -> None:
    assert (desk.catch_up(), desk.catch_up()) == (3, 0)
    late = desk.index.book.facts.pop(1)
    other = FeedFile(desk.file._connection.execute("PRAGMA database_list").fetchone()[2] + ".other")
    try:
        desk.feeder = type(desk.feeder)(
            **{name: getattr(desk.feeder, name) for name in desk.feeder.__slots__} | {"file": other}
        )
        assert desk.catch_up() == 2
        desk.index.book.facts.insert(1, late)
        assert desk.catch_up() == 0
        desk.index.turns += 1
        assert desk.catch_up() == 1
        assert [item["_cantoria"]["ledger_index"] for _, item in other.items(after=0, limit=9)] == [0, 2, 1]
        size = desk.index.book.size
        heard = [item["_cantoria"]["ledger_index"] for _, item in other.items(after=0, since=size, limit=9)]
        assert heard == [1], "a snapshot of this size may have been made before the body came"
        assert other.items(after=0, since=size + 1, limit=9) == []
    finally:
        other.close()


def test_subscribers_are_told_what_comes_after_they_came(desk: Desk) -> None:
    desk.catch_up()
    desk.file.subscribe("subscription_1", url=URL, loopback=False, now=desk.now)
    assert desk.feeder.deliver().delivered == 0
    desk.index.more(205)
    desk.catch_up()
    assert desk.feeder.deliver().delivered == 3
    told = [one for _, body, _ in desk.sent for one in statements(body)]
    assert told == [f"statement_{number}" for number in range(3, 208)]
    for _, body, headers in desk.sent:
        message = verify(body, headers, key=KEY, now=desk.now // SECOND)
        assert message["type"] == "revocation.published"
    assert len({headers["webhook-id"] for _, _, headers in desk.sent}) == 3
    assert desk.feeder.deliver() == type(desk.feeder.deliver())()


def test_a_message_that_is_not_taken_is_tried_again_later_and_later_and_then_is_dead(desk: Desk) -> None:
    desk.file.subscribe("subscription_1", url=URL, loopback=False, now=desk.now)
    desk.catch_up()
    desk.replies = [Reply(500, "it answered 500")] * (len(BACKOFF_SECONDS) + 1)
    for seconds in BACKOFF_SECONDS:
        assert desk.feeder.deliver().failed == 1
        assert desk.feeder.deliver().failed == 0
        desk.now += seconds * SECOND - 1
        assert desk.feeder.deliver().failed == 0
        desk.now += 1
    assert desk.feeder.deliver().dead == 1
    assert len({headers["webhook-id"] for _, _, headers in desk.sent}) == 1
    assert len({headers["webhook-timestamp"] for _, _, headers in desk.sent}) == len(BACKOFF_SECONDS) + 1
    [dead] = desk.file.messages(states=[State.DEAD])
    assert (dead.attempts, dead.last) == (len(BACKOFF_SECONDS) + 1, "it answered 500")
    desk.now += 10**12
    assert desk.feeder.deliver().delivered == 0
    desk.file.retry(dead.id, now=desk.now)
    assert desk.feeder.deliver().delivered == 1
    with pytest.raises(InputError):
        desk.file.retry(dead.id, now=desk.now)


def test_a_queued_message_outlives_the_process_that_queued_it(desk: Desk, tmp_path: Path) -> None:
    desk.file.subscribe("subscription_1", url=URL, loopback=False, now=desk.now)
    desk.catch_up()
    desk.feeder.queue()
    desk.file.claim(now=desk.now, until=desk.now + 60 * SECOND)  # and died before it could settle it
    desk.file.close()
    again = Desk(tmp_path)
    again.now += 61 * SECOND
    assert again.feeder.deliver().delivered == 1
    assert statements(again.sent[0][1]) == ["statement_0", "statement_1", "statement_2"]
    again.file.close()


def test_who_answers_gone_is_told_no_more(desk: Desk) -> None:
    desk.file.subscribe("subscription_1", url=URL, loopback=False, now=desk.now)
    with pytest.raises(InputError, match="already"):
        desk.file.subscribe("subscription_2", url=URL, loopback=False, now=desk.now)
    desk.catch_up()
    desk.replies = [Reply(410)]
    assert desk.feeder.deliver().dead == 1
    assert desk.file.subscription("subscription_1").state is State.ENDED
    desk.index.more(1)
    desk.catch_up()
    assert desk.feeder.deliver().delivered == 0
    assert len(desk.sent) == 1


PUBLIC, PRIVATE = "93.184.216.34", "10.0.0.7"


@pytest.mark.parametrize(
    ("url", "addresses"),
    [
        ("http://models.example.com/hook", [PUBLIC]),
        ("ftp://models.example.com/hook", [PUBLIC]),
        ("file:///etc/passwd", [PUBLIC]),
        ("https://user:secret@models.example.com/", [PUBLIC]),
        ("https://models.example.com/#part", [PUBLIC]),
        ("https://models.example.com:99999/", [PUBLIC]),
        ("https://models.example.com/" + "x" * 2_000, [PUBLIC]),
        ("https://models.example.com/a b", [PUBLIC]),
        ("https://models.example.com\\@localhost/", [PUBLIC]),
        ("https://modéls.example.com/", [PUBLIC]),
        ("https:///hook", [PUBLIC]),
        ("https://inside.example.com/", [PRIVATE]),
        ("https://inside.example.com/", [PUBLIC, PRIVATE]),
        ("https://inside.example.com/", []),
        ("https://127.0.0.1/", ["127.0.0.1"]),
        ("https://[::1]/", ["::1"]),
        ("https://inside.example.com/", ["169.254.169.254"]),
        ("https://inside.example.com/", ["::ffff:10.0.0.7"]),
        ("https://inside.example.com/", ["64:ff9b::a00:7"]),
        ("https://inside.example.com/", ["2002:a00:7::1"]),
        ("https://inside.example.com/", ["fe80::1%eth0"]),
        ("https://inside.example.com/", ["fd00::1"]),
        ("https://inside.example.com/", ["0.0.0.0"]),
        ("https://inside.example.com/", ["224.0.0.1"]),
        ("https://inside.example.com/", ["100.64.0.1"]),
    ],
)
def test_nobody_makes_this_machine_speak_to_its_own_network(url: str, addresses: list[str]) -> None:
    with pytest.raises(InputError):
        check_target(url, loopback=False, resolver=lambda host, port: addresses)


def test_the_open_internet_and_an_allowed_loopback_are_spoken_to() -> None:
    found = check_target("https://models.example.com/hook", loopback=False, resolver=lambda host, port: [PUBLIC])
    assert found == Target("https://models.example.com/hook", "models.example.com", PUBLIC, 443)
    local = check_target("http://localhost:81/hook", loopback=True, resolver=lambda host, port: ["127.0.0.1"])
    assert (local.ip, local.port) == ("127.0.0.1", 81)
    with pytest.raises(InputError):
        check_target("http://localhost/", loopback=True, resolver=lambda host, port: ["127.0.0.1", PRIVATE])
    with pytest.raises(UnavailableError):
        check_target("https://no-such-host.invalid/", loopback=False)


class _Receiver(BaseHTTPRequestHandler):
    answers: ClassVar[list[int]] = []
    got: ClassVar[list[tuple[str, dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.got.append((self.path, dict(self.headers), body))
        self.send_response(self.answers.pop(0) if self.answers else 204)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def receiver(
    *answers: int, context: ssl.SSLContext | None = None
) -> Iterator[tuple[str, list[tuple[str, dict[str, str], bytes]]]]:
    _Receiver.answers, _Receiver.got = list(answers), []
    server = HTTPServer(("127.0.0.1", 0), _Receiver)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/hook?a=1", _Receiver.got
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_message_goes_to_the_address_that_was_checked_and_follows_nobody() -> None:
    with receiver(204, 302, 500) as (url, got):
        target = check_target(url, loopback=True, resolver=lambda host, port: ["127.0.0.1"])
        headers = signature_headers("msg_1", b"{}", signer=SIGNER, at=1_000)
        assert send(target, b"{}", headers=headers).taken
        assert send(target, b"{}", headers=headers) == Reply(302, "it answered 302")
        assert not send(target, b"{}", headers=headers).taken
    path, told, body = got[0]
    assert (path, body, told["Host"]) == ("/hook?a=1", b"{}", url.split("/")[2])
    assert verify(body, told, key=KEY, now=1_000) == {}
    assert len(got) == 3
    closed = Target(url, "localhost", "127.0.0.1", 1)
    assert send(closed, b"{}", headers=headers).status == 0


def certified(folder: Path, host: str) -> tuple[Path, Path]:
    """Return the files of a certificate that a host signed for itself, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private


def test_a_receiver_must_be_who_the_address_names_though_the_connection_goes_to_an_ip(tmp_path: Path) -> None:
    certificate, private = certified(tmp_path, "hook.example.com")
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(certificate, private)
    trusted = ssl.create_default_context(cafile=str(certificate))
    headers = signature_headers("msg_1", b"{}", signer=SIGNER, at=1_000)
    with receiver(context=serving) as (url, got):
        port = int(url.split(":")[2].split("/")[0])

        def to(host: str) -> Target:
            return Target(f"https://{host}:{port}/hook", host, "127.0.0.1", port)

        assert send(to("hook.example.com"), b"{}", headers=headers, trusted=trusted).taken
        assert got[0][1]["Host"] == f"hook.example.com:{port}"
        assert send(to("other.example.com"), b"{}", headers=headers, trusted=trusted).status == 0
        assert send(to("hook.example.com"), b"{}", headers=headers).status == 0  # nobody else trusts it
    assert len(got) == 1


def test_receivers_take_no_forged_old_or_altered_message() -> None:
    body = b'{"type":"feed.test"}'
    headers = signature_headers("msg_1", body, signer=SIGNER, at=1_000)
    assert verify(body, headers, key=KEY, now=1_200)["type"] == "feed.test"
    both = headers | {"webhook-signature": "v1,AAAA v1a,!! " + headers["webhook-signature"]}
    assert verify(body, both, key=KEY, now=1_000)
    other = public_key_text(Ed25519Signer(bytes(32)))
    for case in (
        (body + b" ", headers, KEY, 1_000),
        (body, headers, other, 1_000),
        (body, headers, KEY, 1_301),
        (body, headers, KEY, 699),
        (body, headers | {"webhook-id": "msg_2"}, KEY, 1_000),
        (body, headers | {"webhook-timestamp": "1001"}, KEY, 1_000),
        (body, headers | {"webhook-signature": ""}, KEY, 1_000),
        (body, headers | {"webhook-signature": headers["webhook-signature"].replace("v1a", "v1")}, KEY, 1_000),
    ):
        with pytest.raises(IntegrityError):
            verify(case[0], case[1], key=case[2], now=case[3])
    for wrong in ({}, {**headers, "webhook-timestamp": "soon"}, {**headers, "webhook-id": "a.b"}):
        with pytest.raises(InputError):
            verify(body, wrong, key=KEY, now=1_000)
    for key in ("", "whpk_", "whpk_!!!!", KEY.removeprefix("whpk_")):
        with pytest.raises(InputError):
            verify(body, headers, key=key, now=1_000)


def test_what_a_gate_hears(desk: Desk) -> None:
    def one(index: int, reach: Reach) -> dict[str, Any]:
        made = Revocation(
            index=index, kind=Kind.REFUSED, fact="statement-made", recorded_at=0, reach=reach, statement="s"
        )
        return desk.feeder.item(made)

    few = [one(1, Reach(("recording_1",), ("isrc:B", "isrc:A"))), one(2, Reach())]
    heard = hear(few)
    assert (heard.codes, heard.whole, heard.statements) == (("isrc:A", "isrc:B"), True, ("s",))
    assert hear([]).whole
    assert hear([*few, one(3, Reach(whole=False))]).whole is False
    for broken in ({}, None, {"_cantoria": {"ledger_index": "1"}}, {"_cantoria": {"codes": [1], "whole": True}}):
        assert hear([broken]).whole is False
    assert heard.mark != hear(few[:1]).mark != hear([]).mark
    assert hear(reversed(few)) == heard
