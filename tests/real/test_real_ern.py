"""The nine official ERN 4.3 samples: every record is registered or said to be passed over."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from cantoria.formats import ern
from cantoria.formats.csvfamily import Context
from cantoria.formats.types import Imported, Severity
from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.ids import PartyId, typed_id
from cantoria.kernel.periods import parse_moment
from cantoria.registry import Registry
from cantoria.registry.facts import PartyRegistered, RecordingRegistered, ReleaseRegistered

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "ddex" / "ern43"
FILES = sorted(FOLDER.glob("*.xml"))
NOW = parse_moment("2026-11-20")
LISTS = ("PartyList", "ResourceList", "ReleaseList", "DealList", "ChapterList", "CueSheetList")

pytestmark = pytest.mark.skipif(not FILES, reason="needs ../shared/data/ddex/ern43")


def context() -> Context:
    made = iter(range(1, 1_000_000))
    return Context(
        sender=PartyId(typed_id("party", bytes(16))),
        namespace="TEST",
        now=NOW,
        new_id=lambda prefix: typed_id(prefix, next(made).to_bytes(16, "big")),
        lookup=lambda code: None,
    )


def listed(data: bytes) -> Counter[str]:
    root = etree.fromstring(data)
    return Counter(record.tag for part in root if part.tag in LISTS for record in part if isinstance(record.tag, str))


def fold(imported: Imported) -> Registry:
    facts = [
        Recorded(index, f"fact_{index}", "party_label", Capacity.PRODUCER, NOW, fact)
        for index, fact in enumerate(imported.facts)
    ]
    return Registry.fold(facts)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_real_ern_message_loses_no_record(path: Path) -> None:
    data = path.read_bytes()
    imported = ern.read_message(data, file=path.name, context=context())
    there, counts = listed(data), imported.counts
    assert counts.received == sum(there.values())
    assert counts.received == counts.registered + counts.passed_over
    made = Counter(type(fact) for fact in imported.facts)
    assert made[RecordingRegistered] == there["SoundRecording"]
    assert made[PartyRegistered] == there["Party"]
    passed = Counter(finding.field for finding in imported.findings if finding.severity is Severity.INFO)
    for kind in ("Video", "Image", "Text", "Chapter", "CueSheet", "ReleaseDeal"):
        assert passed[kind] == there[kind], kind
    releases = there["Release"] + there["TrackRelease"] + there["ClipRelease"]
    assert made[ReleaseRegistered] + passed["Release"] + passed["TrackRelease"] == releases


def test_real_ern_messages_together_become_a_registry_in_which_nothing_is_complete() -> None:
    imported = ern.read_messages({path.name: path.read_bytes() for path in FILES}, context())
    registry = fold(imported)
    recordings = list(registry.recordings())
    assert len(recordings) == 58
    assert not any(registry.side(recording, territory="KR", at=NOW).complete for recording in recordings)
    mixes = [recording for recording in recordings if len(registry.closure(recording).recordings) > 1]
    assert len(mixes) == 1
    assert len(registry.closure(mixes[0]).recordings) == 9


def test_real_ern_message_read_twice_is_a_duplicate() -> None:
    data = FILES[0].read_bytes()
    imported = ern.read_messages({"a.xml": data, "b.xml": data}, context())
    assert imported.counts.duplicate == imported.counts.registered + imported.counts.passed_over


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_real_ern_official_samples_use_allowed_values_only(path: Path) -> None:
    imported = ern.read_message(path.read_bytes(), file=path.name, context=context())
    assert not [finding for finding in imported.findings if "allowed values" in finding.message]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_real_ern_verified_stream_says_the_same(path: Path) -> None:
    whole = ern.read_message(path.read_bytes(), file=path.name, context=context())
    with path.open("rb") as stream:
        parts = list(ern.read_stream(stream, file=path.name, context=context(), verify=True))
    assert sum(parts, Imported()) == whole
