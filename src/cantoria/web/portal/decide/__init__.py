"""The area that decides: the grid of uses, receipts, the inbox of requests, negotiations, trusted licensees."""

from cantoria.web.portal.decide import decisions, grid, negotiations, requests, trusted
from cantoria.web.portal.decide.area import area

__all__ = ["area", "decisions", "grid", "negotiations", "requests", "trusted"]
