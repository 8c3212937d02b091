"""DuckDB SQL: `ai_cleared(isrc)` as a scalar function, and the same as a table to join with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cantoria.sdk.gate import bulk

if TYPE_CHECKING:
    from cantoria.sdk.gate.gate import Gate


def duckdb(self: Gate, connection: Any, *, table: str | None = "ai_clearance") -> Any:
    """Give a DuckDB connection what SQL needs to ask this gate, and return the connection.

    `ai_cleared(isrc)` tells of an ISRC whether it is cleared, `ai_status(code)` of an ISRC or key (`iswc:…`) its
    status. For a snapshot, the table `ai_clearance(code, isrc, status, reason, cleared)` has every code with what it
    comes to, for joins: `JOIN ai_clearance USING (isrc) WHERE cleared`, which is the faster form (`table=None` leaves
    it out). The two agree on ISRCs in their stored form; the function also reads printed ones. An ISRC that the table
    lacks is unknown.
    """
    return bulk.give(self, connection, table=table)
