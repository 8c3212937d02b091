"""Tables of rights: claims to shares, evidence of the public domain, and completeness statements."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from cantoria.formats.csvfamily.cells import Cells, wrong
from cantoria.formats.csvfamily.desk import Desk, Page, derived_id
from cantoria.formats.csvfamily.reading import Record
from cantoria.formats.csvfamily.things import read_tier
from cantoria.formats.types import Severity
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.ids import ClaimId, PartyId
from cantoria.kernel.periods import TIME_MIN, Period, format_moment
from cantoria.registry.cases import share_cases
from cantoria.registry.facts import HoldersDeclaredComplete, PublicDomainEvidenced, ShareClaimed
from cantoria.registry.types import PublicDomainBasis, Right, Role, Side
from cantoria.registry.views import ClaimView

_NEW: Final = 1 << 60  # claims of this reading rank after all that are in the ledger


@dataclass(slots=True)
class ClaimsRead:
    """The claims of this family by subject, so that completeness statements can name them."""

    claims: dict[str, dict[str, ClaimView]] = field(default_factory=dict)
    rows: dict[int, tuple[Page, Record]] = field(default_factory=dict)
    touched: dict[str, None] = field(default_factory=dict)

    def standing(self, desk: Desk, subject: str) -> list[ClaimView]:
        """Return all claims to a subject that will stand once this family is recorded."""
        mine = self.claims.get(subject, {})
        sender = desk.context.sender
        before = [
            claim
            for claim in desk.context.claims_of(subject)
            if claim.organisation != sender or claim.fact.claim not in mine
        ]
        return before + list(mine.values())


def read_shares(desk: Desk, page: Page, read: ClaimsRead) -> None:
    """Read shares.csv; shares above the whole are recorded, and found."""
    for cells in desk.rows(page):
        try:
            fact = _claim(desk, page, cells, read)
        except InputError as error:
            page.refuse(cells.record, error)
            continue
        note_future(desk, page, cells, fact.period)
        page.facts.append(fact)
        page.registered += 1
        index = _NEW + len(read.rows)
        recorded = Recorded(index, "", desk.context.sender, Capacity.REGISTRAR, desk.context.now, fact)
        read.claims.setdefault(fact.subject, {})[fact.claim] = ClaimView(recorded)
        read.rows[index] = (page, cells.record)
        read.touched[fact.subject] = None
    _find_overclaims(desk, read)


def _claim(desk: Desk, page: Page, cells: Cells, read: ClaimsRead) -> ShareClaimed:
    subject = desk.refer("subject", cells.needed("subject"), "work", "recording")
    party = desk.refer("party", cells.needed("party"), "party")
    role = cells.choice("role", Role)
    if role.side.value != subject.partition("_")[0]:
        raise wrong(
            "role", role.value, f"this role is on the {role.side.value} side", "claim it in a subject of that side"
        )
    right = cells.choice("right", Right) if cells.text("right") else None
    share = cells.share("share")
    if share is not None and right is None:
        raise wrong("right", "", "a share is a share of one right", f"name the right: {', '.join(Right)}")
    territory, period = cells.territory(), cells.period()
    about = (desk.context.sender, subject, party, role, right or "", territory, str(period.start))
    return ShareClaimed(
        claim=_claim_id(about, read.claims.get(subject, {})),
        subject=subject,
        party=PartyId(party),
        role=role,
        right=right,
        share=share,
        territory=territory,
        period=period,
        tier=read_tier(cells),
        asserted_by=cells.text("asserted_by") or desk.context.sender,
        source=page.source(cells.record),
    )


def _claim_id(about: tuple[str, ...], taken: dict[str, ClaimView]) -> ClaimId:
    """Return the id of a claim: the same when the same row is read again, another for a second one of its kind."""
    nth = 0
    while True:
        claim = derived_id("claim", *about, str(nth))
        if claim not in taken:
            return ClaimId(claim)
        nth += 1


def _find_overclaims(desk: Desk, read: ClaimsRead) -> None:
    """Report every subject of this family whose shares add up to more than the whole, at the row that broke it."""
    for subject in read.touched:
        for case in share_cases(subject, read.standing(desk, subject), at=desk.context.now):
            rows = [index for index in case.evidence if index in read.rows]
            if rows:
                page, record = read.rows[rows[-1]]
                page.note(
                    record,
                    f"{case.detail}; the claim is recorded and a case is opened",
                    "agree on the shares with the other claimants",
                    Severity.WARNING,
                    field="share",
                    value=record.cells.get("share", ""),
                )
    read.touched.clear()


def read_public_domain(desk: Desk, page: Page) -> None:
    """Read public_domain.csv."""
    for cells in desk.rows(page):
        try:
            subject = desk.refer("subject", cells.needed("subject"), "work", "recording")
            fact = PublicDomainEvidenced(
                subject=subject,
                side=_side(cells, subject),
                basis=cells.choice("basis", PublicDomainBasis),
                territory=cells.territory(needed=True),
                period=cells.period(),
                tier=read_tier(cells),
                evidence=cells.needed("evidence"),
                source=page.source(cells.record),
            )
        except InputError as error:
            page.refuse(cells.record, error)
            continue
        note_future(desk, page, cells, fact.period)
        page.facts.append(fact)
        page.registered += 1


def read_complete(desk: Desk, page: Page, read: ClaimsRead) -> None:
    """Read complete.csv: each statement names the claims that stand when it is read."""
    for cells in desk.rows(page):
        try:
            facts = _statements(desk, page, cells, read)
        except InputError as error:
            page.refuse(cells.record, error)
        else:
            page.facts += facts
            page.registered += 1


def _statements(desk: Desk, page: Page, cells: Cells, read: ClaimsRead) -> list[Any]:
    """Return one statement for each stretch of the period in which the same claims are in force."""
    subject = desk.refer("subject", cells.needed("subject"), "work", "recording")
    side = _side(cells, subject)
    text = cells.text("signed_by")
    signer = desk.refer("signed_by", text, "party") if text else desk.context.sender
    period = cells.period()
    standing = [c for c in read.standing(desk, subject) if c.effective and c.fact.role.side is side]
    facts = []
    for stretch in _stretches(period, standing):
        listed = [claim for claim in standing if claim.in_force(stretch.start)]
        if listed:
            names = tuple(sorted({claim.fact.claim for claim in listed}))
            facts.append(
                HoldersDeclaredComplete(
                    subject=subject, side=side, signed_by=PartyId(signer), claims=names, period=stretch
                )
            )
    if not facts:
        raise wrong("subject", cells.text("subject"), "no holder is claimed here", "claim the holders in shares.csv")
    if side is Side.RECORDING and not any(_produces(claim, signer) for claim in standing):
        page.note(
            cells.record,
            "who signs is no producer of the recording, so the statement has no effect",
            "let the producer sign it",
            Severity.WARNING,
            field="signed_by",
            value=text,
        )
    note_future(desk, page, cells, period)
    return facts


def _produces(claim: ClaimView, party: str) -> bool:
    return claim.fact.party == party and claim.fact.role is Role.PRODUCER


def _stretches(period: Period, claims: list[ClaimView]) -> list[Period]:
    """Cut a period at every moment at which a claim begins or ends."""
    cuts = {period.start}
    for claim in claims:
        for moment in (claim.fact.period.start, claim.fact.period.end, claim.withdrawn_at):
            if moment is not None and moment > period.start and period.contains(moment):
                cuts.add(moment)
    starts = sorted(cuts)
    return [Period(start, end) for start, end in zip(starts, [*starts[1:], period.end], strict=True)]


def _side(cells: Cells, subject: str) -> Side:
    side = Side(subject.partition("_")[0])
    if cells.text("side") and cells.choice("side", Side) is not side:
        raise wrong("side", cells.text("side"), f"the subject is a {side.value}", "leave side empty, or correct it")
    return side


def note_future(desk: Desk, page: Page, cells: Cells, period: Period) -> None:
    """Say of a row that its period has not begun."""
    if period.start > desk.context.now and period.start > TIME_MIN:
        page.note(
            cells.record,
            f"it holds from {format_moment(period.start)} only, which is in the future",
            "nothing, if that is meant",
            Severity.INFO,
            field="from",
            value=cells.text("from"),
        )
