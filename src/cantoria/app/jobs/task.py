"""What the function of a kind of job is given, and what it may say of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from cantoria.app.access.permissions import Permission
from cantoria.app.house import House
from cantoria.app.jobs.types import Job
from cantoria.app.ports import Author


class Interrupted(Exception):  # noqa: N818 - it is no failure: the job is cancelled, put back, or another's
    """The job is to stop here; what it recorded stays recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A job as its function works at it, in a thread of its own.

    `step(done, total, phase)` tells how far it is and raises `Interrupted` where it is to stop: call it often.
    Whoever records does so within `with task.writing():`, in which the house has no other writer and its index is
    fresh; everything else is done outside of it. `parts` holds other stores of the house by name (`members` …).
    """

    job: Job
    house: House
    author: Author
    step: Callable[[int, int, str], None]
    writing: Callable[[], AbstractContextManager[None]]
    pause: Callable[[], None] = lambda: None  # within `writing`: let others write, then go on with a fresh index
    parts: Mapping[str, Any] = field(default_factory=dict)

    def open(self, place: int = 0) -> BinaryIO:
        """Open the job's file at this place, from its beginning."""
        return self.house.attachments.open(self.job.files[place].digest)

    def text(self, name: str, default: str = "") -> str:
        """Return a parameter as text."""
        return str(self.job.parameters.get(name, default) or default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of job: its function, which returns a JSON object, and the permission that handing one in takes.

    The function must bear being called again for the same job after a crash at any point.
    """

    run: Callable[[Task], Mapping[str, Any]]
    needs: Permission
    about: str
