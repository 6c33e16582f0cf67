"""UUIDv7 and the Luhn digit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation import luhn
from foundation.ids import new_uid


def test_uids_are_version_7_and_sort_by_when_they_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    first = new_uid()
    monkeypatch.setenv("LUNAS_CLOCK_SHIFT", "1")
    second = new_uid()
    assert (first.version, first.variant) == (7, "specified in RFC 4122")
    assert first < second
    assert len({new_uid() for _ in range(10_000)}) == 10_000


def test_the_check_digit_of_the_standards_own_example() -> None:
    assert luhn.check_digit("7992739871") == "3"
    assert luhn.is_valid("79927398713")


@given(st.text("0123456789", min_size=1, max_size=24), st.data())
def test_every_single_wrong_digit_is_found(digits: str, data: st.DataObject) -> None:
    whole = digits + luhn.check_digit(digits)
    place = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != whole[place]]))
    assert luhn.is_valid(whole)
    assert not luhn.is_valid(whole[:place] + other + whole[place + 1 :])


@pytest.mark.parametrize("text", ["", "0", "12a4", "٣٤", "12 34"])
def test_what_is_not_digits_is_not_valid(text: str) -> None:
    assert not luhn.is_valid(text)
