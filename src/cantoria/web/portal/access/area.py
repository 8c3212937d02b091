"""The area of accounts."""

from __future__ import annotations

from cantoria.web.portal.page import Area

area = Area("access")
