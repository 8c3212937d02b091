"""All pages of the area, declared by importing their modules."""

from __future__ import annotations

from cantoria.web.portal.society import audit, cases, files, jobs, matches, members, welcome
from cantoria.web.portal.society.area import area

__all__ = ["area", "audit", "cases", "files", "jobs", "matches", "members", "welcome"]
