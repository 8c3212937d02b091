"""Updates, takedowns, purges, and whose word on a thing stands."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.formats.ern.ern_messages import (
    OTHER,
    SENDER,
    credit,
    deals,
    message,
    old_message,
    purge,
    recording,
    tag,
    terms,
)

from cantoria import codes
from cantoria.formats import ern
from cantoria.registry.disclosure_facts import AiDisclosed, AiExtent, NoticeKind
from cantoria.registry.facts import RecordingRegistered, ReleaseRegistered, ShareClaimed
from cantoria.registry.types import Role

GTIN = codes.key("gtin", "4006381333931")
ISRC = "isrc:KRA381900123"
LATER = {"message": "M-2", "created": "2024-03-01T00:00:00Z"}
EARLIER = {"message": "M-0", "created": "2023-03-01T00:00:00Z"}
LIVE = deals(terms("OnDemandStream"))


def read(desk: Any, data: bytes, file: str = "m.xml") -> Any:
    return desk.take(ern.read_message(data, file=file, context=desk.context()))


def found(imported: Any, field: str) -> list[str]:
    return [one.message for one in imported.findings if one.field == field]


def test_formats_ern_newer_message_replaces_titles(desk: Any) -> None:
    read(desk, message("43", deal=LIVE))
    read(desk, message("43", recording("43", title="Summer Rain"), release_title="Second", deal=LIVE, **LATER))
    assert desk.registry.release(desk.one(GTIN)).title == "Second"
    assert desk.registry.recording(desk.one(ISRC)).title == "Summer Rain"


@pytest.mark.parametrize("together", [False, True])
def test_formats_ern_older_message_never_overwrites_a_newer_one(desk: Any, together: bool) -> None:
    new = message("43", deal=LIVE)
    old = message("43", recording("43", title="Draft"), release_title="Draft", deal=LIVE, **EARLIER)
    if together:  # read in the order of their names
        imported = desk.take(ern.read_messages({"a.xml": new, "b.xml": old}, desk.context()))
    else:
        read(desk, new)
        imported = read(desk, old, "b.xml")
        assert not [fact for fact in imported.facts if isinstance(fact, ReleaseRegistered | RecordingRegistered)]
    assert desk.registry.release(desk.one(GTIN)).title == "First"
    assert desk.registry.recording(desk.one(ISRC)).title == "Spring Rain"
    assert any("newer message" in text for text in found(imported, "Release"))
    assert any("newer message" in text for text in found(imported, "SoundRecording"))


def test_formats_ern_older_disclosure_does_not_replace_a_newer_one(desk: Any) -> None:
    read(desk, message("432", recording("432", ai="Partly"), deal=LIVE))
    read(desk, message("432", recording("432", ai="None"), deal=LIVE, **EARLIER), "b.xml")
    (said,) = desk.disclosures.disclosed(desk.one(ISRC))
    assert said.extent is AiExtent.PARTLY


def test_formats_ern_update_keeps_samples_and_who_is_named_no_more(desk: Any) -> None:
    made = tag(
        "RelatedResource",
        tag("ResourceRelationshipType", "ContainsSamplesFrom"),
        tag("ResourceRelatedResourceReference", "A2"),
    )
    other = recording("43", place=2, isrc="KRA381900124")
    drums = credit("P3", "StudioMusician", number="43")
    read(desk, message("43", recording("43", credits_=drums, more=made), other, deal=LIVE))
    imported = read(desk, message("43", recording("43", title="New", credits_=""), other, deal=LIVE, **LATER))
    view = desk.registry.recording(desk.one(ISRC))
    assert view.title == "New"
    assert view.samples == (desk.one("isrc:KRA381900124"),)
    assert any("not named here" in text for text in found(imported, "SoundRecording"))
    roles = {claim.fact.role for claim in desk.registry.claims(desk.one(ISRC))}
    assert Role.NON_FEATURED_PERFORMER in roles


def test_formats_ern_another_sender_overwrites_nothing_and_stands_beside(desk: Any) -> None:
    read(desk, message("432", recording("432", ai="None"), deal=LIVE))
    release, one = desk.one(GTIN), desk.one(ISRC)
    theirs = recording("432", title="Stolen", ai="All", credits_=credit("P3", "StudioMusician", number="432"))
    imported = read(desk, message("432", theirs, release_title="Stolen", deal=LIVE, sender=OTHER, **LATER))
    assert desk.registry.release(release).title == "First"
    assert desk.registry.recording(one).title == "Spring Rain"
    assert any("authority" in text for text in found(imported, "Release"))
    assert any("authority" in text for text in found(imported, "SoundRecording"))
    assert desk.disclosures.authority(release) == desk.disclosures.authority(one) == SENDER
    said = desk.disclosures.disclosed(one)
    assert [(fact.said_by, fact.extent) for fact in said] == [(SENDER, AiExtent.NONE), (OTHER, AiExtent.ALL)]
    claims = [fact for fact in desk.facts if isinstance(fact, ShareClaimed) and fact.subject == one]
    by_sender = {sender: {fact.claim for fact in claims if fact.asserted_by == sender} for sender in (SENDER, OTHER)}
    assert by_sender[OTHER]
    assert not by_sender[SENDER] & by_sender[OTHER]
    assert [title.title for title in desk.registry.titles(release)] == ["Stolen"]


def test_formats_ern_same_message_again_counts_as_duplicate(desk: Any) -> None:
    read(desk, message("432", deal=LIVE))
    size = len(desk.facts)
    again = read(desk, message("432", deal=LIVE), "copy.xml")
    assert len(desk.facts) == size
    assert again.counts.duplicate == again.counts.received


def standing(desk: Any, thing: str = GTIN) -> tuple[NoticeKind, tuple[str, ...]]:
    notice = desk.disclosures.standing(desk.one(thing))
    return notice.kind, notice.territories


def test_formats_ern_ended_deals_take_a_release_down(desk: Any) -> None:
    read(desk, message("43", deal=LIVE))
    assert standing(desk) == (NoticeKind.RELEASED, ())
    imported = read(desk, message("43", deal=deals(terms("OnDemandStream", end="2024-03-31")), **LATER))
    assert standing(desk) == (NoticeKind.TAKEN_DOWN, ())
    assert any("taken down" in text for text in found(imported, "ReleaseDeal"))
    assert desk.registry.release(desk.one(GTIN)).recordings


def test_formats_ern_one_open_deal_keeps_a_release_up(desk: Any) -> None:
    ended = terms("OnDemandStream", end="2024-03-31", territory="KR")
    read(desk, message("43", deal=deals(ended, terms("OnDemandStream", territory="JP"))))
    assert standing(desk) == (NoticeKind.RELEASED, ())
    read(desk, message("43", deal=deals(terms("OnDemandStream", end="2099-03-31")), **LATER))
    assert standing(desk) == (NoticeKind.RELEASED, ())


def test_formats_ern_no_deal_any_more_takes_a_known_release_down(desk: Any) -> None:
    read(desk, message("43"))
    assert standing(desk) == (NoticeKind.RELEASED, ())  # nothing was offered before
    read(desk, message("43", **LATER))
    assert standing(desk) == (NoticeKind.TAKEN_DOWN, ())


@pytest.mark.parametrize("mark", ["TakeDown", "AllDealsCancelled"])
def test_formats_ern_old_takedown(desk: Any, mark: str) -> None:
    read(desk, old_message(deal=deals(terms("OnDemandStream", old=True))))
    down = tag("Deal", tag("DealTerms", tag(mark, "true"), tag("TerritoryCode", "KR")))
    read(desk, old_message(deal=deals(down), update="UpdateMessage", **LATER))
    assert standing(desk) == (NoticeKind.TAKEN_DOWN, ("KR",))


def test_formats_ern_update_of_what_was_never_received_is_taken_and_told(desk: Any) -> None:
    first = read(desk, old_message(update="UpdateMessage", deal=LIVE))
    assert len(found(first, "UpdateIndicator")) == 2  # the main release and the track release
    again = read(desk, old_message(update="UpdateMessage", deal=LIVE, **LATER))
    assert not found(again, "UpdateIndicator")
    assert len(list(desk.registry.releases())) == 2
    assert desk.registry.release(desk.one(GTIN)).title == "First"


def test_formats_ern_released_again_after_a_takedown(desk: Any) -> None:
    read(desk, message("43", deal=LIVE))
    read(desk, message("43", **LATER))
    read(desk, message("43", deal=LIVE, message="M-3", created="2024-05-01T00:00:00Z"))
    assert standing(desk) == (NoticeKind.RELEASED, ())


@pytest.mark.parametrize("number", ["382", "43", "432"])
def test_formats_ern_purge_by_the_authority(desk: Any, number: str) -> None:
    read(desk, message("43", deal=LIVE))
    imported = read(desk, purge(number, **LATER))
    assert imported.counts.registered == imported.counts.received == 1
    assert standing(desk) == (NoticeKind.PURGED, ())


@pytest.mark.parametrize("head", [{"sender": OTHER, **LATER}, EARLIER])
def test_formats_ern_purge_by_others_or_too_late_does_nothing(desk: Any, head: dict[str, str]) -> None:
    read(desk, message("43", deal=LIVE))
    imported = read(desk, purge("43", **head))
    assert imported.counts.passed_over == imported.counts.received == 1
    assert standing(desk) == (NoticeKind.RELEASED, ())


def test_formats_ern_purge_of_what_nobody_knows(desk: Any) -> None:
    imported = read(desk, purge("43"))
    assert imported.counts.passed_over == 1
    assert not imported.facts


def test_formats_ern_message_without_time_overwrites_nothing(desk: Any) -> None:
    read(desk, message("43", deal=LIVE))
    read(desk, message("43", release_title="Odd", deal=LIVE, message="M-2", created="yesterday"))
    assert desk.registry.release(desk.one(GTIN)).title == "First"


def test_formats_ern_message_from_the_future_does_not_lock_later_ones_out(desk: Any) -> None:
    read(desk, message("43", deal=LIVE, created="2090-01-01T00:00:00Z"))
    read(desk, message("43", release_title="Second", deal=LIVE, message="M-2", created="2090-01-02T00:00:00Z"))
    assert desk.registry.release(desk.one(GTIN)).title == "Second"


def test_formats_ern_disclosures_of_a_release_and_its_recording_are_apart(desk: Any) -> None:
    imported = read(desk, message("432", recording("432", ai="All", credits_=""), ai="Partly", deal=LIVE))
    said = {fact.subject: fact.extent for fact in imported.facts if isinstance(fact, AiDisclosed)}
    assert said == {desk.one(ISRC): AiExtent.ALL, desk.one(GTIN): AiExtent.PARTLY}
