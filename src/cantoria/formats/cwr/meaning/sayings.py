"""What a transaction says of works by the sender's numbers, stated once the scribe knows which works they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cantoria import codes
from cantoria.formats.csvfamily.desk import derived_id
from cantoria.formats.entries import Chain, Code, Scribe
from cantoria.kernel.facts import Source
from cantoria.kernel.ids import LinkId, PartyId, WorkId
from cantoria.registry.answer_facts import AnswerMessage, AnswerStatus, RegistrationAnswered
from cantoria.registry.facts import LinkAsserted
from cantoria.registry.trade_facts import ChainAsserted
from cantoria.registry.types import Relation, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """`answered_by` answered to the registration of the work with the sender's number `work`. `about` tells this answer
    from others of the same answerer: file, group and transaction that were answered to."""

    work: str
    answered_by: str
    status: AnswerStatus
    said_at: int
    transaction: str
    their_number: str = ""
    messages: tuple[AnswerMessage, ...] = ()
    about: tuple[str, ...] = ()

    def facts(self, scribe: Scribe, source: Source) -> Iterator[Any]:
        """Give the answer; raises `InputError` when the work is not known."""
        work = scribe.refer(self.work, "work")
        sender = str(scribe.context.sender)
        about = (sender, self.answered_by, work, self.status, str(self.said_at), self.transaction, *self.about)
        yield RegistrationAnswered(
            answer=derived_id("answer", *about),
            work=WorkId(work),
            answered_by=self.answered_by,
            status=self.status,
            said_at=self.said_at,
            transaction=self.transaction,
            their_number=self.their_number,
            messages=self.messages,
            source=source,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """`by` says that a code names the work with the sender's number `work`."""

    work: str
    code: Code
    by: str

    def facts(self, scribe: Scribe, source: Source) -> Iterator[Any]:
        """Give the link, unless it is on record; raises `InputError` when the work is not known."""
        work = scribe.refer(self.work, "work")
        left = codes.key(*self.code)
        link = LinkId(derived_id("link", str(scribe.context.sender), self.by, left, work))
        if link not in scribe.context.links_between(left, Relation.IDENTIFIES, work):
            yield LinkAsserted(
                link=link,
                left=left,
                relation=Relation.IDENTIFIES,
                right=work,
                asserted_by=self.by,
                tier=Tier.DOCUMENTED,
                source=source,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Retracted:
    """The sender takes back what it claims of the work with its number `work`."""

    work: str

    def facts(self, scribe: Scribe, source: Source) -> Iterator[Any]:
        """Give the withdrawals, and the end of collections and chains; raises `InputError` when the work is unknown."""
        work = scribe.refer(self.work, "work")
        yield from scribe.stale(work, ())
        yield from scribe.ended(work, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """An agreement of the sender: a chain link that no work is named for, under the agreement's own number."""

    number: str
    chain: Chain

    def facts(self, scribe: Scribe, source: Source) -> Iterator[Any]:
        """Give the link."""
        one = self.chain
        subject = scribe.own(self.number)
        grantor = scribe.refer(one.grantor, "party") if one.grantor else ""
        acquirer = scribe.refer(one.acquirer, "party")
        about = (str(scribe.context.sender), subject, grantor, acquirer, one.territory, str(one.period.start))
        yield ChainAsserted(
            chain=derived_id("chain", *about),
            subject=subject,
            grantor=grantor,
            acquirer=PartyId(acquirer),
            kind=one.kind,
            territory=one.territory,
            period=one.period,
            agreement=one.agreement,
            source=source,
        )
