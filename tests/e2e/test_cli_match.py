"""`cantoria match`: from two tables that name one recording twice to a decision and back."""

from __future__ import annotations

import re

from tests.e2e.shell import Stage, good

TWICE = "recording,title,artist\nR1B,SPRING RAIN,KIM Bo\n"
AUTHORS = ("--as", "authors")


def matched(stage: Stage) -> str:
    """Import a recording that is on record again, beside its live version; run; return the run's id."""
    (stage.folder / "recordings-2.csv").write_text(TWICE)
    good(stage.run(*AUTHORS, "import", "csv", "recordings-2.csv"))
    ran = good(stage.run("--json", *AUTHORS, "match", "run", "--link", "30", "--review", "1")).value
    assert ran["recorded"] is True
    assert ran["rows"] == 3
    assert (ran["capped_pairs"], ran["unreached_rows"]) == (0, 0)
    assert re.fullmatch(r"[0-9a-f]{64}", ran["attachment"])
    return str(ran["run"])


def test_match_from_a_run_to_a_decision_and_back(stage: Stage) -> None:
    run = matched(stage)
    queue = good(stage.run("--json", *AUTHORS, "match", "queue", "--band", "link")).value
    assert queue["ranked_by"] in ("nothing", "plays")
    (item,) = queue["items"]
    assert {item["left"]["title"], item["right"]["title"]} == {"Spring Rain", "SPRING RAIN"}
    assert {one["file"] for one in item["left"]["evidence"] + item["right"]["evidence"]} >= {"recordings-2.csv"}
    left, right = item["left"]["id"], item["right"]["id"]

    made = good(stage.run("--json", *AUTHORS, "match", "decide", left, right, "same", "--reason", "heard")).value
    assert made["link"].startswith("link_")
    shown = good(stage.run("--json", "match", "show", left, right)).value
    assert [one["decision"] for one in shown["decisions"]] == [made["decision"]]
    assert shown["proposal"]["run"] == run
    assert good(stage.run("--json", *AUTHORS, "match", "queue", "--band", "link")).value["total"] == 0
    assert stage.run(*AUTHORS, "match", "decide", left, right, "same").code == 2

    undone = good(stage.run("--json", *AUTHORS, "match", "undo", made["decision"])).value
    assert len(undone["facts"]) == 2
    assert good(stage.run("--json", *AUTHORS, "match", "queue", "--band", "link")).value["total"] == 1
    accepted = good(stage.run("--json", *AUTHORS, "match", "accept", run, "--from", "1")).value
    assert accepted["decided"] == 1


def test_match_keeps_a_live_version_apart(stage: Stage) -> None:
    matched(stage)
    words = good(stage.run(*AUTHORS, "match", "queue")).out
    assert "(Live)" in words
    assert "one names a version and the other does not" in words


def test_match_dry_runs_write_nothing(stage: Stage) -> None:
    size = stage.size()
    ran = good(stage.run("--json", *AUTHORS, "match", "run", "--dry-run")).value
    assert ran["recorded"] is False
    assert good(stage.run(*AUTHORS, "match", "run", "--dry-run")).out
    assert stage.size() == size
    assert stage.run(*AUTHORS, "match", "queue").code == 2, "no run, no queue"
    assert stage.run("match", "show", "isrc:KRA381900123", "isrc:KRA381900124").code == 2


def test_match_takes_tables_by_the_contract(stage: Stage) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(
        {"id": ["recording_bulk"], "title": ["spring rain"], "artist": ["Kim Bo"], "isrc": ["KRA381900123"]}
    )
    pq.write_table(table, stage.folder / "bulk.parquet")
    ran = good(stage.run("--json", *AUTHORS, "match", "run", "--table", "bulk.parquet", "--dry-run")).value
    assert ran["rows"] == 3


def test_match_reaches_the_rows_of_batches(stage: Stage) -> None:
    """Registered by thousands or one by one: what is matched, shown and decided about is the same."""
    (stage.folder / "catalogue.csv").write_text(
        "title,display_artist,isrc,duration_ms\n"
        "봄비,김민준,KRA381900200,180000\nBombi,Kim Min-jun,KRA381900201,180300\n"
    )
    good(stage.run(*AUTHORS, "bulk", "import", "catalogue.csv"))
    ran = good(stage.run("--json", *AUTHORS, "match", "run", "--link", "1", "--review", "1")).value
    assert ran["rows"] == 4
    queue = good(stage.run("--json", *AUTHORS, "match", "queue", "--band", "link")).value
    (item,) = [one for one in queue["items"] if {one["left"]["title"], one["right"]["title"]} == {"봄비", "Bombi"}]
    assert item["left"]["isrc"] != item["right"]["isrc"]
    left, right = item["left"]["id"], item["right"]["id"]
    made = good(stage.run("--json", *AUTHORS, "match", "decide", left, right, "same")).value
    assert made["link"].startswith("link_")
