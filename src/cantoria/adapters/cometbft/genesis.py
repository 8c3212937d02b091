"""How a chain begins: with a log that exists already, a few governance records or the whole life of an organisation.

The genesis document's `app_state` names the log's origin, size, root and state; small logs stand in it whole, of a
larger one each member loads a copy (`cantoria node init --log`) before it starts.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cantoria.kernel.errors import InputError
from cantoria.ledger import tiles

FORMAT: Final = "cantoria-genesis/v1"
INLINE_BYTES_MAX: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class LogGenesis:
    """The log that a chain goes on with: `state` is `State.digest()`, `entries` all of it where it is small."""

    origin: str
    size: int
    root: bytes
    state: bytes
    entries: tuple[bytes, ...] = ()

    def app_state(self) -> dict[str, Any]:
        """Return the JSON value of the genesis document's `app_state`."""
        value: dict[str, Any] = {
            "format": FORMAT,
            "origin": self.origin,
            "root": self.root.hex(),
            "size": self.size,
            "state": self.state.hex(),
        }
        if self.entries:
            value["entries"] = base64.b64encode(tiles.pack_entries(self.entries)).decode("ascii")
        return value


def inline(entries: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return the entries if they are small enough to stand in a genesis document, else none."""
    return tuple(entries) if sum(map(len, entries)) + 2 * len(entries) <= INLINE_BYTES_MAX else ()


def read_app_state(value: object) -> LogGenesis:
    """Return the log that `app_state` names, or raise `InputError`."""
    try:
        if not isinstance(value, dict) or value["format"] != FORMAT:
            raise InputError("this genesis is not of a Cantoria chain", "ask the consortium for its genesis.json")
        packed = base64.b64decode(value.get("entries", ""), validate=True)
        origin, size = value["origin"], value["size"]
        root, state = bytes.fromhex(value["root"]), bytes.fromhex(value["state"])
        if type(origin) is not str or type(size) is not int or not len(root) == len(state) == 32:
            raise ValueError("another shape")
        return LogGenesis(origin, size, root, state, tuple(tiles.unpack_entries(packed)))
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise InputError(
            "the genesis document's app_state is malformed", "ask the consortium for its genesis.json"
        ) from error
