"""Numbers of objects and payment codes: canonical form, shown form, check digit."""

from datetime import date

import pytest
from sqlalchemy import text

from billing import format_object_number, format_payment_code, is_payment_code
from billing.numbering import (
    object_reader,
    payment_code,
    payment_code_prefix,
    payment_code_sql,
    read_nop,
    search_forms,
)
from foundation import luhn
from foundation.db import unit_of_work
from foundation.regions import Region


@pytest.mark.parametrize(
    "written",
    [
        "331699900100100017",
        "33.16.999.001.001-0001.7",
        "33.16.999.001.001.0001.7",
        "33 16 999 001 001 0001 7",
    ],
)
def test_an_nop_is_read_with_and_without_its_marks(written: str) -> None:
    assert read_nop(written) == "331699900100100017"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "31699900100100017",
        "3316999001001000171",
        "3.31699900100100E+17",
        "331699900100100017.0",
        "33-.16.999.001.001-0001.7",
        "٣٣١٦٩٩٩٠٠١٠٠١٠٠٠١٧",
        "33169990010010001X",
    ],
)
def test_what_is_not_18_digits_in_its_places_is_no_nop(written: str) -> None:
    assert read_nop(written) is None


def test_an_nop_is_shown_in_its_parts_and_others_as_they_are() -> None:
    assert format_object_number("331699900100100017", "nop18") == "33.16.999.001.001-0001.7"
    assert format_object_number("R.2.0000065.27.1", "free") == "R.2.0000065.27.1"


def test_object_rules_read_what_they_name() -> None:
    free, ten = object_reader("free"), object_reader("digits10")
    assert free is not None
    assert ten is not None
    assert free("r.2.0000065.27.1") == "R.2.0000065.27.1"
    assert [free(wrong) for wrong in ("", "A B", "-A", "A" * 41, "É1")] == [None] * 5
    assert ten("0012345678") == "0012345678"
    assert [ten(wrong) for wrong in ("12345678", "00123456789", "0012345678.0")] == [None] * 3
    assert [object_reader(rule) for rule in ("digits0", "digits41", "nop", "")] == [None] * 4


def test_payment_codes_are_shown_in_fours_and_checked() -> None:
    code = "33160126110000001"
    assert is_payment_code(code + luhn.check_digit(code))
    assert not is_payment_code(code + str((int(luhn.check_digit(code)) + 1) % 10))
    assert not is_payment_code(code)
    assert format_payment_code("331601261100000017") == "3316 0126 1100 0000 17"


def test_a_provinces_code_is_padded_on_the_right() -> None:
    assert payment_code_prefix("33", "01", date(2026, 11, 21)) == "3300012611"
    assert payment_code_prefix("3316", "12", date(2026, 1, 2)) == "3316122601"


def test_a_search_is_read_without_blanks_and_as_bare_digits() -> None:
    assert search_forms(" 3316 0126 1100 0000 17 ") == ["331601261100000017"]
    assert search_forms("33.16.999.001.001-0001.7") == ["33.16.999.001.001-0001.7", "331699900100100017"]
    assert search_forms("r-2/65") == ["R-2/65"]
    assert search_forms("  ") == []
    assert search_forms("1" * 61) == []


def test_a_payment_code_is_prefix_serial_and_check_digit() -> None:
    assert payment_code("3316012601", 1) == "331601260100000019"
    assert payment_code("3316012601", 9_999_999) == "331601260199999998"


def test_the_database_makes_the_same_payment_codes(region: Region) -> None:
    prefixes = ["3316012601", "3316122612", "9999999999", "1100000001"]
    serials = [1, 2, 9, 10, 42, 1234567, 5678901, 9_999_999]
    with unit_of_work(region.code) as session:
        for prefix in prefixes:
            made = text(f"SELECT {payment_code_sql(prefix, 's')} FROM unnest(CAST(:s AS bigint[])) AS s")
            codes = session.scalars(made, {"s": serials}).all()
            assert codes == [payment_code(prefix, serial) for serial in serials]
    with pytest.raises(ValueError):
        payment_code_sql("33160126'1", "s")
