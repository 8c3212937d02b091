"""Compile shares to a split version (RULES section 9)."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from hashlib import sha256

from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError
from cantoria.kernel.shares import compile_bounds
from cantoria.royalty.types import Leaf, Path, Split, Step

HELD: str = "held"


def split_of(leaves: Iterable[Leaf]) -> Split:
    """Return the split of these leaves; those of one holder and leg are added together.

    Raises `InputError` where the shares do not add up to one, or one is above zero and below one part in 10^9.
    """
    merged: dict[str, Leaf] = {}
    for leaf in leaves:
        if not leaf.holder or " " in leaf.holder or " " in leaf.leg:
            raise InputError(f"holder {leaf.holder!r} is empty or has a space", "use its id")
        known = merged.get(leaf.id)
        if known is not None:
            leaf = Leaf(leaf.holder, leaf.leg, known.share + leaf.share, known.paths + leaf.paths)
        merged[leaf.id] = leaf
    bounds = compile_bounds({key: leaf.share for key, leaf in merged.items()})
    body = canonical.encode([[bound.holder, bound.low, bound.high] for bound in bounds])
    version = sha256(b"cantoria split v1\n" + body).hexdigest()[:32]
    return Split(version, tuple(merged[bound.holder] for bound in bounds), bounds)


def whole(holder: str, *, leg: str = HELD) -> Split:
    """Return the split that gives everything to one holder: a suspense, `unattributed`, a residue."""
    return split_of([Leaf(holder, leg, Fraction(1), (Path((Step(holder, Fraction(1)),)),))])


def renamed(split: Split, holders: dict[str, str]) -> Split:
    """Return the split with some holders replaced: how suspense that has aged passes to its heir."""
    return split_of(
        Leaf(holders.get(leaf.holder, leaf.holder), leaf.leg, leaf.share, leaf.paths) for leaf in split.leaves
    )
