"""Conflicts: another owner claims what the report's owner claims. Each opens a case that names both and the places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from cantoria.codes import Scheme
from cantoria.formats.csvfamily.desk import derived_id
from cantoria.formats.entries.scribe import Scribe
from cantoria.formats.youtube.ownership import expression, ownership
from cantoria.formats.youtube.rows import Cells
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Source
from cantoria.kernel.ids import CaseId
from cantoria.kernel.periods import DAY
from cantoria.registry.facts import DisputeOpened
from cantoria.registry.types import Side, Tier

DUE_DAYS: Final = 30
_SHOWN_CHARS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A conflict about an asset: the other owner, where (a territory expression, empty when not said), and why."""

    asset: str
    side: Side
    other: str
    territory: str
    reason: str

    def facts(self, scribe: Scribe, source: Source) -> Iterator[Any]:
        """Give the dispute; the same conflict in a later report is the same case."""
        subject = scribe.refer(f"{Scheme.YOUTUBE_ASSET.value}:{self.asset}", self.side.value)
        yield DisputeOpened(
            case=CaseId(derived_id("case", "youtube-conflict", self.asset, self.other, self.territory)),
            subject=subject,
            side=self.side,
            opened_by=self.other,
            tier=Tier.DOCUMENTED,
            reason=self.reason,
            next_actor=scribe.context.sender,
            due_at=scribe.context.now + DUE_DAYS * DAY,
        )


def disputes(row: Cells, *, asset: str, side: Side) -> tuple[Conflict, ...]:
    """Return the conflicts that a row tells of, one per other owner, each with a finding."""
    owners = tuple(dict.fromkeys(name.strip() for name in row.text("conflicting_owner").split("|") if name.strip()))
    if not owners:
        return ()
    territory = _territory(row)
    where = row.text("conflicting_country_code") or row.text("other_ownership") or "places that are not said"
    found = []
    for other in owners:
        row.note(
            f"{other[:_SHOWN_CHARS]} claims this asset too, in {where[:_SHOWN_CHARS]}: a case is opened",
            "settle it with them, or correct your ownership",
            field="conflicting_owner",
            value=other,
        )
        reason = (
            f"YouTube reports conflicting ownership: {other[:_SHOWN_CHARS]} in {where[:_SHOWN_CHARS]}{_evidence(row)}"
        )
        found.append(Conflict(asset=asset, side=side, other=other[:_SHOWN_CHARS], territory=territory, reason=reason))
    return tuple(found)


def _territory(row: Cells) -> str:
    """Return where the conflict is: the countries listed, else where the other owner claims."""
    odd: list[str] = []
    where = expression(list(row.places("conflicting_country_code")), odd=odd)
    if not where and row.text("other_ownership"):
        try:
            owned = ownership(row.text("other_ownership"), odd=odd)
        except InputError:
            odd.append(row.text("other_ownership"))
        else:
            where = owned[0].territory if len(owned) == 1 else ""
    for place in odd:
        row.note("unknown territory of the conflict", "see the report", field="conflicting_country_code", value=place)
    return where


def _evidence(row: Cells) -> str:
    """Return what else the row says of the other owner's claim."""
    told = {
        "their ISRC": row.text("conflicting_owner_isrc"),
        "their title": row.text("conflicting_owner_asset_title") or row.text("conflicting_asset_title"),
        "their artist": row.text("conflicting_owner_artist"),
        "their ownership": row.text("other_ownership"),
        "their ownership comes from": row.text("other_ownership_origination"),
        "their ownership of": row.text("other_ownership_last_updated"),
        "engaged views in conflict": row.text("engaged_views_in_conflict") or row.text("daily_views_in_conflict"),
        "lifetime views in conflict": row.text("lifetime_views_in_conflict"),
        "your ownership comes from": row.text("ownership_origination"),
        "your ownership of": row.text("ownership_last_updated"),
    }
    return "".join(f"; {name} {text[:_SHOWN_CHARS]}" for name, text in told.items() if text)
