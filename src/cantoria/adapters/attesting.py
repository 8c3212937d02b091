"""Collect what the council demands in front of a batch: members who hold its data, organisations that endorse it.

A batch that must be attested is kept in the home's `pending/` before anybody is asked, so that nothing is lost while a
person somewhere makes up their mind; `cantoria endorsement send` goes on with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import Final

from cantoria.adapters.files import read_file, write_whole
from cantoria.adapters.holder import Holder
from cantoria.adapters.http.members import Answer, Member, MemberClient
from cantoria.adapters.parcel import PARCEL_BYTES_MAX, pack_parcel, unpack_parcel
from cantoria.kernel.errors import CantoriaError, InputError, IntegrityError, UnavailableError
from cantoria.kernel.facts import FactType
from cantoria.ledger import attestation as attestations
from cantoria.ledger.attestation import ATTESTATION_BYTES, Purpose, unpack_attestation
from cantoria.ledger.batch import Batch
from cantoria.ledger.merkle import leaf_hash
from cantoria.ledger.state import State

SECONDS_MAX: Final = 60.0
_ASKED_AT_ONCE_MAX: Final = 16
_ANSWER_BYTES_MAX: Final = 65_536
_SUFFIX: Final = ".parcel"
_PATHS: Final = {Purpose.HOLDING: "/v1/hold", Purpose.ENDORSEMENT: "/v1/endorse"}
_WORDS: Final = {Purpose.HOLDING: "hold", Purpose.ENDORSEMENT: "endorse"}


@dataclass(frozen=True, slots=True)
class Demand:
    """What the state asks for a batch: how many `holders`, and by type tag how many `endorsers` beside the author."""

    holders: int
    endorsers: Mapping[int, int]

    def __bool__(self) -> bool:
        return bool(self.holders or self.endorsers)


def demand_of(batch: Batch, state: State) -> Demand:
    """Return what the facts of a batch need in front of its header."""
    tags = {int.from_bytes(one[1:3], "big") for one in batch.envelopes}
    asked = {tag: state.endorsers[tag] - 1 for tag in sorted(tags) if state.endorsers.get(tag, 1) > 1}
    return Demand(max((state.holders.get(tag, 0) for tag in tags), default=0), asked)


@dataclass(frozen=True, slots=True)
class PendingBatches:
    """Sealed batches with their bodies that wait to be attested: one file each, named by the key of the batch."""

    folder: Path

    def keep(self, batch: Batch) -> bytes:
        """Keep a batch; on return it is on disk. Return its key."""
        key = leaf_hash(batch.header)
        path = self._path(key)
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            if not path.exists():
                write_whole(path, pack_parcel(replace(batch, attestations=())), mode=0o600)
        except OSError as error:
            raise UnavailableError(f"cannot keep the batch: {error}", "free some disk space and retry") from error
        return key

    def batches(self) -> dict[bytes, Batch]:
        """Return all that wait, by key."""
        found: dict[bytes, Batch] = {}
        try:
            for path in sorted(self.folder.glob(f"*{_SUFFIX}")):
                batch = unpack_parcel(read_file(path, bytes_max=PARCEL_BYTES_MAX))
                found[leaf_hash(batch.header)] = batch
        except OSError as error:
            raise UnavailableError(f"cannot read {self.folder}: {error}", "check the folder and retry") from error
        return found

    def keys(self) -> list[bytes]:
        """Return the keys of all that wait."""
        return [bytes.fromhex(path.stem) for path in sorted(self.folder.glob(f"*{_SUFFIX}"))]

    def drop(self, key: bytes) -> None:
        """Let a batch go: it is queued, recorded or given up."""
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as error:
            raise UnavailableError(f"cannot remove a pending batch: {error}", "check the folder") from error

    def _path(self, key: bytes) -> Path:
        return self.folder / f"{key.hex()}{_SUFFIX}"


@dataclass(slots=True, kw_only=True)
class Attester:
    """Asks the other `members`, for `seconds` at most, in the name of whose data `holder` keeps."""

    holder: Holder
    client: MemberClient
    members: Sequence[Member]
    pending: PendingBatches
    seconds: float = SECONDS_MAX
    clock: Callable[[], float] = monotonic

    def __call__(self, batch: Batch, state: State) -> Batch:
        """Return the batch with the attestations that `state` demands in front of it; errors as for `gather`."""
        return replace(batch, attestations=self.gather(batch, state))

    def together(self, batches: Sequence[Batch], state: State) -> list[Batch]:
        """Return the batches attested. If one demands it all are kept first: where another's word is missing, none of
        them is lost, and all are sent later."""
        if any(demand_of(batch, state) for batch in batches):
            for batch in batches:
                self.pending.keep(batch)
        return [self(batch, state) for batch in batches]

    def gather(self, batch: Batch, state: State) -> tuple[bytes, ...]:
        """Return exactly the attestations that the facts of `batch` need, in the order of the log.

        `UnavailableError` where some are still missing, saying who was asked: the batch waits in `pending/`.
        `InputError` where so many refuse that it can never be recorded.
        """
        demand = demand_of(batch, state)
        if not demand:
            return ()
        key = self.pending.keep(batch)
        inquiry = _Inquiry(batch, state, demand, self.holder.author.organisation, types=self.holder.log.types)
        try:
            if demand.holders:
                inquiry.holdings[self.holder.author.organisation] = self.holder.hold_own(batch)
            self._ask(inquiry, pack_parcel(replace(batch, attestations=())))
            return inquiry.result()
        except InputError:
            self.pending.drop(key)
            raise

    def _ask(self, inquiry: _Inquiry, parcel: bytes) -> None:
        until = self.clock() + self.seconds
        spare = _rotated(self.members, inquiry.key)
        running: dict[Future[bytes | None], tuple[Purpose, Member]] = {}
        pool = ThreadPoolExecutor(_ASKED_AT_ONCE_MAX, thread_name_prefix="attest")

        def send(purpose: Purpose, member: Member) -> None:
            running[pool.submit(self._answer, inquiry, purpose, member, parcel, until)] = purpose, member

        try:
            for member in spare:
                if inquiry.able(member.organisation):
                    send(Purpose.ENDORSEMENT, member)
            while True:
                lacking = inquiry.holders_lacking()
                asked = sum(purpose is Purpose.HOLDING for purpose, _ in running.values())
                for _ in range(min(lacking - asked, len(spare))):
                    send(Purpose.HOLDING, spare.pop(0))
                left = until - self.clock()
                if not running or left <= 0 or (not lacking and inquiry.endorsed()):
                    return
                done, _ = wait(running, timeout=left, return_when=FIRST_COMPLETED)
                for future in done:
                    inquiry.note(*running.pop(future), future)
        finally:
            for purpose, member in running.values():
                inquiry.troubles.setdefault((purpose, member.name), "has not answered yet")
            pool.shutdown(wait=False, cancel_futures=True)

    def _answer(self, inquiry: _Inquiry, purpose: Purpose, member: Member, parcel: bytes, until: float) -> bytes | None:
        """Return a member's attestation, verified, or None where it has not decided."""
        left = until - self.clock()
        if left <= 0:
            raise UnavailableError(f"{member.name} was not asked in time", "send it again")
        answer = self.client.post(member, _PATHS[purpose], parcel, bytes_max=_ANSWER_BYTES_MAX, seconds=left)
        return None if answer.status == 202 else inquiry.verified(answer, purpose, member)


