"""The CSV family read as a whole: facts, findings with places, accounts, reading again."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from cantoria.consent.facts import StatementMade
from cantoria.consent.types import LicenseeKind, Scope, ScopeKind, Verdict
from cantoria.formats.csvfamily import TABLES, read_family, table_of
from cantoria.formats.csvfamily.reference import page
from cantoria.formats.types import Severity
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import PartyId, typed_id
from cantoria.kernel.money import Money
from cantoria.kernel.periods import DAY
from cantoria.kernel.uses import ALL_USES, Use
from cantoria.mandates.facts import DelegationGranted
from cantoria.registry import CaseKind, Found, Problem, Role, Side, WorkKind
from cantoria.registry.facts import HoldersDeclaredComplete, PartyNamed, ShareClaimed

PARTIES = """party,kind,name,other_names,ipi_name,reachable
P1,person,Kim Minji,김민지|Minji K.,00014107338,
P2,organisation,Blue Records,,,yes
P3,group,Los Ríos,,,no
"""
WORKS = """work,title,kind,parts,iswc
W2,Spring Rain (arr.),arrangement,W1,
W1,Spring Rain,,,T-034.524.680-1
"""
RECORDINGS = """recording,title,artist,duration_ms,works,samples,isrc,youtube_asset
R1,Spring Rain,Minji & Band,214000,W2,,KR-A38-19-00123,A935917475088049
R2,Beat,Los Ríos,,W1,R1,,
"""
SHARES = """subject,party,role,right,share,territory
R1,P1,featured_performer,,,
R1,P2,producer,,,
W1,P1,composer,performing,66.6667,
W1,P2,publisher,performing,33.3333,
"""
COMPLETE = """subject,signed_by
R1,P2
W1,P2
"""
FAMILY = {
    "parties.csv": PARTIES,
    "works.csv": WORKS,
    "recordings.csv": RECORDINGS,
    "shares.csv": SHARES,
    "complete.csv": COMPLETE,
}


def read(house: Any, files: dict[str, str], **more: Any) -> Any:
    encoded = {name: text.encode() for name, text in files.items()}
    return house.take(read_family(encoded, house.context(**more)))


def only(imported: Any, kind: type) -> list[Any]:
    return [fact for fact in imported.facts if type(fact) is kind]


def test_formats_csv_reference_page_is_up_to_date() -> None:
    written = Path(__file__).parents[3] / "docs" / "reference" / "csv.md"
    assert written.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("name", sorted(TABLES))
def test_formats_csv_every_example_in_the_page_has_the_columns_of_its_table(name: str) -> None:
    section = page().split(f"## {name}.csv")[1].split("```csv\n")[1].split("```")[0]
    header, row = section.strip().split("\n")
    assert set(header.split(",")) <= {column.name for column in TABLES[name].columns}
    assert len(row.split(",")) == len(header.split(","))


def test_formats_csv_family_becomes_a_registry(house: Any) -> None:
    imported = read(house, FAMILY)
    assert not imported.findings
    assert (imported.counts.received, imported.counts.registered) == (13, 13)
    registry = house.registry
    rec, song, arranged = house.thing("R1"), house.thing("W1"), house.thing("W2")
    assert registry.resolve(["isrc:KRA381900123", "iswc:T0345246801"]) == Found(rec, Side.RECORDING, "isrc")
    assert registry.closure(house.thing("R2")).recordings == tuple(sorted([rec, house.thing("R2")]))
    assert registry.closure(rec).works == tuple(sorted([song, arranged]))
    assert registry.work(arranged).kind is WorkKind.ARRANGEMENT
    assert registry.recording(rec).duration_ms == 214000
    state = registry.side(song, territory="KR", at=house.NOW)
    assert {holding.role for holding in state.holders} == {Role.COMPOSER, Role.PUBLISHER}
    shares = {claim.fact.role: claim.fact.share for claim in registry.claims(song)}
    assert shares == {Role.COMPOSER: Fraction(666667, 1000000), Role.PUBLISHER: Fraction(333333, 1000000)}
    minji = registry.party(house.thing("P1"))
    assert minji.names == ("Kim Minji", "김민지", "Minji K.")
    assert minji.codes == ("ipi_name:00014107338",)
    assert not registry.party(house.thing("P3")).reachable


def test_formats_csv_completeness_has_effect_when_the_one_entitled_records_it(house: Any) -> None:
    read(house, {name: FAMILY[name] for name in ("parties.csv", "works.csv", "recordings.csv", "shares.csv")})
    label = PartyId(house.thing("P2"))
    files = {"complete.csv": b"subject\nR1\nW1\n"}
    house.take(read_family(files, house.context(sender=label)), sender=label)
    for key in ("R1", "W1"):
        assert house.registry.side(house.thing(key), territory="KR", at=house.NOW).complete, key


def test_formats_csv_reading_again_finds_the_same_things_and_undoes_nothing(house: Any) -> None:
    read(house, {name: FAMILY[name] for name in ("parties.csv", "works.csv", "recordings.csv", "shares.csv")})
    label = PartyId(house.thing("P2"))
    house.take(read_family({"complete.csv": b"subject\nR1\n"}, house.context(sender=label)), sender=label)
    before = house.thing("R1")
    again = read(house, FAMILY)
    assert not [f for f in again.findings if f.severity is not Severity.INFO]
    assert house.thing("R1") == before
    assert len(house.registry.claims(before)) == 2
    assert house.registry.side(before, territory="KR", at=house.NOW).complete
    assert len(list(house.registry.recordings())) == 2


def test_formats_csv_another_sender_meets_the_same_recording_by_its_isrc(house: Any) -> None:
    read(house, FAMILY)
    text = b"recording,title,isrc\nX9,Spring Rain,KRA381900123\n"
    other = PartyId(typed_id("party", b"other-cmo".rjust(16, b"\0")))
    house.take(read_family({"recordings.csv": text}, house.context(sender=other, namespace="CMO")), sender=other)
    assert house.thing("X9", "CMO") == house.thing("R1")


def test_formats_csv_one_isrc_on_two_rows_stays_two_recordings_and_a_case(house: Any) -> None:
    files = {"recordings.csv": "recording,title,isrc\nR1,One,KRA381900123\nR2,Two,KRA381900123\n"}
    imported = read(house, files)
    (finding,) = imported.findings
    assert (finding.line, finding.field, finding.severity) == (3, "isrc", Severity.WARNING)
    (case,) = house.registry.cases(house.NOW)
    assert case.kind is CaseKind.CODE_SHARED
    assert len(house.registry.resolve(["isrc:KRA381900123"]).candidates) == 2


def test_formats_csv_overclaim_is_recorded_found_and_a_case(house: Any) -> None:
    read(house, FAMILY)
    files = {"shares.csv": "subject,party,role,right,share\nW1,P3,lyricist,performing,50\n"}
    imported = read(house, files)
    (finding,) = imported.findings
    assert (finding.file, finding.line, finding.column, finding.field) == ("shares.csv", 2, 5, "share")
    assert "more than 100 %" in finding.message
    assert len(house.registry.claims(house.thing("W1"))) == 3
    (case,) = house.registry.cases(house.NOW)
    assert case.kind is CaseKind.SHARES_ABOVE_WHOLE
    state = house.registry.side(house.thing("W1"), territory="KR", at=house.NOW)
    assert Problem.BLOCKING_DISPUTE in state.problems


def test_formats_csv_two_claims_of_one_kind_stand_side_by_side(house: Any) -> None:
    read(house, {"parties.csv": PARTIES, "works.csv": WORKS})
    shares = "subject,party,role,right,share\nW1,P1,composer,performing,40\nW1,P1,composer,performing,30\n"
    first = read(house, {"shares.csv": shares})
    second = read(house, {"shares.csv": shares})
    ids = [fact.claim for fact in only(first, ShareClaimed)]
    assert len(set(ids)) == 2
    assert [fact.claim for fact in only(second, ShareClaimed)] == ids


def test_formats_csv_completeness_is_cut_where_claims_begin_and_end(house: Any) -> None:
    read(house, {"parties.csv": PARTIES, "recordings.csv": RECORDINGS.replace(",W2,", ",,").replace(",W1,", ",,")})
    rows = "R1,P1,featured_performer,,", "R1,P2,producer,,2030-01-01", "R1,P3,producer,2030-01-01,"
    shares = "\n".join(("subject,party,role,from,to", *rows))
    imported = read(house, {"shares.csv": shares, "complete.csv": COMPLETE.replace("W1,P2\n", "")})
    first, second = only(imported, HoldersDeclaredComplete)
    assert first.period.end == second.period.start
    assert len(first.claims) == len(second.claims) == 2
    assert first.claims != second.claims


BAD_ROWS = [
    ("parties.csv", "party,kind\nP9,robot\n", "kind", "robot"),
    ("parties.csv", "party,reachable\nP9,maybe\n", "reachable", "maybe"),
    ("parties.csv", "party,signing_key\nP9,abc\n", "signing_key", "abc"),
    ("parties.csv", "party,isni\nP9,0000000122819551\n", "isni", "0000000122819551"),
    ("parties.csv", "party\na:b\n", "party", "a:b"),
    ("works.csv", "work,title\nW9,\n", "title", ""),
    ("works.csv", "work,title,iswc\nW9,X,T-034.524.680-2\n", "iswc", "T-034.524.680-2"),
    ("works.csv", "work,title,parts\nW9,X,W77\n", "parts", "W77"),
    ("works.csv", "work,title,parts\nW9,X,W9\n", "parts", "W9"),
    ("works.csv", "work,title,codes\nW9,X,nonsense\n", "codes", "nonsense"),
    ("recordings.csv", "recording,title,isrc\nR9,X,12345\n", "isrc", "12345"),
    ("recordings.csv", "recording,title,duration_ms\nR9,X,-5\n", "duration_ms", "-5"),
    ("recordings.csv", "recording,title,works\nR9,X,R1\n", "works", "R1"),
    ("recordings.csv", "recording,title,samples\nR9,X,R9\n", "samples", "R9"),
    ("recordings.csv", "recording,title\nW1,X\n", "recording", "W1"),
    ("releases.csv", "release,title,recordings\nA1,X,\n", "recordings", ""),
    ("releases.csv", "release,title,recordings,gtin\nA1,X,R1,4006381333932\n", "gtin", "4006381333932"),
    ("catalogues.csv", "catalogue,owner,member\nC1,P1,P2\n", "member", "P2"),
    ("links.csv", "left,relation,right\nisrc:KRA381900124,resembles,R1\n", "relation", "resembles"),
    ("links.csv", "left,relation,right\nKRA381900124,identifies,R1\n", "left", "KRA381900124"),
    ("links.csv", "left,relation,right\nR1,same_as,R1\n", "right", "R1"),
    ("links.csv", "left,relation,right,tier\nR1,embodies,W1,adjudicated\n", "tier", "adjudicated"),
    ("shares.csv", "subject,party,role,right,share\nW1,P1,composer,performing,-5\n", "share", "-5"),
    ("shares.csv", "subject,party,role,right,share\nW1,P1,composer,performing,100.01\n", "share", "100.01"),
    ("shares.csv", "subject,party,role,right,share\nW1,P1,composer,performing,1e3\n", "share", "1e3"),
    ("shares.csv", "subject,party,role,right,share\nW1,P1,composer,performing,1/0\n", "share", "1/0"),
    ("shares.csv", "subject,party,role,share\nW1,P1,composer,50\n", "right", ""),
    ("shares.csv", "subject,party,role\nW1,P1,producer\n", "role", "producer"),
    ("shares.csv", "subject,party,role\nW1,P99,composer\n", "party", "P99"),
    ("shares.csv", "subject,party,role,territory\nW1,P1,composer,Atlantis\n", "territory", "Atlantis"),
    ("shares.csv", "subject,party,role,from\nW1,P1,composer,01/02/2026\n", "from", "01/02/2026"),
    ("shares.csv", "subject,party,role,from,to\nW1,P1,composer,2026-01-01,2025-01-01\n", "to", "2025-01-01"),
    ("public_domain.csv", "subject,basis,territory,evidence\nW1,old,KR,x\n", "basis", "old"),
    ("public_domain.csv", "subject,basis,territory,evidence\nW1,term_expired,,x\n", "territory", ""),
    ("complete.csv", "subject\nW2\n", "subject", "W2"),
    ("complete.csv", "subject,side\nW1,recording\n", "side", "recording"),
    ("delegations.csv", "delegation,principal,delegate,kind,uses\nD1,P1,P1,agent,input\n", "delegate", "P1"),
    ("delegations.csv", "delegation,principal,delegate,kind,uses\nD1,P1,P2,agent,dance\n", "uses", "dance"),
    ("statements.csv", "party,says,uses,scope\nP1,perhaps,all,present_works\n", "says", "perhaps"),
    ("statements.csv", "party,says,uses,scope\nP1,yes,all,present_works\n", "uses", "all"),
    ("statements.csv", "party,says,uses,scope,scope_of\nP1,no,all,present_works,R1\n", "scope_of", "R1"),
    ("statements.csv", "party,says,uses,scope,scope_of\nP1,no,all,work,R1\n", "scope_of", "R1"),
    ("statements.csv", "party,says,uses,scope,min_price\nP1,no,all,present_works,1 EUR\n", "min_price", "1 EUR"),
    ("statements.csv", "party,says,uses,scope,min_price\nP1,yes,input,present_works,-1 EUR\n", "min_price", "-1 EUR"),
    ("statements.csv", "party,says,uses,scope,min_price\nP1,yes,input,present_works,cheap\n", "min_price", "cheap"),
]


@pytest.mark.parametrize(("file", "text", "field", "value"), BAD_ROWS)
def test_formats_csv_bad_row_is_refused_with_its_place(
    house: Any, file: str, text: str, field: str, value: str
) -> None:
    read(house, FAMILY)
    before = house.size
    imported = read(house, {file: text})
    assert house.size == before
    (finding,) = imported.findings
    assert (finding.file, finding.line, finding.field, finding.value) == (file, 2, field, value)
    assert finding.severity is Severity.ERROR
    assert finding.remedy
    header = text.split("\n")[0].split(",")
    assert finding.column == (header.index(field) + 1 if field in header else 0)
    assert (imported.counts.received, imported.counts.refused) == (1, 1)


def test_formats_csv_bad_row_hides_no_good_one(house: Any) -> None:
    rows = ["recording,title,isrc"] + [f"R{n},T{n},KRA3819{n:05d}" for n in range(50)]
    rows[20] = "R19,T19,BAD"
    rows[30] = "R29,T29,KRA381900029,surplus"
    rows[40] = '"R39,T39,KRA381900039'
    imported = read(house, {"recordings.csv": "\n".join(rows)})
    assert imported.counts.registered == 47
    assert imported.counts.refused == 3
    assert [finding.line for finding in imported.findings] == [31, 41, 21]


def test_formats_csv_reference_to_a_refused_row_says_so(house: Any) -> None:
    files = {
        "recordings.csv": "recording,title,isrc\nR1,X,BAD\n",
        "releases.csv": "release,title,recordings\nA1,X,R1\n",
    }
    imported = read(house, files)
    assert "line 2) was refused" in imported.findings[1].message
    assert not imported.facts


def test_formats_csv_duplicate_rows_are_counted_and_found(house: Any) -> None:
    text = "work,title\nW1,A\nW1,A\nW1,B\n"
    imported = read(house, {"works.csv": text})
    counts = imported.counts
    assert (counts.received, counts.registered, counts.duplicate, counts.refused) == (3, 1, 1, 1)
    assert [finding.line for finding in imported.findings] == [3, 4]


def test_formats_csv_failed_ipi_check_is_a_warning_and_keeps_the_code(house: Any) -> None:
    imported = read(house, {"parties.csv": "party,ipi_name\nP1,04590782614\n"})
    (finding,) = imported.findings
    assert (finding.severity, finding.field) == (Severity.WARNING, "ipi_name")
    assert only(imported, PartyNamed)[0].codes == ("ipi_name:04590782614",)


def test_formats_csv_future_start_is_taken_with_a_note(house: Any) -> None:
    read(house, FAMILY)
    imported = read(house, {"shares.csv": "subject,party,role,from\nW1,P3,translator,2031-05-01\n"})
    (finding,) = imported.findings
    assert (finding.severity, finding.value) == (Severity.INFO, "2031-05-01")
    assert imported.counts.registered == 1


def test_formats_csv_formula_text_is_kept_as_text(house: Any) -> None:
    read(house, {"works.csv": 'work,title\nW1,"=HYPERLINK(""x"")"\nW2,+1\nW3,@cmd\n'})
    titles = [house.registry.work(work).title for work in house.registry.works()]
    assert titles == ['=HYPERLINK("x")', "+1", "@cmd"]


def test_formats_csv_statements_and_delegations(house: Any) -> None:
    read(house, FAMILY)
    files = {
        "delegations.csv": "delegation,principal,delegate,kind,uses,scope,to\nD1,P1,P2,agent,training,R1,2031-01-01\n",
        "statements.csv": "party,speaker,says,uses,scope,scope_of,licensee,min_price,attribution,delegation\n"
        "P1,,stop,all,future_works,,,,,\n"
        "P1,P2,yes,train_generative|input,recording,R1,P3,0.05 EUR,yes,D1\n",
    }
    imported = read(house, files)
    assert not imported.findings
    (mandate,) = only(imported, DelegationGranted)
    assert mandate.uses == {Use.ANALYSE, Use.TRAIN_GENERATIVE, Use.TRAIN_NONGENERATIVE}
    assert mandate.scope == (house.thing("R1"),)
    stop, yes = only(imported, StatementMade)
    assert (stop.verdict, stop.uses, stop.scope) == (Verdict.STOP, ALL_USES, Scope(ScopeKind.FUTURE_WORKS))
    assert stop.speaker == stop.party == house.thing("P1")
    assert yes.uses == {Use.TRAIN_GENERATIVE, Use.INPUT}
    assert (yes.licensee.kind, yes.licensee.id) == (LicenseeKind.NAMED, house.thing("P3"))
    assert yes.conditions.min_price == Money.parse("0.05", "EUR")
    assert yes.conditions.attribution
    assert yes.delegation == mandate.delegation == house.thing("D1")


def test_formats_csv_catalogues_links_and_public_domain(house: Any) -> None:
    read(house, FAMILY)
    files = {
        "catalogues.csv": "catalogue,owner,member\nC1,P2,R1\nC1,P2,W1\nC1,P1,R2\n",
        "links.csv": "left,relation,right,asserted_by,tier\nuci:I804:44032-1,identifies,R1,KCC,verified\n"
        "R2,embodies,W2,,asserted\niscc:KACT4EBWK27737D2,same_as,isrc:KRA381900123,,signal\n",
        "public_domain.csv": "subject,basis,territory,from,evidence\nW1,term_expired,KR,2020-01-01,died 1949\n",
    }
    imported = read(house, files)
    errors = [finding for finding in imported.findings if finding.severity is Severity.ERROR]
    assert [(finding.file, finding.line) for finding in errors][:1] == [("catalogues.csv", 4)]
    registry = house.registry
    assert registry.catalogues_of(house.thing("W1"), at_index=house.size) == (house.thing("C1"),)
    assert registry.resolve(["uci:I804:44032-1"]) == Found(house.thing("R1"), Side.RECORDING, "uci")
    assert registry.links("uci:I804:44032-1")[0].asserted_by == ("KCC",)
    assert registry.side(house.thing("W1"), territory="KR", at=house.NOW + DAY).public_domain


@pytest.mark.parametrize(
    ("name", "table"),
    [("shares.csv", "shares"), ("in/Works-2026.csv", "works"), ("public_domain_kr.csv", "public_domain")],
)
def test_formats_csv_table_by_file_name(name: str, table: str) -> None:
    assert table_of(name).name == table


@pytest.mark.parametrize("name", ["songs.csv", "sharesx.csv", ""])
def test_formats_csv_unknown_file_name(name: str) -> None:
    with pytest.raises(InputError):
        table_of(name)


def test_formats_csv_manifest_is_no_table_of_facts(house: Any) -> None:
    with pytest.raises(InputError):
        read(house, {"manifest.csv": "isrc\nKRA381900123\n"})


def test_formats_csv_capacity_is_the_recorders_affair(house: Any) -> None:
    assert Capacity.PRODUCER in ShareClaimed.TYPE.capacities
