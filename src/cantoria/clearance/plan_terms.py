"""A request in the numbers of a snapshot: what the plan's statements are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

UNIT_MAX: Final = (1 << 31) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A request in the numbers of a snapshot, whose places the table `place_mask` tells.

    `use` is a bit of `statement.uses`, `asked` a bit of `need.asked`, `at` the moment (UTC microseconds); 0 stands for
    a licensee, model, currency or campaign that the snapshot does not know or the request does not name.
    `campaign_needed` says that a yes must name the campaign. `regions` counts the territory classes. `sides` tells
    whether works and recordings are asked at all, `person_mask` what the persons named come to, for every row.
    `several` says that some rows carry several codes, `beside` that a signal beside some row refuses something (table
    `manifest_refused`), `signals` that the snapshot has signals on record, `restricted` that the manifest is small
    beside the snapshot, `evidence` that the statements behind each cleared row are wanted.
    `pieces` are the ranges of unit numbers (both ends included) that are worked on one after another.
    """

    use: int
    asked: int
    at: int
    regions: int
    licensee: int = 0
    licensee_classes: tuple[int, ...] = ()
    model: int = 0
    currency: int = 0
    offer: int = 0
    attribution: bool = False
    label: bool = False
    campaign: int = 0
    campaign_needed: bool = False
    sides: bool = True
    person_mask: int = 0
    several: bool = True
    beside: bool = False
    signals: bool = False
    restricted: bool = False
    evidence: bool = False
    pieces: tuple[tuple[int, int], ...] = ((1, UNIT_MAX),)

    @property
    def part(self) -> str:
        """The table of what subjects consist of, as far as the manifest may ask for it."""
        return "asked_part" if self.restricted else "part"


def text_of(text: str) -> str:
    """Return the SQL of a text; a backslash, which some engines read as a sign of their own, stands as its number."""
    quoted = text.replace("'", "''").replace("\\", "' || chr(92) || '")
    return f"('{quoted}')" if "\\" in text else f"'{quoted}'"
