"""The acquirer's door: what Lunas asks of the sandbox bank over SNAP, under /<region>/v1.0/….

For: the access token (73) and QR generation (47): headers, signature, external id, answer.
Not for: how a QRIS is made (issuing), or messages that we send to Lunas (telling).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import Blueprint, Response, request
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.sandbox_bank.issuing import QRIS_VALIDITY, find_issued, issue_qris
from app.sandbox_bank.models import AccessToken, Client, Qris, UsedExternalId
from app.sandbox_bank.running import the_bank
from bank_adapters.contract import QrisOffer, QrisOverLimit
from bank_adapters.snap import (
    MAX_BODY_BYTES,
    QR_GENERATE,
    TOKEN,
    Case,
    RequestHeaders,
    Service,
    SnapProfile,
    SnapRefusal,
    load_public_key,
    parse_qr_generate,
    parse_request_headers,
    parse_token_headers,
    parse_token_request,
    render_qr_offer,
    render_refusal,
    render_token,
    require_fresh,
    verify_symmetric,
    verify_token,
    write_body,
    write_timestamp,
)
from foundation import clock
from foundation.clock import business_date

__all__ = ["acquirer_door"]

acquirer_door = Blueprint("acquirer_door", __name__, url_prefix="/<region>/v1.0")
_PROFILE = SnapProfile()


@acquirer_door.post("/access-token/b2b")
def give_token(region: str) -> Response:
    """Service 73: a bearer token for Lunas, whose key signed the request."""
    return _answer(TOKEN, lambda session, body, at: _give_token(session, region, body, at))


@acquirer_door.post("/qr/qr-mpm-generate")
def generate_qr(region: str) -> Response:
    """Service 47: a dynamic QRIS."""
    return _answer(QR_GENERATE, lambda session, body, at: _generate_qr(session, region, body, at))


def _answer(service: Service, act: Callable[[Session, bytes, datetime], Mapping[str, Any]]) -> Response:
    """One unit of work; a refusal undoes it and is told in SNAP's words."""
    body = request.stream.read(MAX_BODY_BYTES + 1)
    status = 200
    try:
        with the_bank().database.unit_of_work() as session:
            answer = act(session, body, clock.now())
    except SnapRefusal as refusal:
        status, answer = refusal.status, render_refusal(refusal, body, _PROFILE)
    except Exception:  # noqa: BLE001 - told in the log; the caller gets SNAP's words
        structlog.get_logger().exception("sandbox_bank.door_failed", service=service.number)
        failure = SnapRefusal(service, Case.GENERAL_ERROR)
        status, answer = failure.status, render_refusal(failure, body, _PROFILE)
    response = Response(write_body(answer), status=status, content_type="application/json")
    response.headers["X-TIMESTAMP"] = write_timestamp(clock.now())
    return response


def _give_token(session: Session, region: str, body: bytes, at: datetime) -> Mapping[str, Any]:
    headers = parse_token_headers(dict(request.headers.items()))
    client = _find_client(session, region)
    if client is None or client.lunas_public_key_pem is None or headers.client_key != client.acquirer_client_id:
        raise SnapRefusal(TOKEN, Case.UNAUTHORIZED, "Unknown client", field="X-CLIENT-KEY")
    require_fresh(TOKEN, headers.timestamp, now=at, tolerance_seconds=_PROFILE.timestamp_tolerance_seconds)
    key = load_public_key(client.lunas_public_key_pem)
    if not verify_token(key, headers.signature, client_id=headers.client_key, timestamp=headers.timestamp_text):
        raise SnapRefusal(TOKEN, Case.UNAUTHORIZED, "Signature", field="X-SIGNATURE")
    parse_token_request(body)
    token = secrets.token_urlsafe(48)
    session.execute(delete(AccessToken).where(AccessToken.client_id == client.id, AccessToken.expires_at <= at))
    session.add(
        AccessToken(
            token_sha256=_hash(token),
            client_id=client.id,
            expires_at=at + timedelta(seconds=_PROFILE.token_lifetime_seconds),
        )
    )
    return render_token(_PROFILE, access_token=token)


def _generate_qr(session: Session, region: str, body: bytes, at: datetime) -> Mapping[str, Any]:
    client, headers = _admit(session, QR_GENERATE, region, body, at)
    asked = parse_qr_generate(body, _PROFILE, default_valid_until=at + QRIS_VALIDITY)
    if asked.merchant_id not in (None, client.merchant_id):
        raise SnapRefusal(QR_GENERATE, Case.INVALID_MERCHANT, field="merchantId")
    if asked.validity_until <= at:
        raise SnapRefusal(QR_GENERATE, Case.INVALID_FIELD, field="validityPeriod")
    # One at a time per client, so that one partnerReferenceNo cannot get two codes.
    session.refresh(client, with_for_update={"key_share": True})
    _use_external_id(session, client, headers, at)
    if find_issued(session, client, asked.partner_reference_no) is not None:
        raise SnapRefusal(QR_GENERATE, Case.DUPLICATE_REFERENCE, field="partnerReferenceNo")
    try:
        qris = issue_qris(session, client, asked, at=at)
    except QrisOverLimit as fault:
        raise SnapRefusal(QR_GENERATE, Case.EXCEEDS_LIMIT, field="amount.value") from fault
    return render_qr_offer(asked, _offer(qris), merchant_name=client.merchant_name)


def _offer(qris: Qris) -> QrisOffer:
    return QrisOffer(
        partner_reference_no=qris.partner_reference_no,
        reference_no=qris.reference_no,
        qr_content=qris.content,
        valid_until=qris.valid_until,
    )


def _admit(session: Session, service: Service, region: str, body: bytes, at: datetime) -> tuple[Client, RequestHeaders]:
    """The client whose token and secret this request carries. Raises SnapRefusal 401xxyy or 400xxyy."""
    headers = parse_request_headers(service, dict(request.headers.items()))
    client = _find_client(session, region)
    held = session.scalar(
        select(AccessToken.client_id).where(
            AccessToken.token_sha256 == _hash(headers.access_token or ""), AccessToken.expires_at > at
        )
    )
    if client is None or held != client.id:
        raise SnapRefusal(service, Case.INVALID_TOKEN, field="Authorization")
    if headers.partner_id != client.acquirer_client_id:
        raise SnapRefusal(service, Case.UNAUTHORIZED, "Unknown client", field="X-PARTNER-ID")
    require_fresh(service, headers.timestamp, now=at, tolerance_seconds=_PROFILE.timestamp_tolerance_seconds)
    signed = verify_symmetric(
        client.acquirer_client_secret,
        headers.signature,
        method=request.method,
        path=_path_as_received(),
        token=headers.access_token or "",
        body=body,
        timestamp=headers.timestamp_text,
    )
    if not signed:
        raise SnapRefusal(service, Case.UNAUTHORIZED, "Signature", field="X-SIGNATURE")
    return client, headers


def _use_external_id(session: Session, client: Client, headers: RequestHeaders, at: datetime) -> None:
    used = insert(UsedExternalId).values(
        client_id=client.id, used_on=business_date(at, client.timezone), external_id=headers.external_id
    )
    if session.scalar(used.on_conflict_do_nothing().returning(UsedExternalId.external_id)) is None:
        raise SnapRefusal(QR_GENERATE, Case.CONFLICT, field="X-EXTERNAL-ID")


def _find_client(session: Session, region: str) -> Client | None:
    return session.scalar(select(Client).where(Client.region == region))


def _path_as_received() -> str:
    """Path and query byte for byte: the signature covers exactly them."""
    environ = request.environ
    return str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or request.full_path.removesuffix("?"))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
