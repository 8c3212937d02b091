"""The tables of the CSV family: their columns, which must be there, what stands for an empty cell, an example each.

docs/reference/csv.md shows the same; a test keeps both equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `kind` says how a cell is read, `default` what an empty cell or a missing column means."""

    name: str
    kind: str
    required: bool = False
    default: str = ""
    example: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the family; `key` is the column whose value may stand in one row only, if any."""

    name: str
    about: str
    columns: tuple[Column, ...]
    key: str = ""

    def column(self, name: str) -> Column:
        """Return the column of that name."""
        return next(column for column in self.columns if column.name == name)


_TERRITORY = Column("territory", "territory", False, "2136", "2136 -US", "where it holds")
_FROM = Column("from", "date", False, "always", "2026-01-01", "the first day, or an exact time")
_TO = Column("to", "date", False, "open", "2031-01-01", "the first day on which it no longer holds")
_TIER = Column(
    "tier",
    "signal, asserted, documented, verified",
    False,
    "documented",
    "documented",
    "how well it is evidenced; it has effect from documented upward",
)
_SIDE = Column("side", "work, recording", False, "what subject is", "recording", "the side it speaks of")
_SUBJECT = Column("subject", "reference", True, "", "R0001", "a work or recording")
_CODES = Column("codes", "list of codes", False, "", "own:KOMCA:100000000001", "further codes, written with scheme")


def _codes(*names: str) -> tuple[Column, ...]:
    examples = {
        "isrc": "KRA381900123",
        "iswc": "T0345246801",
        "uci": "I804:44032-200000668457",
        "youtube_asset": "A935917475088049",
        "iscc": "",
        "gtin": "4006381333931",
        "grid": "A12425GABC1234002M",
        "ipi_name": "00014107338",
        "ipi_base": "I-123456789-3",
        "ipn": "",
        "isni": "000000012281955X",
        "dpid": "PADPIDA2013020802I",
    }
    return tuple(Column(name, "list of codes", False, "", examples[name], "") for name in names)


PARTIES: Final = Table(
    "parties",
    "People, groups and organisations.",
    (
        Column("party", "key", True, "", "P0001", "your own key of the party"),
        Column("kind", "person, group, organisation", False, "person", "person"),
        Column("name", "text", False, "", "Kim Minji", "kept apart and erasable"),
        Column("script", "text", False, "", "Latn", "ISO 15924 script of the name"),
        Column("other_names", "list of texts", False, "", "김민지", "the same party in other spellings"),
        *_codes("ipi_name", "ipi_base", "ipn", "isni", "dpid"),
        Column("reachable", "yes, no", False, "yes", "yes", "whether a request for permission can be delivered"),
        Column("signing_key", "64 hex digits", False, "", "", "the party's Ed25519 public key, if you vouch for it"),
    ),
    "party",
)

WORKS: Final = Table(
    "works",
    "Musical works.",
    (
        Column("work", "key", True, "", "W0001", "your own key of the work"),
        Column("title", "text", True, "", "Spring Rain", ""),
        Column("kind", "original, arrangement, translation, medley", False, "original", "original"),
        Column("parts", "list of references", False, "", "W0007", "originals of an arrangement, works of a medley"),
        Column("parts_complete", "yes, no", False, "yes", "yes", "whether all of them are named"),
        *_codes("iswc"),
        _CODES,
    ),
    "work",
)

RECORDINGS: Final = Table(
    "recordings",
    "Sound recordings.",
    (
        Column("recording", "key", True, "", "R0001", "your own key of the recording"),
        Column("title", "text", True, "", "Spring Rain", ""),
        Column("artist", "text", False, "", "Minji & Band", "as displayed; it makes nobody a holder"),
        Column("version", "text", False, "", "Live", ""),
        Column("duration_ms", "number", False, "", "214000", "milliseconds"),
        Column("works", "list of references", False, "", "W0001", "the works that it embodies"),
        Column("samples", "list of references", False, "", "R0099", "the recordings that it samples"),
        Column("samples_complete", "yes, no", False, "yes", "yes", "whether all of them are named"),
        *_codes("isrc", "uci", "youtube_asset", "iscc"),
        _CODES,
    ),
    "recording",
)

RELEASES: Final = Table(
    "releases",
    "Releases with their recordings, in order.",
    (
        Column("release", "key", True, "", "A0001", "your own key of the release"),
        Column("title", "text", True, "", "First Album", ""),
        Column("recordings", "list of references", True, "", "R0001|R0002", ""),
        *_codes("gtin", "grid"),
        _CODES,
    ),
    "release",
)

CATALOGUES: Final = Table(
    "catalogues",
    "Named sets of works, recordings and releases that statements can speak of. One row per member.",
    (
        Column("catalogue", "key", True, "", "C0001", "your own key of the catalogue"),
        Column("owner", "reference", True, "", "P0001", "a party"),
        Column("member", "reference", True, "", "W0001", "a work, recording or release"),
    ),
)

LINKS: Final = Table(
    "links",
    "Evidence that codes and things belong together.",
    (
        Column(
            "left", "code or reference", True, "", "isrc:KRA381900123", "a code (identifies), a recording (embodies)"
        ),
        Column("relation", "identifies, embodies, same_as", True, "", "identifies", ""),
        Column("right", "code or reference", True, "", "R0001", "a thing (identifies), a work (embodies)"),
        Column("asserted_by", "text", False, "the sender", "KOMCA", "whose evidence it is"),
        _TIER,
    ),
)

SHARES: Final = Table(
    "shares",
    "Rights claims: who holds what in a work or recording. One row per claim.",
    (
        _SUBJECT,
        Column("party", "reference", True, "", "P0001", "the holder"),
        Column(
            "role",
            "composer, lyricist, author, arranger, translator, publisher, featured_performer, "
            "non_featured_performer, producer",
            True,
            "",
            "composer",
            "",
        ),
        Column("right", "performing, mechanical, synchronisation, neighbouring", False, "none", "performing", ""),
        Column("share", "percent or fraction", False, "role only", "33.3333 or 1/3", "of the whole right"),
        _TERRITORY,
        _FROM,
        _TO,
        _TIER,
        Column("asserted_by", "text", False, "the sender", "KOMCA", "whose claim it is"),
    ),
)

PUBLIC_DOMAIN: Final = Table(
    "public_domain",
    "Evidence that one side of a subject is in the public domain.",
    (
        _SUBJECT,
        _SIDE,
        Column("basis", "term_expired, dedicated, never_protected", True, "", "term_expired", ""),
        Column("territory", "territory", True, "", "KR", "where it holds"),
        _FROM,
        _TO,
        _TIER,
        Column("evidence", "text", True, "", "composer died 1950-03-01", "what shows it"),
    ),
)

COMPLETE: Final = Table(
    "complete",
    "Completeness statements: all claims on record for one side are all there are. Read after shares.csv; it has "
    "effect when the producer (recording), a publisher or a CMO (work) says it.",
    (
        _SUBJECT,
        _SIDE,
        Column("signed_by", "reference", False, "the sender", "P0002", "who says so; a party"),
        _FROM,
        _TO,
    ),
)

DELEGATIONS: Final = Table(
    "delegations",
    "Who may speak for whom. A delegation has effect when the principal recorded or signed it.",
    (
        Column("delegation", "key", True, "", "D0001", "your own key of the delegation"),
        Column("principal", "reference", True, "", "P0001", "a party"),
        Column("delegate", "reference", True, "", "P0002", "a party"),
        Column("kind", "agent, cmo, cosigner, trust", True, "", "agent", ""),
        Column("uses", "list of uses", True, "", "train_generative|input", "uses by AI, or a family of them"),
        Column("scope", "list of references", False, "everything", "C0001", "works, recordings, releases, catalogues"),
        _TERRITORY,
        _FROM,
        _TO,
        Column("may_subdelegate", "yes, no", False, "no", "no", ""),
        Column("statements_survive", "yes, no", False, "no", "no", "whether statements outlive the delegation"),
        Column("parent", "reference", False, "", "D0000", "the delegation under which it is made"),
    ),
    "delegation",
)

STATEMENTS: Final = Table(
    "statements",
    "Stop, no, ask and yes. A yes has effect when the speaker recorded or signed it; refusals need no formality.",
    (
        Column("party", "reference", True, "", "P0001", "the holder for whom it is said"),
        Column("speaker", "reference", False, "party", "P0002", "who says it"),
        Column("says", "stop, no, ask, yes", True, "", "yes", ""),
        Column("uses", "list of uses", True, "", "train_generative", "a yes names each use; others may name a family"),
        Column(
            "scope",
            "persona, recording, work, release, catalogue, present_works, future_works",
            True,
            "",
            "recording",
            "",
        ),
        Column("scope_of", "reference", False, "", "R0001", "which recording, work, release or catalogue"),
        Column("licensee", "reference", False, "anyone", "P0100", "one named licensee"),
        Column("licensee_class", "text", False, "anyone", "research", "a class of licensees"),
        _TERRITORY,
        _FROM,
        _TO,
        Column("model_version", "text", False, "any", "melody-2", "condition of a yes"),
        Column("min_price", "amount and currency", False, "none", "0.05 EUR", "condition of a yes, per row"),
        Column("attribution", "yes, no", False, "no", "yes", "condition of a yes"),
        Column("label", "yes, no", False, "no", "yes", "condition of a yes: output is labelled as AI"),
        Column("campaign", "text", False, "any", "spring-2027", "condition of a yes to advertise"),
        Column("other", "list of texts", False, "", "", "terms no program can evaluate: such a yes never counts"),
        Column("delegation", "reference", False, "", "D0001", "the delegation under which the speaker speaks"),
    ),
)

GUARDIANS: Final = Table(
    "guardians",
    "Who speaks for a minor. From majority on, a guardian's yes counts as ask.",
    (
        Column("minor", "reference", True, "", "P0003", "a party"),
        Column("guardian", "reference", True, "", "P0001", "a party"),
        Column("majority", "date", True, "", "2031-05-04", "when the minor comes of age"),
    ),
)

ESTATES: Final = Table(
    "estates",
    "Who speaks for a party that has died: all heirs, or the representative where the legal profile names that office.",
    (
        Column("deceased", "reference", True, "", "P0004", "a party"),
        Column("died", "date", True, "", "2019-02-11", ""),
        Column("heirs", "list of references", False, "", "P0001|P0003", "parties"),
        Column("heirs_complete", "yes, no", False, "no", "yes", "whether all heirs are named"),
        Column("representative", "reference", False, "", "P0001", "a party"),
    ),
)

DISPUTES: Final = Table(
    "disputes",
    "Disputes about who holds a side; they block from the evidence tier documented upward until they are closed.",
    (
        _SUBJECT,
        _SIDE,
        Column("opened_by", "text", False, "the sender", "KOMCA", "who disputes"),
        _TIER,
        Column("reason", "text", True, "", "second composer missing", ""),
        Column("next_actor", "text", False, "the sender", "Blue Records", "whose turn it is"),
        Column("due", "date", True, "", "2026-12-20", "until when"),
    ),
)

REVIEWS: Final = Table(
    "reviews",
    "Reviews of links that are on record: the latest of each reviewer counts.",
    (
        Column("left", "code or reference", True, "", "isrc:KRA381900123", ""),
        Column("relation", "identifies, embodies, same_as", True, "", "identifies", ""),
        Column("right", "code or reference", True, "", "R0001", ""),
        Column("says", "agreed, disputed", True, "", "disputed", ""),
        Column("reviewed_by", "text", False, "the sender", "KOMCA", ""),
        _TIER,
        Column("reason", "text", False, "", "another recording carries it", ""),
    ),
)

MANIFEST: Final = Table(
    "manifest",
    "A dataset to be cleared: one row per item. A row whose codes cannot be read stays in, and is not found.",
    (
        Column("line", "number", False, "position", "1", "the row's number in the dataset"),
        *_codes("isrc", "iswc", "uci", "youtube_asset", "iscc", "gtin", "grid"),
        Column("own", "list of codes", False, "", "R0001 or KOMCA:100000000001", "own codes, yours or with namespace"),
        Column("media", "recording, work", False, "recording", "recording", "work: lyrics, sheet music"),
        Column(
            "licence",
            "address or name",
            False,
            "",
            "https://creativecommons.org/licenses/by-nc/4.0/",
            "a licence that somebody stated: shown beside the answer as a signal, never a consent",
        ),
    ),
    "line",
)

PLAYS: Final = Table(
    "plays",
    "Uses of other kinds than generation: plays of recordings or works.",
    (
        Column("event", "text", False, "file and line", "2026-09/000001", "id of the line; the same id is a duplicate"),
        Column("code", "code", True, "", "isrc:KRA381900123", "what was played, as a code with scheme"),
        Column("territory", "territory", False, "2136", "KR", "where"),
        Column("date", "day", True, "", "2026-09-30", "when"),
        Column("plays", "number", True, "", "1204", "how often; 1 or more"),
    ),
    "event",
)

# In the order in which a family is read: nothing speaks of what comes later.
FACT_TABLES: Final = (
    PARTIES,
    WORKS,
    RECORDINGS,
    RELEASES,
    CATALOGUES,
    LINKS,
    SHARES,
    PUBLIC_DOMAIN,
    COMPLETE,
    DELEGATIONS,
    GUARDIANS,
    ESTATES,
    STATEMENTS,
    DISPUTES,
    REVIEWS,
)
TABLES: Final[Mapping[str, Table]] = MappingProxyType({t.name: t for t in (*FACT_TABLES, MANIFEST, PLAYS)})
