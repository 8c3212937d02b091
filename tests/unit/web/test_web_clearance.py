"""Clearance over HTTP gives the answers of `decide`, and refuses what it should with a problem document."""

from __future__ import annotations

import json
import re
import socket
from collections import Counter
from dataclasses import replace

import httpx
import pytest
from jsonschema import Draft202012Validator

from cantoria import codes
from cantoria.adapters.http import serving
from cantoria.clearance import Answer, Cleared, Row, decide, explain_all
from cantoria.kernel.uses import Use
from cantoria.sdk.client import Client
from cantoria.sdk.gate.marks import status_of
from cantoria.sdk.gate.remote import RemoteJudge
from cantoria.sdk.gate.wish import Wish
from cantoria.web.shapes import AnswerShape, BatchShape


def expected(answer: Answer) -> dict[str, object]:
    reasons = () if isinstance(answer, Cleared) else answer.reasons
    return {
        "status": answer.status.value,
        "reasons": [(one.code.name.lower(), one.party, one.subject) for one in reasons],
        "texts": list(explain_all(answer)),
        "missing": [] if isinstance(answer, Cleared) else list(answer.missing),
        "because": list(answer.because) if isinstance(answer, Cleared) else [],
    }


def shown(value: dict) -> dict[str, object]:
    return {
        "status": value["status"],
        "reasons": [(one["code"], one["party"], one["subject"]) for one in value["reasons"]],
        "texts": [one["text"] for one in value["reasons"]],
        "missing": value["missing"],
        "because": value["because"],
    }


def rows_of(served) -> list[Row]:
    """Return the world's rows with codes that the API takes; it checks and stores ISRCs and ISWCs as everybody."""
    return [row for row in served.world.rows if row.codes and all(readable(code) for code in row.codes)]


def readable(code: str) -> bool:
    scheme, _, value = code.partition(":")
    return codes.module_for(scheme).is_valid(value)


def assert_problem(answer: httpx.Response, status: int) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    value = answer.json()
    assert {"type", "title", "status", "detail"} <= value.keys()
    assert value["status"] == status
    return value


def test_one_code_is_answered_as_decide_does(served) -> None:
    statuses: Counter[str] = Counter()
    rows = [row for row in rows_of(served) if len(row.codes) == 1]
    assert rows
    for use in (Use.TRAIN_GENERATIVE, Use.ANALYSE, Use.INPUT):
        for row in rows:
            request = replace(served.request, use=use)
            answer = served.http.get(
                f"/v1/clearance/{row.codes[0]}", params={**served.params(request), "media": row.media}
            )
            assert answer.status_code == 200, answer.text
            value = answer.json()
            AnswerShape.model_validate(value)
            assert shown(value) == expected(decide(row, request, rights=served.rights))
            assert value["snapshot"] == served.desk.served.id
            assert value["as_of"]["size"] == request.size
            assert value["as_of"]["root"] == served.desk.served.head.root
            assert value["law"]
            statuses[value["status"]] += 1
    assert statuses


def test_a_batch_is_answered_row_by_row(served) -> None:
    rows = rows_of(served)
    body = {
        "request": served.body(),
        "rows": [{"codes": list(row.codes), "media": row.media} for row in rows],
    }
    answer = served.http.post("/v1/clearance", json=body)
    assert answer.status_code == 200, answer.text
    for row, found in zip(rows, answer.json()["answers"], strict=True):
        assert shown(found) == expected(decide(row, served.request, rights=served.rights))


def test_a_signal_beside_a_row_tightens_its_answer(served) -> None:
    row = next(row for row in rows_of(served) if row.media == "recording")
    rows = [{"codes": list(row.codes)}, {"codes": list(row.codes), "refused": ["train_generative", "analyse"]}]
    body = {"request": served.body(), "rows": rows}
    plain, tight = served.http.post("/v1/clearance", json=body).json()["answers"]
    tightened = replace(row, refused=frozenset({Use.TRAIN_GENERATIVE, Use.ANALYSE}))
    assert shown(plain) == expected(decide(row, served.request, rights=served.rights))
    assert shown(tight) == expected(decide(tightened, served.request, rights=served.rights))
    assert "signal_refuses" in [one["code"] for one in tight["reasons"]]
    wrong = {"request": served.body(), "rows": [{"codes": [], "refused": ["everything"]}]}
    assert_problem(served.http.post("/v1/clearance", json=wrong), 422)


def test_the_client_of_the_sdk_is_understood(served) -> None:
    rows = [row for row in rows_of(served) if row.media == "recording"]
    with Client(served.address) as client:
        found = client.clearances([row.codes for row in rows], request=served.body())
        for row, value in zip(rows, found, strict=True):
            assert shown(value) == expected(decide(row, served.request, rights=served.rights))
        head = client.get("/v1/snapshots/latest")
    assert head["id"] == served.desk.served.id


