"""What every use case works with: the ports of one house, wired by bootstrap."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from cantoria.app.datasets import DatasetStore
from cantoria.app.ids import Ids
from cantoria.app.memo import Memo
from cantoria.app.ports import Attachments, Clock, Entropy, FactIndex, Journal, Search, Vault
from cantoria.app.rights import RightsViews
from cantoria.clearance.analytics import Analytics
from cantoria.ledger.ports import Sequencer


@dataclass(kw_only=True)
class House:
    """The ports of one house, and the rights views over them. `index` may lag behind the ledger until `catch_up`, and
    `search` behind the index."""

    clock: Clock
    entropy: Entropy
    ids: Ids
    sequencer: Sequencer
    journal: Journal
    index: FactIndex
    search: Search
    vault: Vault
    attachments: Attachments
    datasets: DatasetStore
    analytics: Callable[[], AbstractContextManager[Analytics]]
    write_file: Callable[[Path, bytes], None]  # whole or not at all
    rights: RightsViews = field(init=False)
    memo: Memo = field(default_factory=Memo, init=False)

    def __post_init__(self) -> None:
        self.rights = RightsViews(self.index)
