"""Matching in a house: a run has no effect, a decision has, and what is taken back is gone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from tests.unit.app.money_world import R1, R2, R3, MoneyWorld

from cantoria.app import matching, matching_queue
from cantoria.app.attached import attachments_of
from cantoria.app.matching import Decision, Ran, Wish
from cantoria.app.matching_stakes import load_stakes
from cantoria.app.ports import Author
from cantoria.app.rights import load_around
from cantoria.bootstrap import matching as engines
from cantoria.bootstrap.house import WiredHouse
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity, Source
from cantoria.kernel.ids import LinkId, PartyId, RecordingId
from cantoria.registry import Registry
from cantoria.registry.facts import LinkAsserted, LinkReviewed, PartyNamed, PartyRegistered, RecordingRegistered
from cantoria.registry.match_facts import MatchDecided, MatchKind, MatchVerdict
from cantoria.registry.matching.attachment import read_pairs, write_pairs
from cantoria.registry.matching.types import Band, Thresholds
from cantoria.registry.types import LinkState, PartyKind, Relation, Tier

SAME, DIFFERENT, UNSURE = MatchVerdict.SAME, MatchVerdict.DIFFERENT, MatchVerdict.UNSURE
KIND = MatchKind.RECORDING


@dataclass
class Catalogue:
    """Recordings in a house: two of one thing (`a`, `b`), the live version (`live`), and something else."""

    house: WiredHouse
    society: Author
    label: Author
    ids: dict[str, str] = field(default_factory=dict)

    def register(
        self, name: str, title: str, *, artist: str = "Kim Min-jun", isrc: str = "", ms: int = 180_000
    ) -> None:
        recording = self.ids[name] = self.house.ids.new("recording")
        facts: list[object] = [
            RecordingRegistered(
                recording=RecordingId(recording),
                title=title,
                display_artist=artist,
                duration_ms=ms,
                source=Source(file=f"{name}.csv", line=7),
            )
        ]
        if isrc:
            link = LinkId(self.house.ids.new("link"))
            facts.append(
                LinkAsserted(
                    link=link, left=f"isrc:{isrc}", relation=Relation.IDENTIFIES, right=recording, asserted_by="us"
                )
            )
        self.house.journal.record(facts, author=self.society)  # type: ignore[arg-type]

    def run(self, *, dry_run: bool = False, thresholds: Thresholds = Thresholds()) -> Ran:  # noqa: B008
        with engines.matcher(self.house) as matcher:
            wish = Wish(kind=KIND, thresholds=thresholds)
            return matching.run(self.house, wish, matcher=matcher, author=self.society, dry_run=dry_run)

    def decide(self, left: str, right: str, verdict: MatchVerdict, author: Author | None = None) -> MatchDecided:
        decision = Decision(left=self.ids[left], right=self.ids[right], verdict=verdict, reason="heard both")
        fact = matching.decide(self.house, decision, author=author or self.society).fact
        assert isinstance(fact, MatchDecided)
        return fact

    def queued(self, author: Author | None = None, *, band: Band = Band.REVIEW) -> set[frozenset[str]]:
        found = matching_queue.queue(self.house, KIND, organisation=(author or self.society).party, band=band)
        names = {thing: name for name, thing in self.ids.items()}
        return {frozenset({names[item.left.id], names[item.right.id]}) for item in found.items}

    def registry(self) -> Registry:
        return self.house.rights.load(size=self.house.index.catch_up()).registry

    def joined(self, left: str, right: str) -> bool:
        return self.ids[right] in self.registry().closure(self.ids[left]).recordings


@pytest.fixture
def catalogue(house: WiredHouse, society: Author, label: Author) -> Catalogue:
    made = Catalogue(house, society, label)
    made.register("a", "봄비", artist="김민준", isrc="KRA381900123")
    made.register("b", "Bombi", isrc="KRA381900123", ms=180_400)
    made.register("live", "봄비 (Live)", isrc="KRA381900123")
    made.register("else", "Lluvia de Abril", artist="Ana Ruiz", ms=200_000)
    return made


def test_app_matching_a_run_proposes_and_joins_nothing(catalogue: Catalogue) -> None:
    ran = catalogue.run()
    fact = ran.fact
    assert (fact.rows, fact.links) == (4, 1)
    assert attachments_of(fact) == (fact.attachment,)
    pairs = list(read_pairs(catalogue.house.attachments.get(fact.attachment)))
    assert [pair.band for pair in pairs].count(Band.LINK) == 1
    assert ran.shown == 1
    shown = [link for link in catalogue.registry().links(catalogue.ids["a"]) if link.relation is Relation.SAME_AS]
    assert [(link.tier, link.asserted_by) for link in shown] == [(Tier.ASSERTED, (f"matching:{fact.model}",))]
    assert not catalogue.joined("a", "b")
    assert catalogue.queued(band=Band.LINK) == {frozenset({"a", "b"})}
    assert catalogue.queued() == {frozenset({"a", "live"}), frozenset({"b", "live"})}, "one ISRC, another version"


def test_app_matching_a_dry_run_records_nothing(catalogue: Catalogue) -> None:
    size = catalogue.house.journal.size()
    assert catalogue.run(dry_run=True).fact.links == 1
    assert catalogue.house.journal.size() == size


def test_app_matching_a_second_run_shows_no_link_twice(catalogue: Catalogue) -> None:
    catalogue.run()
    assert catalogue.run().shown == 0


def test_app_matching_a_decision_and_its_undo(catalogue: Catalogue) -> None:
    catalogue.run()
    made = catalogue.decide("b", "a", SAME)
    assert made.link
    view = catalogue.registry().link(made.link)
    assert view is not None
    assert (view.tier, view.state) == (Tier.DOCUMENTED, LinkState.UNREVIEWED)
    assert not catalogue.joined("a", "b"), "one organisation's word alone joins nothing"
    review = LinkReviewed(link=LinkId(_edge(catalogue)), agreed=True, reviewed_by=catalogue.label.party)
    catalogue.house.journal.record([review], author=catalogue.label)
    assert catalogue.joined("a", "b")
    assert catalogue.queued(band=Band.LINK) == set()

    receipts = matching.undo(catalogue.house, made.decision, author=catalogue.society, reason="wrong")
    assert len(receipts) == 2
    assert not catalogue.joined("a", "b")
    assert catalogue.queued(band=Band.LINK) == {frozenset({"a", "b"})}
    with pytest.raises(InputError, match="already"):
        matching.undo(catalogue.house, made.decision, author=catalogue.society)


def _edge(catalogue: Catalogue) -> str:
    """The id under which the edge between the two is known: that of its first assertion, the machine's."""
    links = catalogue.registry().links(catalogue.ids["a"])
    return next(link.link for link in links if link.relation is Relation.SAME_AS)


