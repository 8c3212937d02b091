"""The gate in other people's pipelines: Hugging Face datasets (map-style, streaming, several processes), WebDataset."""

from __future__ import annotations

import io
import json
import pickle
import shutil
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest
from tests.unit.sdk.gate_worlds import CODES, KEPT, STATUSES, VKEY, code_of, gate, publish_catalogue

from cantoria.clearance.types import Status
from cantoria.kernel.errors import InputError
from cantoria.sdk.gate import Gate
from cantoria.sdk.gate.streams import SIDECAR_BYTES_MAX

# Libraries of other people warn of their own futures; that is no failure of ours.
pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture
def datasets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give the library with a cache of its own and no way to the network."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    datasets.disable_progress_bars()
    return datasets


def rows(codes: list[Any] = CODES) -> dict[str, list[Any]]:
    return {"isrc": list(codes), "n": list(range(len(codes)))}


def test_map_style(datasets: Any) -> None:
    kept = datasets.Dataset.from_dict(rows()).filter(gate(), batched=True)
    assert kept["isrc"][:] == KEPT
    assert kept["n"][:] == [0, 4]


def test_map_style_row_by_row_and_by_column(datasets: Any) -> None:
    made = datasets.Dataset.from_dict(rows())
    assert made.filter(gate())["isrc"][:] == KEPT
    assert made.filter(gate(), batched=True, input_columns="isrc")["isrc"][:] == KEPT
    with pytest.raises(InputError, match="input_columns"):
        made.filter(gate(), batched=True, with_indices=True)


@pytest.mark.parametrize("form", ["arrow", "polars", "numpy", "pandas"])
def test_map_style_in_other_formats(datasets: Any, form: str) -> None:
    made = datasets.Dataset.from_dict(rows()).with_format(form)
    assert made.filter(gate(), batched=True).with_format(None)["isrc"][:] == KEPT


def test_a_list_of_codes_without_batched_stops_instead_of_passing(datasets: Any) -> None:
    made = datasets.Dataset.from_dict({"isrc": [["KRA381900002"], ["KRA381900003"]]})
    assert len(made.filter(gate(), batched=True)) == 0
    with pytest.raises(TypeError, match="batched=True"):
        made.filter(gate())


def test_several_processes(datasets: Any) -> None:
    kept = datasets.Dataset.from_dict(rows(CODES * 50)).filter(gate(), batched=True, num_proc=2, batch_size=10)
    assert kept["isrc"][:] == KEPT * 50


def test_streaming(datasets: Any) -> None:
    made = datasets.Dataset.from_dict(rows()).to_iterable_dataset(num_shards=2)
    one = gate()
    assert [row["isrc"] for row in made.filter(one, batched=True)] == KEPT
    assert [row["isrc"] for row in made.filter(gate())] == KEPT
    assert one.report().rows == len(CODES)


def test_streaming_in_arrow(datasets: Any) -> None:
    made = datasets.Dataset.from_dict(rows()).to_iterable_dataset().with_format("arrow")
    kept = [code for table in made.filter(gate(), batched=True) for code in table.column("isrc").to_pylist()]
    assert kept == KEPT


def test_flags_are_columns(datasets: Any) -> None:
    marked = datasets.Dataset.from_dict(rows()).map(gate(on_unknown="flag").flag, batched=True)
    assert marked["cantoria_status"][:].count("cleared") == 2
    with pytest.raises(InputError, match="cannot carry marks"):
        datasets.Dataset.from_dict(rows()).filter(gate(on_unknown="flag"), batched=True)


def test_indices_read_no_more_than_the_codes(datasets: Any) -> None:
    made = datasets.Dataset.from_dict(rows())
    assert gate().indices(made) == [0, 4]
    assert gate().review(made).statuses()["cleared"] == 2
    assert gate().indices(datasets.Dataset.from_dict({"text": ["a", "b"]})) == []


def test_a_cache_remembers_the_same_rights_and_forgets_others(datasets: Any, tmp_path: Path) -> None:
    codes = [f"KRA38{n:07}" for n in range(3_000)]
    path = tmp_path / "rows.parquet"
    datasets.Dataset.from_dict(rows(codes)).to_parquet(path)
    made = datasets.Dataset.from_parquet(str(path), cache_dir=str(tmp_path / "cache"))
    all_of_them = {f"isrc:{code}": Status.CLEARED for code in codes}
    before = gate(all_of_them)
    first = made.filter(before, batched=True)
    assert len(first) == 3_000
    assert first.cache_files

    again = gate(dict(reversed(list(all_of_them.items()))))
    assert made.filter(again, batched=True)._fingerprint == first._fingerprint
    assert again.report().rows == 0  # nothing was judged: the cache answered

    revoked = {key: Status.DENIED if n % 3 == 0 else Status.CLEARED for n, key in enumerate(all_of_them)}
    after = gate(revoked)
    kept = made.filter(after, batched=True)
    assert after.report().rows == 3_000
    assert len(kept) == 2_000
    assert not set(kept["isrc"]) & {code for n, code in enumerate(codes) if n % 3 == 0}

    heard = before.with_revocations([key for n, key in enumerate(all_of_them) if n % 3 == 0])
    assert kept["isrc"][:] == made.filter(heard, batched=True)["isrc"][:]


