"""Seats as the consensus engine sees them: validators, each with the same power."""

from __future__ import annotations

from cantoria.ledger.state import State


def validators_of(state: State) -> dict[bytes, int]:
    """Return the consensus keys of the seats that have one, each with the same power."""
    return {one.consensus_key: 1 for one in state.seats.values() if one.consensus_key}


def validator_changes(before: State, after: State) -> dict[bytes, int]:
    """Return the new power of every validator that comes (1) or goes (0)."""
    if before.seats is after.seats:
        return {}
    old, new = validators_of(before), validators_of(after)
    return {key: new.get(key, 0) for key in sorted({*old, *new}) if old.get(key) != new.get(key)}
