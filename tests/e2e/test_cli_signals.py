"""Outside signals on the command line: read without a house, recorded, heard, taken back; hostile files end quickly."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.e2e.shell import Stage, good, run_here

GIGABYTE = 1 << 30
TDMREP = '[{"location": "/a/", "tdm-reservation": 1, "tdm-policy": "https://label.example/p"}]'
WISH = ("--use", "train_generative", "--licensee", "sonara", "--in", "KR")


def big(path: Path, begin: bytes = b"") -> Path:
    """Write a sparse file of a gigabyte."""
    with path.open("wb") as file:
        file.write(begin)
        file.truncate(GIGABYTE)
    return path


def test_a_recorded_no_is_heard_until_it_is_taken_back(stage: Stage) -> None:
    (stage.folder / "tdmrep.json").write_text(TDMREP)
    url = ("--url", "https://label.example/a/x.flac")
    assert stage.run("dataset", "explain", "isrc:KRA381900123", *WISH).code == 0
    before = stage.size()
    tried = good(stage.run("--json", "--as", "authors", "signal", "record", "--on", "isrc:KRA381900123",
                           "tdmrep.json", *url, "--dry-run"))  # fmt: skip
    assert (tried.value["recorded"], stage.size()) == (False, before)
    assert tried.value["facts"][0]["standard"] == "tdmrep"
    done = good(stage.run("--json", "--as", "authors", "signal", "record", "--on", "isrc:KRA381900123",
                          "tdmrep.json", *url))  # fmt: skip
    (signal,) = [one["signal"] for one in done.value["signals"]]
    told = stage.run("--json", "dataset", "explain", "isrc:KRA381900123", *WISH)
    assert (told.code, told.value["status"]) == (1, "denied")
    assert told.value["signals"] == [
        f"signal {signal}: tdmrep: mine refused: refuses analyse, train_generative, train_nongenerative "
        "(heard by every answer)",
        "on offer, it says: https://label.example/p TDM policy",
    ]
    assert stage.run("dataset", "recheck", stage.certificate).code == 1
    assert stage.run("--as", "sonara", "signal", "retract", signal).code == 2
    good(stage.run("--as", "authors", "signal", "retract", signal, "--because", "licence agreed"))
    assert stage.run("dataset", "explain", "isrc:KRA381900123", *WISH).code == 0
    assert stage.run("dataset", "recheck", stage.certificate).code == 0


def test_a_strangers_record_is_shown_and_changes_nothing(stage: Stage) -> None:
    header = ("--header", "X-Robots-Tag: noai")
    good(stage.run("--as", "sonara", "signal", "record", "--on", "isrc:KRA381900123", *header))
    assert stage.run("dataset", "explain", "isrc:KRA381900123", *WISH).code == 0
    shown = good(stage.run("--json", "signal", "show", "isrc:KRA381900123")).value
    assert [(one["standard"], one["tightens"]) for one in shown["signals"]] == [("noai", False)]


def test_rows_and_files_beside_a_data_set_tighten_it(stage: Stage) -> None:
    (stage.folder / "set.csv").write_text("isrc,content_usage\nKRA381900123,train-ai=n\nKRA381900123,\n")
    (stage.folder / "LICENSE").write_text("No AI training.\n")
    dry = (*WISH, "--dry-run", "--format", "csv", "--to", "dry")
    some = good(stage.run("--json", "--as", "authors", "dataset", "clear", "set.csv", *dry)).value
    assert (some["counts"]["cleared"], some["counts"]["denied"], some["signals_refusing"]) == (1, 1, 1)
    none = stage.run("--json", "--as", "authors", "dataset", "clear", "set.csv", *dry, "--beside", "LICENSE")
    assert (none.code, none.value["counts"]["denied"], none.value["signals_refusing"]) == (1, 2, 2)
    assert "clause:no-training refused" in (stage.folder / "dry" / "results.csv").read_text()


def test_a_snapshot_carries_them_and_a_clearing_by_it_hears_the_rows_own(stage: Stage) -> None:
    (stage.folder / "set.csv").write_text("isrc,content_usage\nKRA381900123,train-ai=n\nKRA381900123,\n")
    (stage.folder / "LICENSE").write_text("No AI training.\n")

    def clear(*more: str) -> dict[str, int]:
        ask = (*WISH, "--dry-run", "--format", "csv", "--to", "by-snapshot", "--snapshot", "public", *more)
        shutil.rmtree(stage.folder / "by-snapshot", ignore_errors=True)
        done = stage.run("--json", "--as", "authors", "dataset", "clear", "set.csv", *ask)
        assert done.code in (0, 1), done.err
        return {status: rows for status, rows in done.value["counts"].items() if rows}

    good(stage.run("--as", "authors", "snapshot", "build", "public"))
    assert clear() == {"cleared": 1, "denied": 1}
    assert clear("--beside", "LICENSE") == {"denied": 2}
    header = ("--header", "Content-Usage: train-ai=n")
    good(stage.run("--as", "authors", "signal", "record", "--on", "isrc:KRA381900123", *header))
    good(stage.run("--as", "authors", "snapshot", "refresh", "public"))
    assert clear() == {"denied": 2}


def test_what_is_published_is_read_as_it_was_meant(stage: Stage) -> None:
    contact = ("--contact", "https://label.example/licence")
    for form, name in (("odrl", "p.json"), ("rsl", "license.xml"), ("tdmrep", "tdmrep.json"), ("cawg", "m.json")):
        good(stage.run("signal", "export", "isrc:KRA381900123", "--as", form, *contact, "--in", "KR", "--to", name))
        read = good(stage.run("--json", "signal", "read", name)).value
        assert read["uses"]["input"]["verdict"] == ("not_refused" if form == "tdmrep" else "refused")
        training = good(stage.run("--json", "signal", "export", "isrc:KRA381900123", "--as", form, "--in", "KR")).value
        assert training["stances"]["train_generative"] == "allowed"
        assert training["stances"]["analyse"] == "refused"
    line = good(stage.run("signal", "export", "isrc:KRA381900123", "--as", "aipref", "--in", "KR")).out
    assert line == "Content-Usage: train-ai=n\n"  # training that does not generate was not allowed


@pytest.mark.parametrize("name", ["tdmrep.json", "license.xml", "policy.json", "store.json"])
def test_a_file_of_a_gigabyte_is_refused_at_once(tmp_path: Path, name: str) -> None:
    kind = {"license.xml": "rsl", "policy.json": "odrl", "store.json": "manifest"}.get(name, "tdmrep")
    done = run_here("signal", "read", big(tmp_path / name, b"["), "--kind", kind, cwd=tmp_path)
    assert done.code == 2
    assert "more than" in done.err


def test_of_a_robots_txt_of_a_gigabyte_the_beginning_is_read(tmp_path: Path) -> None:
    path = big(tmp_path / "robots.txt", b"User-agent: GPTBot\nDisallow: /\n")
    done = run_here("--json", "signal", "read", path, "--use", "train_generative", cwd=tmp_path)
    assert (done.code, done.value["uses"]["train_generative"]["verdict"]) == (1, "refused")
    assert "the rest is not read" in done.err


def test_entities_and_controls_reach_nobody(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rsl><content url="&b;"/></rsl>'
    (tmp_path / "license.xml").write_text(bomb)
    done = run_here("signal", "read", "license.xml", cwd=tmp_path)
    assert done.code == 2
    assert "document type or an entity" in done.err
    (tmp_path / "tdmrep.json").write_text(json.dumps([{"location": "/\x1b[31m", "tdm-reservation": "\x1b]0;x\x07"}]))
    shown = run_here("signal", "read", "tdmrep.json", cwd=tmp_path, together=True)
    assert "\x1b" not in shown.out
