"""The same release as messages of each version of ERN, made for the tests."""

from __future__ import annotations

from typing import Final

SENDER: Final = "PADPIDA2013020802I"
OTHER: Final = "PADPIDA2014120301R"


def tag(name: str, *inner: str, **attributes: str) -> str:
    """Return an element."""
    given = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}{given}>{''.join(inner)}</{name}>"


def name(text: str) -> str:
    return tag("PartyName", tag("FullName", text))


def header(*, message: str = "M-1", sender: str = SENDER, created: str = "2024-01-02T03:04:05Z") -> str:
    return tag(
        "MessageHeader",
        tag("MessageThreadId", "T-1"),
        tag("MessageId", message),
        tag("MessageSender", tag("PartyId", sender), name("Blue Records")),
        tag("MessageRecipient", tag("PartyId", OTHER)),
        tag("MessageCreatedDateTime", created),
        tag("MessageControlType", "LiveMessage"),
    )


def root(number: str, *inner: str, kind: str = "NewReleaseMessage") -> bytes:
    attributes = f'xmlns:ern="http://ddex.net/xml/ern/{number}" LanguageAndScriptCode="en" AvsVersionId="9"'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<ern:{kind} {attributes}>{"".join(inner)}</ern:{kind}>'.encode()


def terms(*uses: str, start: str = "2024-01-01", end: str = "", territory: str = "Worldwide", old: bool = False) -> str:
    named = "".join(tag("UseType", use) for use in uses)
    period = tag("ValidityPeriod", tag("StartDate", start), tag("EndDate", end) if end else "")
    model = tag("CommercialModelType", "SubscriptionModel")
    where = tag("TerritoryCode", territory)
    parts = (model, tag("Usage", named), where, period) if old else (where, period, model, named)
    return tag("Deal", tag("DealTerms", *parts))


def deals(*listed: str, release: str = "R0") -> str:
    return tag("DealList", tag("ReleaseDeal", tag("DealReleaseReference", release), *listed)) if listed else ""


PARTIES: Final = tag(
    "PartyList",
    tag("Party", tag("PartyReference", "P1"), name("Kim Minji"), tag("PartyId", tag("ISNI", "000000012281955X"))),
    tag("Party", tag("PartyReference", "P2"), name("Blue Records")),
    tag("Party", tag("PartyReference", "P3"), name("Bo Writer"), tag("PartyId", tag("IpiNameNumber", "00014107338"))),
)


def credit(party: str, role: str, *, number: str, ai: str = "", special: str = "", element: str = "Contributor") -> str:
    """Return a contributor as the version writes it."""
    who = tag("SpecialContributor", special) if special else tag("ContributorPartyReference", party)
    named = tag("Role", tag("Value", role)) if number == "432" else tag("Role", role)
    return tag(element, who, named, tag("AiContribution", ai) if ai else "")


def recording(
    number: str,
    *,
    place: int = 1,
    isrc: str = "KRA381900123",
    title: str = "Spring Rain",
    credits_: str | None = None,
    ai: str = "",
    more: str = "",
) -> str:
    """Return a SoundRecording of ERN 4.1 (no edition), 4.2, 4.3 or 4.3.2."""
    ids = tag("ResourceId", tag("ISRC", isrc)) + tag("PLine", tag("PLineText", "(P) 2024 Blue Records"))
    if number not in ("41", "42"):
        ids = tag("SoundRecordingEdition", ids)
    if credits_ is None:
        credits_ = credit("P3", "ComposerLyricist", number=number)
    return tag(
        "SoundRecording",
        tag("ResourceReference", f"A{place}"),
        tag("Type", "MusicalWorkSoundRecording"),
        ids,
        tag("WorkId", tag("ISWC", "T0345246801")),
        tag("DisplayTitleText", title),
        tag("DisplayTitle", tag("TitleText", title)),
        tag("DisplayArtistName", "Minji"),
        tag("DisplayArtist", tag("ArtistPartyReference", "P1"), tag("DisplayArtistRole", "MainArtist")),
        credits_,
        tag("Duration", "PT3M34.5S"),
        tag("ParentalWarningType", "NotExplicit"),
        more,
        tag("ContainsAI", ai) if ai else "",
    )


