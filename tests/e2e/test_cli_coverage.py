"""`cantoria coverage`: the map counts what `dataset clear` answers, and a plan's yeses open what it says."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from tests.e2e.shell import ASK, Stage, good


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
    found = good(stage.run("--json", "coverage", "unlock", "manifest.csv", *ASK, "--yeses", "9")).value
    assert found["cleared"] + found["waiting"] + sum(found["blocked"].values()) == found["rows"] == 3
    assert found["opened"] <= found["best"] <= found["at_most"] <= found["waiting"]
    if found["moves"]:
        assert found["moves"][-1]["opened"] == found["opened"]
    told = good(stage.run("coverage", "unlock", "manifest.csv", *ASK)).out
    assert "wait for yeses only" in told


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
