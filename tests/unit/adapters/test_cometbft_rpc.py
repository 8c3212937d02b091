"""The RPC client against a server of one answer: results, pages, refusals, and who is not a node at all."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from cantoria.adapters.cometbft import rpc
from cantoria.adapters.cometbft.rpc import Rpc
from cantoria.kernel.errors import InputError, UnavailableError

Answer = Callable[[str, dict[str, str]], Any]


@pytest.fixture
def node() -> Iterator[Callable[[Answer], Rpc]]:
    """Return `serve(answer)`: a client of a node that answers what `answer(method, parameters)` returns."""
    started: list[tuple[HTTPServer, threading.Thread, Rpc]] = []

    def serve(answer: Answer) -> Rpc:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                value = answer(url.path[1:], {name: values[0] for name, values in parse_qs(url.query).items()})
                data = value if isinstance(value, bytes) else json.dumps(value).encode()
                self.send_response(500 if isinstance(value, dict) and "error" in value else 200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: Any) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        client = Rpc(f"tcp://127.0.0.1:{server.server_port}", seconds=20)
        started.append((server, thread, client))
        return client

    try:
        yield serve
    finally:
        for server, thread, client in started:
            client.close()
            server.shutdown()
            server.server_close()
            thread.join(20)


def test_results_come_out_of_their_envelope(node: Callable[[Answer], Rpc]) -> None:
    asked: list[tuple[str, dict[str, str]]] = []

    def answer(method: str, parameters: dict[str, str]) -> Any:
        asked.append((method, parameters))
        return {"result": {"sync_info": {"latest_block_height": "12"}, "response": {"data": "x"}}}

    client = node(answer)
    assert client.height() == 12
    assert client.abci_info() == {"data": "x"}
    client.block(7)
    client.commit()
    client.net_info()
    assert asked[2:] == [("block", {"height": "7"}), ("commit", {}), ("net_info", {})]


def test_all_pages_of_validators_are_of_one_height(node: Callable[[Answer], Rpc]) -> None:
    def answer(method: str, parameters: dict[str, str]) -> Any:
        page = int(parameters["page"])
        assert parameters.get("height", "9") == "9"
        rows = [{"number": number} for number in range(250)][100 * page - 100 : 100 * page]
        return {"result": {"block_height": "9", "validators": rows, "total": "250"}}

    assert [one["number"] for one in node(answer).validators()] == list(range(250))


def test_a_refusal_is_said(node: Callable[[Answer], Rpc]) -> None:
    client = node(lambda method, parameters: {"error": {"message": "height 99 is not available"}})
    with pytest.raises(UnavailableError, match="height 99 is not available"):
        client.commit(99)


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b'{"some": "thing"}', b"\xff"])
def test_who_does_not_speak_the_rpc_is_no_node(node: Callable[[Answer], Rpc], answer: bytes) -> None:
    with pytest.raises(InputError, match="RPC"):
        node(lambda method, parameters: answer).status()


def test_an_endless_answer_is_cut(node: Callable[[Answer], Rpc], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc, "_ANSWER_BYTES_MAX", 1000)
    with pytest.raises(InputError, match="1000"):
        node(lambda method, parameters: {"result": "x" * 2000}).status()


def test_nobody_there_is_unavailable() -> None:
    with Rpc("tcp://127.0.0.1:1") as client, pytest.raises(UnavailableError, match="does not answer"):
        client.status()


@pytest.mark.parametrize("address", ["127.0.0.1:1", "unix://x", "ftp://a:1"])
def test_an_address_is_checked(address: str) -> None:
    with pytest.raises(InputError):
        Rpc(address)
