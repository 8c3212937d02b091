"""Models, versions, runs and revenue: what cannot be so is refused before it is recorded."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cantoria.app import earning, lineage_views, saying, training
from cantoria.app.earning import Revenue
from cantoria.app.ports import Author
from cantoria.app.saying import Saying
from cantoria.clearance.types import Row
from cantoria.consent.types import Scope, ScopeKind, Verdict
from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity
from cantoria.kernel.money import Currency, Money
from cantoria.kernel.periods import ALWAYS, Period
from cantoria.kernel.uses import Use

ROWS = [Row(1, ("isrc:KRA381900123",)), Row(2, ("own:LAB:7",))]
WEIGHTS = "9f" * 32
TARIFF = canonical.encode(
    {
        "currency": "EUR",
        "pools": [{"name": "output", "basis": "attribution", "fraction": "1/10"}],
        "work_fraction": "1/2",
        "territory": "410",
    }
)


@pytest.fixture
def rival(house: Any) -> Author:
    made: Author = house.admit("rival", capacities=[Capacity.AI_DEVELOPER])
    return made


def test_a_run_without_a_certificate_is_recorded_with_every_row_flagged(house: Any, lab: Author) -> None:
    model = training.register_model(house, "Compose", author=lab)
    version = training.register_version(house, model, label="1.0", author=lab)
    report = training.start(house, version=version, rows=ROWS, certificate=None, author=lab)
    assert (report.rows, [row.line for row in report.unauthorised]) == (2, [1, 2])
    run = report.receipt.fact.subjects()[0]
    training.end(house, run, weights_sha256=WEIGHTS, author=lab)
    later = training.register_version(house, model, label="1.1", author=lab, bases=[version])
    history = lineage_views.load(house, size=house.index.catch_up())
    assert history.runs[run].fact.unauthorised == 2
    assert history.ended[run].fact.weights_sha256 == WEIGHTS
    assert history.bases_of(later) == (version,)
    assert history.without_effect == []
    assert house.datasets.get(run).rows == ROWS


Attempt = Callable[[Any, Author, Author, Any], Any]
REFUSED: dict[str, tuple[Attempt, str]] = {
    "a version of no model": (
        lambda house, lab, rival, at: training.register_version(house, "model_x", label="1", author=lab),
        "no model model_x",
    ),
    "a version of another's model": (
        lambda house, lab, rival, at: training.register_version(house, at["model"], label="1", author=rival),
        "is a model of",
    ),
    "a version made of nothing known": (
        lambda house, lab, rival, at: training.register_version(
            house, at["model"], label="1", author=lab, bases=["version_x"]
        ),
        "no version version_x",
    ),
    "a run of no version": (
        lambda house, lab, rival, at: training.start(
            house, version="version_x", rows=ROWS, certificate=None, author=lab
        ),
        "no version version_x",
    ),
    "a run of another's version": (
        lambda house, lab, rival, at: training.start(
            house, version=at["version"], rows=ROWS, certificate=None, author=rival
        ),
        "is a model of",
    ),
    "a run under no certificate of ours": (
        lambda house, lab, rival, at: training.start(
            house, version=at["version"], rows=ROWS, certificate="certificate_x", author=lab
        ),
        "no certificate certificate_x",
    ),
    "the end of no run": (
        lambda house, lab, rival, at: training.end(house, "run_x", weights_sha256="", author=lab),
        "no run run_x",
    ),
    "the end of another's run": (
        lambda house, lab, rival, at: training.end(house, at["run"], weights_sha256="", author=rival),
        "is a run of",
    ),
    "weights that are no digest": (
        lambda house, lab, rival, at: training.end(house, at["run"], weights_sha256="heavy", author=lab),
        "not a SHA-256",
    ),
}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_is_not_there_or_not_theirs_is_refused(house: Any, lab: Author, rival: Author, name: str) -> None:
    model = training.register_model(house, "Compose", author=lab)
    version = training.register_version(house, model, label="1.0", author=lab)
    started = training.start(house, version=version, rows=ROWS, certificate=None, author=lab)
    at = {"model": model, "version": version, "run": started.receipt.fact.subjects()[0]}
    attempt, message = REFUSED[name]
    size = house.engine.size
    with pytest.raises(InputError, match=message):
        attempt(house, lab, rival, at)
    assert house.engine.size == size


def test_a_dry_run_compares_and_records_nothing(house: Any, lab: Author) -> None:
    model = training.register_model(house, "Compose", author=lab)
    version = training.register_version(house, model, label="1.0", author=lab)
    run = training.start(house, version=version, rows=ROWS, certificate=None, author=lab).receipt.fact.subjects()[0]
    size = house.engine.size
    report = training.start(house, version=version, rows=ROWS, certificate=None, author=lab, dry_run=True)
    assert (report.receipt, len(report.unauthorised)) == (None, 2)
    assert training.end(house, run, weights_sha256=WEIGHTS, author=lab, dry_run=True) is None
    assert house.engine.size == size


def test_a_run_ends_once(house: Any, lab: Author) -> None:
    model = training.register_model(house, "Compose", author=lab)
    version = training.register_version(house, model, label="1.0", author=lab)
    started = training.start(house, version=version, rows=ROWS, certificate=None, author=lab)
    run = started.receipt.fact.subjects()[0]
    training.end(house, run, weights_sha256="", author=lab, aborted=True)
    with pytest.raises(InputError, match="has ended already"):
        training.end(house, run, weights_sha256=WEIGHTS, author=lab)


def test_revenue_is_declared_under_a_published_tariff_in_its_currency(house: Any, lab: Author, society: Author) -> None:
    tariff = earning.publish_tariff(house, TARIFF, author=society)
    declared = Revenue(
        model="model_1",
        tariff=tariff.tariff,
        label="2026-10",
        period=Period(0, 10),
        amount=Money.parse("125.00", Currency("EUR")),
    )
    assert earning.declare_revenue(house, declared, author=lab).index > 0
    bad: dict[str, dict[str, Any]] = {
        "is not published": {"tariff": "tariff_x"},
        "not the tariff's currency": {"amount": Money.parse("1", Currency("KRW"))},
        "is negative": {"amount": Money.parse("-1", Currency("EUR"))},
        "has no end": {"period": ALWAYS},
    }
    size = house.engine.size
    for message, change in bad.items():
        fields = {name: getattr(declared, name) for name in Revenue.__slots__}
        with pytest.raises(InputError, match=message):
            earning.declare_revenue(house, Revenue(**{**fields, **change}), author=lab)
    assert house.engine.size == size


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"publisher": "party_x"}, "without publisher"),
        ({"pools": []}, "no pools"),
        ({"currency": "XXX"}, "XXX"),
        ({"work_fraction": "3/2"}, "out of range"),
        ({"work_fraction": 0.5}, "not canonical|number|integer"),
        ({"surplus": 1}, r"tariff\.surplus: unknown field"),
        ({"territory": None}, r"tariff\.territory"),
        ({"territory": "2130"}, "2130 is not one country"),
        ({"territory": "nowhere"}, "unknown territory"),
    ],
)
def test_a_tariff_that_cannot_be_is_refused(house: Any, society: Author, change: Any, message: str) -> None:

    document = json.dumps({**json.loads(TARIFF), **change}).encode()
    size = house.engine.size
    with pytest.raises(InputError, match=message):
        earning.publish_tariff(house, document, author=society)
    assert house.engine.size == size


def test_a_yes_that_nobody_can_sign_is_refused_and_a_no_is_not(house: Any, society: Author) -> None:
    ada = house.ids.new("party")

    def say(verdict: Verdict, **more: Any) -> Any:
        scope = Scope(ScopeKind.PRESENT_WORKS)
        uses = frozenset({Use.TRAIN_GENERATIVE})
        return saying.say(
            house, Saying(**{"party": ada, "verdict": verdict, "uses": uses, "scope": scope, **more}), author=society
        )

    size = house.engine.size
    with pytest.raises(InputError, match="needs their own signature"):
        say(Verdict.YES)
    with pytest.raises(InputError, match="names no use"):
        say(Verdict.NO, uses=frozenset())
    with pytest.raises(InputError):
        say(Verdict.NO, territory="Atlantis")
    assert house.engine.size == size
    statement = say(Verdict.NO).fact.subjects()[0]
    house.index.catch_up()
    assert saying.find_statement(house, statement).fact.verdict is Verdict.NO
    with pytest.raises(InputError, match="no statement statement_x"):
        saying.withdraw(house, "statement_x", author=society)
