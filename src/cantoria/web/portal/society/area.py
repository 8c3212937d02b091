"""The area that the modules of this package declare their pages on."""

from __future__ import annotations

from typing import Final

from cantoria.web.portal.page import Area

area: Final = Area("society")
