"""Who sends a file, and what is known already: what a reader is told before it reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cantoria import codes
from cantoria.codes import Scheme
from cantoria.kernel.ids import PartyId
from cantoria.registry import ClaimView, Relation
from cantoria.registry.disclosure_facts import NoticeGiven
from cantoria.registry.facts import RecordingRegistered


def _no_claims(subject: str) -> Sequence[ClaimView]:
    return ()


def _no_title(thing: str) -> str:
    return ""


def _said_nothing(subject: str) -> Sequence[Any]:
    return ()


def _nothing_exists(thing: str) -> bool:
    return False


def _not_called(thing: str) -> bool:
    return False


def _unknown(code: str, kind: str = "") -> str | None:
    return None


def _no_links(left: str, relation: Relation, right: str) -> Sequence[str]:
    return ()


def _no_notices(thing: str) -> Sequence[NoticeGiven]:
    return ()


def _not_registered(recording: str) -> RecordingRegistered | None:
    return None


class Define(Protocol):
    """Tells which entity, of a kind if one is named, a row that defines a thing by a code is about."""

    def __call__(self, code: str, kind: str = "", /) -> str | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Who sends the tables, and what is known already.

    `namespace` is that of the sender's own codes; `now` the present (UTC microseconds); `new_id` makes a random id
    with a prefix; `lookup` tells which entity a reference by a code key means, `define` which entity (of a kind, if
    one is named) a row that defines a thing by this code is about, if the sender may speak of it; `claims_of` what is
    claimed already; `title_of` what a work, recording or release is called, empty when nobody knows; `called` whether
    the sender has a key of its own for a thing; `said_of` what the sender says that it collects of a work, and of its
    chain of title; `exists` whether a thing of this id is on record;
    `links_between` the ids of the links on record that say one thing, oldest first; `notices` the notices that senders
    gave of a thing, oldest first; `registered` what this sender registered of a recording last.
    """

    sender: PartyId
    namespace: str
    now: int
    new_id: Callable[[str], str]
    lookup: Callable[[str], str | None]
    define: Define = _unknown
    claims_of: Callable[[str], Sequence[ClaimView]] = _no_claims
    title_of: Callable[[str], str] = _no_title
    called: Callable[[str], bool] = _not_called
    said_of: Callable[[str], Sequence[Any]] = _said_nothing
    exists: Callable[[str], bool] = _nothing_exists
    links_between: Callable[[str, Relation, str], Sequence[str]] = _no_links
    notices: Callable[[str], Sequence[NoticeGiven]] = _no_notices
    registered: Callable[[str], RecordingRegistered | None] = _not_registered

    def __post_init__(self) -> None:
        codes.check(Scheme.OWN, f"{self.namespace}:x")
