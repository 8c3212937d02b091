"""Manifests of millions of rows, read by the engine itself from Parquet, CSV or JSON lines.

The columns are those of the CSV family's manifest.csv, every one optional but at least one of codes: `line`, `media`,
`isrc`, `iswc`, `uci`, `youtube_asset`, `iscc`, `gtin`, `grid`, `own`; several codes in one cell stand with `|` between
them, or as a list. Well-formed ISRCs are recognised in bulk; every other distinct code goes through its module. What
signals beside a row refuse (adapters/duckdb/row_signals.py) is in the table `manifest_refused`.

As with small manifests, a row with a code that cannot be read stays in the dataset without codes, so that it is
answered (not found) and never vanishes; only a row that repeats another's number is refused. A file whose rows have
different numbers of cells is refused whole, with the line.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from string import Template
from typing import Final, cast

from cantoria import codes
from cantoria.adapters.duckdb.analytics import DuckDBAnalytics, local_file
from cantoria.adapters.duckdb.row_signals import load_row_signals, signal_cells
from cantoria.clearance.analytics import Format, Kind, Step, Table
from cantoria.formats.types import Counts, Finding, Severity
from cantoria.kernel.errors import InputError
from cantoria.kernel.uses import Use
from cantoria.registry.resolve import CODES_MAX

FINDINGS_MAX: Final = 10_000
SCHEMES: Final = ("isrc", "iswc", "uci", "youtube_asset", "iscc", "gtin", "grid", "own")
LINE_MAX: Final = 1 << 62
_READERS: Final = {
    Format.PARQUET: "read_parquet({path}, hive_partitioning = false)",
    Format.CSV: "read_csv({path}, header = true, all_varchar = true, delim = ',', quote = '\"', strict_mode = true, "
    "compression = 'none', hive_partitioning = false)",
    Format.JSONL: "read_json({path}, format = 'newline_delimited', compression = 'none', hive_partitioning = false)",
}
_TABLES: Final = (
    "raw_signal",
    "checked_signal",
    "raw_row",
    "raw_code",
    "checked_code",
    "numbered_row",
    "keyed_code",
    "unread_row",
)


@dataclass(frozen=True, slots=True)
class ManifestLoaded:
    """What was read: the account of all rows, the findings, of which at most `FINDINGS_MAX` are listed, and by line
    what signals beside a row say."""

    counts: Counts
    findings: tuple[Finding, ...]
    findings_total: int
    signals: Mapping[int, str] = field(default_factory=dict)


def load_manifest(
    engine: DuckDBAnalytics, path: str, *, file_format: Format, namespace: str, refused: Collection[Use] = ()
) -> ManifestLoaded:
    """Read the manifest at `path` into the engine's tables `manifest`, `manifest_code` and `manifest_refused`.

    Own codes without a namespace are the sender's, in `namespace`; `refused` are the uses that signals beside the whole
    data set refuse. Findings name the row by its position in the file,
    1 for the first. Raises `InputError` for a file that cannot be read as a table at all.
    """
    source = _READERS[file_format].format(path=local_file(path))
    columns = {str(name): str(kind) for name, kind, *_ in engine.fetch(f"DESCRIBE SELECT * FROM {source}")}  # noqa: S608
    given: list[str] = [scheme for scheme in SCHEMES if scheme in columns]
    if not given:
        raise InputError(f"{path} has no column of codes", f"name one of {', '.join(SCHEMES)}")
    engine.make(Step("raw_row", _raw_rows(source, columns, given)))
    engine.make(Step("raw_code", " UNION ALL ".join(_raw_codes(scheme) for scheme in given)))
    _check_codes(engine, namespace)
    for step in _STEPS:
        engine.make(step)
    said = load_row_signals(engine, columns, refused=refused)
    loaded = replace(_account(engine, Path(path).name), signals=said)
    engine.drop(_TABLES)
    return loaded


def _raw_rows(source: str, columns: dict[str, str], given: list[str]) -> str:
    """Return the query of all rows as text, numbered by position."""
    texts = [f"{_text(scheme, columns[scheme])} AS {scheme}" for scheme in given]
    texts += [f"{_text(name, columns[name]) if name in columns else 'NULL'} AS {name}" for name in ("line", "media")]
    texts += signal_cells(columns)
    return f"SELECT row_number() OVER () AS position, {', '.join(texts)} FROM {source}"  # noqa: S608


def _text(column: str, kind: str) -> str:
    joined = f"array_to_string({column}, '|')" if kind.endswith("[]") else f"CAST({column} AS VARCHAR)"
    return f"nullif(trim({joined}), '')"


def _raw_codes(scheme: str) -> str:
    """Return the query of the codes of one column: as text, and as a key where it is a well-formed ISRC."""
    compact = "replace(replace(upper(text), '-', ''), ' ', '')"
    bulk = f"CASE WHEN regexp_full_match({compact}, '[A-Z]{{2}}[A-Z0-9]{{3}}[0-9]{{7}}') THEN 'isrc:' || {compact} END"
    return f"""SELECT position, '{scheme}' AS scheme, text, {bulk if scheme == "isrc" else "NULL"} AS code
               FROM (SELECT position, trim(unnest(string_split({scheme}, '|'))) AS text FROM raw_row
                     WHERE {scheme} IS NOT NULL) AS cells WHERE text <> ''"""  # noqa: S608


def _check_codes(engine: DuckDBAnalytics, namespace: str) -> None:
    """Check every distinct code that was not recognised in bulk, into `checked_code`."""
    distinct = engine.fetch("SELECT DISTINCT scheme, text FROM raw_code WHERE code IS NULL ORDER BY scheme, text")
    rows: dict[str, list[str | None]] = {name: [] for name in _CHECKED}
    for scheme, text in cast("list[tuple[str, str]]", distinct):
        full = f"{namespace}:{text}" if scheme == "own" and ":" not in text else text
        found: tuple[str | None, ...]
        try:
            checked = codes.check(scheme, full)
            found = (f"{scheme}:{checked.value}", checked.warning, "check the code")
        except InputError as error:
            found = (None, error.message, error.remedy)
        for name, value in zip(_CHECKED, (scheme, text, *found), strict=True):
            rows[name].append(value)
    engine.register("checked_code", Table(_CHECKED, rows))


_CHECKED: Final = dict.fromkeys(("scheme", "text", "code", "message", "remedy"), Kind.TEXT)
_STEPS: Final = (
    # `position` is the row's number where it names none; the first row with a number keeps it.
    Step(
        "numbered_row",
        f"""
