"""Reading QRIS texts: what passes, what passes with a warning, and what is refused with which tag."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_adapters.contract.qris import (
    QrisInvalid,
    crc_of,
    decode,
    describe,
    mpan_key,
    require_merchant_code,
    same_mpan,
)
from foundation.errors import LunasError
from foundation.money import Money
from tests.bank_adapters.qris_samples import (
    ACCOUNT,
    REPOSITORY,
    TRANSFER,
    close,
    crc_bit_by_bit,
    dynamic,
    static,
    tlv,
)


def refused_tag(text: str) -> str | None:
    with pytest.raises(QrisInvalid) as caught:
        decode(text)
    assert caught.value.reason.text_id
    assert caught.value.reason.text_en
    return caught.value.tag


def warned_tags(text: str) -> list[str]:
    return [warning.tag for warning in decode(text).warnings]


def test_crc_is_that_of_the_standard_check_string_and_of_the_definition() -> None:
    assert crc_of("123456789") == "29B1"
    assert crc_bit_by_bit("123456789") == "29B1"
    assert crc_of("") == "FFFF"


def test_a_dynamic_code_is_read_field_by_field() -> None:
    code = decode(dynamic())
    assert code.is_dynamic
    assert code.amount == Money.from_rupiah(150_000)
    assert code.bill_number == "QRIS2026112114050000001"
    assert code.merchant_name == "CV CONTOH MAKMUR"
    assert code.mpans == ("936001100000000001",)
    assert code.nmid == "ID1020000000001"
    assert code.find_value("62.07") == "C02"
    assert code.find_value("62.03") is None
    assert code.find_value("99.01") is None
    assert code.warnings == ()
    require_merchant_code(code)


def test_a_static_code_has_neither_amount_nor_bill_number() -> None:
    code = decode(static())
    assert not code.is_dynamic
    assert code.amount is None
    assert code.bill_number is None
    assert code.warnings == ()


def test_the_whole_text_is_pinned_so_that_two_mistakes_cannot_cancel_each_other() -> None:
    text = (
        "00020101021226720020ID.CO.BANKCONTOH.WWW011893600110000000000102150000000000000010303URE"
        "51440014ID.CO.QRIS.WWW0215ID10200000000010303URE5204931153033605406150000"
        "5802ID5916CV CONTOH MAKMUR6010KAB CONTOH61055821962340123QRIS20261121140500000010703C026304"
    )
    assert dynamic() == text + crc_bit_by_bit(text)
    assert decode(dynamic()).text == dynamic()


@pytest.mark.parametrize(
    ("written", "sen"),
    [
        ("1000", 100_000),
        ("1000.", 100_000),
        ("1000.00", 100_000),
        ("1000.5", 100_050),
        ("0.01", 1),
        ("22995000", 2_299_500_000),
        ("9999999999999", 999_999_999_999_900),
    ],
)
def test_amounts_that_can_be_read(written: str, sen: int) -> None:
    assert decode(dynamic(t54=written)).amount == Money(sen)


@pytest.mark.parametrize(
    "written",
    [
        "0",
        "0.00",
        "000",
        "1000,00",
        "1.000",
        "1 000",
        "1.000.000",
        "1000.000",
        ".5",
        ".",
        "-1",
        "+1",
        "1e3",
        "0x10",
        "Rp1000",
        " 1000",
        "1000 ",
        "12345678901234",
    ],
)
def test_amounts_that_are_refused(written: str) -> None:
    assert refused_tag(dynamic(t54=written)) == "54"


@pytest.mark.parametrize("tag", ["52", "53", "58", "59", "60", "61"])
def test_a_missing_mandatory_tag_is_named(tag: str) -> None:
    assert refused_tag(static(**{f"t{tag}": None})) == tag


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ("00", "02"),
        ("01", "13"),
        ("52", "93A1"),
        ("52", "931"),
        ("53", "840"),
        ("55", "04"),
        ("58", "SG"),
        ("59", "CV CONTOH|MAKMUR"),
        ("60", "KABUPATEN CONTOH"),
        ("60", "KAB|CONTOH"),
        ("61", "58219|"),
        ("61", "58219000000"),
    ],
)
def test_a_value_against_its_row_is_named_by_its_tag(tag: str, value: str) -> None:
    assert refused_tag(static(**{f"t{tag}": value})) == tag


def test_a_code_without_any_merchant_account_is_refused() -> None:
    assert refused_tag(static(t26=None)) == "26"


def test_a_code_with_only_a_card_network_account_is_read() -> None:
    assert decode(static(t26=None, t04="512345678901234")).mpans == ()


def test_a_code_without_point_of_initiation_is_read_as_not_dynamic() -> None:
    code = decode(static(t01=None))
    assert not code.is_dynamic
    assert code.warnings == ()


def test_a_name_of_25_passes_and_one_of_26_warns() -> None:
    assert warned_tags(static(t59="X" * 25)) == []
    assert warned_tags(static(t59="X" * 26)) == ["59"]
    assert decode(static(t59="BANK CONTOH CABANG UTAMA PEMBAYARAN PAJAK 01")).merchant_name == (
        "BANK CONTOH CABANG UTAMA PEMBAYARAN PAJAK 01"
    )


def test_a_missing_repository_warns_in_static_and_dynamic_codes() -> None:
    assert warned_tags(static(t51=None)) == ["51"]
    assert warned_tags(dynamic(t51=None)) == ["51"]


def test_several_warnings_are_told_together() -> None:
    assert warned_tags(static(t51=None, t59="X" * 44)) == ["59", "51"]


def test_an_nmid_of_another_form_warns() -> None:
    assert warned_tags(static(t51=tlv("00", "ID.CO.QRIS.WWW") + tlv("02", "ID3020000000001"))) == ["51.02"]
    assert warned_tags(static(t51=tlv("00", "ID.CO.QRIS.WWW") + tlv("02", "ID2020000000001"))) == []


def test_a_repository_without_nmid_is_refused() -> None:
    assert refused_tag(static(t51=tlv("00", "ID.CO.QRIS.WWW"))) == "51.02"


def test_reserved_tags_warn_and_unreserved_ones_pass() -> None:
    body = static()[:-8]
    assert warned_tags(close(body + tlv("65", "X"))) == ["65"]
    assert warned_tags(close(body + tlv("80", "X"))) == []
    assert warned_tags(static(t62=tlv("10", "X"))) == ["62.10"]
    assert warned_tags(static(t62=tlv("50", "X"))) == []


@pytest.mark.parametrize("missing", ["00", "01", "02"])
def test_a_merchant_template_without_a_mandatory_tag_is_refused(missing: str) -> None:
    parts = {"00": "ID.CO.BANKCONTOH.WWW", "01": "936001100000000001", "02": "1", "03": "URE"}
    account = "".join(tlv(tag, value) for tag, value in parts.items() if tag != missing)
    assert refused_tag(static(t26=account)) == f"26.{missing}"


def test_a_merchant_template_without_criteria_warns() -> None:
    account = tlv("00", "ID.CO.BANKCONTOH.WWW") + tlv("01", "936001100000000001") + tlv("02", "1")
    assert warned_tags(static(t26=account)) == ["26.03"]


def test_templates_may_stand_in_any_order_with_a_lower_case_or_short_guid() -> None:
    account = tlv("00", "00") + tlv("02", "1") + tlv("01", "936001100000000001") + tlv("03", "UMI")
    assert decode(static(t26=account)).mpans == ("936001100000000001",)
    assert warned_tags(static(t26=account.replace(tlv("00", "00"), tlv("00", "id.co.bankcontoh.www"), 1))) == []


def test_several_merchant_templates_are_all_read() -> None:
    other = ACCOUNT.replace("936001100000000001", "936009110000000002")
    assert decode(static(t27=other)).mpans == ("936001100000000001", "936009110000000002")


@pytest.mark.parametrize(
    ("tag", "value", "path"),
    [
        ("01", "93600110000000000A", "26.01"),
        ("01", "93600110000000000001", "26.01"),
        ("02", "1" * 16, "26.02"),
        ("02", "A|B", "26.02"),
        ("03", "UGE", "26.03"),
        ("03", "ure", "26.03"),
        ("00", "X" * 33, "26.00"),
    ],
)
def test_a_merchant_template_value_against_its_row_is_named(tag: str, value: str, path: str) -> None:
    parts = {"00": "00", "01": "936001100000000001", "02": "1", "03": "URE", tag: value}
    assert refused_tag(static(t26="".join(tlv(each, text) for each, text in parts.items()))) == path


def test_the_check_digit_of_an_mpan_is_judged_only_with_19_digits() -> None:
    def with_mpan(mpan: str) -> str:
        return static(t26=ACCOUNT.replace(tlv("01", "936001100000000001"), tlv("01", mpan)))

    assert warned_tags(with_mpan("936000141000000000")) == []
    assert warned_tags(with_mpan("9360001410000000009")) == []
    assert refused_tag(with_mpan("9360001410000000008")) == "26.01"
    assert warned_tags(with_mpan("93600014100000001")) == ["26.01"]


def test_mpans_match_on_their_first_18_digits() -> None:
    assert mpan_key("9360077732302230011") == "936007773230223001"
    assert same_mpan("936007773230223001", "9360077732302230011")
    assert not same_mpan("936007773230223001", "936007773230223002")
    assert not same_mpan("93600777323022300", "936007773230223001")


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (tlv("01", "X" * 26), "62.01"),
        (tlv("08", "X" * 26), "62.08"),
        (tlv("09", "AAE"), "62.09"),
        (tlv("09", "B"), "62.09"),
        (tlv("99", tlv("01", "DATA")), "62.99.00"),
        (tlv("99", "no objects"), "62.99"),
        (tlv("01", "A") + tlv("01", "B"), "62.01"),
    ],
)
def test_additional_data_against_its_row_is_named(value: str, path: str) -> None:
    assert refused_tag(static(t62=value)) == path


def test_additional_data_at_its_longest_is_read() -> None:
    value = tlv("01", "B" * 25) + tlv("05", "***") + tlv("09", "AME") + tlv("99", tlv("00", "00") + tlv("01", "D" * 8))
    code = decode(static(t62=value))
    assert code.find_value("62.99.01") == "D" * 8
    assert code.warnings == ()


@pytest.mark.parametrize(
    ("changes", "tag"),
    [
        ({"t55": "02"}, "56"),
        ({"t55": "03"}, "57"),
        ({"t55": "01", "t56": "1000"}, "56"),
        ({"t57": "05.00"}, "57"),
        ({"t55": "02", "t56": "0"}, "56"),
        ({"t55": "03", "t57": "00.00"}, "57"),
        ({"t55": "03", "t57": "100"}, "57"),
    ],
)
def test_a_tip_that_contradicts_its_indicator_is_refused(changes: dict[str, str], tag: str) -> None:
    assert refused_tag(static(**changes)) == tag


@pytest.mark.parametrize("changes", [{"t55": "01"}, {"t55": "02", "t56": "500"}, {"t55": "03", "t57": "00.01"}])
def test_a_tip_that_keeps_the_rules_is_read(changes: dict[str, str]) -> None:
    assert warned_tags(static(**changes)) == []


def test_the_language_template_counts_characters_and_not_bytes() -> None:
    other_script = tlv("00", "jv") + tlv("01", "ꦥꦗꦏ꧀ꦝꦲꦺꦫꦃ")
    body = static()[:-8] + tlv("64", other_script)
    code = decode(close(body))
    assert code.find_value("64.01") == "ꦥꦗꦏ꧀ꦝꦲꦺꦫꦃ"
    assert refused_tag(close(static()[:-8] + tlv("64", tlv("00", "id")))) == "64.01"


@pytest.mark.parametrize("hidden", ["\u202e", "\x07", "\x9b", "\ud800", "\u200f"])
def test_controls_and_direction_marks_are_refused_even_in_the_language_template(hidden: str) -> None:
    body = static()[:-8] + tlv("64", tlv("00", "id") + tlv("01", f"A{hidden}B"))
    crc = crc_of(body + "6304")
    assert refused_tag(f"{body}6304{crc}") == "64"


def test_characters_outside_printable_ascii_are_refused() -> None:
    assert refused_tag(static(t59="WARUNG KOPI É")) == "59"
    assert refused_tag(static(t60="KAB\tCONTOH")) == "60"


def test_a_wrong_crc_is_tag_63() -> None:
    text = dynamic()
    assert refused_tag(text.replace("150000", "150001")) == "63"
    assert refused_tag(text[:-4] + "0000") == "63"


def test_a_crc_in_lower_case_is_refused() -> None:
    for serial in range(20):
        text = dynamic(t62=tlv("01", f"BILL{serial}"))
        if text[-4:].lower() != text[-4:]:
            assert refused_tag(text[:-4] + text[-4:].lower()) == "63"
            return
    pytest.fail("no sample with a letter in its CRC")


def test_the_crc_must_be_there_and_stand_last() -> None:
    text = static()
    assert refused_tag(text[:-8]) == "63"
    assert refused_tag(text + tlv("80", "X")) == "63"
    assert refused_tag(text + " ") == "63"
    assert refused_tag(text + "\n") == "63"
    assert refused_tag(close(static())) == "63"


def test_the_format_indicator_must_stand_first() -> None:
    body = static()[:-8]
    assert refused_tag(close(body[6:] + body[:6])) == "00"
    assert refused_tag(close(body[6:])) == "00"
    assert refused_tag(" " + static()) is None


def test_root_tags_between_the_first_and_the_last_may_stand_in_any_order() -> None:
    pairs = [("26", ACCOUNT), ("51", REPOSITORY), ("52", "9311"), ("53", "360"), ("58", "ID"), ("59", "CV CONTOH")]
    pairs += [("60", "KAB CONTOH"), ("61", "58219"), ("01", "11")]
    body = "000201" + "".join(tlv(*pair) for pair in reversed(pairs))
    assert decode(close(body)).warnings == ()


def test_a_tag_that_stands_twice_is_refused_at_root_and_inside_a_template() -> None:
    body = static()[:-8]
    assert refused_tag(close(body + tlv("59", "CV CONTOH MAKMUR"))) == "59"
    assert refused_tag(static(t26=ACCOUNT + tlv("03", "URE"))) == "26.03"


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("", None),
        ("0", None),
        ("00", "00"),
        ("000", "00"),
        ("0002", "00"),
        ("00020", "00"),
        ("000201", "63"),
        ("000200", "63"),
        ("0000", "00"),
        ("00-1", "00"),
        ("00+201", "00"),
        ("00 201", "00"),
        ("00\u0660\u0662" + "01", "00"),
        ("\u0660\u0660" + "0201", None),
        ("00²¹01", "00"),
        ("0x0201", None),
        ("0099" + "1", "00"),
        ("hello", None),
        ("\ud800", None),
        ("\x00" * 8, None),
    ],
)
def test_headers_that_cannot_be_read(text: str, tag: str | None) -> None:
    assert refused_tag(text) == tag


def test_a_length_inside_a_template_that_runs_past_its_end_is_named_there() -> None:
    assert refused_tag(static(t62="0110ABC")) == "62.01"
    assert refused_tag(static(t62="01")) == "62.01"
    assert refused_tag(static(t62="X")) == "62"
    assert refused_tag(static(t26=ACCOUNT[:-1])) == "26.03"
    assert refused_tag(static(t62="0100" + tlv("02", "1"))) == "62.01"


def test_every_truncation_of_a_sound_code_is_refused() -> None:
    text = dynamic()
    for length in range(len(text)):
        refused_tag(text[:length])


def test_every_single_changed_character_is_refused() -> None:
    text = dynamic()
    for at in range(len(text)):
        changed = text[:at] + ("1" if text[at] != "1" else "2") + text[at + 1 :]
        refused_tag(changed)


def test_a_code_of_512_characters_is_read_and_one_of_513_is_not() -> None:
    def padded(to: int) -> str:
        body = static()[:-8]
        for tag in ("80", "81", "82", "83", "84"):
            left = to - 8 - len(body)
            # An object takes at least five characters; leave that much for the next one.
            size = min(99, left - 4) if left <= 103 else min(99, left - 9)
            if left:
                body += tlv(tag, "X" * size)
        return close(body)

    assert len(padded(512)) == 512
    assert decode(padded(512)).warnings == ()
    assert len(padded(513)) == 513
    assert refused_tag(padded(513)) is None


def test_a_huge_text_is_refused_at_once() -> None:
    assert refused_tag("0" * 10_000_000) is None


def test_a_transfer_code_is_shown_but_cannot_pay_a_bill() -> None:
    code = decode(static(t26=None, t51=None, t40=TRANSFER, t01="12", t52="4829", t62=tlv("08", "BOOK")))
    assert code.is_transfer_only
    assert code.warnings == ()
    assert code.mpans == ()
    assert code.find_value("40.01") == "9360082230002001355"
    with pytest.raises(QrisInvalid) as caught:
        require_merchant_code(code)
    assert caught.value.tag == "40"
    assert "QRIS transfer" in caught.value.message_en
    assert "membayar tagihan" in caught.value.message_id


def test_a_merchant_code_that_also_takes_transfers_can_pay_a_bill() -> None:
    require_merchant_code(decode(static(t40=TRANSFER)))


def test_a_transfer_account_with_a_bad_pan_is_refused() -> None:
    assert refused_tag(static(t26=None, t40=TRANSFER.replace("1355", "1356"))) == "40.01"
    assert refused_tag(static(t26=None, t40=tlv("00", "00") + tlv("01", "936008223"))) == "40.01"


def test_the_refusal_names_the_tag_in_both_languages() -> None:
    with pytest.raises(LunasError) as caught:
        decode(dynamic(t54="0"))
    assert caught.value.code == "qris_invalid"
    assert caught.value.field == "54"
    assert caught.value.message_id == "Kode QRIS tidak sah (tag 54): tidak boleh nol"
    assert caught.value.message_en == "The QRIS code is not valid (tag 54): it must not be zero"


def test_braces_in_hostile_text_do_not_break_the_message() -> None:
    with pytest.raises(QrisInvalid) as caught:
        decode("{field}{0}{line!r}")
    assert caught.value.message_en.startswith("The QRIS code is not valid (whole code)")


@given(st.text(max_size=600))
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    assert describe(text)["valid"] is False or decode(text).text == text


@given(st.integers(min_value=0), st.lists(st.text(min_size=0, max_size=6), max_size=6))
def test_a_sound_code_damaged_and_closed_anew_is_read_or_refused_by_name(seed: int, splinters: list[str]) -> None:
    chance = random.Random(seed)
    body = dynamic()[:-8]
    for splinter in splinters:
        at = chance.randrange(len(body) + 1)
        body = body[:at] + splinter + body[at + chance.randrange(4) :]
    text = f"{body}6304{crc_of(body + '6304')}"
    outcome = describe(text)
    assert outcome["valid"] in (True, False)


@given(st.text(alphabet="0123456789", max_size=99))
def test_digits_only_inside_templates_never_crash(inside: str) -> None:
    if inside:
        describe(static(t26=inside))
        describe(static(t51=inside))
        describe(static(t62=inside))
        describe(static(t62=tlv("99", inside[:95])))
