"""MusicBrainz: documents in JSON and XML, dumps of JSON lines; one entry for each record."""

import io
import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.formats import musicbrainz
from cantoria.formats.entries.page import write_down
from cantoria.formats.entries.scribe import Scribe
from cantoria.formats.entries.types import Entry, Name, Outcome, Share, Title
from cantoria.formats.limits import JsonLimits
from cantoria.formats.musicbrainz.json_records import json_records
from cantoria.formats.types import Counts, Severity
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import Period, parse_moment
from cantoria.registry.trade_facts import TitleKind
from cantoria.registry.types import PartyKind, Role, Tier, WorkKind


def mbid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


SINGER = {
    "id": mbid(1),
    "name": "김민지",
    "sort-name": "Kim, Minji",
    "type": "Person",
    "ipis": ["00014107338"],
    "isnis": ["000000012281955X"],
    "aliases": [
        {"name": "Minji", "locale": "en", "type": "Artist name"},
        {"name": "Mingi", "locale": None, "type": "Search hint"},
    ],
}
BAND = {"id": mbid(2), "name": "Blue Band", "sort-name": "Blue Band", "type": "Group"}
WORK = {
    "id": mbid(10),
    "title": "봄비",
    "iswcs": ["T-034.524.680-1"],
    "aliases": [{"name": "Spring Rain", "locale": "en"}, {"name": "Sping Rain", "type": "Search hint"}],
    "attributes": [{"type": "KOMCA ID", "value": "100000000001"}, {"type": "Key", "value": "A minor"}],
    "relations": [
        {"type": "composer", "target-type": "artist", "direction": "backward", "artist": SINGER},
        {"type": "writer", "target-type": "artist", "artist": BAND},
        {
            "type": "publishing",
            "target-type": "label",
            "begin": "2001",
            "end": "2009-12",
            "ended": True,
            "label": {"id": mbid(3), "name": "Blue Songs"},
        },
        {"type": "publishing", "target-type": "label", "ended": True, "label": {"id": mbid(4), "name": "Old Songs"}},
    ],
}
RECORDING = {
    "id": mbid(20),
    "title": "봄비",
    "length": 214000,
    "video": False,
    "disambiguation": "",
    "isrcs": ["KRA381900123"],
    "artist-credit": [
        {"name": "Minji", "joinphrase": " & ", "artist": SINGER},
        {"name": "Blue Band", "joinphrase": "", "artist": BAND},
    ],
    "relations": [
        {"type": "performance", "target-type": "work", "direction": "forward", "attributes": ["live"], "work": WORK},
        {"type": "vocal", "target-type": "artist", "direction": "backward", "artist": SINGER},
        {"type": "instrument", "target-type": "artist", "artist": {"id": mbid(5), "name": "Lee"}},
        {"type": "engineer", "target-type": "artist", "artist": {"id": mbid(6), "name": "Park"}},
        {"type": "phonographic copyright", "target-type": "label", "label": {"id": mbid(7), "name": "Blue Records"}},
        {
            "type": "samples material",
            "target-type": "recording",
            "direction": "forward",
            "recording": {"id": mbid(21), "title": "Rain", "isrcs": []},
        },
        {
            "type": "remix",
            "target-type": "recording",
            "direction": "backward",
            "recording": {"id": mbid(22), "title": "Rain (remix)"},
        },
    ],
}


def read(data: bytes, file: str = "some.json", **more: Any) -> list[Entry]:
    return list(musicbrainz.read(io.BytesIO(data), file=file, **more))


def only(value: Any, **more: Any) -> Entry:
    (entry,) = read(json.dumps(value).encode(), **more)
    return entry


def lines(values: Iterable[Any]) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def test_recording_with_its_work_its_performers_and_what_it_samples() -> None:
    entry = only(RECORDING)
    assert entry.outcome is Outcome.REGISTER
    sample, recording = entry.recordings
    assert (sample.key, sample.title, sample.mentioned) == (mbid(21), "Rain", True)
    assert recording.key == mbid(20)
    assert recording.artist == "Minji & Blue Band"
    assert recording.duration_ms == 214000
    assert recording.version == "live"
    assert recording.samples == (mbid(21),)
    assert recording.works == (mbid(10),)
    assert ("isrc", "KRA381900123") in recording.codes
    assert ("own", f"MUSICBRAINZ:{mbid(20)}") in recording.codes
    assert recording.shares == (
        Share(party=mbid(1), role=Role.FEATURED_PERFORMER, tier=Tier.ASSERTED),
        Share(party=mbid(2), role=Role.FEATURED_PERFORMER, tier=Tier.ASSERTED),
        Share(party=mbid(5), role=Role.NON_FEATURED_PERFORMER, tier=Tier.ASSERTED),
        Share(party=mbid(7), role=Role.PRODUCER, tier=Tier.ASSERTED),
    )
    assert [finding.message for finding in entry.findings if "engineer" in finding.message]


