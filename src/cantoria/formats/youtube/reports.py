"""Which report a file is: told by its columns, because file names change hands.

Column names: YouTube Reporting API, system-managed reports. Exports from the content manager write the same names with
spaces and capitals, so headings are compared in lower case with underscores.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class ReportKind(StrEnum):
    """What a report is about; REVENUE is recognised, and read elsewhere."""

    ASSETS = "content_owner_asset"
    CONFLICTS = "content_owner_asset_conflict"
    CLAIMS = "content_owner_active_claims"
    REVENUE = "revenue"


@dataclass(frozen=True, slots=True)
class Report:
    """A report's kind and version (`a1`, `a2`, `a3`; empty for revenue)."""

    kind: ReportKind
    version: str

    def __str__(self) -> str:
        return f"{self.kind.value}_{self.version}" if self.version else f"{self.kind.value} report"


_REVENUE: Final = {"partner_revenue", "youtube_revenue_split", "monetized_views", "owned_views", "adjustment_type"}
_CONFLICTS: Final = {
    "conflicting_owner_isrc",
    "conflicting_owner_asset_title",
    "conflicting_owner_artist",
    "engaged_views_in_conflict",
    "daily_views_in_conflict",
    "lifetime_views_in_conflict",
    "other_ownership",
}
_A3: Final = {
    "display_isrc",
    "your_isrc",
    "other_isrc",
    "approx_daily_engaged_views",
    "sr_approx_daily_engaged_views",
    "engaged_views_in_conflict",
}
_SIGNS: Final = re.compile(r"[\s_\-:/.]+")
# Names that exports of the content manager use for the same columns.
_SYNONYMS: Final = {
    "title": "asset_title",
    "asset_label": "asset_labels",
    "artist_name": "artist",
    "label": "record_label",
    "type": "asset_type",
    "song_code": "hfa_song_code",
    "release_title": "album",
}


def column(heading: str) -> str:
    """Return the name of a column by its heading."""
    name = _SIGNS.sub("_", heading.strip().lower()).strip("_")
    return _SYNONYMS.get(name, name)


def recognise(headings: Sequence[str]) -> Report | None:
    """Return the report that has these headings, None where it is none that is known."""
    names = {column(heading) for heading in headings}
    if len(names & _REVENUE) >= 2:
        return Report(ReportKind.REVENUE, "")
    if "asset_id" not in names:
        return None
    if "claim_id" in names:
        return Report(ReportKind.CLAIMS, "a1")
    version = "a3" if names & _A3 else "a2"
    if names & _CONFLICTS or any(name.startswith("other_ownership") for name in names):
        return Report(ReportKind.CONFLICTS, version)
    if names & {"asset_type", "ownership", "constituent_asset_id", "match_policy"}:
        return Report(ReportKind.ASSETS, version)
    return None
