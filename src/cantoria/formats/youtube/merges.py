"""Merged assets: YouTube holds several deliveries of one thing together under one asset."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cantoria.codes import Scheme
from cantoria.formats.entries.scribe import Scribe
from cantoria.kernel.facts import Source
from cantoria.kernel.ids import LinkId
from cantoria.registry.facts import LinkAsserted
from cantoria.registry.types import Relation, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The asset `constituent` is part of `asset`: both name one thing."""

    asset: str
    constituent: str

    def facts(self, scribe: Scribe, source: Source) -> Iterator[Any]:
        """Give the link, unless it is on record."""
        left, right = (f"{Scheme.YOUTUBE_ASSET.value}:{one}" for one in (self.constituent, self.asset))
        if scribe.context.links_between(left, Relation.SAME_AS, right):
            return
        yield LinkAsserted(
            link=LinkId(scribe.context.new_id("link")),
            left=left,
            relation=Relation.SAME_AS,
            right=right,
            asserted_by=scribe.context.sender,
            tier=Tier.DOCUMENTED,
            source=source,
        )
