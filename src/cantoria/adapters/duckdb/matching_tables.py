"""Rows to match from a Parquet file, by the table contract: one row for each thing, columns by name, in any order.

`id` and `title` must be there; `artist`, `isrc`, `iswc`, `codes`, `duration_ms`, `version`, `writers`, `shares`,
`aliases`, `audio`, `related` and `source` may be. A column of several values is a list, or text with `|` between them.
A code without its scheme (`KRA381900123`) in the columns `isrc` and `iswc` gets it. The columns of a batch
(spec/batch.md) are read, too: `recording` or `work` for the id, `display_artist`, and all keys in `codes`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.registry.matching.types import Row

BATCH_ROWS: Final = 20_000
TEXTS: Final = ("id", "title", "artist", "version", "source")
LISTS: Final = ("isrc", "iswc", "codes", "writers", "aliases", "audio", "related")
OTHER_NAMES: Final = {"recording": "id", "work": "id", "party": "id", "display_artist": "artist"}
_PUNCTUATION: Final = str.maketrans("", "", "-. ")


def read_rows(source: str | BinaryIO) -> Iterator[Row]:
    """Give the rows of a Parquet file (a path, or the file opened), in constant memory. `InputError` names what is
    not by the contract."""
    called = source if isinstance(source, str) else "the table"
    try:
        with pq.ParquetFile(source) as file:
            named = {OTHER_NAMES.get(name, name): name for name in file.schema_arrow.names}
            wanted = {name: named[name] for name in (*TEXTS, *LISTS, "duration_ms", "shares") if name in named}
            missing = [name for name in ("id", "title") if name not in wanted]
            if missing:
                raise InputError(f"{called} has no column {' and '.join(missing)}", "name the columns by the contract")
            for batch in file.iter_batches(BATCH_ROWS, columns=list(wanted.values())):
                columns = {name: batch.column(column).to_pylist() for name, column in wanted.items()}
                yield from (_row(columns, place) for place in range(batch.num_rows))
    except pa.ArrowException as error:
        raise InputError(f"{called} is not readable as Parquet: {error}", "write it again") from error
    except OSError as error:
        raise UnavailableError(f"cannot read {called}: {error}", "check the path") from error


def _row(columns: dict[str, list[Any]], place: int) -> Row:
    found: dict[str, Any] = {name: str(columns[name][place] or "") for name in TEXTS if name in columns}
    for name in LISTS:
        if name in columns:
            found[name] = _several(columns[name][place])
    for scheme in ("isrc", "iswc"):
        own = tuple(_key(scheme, code) for code in found.get(scheme, ()))
        among = tuple(code for code in found.get("codes", ()) if code.startswith(f"{scheme}:"))
        found[scheme] = tuple(dict.fromkeys((*own, *among)))
    found["codes"] = tuple(code for code in found.get("codes", ()) if not code.startswith(("isrc:", "iswc:")))
    if "shares" in columns:
        found["shares"] = tuple(int(share) for share in columns["shares"][place] or ())
    duration = columns["duration_ms"][place] if "duration_ms" in columns else None
    found["duration_ms"] = None if duration is None else int(duration)
    return Row(**found)


def _several(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    parts = value.split("|") if isinstance(value, str) else value
    return tuple(str(part).strip() for part in parts if part is not None and str(part).strip())


def _key(scheme: str, code: str) -> str:
    return code if ":" in code else f"{scheme}:{code.translate(_PUNCTUATION).upper()}"
