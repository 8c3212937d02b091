"""Tables of those who stand in for others, and of what is contested: guardians, estates, disputes, reviews of links."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from cantoria.formats.csvfamily.cells import Cells, code_key, wrong
from cantoria.formats.csvfamily.desk import Desk, Page, is_id
from cantoria.formats.csvfamily.things import read_tier
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import CaseId, LinkId, PartyId
from cantoria.mandates.facts import EstateOpened, GuardianAppointed
from cantoria.registry.facts import DisputeOpened, LinkReviewed
from cantoria.registry.types import Relation, Side

Build = Callable[[Desk, Cells], Any]


class _Review(Enum):
    AGREED = "agreed"
    DISPUTED = "disputed"


def read_standing(desk: Desk, page: Page, build: Build) -> None:
    """Read one of guardians.csv, estates.csv, disputes.csv and reviews.csv; each row becomes the fact of `build`."""
    for cells in desk.rows(page):
        try:
            page.facts.append(build(desk, cells))
        except InputError as error:
            page.refuse(cells.record, error)
        else:
            page.registered += 1


def guardian(desk: Desk, cells: Cells) -> GuardianAppointed:
    """Return the appointment in a row of guardians.csv."""
    return GuardianAppointed(
        minor=PartyId(desk.refer("minor", cells.needed("minor"), "party")),
        guardian=PartyId(desk.refer("guardian", cells.needed("guardian"), "party")),
        majority_at=_moment(cells, "majority"),
    )


def estate(desk: Desk, cells: Cells) -> EstateOpened:
    """Return the estate in a row of estates.csv."""
    representative = cells.text("representative")
    return EstateOpened(
        deceased=PartyId(desk.refer("deceased", cells.needed("deceased"), "party")),
        died_at=_moment(cells, "died"),
        heirs=tuple(PartyId(desk.refer("heirs", heir, "party")) for heir in cells.listed("heirs")),
        heirs_complete=cells.flag("heirs_complete", default=False),
        representative=PartyId(desk.refer("representative", representative, "party")) if representative else None,
    )


def dispute(desk: Desk, cells: Cells) -> DisputeOpened:
    """Return the dispute in a row of disputes.csv."""
    subject = desk.refer("subject", cells.needed("subject"), "work", "recording")
    usual = Side.WORK if subject.startswith("work_") else Side.RECORDING
    return DisputeOpened(
        case=CaseId(desk.context.new_id("case")),
        subject=subject,
        side=cells.choice("side", Side, usual),
        opened_by=cells.text("opened_by") or desk.context.sender,
        tier=read_tier(cells),
        reason=cells.needed("reason"),
        next_actor=cells.text("next_actor") or desk.context.sender,
        due_at=_moment(cells, "due"),
    )


def review(desk: Desk, cells: Cells) -> LinkReviewed:
    """Return the review in a row of reviews.csv; the link must be on record, and be one only."""
    relation = cells.choice("relation", Relation)
    left, right = _node(desk, "left", cells.needed("left")), _node(desk, "right", cells.needed("right"))
    links = desk.context.links_between(left, relation, right)
    if not links:
        raise wrong("right", cells.text("right"), "no such link is on record", "import links.csv before its reviews")
    return LinkReviewed(
        link=LinkId(links[0]),
        agreed=cells.choice("says", _Review) is _Review.AGREED,
        reviewed_by=cells.text("reviewed_by") or desk.context.sender,
        tier=read_tier(cells),
        reason=cells.text("reason"),
    )


def _node(desk: Desk, field: str, text: str) -> str:
    if ":" in text and not is_id(text):
        return code_key(field, text, warn=[])
    return desk.refer(field, text, "work", "recording", "release")


def _moment(cells: Cells, name: str) -> int:
    cells.needed(name)
    moment = cells.moment(name)
    if moment is None:
        raise wrong(name, cells.text(name), "this is no date", "write 2026-11-20")
    return moment
