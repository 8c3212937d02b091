"""What a certificate binds, worked out by the query engine: the same heads and roots as `manifest` and `results` give.

Row digests, salted key hashes, leaf hashes and the leaves of the results are SQL over the tables of a clearing
(`manifest`, `manifest_code`, `answer`, `subject`); only the trees above the leaves are made here. So a certificate for
millions of rows costs seconds, and memory for one piece of the leaves at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from string import Template
from typing import Any, Final, cast

from cantoria.clearance import flat_tree
from cantoria.clearance.analytics import Analytics, Kind, Step, Table
from cantoria.clearance.dialect import Dialect
from cantoria.clearance.manifest import Manifest, key_salt_of
from cantoria.clearance.manifest_proof import (
    HASH_BYTES,
    KEY_DOMAIN,
    ROW_DOMAIN,
    ROW_SALT_DOMAIN,
    ManifestHead,
    salt_commitment,
)
from cantoria.clearance.plan import STATUSES
from cantoria.clearance.snapshot_codes import MEDIA
from cantoria.kernel.check import require
from cantoria.kernel.errors import InputError
from cantoria.ledger import merkle

TABLES: Final = ("salt_hex", "salt", "bound_code", "bound_row", "leaf")
# What JSON writes in another way than as itself: quote, backslash and control characters.
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"} | {
    chr(n): f"\\u{n:04x}" for n in range(32) if chr(n) not in "\b\f\n\r\t"
}
# Any sign but printable ASCII without quote, backslash and brackets; most codes hold none, and stand as they are.
_NOT_PLAIN: Final = "'[^ !#-Z^-~]'"


@dataclass(frozen=True, slots=True)
class Roots:
    """What a certificate says of its dataset: the heads of its manifest and of that of the rows cleared, and the root
    of the results (hex)."""

    manifest: ManifestHead
    cleared: ManifestHead
    results_root: str


def bind(analytics: Analytics, *, secret: bytes) -> None:
    """Make the tables that the roots and the leaves are read from, for the dataset that was cleared last.

    `secret` are the 32 random bytes of the manifest; they are held in the engine's table `salt` until `forget`.
    """
    if len(secret) != HASH_BYTES:
        raise InputError(f"a manifest secret has {HASH_BYTES} bytes, not {len(secret)}")
    salts = {"key_hex": [(KEY_DOMAIN + key_salt_of(secret)).hex()], "row_hex": [(ROW_SALT_DOMAIN + secret).hex()]}
    analytics.register("salt_hex", Table(dict.fromkeys(salts, Kind.TEXT), salts))
    for step in steps(analytics.dialect):
        analytics.make(step)


def forget(analytics: Analytics) -> None:
    """Drop what `bind` made, the secret first."""
    analytics.drop(TABLES)


def roots(analytics: Analytics, *, secret: bytes) -> Roots:
    """Return the roots of the dataset bound with `secret`, bit for bit those of the row-by-row form."""
    [(rows, cleared)] = cast("list[Any]", analytics.fetch(_COUNTS))
    results, counted = flat_tree.root_of_stream(analytics.stream_bytes(_RESULT_LEAVES))
    require(counted == rows, "there is one result for each row")
    return Roots(_head(analytics, _LEAVES, rows, secret), _head(analytics, _CLEARED, cleared, secret), results.hex())


def manifest_of(analytics: Analytics, *, secret: bytes, cleared: bool = False) -> Manifest:
    """Return the whole manifest of the dataset bound, or of its rows that are `cleared`, to give proofs from."""
    among = "WHERE cleared" if cleared else ""
    read = {
        name: b"".join(analytics.stream_bytes(f"SELECT {column} FROM {table} {among} ORDER BY {order}"))  # noqa: S608
        for name, column, table, order in (
            ("leaves", "record", "leaf", "record"),
            ("hashes", "hash", "leaf", "record"),
            ("digests", "digest", "bound_row", "line"),
        )
    }
    levels = flat_tree.levels_of(read["hashes"])
    salt = key_salt_of(secret)
    head = ManifestHead(
        (levels[-1] or merkle.EMPTY_ROOT).hex(),
        len(read["hashes"]) // HASH_BYTES,
        len(read["digests"]) // HASH_BYTES,
        salt_commitment(salt).hex(),
    )
    return Manifest(head, salt, read["leaves"], levels, read["digests"])


def results_file(analytics: Analytics) -> Iterator[bytes]:
    """Give the file of the results (`results.encode_results`) in pieces."""
    yield from analytics.stream_bytes(_RESULTS_FILE.substitute(utf8=analytics.dialect.utf8.format("result || chr(10)")))


def _head(analytics: Analytics, query: str, rows: int, secret: bytes) -> ManifestHead:
    root, leaves = flat_tree.root_of_stream(analytics.stream_bytes(query))
    return ManifestHead(root.hex(), leaves, rows, salt_commitment(key_salt_of(secret)).hex())


def steps(dialect: Dialect) -> tuple[Step, ...]:
    """Return the statements that make `bound_row(line, digest, result, result_leaf, cleared)` and
    `leaf(record, hash, cleared)`."""
    sha256, utf8 = dialect.sha256.format, dialect.utf8.format
    eight_bytes = "unhex(lpad(hex(m.line), 16, '0'))"
    text = "'{\"codes\":[' || codes || '],\"line\":' || CAST(line AS STRING) || ',\"media\":\"' || media || '\"}'"
    row_digest = sha256(f"unhex('{ROW_DOMAIN.hex()}') || row_salt || {utf8(text)}")
    listed = dialect.joined.format(dialect.listed.format(text=json_text("code", dialect), keys="code"), "'\",\"'")
    return (
        Step("salt", "SELECT unhex(key_hex) AS of_keys, unhex(row_hex) AS of_rows FROM salt_hex"),
        Step("bound_code", f"SELECT line, '\"' || {listed} || '\"' AS codes FROM manifest_code GROUP BY line"),  # noqa: S608
        Step(
            "bound_row",
            _ROW.substitute(
                row_digest=row_digest,
                row_salt=sha256(f"x.of_rows || {eight_bytes}"),
                result_leaf=sha256(f"unhex('00') || digest || {utf8('result')}"),
                codes=f"CASE WHEN m.code = '' THEN '' ELSE '\"' || {json_text('m.code', dialect)} || '\"' END",
                media=" ".join(f"WHEN {number} THEN '{name}'" for name, number in MEDIA.items()),
                statuses=" ".join(f"WHEN {number} THEN '{name}'" for number, name in enumerate(STATUSES)),
            ),
        ),
        Step(
            "leaf",
            _LEAF.substitute(key_hash=sha256(f"x.of_keys || {utf8('k.key')}"), hash=sha256("unhex('00') || record")),
        ),
    )


def json_text(column: str, dialect: Dialect) -> str:
    """Return the expression of a text as it stands between the quotes of a JSON string."""
    written = f"replace({column}, chr(92), chr(92) || chr(92))"
    for sign, escape in _ESCAPES.items():
        if sign != "\\":
            text = escape.replace("\\", "").replace('"', "' || chr(34) || '")
            written = f"replace({written}, chr({ord(sign)}), chr(92) || '{text}')"
    return f"CASE WHEN {dialect.contains.format(column, _NOT_PLAIN)} THEN {written} ELSE {column} END"


_ROW: Final = Template("""
SELECT line, digest, result, $result_leaf AS result_leaf, cleared, subject, code
FROM (SELECT line, $row_digest AS digest, cleared, subject, code,
        '[' || CAST(line AS STRING) || ',"' || status || '",' || first || ']' AS result
      FROM (SELECT m.line, m.code, $row_salt AS row_salt, a.subject, a.status = 0 AS cleared,
              CASE WHEN m.code IS NULL THEN c.codes ELSE $codes END AS codes,
              CASE m.media $media END AS media, CASE a.status $statuses END AS status,
              CASE WHEN a.first = 0 THEN 'null' ELSE CAST(a.first AS STRING) END AS first
            FROM manifest AS m JOIN answer AS a ON a.line = m.line
            LEFT JOIN bound_code AS c ON c.line = m.line CROSS JOIN salt AS x) AS salted) AS digested
