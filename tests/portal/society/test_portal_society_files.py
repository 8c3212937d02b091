"""Files in the portal: checked line by line, compared, handed in; hostile ones end in a sentence."""

from __future__ import annotations

import io
import time
import zipfile
from typing import Any

import pytest

from cantoria.app.access.permissions import Role
from cantoria.registry.facts import RecordingRegistered
from cantoria.testing.cwr_files import file_bytes

SOCIETY, OTHER = "org-haneulsori", "org-cantares"
CSV = (
    b"recording,isrc,title,artist\nR1,KRA381900123,<script>alert(1)</script>,Ada\nR2,KRA381900124,,Bo\n"
    b"R3,KRA381900125,Three,Bo\n"
)


def bomb() -> bytes:
    """A workbook that unpacks to 400 MB."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("xl/workbook.xml", "<workbook><sheets><sheet name='a'/></sheets></workbook>")
        file.writestr("xl/worksheets/sheet1.xml", b"<a>" + b"0" * (400 << 20))
    return made.getvalue()


HOSTILE = {
    "nothing": ("a.csv", b""),
    "bomb": ("a.xlsx", bomb()),
    "entities": (
        "a.xml",
        b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><NewReleaseMessage>&b;</NewReleaseMessage>',
    ),
    "outside": (
        "a.xml",
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><NewReleaseMessage>&x;</NewReleaseMessage>',
    ),
    "junk": ("a.bin", bytes(range(256)) * 40),
    "nul": ("recordings.csv", b"recording,title\n\0\0\0,\0\n"),
    "long": ("a.csv", b"title," + b"x" * 1_900_000),
    "wide": ("a.csv", b"," * 1_000_000 + b"\n"),
    "deep": ("a.json", b"[" * 900_000),
    "traversal": ("../../../etc/<script>alert(1)</script>passwd.V22", b"HDR" + b" " * 80 + b"\n" + b"NWR\n" * 2_000),
    "header": ('a"\r\nX-Bad: 1.csv', b"title,isrc\nOne,KRA381900123\n"),
}


def sent(site: Any, path: str, name: str, data: bytes, **fields: str) -> Any:
    return site.client.post(
        path,
        data={"csrf": site.doorman.token(site.doorman.is_now), **fields},
        files={"file": (name, data, "application/octet-stream")},
        follow_redirects=False,
    )


def checked(site: Any, location: str) -> Any:
    for _ in range(600):
        found = site.json(location)
        if found["job"]["ended"]:
            return found
        time.sleep(0.05)
    raise AssertionError(found)


def test_anybody_may_check_a_small_file(site: Any, lawful: Any) -> None:
    lawful(site.get("/files"))
    done = sent(site, "/files/check", "recordings.csv", CSV)
    assert done.status_code == 200, done.text
    lawful(done.text)
    assert "<script>alert" not in done.text
    twin = sent(site, "/files/check.json", "recordings.csv", CSV).json()
    assert twin["result"]["format"] == "csv"
    assert twin["result"]["verdict"] == "refused"
    marked = [one for one in twin["lines"]["rows"] if one["notes"]]
    assert [one["line"] for one in marked] == [3]
    assert sent(site, "/files", "recordings.csv", CSV).status_code == 303  # to sign in
    assert sent(site, "/files/check", "a.csv", b"x" * (2 << 20 | 1)).status_code == 400
    assert sent(site, "/files/check", "a.csv", b"x" * (3 << 20)).status_code == 413


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_files_are_answered(site: Any, lawful: Any, name: str) -> None:
    done = sent(site, "/files/check", *HOSTILE[name])
    assert done.status_code in (200, 400), done.text[:400]
    lawful(done.text)
    assert "root:" not in done.text
    assert "<script>alert" not in done.text
    assert len(done.content) < 2_000_000


def test_a_file_is_checked_compared_and_handed_in(own_site: Any, lawful: Any) -> None:
    own_site.become(Role.RIGHTS, organisation=SOCIETY)
    lawful(own_site.get("/files"))
    begun = sent(own_site, "/files", "recordings.csv", CSV)
    assert begun.status_code == 303, begun.text
    location = begun.headers["location"].partition("?")[0]
    found = checked(own_site, location)
    assert found["job"]["state"] == "done", found["job"]
    assert found["job"]["result"]["states"] == {"new": 2}
    assert found["findings"]["kept"] == found["job"]["result"]["findings"] > 0
    html = own_site.get(location)
    lawful(html)
    assert "&lt;script&gt;alert(1)" in html
    lawful(own_site.get(f"{location}?faults=true&from=2"))
    assert own_site.json(f"{location}?from=4")["lines"]["rows"][0]["line"] == 4
    listed = own_site.client.get(f"{location}/findings")
    assert listed.headers["content-disposition"].startswith("attachment")
    assert listed.text.startswith("file,line,column")
    before = len(registered(own_site))
    taken = own_site.post(f"{location}/submit", {}).headers["location"].partition("?")[0]
    assert checked(own_site, taken)["job"]["result"]["registered"] == 2
    assert len(registered(own_site)) == before + 2
    again = own_site.post(f"{location}/submit", {}).headers["location"].partition("?")[0]
    assert again == taken
    same = checked(own_site, sent(own_site, "/files", "recordings.csv", CSV).headers["location"].partition("?")[0])
    assert same["job"]["result"]["states"] == {"same": 2}


def registered(site: Any) -> list[Any]:
    house = site.house()
    house.index.catch_up()
    found = list(house.index.scan(tags=[RecordingRegistered.TYPE.tag]))
    house.close()
    return found


def test_a_file_belongs_to_its_organisation(own_site: Any) -> None:
    own_site.become(Role.RIGHTS, organisation=SOCIETY)
    location = sent(own_site, "/files", "recordings.csv", CSV).headers["location"].partition("?")[0]
    checked(own_site, location)
    own_site.become(Role.RIGHTS, organisation=OTHER)
    own_site.json(location, status=404)
    own_site.get(f"{location}/findings", status=404)
    own_site.post(f"{location}/submit", {}, status=404)
    assert own_site.json("/files")["recent"] == []
    own_site.become(Role.PERSON, organisation=SOCIETY)
    own_site.json(location, status=403)
    own_site.post("/files", {}, status=403)
    own_site.become()
    own_site.json(location, status=401)


def test_a_cwr_file_is_cut_into_its_fields(own_site: Any, lawful: Any) -> None:
    own_site.become(Role.RIGHTS, organisation=SOCIETY)
    location = (
        sent(own_site, "/files", "CW260001PUB_052.V22", file_bytes("2.2", seed=1, count=5))
        .headers["location"]
        .partition("?")[0]
    )
    found = checked(own_site, location)
    assert found["job"]["result"]["format"] == "cwr"
    assert found["lines"]["rows"][0]["spans"][0] == {"text": "HDR", "style": "type"}
    assert any(one.get("field") for row in found["lines"]["rows"] for one in row["spans"])
    lawful(own_site.get(location))
