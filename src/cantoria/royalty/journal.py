"""The journal of postings: its bytes, its digest, and the balances that it adds up to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from hashlib import sha256

from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.money import FINE_MAX
from cantoria.royalty.controls import check_postings, is_clearing
from cantoria.royalty.types import Key, Posting, Run

POSTINGS_MAX = 20_000_000


def write_postings(postings: Iterable[Posting]) -> bytes:
    """Return the postings as canonical JSON lines: [id, pool, period, subject, split, holder, leg, debit, credit].

    Amounts are text because fine units may exceed 2^53.
    """
    lines = [canonical.encode([p.id, *p.key, str(p.debit), str(p.credit)]) for p in postings]
    return b"".join(line + b"\n" for line in lines)


def read_postings(data: bytes) -> tuple[Posting, ...]:
    """Return the postings of `write_postings`; anything not byte-for-byte such is an `IntegrityError`."""
    found = []
    for number, line in enumerate(data.splitlines(keepends=True), 1):
        if number > POSTINGS_MAX:
            raise InputError(f"more than {POSTINGS_MAX} postings in one journal", "split the run by pool")
        found.append(_read_posting(line, number))
    if write_postings(found) != data:
        raise IntegrityError("journal is not in canonical form", "fetch the attachment again")
    check_postings(found)
    return tuple(found)


def _read_posting(line: bytes, number: int) -> Posting:
    try:
        parts = canonical.decode(line.rstrip(b"\n"))
        identity, pool, period, subject, split, holder, leg, debit, credit = parts
        posting = Posting(identity, Key(pool, period, subject, split, holder, leg), int(debit), int(credit))
    except (InputError, ValueError, TypeError) as error:
        raise IntegrityError(f"journal line {number} is no posting", "fetch the attachment again") from error
    if not all(isinstance(part, str) for part in parts) or max(posting.debit, posting.credit) > FINE_MAX:
        raise IntegrityError(f"journal line {number} is no posting", "fetch the attachment again")
    return posting


def digest(run: Run) -> str:
    """Return the SHA-256 (hex) of the run's postings: what `DistributionRun.outputs` commits to."""
    return sha256(write_postings(run.postings)).hexdigest()


def totals_digest(run: Run) -> str:
    """Return the SHA-256 (hex) of the run's cumulative totals: equal for a rerun and for old plus differences."""
    lines = [canonical.encode([*key, str(amount)]) for key, amount in sorted(run.totals.items())]
    return sha256(b"\n".join(lines)).hexdigest()


def cumulate(postings: Iterable[Posting]) -> dict[Key, int]:
    """Return the net credit by key of all postings, zeros and the pools' own accounts left out.

    This is the `posted` of the next job. A posting id seen before is counted once; the same id with another content
    is an `IntegrityError`.
    """
    seen: dict[str, Posting] = {}
    totals: defaultdict[Key, int] = defaultdict(int)
    for posting in postings:
        known = seen.setdefault(posting.id, posting)
        if known is not posting:
            if known != posting:
                raise IntegrityError(f"posting {posting.id} stands twice with different content")
            continue
        if not is_clearing(posting.key):
            totals[posting.key] += posting.credit - posting.debit
    return {key: totals[key] for key in sorted(totals) if totals[key]}


def by_holder(totals: dict[Key, int]) -> dict[str, int]:
    """Return the balance of each holder over all keys, in canonical order, zeros left out."""
    found: defaultdict[str, int] = defaultdict(int)
    for key, amount in totals.items():
        found[key.holder] += amount
    return {holder: found[holder] for holder in sorted(found) if found[holder]}
