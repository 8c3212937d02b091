"""What a server's revocation feed says since a ledger size, as the code keys that it reaches."""

from __future__ import annotations

from typing import Any

from cantoria.kernel.errors import InputError
from cantoria.sdk.client import Client


def codes_heard(client: Client, *, since: int, use: str) -> list[str]:
    """Return the code keys that the feed reaches for a use, sorted.

    An item that names no uses is about all of them. Raises `InputError` for an item that reaches more than it lists,
    or that cannot be read: fail closed, and take a fresh snapshot.
    """
    found: set[str] = set()
    for item in client.revocations(since=since):
        told: Any = item.get("_cantoria") if isinstance(item, dict) else None
        codes, uses = (told.get("codes"), told.get("uses") or []) if isinstance(told, dict) else (None, [])
        if not isinstance(codes, list) or not isinstance(uses, list) or not all(isinstance(one, str) for one in codes):
            raise InputError("an item of the feed cannot be read", "fetch a fresh snapshot and open the gate again")
        if uses and use not in uses:
            continue
        if told.get("whole") is not True:
            raise InputError(
                f"entry {told.get('ledger_index')} reaches more than the feed lists",
                "fetch a fresh snapshot and open the gate again",
            )
        found.update(codes)
    return sorted(found)
