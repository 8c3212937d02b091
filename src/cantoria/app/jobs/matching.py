"""The job that matches all things of a kind with each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

from cantoria.app import matching
from cantoria.app.jobs.task import Task
from cantoria.app.ports import Author, Journal, Receipt
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Fact
from cantoria.registry.match_facts import MatchKind


@dataclass(frozen=True, slots=True)
class _LockedJournal:
    """Records as the house's only writer, and only while it records: a run may take minutes."""

    journal: Journal
    writing: Callable[[], AbstractContextManager[None]]

    def record(self, facts: Sequence[Fact], *, author: Author) -> list[Receipt]:
        with self.writing():
            return self.journal.record(facts, author=author)

    def erase(self, targets: Any, *, basis: Any, author: Author) -> Any:
        with self.writing():
            return self.journal.erase(targets, basis=basis, author=author)

    def size(self) -> int:
        return self.journal.size()


@contextmanager
def _locked(task: Task) -> Iterator[None]:
    before = task.house.journal
    task.house.journal = _LockedJournal(before, task.writing)
    try:
        yield
    finally:
        task.house.journal = before


def match(task: Task) -> Mapping[str, Any]:
    """Run the matching of a kind (parameter `kind`); what it finds is a proposal, and nothing of it has effect.

    A job that was cut off runs again: the newest run is the one that counts.
    """
    house = task.house
    kind = MatchKind(task.text("kind", MatchKind.RECORDING.value))
    engine, more = task.parts.get("matcher"), task.parts.get("batch_rows")
    if engine is None or more is None:
        raise InputError("this runner has no matching engine", "run `cantoria match run`")
    wish = matching.Wish(kind=kind, rows=chain(more(house, kind)))
    with _locked(task), engine(house, watch=lambda name, rows: task.step(rows, 0, "matching")) as engine_of:
        ran = matching.run(house, wish, matcher=engine_of, author=task.author)
    fact = ran.fact
    return {"run": fact.run, "rows": fact.rows, "compared": fact.compared, "links": fact.links, "reviews": fact.reviews}
