"""Ask a running CometBFT node: its state, peers, blocks, commits and validators, by its RPC over HTTP.

What is returned is CometBFT's own JSON, 64-bit numbers as decimal text (CometBFT `rpc/openapi`). It is what one node
says: `sdk.light` checks a commit, and only a commit.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Final

import httpx

from cantoria.adapters.cometbft import addresses
from cantoria.kernel.errors import InputError, UnavailableError

_ANSWER_BYTES_MAX: Final = 64 * 1024 * 1024
_PAGE: Final = 100


class Rpc:
    """A client of one node at `tcp://host:port`, `http://host:port` or `unix:///path`; every call takes at most
    about `seconds`. Use it as a context manager, or `close` it."""

    def __init__(self, address: str, *, seconds: float = 5.0) -> None:
        self._address = address
        path = addresses.unix_path(address)
        transport = httpx.HTTPTransport(uds=None if path is None else str(path))
        base = "http://localhost" if path is not None else _http(address)
        # The environment's proxies are for the outside; a node is not reached through them.
        self._client = httpx.Client(base_url=base, timeout=seconds, transport=transport, trust_env=False)

    def __enter__(self) -> Rpc:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def status(self) -> dict[str, Any]:
        """Return `node_info`, `sync_info` and `validator_info`."""
        return self._call("status")

    def height(self) -> int:
        """Return the height of the last block that the node has committed."""
        return int(self.status()["sync_info"]["latest_block_height"])

    def net_info(self) -> dict[str, Any]:
        """Return the node's peers."""
        return self._call("net_info")

    def abci_info(self) -> dict[str, Any]:
        """Return what the application says of itself."""
        found: dict[str, Any] = self._call("abci_info")["response"]
        return found

    def block(self, height: int | None = None) -> dict[str, Any]:
        """Return `block_id` and `block`, of the last height without one given."""
        return self._call("block", **_at(height))

    def commit(self, height: int | None = None) -> dict[str, Any]:
        """Return `signed_header` (`header` and `commit`) and whether it is `canonical`."""
        return self._call("commit", **_at(height))

    def validators(self, height: int | None = None) -> list[dict[str, Any]]:
        """Return the whole validator set of a height, in CometBFT's order, page by page."""
        found: list[dict[str, Any]] = []
        while True:
            page = self._call("validators", **_at(height), page=len(found) // _PAGE + 1, per_page=_PAGE)
            height = int(page["block_height"])
            found += page["validators"]
            if len(found) >= int(page["total"]) or not page["validators"]:
                return found

    def _call(self, method: str, **parameters: int) -> dict[str, Any]:
        """Return `result`. Raises `UnavailableError` when the node does not answer or refuses, `InputError` when it
        does not speak CometBFT's RPC."""
        try:
            with self._client.stream("GET", f"/{method}", params=parameters) as response:
                text = _bounded(response)
                value = httpx.Response(response.status_code, content=text).json()
        except httpx.HTTPError as error:
            raise UnavailableError(f"the node at {self._address} does not answer: {error}", "is it running?") from error
        except ValueError as error:
            raise InputError(f"{self._address} does not speak CometBFT's RPC", "give the address of a node") from error
        if not isinstance(value, dict) or ("result" not in value and "error" not in value):
            raise InputError(f"{self._address} does not speak CometBFT's RPC", "give the address of a node")
        if "error" in value:
            raise UnavailableError(f"the node at {self._address} refuses {method}: {str(value['error'])[:300]}")
        result: dict[str, Any] = value["result"]
        return result


def _at(height: int | None) -> dict[str, int]:
    return {} if height is None else {"height": height}


def _http(address: str) -> str:
    if address.startswith("http://"):
        return address
    addresses.host_and_port(address)
    return f"http://{address.removeprefix('tcp://')}"


def _bounded(response: httpx.Response) -> bytes:
    parts: list[bytes] = []
    left = _ANSWER_BYTES_MAX
    for part in response.iter_bytes():
        left -= len(part)
        if left < 0:
            raise InputError(f"an answer of more than {_ANSWER_BYTES_MAX} bytes came", "ask another node")
        parts.append(part)
    return b"".join(parts)