def test_app_matching_different_is_not_proposed_again(catalogue: Catalogue) -> None:
    catalogue.run()
    made = catalogue.decide("a", "b", DIFFERENT)
    assert made.link == ""
    assert catalogue.queued(band=Band.LINK) == set()
    again = catalogue.run()
    assert again.fact.links == 0, "no machine links what somebody keeps apart"
    assert frozenset({"a", "b"}) not in catalogue.queued()
    assert frozenset({"a", "b"}) in catalogue.queued(catalogue.label), "others are asked, and see who said what"
    assert matching.accept(catalogue.house, again.fact.run, author=catalogue.label) == 0
    matching.undo(catalogue.house, made.decision, author=catalogue.society)
    assert catalogue.run().fact.links == 1


def test_app_matching_unsure_stays_in_the_queue(catalogue: Catalogue) -> None:
    catalogue.run()
    catalogue.decide("a", "b", UNSURE)
    assert catalogue.queued(band=Band.LINK) == {frozenset({"a", "b"})}


def test_app_matching_refuses_decisions_that_make_no_sense(catalogue: Catalogue, house: WiredHouse) -> None:
    party = house.ids.new("party")
    house.journal.record(
        [PartyRegistered(party=PartyId(party), kind=PartyKind.PERSON), PartyNamed(party=PartyId(party), name="Ana")],
        author=catalogue.society,
    )
    catalogue.ids |= {"party": party, "nobody": house.ids.new("recording")}
    made = catalogue.decide("a", "b", SAME)
    for left, right in (("a", "a"), ("a", "party"), ("a", "nobody"), ("b", "a")):
        with pytest.raises(InputError):
            catalogue.decide(left, right, SAME)
    with pytest.raises(InputError, match="decision of"):
        matching.undo(house, made.decision, author=catalogue.label)
    with pytest.raises(InputError):
        matching.undo(house, "decision_none", author=catalogue.society)


