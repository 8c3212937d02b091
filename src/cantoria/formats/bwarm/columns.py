"""The tables of a BWARM-style set and their columns, as they are known at second hand: DDEX publishes the standard, the
MLC publishes such files, and neither was at hand when this was written.

Sources: database schemas and a validator that others published for the MLC's files (version 1 names), and one account
of version 2 file names (`musicalworks.tsv`, `resources.tsv` …). Columns are found by name, in any order, so that a file
whose columns are others is read as far as its names are known. Names differ between versions: see `normal`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from cantoria.kernel.errors import InputError

_NOT_NAME: Final = re.compile(r"[^a-z0-9]+")
_OTHER_NAMES: Final = (
    ("musicalwork", "work"),
    ("resource", "recording"),
    ("workitle", "worktitle"),  # the second t is missing in a published list of columns
    ("unclaimedrightsharepercentage", "unclaimedpercentage"),
    ("proprietaryidentifierid", "identifierid"),
)


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name (that of its file without `.tsv`), what its file is called elsewhere, its columns in the order
    in which they are written, and those without which a row means nothing."""

    name: str
    also: tuple[str, ...]
    columns: tuple[str, ...]
    needed: tuple[str, ...]


WORKS: Final = Table(
    "works",
    ("musicalworks",),
    (
        "FeedProvidersWorkId",
        "ISWC",
        "WorkTitle",
        "OpusNumber",
        "ComposerCatalogNumber",
        "NominalDuration",
        "HasRightsInDispute",
        "TerritoryOfPublicDomain",
        "IsArrangementOfTraditionalWork",
        "AlternativeWorkForUsStatutoryReversion",
        "UsStatutoryReversionDate",
    ),
    ("FeedProvidersWorkId", "WorkTitle"),
)
WORK_TITLES: Final = Table(
    "workalternativetitles",
    ("alternativeworktitles", "alternativemusicalworktitles", "musicalworkalternativetitles"),
    (
        "FeedProvidersWorkAlternativeTitleId",
        "FeedProvidersWorkId",
        "AlternativeTitle",
        "LanguageAndScriptCode",
        "TitleType",
    ),
    ("FeedProvidersWorkId", "AlternativeTitle"),
)
WORK_IDENTIFIERS: Final = Table(
    "workidentifiers",
    ("musicalworkidentifiers",),
    (
        "FeedProvidersWorkProprietaryIdentifierId",
        "FeedProvidersWorkId",
        "Identifier",
        "FeedProvidersAllocatingPartyId",
    ),
    ("FeedProvidersWorkId", "Identifier"),
)
PARTIES: Final = Table(
    "parties",
    (),
    (
        "FeedProvidersPartyId",
        "ISNI",
        "IpiNameNumber",
        "CisacSocietyId",
        "DPID",
        "FullName",
        "NamesBeforeKeyName",
        "KeyName",
        "NamesAfterKeyName",
        "ContactName",
        "ContactEmail",
        "ContactPhone",
        "ContactAddress",
        "NoValidContactInformationAvailable",
    ),
    ("FeedProvidersPartyId",),
)
SHARES: Final = Table(
    "musicalworkrightshares",
    ("workrightshares",),
    (
        "FeedProvidersWorkRightShareId",
        "FeedProvidersWorkId",
        "FeedProvidersPartyId",
        "PartyRole",
        "RightSharePercentage",
        "RightShareType",
        "RightsType",
        "ValidityStartDate",
        "ValidityEndDate",
        "FeedProvidersParentWorkRightShareId",
        "TerritoryCode",
        "UseType",
    ),
    ("FeedProvidersWorkId", "FeedProvidersPartyId"),
)
RECORDINGS: Final = Table(
    "recordings",
    ("resources",),
    (
        "FeedProvidersRecordingId",
        "ISRC",
        "RecordingTitle",
        "RecordingSubTitle",
        "DisplayArtistName",
        "DisplayArtistISNI",
        "PLine",
        "Duration",
        "FeedProvidersReleaseId",
        "StudioProducerName",
        "StudioProducerId",
        "OriginalDataProviderName",
        "OriginalDataProviderDPID",
        "IsDataProvidedAsReceived",
    ),
    ("FeedProvidersRecordingId",),
)
RECORDING_TITLES: Final = Table(
    "alternativerecordingtitles",
    ("recordingalternativetitles", "alternativeresourcetitles"),
    (
        "FeedProvidersRecordingAlternativeTitleId",
        "FeedProvidersRecordingId",
        "AlternativeTitle",
        "LanguageAndScriptCode",
        "TitleType",
    ),
    ("FeedProvidersRecordingId", "AlternativeTitle"),
)
RECORDING_IDENTIFIERS: Final = Table(
    "recordingidentifiers",
    ("resourceidentifiers",),
    (
        "FeedProvidersRecordingProprietaryIdentifierId",
        "FeedProvidersRecordingId",
        "Identifier",
        "FeedProvidersAllocatingPartyId",
    ),
    ("FeedProvidersRecordingId", "Identifier"),
)
RELEASES: Final = Table(
    "releases",
    (),
    (
        "FeedProvidersReleaseId",
        "ICPN",
        "ReleaseTitle",
        "ReleaseSubTitle",
        "DisplayArtistName",
        "DisplayArtistISNI",
        "LabelName",
        "ReleaseDate",
        "OriginalDataProviderName",
        "OriginalDataProviderDPID",
        "IsDataProvidedAsReceived",
    ),
    ("FeedProvidersReleaseId",),
)
RELEASE_IDENTIFIERS: Final = Table(
    "releaseidentifiers",
    (),
    (
        "FeedProvidersReleaseProprietaryIdentifierId",
        "FeedProvidersReleaseId",
        "Identifier",
        "FeedProvidersAllocatingPartyId",
    ),
    ("FeedProvidersReleaseId", "Identifier"),
)
LINKS: Final = Table(
    "worksrecordings",
    ("workrecordings", "workrecordinglinks", "workresourcelinks", "musicalworkresourcelinks"),
    ("FeedProvidersLinkId", "FeedProvidersWorkId", "FeedProvidersRecordingId"),
    ("FeedProvidersWorkId", "FeedProvidersRecordingId"),
)
UNCLAIMED: Final = Table(
    "unclaimedmusicalworkrightshares",
    ("unclaimedworks", "unclaimedworkrightshares"),
    (
        "FeedProvidersRightShareId",
        "FeedProvidersRecordingId",
        "FeedProvidersWorkId",
        "ISRC",
        "DspRecordingId",
        "RecordingTitle",
        "RecordingSubTitle",
        "AlternativeRecordingTitle",
        "DisplayArtistName",
        "DisplayArtistISNI",
        "Duration",
        "UnclaimedRightSharePercentage",
        "PercentileForPrioritisation",
    ),
    ("FeedProvidersRightShareId", "UnclaimedRightSharePercentage"),
)
# In the order in which a set is best read: what is mentioned goes before what mentions it.
TABLES: Final = (
    PARTIES,
    WORKS,
    WORK_TITLES,
    WORK_IDENTIFIERS,
    RELEASES,
    RELEASE_IDENTIFIERS,
    RECORDINGS,
    RECORDING_TITLES,
    RECORDING_IDENTIFIERS,
    LINKS,
    SHARES,
    UNCLAIMED,
)


def normal(column: str) -> str:
    """Return the name of a column as it is compared: letters and digits only, with the words of version 1."""
    name = _NOT_NAME.sub("", column.lower())
    for other, ours in _OTHER_NAMES:
        name = name.replace(other, ours)
    return name


def table_of(file: str) -> Table | None:
    """Return the table that a file's name says it is (`works.tsv`, `works_2026.tsv`), or None."""
    name = file.replace("\\", "/").rpartition("/")[2].lower()
    stem = name.partition(".")[0]
    names = {known: table for table in TABLES for known in (table.name, *table.also)}
    for known in sorted(names, key=len, reverse=True):
        if stem == known or stem.startswith((known + "_", known + "-")):
            return names[known]
    return None


def order_of(file: str) -> int:
    """Return the place of a file in the order in which a set is best read, by its name: parties first."""
    table = table_of(file)
    return len(TABLES) if table is None else TABLES.index(table)


def named(name: str) -> Table:
    """Return the table of that name; `InputError` where there is none."""
    for table in TABLES:
        if name.lower() in (table.name, *table.also):
            return table
    known = ", ".join(table.name for table in TABLES)
    raise InputError(f"{name[:40]!r} is no table of such a set", f"use one of {known}")
