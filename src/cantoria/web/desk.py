"""What the API answers from: the newest snapshot in a folder, and the pack that was made of it.

A desk looks for a newer snapshot from time to time and changes over at once; answers under way keep the one they began
with. Outside the moments that a snapshot speaks of it gives no answer at all.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cantoria.clearance.point import Question
from cantoria.clearance.published import CHECKPOINT_FILE, HEAD_FILE, NOTE_FILE, TABLES_FOLDER, Head
from cantoria.clearance.types import Request
from cantoria.kernel.errors import CantoriaError, InputError, IntegrityError, UnavailableError
from cantoria.kernel.periods import format_moment
from cantoria.ledger.notes import NoteKey
from cantoria.sdk.pack import Pack
from cantoria.sdk.pack_build import build_pack, open_snapshot

HEADS_MAX: Final = 4
LOOKS: Final = 5
SECOND: Final = 1_000_000
SMALL_FILES: Final = (HEAD_FILE, NOTE_FILE, CHECKPOINT_FILE)


@dataclass(frozen=True, slots=True)
class Served:
    """A snapshot that is served: its pack and the bytes of its small files."""

    pack: Pack
    small: dict[str, bytes]

    @property
    def id(self) -> str:
        return self.pack.id

    @property
    def head(self) -> Head:
        return self.pack.head


class Desk:
    """Serves the snapshot in `folder`, of a log that one of `keys` belongs to, from a pack at `pack`."""

    def __init__(self, folder: Path, *, pack: Path, keys: Sequence[NoteKey], clock: Callable[[], int]) -> None:
        self.folder, self._pack, self._keys, self.clock = folder, pack, tuple(keys), clock
        self._changing = threading.Lock()
        self._heads: OrderedDict[str, Served] = OrderedDict()
        self._served = self._load()
        self.trouble = ""  # why the newest snapshot is not the one that is served

    @property
    def served(self) -> Served:
        """The snapshot that answers are as of now."""
        return self._served

    def refresh(self) -> bool:
        """Change over to the snapshot in the folder if it is another one; tell whether it was.

        What cannot be taken in leaves the old one in place, and says why in `trouble`.
        """
        with self._changing:
            try:
                opened, _ = open_snapshot(self.folder, keys=self._keys)
                _check_newer(self._served.head, opened.head)
                if opened.id != self._served.id:
                    self._served = self._load()
                    self.trouble = ""
                    return True
                self.trouble = ""
            except CantoriaError as error:
                self.trouble = error.message
        return False

    def now(self) -> int:
        """Return the present second, or the snapshot's own moment where that is later in it (UTC microseconds).

        Raises `UnavailableError` where the snapshot does not speak of it.
        """
        head, clock = self._served.head, self.clock()
        if not head.covers(clock):
            raise UnavailableError(
                f"{_speaks(self._served)}, and it is {format_moment(clock)}",
                "have whoever runs this server refresh its snapshot: nothing is cleared by a stale one",
                {"problem": "stale-snapshot"},
            )
        return max(head.at, clock - clock % SECOND)

    def known(self, name: str) -> Served | None:
        """Return the snapshot of this id (or `latest`) if it is served, or was just before."""
        return self._served if name == "latest" else self._heads.get(name)

    def path_of(self, served: Served, name: str) -> Path | None:
        """Return where a file of a snapshot lies, None for any other name."""
        known = {entry.name for entry in served.head.files}
        return self.folder / TABLES_FOLDER / name if name in known else None

    def close(self) -> None:
        """Release all packs."""
        for served in self._heads.values():
            served.pack.close()

    def _load(self) -> Served:
        for _ in range(LOOKS):
            opened, small = open_snapshot(self.folder, keys=self._keys)
            if build_pack(self.folder, target=self._pack, keys=self._keys).id == opened.id:
                break  # else somebody put a newer one there in between
        pack = Pack(self._pack, snapshot=opened.id)
        served = Served(pack, small)
        self._heads[pack.id] = served
        while len(self._heads) > HEADS_MAX:
            self._heads.popitem(last=False)  # closed once nobody holds it
        return served


def _check_newer(served: Head, found: Head) -> None:
    """Raise `IntegrityError` where the snapshot found may hold a yes that was taken back since."""
    if found.origin == served.origin and (found.size, found.at) < (served.size, served.at):
        raise IntegrityError(
            f"the snapshot in the folder is of size {found.size}, the one that is served of {served.size}",
            "put the newest snapshot back",
        )


def question_of(served: Served, request: Request) -> Question:
    """Return a request in the numbers of the snapshot that is served; `InputError` where it cannot be read."""
    if not served.head.covers(request.at):
        raise InputError(
            f"{_speaks(served)}, not of {format_moment(request.at)}",
            "ask for a moment in between, or leave `at` out",
        )
    return served.pack.ask(request)


def _speaks(served: Served) -> str:
    head = served.head
    return f"{served.id} speaks of {format_moment(head.at)} to before {format_moment(head.until)}"
