"""All pages and forms of the area; an address without parameters comes before one that would take its place."""

from __future__ import annotations

from cantoria.web.portal.developer import datasets, developers, forms, requests
from cantoria.web.portal.developer.area import area

__all__ = ["area", "datasets", "developers", "forms", "requests"]
