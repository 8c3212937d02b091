"""Mandates: who may speak for whom, and who must say yes for a holder (RULES section 5)."""

from cantoria.mandates.authority import may_refuse, may_say_yes
from cantoria.mandates.fold import Mandates
from cantoria.mandates.reasons import LINES, WhyNot
from cantoria.mandates.types import Authority, Demands, Estate, MandateKind, NoAuthority, Speech, Voice

__all__ = [
    "LINES",
    "Authority",
    "Demands",
    "Estate",
    "MandateKind",
    "Mandates",
    "NoAuthority",
    "Speech",
    "Voice",
    "WhyNot",
    "may_refuse",
    "may_say_yes",
]
