"""YouTube reports: recognised by their columns, read row by row, what is said of assets, owners, merges, conflicts."""

from __future__ import annotations

import gzip
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.formats import youtube
from cantoria.formats.entries import Entry, Outcome, Scribe, write_down
from cantoria.formats.types import Counts, Imported, Severity
from cantoria.formats.youtube import Report, ReportKind
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import DAY
from cantoria.registry.facts import DisputeOpened, LinkAsserted, RecordingRegistered, ShareClaimed
from cantoria.registry.types import Relation, Right, Role, Side
from cantoria.testing import table_files
from cantoria.testing.table_files import ASSETS_A3, CLAIMS_A1, CONFLICTS_A3, REVENUE, as_csv, asset_id

SOUND = {"asset_type": "sound_recording", "asset_title": "Spring Rain", "artist": "Minji"}


def report(headings: Sequence[str], *rows: dict[str, str]) -> bytes:
    return as_csv([headings, *([row.get(name, "") for name in headings] for row in rows)])


def read(data: bytes) -> list[Entry]:
    return list(youtube.read(io.BytesIO(data), file="report.csv"))


def assets(*rows: dict[str, str], headings: Sequence[str] = ASSETS_A3) -> list[Entry]:
    return read(report(headings, *({"asset_id": asset_id(n), **row} for n, row in enumerate(rows, 1))))


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (ASSETS_A3, Report(ReportKind.ASSETS, "a3")),
        ([name for name in ASSETS_A3 if "isrc" not in name and "engaged" not in name], Report(ReportKind.ASSETS, "a2")),
        (["Asset ID", "Asset Type", "Custom ID", "Ownership", "ISRC", "Status"], Report(ReportKind.ASSETS, "a2")),
        (CONFLICTS_A3, Report(ReportKind.CONFLICTS, "a3")),
        (["asset_id", "asset_type", "conflicting_owner", "other_ownership"], Report(ReportKind.CONFLICTS, "a2")),
        (CLAIMS_A1, Report(ReportKind.CLAIMS, "a1")),
        (REVENUE, Report(ReportKind.REVENUE, "")),
        (["title", "artist", "isrc"], None),
        (["asset_id", "colour"], None),
        ([], None),
    ],
)
def test_a_report_is_told_by_its_columns(headings: list[str], expected: Report | None) -> None:
    assert youtube.recognise(headings) == expected


@pytest.mark.parametrize("data", [b"", b"title,artist\na,b\n", b"\x00\x01\x02", b"PK\x03\x04", b"\x1f\x8bjunk"])
def test_another_file_is_refused_whole(data: bytes) -> None:
    with pytest.raises(InputError):
        read(data)


def test_counts_of_a_generated_report_add_up() -> None:
    made = table_files.assets(400, seed=7)
    for data in (made.data, gzip.compress(made.data)):
        counts = Counter(entry.outcome for entry in read(data))
        assert counts == {
            Outcome.REGISTER: made.registered,
            Outcome.DUPLICATE: made.duplicate,
            Outcome.PASSED_OVER: made.passed_over,
        }


def test_a_sound_recording_is_known_by_its_codes_and_owned_where_the_cell_says() -> None:
    (entry,) = assets(
        {**SOUND, "custom_id": "C-1", "your_isrc": "KR A38 19 00123", "ownership": "US,KR:100|JP:50"},
        headings=ASSETS_A3,
    )
    (recording,) = entry.recordings
    assert (recording.key, recording.title, recording.artist) == ("C-1", "Spring Rain", "Minji")
    assert recording.codes == (("youtube_asset", asset_id(1)), ("isrc", "KRA381900123"))
    told = {(share.role, share.right, share.territory, share.share) for share in recording.shares}
    assert told == {
        (Role.PRODUCER, Right.NEIGHBOURING, "0410 0840", Fraction(1)),
        (Role.PRODUCER, Right.NEIGHBOURING, "0392", Fraction(1, 2)),
    }


def test_a_composition_is_a_work_whose_owner_publishes_it() -> None:
    composition = {"asset_type": "composition", "asset_title": "Rain", "iswc": "T-034.524.680-1"}
    half, named, sync = (
        entry.works[0]
        for entry in assets(
            {**composition, "ownership": "WW:50"},
            {**composition, "ownership": "KR"},
            {**composition, "ownership": "synchronization=KR:25"},
        )
    )
    assert half.codes[1] == ("iswc", "T0345246801")
    assert {(one.role, one.right, one.share) for one in half.shares} == {
        (Role.PUBLISHER, right, Fraction(1, 2)) for right in (Right.PERFORMING, Right.MECHANICAL, Right.SYNCHRONISATION)
    }
    # Without a percentage a composition says who, not how much.
    assert [(one.right, one.share, one.territory) for one in named.shares] == [(None, None, "0410")]
    assert [(one.right, one.share) for one in sync.shares] == [(Right.SYNCHRONISATION, Fraction(1, 4))]


