"""Settle conflicts: find the open cases, answer, escalate and decide them, and see what money waits for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cantoria.app import rights, waiting
from cantoria.app.house import House
from cantoria.app.ports import Author, Receipt
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Fact
from cantoria.kernel.ids import ClaimId, LinkId, PartyId
from cantoria.registry import Case, CaseKind, PartyKind, Registry, Relation, Tier
from cantoria.registry import facts as registry_facts
from cantoria.registry.ageing import Ageing, ageing
from cantoria.registry.conflict_facts import CaseAnswered, CaseDecided, CaseEscalated, Stance
from cantoria.registry.standing import REGISTERS
from cantoria.registry.trade_facts import ChainAsserted, ChainKind, LinkWithdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a party to a case says. `files` are documents, kept as attachments. `withdraw` are ids (of `Case.about`) of
    claims and links that the author recorded and takes back with the answer, claims from their beginning."""

    party: str
    stance: Stance
    text: str = ""
    files: tuple[bytes, ...] = ()
    withdraw: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a register decides: the ids (of `Case.about`) that stand and fall, and why.

    A claim falls from `since` on (UTC microseconds), else from its beginning. Where a claim stands in a broken chain of
    title, `grantor` names the holder from whom the register found that the claimant has its rights.
    """

    outcome: str
    stands: tuple[str, ...] = ()
    falls: tuple[str, ...] = ()
    since: int | None = None
    grantor: str = ""
    files: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Statistics:
    """The ageing of all open cases, and disputed money for which no open case of the registry accounts (fine units by
    currency): an attribution that is disputed, or a case settled since the last distribution."""

    rows: tuple[Ageing, ...]
    elsewhere: Mapping[str, int]


def open_cases(
    house: House, *, subjects: Sequence[str] = (), size: int | None = None, at: int | None = None
) -> tuple[Case, ...]:
    """Return the open cases, the oldest first: all of them, or those about these subjects (ids or code keys) and about
    the works and recordings that they carry with them; as of a ledger size and a moment, by default the present."""
    size = house.index.catch_up() if size is None else size
    now = house.clock.now() if at is None else at
    if not subjects:
        return house.rights.load(size=size).registry.cases(now)
    registry = rights.load_around(house.index, subjects=subjects, size=size).registry
    return registry.cases_of(*_around(registry, subjects), at=now)


def _around(registry: Registry, subjects: Sequence[str]) -> tuple[str, ...]:
    things = dict.fromkeys(subjects)
    for subject in subjects:
        for thing in registry.named_by(subject) if ":" in subject else (subject,):
            closure = registry.closure(thing)
            things.update(dict.fromkeys((thing, *closure.recordings, *closure.works)))
    return tuple(things)


def find(house: House, case: str, *, subject: str = "") -> Case:
    """Return an open case by its id, or raise `InputError`. Where its subject is known (given, or something was said in
    the case before) only what hangs together with it is read."""
    said = (str(getattr(one.fact, "subject", "")) for one in house.index.about([case]))
    known = {subject} if subject else {name for name in said if name}
    for one in sorted(known):
        for found in open_cases(house, subjects=[one]):
            if found.case == case:
                return found
    for found in open_cases(house):
        if found.case == case:
            return found
    raise InputError(f"no open case {case}", "list them with `cantoria cases list`; a settled case is gone")


def answer(house: House, case: Case, said: Answer, *, author: Author) -> list[Receipt]:
    """Record a party's answer, and with it what it takes back, in one step; return the receipts, the answer's first.

    Raises `InputError` where the author would take back what it never recorded.
    """
    return house.journal.record(answer_facts(house, case, said, author=author), author=author)


def answer_facts(house: House, case: Case, said: Answer, *, author: Author) -> list[Fact]:
    """Return the facts of an answer, in the order in which they have effect."""
    fact = CaseAnswered(
        case=case.case,
        subject=case.subject,
        party=said.party,
        stance=said.stance,
        text=said.text,
        attachments=tuple(house.attachments.put(data) for data in said.files),
    )
    if said.withdraw and said.stance is Stance.UPHOLD:
        raise InputError("what is upheld is not withdrawn", "answer partly or release")
    return [fact, *_taken_back(house, case, said, author)]


def _taken_back(house: House, case: Case, said: Answer, author: Author) -> Iterator[Fact]:
    registry = _near(house, case)
    own = {
        str(claim.fact.claim): claim for claim in registry.claims(case.subject) if claim.organisation == author.party
    }
    links = house.index.about(said.withdraw, tags=[registry_facts.LinkAsserted.TYPE.tag]) if said.withdraw else []
    asserted = {one.fact.link for one in links if one.organisation == author.party}
    for name in said.withdraw:
        if name in own:
            yield registry_facts.ClaimWithdrawn(claim=ClaimId(name), at=own[name].fact.period.start)
        elif name in asserted and name in case.about:
            yield LinkWithdrawn(link=LinkId(name), reason=said.text)
        else:
            raise InputError(
                f"{name:.80} is no claim or link of {author.name} in this case",
                "name ids that `cantoria cases show` lists under about, recorded by yourselves",
            )


def _near(house: House, case: Case) -> Registry:
    return rights.load_around(house.index, subjects=[case.subject], size=house.index.catch_up()).registry


def escalate(house: House, case: Case, *, reason: str, author: Author) -> Receipt:
    """Pass a case on to its next stage, in the name of its author, and return the receipt."""
    fact = CaseEscalated(case=case.case, subject=case.subject, party=author.party, reason=reason)
    return house.journal.record([fact], author=author)[0]


def decide(house: House, case: Case, decision: Decision, *, author: Author) -> list[Receipt]:
    """Record a decision with all that carries it out, in one step; return the receipts, the decision's first.

    Raises `InputError` where it would have no effect: the author is no register, or has an interest in the case.
    """
    facts = decision_facts(house, case, decision, author=author)
    return house.journal.record(facts, author=author)


def decision_facts(house: House, case: Case, decision: Decision, *, author: Author) -> list[Fact]:
    """Return the facts of a decision, in the order in which they have effect."""
    if author.capacity not in REGISTERS:
        raise InputError("only a register decides a case", "let the registrar or the operator decide, see --capacity")
    if author.party in case.concerned.interested:
        raise InputError(
            "nobody decides in its own favour", "let another register decide: yours has a part in the case"
        )
    strange = sorted({*decision.stands, *decision.falls} - set(case.about))
    if strange or set(decision.stands) & set(decision.falls):
        wrong = ", ".join(strange) or "something that both stands and falls"
        raise InputError(f"the case is not about {wrong}", "name ids that `cantoria cases show` lists under about")
    decided = CaseDecided(
        case=case.case,
        subject=case.subject,
        decided_by=author.party,
        outcome=decision.outcome,
        stands=decision.stands,
        falls=decision.falls,
        attachments=tuple(house.attachments.put(data) for data in decision.files),
    )
    return [decided, *_carried_out(house, case, decision, author)]


def _carried_out(house: House, case: Case, decision: Decision, author: Author) -> Iterator[Fact]:
    registry = _near(house, case)
    claims = {str(claim.fact.claim): claim for claim in registry.claims(case.subject)}
    users = Counter(str(claim.fact.claim) for claim in registry.claims(case.subject))
    for name in decision.falls:
        if users[name] > 1:
            raise InputError(
                f"several organisations claim under the id {name:.80}, so a decision cannot tell them apart",
                "have them record what they claim under ids of their own",
            )
        if name in claims:
            start = claims[name].fact.period.start
            yield registry_facts.ClaimWithdrawn(
                claim=ClaimId(name), at=start if decision.since is None else decision.since
            )
        elif registry.link(name) is not None:
            yield LinkWithdrawn(link=LinkId(name), reason=decision.outcome)
    for name in decision.stands:
        if registry.link(name) is not None:
            yield registry_facts.LinkReviewed(
                link=LinkId(name),
                agreed=True,
                reviewed_by=author.party,
                tier=Tier.ADJUDICATED,
                reason=decision.outcome,
            )
        elif case.kind is CaseKind.CHAIN_BROKEN and name in claims:
            yield _chain(house, case, decision, acquirer=str(claims[name].fact.party))
    if case.kind is CaseKind.CLAIM_DISPUTED:
        yield registry_facts.DisputeClosed(case=case.case, outcome=decision.outcome)


def _chain(house: House, case: Case, decision: Decision, *, acquirer: str) -> Fact:
    if not decision.grantor:
        raise InputError(
            "a claim in a broken chain stands only by a chain", "name whom its rights come from: --grantor"
        )
    return ChainAsserted(
        chain=house.ids.new("chain"),
        subject=case.subject,
        grantor=decision.grantor,
        acquirer=PartyId(acquirer),
        kind=ChainKind.ACQUISITION,
        agreement=f"decision in {case.case}",
    )


def statistics(house: House) -> Statistics:
    """Return the public ageing statistics of all open cases, with the money that waits for each."""
    size, now = house.index.catch_up(), house.clock.now()
    registry = house.rights.load(size=size).registry
    cases = registry.cases(now)
    money = money_of(registry, waiting.disputed(house), at=now)
    elsewhere = money.pop("", {})

    def is_organisation(name: str) -> bool:
        view = registry.party(name)
        return view is not None and view.kind is PartyKind.ORGANISATION

    rows = ageing(cases, at=now, is_organisation=is_organisation, waiting=money)
    return Statistics(rows, elsewhere)


def money_of(registry: Registry, disputed: Mapping[str, Mapping[str, int]], *, at: int) -> dict[str, dict[str, int]]:
    """Return by case id the disputed money (by subject and currency, fine units) that waits for it.

    Each amount counts once, for the oldest case that holds it; under "" stands what no open case holds.
    """
    found: dict[str, dict[str, int]] = {}
    for subject, amounts in sorted(disputed.items()):
        case = next((one.case for one in _holding(registry, subject, at)), "")
        of_case = found.setdefault(case, {})
        for currency, fine in amounts.items():
            of_case[currency] = of_case.get(currency, 0) + fine
    return found


def _holding(registry: Registry, subject: str, at: int) -> Iterator[Case]:
    """Give the cases that hold money booked under a code key, or under a recording or work, the oldest first."""
    if ":" in subject:
        yield from (case for case in registry.cases_of(subject, at=at) if case.blocks)
        return
    for case in registry.cases_of(*_around(registry, [subject]), at=at):
        link = registry.link(case.about[0]) if case.about else None
        if case.blocks and (link is None or link.relation is not Relation.IDENTIFIES):
            yield case
