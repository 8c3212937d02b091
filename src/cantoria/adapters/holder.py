"""Holding and endorsing for other members: look at a batch and all that it names, store it durably, then sign.

`hold` says: I have every body of this batch, and every file that its bodies name, and they are what was committed to.
`endorse` says: this organisation stands behind it; a person decides, unless the settings leave a type to the machine.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Final

from cantoria.adapters.attachments import ATTACHMENT_BYTES_MAX, DiskAttachments
from cantoria.adapters.http.members import Member, MemberClient
from cantoria.adapters.ledger_intake import bodies_at_fault
from cantoria.adapters.parcel import unpack_parcel
from cantoria.adapters.sqlite.holdings import Endorsement, Holdings, Stage
from cantoria.adapters.stored_log import StoredLog
from cantoria.app.attached import attachments_of
from cantoria.app.codec import fact_of
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.ledger.attestation import Purpose, attest, unpack_attestation
from cantoria.ledger.batch import Author, Batch
from cantoria.ledger.facts import BODY_ERASED, read_body_erased
from cantoria.ledger.merkle import leaf_hash
from cantoria.ledger.ports import Clock
from cantoria.ledger.reasons import REMEDY, Reason
from cantoria.usage.facts import GenerationsReported, UsageReported
from cantoria.usage.streaming import Sums, sums_of
from cantoria.usage.types import GenerationEvent, UsageLine

FETCH_SECONDS_MAX: Final = 3600.0
WAITING_BYTES_MAX: Final = 4 * 1024**3
_UNBACKED: Final = frozenset({Reason.NOT_ENDORSED, Reason.NOT_HELD})
Contradiction = Callable[[Batch], str | None]
"""Returns what in this organisation's own views speaks against endorsing a batch unseen, or None."""


def no_fault(step: str) -> None:
    """Let every step pass."""


