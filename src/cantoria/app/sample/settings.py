"""How large the sample world is and how much of it is awry: every rate of it in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import parse_moment

NOW: Final = parse_moment("2026-11-01")
SCALE_MIN, SCALE_MAX = 0.01, 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Counts of the world at one scale."""

    people: int
    scenes: int
    works: int
    recordings: int
    manifest_rows: int
    generations: int
    plays: int

    @classmethod
    def of(cls, scale: float) -> Size:
        """Return the counts at `scale`, 1.0 being the shipped world; outside 0.01 to 4 is an `InputError`."""
        if not SCALE_MIN <= scale <= SCALE_MAX:
            raise InputError(f"scale {scale} is outside {SCALE_MIN} to {SCALE_MAX}", "1.0 is the shipped world")
        return cls(
            people=round(3_000 * scale),
            scenes=max(8, round(60 * scale)),
            works=round(12_000 * scale),
            recordings=round(20_000 * scale),
            manifest_rows=round(10_000 * scale),
            generations=round(50_000 * scale),
            plays=round(20_000 * scale),
        )


# Shares of all works or recordings that get one mess each (disjoint); at least three of each whatever the scale.
WORK_MESS: Final = {
    "shares_above_whole": 0.010,
    "writer_missing": 0.012,
    "work_undeclared": 0.012,
    "work_unsigned": 0.006,
    "arrangement": 0.030,
    "translation": 0.015,
    "original_unknown": 0.006,
    "medley": 0.008,
    "public_domain_work": 0.012,
    "work_disputed": 0.008,
    "work_signal_disputed": 0.004,
}
RECORDING_MESS: Final = {
    "no_work": 0.018,
    "work_link_disputed": 0.006,
    "isrc_shared": 0.010,
    "isrc_disputed": 0.006,
    "second_isrc": 0.015,
    "isrc_asserted_twice": 0.010,
    "lineup_undeclared": 0.012,
    "lineup_unsigned": 0.008,
    "lineup_above_whole": 0.004,
    "sampled": 0.012,
    "sample_unknown": 0.006,
    "public_domain_recording": 0.004,
    "condition_unmet": 0.006,
    "condition_unknown": 0.006,
    "performer_lost": 0.006,
}
NO_ISWC: Final = 0.08
LEAST_PLANTED: Final = 3
