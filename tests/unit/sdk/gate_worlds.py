"""Gates over a memory judge, for the tests of what libraries do with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.types import Status
from cantoria.sdk.gate import Gate, MemoryJudge
from cantoria.sdk.gate.marks import mark_of

STATUSES = {
    "isrc:KRA381900001": Status.CLEARED,
    "isrc:KRA381900002": mark_of(Status.DENIED, ReasonCode.SAID_NO),
    "isrc:KRA381900003": mark_of(Status.LICENSABLE, ReasonCode.ASKS),
    "isrc:KRA381900004": mark_of(Status.UNKNOWN, ReasonCode.SILENT),
    "isrc:KRA381900005": Status.CLEARED,
    "iswc:T0345246801": Status.CLEARED,
}
CODES = ["KRA381900001", "KRA381900002", "KRA381900003", "KRA381900004", "KRA381900005", "KRA381900099", None, "x"]
KEPT = ["KRA381900001", "KRA381900005"]


def gate(known: Mapping[str, Status | int] = STATUSES, **options: Any) -> Gate:
    """Return a gate over a memory judge."""
    return Gate(MemoryJudge(known), use="train_generative", licensee="party_ai", territories="KR", **options)
