"""Allowed values: shipped, loaded from a file, and told by version."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from tests.unit.formats.ern.ern_messages import credit, deals, message, old_message, recording, terms

from cantoria.formats import ern
from cantoria.formats.ern import avs
from cantoria.formats.ern.roles import AI_USES, CONTRIBUTORS, DISPLAY_ARTISTS
from cantoria.formats.types import Severity
from cantoria.kernel.errors import InputError

SCHEMA = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:annotation><xs:documentation source="AvsVersionId">77</xs:documentation></xs:annotation>
<xs:simpleType name="ContributorRole"><xs:restriction base="xs:string">
<xs:enumeration value="Zitherist"/></xs:restriction></xs:simpleType></xs:schema>"""


def findings(desk: Any, data: bytes, allowed: avs.AllowedValues | None = None) -> list[tuple[str, str]]:
    imported = ern.read_message(data, file="m.xml", context=desk.context(), allowed=allowed)
    return [
        (one.field, one.value)
        for one in imported.findings
        if one.severity is Severity.WARNING and "allowed values" in one.message
    ]


def test_formats_ern_shipped_values_hold_what_is_read() -> None:
    sets = avs.shipped().sets
    assert avs.shipped().version == "9"
    assert set(CONTRIBUTORS) - {"Musician"} <= sets["ContributorRole"] | {"ClubDJ"}
    assert {"MainArtist", "FeaturedArtist", "Artist"} == set(DISPLAY_ARTISTS) <= sets["DisplayArtistRole"]
    assert AI_USES - {"UseForGenerativeAI"} <= sets["UseType_ERN"]
    assert sets["ContainsAI"] == {"All", "None", "Partly"}


def test_formats_ern_unknown_values_are_told_once_with_the_version(desk: Any) -> None:
    named = credit("P3", "Zitherist", number="43") * 3
    data = message("43", recording("43", credits_=named), deal=deals(terms("Teleport"), terms("Teleport")))
    imported = ern.read_message(data, file="m.xml", context=desk.context())
    told = [one for one in imported.findings if "allowed values" in one.message]
    assert [(one.field, one.value) for one in told] == [("ContributorRole", "Zitherist"), ("UseType_ERN", "Teleport")]
    assert all("version 9" in one.message and one.severity is Severity.WARNING for one in told)
    assert imported.counts.refused == 0


def test_formats_ern_values_may_be_loaded(desk: Any) -> None:
    allowed = avs.load(SCHEMA)
    assert allowed.version == "77"
    data = message("43", recording("43", credits_=credit("P3", "Zitherist", number="43")))
    assert findings(desk, data, allowed) == []
    other = message("43", recording("43", credits_=credit("P3", "Composer", number="43")))
    assert findings(desk, other, allowed) == [("ContributorRole", "Composer")]
    imported = ern.read_message(other, file="m.xml", context=desk.context(), allowed=allowed)
    (told,) = [one for one in imported.findings if one.field == "ContributorRole"]
    assert "version 77" in told.message
    assert "the message names 9" in told.message


def test_formats_ern_old_messages_have_sets_of_their_own(desk: Any) -> None:
    assert findings(desk, old_message(deal=deals(terms("AnythingAtAll", old=True)))) == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<x/>",
        SCHEMA[:-9],
        SCHEMA.replace(b'source="AvsVersionId"', b""),
        b'<!DOCTYPE x [<!ENTITY a "b">]>' + SCHEMA,
        SCHEMA.replace(b"enumeration", b"pattern"),
    ],
)
def test_formats_ern_other_files_are_no_values(data: bytes) -> None:
    with pytest.raises(InputError):
        avs.load(data)


@pytest.mark.parametrize("version", ["", "8", "../9", "x"])
def test_formats_ern_only_what_is_shipped_is_found(version: str) -> None:
    with pytest.raises(InputError, match="not shipped"):
        avs.shipped(version)


def test_formats_ern_stream_takes_the_values_too(desk: Any) -> None:
    data = message("43", recording("43", credits_=credit("P3", "Composer", number="43")))
    parts = ern.read_stream(BytesIO(data), file="m.xml", context=desk.context(), allowed=avs.load(SCHEMA))
    assert [one.field for part in parts for one in part.findings if "allowed values" in one.message] == [
        "ContributorRole"
    ]
