"""The rules by name, with the level at which each speaks and what it asks for (docs/reference/cwr.md).

Level `as the field` is T for a mandatory field of a record that says who owns what, R for one of another record, F for
an optional field, G or E in the records of the frame.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

RULES: Final = MappingProxyType(
    {
        "mandatory": ("as the field", "a mandatory field holds something"),
        "format": ("as the field", "numbers are digits, days are days of the calendar, flags are Y, N or U"),
        "lookup": ("as the field", "a code is in its table"),
        "code": ("as the field", "an ISWC, ISRC, IPI, ISNI or EAN has the form of one"),
        "share": ("T", "a share is five digits from 00000 to 10000, or blank"),
        "constant": ("as the field", "a field with one value holds that value"),
        "blank": ("as the field", "a filler is blank"),
        "control-character": ("as the field", "text holds no control characters"),
        "check-digit": ("F", "the check digits of an IPI, ISWC, ISNI or EAN are right"),
        "length": ("R", "no text stands beyond the record's last field"),
        "conditional": ("F or T", "a field is filled in where another one asks for it"),
        "unknown-party": ("F", "a party that the submitter controls is not marked unknown"),
        "linkage": ("T", "SPT, SWT, PWR, NPN, NWN, MAN and NPA follow the party that they are of"),
        "chain": ("R", "a chain of publishers begins with type E, ES or PA"),
        "no-link": ("R", "a writer of the submitter's is linked to a publisher by PWR, where there is one"),
        "no-writer": ("T", "a work has a writer"),
        "share-total": ("T", "ownership of each right adds up to 100 % (± 0.06 %), or to nothing"),
        "collection-total": ("T", "collection of each right adds up to 100 % (+ 0.06 %) at most in each territory"),
        "no-original": ("R", "a modified work or an excerpt names what it was made of"),
        "components": ("R", "a composite work has as many components as it says"),
        "no-territory": ("T", "an agreement includes a territory"),
        "no-party": ("T", "an agreement has an assignor and an acquirer"),
        "order": ("R", "records of a transaction stand in CWR's order"),
        "sequence": ("G or R", "transactions and records are numbered from 0 up"),
        "group-number": ("G", "groups are numbered from 1 up, and end by their number"),
        "group-kind": ("G", "a group holds transactions of its kind"),
        "group-end": ("G", "every GRH has its GRT"),
        "no-group": ("G", "transactions stand in groups"),
        "count": ("G or E", "GRT and TRL count what the file holds"),
        "no-trailer": ("E", "the file ends with TRL"),
        "after-end": ("E", "nothing stands after TRL"),
        "stray": ("R", "details stand in transactions, and one header at the beginning"),
        "record-type": ("R", "the version has the record type"),
        "empty-line": ("R", "no line is empty"),
        "limit": ("R or T", "a line and a transaction are within the limits"),
        "more": ("as the last", "how many findings were left out"),
    }
)
