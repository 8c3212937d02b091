"""Recording facts: bodies are encoded, sealed into batches signed by their author, and appended in one step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from cantoria.app.codec import body_of
from cantoria.app.fact_types import BY_TAG
from cantoria.app.ports import Author, Clock, Entropy, Receipt
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.kernel.facts import Capacity, Fact, Recorded
from cantoria.kernel.ids import uuid_of
from cantoria.ledger.batch import BATCH_MAX, Batch, Draft, FactIds, seal
from cantoria.ledger.batch import Author as BatchAuthor
from cantoria.ledger.envelope import FACT_ID, fact_id_text
from cantoria.ledger.facts import BodyErased, ErasureBasis
from cantoria.ledger.ports import Receipt as LedgerReceipt
from cantoria.ledger.ports import Refusal, Sequencer

T = TypeVar("T")
FACTS_MAX: Final = 1_000_000  # facts per commit: bounds memory
ATTEMPTS_MAX: Final = 3


@dataclass(slots=True)
class LedgerJournal:
    """Appends facts to a sequencer on behalf of organisations whose keys are here. See `app.ports.Journal`."""

    sequencer: Sequencer
    clock: Clock
    entropy: Entropy
    fact_ids: FactIds

    def record(self, facts: Sequence[Fact], *, author: Author) -> list[Receipt]:
        """Append the facts in order and return a receipt for each.

        Everything is checked before anything is written: types against the author's capacity, sizes, encodability.
        The whole list becomes one durable commit: after a crash either all of it is recorded or nothing is.
        """
        if not facts:
            return []
        if len(facts) > FACTS_MAX:
            raise InputError(f"{len(facts)} facts at once are more than {FACTS_MAX}", "split the file")
        for fact in facts:
            if BY_TAG.get(fact.TYPE.tag) is not type(fact):
                raise InputError(f"{type(fact).__name__} is no fact type of this ledger", "register the type first")
            if author.capacity not in fact.TYPE.capacities:
                raise InputError(
                    f"{author.name} cannot record {fact.TYPE.name} as {author.capacity.name.lower()}",
                    "record it by an organisation in one of the capacities "
                    + ", ".join(sorted(Capacity(one).name.lower() for one in fact.TYPE.capacities)),
                )
        return self._append(facts, author)

    def erase(
        self, targets: Sequence[Recorded[Any]], *, basis: ErasureBasis, author: Author
    ) -> LedgerReceipt | Refusal:
        """Record and carry out the erasure of up to 1,000 bodies in one step."""
        now = self.clock.now()
        facts = [BodyErased(fact_id_text(bytes.fromhex(target.fact_id)), basis) for target in targets]
        drafts = [Draft(one.TYPE, one.body(), one.subjects(), author.capacity, now) for one in facts]
        batch = seal(drafts, self._signer(author), ids=self.fact_ids, entropy=self.entropy.token, claimed_at=now)
        places = [target.index for target in targets]
        return self._persist(lambda: self.sequencer.erase(places, batch=batch))

    def size(self) -> int:
        """The number of leaves."""
        return self.sequencer.size

    def seal(self, facts: Sequence[Fact], *, author: Author) -> Batch:
        """Return up to 1,000 facts as a batch signed by the author, without appending it."""
        now = self.clock.now()
        drafts = [Draft(fact.TYPE, body_of(fact), fact.subjects(), author.capacity, now) for fact in facts]
        return seal(drafts, self._signer(author), ids=self.fact_ids, entropy=self.entropy.token, claimed_at=now)

    def _persist(self, send: Callable[[], T]) -> T:
        """Send the same batches again while the ledger is unavailable, a few times.

        A batch that was recorded although its answer was lost is answered with its place, never recorded twice; and
        where another process wrote first, the engine has read its state back by the second try.
        """
        for _ in range(ATTEMPTS_MAX - 1):
            with suppress(UnavailableError):
                return send()
        return send()

    def _signer(self, author: Author) -> BatchAuthor:
        return BatchAuthor(uuid_of(author.party, prefix="party"), author.signer, self.sequencer.origin)

    def _append(self, facts: Sequence[Fact], author: Author) -> list[Receipt]:
        parts = [facts[start : start + BATCH_MAX] for start in range(0, len(facts), BATCH_MAX)]
        batches = [self.seal(part, author=author) for part in parts]
        answers = self._persist(lambda: self.sequencer.append(batches, together=True))
        receipts: list[Receipt] = []
        for part, batch, answer in zip(parts, batches, answers, strict=True):
            if isinstance(answer, Refusal):
                raise InputError(f"the ledger refused the batch: {answer.explain()}")
            for position, (fact, envelope) in enumerate(zip(part, batch.envelopes, strict=True)):
                receipts.append(Receipt(answer.index + position, fact_id_text(envelope[FACT_ID]), fact))
        return receipts
