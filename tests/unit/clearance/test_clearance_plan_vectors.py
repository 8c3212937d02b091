"""Every worked case of `vectors/clearance`: the set-based plan gives the same answer too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.app.codec import decode_fact
from cantoria.clearance import Cleared, Request, Rights, Row
from cantoria.clearance.dataset import clear_rows
from cantoria.kernel.codec import from_json
from cantoria.kernel.facts import Capacity, Recorded

FOLDER = Path(__file__).parents[3] / "vectors" / "clearance"
CASES: list[dict[str, Any]] = [
    case for path in sorted(FOLDER.glob("*.json")) for case in json.loads(path.read_text(encoding="utf-8"))
]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBAnalytics]:
    with DuckDBAnalytics(threads=2) as analytics:
        yield analytics


def recorded_of(value: dict[str, Any]) -> Recorded[Any]:
    return Recorded(
        value["index"],
        f"fact_{value['index']}",
        value["organisation"],
        Capacity(value["capacity"]),
        value["claimed_at"],
        decode_fact(value["type"], value["fact"]),
        value.get("proven_key", ""),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case(engine: DuckDBAnalytics, case: dict[str, Any]) -> None:
    request, row = from_json(Request, case["request"]), from_json(Row, case["row"])
    rights = Rights.fold(map(recorded_of, case["facts"]), size=request.size)
    [(line, answer)] = clear_rows([row], request=request, rights=rights, analytics=engine, evidence=True).answers()
    expected = case["answer"]
    assert line == row.line
    assert str(answer.status) == expected["status"]
    if isinstance(answer, Cleared):
        assert list(answer.because) == expected["because"]
    else:
        reasons = [(int(reason.code), reason.party, reason.subject) for reason in answer.reasons]
        assert reasons == [(reason["code"], reason["party"], reason["subject"]) for reason in expected["reasons"]]
        assert list(answer.missing) == expected["missing"]
