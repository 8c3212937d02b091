"""What an adversarial reading of the portal found: each attack that once worked, made again."""

from __future__ import annotations

import time
from typing import Any

from cantoria.app.access.permissions import Role
from cantoria.app.code_book import CodeBook
from cantoria.consent.facts import StatementMade
from cantoria.kernel.ids import PartyId
from cantoria.licensing.licence_facts import LicenceAnswered, Stance
from cantoria.mandates.facts import DelegationGranted
from cantoria.royalty.facts import StatementIssued

SOCIETY, OTHER = "org-haneulsori", "org-yeonju"
ARTIST_IPI = "99000100124"  # of the story's artist, whose account the other society keeps


def ended(site: Any, location: str) -> Any:
    for _ in range(900):
        job = site.json(location)["job"]
        if job["ended"]:
            return job
        time.sleep(0.05)
    raise AssertionError(job)


def welcome(site: Any, table: str) -> Any:
    """Hand a table of members in and welcome them; return the job's result."""
    files = {"file": ("members.csv", table.encode(), "text/csv")}
    location = site.post("/members/upload", {}, files=files).headers["location"].partition("?")[0]
    assert ended(site, location)["state"] == "done"
    taken = site.post(f"{location}/welcome", {}).headers["location"].partition("?")[0]
    job = ended(site, taken)
    assert job["state"] == "done"
    return job["result"]


def test_a_number_that_everybody_knows_opens_nobodys_account(own_site: Any) -> None:
    own_site.become(Role.RIGHTS, organisation=SOCIETY)
    table = f"member,name,email,ipi\nX1,Han Soyul,eve@example.org,{ARTIST_IPI}\nX2,Kim New,new@example.org,\n"
    for new in (1, 0):  # nor by asking twice
        result = welcome(own_site, table)
        assert (result["registered"], result["refused"], result["duplicate"]) == (new, 1, 1 - new)
        assert [one["line"] for one in result["first"] if one["severity"] == "error"] == [2]
    assert [one["number"] for one in own_site.json("/members")["members"]] == ["X2"]
    links = own_site.post("/members/links", {}, status=200).text
    assert "new@example.org" in links
    assert "eve@example.org" not in links


def test_what_a_society_records_of_one_member_is_not_another_members_to_read(own_site: Any) -> None:
    house = own_site.house()
    keeper = house.author(OTHER)
    artist, stranger = PartyId(house.ids.new("party")), PartyId(house.ids.new("party"))
    house.begin_writing(lambda: None)
    told = LicenceAnswered(
        licence=house.ids.new("licence"),
        offer="ab" * 32,
        voice=stranger,
        speaker=stranger,
        stance=Stance.DECLINE,
        note="never for this price",
    )
    entry = house.journal.record([told], author=keeper)[0].index
    house.close()
    here = f"/entries/{entry}"
    own_site.become(Role.PERSON, party=artist, organisation=OTHER, persons=(artist,))
    assert own_site.json(here)["body_state"] == "withheld"
    own_site.get(f"{here}/proof", status=403)
    for role, who in ((Role.PERSON, stranger), (Role.RIGHTS, keeper.party)):
        own_site.become(role, party=who, organisation=OTHER, persons=(who,))
        assert own_site.json(here)["body"]["note"] == "never for this price"
        own_site.get(f"{here}/proof")


def test_earnings_are_read_by_those_who_may(site: Any) -> None:
    house = site.house()
    society = house.author(SOCIETY).party
    house.index.catch_up()
    said = next(one for one in house.index.scan(tags=[StatementIssued.TYPE.tag]) if one.organisation == society)
    house.close()
    for role, state in ((Role.REVIEWER, "withheld"), (Role.RIGHTS, "withheld"), (Role.FINANCE, "readable")):
        site.become(role, party=society, organisation=SOCIETY, persons=(society,))
        assert site.json(f"/entries/{said.index}")["body_state"] == state


