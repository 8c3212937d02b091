"""Licensing: blanket deals between labels and AI developers, as what they are: a fact about the label's own yes."""

from cantoria.licensing.deals import Deals
from cantoria.licensing.reasons import LINES, explain
from cantoria.licensing.types import DealId, DealState, WhyNot
from cantoria.licensing.views import Contest, Deal

__all__ = ["LINES", "Contest", "Deal", "DealId", "DealState", "Deals", "WhyNot", "explain"]
