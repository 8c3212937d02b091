"""Guardians, estates, disputes and reviews of links in the CSV family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from cantoria.formats.csvfamily import read_family
from cantoria.formats.types import Imported, Severity
from cantoria.kernel.periods import parse_moment
from cantoria.mandates.facts import EstateOpened, GuardianAppointed
from cantoria.registry import Ambiguous, LinkState, Problem, Relation

BASE = {
    "parties.csv": b"party\nP1\nP2\nP3\n",
    "works.csv": b"work,title\nW1,A\n",
    "recordings.csv": b"recording,title,isrc,works\nR1,A,KRA381900123,W1\n",
}


def read(house: Any, files: dict[str, bytes]) -> Imported:
    def links_between(left: str, relation: Relation, right: str) -> Sequence[str]:
        views = house.registry.links(left)
        return [view.link for view in views if (view.left, view.relation, view.right) == (left, relation, right)]

    context = replace(house.context(), links_between=links_between)
    imported: Imported = house.take(read_family(files, context))
    return imported


def test_formats_csv_guardians_and_estates(house: Any) -> None:
    read(house, BASE)
    files = {
        "guardians.csv": b"minor,guardian,majority\nP1,P2,2031-05-04\n",
        "estates.csv": b"deceased,died,heirs,heirs_complete,representative\nP3,2019-02-11,P1|P2,yes,P2\n",
    }
    imported = read(house, files)
    assert not imported.findings
    p1, p2, p3 = (house.thing(key) for key in ("P1", "P2", "P3"))
    guardian, estate = imported.facts
    assert guardian == GuardianAppointed(minor=p1, guardian=p2, majority_at=parse_moment("2031-05-04"))
    assert estate == EstateOpened(
        deceased=p3, died_at=parse_moment("2019-02-11"), heirs=(p1, p2), heirs_complete=True, representative=p2
    )


def test_formats_csv_dispute_blocks(house: Any) -> None:
    read(house, BASE)
    read(house, {"disputes.csv": b"subject,opened_by,reason,due\nR1,KOMCA,drummer missing,2026-12-20\n"})
    (case,) = house.registry.cases(house.NOW)
    assert (case.subject, case.due_at, case.detail) == (
        house.thing("R1"),
        parse_moment("2026-12-20"),
        "drummer missing",
    )
    state = house.registry.side(house.thing("R1"), territory="KR", at=house.NOW)
    assert Problem.BLOCKING_DISPUTE in state.problems


def test_formats_csv_review_of_a_link_on_record(house: Any) -> None:
    read(house, BASE)
    rows = b"isrc:KRA381900123,identifies,R1,disputed,another one\nR1,embodies,W1,agreed,\n"
    text = b"left,relation,right,says,reason\n" + rows
    imported = read(house, {"reviews.csv": text})
    assert imported.counts.registered == 2
    assert isinstance(house.registry.resolve(["isrc:KRA381900123"]), Ambiguous)
    states = {view.relation: view.state for view in house.registry.links(house.thing("R1")) if "own" not in view.left}
    # Who asserted a link does not agree with it for somebody else, but may dispute it.
    assert states == {Relation.IDENTIFIES: LinkState.DISPUTED, Relation.EMBODIES: LinkState.UNREVIEWED}


@pytest.mark.parametrize(
    ("file", "text", "field"),
    [
        ("guardians.csv", b"minor,guardian,majority\nP1,P2,soon\n", "majority"),
        ("estates.csv", b"deceased,died,heirs\nP1,2019-02-11,P9\n", "heirs"),
        ("disputes.csv", b"subject,reason,due\nR1,,2026-12-20\n", "reason"),
        ("reviews.csv", b"left,relation,right,says\nisrc:KRA381900124,identifies,R1,agreed\n", "right"),
        ("reviews.csv", b"left,relation,right,says\nisrc:KRA381900123,identifies,R1,maybe\n", "says"),
    ],
)
def test_formats_csv_bad_row_of_standing(house: Any, file: str, text: bytes, field: str) -> None:
    read(house, BASE)
    imported = read(house, {file: text})
    (finding,) = imported.findings
    assert (finding.line, finding.field, finding.severity) == (2, field, Severity.ERROR)
    assert not imported.facts
