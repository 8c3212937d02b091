"""The names of `snapshot_schema`, for whoever read the draft; use that module."""

from cantoria.clearance.snapshot_schema import (
    CODE,
    DICTIONARIES,
    MODES,
    OPEN_END,
    OWNERS,
    PERSON_USES,
    SCHEMAS,
    SIDE_USES,
    USE_BITS,
    mode_of,
)

__all__ = [
    "CODE",
    "DICTIONARIES",
    "MODES",
    "OPEN_END",
    "OWNERS",
    "PERSON_USES",
    "SCHEMAS",
    "SIDE_USES",
    "USE_BITS",
    "mode_of",
]