def message(
    number: str,
    *recordings: str,
    release_title: str = "First",
    deal: str = "",
    ai: str = "",
    parties: str = PARTIES,
    icpn: str = "4006381333931",
    **head: str,
) -> bytes:
    """Return a whole message of ERN 4."""
    listed = recordings or (recording(number),)
    items = "".join(
        tag("ResourceGroupContentItem", tag("ReleaseResourceReference", f"A{place}"))
        for place in range(1, len(listed) + 1)
    )
    release = tag(
        "Release",
        tag("ReleaseReference", "R0"),
        tag("ReleaseType", "Album"),
        tag("ReleaseId", tag("ICPN", icpn)),
        tag("DisplayTitleText", release_title),
        tag("ReleaseLabelReference", "P2"),
        tag("ResourceGroup", items),
        tag("ContainsAI", ai) if ai else "",
    )
    return root(number, header(**head), parties, tag("ResourceList", *listed), tag("ReleaseList", release), deal)


def old_party(element: str, called: str, *codes: str, role: str = "", roles: str = "") -> str:
    return tag(element, name(called), tag("PartyId", *codes) if codes else "", tag(role, roles) if role else "")


def old_recording(*, place: int = 1, isrc: str = "KRA381900123", more: str = "", listed: bool = True) -> str:
    """Return a SoundRecording of ERN 3.8."""
    details = tag(
        "SoundRecordingDetailsByTerritory",
        tag("TerritoryCode", "Worldwide"),
        tag("Title", tag("TitleText", "Spring Rain"), TitleType="DisplayTitle"),
        old_party("DisplayArtist", "Kim Minji", tag("ISNI", "000000012281955X"), role="ArtistRole", roles="MainArtist"),
        old_party(
            "IndirectResourceContributor",
            "Bo Writer",
            tag("IpiNameNumber", "00014107338"),
            role="IndirectResourceContributorRole",
            roles="ComposerLyricist",
        ),
        tag("DisplayArtistName", "Minji"),
        old_party("RightsController", "Blue Records", role="RightsControllerRole", roles="RightsController"),
        tag("PLine", tag("Year", "2024"), tag("PLineText", "(P) 2024 Blue Records")),
        more,
    )
    works = tag(
        "ResourceMusicalWorkReferenceList",
        tag("ResourceMusicalWorkReference", tag("ResourceMusicalWorkReference", "W1")),
    )
    return tag(
        "SoundRecording",
        tag("SoundRecordingType", "MusicalWorkSoundRecording"),
        tag("SoundRecordingId", tag("ISRC", isrc)),
        tag("ResourceReference", f"A{place}"),
        tag("ReferenceTitle", tag("TitleText", "Spring Rain (reference)")),
        works if listed else tag("IndirectSoundRecordingId", tag("ISWC", "T0345246801")),
        tag("Duration", "PT3M34.5S"),
        details,
    )


def old_message(number: str = "382", *recordings: str, deal: str = "", update: str = "", **head: str) -> bytes:
    """Return a whole message of ERN 3.8, with a main release and a track release."""
    listed = recordings or (old_recording(),)
    references = "".join(tag("ReleaseResourceReference", f"A{place}") for place in range(1, len(listed) + 1))
    works = tag(
        "WorkList",
        tag(
            "MusicalWork",
            tag("MusicalWorkId", tag("ISWC", "T-034.524.680-1")),
            tag("MusicalWorkReference", "W1"),
            tag("ReferenceTitle", tag("TitleText", "Spring Rain")),
        ),
    )
    releases = tag(
        "ReleaseList",
        tag(
            "Release",
            tag("ReleaseId", tag("ICPN", "4006381333931")),
            tag("ReleaseReference", "R0"),
            tag("ReferenceTitle", tag("TitleText", "First")),
            tag("ReleaseResourceReferenceList", references),
        ),
        tag(
            "Release",
            tag("ReleaseId", tag("ISRC", "KRA381900123")),
            tag("ReleaseReference", "R1"),
            tag("ReferenceTitle", tag("TitleText", "Spring Rain")),
            tag("ReleaseResourceReferenceList", tag("ReleaseResourceReference", "A1")),
        ),
    )
    indicator = tag("UpdateIndicator", update) if update else ""
    return root(number, header(**head), indicator, works, tag("ResourceList", *listed), releases, deal)


def purge(number: str, icpn: str = "4006381333931", **head: str) -> bytes:
    """Return a PurgeReleaseMessage."""
    inner = tag("PurgedRelease", tag("ReleaseId", tag("ICPN", icpn)), tag("Title", tag("TitleText", "First")))
    return root(number, header(**head), inner, kind="PurgeReleaseMessage")
