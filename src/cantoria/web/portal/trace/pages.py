"""The area with all its pages declared, in the order in which addresses are matched."""

from __future__ import annotations

from cantoria.web.portal.trace import certificates, exposure, ledger, models
from cantoria.web.portal.trace.area import area

__all__ = ["area", "certificates", "exposure", "ledger", "models"]
