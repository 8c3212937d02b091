"""Match the registry's things: run the machine, decide about what it proposes, take a decision back.

A run records what it did and shows its links at the tier ASSERTED, which has no effect. What has effect is what a
person or an organisation decides, and each decision is a fact that can be taken back (docs/adr/0014).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from cantoria.app import rights
from cantoria.app.house import House
from cantoria.app.matching_tables import aliases_of, knowing, rows_of
from cantoria.app.ports import Author, Receipt
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Fact, Recorded, Source
from cantoria.kernel.ids import LinkId
from cantoria.registry import Registry
from cantoria.registry.facts import LinkAsserted
from cantoria.registry.match_facts import (
    MatchDecided,
    MatchDecisionWithdrawn,
    MatchingRun,
    MatchKind,
    MatchVerdict,
)
from cantoria.registry.matching.attachment import read_pairs, write_pairs
from cantoria.registry.matching.decisions import Decisions, pair_of
from cantoria.registry.matching.model import Model, shipped
from cantoria.registry.matching.ports import BLOCK_ROWS_MAX, Blocked, Matcher, ScoredPair
from cantoria.registry.matching.types import PPM, Band, Row, Thresholds
from cantoria.registry.trade_facts import LinkWithdrawn
from cantoria.registry.types import Relation, Tier

DECISION_TAGS: Final = tuple(cls.TYPE.tag for cls in (MatchingRun, MatchDecided, MatchDecisionWithdrawn))
SHOWN_MAX: Final = 100_000  # links of one run that are recorded as facts; all of them are in its attachment
ACCEPTED_AT_ONCE: Final = 200_000  # facts of one commit; even, so that a decision and its link stay together
MACHINE: Final = "matching:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What to match, and how. `rows` are further things that the views do not hold, such as bulk tables; `one_each`
    names sources of those that hold each thing once. `show` records the links at the tier ASSERTED."""

    kind: MatchKind
    thresholds: Thresholds = field(default_factory=Thresholds)
    block_rows_max: int = BLOCK_ROWS_MAX
    rows: Iterable[Row] = ()
    one_each: frozenset[str] = frozenset()
    show: bool = True
    model: Model | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run came to: the fact (recorded, unless it was a dry run), blocking with its caps, and how many links
    were recorded to be shown."""

    fact: MatchingRun
    blocked: Blocked
    shown: int


def run(house: House, wish: Wish, *, matcher: Matcher, author: Author, dry_run: bool = False) -> Ran:
    """Match all things of a kind with each other and record the run. Nothing that it finds has effect."""
    size = house.index.catch_up()
    registry = house.rights.load(size=size).registry
    decisions = load_decisions(house)
    model = wish.model or shipped(wish.kind)
    rows = matcher.load(_all_rows(registry, wish), kind=wish.kind, aliases=aliases_of(registry))
    blocked = matcher.block(rows_max=wish.block_rows_max, one_each=wish.one_each)
    matcher.compare()
    matcher.judge(model, thresholds=wish.thresholds, one_each=wish.one_each)
    counts: Counter[Band] = Counter()
    links: list[ScoredPair] = []

    def noted() -> Iterator[ScoredPair]:
        for pair in matcher.pairs():
            kept = _unless_kept_apart(pair, decisions)
            counts[kept.band] += 1
            if kept.band is Band.LINK and len(links) < SHOWN_MAX:
                links.append(kept)
            yield kept

    data = write_pairs(noted())
    fact = MatchingRun(
        run=house.ids.new("matching"),
        kind=wish.kind,
        model=model.version,
        model_sha256=model.digest,
        link_ppm=wish.thresholds.link_ppm,
        review_ppm=wish.thresholds.review_ppm,
        size=size,
        rows=rows,
        compared=blocked.pairs,
        capped=blocked.capped_pairs,
        links=counts[Band.LINK],
        reviews=counts[Band.REVIEW],
        attachment="" if dry_run else house.attachments.put(data),
    )
    shown = _shown(house, registry, links, fact) if wish.show and not dry_run else []
    if not dry_run:
        house.journal.record([fact, *shown], author=author)
    return Ran(fact, blocked, len(shown))


def _all_rows(registry: Registry, wish: Wish) -> Iterator[Row]:
    yield from rows_of(registry, wish.kind)
    yield from wish.rows


def _unless_kept_apart(pair: ScoredPair, decisions: Decisions) -> ScoredPair:
    """Return the pair, for review at most where somebody decided that it is two things."""
    if pair.band is not Band.LINK or not decisions.kept_apart(pair.left, pair.right):
        return pair
    return ScoredPair(
        pair.left, pair.right, pair.pattern, pair.weight, pair.probability_ppm, Band.REVIEW, "decided_different"
    )


def _shown(house: House, registry: Registry, links: list[ScoredPair], run: MatchingRun) -> list[LinkAsserted]:
    """Return the links to show: at the tier ASSERTED, by the machine, none that stands between the two already."""
    found = []
    for pair in links:
        known = any({one.left, one.right} == {pair.left, pair.right} for one in registry.links(pair.left))
        if not known and knowing(house, registry, pair.left) and knowing(house, registry, pair.right):
            found.append(
                LinkAsserted(
                    link=LinkId(house.ids.new("link")),
                    left=pair.left,
                    relation=Relation.SAME_AS,
                    right=pair.right,
                    asserted_by=MACHINE + run.model,
                    tier=Tier.ASSERTED,
                    source=Source(file=run.run, sha256=run.attachment),
                )
            )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What somebody decides about a pair; `run` and `probability_ppm` are of the proposal, if there was one."""

    left: str
    right: str
    verdict: MatchVerdict
    decided_by: str = ""
    reason: str = ""
    run: str = ""
    probability_ppm: int = 0