def test_app_matching_accepts_a_band_as_a_whole(catalogue: Catalogue) -> None:
    catalogue.register("c", "Bombi", isrc="KRA381900123", ms=180_200)
    ran = catalogue.run()
    assert ran.fact.links == 3
    assert matching.accept(catalogue.house, ran.fact.run, author=catalogue.society, from_ppm=0, dry_run=True) == 3
    assert matching.accept(catalogue.house, ran.fact.run, author=catalogue.society, from_ppm=0) == 3
    assert matching.accept(catalogue.house, ran.fact.run, author=catalogue.society, from_ppm=0) == 0, "once"
    decisions = matching.load_decisions(catalogue.house)
    made = [one.fact for one in decisions.made.values()]
    assert {one.run for one in made} == {ran.fact.run}
    matching.undo(catalogue.house, made[0].decision, author=catalogue.society)
    assert matching.accept(catalogue.house, ran.fact.run, author=catalogue.society, from_ppm=0) == 1
    with pytest.raises(InputError):
        matching.accept(catalogue.house, "matching_none", author=catalogue.society)


def test_app_matching_decisions_drag_nothing_into_a_neighbourhood(catalogue: Catalogue) -> None:
    """Two things that somebody keeps apart, or that one run decided about, do not hang together."""
    catalogue.run()
    catalogue.decide("a", "else", DIFFERENT)
    size = catalogue.house.index.catch_up()
    around = load_around(catalogue.house.index, subjects=[catalogue.ids["a"]], size=size).registry
    assert around.recording(catalogue.ids["a"])
    assert around.recording(catalogue.ids["else"]) is None


def test_app_matching_shows_both_sides_with_reasons_and_sources(catalogue: Catalogue) -> None:
    catalogue.run()
    found = matching_queue.queue(catalogue.house, KIND, organisation=catalogue.society.party, band=Band.LINK)
    assert (found.total, found.basis) == (1, "nothing")
    (item,) = found.items
    assert {item.left.title, item.right.title} == {"봄비", "Bombi"}
    assert {one.file for one in (*item.left_evidence, *item.right_evidence)} == {"a.csv", "b.csv"}
    assert {"ISRC", "title", "performers", "duration"} <= {one.name for one in item.features}
    live = matching_queue.queue(catalogue.house, KIND, organisation=catalogue.society.party).items[0]
    assert "version" in live.rule


def test_app_matching_needs_a_run_for_a_queue(house: WiredHouse, society: Author) -> None:
    with pytest.raises(InputError, match="run one first"):
        matching_queue.queue(house, KIND, organisation=society.party)


def queued_twins(money: MoneyWorld) -> matching_queue.Queue:
    """Give every recording of the money world a twin, match, and return the queue."""
    for number in (1, 2, 3):
        twin = money.new(f"twin{number}", "recording")
        money.record(RecordingRegistered(recording=RecordingId(twin), title=f"Song {number}"))
    with engines.matcher(money.house) as matcher:
        wish = Wish(kind=KIND, thresholds=Thresholds(990_000, 1))
        matching.run(money.house, wish, matcher=matcher, author=money.society)
    return matching_queue.queue(money.house, KIND, organisation=money.society.party)


def names_of(money: MoneyWorld, item: matching_queue.Item) -> set[str]:
    named = {thing: name for name, thing in money.ids.items()}
    return {named[item.left.id], named[item.right.id]}


