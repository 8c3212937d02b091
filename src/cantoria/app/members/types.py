"""Members and where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class MemberState(StrEnum):
    """How far a member is: invited, followed the invitation, verified by the society's staff, or gone."""

    INVITED = "invited"
    CONFIRMED = "confirmed"
    VERIFIED = "verified"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """A member as a table says it: the line, the society's own key, names, codes and the address to invite."""

    line: int
    key: str
    name: str
    other_names: tuple[str, ...] = ()
    kind: str = "person"
    codes: tuple[tuple[str, str], ...] = ()  # scheme, text
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member as the society keeps it. Moments are UTC microseconds, 0 where not yet; `name` and `email` are empty
    once erased. `linked_at` is when the last invitation link was made."""

    member: str
    organisation: str
    party: str
    key: str
    name: str
    email: str
    state: MemberState = MemberState.INVITED
    batch: str = ""
    made_at: int = 0
    linked_at: int = 0
    confirmed_at: int = 0
    verified_at: int = 0
    withdrawn_at: int = 0


class MemberStore(Protocol):
    """Keeps members and uploaded tables beside the house; what is erased is overwritten."""

    def keep_upload(self, upload: str, *, organisation: str, name: str, data: bytes) -> None:
        """Keep a table until it is dropped."""
        ...

    def upload(self, upload: str, *, organisation: str) -> tuple[str, bytes] | None:
        """Return name and bytes of a table of this organisation, or None."""
        ...

    def drop_upload(self, upload: str, *, organisation: str) -> None:
        """Overwrite a table."""
        ...

    def add(self, members: Iterable[Member]) -> int:
        """Keep new members; parties that are members already stay as they are. Return how many are new."""
        ...

    def known(self, organisation: str, *, emails: Sequence[str], keys: Sequence[str]) -> tuple[set[str], set[str]]:
        """Return which of these addresses and own keys are members' already."""
        ...