def decide(house: House, decision: Decision, *, author: Author) -> Receipt:
    """Record a decision; with `same` also the link that has effect, at the tier DOCUMENTED. Both in one step.

    Raises `InputError` for things that are not on record, a thing with itself, or a decision that says what the
    author's standing one says already.
    """
    left, right = _checked(house, decision)
    for said in load_decisions(house).about(left, right):
        if said.organisation == author.party and said.fact.verdict is decision.verdict:
            raise InputError(
                f"{author.name} decided {decision.verdict} about this pair already ({said.fact.decision})",
                "take it back first: `cantoria match undo`",
            )
    return house.journal.record(_facts(house, decision, author=author), author=author)[0]


def _checked(house: House, decision: Decision) -> tuple[str, str]:
    left, right = pair_of(decision.left, decision.right)
    if left == right:
        raise InputError(f"{left} is itself", "name two things")
    if left.split("_", 1)[0] != right.split("_", 1)[0]:
        raise InputError(f"{left} and {right} are not of one kind", "compare recordings, works or parties")
    registry = rights.load_around(house.index, subjects=[left, right], size=house.index.catch_up()).registry
    for thing in (left, right):
        if knowing(house, registry, thing) is None:
            raise InputError(f"{thing} is not on record here", "copy the id from `cantoria match queue`")
    return left, right


def _facts(house: House, decision: Decision, *, author: Author) -> list[Fact]:
    left, right = pair_of(decision.left, decision.right)
    by = decision.decided_by or author.party
    link = LinkId(house.ids.new("link")) if decision.verdict is MatchVerdict.SAME else LinkId("")
    decided = MatchDecided(
        decision=house.ids.new("decision"),
        run=decision.run,
        left=left,
        right=right,
        verdict=decision.verdict,
        decided_by=by,
        probability_ppm=decision.probability_ppm,
        reason=decision.reason,
        link=link,
    )
    if not link:
        return [decided]
    source = Source(file=decided.decision)
    asserted = LinkAsserted(link=link, left=left, relation=Relation.SAME_AS, right=right, asserted_by=by, source=source)
    return [decided, asserted]


