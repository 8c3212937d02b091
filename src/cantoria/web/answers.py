"""Answers as JSON: status, every reason with its text, parties, missing yeses, the law beside it, and as of what."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final

from starlette.responses import Response

from cantoria.clearance import Answer, Cleared, Reason, Request, explain, law_column
from cantoria.clearance.explain import MESSAGES
from cantoria.clearance.law_column import LAW_MEANS, due_value
from cantoria.kernel.codec import to_json
from cantoria.kernel.periods import format_moment
from cantoria.web.desk import Served

JSON: Final = "application/json"
LAWS_KEPT: Final = 256
Value = dict[str, Any]


def answer_value(answer: Answer, *, subject: str, codes: tuple[str, ...], media: str) -> Value:
    """Return one row's answer."""
    found: Value = {"codes": list(codes), "media": media, "status": answer.status.value, "subject": subject}
    if isinstance(answer, Cleared):
        return found | {"reasons": [], "parties": [], "missing": [], "because": list(answer.because)}
    parties = sorted({reason.party for reason in answer.reasons if reason.party})
    reasons = [reason_value(reason) for reason in answer.reasons]
    return found | {"reasons": reasons, "parties": parties, "missing": list(answer.missing), "because": []}


def reason_value(reason: Reason) -> Value:
    """Return one reason: its code, whom and what it concerns, the rule, and one line a person can act on."""
    return {
        "code": reason.code.name.lower(),
        "number": int(reason.code),
        "party": reason.party,
        "subject": reason.subject,
        "rule": MESSAGES[reason.code].rule,
        "text": explain(reason),
    }


def basis_value(served: Served, request: Request) -> Value:
    """Return what all answers to a request rest on, and what the law says beside them."""
    return {
        "snapshot": served.id,
        "as_of": as_of_value(served),
        "at": request.at,
        "law": _law_value(request),
        "law_means": LAW_MEANS,
    }


def as_of_value(served: Served) -> Value:
    """Return the snapshot's place in the ledger, and the moments that it speaks of."""
    head = served.head
    return {
        "origin": head.origin,
        "size": head.size,
        "root": head.root,
        "from": format_moment(head.at),
        "until": format_moment(head.until),
        "law": head.law,
        "crosswalk": head.crosswalk,
    }


@lru_cache(LAWS_KEPT)
def _law_value(request: Request) -> list[Value]:
    """Return the law column: countries (TIS codes) with what their law says of the use, those that say the same
    together. It never changes a status."""
    groups: dict[Any, list[str]] = {}
    for line in law_column(request):
        groups.setdefault((line.entry, line.factors, line.due), []).append(line.country)
    return [
        {
            "territories": sorted(countries),
            "factors": [factor.value for factor in factors],
            **to_json(entry),
            "remuneration_due": [due_value(one) for one in due],
        }
        for (entry, factors, due), countries in groups.items()
    ]


def json_response(value: Value) -> Response:
    """Return a value as an answer."""
    return Response(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), media_type=JSON)
