"""Recording facts: bodies are encoded, sealed into batches signed by their author, and appended in one step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cantoria.app.codec import body_of
from cantoria.app.ports import Author, Clock, Entropy, Receipt
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Fact, Recorded
from cantoria.kernel.ids import uuid_of
from cantoria.ledger.batch import BATCH_MAX, Batch, Draft, FactIds, seal
from cantoria.ledger.batch import Author as BatchAuthor
from cantoria.ledger.envelope import fact_id_text, unpack
from cantoria.ledger.facts import BodyErased, ErasureBasis
from cantoria.ledger.ports import Receipt as LedgerReceipt
from cantoria.ledger.ports import Refusal, Sequencer

FACTS_MAX: Final = 1_000_000  # facts per commit: bounds memory


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
            if author.capacity not in fact.TYPE.capacities:
                raise InputError(
                    f"{author.name} cannot record {fact.TYPE.name} as {author.capacity.name.lower()}",
                    "record it by an organisation in one of the capacities "
                    + ", ".join(sorted(one.name.lower() for one in fact.TYPE.capacities)),
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
        return self.sequencer.erase([target.index for target in targets], batch=batch)

    def size(self) -> int:
        """The number of leaves."""
        return self.sequencer.size

    def seal(self, facts: Sequence[Fact], *, author: Author) -> Batch:
        """Return up to 1,000 facts as a batch signed by the author, without appending it."""
        now = self.clock.now()
        drafts = [Draft(fact.TYPE, body_of(fact), fact.subjects(), author.capacity, now) for fact in facts]
        return seal(drafts, self._signer(author), ids=self.fact_ids, entropy=self.entropy.token, claimed_at=now)

    def _signer(self, author: Author) -> BatchAuthor:
        return BatchAuthor(uuid_of(author.party, prefix="party"), author.signer, self.sequencer.origin)

    def _append(self, facts: Sequence[Fact], author: Author) -> list[Receipt]:
        parts = [facts[start : start + BATCH_MAX] for start in range(0, len(facts), BATCH_MAX)]
        batches = [self.seal(part, author=author) for part in parts]
        answers = self.sequencer.append(batches, together=True)
        receipts: list[Receipt] = []
        for part, batch, answer in zip(parts, batches, answers, strict=True):
            if isinstance(answer, Refusal):
                raise InputError(f"the ledger refused the batch: {answer.explain()}")
            for position, (fact, envelope) in enumerate(zip(part, batch.envelopes, strict=True)):
                fact_id = fact_id_text(unpack(envelope).fact_id)
                receipts.append(Receipt(answer.index + position, fact_id, fact))
        return receipts