def test_a_thousand_revocations_are_honoured_through_a_cache(datasets: Any, tmp_path: Path) -> None:
    """The same dataset and request, a refreshed snapshot: what the cache remembers of the old one is not asked."""
    now = time.time_ns() // 1000
    window = {"at": now - 10**6, "until": now + 10**12}
    asked = {"use": "train_generative", "licensee": "party_ai", "territories": "KR", "key": VKEY}
    codes = [code_of(number) for number in range(1, 3_001)]
    path = tmp_path / "rows.parquet"
    datasets.Dataset.from_dict(rows(codes)).to_parquet(path)
    made = datasets.Dataset.from_parquet(str(path), cache_dir=str(tmp_path / "cache"))
    folder = tmp_path / "snapshot"

    def filtered(**options: Any) -> tuple[Any, Gate]:
        gate = Gate(folder, cache=tmp_path / "gate", **asked, **options)
        return made.filter(gate, batched=True), gate

    before = publish_catalogue(folder, 3_000, **window)
    first, _ = filtered()
    assert len(first) == 3_000
    again, idle = filtered()
    assert again._fingerprint == first._fingerprint
    assert idle.report().rows == 0  # the cache answered

    refused = range(3, 3_001, 3)
    publish_catalogue(folder, 3_000, refused=refused, before=before, **window)
    after, busy = filtered()
    assert busy.report().statuses() == {"cleared": 2_000, "denied": 1_000, "licensable": 0, "unknown": 0}
    assert set(after["isrc"]) == set(codes) - {code_of(number) for number in refused}
    assert after._fingerprint != first._fingerprint
    in_two = made.filter(busy, batched=True, num_proc=2)
    assert in_two["isrc"][:] == after["isrc"][:]

    packed = pickle.dumps(idle)
    shutil.rmtree(tmp_path / "gate")
    with pytest.raises(InputError, match="open the gate again"):  # its table is gone: nothing else takes its place
        pickle.loads(packed)


def samples(folder: Path) -> Path:
    """Write a tar of sounds with sidecars of every kind, good and bad."""
    path = folder / "sounds.tar"
    sidecars: list[tuple[str, bytes]] = [
        ("json", json.dumps({"isrc": "KRA381900001"}).encode()),
        ("json", json.dumps({"isrc": "KRA381900002"}).encode()),
        ("json", b'{"isrc": "KRA381900001"'),
        ("json", b"[" * 100_000),
        ("json", b'["KRA381900001"]'),
        ("json", b'{"isrc": "KRA381900001", "x": "' + b"a" * SIDECAR_BYTES_MAX + b'"}'),
        ("txt", b"KRA381900005\n"),
        ("txt", b"\xff\xfe\x00"),
    ]
    with tarfile.open(path, "w") as tar:
        for number, (kind, body) in enumerate(sidecars):
            for name, data in ((f"{number:04}.mp3", b"sound"), (f"{number:04}.{kind}", body)):
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                tar.addfile(entry, io.BytesIO(data))
    return path


@pytest.mark.parametrize("decoded", [False, True])
def test_webdataset(tmp_path: Path, decoded: bool) -> None:
    import webdataset

    made = webdataset.WebDataset(str(samples(tmp_path)), shardshuffle=False)
    if decoded:
        made = made.decode(handler=webdataset.ignore_and_continue)
    # decoded, a large sidecar is in memory already; the gate itself takes none apart beyond 1 MiB
    expected = ["0000", "0005"] if decoded else ["0000"]
    assert [sample["__key__"] for sample in made.compose(gate().wds)] == expected


def test_webdataset_with_the_code_in_a_text(tmp_path: Path) -> None:
    import webdataset

    one = gate(columns={"isrc": "txt"})
    made = webdataset.WebDataset(str(samples(tmp_path)), shardshuffle=False).compose(one.wds)
    assert [sample["__key__"] for sample in made] == ["0006"]
    assert one.report().rows == 8


def test_webdataset_flags(tmp_path: Path) -> None:
    import webdataset

    one = gate(STATUSES, on_unknown="flag")
    made = webdataset.WebDataset(str(samples(tmp_path)), shardshuffle=False).compose(one.wds)
    assert [sample["cantoria_status"] for sample in made] == ["cleared", *["unknown"] * 6]
