"""What SQLite says when something is wrong, in the three words of this house."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from cantoria.kernel.errors import IntegrityError, UnavailableError


@contextmanager
def failures(what: str, *, remedy: str) -> Iterator[None]:
    """Turn a damaged file into an `IntegrityError` with this remedy, every other failure into `UnavailableError`."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        if "malformed" in str(error) or "not a database" in str(error):
            raise IntegrityError(f"{what} is damaged: {error}", remedy) from error
        raise UnavailableError(f"cannot use {what}: {error}", "free its disk or lock and retry") from error
