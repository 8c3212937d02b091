"""The tables of the CSV family: their columns, which must be there, what stands for an empty cell, an example each.

docs/reference/csv.md shows the same; a test keeps both equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from cantoria.formats.csvfamily.columns import (
    CODES,
    FROM,
    SIDE,
    SUBJECT,
    TERRITORY,
    TIER,
    TO,
    Column,
    Table,
    code_columns,
)
from cantoria.formats.csvfamily.standing_tables import DISPUTES, ESTATES, GUARDIANS, REVIEWS
from cantoria.formats.csvfamily.trade_tables import CHAINS, COLLECTIONS, TITLES

PARTIES: Final = Table(
    "parties",
    "People, groups and organisations.",
    (
        Column("party", "key", True, "", "P0001", "your own key of the party"),
        Column("kind", "person, group, organisation", False, "person", "person"),
        Column("name", "text", False, "", "Kim Minji", "kept apart and erasable"),
        Column("script", "text", False, "", "Latn", "ISO 15924 script of the name"),
        Column("other_names", "list of texts", False, "", "김민지", "the same party in other spellings"),
        *code_columns("ipi_name", "ipi_base", "ipn", "isni", "dpid"),
        CODES,
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
        *code_columns("iswc"),
        CODES,
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
        *code_columns("isrc", "uci", "youtube_asset", "iscc"),
        CODES,
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
        *code_columns("gtin", "grid"),
        CODES,
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
        TIER,
    ),
)

SHARES: Final = Table(
    "shares",
    "Rights claims: who holds what in a work or recording. One row per claim.",
    (
        SUBJECT,
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
        TERRITORY,
        FROM,
        TO,
        TIER,
        Column("asserted_by", "text", False, "the sender", "KOMCA", "whose claim it is"),
    ),
)

PUBLIC_DOMAIN: Final = Table(
    "public_domain",
    "Evidence that one side of a subject is in the public domain.",
    (
        SUBJECT,
        SIDE,
        Column("basis", "term_expired, dedicated, never_protected", True, "", "term_expired", ""),
        Column("territory", "territory", True, "", "KR", "where it holds"),
        FROM,
        TO,
        TIER,
        Column("evidence", "text", True, "", "composer died 1950-03-01", "what shows it"),
    ),
)

COMPLETE: Final = Table(
    "complete",
    "Completeness statements: all claims on record for one side are all there are. Read after shares.csv; it has "
    "effect when the producer (recording), a publisher or a CMO (work) says it.",
    (
        SUBJECT,
        SIDE,
        Column("signed_by", "reference", False, "the sender", "P0002", "who says so; a party"),
        FROM,
        TO,
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
        TERRITORY,
        FROM,
        TO,
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
        TERRITORY,
        FROM,
        TO,
        Column("model_version", "text", False, "any", "melody-2", "condition of a yes"),
        Column("min_price", "amount and currency", False, "none", "0.05 EUR", "condition of a yes, per row"),
        Column("attribution", "yes, no", False, "no", "yes", "condition of a yes"),
        Column("label", "yes, no", False, "no", "yes", "condition of a yes: output is labelled as AI"),
        Column("campaign", "text", False, "any", "spring-2027", "condition of a yes to advertise"),
        Column("other", "list of texts", False, "", "", "terms no program can evaluate: such a yes never counts"),
        Column("delegation", "reference", False, "", "D0001", "the delegation under which the speaker speaks"),
    ),
)

MANIFEST: Final = Table(
    "manifest",
    "A dataset to be cleared: one row per item. A row whose codes cannot be read stays in, and is not found.",
    (
        Column("line", "number", False, "position", "1", "the row's number in the dataset"),
        *code_columns("isrc", "iswc", "uci", "youtube_asset", "iscc", "gtin", "grid"),
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
        Column("tdm_reservation", "0, 1", False, "", "1", "TDMRep, as found with the item: 1 refuses its row"),
        Column(
            "tdm_policy", "address", False, "", "https://label.example/tdm.json", "TDMRep: where a licence is on offer"
        ),
        Column("content_usage", "preferences", False, "", "train-ai=n", "AIPREF, as found: an n refuses its row"),
        Column("robots_tag", "directives", False, "", "noai", "X-Robots-Tag, as found: noai refuses its row"),
        Column("training_mining", "JSON", False, "", "", "a C2PA or CAWG assertion on training and mining, as JSON"),
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
    TITLES,
    SHARES,
    COLLECTIONS,
    CHAINS,
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