def test_the_same_key_gets_the_same_answer_and_another_body_none(served) -> None:
    body = {"request": served.body(), "rows": [{"codes": ["isrc:KRA381900001"]}]}
    headers = {"Idempotency-Key": "one"}
    first = served.http.post("/v1/clearance", json=body, headers=headers)
    again = served.http.post("/v1/clearance", json=body, headers=headers)
    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    other = body | {"rows": [{"codes": ["isrc:KRA381900002"]}]}
    assert_problem(served.http.post("/v1/clearance", json=other, headers=headers), 422)


def test_what_is_said_twice_is_refused(served) -> None:
    for more in ("&use=analyse", "&territories=KR"):
        asked = httpx.QueryParams(served.params())
        assert_problem(served.http.get(f"/v1/clearance/isrc:KRA382500000?{asked}{more}"), 400)
    body = json.dumps({"request": served.body(), "rows": [{"codes": ["isrc:KRA382500000"]}]})
    for twice in (body.replace('"use":', '"use": "analyse", "use":'), body[:-1] + ', "rows": [{"codes": []}]}'):
        answer = served.http.post("/v1/clearance", content=twice, headers={"Content-Type": "application/json"})
        assert_problem(answer, 400)


def test_a_refused_body_leaves_its_key_free(served) -> None:
    headers = {"Idempotency-Key": "two", "Content-Type": "application/json"}
    assert_problem(served.http.post("/v1/clearance", content=b"{", headers=headers), 422)
    body = {"request": served.body(), "rows": [{"codes": ["isrc:KRA381900001"]}]}
    assert served.http.post("/v1/clearance", json=body, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("isrc:' OR 1=1 --", 400),
        ("isrc:KRA381900001%22%3B%20DROP%20TABLE%20name", 400),
        ("own:%27%20OR%20%271%27%3D%271", 400),
        ("nothing", 400),
        ("isrc:", 400),
        ("isrc:" + "A" * 4_000, 400),
        ("A" * 9_000, 414),
        ("..%2F..%2Fetc%2Fpasswd", 400),
        ("../../../../etc/passwd", 404),
        ("isrc:%00", 400),
        ("isrc:%ff%fe", 400),
        ("sch%C3%A9me:x", 400),
    ],
)
def test_hostile_codes_are_refused(served, code: str, status: int) -> None:
    request = served.http.build_request("GET", "/v1/clearance/X", params=served.params())
    raw = request.url.raw_path.replace(b"/X?", b"/" + code.replace(" ", "%20").replace("'", "%27").encode() + b"?")
    answer = served.http.send(httpx.Request("GET", request.url.copy_with(raw_path=raw)))
    assert_problem(answer, status)


def test_an_unknown_code_is_unknown_and_not_found(served) -> None:
    answer = served.http.get("/v1/clearance/isrc:USZZZ0000001", params=served.params())
    assert answer.status_code == 200
    value = answer.json()
    assert (value["status"], [one["code"] for one in value["reasons"]]) == ("unknown", ["not_found"])


@pytest.mark.parametrize(
    "change",
    [
        {"use": "everything"},
        {"use": ""},
        {"licensee": ""},
        {"licensee": "x" * 201},
        {"attribution": "perhaps"},
        {"media": "film"},
        {"surprise": "1"},
        {"persons": ["x"] * 65},
    ],
)
def test_wrong_parameters_are_unreadable(served, change: dict) -> None:
    value = assert_problem(served.http.get("/v1/clearance/isrc:KRA381900001", params=served.params() | change), 422)
    assert value["errors"]


@pytest.mark.parametrize(
    "change",
    [
        {"territories": "NOWHERE"},
        {"territories": ""},
        {"profile": "atlantis"},
        {"offer": "EUR 1e5"},
        {"offer": "XXQ 5"},
        {"at": "yesterday"},
        {"at": "1"},
        {"at": "9" * 30},
        {"at": "-5"},
        {"use": "advertise"},
    ],
)
def test_requests_without_meaning_are_wrong(served, change: dict) -> None:
    value = assert_problem(served.http.get("/v1/clearance/isrc:KRA381900001", params=served.params() | change), 400)
    assert value["remedy"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'{"request": {}}',
        b"[" * 100_000,
        b'{"rows":' + b"[" * 50_000,
        b'{"request": {"use": 7}, "rows": [{"codes": []}]}',
        b'{"request": {"use": "analyse", "licensee": "x", "attribution": "true"}, "rows": [{"codes": []}]}',
        b'{"request": {"use": "analyse", "licensee": "x", "at": NaN}, "rows": [{"codes": []}]}',
        b'{"request": {"use": "analyse", "licensee": "x"}, "rows": [{"codes": "isrc:KRA381900001"}]}',
        b'{"request": {"use": "analyse", "licensee": "x"}, "rows": [{"codes": [1]}]}',
        b'{"request": {"use": "analyse", "licensee": "x"}, "rows": []}',
        b'\xff\xfe{"request"',
    ],
)
def test_bodies_of_another_form_are_unreadable(served, body: bytes) -> None:
    assert_problem(served.http.post("/v1/clearance", content=body, headers={"Content-Type": "application/json"}), 422)


