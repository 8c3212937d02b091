"""Whatever an organisation records of others' parties, works and recordings, it opens no door (RULES sections 4 to 8).

Every attack goes through the real house: admission lets the facts in, the folds give them no effect that opens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from cantoria.app import erasure, rights
from cantoria.app.accounts import open_accounts
from cantoria.app.codec import bytes_to_sign, with_signature
from cantoria.app.ports import Author
from cantoria.clearance import Status, decide
from cantoria.clearance.types import Request, Row
from cantoria.consent.facts import StatementMade, StatementWithdrawn
from cantoria.consent.types import Scope, ScopeKind, Verdict
from cantoria.kernel.facts import Capacity, Signature
from cantoria.kernel.periods import ALWAYS, TIME_MIN, Period
from cantoria.kernel.territories import WORLD
from cantoria.kernel.uses import Use
from cantoria.ledger.ed25519 import Ed25519Signer
from cantoria.mandates.facts import DelegationGranted, EstateOpened, GuardianAppointed
from cantoria.mandates.types import MandateKind
from cantoria.registry.facts import (
    CatalogueDefined,
    CompletenessWithdrawn,
    HoldersDeclaredComplete,
    LinkAsserted,
    LinkReviewed,
    PartyKeyRegistered,
    PartyRegistered,
    PublicDomainEvidenced,
    RecordingRegistered,
    ReleaseRegistered,
    ShareClaimed,
    WorkRegistered,
)
from cantoria.registry.types import PartyKind, PublicDomainBasis, Relation, Role, Side, Tier, WorkKind

TRAIN = frozenset({Use.TRAIN_GENERATIVE})
PRESENT = Scope(ScopeKind.PRESENT_WORKS)
ISRC = "isrc:KRA381900123"
OFFICES = (Capacity.DISTRIBUTOR, Capacity.PRODUCER, Capacity.PUBLISHER)


@dataclass
class Stage:
    """Ada wrote a song, Bo performs it, the label produced it; `evil` is a member that has nothing to do with it."""

    house: Any
    society: Author
    label: Author
    lab: Author
    evil: Author
    ids: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        """Return the id of a party or thing, made when first named: `ada`, `song`, `take` and so on."""
        prefix = {"ada": "party", "bo": "party", "eve": "party", "song": "work", "take": "recording"}
        return self.ids.setdefault(name, self.house.ids.new(prefix.get(name, name.partition("_")[0])))

    def record(self, *facts: Any, by: Author | None = None, capacity: Capacity | None = None) -> list[Any]:
        author = by or self.evil
        return self.house.journal.record(list(facts), author=replace(author, capacity=capacity or author.capacity))

    def claim(self, subject: str, party: str, role: Role, by: Author, capacity: Capacity | None = None) -> Any:
        claim = self.house.ids.new("claim")
        self.record(ShareClaimed(claim=claim, subject=subject, party=party, role=role), by=by, capacity=capacity)
        return claim

    def complete(self, subject: str, side: Side, by: Author, *claims: str, capacity: Capacity | None = None) -> None:
        fact = HoldersDeclaredComplete(subject=subject, side=side, signed_by=by.party, claims=claims)
        self.record(fact, by=by, capacity=capacity)

    def link(self, left: str, relation: Relation, right: str, by: Author, **more: Any) -> Any:
        fact = LinkAsserted(
            link=self.house.ids.new("link"), left=left, relation=relation, right=right, asserted_by=by.party, **more
        )
        self.record(fact, by=by)
        return fact.link

    def statement(self, party: str, verdict: Verdict = Verdict.YES, **more: Any) -> StatementMade:
        given = {"speaker": party, "scope": PRESENT, "uses": TRAIN, **more}
        return StatementMade(statement=self.house.ids.new("statement"), party=party, verdict=verdict, **given)

    def signed(self, fact: Any, speaker: str) -> Any:
        """Return the fact signed by the key that the house keeps of the speaker."""
        return with_signature(fact, self.house.vault.sign(speaker, bytes_to_sign(fact)))

    def say_yes(self, *parties: str, **more: Any) -> None:
        for party in parties:
            fact = self.statement(party, **more)
            if party == self.label.party:
                self.record(fact, by=self.label)
            else:
                self.record(self.signed(fact, party), by=self.society)

    def status(self, *codes: str, size: int | None = None) -> Status:
        """Answer for the row by the whole ledger and by its neighbourhood, which must agree."""
        index = self.house.index
        cut = index.catch_up() if size is None else size
        row = Row(1, codes or (ISRC,))
        request = Request(
            use=Use.TRAIN_GENERATIVE,
            licensee=self.lab.party,
            territories="410",
            at=self.house.clock.now(),
            size=cut,
        )
        whole = decide(row, request, rights=self.house.rights.load(size=cut))
        around = rights.load_around(index, subjects=[*row.codes, self.lab.party], size=cut)
        assert decide(row, request, rights=around) == whole
        return whole.status


@pytest.fixture
def stage(house: Any, society: Author, label: Author, lab: Author) -> Stage:
    evil = house.admit("evil", capacities=OFFICES)
    made = Stage(house, society, label, lab, evil)
    for org in (society, label, evil):
        made.record(PartyRegistered(party=org.party, kind=PartyKind.ORGANISATION), by=org)
    made.record(
        *[PartyRegistered(party=party, kind=PartyKind.PERSON) for party in (made.ada, made.bo)],
        WorkRegistered(work=made.song, title="Song"),
        by=society,
    )
    made.record(RecordingRegistered(recording=made.take, title="Song"), by=label)
    made.link(ISRC, Relation.IDENTIFIES, made.take, label)
    made.ids["wrote"] = made.claim(made.song, made.ada, Role.COMPOSER, society)
    made.ids["sang"] = made.claim(made.take, made.bo, Role.FEATURED_PERFORMER, label)
    made.ids["made"] = made.claim(made.take, label.party, Role.PRODUCER, label)
    open_accounts(house, [made.ada, made.bo], author=society)
    return made


def whole(stage: Stage, *, link: bool = True, line_up: bool = True, writers: bool = True) -> None:
    """Finish what the row needs beside the yeses."""
    if link:
        stage.link(stage.take, Relation.EMBODIES, stage.song, stage.label)
    if line_up:
        stage.complete(stage.take, Side.RECORDING, stage.label, stage.sang, stage.made)
    if writers:
        stage.complete(stage.song, Side.WORK, stage.society, stage.wrote)


def test_the_stage_is_set(stage: Stage) -> None:
    whole(stage)
    assert stage.status() is Status.UNKNOWN
    stage.say_yes(stage.ada, stage.bo, stage.label.party)
    assert stage.status() is Status.CLEARED


def forged(stage: Stage, party: str) -> StatementMade:
    """A yes for `party`, signed by a key that the stranger made."""
    signer = Ed25519Signer(bytes(range(32)))
    fact = stage.statement(party)
    key, value = signer.public_key.hex(), signer.sign(bytes_to_sign(fact)).hex()
    stage.record(PartyKeyRegistered(party=party, key=key))
    return with_signature(fact, Signature(key, value))


def key_of_somebody_else(stage: Stage) -> None:
    stage.record(forged(stage, stage.ada))


def key_of_an_organisation(stage: Stage) -> None:
    stage.record(PartyRegistered(party=stage.label.party, kind=PartyKind.ORGANISATION))
    stage.record(forged(stage, stage.label.party))


def guardian(stage: Stage) -> None:
    named = GuardianAppointed(minor=stage.ada, guardian=stage.evil.party, majority_at=stage.house.clock.now() + 10**15)
    stage.record(named, stage.statement(stage.ada, speaker=stage.evil.party))


def heir(stage: Stage) -> None:
    opened = EstateOpened(deceased=stage.ada, died_at=0, heirs=(stage.evil.party,), heirs_complete=True)
    stage.record(opened, stage.statement(stage.ada, speaker=stage.evil.party))


def representative(stage: Stage) -> None:
    named = {"heirs": (stage.evil.party,), "heirs_complete": True, "representative": stage.evil.party}
    stage.record(EstateOpened(deceased=stage.ada, died_at=0, **named))
    stage.record(stage.statement(stage.ada, speaker=stage.evil.party))


def agent(stage: Stage) -> None:
    granted = DelegationGranted(
        delegation=stage.delegation,
        principal=stage.ada,
        delegate=stage.evil.party,
        kind=MandateKind.AGENT,
        uses=TRAIN,
    )
    stage.record(granted, stage.statement(stage.ada, speaker=stage.evil.party, delegation=stage.delegation))


def public_domain(stage: Stage) -> None:
    stage.record(
        PublicDomainEvidenced(
            subject=stage.song,
            side=Side.WORK,
            basis=PublicDomainBasis.DEDICATED,
            territory=WORLD,
            period=ALWAYS,
            tier=Tier.ADJUDICATED,
            evidence="because I say so",
        )
    )


@pytest.mark.parametrize("attack", [key_of_somebody_else, guardian, heir, representative, agent, public_domain])
def test_nobody_says_yes_for_a_silent_writer(stage: Stage, attack: Callable[[Stage], None]) -> None:
    whole(stage)
    stage.say_yes(stage.bo, stage.label.party)
    assert stage.status() is Status.UNKNOWN
    attack(stage)
    assert stage.status() is not Status.CLEARED


def test_nobody_says_yes_for_a_silent_organisation(stage: Stage) -> None:
    whole(stage)
    stage.say_yes(stage.ada, stage.bo)
    assert stage.status() is Status.UNKNOWN
    key_of_an_organisation(stage)
    assert stage.status() is Status.UNKNOWN


@pytest.mark.parametrize("attack", [heir, public_domain, guardian])
def test_nobody_takes_a_no_out_of_the_way(stage: Stage, attack: Callable[[Stage], None]) -> None:
    whole(stage)
    stage.say_yes(stage.ada, stage.bo, stage.label.party)
    stage.record(stage.statement(stage.ada, Verdict.NO), by=stage.society)
    attack(stage)
    assert stage.status() is Status.DENIED


@pytest.mark.parametrize("capacity", OFFICES)
def test_nobody_makes_itself_the_producer_who_knows_the_line_up(stage: Stage, capacity: Capacity) -> None:
    whole(stage, line_up=False)
    stage.say_yes(stage.ada, stage.bo, stage.label.party)
    stage.record(stage.statement(stage.evil.party))
    mine = stage.claim(stage.take, stage.evil.party, Role.PRODUCER, stage.evil, capacity)
    stage.complete(stage.take, Side.RECORDING, stage.evil, stage.sang, stage.made, mine, capacity=capacity)
    assert stage.status() is Status.UNKNOWN
    stage.complete(stage.take, Side.RECORDING, stage.label, stage.sang, stage.made, mine)
    assert stage.status() is Status.CLEARED, "who made the recording may say that the newcomer belongs to it"


@pytest.mark.parametrize("capacity", OFFICES)
def test_nobody_makes_itself_the_publisher_who_knows_the_writers(stage: Stage, capacity: Capacity) -> None:
    whole(stage, writers=False)
    stage.say_yes(stage.ada, stage.bo, stage.label.party)
    stage.record(stage.statement(stage.evil.party))
    mine = stage.claim(stage.song, stage.evil.party, Role.PUBLISHER, stage.evil, capacity)
    stage.complete(stage.song, Side.WORK, stage.evil, stage.wrote, mine, capacity=capacity)
    assert stage.status() is Status.UNKNOWN


def test_nobody_links_a_recording_to_a_work_of_its_own_instead(stage: Stage) -> None:
    whole(stage, link=False)
    stage.say_yes(stage.bo, stage.label.party)
    stage.record(WorkRegistered(work=stage.work_x, title="Free"))
    stage.record(replace(_free(stage), subject=stage.work_x))
    stage.link(stage.take, Relation.EMBODIES, stage.work_x, stage.evil)
    assert stage.status() is Status.UNKNOWN


def _free(stage: Stage) -> PublicDomainEvidenced:
    return PublicDomainEvidenced(
        subject=stage.song,
        side=Side.WORK,
        basis=PublicDomainBasis.DEDICATED,
        territory=WORLD,
        period=ALWAYS,
        tier=Tier.DOCUMENTED,
        evidence="mine",
    )


def test_nobody_names_the_original_of_another_arrangement(stage: Stage) -> None:
    stage.record(WorkRegistered(work=stage.song, title="Song", kind=WorkKind.ARRANGEMENT), by=stage.society)
    whole(stage)
    stage.say_yes(stage.ada, stage.bo, stage.label.party)
    assert stage.status() is Status.UNKNOWN
    stage.record(WorkRegistered(work=stage.work_x, title="Free"))
    stage.record(replace(_free(stage), subject=stage.work_x))
    named = WorkRegistered(work=stage.song, title="Song", kind=WorkKind.ARRANGEMENT, parts=(stage.work_x,))
    stage.record(named)
    assert stage.status() is Status.UNKNOWN


def test_nobody_adjudicates_in_its_own_favour(stage: Stage) -> None:
    whole(stage, link=False)
    link = stage.link(stage.take, Relation.EMBODIES, stage.song, stage.label)
    stage.say_yes(stage.ada, stage.bo, stage.label.party)
    stage.record(LinkReviewed(link=link, agreed=False, reviewed_by=stage.society.party), by=stage.society)
    assert stage.status() is Status.UNKNOWN
    ruled = LinkReviewed(link=link, agreed=True, reviewed_by=stage.evil.party, tier=Tier.ADJUDICATED)
    stage.record(ruled)
    assert stage.status() is Status.UNKNOWN
    stage.record(ruled, by=stage.society, capacity=Capacity.REGISTRAR)
    assert stage.status() is Status.CLEARED


def test_nobody_parts_two_recordings_that_are_one(stage: Stage) -> None:
    whole(stage)
    stage.say_yes(stage.ada, stage.bo, stage.label.party)
    stage.record(RecordingRegistered(recording=stage.recording_two, title="Song"), by=stage.society)
    link = stage.link(stage.take, Relation.SAME_AS, stage.recording_two, stage.society)
    stage.record(LinkReviewed(link=link, agreed=True, reviewed_by=stage.label.party), by=stage.label)
    assert stage.status() is Status.UNKNOWN, "the holders of the other one are not known"
    stage.record(LinkReviewed(link=link, agreed=False, reviewed_by=stage.evil.party))
    assert stage.status() is Status.UNKNOWN


def another_take(stage: Stage) -> None:
    """Record one more recording of the song, with another singer's claim, after the yeses were said."""
    stage.record(RecordingRegistered(recording=stage.recording_new, title="Song, live"), by=stage.label)
    stage.link("isrc:KRA381900124", Relation.IDENTIFIES, stage.recording_new, stage.label)
    stage.link(stage.recording_new, Relation.EMBODIES, stage.song, stage.label)
    sang = stage.claim(stage.recording_new, stage.bo, Role.FEATURED_PERFORMER, stage.label)
    produced = stage.claim(stage.recording_new, stage.label.party, Role.PRODUCER, stage.label)
    stage.complete(stage.recording_new, Side.RECORDING, stage.label, sang, produced)
    stage.say_yes(stage.label.party)


