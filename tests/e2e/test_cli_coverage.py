"""`cantoria coverage`: the map counts what `dataset clear` answers, and a plan's yeses open what it says."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from tests.e2e.shell import ASK, Stage, good, run_here


def test_the_map_is_data_a_table_and_a_picture(stage: Stage) -> None:
    asked = ("coverage", "map", "manifest.csv", "--licensee", "sonara", "--in", "KR ES")
    found = good(stage.run("--json", *asked, "--use", "train_generative", "--svg", "c.svg")).value
    assert found["rows"] == 3
    assert [(cell["use"], cell["territory"]) for cell in found["cells"]] == [
        ("train_generative", "KR"),
        ("train_generative", "ES"),
    ]
    assert all(sum(cell["counts"].values()) == 3 for cell in found["cells"])
    cleared = stage.run("--json", "--as", "authors", "dataset", "clear", "manifest.csv", *ASK, "--dry-run").value
    assert found["cells"][0]["counts"] == cleared["counts"]
    assert found["cells"][1]["law"]["0724"]["kind"] == "not_assessed"
    assert ET.parse(stage.folder / "c.svg").getroot().get("role") == "img"
    told = good(stage.run(*asked)).out
    assert "percent cleared (licensable, denied, unknown)" in told
    assert "release_output" in told
    assert "voice" not in told  # nobody is named
    assert "only the yes of every holder clears" in told


def test_everything_registered_is_counted_without_a_file(stage: Stage) -> None:
    found = good(stage.run("--json", "coverage", "map", "--licensee", "sonara", "--in", "KR", "--use", "analyse"))
    assert found.value["rows"] == 2


def test_the_plan_names_whom_to_ask(stage: Stage) -> None:
    asked = ("coverage", "unlock", "manifest.csv", "--use", "analyse", *ASK[2:])
    found = good(stage.run("--json", *asked, "--yeses", "9")).value
    assert found["cleared"] + found["waiting"] + sum(found["blocked"].values()) == found["rows"] == 3
    assert found["opened"] == found["best"] == found["at_most"] == found["waiting"] == 1
    [move] = found["moves"]
    assert {name.partition(" [")[0] for name in move["ask"]} == {"Ada Molina", "Bo Kim", "Blue Records"}
    assert good(stage.run("--json", *asked, "--yeses", "2")).value["moves"] == []
    told = good(stage.run(*asked)).out
    assert "0 of 3 rows cleared; 1 wait for yeses only" in told
    for who in move["voices"]:
        good(stage.run("--as", "authors", "consent", "say", "yes", "--party", who, "--use", "analyse"))
    assert good(stage.run("--json", *asked)).value["cleared"] == 1


def test_what_cannot_be_read_is_refused(stage: Stage) -> None:
    for wrong in (
        ("map", "manifest.csv", "--licensee", "sonara", "--in", "KR -KR"),
        ("map", "manifest.csv", "--licensee", "sonara", "--in", "QQ"),
        ("map", "nowhere.csv", "--licensee", "sonara"),
        ("map", "manifest.csv", "--catalogue", "catalogue_x", "--licensee", "sonara"),
        ("map", "--catalogue", "catalogue_x", "--licensee", "sonara"),
        ("map", "manifest.csv", "--licensee", "sonara", "--use", "advertise"),
        ("unlock", "manifest.csv", *ASK, "--yeses", "0"),
        ("unlock", "manifest.csv", *ASK[:4]),
    ):
        assert stage.run("coverage", *wrong).code == 2, wrong


def licensee(stage: Stage) -> str:
    """The id of the developer, for those who have no house to look it up in."""
    listed = good(stage.run("--json", "organisation", "list")).value
    return next(str(one["party"]) for one in listed if one["name"] == "sonara")


def test_a_snapshot_gives_the_same_map_in_the_house_and_offline(stage: Stage, tmp_path: Path) -> None:
    good(stage.run("--as", "authors", "snapshot", "build", "public"))
    key = stage.folder / "world" / "log.vkey"
    told = {}
    for command, *ask in (("map", "--in", "KR ES", "--licensee", "sonara"), ("unlock", *ASK)):
        for source in (["manifest.csv"], []):
            asked = ["--json", "coverage", command, *source, *ask]
            by_ledger = good(stage.run(*asked)).value
            by_snapshot = good(stage.run(*asked, "--snapshot", "public")).value
            assert by_snapshot | {"size": 0} == by_ledger | {"size": 0}
            told[command, len(source)] = by_ledger
    offline = ["coverage", "map", stage.folder / "manifest.csv", "--in", "KR ES", "--licensee", licensee(stage)]
    done = good(run_here("--json", *offline, "--snapshot", stage.folder / "public", "--key", key, cwd=tmp_path))
    assert done.value["cells"] == told["map", 1]["cells"]
    refused = run_here("--json", *offline, "--snapshot", stage.folder / "public", "--map", "a=b", cwd=tmp_path)
    assert refused.code == 2


def test_a_catalogue_is_its_recordings_and_works_and_those_on_its_releases(stage: Stage) -> None:
    (stage.folder / "releases.csv").write_text("release,title,recordings\nALBUM,Album,R1|R2\n")
    (stage.folder / "catalogues.csv").write_text("catalogue,owner,member\nALL,BLUE,ALBUM\nALL,BLUE,RAIN\n")
    good(stage.run("--as", "authors", "import", "csv", "releases.csv", "catalogues.csv"))
    asked = ("--json", "coverage", "map", "--catalogue", "own:AUTHORS:ALL", "--licensee", "sonara", "--in", "KR")
    found = good(stage.run(*asked, "--use", "train_generative")).value
    assert (found["rows"], found["unnamed"]) == (3, 0)
    assert found["cells"][0]["counts"] == {"cleared": 2, "denied": 0, "licensable": 0, "unknown": 1}
