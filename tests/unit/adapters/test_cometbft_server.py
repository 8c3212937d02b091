"""The ABCI server answers in order, calls its application from one thread, and stops where the application fails."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cantoria.adapters.cometbft import addresses
from cantoria.adapters.cometbft.framing import FrameReader, framed
from cantoria.adapters.cometbft.proto import abci_pb2 as abci
from cantoria.adapters.cometbft.server import EXIT_APPLICATION_FAILED, serve
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError

BLOCK = 4 * 1024 * 1024


class Fake:
    """Answers what it is asked about and keeps which thread asked; every other request is an AttributeError."""

    def __init__(self) -> None:
        self.threads: set[int] = set()

    def __getattr__(self, name: str) -> Callable[[Any], Any]:
        if name.startswith("_"):
            raise AttributeError(name)

        def refuse(request: Any) -> Any:
            raise ValueError(f"no {name} here")

        return refuse

    def info(self, request: abci.RequestInfo) -> abci.ResponseInfo:
        self.threads.add(threading.get_ident())
        return abci.ResponseInfo(data=request.version, last_block_height=7)

    def prepare_proposal(self, request: abci.RequestPrepareProposal) -> abci.ResponsePrepareProposal:
        self.threads.add(threading.get_ident())
        return abci.ResponsePrepareProposal(txs=request.txs)


class Client:
    """One connection to the server."""

    def __init__(self, path: Path) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(20)
        self.sock.connect(str(path))
        self.frames = FrameReader()

    def send(self, *requests: abci.Request) -> None:
        self.sock.sendall(b"".join(framed(request.SerializeToString()) for request in requests))

    def receive(self) -> abci.Response:
        while (message := self.frames.take()) is None:
            piece = self.sock.recv(1 << 16)
            if not piece:
                raise EOFError
            self.frames.feed(piece)
        return abci.Response.FromString(message)


class Running:
    """A server in a thread, and what it raised."""

    def __init__(self, application: Any, path: Path) -> None:
        self.path = path
        self.stop = threading.Event()
        self.error: BaseException | None = None
        self.clients: list[Client] = []
        self.thread = threading.Thread(target=self._run, args=(application,))
        self.thread.start()
        for _ in range(2000):
            if self.error or addresses.answers(f"unix://{path}"):
                return
            threading.Event().wait(0.01)
        pytest.fail("the server does not listen")

    def _run(self, application: Any) -> None:
        try:
            serve(application, f"unix://{self.path}", self.stop)
        except BaseException as error:  # noqa: BLE001 - looked at by the test
            self.error = error

    def client(self) -> Client:
        self.clients.append(Client(self.path))
        return self.clients[-1]

    def end(self) -> None:
        for client in self.clients:
            client.sock.close()
        self.stop.set()
        self.thread.join(20)
        assert not self.thread.is_alive()


@contextmanager
def running(application: Any, folder: Path) -> Iterator[Running]:
    server = Running(application, folder / "app.sock")
    try:
        yield server
    finally:
        server.end()


def test_requests_are_answered_in_order(tmp_path: Path) -> None:
    with running(Fake(), tmp_path) as server:
        client = server.client()
        client.send(
            abci.Request(echo=abci.RequestEcho(message="hello")),
            abci.Request(info=abci.RequestInfo(version="0.38")),
            abci.Request(flush=abci.RequestFlush()),
        )
        answers = [client.receive() for _ in range(3)]
    assert [answer.WhichOneof("value") for answer in answers] == ["echo", "info", "flush"]
    assert answers[0].echo.message == "hello"
    assert answers[1].info.last_block_height == 7
    assert answers[1].info.data == "0.38"


def test_a_whole_block_goes_through_four_connections_at_once(tmp_path: Path) -> None:
    application = Fake()
    txs = [bytes([number]) * (BLOCK // 8) for number in range(8)]
    request = abci.Request(prepare_proposal=abci.RequestPrepareProposal(txs=txs))
    with running(application, tmp_path) as server:
        clients = [server.client() for _ in range(4)]
        senders = [threading.Thread(target=client.send, args=(request, request)) for client in clients]
        for sender in senders:
            sender.start()
        answers = [client.receive() for client in clients for _ in range(2)]
        for sender in senders:
            sender.join(20)
        assert application.threads == {server.thread.ident}
    assert all(list(answer.prepare_proposal.txs) == txs for answer in answers)


def test_a_failing_application_says_so_and_ends_the_server(tmp_path: Path) -> None:
    with running(Fake(), tmp_path) as server:
        client = server.client()
        client.send(
            abci.Request(info=abci.RequestInfo()),
            abci.Request(commit=abci.RequestCommit()),
            abci.Request(info=abci.RequestInfo()),
        )
        assert client.receive().WhichOneof("value") == "info"
        assert client.receive().exception.error == "ValueError: no commit here"
        with pytest.raises(EOFError):
            client.receive()
        server.thread.join(20)
        assert isinstance(server.error, IntegrityError)
        assert "commit" in str(server.error)


@pytest.mark.parametrize(
    "garbage",
    [b"\xff\xff\xff\xff\xff\xff", framed(b"\xff\xff"), framed(b"")],
    ids=["length", "not a message", "no kind"],
)
def test_who_does_not_speak_abci_is_cut_off_alone(tmp_path: Path, garbage: bytes) -> None:
    with running(Fake(), tmp_path) as server:
        good, bad = server.client(), server.client()
        bad.sock.sendall(garbage)
        with pytest.raises((EOFError, ConnectionResetError)):
            bad.receive()
        good.send(abci.Request(info=abci.RequestInfo()))
        assert good.receive().info.last_block_height == 7
        assert server.error is None


def test_a_dead_socket_file_is_replaced_and_a_live_one_is_not(tmp_path: Path) -> None:
    with running(Fake(), tmp_path) as server:
        assert server.path.stat().st_mode & 0o777 == 0o600
        with pytest.raises(UnavailableError, match="answers there already"):
            serve(Fake(), f"unix://{server.path}", threading.Event())  # type: ignore[arg-type]
    assert server.path.exists()
    with running(Fake(), tmp_path) as again:
        assert again.error is None


@pytest.mark.parametrize(
    "address", ["", "unix://relative", "unix:///" + "x" * 120, "tcp://nowhere", "tcp://host:99999", "http://a:1"]
)
def test_malformed_addresses_are_refused(address: str) -> None:
    with pytest.raises(InputError):
        addresses.listen(address)


def test_tcp_works_too() -> None:
    with addresses.listen("tcp://127.0.0.1:0") as listener:
        port = listener.getsockname()[1]
        assert addresses.answers(f"tcp://127.0.0.1:{port}")
        assert addresses.host_and_port(f"tcp://127.0.0.1:{port}") == ("127.0.0.1", port)


FAILING = """
import sys
from cantoria.adapters.cometbft import server
class Failing:
    def info(self, request):
        raise ZeroDivisionError("nothing is known")
    def __getattr__(self, name):
        return None
sys.exit(server.run(Failing(), sys.argv[1]))
"""


@pytest.mark.parametrize(("asked", "code"), [(True, EXIT_APPLICATION_FAILED), (False, 0)], ids=["fails", "is stopped"])
def test_a_program_ends_with_a_code_that_tells(tmp_path: Path, asked: bool, code: int) -> None:
    path = tmp_path / "app.sock"
    process = subprocess.Popen([sys.executable, "-c", FAILING, f"unix://{path}"], stderr=subprocess.PIPE, text=True)
    try:
        for _ in range(2000):
            if addresses.answers(f"unix://{path}"):
                break
            threading.Event().wait(0.01)
        client = Client(path)
        with client.sock:
            if asked:
                client.send(abci.Request(info=abci.RequestInfo()))
                assert client.receive().exception.error == "ZeroDivisionError: nothing is known"
            else:
                process.terminate()
            _, log = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == code
    assert ("the application failed on info" in log) is asked
    assert ("Traceback" in log) is asked
