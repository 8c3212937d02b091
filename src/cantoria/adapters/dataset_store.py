"""Kept datasets as files readable by their owner only."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cantoria.adapters.files import write_parts_whole
from cantoria.app import datasets
from cantoria.app.datasets import KeptDataset
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError


class DiskDatasets:
    """One file per certificate or run, mode 0600, written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, name: str, dataset: KeptDataset) -> None:
        """Keep the dataset of `name` durably; a later one of the same name replaces it."""
        self.keep_parts(name, [datasets.encode(dataset)])

    def keep_parts(self, name: str, parts: Iterable[bytes]) -> None:
        """Keep a dataset that comes in pieces durably; a later one of the same name replaces it."""
        target = self._path(name)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_parts_whole(target, parts, mode=0o600)
        except OSError as error:
            raise UnavailableError(f"cannot keep the dataset: {error}", "free some disk space and retry") from error

    def get(self, name: str) -> KeptDataset | None:
        """Return the dataset of `name`, or None when it is not kept here."""
        path = self._path(name)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnavailableError(f"cannot read the dataset: {error}", "check its folder and retry") from error
        try:
            return datasets.decode(data)
        except InputError as error:
            raise IntegrityError(f"the kept dataset of {name} is damaged: {error.message}", error.remedy) from error

    def _path(self, name: str) -> Path:
        if not name.replace("_", "").isalnum():
            raise InputError(f"{name!r:.60} is not the id of a certificate or run")
        return self._folder / f"{name}.jsonl"