def test_jobs_are_seen_and_cancelled_by_those_who_could_hand_them_in(own_site: Any) -> None:
    own_site.become(Role.RIGHTS, organisation=SOCIETY)
    files = {"file": ("members.csv", b"name,ipi\nKim Secret,no-number\n", "text/csv")}
    job = own_site.post("/members/upload", {}, files=files).headers["location"].partition("?")[0].rpartition("/")[2]
    for role in (Role.AUDITOR, Role.FINANCE, Role.REVIEWER, Role.DEVELOPER):
        own_site.become(role, organisation=SOCIETY)
        assert own_site.json("/jobs")["jobs"] == []
        for page in (f"/jobs/{job}", f"/jobs/{job}/progress"):
            own_site.json(page, status=404)
        own_site.post(f"/jobs/{job}/cancel", {}, status=404)
    own_site.become(Role.RIGHTS, organisation=SOCIETY)
    assert [one["job"] for one in own_site.json("/jobs")["jobs"]] == [job]
    assert ended(own_site, f"/jobs/{job}")["state"] == "done"


def taken(site: Any, name: str, text: str) -> Any:
    """Check a file, hand it in, and return the job's result."""
    location = site.post("/files", {}, files={"file": (name, text.encode(), "text/csv")}).headers["location"]
    location = location.partition("?")[0]
    assert ended(site, location)["state"] == "done"
    job = ended(site, site.post(f"{location}/submit", {}).headers["location"].partition("?")[0])
    assert job["state"] == "done", job
    return job["result"]


def test_a_file_is_nobodys_word_but_its_senders_and_their_peoples(own_site: Any) -> None:
    house = own_site.house()
    house.index.catch_up()
    forger, keeper = house.author("org-eumban"), house.author(OTHER)
    artist = next(iter(CodeBook(house).names(f"ipi_name:{ARTIST_IPI}")))
    assert house.vault.public_key(artist)
    uses = "analyse|train_generative|train_nongenerative"
    grant = f"delegation,principal,delegate,kind,uses,from,to\nx,{artist},{{}},cmo,{uses},2025-01-01,2030-01-01\n"
    own_site.become(Role.RIGHTS, party=forger.party, organisation="org-eumban", persons=(forger.party,))
    assert taken(own_site, "delegations.csv", grant.format(forger.party))["findings"] == 1
    own_site.get(f"/decide?party={artist}", status=403)
    decision = {"party": artist, "scope": "present", "train_generative": "yes"}
    own_site.post("/decide", decision, status=403)
    statement = f"party,says,uses,scope\n{artist},yes,{uses},present_works\n"
    assert taken(own_site, "statements.csv", statement)["findings"] == 1
    own_site.become(Role.RIGHTS, party=keeper.party, organisation=OTHER, persons=(keeper.party,))
    assert taken(own_site, "delegations.csv", grant.format(keeper.party))["findings"] == 0
    own_site.post("/decide", decision)
    house.engine.refresh()
    size = house.index.catch_up()
    said = house.index.about([artist], tags=[StatementMade.TYPE.tag, DelegationGranted.TYPE.tag], size=size)
    forged = [one for one in said if one.organisation == forger.party]
    assert len(forged) == 2
    assert not any(one.proven_key for one in forged)
    house.close()


def test_words_in_a_case_are_for_those_concerned(own_site: Any) -> None:
    society = own_site.house().author(SOCIETY).party
    own_site.become(Role.RIGHTS, organisation=SOCIETY)
    cases = own_site.json("/cases")["cases"]
    shown = [own_site.json(f"/cases/{one['case']}?about={one['subject']['id']}") for one in cases]
    mine = next(one for one in shown if society in [who["id"] for who in one["claimants"]])
    path, about = f"/cases/{mine['case']}", mine["subject"]["id"]
    own_site.post(f"{path}/answer", {"about": about, "stance": "uphold", "text": "between us alone"})
    assert "between us alone" in own_site.get(f"{path}?about={about}")
    for role, organisation in ((None, ""), (Role.PERSON, SOCIETY), (Role.RIGHTS, "org-maru")):
        more = {"organisation": organisation, "party": "party_01h2xcejqtf2nbrexx3vqjhp41"} if role else {}
        own_site.become(role, **more)
        html = own_site.get(f"{path}?about={about}")
        assert "between us alone" not in html
        assert own_site.json(f"{path}?about={about}")["events"][-1]["what"] == "uphold"
