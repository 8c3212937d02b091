"""What CWR transactions mean: each is one entry, and says what its records say."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from cantoria.formats.cwr.meaning.territory import Scope
from cantoria.formats.entries import Chain, Collection, Outcome, Share
from cantoria.formats.types import Severity
from cantoria.kernel import territories
from cantoria.kernel.periods import DAY
from cantoria.registry.answer_facts import AnswerStatus
from cantoria.registry.facts import ClaimWithdrawn, LinkAsserted
from cantoria.registry.trade_facts import ChainAsserted, ChainKind, TitleKind
from cantoria.registry.types import CaseKind, Right, Role, WorkKind

NOW = 20_000 * DAY
HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)
PR, MR, SR = Right.PERFORMING, Right.MECHANICAL, Right.SYNCHRONISATION
PUBLISHED = [
    (
        "NWR",
        {
            "work_title": "SPRING DAY",
            "submitter_work_number": "S1",
            "iswc": "T0345246801",
            "musical_work_distribution_category": "POP",
            "recorded_indicator": "U",
            "version_type": "ORI",
        },
    ),
    (
        "SPU",
        {
            "publisher_sequence_number": 1,
            "interested_party_number": "P1",
            "publisher_name": "BLUE SONGS",
            "publisher_type": "E",
            "publisher_ipi_name_number": "00014107338",
            "pr_ownership_share": 5000,
            "mr_ownership_share": 10000,
            "sr_ownership_share": 10000,
        },
    ),
    (
        "SPT",
        {
            "interested_party_number": "P1",
            "pr_collection_share": 5000,
            "mr_collection_share": 10000,
            "sr_collection_share": 10000,
            "inclusion_exclusion_indicator": "I",
            "tis_numeric_code": "2136",
        },
    ),
    ("SPT", {"interested_party_number": "P1", "inclusion_exclusion_indicator": "E", "tis_numeric_code": "0840"}),
    (
        "SPU",
        {
            "publisher_sequence_number": 1,
            "interested_party_number": "P2",
            "publisher_name": "RED SONGS",
            "publisher_type": "SE",
            "submitter_agreement_number": "A7",
        },
    ),
    (
        "SPT",
        {
            "interested_party_number": "P2",
            "pr_collection_share": 2500,
            "inclusion_exclusion_indicator": "I",
            "tis_numeric_code": "0840",
        },
    ),
    (
        "SWR",
        {
            "interested_party_number": "W1",
            "writer_last_name": "KIM",
            "writer_first_name": "ADA",
            "writer_designation_code": "CA",
            "pr_ownership_share": 5000,
        },
    ),
    (
        "PWR",
        {
            "publisher_ip_number": "P1",
            "publisher_name": "BLUE SONGS",
            "writer_ip_number": "W1",
            "submitter_agreement_number": "A1",
        },
    ),
]


def test_a_registration_says_who_owns_collects_and_passes_on(files: Any) -> None:
    (entry,) = files.read(files.make("2.1", PUBLISHED))
    assert entry.outcome is Outcome.REGISTER
    (work,) = entry.works
    assert (work.key, work.title, work.codes, work.whole) == ("S1", "SPRING DAY", (("iswc", "T0345246801"),), True)
    names = {party.key: (party.names[0].text, party.codes) for party in entry.parties}
    assert names == {
        "IP:P1": ("BLUE SONGS", (("ipi_name", "00014107338"),)),
        "IP:P2": ("RED SONGS", ()),
        "IP:W1": ("KIM, ADA", ()),
    }
    assert set(work.shares) == {
        Share(party="IP:W1", role=Role.AUTHOR, right=PR, share=HALF),
        Share(party="IP:P1", role=Role.PUBLISHER, right=PR, share=HALF),
        Share(party="IP:P1", role=Role.PUBLISHER, right=MR, share=Fraction(1)),
        Share(party="IP:P1", role=Role.PUBLISHER, right=SR, share=Fraction(1)),
    }, "a sub-publisher that owns nothing is no holder"
    assert set(work.collections) == {
        Collection(party="IP:P1", role=Role.PUBLISHER, right=PR, share=HALF, territory="2136 -0840"),
        Collection(party="IP:P1", role=Role.PUBLISHER, right=MR, share=Fraction(1), territory="2136 -0840"),
        Collection(party="IP:P1", role=Role.PUBLISHER, right=SR, share=Fraction(1), territory="2136 -0840"),
        Collection(party="IP:P2", role=Role.PUBLISHER, right=PR, share=QUARTER, territory="0840"),
    }
    assert work.chains == (
        Chain(grantor="IP:W1", acquirer="IP:P1", kind=ChainKind.ORIGINAL, agreement="A1"),
        Chain(grantor="IP:P1", acquirer="IP:P2", kind=ChainKind.SUB_PUBLICATION, territory="0840", agreement="A7"),
    )


@pytest.mark.parametrize(
    ("code", "role"),
    [
        ("C", Role.COMPOSER),
        ("A", Role.LYRICIST),
        ("CA", Role.AUTHOR),
        ("AR", Role.ARRANGER),
        ("TR", Role.TRANSLATOR),
        ("AD", Role.TRANSLATOR),
        ("SA", Role.LYRICIST),
        ("SR", Role.ARRANGER),
        ("PA", Role.AUTHOR),
    ],
)
def test_each_writer_role_has_a_word(files: Any, rows: Any, code: str, role: Role) -> None:
    made = rows()
    made[1][1]["writer_designation_code"] = code
    (entry,) = files.read(files.make("2.2", made))
    assert {share.role for share in entry.works[0].shares} == {role}
    nearest = [one for one in entry.findings if "the nearest" in one.message]
    assert len(nearest) == (code in ("AD", "SA", "SR", "PA"))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AT", TitleKind.ALTERNATIVE),
        ("TT", TitleKind.TRANSLATED),
        ("FT", TitleKind.FORMAL),
        ("TE", TitleKind.FIRST_LINE),
        ("PT", TitleKind.PART),
        ("IT", TitleKind.INCORRECT),
    ],
)
def test_titles_keep_their_kind(files: Any, rows: Any, code: str, kind: TitleKind) -> None:
    made = [*rows(), ("ALT", {"alternate_title": "BOM NAL", "title_type": code})]
    made.append(("NAT", {"title": "봄날", "title_type": "OL", "language_code": "KO"}))
    (entry,) = files.read(files.make("2.2", made))
    alternative, national = entry.works[0].titles
    assert (alternative.text, alternative.kind) == ("BOM NAL", kind)
    assert (national.text, national.kind, national.language) == ("봄날", TitleKind.TRANSCRIBED, "KO")


@pytest.mark.parametrize(
    ("values", "record", "kind", "complete"),
    [
        ({}, None, WorkKind.ORIGINAL, True),
        (
            {"version_type": "MOD", "music_arrangement": "ARR", "lyric_adaptation": "ORI"},
            None,
            WorkKind.ARRANGEMENT,
            False,
        ),
        (
            {"version_type": "MOD", "music_arrangement": "ARR", "lyric_adaptation": "ORI"},
            "VER",
            WorkKind.ARRANGEMENT,
            True,
        ),
        (
            {"version_type": "MOD", "music_arrangement": "ORI", "lyric_adaptation": "TRA"},
            "VER",
            WorkKind.TRANSLATION,
            True,
        ),
        ({"composite_type": "MED", "composite_component_count": 1}, "COM", WorkKind.MEDLEY, True),
        ({"composite_type": "MED", "composite_component_count": 2}, "COM", WorkKind.MEDLEY, False),
        ({"excerpt_type": "MOV"}, "EWT", WorkKind.ORIGINAL, True),
        ({"excerpt_type": "MOV"}, None, WorkKind.ORIGINAL, False),
    ],
)
def test_versions_medleys_and_excerpts_name_their_parts(
    files: Any, rows: Any, values: dict[str, Any], record: str | None, kind: WorkKind, complete: bool
) -> None:
    part = {
        "VER": {"original_work_title": "OLD DAY", "submitter_work_number": "S9"},
        "EWT": {"entire_work_title": "OLD DAY", "submitter_work_number": "S9"},
        "COM": {"title": "OLD DAY", "submitter_work_number": "S9", "writer_1_last_name": "LEE"},
    }
    made = [*rows(**values), *([(record, part[record])] if record else [])]
    (entry,) = files.read(files.make("2.2", made))
    work = entry.works[-1]
    assert (work.kind, work.parts_complete, work.parts) == (kind, complete, ("S9",) if record else ())
    if record:
        assert (entry.works[0].key, entry.works[0].title, entry.works[0].mentioned) == ("S9", "OLD DAY", True)


def test_a_medley_does_not_undo_what_its_component_said_of_itself(files: Any, rows: Any, house: Any) -> None:
    whole = {"version_type": "MOD", "music_arrangement": "ARR", "lyric_adaptation": "ORI"}
    arranged = [*rows(submitter_work_number="S2", **whole), ("VER", {"original_work_title": "OLDEST"})]
    component = {"title": "SPRING DAY", "submitter_work_number": "S2", "writer_1_last_name": "KIM"}
    medley = rows(submitter_work_number="S3", composite_type="MED", composite_component_count=1)
    taken = house.take(files.read(files.make("2.2", arranged, [*medley, ("COM", component)])))
    assert taken.counts.registered == 2
    inner = house.registry.work(house.work("S2"))
    assert inner.kind is WorkKind.ARRANGEMENT
    assert inner.parts
    assert house.registry.work(house.work("S3")).parts == (house.work("S2"),)


def test_unknown_holders_stay_visible(files: Any, rows: Any, house: Any) -> None:
    made = rows()
    for right in ("pr", "mr", "sr"):
        made[1][1][f"{right}_ownership_share"] = 5000
    unknown = {f"{right}_ownership_share": 5000 for right in ("pr", "mr", "sr")}
    made.append(("OWR", {"writer_unknown_indicator": "Y", "writer_designation_code": "CA", **unknown}))
    (entry,) = files.read(files.make("2.2", made))
    party = entry.parties[1]
    assert (party.key, party.names, party.codes) == ("S1/unknown writer 1", (), ())
    assert sum(share.share for share in entry.works[0].shares if share.right is PR) == 1
    assert [one.line for one in entry.findings if "does not know this writer" in one.message] == [5]
    assert house.take([entry]).counts.registered == 1
    side = house.registry.side(house.work("S1"), territory="KR", at=house.context().now)
    assert len(side.holders) == 2
    assert not side.complete


def test_recordings_are_linked_and_told_apart(files: Any, rows: Any) -> None:
    made = [
        *rows(),
        ("PER", {"performing_artist_last_name": "TUATARA"}),
        ("REC", {"isrc": "KRA381900123"}),
        (
            "REC",
            {
                "recording_title": "SPRING DAY",
                "version_title": "LIVE",
                "display_artist": "ADA",
                "isrc": "KRA381900124",
                "release_duration": "000330",
                "submitter_recording_identifier": "R7",
                "isrc_validity": "Y",
            },
        ),
        ("REC", {"album_title": "SEASONS"}),
        ("REC", {"recording_title": "OTHER", "isrc": "KRA381900125", "isrc_validity": "U"}),
    ]
    (entry,) = files.read(files.make("2.2", made))
    bare, full, other = entry.recordings
    assert (bare.key, bare.codes, bare.title, bare.mentioned) == ("", (("isrc", "KRA381900123"),), "SPRING DAY", True)
    assert bare.artist == "TUATARA", "the only performer of the work"
    assert (full.key, full.version, full.artist, full.duration_ms) == ("R7", "LIVE", "ADA", 210_000)
    assert other.codes == ()
    assert other.key == "S1/recording OTHER"
    assert all(one.works == ("S1",) for one in entry.recordings)
    assert any("names no recording" in one.message for one in entry.findings)


def test_cross_references_become_numbers_of_societies(files: Any, rows: Any) -> None:
    said = [
        ("118", "100000000001", "W", "Y"),
        ("052", "250310HN", "W", "Y"),
        ("010", "GONE", "W", "N"),
        ("ISR", "KRA381900123", "R", "Y"),
        ("ISW", "T0000000010", "W", "Y"),
        ("118", "R55", "R", "Y"),
    ]
    made = [
        *rows(),
        *(
            ("XRF", dict(zip(("organisation_code", "identifier", "identifier_type", "validity"), one, strict=True)))
            for one in said
        ),
    ]
    (entry,) = files.read(files.make("2.2", made))
    assert entry.works[0].codes == (
        ("own", "KOMCA:100000000001"),
        ("own", "PRS:250310HN"),
        ("iswc", "T0000000010"),
    )
    assert [one.codes for one in entry.recordings] == [(("isrc", "KRA381900123"),)]
    assert [one.severity for one in entry.findings if one.field.startswith("XRF")] == [Severity.INFO, Severity.INFO]


def test_details_without_a_word_are_named_once(files: Any, rows: Any) -> None:
    transactions = [rows(submitter_work_number=f"S{number}", opus_number="7") for number in range(3)]
    findings = [one for entry in files.read(files.make("2.1", *transactions)) for one in entry.findings]
    assert [one.line for one in findings if one.field == "NWR opus_number"] == [3]
    assert all(one.severity is Severity.INFO for one in findings)


def test_the_same_transaction_counts_once(files: Any, rows: Any, house: Any) -> None:
    taken = house.take(files.read(files.make("2.1", rows(), rows(submitter_work_number="S2"), rows())))
    assert (taken.counts.registered, taken.counts.duplicate, taken.counts.received) == (2, 1, 3)


def test_a_transaction_that_does_not_add_up_is_refused(files: Any, rows: Any, house: Any) -> None:
    made = rows()
    made[1][1]["pr_ownership_share"] = 5000
    taken = house.take(files.read(files.make("2.1", made, rows(submitter_work_number="S2"))))
    assert (taken.counts.registered, taken.counts.refused) == (1, 1)
    assert any(one.severity is Severity.ERROR and one.line == 3 for one in taken.findings)


def test_a_revision_takes_back_what_it_does_not_repeat(files: Any, house: Any) -> None:
    house.take(files.read(files.make("2.1", PUBLISHED)))
    alone = [("REV", PUBLISHED[0][1]), ("SWR", {**PUBLISHED[6][1], "pr_ownership_share": 10000})]
    house.take(files.read(files.make("2.1", alone)))
    work, now = house.work("S1"), house.context().now
    held = {(claim.fact.role, claim.fact.share) for claim in house.registry.claims(work) if claim.in_force(now + 1000)}
    assert held == {(Role.AUTHOR, Fraction(1))}


def test_agreements_lend_their_territory_to_works_that_name_them(files: Any, house: Any) -> None:
    agreement = [
        (
            "AGR",
            {
                "submitter_agreement_number": "A1",
                "agreement_type": "OG",
                "agreement_start_date": "20240101",
                "prior_royalty_status": "N",
                "post_term_collection_status": "N",
                "number_of_works": 1,
            },
        ),
        ("TER", {"inclusion_exclusion_indicator": "I", "tis_numeric_code": "2136"}),
        ("TER", {"inclusion_exclusion_indicator": "E", "tis_numeric_code": "0840"}),
        (
            "IPA",
            {
                "agreement_role_code": "AS",
                "interested_party_number": "W1",
                "interested_party_last_name": "KIM",
                "interested_party_writer_first_name": "ADA",
            },
        ),
        (
            "IPA",
            {
                "agreement_role_code": "AC",
                "interested_party_number": "P1",
                "interested_party_last_name": "BLUE SONGS",
                "interested_party_ipi_name_number": "00014107338",
                "pr_affiliation_society": "118",
                "pr_share": 5000,
            },
        ),
    ]
    entries = files.read(files.make("2.1", agreement, PUBLISHED))
    assert entries[1].works[0].chains[0].territory == "2136 -0840"
    taken = house.take(entries)
    assert taken.counts.registered == 2
    stated = [fact for fact in taken.facts if isinstance(fact, ChainAsserted) and fact.agreement == "A1"]
    assert [fact.subject for fact in stated] == ["own:BLUE:AGR:A1", house.work("S1")]
    assert {fact.territory for fact in stated} == {"2136 -0840"}
    assert not [case for case in house.registry.cases(house.context().now + 10**6) if "AGR:" in case.subject]


def test_an_acknowledgement_answers_and_claims_nothing(files: Any, rows: Any, house: Any) -> None:
    house.take(files.read(files.make("2.1", rows())))
    before = len(house.facts)
    ack = {
        "creation_date": "20261001",
        "creation_time": "101500",
        "original_group_id": 1,
        "original_transaction_sequence_number": 0,
        "original_transaction_type": "NWR",
        "creation_title": "SPRING DAY",
        "submitter_creation_number": "S1",
        "recipient_creation_number": "100000000001",
        "processing_date": "20261102",
        "transaction_status": "CO",
    }
    message = {
        "message_type": "T",
        "original_record_sequence_number": 1,
        "record_type": "SWR",
        "message_level": "T",
        "validation_number": "027",
        "message_text": "SHARES ARE CLAIMED BY OTHERS",
    }
    data = files.make("2.1", [("ACK", ack), ("MSG", message), *rows(iswc="T0345246801")], society=True)
    taken = house.take(files.read(data))
    assert taken.counts.registered == 1
    links = {(fact.left, fact.asserted_by) for fact in house.facts[before:] if isinstance(fact, LinkAsserted)}
    assert links == {("iswc:T0345246801", "society:118"), ("own:KOMCA:100000000001", "society:118")}
    work = house.work("S1")
    (registration,) = house.registry.registrations(work)
    fact = registration.fact
    assert (fact.status, fact.answered_by, fact.their_number) == (AnswerStatus.CONFLICT, "society:118", "100000000001")
    assert (fact.messages[0].text, fact.messages[0].level, fact.messages[0].rule) == (
        "SHARES ARE CLAIMED BY OTHERS",
        "transaction",
        "027",
    )
    assert len(house.registry.claims(work)) == 3, "the repeated registration claims nothing"
    kinds = {case.kind for case in house.registry.cases(house.context().now + 10**6) if case.subject == work}
    assert CaseKind.REGISTRATION_CONFLICT in kinds
    again = house.take(files.read(data))
    assert not [fact for fact in again.facts if isinstance(fact, LinkAsserted)]


def test_answers_about_no_work_are_passed_over_with_what_they_say(files: Any, house: Any) -> None:
    ack = {
        "creation_date": "20261001",
        "creation_time": "101500",
        "original_group_id": 1,
        "original_transaction_sequence_number": 0,
        "original_transaction_type": "HDR",
        "processing_date": "20261102",
        "transaction_status": "RJ",
    }
    message = {
        "message_type": "E",
        "original_record_sequence_number": 0,
        "record_type": "HDR",
        "message_level": "E",
        "validation_number": "001",
        "message_text": "UNKNOWN SENDER",
    }
    taken = house.take(files.read(files.make("2.1", [("ACK", ack), ("MSG", message)], society=True)))
    assert (taken.counts.passed_over, taken.facts) == (1, ())
    assert any("UNKNOWN SENDER" in one.message and one.severity is Severity.WARNING for one in taken.findings)


@pytest.mark.parametrize(("version", "kind"), [("2.1", "ISW"), ("3.0", "ISA")])
def test_a_society_assigns_an_iswc(files: Any, rows: Any, house: Any, version: str, kind: str) -> None:
    first = rows("WRK" if version == "3.0" else "NWR")
    house.take(files.read(files.make(version, first)))
    values = {"work_title": "SPRING DAY", "submitter_work_number": "S1", "iswc": "T0345246801"}
    if kind == "ISW":
        values |= {"musical_work_distribution_category": "POP", "recorded_indicator": "U", "version_type": "ORI"}
    taken = house.take(files.read(files.make(version, [(kind, values)], society=True)))
    assert taken.counts.registered == 1
    (link,) = taken.facts
    assert (link.left, link.right, link.asserted_by) == ("iswc:T0345246801", house.work("S1"), "society:118")


def test_an_existing_registration_stands_against_ours(files: Any, rows: Any, house: Any) -> None:
    house.take(files.read(files.make("2.1", rows())))
    other = rows("EXC", iswc="T0345246801")
    unknown = rows("EXC", submitter_work_number="X9")
    taken = house.take(files.read(files.make("2.1", other, unknown, society=True)))
    assert (taken.counts.registered, taken.counts.refused) == (1, 1)
    (registration,) = house.registry.registrations(house.work("S1"))
    assert registration.fact.status is AnswerStatus.CONFLICT
    assert "KIM, ADA" in registration.fact.messages[0].text


def test_a_retraction_takes_back_the_sender_s_claims(files: Any, rows: Any, house: Any) -> None:
    made = rows("WRK")
    made.append(
        (
            "SWT",
            {
                "sequence_number": 1,
                "interested_party_number": "W1",
                "pr_collection_share": 10000,
                "inclusion_exclusion_indicator": "I",
                "territory_code": "2136",
                "recipient_code": "0000",
            },
        )
    )
    house.take(files.read(files.make("3.1", made)))
    gone = {"work_title": "SPRING DAY", "submitter_work_number": "S1", "retraction_reason_code": "NW"}
    unknown = {**gone, "submitter_work_number": "S9"}
    taken = house.take(files.read(files.make("3.1", [("DRW", gone)], [("DRW", unknown)])))
    assert (taken.counts.registered, taken.counts.refused) == (1, 1)
    assert {type(fact) for fact in taken.facts} >= {ClaimWithdrawn}
    work, later = house.work("S1"), house.context().now + 1000
    assert not [claim for claim in house.registry.claims(work) if claim.in_force(later)]
    assert not [one for one in house.registry.collections(work) if one.fact.share]


@pytest.mark.parametrize(("kind", "iswc", "registered"), [("ISR", "T0345246801", 1), ("ISR", "", 0), ("LIC", "", 0)])
def test_requests_register_no_more_than_their_code(
    files: Any, house: Any, kind: str, iswc: str, registered: int
) -> None:
    values = {"work_title": "SPRING DAY", "submitter_work_number": "S1", "iswc": iswc}
    taken = house.take(files.read(files.make("3.1", [(kind, values)])))
    assert (taken.counts.registered, taken.counts.passed_over) == (registered, 1 - registered)
    assert any(one.severity is Severity.INFO for one in taken.findings)
    assert (len(house.registry.codes_of(house.work("S1"))) == 2) if registered else not taken.facts


def test_manuscript_shares_are_the_writers(files: Any, rows: Any) -> None:
    made = rows("WRK")
    made.append(
        (
            "MAN",
            {
                "writer_ip_number": "W1",
                "pr_manuscript_share": 10000,
                "mr_manuscript_share": 0,
                "sr_manuscript_share": 0,
            },
        )
    )
    (entry,) = files.read(files.make("3.1", made))
    assert entry.works[0].shares == (Share(party="IP:W1", role=Role.AUTHOR, right=PR, share=Fraction(1)),)


def test_what_is_odd_about_the_frame_stands_with_an_entry(files: Any, rows: Any) -> None:
    data = files.make("2.1", rows()).replace(b"GRT0000100000001", b"GRT0000100000009")
    (entry,) = files.read(data)
    assert [one.line for one in entry.findings if "says '00000009'" in one.message] == [5]
    first = files.make("2.1", rows()).replace(b"GRHNWR00001", b"SPT\r\nGRHNWR00001")
    (entry,) = files.read(first)
    assert 2 in [one.line for one in entry.findings]


def test_a_file_without_transactions_is_no_entry_or_one_that_says_what_is_odd(files: Any) -> None:
    assert files.read(files.make("2.1")) == []
    (entry,) = files.read(files.make("2.1").split(b"TRL")[0])
    assert entry.outcome is Outcome.PASSED_OVER
    assert entry.findings


def test_endless_territories_and_faults_stay_within_bounds(files: Any, rows: Any) -> None:
    made = rows()
    term = {"interested_party_number": "W1", "pr_collection_share": 100}
    for code in ("2136", *("0250", "0276") * 1000):
        made.append(("SWT", {**term, "inclusion_exclusion_indicator": "I", "tis_numeric_code": code}))
        made.append(("SWT", {**term, "inclusion_exclusion_indicator": "E", "tis_numeric_code": "0250"}))
    made += [
        ("XRF", {"organisation_code": "118", "identifier": f"N{number}", "identifier_type": "W", "validity": "Y"})
        for number in range(2)
    ]
    (entry,) = files.read(files.make("2.2", made))
    (collection,) = entry.works[0].collections
    assert len(collection.territory) <= territories.EXPRESSION_CHARS_MAX
    assert territories.resolve(collection.territory, at=NOW) == territories.resolve("2136 -0250", at=NOW)
    assert len(entry.works[0].codes) == 2


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([("E", "0840", 0), ("I", "2136", 50)], {50: "2136 -0840"}),
        ([("I", "2136", 50), ("I", "0840", 25)], {50: "2136 -0840", 25: "0840"}),
        ([("I", "0840", 25), ("I", "2136", 50)], {50: "2136"}),
        ([("I", "0840", 50), ("E", "0840", 0)], {}),
        ([("I", "0250", 50), ("I", "0276", 50), ("I", "0250", 50)], {50: "0250 0276"}),
    ],
)
def test_the_last_word_on_a_country_counts(steps: list[tuple[str, str, int]], expected: dict[int, str]) -> None:
    scope = Scope(NOW)
    for sign, code, share in steps:
        if sign == "I":
            scope.include(code, (Fraction(share, 100),) * 3)
        else:
            scope.exclude(code)
    assert {int(shares[0] * 100): text for shares, text in scope.expressions()} == expected
