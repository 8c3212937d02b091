"""Matching: which works, recordings and parties are one thing, as a proposal with a probability and its reasons."""

from cantoria.registry.matching.comparing import compare
from cantoria.registry.matching.model import Model
from cantoria.registry.matching.normalise import normalise
from cantoria.registry.matching.rules import judge
from cantoria.registry.matching.types import Band, Field, Judged, Normal, Pattern, Row, Thresholds

__all__ = [
    "Band",
    "Field",
    "Judged",
    "Model",
    "Normal",
    "Pattern",
    "Row",
    "Thresholds",
    "compare",
    "judge",
    "normalise",
]
