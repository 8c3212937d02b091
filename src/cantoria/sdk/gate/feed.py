"""What a server's revocation feed says since a ledger size, as the code keys that it reaches."""

from __future__ import annotations

from typing import Any, Final

from cantoria.consent.needs import ASKED_OF_SIDES
from cantoria.kernel.errors import InputError
from cantoria.kernel.uses import Use
from cantoria.sdk.client import Client

# A person who is named may take a yes back for everything they do. Items name no party, so none of the codes that such
# an item lists need be the row's: for these uses only a fresh snapshot tells.
PERSONAL: Final = frozenset({Use.STYLE, Use.VOICE, Use.LIKENESS, Use.RELEASE_OUTPUT, Use.ADVERTISE})
_OF_PARTIES: Final = frozenset({"refused", "withdrawn", "mandate"})


def codes_heard(client: Client, *, since: int, use: str) -> list[str]:
    """Return the code keys that the feed reaches for a use, sorted.

    An item that names no uses is about all of them; what is tuned on is asked for generative training besides. Raises
    `InputError` for an item that reaches more than it lists, for one that may come from a person whom the request
    names, for one that was learned of late, whose codes may since be others, and for one that cannot be read: fail
    closed, and take a fresh snapshot.
    """
    wanted = {use, str(ASKED_OF_SIDES.get(Use(use), use))} if use in tuple(Use) else {use}
    found: set[str] = set()
    for item in client.revocations(since=since):
        told: Any = item.get("_cantoria") if isinstance(item, dict) else None
        codes, uses = (told.get("codes"), told.get("uses") or []) if isinstance(told, dict) else (None, [])
        if not isinstance(codes, list) or not isinstance(uses, list) or not all(isinstance(one, str) for one in codes):
            raise InputError("an item of the feed cannot be read", "fetch a fresh snapshot and open the gate again")
        if uses and wanted.isdisjoint(one for one in uses if isinstance(one, str)):
            continue
        personal = use in PERSONAL and told.get("kind", "refused") in _OF_PARTIES and (not uses or use in uses)
        late = not isinstance(told.get("ledger_index"), int) or told["ledger_index"] < since
        if told.get("whole") is not True or personal or late:
            raise InputError(
                f"entry {told.get('ledger_index')} reaches more than the feed lists",
                "fetch a fresh snapshot and open the gate again",
            )
        found.update(codes)
    return sorted(found)