def test_work_with_its_writers_publishers_and_the_numbers_of_societies() -> None:
    entry = only(WORK)
    (work,) = entry.works
    assert work.titles == (
        Title(text="Spring Rain", language="en"),
        Title(text="Sping Rain", kind=TitleKind.INCORRECT),
    )
    assert work.codes == (
        ("own", f"MUSICBRAINZ:{mbid(10)}"),
        ("iswc", "T-034.524.680-1"),
        ("own", "KOMCA:100000000001"),
    )
    years = Period(parse_moment("2001-01-01"), parse_moment("2010-01-01"))
    assert work.shares == (
        Share(party=mbid(1), role=Role.COMPOSER, tier=Tier.ASSERTED),
        Share(party=mbid(2), role=Role.AUTHOR, tier=Tier.ASSERTED),
        Share(party=mbid(3), role=Role.PUBLISHER, period=years, tier=Tier.ASSERTED),
    )
    assert all(share.share is None and share.right is None for share in work.shares)


def test_names_of_a_party_with_their_scripts() -> None:
    (party,) = only(SINGER, kind="artist").parties
    assert party.names == (Name("김민지", "Hang"), Name("Kim, Minji", "Latn"), Name("Minji", "Latn"))
    assert party.codes == (
        ("own", f"MUSICBRAINZ:{mbid(1)}"),
        ("isni", "000000012281955X"),
        ("ipi_name", "00014107338"),
    )
    assert only(BAND | {"gender": None}).parties[0].kind is PartyKind.GROUP
    label = only({"id": mbid(9), "name": "Blue", "label-code": 12})
    assert label.parties[0].kind is PartyKind.ORGANISATION


def test_what_a_work_is_made_from() -> None:
    def made(relation: str, direction: str, *attributes: str) -> tuple[WorkKind, tuple[str, ...]]:
        other = {"id": mbid(11), "title": "Other"}
        said = {
            "type": relation,
            "target-type": "work",
            "direction": direction,
            "work": other,
            "attributes": attributes,
        }
        entry = only({"id": mbid(10), "title": "This", "iswcs": [], "relations": [said]})
        work = next(work for work in entry.works if work.key == mbid(10))
        return work.kind, work.parts

    assert made("arrangement", "backward") == (WorkKind.ARRANGEMENT, (mbid(11),))
    assert made("arrangement", "forward") == (WorkKind.ORIGINAL, ())
    assert made("medley", "forward") == (WorkKind.MEDLEY, (mbid(11),))
    assert made("medley", "backward") == (WorkKind.ORIGINAL, ())
    assert made("other version", "backward", "translated") == (WorkKind.TRANSLATION, (mbid(11),))
    assert made("parts", "backward") == (WorkKind.ORIGINAL, ())


def test_release_with_its_recordings_in_order() -> None:
    tracks = [{"id": mbid(90 + n), "recording": {"id": mbid(20 + n), "title": f"R{n}"}} for n in (3, 1, 2)]
    entry = only({"id": mbid(30), "title": "Album", "barcode": "4006381333931", "media": [{"tracks": tracks}]})
    (release,) = entry.releases
    assert release.recordings == (mbid(23), mbid(21), mbid(22))
    assert ("gtin", "4006381333931") in release.codes
    assert all(recording.mentioned for recording in entry.recordings)


def test_a_dump_is_read_line_by_line_and_goes_on_after_a_broken_line() -> None:
    data = lines([RECORDING]) + b'{"id": \n' + b"\n" + lines([WORK, {"id": "x", "isrcs": []}, 7])
    entries = read(data, "mbdump/recordings.jsonl")
    assert [(entry.line, entry.outcome) for entry in entries] == [
        (1, Outcome.REGISTER),
        (2, Outcome.REFUSED),
        (4, Outcome.REGISTER),
        (5, Outcome.REFUSED),
        (6, Outcome.REFUSED),
    ]
    broken_first = read(b'{"id": \n' + lines([RECORDING]))
    assert [entry.outcome for entry in broken_first] == [Outcome.REFUSED, Outcome.REGISTER]


