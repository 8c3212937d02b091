"""`/developers`: the whole of it in a minute."""

from __future__ import annotations

from cantoria.web.portal.developer.area import area
from cantoria.web.portal.developer.datasets import log_key, server_of
from cantoria.web.portal.page import Ask, Value


@area.page("/developers", template="developer/developers.html", summary="Cantoria for AI developers, in a minute")
def developers(ask: Ask) -> Value:
    """Return where everything is, and the lines that let only cleared rows through."""
    server, key = server_of(ask), log_key(ask)
    return {
        "server": server,
        "key": key,
        "openapi": "/v1/openapi.json",
        "snapshot": "/v1/snapshots/latest",
        "revocations": "/v1/revocations",
        "scopes": ["clear_datasets", "ask_licences"],
        "snapshot_here": ask.portal.desk is not None,
    }
