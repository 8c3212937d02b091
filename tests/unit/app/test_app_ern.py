"""ERN messages in a house: updates replace, older ones and other senders do not, strangers lock nobody out."""

from __future__ import annotations

from tests.unit.formats.ern.ern_messages import OTHER, SENDER, deals, message, recording, terms

from cantoria.app.extract import extract, things
from cantoria.app.intake import Intake, take_in
from cantoria.app.ports import Author
from cantoria.app.rights import load_around
from cantoria.bootstrap.house import WiredHouse
from cantoria.codes import key
from cantoria.formats import ern
from cantoria.kernel.facts import Capacity
from cantoria.registry.disclosure_facts import AiDisclosed, AiExtent, DealSignalled, NoticeGiven
from cantoria.registry.disclosures import Disclosures

GTIN = key("gtin", "4006381333931")
LIVE = deals(terms("OnDemandStream"))
LATER = {"message": "M-2", "created": "2024-03-01T00:00:00Z"}


def take(house: WiredHouse, author: Author, data: bytes, name: str = "m.xml") -> Intake:
    return take_in(house, {name: data}, read=ern.read_messages, namespace="BLUE", author=author)


def title(house: WiredHouse, code: str) -> str:
    house.index.catch_up()
    (thing,) = {recorded.fact.right for recorded in house.index.about([code]) if hasattr(recorded.fact, "right")}
    registry = load_around(house.index, subjects=[thing], size=house.journal.size()).registry
    view = registry.recording(thing) if thing.startswith("recording_") else registry.release(thing)
    assert view is not None
    return view.title


def titles(house: WiredHouse) -> tuple[str, str]:
    return title(house, GTIN), title(house, "isrc:KRA381900123")


def test_app_ern_newer_replaces_older_does_not(house: WiredHouse, label: Author) -> None:
    take(house, label, message("43", deal=LIVE))
    take(house, label, message("43", recording("43", title="Summer"), release_title="Second", deal=LIVE, **LATER))
    assert titles(house) == ("Second", "Summer")
    older = {"message": "M-3", "created": "2024-02-01T00:00:00Z"}
    done = take(house, label, message("43", recording("43", title="Draft"), release_title="Draft", deal=LIVE, **older))
    assert titles(house) == ("Second", "Summer")
    assert sum("newer message" in finding.message for finding in done.imported.findings) == 2


def test_app_ern_another_sender_overwrites_nothing(house: WiredHouse, label: Author) -> None:
    take(house, label, message("43", deal=LIVE))
    theirs = message("43", recording("43", title="Theirs"), release_title="Theirs", deal=LIVE, sender=OTHER, **LATER)
    done = take(house, label, theirs)
    assert titles(house) == ("First", "Spring Rain")
    assert sum("authority" in finding.message for finding in done.imported.findings) == 2


def test_app_ern_notice_by_a_stranger_locks_nobody_out(house: WiredHouse, label: Author) -> None:
    stranger = house.admit("stranger", capacities=(Capacity.PRODUCER,))
    take(house, stranger, message("43", deal=LIVE, sender=OTHER, message="M-9", created="2025-01-01T00:00:00Z"))
    take(house, label, message("43", deal=LIVE))
    done = take(house, label, message("43", release_title="Second", deal=LIVE, **LATER))
    assert not [finding for finding in done.imported.findings if "authority" in finding.message]
    assert not [finding for finding in done.imported.findings if "newer message" in finding.message]
    notices = [said for said in house.index.scan(tags=[NoticeGiven.TYPE.tag]) if said.organisation == label.party]
    assert {notice.fact.said_by for notice in notices} == {SENDER}


def test_app_ern_facts_survive_the_ledger(house: WiredHouse, label: Author) -> None:
    data = message(
        "432", recording("432", ai="Partly"), deal=deals(terms("UseForTrainingGenerativeAI", territory="KR"))
    )
    take(house, label, data)
    house.index.catch_up()
    tags = [cls.TYPE.tag for cls in (AiDisclosed, DealSignalled, NoticeGiven)]
    recorded = list(house.index.scan(tags=tags))
    assert {type(said.fact) for said in recorded} == {AiDisclosed, DealSignalled, NoticeGiven}
    folded = Disclosures.fold(recorded)
    (said,) = [one.fact for one in recorded if isinstance(one.fact, AiDisclosed)]
    (signal,) = folded.signals(said.subject)
    assert signal.territories == ("KR",)
    assert folded.authority(said.subject) == SENDER


def test_app_ern_a_stranger_puts_no_deal_and_no_disclosure_into_what_others_send(
    house: WiredHouse, label: Author
) -> None:
    data = message("432", recording("432", ai="All"), deal=deals(terms("OnDemandStream")))
    take(house, label, data)
    stranger = house.admit("stranger", capacities=(Capacity.DISTRIBUTOR,))
    size = house.index.catch_up()
    (said,) = [one.fact for one in house.index.scan(tags=[AiDisclosed.TYPE.tag])]
    (release,) = things(house, kinds=("release",))
    late = 4_000_000_000_000_000
    forged = [
        NoticeGiven(things=(release, said.subject), said_by=SENDER, said_at=late),
        AiDisclosed(subject=said.subject, extent=AiExtent.NONE, said_by=SENDER, said_at=late),
        DealSignalled(
            release=release,
            recordings=(said.subject,),
            uses=("UseForTrainingGenerativeAI",),
            said_by=SENDER,
            said_at=late,
        ),
    ]
    envelope = ern.Envelope(
        message="M", sender=(SENDER, "Blue"), recipient=(OTHER, "Shop"), created=house.clock.now(), test=False
    )

    def sent(size: int) -> list[bytes]:
        entries = extract(house, [*things(house, kinds=("recording", "release"))], size=size)
        return [data for _, data in ern.write(entries, envelope=envelope, version="4.3.2", note=lambda _: None)]

    before = sent(size)
    assert any(b"All" in data for data in before)
    house.journal.record(forged, author=stranger)
    assert sent(house.index.catch_up()) == before