def test_documents_of_the_web_service() -> None:
    found = {"created": "2026", "count": 2, "offset": 0, "recordings": [RECORDING, RECORDING | {"id": mbid(40)}]}
    for data in (json.dumps(found), json.dumps(found, indent=2), json.dumps([RECORDING, WORK], indent=1)):
        assert [entry.outcome for entry in read(data.encode())] == [Outcome.REGISTER] * 2
    (area,) = read(json.dumps({"areas": [{"id": mbid(1), "name": "Seoul"}]}).encode())
    assert area.outcome is Outcome.PASSED_OVER
    (refused,) = read(b'{"error": "Not Found", "help": "see the site"}')
    assert refused.outcome is Outcome.REFUSED


@pytest.mark.parametrize("data", [b"", b"   \n", b"hello", b"{", b"\x00\x01", b"<a/>", b"<metadata", b"[" * 100_000])
def test_a_file_that_is_no_such_file_is_refused_whole(data: bytes) -> None:
    with pytest.raises(InputError):
        read(data)


def test_the_form_of_a_record_goes_before_the_name_of_its_file_and_what_is_said_before_both() -> None:
    label = {"id": mbid(9), "name": "Blue", "sort-name": "Blue"}
    assert only(label).kind == "artist"
    assert read(json.dumps(label).encode(), "mbdump/label")[0].kind == "label"
    assert read(json.dumps(WORK).encode(), "recording.jsonl")[0].kind == "work"
    assert read(json.dumps(WORK).encode(), "work.jsonl", kind="area")[0].outcome is Outcome.PASSED_OVER


def test_nobody_is_made_a_party() -> None:
    various = {"id": "89ad4ac3-39f7-470e-963a-56509c546377", "name": "Various Artists", "sort-name": "Various Artists"}
    unknown = {"id": mbid(8), "name": "[unknown]", "sort-name": "[unknown]"}
    credit = [{"name": "Various Artists", "artist": various}, {"name": "[unknown]", "artist": unknown}]
    entry = only(RECORDING | {"artist-credit": credit, "relations": []})
    assert entry.parties == ()
    assert entry.recordings[0].shares == ()


MMD = f"""<?xml version="1.0" encoding="UTF-8"?>
<metadata xmlns="http://musicbrainz.org/ns/mmd-2.0#" xmlns:ext="http://musicbrainz.org/ns/ext#-2.0">
  <recording-list count="2" offset="0">
    <recording id="{mbid(20)}" ext:score="100">
      <title>봄비</title><length>214000</length>
      <artist-credit>
        <name-credit joinphrase=" &amp; "><name>Minji</name><artist id="{mbid(1)}" type="Person"><name>김민지</name>
          <sort-name>Kim, Minji</sort-name>
          <ipi>00014107338</ipi><ipi-list><ipi>00014107338</ipi></ipi-list>
          <isni-list><isni>000000012281955X</isni></isni-list>
          <alias-list count="1"><alias locale="en" sort-name="Minji" type="Artist name">Minji</alias></alias-list>
        </artist></name-credit>
        <name-credit><artist id="{mbid(2)}" type="Group"><name>Blue Band</name></artist></name-credit>
      </artist-credit>
      <isrc-list count="1"><isrc id="KRA381900123"/></isrc-list>
      <relation-list target-type="work"><relation type="performance"><target>{mbid(10)}</target>
        <attribute-list><attribute>live</attribute></attribute-list>
        <work id="{mbid(10)}"><title>봄비</title><iswc>T-034.524.680-1</iswc>
          <attribute-list><attribute type="KOMCA ID">100000000001</attribute></attribute-list></work>
      </relation></relation-list>
      <relation-list target-type="artist"><relation type="instrument"><target>{mbid(5)}</target>
        <direction>backward</direction><artist id="{mbid(5)}"><name>Lee</name></artist></relation></relation-list>
    </recording>
    <recording><title>no id</title></recording>
  </recording-list>
</metadata>""".encode()


def test_xml_says_the_same_as_json() -> None:
    first, second = read(MMD, "some.xml")
    assert second.outcome is Outcome.REFUSED
    assert first.line == 4
    (recording,) = first.recordings
    assert recording.artist == "Minji & Blue Band"
    assert (recording.duration_ms, recording.version, recording.works) == (214000, "live", (mbid(10),))
    assert recording.codes == (("own", f"MUSICBRAINZ:{mbid(20)}"), ("isrc", "KRA381900123"))
    assert [share.role for share in recording.shares] == [
        Role.FEATURED_PERFORMER,
        Role.FEATURED_PERFORMER,
        Role.NON_FEATURED_PERFORMER,
    ]
    assert ("own", "KOMCA:100000000001") in first.works[0].codes
    assert first.parties[0] == only(SINGER, kind="artist").parties[0]


