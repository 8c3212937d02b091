"""Compiled tables on disk: by snapshot, request and stretch of time, made once and found again.

The name of a file is the digest of what it holds verdicts on; its head says it, too. A file that was altered is refused
and made anew; nobody waits for another process, and two that compile at once leave one whole table. Whoever can write a
table says what is cleared: only tables and folders that are this user's own, and that nobody else may write, are used.
"""

from __future__ import annotations

import os
import stat
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
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


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
    found = _find(place, about, moment) if _is_own(place.parent) and _is_own(place) else None
    if found is not None:
        return found
    try:
        _make_own(place.parent)
        _make_own(place)
        folder.check_files()
        with tempfile.TemporaryDirectory(prefix=".compiling-", dir=place) as work:
            body = Path(work) / "body"
            segment = bulk.compile_lines(folder, wish=wish, moment=moment, body=body)
            path = place / f"{segment.at}.table"
            told = {**about, "at": segment.at, "until": segment.until, "lines": segment.lines}
            seal_table(body, path, about=told)
            path.chmod(0o600)
    except OSError as error:
        raise UnavailableError(f"cannot keep the compiled table in {cache}: {error}", "give cache=…") from error
    return VerdictTable(path, expected=about)  # as the next gate opens it: their states must be alike


def _is_own(path: Path) -> bool:
    """Tell whether a file or folder is this user's own and nobody else may write it; where users have no numbers, yes.
    A link is looked at, not what it leads to."""
    if not hasattr(os, "geteuid"):
        return True
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    return found.st_uid == os.geteuid() and not stat.S_ISLNK(found.st_mode) and not found.st_mode & _OTHERS_WRITE


def _make_own(path: Path) -> None:
    """Make a folder that only this user may write, whatever the mask of new files; `UnavailableError` where somebody
    else's is there."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _is_own(path):
        with suppress(PermissionError):
            if not path.is_symlink():
                path.chmod(0o700)
        if not _is_own(path):
            raise UnavailableError(f"{path} belongs to somebody else, or is a link", "give a cache=… of your own")


def _find(place: Path, about: dict[str, Any], moment: int) -> VerdictTable | None:
    """Return the table that holds at this moment, None where there is none that is whole."""
    for path in sorted(place.glob("*.table"))[:SEGMENTS_KEPT]:
        with suppress(IntegrityError, OSError, ValueError):
            if not _is_own(path):
                continue
            table = VerdictTable(path, expected=about)
            if int(table.head["at"]) <= moment < int(table.head["until"]):
                return table
    return None
