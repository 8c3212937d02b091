"""Settings and the making of a house: whole, or such that the next attempt can take it up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cantoria.adapters import keys as key_files
from cantoria.adapters.system import SteppingClock, UnsafeSeededEntropy
from cantoria.bootstrap import house as houses
from cantoria.bootstrap import settings as settings_file
from cantoria.bootstrap.settings import FILE, Settings
from cantoria.kernel.errors import CantoriaError, InputError, IntegrityError, UnavailableError
from cantoria.kernel.facts import Capacity
from cantoria.ledger.ed25519 import key_id
from cantoria.registry.facts import WorkRegistered

ORIGIN = "rights.example/log"


def create(home: Path, origin: str = ORIGIN, **more: Any) -> Any:
    return houses.create(home, origin=origin, clock=SteppingClock(1), entropy=UnsafeSeededEntropy(1), **more)


def test_settings_read_back_as_written(tmp_path: Path) -> None:
    drafted = settings_file.draft(tmp_path, origin="rights.example/log/ü", store="postgresql+psycopg://u:p#%@h/d")
    settings_file.write(drafted)
    assert settings_file.read(tmp_path) == drafted
    assert [file.name for file in tmp_path.iterdir()] == [FILE]
    custom = Settings(tmp_path, "o", "sqlite", threads=7, memory_mib=99)
    settings_file.write(custom)
    assert settings_file.read(tmp_path) == custom


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"[ledger\n", "not valid TOML"),
        (b'[ledger]\norigin = "a"\norigin = "b"\n', "not valid TOML"),
        (b"\xff\xfe", "not valid TOML"),
        (b"", "names no ledger origin"),
        (b"[ledger]\n", "names no ledger origin"),
        (b'[ledger]\norigin = ""\n', "names no ledger origin"),
        (b"[ledger]\norigin = 5\n", "names no ledger origin"),
        (b'ledger = "sqlite"\n', "ledger is not a table"),
        (b'analytics = 2\n[ledger]\norigin = "o"\n', "analytics is not a table"),
        (b'[ledger]\norigin = "o"\nstore = 5\n', "store is not text"),
        (b'[ledger]\norigin = "o"\n[analytics]\nthreads = "2"\n', "whole numbers"),
        (b'[ledger]\norigin = "o"\n[analytics]\nthreads = true\n', "whole numbers"),
        (b'[ledger]\norigin = "o"\n[analytics]\nthreads = 0\n', "whole numbers"),
        (b'[ledger]\norigin = "o"\n[analytics]\nmemory_mib = 1.5\n', "whole numbers"),
    ],
)
def test_bad_settings_say_what_is_wrong(tmp_path: Path, text: bytes, message: str) -> None:
    (tmp_path / FILE).write_bytes(text)
    with pytest.raises(InputError, match=message) as caught:
        settings_file.read(tmp_path)
    assert FILE in caught.value.message


def test_no_house_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no house at") as caught:
        houses.open_house(tmp_path)
    assert "ledger init" in caught.value.remedy


def test_settings_that_cannot_be_read_are_unavailable(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(UnavailableError, match="cannot read"):
        settings_file.read(tmp_path)


@pytest.mark.parametrize("origin", ["", 'a"b', "a\\b", "a\nb", "a\rb", "a\x00b", "a b", "a+b"])
def test_an_origin_that_no_log_can_have_leaves_nothing_behind(tmp_path: Path, origin: str) -> None:
    with pytest.raises(InputError):
        create(tmp_path / "world", origin)
    assert not (tmp_path / "world").exists()
    create(tmp_path / "world").close()


def test_an_unknown_store_can_be_corrected(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown ledger store 'oracle'"):
        create(tmp_path, store="oracle")
    create(tmp_path).close()
    assert settings_file.read(tmp_path).store == "sqlite"


def test_a_house_is_not_made_twice(tmp_path: Path) -> None:
    first = create(tmp_path)
    vkey = first.engine.vkey
    first.close()
    with pytest.raises(InputError, match="exists already"):
        create(tmp_path, "other.example/log")
    again = houses.open_house(tmp_path)
    assert (again.engine.vkey, again.engine.size) == (vkey, 1)
    again.close()


@pytest.mark.parametrize("step", ["key", "ledger", "settings"])
def test_a_house_whose_making_was_interrupted_is_made_by_the_next_attempt(
    tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        if step == "key":
            patched.setattr(key_files.os, "link", interrupted)
        elif step == "ledger":
            patched.setattr(houses, "SqliteLedgerStore", interrupted)
        else:
            patched.setattr(settings_file, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            create(tmp_path)
    with pytest.raises(InputError, match="no house at"):
        houses.open_house(tmp_path)
    made = create(tmp_path)
    assert made.engine.size == 1
    made.close()
    houses.open_house(tmp_path).close()


def test_an_interrupted_admission_is_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = create(tmp_path)
    engine = type(house.engine)
    for step in ("admit_member", "add_key"):
        with monkeypatch.context() as patched:

            def fails(*_: Any, **__: Any) -> Any:
                raise UnavailableError("the disk is full")

            patched.setattr(engine, step, fails)
            with pytest.raises(UnavailableError):
                house.admit("komca", capacities=[Capacity.CMO])
        with pytest.raises(CantoriaError, match="unknown"):
            house.journal.record([WorkRegistered(work="w", title="")], author=house.author("komca"))
    with pytest.raises(InputError, match="begun with other capacities"):
        house.admit("komca", capacities=[Capacity.CMO, Capacity.PRODUCER])
    author = house.admit("komca", capacities=[Capacity.CMO])
    assert key_id(author.signer.public_key) in house.engine.state.keys
    assert house.journal.record([WorkRegistered(work="w", title="")], author=author)
    with pytest.raises(InputError, match="is a member already"):
        house.admit("komca", capacities=[Capacity.CMO])
    house.close()


def test_a_member_needs_a_capacity_and_a_party_id(tmp_path: Path) -> None:
    house = create(tmp_path)
    with pytest.raises(InputError, match="needs a capacity"):
        house.admit("komca", capacities=[])
    with pytest.raises(InputError, match="is not a party id"):
        house.admit("komca", capacities=[Capacity.CMO], party="party_short")
    assert house.keys.names() == []
    assert house.engine.size == 1
    house.close()


def test_another_logs_key_or_ledger_is_not_opened(tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("two", 2)):
        made = houses.create(tmp_path / name, origin=ORIGIN, entropy=UnsafeSeededEntropy(seed))
        made.close()
    (tmp_path / "one" / "keys" / "log.json").write_bytes((tmp_path / "two" / "keys" / "log.json").read_bytes())
    with pytest.raises(IntegrityError):
        houses.open_house(tmp_path / "one")
    text = (tmp_path / "two" / FILE).read_text()
    (tmp_path / "two" / FILE).write_text(text.replace(ORIGIN, "rights.example/other"))
    with pytest.raises(IntegrityError):
        houses.open_house(tmp_path / "two")