def test_app_matching_queue_begins_with_the_money_that_waits(money: MoneyWorld) -> None:
    """All three recordings earned as much; that of the third waits, for nobody knows who holds it."""
    money.train(R1, R2, R3)
    money.revenue("1000")
    money.distribute()
    found = queued_twins(money)
    assert found.basis == "waiting"
    first, second, third = found.items
    assert names_of(money, first) == {"r3", "twin3"}
    assert first.stake.waiting > 0 == second.stake.waiting
    assert second.stake.earned > 0 < third.stake.earned


def test_app_matching_queue_goes_by_plays_where_there_is_no_money(money: MoneyWorld) -> None:
    money.played(("e1", R1, "2026-10-05", 10), ("e2", R2, "2026-10-05", 900), ("e3", R3, "2026-10-05", 50))
    found = queued_twins(money)
    assert found.basis == "plays"
    assert [names_of(money, item) for item in found.items] == [{"r2", "twin2"}, {"r3", "twin3"}, {"r1", "twin1"}]
    assert [item.stake.plays for item in found.items] == [900, 50, 10]


def test_app_matching_waiting_money_outweighs_money_earned(money: MoneyWorld) -> None:
    stakes = load_stakes(money.house, currency="EUR")
    assert stakes.basis == "nothing"
    stakes.earned["a"] += 900
    stakes.waiting["b"] += 1
    assert stakes.of(("b",)) > stakes.of(("a", "a"))
    assert stakes.of(("a", "a")).earned == 900, "each name once"


def test_app_matching_attachment_is_read_back(catalogue: Catalogue) -> None:
    catalogue.run()
    made = matching.load_decisions(catalogue.house).latest_run(KIND, organisation=catalogue.society.party)
    assert made is not None
    data = catalogue.house.attachments.get(made.fact.attachment)
    assert write_pairs(read_pairs(data)) == data
    with pytest.raises(InputError):
        list(read_pairs(b'{"left":"a"}\n'))


def test_app_matching_a_run_of_a_stranger_is_nobody_else_s_queue(catalogue: Catalogue) -> None:
    """Any member can record a run: with pairs that it made up, or with none that anybody has."""
    ran = catalogue.run()
    house, queued = catalogue.house, catalogue.queued(catalogue.label)
    stranger = house.admit("stranger", capacities=(Capacity.DISTRIBUTOR,))
    (pair,) = [pair for pair in read_pairs(house.attachments.get(ran.fact.attachment)) if pair.band is Band.LINK]
    made_up = replace(pair, left=min(catalogue.ids.values()), right=max(catalogue.ids.values()), probability_ppm=10**6)
    forged = replace(ran.fact, run="matching_forged", attachment=house.attachments.put(write_pairs([made_up])))
    missing = replace(ran.fact, run="matching_missing", attachment="ab" * 32)
    house.journal.record([forged, missing], author=stranger)

    assert catalogue.queued(catalogue.label) == queued
    with pytest.raises(InputError, match="any pair"):
        matching.accept(house, "matching_forged", author=catalogue.label, from_ppm=0)
    for who in (catalogue.label, stranger):
        found = matching.proposal_of(
            house, pair.left, pair.right, decisions=matching.load_decisions(house), organisation=who.party
        )
        assert found is not None
        assert found[0].fact.run == ran.fact.run


def test_app_matching_a_stranger_s_word_joins_nothing(catalogue: Catalogue) -> None:
    """It decides, agrees with its own decision, and with the machine's link that a society showed."""
    catalogue.run()
    stranger = catalogue.house.admit("stranger", capacities=(Capacity.DISTRIBUTOR,))
    made = catalogue.decide("a", "b", SAME, stranger)
    for link in (made.link, _edge(catalogue)):
        review = LinkReviewed(link=LinkId(link), agreed=True, reviewed_by=stranger.party)
        catalogue.house.journal.record([review], author=stranger)
    assert not catalogue.joined("a", "b")
    assert not catalogue.joined("b", "a")
