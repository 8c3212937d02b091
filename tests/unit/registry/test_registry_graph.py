"""Links, their states, resolution of codes, closure, cases, releases and catalogues."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import DAY
from cantoria.registry import (
    Ambiguous,
    CaseKind,
    Closure,
    Found,
    LinkState,
    NotFound,
    PartyKind,
    Problem,
    Relation,
    Role,
    Side,
    Tier,
    WorkKind,
)
from cantoria.registry.facts import CatalogueDefined, DisputeOpened, PartyNamed, PartyRegistered, ReleaseRegistered

NOW = 20_000 * DAY
A, D, U = LinkState.AGREED, LinkState.DISPUTED, LinkState.UNREVIEWED
DOC, RULED, LOW = Tier.DOCUMENTED, Tier.ADJUDICATED, Tier.ASSERTED


@pytest.mark.parametrize(
    ("reviews", "state"),
    [
        ([], U),
        ([("x", True, DOC)], A),
        ([("x", True, LOW)], U),
        ([("x", False, DOC)], D),
        ([("x", False, LOW)], U),
        ([("x", True, DOC), ("y", False, DOC)], D),
        ([("x", False, DOC), ("x", True, DOC)], A),
        ([("x", False, DOC), ("y", True, RULED)], A),
        ([("y", True, RULED), ("x", False, DOC)], A),
        ([("x", False, RULED), ("y", True, RULED)], A),
        ([("y", True, RULED), ("x", False, RULED)], D),
    ],
)
def test_registry_state_of_a_link(tape: Any, reviews: list[Any], state: LinkState) -> None:
    link = tape.names("isrc:1", "rec")
    for by, agreed, tier in reviews:
        tape.review(link, agreed, by, tier)
    (view,) = tape.fold().links("rec")
    assert view.state is state


def test_registry_assertions_of_one_edge_stand_side_by_side(tape: Any) -> None:
    first = tape.names("isrc:1", "rec", tier=LOW)
    tape.names("isrc:1", "rec", by="cmo", tier=Tier.VERIFIED)
    (view,) = tape.fold().links("isrc:1")
    assert (view.link, view.asserted_by, view.state, view.tier) == (first, ("label", "cmo"), A, Tier.VERIFIED)
    assert tape.fold().link(first) == view
    assert tape.fold().link("link_none") is None


def test_registry_review_before_its_link_counts(tape: Any) -> None:
    tape.review("link_x", False)
    tape.names("isrc:1", "rec", link="link_x")
    assert tape.fold().links("rec")[0].state is D


def test_registry_reused_link_id_does_not_inherit_reviews(tape: Any) -> None:
    tape.names("isrc:1", "rec", link="link_x")
    tape.review("link_x", True)
    tape.names("isrc:1", "two", by="stranger", link="link_x")
    assert [view.state for view in tape.fold().links("isrc:1")] == [A, U]


def catalogue(tape: Any) -> None:
    """rec embodies song (ISWC 1), an arrangement of hymn (ISWC 2); two and tre embody tune (ISWC 3)."""
    for recording in ("rec", "two", "tre"):
        tape.recording(recording)
        tape.names(f"isrc:{recording}", recording)
        tape.names(f"uci:{recording}", recording)
    tape.work("hymn")
    tape.work("song", "hymn", kind=WorkKind.ARRANGEMENT)
    tape.work("tune")
    tape.work("lone")
    for code, work in (("1", "song"), ("2", "hymn"), ("3", "tune"), ("4", "lone")):
        tape.names(f"iswc:{code}", work)
    for recording, work in (("rec", "song"), ("two", "tune"), ("tre", "tune")):
        tape.embodies(recording, work)
    tape.names("isrc:shared", "two")
    tape.names("isrc:shared", "tre")
    tape.names("own:weak", "rec", tier=LOW)
    tape.say(ReleaseRegistered(release="album", title="Album", recordings=("two", "tre")))
    tape.say(ReleaseRegistered(release="single", title="Single", recordings=("rec",)))
    tape.names("grid:album", "album")
    tape.names("grid:single", "single")
    tape.names("own:erased", "gone")


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ("isrc:rec", Found("rec", Side.RECORDING, "isrc")),
        ("isrc:rec isrc:rec", Found("rec", Side.RECORDING, "isrc")),
        ("isrc:rec iswc:1", Found("rec", Side.RECORDING, "isrc")),
        ("isrc:rec iswc:2", Found("rec", Side.RECORDING, "isrc")),
        ("iswc:1 uci:rec isrc:rec", Found("rec", Side.RECORDING, "isrc")),
        ("isrc:rec iswc:3", Ambiguous(("rec", "tre", "two"), True)),
        ("isrc:rec iswc:4", Ambiguous(("rec",), True)),
        ("isrc:rec uci:two", Ambiguous(("rec", "two"), True)),
        ("isrc:rec isrc:two", Ambiguous(("rec", "two"), True)),
        ("isrc:rec grid:single", Found("rec", Side.RECORDING, "isrc")),
        ("isrc:rec grid:album", Ambiguous(("rec", "tre", "two"), True)),
        ("isrc:rec own:nobody-knows", Found("rec", Side.RECORDING, "isrc")),
        ("isrc:rec own:weak", Found("rec", Side.RECORDING, "isrc")),
        ("isrc:shared", Ambiguous(("tre", "two"))),
        ("isrc:shared uci:two", Ambiguous(("tre", "two"))),
        ("iswc:1", Found("rec", Side.RECORDING, "iswc")),
        ("iswc:3", Ambiguous(("tre", "two"))),
        ("iswc:3 uci:two", Found("two", Side.RECORDING, "uci")),
        ("iswc:1 uci:two", Ambiguous(("rec", "two"), True)),
        ("iswc:4", NotFound()),
        ("uci:rec", Found("rec", Side.RECORDING, "uci")),
        ("uci:rec uci:two", Ambiguous(("rec", "two"), True)),
        ("own:weak", NotFound()),
        ("own:erased", Found("gone", Side.RECORDING, "own")),
        ("own:erased isrc:rec", Ambiguous(("gone", "rec"), True)),
        ("grid:single", Found("rec", Side.RECORDING, "grid")),
        ("grid:album", Ambiguous(("tre", "two"))),
        ("isrc:never", NotFound()),
        ("", NotFound()),
    ],
)
def test_registry_resolves_a_recording(tape: Any, codes: str, expected: Any) -> None:
    catalogue(tape)
    assert tape.fold().resolve(codes.split()) == expected


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ("iswc:1", Found("song", Side.WORK, "iswc")),
        ("iswc:1 isrc:rec", Found("song", Side.WORK, "iswc")),
        ("iswc:2 isrc:rec", Found("hymn", Side.WORK, "iswc")),
        ("iswc:1 iswc:3", Ambiguous(("song", "tune"), True)),
        ("iswc:1 isrc:two", Ambiguous(("song", "tune"), True)),
        ("isrc:rec", Found("song", Side.WORK, "isrc")),
        ("isrc:two isrc:tre", Found("tune", Side.WORK, "isrc")),
        ("iswc:4", Found("lone", Side.WORK, "iswc")),
        ("iswc:9", NotFound()),
    ],
)
def test_registry_resolves_a_work(tape: Any, codes: str, expected: Any) -> None:
    catalogue(tape)
    assert tape.fold().resolve(codes.split(), media="work") == expected


def test_registry_disputed_code_no_longer_names_but_stays_in_the_way(tape: Any) -> None:
    catalogue(tape)
    link = tape.names("isrc:doubt", "rec")
    tape.review(link, False)
    registry = tape.fold()
    assert registry.resolve(["isrc:doubt"]) == Ambiguous(("rec",))
    assert registry.resolve(["isrc:doubt", "uci:rec"]) == Found("rec", Side.RECORDING, "uci")
    assert registry.resolve(["isrc:doubt", "uci:two"]) == Ambiguous(("rec", "two"))
    assert "isrc:doubt" not in registry.codes_of("rec")
    assert registry.named_by("isrc:doubt") == ()


def test_registry_same_as_counts_only_when_agreed(tape: Any) -> None:
    catalogue(tape)
    tape.names("isrc:copy", "copy")
    tape.recording("copy")
    link = tape.link("copy", Relation.SAME_AS, "rec")
    tape.link("uci:elsewhere", Relation.SAME_AS, "uci:two")
    tape.link("uci:elsewhere", Relation.SAME_AS, "uci:two", by="cmo")
    registry = tape.fold()
    assert registry.resolve(["isrc:copy", "isrc:rec"]) == Ambiguous(("copy", "rec"), True)
    assert registry.resolve(["uci:elsewhere"]) == Found("two", Side.RECORDING, "uci")
    tape.review(link, True)
    registry = tape.fold()
    assert registry.resolve(["isrc:copy", "isrc:rec"]) == Found("rec", Side.RECORDING, "isrc")
    assert registry.resolve(["isrc:copy"]) == Found("rec", Side.RECORDING, "isrc")
    # whoever holds the copy is asked too: merging opens no door
    assert registry.closure("rec").recordings == ("copy", "rec")
    assert Problem.NO_LINKED_WORK in registry.closure("rec").problems


@given(order=st.permutations(["machine", "word", "review"]), again=st.booleans())
def test_registry_nobody_agrees_with_itself_over_a_machine_s_proposal(
    new_tape: Any, order: list[str], again: bool
) -> None:
    tape = new_tape()
    catalogue(tape)
    tape.recording("copy", by="evil")
    for step in order:
        match step:
            case "machine":
                tape.link("copy", Relation.SAME_AS, "rec", tier=LOW, link="link_machine", asserted_by="matching:1")
            case "word":
                tape.link("copy", Relation.SAME_AS, "rec", by="evil", link="link_word")
            case _:
                tape.review("link_machine", True, by="evil")
                tape.review("link_word", True, by="evil")
    if again:
        tape.review("link_machine", True, by="evil")
    registry = tape.fold()
    assert [view.state for view in registry.links("copy") if view.relation is Relation.SAME_AS] == [U]
    assert registry.closure("rec").recordings == ("rec",)
    tape.review("link_word" if order.index("word") < order.index("machine") else "link_machine", True, by="label")
    assert tape.fold().closure("rec").recordings == ("copy", "rec")


def test_registry_refuses_unknown_media_and_too_many_codes(tape: Any) -> None:
    with pytest.raises(InputError):
        tape.fold().resolve(["isrc:1"], media="film")
    with pytest.raises(InputError):
        tape.fold().resolve([f"isrc:{n}" for n in range(65)])


@settings(deadline=None)
@given(codes=st.lists(st.sampled_from(["isrc:rec", "isrc:shared", "iswc:1", "iswc:3", "uci:two", "own:erased"])))
def test_registry_order_of_codes_never_matters(new_tape: Any, codes: list[str]) -> None:
    tape = new_tape()
    catalogue(tape)
    registry = tape.fold()
    found, turned = registry.resolve(codes), registry.resolve(codes[::-1])
    if isinstance(found, Found) and isinstance(turned, Found):
        assert found.subject == turned.subject
    else:
        assert found == turned


def test_registry_closure_of_a_medley_with_an_arrangement_and_a_sample(tape: Any) -> None:
    tape.work("hymn")
    tape.work("song", "hymn", kind=WorkKind.ARRANGEMENT)
    tape.work("tune")
    tape.work("medley", "song", "tune", kind=WorkKind.MEDLEY)
    tape.work("beat")
    tape.recording("old")
    tape.embodies("old", "beat")
    tape.recording("rec", "old")
    tape.embodies("rec", "medley")
    registry = tape.fold()
    works = ("beat", "hymn", "medley", "song", "tune")
    assert registry.closure("rec") == Closure(works, ("old", "rec"), ())
    assert registry.works_of("rec") == ("hymn", "medley", "song", "tune")
    assert registry.closure("song") == Closure(("hymn", "song"), (), ())
    assert registry.recordings_of("beat") == ("old",)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda t: t.recording("rec"), Problem.NO_LINKED_WORK),
        (lambda t: (t.recording("rec"), t.embodies("rec", "song", tier=LOW)), Problem.NO_LINKED_WORK),
        (lambda t: (t.recording("rec"), t.embodies("rec", "gone")), Problem.ORIGINAL_UNKNOWN),
        (lambda t: (t.recording("rec", "gone"), t.embodies("rec", "song")), Problem.SAMPLE_UNKNOWN),
        (lambda t: (t.recording("rec", samples_complete=False), t.embodies("rec", "song")), Problem.SAMPLE_UNKNOWN),
        (lambda t: t.embodies("rec", "song"), Problem.SAMPLE_UNKNOWN),
        (
            lambda t: (t.recording("rec"), t.review(t.embodies("rec", "song"), False)),
            Problem.BLOCKING_DISPUTE,
        ),
        (
            lambda t: (
                t.recording("rec"),
                t.work("cover", kind=WorkKind.TRANSLATION),
                t.embodies("rec", "cover"),
            ),
            Problem.ORIGINAL_UNKNOWN,
        ),
        (
            lambda t: (t.recording("rec"), t.work("mix", "song", parts_complete=False), t.embodies("rec", "mix")),
            Problem.ORIGINAL_UNKNOWN,
        ),
    ],
)
def test_registry_closure_says_where_the_chain_breaks(tape: Any, change: Any, problem: Problem) -> None:
    tape.work("song")
    change(tape)
    assert problem in tape.fold().closure("rec").problems


def test_registry_disputed_work_stays_in_the_closure(tape: Any) -> None:
    tape.recording("rec")
    tape.work("song")
    tape.review(tape.embodies("rec", "song"), False)
    assert tape.fold().closure("rec") == Closure(("song",), ("rec",), (Problem.BLOCKING_DISPUTE,))


def test_registry_closure_stands_cycles(tape: Any) -> None:
    tape.work("a", "b", kind=WorkKind.MEDLEY)
    tape.work("b", "a", kind=WorkKind.MEDLEY)
    tape.recording("rec", "two")
    tape.recording("two", "rec")
    tape.embodies("rec", "a")
    tape.embodies("two", "b")
    assert tape.fold().closure("rec") == Closure(("a", "b"), ("rec", "two"), ())


def test_registry_closure_too_large_is_a_problem_not_an_omission(tape: Any) -> None:
    for n in range(10_001):
        tape.work(f"w{n}", f"w{n + 1}", kind=WorkKind.ARRANGEMENT)
    tape.work("w10001")
    assert tape.fold().closure("w0").problems == (Problem.ORIGINAL_UNKNOWN,)
    assert tape.fold().closure("w10").problems == ()


def test_registry_other_organisation_cannot_take_parts_or_samples_away(tape: Any) -> None:
    tape.work("song", "hymn", kind=WorkKind.ARRANGEMENT)
    tape.work("hymn")
    tape.work("song", by="stranger")
    tape.recording("rec", "old")
    tape.recording("rec", by="stranger")
    registry = tape.fold()
    assert registry.closure("song").works == ("hymn", "song")
    view = registry.recording("rec")
    assert view is not None
    assert view.samples == ("old",)
    tape.work("song")
    assert tape.fold().closure("song").works == ("song",)


def test_registry_an_id_stays_what_it_first_was(tape: Any) -> None:
    tape.recording("rec")
    tape.line_up("rec")
    tape.work("rec", by="stranger")
    registry = tape.fold()
    assert registry.side_of("rec") is Side.RECORDING
    assert registry.work("rec") is None
    assert list(registry.subjects()) == ["rec"]


def test_registry_catalogues_and_releases_grow_only_by_their_own(tape: Any) -> None:
    def define(members: tuple[str, ...], by: str) -> None:
        tape.say(CatalogueDefined(catalogue="cat", owner="ada", members=members), by)

    def release(recordings: tuple[str, ...], by: str) -> None:
        tape.say(ReleaseRegistered(release="album", title="Album", recordings=recordings), by)

    define(("album", "song"), "label")  # 0
    release(("rec",), "label")  # 1
    define(("two",), "stranger")  # 2
    release(("two",), "stranger")  # 3
    define(("tre",), "label")  # 4
    release(("tre",), "label")  # 5
    registry = tape.fold()
    assert registry.catalogues_of("rec", at_index=2) == ("cat",)
    assert registry.catalogues_of("rec", at_index=1) == ()
    assert registry.catalogues_of("song", at_index=9) == ("cat",)
    assert registry.catalogues_of("two", at_index=9) == ()
    assert registry.catalogues_of("tre", at_index=4) == ()
    assert registry.catalogues_of("tre", at_index=5) == ("cat",)
    assert registry.releases_of("rec") == ("album",)
    assert registry.releases_of("two") == ()
    assert registry.catalogue_owner("cat") == "ada"
    view = registry.release("album")
    assert view is not None
    assert view.recordings == ("rec", "tre")


def test_registry_party_with_names_and_codes(tape: Any) -> None:
    tape.say(PartyRegistered(party="ada", kind=PartyKind.PERSON, reachable=False))
    tape.say(PartyNamed(party="ada", name="Ada Ström", codes=("ipi_name:00014107338",)))
    registry = tape.fold()
    view = registry.party("ada")
    assert view is not None
    assert (view.kind, view.reachable, view.names) == (PartyKind.PERSON, False, ("Ada Ström",))
    assert registry.named_by("ipi_name:00014107338") == ("ada",)
    assert registry.codes_of("ada") == ("ipi_name:00014107338",)
    assert registry.party("bo") is None
    assert registry.registered_index("ada") == 0
    assert registry.registered_index("bo") == -1
    tape.say(PartyRegistered(party="ada", kind=PartyKind.PERSON, reachable=True), "cmo")
    again = tape.fold().party("ada")
    assert again is not None
    assert again.reachable


def test_registry_overclaim_is_a_case_with_a_clock_and_a_next_actor(tape: Any) -> None:
    tape.work("song")
    tape.claim("song", "bo", Role.COMPOSER, "2/3", by="pub", claim="claim_a")
    tape.claim("song", "cy", Role.COMPOSER, "1/2", by="cmo", territory="KR", claim="claim_b")
    tape.claim("song", "di", Role.COMPOSER, "1/2", by="other", territory="US", claim="claim_c")
    (case,) = tape.fold().cases(NOW)
    assert case.kind is CaseKind.SHARES_ABOVE_WHOLE
    assert (case.subject, case.next_actor, case.blocks) == ("song", "other", True)
    assert case.opened_at == NOW + 2
    assert case.due_at == case.opened_at + 30 * DAY
    assert case.evidence == (1, 2, 3)
    assert "claim_b of cy 1/2" in case.detail
    assert case.case.startswith("case_")
    (again,) = tape.fold(size=3).cases(NOW)
    assert again.case == case.case
    tape.withdraw("claim_a", by="pub")
    assert tape.fold().cases(NOW) == ()
    assert tape.fold(size=4).cases(NOW) == (case,)


def test_registry_shares_in_different_countries_are_no_conflict(tape: Any) -> None:
    tape.work("song")
    tape.claim("song", "bo", Role.COMPOSER, "1", territory="KR")
    tape.claim("song", "cy", Role.COMPOSER, "1", territory="US")
    assert tape.fold().cases(NOW) == ()


def test_registry_cases_of_codes_and_links(tape: Any) -> None:
    catalogue(tape)
    link = tape.names("isrc:doubt", "rec")
    tape.review(link, False)
    tape.say(
        DisputeOpened(
            case="case_x",
            subject="song",
            side=Side.WORK,
            opened_by="cy",
            tier=DOC,
            reason="mine",
            next_actor="pub",
            due_at=NOW + DAY,
        )
    )
    cases = tape.fold().cases(NOW)
    assert [case.kind for case in cases] == [
        CaseKind.CODE_SHARED,
        CaseKind.LINK_DISPUTED,
        CaseKind.CLAIM_DISPUTED,
    ]
    shared, disputed, claimed = cases
    assert shared.subject == "isrc:shared"
    assert "tre, two" in shared.detail
    assert disputed.subject == "rec"
    assert (claimed.case, claimed.due_at) == ("case_x", NOW + DAY)
