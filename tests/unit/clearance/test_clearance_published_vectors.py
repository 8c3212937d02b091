"""The vectors of spec/snapshot.md: heads that are accepted with their id, and heads that are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tools import make_snapshot_vectors

from cantoria.clearance.published import Parts
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger.notes import parse_vkey

CASES: list[dict[str, Any]] = json.loads(make_snapshot_vectors.TARGET.read_text("utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_head_is_accepted_or_refused(case: dict[str, Any]) -> None:
    parts = Parts(case["head"].encode(), case["note"], case["checkpoint"])
    keys = [parse_vkey(case["vkey"])]
    if case.get("refused"):
        with pytest.raises((InputError, IntegrityError)):
            parts.opened(keys)
    else:
        assert parts.opened(keys).id == case["snapshot"]


def test_the_vectors_are_those_that_the_tool_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_snapshot_vectors, "TARGET", tmp_path / "heads.json")
    make_snapshot_vectors.main()
    assert json.loads((tmp_path / "heads.json").read_text("utf-8"))["cases"] == CASES
