"""`cantoria law`: documents are listed, shown, checked strictly and compared; explain tells two columns."""

from __future__ import annotations

import csv
import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.shell import ASK, Stage, good

from cantoria.consent import law_book


@pytest.fixture
def korea() -> dict[str, Any]:
    value = json.loads((resources.files("cantoria.consent") / "law_data" / "kr-1.json").read_text("utf-8"))
    assert isinstance(value, dict)
    return value


def test_the_book_is_listed_and_shown(stage: Stage) -> None:
    listed = good(stage.run("--json", "law", "list")).value
    assert [one["label"] for one in listed["documents"]] == [one.label for one in law_book().documents]
    assert listed["digest"] == law_book().digest
    shown = good(stage.run("law", "show", "kr", "--use", "train_generative")).out
    assert "not_assessed" in shown
    assert "It is no legal advice" in shown
    assert "voice_and_image" in shown  # a note on all uses
    assert stage.run("law", "show", "QQ").code == 2


def test_a_document_is_checked_and_compared(stage: Stage, korea: dict[str, Any]) -> None:
    path = stage.folder / "kr-2.json"
    path.write_text(json.dumps(korea | {"version": 2}), "utf-8")
    assert good(stage.run("--json", "law", "check", path)).value["digest"] != law_book().digest
    different = stage.run("law", "diff", path)
    assert (different.code, different.out.splitlines()) == (1, ["- version: 1", "+ version: 2"])
    same = stage.folder / "kr-1.json"
    same.write_text(json.dumps(korea), "utf-8")
    assert "say the same" in good(stage.run("law", "diff", same)).out
    assert stage.run("law", "diff", path, same).code == 1


def test_hostile_documents_are_refused_by_name(stage: Stage, korea: dict[str, Any]) -> None:
    for change in ({"removes": ["composer"]}, {"name": "\x1b[2J"}, {"version": -1}, {"inherits": ["XX"]}):
        path: Path = stage.folder / "bad.json"
        path.write_text(json.dumps(korea | change), "utf-8")
        refused = stage.run("law", "check", path)
        assert refused.code == 2
        assert "\x1b[2J" not in refused.err
    path.write_bytes(b" " * 300_000)
    assert stage.run("law", "check", path).code == 2


def test_explain_tells_status_and_law_apart(stage: Stage) -> None:
    told = stage.run("dataset", "explain", "isrc:KRA381900124", *ASK[:4], "--train-in", "JP", "--market", "KR ES")
    assert told.code == 1
    assert "by consent alone: only the yes of every holder clears" in told.out.splitlines()[0]
    assert "beside it, what the law says, for information: it clears nothing and is no legal advice" in told.out
    assert "law of JAPAN (place of training): the law permits it without consent" in told.out
    assert "law of KOREA, REPUBLIC OF (market): not assessed" in told.out
    value = stage.run(
        "--json", "dataset", "explain", "isrc:KRA381900124", *ASK[:4], "--train-in", "JP", "--market", "KR ES"
    ).value
    assert value["status"] == "unknown"
    assert value["law"]["0392"]["kind"] == "lawful_without_consent"
    assert value["law"]["0392"]["factors"] == ["training"]
    assert value["law_book"] == law_book().digest


def test_a_request_needs_a_place(stage: Stage) -> None:
    done = stage.run("dataset", "explain", "isrc:KRA381900124", *ASK[:4])
    assert done.code == 2
    assert "names no place" in done.err


def test_a_certificate_names_the_law_book(stage: Stage) -> None:
    body = json.loads((stage.folder / "out" / "certificate.json").read_text("utf-8"))["body"]
    assert body["law"] == law_book().digest


def test_results_tell_status_and_law_in_columns_of_their_own(stage: Stage) -> None:
    asked = ("dataset", "clear", "manifest.csv", *ASK[:4], "--train-in", "JP", "--market", "KR AU", "--dry-run")
    good(stage.run("--as", "authors", *asked, "--format", "csv", "--to", "told"))
    text = (stage.folder / "told" / "results.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["status"] for row in rows] == ["cleared", "unknown", "unknown"]
    for row in rows:
        assert row["law_0392"].startswith("lawful_without_consent: the law permits it without consent")
        assert row["law_0410"].startswith("not_assessed: not assessed")
        assert row["law_elsewhere"] == "not_assessed: not assessed"
