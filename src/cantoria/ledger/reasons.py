"""Why a batch, a governance record or a filing is not admitted: stable codes, in order of precedence.

When several reasons hold, the one that stands first here is given, with the first envelope it concerns.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Reason(StrEnum):
    """Codes are never renamed or reused; new ones take their place in the order of precedence."""

    MALFORMED = "malformed"
    NO_GENESIS = "no_genesis"
    WRONG_COUNT = "wrong_count"
    UNKNOWN_SCHEMA = "unknown_schema"
    UNKNOWN_MEMBER = "unknown_member"
    UNKNOWN_KEY = "unknown_key"
    KEY_NOT_VALID = "key_not_valid"
    BAD_SIGNATURE = "bad_signature"
    WRONG_ROOT = "wrong_root"
    FOREIGN_ENVELOPE = "foreign_envelope"
    UNKNOWN_TYPE = "unknown_type"
    CAPACITY_NOT_ALLOWED = "capacity_not_allowed"
    CAPACITY_NOT_HELD = "capacity_not_held"
    FACT_REPLAYED = "fact_replayed"
    CLAIMED_IN_FUTURE = "claimed_in_future"
    GENESIS_REPEATED = "genesis_repeated"
    WRONG_SEQUENCE = "wrong_sequence"
    KEY_KNOWN = "key_known"
    BODIES_MISSING = "bodies_missing"
    BODY_TOO_LARGE = "body_too_large"
    BODY_MISMATCH = "body_mismatch"
    ERASURE_APART = "erasure_apart"
    NEIGHBOUR_REFUSED = "neighbour_refused"


REMEDY: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        Reason.MALFORMED: "Build the batch as spec/envelope.md lays it out: a header and 1 to 1000 envelopes.",
        Reason.NO_GENESIS: "The log has no genesis record yet; open it with its operator's key first.",
        Reason.WRONG_COUNT: "Send exactly as many envelopes as the signed header counts.",
        Reason.UNKNOWN_SCHEMA: "This log reads schema version 1; upgrade or downgrade the client.",
        Reason.UNKNOWN_MEMBER: "Ask the operator to admit the organisation as a member.",
        Reason.UNKNOWN_KEY: "Ask the operator to register this signing key for the organisation.",
        Reason.KEY_NOT_VALID: "Sign with a key that is valid at this index: this one is not yet valid, or revoked.",
        Reason.BAD_SIGNATURE: "Sign the header for this log's origin with the organisation's registered key.",
        Reason.WRONG_ROOT: "Compute the batch root over exactly these envelopes, in this order.",
        Reason.FOREIGN_ENVELOPE: "Every envelope must name the header's organisation and key.",
        Reason.UNKNOWN_TYPE: "Use a fact type that this log knows; see the table of types.",
        Reason.CAPACITY_NOT_ALLOWED: "Facts of this type may not be recorded in the declared capacity.",
        Reason.CAPACITY_NOT_HELD: "Declare a capacity that the organisation was admitted with.",
        Reason.FACT_REPLAYED: "This fact id is already recorded; a new fact needs a new id.",
        Reason.CLAIMED_IN_FUTURE: "Check the clock: the claimed time lies too far ahead of the log's.",
        Reason.GENESIS_REPEATED: "A log begins once; do not send a second genesis record.",
        Reason.WRONG_SEQUENCE: "Number the governance record one above the last one.",
        Reason.KEY_KNOWN: "This key is registered already; use a fresh key.",
        Reason.BODIES_MISSING: "Send one salt and one body with every envelope.",
        Reason.BODY_TOO_LARGE: "Record a large document by its hash.",
        Reason.BODY_MISMATCH: "Send the salt and body that the envelope commits to.",
        Reason.ERASURE_APART: "Erase a body through the erasure call, which records and destroys in one step.",
        Reason.NEIGHBOUR_REFUSED: "Mend the batch that was refused: these were to be recorded together or not at all.",
    }
)
