"""Reading as a stream: portions, memory, and limits that hold however the bytes are cut."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.formats.ern.ern_messages import (
    PARTIES,
    credit,
    deals,
    message,
    old_message,
    recording,
    tag,
    terms,
)

from cantoria.formats import ern
from cantoria.formats.ern import message as message_module
from cantoria.formats.ern import xml
from cantoria.formats.limits import XmlLimits
from cantoria.formats.types import Imported
from cantoria.kernel.errors import InputError
from cantoria.registry.facts import PartyRegistered
from cantoria.registry.types import PartyKind

MADE = tag(
    "RelatedResource",
    tag("ResourceRelationshipType", "ContainsSamplesFrom"),
    tag("ResourceRelatedResourceReference", "A7"),
)


def many(count: int, *, first: str = "") -> bytes:
    recordings = [
        recording("43", place=place, isrc=f"KRA3819{place:05d}", more=first if place == 1 else "")
        for place in range(1, count + 1)
    ]
    return message("43", *recordings, deal=deals(terms("UseForDataMining")))


def portions(desk: Any, data: bytes) -> list[Imported]:
    return list(ern.read_stream(BytesIO(data), file="m.xml", context=desk.context()))


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_formats_ern_portions_say_what_the_whole_says(
    new_desk: type[Any], monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    data = many(9, first=MADE)
    whole = new_desk()
    counts = whole.take(ern.read_message(data, file="m.xml", context=whole.context())).counts
    monkeypatch.setattr(message_module, "PORTION_RECORDS", size)
    parted = new_desk()
    taken = [parted.take(part) for part in portions(parted, data)]
    assert len(taken) == counts.received // size + 1
    assert sum((part.counts for part in taken), Imported().counts) == counts
    first = parted.one("isrc:KRA381900001")
    assert parted.registry.recording(first).samples == (parted.one("isrc:KRA381900007"),)
    assert parted.registry.recording(first).samples_complete
    assert len(list(parted.registry.recordings())) == 9
    (release,) = parted.registry.releases()
    assert len(parted.registry.release(release).recordings) == 9
    for code in ("isrc:KRA381900004", "iswc:T0345246801"):
        ours, theirs = whole.registry.claims(whole.one(code)), parted.registry.claims(parted.one(code))
        assert {claim.fact.role for claim in ours} == {claim.fact.role for claim in theirs}
    assert len(parted.disclosures.signals(release)) == len(whole.disclosures.signals(next(whole.registry.releases())))
    kinds = {parted.registry.party(one).names[0]: parted.registry.party(one).kind for one in parted.registry.parties()}
    assert kinds["Blue Records"] is PartyKind.ORGANISATION


def test_formats_ern_part_that_never_comes_keeps_the_recording_open(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_module, "PORTION_RECORDS", 2)
    taken = [desk.take(part) for part in portions(desk, many(5, first=MADE))]
    assert sum((part.counts for part in taken), Imported().counts).passed_over == 1
    assert not desk.registry.recording(desk.one("isrc:KRA381900001")).samples_complete


def test_formats_ern_what_a_party_is_may_show_later(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_module, "PORTION_RECORDS", 4)
    choir = credit("P3", "Choir", number="43")
    data = message("43", recording("43"), recording("43", place=2, isrc="KRA381900124", credits_=choir))
    facts = [fact for part in portions(desk, data) for fact in part.facts if isinstance(fact, PartyRegistered)]
    kinds = [fact.kind for fact in facts]
    assert sorted(kinds) == sorted([PartyKind.PERSON] * 3 + [PartyKind.GROUP, PartyKind.ORGANISATION])


def test_formats_ern_memory_does_not_grow_with_the_message(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_module, "PORTION_RECORDS", 100)

    def peak(count: int) -> int:
        data = BytesIO(many(count))
        _ = ern.read_message(many(1), file="m.xml", context=desk.context())  # loads what is loaded once
        tracemalloc.start()
        for _ in ern.read_stream(data, file="m.xml", context=desk.context()):
            pass
        _, top = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return top

    assert peak(1_600) < 2 * peak(400)


def test_formats_ern_long_message_tells_lines_beyond_65535(desk: Any) -> None:
    data = message("43", recording("43"), recording("43", place=2, isrc="BAD"))
    at = data.index(b"<SoundRecording>", data.index(b"<SoundRecording>") + 1)
    data = data[:at] + b"\n" * 70_000 + data[at:]
    findings = [one for part in portions(desk, data) for one in part.findings if one.field == "SoundRecording/isrc"]
    assert [one.line for one in findings] == [70_002]


def broken(data: bytes) -> bytes:
    return data.replace(b"</DealList>", b"</DealListe>")


def test_formats_ern_verified_stream_gives_nothing_of_a_broken_message(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_module, "PORTION_RECORDS", 2)
    data = broken(many(200))
    checked = ern.read_stream(BytesIO(data), file="m.xml", context=desk.context(), verify=True)
    with pytest.raises(InputError, match="not well-formed"):
        next(checked)
    unchecked = ern.read_stream(BytesIO(data), file="m.xml", context=desk.context())
    with pytest.raises(InputError, match="not well-formed"):
        list(unchecked)


@pytest.mark.parametrize("verify", [False, True])
@pytest.mark.parametrize("cut", [1, 5, 60, 400])
def test_formats_ern_truncated_message_is_never_whole(desk: Any, cut: int, verify: bool) -> None:
    with pytest.raises(InputError):
        list(ern.read_stream(BytesIO(many(3)[:-cut]), file="m.xml", context=desk.context(), verify=verify))


class Dripping(BytesIO):
    """A stream that gives a few bytes at a time."""

    step = 7

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(self.step, size) if size and size > 0 else self.step)


def listed(data: bytes, step: int, limits: XmlLimits | None = None) -> Iterator[tuple[str, str]]:
    stream = Dripping(data)
    stream.step = step
    for path, element in xml.stream(stream, file="m.xml", limits=limits or XmlLimits()):
        yield path, " ".join("".join(str(text) for text in element.itertext()).split())


@settings(deadline=None, max_examples=25)
@given(step=st.integers(2, 400))
def test_formats_ern_records_do_not_depend_on_how_bytes_come(step: int) -> None:
    data = old_message(deal=deals(terms("Stream", old=True)))
    data = data.replace(b"?>\n<ern", b"?>\n<?pi 1?><!-- one -->\n<ern").replace(b"<ISRC>", b"<ISRC><?a b?><!--c-->")
    records = list(listed(data, step))[1:]
    assert records == list(listed(data, 1_000_000))[1:]
    assert "MessageHeader/MessageId" in [path for path, _ in records]


@pytest.mark.parametrize("word", [b"<!DOCTYPE x>", b'<!ENTITY a "b">'])
@pytest.mark.parametrize("step", [2, 5, 13])
def test_formats_ern_banned_words_are_seen_across_blocks(word: bytes, step: int) -> None:
    data = message("43").replace(b"<ern:", word + b"<ern:", 1)
    with pytest.raises(InputError, match="document type"):
        list(listed(data, step))


def nested(depth: int) -> bytes:
    return message("43", recording("43", more="<a>" * depth + "</a>" * depth))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (nested(70), "deeper than 64"),
        (message("43", recording("43", more=tag("a", "x" * 100_001))), "more than 100000 characters"),
        (message("43", recording("43", more=tag("a", "<![CDATA[" + "<" * 100_001 + "]]>"))), "more than 100000"),
        (
            message("43", recording("43", more="<a " + " ".join(f'b{n}="{">" * 9}"' for n in range(65)) + "/>")),
            "more than 64 attributes",
        ),
    ],
)
def test_formats_ern_limits_hold_within_records(desk: Any, data: bytes, what: str) -> None:
    with pytest.raises(InputError, match=what):
        portions(desk, data)


@pytest.mark.parametrize(
    "data",
    [
        nested(50),
        message("43", recording("43", more=tag("a", "글" * 99_999))),
        message("43", recording("43", more="<a " + " ".join(f'b{n}="x"' for n in range(64)) + "/>")),
    ],
)
def test_formats_ern_within_the_limits_is_read(desk: Any, data: bytes) -> None:
    assert sum(part.counts.registered for part in portions(desk, data)) == 5


def test_formats_ern_record_beyond_the_limit_ends_the_reading() -> None:
    limits = XmlLimits(record_bytes_max=50_000)
    whole = many(300)  # far longer than the limit, in short records
    assert len(whole) > 200_000
    assert len(list(listed(whole, 5_000, limits))) > 300
    with pytest.raises(InputError, match="a record of more than 50000 bytes"):
        list(listed(message("43", recording("43", more="<a/>" * 20_000)), 5_000, limits))


def test_formats_ern_empty_lists_are_no_records(desk: Any) -> None:
    data = message("43", parties=PARTIES + "<CueSheetList/>", deal="<DealList> </DealList>")
    (part,) = portions(desk, data)
    assert part.counts.received == 5
