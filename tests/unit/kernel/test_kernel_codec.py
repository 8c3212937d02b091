"""The codec of facts: lossless for every recorded type, and an `InputError` with a path for everything else."""

from __future__ import annotations

import copy
import dataclasses
import json
import types
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from cantoria.app.fact_types import FACTS
from cantoria.clearance.facts import Aftermath, Remedy
from cantoria.clearance.types import Request
from cantoria.kernel import canonical
from cantoria.kernel.codec import from_json, to_json
from cantoria.kernel.errors import InputError
from cantoria.kernel.money import EXPONENTS, FINE_MAX, Money
from cantoria.kernel.periods import ALWAYS, TIME_MAX, TIME_MIN, Period
from cantoria.kernel.uses import Use
from cantoria.ledger.envelope import fact_id_text
from cantoria.ledger.facts import LeafDelivered, LeafDemanded
from cantoria.royalty.tariff import Analogy, AttributionTerms, Basis, PoolTerms, Tariff, Terms

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=6)
WHOLE = st.integers(-canonical.INTEGER_MAX, canonical.INTEGER_MAX)
each_fact = pytest.mark.parametrize("cls", FACTS, ids=lambda cls: cls.TYPE.name)
few = settings(max_examples=12, phases=(Phase.explicit, Phase.generate, Phase.target))


def of_type(annotation: Any) -> st.SearchStrategy[Any]:
    """Values of an annotated type: everything that its constructor accepts."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if isinstance(annotation, typing.NewType):
        return of_type(annotation.__supertype__)
    if origin in (typing.Union, types.UnionType):
        return st.one_of([of_type(one) for one in arguments])
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(of_type(arguments[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*[of_type(one) for one in arguments])
    if origin is frozenset:
        return st.frozensets(of_type(arguments[0]), max_size=4)
    if origin is dict:
        return st.dictionaries(of_type(arguments[0]), of_type(arguments[1]), max_size=3)
    if annotation in SIMPLE:
        return SIMPLE[annotation]
    if issubclass(annotation, Enum):
        return st.sampled_from(list(annotation))
    hints = typing.get_type_hints(annotation)
    fields = {field.name: of_type(hints[field.name]) for field in dataclasses.fields(annotation)}
    mend = MENDED.get(annotation, dict)
    return st.fixed_dictionaries(fields).map(lambda found: annotation(**mend(found)))


def campaigned(found: dict[str, Any]) -> dict[str, Any]:
    needed = found["use"] is Use.ADVERTISE and not found["campaign"]
    return {**found, "campaign": "spring"} if needed else found


def within_one(value: Fraction) -> Fraction:
    return value - value.numerator // value.denominator


def poolable(found: dict[str, Any]) -> dict[str, Any]:
    price = None if found["unit_price"] is None else abs(found["unit_price"])
    return {**found, "name": "output", "unit_price": price, "fraction": within_one(found["fraction"]) * (price is None)}


def countable(found: dict[str, Any]) -> dict[str, Any]:
    pool = "training" if found["analogy"] is Analogy.NAMED_POOL else ""
    wide = found["analogy_without_evidence"] and found["analogy"] is not Analogy.UNATTRIBUTED
    limit = abs(found["relative_error_max_ppm"])
    return {**found, "relative_error_max_ppm": limit, "analogy_pool": pool, "analogy_without_evidence": wide}


def payable(found: dict[str, Any]) -> dict[str, Any]:
    """A tariff's fields within the bounds that its constructor demands."""
    limits = {name: getattr(found["terms"], name) for name in ("minimum", "cap", "advance")}
    same = {name: limit and Money(abs(limit.fine), "EUR") for name, limit in limits.items()}
    pools = found["pools"] or (PoolTerms(name="output", basis=next(iter(Basis))),)
    shared = [replace(one, name=f"pool-{n}", fraction=one.fraction / len(pools)) for n, one in enumerate(pools)]
    taken = [replace(one, fraction=within_one(one.fraction) / 3) for one in found["deductions"]]
    legs = {name: within_one(found[name]) for name in ("work_fraction", "performers_fraction", "featured_fraction")}
    return {
        **found,
        **legs,
        "currency": "EUR",
        "terms": Terms(**same),
        "pools": tuple(shared),
        "deductions": tuple(taken),
    }


def demandable(found: dict[str, Any]) -> dict[str, Any]:
    batch = None if found["batch"] is None else abs(found["batch"])
    root = sha256(found["root"].encode()).hexdigest() if batch is None else ""
    return {**found, "batch": batch, "root": root, "position": abs(found["position"])}


