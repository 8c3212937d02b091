"""The consortium engine as a house sees it: what it records goes through the chain, what it reads lies beside it.

The node's processes write `ledger.db`; this one queues batches in the node's intake, waits until the validators have
decided and cosigned, and reads the log as of the last cosigned checkpoint.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from cantoria.adapters import ledger_intake
from cantoria.adapters.cometbft.intake import Intake, Outcome, Stage, key_of
from cantoria.adapters.log_face import LogFace
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.kernel.facts import FactType
from cantoria.ledger.batch import Batch
from cantoria.ledger.notes import NoteKey, open_checkpoint
from cantoria.ledger.ports import Clock, LedgerStore, Receipt, Refusal
from cantoria.ledger.reasons import REMEDY, Reason
from cantoria.ledger.recovery import Governed
from cantoria.ledger.state import State

WAIT_SECONDS: Final = 30.0
_LOOK_SECONDS: Final = 0.05

Attest = Callable[[Sequence[Batch], State], Sequence[Batch]]
"""Returns the batches with the attestations that the state demands in front of each; where some are missing it keeps
all of the batches for later and raises `UnavailableError`."""


class ConsortiumEngine(LogFace):
    """`Sequencer` over a node's log and intake."""

    def __init__(
        self,
        store: LedgerStore,
        intake: Intake,
        *,
        key: NoteKey,
        types: Mapping[int, FactType],
        clock: Clock,
        attest: Attest,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        super().__init__(store, key=key, types=types, seen=lambda _: set())
        self._intake = intake
        self._clock = clock
        self._attest = attest
        self._wait_seconds = wait_seconds
        self._governed = Governed(store)
        self.refresh()

    @property
    def size(self) -> int:
        """How many entries the last cosigned checkpoint covers."""
        return self._reader.present()[0].size

    def refresh(self) -> None:
        """Take in what the node has stored since: the newest cosigned checkpoint, and governance."""
        note = self._store.checkpoint()
        if note is None:
            raise UnavailableError("the node's log has no checkpoint yet", "start the node, then retry")
        self._reader.advance(open_checkpoint(note, key=self._key), note)
        size = self._store.head().size
        self._machine.restore(self._governed.at(size), size=size)

    def finish(self) -> None:
        """Wait until all that was queued here before is decided, and can be read.

        A command that ended without its answer left its batches behind; to repeat it before it is known what became of
        them would record everything twice. `UnavailableError` where the chain does not decide.
        """
        keys, highest = self._intake.unfinished()
        self._decided(keys, above=highest)

    def append(self, batches: Sequence[Batch], *, together: bool = False) -> tuple[Receipt | Refusal, ...]:
        """Have batches recorded; one answer each, in order, once they are decided and a quorum has cosigned.

        What stands `together` is proposed in one block as long as one can hold it, and in order beyond that.
        `UnavailableError` = the chain has not decided yet: they stay queued, and asking again with the same batches
        gives their place.
        """
        self.refresh()
        refused = [self._refusal(batch, erasing=False) for batch in batches]
        if together and any(refused):
            return tuple(one or Refusal(Reason.NEIGHBOUR_REFUSED) for one in refused)
        sent = self._attested([batch for batch, one in zip(batches, refused, strict=True) if one is None])
        groups = [sent] if together else [[batch] for batch in sent]
        keys = [key for group in groups if group for key in self._intake.put(group)]
        outcomes = iter(self._decided(keys))
        return tuple(one or self._answer(batch, next(outcomes)) for batch, one in zip(batches, refused, strict=True))

    def erase(self, targets: Sequence[int], *, batch: Batch) -> Receipt | Refusal:
        """Have the `BodyErased` facts in `batch` recorded; the bodies at `targets` go with its commit, here and, as the
        news arrives, at every member who holds them."""
        self.refresh()
        ledger_intake.check_erasure(batch, [self._entry(index) for index in targets])
        refused = self._refusal(batch, erasing=True)
        if refused is not None:
            return refused
        outcome = self._decided(self._intake.put(self._attested([batch]), erasures=targets))[0]
        return self._answer(batch, outcome)

    def submit_record(self, entry: bytes) -> int:
        """Have a signed governance record recorded; return its leaf index."""
        self.refresh()
        outcome = self._decided(self._intake.put([entry]))[0]
        if outcome.place is None:
            reason = Reason(outcome.reason or Reason.MALFORMED)
            raise InputError(f"the record is not admitted: {reason.value}", REMEDY[reason])
        self.refresh()
        return outcome.place

    def close(self) -> None:
        """Release the store and the queue."""
        self._intake.close()
        self._store.close()

    def _attested(self, batches: Sequence[Batch]) -> list[Batch]:
        """Return the batches as they are to be queued; nobody is asked again about one that is queued already."""
        outcomes = [self._intake.outcome(key_of(batch)) for batch in batches]
        queued = [one is not None and one.stage is not Stage.REFUSED for one in outcomes]
        asked = [batch for batch, known in zip(batches, queued, strict=True) if not known]
        attested = iter(self._attest(asked, self.state) if asked else ())
        return [batch if known else next(attested) for batch, known in zip(batches, queued, strict=True)]

    def _refusal(self, batch: Batch, *, erasing: bool) -> Refusal | None:
        return ledger_intake.refusal(batch, self._machine, types=self._types, now=self._clock(), erasing=erasing)

    def _decided(self, keys: Sequence[bytes], *, above: int = -1) -> list[Outcome]:
        """Wait until every item is decided, and what is committed, and entry `above` too, is cosigned."""
        until = time.monotonic() + self._wait_seconds
        while True:
            outcomes = [self._intake.outcome(key) for key in keys]
            decided = [one for one in outcomes if one is not None and one.stage is not Stage.QUEUED]
            if len(decided) == len(keys):
                highest = max([above, *(one.place for one in decided if one.place is not None)])
                self.refresh()
                if highest < self.size:
                    return decided
            if time.monotonic() > until:
                waiting = len(keys) - len(decided)
                what = f"{waiting} batches are not decided" if waiting else "the last checkpoint is not cosigned"
                raise UnavailableError(
                    f"{what} after {self._wait_seconds:g} s: the chain may lack its quorum",
                    "see `cantoria node status`; what is queued will be recorded when the chain goes on",
                )
            time.sleep(_LOOK_SECONDS)

    def _answer(self, batch: Batch, outcome: Outcome) -> Receipt | Refusal:
        if outcome.place is None:
            return Refusal(Reason(outcome.reason or Reason.MALFORMED), outcome.position)
        checkpoint, note = self._reader.present()
        return Receipt(outcome.place + 1, len(batch.envelopes), checkpoint, note)
