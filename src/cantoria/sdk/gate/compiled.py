"""Compiled tables on disk: by snapshot, request and stretch of time, made once and found again.

The name of a file is the digest of what it holds verdicts on; its head says it, too. A file that was altered is refused
and made anew; nobody waits for another process, and two that compile at once leave one whole table.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cantoria import __version__, consent
from cantoria.kernel import canonical
from cantoria.kernel.errors import IntegrityError, UnavailableError
from cantoria.sdk.folder import Folder
from cantoria.sdk.gate import bulk
from cantoria.sdk.gate.table import VerdictTable, seal_table
from cantoria.sdk.gate.wish import Wish

FORMAT: Final = 1
SEGMENTS_KEPT: Final = 64


def table_for(folder: Folder, *, wish: Wish, moment: int, cache: Path) -> VerdictTable:
    """Return the table of a wish at a moment, from the cache where it is whole, else compiled."""
    about = {
        "format": FORMAT,
        "version": __version__,
        "law": consent.law_book().digest,  # the profiles of this installation, by which the request is judged
        "snapshot": folder.opened.id,
        "request": wish.to_json(),
    }
    place = cache / folder.opened.id / sha256(canonical.encode(about)).hexdigest()[:32]
    found = _find(place, about, moment)
    if found is not None:
        return found
    try:
        place.mkdir(parents=True, exist_ok=True)
        folder.check_files()
        with tempfile.TemporaryDirectory(prefix=".compiling-", dir=place) as work:
            body = Path(work) / "body"
            segment = bulk.compile_lines(folder, wish=wish, moment=moment, body=body)
            path = place / f"{segment.at}.table"
            told = {**about, "at": segment.at, "until": segment.until, "lines": segment.lines}
            seal_table(body, path, about=told)
    except OSError as error:
        raise UnavailableError(f"cannot keep the compiled table in {cache}: {error}", "give cache=…") from error
    return VerdictTable(path, expected=about)  # as the next gate opens it: their states must be alike


def _find(place: Path, about: dict[str, Any], moment: int) -> VerdictTable | None:
    """Return the table that holds at this moment, None where there is none that is whole."""
    for path in sorted(place.glob("*.table"))[:SEGMENTS_KEPT]:
        with suppress(IntegrityError, OSError, ValueError):
            table = VerdictTable(path, expected=about)
            if int(table.head["at"]) <= moment < int(table.head["until"]):
                return table
    return None
