"""Files in, files out: Parquet (one file or a folder) and CSV, as a stream, whole or not at all."""

from __future__ import annotations

import csv as csv_lines
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.registry.resolve import CODES_MAX
from cantoria.sdk.gate import frames
from cantoria.sdk.gate.kept import Kept
from cantoria.sdk.gate.marks import CLEARED, GateReason, reason_of, status_of
from cantoria.sdk.gate.report import Report
from cantoria.sdk.gate.rows import Codes
from cantoria.sdk.gate.vectors import marks_in

if TYPE_CHECKING:
    from cantoria.sdk.gate.gate import Gate
    from cantoria.sdk.receipts import Seal

BATCH_ROWS: Final = 65_536
CSV_ROWS: Final = 5_000
CSV_FIELD_CHARS_MAX: Final = 16 << 20
RECEIPT_KEY: Final = b"cantoria_receipt"
RECEIPT_FILE: Final = "cantoria-receipt.json"
Place = str | os.PathLike[str]


def parquet(self: Gate, source: Place, target: Place, *, seal: Seal | None = None) -> Report:
    """Write the rows of a Parquet file, or of every Parquet file in a folder, that pass; return the counts.

    `target` is a file for a file, a folder for a folder, with the same names in it. Each file carries its receipt in
    its metadata (`cantoria_receipt`); of a folder there is one for all beside them (`cantoria-receipt.json`). `seal`
    signs them. Raises `InputError` for files that cannot be read or whose cells hold more codes than rows can have.
    """
    came, went = Path(source), Path(target)
    found = sorted(came.rglob("*.parquet")) if came.is_dir() else [came]
    if not found:
        raise InputError(f"{came} has no Parquet file in it", "give a file, or a folder of *.parquet")
    if went.resolve() == came.resolve() or (came.is_dir() and came.resolve() in went.resolve().parents):
        raise InputError("the gate does not write over what it reads, nor into it", "name another target")
    whole, before = Kept(), self.report()
    for path in found:
        out = went / path.relative_to(came) if came.is_dir() else went
        out.parent.mkdir(parents=True, exist_ok=True)
        _parquet_file(self, path, out, whole=whole, seal=seal)
    report = _since(self, before)
    receipt = _receipt(self, report, kept=whole, name=went.name, seal=seal)
    beside = went / RECEIPT_FILE if came.is_dir() else went.with_name(went.name + ".receipt.json")
    _write_text(beside, receipt)
    return report


def _parquet_file(gate: Gate, source: Path, target: Path, *, whole: Kept, seal: Seal | None) -> None:
    import pyarrow.parquet as pq

    kept, before = Kept(), gate.report()
    with _reading(source) as file, _partial(target) as partial:
        _check_lists(file, source, gate)
        schema = frames.schema_out(gate, file.schema_arrow)
        with pq.ParquetWriter(partial, schema, compression="zstd") as writer:
            for batch in file.iter_batches(batch_size=BATCH_ROWS):
                passed, codes, marks = _passed(gate, batch)
                for tally in (kept, whole):
                    tally.add(codes, marks)
                if passed.num_rows:
                    writer.write_batch(passed.cast(schema) if passed.schema != schema else passed)
            receipt = _receipt(gate, _since(gate, before), kept=kept, name=target.name, seal=seal)
            writer.add_key_value_metadata({RECEIPT_KEY: receipt.encode()})


def _passed(gate: Gate, batch: Any) -> tuple[Any, Sequence[Codes], Sequence[int]]:
    """Return the rows of a batch that stay, and codes and marks of those that are cleared among others."""
    vector = marks_in(gate, batch)
    if vector is not None:
        passed = batch.filter(frames.passing(vector))
        return passed, gate.read(passed), [CLEARED] * passed.num_rows
    codes = gate.read(batch)
    marks = gate.marks(codes)
    return frames.filtered(gate, batch, marks), codes, marks


@contextmanager
def _reading(path: Path) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            yield file
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
        raise InputError(f"{path} cannot be read as Parquet: {error}", "write the file again") from error
    except (pa.ArrowMemoryError, FileNotFoundError) as error:
        raise InputError(f"{path} cannot be read: {error}", "check the path and its cells") from error
    except OSError as error:
        raise UnavailableError(f"{path}: {error}", "check the disk, then run it again") from error