@pytest.mark.parametrize(
    ("cell", "message"),
    [("US,KR:101", "more than 100"), ("{}", "as YouTube writes"), ("=HYPERLINK(1)", "as YouTube writes")],
)
def test_a_cell_of_ownership_that_does_not_read_is_a_finding_and_the_asset_stays(cell: str, message: str) -> None:
    (entry,) = assets({**SOUND, "ownership": cell})
    assert entry.outcome is Outcome.REGISTER
    assert entry.recordings[0].shares == ()
    (finding,) = entry.findings
    assert message in finding.message
    assert (finding.line, finding.column, finding.field) == (2, ASSETS_A3.index("ownership") + 1, "ownership")


def test_unknown_territories_are_left_out_and_told() -> None:
    (entry,) = assets({**SOUND, "ownership": "KR|XQ|US"})
    assert entry.recordings[0].shares[0].territory == "0410 0840"
    assert [finding.value for finding in entry.findings] == ["XQ"]


@pytest.mark.parametrize(("cell", "territory"), [("WW,-US,-DE", "2136 -0276 -0280 -0840"), ("-KR", "2136 -0410")])
def test_all_but_some_countries(cell: str, territory: str) -> None:
    (entry,) = assets({**SOUND, "ownership": cell})
    assert entry.recordings[0].shares[0].territory == territory


def test_wrong_isrcs_are_findings_at_their_cells_and_those_of_others_are_not_linked() -> None:
    (entry,) = assets({**SOUND, "display_isrc": "NOTANISRC", "your_isrc": "KRA381900123", "other_isrc": "USUG12400910"})
    assert [code for scheme, code in entry.recordings[0].codes if scheme == "isrc"] == ["KRA381900123"]
    assert {finding.field for finding in entry.findings} == {"display_isrc", "other_isrc"}
    assert all(finding.severity is Severity.WARNING for finding in entry.findings)


def test_rows_of_one_asset_that_differ_in_references_count_once() -> None:
    row = {**SOUND, "asset_id": asset_id(9), "active_reference_id": "r1", "approx_daily_views": "1"}
    more = {**row, "active_reference_id": "r2", "approx_daily_views": "2"}
    merged = {**row, "constituent_asset_id": asset_id(10), "is_merged": "Yes"}
    first, second, third = assets(row, more, merged)
    assert (first.outcome, second.outcome, third.outcome) == (Outcome.REGISTER, Outcome.DUPLICATE, Outcome.REGISTER)
    assert third.recordings[0].mentioned
    assert second.findings[0].severity is Severity.INFO


def test_a_custom_id_that_two_assets_share_names_the_first_alone() -> None:
    first, second = assets({**SOUND, "custom_id": "C-1"}, {**SOUND, "asset_title": "Other", "custom_id": "C-1"})
    assert (first.recordings[0].key, second.recordings[0].key) == ("C-1", asset_id(2))
    assert second.findings[0].field == "custom_id"


def test_an_art_track_with_an_isrc_is_the_recording_that_has_that_isrc() -> None:
    art = {**SOUND, "asset_type": "art_track_video", "display_isrc": "KRA381900123"}
    with_code, without = assets(art, {**art, "display_isrc": ""})
    assert (with_code.recordings[0].key, without.recordings[0].key) == ("", asset_id(2))


@pytest.mark.parametrize("kind", ["movie", "show", "web", "video_game"])
def test_what_is_no_music_is_passed_over_with_a_reason(kind: str) -> None:
    (entry,) = assets({"asset_type": kind, "asset_title": "Film"})
    assert entry.outcome is Outcome.PASSED_OVER
    assert kind in entry.findings[0].message


def test_rows_that_cannot_be_read_are_refused_and_hide_no_other() -> None:
    good = report(ASSETS_A3, {"asset_id": asset_id(1), **SOUND}).splitlines(keepends=True)
    data = (
        good[0] + b'A1,"open\n' + good[1] + b"\xff\xfe,bad\n" + b"," * 60 + b"x\n" + good[1].replace(b"A000", b"B000")
    )
    entries = read(data)
    assert [entry.outcome for entry in entries] == [
        Outcome.REFUSED, Outcome.REGISTER, Outcome.REFUSED, Outcome.REFUSED, Outcome.REFUSED
    ]  # fmt: skip
    assert [entry.line for entry in entries] == [2, 3, 4, 5, 6]
    assert all(one.findings[0].severity is Severity.ERROR for one in entries if one.outcome is Outcome.REFUSED)


def claim(number: int, **cells: str) -> dict[str, str]:
    return {"claim_id": f"c{number}", "asset_id": asset_id(1), "video_id": f"v{number}", **cells}


