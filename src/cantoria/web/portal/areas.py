"""The areas of the portal, in the order in which addresses are matched."""

from __future__ import annotations

from typing import Final

from cantoria.web.portal.frame.pages import area as frame
from cantoria.web.portal.page import Area

AREAS: Final[tuple[Area, ...]] = (frame,)
