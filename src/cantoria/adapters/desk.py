"""What the courier works with, and how it asks other members: who fails to answer is left alone for a while."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from cantoria.adapters.attachments import DiskAttachments
from cantoria.adapters.http.members import Member, MemberClient
from cantoria.adapters.sqlite.courier_memory import CourierMemory
from cantoria.adapters.sqlite.holdings import Holdings
from cantoria.adapters.stored_log import StoredLog
from cantoria.app.codec import fact_of
from cantoria.kernel.errors import CantoriaError, InputError, UnavailableError
from cantoria.ledger.envelope import Envelope, unpack
from cantoria.ledger.facts import BODY_ERASED, read_body_erased
from cantoria.ledger.ports import Clock

SECOND: Final = 1_000_000
PEER_WAIT_MAX: Final = 300 * SECOND
T = TypeVar("T")
Record = Callable[[Sequence[Any]], None]
"""Has these facts recorded in the name of this organisation; on return they are queued durably."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The parts, and in whose name: `organisation` (16 bytes). `members` are all the others that can be reached."""

    organisation: bytes
    log: StoredLog
    memory: CourierMemory
    holdings: Holdings
    attachments: DiskAttachments
    client: MemberClient
    members: Mapping[bytes, Member]
    record: Record
    clock: Clock

    def ask(self, member: Member, question: Callable[[Member], T]) -> T | None:
        """Return what a member answers, None where it does not, or is not to be asked yet; how it went is kept."""
        known = self.memory.peer(member.organisation)
        now = self.clock()
        if known.retry_at > now:
            return None
        try:
            found = question(member)
        except CantoriaError as error:
            wait = min(SECOND << min(known.failures, 20), PEER_WAIT_MAX)
            # A refusal is an answer, and no reason to leave the member alone for long.
            wait = wait if isinstance(error, UnavailableError) else SECOND
            failed = replace(known, failures=known.failures + 1, retry_at=now + wait, trouble=error.message[:500])
            self.memory.note_peer(failed)
            return None
        if known.failures or known.trouble or now - known.answered_at > SECOND:
            self.memory.note_peer(replace(known, failures=0, retry_at=0, answered_at=now, trouble=""))
        return found

    def reachable(self, member: Member) -> bool:
        """Tell whether a member may be asked now."""
        return self.memory.peer(member.organisation).retry_at <= self.clock()

    def sources(self, first: bytes) -> list[Member]:
        """Return whom to ask for what organisation `first` recorded: itself, then the others in order."""
        own = self.members.get(first)
        others = [self.members[one] for one in sorted(self.members) if one != first]
        return [own, *others] if own else others

    def envelope(self, index: int) -> Envelope | None:
        """Return the envelope at a leaf index, or None where there is none."""
        if not 0 <= index < self.log.size:
            return None
        try:
            return unpack(self.log.store.entries(index, stop=index + 1)[0])
        except InputError:
            return None

    def fact(self, index: int) -> Any | None:
        """Return the fact at a leaf index where its body is here and can be read, else None."""
        packed = self.envelope(index)
        held = self.log.store.bodies(index, stop=index + 1)
        if packed is None or not held or held[0].body is None:
            return None
        return read_fact(packed.type_tag, held[0].body)


def read_fact(tag: int, body: bytes) -> Any | None:
    """Return the fact in a recorded body, None where it cannot be read: then it has no effect."""
    try:
        return read_body_erased(body) if tag == BODY_ERASED.tag else fact_of(tag, body)
    except InputError:
        return None