def test_claims_mention_their_asset_once() -> None:
    told = {
        "asset_title": "Spring Rain",
        "isrc": "KRA381900123",
        "artist": "Minji",
        "upc": "4006381333931",
        "album": "A",
    }
    rows = [
        claim(1, **told),
        claim(2, **told),
        claim(3, **{**told, "asset_title": "Spring Rain (Live)"}),
        claim(4, asset_id=asset_id(2), iswc="T-034.524.680-1", asset_title="Rain"),
        claim(5, asset_id=asset_id(3)),
    ]
    first, second, third, work, nothing = read(report(CLAIMS_A1, *rows))
    assert first.recordings[0].mentioned
    assert first.recordings[0].key == asset_id(1)
    assert first.releases[0].codes == (("gtin", "4006381333931"),)
    assert (second.outcome, third.outcome) == (Outcome.DUPLICATE, Outcome.REGISTER)
    assert work.works[0].codes == (("youtube_asset", asset_id(2)), ("iswc", "T0345246801"))
    assert nothing.outcome is Outcome.PASSED_OVER
    assert "does not say" in nothing.findings[0].message


def test_a_revenue_report_is_recognised_and_left_to_its_own_command() -> None:
    entries = read(report(REVENUE, {"Asset ID": asset_id(1)}, {"Asset ID": asset_id(2)}))
    assert [entry.outcome for entry in entries] == [Outcome.PASSED_OVER] * 2
    assert [len(entry.findings) for entry in entries] == [1, 0]
    assert "usage and money" in entries[0].findings[0].message


def written(house: Any, entries: Sequence[Entry]) -> Imported:
    def links_between(left: str, relation: Relation, right: str) -> list[str]:
        known = [(one.left, one.relation, one.right, one.link) for one in house.registry.links(left)]
        return [link for *edge, link in known if tuple(edge) == (left, relation, right)]

    context = replace(house.context(), links_between=links_between)
    scribe = Scribe(context, file="report.csv", sha256="0" * 64)
    return sum((write_down(scribe, entry) for entry in entries), Imported())


CONFLICT = {
    **SOUND,
    "asset_id": asset_id(1),
    "conflicting_owner": "Other Music|Third",
    "conflicting_country_code": "US|KR",
    "conflicting_owner_isrc": "USUG12400910",
    "lifetime_views_in_conflict": "12345",
    "other_ownership": "WW",
}


def test_a_conflict_opens_a_case_for_each_other_owner(house: Any) -> None:
    entries = read(report(CONFLICTS_A3, CONFLICT))
    assert entries[0].recordings[0].mentioned
    done = written(house, entries)
    opened = [fact for fact in done.facts if isinstance(fact, DisputeOpened)]
    (recording,) = (fact.recording for fact in done.facts if isinstance(fact, RecordingRegistered))
    assert [fact.opened_by for fact in opened] == ["Other Music", "Third"]
    for fact in opened:
        assert (fact.subject, fact.side, fact.next_actor) == (recording, Side.RECORDING, house.SENDER)
        assert fact.due_at == house.NOW + 30 * DAY
        for told in ("US|KR", "USUG12400910", "12345"):
            assert told in fact.reason
    house.take(done)
    assert len(house.registry.cases(house.NOW)) == 2
    # The same conflict in tomorrow's report is the same case.
    house.take(written(house, read(report(CONFLICTS_A3, CONFLICT))))
    assert len(house.registry.cases(house.NOW)) == 2


def test_a_report_becomes_facts_that_add_up(house: Any) -> None:
    made = table_files.assets(120, seed=3)
    done = written(house, read(made.data))
    assert done.counts == Counts(
        received=made.registered + made.duplicate + made.passed_over,
        registered=made.registered,
        duplicate=made.duplicate,
        passed_over=made.passed_over,
    )
    house.take(done)
    merges = [fact for fact in done.facts if isinstance(fact, LinkAsserted) and fact.relation is Relation.SAME_AS]
    assert merges
    assert all(fact.left.startswith("youtube_asset:") for fact in merges)
    claimed = [fact for fact in done.facts if isinstance(fact, ShareClaimed)]
    assert claimed
    assert len({fact.party for fact in claimed}) == 1
    again = written(house, read(made.data))
    assert not [fact for fact in again.facts if isinstance(fact, LinkAsserted)]


@given(st.binary(max_size=2_000))
def test_any_bytes_end_in_entries_or_a_refusal(data: bytes) -> None:
    try:
        entries = read(data)
    except InputError:
        return
    assert all(entry.findings for entry in entries if entry.outcome is Outcome.REFUSED)


@given(st.data())
def test_a_damaged_report_still_gives_an_entry_for_each_row(data: st.DataObject) -> None:
    lines = table_files.assets(6).data.split(b"\r\n")
    place = data.draw(st.integers(1, len(lines) - 2))
    noise = data.draw(st.binary(max_size=30)).replace(b"\n", b"").replace(b"\r", b"").replace(b'"', b"")
    at = data.draw(st.integers(0, len(lines[place])))
    lines[place] = lines[place][:at] + noise + lines[place][at:]
    entries = read(b"\r\n".join(lines))
    assert len(entries) == len(lines) - 2
