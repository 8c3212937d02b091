"""The gate: AI developers let through what every holder said yes to, in the libraries they already use."""

from cantoria.sdk.gate.gate import Gate
from cantoria.sdk.gate.judge import Basis, Candidates, Judge, MemoryJudge
from cantoria.sdk.gate.marks import GateReason, Verdict
from cantoria.sdk.gate.report import Report
from cantoria.sdk.gate.rows import file_key

__all__ = ["Basis", "Candidates", "Gate", "GateReason", "Judge", "MemoryJudge", "Report", "Verdict", "file_key"]
