"""Titles, collections, chains of title, and links taken back."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cantoria.kernel.facts import Capacity
from cantoria.kernel.periods import DAY, Period
from cantoria.registry import CaseKind, LinkState, Problem, Relation, Right, Role, Side, Tier
from cantoria.registry.facts import LinkAsserted, LinkReviewed
from cantoria.registry.trade_facts import (
    ChainAsserted,
    ChainKind,
    CollectionClaimed,
    LinkWithdrawn,
    TitleGiven,
    TitleKind,
)

NOW = 20_000 * DAY
KR, US = "0410", "0840"


def withdraw(tape: Any, link: str, by: str = "label", **more: Any) -> None:
    tape.say(LinkWithdrawn(link=link, reason="sent in error"), by, **more)


def test_registry_a_withdrawn_link_has_no_effect_and_is_still_shown(tape: Any) -> None:
    tape.recording("rec")
    link = tape.names("isrc:1", "rec")
    withdraw(tape, link)
    registry = tape.fold()
    assert registry.named_by("isrc:1") == ()
    (view,) = registry.links("rec")
    assert (view.link, view.state, view.tier, view.asserted_by) == (link, LinkState.WITHDRAWN, Tier.SIGNAL, ())


def test_registry_only_who_asserted_a_link_takes_it_back(tape: Any) -> None:
    link = tape.names("isrc:1", "rec")
    withdraw(tape, link, "stranger")
    assert tape.fold().named_by("isrc:1") == ("rec",)
    withdraw(tape, link, "office", capacity=Capacity.REGISTRAR)
    assert tape.fold().named_by("isrc:1") == ()


def test_registry_what_others_assert_stands(tape: Any) -> None:
    link = tape.names("isrc:1", "rec", tier=Tier.VERIFIED)
    tape.names("isrc:1", "rec", by="cmo")
    assert tape.fold().links("rec")[0].state is LinkState.AGREED
    withdraw(tape, link)
    (view,) = tape.fold().links("rec")
    assert (view.asserted_by, view.tier, view.state) == (("cmo",), Tier.DOCUMENTED, LinkState.UNREVIEWED)
    assert tape.fold().named_by("isrc:1") == ("rec",)


def test_registry_a_link_asserted_again_stands_again(tape: Any) -> None:
    link = tape.names("isrc:1", "rec")
    withdraw(tape, link)
    tape.names("isrc:1", "rec", link=link)
    assert tape.fold().named_by("isrc:1") == ("rec",)
    assert tape.fold(size=2).named_by("isrc:1") == ()


def test_registry_a_withdrawal_before_its_link_takes_nothing_back(tape: Any) -> None:
    withdraw(tape, "link_x")
    tape.names("isrc:1", "rec", link="link_x")
    assert tape.fold().named_by("isrc:1") == ("rec",)


def test_registry_a_reused_link_id_withdraws_only_ones_own(tape: Any) -> None:
    tape.names("isrc:1", "rec", link="link_x")
    tape.names("isrc:2", "two", by="stranger", link="link_x")
    withdraw(tape, "link_x", "stranger")
    assert (tape.fold().named_by("isrc:1"), tape.fold().named_by("isrc:2")) == (("rec",), ())
    tape.names("isrc:2", "two", by="stranger", link="link_x")
    withdraw(tape, "link_x", "office", capacity=Capacity.OPERATOR)
    assert (tape.fold().named_by("isrc:1"), tape.fold().named_by("isrc:2")) == ((), ("two",)), "it speaks of the first"


def test_registry_a_withdrawn_link_is_no_case_and_joins_nothing(tape: Any) -> None:
    tape.recording("rec")
    tape.recording("two")
    tape.work("song")
    same = tape.link("rec", Relation.SAME_AS, "two")
    tape.review(same, True)
    work = tape.embodies("rec", "song")
    tape.review(work, False)
    assert tape.fold().closure("rec").recordings == ("rec", "two")
    assert [case.kind for case in tape.fold().cases(NOW)] == [CaseKind.LINK_DISPUTED]
    withdraw(tape, same)
    withdraw(tape, work)
    closure = tape.fold().closure("rec")
    assert (closure.recordings, closure.works, closure.problems) == (("rec",), (), (Problem.NO_LINKED_WORK,))
    assert tape.fold().cases(NOW) == ()


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_registry_links_one_by_one_are_as_links_at_once(new_tape: Any, data: st.DataObject) -> None:
    tape = new_tape()
    orgs, links, codes, things = ("label", "cmo", "office"), ("l1", "l2"), ("isrc:1", "iswc:2"), ("rec", "two")
    for _ in range(data.draw(st.integers(1, 12))):
        by = data.draw(st.sampled_from(orgs))
        capacity = Capacity.REGISTRAR if by == "office" else Capacity.PRODUCER
        link, code, thing = (data.draw(st.sampled_from(one)) for one in (links, codes, things))
        match data.draw(st.integers(0, 2)):
            case 0:
                tier = data.draw(st.sampled_from(list(Tier)))
                relation = data.draw(st.sampled_from([Relation.IDENTIFIES, Relation.SAME_AS]))
                fact: Any = LinkAsserted(
                    link=link, left=code, relation=relation, right=thing, asserted_by=by, tier=tier
                )
            case 1:
                fact = LinkReviewed(link=link, agreed=data.draw(st.booleans()), reviewed_by=by)
            case _:
                fact = LinkWithdrawn(link=link)
        tape.say(fact, by, capacity=capacity)
    shuffled = data.draw(st.permutations(tape.facts))
    whole = tape.fold()
    grown = type(whole)()
    for recorded in tape.facts:
        grown.add(recorded)
        for node in (*codes, *things):
            grown.codes_of(node)
    again = type(whole).fold(shuffled)
    for node in (*codes, *things):
        assert whole.links(node) == again.links(node) == grown.links(node)
        assert whole.named_by(node) == again.named_by(node) == grown.named_by(node)
        for view in whole.links(node):
            assert (view.state is LinkState.WITHDRAWN) == (view.asserted_by == ())


def test_registry_titles_are_kept_once_as_first_said(tape: Any) -> None:
    tape.work("song")
    for by in ("label", "cmo"):
        tape.say(TitleGiven(subject="song", title="봄비", kind=TitleKind.FORMAL, language="KO"), by)
    tape.say(TitleGiven(subject="song", title="Bombi", kind=TitleKind.TRANSCRIBED))
    titles = tape.fold().titles("song")
    assert [(one.title, one.kind.value, one.language, one.organisation) for one in titles] == [
        ("봄비", "formal", "KO", "label"),
        ("Bombi", "transcribed", "", "label"),
    ]
    assert tape.fold().titles("other") == ()


def collect(tape: Any, party: str, share: str, claim: str = "c1", **more: Any) -> None:
    by = more.pop("by", "pub")
    fact = CollectionClaimed(
        claim=claim,
        subject=more.pop("subject", "song"),
        party=party,
        role=more.pop("role", Role.PUBLISHER),
        right=Right.PERFORMING,
        share=Fraction(share),
        **more,
    )
    tape.say(fact, by, capacity=Capacity.PUBLISHER)


def chain(tape: Any, grantor: str, acquirer: str, kind: ChainKind = ChainKind.ORIGINAL, **more: Any) -> None:
    by, capacity = more.pop("by", "pub"), more.pop("capacity", Capacity.PUBLISHER)
    name = more.pop("chain", f"chain_{len(tape.facts)}")
    tape.say(
        ChainAsserted(chain=name, subject="song", grantor=grantor, acquirer=acquirer, kind=kind, **more),
        by,
        capacity=capacity,
    )


def test_registry_a_later_collection_or_chain_of_one_id_replaces_the_earlier(tape: Any) -> None:
    tape.work("song", by="pub")
    collect(tape, "pub", "1/2")
    collect(tape, "pub", "1/3")
    collect(tape, "pub", "1/4", by="other")
    collect(tape, "pub", "1/4", by="other", subject="hymn")
    assert [one.fact.share for one in tape.fold().collections("song")] == [Fraction(1, 3)]
    assert [one.fact.share for one in tape.fold().collections("hymn")] == [Fraction(1, 4)]
    chain(tape, "bo", "pub", chain="x")
    chain(tape, "cy", "pub", chain="x")
    assert [one.fact.grantor for one in tape.fold().chains("song")] == ["cy"]


def published(tape: Any, **more: Any) -> None:
    """A work that bo wrote and pub publishes, with complete holders."""
    tape.work("song", by="pub")
    claims = (
        tape.claim("song", "bo", Role.COMPOSER, "1/2", by="pub"),
        tape.claim("song", "pub", Role.PUBLISHER, "1/2", by="pub", **more),
    )
    tape.complete("song", Side.WORK, *claims, by="pub")


def state(tape: Any, country: str = KR, at: int = NOW + 1000) -> tuple[bool, tuple[Problem, ...]]:
    side = tape.fold().side("song", territory=country, at=at)
    return side.complete, side.problems


WHOLE, BLOCKED = (True, ()), (True, (Problem.BLOCKING_DISPUTE,))


def test_registry_a_work_without_chains_on_record_asks_for_none(tape: Any) -> None:
    published(tape)
    assert state(tape) == WHOLE
    assert tape.fold().cases(NOW + 1000) == ()


def test_registry_a_chain_from_the_writer_bears_a_claim_out(tape: Any) -> None:
    published(tape)
    chain(tape, "bo", "pub")
    assert state(tape) == WHOLE
    assert tape.fold().cases(NOW + 1000) == ()


@pytest.mark.parametrize("grantor", ["", "nobody"])
def test_registry_a_chain_whose_grantor_has_nothing_blocks(tape: Any, grantor: str) -> None:
    published(tape)
    chain(tape, grantor, "pub")
    assert state(tape) == BLOCKED
    (case,) = tape.fold().cases(NOW + 1000)
    assert (case.kind, case.subject, case.blocks, case.next_actor) == (CaseKind.CHAIN_BROKEN, "song", True, "pub")
    assert case.evidence == (2, 4)
    assert (grantor or "names no grantor") in case.detail
    chain(tape, "bo", "pub")
    assert state(tape) == WHOLE, "another chain bears the claim out"


def test_registry_a_chain_through_another_publisher_needs_that_ones_own(tape: Any) -> None:
    published(tape)
    chain(tape, "origin", "pub", ChainKind.ADMINISTRATION)
    assert state(tape) == BLOCKED
    chain(tape, "bo", "origin")
    assert state(tape) == WHOLE


def test_registry_territories_that_do_not_agree_block_where_they_do_not(tape: Any) -> None:
    published(tape)
    chain(tape, "bo", "pub", territory=KR)
    assert (state(tape, KR), state(tape, US)) == (WHOLE, BLOCKED)
    assert "territories" in tape.fold().cases(NOW + 1000)[0].detail
    assert KR in tape.fold().territory_expressions()


def test_registry_a_chain_that_ended_blocks_from_then_on(tape: Any) -> None:
    published(tape)
    chain(tape, "bo", "pub", period=Period(end=NOW + 500))
    assert (state(tape, at=NOW + 499), state(tape, at=NOW + 500)) == (WHOLE, BLOCKED)


def test_registry_income_alone_passes_nothing_on(tape: Any) -> None:
    published(tape)
    chain(tape, "bo", "sharer", ChainKind.INCOME)
    chain(tape, "sharer", "pub")
    assert state(tape) == BLOCKED


def test_registry_a_publisher_that_no_chain_names_is_shown_where_every_writer_granted(tape: Any) -> None:
    published(tape)
    tape.claim("song", "cy", Role.LYRICIST, by="pub")
    chain(tape, "bo", "other")
    assert tape.fold().cases(NOW + 1000) == (), "cy has granted nothing: pub may have it from there"
    chain(tape, "cy", "other")
    (case,) = tape.fold().cases(NOW + 1000)
    assert (case.kind, case.blocks) == (CaseKind.CHAIN_BROKEN, False)
    assert "no chain leads to pub" in case.detail


def test_registry_a_sub_publisher_collects_where_the_original_has_a_chain(tape: Any) -> None:
    published(tape)
    chain(tape, "bo", "pub")
    chain(tape, "absent", "sub", ChainKind.SUB_PUBLICATION, territory=US)
    collect(tape, "sub", "1/2", territory=US)
    (case,) = tape.fold().cases(NOW + 1000)
    assert (case.blocks, state(tape, US)) == (False, WHOLE), "who only collects is no holder"
    assert "absent" in case.detail
    chain(tape, "pub", "sub", ChainKind.SUB_PUBLICATION, territory=US)
    assert tape.fold().cases(NOW + 1000) == ()
    collect(tape, "sub", "1/2", territory=f"{US} {KR}")
    assert [one.blocks for one in tape.fold().cases(NOW + 1000)] == [False]


def test_registry_a_writer_that_collects_without_a_chain_is_shown(tape: Any) -> None:
    published(tape)
    tape.claim("song", "cy", Role.LYRICIST, by="pub")
    collect(tape, "cy", "1/2", role=Role.LYRICIST)
    assert tape.fold().cases(NOW + 1000) == (), "without any chain on record there is none to miss"
    chain(tape, "bo", "pub")
    (case,) = tape.fold().cases(NOW + 1000)
    assert (case.blocks, case.concerned.holders[0], case.evidence) == (False, "cy", (5, 6))
    chain(tape, "cy", "pub")
    assert tape.fold().cases(NOW + 1000) == ()


def test_registry_a_strangers_chain_neither_breaks_nor_mends(tape: Any) -> None:
    published(tape)
    chain(tape, "", "pub", by="stranger")
    assert (state(tape), tape.fold().chains("song")[0].effective) == (WHOLE, False)
    chain(tape, "", "pub")
    chain(tape, "bo", "pub", by="stranger")
    assert state(tape) == BLOCKED
    chain(tape, "bo", "pub", by="office", capacity=Capacity.REGISTRAR)
    assert state(tape) == WHOLE


def test_registry_who_answers_for_the_grantor_makes_a_chain(tape: Any) -> None:
    published(tape)
    chain(tape, "", "pub")
    grown = tape.fold()
    assert grown.side("song", territory=KR, at=NOW).problems == (Problem.BLOCKING_DISPUTE,)
    start = len(tape.facts)
    chain(tape, "bo", "pub", by="agency")
    tape.party("bo", reachable=True)
    assert state(tape) == BLOCKED, "label registered bo, agency did not"
    tape.facts[-1] = type(tape.facts[-1])(start + 1, "f", "agency", Capacity.PUBLISHER, NOW, tape.facts[-1].fact)
    for recorded in tape.facts[start:]:
        grown.add(recorded)
    assert grown.side("song", territory=KR, at=NOW).problems == ()