def undo(house: House, decision: str, *, author: Author, reason: str = "") -> tuple[Receipt, ...]:
    """Take a decision back, with the link that came with it. Only the organisation that decided can."""
    decisions = load_decisions(house)
    made = decisions.made.get(decision)
    if made is None:
        raise InputError(f"no decision {decision:.80}", "copy the id from `cantoria match show`")
    if made.organisation != author.party:
        raise InputError(f"{decision} is a decision of {made.organisation}", "they can take it back, or you disagree")
    if decision in decisions.withdrawn:
        raise InputError(f"{decision} was taken back already", "nothing is left to do")
    facts: list[Fact] = [MatchDecisionWithdrawn(decision=decision, reason=reason)]
    if made.fact.link:
        facts.append(LinkWithdrawn(link=LinkId(made.fact.link), reason=reason))
    return tuple(house.journal.record(facts, author=author))


def accept(
    house: House, run_id: str, *, author: Author, from_ppm: int = PPM, reason: str = "", dry_run: bool = False
) -> int:
    """Decide `same` about the pairs of a run's band link that are at least `from_ppm` likely; return how many.

    Left out: what anybody keeps apart, what the author settled already, and what is not on record. Every pair gets a
    decision of its own, so that each can be taken back alone.
    """
    decisions = load_decisions(house)
    made = decisions.runs.get(run_id)
    if made is None:
        raise InputError(f"no matching run {run_id:.80}", "copy the id from `cantoria match run`")
    if made not in decisions.runs_for(author.party):
        raise InputError(
            f"{run_id} is a run of {made.organisation}, who can have written any pair into it",
            "run the matching yourself, or accept a run of a society or register",
        )
    registry = house.rights.load(size=house.index.catch_up()).registry
    chosen = [
        pair
        for pair in read_pairs(house.attachments.get(made.fact.attachment))
        if pair.band is Band.LINK
        and pair.probability_ppm >= max(from_ppm, made.fact.link_ppm)
        and not decisions.kept_apart(pair.left, pair.right)
        and decisions.settled_for(pair.left, pair.right, organisation=author.party) is None
        and knowing(house, registry, pair.left)
        and knowing(house, registry, pair.right)
    ]
    facts = [fact for pair in chosen for fact in _facts(house, _accepted(pair, run_id, reason), author=author)]
    for start in range(0, 0 if dry_run else len(facts), ACCEPTED_AT_ONCE):
        # Interrupted between two parts, the same command goes on with what is left.
        house.journal.record(facts[start : start + ACCEPTED_AT_ONCE], author=author)
    return len(chosen)


def _accepted(pair: ScoredPair, run_id: str, reason: str) -> Decision:
    return Decision(
        left=pair.left,
        right=pair.right,
        verdict=MatchVerdict.SAME,
        run=run_id,
        probability_ppm=pair.probability_ppm,
        reason=reason or "the run's band link was accepted as a whole",
    )


def load_decisions(house: House) -> Decisions:
    """Return runs and decisions as they stand."""
    return Decisions.fold(house.index.scan(tags=DECISION_TAGS, size=house.index.catch_up()))


Proposal = tuple[Recorded[MatchingRun], ScoredPair]


def proposal_of(
    house: House, left: str, right: str, *, decisions: Decisions, organisation: str = ""
) -> Proposal | None:
    """Return the newest run that proposed the pair, of those that the organisation works with, and what it said; else
    None. Runs whose pairs are not kept here are passed over."""
    pair = pair_of(left, right)
    for made in reversed(decisions.runs_for(organisation)):
        with suppress(InputError):
            for found in read_pairs(house.attachments.get(made.fact.attachment)):
                if (found.left, found.right) == pair:
                    return made, found
    return None
