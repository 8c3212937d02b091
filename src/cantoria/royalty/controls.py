"""Control sums: what came in is what stands with holders, in suspense and in residues, to the last fine unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from cantoria.kernel.check import require
from cantoria.kernel.errors import IntegrityError
from cantoria.royalty.types import (
    FUNDING_SUBJECT,
    SUSPENSES,
    UNATTRIBUTED,
    Controls,
    Key,
    Posting,
    pool_account,
    residue_holder,
)

LIMB_BITS: Final = 32


def control_sums(totals: Mapping[Key, int], postings: Sequence[Posting], *, pool: str) -> Controls:
    """Return the control sums of one pool and period; raise `IntegrityError` unless in = out to the last unit."""
    total_in = holders = suspense = residue = 0
    for key, amount in totals.items():
        if key.subject == FUNDING_SUBJECT:
            total_in -= amount
        elif key.holder == residue_holder(pool):
            residue += amount
        elif key.holder in SUSPENSES or key.holder == UNATTRIBUTED:
            suspense += amount
        else:
            holders += amount
    controls = Controls(
        total_in=total_in,
        holders=holders,
        suspense=suspense,
        residue=residue,
        debits=sum(posting.debit for posting in postings),
        credits=sum(posting.credit for posting in postings),
        postings=len(postings),
        subjects=len({(key.subject, key.split) for key in totals}),
    )
    check_controls(controls)
    return controls


def check_controls(controls: Controls) -> None:
    """Raise `IntegrityError` unless in = holders + suspense + residue and debits = credits. Fails closed."""
    out = controls.holders + controls.suspense + controls.residue
    if controls.total_in != out:
        raise IntegrityError(f"{controls.total_in} came in and {out} stand on accounts", "do not pay this run")
    if controls.debits != controls.credits:
        raise IntegrityError(f"debits {controls.debits}, credits {controls.credits}", "do not pay this run")


def check_postings(postings: Iterable[Posting]) -> None:
    """Raise `IntegrityError` unless every posting is one positive leg, ids are unique and each subject balances."""
    seen: set[str] = set()
    sides: dict[tuple[str, str, str, str], list[int]] = {}
    for posting in postings:
        one_leg = posting.debit >= 0 and posting.credit >= 0 and (posting.debit == 0) != (posting.credit == 0)
        require(one_leg, f"posting {posting.id} has debit {posting.debit} and credit {posting.credit}")
        require(posting.id not in seen, f"posting {posting.id} stands twice")
        seen.add(posting.id)
        side = sides.setdefault(posting.key[:4], [0, 0])
        side[0] += posting.debit
        side[1] += posting.credit
    for subject, (debited, credited) in sides.items():
        require(debited == credited, f"{subject}: debits {debited}, credits {credited}")


def is_clearing(key: Key) -> bool:
    """Tell whether the key is the pool's own account, through which money only passes."""
    return key.holder == pool_account(key.pool)


def limbs(values: Iterable[int]) -> tuple[int, int]:
    """Return the sums of the high and low 32 bits, as engines without 128 bits compute them (SCALE section 4)."""
    high = low = 0
    for value in values:
        high += value >> LIMB_BITS
        low += value & (1 << LIMB_BITS) - 1
    return high, low


def from_limbs(high: int, low: int) -> int:
    """Return the exact sum whose limb sums these are."""
    return (high << LIMB_BITS) + low
