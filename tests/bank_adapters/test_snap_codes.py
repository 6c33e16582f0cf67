"""SNAP's small change: response codes, timestamps and profiles."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_adapters.snap import (
    NAMED_PROFILES,
    QRIS_NOTIFY,
    SERVICES,
    TOKEN,
    VA_INQUIRY,
    VA_PAYMENT,
    Case,
    LatestStatus,
    ProfileInvalid,
    SnapProfile,
    SnapRefusal,
    TimestampUnreadable,
    compose_code,
    compose_message,
    http_status_of,
    is_fresh,
    parse_moment,
    parse_timestamp,
    write_compact,
    write_timestamp,
)

TEN_O_CLOCK = datetime(2026, 1, 31, 3, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "service, case, detail, code, message",
    [
        (VA_INQUIRY, Case.SUCCESSFUL, "", "2002400", "Successful"),
        (VA_PAYMENT, Case.INVALID_FIELD, "paidAmount.value", "4002501", "Invalid Field Format {paidAmount.value}"),
        (VA_PAYMENT, Case.MISSING_FIELD, "paidAmount", "4002502", "Invalid Mandatory Field {paidAmount}"),
        (TOKEN, Case.UNAUTHORIZED, "Signature", "4017300", "Unauthorized. [Signature]"),
        (TOKEN, Case.UNAUTHORIZED, "Unknown client", "4017300", "Unauthorized. [Unknown client]"),
        (TOKEN, Case.UNAUTHORIZED, "", "4017300", "Unauthorized"),
        (VA_PAYMENT, Case.INVALID_TOKEN, "", "4012501", "Invalid Token (B2B)"),
        (VA_INQUIRY, Case.BILL_NOT_FOUND, "", "4042412", "Invalid Bill/Virtual Account [Not Found]"),
        (VA_PAYMENT, Case.INVALID_AMOUNT, "", "4042513", "Invalid Amount"),
        (VA_INQUIRY, Case.PAID_BILL, "", "4042414", "Paid Bill"),
        (VA_PAYMENT, Case.INCONSISTENT_REQUEST, "", "4042518", "Inconsistent Request"),
        (VA_PAYMENT, Case.BILL_EXPIRED, "", "4042519", "Invalid Bill/Virtual Account"),
        (QRIS_NOTIFY, Case.CONFLICT, "", "4095200", "Conflict"),
        (QRIS_NOTIFY, Case.GENERAL_ERROR, "", "5005200", "General Error"),
        (VA_PAYMENT, Case.TOO_MANY_REQUESTS, "", "4292500", "Too Many Requests"),
    ],
)
def test_codes_are_composed_of_status_service_and_case(service, case, detail, code, message) -> None:
    assert compose_code(service, case) == code
    assert compose_message(case, detail) == message
    assert http_status_of(code) == int(code[:3])


def test_every_code_fits_its_place() -> None:
    for service in SERVICES:
        codes = {compose_code(service, case) for case in Case}
        assert len(codes) == len(Case)
        assert all(len(code) == 7 and code.isdigit() for code in codes)
    for case in Case:
        assert len(compose_message(case, "x" * 500)) <= 150
        assert 0 < len(case.english) <= 64
        assert 0 < len(case.indonesia) <= 64


@pytest.mark.parametrize("text", ["", "200240", "20024000", "20024OO", "２００２４００"])
def test_what_is_no_response_code_has_no_status(text: str) -> None:
    with pytest.raises(ValueError):
        http_status_of(text)


def test_the_statuses_of_a_qris_payment() -> None:
    assert [status.code for status in LatestStatus] == ["00", "01", "02", "03", "04", "05", "06", "07"]
    assert LatestStatus.find("00") is LatestStatus.SUCCESS
    assert LatestStatus.find("06") is LatestStatus.FAILED
    assert LatestStatus.find("08") is None


def test_a_refusal_says_its_code_its_field_and_both_languages() -> None:
    refusal = SnapRefusal(VA_PAYMENT, Case.INVALID_FIELD, field="billDetails[0].billNo")
    assert (refusal.response_code, refusal.status, refusal.field) == ("4002501", 400, "billDetails[0].billNo")
    assert refusal.response_message == "Invalid Field Format {billDetails[0].billNo}"
    assert refusal.as_dict() == {
        "code": "snap_refused",
        "field": "billDetails[0].billNo",
        "message": {
            "id": "Pesan SNAP ditolak: 4002501 Invalid Field Format {billDetails[0].billNo}.",
            "en": "The SNAP message is refused: 4002501 Invalid Field Format {billDetails[0].billNo}.",
        },
    }


@pytest.mark.parametrize(
    "text, moment",
    [
        ("2026-01-31T10:00:00+07:00", TEN_O_CLOCK),
        ("2026-01-31T03:00:00Z", TEN_O_CLOCK),
        ("2026-01-31T12:00:00+09:00", TEN_O_CLOCK),
        ("2026-01-30T22:00:00-05:00", TEN_O_CLOCK),
        ("2026-01-31T10:00:00.123+07:00", TEN_O_CLOCK + timedelta(milliseconds=123)),
        ("2026-01-31T03:00:00.5Z", TEN_O_CLOCK + timedelta(milliseconds=500)),
        ("2026-01-31T03:00:00.123456789Z", TEN_O_CLOCK + timedelta(microseconds=123456)),
    ],
)
def test_a_timestamp_is_read_to_utc(text: str, moment: datetime) -> None:
    assert parse_timestamp(text) == moment
    assert parse_timestamp(text).tzinfo is UTC
    assert parse_moment(text, field="trxDateTime") == moment


NO_TIMESTAMPS = [
    "",
    "2026-01-31T10:00:00",
    "2026-01-31 10:00:00+07:00",
    "2026-01-31T10:00+07:00",
    "2026-02-30T10:00:00+07:00",
    "2026-01-31T24:00:01+07:00",
    "2026-01-31T10:00:60+07:00",
    "2026-01-31T10:00:00+0700",
    "2026-01-31T10:00:00+24:00",
    "2026-01-31T10:00:00,5+07:00",
    " 2026-01-31T10:00:00+07:00",
    "2026-01-31T10:00:00+07:00\n",
    "２０２６-01-31T10:00:00+07:00",
    "0001-01-01T00:00:00+07:00",
    "9999-12-31T23:59:59-07:00",
    "0000-01-01T00:00:00Z",
    "1769828400",
]


@pytest.mark.parametrize("text", NO_TIMESTAMPS)
def test_what_is_no_timestamp_is_refused_by_name(text: str) -> None:
    with pytest.raises(TimestampUnreadable) as refused:
        parse_timestamp(text)
    assert refused.value.field == "X-TIMESTAMP"
    with pytest.raises(TimestampUnreadable) as refused:
        parse_moment(text, field="trxDateInit")
    assert refused.value.field == "trxDateInit"


def test_bodies_may_write_moments_compactly() -> None:
    last_second = datetime(2020, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert parse_moment("20201231T235959Z", field="x") == last_second
    assert parse_moment("20210101T065959+0700", field="x") == last_second
    assert parse_moment("20210101T065959+07:00", field="x") == last_second
    for text in ("20201231T235959", "20201331T235959Z", "20201231T246060Z"):
        with pytest.raises(TimestampUnreadable):
            parse_moment(text, field="x")
    # the header does not
    with pytest.raises(TimestampUnreadable):
        parse_timestamp("20201231T235959Z")


def test_moments_are_written_in_wib() -> None:
    assert write_timestamp(TEN_O_CLOCK) == "2026-01-31T10:00:00+07:00"
    assert write_timestamp(TEN_O_CLOCK + timedelta(microseconds=999_999)) == "2026-01-31T10:00:00+07:00"
    assert write_timestamp(TEN_O_CLOCK, timezone(timedelta(hours=9))) == "2026-01-31T12:00:00+09:00"
    assert write_compact(TEN_O_CLOCK) == "20260131T030000Z"
    for write in (write_timestamp, write_compact):
        with pytest.raises(ValueError, match="zone"):
            write(datetime(2026, 1, 31))  # noqa: DTZ001 - a naive moment is what is refused here


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001 - hypothesis takes bounds naive
def test_what_is_written_is_read_back(moment: datetime) -> None:
    whole = moment.replace(microsecond=0, tzinfo=UTC)
    assert parse_timestamp(write_timestamp(whole)) == whole
    assert parse_moment(write_compact(whole), field="x") == whole


def test_a_timestamp_is_fresh_within_the_tolerance_either_way() -> None:
    for seconds, fresh in ((0, True), (300, True), (-300, True), (301, False), (-301, False)):
        moment = TEN_O_CLOCK + timedelta(seconds=seconds)
        assert is_fresh(moment, now=TEN_O_CLOCK, tolerance_seconds=300) is fresh


def test_the_two_named_profiles() -> None:
    snap, bca = NAMED_PROFILES["snap"], NAMED_PROFILES["bca"]
    assert snap == SnapProfile()
    assert (snap.timestamp_tolerance_seconds, snap.token_lifetime_seconds) == (300, 900)
    assert (snap.customer_no_max, snap.virtual_account_no_max, snap.request_id_max) == (20, 28, 128)
    assert (snap.refusal_returns_money, snap.errors_carry_va_data, snap.expires_in_numeric) == (True, True, False)
    assert (bca.customer_no_max, bca.virtual_account_no_max, bca.request_id_max, bca.name_max) == (18, 26, 30, 30)
    assert (bca.amount_digits_max, bca.bill_details_max, bca.free_texts_max) == (13, 5, 9)
    with pytest.raises(FrozenInstanceError):
        snap.customer_no_max = 5  # type: ignore[misc]  # the attempt is what is tested


def test_a_profile_is_read_from_a_registration_and_written_back() -> None:
    profile = SnapProfile.from_dict(
        {"name": "bca", "expires_in_numeric": True, "refusal_returns_money": False, "path_prefix": "/v2.0"}
    )
    assert profile.customer_no_max == 18
    assert (profile.expires_in_numeric, profile.refusal_returns_money, profile.path_prefix) == (True, False, "/v2.0")
    assert SnapProfile.from_dict(profile.as_dict()) == profile
    assert SnapProfile.from_dict({}) == NAMED_PROFILES["snap"]


@pytest.mark.parametrize(
    "values, field, reason",
    [
        ({"colour": 1, "customer_no_max": 18, "banana": 2}, "banana, colour", "unknown setting"),
        ({"name": "bni"}, "name", "choose one of snap, bca"),
        ({"name": 7}, "name", "choose one of snap, bca"),
        ({"customer_no_max": "18"}, "customer_no_max", "it must be of type int"),
        ({"customer_no_max": True}, "customer_no_max", "it must be of type int"),
        ({"customer_no_max": 21}, "customer_no_max", "it must be 1 to 20"),
        ({"timestamp_tolerance_seconds": 0}, "timestamp_tolerance_seconds", "it must be 1 to 3600"),
        ({"refusal_returns_money": 1}, "refusal_returns_money", "it must be of type bool"),
        ({"qris_notify_signature": "none"}, "qris_notify_signature", "choose one of symmetric, asymmetric"),
        ({"path_prefix": "v1.0"}, "path_prefix", "write it like /openapi/v1.0"),
        ({"path_prefix": "/v1.0/"}, "path_prefix", "write it like /openapi/v1.0"),
        ({"path_prefix": "/v1.0?a"}, "path_prefix", "write it like /openapi/v1.0"),
    ],
)
def test_a_profile_that_cannot_be_is_refused_by_field(values, field, reason) -> None:
    with pytest.raises(ProfileInvalid) as refused:
        SnapProfile.from_dict(values)
    assert refused.value.field == field
    assert reason in refused.value.message_en
