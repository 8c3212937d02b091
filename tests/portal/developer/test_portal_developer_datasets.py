"""Datasets in the portal: a manifest becomes a certificate, its rows are found again, and nobody else sees them."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cantoria.app.access.permissions import Role
from cantoria.app.clearing import answer_row
from cantoria.clearance import Row
from cantoria.clearance.results import decode_results
from cantoria.sdk.verify import verify_bundle

PAGES = ("/datasets", "/datasets/new", "/requests", "/developers")


def test_pages_are_lawful_and_in_three_languages(onlooker, lawful):
    for path in PAGES:
        for language in ("en", "ko", "es"):
            html = onlooker.site.get(path, params={"lang": language})
            lawful(html)
            assert f'<html lang="{language}"' in html
    onlooker.site.client.cookies.clear()


def test_a_manifest_becomes_a_certificate_whose_proof_and_rows_hold(developer, lawful):
    value = developer.clear(title="Autumn set", model="Boreal")
    assert value["state"] == "cleared", value["failure"]
    cleared = value["cleared"]
    assert sum(cleared["counts"].values()) == cleared["rows"] == 200
    assert cleared["counts"]["cleared"] > 0
    site = developer.site
    proof = site.client.get(f"/datasets/{value['dataset']}/certificate")
    house = site.house()
    vkey = (site.home / "log.vkey").read_text().strip()
    assert verify_bundle(proof.content, vkey=vkey).body["certificate"] == cleared["certificate"]
    house.index.catch_up()
    [said] = list(house.index.about([cleared["certificate"]], tags=[401]))
    assert said.fact.request.licensee == developer.party
    assert said.fact.title == "Autumn set"
    kept = decode_results(house.attachments.get(said.fact.results.sha256))
    table = pq.read_table(io.BytesIO(site.client.get(f"/datasets/{value['dataset']}/results").content))
    assert table["status"].to_pylist() == [one.status.value for one in kept]
    for row in table.slice(0, 12).to_pylist():
        answer = answer_row(house, Row(row["line"], tuple(row["codes"]), "recording"), said.fact.request)
        assert answer.status.value == row["status"]
    house.close()
    lawful(site.get(f"/datasets/{value['dataset']}"))
    assert value["dataset"] in [one["dataset"] for one in site.json("/datasets")["datasets"]]


def test_rows_are_paged_by_line_and_filtered(developer):
    value = developer.clear(label="true", licensee_class=["research", "small"], offer="KRW 2000")
    path, counts = f"/datasets/{value['dataset']}/rows", value["cleared"]["counts"]
    seen, after = [], 0
    while after is not None:
        page = developer.site.json(f"{path}?limit=37&after={after}")
        seen += page["rows"]
        after = page["next"]
    assert [one["line"] for one in seen] == sorted({one["line"] for one in seen})
    assert Counter(one["status"] for one in seen) == Counter({k: n for k, n in counts.items() if n})
    for status in ("cleared", "denied"):
        found = developer.site.json(f"{path}?status={status}&limit=200")["rows"]
        assert [one["line"] for one in found] == [one["line"] for one in seen if one["status"] == status]
    silent = developer.site.json(f"{path}?reason=silent&limit=200")["rows"]
    assert silent == [one for one in seen if "silent" in one["reasons"]]
    code = seen[3]["codes"][0].partition(":")[2].lower()
    assert seen[3] in developer.site.json(f"{path}?text={code}")["rows"]
    askable = developer.site.json(f"{path}?status=askable&limit=200")["rows"]
    assert 0 < len(askable) == value["cleared"]["unlock"]["waiting"]
    assert all(one["missing"] for one in askable)
    assert developer.site.json(f"{path}?text=no-such-text")["rows"] == []
    for row in (*askable[:4], *(one for one in seen if one["status"] == "cleared")):
        why, _, question = row["href"].partition("?")
        assert developer.site.json(f"{why}?{question}")["status"] == row["status"]  # the veto view says the same
    html = developer.site.get(f"{path}?status=askable")
    assert "/clearance?use=train_generative&amp;licensee=party_" in html
    developer.site.json(f"{path}?status=sideways", status=400)


def test_csv_of_the_results_holds_no_formula(developer):
    rows = 'line,isrc,own\n1,,"=1+1"\n2,,"@SUM(A1)"\n3,USAAA2400001,\n'
    value = developer.clear(rows.encode(), despite="true")
    assert value["state"] == "cleared", value
    text = developer.site.client.get(f"/datasets/{value['dataset']}/results?form=csv").text
    for row in csv.reader(io.StringIO(text)):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in row)
    developer.site.get(f"/datasets/{value['dataset']}")


def test_faulty_rows_are_shown_by_line_and_column_before_anything_is_certified(developer):
    rows = "line,isrc\n1,KRA381900123\n1,KRA381900124\n2,not a code\n"
    value = developer.clear(rows.encode())
    assert value["state"] == "checked"
    assert value["cleared"] is None
    [error] = [one for one in value["findings"] if one["severity"] == "error"]
    assert error["line"] == 3
    assert any(one["line"] == 4 and one["column"] == 2 for one in value["findings"])
    assert "Clear it without these rows" in developer.site.get(f"/datasets/{value['dataset']}")
    where = developer.post(f"/datasets/{value['dataset']}/despite")
    again = developer.wait(where)
    assert again["state"] == "cleared"
    assert again["cleared"]["rows"] == 2
    assert again["refused"] == 1
    developer.post(f"/datasets/{again['dataset']}/despite", status=400)


def test_a_kept_manifest_serves_another_use_and_place(developer):
    first = developer.clear()
    made = developer.site.post(
        "/datasets/new",
        {"kept": first["dataset"], "use": ["analyse", "train_nongenerative"], "training_place": "KR", "days": "30"},
    )
    assert made.headers["location"].partition("?")[0] == "/datasets"
    names = [one["dataset"] for one in developer.site.json("/datasets")["datasets"]][:2]
    found = [developer.wait(f"/datasets/{name}") for name in names]
    assert {one["asked"]["use"] for one in found} == {"analyse", "train_nongenerative"}
    assert all(one["cleared"]["rows"] == 200 and one["asked"]["training_place"] == "KR" for one in found)


def test_datasets_that_commands_cleared_are_there_too(onlooker, lawful):
    listed = onlooker.site.json("/datasets")["datasets"]
    assert {one["dataset"] for one in listed} == set(onlooker.certificates)
    name = onlooker.certificates[0]
    value = onlooker.site.json(f"/datasets/{name}")
    rows = onlooker.site.json(f"/datasets/{name}/rows?limit=200")["rows"]
    assert Counter(one["status"] for one in rows) == Counter({k: n for k, n in value["cleared"]["counts"].items() if n})
    lawful(onlooker.site.get(f"/datasets/{name}"))
    onlooker.site.post(f"/datasets/{name}/again", {}, status=400)  # its manifest is not here


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("m.csv", b"", "no manifest"),
        ("m.exe", b"MZ", "is no manifest"),
        ("../../etc/passwd", b"x", "is no manifest"),
        ("m.csv", b"\n" * 10_000_000, "more than 2,000,000 lines"),
        ("m.jsonl", b"{}\n" * 10_000_000, "more than 2,000,000 lines"),
    ],
)
def test_what_is_no_manifest_is_refused_at_the_door(developer, name, data, told):
    fields = {"csrf": developer.site.doorman.token(developer.site.doorman.is_now), **developer.wanted}
    found = developer.site.client.post("/datasets/new.json", data=fields, files={"file": (name, data)})
    assert found.status_code == 400, found.text
    assert told in found.json()["detail"]


def _nested() -> bytes:
    out = io.BytesIO()
    deep = pa.array([{"a": [{"b": 1}]}, None], pa.struct([("a", pa.list_(pa.struct([("b", pa.int64())])))]))
    pq.write_table(pa.table({"isrc": deep, "line": pa.array([[1], [2]], pa.list_(pa.int64()))}), out)
    return out.getvalue()


def _other_columns() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"song": ["a", "b"]}), out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "states"),
    [
        ("m.csv", b"line,isrc\n", {"failed"}),
        ("m.csv", bytes(range(256)) * 40, {"failed", "checked", "cleared"}),
        ("m.parquet", b"PAR1 junk PAR1", {"failed"}),
        ("m.parquet", _nested(), {"failed", "checked", "cleared"}),
        ("m.parquet", _other_columns(), {"failed", "checked", "cleared"}),
        ("m.jsonl", b"[" * 100_000, {"failed"}),
        ("m.jsonl", b'{"isrc": ' + b"9" * 10_000 + b"}\n", {"failed", "checked", "cleared"}),
    ],
)
def test_hostile_manifests_end_in_a_told_refusal_and_clear_nothing(developer, name, data, states):
    value = developer.clear(data, name)
    assert value["state"] in states
    if value["state"] == "failed":
        assert value["failure"]["message"]
        assert "defect" not in value["failure"]["message"]
    if value["cleared"]:
        assert value["cleared"]["counts"]["cleared"] == 0
    developer.site.get(f"/datasets/{value['dataset']}")


def test_a_title_is_never_markup(developer, lawful):
    value = developer.clear(b"line,isrc\n1,KRA381900123\n", "m.csv", title="<script>alert(1)</script>{{7*7}}")
    html = developer.site.get(f"/datasets/{value['dataset']}")
    lawful(html)
    assert "&lt;script&gt;" in html


def test_another_organisation_sees_nothing_of_it(developer):
    value = developer.clear()
    name = value["dataset"]
    ways = ("", "/rows", "/progress", "/certificate", "/results")
    developer.other_comes()
    for known in (name, value["cleared"]["certificate"]):
        for way in ways:
            developer.site.json(f"/datasets/{known}{way}", status=404)
            developer.site.get(f"/datasets/{known}{way}", status=404)
        for way in ("/again", "/ask", "/despite"):
            developer.post(f"/datasets/{known}{way}", status=404)
    assert name not in json.dumps(developer.site.json("/datasets"))
    fields = {"use": "analyse", "markets": "KR", "kept": name}
    developer.post("/datasets/new", fields, status=404)
    for role in (Role.PERSON, Role.FINANCE, Role.RIGHTS):
        developer.site.become(role, party=developer.party, organisation="dev-boreal")
        developer.site.json(f"/datasets/{name}", status=403)
    developer.site.become()
    developer.site.json(f"/datasets/{name}", status=401)
    developer.site.json("/datasets", status=401)
    # somebody whose account names a party that its organisation is not
    developer.site.become(Role.DEVELOPER, party=developer.party, organisation="dev-mirinae")
    developer.post(
        "/datasets/new", {"use": "analyse", "markets": "KR", "file": "line,isrc\n1,KRA381900123\n"}, status=403
    )


def test_what_cannot_be_asked_is_refused_before_a_job_is_made(developer):
    for wrong in (
        {"use": "train"},
        {"use": []},
        {"markets": ""},
        {"markets": "Atlantis"},
        {"use": "advertise"},
        {"offer": "a lot"},
        {"aftermath": "forget"},
        {"days": "0"},
        {"person": "nobody at all"},
    ):
        fields = {**developer.wanted, "file": "line,isrc\n1,KRA381900123\n", **wrong}
        found = developer.site.client.post(
            "/datasets/new.json", json={"csrf": developer.site.doorman.token(developer.site.doorman.is_now), **fields}
        )
        assert found.status_code in (400, 422), (wrong, found.text)
    assert len(developer.site.json("/datasets")["datasets"]) == len(developer.certificates)
