"""Where the SQL of query engines differs, as one value for each engine: hashes, bytes and lists.

Plans are written in the SQL that the engines share; only the expressions made here differ, and every engine gives the
same values for them. Shared means: no `//` and no `/`, a backslash only as `chr(92)`, no order over nulls that is not
written out, sums cast to BIGINT.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """The expressions that an engine has of its own, as forms with `{}` for what goes in.

    `sha256` is the hash of bytes as bytes, `utf8` the bytes of a text, `contains`
    whether a regular expression matches in a text. `listed` is the aggregate of texts in order of
    sort keys, `distinct` that of different texts, sorted, nulls left out. `of_one` is the list of one text, `none` the
    empty list of texts, `joined` a list as one text.
    """

    name: str
    sha256: str
    utf8: str
    contains: str
    listed: str
    distinct: str
    of_one: str
    none: str
    joined: str


DUCKDB: Final = Dialect(
    name="duckdb",
    sha256="unhex(sha256({}))",
    utf8="encode({})",
    contains="regexp_matches({}, {})",
    listed="list({text} ORDER BY {keys})",
    distinct="list(DISTINCT {0} ORDER BY {0}) FILTER (WHERE {0} IS NOT NULL)",
    of_one="[{}]",
    none="CAST([] AS VARCHAR[])",
    joined="array_to_string({}, {})",
)
SPARK: Final = Dialect(
    name="spark",
    sha256="unhex(sha2({}, 256))",
    utf8="encode({}, 'UTF-8')",
    contains="regexp_like({}, {})",
    listed="transform(array_sort(collect_list(named_struct('keys', struct({keys}), 'text', {text}))), x -> x.text)",
    distinct="array_sort(collect_set({0}))",
    of_one="array({})",
    none="CAST(array() AS array<string>)",
    joined="array_join({}, {})",
)