@dataclass(slots=True)
class _Inquiry:
    """What was asked about one batch, and what has come."""

    batch: Batch
    state: State
    demand: Demand
    own: bytes
    types: Mapping[int, FactType]
    holdings: dict[bytes, bytes] = field(default_factory=dict)
    endorsements: dict[bytes, bytes] = field(default_factory=dict)
    refusals: dict[tuple[Purpose, str], str] = field(default_factory=dict)
    troubles: dict[tuple[Purpose, str], str] = field(default_factory=dict)

    @property
    def key(self) -> bytes:
        """The subject of every attestation: the leaf hash of the header."""
        return leaf_hash(self.batch.header)

    def able(self, organisation: bytes) -> set[int]:
        """Return the types for which an organisation's endorsement counts."""
        held = self.state.members.get(organisation, frozenset())
        return {tag for tag in self.demand.endorsers if held & frozenset(map(int, self.types[tag].capacities))}

    def holders_lacking(self) -> int:
        """Return how many more must hold the data."""
        return max(self.demand.holders - len(self.holdings), 0)

    def endorsed(self) -> bool:
        """Tell whether enough stand behind every type."""
        return self._enough(sorted(self.endorsements))

    def verified(self, answer: Answer, purpose: Purpose, member: Member) -> bytes:
        """Return the attestation in an answer, or raise `IntegrityError` where it would not be admitted."""
        try:
            one = unpack_attestation(answer.body)
        except InputError as error:
            raise IntegrityError(f"{member.name} answers no attestation", "ask another member") from error
        key = self.state.keys.get(one.key_id)
        right = one.purpose is purpose and one.subject == self.key and one.organisation == member.organisation
        known = key is not None and key.organisation == member.organisation and key.revoked_at is None
        if not right or key is None or not known or len(answer.body) != ATTESTATION_BYTES:
            raise IntegrityError(f"{member.name} attests something else", "ask another member")
        if not attestations.verify(answer.body, key.public_key, origin=self.state.origin):
            raise IntegrityError(f"the attestation of {member.name} is not signed by it", "ask another member")
        return answer.body

    def note(self, purpose: Purpose, member: Member, future: Future[bytes | None]) -> None:
        """Take in how a member answered."""
        try:
            found = future.result()
        except InputError as error:
            self.refusals[purpose, member.name] = error.message
        except CantoriaError as error:
            self.troubles[purpose, member.name] = error.message
        else:
            if found is None:
                self.troubles[purpose, member.name] = "is asked, and a person there decides"
            elif purpose is Purpose.HOLDING:
                self.holdings[member.organisation] = found
            else:
                self.endorsements[member.organisation] = found

    def result(self) -> tuple[bytes, ...]:
        """Return what is needed and no more, or raise for what is missing."""
        lacking = self.holders_lacking()
        if lacking or not self.endorsed():
            raise self._missing(lacking)
        chosen = sorted(self.endorsements)
        for organisation in list(chosen):
            fewer = [one for one in chosen if one != organisation]
            if self._enough(fewer):
                chosen = fewer
        holders = [self.own, *sorted(set(self.holdings) - {self.own})][: self.demand.holders]
        return attestations.in_order(
            [*(self.endorsements[one] for one in chosen), *(self.holdings[one] for one in holders)]
        )

    def _enough(self, organisations: Sequence[bytes]) -> bool:
        able = [self.able(one) for one in organisations]
        return all(sum(tag in one for one in able) >= count for tag, count in self.demand.endorsers.items())

    def _missing(self, lacking: int) -> InputError | UnavailableError:
        parts = [f"{lacking} more must hold its data"] if lacking else []
        parts += [] if self.endorsed() else ["its endorsement is not complete"]
        said = {**self.refusals, **self.troubles}
        words = [f"asked to {_WORDS[purpose]}, {who}: {what}" for (purpose, who), what in sorted(said.items())]
        message = f"batch {self.key.hex()[:16]} cannot be recorded yet: {', '.join(parts)}"
        context = {"asked": json.dumps(words, ensure_ascii=False)} if words else {}
        if self.refusals and not self.troubles:
            return InputError(f"{message}; nobody is left to ask", "mend what they refuse, and record it anew", context)
        remedy = "do not record it again: it waits; see `cantoria endorsement list`, then `cantoria endorsement send`"
        return UnavailableError(message, remedy, context)


def _rotated(members: Sequence[Member], key: bytes) -> list[Member]:
    """Return the members, beginning with another one for every batch, so that all come to hold their part."""
    ordered = sorted(members, key=lambda one: one.organisation)
    first = int.from_bytes(key[:8], "big") % len(ordered) if ordered else 0
    return ordered[first:] + ordered[:first]
