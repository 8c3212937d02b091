"""Runs against certificates, "was I in it?" through versions, and what a revocation touches."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cantoria import lineage
from cantoria.clearance import certificate as certificates
from cantoria.clearance import manifest, manifest_proof
from cantoria.clearance.certificate import Dataset, Issued, Terms
from cantoria.clearance.facts import Aftermath, AsOf, CertificateRechecked, Remedy
from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.results import Recheck, RowResult, recheck
from cantoria.clearance.types import Request, Row, Status
from cantoria.consent.facts import StatementMade, StatementWithdrawn
from cantoria.consent.types import Scope, ScopeKind, Verdict
from cantoria.kernel.codec import from_json, to_json
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.ids import CertificateId, ModelId, PartyId, RunId, StatementId, VersionId
from cantoria.kernel.periods import DAY, parse_moment
from cantoria.kernel.uses import Use
from cantoria.lineage import runs
from cantoria.lineage.facts import (
    ModelRegistered,
    ModelVersionRegistered,
    ModelVersionRetired,
    Retirement,
    RunOutcome,
    TrainingRunEnded,
)
from cantoria.lineage.reasons import LINES, RunReason
from cantoria.lineage.types import Certified, RunRequest, UnauthorisedRow
from cantoria.registry.types import Closure

AT = parse_moment("2026-03-01")
DEV, CMO = PartyId("party_dev"), PartyId("party_cmo")
RETIRE = Aftermath(Remedy.RETIRE_BY, 30)
ROWS = [Row(1, ("isrc:1", "iswc:1")), Row(2, ("isrc:2",)), Row(3, ("isrc:3",)), Row(4, ())]
RESULTS = [
    RowResult(1, Status.CLEARED),
    RowResult(2, Status.CLEARED),
    RowResult(3, Status.DENIED, ReasonCode.SAID_NO),
    RowResult(4, Status.UNKNOWN, ReasonCode.NOT_FOUND),
]


def issue(name: str = "certificate_1", *, use: Use = Use.TRAIN_GENERATIVE, version: str | None = None) -> Issued:
    request = Request(use=use, licensee=DEV, territories="2136", at=AT, size=9, model_version=version)
    dataset = Dataset(
        rows=ROWS,
        results=RESULTS,
        because=[(1, ("statement_a", "statement_b")), (2, ("statement_b",))],
        secret=sha256(name.encode()).digest(),
        subjects={1: "recording_1", 2: "recording_2", 3: "recording_3"},
    )
    terms = Terms(
        certificate=CertificateId(name),
        title="t",
        issuer=CMO,
        request=request,
        as_of=AsOf(9, "00" * 32),
        issued_at=AT,
        aftermath=RETIRE,
    )
    return certificates.issue(dataset, terms=terms)


def run_request(**changes: Any) -> RunRequest:
    base = RunRequest(
        run=RunId("run_1"),
        version=VersionId("version_1"),
        developer=DEV,
        use=Use.TRAIN_GENERATIVE,
        as_of=AsOf(12, "11" * 32),
        started_at=AT + DAY,
    )
    return replace(base, **changes)


def start(rows: Sequence[Row], *, lost: Sequence[int] = (), issued: Issued | None = None, **changes: Any) -> Any:
    return lineage.start_run(
        run_request(**changes),
        rows=rows,
        secret=sha256(b"run").digest(),
        certificate=(issued or issue()).fact,
        certified=Certified(rows=ROWS, results=RESULTS, lost=lost),
    )


# -- a run against its certificate


def test_a_run_on_cleared_rows_is_clean_whatever_the_order() -> None:
    started = start([Row(1, ("isrc:2",)), Row(2, ("iswc:1", "isrc:1"))])
    assert started.unauthorised == ()
    assert started.unauthorised_file is None
    assert (started.fact.unauthorised, started.fact.flags) == (0, ())


def test_each_row_outside_is_recorded_with_its_reason() -> None:
    rows = [Row(1, ("isrc:2",)), Row(2, ("isrc:1",)), Row(3, ("isrc:3",)), Row(4, ()), Row(5, ("isrc:1", "iswc:1"))]
    started = start(rows, lost=[1])
    assert started.unauthorised == (
        UnauthorisedRow(2, RunReason.NOT_IN_CERTIFICATE),
        UnauthorisedRow(3, RunReason.NOT_CLEARED),
        UnauthorisedRow(4, RunReason.NOT_CLEARED),
        UnauthorisedRow(5, RunReason.NO_LONGER_CLEARED),
    )
    assert started.fact.unauthorised == 4
    assert list(started.fact.flags) == sorted(started.fact.flags)
    assert runs.decode_unauthorised(started.unauthorised_file) == started.unauthorised
    assert started.fact.unauthorised_rows.sha256 == sha256(started.unauthorised_file).hexdigest()


def test_each_reason_has_a_line() -> None:
    assert list(LINES) == list(RunReason)
    assert len(set(LINES.values())) == len(RunReason)


def test_sheet_music_is_not_covered_by_a_cleared_sound() -> None:
    started = start([Row(1, ("isrc:2",), "work")])
    assert started.unauthorised == (UnauthorisedRow(1, RunReason.NOT_IN_CERTIFICATE),)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"started_at": AT - 1}, RunReason.CERTIFICATE_NOT_YET),
        ({"started_at": AT + 90 * DAY}, RunReason.CERTIFICATE_EXPIRED),
        ({"developer": PartyId("party_other")}, RunReason.OTHER_LICENSEE),
        ({"use": Use.VOICE}, RunReason.OTHER_USE),
        ({"started_at": AT + 90 * DAY, "use": Use.VOICE}, RunReason.CERTIFICATE_EXPIRED),
    ],
)
def test_a_certificate_that_does_not_fit_flags_every_row(changes: dict[str, Any], reason: RunReason) -> None:
    started = start(ROWS, **changes)
    assert {row.reason for row in started.unauthorised} == {reason}
    assert started.fact.unauthorised == len(ROWS)
    assert started.fact.flags == (reason,)


def test_a_certificate_for_one_version_covers_that_version_alone() -> None:
    bound = issue(version="v7")
    assert start(ROWS[:1], issued=bound).fact.flags == (RunReason.OTHER_VERSION,)
    assert start(ROWS[:1], issued=bound, version_label="v7").fact.flags == ()


def test_a_run_without_certificate_is_recorded_too() -> None:
    started = lineage.start_run(run_request(), rows=ROWS, secret=bytes(32))
    assert started.fact.certificate is None
    assert started.fact.flags == (RunReason.NO_CERTIFICATE,)
    assert started.fact.unauthorised == 4


def test_a_certificate_needs_its_rows_and_each_its_own_result() -> None:
    with pytest.raises(InputError, match="rows of the certificate are missing"):
        lineage.start_run(run_request(), rows=ROWS, secret=bytes(32), certificate=issue().fact)
    swapped = Certified(rows=ROWS, results=[RESULTS[1], RESULTS[0], *RESULTS[2:]], lost=())
    with pytest.raises(InputError, match="has the result of line"):
        runs.find_unauthorised(ROWS, request=run_request(), certificate=issue().fact, certified=swapped)


@settings(deadline=None)
@given(
    statuses=st.lists(st.booleans(), min_size=1, max_size=8),
    lost=st.sets(st.integers(1, 8)),
    taken=st.lists(st.integers(1, 12), max_size=8),
)
def test_exactly_the_rows_still_cleared_are_authorised(statuses: list[bool], lost: set[int], taken: list[int]) -> None:
    rows = [Row(line, (f"isrc:{line % 5}",)) for line in range(1, len(statuses) + 1)]
    decided = [
        RowResult(line, Status.CLEARED) if yes else RowResult(line, Status.DENIED, ReasonCode.SAID_NO)
        for line, yes in enumerate(statuses, 1)
    ]
    outside = runs.find_unauthorised(
        [Row(place, (f"isrc:{code}",)) for place, code in enumerate(taken, 1)],
        request=run_request(),
        certificate=issue().fact,
        certified=Certified(rows=rows, results=decided, lost=lost),
    )
    fine = set()
    for code in range(12):
        lines = [row.line for row in rows if row.codes == (f"isrc:{code}",)]
        if lines and all(statuses[line - 1] and line not in lost for line in lines):
            fine.add(code)
    assert {row.line for row in outside} == {n for n, code in enumerate(taken, 1) if code not in fine}


@pytest.mark.parametrize("data", [b"[1]\n", b"[1,99]\n", b"[1, 2]\n", b"x\n", b'{"line":1}\n'])
def test_damaged_files_of_unauthorised_rows_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        runs.decode_unauthorised(data)


# -- the view


def recorded(facts: Sequence[Any], *, by: str = DEV) -> list[Recorded[Any]]:
    found = []
    for index, fact in enumerate(facts):
        issuing = isinstance(fact, Terms | CertificateRechecked) or hasattr(fact, "results_root")
        organisation = CMO if issuing else by
        found.append(Recorded(index, f"fact_{index}", organisation, Capacity.OPERATOR, AT, fact))
    return found


def version(number: int, *bases: int, model: str = "model_1") -> ModelVersionRegistered:
    return ModelVersionRegistered(
        version=VersionId(f"version_{number}"),
        model=ModelId(model),
        label=f"v{number}",
        bases=tuple(VersionId(f"version_{base}") for base in bases),
    )


MODEL = ModelRegistered(model=ModelId("model_1"), developer=DEV, name="m")


def chain() -> tuple[list[Any], Issued, Any]:
    """A certificate, a run of version 1 under it, version 2 made from 1 and 3 from 2; 4 stands alone."""
    issued = issue()
    started = start([ROWS[0], Row(2, ("isrc:9",))], issued=issued)
    facts = [MODEL, version(1), version(2, 1), version(3, 2), version(4), issued.fact, started.fact]
    return facts, issued, started


def test_facts_of_lineage_survive_their_bodies() -> None:
    facts, _, _ = chain()
    ended = TrainingRunEnded(run=RunId("run_1"), ended_at=AT, outcome=RunOutcome.COMPLETED, weights_sha256="ab")
    retired = ModelVersionRetired(version=VersionId("version_1"), at=AT, how=Retirement.UNLEARNED)
    again = CertificateRechecked(certificate=CertificateId("certificate_1"), as_of=AsOf(1, "00"), at=AT, lost=0)
    for fact in [*facts, ended, retired, again]:
        assert from_json(type(fact), to_json(fact)) == fact
        assert fact.subjects()
    tags = {fact.TYPE.tag for fact in [*facts, ended, retired, again]}
    assert tags == {401, 402, 451, 452, 453, 454, 455}


def test_the_view_as_of_a_size_knows_nothing_later() -> None:
    facts, issued, started = chain()
    view = lineage.Lineage.fold(recorded(facts), size=6)
    assert list(view.certificates) == [issued.fact.certificate]
    assert view.runs == {}
    view = lineage.Lineage.fold(recorded(facts))
    assert view.runs_of(VersionId("version_1")) == (started.fact.run,)
    assert view.runs_under(issued.fact.certificate) == (started.fact.run,)
    assert view.certificate(issued.fact.certificate) == issued.fact
    with pytest.raises(InputError):
        view.certificate(CertificateId("certificate_x"))


def test_versions_reach_through_all_bases_even_unknown_and_circular_ones() -> None:
    facts = [MODEL, version(1, 3), version(2, 1, 99), version(3, 2)]
    view = lineage.Lineage.fold(recorded(facts))
    assert view.made_from(VersionId("version_1")) == ("version_2", "version_3")
    assert view.bases_of(VersionId("version_2")) == ("version_1", "version_3", "version_99")
    assert view.made_from(VersionId("version_99")) == ("version_1", "version_2", "version_3")


def test_nobody_speaks_for_anothers_model_and_no_id_is_taken_twice() -> None:
    facts, _, started = chain()
    view = lineage.Lineage.fold(recorded(facts, by="party_stranger"))
    assert view.models == {}
    assert list(view.versions) == ["version_1", "version_2", "version_3", "version_4"]
    assert view.runs == {}
    other = replace(started.fact, developer=PartyId("party_stranger"), run=RunId("run_2"))
    again = replace(started.fact, started_at=AT)
    more = [*recorded([*facts, again]), Recorded(50, "f", "party_stranger", Capacity.OPERATOR, AT, other)]
    view = lineage.Lineage.fold(more)
    assert list(view.runs) == ["run_1"]
    assert view.runs[RunId("run_1")].fact == started.fact
    assert [(none.index, none.subject) for none in view.without_effect] == [(7, "run_1"), (50, "run_2")]


def test_ends_and_retirements_are_the_developers_to_say() -> None:
    facts, _, _ = chain()
    ended = TrainingRunEnded(run=RunId("run_1"), ended_at=AT + 9, outcome=RunOutcome.COMPLETED)
    retired = ModelVersionRetired(version=VersionId("version_1"), at=AT + 10, how=Retirement.RETIRED)
    view = lineage.Lineage.fold(recorded([*facts, ended, retired]))
    assert view.ended[RunId("run_1")].fact == ended
    assert view.retired[VersionId("version_1")].fact == retired
    stranger = [Recorded(20 + n, "f", "party_x", Capacity.OPERATOR, AT, f) for n, f in enumerate([ended, retired])]
    view = lineage.Lineage.fold([*recorded(facts), *stranger])
    assert (view.ended, view.retired) == ({}, {})
    assert len(view.without_effect) == 2


# -- was I in it?


def at_hand(*built: manifest.Manifest) -> dict[str, manifest.Manifest]:
    return {one.head.root: one for one in built}


def test_exposure_reaches_certificates_runs_and_inherited_versions() -> None:
    facts, issued, started = chain()
    view = lineage.Lineage.fold(recorded(facts))
    hands = at_hand(issued.manifest, issued.cleared, started.manifest)
    exposure = lineage.was_it_in(["isrc:1", "isrc:77"], lineage=view, manifests=hands)
    (hit,) = exposure.certificates
    assert (hit.certificate, hit.cleared) == (issued.fact.certificate, True)
    manifest_proof.verify_key(hit.proofs[0], code="isrc:1", head=issued.fact.manifest)
    (run,) = exposure.runs
    assert (run.run, run.version) == ("run_1", "version_1")
    manifest_proof.verify_key(run.proofs[0], code="isrc:1", head=started.fact.manifest)
    assert [(v.version, v.runs, v.inherited_from) for v in exposure.versions] == [
        ("version_1", ("run_1",), ()),
        ("version_2", (), ("version_1",)),
        ("version_3", (), ("version_1",)),
    ]
    assert exposure.absent == ()
    assert exposure.unanswered == ()


def test_a_row_that_was_asked_about_but_not_cleared_is_told_apart() -> None:
    facts, issued, started = chain()
    view = lineage.Lineage.fold(recorded(facts))
    hands = at_hand(issued.manifest, issued.cleared, started.manifest)
    exposure = lineage.was_it_in(["isrc:3"], lineage=view, manifests=hands)
    assert [hit.cleared for hit in exposure.certificates] == [False]
    assert [absence.subject for absence in exposure.absent] == ["run_1"]
    for absence in exposure.absent:
        manifest_proof.verify_key(absence.proofs[0], code="isrc:3", head=started.fact.manifest)
    exposure = lineage.was_it_in(["isrc:3"], lineage=view, manifests=at_hand(issued.manifest, started.manifest))
    assert [hit.cleared for hit in exposure.certificates] == [None]


def test_a_manifest_that_is_not_at_hand_is_no_answer() -> None:
    facts, _, _ = chain()
    exposure = lineage.was_it_in(["isrc:1"], lineage=lineage.Lineage.fold(recorded(facts)), manifests={})
    assert exposure.unanswered == ("certificate_1", "run_1")
    assert (exposure.certificates, exposure.runs, exposure.versions, exposure.absent) == ((), (), (), ())


class Said:
    """A claim, as far as the search looks at it."""

    def __init__(self, subject: str) -> None:
        self.fact = self
        self.subject = subject


class SmallCatalogue:
    """Recording 1 embodies work 1; recording 2 samples recording 1; recording 3 is apart."""

    def claims_of_party(self, party: str) -> Any:
        return [Said("work_1")] if party == "party_ada" else []

    def subjects(self) -> Any:
        return iter(["recording_1", "recording_2", "recording_3", "work_1"])

    def closure(self, subject: str) -> Closure:
        own = {
            "recording_1": (("work_1",), ("recording_1",)),
            "recording_2": (("work_1", "work_2"), ("recording_2", "recording_1")),
            "recording_3": ((), ("recording_3",)),
            "work_1": (("work_1",), ()),
        }
        return Closure(*own[subject], ())

    def codes_of(self, entity: str) -> Any:
        return (f"isrc:{entity[-1]}",) if entity.startswith("recording") else ()


def test_a_person_is_looked_for_in_everything_that_carries_their_works() -> None:
    keys = lineage.search_keys(["party_ada"], registry=SmallCatalogue())
    assert keys == ("isrc:1", "isrc:2", "party_ada", "recording_1", "recording_2", "work_1")
    assert lineage.search_keys(["recording_3"], registry=SmallCatalogue()) == ("isrc:3", "recording_3")


# -- revocation


def touched(statements: Sequence[str], **changes: Any) -> Any:
    facts, issued, _ = chain()
    more = changes.pop("more", [])
    view = lineage.Lineage.fold(recorded([*facts, *more]))
    known = {"relied": {issued.fact.certificate: issued.relied}} | changes
    return lineage.touched_by(statements, at=AT + 5 * DAY, lineage=view, **known)


def test_a_revocation_names_certificates_runs_and_all_versions_with_their_terms() -> None:
    found = touched(["statement_a", "statement_unknown"])
    (certificate,) = found.certificates
    assert (certificate.rows, certificate.first_lines, certificate.statements) == (1, (1,), ("statement_a",))
    assert certificate.stops_at_once is False
    assert [(run.run, run.after) for run in found.runs] == [("run_1", False)]
    assert [(v.version, v.inherited, v.remedy, v.due_at, v.done_at) for v in found.versions] == [
        ("version_1", False, Remedy.RETIRE_BY, AT + 35 * DAY, None),
        ("version_2", True, Remedy.RETIRE_BY, AT + 35 * DAY, None),
        ("version_3", True, Remedy.RETIRE_BY, AT + 35 * DAY, None),
    ]
    retired = ModelVersionRetired(version=VersionId("version_2"), at=AT + 9 * DAY, how=Retirement.RETIRED)
    found = touched(["statement_a"], more=[retired])
    assert [v.done_at for v in found.versions] == [None, AT + 9 * DAY, None]


def test_a_statement_that_nothing_relied_on_touches_nothing() -> None:
    found = touched(["statement_unknown"])
    assert (found.certificates, found.runs, found.versions, found.unanswered) == ((), (), (), ())


def test_without_the_file_of_relied_statements_a_certificate_is_unanswered() -> None:
    assert touched(["statement_a"], relied={}).unanswered == ("certificate_1",)


def test_a_recheck_narrows_to_the_rows_that_are_really_lost() -> None:
    still = {CertificateId("certificate_1"): Recheck(())}
    assert touched(["statement_b"], rechecks=still).certificates == ()
    worse = [RESULTS[0], RowResult(2, Status.DENIED, ReasonCode.STOPPED), *RESULTS[2:]]
    lost = {CertificateId("certificate_1"): recheck(RESULTS, worse)}
    assert touched(["statement_b"], rechecks=lost).certificates[0].first_lines == (2,)
    assert touched(["statement_b"]).certificates[0].rows == 2


@pytest.mark.parametrize("use", sorted(set(Use) - {Use.ADVERTISE}))
def test_generation_in_somebodys_name_voice_or_face_stops_at_once(use: Use) -> None:
    issued = issue(use=use)
    view = lineage.Lineage.fold(recorded([issued.fact]))
    known = {issued.fact.certificate: issued.relied}
    found = lineage.touched_by(["statement_a"], at=AT, lineage=view, relied=known)
    assert found.certificates[0].stops_at_once == (use in {Use.STYLE, Use.VOICE, Use.LIKENESS})


def statement(name: str, verdict: Verdict, *uses: Use, party: str = "party_ada") -> StatementMade:
    return StatementMade(
        statement=StatementId(name),
        party=PartyId(party),
        speaker=PartyId(party),
        verdict=verdict,
        uses=frozenset(uses),
        scope=Scope(ScopeKind.PRESENT_WORKS),
    )


def test_a_refusal_may_take_away_every_yes_of_that_party_to_the_same_uses() -> None:
    said = recorded(
        [
            statement("s1", Verdict.YES, Use.TRAIN_GENERATIVE, Use.INPUT),
            statement("s2", Verdict.YES, Use.VOICE),
            statement("s3", Verdict.NO, Use.TRAIN_GENERATIVE),
            statement("s4", Verdict.YES, Use.TRAIN_GENERATIVE, party="party_bo"),
        ]
    )
    stop = statement("s9", Verdict.STOP, Use.TRAIN_GENERATIVE)
    assert lineage.revoked_statements(stop, recorded=said) == ("s1",)
    assert lineage.revoked_statements(statement("s8", Verdict.YES, Use.INPUT), recorded=said) == ()
    withdrawn = StatementWithdrawn(statement=StatementId("s2"), at=AT)
    assert lineage.revoked_statements(withdrawn, recorded=said) == ("s2",)
    assert lineage.revoked_statements(MODEL, recorded=said) == ()
