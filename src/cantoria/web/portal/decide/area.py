"""The area's declarations gather here."""

from __future__ import annotations

from typing import Final

from cantoria.web.portal.page import Area

area: Final = Area("decide")