def test_xml_release_and_broken_xml() -> None:
    medium = f'<medium-list><medium><track-list><track><recording id="{mbid(21)}"/></track></track-list></medium>'
    data = f'<metadata><release id="{mbid(30)}"><title>Album</title>{medium}</medium-list></release></metadata>'
    (entry,) = read(data.encode())
    assert entry.releases[0].recordings == (mbid(21),)
    first, rest = read(MMD[: MMD.index(b"<recording><title>no id")])
    assert (first.outcome, rest.outcome) == (Outcome.REGISTER, Outcome.REFUSED)
    assert "cannot be read" in rest.findings[0].message
    for hostile in (b"<!DOCTYPE metadata>", b'<!DOCTYPE m [<!ENTITY a "b">]>'):
        with pytest.raises(InputError, match="document type"):
            read(MMD.replace(b"<metadata", hostile + b"<metadata", 1))


def test_entries_become_facts_and_every_record_is_accounted_for(house: Any) -> None:
    data = lines([SINGER | {"gender": None}, WORK, RECORDING, RECORDING, {"id": "x", "isrcs": []}])
    scribe = Scribe(house.context(namespace="MB"), file="dump", sha256="0" * 64)
    counts = Counts()
    for entry in read(data):
        imported = write_down(scribe, entry)
        house.take(imported)
        counts += imported.counts
        assert not [finding for finding in imported.findings if finding.severity is Severity.ERROR and finding.line < 5]
    assert counts == Counts(received=5, registered=4, refused=1)
    recording = house.thing(mbid(20), "MUSICBRAINZ")
    assert house.lookup("isrc:KRA381900123") == recording
    assert house.registry.work(house.thing(mbid(10), "MB")).title == "봄비"
    assert house.registry.recording(recording).title == "봄비"


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from([mbid(1), mbid(2), "performance"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "title", "relations", "work", "artist", "type", "target-type", "aliases", "media"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(st.lists(st.binary(max_size=80) | JUNK.map(lambda value: json.dumps(value).encode()), max_size=5))
def test_any_lines_are_read_or_refused(parts: list[bytes]) -> None:
    data = b"\n".join(parts)
    try:
        entries = read(data)
    except InputError:
        return
    assert all(entry.outcome in Outcome for entry in entries)
    for entry in entries:
        json.dumps([finding.message for finding in entry.findings]).encode()


@given(st.integers(0, len(MMD) - 1), st.binary(max_size=3), st.integers(0, 20))
def test_mutated_xml_is_read_or_refused(at: int, put: bytes, cut: int) -> None:
    try:
        read(MMD[:at] + put + MMD[at + cut :])
    except InputError:
        return


@given(st.integers(0, 2000), st.binary(max_size=3), st.integers(0, 20))
def test_mutated_json_is_read_or_refused(at: int, put: bytes, cut: int) -> None:
    whole = lines([RECORDING, WORK])
    try:
        read(whole[:at] + put + whole[at + cut :])
    except InputError:
        return


def test_lines_beyond_a_limit_are_refused_by_themselves() -> None:
    limits = JsonLimits(line_bytes_max=60, document_bytes_max=200, values_max=10)
    good = b'{"id": "x", "isrcs": []}\n'
    data = good + b'{"a": "' + b"x" * 500 + b'"}\n' + good + b'{"a": [' + b"1," * 20 + b"1]}\n" + good
    found = list(json_records(io.BytesIO(data), file="f", limits=limits))
    assert [(one.line, bool(one.wrong)) for one in found] == [(1, False), (2, True), (3, False), (4, True), (5, False)]
    with pytest.raises(InputError, match="larger"):
        list(json_records(io.BytesIO(b"{\n" + b'"a": 1,\n' * 100), file="f", limits=limits))


def test_what_is_nested_too_deep_is_refused_by_itself() -> None:
    first, second = read(b'{"id": ' + b"[" * 50_000 + b"]" * 50_000 + b"}\n" + lines([RECORDING]))
    assert (first.outcome, second.outcome) == (Outcome.REFUSED, Outcome.REGISTER)


def test_text_that_no_fact_can_hold_is_made_fit() -> None:
    entry = only(RECORDING | {"title": "a\u0000b\ud800\u2028c", "disambiguation": "x" * 50_000})
    (recording,) = (one for one in entry.recordings if not one.mentioned)
    assert recording.title == "a\ufffdb\ufffd c"
    assert len(recording.version) == 10_000