@dataclass(slots=True, kw_only=True)
class Holder:
    """Holds and endorses in the name of `author`. `automatic` are the type tags endorsed without a person, where
    `contradiction` finds nothing; `fault` is where tests kill the process."""

    author: Author
    log: StoredLog
    attachments: DiskAttachments
    holdings: Holdings
    client: MemberClient
    members: Mapping[bytes, Member]
    clock: Clock
    automatic: Collection[int] = ()
    contradiction: Contradiction = lambda _: None
    attachment_bytes_max: int = ATTACHMENT_BYTES_MAX
    fault: Callable[[str], None] = no_fault
    _busy: set[bytes] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def hold(self, data: bytes, *, asker: bytes) -> bytes:
        """Return the attestation that this member holds the batch in the parcel `data`; the files that it names are
        fetched from `asker`, its author. Asked again it answers the same.

        `InputError` for what is not as it was committed to, `UnavailableError` where files cannot be had.
        """
        batch = unpack_parcel(data)
        key = leaf_hash(batch.header)
        known = self.holdings.held(key)
        if known is not None and known.attestation is not None and self._stands(known.attestation):
            return known.attestation
        self.examine(batch, asker=asker)
        self._check_room(len(data))
        with self._alone(key):
            self._gather_files(batch, source=self.members.get(asker))
            self.holdings.hold(key, data, asker=asker, at=self.clock())
            self.fault("stored")
            return self._sign_holding(batch, key)

    def hold_own(self, batch: Batch) -> bytes:
        """Return the attestation that this member holds its own batch, whose bodies are on disk already."""
        self.examine(batch, asker=self.author.organisation)
        self._gather_files(batch, source=None)
        return attest(batch.header, self.author, purpose=Purpose.HOLDING, claimed_at=self.clock())

    def endorse(self, data: bytes, *, asker: bytes) -> Endorsement:
        """Return how the request to endorse the batch in `data` stands, queueing it the first time."""
        batch = unpack_parcel(data)
        key = leaf_hash(batch.header)
        found = self.holdings.endorsement(key)
        if found is None:
            self.examine(batch, asker=asker)
            self._check_able(batch)
            self._check_room(len(data))
            found = self.holdings.ask(key, data, asker=asker, at=self.clock())
        stale = found.attestation is not None and not self._stands(found.attestation)
        if found.stage is Stage.APPROVED and stale and found.parcel is not None:
            self.examine(batch, asker=asker)
            again = attest(batch.header, self.author, purpose=Purpose.ENDORSEMENT, claimed_at=self.clock())
            return replace(found, attestation=again)
        if found.stage is Stage.PENDING and self._automatic(batch):
            return self.approve(key)
        return found

    def approve(self, key: bytes) -> Endorsement:
        """Endorse a pending request, looked at once more; `InputError` when it is not pending or not admissible now."""
        batch = unpack_parcel(self._pending(key))
        self.examine(batch, asker=batch.header[1:17])
        self._check_able(batch)
        attestation = attest(batch.header, self.author, purpose=Purpose.ENDORSEMENT, claimed_at=self.clock())
        self.holdings.decide(key, Stage.APPROVED, attestation=attestation)
        return self._endorsement(key)

    def refuse(self, key: bytes, *, reason: str) -> Endorsement:
        """Refuse a pending request, saying why."""
        self._pending(key)
        self.holdings.decide(key, Stage.REFUSED, reason=reason)
        return self._endorsement(key)

    def examine(self, batch: Batch, *, asker: bytes) -> None:
        """Raise `InputError` unless `asker` is the batch's author, its bodies are what it commits to and readable, and
        it would be admitted but for attestations that it still lacks."""
        if batch.header[1:17] != asker:
            raise InputError("a batch is brought by the organisation that sealed it", "let its author ask")
        fault = bodies_at_fault(batch, self.log.types, erasing=True)
        if fault is not None:
            raise InputError(f"the bodies are not as committed: {fault.explain()}", "send the bodies that were sealed")
        rejected = self.log.check(replace(batch, attestations=()), time=self.clock())
        if rejected is not None and rejected.reason not in _UNBACKED:
            raise InputError(f"the batch would not be admitted: {rejected.reason.value}", REMEDY[rejected.reason])
        facts_of(batch)

    def _gather_files(self, batch: Batch, *, source: Member | None) -> None:
        for fact in facts_of(batch):
            for digest in attachments_of(fact):
                if not self.attachments.holds(digest):
                    self._fetch(digest, source)
            self._check_lines(fact)

    def _fetch(self, digest: str, source: Member | None) -> None:
        if source is None:
            raise InputError(f"the file {digest} that the batch names is not here", "put it into attachments/ first")
        seconds = FETCH_SECONDS_MAX
        with self.client.stream(source, f"/v1/attachments/{digest}", seconds=seconds) as (_, parts):
            self.attachments.receive(digest, parts, bytes_max=self.attachment_bytes_max)

    def _check_lines(self, fact: Any) -> None:
        """Compare what a report says of its lines with the lines."""
        if isinstance(fact, UsageReported):
            said = Sums(fact.lines, fact.plays, fact.root)
            sums = sums_of(self.attachments.parts(fact.attachment), UsageLine)
        elif isinstance(fact, GenerationsReported):
            said = Sums(fact.events, 0, fact.root)
            sums = sums_of(self.attachments.parts(fact.attachment), GenerationEvent)
        else:
            return
        if sums != said:
            raise InputError(
                f"the file {fact.attachment} has {sums.lines} lines, {sums.plays} plays and root {sums.root}, not what "
                f"the report says: {said.lines}, {said.plays}, {said.root}",
                "report what the file holds",
            )

    def _sign_holding(self, batch: Batch, key: bytes) -> bytes:
        attestation = attest(batch.header, self.author, purpose=Purpose.HOLDING, claimed_at=self.clock())
        self.holdings.sign(key, attestation)
        return attestation

    def _stands(self, attestation: bytes) -> bool:
        """Tell whether the key of an attestation given before may still sign."""
        return self.log.key(unpack_attestation(attestation).key_id) is not None

    def _automatic(self, batch: Batch) -> bool:
        tags = {int.from_bytes(one[1:3], "big") for one in batch.envelopes}
        return tags <= set(self.automatic) and self.contradiction(batch) is None

    def _check_able(self, batch: Batch) -> None:
        state = self.log.state()
        asked = {int.from_bytes(one[1:3], "big") for one in batch.envelopes} & set(state.endorsers)
        held = state.members.get(self.author.organisation, frozenset())
        if not any(held & frozenset(map(int, self.log.types[tag].capacities)) for tag in asked):
            remedy = "ask a member in a capacity that its facts allow"
            raise InputError("this member's endorsement counts for nothing in the batch", remedy)

    def _check_room(self, count: int) -> None:
        if self.holdings.waiting() + count > WAITING_BYTES_MAX:
            raise UnavailableError("too many batches wait here to be recorded", "retry when some are")

    def _pending(self, key: bytes) -> bytes:
        found = self.holdings.endorsement(key)
        if found is None or found.stage is not Stage.PENDING or found.parcel is None:
            raise InputError(f"no request {key.hex()[:16]} waits", "see `cantoria endorsement list`")
        return found.parcel

    def _endorsement(self, key: bytes) -> Endorsement:
        found = self.holdings.endorsement(key)
        if found is None:
            raise InputError(f"there is no request {key.hex()[:16]}", "see `cantoria endorsement list`")
        return found

    def _alone(self, key: bytes) -> _Turn:
        return _Turn(self._busy, self._lock, key)


class _Turn:
    """One batch is taken in by one request at a time; its author may ask again meanwhile and is told to wait."""

    def __init__(self, busy: set[bytes], lock: threading.Lock, key: bytes) -> None:
        self._busy, self._lock, self._key = busy, lock, key

    def __enter__(self) -> None:
        with self._lock:
            if self._key in self._busy:
                raise UnavailableError("this batch is being taken in", "ask again in a moment")
            self._busy.add(self._key)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._busy.discard(self._key)


def facts_of(batch: Batch) -> list[Any]:
    """Return the facts in a batch's bodies; one that cannot be read as its type is an `InputError`."""
    found: list[Any] = []
    for position, (packed, body) in enumerate(zip(batch.envelopes, batch.bodies, strict=True), 1):
        tag = int.from_bytes(packed[1:3], "big")
        try:
            found.append(read_body_erased(body) if tag == BODY_ERASED.tag else fact_of(tag, body))
        except InputError as error:
            raise InputError(f"fact {position} of the batch cannot be read: {error.message}", error.remedy) from error
    return found


def leaf_digest(salt: bytes, body: bytes) -> str:
    """Return the digest by which the delivery of a fact's salt and body is recorded (`LeafDelivered`)."""
    return sha256(salt + body).hexdigest()
