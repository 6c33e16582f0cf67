"""Money: exact, strict, never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import AmountUnreadable
from foundation.money import Money, split_whole_rupiah


@pytest.mark.parametrize(
    "text, sen",
    [("150000.00", 15_000_000), ("150000", 15_000_000), ("0.01", 1), ("0", 0), ("999999999999999.99", 10**17 - 1)],
)
def test_a_plain_amount_is_read_exactly(text: str, sen: int) -> None:
    assert Money.parse(text) == Money(sen)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "-1",
        "+1",
        "1,000",
        "1.500.000",
        "1.5",
        "1.",
        ".50",
        "1.000",
        "1e6",
        "1.5E+06",
        "NaN",
        "١٢",
        "0x10",
        "1_000",
        "Rp1000",
        "9999999999999999",
        "1.00\n",
    ],
)
def test_anything_else_is_refused_and_named(text: str) -> None:
    with pytest.raises(AmountUnreadable) as refused:
        Money.parse(text, field="paidAmount", line=7)
    assert (refused.value.field, refused.value.line) == ("paidAmount", 7)
    assert "paidAmount" in refused.value.message_id


@pytest.mark.parametrize(
    "text, sen",
    [("1.500.000,00", 150_000_000), ("1.500.000", 150_000_000), ("1500000", 150_000_000), ("0,05", 5)],
)
def test_the_indonesian_form_is_read_where_a_format_says_so(text: str, sen: int) -> None:
    assert Money.parse_indonesian(text) == Money(sen)


@pytest.mark.parametrize("text", ["1.5", "1,500,000.00", "15.00", "1.5000", "1500.000", "1,5", "1.500.00", "-1"])
def test_a_misplaced_mark_is_refused(text: str) -> None:
    with pytest.raises(AmountUnreadable):
        Money.parse_indonesian(text)


def test_amounts_are_written_for_programs_and_for_people() -> None:
    assert Money(15_000_050).plain() == "150000.50"
    assert Money(-50).plain() == "-0.50"
    assert Money.from_rupiah(1_250_000).on_screen() == "Rp1.250.000"
    assert Money(125_000_050).on_screen() == "Rp1.250.000,50"
    assert Money(-100_000).on_screen() == "-Rp1.000"
    assert Money(-762_806_245).on_screen() == "-Rp7.628.062,45"
    assert Money(-762_806_245).on_screen("en") == "-Rp7,628,062.45"


@pytest.mark.parametrize("value", [1.0, True, "100", None])
def test_only_whole_numbers_of_sen_become_money(value: object) -> None:
    with pytest.raises(TypeError):
        Money(value)  # type: ignore[arg-type]  # that is what is refused


@given(st.integers(0, 10**17 - 1))
def test_what_is_written_is_read_back(sen: int) -> None:
    assert Money.parse(Money(sen).plain()) == Money(sen)


@given(st.integers(0, 10**12), st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any))
def test_a_split_sums_to_the_whole_in_whole_rupiah(rupiah: int, weights: list[int]) -> None:
    whole = Money.from_rupiah(rupiah)
    parts = split_whole_rupiah(whole, weights, residue_on=len(weights) - 1)
    assert sum(parts, Money(0)) == whole
    assert all(part.is_whole_rupiah and part.sen >= 0 for part in parts)


def test_the_residue_of_a_split_goes_where_it_is_told() -> None:
    thirds = split_whole_rupiah(Money.from_rupiah(100), [1, 1, 1], residue_on=1)
    assert [part.sen for part in thirds] == [3300, 3400, 3300]


@pytest.mark.parametrize("whole, weights", [(Money(50), [1]), (Money(-100), [1]), (Money(100), [0]), (Money(100), [])])
def test_a_split_of_nothing_or_of_odd_sen_is_a_fault(whole: Money, weights: list[int]) -> None:
    with pytest.raises(ValueError):
        split_whole_rupiah(whole, weights)
