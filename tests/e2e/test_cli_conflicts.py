"""Conflicts and blanket deals from the command line."""

from __future__ import annotations

from typing import Any

from tests.e2e.shell import ASK, Stage, good

R1 = "isrc:KRA381900123"
OTHER = "subject,party,role,right,share\nRAIN,BO,composer,mechanical,50\n"


def run(stage: Stage, *args: object) -> Any:
    return good(stage.run("--json", *args)).value


def over_claimed(stage: Stage) -> dict[str, Any]:
    """Another society says that Bo wrote half of what Ada wrote alone; an office keeps the register."""
    run(stage, "organisation", "admit", "rival", "--in", "publisher")
    run(stage, "organisation", "admit", "office", "--in", "registrar")
    party, song = (run(stage, "registry", "find", code)["names"][0] for code in ("own:AUTHORS:BO", "iswc:T0345246801"))
    table = OTHER.replace("RAIN", song).replace("BO", party)
    (stage.folder / "theirs").mkdir()
    (stage.folder / "theirs" / "shares.csv").write_text(table)
    run(stage, "--as", "rival", "import", "csv", "theirs/shares.csv")
    (case,) = run(stage, "cases", "list")
    found: dict[str, Any] = case
    return found


def test_a_case_is_listed_shown_answered_escalated_and_decided(stage: Stage) -> None:
    assert run(stage, "cases", "list") == []
    case = over_claimed(stage)
    name = case["case"]
    assert (case["kind"], case["stage"], case["blocks"]) == ("shares_above_whole", "claimant", True)
    assert [one["case"] for one in run(stage, "registry", "cases")] == [name]
    assert [one["case"] for one in run(stage, "cases", "list", "--about", R1)] == [name]
    assert run(stage, "cases", "list", "--kind", "link_disputed") == []
    assert stage.run("cases", "list", "--kind", "quarrel").code == 2
    answer = stage.run("--json", "dataset", "explain", R1, *ASK).value
    assert "blocking_dispute" in {one["code"] for one in answer["reasons"]}
    (stage.folder / "scan.pdf").write_bytes(b"scan")
    size = stage.size()
    said = ("--stance", "uphold", "--text", "co-written", "--file", "scan.pdf")
    assert good(stage.run("--as", "rival", "cases", "answer", name, *said, "--dry-run")).code == 0
    assert stage.size() == size
    assert run(stage, "--as", "rival", "cases", "answer", name, *said)["case"]["stage"] == "others"
    passed_on = run(stage, "--as", "rival", "cases", "escalate", name, "--reason", "no answer", "--about", R1)
    assert passed_on["case"]["stage"] == "societies"
    shown = good(stage.run("cases", "show", name)).out
    assert "co-written" in shown
    claim = case["about"][-1]
    partial = stage.run("--as", "authors", "--capacity", "registrar", "cases", "decide", name, "--outcome", "x")
    assert (partial.code, "own favour" in partial.err) == (2, True)
    (row,) = run(stage, "cases", "stats")["cases"]
    assert (row["kind"], row["cases"], row["blocked_subjects"], row["waiting"]) == ("shares_above_whole", 1, 1, {})
    assert "Kim" not in good(stage.run("cases", "stats")).out
    decided = run(stage, "--as", "office", "cases", "decide", name, "--outcome", "no proof", "--falls", claim)
    assert decided["case"] is None
    assert run(stage, "cases", "list") == []
    assert stage.run("cases", "show", name).code == 2
    assert good(stage.run("--json", "dataset", "explain", R1, *ASK)).value["status"] == "cleared"


def test_a_deal_is_shown_beside_every_answer_and_changes_none(stage: Stage) -> None:
    other = "isrc:KRA381900124"
    before = stage.run("--json", "dataset", "explain", other, *ASK)
    made = run(
        stage,
        *("--as", "authors", "deal", "register", "--label", "own:AUTHORS:BLUE", "--licensee", "sonara"),
        *("--use", "train_generative", "--scope", "present", "--own-word"),
    )
    name = made["deal"]
    assert len(made["statements"]) == 1
    reported = ("--label", "own:AUTHORS:BLUE", "--licensee", "sonara", "--use", "input", "--scope", R1)
    assert stage.run("--as", "authors", "deal", "register", *reported).code == 2, "a report has a source"
    source = ("--source", "https://press.example/deal")
    assert good(stage.run("--as", "authors", "deal", "register", *reported, *source, "--dry-run")).code == 0
    report = run(stage, "--as", "authors", "deal", "register", *reported, *source)["deal"]
    run(stage, "--as", "sonara", "deal", "contest", name, "--reason", "it was never signed")
    after = stage.run("--json", "dataset", "explain", other, *ASK)
    assert {key: value for key, value in after.value.items() if key not in ("deals", "size")} == {
        key: value for key, value in before.value.items() if key not in ("deals", "size")
    }
    (beside,) = after.value["deals"]
    assert (beside["deal"], beside["own_word"], beside["contests"][0]["concerned"]) == (name, True, True)
    assert "never signed" in stage.run("dataset", "explain", other, *ASK).out
    assert [one["deal"] for one in run(stage, "registry", "show", R1)["deals"]] == [name, report]
    assert "every other holder" in good(stage.run("registry", "show", R1)).out
    assert [one["deal"] for one in run(stage, "deal", "list", "--touching", R1)] == [name, report]
    assert "Blue Records" in good(stage.run("deal", "show", name)).out
    assert stage.run("--as", "sonara", "deal", "end", report).code == 0, "a party to it"
    ended = run(stage, "--as", "authors", "deal", "end", name, "--by", "own:AUTHORS:BLUE")
    assert ended["statements_ended"] == made["statements"]
    assert {one["deal"]: one["state"] for one in run(stage, "deal", "list")} == {name: "ended", report: "ended"}
    assert stage.run("deal", "show", "deal_none").code == 1