def deliverable(found: dict[str, Any]) -> dict[str, Any]:
    digest = sha256(found["digest"].encode()).digest()
    return {"demand": fact_id_text(digest[:16]), "digest": digest.hex()}


MENDED: dict[Any, Callable[[dict[str, Any]], dict[str, Any]]] = {
    Request: campaigned,
    PoolTerms: poolable,
    AttributionTerms: countable,
    Tariff: payable,
    LeafDemanded: demandable,
    LeafDelivered: deliverable,
}


def periods() -> st.SearchStrategy[Period]:
    starts = st.integers(TIME_MIN, TIME_MAX - 1)
    return starts.flatmap(lambda start: st.builds(Period, st.just(start), st.none() | st.integers(start + 1, TIME_MAX)))


SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: WHOLE,
    bool: st.booleans(),
    type(None): st.none(),
    Fraction: st.fractions(max_denominator=10**6),
    Money: st.builds(Money, st.integers(-FINE_MAX, FINE_MAX), st.sampled_from(sorted(EXPONENTS))),
    Period: periods(),
    Aftermath: st.builds(Aftermath, st.sampled_from(list(Remedy)[1:]), st.integers(1, 36_500)) | st.just(Aftermath()),
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every place in a JSON value, outermost first."""
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def put(value: Any, path: tuple[Any, ...], item: Any) -> Any:
    """The value with `item` at `path`."""
    if not path:
        return item
    changed = copy.deepcopy(value)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = item
    return changed


def accepted(cls: type[Any], value: Any) -> Any:
    """What the value reads as, None when refused: then with its path, and never by another error."""
    try:
        return from_json(cls, value)
    except InputError as error:
        refusal = error.message
    assert refusal.startswith(cls.__name__), refusal
    return None


@each_fact
def test_every_fact_reads_back_as_itself(cls: type[Any]) -> None:
    @few
    @given(of_type(cls))
    def check(fact: Any) -> None:
        value = to_json(fact)
        body = canonical.encode(value)
        assert from_json(cls, value) == fact
        assert from_json(cls, json.loads(body)) == fact
        assert canonical.encode(to_json(from_json(cls, canonical.decode(body)))) == body

    check()


@each_fact
def test_no_json_value_raises_anything_but_an_input_error(cls: type[Any]) -> None:
    names = st.sampled_from([field.name for field in dataclasses.fields(cls)])

    @few
    @given(JSON | st.dictionaries(names | TEXT, JSON, max_size=6))
    def check(value: Any) -> None:
        found = accepted(cls, value)
        assert found is None or from_json(cls, to_json(found)) == found

    check()


@each_fact
def test_a_wrong_type_at_any_place_is_refused(cls: type[Any]) -> None:
    strangers: dict[type[Any], list[Any]] = {
        str: [7, True, 1.5, [], {}],
        int: [True, 1.0, "1", [], {}],
        bool: [0, 1, "true", []],
        list: [{}, "", 0, False],
        dict: [[], "", 0, True],
    }

    @few
    @given(of_type(cls), st.data())
    def check(fact: Any, data: st.DataObject) -> None:
        value = to_json(fact)
        path, item = data.draw(st.sampled_from([one for one in places(value) if one[1] is not None]))
        wrong = data.draw(st.sampled_from(strangers[type(item)]))
        assert accepted(cls, put(value, path, wrong)) is None

    check()


@each_fact
def test_an_unknown_or_missing_field_is_refused_at_any_depth(cls: type[Any]) -> None:
    @few
    @given(of_type(cls), st.data())
    def check(fact: Any, data: st.DataObject) -> None:
        value = to_json(fact)
        objects = [one for one in places(value) if isinstance(one[1], dict)]
        path, item = data.draw(st.sampled_from(objects))
        assert accepted(cls, put(value, path, {**item, "surplus": 1})) is None
        needed = {
            field.name
            for field in dataclasses.fields(cls)
            if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        }
        gone = data.draw(st.sampled_from(sorted(needed)))
        assert accepted(cls, {name: one for name, one in value.items() if name != gone}) is None
        assert (
            accepted(cls, {**value, gone: None}) is None or getattr(from_json(cls, {**value, gone: None}), gone) is None
        )

    check()


class Mood(StrEnum):
    CALM = "calm"
    LOUD = "loud"


class Rank(IntEnum):
    LOW = 1
    HIGH = 2


@dataclass(frozen=True, slots=True)
class Inner:
    rank: Rank
    share: Fraction = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Outer:
    name: str
    count: int
    inner: Inner | None = None
    moods: frozenset[Mood] = frozenset()
    prices: tuple[Money, ...] = ()
    pair: tuple[int, str] = (1, "a")
    when: Period = ALWAYS
    sure: bool = True
    table: dict[str, int] = dataclasses.field(default_factory=dict)


WHOLE_OUTER = {
    "name": "x",
    "count": 3,
    "inner": {"rank": 2, "share": "-5/7"},
    "moods": ["calm", "loud"],
    "prices": [{"currency": "KRW", "fine": "-12"}],
    "pair": [2, "b"],
    "when": {"start": 5, "end": 9},
    "sure": False,
    "table": {"a": 1},
}


def test_each_kind_of_value_has_its_one_written_form() -> None:
    outer = from_json(Outer, WHOLE_OUTER)
    assert outer == Outer(
        "x",
        3,
        Inner(Rank.HIGH, Fraction(-5, 7)),
        frozenset(Mood),
        (Money(-12, "KRW"),),
        (2, "b"),
        Period(5, 9),
        False,
        {"a": 1},
    )
    assert to_json(outer) == WHOLE_OUTER
    assert to_json(Outer("x", 3)) == {"name": "x", "count": 3}, "defaults are left out"


@pytest.mark.parametrize(
    ("place", "wrong", "path"),
    [
        (("count",), True, "Outer.count"),
        (("count",), 1.0, "Outer.count"),
        (("count",), None, "Outer.count"),
        (("name",), None, "Outer.name"),
        (("sure",), 1, "Outer.sure"),
        (("inner",), [], "Outer.inner"),
        (("inner", "rank"), 3, "Outer.inner.rank"),
        (("inner", "rank"), "2", "Outer.inner.rank"),
        (("inner", "rank"), True, "Outer.inner.rank"),
        (("inner", "share"), "2/4", "Outer.inner.share"),
        (("inner", "share"), "-0", "Outer.inner.share"),
        (("inner", "share"), "1/0", "Outer.inner.share"),
        (("inner", "share"), "1/1", "Outer.inner.share"),
        (("inner", "share"), "0.5", "Outer.inner.share"),
        (("inner", "share"), "١/٢", "Outer.inner.share"),
        (("inner", "share"), "9" * 50, "Outer.inner.share"),
        (("moods",), ["calm", "calm"], "Outer.moods"),
        (("moods",), ["angry"], "Outer.moods"),
        (("moods",), [["calm"]], "Outer.moods"),
        (("moods",), "calm", "Outer.moods"),
        (("prices", 0), {"currency": "KRW"}, "Outer.prices[0]"),
        (("prices", 0, "currency"), "XXX", "Outer.prices[0]"),
        (("prices", 0, "fine"), 5, "Outer.prices[0].fine"),
        (("prices", 0, "fine"), "-0", "Outer.prices[0].fine"),
        (("prices", 0, "fine"), "1.5", "Outer.prices[0].fine"),
        (("prices", 0, "fine"), str(2**63), "Outer.prices[0]"),
        (("pair",), [2], "Outer.pair"),
        (("pair", 1), 2, "Outer.pair[1]"),
        (("when", "end"), 5, "Outer.when"),
        (("when", "start"), 2**60, "Outer.when"),
        (("table", "a"), "1", "Outer.table.a"),
    ],
)
def test_what_has_another_form_is_refused_with_its_path(place: tuple[Any, ...], wrong: Any, path: str) -> None:
    with pytest.raises(InputError) as caught:
        from_json(Outer, put(WHOLE_OUTER, place, wrong))
    assert caught.value.message.startswith(f"{path}: "), caught.value.message


def test_spelling_out_a_default_or_another_order_of_a_set_changes_nothing() -> None:
    plain = {"name": "x", "count": 3, "moods": ["calm", "loud"]}
    loose = {"count": 3, "name": "x", "moods": ["loud", "calm"], "sure": True, "pair": [1, "a"], "inner": None}
    assert from_json(Outer, loose) == from_json(Outer, plain)
    assert to_json(from_json(Outer, loose)) == plain


@pytest.mark.parametrize("stranger", [1.5, b"bytes", object(), {1.5}, [object()]])
def test_what_has_no_form_cannot_be_written(stranger: Any) -> None:
    with pytest.raises(InputError, match="has no JSON form"):
        to_json(stranger)


def test_a_sign_of_trouble_names_an_own_path_when_one_is_given() -> None:
    with pytest.raises(InputError, match=r"^line 7\.count: "):
        from_json(Outer, {"name": "x", "count": "3"}, path="line 7")
