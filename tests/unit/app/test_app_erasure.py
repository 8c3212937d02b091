"""Erasure: what may be erased, and that it never opens a door (RULES section 7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from cantoria.adapters.sqlite.fact_index import SqliteFactIndex
from cantoria.app import erasure, rights, saying
from cantoria.app.accounts import open_accounts
from cantoria.app.clearing import answer_row
from cantoria.app.ports import Author, Receipt
from cantoria.app.saying import Saying
from cantoria.clearance import Status, decide
from cantoria.clearance.types import Answer, Cleared, Request, Row
from cantoria.consent.facts import DenyTombstone, StatementMade
from cantoria.consent.types import Conditions, LicenseeKind, LicenseeTerm, Scope, ScopeKind, Verdict
from cantoria.kernel.errors import InputError
from cantoria.kernel.money import Money
from cantoria.kernel.uses import FAMILIES, Use
from cantoria.registry.facts import (
    HoldersDeclaredComplete,
    LinkAsserted,
    PartyNamed,
    PartyRegistered,
    RecordingRegistered,
    ShareClaimed,
    WorkRegistered,
)
from cantoria.registry.types import PartyKind, Relation, Right, Role, Side
from cantoria.sdk.verify import verify_bundle

ROW = Row(1, ("isrc:KRA381900123",))
EVERYTHING = Scope(ScopeKind.PRESENT_WORKS)


@dataclass
class Stage:
    """A house with one recording of one work: Ada wrote it, Bo performs it, the label produced it."""

    house: Any
    society: Author
    label: Author
    lab: Author
    ada: Any
    bo: Any
    work: Any
    recording: Any

    def say(self, party: Any, verdict: Verdict, *uses: Use, **more: Any) -> Receipt:
        what = Saying(
            party=party,
            verdict=verdict,
            uses=frozenset(uses or {Use.TRAIN_GENERATIVE}),
            **{"scope": EVERYTHING, **more},
        )
        author = self.label if party == self.label.party else self.society
        return saying.say(self.house, what, author=author)

    def request(self, use: Use = Use.TRAIN_GENERATIVE, **more: Any) -> Request:
        now = self.house.clock.now()
        asked = {"licensee": self.lab.party, "territories": "410", "at": now, "size": 0, **more}
        return Request(use=use, **asked)

    def answer(self, use: Use = Use.TRAIN_GENERATIVE, **more: Any) -> Answer:
        return answer_row(self.house, ROW, self.request(use, **more))

    def erase(self, receipt: Receipt, **more: Any) -> dict[str, Any]:
        recorded = self.house.index.by_fact_id(receipt.fact_id.replace("-", ""))
        author = self.label if recorded and recorded.organisation == self.label.party else self.society
        return erasure.erase(self.house, receipt.fact_id, basis="objection", author=author, **more)


@pytest.fixture
def stage(house: Any, society: Author, label: Author, lab: Author) -> Stage:
    ids = house.ids
    ada, bo = ids.new("party"), ids.new("party")
    work, recording = ids.new("work"), ids.new("recording")
    claims = [ids.new("claim") for _ in range(3)]
    people = [PartyRegistered(party=party, kind=PartyKind.PERSON) for party in (ada, bo)]
    house.journal.record(
        [
            *people,
            PartyNamed(party=ada, name="Ada Lovelace", codes=("ipi_name:00014107338",)),
            WorkRegistered(work=work, title="Notes"),
            ShareClaimed(
                claim=claims[0],
                subject=work,
                party=ada,
                role=Role.COMPOSER,
                right=Right.PERFORMING,
                share=Fraction(1),
                asserted_by=society.party,
            ),
            HoldersDeclaredComplete(subject=work, side=Side.WORK, signed_by=society.party, claims=(claims[0],)),
        ],
        author=society,
    )
    lineup = ((bo, Role.FEATURED_PERFORMER), (label.party, Role.PRODUCER))
    house.journal.record(
        [
            PartyRegistered(party=label.party, kind=PartyKind.ORGANISATION),
            RecordingRegistered(recording=recording, title="Notes"),
            *[
                ShareClaimed(claim=claim, subject=recording, party=party, role=role, asserted_by=label.party)
                for claim, (party, role) in zip(claims[1:], lineup, strict=True)
            ],
            HoldersDeclaredComplete(
                subject=recording, side=Side.RECORDING, signed_by=label.party, claims=tuple(claims[1:])
            ),
            link(ids, ROW.codes[0], Relation.IDENTIFIES, recording, label),
            link(ids, recording, Relation.EMBODIES, work, label),
        ],
        author=label,
    )
    open_accounts(house, [ada, bo], author=society)
    made = Stage(house, society, label, lab, ada, bo, work, recording)
    for party in (ada, bo, label.party):
        made.say(party, Verdict.YES, *Use)
    house.index.catch_up()
    return made


def link(ids: Any, left: str, relation: Relation, right: str, author: Author) -> LinkAsserted:
    return LinkAsserted(link=ids.new("link"), left=left, relation=relation, right=right, asserted_by=author.party)


def requests(stage: Stage) -> list[Request]:
    """Requests that differ in whatever a statement may depend on."""
    return [
        stage.request(),
        stage.request(Use.ANALYSE),
        stage.request(Use.INPUT, territories="724"),
        stage.request(licensee=stage.society.party),
        stage.request(licensee_classes=frozenset({"research"})),
        stage.request(offer=Money(10_000_000, "KRW")),
        stage.request(offer=Money(1, "KRW"), territories="2136"),
        stage.request(Use.VOICE, persons=(stage.ada,)),
        stage.request(Use.ADVERTISE, persons=(stage.ada,), campaign="spring"),
        stage.request(at=0),
    ]


def answers(stage: Stage, asked: list[Request]) -> list[Answer]:
    return [answer_row(stage.house, ROW, request) for request in asked]


def test_the_stage_is_set(stage: Stage) -> None:
    assert isinstance(stage.answer(), Cleared)
    found = [one.status for one in answers(stage, requests(stage))]
    assert found.count(Status.CLEARED) == 9, found


REFUSALS: dict[str, Callable[[Stage], Receipt]] = {
    "stop of all": lambda s: s.say(s.ada, Verdict.STOP, *FAMILIES["all"]),
    "stop of training": lambda s: s.say(s.ada, Verdict.STOP, *FAMILIES["training"]),
    "no to one use": lambda s: s.say(s.ada, Verdict.NO, Use.ANALYSE),
    "no on the work": lambda s: s.say(s.ada, Verdict.NO, scope=Scope(ScopeKind.WORK, s.work)),
    "no on the recording": lambda s: s.say(s.bo, Verdict.NO, scope=Scope(ScopeKind.RECORDING, s.recording)),
    "no to a named licensee": lambda s: s.say(s.bo, Verdict.NO, licensee=LicenseeTerm(LicenseeKind.NAMED, s.lab.party)),
    "no to a class": lambda s: s.say(s.bo, Verdict.NO, licensee=LicenseeTerm(LicenseeKind.CLASS, "research")),
    "no in one country": lambda s: s.say(s.ada, Verdict.NO, territory="410"),
    "ask": lambda s: s.say(s.ada, Verdict.ASK),
    "no as a person": lambda s: s.say(s.ada, Verdict.NO, Use.VOICE, scope=Scope(ScopeKind.PERSONA)),
    "no of the label": lambda s: s.say(s.label.party, Verdict.NO),
}


@pytest.mark.parametrize("name", sorted(REFUSALS))
def test_a_refusal_stands_after_its_body_is_erased(stage: Stage, name: str) -> None:
    asked = requests(stage)
    clear = answers(stage, asked)
    receipt = REFUSALS[name](stage)
    before = answers(stage, asked)
    assert before != clear, "the refusal matters"
    said: Any = receipt.fact
    done = stage.erase(receipt)
    assert done["tombstone"] is True
    assert "tombstone" in done["said"]
    left = [one.fact for one in stage.house.index.about([said.statement])]
    assert [type(one) for one in left] == [DenyTombstone]
    assert left[0].verdict is said.verdict
    assert answers(stage, asked) == before
    stage.say(said.party, Verdict.YES, *Use)
    assert [one.status for one in answers(stage, asked)] == [one.status for one in before], "no comes before yes"


def test_what_was_answered_as_of_an_earlier_size_is_answered_so_after_the_erasure(stage: Stage) -> None:
    """An answer as of a size between the refusal and its tombstone must not open a door either."""
    receipt = stage.say(stage.ada, Verdict.NO, scope=Scope(ScopeKind.WORK, stage.work))
    size = stage.house.index.catch_up()
    request = stage.request(size=size)
    before = decide(ROW, request, rights=stage.house.rights.load(size=size))
    around = rights.load_around(stage.house.index, subjects=ROW.codes, size=size)
    assert before.status is decide(ROW, request, rights=around).status is Status.DENIED
    stage.erase(receipt)
    assert decide(ROW, request, rights=stage.house.rights.load(size=size)) == before
    around = rights.load_around(stage.house.index, subjects=ROW.codes, size=size)
    assert decide(ROW, request, rights=around) == before
    earlier = receipt.index
    cleared = decide(ROW, request, rights=stage.house.rights.load(size=earlier))
    assert cleared.status is Status.CLEARED, "before the refusal was said it did not stand"


def test_an_erased_yes_is_silence(stage: Stage) -> None:
    yes = next(
        one for one in stage.house.index.scan() if isinstance(one.fact, StatementMade) and one.fact.party == stage.bo
    )
    done = erasure.erase(stage.house, as_text(yes.fact_id), basis="consent_withdrawn", author=stage.society)
    assert done["tombstone"] is False
    answer = stage.answer()
    assert answer.status is Status.UNKNOWN
    assert answer.missing == (stage.bo,)  # type: ignore[union-attr]


def as_text(fact_id: str) -> str:
    return "-".join((fact_id[:8], fact_id[8:12], fact_id[12:16], fact_id[16:20], fact_id[20:]))


def test_an_erased_yes_with_conditions_lets_no_wider_yes_take_over(stage: Stage) -> None:
    priced = Conditions(min_price=Money(5_000_000, "KRW"))
    receipt = stage.say(stage.ada, Verdict.YES, scope=Scope(ScopeKind.WORK, stage.work), conditions=priced)
    assert stage.answer().status is Status.LICENSABLE
    assert stage.erase(receipt)["tombstone"] is True
    assert stage.answer().status is Status.LICENSABLE
    assert stage.answer(offer=Money(9_000_000, "KRW")).status is Status.LICENSABLE, "the price is no longer known"


def test_names_are_erased_and_shares_are_not(stage: Stage) -> None:
    facts = {type(one.fact): one for one in stage.house.index.scan()}
    named = facts[PartyNamed]
    before = answers(stage, requests(stage))
    done = erasure.erase(stage.house, as_text(named.fact_id), basis="child", author=stage.society)
    assert done == {"said": f"erased the body of party-named {as_text(named.fact_id)}", "tombstone": False}
    assert [one.status for one in answers(stage, requests(stage))] == [one.status for one in before]
    for kind in (ShareClaimed, WorkRegistered, HoldersDeclaredComplete, PartyRegistered, LinkAsserted):
        size = stage.house.engine.size
        with pytest.raises(InputError, match="rights input"):
            erasure.erase(stage.house, as_text(facts[kind].fact_id), basis="child", author=stage.society)
        assert stage.house.engine.size == size


def test_a_tombstone_itself_stays(stage: Stage) -> None:
    stage.erase(stage.say(stage.ada, Verdict.NO))
    tombstone = next(one for one in stage.house.index.scan() if isinstance(one.fact, DenyTombstone))
    with pytest.raises(InputError, match="deny-tombstone cannot be erased"):
        erasure.erase(stage.house, as_text(tombstone.fact_id), basis="objection", author=stage.society)


def test_proofs_made_before_still_verify(stage: Stage) -> None:
    house = stage.house
    other = stage.say(stage.bo, Verdict.ASK)
    receipt = stage.say(stage.ada, Verdict.NO)
    mine, others = house.engine.bundle(receipt.index), house.engine.bundle(other.index)
    stage.erase(receipt)
    assert verify_bundle(mine, vkey=house.engine.vkey).body["verdict"] == "no"
    assert verify_bundle(others, vkey=house.engine.vkey).index == other.index
    assert verify_bundle(house.engine.bundle(other.index), vkey=house.engine.vkey).size == house.engine.size
    assert house.engine.verify_deep().erased == 1
    with pytest.raises(InputError, match="erased"):
        house.engine.bundle(receipt.index)


def test_views_built_anew_are_the_same(stage: Stage, tmp_path: Path) -> None:
    stage.erase(stage.say(stage.ada, Verdict.NO))
    named = next(one for one in stage.house.index.scan() if isinstance(one.fact, PartyNamed))
    erasure.erase(stage.house, as_text(named.fact_id), basis="objection", author=stage.society)
    fresh = SqliteFactIndex(tmp_path / "fresh.db", ledger=stage.house.engine)
    fresh.catch_up()
    assert list(fresh.scan()) == list(stage.house.index.scan())
    assert fresh.subjects_like("") == stage.house.index.subjects_like("")
    fresh.close()


def test_no_trace_of_the_words_is_left_in_the_house(stage: Stage, home: Path) -> None:
    named = next(one for one in stage.house.index.scan() if isinstance(one.fact, PartyNamed))
    assert any(b"Ada Lovelace" in file.read_bytes() for file in home.rglob("*") if file.is_file())
    erasure.erase(stage.house, as_text(named.fact_id), basis="objection", author=stage.society)
    for file in home.rglob("*"):
        assert not file.is_file() or b"Ada Lovelace" not in file.read_bytes(), file.name


def test_a_dry_run_records_and_erases_nothing(stage: Stage) -> None:
    receipt = stage.say(stage.ada, Verdict.NO)
    size = stage.house.index.catch_up()
    done = stage.erase(receipt, dry_run=True)
    assert done["tombstone"] is True
    assert "would erase" in done["said"]
    assert stage.house.engine.size == size
    assert stage.house.engine.verify_deep().erased == 0


@pytest.mark.parametrize(
    ("fact_id", "basis", "message"),
    [
        ("nonsense", "objection", "nonsense"),
        ("01a1fa96-4c98-7007-8f33-1fe11e1780e2", "objection", "no readable fact"),
        ("01a1fa96-4c98-7007-8f33-1fe11e1780e2", "boredom", "'boredom' is no ground for erasure"),
    ],
)
def test_what_cannot_be_erased_says_why(stage: Stage, fact_id: str, basis: str, message: str) -> None:
    size = stage.house.engine.size
    with pytest.raises(InputError, match=message):
        erasure.erase(stage.house, fact_id, basis=basis, author=stage.society)
    assert stage.house.engine.size == size


def test_erasing_twice_is_a_clear_error(stage: Stage) -> None:
    receipt = stage.say(stage.ada, Verdict.NO)
    stage.house.index.catch_up()
    stage.erase(receipt)
    size = stage.house.engine.size
    with pytest.raises(InputError, match="erased already"):
        stage.erase(receipt)
    assert stage.house.engine.size == size


@pytest.mark.parametrize("who", ["lab", "label"])
def test_nobody_else_erases_what_an_organisation_recorded(stage: Stage, who: str) -> None:
    receipt = stage.say(stage.ada, Verdict.NO)
    stage.house.index.catch_up()
    with pytest.raises(InputError, match="recorded by another organisation"):
        erasure.erase(stage.house, receipt.fact_id, basis="objection", author=getattr(stage, who))
    assert stage.answer().status is Status.DENIED
    assert stage.house.engine.verify_deep().erased == 0