def test_a_yes_recorded_again_reaches_no_later_works(stage: Stage) -> None:
    whole(stage)
    stage.say_yes(stage.ada, stage.label.party)
    said = stage.signed(stage.statement(stage.bo), stage.bo)
    stage.record(said, by=stage.society)
    another_take(stage)
    assert stage.status() is Status.CLEARED
    assert stage.status("isrc:KRA381900124") is Status.UNKNOWN
    stage.record(said)
    assert stage.status() is Status.CLEARED
    assert stage.status("isrc:KRA381900124") is Status.UNKNOWN


def test_an_erased_yes_cannot_be_recorded_again(stage: Stage) -> None:
    whole(stage)
    stage.say_yes(stage.ada, stage.label.party)
    said = stage.signed(stage.statement(stage.bo), stage.bo)
    (receipt,) = stage.record(said, by=stage.society)
    assert stage.status() is Status.CLEARED
    erasure.erase(stage.house, receipt.fact_id, basis="objection", author=stage.society)
    stage.record(said)
    assert stage.status() is Status.UNKNOWN


def test_what_is_put_on_a_release_later_is_in_no_earlier_yes(stage: Stage) -> None:
    whole(stage)
    stage.record(ReleaseRegistered(release=stage.release, title="Album", recordings=(stage.take,)))
    stage.say_yes(stage.ada, stage.label.party)
    stage.say_yes(stage.bo, scope=Scope(ScopeKind.RELEASE, stage.release))
    another_take(stage)
    assert stage.status() is Status.CLEARED
    stage.record(ReleaseRegistered(release=stage.release, title="Album", recordings=(stage.recording_new,)))
    assert stage.status("isrc:KRA381900124") is Status.UNKNOWN


