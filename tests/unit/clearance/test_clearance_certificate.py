"""Certificates bind rows, results and statements; they expire, recompute, and prove single results."""

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cantoria.clearance import certificate as certificates
from cantoria.clearance import manifest_proof, relied, results
from cantoria.clearance.certificate import Dataset, Issued, Terms, Validity
from cantoria.clearance.facts import Aftermath, AsOf, DatasetCleared, Remedy
from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.results import RowResult
from cantoria.clearance.types import Cleared, Denied, Reason, Request, Row, Status, Unknown
from cantoria.kernel import canonical
from cantoria.kernel.codec import from_json, to_json
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.ids import CertificateId, PartyId
from cantoria.kernel.money import Money
from cantoria.kernel.periods import DAY, parse_moment
from cantoria.kernel.uses import Use

SECRET = sha256(b"certificate").digest()
AT = parse_moment("2026-03-01")
REQUEST = Request(
    use=Use.TRAIN_GENERATIVE,
    licensee=PartyId("party_dev"),
    territories="2136",
    at=AT,
    size=40,
    licensee_classes=frozenset({"research"}),
    offer=Money(5, "EUR"),
)
CLEARED, SILENT, NO = (
    (Status.CLEARED, None),
    (Status.UNKNOWN, ReasonCode.SILENT),
    (Status.DENIED, ReasonCode.SAID_NO),
)


def terms(**changes: object) -> Terms:
    base = Terms(
        certificate=CertificateId("certificate_1"),
        title="a dataset",
        issuer=PartyId("party_cmo"),
        request=REQUEST,
        as_of=AsOf(40, "00" * 32),
        issued_at=AT,
    )
    return replace(base, **changes)


def dataset(*outcomes: tuple[Status, ReasonCode | None]) -> Dataset:
    decided = [RowResult(line, *outcome) for line, outcome in enumerate(outcomes, 1)]
    return Dataset(
        rows=[Row(result.line, (f"isrc:{result.line}",)) for result in decided],
        results=decided,
        because=[(r.line, ("statement_a", "statement_b")) for r in decided if r.status is Status.CLEARED],
        secret=SECRET,
        subjects={1: "recording_1"},
    )


def issue(*outcomes: tuple[Status, ReasonCode | None]) -> Issued:
    return certificates.issue(dataset(*outcomes), terms=terms())


def test_a_certificate_counts_binds_and_expires_after_ninety_days() -> None:
    issued = issue(CLEARED, SILENT, CLEARED, NO)
    fact = issued.fact
    assert [(count.status.value, count.rows) for count in fact.counts] == [
        ("cleared", 2),
        ("denied", 1),
        ("licensable", 0),
        ("unknown", 1),
    ]
    assert [(count.reason, count.rows) for count in fact.reasons] == [
        (ReasonCode.SAID_NO, 1),
        (ReasonCode.SILENT, 1),
    ]
    assert (fact.manifest.rows, fact.cleared.rows) == (4, 2)
    assert fact.expires_at == AT + 90 * DAY
    assert fact.results.sha256 == sha256(issued.results_file).hexdigest()
    assert fact.relied.sha256 == sha256(issued.relied_file).hexdigest()
    assert "isrc:3" in issued.cleared
    assert "isrc:2" not in issued.cleared


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (AT - 1, Validity.NOT_YET),
        (AT, Validity.IN_FORCE),
        (AT + 90 * DAY - 1, Validity.IN_FORCE),
        (AT + 90 * DAY, Validity.EXPIRED),
    ],
)
def test_time_of_a_certificate(at: int, expected: Validity) -> None:
    assert certificates.validity(issue(CLEARED).fact, at=at) is expected


def test_the_fact_survives_its_canonical_body() -> None:
    fact = certificates.issue(dataset(CLEARED, NO), terms=terms(aftermath=Aftermath(Remedy.UNLEARN_BY, 30))).fact
    body = canonical.encode(to_json(fact))
    assert from_json(DatasetCleared, canonical.decode(body)) == fact
    assert set(fact.subjects()) == {"certificate_1", "party_cmo", "party_dev"}


def test_it_is_recomputed_from_its_dataset_alone() -> None:
    issued = issue(CLEARED, SILENT)
    assert certificates.recompute(issued.fact, dataset(CLEARED, SILENT)) == issued


@pytest.mark.parametrize(
    "other",
    [
        dataset(CLEARED, CLEARED),
        dataset(CLEARED, NO),
        dataset(CLEARED),
        replace(dataset(CLEARED, SILENT), secret=bytes(32)),
        replace(dataset(CLEARED, SILENT), subjects={}),
        replace(dataset(CLEARED, SILENT), because=[(1, ("statement_a",))]),
        replace(dataset(CLEARED, SILENT), rows=[Row(1, ("isrc:1",)), Row(2, ("isrc:3",))]),
    ],
)
def test_any_other_dataset_does_not_lead_to_it(other: Dataset) -> None:
    with pytest.raises(IntegrityError):
        certificates.recompute(issue(CLEARED, SILENT).fact, other)


def test_what_does_not_belong_together_is_refused() -> None:
    good = dataset(CLEARED, SILENT)
    with pytest.raises(InputError, match="not of the same lines"):
        certificates.issue(replace(good, rows=good.rows[:1]), terms=terms())
    with pytest.raises(InputError, match="line 2 is not cleared"):
        certificates.issue(replace(good, because=[(2, ("statement_a",))]), terms=terms())
    with pytest.raises(InputError, match="certified as of 41"):
        terms(as_of=AsOf(41, "00" * 32))
    with pytest.raises(InputError, match="valid for 0 days"):
        terms(valid_days=0)


