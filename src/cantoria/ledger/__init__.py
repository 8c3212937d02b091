"""The ledger: bytes in, proofs out. It knows organisations, keys and commitments, and nothing of rights.

Read `spec/envelope.md` first. `seal` drafts into a signed `Batch`, hand it to a `Sequencer`, keep the `Receipt`;
`Bundle` is the file that proves one fact to anyone who holds the log's verifier key.
"""

from cantoria.ledger.batch import Author, Batch, Draft, Entropy, FactIds, Header, seal, unpack_header
from cantoria.ledger.bundle import Bundle, Proven
from cantoria.ledger.ed25519 import Ed25519Signer, Signer, Verifier, key_id
from cantoria.ledger.envelope import (
    ENVELOPE_BYTES,
    NO_FACT,
    Envelope,
    body_commitment,
    fact_id_text,
    parse_fact_id,
    scope_commitment,
    unpack,
)
from cantoria.ledger.facts import BODY_ERASED, BodyErased, ErasureBasis
from cantoria.ledger.governance import AddKey, AdmitMember, Change, Genesis, RevokeKey
from cantoria.ledger.machine import Admitted, Applied, Block, Machine, Rejected
from cantoria.ledger.notes import Checkpoint, NoteKey, open_checkpoint, parse_vkey, sign_checkpoint
from cantoria.ledger.ports import (
    Clock,
    Head,
    LedgerStore,
    Receipt,
    Refusal,
    Sequencer,
    StoredBody,
    StoredFact,
    Write,
)
from cantoria.ledger.reasons import REMEDY, Reason
from cantoria.ledger.state import MemberKey, State

__all__ = [
    "BODY_ERASED",
    "ENVELOPE_BYTES",
    "NO_FACT",
    "REMEDY",
    "AddKey",
    "AdmitMember",
    "Admitted",
    "Applied",
    "Author",
    "Batch",
    "Block",
    "BodyErased",
    "Bundle",
    "Change",
    "Checkpoint",
    "Clock",
    "Draft",
    "Ed25519Signer",
    "Entropy",
    "Envelope",
    "ErasureBasis",
    "FactIds",
    "Genesis",
    "Head",
    "Header",
    "LedgerStore",
    "Machine",
    "MemberKey",
    "NoteKey",
    "Proven",
    "Reason",
    "Receipt",
    "Refusal",
    "Rejected",
    "RevokeKey",
    "Sequencer",
    "Signer",
    "State",
    "StoredBody",
    "StoredFact",
    "Verifier",
    "Write",
    "body_commitment",
    "fact_id_text",
    "key_id",
    "open_checkpoint",
    "parse_fact_id",
    "parse_vkey",
    "scope_commitment",
    "seal",
    "sign_checkpoint",
    "unpack",
    "unpack_header",
]
