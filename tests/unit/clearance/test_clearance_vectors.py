"""Every worked case of `vectors/clearance`: the reference reproduces it, and together they cover the rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cantoria import clearance
from cantoria.app.codec import decode_fact, encode_fact
from cantoria.clearance import Cleared, ReasonCode, Request, Rights, Row, Status
from cantoria.consent import LawKind, NoEffectReason, Verdict
from cantoria.kernel.codec import from_json
from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.uses import Use
from cantoria.mandates import WhyNot

FOLDER = Path(__file__).parents[3] / "vectors" / "clearance"
CASES: list[dict[str, Any]] = [
    case for path in sorted(FOLDER.glob("*.json")) for case in json.loads(path.read_text(encoding="utf-8"))
]


def recorded_of(value: dict[str, Any]) -> Recorded[Any]:
    index = value["index"]
    return Recorded(
        index,
        f"fact_{index}",
        value["organisation"],
        Capacity(value["capacity"]),
        value["claimed_at"],
        decode_fact(value["type"], value["fact"]),
        value.get("proven_key", ""),
    )


def rights_of(case: dict[str, Any]) -> Rights:
    return Rights.fold(map(recorded_of, case["facts"]), size=case["request"]["size"])


def answer_of(case: dict[str, Any]) -> dict[str, Any]:
    request = from_json(Request, case["request"])
    answer = clearance.decide(from_json(Row, case["row"]), request, rights=rights_of(case))
    law = {
        country: str(entry.kind)
        for country, entry in clearance.law(request).items()
        if entry.kind is not LawKind.NOT_ASSESSED
    }
    if isinstance(answer, Cleared):
        found: dict[str, Any] = {"reasons": [], "missing": [], "because": list(answer.because)}
    else:
        reasons = [
            {"code": int(reason.code), "name": reason.code.name, "party": reason.party, "subject": reason.subject}
            for reason in answer.reasons
        ]
        found = {"reasons": reasons, "missing": list(answer.missing)}
    return {"status": str(answer.status), **found, "law": law}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case(case: dict[str, Any]) -> None:
    assert answer_of(case) == case["answer"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_facts_of_a_case_are_in_their_one_form(case: dict[str, Any]) -> None:
    for value in case["facts"]:
        assert encode_fact(decode_fact(value["type"], value["fact"])) == value["fact"]


def test_cases_are_many_and_named_apart() -> None:
    assert len(CASES) >= 60
    assert len({case["id"] for case in CASES}) == len(CASES)
    assert all(case["story"] for case in CASES)


def test_cases_show_every_status_reason_use_verdict_and_law() -> None:
    answers = [case["answer"] for case in CASES]
    assert {answer["status"] for answer in answers} == set(Status)
    assert {reason["code"] for answer in answers for reason in answer["reasons"]} == set(ReasonCode)
    assert {case["request"]["use"] for case in CASES} == set(Use)
    facts = [value["fact"] for case in CASES for value in case["facts"]]
    assert {fact["verdict"] for fact in facts if "verdict" in fact} == set(Verdict)
    kinds = {kind for answer in answers for kind in answer["law"].values()}
    assert kinds == {LawKind.CONSENT_REQUIRED, LawKind.LAWFUL_WITHOUT_CONSENT}


def test_cases_show_why_statements_have_no_effect() -> None:
    shown = {said.reason for case in CASES for said in rights_of(case).standings.without_effect}
    assert shown >= set(WhyNot) - {WhyNot.MANDATE_OF_OTHERS, WhyNot.TERRITORY_BEYOND_MANDATE}
    assert NoEffectReason.TOMBSTONE_OF_YES in shown
