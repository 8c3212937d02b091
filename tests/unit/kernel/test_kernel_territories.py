"""Territories: dated memberships, reused letter codes, the laws of sets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.kernel import territories
from cantoria.kernel._tis import MEMBERS, TERRITORIES
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import DAY, TIME_MAX, TIME_MIN, parse_moment
from cantoria.kernel.territories import WORLD, TerritorySet, canonical, countries, name, resolve

NOW = parse_moment("2026-11-20")
CODES = [row[0] for row in TERRITORIES]
TOKENS = st.sampled_from(CODES + [letters for row in TERRITORIES for letters in row[1].split()])
MOMENTS = st.integers(1900, 2030).map(lambda year: parse_moment(f"{year}-07-01")) | st.integers(TIME_MIN, TIME_MAX)
SETS = st.integers(0, (1 << (len(TERRITORIES) - len(MEMBERS))) - 1).map(TerritorySet)


@st.composite
def expressions(draw: st.DrawFn) -> str:
    """Return an expression of up to six tokens in any spelling."""
    later = draw(st.lists(st.tuples(st.sampled_from(["", "+", "-"]), TOKENS), max_size=5))
    return " ".join([draw(TOKENS), *(sign + token for sign, token in later)])


def on(day: str, text: str) -> TerritorySet:
    return resolve(text, at=parse_moment(day))


def test_world_is_every_country_that_exists() -> None:
    world = countries(NOW)
    assert len(world) == 201
    assert len(world.iso()) == 201
    assert {"KR", "US", "NA", "PR", "TW", "SS"} <= set(world.iso())
    assert "SU" not in world
    assert list(world) == sorted(world)
    assert (
        resolve("WW", at=NOW)
        == resolve("Worldwide", at=NOW)
        == resolve("2WL", at=NOW)
        == resolve(WORLD, at=NOW)
        == world
    )


@pytest.mark.parametrize(
    ("day", "group", "country", "member"),
    [
        ("2020-01-31", "EU", "GB", True),
        ("2020-02-01", "EU", "GB", False),
        ("2020-01-31", "2EM", "GB", True),
        ("2020-02-01", "2EM", "GB", False),
        ("1972-12-31", "EU", "GB", False),
        ("2013-06-30", "EU", "HR", False),
        ("2013-07-01", "EU", "HR", True),
        ("2020-02-01", "2EU", "GB", True),
        ("2018-05-18", "2CI", "UA", True),
        ("2018-05-19", "2CI", "UA", False),
        ("1990-10-02", "2123", "0280", True),
        ("1990-10-03", "2123", "0276", True),
        ("1990-10-03", "2123", "DD", False),
        ("1985-01-01", "2EE", "DD", True),
        ("2003-12-06", "2CO", "ZW", True),
        ("2003-12-07", "2CO", "ZW", False),
        ("1997-06-30", "2CO", "HK", True),
        ("1997-07-01", "2CO", "HK", False),
        ("1991-12-31", "2136", "SU", True),
        ("1992-01-01", "2136", "SU", False),
        ("1992-01-01", "2136", "EE", True),
        ("2011-07-08", "2136", "SS", False),
        ("2011-07-09", "2136", "SS", True),
        ("1957-12-31", "EU", "FR", False),
    ],
)
def test_membership_has_dates(day: str, group: str, country: str, member: bool) -> None:
    assert (country in on(day, group)) is member


@pytest.mark.parametrize(
    ("day", "text", "codes"),
    [
        ("1989-01-01", "DE", ["0280"]),
        ("2026-01-01", "DE", ["0276"]),
        ("1985-01-01", "CS", ["0200"]),
        ("2005-01-01", "CS", ["0891"]),
        ("2026-01-01", "CS", []),
        ("1985-01-01", "YU", ["0890"]),
        ("1999-01-01", "YU", ["0891"]),
        ("1985-01-01", "YE YD", ["0720", "0886"]),
        ("2026-01-01", "YE YD", ["0887"]),
        ("2010-01-01", "SD", ["0736"]),
        ("2012-01-01", "SD", ["0729"]),
        ("1990-01-01", "ZR BU", ["0104", "0180"]),
        ("2026-01-01", "NA", ["0516"]),
        ("2026-01-01", "na", ["0516"]),
        ("2026-01-01", "4 8", ["0004", "0008"]),
        ("2026-01-01", "2NA", ["0124", "0484", "0840"]),
        ("2026-01-01", "2BE -BE", ["0442", "0528"]),
        ("2026-01-01", "2BE -BE +0056", ["0056", "0442", "0528"]),
        ("2026-01-01", "2BE +US -2BE", ["0840"]),
        ("2026-01-01", "  kr\t+410 ", ["0410"]),
    ],
)
def test_expression(day: str, text: str, codes: list[str]) -> None:
    assert list(on(day, text)) == codes


def test_world_but_one() -> None:
    assert countries(NOW) - resolve("2136 -0840", at=NOW) == resolve("US", at=NOW)
    assert len(resolve("2136 -0840", at=NOW)) == 200
    assert len(resolve("EU", at=NOW)) == 27


@pytest.mark.parametrize(
    ("text", "named"),
    [("2136 -XX", "-XX"), ("KR;US", "KR;US"), ("9999", "9999"), ("00410", "00410"), ("Ⅸ", "Ⅸ"),
     ("ß", "ß"), ("ﬁ", "ﬁ"), ("ＫＲ", "ＫＲ"), ("KR -", "-"), ("--KR", ""), ("2136-0840", "2136-0840"),
     ("٤", "٤"), ("KR\x00", "KR\\x00"), ("GL", "GL"), ("null", "null"), ("UK", "UK")],
)  # fmt: skip
def test_unknown_code_is_named(text: str, named: str) -> None:
    for function in (canonical, lambda text: resolve(text, at=NOW)):
        with pytest.raises(InputError) as error:
            function(text)
        assert named in error.value.message


@pytest.mark.parametrize("text", ["", " ", "\n", "-US", "-2136 +2136", "KR " * 2000])
def test_expression_without_a_beginning_or_an_end_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        resolve(text, at=NOW)
    with pytest.raises(InputError):
        canonical(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Worldwide", "2136"),
        ("ww -us", "2136 -0840"),
        ("US KR US", "0410 0840"),
        ("2WL -US -KR +KR", "2136 -0410 -0840 0410"),
        ("EU", "2123"),
        ("2EY", "2123"),
        ("DE", "0276 0280"),
        ("NA", "0516"),
    ],
)
def test_canonical(text: str, expected: str) -> None:
    assert canonical(text) == expected


def test_names() -> None:
    assert name("KR") == name("0410") == "KOREA, REPUBLIC OF"
    assert name("2136") == "WORLD"
    assert name("NA") == "NAMIBIA"
    assert name("CS") == "SERBIA AND MONTENEGRO"
    with pytest.raises(InputError):
        name("QQ")


def test_contains_takes_countries_only() -> None:
    world = countries(NOW)
    assert "KR" in world
    assert "0410" in world
    for code in ("EU", "2136", "XX", ""):
        with pytest.raises(InputError):
            assert code in world


@pytest.mark.parametrize("mask", [-1, 1 << 400])
def test_mask_beyond_the_table_is_refused(mask: int) -> None:
    with pytest.raises(InputError):
        TerritorySet(mask)


@given(expressions(), MOMENTS)
def test_canonical_means_the_same(text: str, at: int) -> None:
    once = canonical(text)
    assert resolve(once, at=at) == resolve(text, at=at)
    assert canonical(once) == once
    assert all(token.lstrip("-").isdigit() for token in once.split())


@given(expressions(), MOMENTS)
def test_any_expression_lies_in_the_world(text: str, at: int) -> None:
    found = resolve(text, at=at)
    assert found <= countries(at)
    assert found - countries(at) == TerritorySet(0)


@given(expressions(), TOKENS, MOMENTS)
def test_steps_are_set_operations(text: str, token: str, at: int) -> None:
    before, part = resolve(text, at=at), resolve(token, at=at)
    assert resolve(f"{text} {token}", at=at) == before | part
    assert resolve(f"{text} -{token}", at=at) == before - part
    assert not resolve(f"{text} -{token}", at=at) & part


@given(SETS, SETS, SETS)
def test_laws_of_sets(first: TerritorySet, second: TerritorySet, third: TerritorySet) -> None:
    model = [set(one) for one in (first, second, third)]
    assert set(first | second) == model[0] | model[1]
    assert set(first & second) == model[0] & model[1]
    assert set(first - second) == model[0] - model[1]
    assert (first <= second) is (model[0] <= model[1])
    assert len(first) == len(model[0])
    assert bool(first) is bool(model[0])
    assert first & (second | third) == (first & second) | (first & third)
    assert first - (second | third) == (first - second) & (first - third)
    assert all((code in first) is (code in model[0]) for code in territories._COUNTRIES)


@given(st.sampled_from(territories._CHANGES[1:]), expressions())
def test_nothing_changes_between_changes(change: int, text: str) -> None:
    later = [moment for moment in territories._CHANGES if moment > change]
    end = later[0] if later else TIME_MAX
    assert resolve(text, at=change) == resolve(text, at=end - 1) == resolve(text, at=min(change + DAY // 2, end - 1))


@given(st.text(max_size=30))
def test_any_text_is_an_expression_or_an_input_error(text: str) -> None:
    try:
        found = resolve(text, at=NOW)
    except InputError:
        return
    assert resolve(canonical(text), at=NOW) == found
