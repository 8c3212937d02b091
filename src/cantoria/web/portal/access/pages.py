"""The area of accounts with all its pages."""

from __future__ import annotations

from cantoria.web.portal.access import (
    account,
    approvals,
    federated,
    invitations,
    keys,
    passkeys,
    signing,
    staff,
)
from cantoria.web.portal.access.area import area

PARTS = (signing, federated, account, passkeys, keys, staff, approvals, invitations)

__all__ = ["PARTS", "area"]
