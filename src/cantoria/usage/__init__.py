"""Usage: every single use in exactly one state: reports of plays, generation events, their accounting."""

from cantoria.usage.intake import Intake, plays_by_code, settle
from cantoria.usage.lines import Batch, Rejected, read_generations, read_usage, write_lines
from cantoria.usage.types import Accounting, Evidence, GenerationEvent, LineState, PlayerKind, UsageLine

__all__ = [
    "Accounting",
    "Batch",
    "Evidence",
    "GenerationEvent",
    "Intake",
    "LineState",
    "PlayerKind",
    "Rejected",
    "UsageLine",
    "plays_by_code",
    "read_generations",
    "read_usage",
    "settle",
    "write_lines",
]
