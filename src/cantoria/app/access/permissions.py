"""The permission table: what each role may do, and what takes two people."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Permission(StrEnum):
    """What somebody may do in the name of a party or an organisation; also the scopes of API keys."""

    DECIDE = "decide"  # say stop, no, ask or yes, and take it back
    ANSWER_REQUESTS = "answer_requests"  # approve, decline, counter an ask for a licence
    READ_EARNINGS = "read_earnings"  # statements of account
    SUBMIT_FILES = "submit_files"  # read files of the trade in
    REVIEW_MATCHES = "review_matches"  # decide what a machine proposed
    DECIDE_CASES = "decide_cases"  # rule on conflicts between claims
    ONBOARD_MEMBERS = "onboard_members"  # register persons and open their accounts
    PAY = "pay"  # distribute and pay out
    CLEAR_DATASETS = "clear_datasets"  # upload a manifest, have it cleared
    ASK_LICENCES = "ask_licences"  # ask holders for licences
    MANAGE_STAFF = "manage_staff"  # invite colleagues, set their roles
    MANAGE_KEYS = "manage_keys"  # make and end API keys
    READ_AUDIT = "read_audit"  # the audit log of the organisation


class Role(StrEnum):
    """What somebody is in an organisation, or `person` for whoever acts for themselves, `manager` for another."""

    PERSON = "person"
    MANAGER = "manager"
    OWNER = "owner"
    RIGHTS = "rights"
    REVIEWER = "reviewer"
    FINANCE = "finance"
    DEVELOPER = "developer"
    AUDITOR = "auditor"


_P = Permission
ROLES: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.PERSON: frozenset({_P.DECIDE, _P.ANSWER_REQUESTS, _P.READ_EARNINGS, _P.MANAGE_KEYS}),
        Role.MANAGER: frozenset({_P.DECIDE, _P.ANSWER_REQUESTS, _P.READ_EARNINGS}),
        Role.OWNER: frozenset(Permission),
        Role.RIGHTS: frozenset(
            {_P.DECIDE, _P.ANSWER_REQUESTS, _P.SUBMIT_FILES, _P.REVIEW_MATCHES, _P.DECIDE_CASES, _P.ONBOARD_MEMBERS}
        ),
        Role.REVIEWER: frozenset({_P.REVIEW_MATCHES, _P.DECIDE_CASES, _P.READ_AUDIT}),
        Role.FINANCE: frozenset({_P.READ_EARNINGS, _P.PAY, _P.READ_AUDIT}),
        Role.DEVELOPER: frozenset({_P.CLEAR_DATASETS, _P.ASK_LICENCES, _P.MANAGE_KEYS}),
        Role.AUDITOR: frozenset({_P.READ_AUDIT, _P.READ_EARNINGS}),
    }
)
# Money or membership changes: one person proposes, another of the same organisation approves.
TAKES_TWO: Final = frozenset({Permission.PAY, Permission.MANAGE_STAFF})
