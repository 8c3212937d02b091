"""Entries become facts: named by keys and codes, whole or not at all, the same when they are read again."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from cantoria.formats.csvfamily import Context
from cantoria.formats.entries import (
    Chain,
    Collection,
    Entry,
    Name,
    Outcome,
    Party,
    Recording,
    Release,
    Scribe,
    Share,
    Title,
    Work,
    write_down,
)
from cantoria.formats.entries.kinship import kin
from cantoria.formats.types import Imported
from cantoria.kernel.ids import PartyId
from cantoria.registry.facts import LinkAsserted
from cantoria.registry.types import Relation, Right, Role

ADA = Party(key="W1", names=(Name("Ada Kim"), Name("김에이다", "Hang")), codes=(("ipi_name", "00014107338"),))
PUB = Party(key="P1", names=(Name("Blue Songs"),))
HALF = Fraction(1, 2)
SONG = Work(
    key="S1",
    title="Spring Day",
    titles=(Title(text="봄날"), Title(text="Spring Day")),
    codes=(("iswc", "T-034.524.680-1"),),
    shares=(
        Share(party="W1", role=Role.COMPOSER, right=Right.PERFORMING, share=HALF),
        Share(party="P1", role=Role.PUBLISHER, right=Right.PERFORMING, share=HALF),
    ),
    collections=(Collection(party="P1", role=Role.PUBLISHER, right=Right.PERFORMING, share=HALF, territory="KR"),),
    chains=(Chain(grantor="W1", acquirer="P1", agreement="A-7"),),
)
TAKE = Recording(key="R1", title="Spring Day", artist="Ada", codes=(("isrc", "KRA381900123"),), works=("S1",))
WHOLE = Entry(
    line=3,
    kind="row",
    parties=(ADA, PUB),
    works=(SONG,),
    recordings=(TAKE,),
    releases=(Release(key="L1", title="Seasons", recordings=("R1",)),),
)


class Desk:
    """A context that remembers what is recorded, as the ledger would."""

    def __init__(self) -> None:
        self.known: dict[str, set[str]] = {}
        self.titles: dict[str, str] = {}
        self.links: dict[tuple[str, Relation, str], list[str]] = {}
        self.count = 0

    @property
    def named(self) -> dict[str, str]:
        """What codes name that name one thing."""
        return {code: next(iter(things)) for code, things in self.known.items() if len(things) == 1}

    def new_id(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}_{self.count:026d}"

    def context(self) -> Context:
        return Context(
            sender=PartyId("party_sender"),
            namespace="SONGS",
            now=1_790_000_000_000_000,
            new_id=self.new_id,
            lookup=lambda code: self.named.get(code),
            define=lambda code, kind="": self.named.get(code),
            title_of=lambda thing: self.titles.get(thing, ""),
            called=lambda thing: any(found == thing and code.startswith("own:") for code, found in self.named.items()),
            links_between=lambda left, relation, right: self.links.get((left, relation, right), []),
        )

    def record(self, made: Imported) -> Imported:
        for fact in made.facts:
            if isinstance(fact, LinkAsserted):
                self.links.setdefault((fact.left, fact.relation, fact.right), []).append(fact.link)
                if fact.relation is Relation.IDENTIFIES:
                    self.known.setdefault(fact.left, set()).add(fact.right)
            for name in getattr(fact, "codes", ()):
                self.known.setdefault(name, set()).add(fact.party)
            if hasattr(fact, "name"):
                self.titles.setdefault(fact.party, fact.name)
            if hasattr(fact, "title") and fact.TYPE.name.endswith("-registered"):
                self.titles.setdefault(fact.subjects()[0], fact.title)
        return made


@pytest.fixture
def desk() -> Desk:
    return Desk()


def scribe_of(desk: Desk) -> Scribe:
    return Scribe(desk.context(), file="list.csv", sha256="0" * 64)


def by_type(made: Imported) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for fact in made.facts:
        found.setdefault(fact.TYPE.name, []).append(fact)
    return found


def test_an_entry_says_everything_it_holds(desk: Desk) -> None:
    made = by_type(write_down(scribe_of(desk), WHOLE))
    assert {name: len(facts) for name, facts in made.items()} == {
        "party-registered": 2,
        "party-named": 3,
        "work-registered": 1,
        "title-given": 1,  # the main title is none of the others
        "share-claimed": 2,
        "collection-claimed": 1,
        "chain-asserted": 1,
        "recording-registered": 1,
        "release-registered": 1,
        "link-asserted": 2
        + 2
        + 3
        + 1,  # keys of parties; key and code of the work; of the recording, its work; release
    }
    (work,) = made["work-registered"]
    assert all(claim.subject == work.work for claim in made["share-claimed"])
    assert sum(claim.share for claim in made["share-claimed"]) == 1
    assert work.source.line == 3
    embodied = [link for link in made["link-asserted"] if link.relation is Relation.EMBODIES]
    assert [link.right for link in embodied] == [work.work]
    assert made["release-registered"][0].recordings == (made["recording-registered"][0].recording,)


def test_the_same_entry_read_again_names_the_same_things_and_claims(desk: Desk) -> None:
    first = by_type(desk.record(write_down(scribe_of(desk), WHOLE)))
    again = by_type(desk.record(write_down(scribe_of(desk), WHOLE)))
    for name, key in (("share-claimed", "claim"), ("collection-claimed", "claim"), ("chain-asserted", "chain")):
        assert [getattr(fact, key) for fact in first[name]] == [getattr(fact, key) for fact in again[name]]
    assert first["work-registered"][0].work == again["work-registered"][0].work
    assert "party-registered" not in again
    assert "link-asserted" not in again


@pytest.mark.parametrize("forget", [False, True])
def test_forgetting_changes_nothing_once_facts_are_recorded(desk: Desk, forget: bool) -> None:
    scribe = scribe_of(desk)
    desk.record(write_down(scribe, WHOLE))
    if forget:
        scribe.forget()
    later = Entry(line=9, kind="row", recordings=(Recording(key="R2", title="Spring Day (Live)", works=("S1",)),))
    made = by_type(write_down(scribe, later))
    assert made["link-asserted"][-1].right == desk.named["own:SONGS:S1"]


@pytest.mark.parametrize("forget", [False, True])
def test_a_code_shared_by_two_keys_names_two_things(desk: Desk, forget: bool) -> None:
    scribe = scribe_of(desk)
    desk.record(write_down(scribe, WHOLE))
    if forget:
        scribe.forget()
    explicit = replace(TAKE, key="R1X", title="Spring Day", version="explicit")
    made = write_down(scribe, Entry(line=4, kind="row", recordings=(explicit,)))
    (recording,) = by_type(made)["recording-registered"]
    assert recording.recording != desk.named["own:SONGS:R1"]
    assert "names neither" in made.findings[0].message


@pytest.mark.parametrize("forget", [False, True])
def test_a_code_alone_makes_no_two_things_one(desk: Desk, forget: bool) -> None:
    scribe = scribe_of(desk)
    first = Recording(title="Spring Day", codes=(("isrc", "KRA381900123"),))
    desk.record(write_down(scribe, Entry(line=2, kind="row", recordings=(first,))))
    known = desk.named["isrc:KRA381900123"]
    if forget:
        scribe.forget()
    other = Recording(title="Totally Different Anthem", codes=(("isrc", "KRA381900123"),))
    made = desk.record(write_down(scribe, Entry(line=3, kind="row", recordings=(other,))))
    (recording,) = by_type(made)["recording-registered"]
    assert recording.recording != known
    assert "makes no two things one" in made.findings[0].message
    third = Recording(title="SPRING DAY (Remaster)", codes=(("isrc", "KRA381900123"),))
    made = desk.record(write_down(scribe, Entry(line=4, kind="row", recordings=(third,))))
    things = {known, recording.recording}
    assert by_type(made)["recording-registered"][0].recording not in things


def test_a_code_names_what_is_called_alike(desk: Desk) -> None:
    scribe = scribe_of(desk)
    first = Recording(title="Spring Day", codes=(("isrc", "KRA381900123"),))
    desk.record(write_down(scribe, Entry(line=2, kind="row", recordings=(first,))))
    same = Recording(title="SPRING DAY", codes=(("isrc", "KRA381900123"),))
    made = write_down(scribe, Entry(line=4, kind="row", recordings=(same,)))
    assert by_type(made)["recording-registered"][0].recording == desk.named["isrc:KRA381900123"]


def test_an_unknown_reference_refuses_the_whole_entry(desk: Desk) -> None:
    scribe = scribe_of(desk)
    bad = replace(SONG, shares=(Share(party="nobody", role=Role.COMPOSER),))
    made = write_down(scribe, Entry(line=5, kind="row", parties=(ADA,), works=(bad,)))
    assert made.facts == ()
    assert (made.counts.received, made.counts.refused) == (1, 1)
    assert (made.findings[-1].line, made.findings[-1].value) == (5, "nobody")
    later = write_down(scribe, Entry(line=6, kind="row", works=(replace(SONG, shares=(), collections=(), chains=()),)))
    assert later.counts.registered == 1
    refers = write_down(scribe, Entry(line=7, kind="row", works=(SONG,)))
    assert refers.counts.refused == 1, "what a refused entry named is not known to later ones"


def test_a_bad_code_is_noted_and_left_out(desk: Desk) -> None:
    wrong = replace(TAKE, codes=(("isrc", "nonsense"),), works=())
    made = write_down(scribe_of(desk), Entry(line=2, kind="row", recordings=(wrong,)))
    assert made.counts.registered == 1
    assert made.findings[0].field == "isrc"
    assert [fact.left for fact in by_type(made)["link-asserted"]] == ["own:SONGS:R1"]


@pytest.mark.parametrize(
    ("outcome", "count"),
    [(Outcome.REFUSED, "refused"), (Outcome.DUPLICATE, "duplicate"), (Outcome.PASSED_OVER, "passed_over")],
)
def test_each_outcome_is_counted_once(desk: Desk, outcome: Outcome, count: str) -> None:
    made = write_down(scribe_of(desk), replace(WHOLE, outcome=outcome))
    assert made.facts == ()
    assert (made.counts.received, getattr(made.counts, count)) == (1, 1)


@pytest.mark.parametrize(
    ("left", "right", "alike"),
    [
        ("Spring Day", "SPRING DAY", True),
        ("Spring Day", "Spring Day (Remastered 2011)", True),
        ("Spring Day", "봄날", True),  # other scripts cannot be compared
        ("Canción de cuna", "Cancion de Cuna", True),
        ("Spring Day", "Totally Different Anthem", False),
        ("봄날", "사랑의 인사", False),
    ],
)
def test_titles_that_can_be_those_of_one_thing(left: str, right: str, alike: bool) -> None:
    assert kin(left, right) is alike
    assert kin(right, left) is alike


def test_what_a_whole_registration_names_no_more_is_ended(desk: Desk) -> None:
    whole = replace(WHOLE, works=(replace(SONG, whole=True),), recordings=(), releases=())
    first = by_type(desk.record(write_down(scribe_of(desk), whole)))
    collected, chained = first["collection-claimed"][0], first["chain-asserted"][0]
    context = replace(desk.context(), said_of=lambda subject: (collected, chained))
    again = by_type(write_down(Scribe(context, file="list.csv", sha256="1" * 64), whole))
    assert all(fact.share for fact in again["collection-claimed"]), "what is named again stands"
    smaller = replace(SONG, whole=True, collections=(), chains=())
    made = by_type(
        write_down(Scribe(context, file="list.csv", sha256="2" * 64), Entry(line=1, kind="row", works=(smaller,)))
    )
    (ended,) = made["collection-claimed"]
    assert (ended.claim, ended.share) == (collected.claim, 0)
    (broken,) = made["chain-asserted"]
    assert (broken.chain, broken.period.end) == (chained.chain, context.now)


def test_the_id_of_a_thing_on_record_is_that_thing(desk: Desk) -> None:
    made = by_type(desk.record(write_down(scribe_of(desk), WHOLE)))
    work = made["work-registered"][0].work
    context = replace(desk.context(), exists=lambda thing: thing == work)
    song = replace(SONG, key=work, title="Spring Day again", codes=(), shares=(), collections=(), chains=())
    again = by_type(write_down(Scribe(context, file="x", sha256="1" * 64), Entry(line=1, kind="row", works=(song,))))
    assert again["work-registered"][0].work == work
    assert "link-asserted" not in again
    elsewhere = by_type(write_down(scribe_of(desk), Entry(line=1, kind="row", works=(song,))))
    assert elsewhere["work-registered"][0].work != work, "an id from another house is a key like any other"


def test_a_party_with_somebody_elses_ipi_is_somebody_else(desk: Desk) -> None:
    desk.record(write_down(scribe_of(desk), WHOLE))
    ada = desk.named["own:SONGS:W1"]
    same = replace(ADA, key="W9", names=(Name("KIM, ADA"),))
    desk.record(write_down(scribe_of(desk), Entry(line=1, kind="row", parties=(same,))))
    assert desk.named["own:SONGS:W9"] == ada
    other = replace(ADA, key="W8", names=(Name("Bo Diddley Quartet"),))
    made = desk.record(write_down(scribe_of(desk), Entry(line=2, kind="row", parties=(other,))))
    assert desk.named["own:SONGS:W8"] != ada
    assert "makes no two things one" in made.findings[0].message
