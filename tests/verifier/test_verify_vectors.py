"""Three verifiers, one set of files: they agree on every one, and on each with any byte changed (spec/verify.md)."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.verifier.conftest import Case, InPage, by_script, load_cases
from tools import make_verify_vectors

CASES = load_cases()
GOOD = [case for case in CASES if case.found is not None]
KINDS = {
    "cantoria-proof/v1",
    "cantoria-attested/v1",
    "cantoria-manifest-answer/v1",
    "c2sp.org/tlog-proof@v1",
    "checkpoint",
    "cantoria-consistency/v1",
    "cantoria-split-view/v1",
}
# What a line of a note that proves nothing can change: who cosigned, when, and how many lines were passed over.
BESIDE = {"cosigned", "cosigned_by", "strangers"}


def of(case: Case) -> str:
    return f"{case.group}: {case.name}"


def without(found: dict[str, Any] | None, names: set[str]) -> dict[str, Any] | None:
    return found and {name: value for name, value in found.items() if name not in names}


def test_the_vectors_are_what_the_library_decides() -> None:
    for name, content in make_verify_vectors.contents().items():
        path = Path(__file__).parents[2] / "vectors" / "verify" / name
        assert json.loads(path.read_text("utf-8")) == content


def test_the_vectors_have_every_kind_good_and_broken() -> None:
    assert {case.found["file"] for case in CASES if case.found} == KINDS
    assert {case.group for case in CASES if case.found is None} == {case.group for case in CASES}
    assert len({(case.group, case.name) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=of)
def test_the_script_decides_as_the_library(case: Case) -> None:
    found = by_script(case.data, trust=case.trust, entry=case.entry)
    assert without(found, {"strangers"}) == case.found


def test_the_page_decides_as_the_script(in_page: InPage) -> None:
    found = in_page([(case.data, case.trust, case.entry) for case in CASES])
    for case, one in zip(CASES, found, strict=True):
        assert one == by_script(case.data, trust=case.trust, entry=case.entry), of(case)


def mutations(data: bytes, *, count: int) -> list[bytes]:
    """Return the data with one bit changed, one byte left out or doubled, at `count` places spread over all of it."""
    changed = []
    for number, at in enumerate(range(0, len(data), max(1, len(data) // count))):
        flip = (1, 0x20, 0x80, 2)[number % 4]
        changed.append(data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :])
        changed.append(
            data[:at] + data[at + (number % 2) :] if number % 2 else data[:at] + data[at : at + 1] + data[at:]
        )
    return [one for one in changed if one != data]


@pytest.mark.parametrize("case", GOOD, ids=of)
def test_no_changed_byte_is_accepted(case: Case) -> None:
    for data in mutations(case.data, count=60):
        found = by_script(data, trust=case.trust, entry=case.entry)
        library = make_verify_vectors.by_library(data, trust=case.trust, entry=case.entry)
        assert without(found, {"strangers"}) == library
        assert found is None or without(found, BESIDE) == without(case.found, BESIDE)


def test_no_changed_byte_is_accepted_by_the_page(in_page: InPage) -> None:
    changed = [(data, case.trust, case.entry) for case in GOOD for data in mutations(case.data, count=100)]
    refused = 0
    for (data, trust, entry), found in zip(changed, in_page(changed), strict=True):
        assert found == by_script(data, trust=trust, entry=entry)
        refused += found is None
    assert refused > len(changed) // 2


@pytest.mark.parametrize("group", ["checkpoints", "bundles"])
def test_only_lines_that_prove_nothing_may_change(group: str) -> None:
    """Where a note has no line but the log's own, every single byte counts."""
    case = next(one for one in GOOD if one.group == group and " " not in one.trust)
    for at in range(len(case.data)):
        data = case.data[:at] + bytes([case.data[at] ^ 1]) + case.data[at + 1 :]
        assert by_script(data, trust=case.trust) is None, f"byte {at}"
