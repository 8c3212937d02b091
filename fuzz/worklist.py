"""Korean work lists: whatever the bytes, each work is one entry with one outcome; only `InputError` refuses a file."""

from __future__ import annotations

import io
from collections.abc import Iterator

from cantoria.formats import worklist
from cantoria.formats.entries import Outcome
from cantoria.kernel.errors import InputError
from cantoria.testing import table_files


def one(data: bytes) -> None:
    """Read a list."""
    try:
        for entry in worklist.read(io.BytesIO(data), file="fuzz"):
            if entry.outcome is Outcome.REFUSED and not entry.findings:
                raise AssertionError("a work was refused without a reason")
            if any(
                share.share is not None and not 0 <= share.share <= 1 for work in entry.works for share in work.shares
            ):
                raise AssertionError("a share is not between nothing and the whole")
    except InputError:
        return


def seeds() -> Iterator[bytes]:
    """Give small lists in each encoding and form."""
    rows = table_files.work_list(3)
    yield table_files.as_csv(rows)
    yield table_files.as_csv(rows, encoding="cp949")
    yield table_files.as_csv(rows, encoding="utf-8-sig", separator="\t")
    yield table_files.as_xlsx(rows)
    wide = ["저작물코드", "곡명", "작곡자1", "작곡자1 코드", "작곡자1 공연권", "작곡자1 복제권", "작사자1", "편곡"]
    yield table_files.as_csv([wide, ["100000000001", "봄비", "김민지", "W1", "50", "50", "이", "가, 나"]])