@pytest.mark.parametrize("wide", [False, True])
def test_what_is_put_into_a_catalogue_later_is_in_no_earlier_mandate(stage: Stage, wide: bool) -> None:
    whole(stage)
    stage.say_yes(stage.ada, stage.label.party)
    held = CatalogueDefined(catalogue=stage.catalogue, owner=stage.evil.party, members=("recording_else",))
    stage.record(held)
    granted = DelegationGranted(
        delegation=stage.delegation,
        principal=stage.bo,
        delegate=stage.evil.party,
        kind=MandateKind.AGENT,
        uses=TRAIN,
        scope=(stage.catalogue,),
    )
    stage.record(stage.signed(granted, stage.bo))
    stage.record(replace(held, members=(stage.take,)))
    scope = Scope(ScopeKind.CATALOGUE, stage.catalogue) if wide else Scope(ScopeKind.RECORDING, stage.take)
    stage.record(stage.statement(stage.bo, speaker=stage.evil.party, delegation=stage.delegation, scope=scope))
    assert stage.status() is Status.UNKNOWN


def test_a_completeness_statement_recorded_again_undoes_nothing(stage: Stage) -> None:
    whole(stage, line_up=False)
    stage.say_yes(stage.ada, stage.bo)
    signer = Ed25519Signer(bytes(32))
    stage.record(PartyRegistered(party=stage.eve, kind=PartyKind.PERSON), by=stage.label)
    stage.record(PartyKeyRegistered(party=stage.eve, key=signer.public_key.hex()), by=stage.label)
    claim = ShareClaimed(claim=stage.made, subject=stage.take, party=stage.eve, role=Role.PRODUCER)
    stage.record(claim, by=stage.label)
    plain = HoldersDeclaredComplete(
        subject=stage.take, side=Side.RECORDING, signed_by=stage.eve, claims=(stage.sang, stage.made)
    )
    value = signer.sign(bytes_to_sign(plain)).hex()
    declared = with_signature(plain, Signature(signer.public_key.hex(), value))
    yes = stage.statement(stage.eve)
    value = signer.sign(bytes_to_sign(yes)).hex()
    stage.record(with_signature(yes, Signature(signer.public_key.hex(), value)), declared, by=stage.label)
    assert stage.status() is Status.CLEARED
    stage.record(CompletenessWithdrawn(subject=stage.take, side=Side.RECORDING, signed_by=stage.eve), by=stage.society)
    assert stage.status() is Status.UNKNOWN
    stage.record(declared)
    assert stage.status() is Status.UNKNOWN


def test_who_recorded_a_signed_no_cannot_end_the_key_and_take_it_back(stage: Stage) -> None:
    whole(stage)
    stage.say_yes(stage.ada, stage.bo, stage.label.party)
    said = stage.signed(stage.statement(stage.bo, Verdict.NO, scope=Scope(ScopeKind.RECORDING, stage.take)), stage.bo)
    stage.record(said)
    assert stage.status() is Status.DENIED
    ended = Period(TIME_MIN, TIME_MIN + 1)
    stage.record(PartyKeyRegistered(party=stage.bo, key=said.signature.key, period=ended))
    stage.record(StatementWithdrawn(statement=said.statement, at=0))
    assert stage.status() is Status.DENIED


def test_every_answer_of_before_stays_after_the_attacks(stage: Stage) -> None:
    whole(stage)
    stage.say_yes(stage.bo, stage.label.party)
    size = stage.house.index.catch_up()
    assert stage.status(size=size) is Status.UNKNOWN
    for attack in (key_of_somebody_else, guardian, heir, public_domain):
        attack(stage)
    stage.say_yes(stage.ada)
    assert stage.status(size=size) is Status.UNKNOWN
