"""`require`: an invariant check that, unlike `assert`, no interpreter flag removes."""

from __future__ import annotations

from cantoria.kernel.errors import IntegrityError


def require(condition: bool, message: str) -> None:
    """Raise `IntegrityError(message)` unless `condition` holds. For our own invariants, not for input."""
    if not condition:
        raise IntegrityError(message, "this is a defect in Cantoria or in stored data; nothing was written")
