"""The kinds of job that there are: one line each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from cantoria.app.access.permissions import Permission
from cantoria.app.jobs.importing import import_file
from cantoria.app.jobs.task import Kind

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "import": Kind(run=import_file, needs=Permission.SUBMIT_FILES, about="take a file of the trade in"),
    }
)
