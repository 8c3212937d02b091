"""Money: exact text, one currency at a time, 63 bits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.kernel.errors import InputError
from cantoria.kernel.money import EXPONENTS, FINE_MAX, Money, currency_of

CURRENCIES = st.sampled_from(sorted(EXPONENTS))
AMOUNTS = st.integers(-FINE_MAX, FINE_MAX)


@pytest.mark.parametrize(
    ("text", "currency", "fine", "printed"),
    [
        ("12.34", "EUR", 1_234_000_000, "12.34"),
        ("12.3", "EUR", 1_230_000_000, "12.30"),
        ("12", "EUR", 1_200_000_000, "12.00"),
        ("0.00000001", "EUR", 1, "0.00000001"),
        ("-0.005", "EUR", -500_000, "-0.005"),
        ("-0", "EUR", 0, "0.00"),
        ("1000", "KRW", 1_000_000_000, "1000"),
        ("0.5", "KRW", 500_000, "0.5"),
        ("1.2500000", "KRW", 1_250_000, "1.25"),
        ("0.000000001", "KWD", 1, "0.000000001"),
        ("1.2345", "CLF", 12_345_000_000, "1.2345"),
        ("92233720368.54775807", "EUR", FINE_MAX, "92233720368.54775807"),
        ("-92233720368.54775807", "EUR", -FINE_MAX, "-92233720368.54775807"),
    ],
)
def test_parse_and_format(text: str, currency: str, fine: int, printed: str) -> None:
    money = Money.parse(text, currency)
    assert money == Money(fine, currency)
    assert money.format() == printed


@pytest.mark.parametrize(
    "text",
    ["", "-", ".5", "5.", "+5", " 5", "5 ", "5\n", "1,000", "1e3", "NaN", "Infinity", "--5", "0x10", "1_000",
     "１２", "٣", "5.000000001", "92233720368.54775808", "9" * 21, "9" * 10_000, "1.2.3", "5\x00", "−5",
     "1/3"],
)  # fmt: skip
def test_parse_refuses(text: str) -> None:
    with pytest.raises(InputError):
        Money.parse(text, "EUR")


@pytest.mark.parametrize("code", ["", "eur", "EURO", "XXX", "XAU", "ZZZ", "EUR ", "€"])
def test_unknown_currency_is_refused(code: str) -> None:
    with pytest.raises(InputError):
        currency_of(code)
    with pytest.raises(InputError):
        Money(1, code)
    with pytest.raises(InputError):
        Money.parse("1", code)


def test_currencies_differ_in_decimals() -> None:
    assert [EXPONENTS[code] for code in ("KRW", "JPY", "EUR", "USD", "KWD", "CLF")] == [0, 0, 2, 2, 3, 4]
    assert Money.minor(1, "KRW").format() == "1"
    assert Money.minor(1, "USD").format() == "0.01"
    assert Money.minor(-1, "TND").format() == "-0.001"
    assert len(EXPONENTS) > 160
    assert all(len(code) == 3 and code.isupper() for code in EXPONENTS)


def test_currencies_do_not_mix() -> None:
    with pytest.raises(InputError):
        Money(1, "EUR") + Money(1, "USD")
    with pytest.raises(InputError):
        Money(1, "EUR") - Money(1, "USD")


@pytest.mark.parametrize("fine", [FINE_MAX + 1, -FINE_MAX - 1, 2**64, True, 1.0])
def test_amount_must_be_an_integer_of_63_bits(fine: int) -> None:
    with pytest.raises(InputError):
        Money(fine, "EUR")


def test_overflow_is_refused() -> None:
    with pytest.raises(InputError):
        Money(FINE_MAX, "EUR") + Money(1, "EUR")
    with pytest.raises(InputError):
        Money(-FINE_MAX, "EUR") - Money(1, "EUR")


@given(AMOUNTS, CURRENCIES)
def test_text_round_trip(fine: int, currency: str) -> None:
    money = Money(fine, currency)
    assert Money.parse(money.format(), currency) == money
    _, _, part = money.format().partition(".")
    assert len(part) >= EXPONENTS[currency]


@given(st.integers(-(FINE_MAX // 2), FINE_MAX // 2), st.integers(-(FINE_MAX // 2), FINE_MAX // 2))
def test_addition_is_that_of_integers(first: int, second: int) -> None:
    left, right = Money(first, "KRW"), Money(second, "KRW")
    assert (left + right).fine == first + second
    assert left - right == left + (-right)
    assert (-left).fine == -first


@given(st.text(max_size=60), CURRENCIES)
def test_any_text_is_an_amount_or_an_input_error(text: str, currency: str) -> None:
    try:
        money = Money.parse(text, currency)
    except InputError:
        return
    assert Money.parse(money.format(), currency) == money
