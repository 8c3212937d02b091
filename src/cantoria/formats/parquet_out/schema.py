"""The tables of a Parquet export and their columns. Version 1: columns are only ever added, at the end.

`from` is included, `to` is not; both are empty for always and open. `share` is the exact fraction of 1 (`1/3`),
`share_percent` the same rounded down to 12 decimals. Territories are TIS expressions.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import pyarrow as pa

VERSION: Final = "1"
_TEXT: Final = pa.string()
_WHOLE: Final = pa.int64()
_FLAG: Final = pa.bool_()
_MOMENT: Final = pa.timestamp("us", tz="UTC")
PERCENT_DECIMALS: Final = 12
_PERCENT: Final = pa.decimal128(15, PERCENT_DECIMALS)


def _schema(*columns: tuple[str, pa.DataType]) -> pa.Schema:
    return pa.schema(list(columns), metadata={"cantoria.export": VERSION})


SCHEMAS: Final[Mapping[str, pa.Schema]] = MappingProxyType(
    {
        "parties": _schema(("party", _TEXT), ("kind", _TEXT), ("name", _TEXT), ("script", _TEXT)),
        "names": _schema(("party", _TEXT), ("position", _WHOLE), ("name", _TEXT), ("script", _TEXT)),
        "works": _schema(("work", _TEXT), ("title", _TEXT), ("kind", _TEXT), ("parts_complete", _FLAG)),
        "parts": _schema(("work", _TEXT), ("part", _TEXT)),
        "recordings": _schema(
            ("recording", _TEXT),
            ("title", _TEXT),
            ("artist", _TEXT),
            ("version", _TEXT),
            ("duration_ms", _WHOLE),
            ("samples_complete", _FLAG),
        ),
        "samples": _schema(("recording", _TEXT), ("sample", _TEXT)),
        "releases": _schema(("release", _TEXT), ("title", _TEXT)),
        "placements": _schema(("release", _TEXT), ("position", _WHOLE), ("recording", _TEXT)),
        "links": _schema(("recording", _TEXT), ("work", _TEXT)),
        "titles": _schema(
            ("kind", _TEXT), ("thing", _TEXT), ("title", _TEXT), ("title_kind", _TEXT), ("language", _TEXT)
        ),
        "codes": _schema(("kind", _TEXT), ("thing", _TEXT), ("scheme", _TEXT), ("code", _TEXT)),
        "shares": _schema(
            ("kind", _TEXT),
            ("subject", _TEXT),
            ("party", _TEXT),
            ("role", _TEXT),
            ("right", _TEXT),
            ("share", _TEXT),
            ("share_percent", _PERCENT),
            ("territory", _TEXT),
            ("from", _MOMENT),
            ("to", _MOMENT),
            ("tier", _TEXT),
        ),
        "collections": _schema(
            ("work", _TEXT),
            ("party", _TEXT),
            ("role", _TEXT),
            ("right", _TEXT),
            ("share", _TEXT),
            ("share_percent", _PERCENT),
            ("territory", _TEXT),
        ),
        "chains": _schema(
            ("work", _TEXT),
            ("grantor", _TEXT),
            ("acquirer", _TEXT),
            ("kind", _TEXT),
            ("territory", _TEXT),
            ("from", _MOMENT),
            ("to", _MOMENT),
            ("agreement", _TEXT),
        ),
    }
)
