"""A snapshot by the commands: built, refreshed, carried elsewhere, cleared by offline, refused when changed."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.e2e.shell import ASK, Done, Stage, good, run_apart, run_here

from cantoria.app import snapshot_clearing
from cantoria.bootstrap.house import open_house
from cantoria.clearance.facts import DatasetCleared, SnapshotPublished

ADA = "own:AUTHORS:ADA"


def publish(stage: Stage, how: str = "build") -> dict[str, Any]:
    return dict(good(stage.run("--json", "--as", "authors", "snapshot", how, "public")).value)


def licensee(stage: Stage) -> str:
    """The id of the developer, for those who have no house to look it up in."""
    with_names = good(stage.run("--json", "organisation", "list")).value
    return next(str(one["party"]) for one in with_names if one["name"] == "sonara")


def offline(stage: Stage, folder: Path, *more: object, snapshot: str = "snapshot") -> Done:
    """Clear in a folder with nothing but a snapshot, a key and a manifest."""
    folder.mkdir(exist_ok=True)
    for name in ("manifest.csv", "world/log.vkey"):
        shutil.copy(stage.folder / name, folder / Path(name).name)
    ask = ("--use", "train_generative", "--licensee", licensee(stage), "--in", "KR")
    key = ("--snapshot", snapshot, "--key", "log.vkey", "--to", "cleared")
    return run_here("--json", "dataset", "clear", "manifest.csv", *ask, *key, *more, cwd=folder)


def test_from_the_house_to_a_developer_offline(stage: Stage, tmp_path: Path) -> None:
    first = publish(stage)
    assert (first["generation"], first["full"]) == (1, True)
    here = tmp_path / "developer"
    pulled = good(
        run_here(
            "--json",
            "snapshot",
            "pull",
            stage.folder / "public",
            here / "snapshot",
            "--key",
            stage.folder / "world" / "log.vkey",
            cwd=tmp_path,
        )
    ).value
    assert pulled["snapshot"] == first["snapshot"]
    done = offline(stage, here)
    assert done.code == 0, done.err
    assert done.value["counts"] == {"cleared": 1, "denied": 0, "licensable": 0, "unknown": 2}
    assert (done.value["snapshot"], done.value["recorded"]) == (first["snapshot"], False)
    assert "nothing was certified" in done.err
    with (here / "cleared" / "cleared.csv").open(newline="") as file:
        assert [(row["line"], row["isrc"], row["media"]) for row in csv.DictReader(file)] == [
            ("1", "KRA381900123", "recording")
        ]
    results = pq.read_table(here / "cleared" / "results.parquet").to_pylist()
    assert [(row["line"], row["status"]) for row in results] == [(1, "cleared"), (2, "unknown"), (3, "unknown")]

    good(stage.run("--as", "authors", "consent", "say", "no", "--party", ADA, "--use", "train_generative"))
    second = publish(stage, "refresh")
    assert (second["previous"], second["full"], second["generation"]) == (first["snapshot"], False, 2)
    assert 0 < len(second["new_files"]) < len(first["new_files"])
    key = stage.folder / "world" / "log.vkey"
    good(
        run_here(
            "snapshot", "delta", here / "snapshot", stage.folder / "public", "--to", "delta", "--key", key, cwd=tmp_path
        )
    )
    applied = good(
        run_here("--json", "snapshot", "apply", tmp_path / "delta", here / "snapshot", "--key", key, cwd=tmp_path)
    ).value
    assert applied["snapshot"] == second["snapshot"]
    refused = offline(stage, here)
    assert refused.code == 1, refused.err
    assert refused.value["counts"] == {"cleared": 0, "denied": 2, "licensable": 0, "unknown": 1}
    old = run_here("snapshot", "apply", stage.folder / "public", tmp_path / "none", "--key", key, cwd=tmp_path)
    assert old.code == 0


def test_a_tampered_snapshot_is_refused_with_the_name_of_the_file(stage: Stage, tmp_path: Path) -> None:
    publish(stage)
    here = tmp_path / "developer"
    here.mkdir()
    shutil.copytree(stage.folder / "public", here / "snapshot")
    key = ("--key", stage.folder / "world" / "log.vkey")
    assert good(run_here("--json", "snapshot", "verify", here / "snapshot", *key, cwd=here)).value["verified"]
    path = here / "snapshot" / "tables" / "need-000001.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    for done in (run_here("snapshot", "verify", here / "snapshot", *key, cwd=here), offline(stage, here)):
        assert done.code == 3
        assert "need-000001.parquet" in done.err
        assert not (here / "cleared").exists()


def test_without_a_key_nothing_is_believed(stage: Stage, tmp_path: Path) -> None:
    publish(stage)
    done = run_here("snapshot", "verify", stage.folder / "public", cwd=tmp_path)
    assert done.code == 2
    assert "--key log.vkey" in done.err
    other = tmp_path / "other"
    good(run_here("--home", other, "ledger", "init", "--origin", "rights.example.org/log", cwd=tmp_path))
    done = run_here("snapshot", "verify", stage.folder / "public", "--key", other / "log.vkey", cwd=tmp_path)
    assert done.code == 3


def test_what_was_published_is_on_the_ledger_once(stage: Stage) -> None:
    first = publish(stage)
    opened = open_house(stage.folder / "world")
    try:
        opened.index.catch_up()
        facts = [one.fact for one in opened.index.scan(tags=[SnapshotPublished.TYPE.tag])]
    finally:
        opened.close()
    assert [fact.snapshot for fact in facts] == [first["snapshot"]]
    assert (facts[0].as_of.size, facts[0].generation) == (first["size"], 1)


@pytest.mark.parametrize("how", ["withdraw", "say no"])
def test_a_revocation_during_a_clearance_is_heard(stage: Stage, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """A yes is taken back by another process while the rows are being decided, which nothing keeps it from: the
    certificate names the snapshot by which it was decided, tells at once, and a recheck finds the row lost."""
    made = publish(stage)
    said = good(stage.run("--json", "consent", "show", ADA)).value
    statement = next(one["statement"] for one in said if one["verdict"] == "yes")
    deciding = snapshot_clearing.decide

    def decide(*args: Any, **kwargs: Any) -> Any:
        done = deciding(*args, **kwargs)
        against = ("say", "no", "--party", ADA, "--use", "train_generative")
        words = ("withdraw", statement) if how == "withdraw" else against
        ended = run_apart("--as", "authors", "consent", *words, cwd=stage.folder)
        assert ended.code == 0, ended.err
        return done

    monkeypatch.setattr(snapshot_clearing, "decide", decide)
    ask = ("dataset", "clear", "manifest.csv", *ASK, "--title", "by snapshot", "--to", "big")
    done = stage.run("--json", "--as", "authors", *ask, "--snapshot", "public")
    assert done.code == 0, done.err
    assert done.value["recorded"]
    assert done.value["revoked_since"] == {"rows": 1, "statements": [statement]}
    assert "refresh the snapshot" in done.err
    name = done.value["certificate"]
    opened = open_house(stage.folder / "world")
    try:
        opened.index.catch_up()
        facts = {one.fact.certificate: one.fact for one in opened.index.scan(tags=[DatasetCleared.TYPE.tag])}
    finally:
        opened.close()
    fact = facts[name]
    assert (fact.snapshot, fact.as_of.size, fact.as_of.root) == (made["snapshot"], made["size"], made["root"])
    again = stage.run("--json", "dataset", "recheck", name)
    assert again.code == 1
    assert [one["line"] for one in again.value["lost"]] == [1]


def test_certificates_are_the_same_with_and_without_a_snapshot(stage: Stage) -> None:
    """Only the salts differ: the counts, reasons and statements relied on are those of the row-by-row way."""
    publish(stage)
    stage.run("--as", "authors", "dataset", "clear", "manifest.csv", *ASK, "--to", "big", "--snapshot", "public")
    small, big = (
        json.loads((stage.folder / folder / "certificate.json").read_text())["body"] for folder in ("out", "big")
    )
    for name in ("counts", "reasons", "relied", "results"):
        assert small[name] == big[name], name
    assert small["cleared"]["rows"] == big["cleared"]["rows"] == 1
    assert small["manifest"]["leaves"] == big["manifest"]["leaves"]


def test_what_is_stated_beside_a_row_is_shown_and_heard(stage: Stage) -> None:
    """A licence is shown and changes nothing; a reservation refuses its row."""
    publish(stage)
    licence = "https://creativecommons.org/licenses/by/4.0/"
    (stage.folder / "manifest.csv").write_text(
        f"line,isrc,licence,tdm_reservation\n1,KRA381900123,{licence},\n2,KRA381900123,,1\n3,KRA381900123,,\n"
    )
    rows = {}
    for name, more in (("small", ()), ("big", ("--snapshot", "public"))):
        ask = ("dataset", "clear", "manifest.csv", *ASK, "--to", name, "--dry-run")
        good(stage.run("--as", "authors", *ask, *more))
        table = pq.read_table(stage.folder / name / "results.parquet").to_pylist()
        rows[name] = [(row["line"], row["status"], row["signal"]) for row in table]
    assert rows["small"] == rows["big"]
    assert [status for _, status, _ in rows["big"]] == ["cleared", "denied", "cleared"]
    assert [bool(signal) for _, _, signal in rows["big"]] == [True, True, False]


def test_a_snapshot_of_another_time_asks_to_be_refreshed(stage: Stage) -> None:
    publish(stage)
    ask = ("dataset", "clear", "manifest.csv", *ASK, "--snapshot", "public", "--at", "2020-01-01T00:00:00Z")
    done = stage.run("--as", "authors", *ask)
    assert done.code == 2
    assert "refresh the snapshot" in done.err


@pytest.mark.parametrize(("how", "generation"), [("build", 3), ("refresh", 2)])
def test_compacting_changes_no_row(stage: Stage, how: str, generation: int) -> None:
    """A refresh that found nothing new added no generation."""
    publish(stage)
    publish(stage, how)
    made = publish(stage, "compact")
    assert made["generation"] == generation
    assert {name.partition("-")[2] for name in made["new_files"]} == {f"00000{generation}.parquet"}
    done = stage.run("--json", "--as", "authors", "dataset", "clear", "manifest.csv", *ASK, "--snapshot", "public")
    assert done.value["counts"]["cleared"] == 1


@pytest.mark.parametrize("by", [(), ("--snapshot", "public")])
def test_a_recheck_tells_the_rows_lost_the_facts_and_the_models(stage: Stage, by: tuple[str, ...]) -> None:
    """A yes is withdrawn; the run and the version made from the rows are named."""
    model = good(stage.run("--json", "--as", "sonara", "model", "register", "Compose")).value["model"]
    version = good(stage.run("--json", "--as", "sonara", "model", "version", model, "1")).value["version"]
    stage.run("--as", "sonara", "model", "train", version, "manifest.csv", "--certificate", stage.certificate)
    said = good(stage.run("--json", "consent", "show", ADA)).value
    statement = next(one["statement"] for one in said if one["verdict"] == "yes")
    size = stage.size()
    good(stage.run("--as", "authors", "consent", "withdraw", statement))
    publish(stage)
    done = stage.run("--json", "--as", "sonara", "dataset", "recheck", stage.certificate, *by)
    assert done.code == 1, done.err
    found = done.value
    [fact] = found["facts"]
    assert (fact["fact"], fact["kind"], fact["statement"]) == ("statement-withdrawn", "withdrawn", statement)
    assert fact["index"] >= size
    assert [(one["line"], one["facts"]) for one in found["lost"]] == [(1, [fact["index"]])]
    assert [one["version"] for one in found["runs"]] == [version]
    assert [(one["version"], one["remedy"]) for one in found["versions"]] == [(version, "keep")]
    assert found["validity"] == "in_force"
    recorded = stage.run("--as", "authors", "dataset", "recheck", stage.certificate, "--record", *by)
    assert "recorded as entry" in recorded.err
