"""How the law column is told: under a heading of its own, so that nobody takes it for a status."""

from __future__ import annotations

from collections.abc import Iterator

from cantoria.clearance import Request, law_column
from cantoria.clearance.law_column import LAW_MEANS

COUNTRIES_SHOWN = 12


def law_lines(request: Request) -> Iterator[str]:
    """Give the law column as lines of text; countries of which nothing is on file are counted together."""
    known = [line for line in law_column(request) if line.entry.basis or line.due]
    others = len(law_column(request)) - len(known)
    yield f"beside it, {LAW_MEANS}"
    for line in known[:COUNTRIES_SHOWN]:
        yield f"  law of {line.place} ({line.connected()}): {line.words()}"
    if len(known) > COUNTRIES_SHOWN:
        yield f"  and {len(known) - COUNTRIES_SHOWN} more countries (--json shows all)"
    if others:
        yield f"  not assessed: {others} {'country' if others == 1 else 'countries'} of which no law is on file"
