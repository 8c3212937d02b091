"""The embedded engine: one process orders the log, many threads may append, every commit is durable before its answer.

A checkpoint is signed only after the commit. After any failure the engine reads its state back before the next write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cantoria.adapters import ledger_intake as intake
from cantoria.adapters.group_commit import GroupCommit, Job, erases, withdraw
from cantoria.adapters.log_face import LogFace
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import FactType
from cantoria.ledger import ed25519
from cantoria.ledger.batch import Batch
from cantoria.ledger.governance import AddKey, AdmitMember, Change, Genesis, RevokeKey, seal_record
from cantoria.ledger.machine import Admitted, Applied, Block, Rejected, Result
from cantoria.ledger.notes import Checkpoint, NoteKey, sign_checkpoint
from cantoria.ledger.ports import Clock, Head, LedgerStore, Receipt, Refusal, Write
from cantoria.ledger.reasons import REMEDY, Reason
from cantoria.ledger.recovery import Audit, recover
from cantoria.ledger.tiles import Edge


class EmbeddedEngine(LogFace):
    """`Sequencer` over a `LedgerStore`. Make one with `EmbeddedEngine.open`."""

    def __init__(
        self, store: LedgerStore, *, origin: str, signer: ed25519.Signer, types: Mapping[int, FactType], clock: Clock
    ) -> None:
        super().__init__(store, key=NoteKey(origin, signer.public_key), types=types, seen=self._seen)
        self._signer = signer
        self._clock = clock
        self._edge = Edge()
        self._newest = b""
        self._stale = True
        self._group = GroupCommit(self._commit, spoilt=self._spoil)
        self._writer = self._group.writer

    @classmethod
    def open(
        cls, store: LedgerStore, *, origin: str, signer: ed25519.Signer, types: Mapping[int, FactType], clock: Clock
    ) -> EmbeddedEngine:
        """Return the engine on `store`, checked; an empty store becomes a new log with its genesis record.

        Raises `IntegrityError` when what is stored contradicts itself, the last checkpoint, or this origin and key.
        """
        engine = cls(store, origin=origin, signer=signer, types=types, clock=clock)
        with engine._writer:
            engine._load()
            if engine.size == 0:
                engine.govern(Genesis(origin, signer.public_key))
        return engine

    @property
    def size(self) -> int:
        """How many entries the log has."""
        return self._edge.size

    def append(self, batches: Sequence[Batch], *, together: bool = False) -> tuple[Receipt | Refusal, ...]:
        """Record batches durably in one commit; one answer each, in order. A refused batch leaves no trace.

        `together`: when one is refused none is recorded (the others answer `neighbour_refused`). Sending a recorded
        batch again answers with its first place. `UnavailableError` = retry with the same batches.
        """
        return self._group.wait(Job(tuple(batches), together=together))

    def erase(self, targets: Sequence[int], *, batch: Batch) -> Receipt | Refusal:
        """Record the `BodyErased` facts in `batch` and destroy the bodies at the indices `targets`, in one commit.

        The n-th fact of the batch must name the fact at the n-th target, else `InputError`.
        """
        entries = [self._entry(index) for index in targets]
        intake.check_erasure(batch, entries)
        answer = self._group.wait(Job((batch,), tuple(targets)))[0]
        if isinstance(answer, Receipt):
            self._store.scrub()
        return answer

    def refresh(self) -> None:
        """Take in what another process wrote to the store since it was read."""
        with self._writer:
            stored = self._store.head()
            if self._stale or stored.size != self.size:
                self._load()

    def govern(self, change: Change) -> int:
        """Record a change of members or keys, signed by the operator; return its leaf index."""
        with self._writer:
            self._refresh()
            sequence = self.state.governed
            return self.submit_record(seal_record(change, sequence=sequence, origin=self.origin, signer=self._signer))

    def submit_record(self, entry: bytes) -> int:
        """Record a governance record that is signed already (a proposal, a vote …); return its leaf index.

        `InputError` with the reason when it is not admitted.
        """
        with self._writer:
            self._refresh()
            applied = self._machine.apply(Block((entry,), self._clock()))
            result = applied.results[0]
            if not isinstance(result, Admitted):
                raise InputError(f"the change is not admitted: {result.reason.value}", REMEDY[result.reason])
            self._store_applied(applied, [], ())
            return result.index

    def admit_member(self, organisation: bytes, capacities: frozenset[int]) -> int:
        """Let an organisation (16-byte id) record in these capacities; return the leaf index."""
        return self.govern(AdmitMember(organisation, capacities))

    def add_key(self, organisation: bytes, public_key: bytes, *, valid_from: int = 0) -> int:
        """Register a member's signing key; return the leaf index."""
        return self.govern(AddKey(organisation, public_key, valid_from))

    def revoke_key(self, key_id: bytes) -> int:
        """Accept nothing more under this key; return the leaf index."""
        return self.govern(RevokeKey(key_id))

    def verify_deep(self) -> Audit:
        """Recompute the whole log from its entries; `IntegrityError` names the first thing that does not agree."""
        with self._writer:
            return super().verify_deep()

    def close(self) -> None:
        """Release the store."""
        with self._writer:
            self._store.close()

    def _commit(self, jobs: Sequence[Job]) -> None:
        self._refresh()
        now = self._clock()
        for job in jobs:
            job.refused = [
                intake.refusal(batch, self._machine, types=self._types, now=now, erasing=bool(job.erasures))
                for batch in job.batches
            ]
            withdraw(job, job.refused)
        applied, pairs = self._admit(jobs, now)
        if applied.entries:
            erasures = tuple((index, now) for job in jobs if erases(job, pairs) for index in job.erasures)
            self._store_applied(applied, pairs, erasures)
        self._answer(jobs, iter([result for _, result in pairs]))

    def _admit(self, jobs: Sequence[Job], now: int) -> tuple[Applied, list[tuple[Batch, Result]]]:
        """Apply what is not refused; a job that must stand together and does not is withdrawn, then again."""
        while True:
            offered = [(job, number) for job in jobs for number, one in enumerate(job.refused) if one is None]
            accepted = tuple(job.batches[number] for job, number in offered)
            applied = self._machine.apply(Block(accepted, now))
            for (job, number), result in zip(offered, applied.results, strict=True):
                if (
                    job.together
                    and isinstance(result, Rejected)
                    and intake.place_of(job.batches[number], self._store, size=self.size) is None
                ):
                    job.refused[number] = Refusal(result.reason, result.position)
                    withdraw(job, job.refused)
                    break
            else:
                return applied, list(zip(accepted, applied.results, strict=True))

    def _store_applied(
        self,
        applied: Applied,
        by_batch: Sequence[tuple[Batch, Result]],
        erasures: tuple[tuple[int, int], ...],
    ) -> None:
        self._stale = True  # until all of this is done
        edge, changed = self._edge.extend(applied.leaves)
        self._store.commit(
            Write(
                first=applied.first,
                entries=applied.entries,
                facts=applied.facts,
                bodies=intake.bodies_beside(by_batch),
                governance=applied.governance,
                tiles=changed,
                head=Head(edge.size, edge.frontier()),
                before=Head(self._edge.size, self._edge.frontier()),
                erasures=erasures,
            )
        )
        self._machine.adopt(applied)
        self._edge = edge
        if applied.facts:
            self._newest = max(self._newest, max(applied.fact_ids))
        self._sign()
        self._stale = False

    def _sign(self) -> None:
        checkpoint = Checkpoint(self.origin, self._edge.size, self._edge.root())
        note = sign_checkpoint(checkpoint, signer=self._signer)
        self._store.save_checkpoint(checkpoint.size, note=note)
        self._reader.advance(checkpoint, note)

    def _answer(self, jobs: Sequence[Job], results: Iterator[Result]) -> None:
        checkpoint, note = self._reader.present()
        for job in jobs:
            answers: list[Receipt | Refusal] = []
            for batch, refused in zip(job.batches, job.refused, strict=True):
                result = refused or next(results)
                if isinstance(result, Admitted):
                    answers.append(Receipt(result.index + 1, result.entries - 1, checkpoint, note))
                    continue
                place = (
                    intake.place_of(batch, self._store, size=self.size)
                    if result.reason is Reason.FACT_REPLAYED
                    else None
                )
                if place is not None:
                    answers.append(Receipt(place, len(batch.envelopes), checkpoint, note, repeated=True))
                else:
                    answers.append(Refusal(result.reason, result.position))
            job.answers = tuple(answers)

    def _seen(self, fact_ids: Sequence[bytes]) -> set[bytes]:
        """Ids only rise with time, so most batches are above all that is recorded: no look-up then."""
        if min(fact_ids) > self._newest:
            return set()
        return self._store.seen(fact_ids)

    def _spoil(self) -> None:
        self._stale = True

    def _refresh(self) -> None:
        if self._stale:
            self._load()

    def _load(self) -> None:
        found = recover(self._store, key=self._key)
        self._edge = found.edge
        self._machine.restore(found.state, size=found.edge.size)
        self._newest = self._store.newest_fact() or b""
        if found.checkpoint is not None and found.checkpoint.size == found.edge.size:
            self._reader.advance(found.checkpoint, found.note)
        elif found.edge.size:
            self._sign()
        self._stale = False
