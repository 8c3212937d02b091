"""The tables of those who stand in for others, and of what is contested."""

from __future__ import annotations

from typing import Final

from cantoria.formats.csvfamily.columns import SIDE, SUBJECT, TIER, Column, Table

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
        SUBJECT,
        SIDE,
        Column("opened_by", "text", False, "the sender", "KOMCA", "who disputes"),
        TIER,
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
        TIER,
        Column("reason", "text", False, "", "another recording carries it", ""),
    ),
)
