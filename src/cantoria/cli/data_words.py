"""What the commands about data beside the chain share: the node's data, names of members, ages, beginnings of keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from cantoria.app.fact_types import BY_TAG
from cantoria.cli.state import state
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import typed_id, uuid_of
from cantoria.ledger.batch import Batch

if TYPE_CHECKING:  # a house alone never needs the libraries of the web
    from cantoria.adapters.http.members import Member
    from cantoria.bootstrap.data import WiredData

_MICROSECONDS: Final = 1_000_000
_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


@contextmanager
def node_data() -> Iterator[WiredData]:
    """Open the data service's parts of this home, and close them."""
    from cantoria.bootstrap.data import open_data

    wired = open_data(state.home)
    try:
        yield wired
    finally:
        wired.close()


def naming(wired: WiredData) -> Callable[[bytes], str]:
    """Return what members are called here, by their ids."""
    names = {one.organisation: one.name for one in wired.parts.desk.members.values()}
    names[wired.parts.desk.organisation] = wired.author.name
    return lambda one: names.get(one, typed_id("party", one))


def member_called(wired: WiredData, text: str) -> Member:
    """Return the member of this name or party id whose data service is known here."""
    for one in wired.parts.desk.members.values():
        if text in (one.name, typed_id("party", one.organisation)):
            return one
    known = ", ".join(sorted(one.name for one in wired.parts.desk.members.values())) or "none"
    raise InputError(f"no member {text!r:.60} has a data service that is known here", f"known are: {known}")


def party_called(wired: WiredData, text: str) -> str:
    """Return the party id of the member of this name, or the party id that `text` is."""
    if text.startswith("party_"):
        return typed_id("party", uuid_of(text, prefix="party"))
    return typed_id("party", member_called(wired, text).organisation)


def key_beginning(text: str, keys: Iterable[bytes]) -> bytes:
    """Return the one key that begins with these hex digits."""
    found = sorted({key for key in keys if text and key.hex().startswith(text.lower())})
    if len(found) != 1:
        which = "no request begins" if not found else f"{len(found)} requests begin"
        raise InputError(f"{which} with {text!r:.70}", "see `cantoria endorsement list`")
    return found[0]


def age(since: int, *, now: int) -> str:
    """Return how long ago `since` was (UTC microseconds), in its largest unit."""
    seconds = max((now - since) // _MICROSECONDS, 0)
    for length, unit in _UNITS:
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return "now"


def types_in(batch: Batch) -> str:
    """Return the types of a batch's facts with their counts."""
    counts: dict[int, int] = {}
    for one in batch.envelopes:
        tag = int.from_bytes(one[1:3], "big")
        counts[tag] = counts.get(tag, 0) + 1
    named = {tag: BY_TAG[tag].TYPE.name if tag in BY_TAG else f"type {tag}" for tag in counts}
    return ", ".join(f"{count} {named[tag]}" for tag, count in sorted(counts.items()))
