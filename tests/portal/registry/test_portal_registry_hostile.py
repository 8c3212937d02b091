"""Names and titles by strangers who mean harm: they are shown, break nothing and order nothing."""

from __future__ import annotations

from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import PartyId, RecordingId, ReleaseId, WorkId
from cantoria.registry.facts import (
    LinkAsserted,
    PartyNamed,
    PartyRegistered,
    RecordingRegistered,
    ReleaseRegistered,
    ShareClaimed,
    WorkRegistered,
)
from cantoria.registry.trade_facts import TitleGiven
from cantoria.registry.types import PartyKind, Relation, Role

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "attribute": '"><img src=x onerror=alert(1)>',
    "single": "' autofocus onfocus=alert(1) x='",
    "template": "{{ 7 * 7 }}{% include '/etc/passwd' %}%(size)s {0} %s %",
    "svg": "]]></title></svg><script>alert(1)</script>",
    "address": "javascript:alert(1)",
    "bidi": "photo\u202egpj.exe \u2066\u2067\u2068 end",
    "nul": "a\u0000b\u0001c\u001b[31mred\u0085\u2028\u2029",
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈🎵" * 30,
    "rtl": "שלום עולם مرحبا بالعالم",
    "marks": "Z̸̧͇̤̪͙a̶l̴g̷o̵" * 40,
    "long": "A" * 10_000,
    "many": "w " * 5_000,
    "empty": "",
    "blank": "   \t\n  ",
}


ORDERS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x00\x01\x1b\u2028\u2029")


class Reading(HTMLParser):
    """Reads a page as a browser does, and refuses whatever could act."""

    def __init__(self, page):
        super().__init__()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        assert tag not in ("style", "iframe", "object", "embed", "base", "img") or (tag, "src") in [
            (tag, name) for name, value in attrs if value and value.startswith("/static/")
        ]
        for name, value in attrs:
            assert not name.startswith("on"), (tag, attrs)
            assert name not in ("style", "srcdoc", "formaction"), (tag, attrs)
            if name in ("href", "src", "action"):
                assert value is not None
                assert value.startswith(("/", "#")), (tag, attrs)
                assert not value.startswith("//"), (tag, attrs)
        if tag == "script":
            assert dict(attrs).get("src", "").startswith("/static/")


class Harm:
    """A recording, a work, a release and a party that are all called the same, linked to one another."""

    def __init__(self, site, called):
        house = site.house()
        author = house.author(
            next(
                name for name in house.keys.names() if house.author(name).capacity in (Capacity.CMO, Capacity.OPERATOR)
            )
        )
        new = house.ids.new
        self.party, self.work = PartyId(new("party")), WorkId(new("work"))
        self.recording, self.release = RecordingId(new("recording")), ReleaseId(new("release"))
        house.begin_writing(lambda: None)
        house.journal.record(
            [
                PartyRegistered(party=self.party, kind=PartyKind.PERSON),
                PartyNamed(party=self.party, name=called, script=called[:40], codes=()),
                WorkRegistered(work=self.work, title=called),
                RecordingRegistered(
                    recording=self.recording, title=called, display_artist=called, version=called, duration_ms=61_000
                ),
                ReleaseRegistered(release=self.release, title=called, recordings=(self.recording,)),
                TitleGiven(subject=self.recording, title=called, language=called[:20]),
                *(
                    ShareClaimed(
                        claim=new("claim"), subject=thing, party=self.party, role=role, asserted_by=author.party
                    )
                    for thing, role in (
                        (self.recording, Role.FEATURED_PERFORMER),
                        (self.recording, Role.PRODUCER),
                        (self.work, Role.COMPOSER),
                    )
                ),
                LinkAsserted(
                    link=new("link"),
                    left=self.recording,
                    relation=Relation.EMBODIES,
                    right=self.work,
                    asserted_by=author.party,
                ),
            ],
            author=author,
        )
        house.close()

    def pages(self):
        return [
            f"/recordings/{self.recording}",
            f"/works/{self.work}",
            f"/releases/{self.release}",
            f"/parties/{self.party}",
            f"/organisations/{self.party}",
            f"/recordings/{self.recording}/clearance",
            f"/works/{self.work}/clearance",
        ]


def test_harm_in_a_name_does_none(own_site):
    harms = {kind: Harm(own_site, called) for kind, called in HOSTILE.items()}
    for kind, harm in harms.items():
        for path in harm.pages():
            check_harmless(own_site.get(path), f"{kind} {path}")
        twin = own_site.json(f"/recordings/{harm.recording}")
        assert twin["title"] == HOSTILE[kind]
        assert twin["artist"] == HOSTILE[kind]


def check_harmless(page, what):
    Reading(page)
    assert "<script>alert" not in page, what
    assert "<img src=x" not in page, what
    assert not set(page) & ORDERS, what
    assert ">49<" not in page, what
    assert len(page.encode()) < 150_000, what
    start = page.find('<svg class="chart rights-graph"')
    if start >= 0:
        ElementTree.fromstring(page[start : page.index("</svg>", start) + 6])


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "x'\"><b>", "\u202egpj", "{{7*7}}", "%(size)s", "a" * 300]
)
def test_harm_in_an_address_does_none(site, things, lawful, text):
    [thing] = things.some("recording", 1)
    for path in (f"/recordings/{text}", f"/recordings/{thing}", f"/recordings/{thing}/clearance", f"/releases/{text}"):
        found = site.client.get(
            path, params={"licensee": text[:200], "campaign": text[:200], "x": text, "territory": ""}
        )
        assert found.status_code < 500
        Reading(found.text)
        assert "<script>alert" not in found.text
        assert "<b>" not in found.text
