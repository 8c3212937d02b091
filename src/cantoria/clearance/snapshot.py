"""The rights views in columns, for every request at once: what the set-based plan reads instead of the views.

Built by the same functions that `decide` uses (targets, sides, voices), once for every work and recording instead of
once for every row. Who asks, for which use, where, under which profile and at what price is left to the plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cantoria.clearance.analytics import Table
from cantoria.clearance.rights import Rights
from cantoria.clearance.snapshot_build import Builder, persons_of
from cantoria.clearance.snapshot_dictionaries import Dictionaries
from cantoria.clearance.snapshot_time import until_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything the plan needs to answer any request of a moment in [`at`, `until`) (UTC microseconds) for any rows,
    as known at ledger size `size`: `tables` by the names of `SCHEMAS`."""

    tables: Mapping[str, Table]
    size: int
    at: int
    until: int

    @property
    def subjects(self) -> int:
        """The number of works and recordings that a row can name."""
        return self.tables["subject"].rows


def build(rights: Rights, *, at: int, size: int, only: Iterable[str] | None = None) -> Snapshot:
    """Return the snapshot of `rights`, folded as of `size`, at the moment `at`.

    With `only`, it answers for rows that carry just these codes, at this moment and for requests that name no person.
    """
    numbers = Dictionaries()
    builder = Builder(rights, at=at, numbers=numbers)
    builder.lead(rights.registry.codes() if only is None else dict.fromkeys(only))
    builder.finish_codes()
    builder.subjects(numbers.subjects)
    if only is None:
        builder.persons(persons_of(rights))
        builder.voices(rights.standings.voices())
        until = until_of(rights, at=at)
    else:
        builder.voices(list(builder.needed_voices()))
        until = at + 1
    return Snapshot(tables=builder.tables(), size=size, at=at, until=until)
