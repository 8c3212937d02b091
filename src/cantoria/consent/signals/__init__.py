"""Outside signals: what is said of AI in forms that others defined, and what it refuses here (RULES section 6).

`weigh` is the one evaluator, `crosswalk` the table behind it, `settle` the order within one standard. Licences that are
stated beside a recording are read by `licence_signal`.
"""

from cantoria.consent.signals.crosswalk import CROSSWALKS, LATEST, Crosswalk, Line, crosswalk
from cantoria.consent.signals.evaluator import Weighed, Weight, named_uses, refused_uses, refuses, weigh
from cantoria.consent.signals.licences import (
    TEXT_CHARS_MAX,
    CreativeCommons,
    Signal,
    SignalKind,
    creative_commons,
    licence_signal,
)
from cantoria.consent.signals.precedence import RULES, Settled, matches, settle
from cantoria.consent.signals.types import (
    DETAIL_CHARS_MAX,
    Covers,
    Found,
    Offer,
    OutsideSignal,
    Said,
    Stance,
    Standard,
    quoted,
)

__all__ = [
    "CROSSWALKS",
    "DETAIL_CHARS_MAX",
    "LATEST",
    "RULES",
    "TEXT_CHARS_MAX",
    "Covers",
    "CreativeCommons",
    "Crosswalk",
    "Found",
    "Line",
    "Offer",
    "OutsideSignal",
    "Said",
    "Settled",
    "Signal",
    "SignalKind",
    "Stance",
    "Standard",
    "Weighed",
    "Weight",
    "creative_commons",
    "crosswalk",
    "licence_signal",
    "matches",
    "named_uses",
    "quoted",
    "refused_uses",
    "refuses",
    "settle",
    "weigh",
]
