"""What we answer banks over SNAP, and what a caller sends: whole bodies, exactly."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bank_adapters.contract import QrisNotification, QrisOffer, QrisRequest, VaInquiry, VaInquiryAnswer, VaPayment
from bank_adapters.snap import (
    NAMED_PROFILES,
    QRIS_NOTIFY,
    TOKEN,
    VA_INQUIRY,
    VA_PAYMENT,
    Case,
    SnapProfile,
    SnapRefusal,
    minify,
    parse_qr_generate,
    parse_qris_notification,
    parse_token_request,
    parse_va_inquiry,
    parse_va_payment,
    render_qr_offer,
    render_qris_notified,
    render_refusal,
    render_token,
    render_va_inquiry,
    render_va_payment,
    write_body,
    write_qr_generate,
    write_qris_notification,
    write_token_request,
    write_va_inquiry,
    write_va_payment,
)
from foundation.money import Money

SNAP, BCA = NAMED_PROFILES["snap"], NAMED_PROFILES["bca"]
TEN_O_CLOCK = datetime(2026, 1, 31, 3, 0, 0, tzinfo=UTC)
CODE = "331601260100000017"
ACCOUNT = {"partner_service_id": "088899", "customer_no": CODE, "virtual_account_no": "088899" + CODE}
BILL = VaInquiryAnswer(
    name="W*** C*****",
    total=Money.from_rupiah(150_000),
    bill_no=CODE,
    bill_name="PBB-P2 2026 yang namanya panjang",
    bill_short_name="PBB-P2 2026",
    description_id="PBB 2026",
    description_en="Land tax 2026",
    free_text_id="Kabupaten Contoh",
)
INQUIRY = VaInquiry(**ACCOUNT, inquiry_request_id="INQ-1", asked_at=TEN_O_CLOCK, channel_code="6011")
PAYMENT = VaPayment(
    **ACCOUNT,
    payment_request_id="INQ-1",
    paid_amount=Money.from_rupiah(150_000),
    total_amount=Money.from_rupiah(150_000),
    trx_at=TEN_O_CLOCK,
    reference_no="00113696201",
    trx_id="TRX-1",
)
BILL_ROW = {
    "billCode": "01",
    "billNo": CODE,
    "billName": "PBB-P2 2026 yang nam",
    "billShortName": "PBB-P2 202",
    "billDescription": {"english": "Land tax 2026", "indonesia": "PBB 2026"},
    "billSubCompany": "00000",
    "billAmount": {"value": "150000.00", "currency": "IDR"},
}


def test_a_token_lives_as_long_as_the_profile_says() -> None:
    assert render_token(SNAP, access_token="t") == {
        "responseCode": "2007300",
        "responseMessage": "Successful",
        "accessToken": "t",
        "tokenType": "Bearer",
        "expiresIn": "900",
    }
    numeric = SnapProfile.from_dict({"expires_in_numeric": True, "token_lifetime_seconds": 600})
    assert render_token(numeric, access_token="t")["expiresIn"] == 600


def test_an_inquiry_is_answered_with_one_bill_to_be_paid_in_full() -> None:
    assert render_va_inquiry(INQUIRY, BILL, SNAP) == {
        "responseCode": "2002400",
        "responseMessage": "Successful",
        "virtualAccountData": {
            "inquiryStatus": "00",
            "inquiryReason": {"english": "Success", "indonesia": "Sukses"},
            "partnerServiceId": "  088899",
            "customerNo": CODE,
            "virtualAccountNo": "  088899" + CODE,
            "virtualAccountName": "W*** C*****",
            "inquiryRequestId": "INQ-1",
            "totalAmount": {"value": "150000.00", "currency": "IDR"},
            "subCompany": "00000",
            "billDetails": [{**BILL_ROW, "additionalInfo": {}}],
            "freeTexts": [{"english": "Kabupaten Contoh", "indonesia": "Kabupaten Contoh"}],
            "virtualAccountTrxType": "C",
            "feeAmount": {"value": "0.00", "currency": "IDR"},
        },
        "additionalInfo": {},
    }


def test_a_payment_is_answered_with_status_00_and_what_the_bank_sent() -> None:
    received = parse_va_payment(write_body({**write_va_payment(PAYMENT), "paymentType": 1, "paidBills": "95000"}), SNAP)
    assert render_va_payment(received, SNAP, answer=BILL, biller_reference="0190-ref") == {
        "responseCode": "2002500",
        "responseMessage": "Successful",
        "virtualAccountData": {
            "paymentFlagReason": {"english": "Success", "indonesia": "Sukses"},
            "partnerServiceId": "  088899",
            "customerNo": CODE,
            "virtualAccountNo": "  088899" + CODE,
            "virtualAccountName": "W*** C*****",
            "paymentRequestId": "INQ-1",
            "paidAmount": {"value": "150000.00", "currency": "IDR"},
            "totalAmount": {"value": "150000.00", "currency": "IDR"},
            "trxDateTime": "2026-01-31T10:00:00+07:00",
            "trxId": "TRX-1",
            "paidBills": "95000",
            "paymentType": 1,
            "referenceNo": "00113696201",
            "paymentFlagStatus": "00",
            "billDetails": [
                {
                    **BILL_ROW,
                    "status": "00",
                    "reason": {"english": "Success", "indonesia": "Sukses"},
                    "billerReferenceId": "0190-ref",
                }
            ],
            "freeTexts": [{"english": "Kabupaten Contoh", "indonesia": "Kabupaten Contoh"}],
        },
        "additionalInfo": {},
    }


def test_money_recorded_without_a_bill_is_answered_with_what_the_bank_said() -> None:
    unknown = VaPayment(
        **ACCOUNT,
        payment_request_id="PAY-9",
        paid_amount=Money.from_rupiah(7),
        reference_no="x" * 16,
        flag_advise=True,
    )
    data = render_va_payment(unknown, SNAP)["virtualAccountData"]
    assert (data["paymentFlagStatus"], data["billDetails"], data["freeTexts"]) == ("00", [], [])
    assert data["totalAmount"] == {"value": "7.00", "currency": "IDR"}
    assert data["flagAdvise"] == "Y"
    # the answer's reference is shorter than the request's, and a cut one would be another one
    assert "referenceNo" not in data


def test_names_are_cut_to_what_the_bank_takes() -> None:
    long_name = VaInquiryAnswer(
        name="N" * 300, total=BILL.total, bill_no=CODE, bill_name="", bill_short_name="", description_id="",
        description_en="",
    )  # fmt: skip
    assert render_va_inquiry(INQUIRY, long_name, SNAP)["virtualAccountData"]["virtualAccountName"] == "N" * 255
    assert render_va_inquiry(INQUIRY, long_name, BCA)["virtualAccountData"]["virtualAccountName"] == "N" * 30


def test_a_refused_payment_still_says_status_01_and_why_in_two_languages() -> None:
    body = write_body(write_va_payment(PAYMENT))
    assert render_refusal(SnapRefusal(VA_PAYMENT, Case.PAID_BILL), body, BCA) == {
        "responseCode": "4042514",
        "responseMessage": "Paid Bill",
        "virtualAccountData": {
            "paymentFlagStatus": "01",
            "paymentFlagReason": {"english": "The bill has been paid", "indonesia": "Tagihan sudah dibayar"},
            "partnerServiceId": "  088899",
            "customerNo": CODE,
            "virtualAccountNo": "  088899" + CODE,
            "virtualAccountName": "",
            "paymentRequestId": "INQ-1",
            "trxDateTime": "2026-01-31T10:00:00+07:00",
            "flagAdvise": "N",
        },
        "additionalInfo": {},
    }


def test_a_refused_inquiry_that_cannot_be_read_still_has_its_shape() -> None:
    assert render_refusal(SnapRefusal(VA_INQUIRY, Case.BAD_REQUEST), b"{", SNAP) == {
        "responseCode": "4002400",
        "responseMessage": "Bad Request",
        "virtualAccountData": {
            "inquiryStatus": "01",
            "inquiryReason": {"english": "The message cannot be read", "indonesia": "Pesan tidak dapat dibaca"},
            "partnerServiceId": "",
            "customerNo": "",
            "virtualAccountNo": "",
            "virtualAccountName": "",
            "inquiryRequestId": "",
        },
        "additionalInfo": {},
    }


def test_a_repeated_payment_carries_the_first_status() -> None:
    refusal = SnapRefusal(VA_PAYMENT, Case.INCONSISTENT_REQUEST)
    answer = render_refusal(refusal, write_body(write_va_payment(PAYMENT)), SNAP, flag_status="00")
    assert answer["responseCode"] == "4042518"
    assert answer["virtualAccountData"]["paymentFlagStatus"] == "00"


@pytest.mark.parametrize(
    "refusal, profile, code",
    [
        (SnapRefusal(VA_PAYMENT, Case.UNAUTHORIZED, "Signature"), SNAP, "4012500"),
        (SnapRefusal(VA_PAYMENT, Case.INVALID_TOKEN), BCA, "4012501"),
        (SnapRefusal(VA_PAYMENT, Case.GENERAL_ERROR), BCA, "5002500"),
        (SnapRefusal(VA_PAYMENT, Case.PAID_BILL), SnapProfile(errors_carry_va_data=False), "4042514"),
        (SnapRefusal(QRIS_NOTIFY, Case.CONFLICT), SNAP, "4095200"),
        (SnapRefusal(TOKEN, Case.UNAUTHORIZED, "Unknown client"), SNAP, "4017300"),
    ],
)
def test_other_refusals_are_the_code_and_the_message_only(
    refusal: SnapRefusal, profile: SnapProfile, code: str
) -> None:
    assert render_refusal(refusal, b"{}", profile) == {
        "responseCode": code,
        "responseMessage": refusal.response_message,
    }


def test_a_notification_is_answered_well() -> None:
    assert write_body(render_qris_notified()) == (
        b'{"responseCode":"2005200","responseMessage":"Successful","additionalInfo":{}}'
    )


def test_a_qr_is_offered_with_its_amount_and_validity() -> None:
    request = QrisRequest(
        partner_reference_no="LN-1", amount=Money.from_rupiah(150_000), validity_until=TEN_O_CLOCK, store_id="S1"
    )
    offer = QrisOffer(partner_reference_no="LN-1", reference_no="A1", qr_content="000201", valid_until=TEN_O_CLOCK)
    assert render_qr_offer(request, offer, merchant_name="PEMKAB CONTOH DENGAN NAMA PANJANG") == {
        "responseCode": "2004700",
        "responseMessage": "Successful",
        "partnerReferenceNo": "LN-1",
        "qrContent": "000201",
        "merchantName": "PEMKAB CONTOH DENGAN NAMA",
        "amount": {"value": "150000.00", "currency": "IDR"},
        "validityPeriod": "2026-01-31T10:00:00+07:00",
        "additionalInfo": {},
        "referenceNo": "A1",
        "storeId": "S1",
    }


def test_what_is_written_is_compact_utf8_that_minify_leaves_alone() -> None:
    body = write_body({"a": "Jos\u00e9 / x", "b": [1, {"c": None}]})
    assert body == '{"a":"José / x","b":[1,{"c":null}]}'.encode()
    assert minify(body) == body


def test_what_a_caller_writes_is_read_back_the_same() -> None:
    def again(body: dict[str, Any]) -> bytes:
        return json.dumps(body, indent=2).encode()

    parse_token_request(again(write_token_request()))
    for profile in (SNAP, BCA):
        assert parse_va_inquiry(again(write_va_inquiry(INQUIRY)), profile) == INQUIRY
        assert parse_va_payment(again(write_va_payment(PAYMENT)), profile) == PAYMENT
    notification = QrisNotification(
        original_reference_no="A1", latest_status="00", original_partner_reference_no="LN-1",
        amount=Money.from_rupiah(150_000), rrn="123456789012", mpan="936001140000000017", issuer="Bank Contoh",
        paid_at=TEN_O_CLOCK, external_store_id="S1",
    )  # fmt: skip
    assert parse_qris_notification(again(write_qris_notification(notification)), SNAP) == notification
    request = QrisRequest(partner_reference_no="LN-1", amount=Money.from_rupiah(1), validity_until=TEN_O_CLOCK)
    assert parse_qr_generate(again(write_qr_generate(request)), SNAP, default_valid_until=TEN_O_CLOCK) == request


def test_an_account_is_padded_to_eight() -> None:
    body = write_va_inquiry(INQUIRY)
    assert (body["partnerServiceId"], body["virtualAccountNo"]) == ("  088899", "  088899" + CODE)