def test_too_much_is_refused(served) -> None:
    rows = [{"codes": ["isrc:KRA381900001"]}] * 1_001
    assert_problem(served.http.post("/v1/clearance", json={"request": served.body(), "rows": rows}), 422)
    many = [{"codes": [f"isrc:KRA3819{number:05}" for number in range(65)]}]
    assert_problem(served.http.post("/v1/clearance", json={"request": served.body(), "rows": many}), 422)
    large = b" " * ((4 << 20) + 1)
    assert_problem(served.http.post("/v1/clearance", content=large, headers={"Content-Type": "application/json"}), 413)
    assert_problem(served.http.post("/v1/clearance", content=b"<x/>", headers={"Content-Type": "text/xml"}), 415)
    long = {"Idempotency-Key": "k" * 201, "Content-Type": "application/json"}
    assert_problem(served.http.post("/v1/clearance", content=b"{}", headers=long), 400)


def test_a_row_that_cannot_be_read_is_unknown_and_hides_no_other(served) -> None:
    good = next(row for row in rows_of(served) if row.media == "recording")
    rows = [{"codes": list(good.codes)}, {"codes": [*good.codes, "isrc:nonsense"]}, {"codes": []}]
    answer = served.http.post("/v1/clearance", json={"request": served.body(), "rows": rows})
    BatchShape.model_validate(answer.json())
    first, second, third = answer.json()["answers"]
    assert shown(first) == expected(decide(good, served.request, rights=served.rights))
    assert (second["status"], third["status"]) == ("unknown", "unknown")
    assert "nonsense" in second["finding"].lower()


def test_a_body_that_drips_is_cut(served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "BODY_SECONDS_MAX", 0.2)
    host, _, port = served.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        head = (
            "POST /v1/clearance HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
        )
        connection.sendall(head.encode() + b"{")
        answer = connection.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"application/problem+json" in answer


def test_a_full_batch_is_answered(served) -> None:
    rows = [{"codes": [f"isrc:KRA3819{number:05}"]} for number in range(1_000)]
    answer = served.http.post("/v1/clearance", json={"request": served.body(), "rows": rows})
    assert [one["codes"][0] for one in answer.json()["answers"]] == [row["codes"][0] for row in rows]


def test_what_is_not_there_and_other_methods_are_problems(served) -> None:
    assert_problem(served.http.get("/v1/nothing"), 404)
    assert_problem(served.http.delete("/v1/clearance/isrc:KRA381900001"), 405)


def test_nothing_is_cleared_by_a_stale_snapshot(served) -> None:
    served.shift[0] = served.snapshot.until - served.snapshot.at
    try:
        for answer in (
            served.http.get("/v1/clearance/isrc:KRA381900001", params=served.params()),
            served.http.post(
                "/v1/clearance", json={"request": served.body(), "rows": [{"codes": ["isrc:KRA381900001"]}]}
            ),
            served.http.get("/v1/health"),
        ):
            value = assert_problem(answer, 503)
            assert value["type"] == "/problems/stale-snapshot"
            assert "refresh" in value["remedy"]
            assert answer.headers["retry-after"]
    finally:
        served.shift[0] = 0
    assert served.http.get("/v1/health").json()["status"] == "ok"


def test_the_description_is_openapi_3_1_and_complete(served) -> None:
    document = served.http.get("/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert {"/v1/clearance/{code}", "/v1/clearance", "/v1/snapshots", "/v1/health"} <= {
        path.replace(":path", "") for path in document["paths"]
    }
    refs = set(re.findall(r'"\$ref": "([^"]*)"', json.dumps(document)))
    assert len(refs) > 5
    for ref in refs:
        found = document
        for part in ref.removeprefix("#/").split("/"):
            found = found[part]
    Draft202012Validator.check_schema(document["components"]["schemas"]["Problem"])


def test_every_answer_carries_the_security_headers(served) -> None:
    for path in ("/v1/health", "/v1/nothing", "/v1/openapi.json", "/v1/snapshots/latest/snapshot.json"):
        headers = served.http.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["cache-control"]
        assert "server" not in headers


def test_a_gate_over_the_server_lets_pass_what_decide_clears(served) -> None:
    request = replace(served.request, attribution=False, label=False, model_version=None, offer=None)
    rows = [row for row in rows_of(served) if row.media == "recording"]
    wish = Wish(use=request.use, licensee=request.licensee, territories=request.territories, profile=request.profile)
    asked = replace(request, licensee_classes=frozenset(), tuned_on=False, used_input=False)
    with Client(served.address) as client:
        judge = RemoteJudge.open(client, wish=wish, at=None, now=served.snapshot.at)
        marks = judge.marks([row.codes if len(row.codes) > 1 else row.codes[0] for row in rows])
    assert judge.basis.snapshot == served.desk.served.id
    for row, mark in zip(rows, marks, strict=True):
        assert status_of(mark) is decide(row, asked, rights=served.rights).status
