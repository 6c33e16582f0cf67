"""What banks send us over SNAP: read exactly, or refused with the code and the field.

For: bodies and headers of token, inquiry, payment, QRIS notification and QR generation.
Not for: signatures, and answers.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank_adapters.contract import QrisNotification, QrisRequest, VaInquiry, VaPayment
from bank_adapters.snap import (
    MAX_BODY_BYTES,
    NAMED_PROFILES,
    QRIS_NOTIFY,
    VA_INQUIRY,
    VA_PAYMENT,
    SnapProfile,
    SnapRefusal,
    parse_qr_generate,
    parse_qris_notification,
    parse_request_headers,
    parse_token_headers,
    parse_token_request,
    parse_va_inquiry,
    parse_va_payment,
    read_va_echo,
    require_fresh,
)
from foundation.money import Money

SNAP, BCA = NAMED_PROFILES["snap"], NAMED_PROFILES["bca"]
TEN_O_CLOCK = datetime(2026, 1, 31, 3, 0, 0, tzinfo=UTC)

INQUIRY: dict[str, Any] = {
    "partnerServiceId": "  088899",
    "customerNo": "331601260100000017",
    "virtualAccountNo": "  088899331601260100000017",
    "trxDateInit": "2026-01-31T10:00:00+07:00",
    "channelCode": 6011,
    "language": "ID",
    "amount": {"value": "12345678.00", "currency": "IDR"},
    "sourceBankCode": "008",
    "inquiryRequestId": "abcdef-123456-abcdef",
    "additionalInfo": {},
}
PAYMENT: dict[str, Any] = {
    "partnerServiceId": "  088899",
    "customerNo": "331601260100000017",
    "virtualAccountNo": "  088899331601260100000017",
    "virtualAccountName": "Warga Contoh 0123",
    "trxId": "TRX-1",
    "paymentRequestId": "abcdef-123456-abcdef",
    "channelCode": "6010",
    "paidAmount": {"value": "150000.00", "currency": "IDR"},
    "totalAmount": {"value": "150000.00", "currency": "IDR"},
    "paidBills": "95000",
    "trxDateTime": "20260131T030000Z",
    "referenceNo": "00113696201",
    "journalNum": "123456",
    "paymentType": 1,
    "flagAdvise": "N",
    "subCompany": "00000",
    "billDetails": [
        {
            "billCode": "01",
            "billNo": "331601260100000017",
            "billName": "PBB 2026",
            "billDescription": {"english": "Land tax 2026", "indonesia": "PBB 2026"},
            "billAmount": {"value": "150000.00", "currency": "IDR"},
            "billReferenceNo": 12345,
        }
    ],
    "freeTexts": [{"english": "Thank you", "indonesia": "Terima kasih"}],
    "additionalInfo": {"lat": -7.5, "huge": 123456789012345678901234567890},
}
NOTIFICATION: dict[str, Any] = {
    "originalReferenceNo": "A0000001",
    "originalPartnerReferenceNo": "LN-1",
    "latestTransactionStatus": "00",
    "transactionStatusDesc": "success",
    "amount": {"value": "150000.00", "currency": "IDR"},
    "externalStoreId": "LOKET-1",
    "additionalInfo": {
        "rrn": "123456789012",
        "mpan": "936001140000000017",
        "issuer": "Bank Contoh",
        "paidTime": "2026-01-31T10:00:00+07:00",
    },
}
GENERATE: dict[str, Any] = {
    "partnerReferenceNo": "LN-1",
    "amount": {"value": "150000.00", "currency": "IDR"},
    "merchantId": "M1",
    "storeId": "S1",
    "terminalId": "T1",
    "validityPeriod": "2026-01-31T10:15:00+07:00",
}


def raw(values: Any) -> bytes:
    return json.dumps(values).encode()


def changed(values: dict[str, Any], **changes: Any) -> bytes:
    """The body with fields set, or left out where the change is `...`."""
    together = {**values, **changes}
    return raw({key: value for key, value in together.items() if value is not ...})


def inquiry(body: bytes, profile: SnapProfile = SNAP) -> VaInquiry:
    return parse_va_inquiry(body, profile)


def payment(body: bytes, profile: SnapProfile = SNAP) -> VaPayment:
    return parse_va_payment(body, profile)


def notification(body: bytes) -> QrisNotification:
    return parse_qris_notification(body, SNAP)


def generate(body: bytes) -> QrisRequest:
    return parse_qr_generate(body, SNAP, default_valid_until=TEN_O_CLOCK)


def refused(parse: Any, body: bytes, *more: Any) -> tuple[str, str | None]:
    with pytest.raises(SnapRefusal) as refusal:
        parse(body, *more)
    return refusal.value.response_code, refusal.value.field


# ---------------------------------------------------------------- what is right is read exactly


def test_an_inquiry_is_read() -> None:
    assert inquiry(raw(INQUIRY)) == VaInquiry(
        partner_service_id="088899",
        customer_no="331601260100000017",
        virtual_account_no="088899331601260100000017",
        inquiry_request_id="abcdef-123456-abcdef",
        amount=Money.from_rupiah(12_345_678),
        channel_code="6011",
        source_bank_code="008",
        asked_at=TEN_O_CLOCK,
    )
    assert inquiry(raw(INQUIRY)).raw["partnerServiceId"] == "  088899"


def test_an_inquiry_may_leave_out_what_is_optional_in_every_way_that_banks_do() -> None:
    optional = ("trxDateInit", "channelCode", "language", "amount", "sourceBankCode", "additionalInfo")
    least = VaInquiry(
        partner_service_id="088899",
        customer_no="331601260100000017",
        virtual_account_no="088899331601260100000017",
        inquiry_request_id="abcdef-123456-abcdef",
    )
    for nothing in (..., None, ""):
        assert inquiry(changed(INQUIRY, **dict.fromkeys(optional, nothing))) == least
    for nothing_said in ({"value": "", "currency": ""}, {"value": "0.00", "currency": "IDR"}, {}):
        read = inquiry(changed(INQUIRY, amount=nothing_said))
        assert read.amount is None


def test_the_misspelt_date_of_the_sample_is_read() -> None:
    body = changed(INQUIRY, trxDateInit=..., txnDateInit="20260131T030000Z")
    assert inquiry(body).asked_at == TEN_O_CLOCK


def test_a_payment_is_read() -> None:
    read = payment(raw(PAYMENT))
    assert read == VaPayment(
        partner_service_id="088899",
        customer_no="331601260100000017",
        virtual_account_no="088899331601260100000017",
        payment_request_id="abcdef-123456-abcdef",
        paid_amount=Money.from_rupiah(150_000),
        total_amount=Money.from_rupiah(150_000),
        trx_at=TEN_O_CLOCK,
        reference_no="00113696201",
        channel_code="6010",
        flag_advise=False,
        trx_id="TRX-1",
        virtual_account_name="Warga Contoh 0123",
    )
    # numbers that a float would spoil are kept as written, and the message can be written again
    assert read.raw["additionalInfo"] == {"lat": "-7.5", "huge": "123456789012345678901234567890"}
    assert json.loads(json.dumps(read.raw)) == read.raw


@pytest.mark.parametrize("payment_type", [1, "1", "M", None, ""])
def test_the_payment_type_may_be_a_number_or_text(payment_type: Any) -> None:
    assert payment(changed(PAYMENT, paymentType=payment_type)).paid_amount == Money.from_rupiah(150_000)


def test_a_repeated_payment_says_so() -> None:
    assert payment(changed(PAYMENT, flagAdvise="Y")).flag_advise is True
    assert payment(changed(PAYMENT, flagAdvise=...)).flag_advise is False
    assert refused(payment, changed(PAYMENT, flagAdvise="y")) == ("4002501", "flagAdvise")


def test_a_qris_notification_is_read() -> None:
    assert notification(raw(NOTIFICATION)) == QrisNotification(
        original_reference_no="A0000001",
        original_partner_reference_no="LN-1",
        latest_status="00",
        amount=Money.from_rupiah(150_000),
        rrn="123456789012",
        mpan="936001140000000017",
        issuer="Bank Contoh",
        paid_at=TEN_O_CLOCK,
        external_store_id="LOKET-1",
    )


def test_a_qris_notification_does_not_fail_on_a_side_remark() -> None:
    for remarks in (None, "", "text", [], 7, {"rrn": [], "mpan": {}, "issuer": "x" * 65, "paidTime": "kemarin"}):
        read = notification(changed(NOTIFICATION, additionalInfo=remarks))
        assert (read.rrn, read.mpan, read.issuer, read.paid_at) == (None, None, None, None)
        assert read.raw["additionalInfo"] == remarks
    assert notification(changed(NOTIFICATION, additionalInfo={"rrn": 123456789012})).rrn == "123456789012"
    assert notification(changed(NOTIFICATION, destinationAccountName="x" * 300)).amount == Money.from_rupiah(150_000)


def test_the_misspelt_reference_of_an_acquirer_is_read() -> None:
    body = changed(NOTIFICATION, originalPartnerReferenceNo=..., originalPartnerReferanceNo="LN-1")
    assert notification(body).original_partner_reference_no == "LN-1"


def test_a_failed_qris_payment_may_be_of_zero_rupiah_a_successful_one_not() -> None:
    zero = {"value": "0.00", "currency": "IDR"}
    assert notification(changed(NOTIFICATION, amount=zero, latestTransactionStatus="06")).amount is None
    assert refused(notification, changed(NOTIFICATION, amount=zero)) == ("4005201", "amount.value")


def test_a_request_for_a_qr_is_read() -> None:
    assert generate(raw(GENERATE)) == QrisRequest(
        partner_reference_no="LN-1",
        amount=Money.from_rupiah(150_000),
        merchant_id="M1",
        store_id="S1",
        terminal_id="T1",
        validity_until=TEN_O_CLOCK + timedelta(minutes=15),
    )
    assert generate(changed(GENERATE, validityPeriod=...)).validity_until == TEN_O_CLOCK
    odd = {"value": "150000.50", "currency": "IDR"}
    assert refused(generate, changed(GENERATE, amount=odd)) == ("4004701", "amount.value")
    assert refused(generate, changed(GENERATE, amount=...)) == ("4004702", "amount")
    assert refused(generate, changed(GENERATE, partnerReferenceNo=...)) == ("4004702", "partnerReferenceNo")


@pytest.mark.parametrize(
    "body",
    [
        b'{"grantType":"client_credentials","additionalInfo":{}}',
        b'{"grantType":"client_credentials"}',
        b'{"grant_type":"client_credentials"}',
        b'{"grantType":"client_credentials","additionalInfo":""}',
        b'{"grantType":"client_credentials","additionalInfo":"x"}',
        b'{"grantType":"client_credentials","additionalInfo":null}',
    ],
)
def test_a_token_may_be_asked_for_in_the_spellings_in_use(body: bytes) -> None:
    parse_token_request(body)


@pytest.mark.parametrize(
    "body, code, field",
    [
        (b"", "4007300", None),
        (b"grant_type=client_credentials", "4007300", None),
        (b"{}", "4007302", "grantType"),
        (b'{"grantType":""}', "4007302", "grantType"),
        (b'{"grantType":"password"}', "4007301", "grantType"),
        (b'{"grantType":1}', "4007301", "grantType"),
        (b'{"grantType":"client_credentials","grant_type":"password"}', "4007301", "grant_type"),
        (b'{"grantType":"client_credentials","additionalInfo":[]}', "4007301", "additionalInfo"),
    ],
)
def test_any_other_request_for_a_token_is_refused(body: bytes, code: str, field: str | None) -> None:
    assert refused(parse_token_request, body) == (code, field)


# ---------------------------------------------------------------- what is wrong is refused by field


@pytest.mark.parametrize(
    "changes, code, field",
    [
        ({"partnerServiceId": ...}, "4002502", "partnerServiceId"),
        ({"partnerServiceId": None}, "4002502", "partnerServiceId"),
        ({"partnerServiceId": ""}, "4002502", "partnerServiceId"),
        ({"partnerServiceId": 88899}, "4002501", "partnerServiceId"),
        ({"partnerServiceId": "088899"}, "4002501", "partnerServiceId"),
        ({"partnerServiceId": "088899  "}, "4002501", "partnerServiceId"),
        ({"partnerServiceId": "        "}, "4002501", "partnerServiceId"),
        ({"partnerServiceId": "  08889٩"}, "4002501", "partnerServiceId"),
        ({"customerNo": ...}, "4002502", "customerNo"),
        ({"customerNo": 331601260100000017}, "4002501", "customerNo"),
        ({"customerNo": "33160126010000001x"}, "4002501", "customerNo"),
        ({"customerNo": "1" * 21, "virtualAccountNo": "  088899" + "1" * 21}, "4002501", "customerNo"),
        ({"virtualAccountNo": ...}, "4002502", "virtualAccountNo"),
        ({"virtualAccountNo": "  088899331601260100000018"}, "4002501", "virtualAccountNo"),
        ({"virtualAccountNo": "088899331601260100000017"}, "4002501", "virtualAccountNo"),
        ({"paymentRequestId": ...}, "4002502", "paymentRequestId"),
        ({"paymentRequestId": "x" * 129}, "4002501", "paymentRequestId"),
        ({"paymentRequestId": "   "}, "4002501", "paymentRequestId"),
        ({"paymentRequestId": "a\nb"}, "4002501", "paymentRequestId"),
        ({"paymentRequestId": ["x"]}, "4002501", "paymentRequestId"),
        ({"paidAmount": ...}, "4002502", "paidAmount"),
        ({"paidAmount": {"value": "", "currency": ""}}, "4002502", "paidAmount"),
        ({"paidAmount": "150000.00"}, "4002501", "paidAmount"),
        ({"paidAmount": {"currency": "IDR"}}, "4002502", "paidAmount.value"),
        ({"paidAmount": {"value": "150000.00"}}, "4002502", "paidAmount.currency"),
        ({"paidAmount": {"value": "150000.00", "currency": "USD"}}, "4002501", "paidAmount.currency"),
        ({"paidAmount": {"value": "150000.00", "currency": "idr"}}, "4002501", "paidAmount.currency"),
        ({"totalAmount": {"value": "1e5", "currency": "IDR"}}, "4002501", "totalAmount.value"),
        ({"trxDateTime": "2026-01-31T10:00:00"}, "4002501", "trxDateTime"),
        ({"trxDateTime": 1769828400}, "4002501", "trxDateTime"),
        ({"referenceNo": "x" * 65}, "4002501", "referenceNo"),
        ({"channelCode": 12345}, "4002501", "channelCode"),
        ({"channelCode": -1}, "4002501", "channelCode"),
        ({"channelCode": True}, "4002501", "channelCode"),
        ({"channelCode": 60.1}, "4002501", "channelCode"),
        ({"paymentType": 12}, "4002501", "paymentType"),
        ({"paidBills": "95000G"}, "4002501", "paidBills"),
        ({"virtualAccountName": "a\x00b"}, "4002500", None),
        ({"virtualAccountName": "a\x1fb"}, "4002501", "virtualAccountName"),
        ({"additionalInfo": "x"}, "4002501", "additionalInfo"),
        ({"billDetails": {}}, "4002501", "billDetails"),
        ({"billDetails": [{}] * 25}, "4002501", "billDetails"),
        ({"billDetails": [{}, 7]}, "4002501", "billDetails[1]"),
        ({"billDetails": [{"billNo": "1" * 19}]}, "4002501", "billDetails[0].billNo"),
        (
            {"billDetails": [{}, {"billAmount": {"value": "1,00", "currency": "IDR"}}]},
            "4002501",
            "billDetails[1].billAmount.value",
        ),
        (
            {"billDetails": [{"billDescription": {"english": "x" * 19}}]},
            "4002501",
            "billDetails[0].billDescription.english",
        ),
        ({"freeTexts": [{"indonesia": 5}]}, "4002501", "freeTexts[0].indonesia"),
        ({"freeTexts": [{}] * 26}, "4002501", "freeTexts"),
    ],
)
def test_a_wrong_payment_is_refused_by_field(changes: dict[str, Any], code: str, field: str | None) -> None:
    assert refused(payment, changed(PAYMENT, **changes)) == (code, field)


@pytest.mark.parametrize(
    "value",
    [
        "150000.0", "150000.", "150000.000", ".00", "1.500.000,00", "150,000.00", "150000,00", "+150000.00",
        "-150000.00", " 150000.00", "150000.00 ", "1e5", "0x1", "NaN", "Infinity", "１５００００.00", "0.00", "0",
        "123456789012345.00", "9" * 40, 150000, 150000.0, True, None, [], {},
    ],
)  # fmt: skip
def test_an_amount_that_is_not_exactly_written_is_never_zero_and_never_guessed(value: Any) -> None:
    code, field = refused(payment, changed(PAYMENT, paidAmount={"value": value, "currency": "IDR"}))
    assert (code, field) == ("4002502" if value is None else "4002501", "paidAmount.value")


@pytest.mark.parametrize("value, sen", [("150000.00", 15_000_000), ("150000", 15_000_000), ("0.01", 1)])
def test_an_amount_has_two_decimals_or_none(value: str, sen: int) -> None:
    assert payment(changed(PAYMENT, paidAmount={"value": value, "currency": "IDR"})).paid_amount == Money(sen)


def test_the_stricter_bank_allows_less() -> None:
    longer = {"customerNo": "1" * 19, "virtualAccountNo": "  088899" + "1" * 19}
    large = {"value": "12345678901234.00", "currency": "IDR"}
    for changes, field in (
        (longer, "customerNo"),
        ({"paymentRequestId": "x" * 31}, "paymentRequestId"),
        ({"paidAmount": large}, "paidAmount.value"),
        ({"billDetails": [{}] * 6}, "billDetails"),
        ({"freeTexts": [{}] * 10}, "freeTexts"),
    ):
        payment(changed(PAYMENT, **changes), SNAP)
        assert refused(payment, changed(PAYMENT, **changes), BCA) == ("4002501", field)


@pytest.mark.parametrize(
    "changes, code, field",
    [
        ({"inquiryRequestId": ...}, "4002402", "inquiryRequestId"),
        ({"virtualAccountNo": "  088899331601260100000018"}, "4002401", "virtualAccountNo"),
        ({"trxDateInit": "31-01-2026"}, "4002401", "trxDateInit"),
        ({"txnDateInit": "31-01-2026"}, "4002401", "txnDateInit"),
        ({"amount": {"value": "1.000", "currency": "IDR"}}, "4002401", "amount.value"),
        ({"sourceBankCode": "x" * 12}, "4002401", "sourceBankCode"),
        ({"additionalInfo": []}, "4002401", "additionalInfo"),
    ],
)
def test_a_wrong_inquiry_is_refused_by_field(changes: dict[str, Any], code: str, field: str) -> None:
    assert refused(inquiry, changed(INQUIRY, **changes)) == (code, field)


@pytest.mark.parametrize(
    "changes, code, field",
    [
        ({"originalReferenceNo": ...}, "4005202", "originalReferenceNo"),
        ({"originalReferenceNo": "x" * 65}, "4005201", "originalReferenceNo"),
        ({"latestTransactionStatus": ...}, "4005202", "latestTransactionStatus"),
        ({"latestTransactionStatus": "08"}, "4005201", "latestTransactionStatus"),
        ({"latestTransactionStatus": 0}, "4005201", "latestTransactionStatus"),
        ({"latestTransactionStatus": "Success"}, "4005201", "latestTransactionStatus"),
        ({"amount": {"value": "150.000", "currency": "IDR"}}, "4005201", "amount.value"),
        ({"originalPartnerReferenceNo": {}}, "4005201", "originalPartnerReferenceNo"),
        ({"externalStoreId": 5}, "4005201", "externalStoreId"),
    ],
)
def test_a_wrong_notification_is_refused_by_field(changes: dict[str, Any], code: str, field: str) -> None:
    assert refused(notification, changed(NOTIFICATION, **changes)) == (code, field)


# ---------------------------------------------------------------- bodies that are no proper JSON object


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"null",
        b"[]",
        b"7",
        b'"x"',
        b"{",
        b"{}x",
        b"{'a':1}",
        b'{"a":1,}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":01}',
        b'{"a":"\x01"}',
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\\u0000"}',
        b'{"a":"\\ud800"}',
        b'{"a":{"b":["\\ud800"]}}',
        b'{"\\u0000":1}',
        b'\xef\xbb\xbf{"a":1}',
        '{"a":1}'.encode("utf-16"),
        b'{"a":"' + b"x" * MAX_BODY_BYTES + b'"}',
        b'{"a":' * 13 + b"1" + b"}" * 13,
        b'{"a":' + b"[" * 30_000,
        b"[" * 60_000,
    ],
)
def test_a_body_that_is_no_bounded_json_object_is_a_bad_request(body: bytes) -> None:
    assert refused(payment, body) == ("4002500", None)
    assert refused(inquiry, body) == ("4002400", None)
    assert refused(notification, body) == ("4005200", None)
    assert refused(generate, body) == ("4004700", None)
    assert refused(parse_token_request, body) == ("4007300", None)


def test_a_key_that_stands_twice_is_refused_by_name() -> None:
    twice = raw(PAYMENT)[:-1] + b',"paidAmount":{"value":"1.00","currency":"IDR"}}'
    assert refused(payment, twice) == ("4002501", "paidAmount")
    inside = changed(PAYMENT, paidAmount=...)[:-1] + b',"paidAmount":{"value":"1.00","value":"2.00","currency":"IDR"}}'
    assert refused(payment, inside) == ("4002501", "value")
    escaped = raw(PAYMENT)[:-1] + b',"paid\\u0041mount":{}}'
    assert refused(payment, escaped) == ("4002501", "paidAmount")
    unspeakable = b'{"<script>":1,"<script>":2}'
    assert refused(payment, unspeakable) == ("4002501", "body")


def test_brackets_inside_strings_are_no_depth() -> None:
    assert payment(changed(PAYMENT, virtualAccountName="[{" * 50)).virtual_account_name == "[{" * 50


def test_escapes_that_are_storable_are_read() -> None:
    body = raw(PAYMENT).replace(b"Warga Contoh 0123", b"Jos\\u00e9 \\ud83d\\ude00 A\\/B")
    assert payment(body).virtual_account_name == "José 😀 A/B"


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)


@given(st.binary(max_size=200))
def test_hostile_bytes_only_raise_refusals(body: bytes) -> None:
    for parse in (inquiry, payment, notification, generate, parse_token_request):
        with pytest.raises(SnapRefusal):
            parse(body)
    assert read_va_echo(VA_PAYMENT, body) == {}


@settings(max_examples=300)
@given(
    sample=st.sampled_from(
        [(INQUIRY, inquiry), (PAYMENT, payment), (NOTIFICATION, notification), (GENERATE, generate)]
    ),
    place=st.integers(min_value=0, max_value=40),
    value=JSON_VALUES,
    profile=st.sampled_from([SNAP, BCA]),
)
def test_a_right_message_with_one_hostile_value_is_read_or_refused(sample, place, value, profile) -> None:
    values, parse = sample
    key = list(values)[place % len(values)]
    inside = values[key]
    spoiled = {**inside, "value": value} if isinstance(inside, dict) and "value" in inside else value
    body = raw({**values, key: spoiled})
    arguments = (profile,) if parse in (inquiry, payment) else ()
    refusal: SnapRefusal | None = None
    try:
        parse(body, *arguments)
    except SnapRefusal as raised:
        refusal = raised
    if refusal is not None:
        assert refusal.response_code[:3] == "400"
        assert len(refusal.response_message) <= 150
    read_va_echo(VA_INQUIRY, body)


def test_what_can_be_read_of_a_wrong_message_is_echoed_within_bounds() -> None:
    assert read_va_echo(VA_PAYMENT, changed(PAYMENT, paidAmount="x")) == {
        "partnerServiceId": "  088899",
        "customerNo": "331601260100000017",
        "virtualAccountNo": "  088899331601260100000017",
        "paymentRequestId": "abcdef-123456-abcdef",
        "trxDateTime": "20260131T030000Z",
        "flagAdvise": "N",
    }
    assert read_va_echo(
        VA_INQUIRY, changed(INQUIRY, customerNo="1" * 21, virtualAccountNo=7, inquiryRequestId="a\nb")
    ) == {"partnerServiceId": "  088899"}


# ---------------------------------------------------------------- headers

HEADERS = {
    "Authorization": "Bearer token-contoh-1",
    "X-TIMESTAMP": "2026-01-31T10:00:00+07:00",
    "X-SIGNATURE": "c2lnbmF0dXJl",
    "X-PARTNER-ID": "BANKCONTOH",
    "X-EXTERNAL-ID": "12345678901234567890123456789012",
    "CHANNEL-ID": "95231",
}


def test_the_headers_of_a_request_are_read_whatever_their_case() -> None:
    for headers in (HEADERS, {name.lower(): value for name, value in HEADERS.items()}):
        read = parse_request_headers(VA_PAYMENT, headers)
        assert (read.access_token, read.partner_id, read.channel_id) == ("token-contoh-1", "BANKCONTOH", "95231")
        assert read.external_id == "12345678901234567890123456789012"
        assert (read.signature, read.timestamp_text) == ("c2lnbmF0dXJl", "2026-01-31T10:00:00+07:00")
        assert read.timestamp == TEN_O_CLOCK


@pytest.mark.parametrize(
    "changes, code, field",
    [
        ({"Authorization": None}, "4012501", "Authorization"),
        ({"Authorization": "token-contoh-1"}, "4012501", "Authorization"),
        ({"Authorization": "Basic abc"}, "4012501", "Authorization"),
        ({"Authorization": "Bearer "}, "4012501", "Authorization"),
        ({"Authorization": "Bearer a b"}, "4012501", "Authorization"),
        ({"X-TIMESTAMP": None}, "4002502", "X-TIMESTAMP"),
        ({"X-TIMESTAMP": "2026-01-31T10:00:00"}, "4002501", "X-TIMESTAMP"),
        ({"X-TIMESTAMP": "20260131T030000Z"}, "4002501", "X-TIMESTAMP"),
        ({"X-SIGNATURE": None}, "4002502", "X-SIGNATURE"),
        ({"X-SIGNATURE": "x" * 2049}, "4002501", "X-SIGNATURE"),
        ({"X-PARTNER-ID": " "}, "4002502", "X-PARTNER-ID"),
        ({"X-PARTNER-ID": "x" * 37}, "4002501", "X-PARTNER-ID"),
        ({"X-EXTERNAL-ID": None}, "4002502", "X-EXTERNAL-ID"),
        ({"X-EXTERNAL-ID": "x" * 37}, "4002501", "X-EXTERNAL-ID"),
        ({"X-EXTERNAL-ID": "a b"}, "4002501", "X-EXTERNAL-ID"),
        ({"X-EXTERNAL-ID": "é"}, "4002501", "X-EXTERNAL-ID"),
        ({"CHANNEL-ID": "952310"}, "4002501", "CHANNEL-ID"),
    ],
)
def test_wrong_headers_are_refused_by_name(changes: dict[str, str | None], code: str, field: str) -> None:
    headers = {name: value for name, value in {**HEADERS, **changes}.items() if value is not None}
    assert refused(lambda given: parse_request_headers(VA_PAYMENT, given), headers) == (code, field)  # type: ignore[arg-type]  # headers stand in for the body


def test_a_partner_that_signs_without_a_token_sends_none() -> None:
    headers = {name: value for name, value in HEADERS.items() if name != "Authorization"}
    assert parse_request_headers(QRIS_NOTIFY, headers, needs_token=False).access_token is None


def test_the_headers_of_a_token_request_are_read() -> None:
    headers = {"X-CLIENT-KEY": "client-1", "X-TIMESTAMP": "2026-01-31T03:00:00.000Z", "X-SIGNATURE": "c2ln"}
    read = parse_token_headers(headers)
    assert (read.client_key, read.signature, read.timestamp) == ("client-1", "c2ln", TEN_O_CLOCK)
    assert read.timestamp_text == "2026-01-31T03:00:00.000Z"
    with pytest.raises(SnapRefusal) as refusal:
        parse_token_headers({**headers, "X-CLIENT-KEY": ""})
    assert refusal.value.response_message == "Invalid Mandatory Field {X-CLIENT-KEY}"
    assert refusal.value.response_code == "4007302"


def test_a_stale_timestamp_is_unauthorized() -> None:
    require_fresh(VA_PAYMENT, TEN_O_CLOCK, now=TEN_O_CLOCK + timedelta(seconds=300), tolerance_seconds=300)
    for late in (301, -301):
        with pytest.raises(SnapRefusal) as refusal:
            require_fresh(VA_PAYMENT, TEN_O_CLOCK, now=TEN_O_CLOCK + timedelta(seconds=late), tolerance_seconds=300)
        assert refusal.value.response_code == "4012500"
        assert refusal.value.response_message == "Unauthorized. [Timestamp]"
