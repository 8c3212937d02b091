"""Readers of outside signals: what a file of each standard says, and that what is broken says nothing."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.consent.signals import Found, Said, Stance, Standard, refused_uses, settle
from cantoria.formats.limits import SIGNALS
from cantoria.formats.signals import (
    Kind,
    SignalsRead,
    headers,
    kind_of,
    licence_files,
    manifests,
    odrl,
    pages,
    path_of,
    read,
    robots,
    rsl,
    tdmrep,
)
from cantoria.formats.signals.structured import dictionary
from cantoria.kernel.errors import InputError
from cantoria.kernel.uses import Use
from cantoria.testing.signal_files import REFUSED, SILENT, VALID, manifest_store, policy
from cantoria.testing.signal_files import rsl as rsl_file

TRAINING = {Use.TRAIN_GENERATIVE, Use.TRAIN_NONGENERATIVE}
NAMES = {Kind.TDMREP: "tdmrep.json", Kind.ROBOTS: "robots.txt", Kind.PAGE: "index.html", Kind.RSL: "license.xml"}


def stances(found: SignalsRead, standard: Standard) -> dict[str, Stance]:
    return {one.category: one.stance for s in found.signals if s.standard is standard for one in s.said}


def refused(found: SignalsRead, path: str = "/audio/a.flac") -> set[Use]:
    return {use for signal in settle(found.signals, path=path).stands for use in refused_uses(signal)}


@pytest.mark.parametrize("kind", list(Kind))
def test_a_valid_file_of_each_kind_refuses_training(kind: Kind) -> None:
    found = read(VALID[kind], file=NAMES.get(kind, "file"), kind=kind)
    assert Use.TRAIN_GENERATIVE in {use for signal in found.signals for use in refused_uses(signal)}
    assert read(io.BytesIO(VALID[kind]), file=NAMES.get(kind, "file"), kind=kind) == found


@pytest.mark.parametrize("kind", list(Kind))
def test_what_a_file_is_is_seen_from_it(kind: Kind) -> None:
    assert kind_of(NAMES.get(kind, "file"), VALID[kind]) is kind


@pytest.mark.parametrize(("kind", "data", "message"), REFUSED)
def test_a_broken_file_is_refused_whole(kind: Kind, data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(data, file="file", kind=kind)


@pytest.mark.parametrize(("kind", "data"), SILENT)
def test_what_is_malformed_says_nothing_and_is_told(kind: Kind, data: bytes) -> None:
    found = read(data, file="file", kind=kind)
    assert not {use for signal in found.signals for use in refused_uses(signal)}
    assert found.findings
    assert all(len(str(finding).splitlines()) == 1 for finding in found.findings)


def test_tdmrep_locations_and_policies() -> None:
    found = tdmrep.read(VALID[Kind.TDMREP])
    assert [(s.location, s.said[0].stance) for s in found.signals] == [
        ("/audio/*", Stance.REFUSED), ("/press/", Stance.ALLOWED),
    ]  # fmt: skip
    assert found.signals[0].offers[0].where == "https://label.example/policy"
    odd = tdmrep.read(b'{"location": "https://x.example/a b", "tdm-reservation": true}')
    assert (odd.signals[0].location, odd.signals[0].said) == ("/a%20b", (Said("mine", Stance.REFUSED),))
    assert len(odd.findings) == 3
    assert tdmrep.read(b'[{"location": "audio", "tdm-reservation": "1"}]').signals[0].location == "/audio"


def test_headers_of_several_standards() -> None:
    found = headers.read(VALID[Kind.HEADERS])
    assert {signal.standard for signal in found.signals} == {
        Standard.TDMREP, Standard.AIPREF, Standard.NO_AI, Standard.RSL,
    }  # fmt: skip
    assert {signal.found for signal in found.signals} == {Found.HEADER}
    assert headers.of_lines(["tdm-reservation: 1", "tdm-reservation: 0"]).signals[0].said[0].stance is Stance.REFUSED
    assert headers.of_lines([]).signals == ()


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("train-ai=n", {"train-ai": Stance.REFUSED}),
        ("train-ai=y, search=n", {"train-ai": Stance.ALLOWED, "search": Stance.REFUSED}),
        (" train-ai=n;exceptions=cc-cr ", {"train-ai": Stance.REFUSED}),
        ('a="x, y";p, b=(1 2);q=?0, c=:aGk=:, d=@1, e=-1.5, train-ai=n', {"train-ai": Stance.REFUSED}),
        ("train-ai=?0", {}),
        ("train-ai", {}),
        ("train-ai = n", {}),
        ("train-ai=n,", {}),
        ("TRAIN-AI=n", {}),
        ("train-ai=n x", {}),
        ("train-ai=(n", {}),
        ('train-ai="n', {}),
        ("", {}),
        ("träin-ai=n", {}),
    ],
)
def test_content_usage_is_a_dictionary_or_nothing(field: str, expected: dict[str, Stance]) -> None:
    found = headers.of_lines([f"Content-Usage: {field}"])
    assert stances(found, Standard.AIPREF) == expected


def test_of_two_preferences_for_one_category_both_count() -> None:
    found = headers.of_lines(["Content-Usage: train-ai=n", "Content-Usage: train-ai=y"])
    assert found.signals[0].said == (Said("train-ai", Stance.REFUSED), Said("train-ai", Stance.ALLOWED))
    assert refused(found) == TRAINING


@given(st.text(max_size=60))
def test_any_text_is_a_dictionary_or_an_input_error(text: str) -> None:
    try:
        members = dictionary(text)
    except InputError:
        return
    assert all(member.key for member in members)


def test_robots_groups() -> None:
    text = b"""# comment
