"""What reading a table would change: per row new, changed (field, old → new), same, or not taken and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cantoria.formats.entries.types import Entry, Outcome, Party, Recording, Release, Share, Work
from cantoria.formats.types import Finding

Thing = Party | Work | Recording | Release
Known = Callable[[Thing], Mapping[str, str] | None]


class State(StrEnum):
    """What a row would do."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"
    DUPLICATE = "duplicate"
    PASSED_OVER = "passed_over"


@dataclass(frozen=True, slots=True)
class Change:
    """A field that would read otherwise."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What one row would do: its line, the thing it is about, each field that changes, and its findings."""

    line: int
    state: State
    thing: str
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]


_NOT_TAKEN = {
    Outcome.REFUSED: State.REFUSED,
    Outcome.DUPLICATE: State.DUPLICATE,
    Outcome.PASSED_OVER: State.PASSED_OVER,
}


def preview(entries: Iterable[Entry], *, known: Known) -> Iterator[Difference]:
    """Give the difference that each entry would make. `known` returns what the registry says of a thing in the fields
    of `told`, None where it knows none."""
    for entry in entries:
        things: tuple[Thing, ...] = (*entry.recordings, *entry.works, *entry.releases, *entry.parties)
        if entry.outcome is not Outcome.REGISTER or not things:
            state = _NOT_TAKEN.get(entry.outcome, State.SAME)
            yield Difference(entry.line, state, "", (), entry.findings)
            continue
        yield _difference(entry, things[0], known)


def _difference(entry: Entry, thing: Thing, known: Known) -> Difference:
    before, now = known(thing), told(thing)
    name = now.get("title") or now.get("name") or thing.key
    changes = tuple(
        Change(field, (before or {}).get(field, ""), text)
        for field, text in now.items()
        if text and (before or {}).get(field, "") != text
    )
    state = State.NEW if before is None else State.CHANGED if changes else State.SAME
    return Difference(entry.line, state, name, changes, entry.findings)


def told(thing: Thing) -> dict[str, str]:
    """Return what is said of a thing, by field."""
    match thing:
        case Recording():
            seconds = "" if thing.duration_ms is None else f"{thing.duration_ms / 1000:g} s"
            fields = {"title": thing.title, "artist": thing.artist, "version": thing.version, "duration": seconds}
        case Work():
            holders = ", ".join(dict.fromkeys(map(_holding, thing.shares)))
            fields = {"title": thing.title, "holders": holders}
        case Release():
            fields = {"title": thing.title}
        case Party():
            fields = {"name": " / ".join(name.text for name in thing.names)}
    return fields | dict(thing.codes)


def _holding(share: Share) -> str:
    part = "" if share.share is None or share.right is None else f" {share.right.value} {float(share.share * 100):g} %"
    return f"{share.party} {share.role.value}{part}"
