"""Say stop, no, ask or yes for somebody, and take it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from cantoria.app.codec import bytes_to_sign, with_signature
from cantoria.app.house import House
from cantoria.app.ports import Author, Receipt
from cantoria.consent.facts import StatementMade, StatementWithdrawn
from cantoria.consent.types import ANYONE, NO_CONDITIONS, Conditions, LicenseeTerm, Scope, Verdict
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Fact, Recorded
from cantoria.kernel.ids import DelegationId, PartyId, StatementId
from cantoria.kernel.periods import ALWAYS, Period
from cantoria.kernel.uses import Use

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What somebody wants to say. `speaker` is who says it (default: the party itself)."""

    party: PartyId
    verdict: Verdict
    uses: frozenset[Use]
    scope: Scope
    speaker: PartyId | None = None
    licensee: LicenseeTerm = ANYONE
    territory: str = territories.WORLD
    period: Period = ALWAYS
    conditions: Conditions = NO_CONDITIONS
    delegation: DelegationId | None = None


def statement_of(house: House, saying: Saying) -> StatementMade:
    """Return the statement, signed by the speaker's key where this house keeps it."""
    if not saying.uses:
        raise InputError("the statement names no use", "name at least one, such as train_generative")
    fact = StatementMade(
        statement=StatementId(house.ids.new("statement")),
        party=saying.party,
        speaker=saying.speaker or saying.party,
        verdict=saying.verdict,
        uses=saying.uses,
        scope=saying.scope,
        licensee=saying.licensee,
        territory=territories.canonical(saying.territory),
        period=saying.period,
        conditions=saying.conditions,
        delegation=saying.delegation,
    )
    return sign(house, fact, speaker=fact.speaker)


def sign(house: House, fact: F, *, speaker: str) -> F:
    """Return the fact signed by the speaker, or unchanged when this house keeps no key of theirs."""
    signature = house.vault.sign(speaker, bytes_to_sign(fact))
    if signature is None:
        return fact
    signed: F = with_signature(fact, signature)
    return signed


def say(house: House, saying: Saying, *, author: Author) -> Receipt:
    """Record the statement and return its receipt.

    A yes that nobody signed would have no effect, so it is refused here: the speaker signs, or the organisation that
    records is itself the speaker. Refusals need no formality.
    """
    return say_all(house, [saying], author=author)[0]


def say_all(house: House, sayings: Sequence[Saying], *, author: Author) -> list[Receipt]:
    """Record several statements in one step, all or none, each as `say` does; return the receipts."""
    facts = [statement_of(house, one) for one in sayings]
    for fact in facts:
        if fact.verdict is Verdict.YES and fact.signature is None and fact.speaker != author.party:
            raise InputError(
                f"a yes of {fact.speaker} needs their own signature and their key is not kept here",
                "let them sign, or say it through the organisation that keeps their account",
            )
    return house.journal.record(facts, author=author)


def withdraw(house: House, statement: str, *, author: Author, at: int | None = None, by: str | None = None) -> Receipt:
    """End a statement from `at` on (default: now), signed by `by` (default: its speaker) where this house keeps the
    key: taking a refusal back needs the word of its speaker or party. What happened before stays as it was."""
    made = find_statement(house, statement)
    fact = StatementWithdrawn(statement=made.fact.statement, at=house.clock.now() if at is None else at)
    return house.journal.record([sign(house, fact, speaker=by or made.fact.speaker)], author=author)[0]


def find_statement(house: House, statement: str) -> Recorded[StatementMade]:
    """Return the recorded statement of this id, or raise `InputError`."""
    found = house.index.about([statement], tags=[StatementMade.TYPE.tag])
    mine = [recorded for recorded in found if recorded.fact.statement == statement]
    if not mine:
        raise InputError(f"no statement {statement}", "copy the id from a receipt or `cantoria consent show`")
    return mine[0]
