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
    BAD_ATTESTATION = "bad_attestation"
    NOT_ENDORSED = "not_endorsed"
    NOT_HELD = "not_held"
    SURPLUS_ATTESTATION = "surplus_attestation"
    CLAIMED_IN_FUTURE = "claimed_in_future"
    GENESIS_REPEATED = "genesis_repeated"
    COUNCIL_GOVERNS = "council_governs"
    WRONG_SEQUENCE = "wrong_sequence"
    NOT_CONVENED = "not_convened"
    NOT_SEATED = "not_seated"
    BALLOT_KNOWN = "ballot_known"
    BALLOT_UNKNOWN = "ballot_unknown"
    OTHER_PROPOSAL = "other_proposal"
    VOTED_ALREADY = "voted_already"
    NOT_PROPOSER = "not_proposer"
    TOO_MANY_BALLOTS = "too_many_ballots"
    NOT_OWN_KEY = "not_own_key"
    TOO_MANY_KEYS = "too_many_keys"
    KEY_KNOWN = "key_known"
    STILL_SEATED = "still_seated"
    LAST_SEAT = "last_seat"
    TOO_MANY_SEATS = "too_many_seats"
    SEAT_KEY_TAKEN = "seat_key_taken"
    THRESHOLD_OUT_OF_RANGE = "threshold_out_of_range"
    COUNCIL_UNABLE = "council_unable"
    TYPE_NAME_TAKEN = "type_name_taken"
    TYPE_NEEDED = "type_needed"
    NOT_POSSESSED = "not_possessed"
    CLOSES_OUT_OF_RANGE = "closes_out_of_range"
    BALLOT_CLOSED = "ballot_closed"
    BODIES_MISSING = "bodies_missing"
    BODY_TOO_LARGE = "body_too_large"
    BODY_MISMATCH = "body_mismatch"
    ERASURE_APART = "erasure_apart"
    NEIGHBOUR_REFUSED = "neighbour_refused"


REMEDY: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        Reason.MALFORMED: "Build it as spec/envelope.md and spec/governance.md lay it out.",
        Reason.NO_GENESIS: "The log has no genesis record yet; open it with its operator's key first.",
        Reason.WRONG_COUNT: "Send exactly as many envelopes as the signed header counts.",
        Reason.UNKNOWN_SCHEMA: "This log reads schema version 1; upgrade or downgrade the client.",
        Reason.UNKNOWN_MEMBER: "Ask the operator, or the council, to admit the organisation as a member.",
        Reason.UNKNOWN_KEY: "Have this signing key registered for the organisation.",
        Reason.KEY_NOT_VALID: "Sign with a key that is valid at this index: this one is not yet valid, or revoked.",
        Reason.BAD_SIGNATURE: "Sign the header for this log's origin with the organisation's registered key.",
        Reason.WRONG_ROOT: "Compute the batch root over exactly these envelopes, in this order.",
        Reason.FOREIGN_ENVELOPE: "Every envelope must name the header's organisation and key.",
        Reason.UNKNOWN_TYPE: "Use a fact type that this log knows, or that its council admits: see the table of types.",
        Reason.CAPACITY_NOT_ALLOWED: "Facts of this type may not be recorded in the declared capacity.",
        Reason.CAPACITY_NOT_HELD: "Declare a capacity that the organisation was admitted with.",
        Reason.FACT_REPLAYED: "This fact id is already recorded; a new fact needs a new id.",
        Reason.BAD_ATTESTATION: "Drop or renew the attestation: a member signs it with a key valid at this index, for "
        "exactly this header; the author does not endorse itself.",
        Reason.NOT_ENDORSED: "Have the batch endorsed: facts of this type need more organisations behind them, which "
        "hold a capacity that the type allows.",
        Reason.NOT_HELD: "Facts of this type need more members who hold their data: hand it out and collect holdings.",
        Reason.SURPLUS_ATTESTATION: "Send no more attestations than the facts of this batch need.",
        Reason.CLAIMED_IN_FUTURE: "Check the clock: the claimed time lies too far ahead of the log's.",
        Reason.GENESIS_REPEATED: "A log begins once; do not send a second genesis record.",
        Reason.COUNCIL_GOVERNS: "The operator has handed over to the council: put the change to a ballot.",
        Reason.WRONG_SEQUENCE: "Number the governance record one above the last one.",
        Reason.NOT_CONVENED: "No council is convened in this log: ask its operator.",
        Reason.NOT_SEATED: "Only organisations with a seat propose, vote and can be unseated: see the seats.",
        Reason.BALLOT_KNOWN: "This ballot id was used before: draw a fresh one.",
        Reason.BALLOT_UNKNOWN: "There is no open ballot of this id: see the open ones, and what was decided.",
        Reason.OTHER_PROPOSAL: "The ballot of this id is on another proposal: read what it is on, and vote on that.",
        Reason.VOTED_ALREADY: "Each seat votes once on a ballot; withdraw it and propose anew to decide otherwise.",
        Reason.NOT_PROPOSER: "Ask its proposer to withdraw the ballot.",
        Reason.TOO_MANY_BALLOTS: "Let some ballots of this proposer be decided first: 16 may be open, 1024 withdrawn.",
        Reason.NOT_OWN_KEY: "A member adds and revokes its own keys; put those of others to a ballot.",
        Reason.TOO_MANY_KEYS: "Revoke a key first: a member adds itself at most 16 at a time, 256 in all.",
        Reason.KEY_KNOWN: "This key is registered already; use a fresh key.",
        Reason.STILL_SEATED: "Unseat the organisation before it is expelled.",
        Reason.LAST_SEAT: "At least one seat must remain, and at least one validator where there are any.",
        Reason.TOO_MANY_SEATS: "A council has at most 64 seats: unseat another first.",
        Reason.SEAT_KEY_TAKEN: "Give the seat keys of its own: no other seat has them, and no other member's validator "
        "ever had.",
        Reason.THRESHOLD_OUT_OF_RANGE: "A threshold is at most the number of seats, and endorsers are at least one.",
        Reason.COUNCIL_UNABLE: "Add a valid key, or seat another validator, first: a new seat needs a key, and a "
        "quorum of seats must keep keys, and validators where it has them.",
        Reason.TYPE_NAME_TAKEN: "Give a fact type the name that its tag has already, or a new tag a name of its own.",
        Reason.TYPE_NEEDED: "Admit body-erased, and in no fewer capacities than before: bodies must stay erasable.",
        Reason.NOT_POSSESSED: "Have each new key sign for this organisation and log: a member's card has the proofs.",
        Reason.CLOSES_OUT_OF_RANGE: "A ballot closes in the future, and at most 90 days ahead.",
        Reason.BALLOT_CLOSED: "The ballot closed before this vote; withdraw it and propose anew.",
        Reason.BODIES_MISSING: "Send one salt and one body with every envelope.",
        Reason.BODY_TOO_LARGE: "Record a large document by its hash.",
        Reason.BODY_MISMATCH: "Send the salt and body that the envelope commits to.",
        Reason.ERASURE_APART: "Erase a body through the erasure call, which records and destroys in one step.",
        Reason.NEIGHBOUR_REFUSED: "Mend the batch that was refused: these were to be recorded together or not at all.",
    }
)
