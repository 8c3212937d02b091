"""The areas of the portal, in the order in which addresses are matched."""

from __future__ import annotations

from typing import Final

from cantoria.web.portal.access.pages import area as access
from cantoria.web.portal.decide import area as decide
from cantoria.web.portal.developer.pages import area as developer
from cantoria.web.portal.frame.pages import area as frame
from cantoria.web.portal.money import area as money
from cantoria.web.portal.page import Area
from cantoria.web.portal.registry.pages import area as registry
from cantoria.web.portal.society.pages import area as society
from cantoria.web.portal.trace.pages import area as trace

AREAS: Final[tuple[Area, ...]] = (frame, registry, decide, money, developer, trace, society, access)
