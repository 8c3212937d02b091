"""What a file of the trade says, whatever its format: readers turn bytes into entries, writers entries into bytes.

bytes → entries (`types`) → facts (`scribe`, `page`), and back: views → entries → bytes. A format knows no registry.
"""

from cantoria.formats.entries.page import write_down
from cantoria.formats.entries.scribe import Scribe
from cantoria.formats.entries.types import (
    Chain,
    Code,
    Collection,
    Entry,
    Late,
    Name,
    Outcome,
    Party,
    Recording,
    Release,
    Share,
    Title,
    Work,
)

__all__ = [
    "Chain",
    "Code",
    "Collection",
    "Entry",
    "Late",
    "Name",
    "Outcome",
    "Party",
    "Recording",
    "Release",
    "Scribe",
    "Share",
    "Title",
    "Work",
    "write_down",
]