def _check_lists(file: Any, path: Path, gate: Gate) -> None:
    """Refuse a file whose lists of codes are longer than rows can have, by its footer, before a cell is made."""
    names = set(gate._columns.all)
    metadata = file.metadata
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        for column in (group.column(place) for place in range(group.num_columns)):
            nested = "." in column.path_in_schema and column.path_in_schema.split(".")[0] in names
            if nested and column.num_values > max(group.num_rows, 1) * CODES_MAX:
                raise InputError(
                    f"{path}: column {column.path_in_schema} holds {column.num_values} values in {group.num_rows} rows",
                    f"a row has at most {CODES_MAX} codes; drop the column, or tell the gate others by `columns`",
                )


def csv(self: Gate, source: Place, target: Place, *, seal: Seal | None = None) -> Report:
    """Write the lines of a CSV file (UTF-8, header first) that pass; return the counts.

    A line that does not fit the header is unknown. The receipt lies beside the target (`NAME.receipt.json`).
    """
    came, went = Path(source), Path(target)
    if went.resolve() == came.resolve():
        raise InputError("the gate does not write over what it reads", "name another target")
    kept, before = Kept(), self.report()
    if csv_lines.field_size_limit() < CSV_FIELD_CHARS_MAX:
        csv_lines.field_size_limit(CSV_FIELD_CHARS_MAX)
    # Bytes that are no UTF-8 come out as they went in.
    with (
        came.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as read,
        _partial(went) as partial,
        partial.open("w", encoding="utf-8", errors="surrogateescape", newline="") as written,
    ):
        lines, out = csv_lines.reader(read), csv_lines.writer(written, lineterminator="\n")
        try:
            _csv_lines(self, lines, out, kept=kept)
        except csv_lines.Error as error:
            raise InputError(f"{came} line {lines.line_num}: {error}", "write the file as plain CSV") from error
    report = _since(self, before)
    receipt = _receipt(self, report, kept=kept, name=went.name, seal=seal)
    _write_text(went.with_name(went.name + ".receipt.json"), receipt)
    return report


def _csv_lines(gate: Gate, lines: Iterator[list[str]], out: Any, *, kept: Kept) -> None:
    header = next(lines, None)
    if not header:
        raise InputError("the file has no header", "name the columns in its first line")
    if len(set(header)) < len(header):
        raise InputError("the header names a column twice", "rename one of them")
    flagged = gate.on_unknown == "flag"
    taken = sorted({frames.STATUS, frames.REASON}.intersection(header)) if flagged else []
    if taken:
        raise InputError(f"the file has a column {taken[0]} already", "rename it: the gate writes one")
    out.writerow([*header, frames.STATUS, frames.REASON] if flagged else header)
    bad_row = int(GateReason.BAD_ROW)
    while part := list(islice(lines, CSV_ROWS)):
        fits = [len(line) == len(header) for line in part]
        full = [line if fit else [""] * len(header) for line, fit in zip(part, fits, strict=True)]
        batch: dict[str, Sequence[str]] = dict(zip(header, zip(*full, strict=True), strict=True))
        read = gate.read(batch)
        codes = [one if fit else bad_row for one, fit in zip(read, fits, strict=True)]
        marks = gate.marks(codes)
        kept.add(codes, marks)
        for line, mark in zip(part, marks, strict=True):
            if flagged and gate.keeps(mark):
                out.writerow([*line, status_of(mark).value, reason_of(mark)])
            elif mark == CLEARED:
                out.writerow(line)


def _since(gate: Gate, before: Report) -> Report:
    """Return what the gate counted since `before`."""
    now = gate.report()
    marks = {mark: rows - before.marks.get(mark, 0) for mark, rows in now.marks.items()}
    return Report({mark: rows for mark, rows in marks.items() if rows}, now.snapshot, now.request_digest)


def _receipt(gate: Gate, report: Report, *, kept: Kept, name: str, seal: Seal | None) -> str:
    from cantoria.sdk import receipts

    return json.dumps(receipts.make(gate, report, kept=kept, name=name, seal=seal), sort_keys=True, ensure_ascii=False)


@contextmanager
def _partial(target: Path) -> Iterator[Path]:
    """Give a path to write to, which takes the place of `target` once all went well, durably."""
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _write_text(path: Path, text: str) -> None:
    with _partial(path) as partial:
        partial.write_text(text + "\n", encoding="utf-8")
