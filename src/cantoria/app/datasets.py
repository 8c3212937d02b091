"""What a house keeps privately of each dataset: its rows and the secret behind its manifest.

Nothing of this is published; with it every manifest can be rebuilt, proven from, and rechecked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from cantoria.clearance import manifest as manifests
from cantoria.clearance.manifest import Manifest
from cantoria.clearance.types import Row
from cantoria.kernel import canonical
from cantoria.kernel.codec import from_json
from cantoria.kernel.errors import InputError
from cantoria.kernel.uses import Use

KeptLine: Any = tuple[int, str, tuple[str, ...], str]
RefusedLine: Any = tuple[int, str, tuple[str, ...], str, frozenset[Use]]  # of a row with a signal beside it
_SECRET: Final = re.compile(r"(?:[0-9a-f]{2})*")


@dataclass(frozen=True, slots=True)
class KeptDataset:
    """The rows of a certificate or run, what each was resolved to (by line), and the manifest's secret."""

    rows: Sequence[Row]
    secret: bytes
    subjects: Mapping[int, str] = field(default_factory=dict)

    def manifest(self) -> Manifest:
        """Return the manifest of all rows."""
        return manifests.build(self.rows, secret=self.secret, subjects=self.subjects)

    def part(self, lines: frozenset[int]) -> Manifest:
        """Return the manifest of the rows on these lines, with the same salts."""
        rows = [row for row in self.rows if row.line in lines]
        return manifests.build(rows, secret=self.secret, subjects=self.subjects)


class DatasetStore(Protocol):
    """Keeps datasets under the id of the certificate or run they belong to."""

    def keep(self, name: str, dataset: KeptDataset) -> None:
        """Keep it durably."""
        ...

    def keep_parts(self, name: str, parts: Iterable[bytes]) -> None:
        """Keep one that comes in pieces, in the form of `encode`."""
        ...

    def get(self, name: str) -> KeptDataset | None:
        """Return it, or None when it is not kept here."""
        ...


def encode(dataset: KeptDataset) -> bytes:
    """Return the dataset as JSON lines: the secret, then `[line, media, [codes], subject]` per row, and a fifth item,
    the uses that signals beside the row refuse, where there are any."""
    lines: list[Any] = [{"secret": dataset.secret.hex()}]
    for row in dataset.rows:
        kept: list[Any] = [row.line, row.media, list(row.codes), dataset.subjects.get(row.line, "")]
        lines.append([*kept, sorted(use.value for use in row.refused)] if row.refused else kept)
    return b"".join([canonical.encode(line) + b"\n" for line in lines])


def decode(data: bytes) -> KeptDataset:
    """Return the dataset in the bytes of `encode`, or raise `InputError`."""
    head, *lines = data.removesuffix(b"\n").split(b"\n")
    first = canonical.decode(head)
    if not isinstance(first, dict) or set(first) != {"secret"} or not _SECRET.fullmatch(str(first["secret"])):
        raise InputError("not a kept dataset", "clear the dataset again")
    rows, subjects = [], {}
    for text in lines:
        value = canonical.decode(text)
        form = RefusedLine if isinstance(value, list) and len(value) == 5 else KeptLine
        line, media, codes, subject, *refused = from_json(form, value, path="row")
        rows.append(Row(line, codes, media, *refused))
        if subject:
            subjects[line] = subject
    return KeptDataset(rows, bytes.fromhex(first["secret"]), subjects)
