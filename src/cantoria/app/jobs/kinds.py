"""The kinds of job that there are: one line each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from cantoria.app.access.permissions import Permission
from cantoria.app.jobs.checking import check_file
from cantoria.app.jobs.importing import import_file
from cantoria.app.jobs.matching import match
from cantoria.app.jobs.onboarding import check_members, onboard
from cantoria.app.jobs.task import Kind
from cantoria.app.pages import developer_asking, developer_clearing
from cantoria.app.pages.developer_types import CLEAR, PLAN, SEND

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "check": Kind(run=check_file, needs=Permission.SUBMIT_FILES, about="check a file without taking it in"),
        "import": Kind(run=import_file, needs=Permission.SUBMIT_FILES, about="take a file of the trade in"),
        "check-members": Kind(run=check_members, needs=Permission.ONBOARD_MEMBERS, about="check a table of members"),
        "onboard": Kind(run=onboard, needs=Permission.ONBOARD_MEMBERS, about="welcome the members of a table"),
        "match": Kind(run=match, needs=Permission.REVIEW_MATCHES, about="match all recordings, works or parties"),
        CLEAR: Kind(run=developer_clearing.clear, needs=Permission.CLEAR_DATASETS, about="clear a dataset"),
        PLAN: Kind(run=developer_asking.plan, needs=Permission.ASK_LICENCES, about="work out whom to ask for licences"),
        SEND: Kind(run=developer_asking.send, needs=Permission.ASK_LICENCES, about="ask for licences in bulk"),
    }
)