SELECT position, coalesce(number, position) AS line, media, line AS named, media AS medium,
  line IS NOT NULL AND number IS NULL AS misnumbered,
  row_number() OVER (PARTITION BY coalesce(number, position) ORDER BY position) AS turn
FROM (SELECT position, line, media,
        CASE WHEN TRY_CAST(line AS BIGINT) BETWEEN 1 AND {LINE_MAX} THEN TRY_CAST(line AS BIGINT) END AS number
      FROM raw_row) AS numbers""",  # noqa: S608
    ),
    Step(
        "keyed_code",
        """
SELECT r.position, r.scheme, r.text, coalesce(r.code, c.code) AS code, c.message, c.remedy
FROM raw_code AS r LEFT JOIN checked_code AS c ON r.code IS NULL AND c.scheme = r.scheme AND c.text = r.text""",
    ),
    Step(
        "unread_row",
        f"""
SELECT position FROM keyed_code WHERE code IS NULL
UNION SELECT position FROM numbered_row WHERE misnumbered OR media NOT IN ('recording', 'work')
UNION SELECT position FROM keyed_code GROUP BY position HAVING count(DISTINCT code) > {CODES_MAX}""",  # noqa: S608
    ),
    Step(
        "manifest",
        """
SELECT r.line, CAST(CASE WHEN u.position IS NULL AND r.media = 'work' THEN 1 ELSE 0 END AS SMALLINT) AS media,
  CASE WHEN u.position IS NOT NULL OR c.codes IS NULL THEN '' WHEN c.codes = 1 THEN c.code END AS code
FROM numbered_row AS r LEFT JOIN unread_row AS u ON u.position = r.position
LEFT JOIN (SELECT position, count(DISTINCT code) AS codes, min(code) AS code FROM keyed_code GROUP BY position) AS c
  ON c.position = r.position
WHERE r.turn = 1""",
    ),
    Step(
        "manifest_code",
        """
SELECT DISTINCT r.line, k.code FROM numbered_row AS r JOIN manifest AS m ON m.line = r.line AND m.code IS NULL
JOIN keyed_code AS k ON k.position = r.position WHERE r.turn = 1""",
    ),
)
_FINDINGS: Final = Template("""
SELECT position, field, value, message, remedy, severity FROM (
  SELECT position, scheme AS field, text AS value, message, remedy, 'warning' AS severity
  FROM keyed_code WHERE message IS NOT NULL
  UNION ALL SELECT position, 'line', named, 'is not a number from 1 on', 'number each row once', 'warning'
  FROM numbered_row WHERE misnumbered
  UNION ALL SELECT position, 'line', CAST(line AS VARCHAR), 'another row has this number already',
    'number each row once', 'error' FROM numbered_row WHERE turn > 1
  UNION ALL SELECT position, 'media', medium, 'is unknown', 'use recording or work', 'warning'
  FROM numbered_row WHERE medium NOT IN ('recording', 'work')
  UNION ALL SELECT position, '', '', 'has too many codes', 'give at most $codes_max', 'warning'
  FROM keyed_code GROUP BY position HAVING count(DISTINCT code) > $codes_max) AS findings
""").substitute(codes_max=CODES_MAX)


def _account(engine: DuckDBAnalytics, file: str) -> ManifestLoaded:
    [(received, refused)] = engine.fetch("SELECT count(*), count(CASE WHEN turn > 1 THEN 1 END) FROM numbered_row")
    [(total,)] = engine.fetch(f"SELECT count(*) FROM ({_FINDINGS})")  # noqa: S608
    listed = engine.fetch(f"{_FINDINGS} ORDER BY position, field, value LIMIT {FINDINGS_MAX}")
    findings = tuple(
        Finding(
            file=file,
            line=int(position or 0),
            field=str(field),
            value=str(value)[:80],
            message=str(message),
            remedy=str(remedy),
            severity=Severity(str(severity)),
        )
        for position, field, value, message, remedy, severity in listed
    )
    received, refused = int(received or 0), int(refused or 0)
    counts = Counts(received=received, registered=received - refused, refused=refused)
    return ManifestLoaded(counts, findings, int(total or 0))
