"""Signals in the columns beside the rows of a large manifest: which uses they refuse, row by row.

Every distinct set of cells is read once, by the reader that small manifests have too; rows are joined to it in the
engine. The columns are those of `formats.signals.rows`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, cast

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.clearance.analytics import Kind, Step, Table
from cantoria.clearance.snapshot_schema import USE_BITS
from cantoria.formats.signals.rows import COLUMNS, read_cells
from cantoria.kernel.uses import Use

_EMPTY: Final = "SELECT CAST(0 AS BIGINT) AS line, CAST(0 AS SMALLINT) AS uses WHERE 1 = 0"


def signal_cells(columns: Mapping[str, str]) -> list[str]:
    """Return the expressions of the cells with signals that a manifest with these columns (name: type) has, as text."""
    return [f"coalesce({_text(name, columns[name])}, '') AS {name}" for name in COLUMNS if name in columns]


def load_row_signals(
    engine: DuckDBAnalytics, columns: Mapping[str, str], *, refused: Collection[Use] = ()
) -> dict[int, str]:
    """Make the table `manifest_refused` (line, uses) from `raw_row`, which has the cells, and `numbered_row`. `refused`
    are uses that signals beside the whole data set refuse, for every row. Return by line what the cells say."""
    given = [name for name in COLUMNS if name in columns]
    everywhere = sum(USE_BITS[use] for use in refused)
    if not given:
        every = f"SELECT line, CAST({everywhere} AS SMALLINT) AS uses FROM numbered_row WHERE turn = 1"  # noqa: S608
        engine.make(Step("manifest_refused", every if everywhere else _EMPTY))
        return {}
    names = ", ".join(given)
    distinct = cast("list[tuple[str, ...]]", engine.fetch(f"SELECT DISTINCT {names} FROM raw_row"))  # noqa: S608
    rows: dict[str, list[str | int]] = {name: [] for name in (*given, "uses", "says")}
    for row in distinct:
        beside = read_cells(dict(zip(given, row, strict=True)), file="manifest")
        uses, says = beside.refused.union(refused), beside.says
        if uses or says:
            for name, text in zip((*given, "says"), (*row, says), strict=True):
                rows[name].append(text)
            rows["uses"].append(sum(USE_BITS[use] for use in uses))
    kinds = dict.fromkeys(given, Kind.TEXT) | {"uses": Kind.INT16, "says": Kind.TEXT}
    engine.register("checked_signal", Table(kinds, rows))
    same = " AND ".join(f"c.{name} = s.{name}" for name in given)
    found = f"""FROM raw_row AS s JOIN checked_signal AS c ON {same}
JOIN numbered_row AS r ON r.position = s.position WHERE r.turn = 1"""
    engine.make(Step("manifest_refused", f"SELECT r.line, c.uses {found} AND c.uses <> 0"))
    said = engine.fetch(f"SELECT r.line, c.says {found} AND c.says <> '' ORDER BY r.line")
    return dict(cast("list[tuple[int, str]]", said))


def _text(column: str, kind: str) -> str:
    """Return the expression of a cell as text: objects and lists as JSON, texts without its quotation marks."""
    if kind == "JSON":  # a column of which some values are texts and others are not
        return f"({column} ->> '$')"
    plain = not (kind.endswith("]") or kind.startswith(("STRUCT", "MAP")))
    return f"CAST({column} AS VARCHAR)" if plain else f"CAST(to_json({column}) AS VARCHAR)"
