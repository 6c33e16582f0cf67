"""Writing QRIS texts: exact results, the limit, and the one permitted change of a static code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_adapters.contract.qris import (
    DecodedQris,
    FieldValue,
    QrisInvalid,
    QrisMerchant,
    QrisObject,
    QrisOverLimit,
    decode,
    encode,
    encode_merchant,
    with_amount,
)
from foundation.luhn import check_digit
from foundation.money import Money
from tests.bank_adapters.qris_samples import ACCOUNT, REPOSITORY, TRANSFER, close, dynamic, static, tlv

LIMIT = Money.from_rupiah(10_000_000)
MERCHANT = QrisMerchant(
    name="CV CONTOH MAKMUR",
    city="KAB CONTOH",
    postal_code="58219",
    category_code="9311",
    guid="ID.CO.BANKCONTOH.WWW",
    mpan="936001100000000001",
    merchant_id="000000000000001",
    criteria="URE",
    nmid="ID1020000000001",
)
ROOT_FIELDS: dict[str, FieldValue] = {
    "26": ACCOUNT,
    "51": REPOSITORY,
    "52": "9311",
    "53": "360",
    "58": "ID",
    "59": "CV CONTOH MAKMUR",
    "60": "KAB CONTOH",
    "61": "58219",
}


def fields_of(objects: tuple[QrisObject, ...]) -> dict[str, FieldValue]:
    return {each.tag: fields_of(each.children) if each.children else each.value for each in objects}


def fields_without_ends(code: DecodedQris) -> dict[str, FieldValue]:
    return {tag: value for tag, value in fields_of(code.objects).items() if tag not in ("00", "63")}


def test_a_merchants_codes_are_exactly_the_samples() -> None:
    assert encode_merchant(MERCHANT, limit=LIMIT) == static()
    assert (
        encode_merchant(
            MERCHANT,
            limit=LIMIT,
            amount=Money.from_rupiah(150_000),
            bill_number="QRIS2026112114050000001",
            terminal="C02",
        )
        == dynamic()
    )


def test_fields_that_were_read_are_written_back_to_the_same_text() -> None:
    assert encode(fields_without_ends(decode(dynamic())), limit=LIMIT) == dynamic()
    assert encode(fields_without_ends(decode(static())), limit=LIMIT) == static()


def test_the_order_in_which_fields_are_given_does_not_matter() -> None:
    assert encode(dict(reversed(ROOT_FIELDS.items())) | {"01": "11"}, limit=LIMIT) == static()


def test_an_amount_at_the_limit_is_written_and_one_rupiah_more_is_refused() -> None:
    assert decode(encode_merchant(MERCHANT, limit=LIMIT, amount=LIMIT)).find_value("54") == "10000000"
    with pytest.raises(QrisOverLimit) as caught:
        encode_merchant(MERCHANT, limit=LIMIT, amount=LIMIT + Money.from_rupiah(1))
    assert caught.value.code == "qris_over_limit"
    assert caught.value.message_id == "Nilai Rp10.000.001 melebihi batas QRIS Rp10.000.000. Gunakan virtual account."
    assert "virtual account" in caught.value.message_en


def test_the_limit_is_whatever_the_caller_says() -> None:
    amount = Money.from_rupiah(15_000_000)
    assert decode(encode_merchant(MERCHANT, limit=Money.from_rupiah(20_000_000), amount=amount)).amount == amount
    with pytest.raises(QrisOverLimit):
        encode_merchant(MERCHANT, limit=Money.from_rupiah(5_000_000), amount=amount)


@pytest.mark.parametrize("amount", [Money(0), Money(-100), Money(150_050)])
def test_zero_negative_and_odd_amounts_are_refused(amount: Money) -> None:
    with pytest.raises(QrisInvalid) as caught:
        encode_merchant(MERCHANT, limit=LIMIT, amount=amount)
    assert caught.value.tag == "54"


@pytest.mark.parametrize("written", ["1000.00", "1000.", "0", "01000", "", "1e3", "٣"])
def test_an_amount_that_is_not_plain_whole_rupiah_is_not_written(written: str) -> None:
    with pytest.raises(QrisInvalid) as caught:
        encode(ROOT_FIELDS | {"54": written}, limit=LIMIT)
    assert caught.value.tag == "54"


@pytest.mark.parametrize(
    ("changes", "tag"),
    [
        ({"00": "01"}, "00"),
        ({"63": "ABCD"}, "63"),
        ({"59": "X" * 26}, "59"),
        ({"59": ""}, "59"),
        ({"60": "X" * 100}, "60"),
        ({"59": "\ud800"}, "59"),
        ({"9": "X"}, "9"),
        ({"A1": "X"}, "A1"),
        ({"٠١": "X"}, "٠١"),
        ({"65": "X"}, "65"),
        ({"80": {"00": "X"}}, "80"),
        ({"62": {"1": "X"}}, "62.1"),
        ({"62": {"01": ""}}, "62.01"),
        ({"62": {"01": "X" * 26}}, "62.01"),
        ({"62": {f"0{n}": "X" * 25 for n in range(1, 5)}}, "62"),
        ({"62": {}}, "62"),
        ({"51": ""}, "51"),
        ({"26": {"00": "00", "01": "936001100000000001", "02": "1"}}, "26.03"),
    ],
)
def test_nothing_is_written_that_would_be_refused_or_warned_of(changes: dict[str, FieldValue], tag: str) -> None:
    with pytest.raises(QrisInvalid) as caught:
        encode(ROOT_FIELDS | changes, limit=LIMIT)
    assert caught.value.tag == tag


def test_a_code_without_repository_is_not_written() -> None:
    with pytest.raises(QrisInvalid) as caught:
        encode({tag: value for tag, value in ROOT_FIELDS.items() if tag != "51"}, limit=LIMIT)
    assert caught.value.tag == "51"


def test_a_code_longer_than_512_is_not_written() -> None:
    with pytest.raises(QrisInvalid) as caught:
        encode(ROOT_FIELDS | {str(tag): "X" * 99 for tag in range(80, 84)}, limit=LIMIT)
    assert caught.value.tag is None


# --- with_amount -----------------------------------------------------------------------------------------------------


def make_dynamic(text: str, amount: int = 150_000, bill_number: str = "331600000000000018") -> str:
    return with_amount(text, amount=Money.from_rupiah(amount), bill_number=bill_number, limit=LIMIT)


def test_a_static_code_gets_amount_and_bill_number_and_a_new_crc() -> None:
    expected = static(t01="12", t54="150000", t62=tlv("01", "331600000000000018"))
    assert make_dynamic(static()) == expected
    assert decode(expected).amount == Money.from_rupiah(150_000)


def test_the_other_additional_data_is_kept_and_a_placeholder_bill_number_replaced() -> None:
    source = static(t62=tlv("07", "A01") + tlv("01", "***") + tlv("99", tlv("00", "00") + tlv("01", "X1")))
    expected = static(
        t01="12",
        t54="150000",
        t62=tlv("01", "331600000000000018") + tlv("07", "A01") + tlv("99", tlv("00", "00") + tlv("01", "X1")),
    )
    assert make_dynamic(source) == expected


def test_a_code_without_point_of_initiation_counts_as_static() -> None:
    assert decode(make_dynamic(static(t01=None))).is_dynamic


def test_tags_above_63_stay_before_the_crc() -> None:
    source = close(static()[:-8] + tlv("64", tlv("00", "jv") + tlv("01", "ꦥꦗꦏ꧀")))
    made = decode(make_dynamic(source))
    assert made.find_value("64.01") == "ꦥꦗꦏ꧀"
    assert made.objects[-1].tag == "63"


def test_warnings_of_the_static_code_do_not_stop_it() -> None:
    made = decode(make_dynamic(static(t51=None, t59="X" * 44)))
    assert [warning.tag for warning in made.warnings] == ["59", "51"]


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        (dynamic(), "01"),
        (static(t54="1000"), "54"),
        (static(t55="01"), "55"),
        (static(t26=None, t40=TRANSFER), "40"),
        (static()[:-4] + "0000", "63"),
        (static(t62=tlv("05", "X" * 25) + tlv("06", "X" * 25) + tlv("07", "X" * 25)), "62"),
        ("", None),
    ],
)
def test_what_cannot_be_made_dynamic_is_refused(text: str, tag: str | None) -> None:
    with pytest.raises(QrisInvalid) as caught:
        make_dynamic(text)
    assert caught.value.tag == tag


@pytest.mark.parametrize(("number", "tag"), [("", "62.01"), ("X" * 26, "62.01"), ("é", "62"), ("\ud800", "62")])
def test_a_bill_number_that_cannot_be_written_is_refused(number: str, tag: str) -> None:
    with pytest.raises(QrisInvalid) as caught:
        make_dynamic(static(), bill_number=number)
    assert caught.value.tag == tag


def test_with_amount_keeps_the_limit_and_whole_rupiah() -> None:
    with pytest.raises(QrisOverLimit):
        make_dynamic(static(), amount=10_000_001)
    with pytest.raises(QrisInvalid) as caught:
        with_amount(static(), amount=Money(150), bill_number="1", limit=LIMIT)
    assert caught.value.tag == "54"


# --- round trips -----------------------------------------------------------------------------------------------------

PRINTABLE = st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters="|")


def printable(longest: int) -> st.SearchStrategy[str]:
    return st.text(PRINTABLE, min_size=1, max_size=longest)


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length, max_size=length)


CRITERIA = st.sampled_from(["UMI", "UKE", "UME", "UBE", "URE", "PSO", "BLU"])
MPANS = st.one_of(digits(18), digits(18).map(lambda number: number + check_digit(number)))
ACCOUNTS = st.fixed_dictionaries({"00": printable(32), "01": MPANS, "02": printable(15), "03": CRITERIA})
REPOSITORIES = st.fixed_dictionaries(
    {"00": printable(32), "02": digits(11).map(lambda number: f"ID20{number}")}, optional={"03": CRITERIA}
)
# At most three labels, so that the template stays within 99 characters.
ADDITIONALS = st.dictionaries(st.sampled_from([f"0{n}" for n in range(1, 9)]), printable(25), min_size=1, max_size=3)
LANGUAGES = st.fixed_dictionaries(
    {"00": st.sampled_from(["jv", "zh", "id"]), "01": st.text(min_size=1, max_size=25).filter(str.isprintable)}
)
CODES = st.fixed_dictionaries(
    {
        "26": ACCOUNTS,
        "51": REPOSITORIES,
        "52": digits(4),
        "53": st.just("360"),
        "58": st.just("ID"),
        "59": printable(25),
        "60": printable(15),
        "61": printable(10),
    },
    optional={
        "01": st.sampled_from(["11", "12"]),
        "27": ACCOUNTS,
        "54": st.integers(1, 10_000_000).map(str),
        "62": ADDITIONALS,
        "64": LANGUAGES,
        "80": printable(20),
    },
)


@given(CODES)
def test_what_is_written_is_read_back_field_by_field(fields: dict[str, FieldValue]) -> None:
    code = decode(encode(fields, limit=LIMIT))
    assert code.warnings == ()
    assert fields_without_ends(code) == fields


@given(CODES, st.integers(1, 10_000_000), printable(20))
def test_with_amount_changes_amount_and_bill_number_and_nothing_else(
    fields: dict[str, FieldValue], rupiah: int, bill_number: str
) -> None:
    fixed = {tag: value for tag, value in fields.items() if tag not in ("01", "54", "62")} | {"01": "11"}
    made = decode(make_dynamic(encode(fixed, limit=LIMIT), rupiah, bill_number))
    assert fields_without_ends(made) == fixed | {"01": "12", "54": str(rupiah), "62": {"01": bill_number}}