User-agent: gptbot   # the token counts without regard to case
User-agent: Nobody-Knows
Disallow: /private
Sitemap: https://x.example/s.xml
Disallow: /a%7Eb
Allow:

User-agent: CCBot/2.0
Disallow:

User-agent: ClaudeBot
User-agent: *
Disallow: /all
"""
    found = robots.read(text)
    rules = [(signal.location, {one.category: one.stance for one in signal.said}) for signal in found.signals]
    assert rules == [
        ("/private", {"gptbot": Stance.REFUSED}),
        ("/a~b", {"gptbot": Stance.REFUSED}),
        ("/", {"ccbot": Stance.ALLOWED}),
        ("/all", {"claudebot": Stance.REFUSED, "*": Stance.REFUSED}),
    ]


def test_robots_rules_of_others() -> None:
    found = robots.read(
        b"Content-Usage: /a/ train-ai=n\nContent-Usage: search=y\nContent-Signal: ai-input=no\nLicense: u\n"
    )
    by = {(signal.standard, signal.location) for signal in found.signals}
    assert by == {
        (Standard.AIPREF, "/a/"), (Standard.AIPREF, ""), (Standard.CONTENT_SIGNAL, ""), (Standard.RSL, ""),
    }  # fmt: skip
    assert refused(found, "/a/x") == {*TRAINING, Use.INPUT, Use.RELEASE_OUTPUT, Use.ADVERTISE}
    assert Use.TRAIN_GENERATIVE not in refused(found, "/b")


def test_a_long_robots_txt_is_read_up_to_the_limit() -> None:
    data = b"User-agent: GPTBot\nDisallow: /\n" + b"# padding\n" * 100_000 + b"User-agent: CCBot\nDisallow: /\n"
    found = robots.read(data)
    assert stances(found, Standard.ROBOTS) == {"gptbot": Stance.REFUSED}
    assert "the rest is not read" in found.findings[0].message


def test_too_many_rules_are_read_as_the_strictest() -> None:
    rules = b"".join(b"Disallow: /%d\n" % n for n in range(SIGNALS.rules_max + 1))
    found = robots.read(b"User-agent: GPTBot\n" + rules)
    assert len(found.signals) == 1
    assert refused(found, "/elsewhere") == TRAINING


def test_rsl_permits_prohibits_and_payments() -> None:
    def content(inner: str, attributes: str = "") -> SignalsRead:
        return rsl.read(rsl_file(f'<content url="/" {attributes}>{inner}</content>'), file="license.xml")

    assert refused(content('<license><prohibits type="usage">ai-all</prohibits></license>')) >= TRAINING
    free = content('<license><permits type="usage">ai-train</permits><payment type="free"/></license>')
    assert stances(free, Standard.RSL)["ai-train"] is Stance.ALLOWED
    assert refused(free).isdisjoint(TRAINING)
    assert Use.INPUT in refused(free)  # listed is what the licence permits, and nothing else
    paid = content('<license><permits type="usage">ai-train</permits><payment type="training"><amount currency="EUR">'
                   "0.05</amount></payment></license>")  # fmt: skip
    assert stances(paid, Standard.RSL)["ai-train"] is Stance.CONSTRAINED
    assert paid.signals[0].offers[0].terms == "training EUR 0.05"
    assert refused(paid).isdisjoint(TRAINING)
    two = content('<license><permits type="usage">search</permits></license><license><permits type="usage">ai-train'
                  "</permits></license>")  # fmt: skip
    assert refused(two).isdisjoint(TRAINING)
    no = '<license><prohibits type="usage">ai-train</prohibits></license>'
    both = content('<license><permits type="usage">ai-train</permits></license>' + no)
    assert refused(both) >= TRAINING
    server = content('<license><permits type="usage">all</permits></license>', 'server="https://licences.example"')
    assert stances(server, Standard.RSL)["ai-train"] is Stance.CONSTRAINED
    assert server.signals[0].offers[0].where == "https://licences.example"
    commercial = content('<license><prohibits type="user">commercial</prohibits></license>')
    assert refused(commercial) >= TRAINING


@pytest.mark.parametrize("word", ["train-ai", "training", "AI-Training", "ai_train"])
def test_rsl_words_of_the_wild_are_taken_for_the_tokens(word: str) -> None:
    data = rsl_file(f'<content url="/"><license><prohibits type="usage">{word}</prohibits></license></content>')
    found = rsl.read(data, file="license.xml")
    assert stances(found, Standard.RSL) == {"ai-train": Stance.REFUSED}
    assert "taken for ai-train" in found.findings[0].message
    unknown = rsl_file('<content url="/"><license><prohibits type="usage">robots</prohibits></license></content>')
    assert stances(rsl.read(unknown, file="l"), Standard.RSL) == {"ai-all": Stance.REFUSED}


def test_rsl_territories() -> None:
    def geo(inner: str) -> list[tuple[str, bool]]:
        found = rsl.read(rsl_file(f'<content url="/"><license>{inner}</license></content>'), file="l")
        return [(signal.territory, bool(refused_uses(signal))) for signal in found.signals]

    assert ("0276 0280", True) in geo('<prohibits type="geo">DE</prohibits>')
    assert ("2136 -0840", True) in geo('<permits type="usage">all</permits><permits type="geo">US</permits>')
    assert geo('<prohibits type="geo">ZZ</prohibits><permits type="usage">all</permits>') == [("2136", False)]


def test_rsl_inside_a_feed_and_a_page() -> None:
    inside = '<rsl:license><rsl:prohibits type="usage">ai-train</rsl:prohibits></rsl:license>'
    content = f'<rsl:content xmlns:rsl="{rsl.NAMESPACE}" url="/a">{inside}</rsl:content>'
    feed = f"<rss><channel><item><title>x</title>{content}</item></channel></rss>".encode()
    assert refused(rsl.read(feed, file="feed.xml"), "/a") >= TRAINING
    inline = rsl_file('<content url="/"><license><prohibits type="usage">all</prohibits></license></content>').decode()
    page = f'<html><head><script type="application/rsl+xml">{inline}</script></head></html>'.encode()
    assert refused(pages.read(page, file="p.html")) >= TRAINING
    broken = pages.read(b'<script type="application/rsl+xml"><rsl></script>', file="p.html")
    assert (broken.signals, len(broken.findings)) == ((), 1)


def test_pages() -> None:
    found = pages.read(VALID[Kind.PAGE], file="p.html")
    assert {signal.found for signal in found.signals} == {Found.META}
    hidden = (
        b'<head><!-- <meta name="tdm-reservation" content="1"> --></head><body><meta name=robots content=noai></body>'
    )
    assert pages.read(hidden, file="p.html").signals == ()
    assert pages.read(b"<!-- never closed " + b"<meta " * 50_000, file="p.html").signals == ()
    loose = pages.read(b"<META CONTENT='noai, noimageai' NAME=robots>", file="p.html")
    assert stances(loose, Standard.NO_AI) == {"noai": Stance.REFUSED, "noimageai": Stance.REFUSED}


def test_manifests() -> None:
    found = manifests.read(VALID[Kind.MANIFEST], file="m.json")
    (signal,) = found.signals
    assert (signal.standard, signal.covers.value) == (Standard.CAWG, "recording")
    assert [(one.category, one.stance) for one in signal.said] == [
        ("cawg.ai_generative_training", Stance.REFUSED),
        ("cawg.ai_training", Stance.CONSTRAINED),
        ("cawg.data_mining", Stance.ALLOWED),
    ]
    assert refused_uses(signal) == {Use.TRAIN_GENERATIVE}
    older = manifests.read(
        manifest_store({"c2pa.ai_training": {"use": "notAllowed"}}, label="c2pa.training-mining__1"), file="m"
    )
    assert older.signals[0].standard is Standard.C2PA
    assert refused_uses(older.signals[0]) == {Use.TRAIN_NONGENERATIVE}
    alone = json.dumps({"entries": {"cawg.ai_training": {"use": "constrained"}}}).encode()
    assert refused_uses(manifests.read(alone, file="m").signals[0]) == {Use.TRAIN_NONGENERATIVE}  # terms nobody tells
    value = json.loads(VALID[Kind.MANIFEST])
    value["manifests"]["urn:b"] = value["manifests"]["urn:a"]
    value["validation_state"] = "Invalid"
    two = manifests.read(json.dumps(value).encode(), file="m.json")
    assert [signal.place for signal in two.signals] == ["m.json: urn:a", "m.json: urn:b (ingredient)"]
    assert "does not validate" in two.findings[-1].message


def test_odrl_policies() -> None:
    found = odrl.read(VALID[Kind.ODRL], file="p.json")
    said = {one.category: (one.stance, one.detail) for signal in found.signals for one in signal.said}
    assert said == {
        "tdm:mine": (Stance.CONSTRAINED, "compensate"),
        "cantoria:train_generative": (Stance.REFUSED, ""),
    }
    assert {signal.location for signal in found.signals} == {"/a"}
    assert found.signals[0].offers[0].where == "mailto:ai@label.example"
    research = [{"target": "https://x.example/", "action": "mine", "constraint": [{"leftOperand": "purpose"}]}]
    limited = odrl.read(policy(permission=research), file="p").signals[0]
    assert limited.said == (Said("tdm:mine", Stance.CONSTRAINED, "purpose"),)
    everything = odrl.read(policy(prohibition={"action": {"@id": "http://www.w3.org/ns/odrl/2/use"}}), file="p")
    assert len(refused_uses(everything.signals[0])) == 6


def test_odrl_policies_that_inherit_in_a_circle_are_read_once_each() -> None:
    def one(name: str, parent: str, action: str) -> dict[str, object]:
        return {"uid": name, "inheritFrom": parent, "prohibition": [{"action": action}]}

    graph = [one("u:a", "u:b", "tdm:mine"), one("u:b", "u:a", "cantoria:input"), one("u:c", "u:elsewhere", "use")]
    found = odrl.read(json.dumps({"@graph": graph}).encode(), file="p.json")
    assert [one.category for signal in found.signals for one in signal.said] == [
        "tdm:mine",
        "cantoria:input",
        "odrl:use",
    ]
    assert [finding.value for finding in found.findings] == ["u:elsewhere"]


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("You may not use this data to train AI models.", "clause:no-training"),
        ("Training of machine learning models on these\nrecordings is strictly prohibited.", "clause:no-training"),
        ("These files can't be used for training generative systems", "clause:no-training"),
        ("No AI training.", "clause:no-training"),
        ("All rights for text and data mining are reserved.", "clause:no-mining"),
        ("No text and data mining!", "clause:no-mining"),
        ("This work must not be used in any way by an AI.", "clause:no-ai"),
        ("NoAI", "clause:no-ai"),
        ("You may train models on it.", ""),
        ("All rights reserved.", ""),
        ("Licensed under CC BY 4.0; no endorsement. We trained for a marathon.", ""),
    ],
)
def test_clauses_in_plain_words(text: str, category: str) -> None:
    found = licence_files.read(text.encode(), file="LICENSE")
    assert {one.category for s in found.signals for one in s.said if one.stance is Stance.REFUSED} == {category} - {""}


def test_licences_of_data_sets_are_shown_and_refuse_nothing() -> None:
    card = b"---\nname: x\nlicense:\n- cc-by-nc-nd-4.0\n- other\nlicense_link: https://x.example/l\ntags: [a]\n---\n"
    found = licence_files.read(card, file="README.md")
    assert [signal.said[0].detail for signal in found.signals] == ["CC BY-NC-ND 4.0", "other", "https://x.example/l"]
    assert not refused(found)
    croissant = json.dumps({"license": ["https://creativecommons.org/licenses/by/4.0/", {"@id": "MIT"}]}).encode()
    assert [s.said[0].category for s in licence_files.read(croissant, file="croissant.json").signals] == [
        "cc:by",
        "other",
    ]
    assert (
        licence_files.read(b"// SPDX-License-Identifier: CC-BY-SA-4.0\n", file="x").signals[0].said[-1].category
        == "cc:sa"
    )


class Endless(io.RawIOBase):
    """A file of a gigabyte that counts what is read of it."""

    def __init__(self, begin: bytes, filler: bytes) -> None:
        self.begin, self.filler, self.given, self.size = begin, filler, 0, 1 << 30

    def read(self, size: int = -1) -> bytes:
        wanted = min(size if size >= 0 else self.size, self.size - self.given)
        data = (self.begin + self.filler * (wanted // len(self.filler) + 1))[:wanted]
        self.begin = self.begin[wanted:]
        self.given += wanted
        return data


@pytest.mark.parametrize("kind", list(Kind))
def test_a_file_of_a_gigabyte_is_not_read_to_its_end(kind: Kind) -> None:
    source = Endless(VALID[kind], b" padding\n")
    if kind in (Kind.ROBOTS, Kind.PAGE, Kind.LICENCE):  # of these the beginning counts
        assert read(source, file="file", kind=kind).signals
    else:
        with pytest.raises(InputError, match="more than"):
            read(source, file="file", kind=kind)
    assert source.given <= SIGNALS.manifest_bytes_max + 100_000


@given(st.sampled_from(list(Kind)), st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(kind: Kind, data: bytes) -> None:
    try:
        found = read(data, file="file", kind=kind)
    except InputError:
        return
    assert all(len(one.detail.splitlines()) <= 1 for signal in found.signals for one in signal.said)


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("https://x.example/a/b?c=1#d", "/a/b?c=1"),
        ("https://x.example", "/"),
        ("/a b", "/a%20b"),
        ("a", "/a"),
        ("https://[broken", "/"),
        ("/%7euser/%c3%a9", "/~user/%C3%A9"),
    ],
)
def test_paths_have_one_form(address: str, path: str) -> None:
    assert path_of(address) == path
