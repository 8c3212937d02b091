"""Real catalogues through the wizard: the mapping proposed is sensible, and every row is accounted for.

Skips without ../shared/data.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cantoria.formats import sheet
from cantoria.formats.entries import Entry, Outcome
from cantoria.formats.sheet import Kind, Mapping
from cantoria.kernel.errors import InputError

DATA = Path(__file__).parents[3] / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data")


def proposed(path: Path) -> Mapping:
    with path.open("rb") as stream:
        return sheet.suggest_for(stream, file=path.name)[0]


def read(path: Path, mapping: Mapping) -> list[Entry]:
    with path.open("rb") as stream:
        return list(sheet.read(stream, file=path.name, mapping=mapping))


@pytest.mark.parametrize(
    ("name", "kind", "columns", "outcomes"),
    [
        (
            "streams_2024.csv",
            Kind.RECORDINGS,
            {"title": ("Track",), "artist": ("Artist",), "isrc": ("ISRC",), "release": ("Album Name",)},
            {Outcome.REGISTER: 4_598, Outcome.DUPLICATE: 2},
        ),
        (
            "releases.csv",
            Kind.RELEASES,
            {"key": ("id",), "title": ("album",)},
            {Outcome.REGISTER: 2_287, Outcome.REFUSED: 2},
        ),
        (
            "tracks.csv",
            Kind.RECORDINGS,
            {
                "key": ("id", "disc", "track"),
                "title": ("title",),
                "artist": ("trackartist",),
                "duration": ("duration",),
                "release_key": ("id",),
            },
            {Outcome.REGISTER: 21_427, Outcome.REFUSED: 20, Outcome.DUPLICATE: 55},
        ),
    ],
)
def test_a_real_catalogue_is_mapped_and_every_row_accounted_for(
    name: str, kind: Kind, columns: dict[str, tuple[str, ...]], outcomes: dict[Outcome, int], catalogue: Path
) -> None:
    mapping = proposed(catalogue / name)
    assert (mapping.kind, dict(mapping.columns)) == (kind, columns)
    entries = read(catalogue / name, mapping)
    with (catalogue / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert len(entries) == len(rows)
    assert Counter(entry.outcome for entry in entries) == outcomes
    findings = sum(len(entry.findings) for entry in entries if entry.outcome is not Outcome.REGISTER)
    assert findings == len(rows) - outcomes[Outcome.REGISTER]
    texts = [line.split("\n")[0] for line in (catalogue / name).read_text("utf-8").splitlines()]
    for entry in entries[:: max(1, len(entries) // 200)]:
        said = [*(one.title for one in entry.recordings), *(one.title for one in entry.releases if one.title)]
        assert all(title.split('"')[0] in texts[entry.line - 1] for title in said)


def test_the_same_catalogue_as_a_workbook_says_the_same(catalogue: Path) -> None:
    from openpyxl import Workbook

    path = catalogue / "streams_2024.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    book = Workbook(write_only=True)
    page = book.create_sheet("2024")
    for row in rows:
        page.append(row)
    packed = io.BytesIO()
    book.save(packed)
    packed.seek(0)
    mapping, _ = sheet.suggest_for(packed, file="streams.xlsx")
    packed.seek(0)
    from_book = list(sheet.read(packed, file="streams.xlsx", mapping=mapping))
    from_text = read(path, proposed(path))
    assert [entry.recordings for entry in from_book] == [entry.recordings for entry in from_text]
    assert [entry.line for entry in from_book] == [entry.line for entry in from_text]


def test_a_table_of_other_things_is_not_taken_for_a_catalogue(catalogue: Path) -> None:
    with pytest.raises(InputError):
        proposed(catalogue / "isrc_prefixes.csv")


def test_a_real_catalogue_is_imported_from_the_command_line(catalogue: Path, cli: Any, tmp_path: Path) -> None:
    cli(tmp_path, "ledger", "init", "--origin", "real.example/sheets")
    cli(tmp_path, "organisation", "admit", "registrar", "--in", "registrar", "--in", "cmo")
    path = str(catalogue / "streams_2024.csv")
    shown = cli(tmp_path, "import", "sheet", path, "--suggest", "--save", str(tmp_path / "m.json"))
    assert shown["columns"]["isrc"] == "ISRC"
    done = cli(tmp_path, "import", "sheet", path, "--mapping", str(tmp_path / "m.json"))
    assert (done["received"], done["registered"], done["duplicate"], done["findings"]) == (4_600, 4_598, 2, 2)
    assert done["facts"]["recording-registered"] == 4_598
    again = cli(tmp_path, "import", "sheet", path, "--mapping", str(tmp_path / "m.json"), "--preview")
    assert again["counts"] == {"same": 200}
