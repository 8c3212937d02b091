"""The sample world's records: planted messes in their proportions, shares as planted, people as they should be."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction

import pytest

from cantoria.app.sample import records, settings, story
from cantoria.app.sample.catalogue import Draft
from cantoria.consent.types import LicenseeKind, ScopeKind, Verdict
from cantoria.kernel.uses import FAMILIES
from cantoria.mandates.types import MandateKind
from cantoria.registry.types import PartyKind, Right, Side, WorkKind

SCALE = 0.1


@pytest.fixture(scope="module")
def draft() -> Draft:
    return records.build(7, size=settings.Size.of(SCALE))


def test_the_shipped_world_has_the_promised_size() -> None:
    size = settings.Size.of(1.0)
    counts = (size.people, size.works, size.recordings, size.manifest_rows, size.generations, size.plays)
    assert counts == (3_000, 12_000, 20_000, 10_000, 50_000, 20_000)


def test_each_mess_is_planted_as_often_as_configured(draft: Draft) -> None:
    size = settings.Size.of(SCALE)
    for rates, count in ((settings.WORK_MESS, size.works), (settings.RECORDING_MESS, size.recordings)):
        for kind, rate in rates.items():
            assert len(draft.records.planted[kind]) == max(settings.LEAST_PLANTED, round(rate * count)), kind


def test_the_story_is_free_of_messes(draft: Draft) -> None:
    awry = {key for keys in draft.records.planted.values() for key in keys}
    own = draft.records.recordings[: story.WORKS]
    assert awry.isdisjoint(recording.key for recording in own)
    assert awry.isdisjoint(work for recording in own for work in recording.works)
    assert {recording.artist for recording in own} == {story.ARTIST}


def test_shares_are_whole_but_where_planted(draft: Draft) -> None:
    sums: dict[tuple[str, Right], Fraction] = defaultdict(Fraction)
    for claim in draft.records.claims:
        assert (claim.share is None) == (claim.right is None)
        if claim.right is not None and claim.share is not None:
            sums[claim.subject, claim.right] += claim.share
    above = {*draft.records.planted["shares_above_whole"], *draft.records.planted["lineup_above_whole"]}
    below = set(draft.records.planted["writer_missing"])
    seen = set()
    for (subject, _), total in sums.items():
        if subject in above:
            assert Fraction(101, 100) <= total <= Fraction(3, 2)
            seen.add(subject)
        elif subject in below:
            assert total <= 1
        else:
            assert total == 1, subject
    assert seen == above
    assert any(total < 1 for (subject, _), total in sums.items() if subject in below)


def test_derived_works_name_their_originals(draft: Draft) -> None:
    works = {work.key: work for work in draft.records.works}
    kinds = Counter(work.kind for work in works.values())
    assert set(kinds) == set(WorkKind)
    for work in works.values():
        assert all(works[part].kind is WorkKind.ORIGINAL for part in work.parts)
        if work.kind is WorkKind.MEDLEY:
            assert len(work.parts) >= 2
        assert bool(work.parts) == (work.kind is not WorkKind.ORIGINAL and work.parts_complete)


def test_recordings_embody_works_but_where_planted(draft: Draft) -> None:
    without = {recording.key for recording in draft.records.recordings if not recording.works}
    assert without == set(draft.records.planted["no_work"])
    unknown = {recording.key for recording in draft.records.recordings if not recording.samples_complete}
    assert unknown == set(draft.records.planted["sample_unknown"])


def test_everybody_has_a_name_and_most_have_an_account(draft: Draft) -> None:
    people = [party for party in draft.records.parties if party.kind is PartyKind.PERSON]
    for party in draft.records.parties:
        assert party.names
        assert all(name.text.strip() == name.text and name.text for name in party.names), party.key
    scripts = Counter(name.script for party in people for name in party.names)
    assert scripts["Kore"] > 100 < scripts["Latn"]
    without = [party for party in people if not party.account]
    assert 0 < len(without) < len(people) // 10
    speakers = {statement.speaker for statement in draft.records.statements if statement.verdict is Verdict.YES}
    assert speakers & {party.key for party in without}, "somebody without a key says yes, without effect"


def test_keys_name_one_thing_each(draft: Draft) -> None:
    world = draft.records
    keys = [one.key for one in (*world.parties, *world.works, *world.recordings, *world.releases, *world.delegations)]
    assert len(set(keys)) == len(keys)
    codes = Counter(code for party in world.parties for code in party.codes)
    assert max(codes.values()) == 1


def test_statements_of_every_kind_are_made(draft: Draft) -> None:
    said = draft.records.statements
    assert {one.verdict for one in said} == set(Verdict)
    assert {one.kind for one in said} == set(ScopeKind)
    assert {one.licensee.kind for one in said} == set(LicenseeKind)
    assert any(one.speaker != one.party and one.delegation for one in said)
    assert any(one.speaker != one.party and not one.delegation for one in said)
    assert any(one.conditions.min_price for one in said)
    assert any(one.conditions.attribution and one.conditions.label for one in said)
    assert any(one.conditions.other for one in said)
    assert any(one.uses == FAMILIES["all"] and one.verdict is Verdict.STOP for one in said)
    assert len({one.territory for one in said}) > 2


def test_mandates_of_every_kind_are_given(draft: Draft) -> None:
    assert {one.kind for one in draft.records.delegations} == set(MandateKind)
    assert draft.records.guardians
    assert draft.records.estates
    assert not all(estate.heirs_complete for estate in draft.records.estates)
    spoken = {one.party for one in draft.records.statements}
    assert spoken & {estate.deceased for estate in draft.records.estates}
    assert spoken & {guardian.minor for guardian in draft.records.guardians}


def test_completeness_is_signed_by_somebody_entitled_but_where_planted(draft: Draft) -> None:
    holders = {(claim.subject, claim.party, claim.role.value) for claim in draft.records.claims}
    societies = {scene.society for scene in draft.cast.scenes}
    unsigned = {*draft.records.planted["work_unsigned"], *draft.records.planted["lineup_unsigned"]}
    found = set()
    for one in draft.records.completeness:
        role = "publisher" if one.side is Side.WORK else "producer"
        entitled = one.signed_by in societies or (one.subject, one.signed_by, role) in holders
        if not entitled:
            found.add(one.subject)
    assert found == unsigned
    undeclared = {*draft.records.planted["work_undeclared"], *draft.records.planted["lineup_undeclared"]}
    assert undeclared.isdisjoint(one.subject for one in draft.records.completeness)
