"""Clearance: whether a row may be used as requested, and if not, why not and whose yes is missing (RULES 1 to 6)."""

from cantoria.clearance.decide import decide
from cantoria.clearance.explain import explain, explain_all
from cantoria.clearance.law_column import LawLine, RemunerationDue, law_cells, law_column, law_value, remuneration_due
from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.rights import (
    Factor,
    Rights,
    countries_of,
    country_classes,
    law,
    needs_of,
    places_of,
    profile_for,
)
from cantoria.clearance.types import (
    Answer,
    Cleared,
    Denied,
    Licensable,
    Reason,
    Request,
    Row,
    Status,
    Unknown,
)

__all__ = [
    "Answer",
    "Cleared",
    "Denied",
    "Factor",
    "LawLine",
    "Licensable",
    "Reason",
    "ReasonCode",
    "RemunerationDue",
    "Request",
    "Rights",
    "Row",
    "Status",
    "Unknown",
    "countries_of",
    "country_classes",
    "decide",
    "explain",
    "explain_all",
    "law",
    "law_cells",
    "law_column",
    "law_value",
    "needs_of",
    "places_of",
    "profile_for",
    "remuneration_due",
]
