"""The job that clears: cut off behind its word it goes on there, and the snapshot decides as the house does."""

from __future__ import annotations

import shutil
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace

import pytest

from cantoria.adapters.snapshots import SnapshotFolder
from cantoria.app import snapshots
from cantoria.app.jobs.task import Task
from cantoria.app.jobs.types import Job, JobFile, Owner
from cantoria.app.pages import developer_clearing as clearing
from cantoria.app.pages.developer_types import CLEAR, Filter, Wanted, parameters
from cantoria.bootstrap.dataset_desk import HouseDesk
from cantoria.bootstrap.house import open_house
from cantoria.kernel.errors import InputError
from cantoria.kernel.uses import Use
from cantoria.ledger.notes import NoteKey


@pytest.fixture
def made(home, developer_manifest):
    """A house, a desk, and how to run the clearing job in it."""
    house = open_house(home)
    house.begin_writing(lambda: None)
    author = house.author("dev-boreal")
    desk = HouseDesk(home)

    def task(job="", data=developer_manifest, **more):
        wanted = Wanted(
            **{
                "title": "Set",
                "form": ".csv",
                "namespace": "BOREAL",
                "use": Use.TRAIN_GENERATIVE,
                "licensee": author.party,
                "markets": "KR ES",
                **more,
            }
        )
        file = JobFile("m.csv", house.attachments.put(data), len(data))
        name = job or house.ids.new("job")
        owner = Owner("dev-boreal")
        return Task(
            job=Job(job=name, kind=CLEAR, owner=owner, files=(file,), parameters=parameters("wanted", wanted)),
            house=house,
            author=author,
            step=lambda done, total, phase: None,
            writing=nullcontext,
            parts={"datasets": desk},
        )

    yield SimpleNamespace(house=house, desk=desk, task=task, home=home)
    house.close()


@pytest.fixture
def developer_manifest(sample_home):
    """Rows of the sample world as a manifest."""
    from cantoria.app.clearing import manifest_csv

    house = open_house(sample_home)
    house.index.catch_up()
    [said, *_] = house.index.about([house.author("dev-boreal").party], tags=[401])
    kept = house.datasets.get(said.fact.certificate)
    house.close()
    return manifest_csv(kept.rows)


def certificates(house):
    house.index.catch_up()
    return [said.fact.certificate for said in house.index.scan(tags=[401])]


def test_a_job_that_was_cut_off_behind_its_word_says_it_once(made):
    first = clearing.clear(made.task("job_01h2xcejqtf2nbrexx3vqjhp41"))
    before = certificates(made.house)
    again = clearing.clear(made.task("job_01h2xcejqtf2nbrexx3vqjhp41"))
    assert certificates(made.house) == before
    assert first["certificate"] == again["certificate"] == "certificate_01h2xcejqtf2nbrexx3vqjhp41"
    assert again["counts"] == first["counts"]
    lines = [
        made.desk.lines(made.house, one["results"], Filter(status="cleared"), limit=1_000) for one in (first, again)
    ]
    assert lines[0] == lines[1]


def test_a_job_that_is_cut_off_before_records_nothing(made):
    before = certificates(made.house)
    task = made.task()

    @contextmanager
    def falls():
        raise InputError("cut off")
        yield

    cut = Task(job=task.job, house=task.house, author=task.author, step=task.step, writing=falls, parts=task.parts)
    with pytest.raises(InputError, match="cut off"):
        clearing.clear(cut)
    assert certificates(made.house) == before
    assert clearing.clear(task)["outcome"] == "cleared"


def test_the_published_snapshot_decides_as_the_house_does(made, monkeypatch):
    shutil.rmtree(made.home / "snapshot", ignore_errors=True)
    by_house = clearing.clear(made.task())
    key = NoteKey(made.house.settings.origin, made.house.keys.log_signer().public_key)
    folder = SnapshotFolder(made.home / "snapshot", keys=[key])
    snapshots.refresh_snapshot(made.house, folder, signer=made.house.keys.log_signer())
    by_snapshot = clearing.clear(made.task())
    monkeypatch.setattr(clearing, "LINE_BY_LINE_BYTES_MAX", 0)
    by_engine = clearing.clear(made.task())
    assert not by_house["snapshot"]
    for other in (by_snapshot, by_engine):
        assert other["snapshot"]
        assert other["counts"] == by_house["counts"]
        assert other["reasons"] == by_house["reasons"]
        assert other["unlock"]["waiting"] == by_house["unlock"]["waiting"]
        moves = made.desk.moves(made.house, by_house["results"], other["results"])
        assert all(then == now for then, now in moves)


def test_who_certifies_may(made):
    assert made.desk.issuer(made.house, made.house.author("dev-boreal")).name == "registrar"
    assert made.desk.issuer(made.house, made.house.author("org-cantares")).name == "org-cantares"
