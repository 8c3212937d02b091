"""The areas of the portal, in the order in which addresses are matched."""

from __future__ import annotations

from typing import Final

from cantoria.web.portal.developer.pages import area as developer
from cantoria.web.portal.frame.pages import area as frame
from cantoria.web.portal.money import area as money
from cantoria.web.portal.page import Area
from cantoria.web.portal.society.pages import area as society
from cantoria.web.portal.trace.pages import area as trace

AREAS: Final[tuple[Area, ...]] = (frame, money, developer, trace, society)
