"""Answer CometBFT's requests over a socket with an `Application`: ABCI 2.0, one thread, in the order of arrival.

CometBFT opens four connections (consensus, mempool, query, snapshot). One loop reads them all, so the application is
never called twice at a time, and always by the thread that called `serve` (a SQLite connection made there may be
used). A request that the application fails on is answered with an exception and is the last one: a node that guessed
would fork, so it stops (CometBFT `spec/abci`, "Crash Recovery").
"""

from __future__ import annotations

import logging
import selectors
import signal
import socket
from collections.abc import Callable
from contextlib import closing
from threading import Event
from typing import Any, Final, Protocol

from google.protobuf.message import DecodeError

from cantoria.adapters.cometbft import addresses
from cantoria.adapters.cometbft.framing import FrameReader, framed
from cantoria.adapters.cometbft.proto import abci_pb2 as abci
from cantoria.kernel.errors import InputError, IntegrityError

# What a process ends with when its application failed: the supervisor and a person can tell it from any other end.
EXIT_APPLICATION_FAILED: Final = 71

_LOG = logging.getLogger(__name__)
_PIECE_BYTES: Final = 1 << 20
_CONNECTIONS_MAX: Final = 16
_UNSENT_BYTES_MAX: Final = 64 * 1024 * 1024
_STOP_SECONDS: Final = 0.25


class Application(Protocol):
    """What CometBFT asks of a state machine, one method a kind of request; a raised exception stops the node."""

    def info(self, request: abci.RequestInfo) -> abci.ResponseInfo:
        """Say up to which height the state is committed; CometBFT replays what is missing."""

    def init_chain(self, request: abci.RequestInitChain) -> abci.ResponseInitChain:
        """Begin the chain from the genesis."""

    def prepare_proposal(self, request: abci.RequestPrepareProposal) -> abci.ResponsePrepareProposal:
        """Choose the transactions of a block that this node proposes."""

    def process_proposal(self, request: abci.RequestProcessProposal) -> abci.ResponseProcessProposal:
        """Accept or reject a proposed block, the same way on every node."""

    def extend_vote(self, request: abci.RequestExtendVote) -> abci.ResponseExtendVote:
        """Return what this node attaches to its precommit."""

    def verify_vote_extension(self, request: abci.RequestVerifyVoteExtension) -> abci.ResponseVerifyVoteExtension:
        """Accept or reject what another node attached."""

    def finalize_block(self, request: abci.RequestFinalizeBlock) -> abci.ResponseFinalizeBlock:
        """Apply a decided block; nothing is durable before `commit`."""

    def commit(self, request: abci.RequestCommit) -> abci.ResponseCommit:
        """Make the applied block durable."""

    def check_tx(self, request: abci.RequestCheckTx) -> abci.ResponseCheckTx:
        """Judge a transaction for the mempool (never called with the mempool `nop`)."""

    def query(self, request: abci.RequestQuery) -> abci.ResponseQuery:
        """Answer a question about the committed state."""

    def list_snapshots(self, request: abci.RequestListSnapshots) -> abci.ResponseListSnapshots:
        """List the snapshots that this node can give."""

    def offer_snapshot(self, request: abci.RequestOfferSnapshot) -> abci.ResponseOfferSnapshot:
        """Accept or refuse to restore a snapshot."""

    def load_snapshot_chunk(self, request: abci.RequestLoadSnapshotChunk) -> abci.ResponseLoadSnapshotChunk:
        """Return a piece of a snapshot."""

    def apply_snapshot_chunk(self, request: abci.RequestApplySnapshotChunk) -> abci.ResponseApplySnapshotChunk:
        """Take the next piece of the snapshot that was accepted."""


def serve(application: Application, address: str, stop: Event) -> None:
    """Answer on `address` (`unix:///path` or `tcp://host:port`) until `stop` is set.

    Raises `IntegrityError` once `application` failed on a request (the process is to end with
    `EXIT_APPLICATION_FAILED`); `UnavailableError` when nobody can listen there, `InputError` for a malformed address.
    """
    with closing(addresses.listen(address)) as listener:
        _LOG.info("answering CometBFT on %s", address)
        _Loop(application, listener).run(stop)


def run(application: Application, address: str) -> int:
    """Serve until SIGTERM or SIGINT, as the main program of a process, and return its exit code: 0, or
    `EXIT_APPLICATION_FAILED`. Raises as `serve` where nothing could be served at all."""
    stop = Event()
    # The loop never holds the event's lock, so setting it from a signal handler cannot wait for itself.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        serve(application, address, stop)
    except IntegrityError:  # logged where it happened, with its traceback
        return EXIT_APPLICATION_FAILED
    return 0


class _Connection:
    """One of CometBFT's connections: what was read of the next request, and what is still to be sent."""

    __slots__ = ("frames", "name", "sock", "unsent")

    def __init__(self, sock: socket.socket, name: str) -> None:
        self.sock = sock
        self.name = name
        self.frames = FrameReader()
        self.unsent = bytearray()

    def send(self) -> None:
        """Send what the other side takes now. Raises `OSError` when it is gone."""
        while self.unsent:
            try:
                with memoryview(self.unsent) as view:
                    sent = self.sock.send(view[:_PIECE_BYTES])
            except BlockingIOError:
                return
            del self.unsent[:sent]


