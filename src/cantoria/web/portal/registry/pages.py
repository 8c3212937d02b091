"""All pages of the area; what stands behind a thing's address comes before the page of the thing."""

from __future__ import annotations

from cantoria.web.portal.registry import clearance, parties, things
from cantoria.web.portal.registry.area import area

__all__ = ["area", "clearance", "parties", "things"]