""")
# A subject that a row carries among its codes stands once.
_LEAF: Final = Template("""
SELECT record, $hash AS hash, cleared
FROM (SELECT $key_hash || k.digest AS record, k.cleared
      FROM (SELECT digest, cleared, code AS key FROM bound_row WHERE code <> ''
            UNION ALL SELECT r.digest, r.cleared, c.code FROM bound_row AS r JOIN manifest_code AS c ON c.line = r.line
            UNION ALL SELECT digest, cleared, 'line:' || CAST(line AS STRING) FROM bound_row
                      WHERE code = '' AND subject = 0
            UNION ALL SELECT r.digest, r.cleared, s.text FROM bound_row AS r JOIN subject AS s ON s.subject = r.subject
                      LEFT JOIN manifest_code AS c ON c.line = r.line AND c.code = s.text
                      WHERE c.line IS NULL AND (r.code IS NULL OR r.code <> s.text)) AS k
      CROSS JOIN salt AS x) AS recorded
""")
_COUNTS: Final = "SELECT count(*), count(CASE WHEN cleared THEN 1 END) FROM bound_row"
_LEAVES: Final = "SELECT hash FROM leaf ORDER BY record"
_CLEARED: Final = "SELECT hash FROM leaf WHERE cleared ORDER BY record"
_RESULT_LEAVES: Final = "SELECT result_leaf FROM bound_row ORDER BY line"
_RESULTS_FILE: Final = Template("SELECT $utf8 AS text FROM bound_row ORDER BY line")
