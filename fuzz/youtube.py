"""YouTube reports: whatever the bytes, each row is one entry with one outcome; only `InputError` refuses a file."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator

from cantoria.formats import youtube
from cantoria.formats.entries import Outcome
from cantoria.kernel.errors import InputError
from cantoria.testing import table_files


def one(data: bytes) -> None:
    """Read a report."""
    try:
        for entry in youtube.read(io.BytesIO(data), file="fuzz"):
            if entry.outcome is Outcome.REFUSED and not entry.findings:
                raise AssertionError("a row was refused without a reason")
    except InputError:
        return


def seeds() -> Iterator[bytes]:
    """Give small reports of each kind."""
    made = table_files.assets(12).data
    yield made
    yield gzip.compress(made)
    for headings in (table_files.CONFLICTS_A3, table_files.CLAIMS_A1, table_files.REVENUE):
        row = dict.fromkeys(headings, "")
        row |= {"asset_id": "A000000000000001", "asset_type": "sound_recording", "conflicting_owner": "Other|Third"}
        row |= {"other_ownership": "US,KR:50|JP:100", "isrc": "KRA381900123", "upc": "4006381333931", "album": "Spring"}
        yield table_files.as_csv([headings, [row[name] for name in headings]])
