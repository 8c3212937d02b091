"""Why a side or a closure is not whole, and what a case is about, in one line a person can act on."""

from __future__ import annotations

from typing import Final

from cantoria.registry.types import CaseKind, Problem

PROBLEMS: Final[dict[Problem, tuple[str, str]]] = {
    Problem.NO_LINKED_WORK: (
        "no musical work is linked to the recording",
        "link the recording to every work it embodies",
    ),
    Problem.NO_HOLDERS: (
        "no holder is documented here",
        "register the holders, or evidence of the public domain",
    ),
    Problem.HOLDERS_INCOMPLETE: (
        "nobody entitled has signed that all holders are registered",
        "the producer (recording), a publisher or a CMO (work) signs the completeness statement",
    ),
    Problem.SHARES_NOT_WHOLE: (
        "the registered shares do not add up to 100 %",
        "register who holds the rest",
    ),
    Problem.BLOCKING_DISPUTE: (
        "a documented dispute is open",
        "settle the case; its next actor and due date are shown with it",
    ),
    Problem.ORIGINAL_UNKNOWN: (
        "a work is made of others that are not all known",
        "register the originals or parts of the work",
    ),
    Problem.SAMPLE_UNKNOWN: (
        "the recording samples others that are not all known",
        "register the recording and all recordings it samples",
    ),
}

CASES: Final[dict[CaseKind, str]] = {
    CaseKind.SHARES_ABOVE_WHOLE: "shares above 100 %",
    CaseKind.LINK_DISPUTED: "disputed link",
    CaseKind.CODE_SHARED: "one code names several things",
    CaseKind.CLAIM_DISPUTED: "disputed holders",
    CaseKind.CODES_SEVERAL: "one thing has several codes",
    CaseKind.CHAIN_BROKEN: "broken chain of title",
    CaseKind.REGISTRATION_CONFLICT: "registration answered with a conflict",
}


def explain(problem: Problem) -> str:
    """Return the problem and its remedy as one line."""
    what, remedy = PROBLEMS[problem]
    return f"{what}: {remedy}"