@pytest.mark.parametrize(("remedy", "days"), [(Remedy.KEEP, 1), (Remedy.RETIRE_BY, 0), (Remedy.UNLEARN_BY, -1)])
def test_terms_for_revocation_make_sense(remedy: Remedy, days: int) -> None:
    with pytest.raises(InputError):
        Aftermath(remedy, days)


def test_the_remedy_falls_due_days_after_the_revocation() -> None:
    assert Aftermath(Remedy.RETIRE_BY, 30).due_at(AT) == AT + 30 * DAY
    assert Aftermath().due_at(AT) is None


# -- results


OUTCOMES = st.sampled_from([CLEARED, SILENT, NO])


@settings(deadline=None)
@given(outcomes=st.lists(OUTCOMES, min_size=1, max_size=12), data=st.data())
def test_each_result_proves_and_no_other_result_does(
    outcomes: list[tuple[Status, ReasonCode | None]], data: st.DataObject
) -> None:
    issued = issue(*outcomes)
    decided = dataset(*outcomes).results
    line = data.draw(st.integers(1, len(outcomes)))
    proof = results.prove_result(decided, row_digests=issued.manifest.row_digests, line=line)
    results.verify_result(proof, certificate=issued.fact)
    presence = issued.manifest.prove_inclusion(f"isrc:{line}")
    assert presence.leaf.row_digest == proof.row_digest
    other = data.draw(OUTCOMES.filter(lambda outcome: outcome != outcomes[line - 1]))
    for forged in (
        replace(proof, result=RowResult(line, *other)),
        replace(proof, result=replace(proof.result, line=line + 1)),
        replace(proof, row_digest="00" * 32),
        replace(proof, rows=proof.rows + 1),
        replace(proof, index=proof.index + 1),
    ):
        with pytest.raises(IntegrityError):
            results.verify_result(forged, certificate=issued.fact)


@settings(deadline=None)
@given(outcomes=st.lists(OUTCOMES, max_size=12))
def test_results_survive_their_file(outcomes: list[tuple[Status, ReasonCode | None]]) -> None:
    decided = tuple(RowResult(3 * line + 1, *outcome) for line, outcome in enumerate(outcomes))
    assert results.decode_results(results.encode_results(decided)) == decided


@pytest.mark.parametrize(
    "data",
    [
        b'[1,"cleared",null]',
        b'[1,"cleared",39]\n',
        b'[1,"unknown",null]\n',
        b'[1,"unknown",38.0]\n',
        b'[1,"unknown",4]\n',
        b'[1,"perhaps",39]\n',
        b'[1, "cleared", null]\n',
        b'[2,"cleared",null]\n[1,"cleared",null]\n',
        b'{"line":1}\n',
        b"\n",
        b"\xff\n",
    ],
)
def test_damaged_results_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        results.decode_results(data)


def test_a_result_states_the_first_reason() -> None:
    reasons = (Reason(ReasonCode.SAID_NO, "p"), Reason(ReasonCode.SILENT, "q"))
    assert results.result_of(3, Denied(reasons, ())) == RowResult(3, Status.DENIED, ReasonCode.SAID_NO)
    assert results.result_of(4, Cleared(("s",))) == RowResult(4, Status.CLEARED)
    with pytest.raises(IntegrityError):
        results.result_of(5, Unknown((), ()))


def test_a_recheck_names_every_change_and_what_was_lost() -> None:
    old = dataset(CLEARED, CLEARED, SILENT, NO).results
    new = dataset(CLEARED, NO, CLEARED, NO).results
    found = results.recheck(old, new)
    assert [(change.line, change.before, change.after.status) for change in found.changes] == [
        (2, Status.CLEARED, Status.DENIED),
        (3, Status.UNKNOWN, Status.CLEARED),
    ]
    assert [result.line for result in found.lost] == [2]
    with pytest.raises(InputError, match="not decided again"):
        results.recheck(old, new[:3])
    with pytest.raises(InputError, match="not decided before"):
        results.recheck(old[:3], new)


# -- statements relied on


@settings(deadline=None)
@given(
    because=st.dictionaries(
        st.integers(1, 40), st.lists(st.sampled_from(["a", "b", "é", "z"]), max_size=4, unique=True), max_size=25
    )
)
def test_what_rows_rely_on_survives_its_file(because: dict[int, list[str]]) -> None:
    found = relied.collect(sorted(because.items()))
    assert relied.decode_relied(found.encode()) == found
    for line, statements in because.items():
        assert found.statements_of(line) == tuple(sorted(statements))
    for statement in ("a", "b", "é", "z"):
        assert list(found.lines_of(statement)) == sorted(n for n, names in because.items() if statement in names)


@pytest.mark.parametrize(
    "data",
    [
        b'["a",[[1,2]]]',
        b'["a",[]]\n',
        b'["a",[[2,1]]]\n',
        b'["a",[[0,1]]]\n',
        b'["a",[[1,2],[3,4]]]\n',
        b'["a",[[1,2],[2,4]]]\n',
        b'["a",[[1,true]]]\n',
        b'["a",[[1]]]\n',
        b'["b",[[1,1]]]\n["a",[[1,1]]]\n',
        b'["a",[[1,1]]]\n["a",[[1,1]]]\n',
        b"[1,[[1,1]]]\n",
        b"\n",
    ],
)
def test_damaged_files_of_relied_statements_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        relied.decode_relied(data)


def test_lines_out_of_order_are_refused() -> None:
    with pytest.raises(InputError, match="comes after"):
        relied.collect([(5, ("a",)), (4, ("a",))])


def test_absence_says_what_it_speaks_of() -> None:
    assert "not of the sound" in manifest_proof.ABSENCE_SPEAKS_OF
