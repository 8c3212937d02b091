"""Bodies of facts as recorded and as signed: exact bytes, bounded, and nothing outside the signature."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from cantoria.app.codec import (
    BODY_BYTES_MAX,
    PERSON_DOMAIN,
    body_of,
    bytes_to_sign,
    decode_fact,
    encode_fact,
    fact_of,
    signature_of,
    with_signature,
)
from cantoria.app.fact_types import BY_NAME, BY_TAG, FACTS
from cantoria.consent.facts import StatementMade, StatementWithdrawn
from cantoria.consent.types import Conditions, LicenseeKind, LicenseeTerm, Scope, ScopeKind, Verdict
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Signature, Source
from cantoria.kernel.money import Money
from cantoria.kernel.periods import Period
from cantoria.kernel.uses import Use
from cantoria.mandates.facts import DelegationGranted
from cantoria.mandates.types import MandateKind
from cantoria.registry.facts import HoldersDeclaredComplete, PartyNamed, ShareClaimed, WorkRegistered
from cantoria.registry.types import Right, Role, Side, Tier

SIGNATURE = Signature("aa" * 32, "bb" * 64)
YES = StatementMade(
    statement="statement_1",
    party="party_ada",
    speaker="party_ada",
    verdict=Verdict.YES,
    uses=frozenset({Use.TRAIN_GENERATIVE, Use.ANALYSE}),
    scope=Scope(ScopeKind.WORK, "work_1"),
    licensee=LicenseeTerm(LicenseeKind.NAMED, "party_lab"),
    territory="KR",
    period=Period(0, 1),
    conditions=Conditions(min_price=Money(5, "KRW")),
    delegation="delegation_1",
    signature=SIGNATURE,
)
NAMED = PartyNamed(party="party_ada", name='한글 "é" \u0000\U0001f3b5', codes=("ipi_name:00014107338",))
CLAIMED = ShareClaimed(
    claim="claim_1",
    subject="work_1",
    party="party_ada",
    role=Role.COMPOSER,
    right=Right.PERFORMING,
    share=Fraction(1, 3),
    tier=Tier.VERIFIED,
    source=Source("works.csv", "00" * 32, 7),
)

ISSUED = {
    2: "leaf-demanded",
    3: "leaf-delivered",
    101: "party-registered",
    102: "party-named",
    103: "party-key-registered",
    110: "work-registered",
    111: "recording-registered",
    112: "release-registered",
    113: "catalogue-defined",
    120: "link-asserted",
    121: "link-reviewed",
    130: "share-claimed",
    131: "claim-withdrawn",
    140: "holders-declared-complete",
    141: "completeness-withdrawn",
    142: "public-domain-evidenced",
    150: "dispute-opened",
    151: "dispute-closed",
    201: "delegation-granted",
    202: "delegation-ended",
    203: "guardian-appointed",
    204: "estate-opened",
    301: "statement-made",
    302: "statement-withdrawn",
    303: "deny-tombstone",
    401: "dataset-cleared",
    402: "certificate-rechecked",
    451: "model-registered",
    452: "model-version-registered",
    453: "training-run-started",
    454: "training-run-ended",
    455: "model-version-retired",
}


def test_golden_bodies_are_these_very_bytes() -> None:
    """A change here changes every commitment and signature made so far: it is never an innocent change."""
    assert body_of(CLAIMED) == (
        b'{"claim":"claim_1","party":"party_ada","right":"performing","role":"composer","share":"1/3",'
        b'"source":{"file":"works.csv","line":7,"sha256":"' + b"00" * 32 + b'"},"subject":"work_1","tier":4}'
    )
    assert body_of(NAMED) == (
        '{"codes":["ipi_name:00014107338"],"name":"한글 \\"é\\" \\u0000🎵","party":"party_ada"}'.encode()
    )
    assert body_of(StatementWithdrawn(statement="statement_1", at=-1)) == b'{"at":-1,"statement":"statement_1"}'
    assert body_of(WorkRegistered(work="work_1", title="")) == b'{"title":"","work":"work_1"}'
    unsigned = (
        b'{"conditions":{"min_price":{"currency":"KRW","fine":"5"}},"delegation":"delegation_1",'
        b'"licensee":{"id":"party_lab","kind":0},"party":"party_ada","period":{"end":1,"start":0},'
        b'"scope":{"id":"work_1","kind":2},"speaker":"party_ada","statement":"statement_1","territory":"KR",'
        b'"uses":["analyse","train_generative"],"verdict":"yes"}'
    )
    assert bytes_to_sign(YES) == b"cantoria/person-signature/v1\x00" + b"\x01\x2d" + unsigned
    signature = b'"signature":{"key":"' + b"aa" * 32 + b'","value":"' + b"bb" * 64 + b'"},'
    assert body_of(YES) == unsigned.replace(b'"speaker"', signature + b'"speaker"')


def test_the_table_of_types_is_this_one() -> None:
    """Tags and names are on every ledger there is: none is ever changed, reused or taken away."""
    rows = sorted((cls.TYPE.tag, cls.TYPE.name) for cls in FACTS)
    assert set(ISSUED.items()) <= set(rows)
    own = {cls.TYPE.tag for cls in FACTS if cls.__module__ == "cantoria.ledger.facts"}
    assert own == {2, 3} == {tag for tag, _ in rows if tag <= 100}, "tags below 101 are the ledger's own"


@pytest.mark.parametrize("fact", [YES, NAMED, CLAIMED], ids=lambda fact: fact.TYPE.name)
def test_a_recorded_body_reads_back_as_the_fact(fact: Any) -> None:
    assert fact_of(fact.TYPE.tag, body_of(fact)) == fact
    assert decode_fact(fact.TYPE.name, encode_fact(fact)) == fact
    assert BY_TAG[fact.TYPE.tag] is BY_NAME[fact.TYPE.name] is type(fact)


@pytest.mark.parametrize(
    ("tag", "body", "message"),
    [
        (999, b"{}", "unknown fact type tag 999"),
        (110, b"", "not canonical JSON"),
        (110, b"{", "not canonical JSON"),
        (110, b"\xff", "not canonical JSON"),
        (110, b'{"title": "", "work": "w"}', "JSON is not in canonical form"),
        (110, b'{"work":"w","title":""}', "JSON is not in canonical form"),
        (110, b'{"title":"","title":"","work":"w"}', "JSON is not in canonical form"),
        (110, b"[]", "work-registered: "),
        (110, b'{"title":""}', "work-registered: missing work"),
        (110, b'{"title":1,"work":"w"}', r"work-registered\.title: "),
        (110, b'{"title":1e3,"work":"w"}', "not canonical JSON"),
        (110, b'{"title":"","work":"w","x":1}', r"work-registered\.x: unknown field"),
        (110, b"[" * 100_000, "not canonical JSON"),
    ],
)
def test_a_body_that_is_no_fact_is_refused(tag: int, body: bytes, message: str) -> None:
    with pytest.raises(InputError, match=f"^{message}"):
        fact_of(tag, body)


def test_an_unknown_type_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError) as caught:
        decode_fact("work-invented", {})
    assert "work-registered" in caught.value.remedy


def test_a_body_may_have_a_mebibyte_and_no_byte_more() -> None:
    empty = len(body_of(WorkRegistered(work="w", title="")))
    largest = WorkRegistered(work="w", title="x" * (BODY_BYTES_MAX - empty))
    assert len(body_of(largest)) == BODY_BYTES_MAX
    with pytest.raises(InputError, match=f"has {BODY_BYTES_MAX + 1} bytes"):
        body_of(replace(largest, title=largest.title + "x"))
    with pytest.raises(InputError, match=f"has {BODY_BYTES_MAX + 1} bytes"):
        body_of(replace(largest, title=largest.title[:-2] + "한"))


def test_what_is_signed_leaves_out_the_signature_and_nothing_else() -> None:
    unsigned = replace(YES, signature=None)
    assert bytes_to_sign(YES) == bytes_to_sign(unsigned)
    assert bytes_to_sign(unsigned) == PERSON_DOMAIN + b"\x01\x2d" + body_of(unsigned)
    assert signature_of(YES) == SIGNATURE
    assert signature_of(unsigned) is None
    assert signature_of(NAMED) is None
    assert with_signature(unsigned, SIGNATURE) == YES


GRANTED = DelegationGranted(
    delegation="delegation_1",
    principal="party_ada",
    delegate="party_bo",
    kind=MandateKind.AGENT,
    uses=frozenset({Use.VOICE}),
    signature=SIGNATURE,
)
COMPLETE = HoldersDeclaredComplete(
    subject="work_1", side=Side.WORK, signed_by="party_ada", claims=("claim_1",), signature=SIGNATURE
)
OTHERS: dict[str, Any] = {
    "verdict": Verdict.NO,
    "kind": MandateKind.CMO,
    "side": Side.RECORDING,
    "uses": frozenset({Use.STYLE}),
    "scope": Scope(ScopeKind.RECORDING, "work_1"),
    "licensee": LicenseeTerm(LicenseeKind.CLASS, "party_lab"),
    "period": Period(0, 2),
    "conditions": Conditions(min_price=Money(5, "JPY")),
    "claims": ("claim_1", "claim_2"),
    "may_subdelegate": True,
    "statements_survive": True,
}


@pytest.mark.parametrize("fact", [YES, GRANTED, COMPLETE], ids=lambda fact: fact.TYPE.name)
def test_changing_any_field_changes_what_is_signed(fact: Any) -> None:
    signed = {bytes_to_sign(fact)}
    names = [field.name for field in dataclasses.fields(fact) if field.name != "signature"]
    for name in names:
        other = ("work_9",) if name == "scope" and fact is GRANTED else OTHERS.get(name, "another")
        signed.add(bytes_to_sign(replace(fact, **{name: other})))
    assert len(signed) == len(names) + 1


def test_the_same_fields_of_another_type_are_signed_as_something_else() -> None:
    taken_back = StatementWithdrawn(statement="s", at=1)
    assert bytes_to_sign(taken_back)[:31] == PERSON_DOMAIN + (302).to_bytes(2, "big")
    assert bytes_to_sign(taken_back)[31:] == body_of(taken_back)