class _Loop:
    """The one loop over the listener and its connections."""

    def __init__(self, application: Application, listener: socket.socket) -> None:
        self._answers = _answers(application)
        self._listener = listener
        self._selector = selectors.DefaultSelector()
        self._opened = 0

    def run(self, stop: Event) -> None:
        self._selector.register(self._listener, selectors.EVENT_READ)
        try:
            while not stop.is_set():
                for key, events in self._selector.select(_STOP_SECONDS):
                    if isinstance(key.data, _Connection):
                        self._serve_one(key.data, events)
                    else:
                        self._accept()
        finally:
            for key in list(self._selector.get_map().values()):
                if isinstance(key.data, _Connection):
                    key.data.sock.close()
            self._selector.close()

    def _accept(self) -> None:
        try:
            sock, _ = self._listener.accept()
        except OSError as error:  # the other side left before it was let in
            _LOG.warning("a connection came to nothing: %s", error)
            return
        if len(self._selector.get_map()) > _CONNECTIONS_MAX:
            _LOG.error("refused a connection: %d are open", _CONNECTIONS_MAX)
            sock.close()
            return
        sock.setblocking(False)
        self._opened += 1
        self._selector.register(sock, selectors.EVENT_READ, _Connection(sock, f"connection {self._opened}"))

    def _serve_one(self, connection: _Connection, events: int) -> None:
        """Read, answer and send on a connection; close it when it ends or breaks the protocol."""
        try:
            open_still = not events & selectors.EVENT_READ or self._read(connection)
            connection.send()
        except OSError as error:
            _LOG.warning("%s broke: %s", connection.name, error)
            open_still = False
        except (InputError, DecodeError) as error:
            _LOG.error("%s does not speak ABCI: %s", connection.name, error)
            open_still = False
        if not open_still:
            self._selector.unregister(connection.sock)
            connection.sock.close()
            return
        wanted = selectors.EVENT_READ if len(connection.unsent) < _UNSENT_BYTES_MAX else 0
        wanted |= selectors.EVENT_WRITE if connection.unsent else 0
        self._selector.modify(connection.sock, wanted, connection)

    def _read(self, connection: _Connection) -> bool:
        """Take a piece, answer the requests that it completes, and say whether the stream goes on."""
        try:
            piece = connection.sock.recv(_PIECE_BYTES)
        except BlockingIOError:
            return True
        if not piece:
            if connection.frames.partial:
                _LOG.warning("%s was cut off inside a request", connection.name)
            return False
        connection.frames.feed(piece)
        while (message := connection.frames.take()) is not None:
            connection.unsent += framed(self._answer(connection, message))
        return True

    def _answer(self, connection: _Connection, message: bytes) -> bytes:
        request = abci.Request.FromString(message)
        kind = request.WhichOneof("value")
        if kind is None or kind not in self._answers:
            raise InputError("a request of no known kind came", "run CometBFT v0.38, which speaks ABCI 2.0")
        try:
            answer = self._answers[kind](getattr(request, kind))
            return _response(kind, answer)
        except Exception as error:
            _LOG.exception("the application failed on %s; this node stops", kind)
            self._say_last(connection, f"{type(error).__name__}: {error}")
            raise IntegrityError(
                f"the application failed on {kind}: {error}", "read its log; other nodes go on, this one must not guess"
            ) from error

    def _say_last(self, connection: _Connection, why: str) -> None:
        """Tell CometBFT why it has to stop, as far as it still listens."""
        last = abci.Response(exception=abci.ResponseException(error=why)).SerializeToString()
        connection.unsent += framed(last)
        try:
            connection.sock.settimeout(1)
            connection.sock.sendall(connection.unsent)
        except OSError as error:
            _LOG.warning("CometBFT could not be told: %s", error)


def _response(kind: str, answer: Any) -> bytes:
    """Return the bytes of a `Response` that holds `answer` under the same name as the request."""
    response = abci.Response()
    getattr(response, kind).CopyFrom(answer)
    return response.SerializeToString()


def _answers(application: Application) -> dict[str, Callable[[Any], Any]]:
    """Return who answers which kind of request, by its name in `Request`."""
    return {
        "echo": lambda request: abci.ResponseEcho(message=request.message),
        "flush": lambda request: abci.ResponseFlush(),
        "info": application.info,
        "init_chain": application.init_chain,
        "prepare_proposal": application.prepare_proposal,
        "process_proposal": application.process_proposal,
        "extend_vote": application.extend_vote,
        "verify_vote_extension": application.verify_vote_extension,
        "finalize_block": application.finalize_block,
        "commit": application.commit,
        "check_tx": application.check_tx,
        "query": application.query,
        "list_snapshots": application.list_snapshots,
        "offer_snapshot": application.offer_snapshot,
        "load_snapshot_chunk": application.load_snapshot_chunk,
        "apply_snapshot_chunk": application.apply_snapshot_chunk,
    }
