"""`cantoria import sheet`: proposed, asked about, previewed, kept, read in; scriptable throughout."""

from __future__ import annotations

import io
import json
from pathlib import Path
from unittest import mock

import pytest
from tests.e2e.shell import Done, Stage, good

from cantoria.testing.table_files import as_csv, as_xlsx

ROWS = [
    ["Song Name", "Singer", "ISRC", "Length", "ID"],
    ["Spring Rain", "Bo Kim", "KRA381900123", "3:45", "R1"],
    ["First Snow", "Bo Kim", "KRA381900777", "2:59", "N1"],
    ["", "Nobody", "KRA381900778", "1:00", "N2"],
    ["=1+1", "\x1b[31mRed", "KRA381900779", "1:00", "N3"],
]


@pytest.fixture
def table(stage: Stage) -> Path:
    path = stage.folder / "songs.csv"
    path.write_bytes(as_csv(ROWS[:4]))
    return path


def sheet(stage: Stage, *args: object) -> Done:
    return stage.run("--as", "authors", "import", "sheet", *args)


def test_what_is_proposed_can_be_kept_and_changed(stage: Stage, table: Path) -> None:
    done = good(stage.run("--json", "--as", "authors", "import", "sheet", table, "--suggest", "--save", "m.json"))
    columns = {"key": "ID", "title": "Song Name", "artist": "Singer", "duration": "Length", "isrc": "ISRC"}
    assert done.value["columns"] == columns
    assert json.loads((stage.folder / "m.json").read_text()) == done.value
    changed = ("--set", "duration=", "--set", "version==live", "--set", "key=Singer", "--set", "key=Song Name")
    again = good(stage.run("--json", "--as", "authors", "import", "sheet", table, "--suggest", *changed)).value
    assert again["columns"]["key"] == ["Singer", "Song Name"]
    assert "duration" not in again["columns"]
    assert again["constants"] == {"version": "live"}
    drawn = good(sheet(stage, table, "--suggest")).out
    assert "Song Name" in drawn
    assert "First Snow" in drawn


def test_a_preview_shows_what_would_change_and_records_nothing(stage: Stage, table: Path) -> None:
    size = stage.size()
    done = good(stage.run("--json", "--as", "authors", "import", "sheet", table, "--preview"))
    changed, new, refused = done.value["rows"]
    assert (changed["line"], changed["state"]) == (2, "changed")
    assert {"field": "duration", "old": "", "new": "225 s"} in changed["changes"]
    assert all(change["field"] != "title" for change in changed["changes"])
    assert (new["state"], refused["state"]) == ("new", "refused")
    drawn = good(sheet(stage, table, "--preview")).out
    assert "First Snow" in drawn
    assert stage.size() == size
    assert good(stage.run("--json", "--as", "authors", "import", "sheet", table, "--preview", "--rows", 1)).value[
        "counts"
    ] == {"changed": 1}


def test_what_a_stranger_wrote_gives_no_orders_to_the_terminal(stage: Stage) -> None:
    (stage.folder / "odd.csv").write_bytes(as_csv([ROWS[0], [*ROWS[4][:1], "[red]Red[/red]", *ROWS[4][2:]]]))
    for option in ("--preview", "--suggest"):
        done = good(sheet(stage, "odd.csv", option))
        assert "\x1b" not in done.out
        assert "[red]Red[/red]" in done.out


def test_nothing_is_read_in_by_a_mapping_that_nobody_saw(stage: Stage, table: Path) -> None:
    refused = sheet(stage, table)
    assert refused.code == 2
    assert "--yes" in refused.err
    size = stage.size()
    done = sheet(stage, table, "--yes", "--findings", "findings.csv")
    assert done.code == 1  # a row was refused
    assert stage.size() > size
    assert "songs.csv,4,1,error,title" in (stage.folder / "findings.csv").read_text()
    again = good(stage.run("--json", "--as", "authors", "import", "sheet", table, "--preview")).value["counts"]
    assert again == {"same": 2, "refused": 1}


def test_a_sheet_of_a_workbook_is_named(stage: Stage) -> None:
    (stage.folder / "book.xlsx").write_bytes(as_xlsx(ROWS[:3], sheet="Songs"))
    done = good(stage.run("--json", "--as", "authors", "import", "sheet", "book.xlsx", "--sheet", "Songs", "--suggest"))
    assert done.value["sheet"] == "Songs"
    assert sheet(stage, "book.xlsx", "--sheet", "Other", "--suggest").code == 2
    good(sheet(stage, "book.xlsx", "--yes"))


@pytest.mark.parametrize(
    "wrong",
    [
        ("--kind", "songs", "--suggest"),
        ("--set", "title", "--yes"),
        ("--set", "colour=Singer", "--yes"),
        ("--set", "title=Nothing", "--yes"),
        ("--mapping", "songs.csv"),
    ],
)
def test_wrong_usage_ends_with_one_line(stage: Stage, table: Path, wrong: tuple[str, ...]) -> None:
    done = sheet(stage, table, *wrong)
    assert done.code == 2
    assert "Traceback" not in done.err


class Person(io.StringIO):
    """What a person types at a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_person_is_asked_field_by_field_and_sees_a_preview(stage: Stage, table: Path) -> None:
    size = stage.size()
    fields = 14  # of recordings; the second is the title, the fifth the duration
    answers = ["", "1", "", "", "-", "", "no such column", *[""] * (fields - 7), "n"]
    with mock.patch("sys.stdin", Person("\n".join(answers) + "\n")):
        done = good(sheet(stage, table, "--save", "m.json"))
    kept = json.loads((stage.folder / "m.json").read_text())
    assert kept["columns"] == {"key": "ID", "title": "Song Name", "artist": "Singer", "isrc": "ISRC"}
    assert "no column is called" in done.err
    assert "First Snow" in done.out
    assert stage.size() == size
    with mock.patch("sys.stdin", Person("\n" * fields + "y\n")):
        assert sheet(stage, table).code == 1
    assert stage.size() > size


def test_a_preview_of_works_compares_their_holders(stage: Stage) -> None:
    head = ["Work ID", "ID", "Work Title", "Writer", "Writer ID", "Role", "Mechanical share"]
    rows = [["x", "W1", "First Snow", "Ada Molina", "ADA", "C", "60"], ["x", "W2", "Sea", "Bo Kim", "BO", "A", "100"]]
    (stage.folder / "works.csv").write_bytes(as_csv([head, *rows]))

    def states() -> list[tuple[str, list[str]]]:
        shown = good(stage.run("--json", "--as", "authors", "import", "sheet", "works.csv", "--preview")).value
        assert shown["mapping"]["kind"] == "works"
        return [(row["state"], [change["field"] for change in row["changes"]]) for row in shown["rows"]]

    assert [state for state, _ in states()] == ["new", "new"]
    good(sheet(stage, "works.csv", "--yes"))
    assert states() == [("same", []), ("same", [])]
    rows[0][-1] = "50"
    (stage.folder / "works.csv").write_bytes(as_csv([head, *rows]))
    assert states() == [("changed", ["holders"]), ("same", [])]
