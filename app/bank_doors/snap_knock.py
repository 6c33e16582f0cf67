"""One SNAP message on its way through a door: it is read, answered and archived.

For: what all doors share. A door gives a function that, in one unit of work, does what the message asks and returns
its answer; here it is run (again after a serialization failure), refusals become SNAP bodies, and the archive is kept.
Not for: what any message means.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from flask import Response, g, request
from sqlalchemy.orm import Session

from app.bank_doors.snap_admission import Caller, admit_request, find_caller
from bank_adapters.snap import (
    MAX_BODY_BYTES,
    Case,
    RequestHeaders,
    Service,
    SnapProfile,
    SnapRefusal,
    render_refusal,
    write_body,
    write_timestamp,
)
from foundation import clock
from foundation.db import run_unit, unit_of_work
from foundation.errors import LunasError
from foundation.regions import Region
from payments import (
    AmountMismatch,
    BillExpired,
    BillNotFound,
    BillPaid,
    ExternalId,
    MessageLogged,
    ReportContradicts,
    log_message,
)

__all__ = ["Answer", "Knock", "answer_knock", "read_knock"]

# What an unknown caller may leave in an archive that is kept for ten years.
_UNKNOWN_CALLER_BODY = 4096
_CASES: dict[type[LunasError], Case] = {
    BillNotFound: Case.BILL_NOT_FOUND,
    BillPaid: Case.PAID_BILL,
    BillExpired: Case.BILL_EXPIRED,
    AmountMismatch: Case.INVALID_AMOUNT,
    ReportContradicts: Case.CONFLICT,
}


class RepeatedPayment(SnapRefusal):
    """A virtual account payment that was received before: 4042518 with the first payment's status."""

    code = "snap_payment_repeated"
    text_id = "Pembayaran ini sudah diterima sebelumnya: {response_code} {response_message}."
    text_en = "This payment was received before: {response_code} {response_message}."

    def __init__(self, service: Service) -> None:
        super().__init__(service, Case.INCONSISTENT_REQUEST)


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer: the body, and what the archive calls it ("accepted" or "repeat")."""

    body: Mapping[str, Any]
    outcome: str = "accepted"


@dataclass(slots=True)
class Knock:
    """One message as received. `caller` and `headers_read` are known once its signature was found right.

    `reports_fact`: it tells of money that moved whatever we answer, so a person must see it when it is not taken.
    """

    service: Service
    region: Region
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    received_at: datetime
    caller: Caller | None = None
    headers_read: RequestHeaders | None = None
    reference: str | None = field(default=None)
    reports_fact: bool = False

    @property
    def profile(self) -> SnapProfile:
        """How the caller speaks; plain SNAP while it is unknown."""
        return self.caller.profile if self.caller else SnapProfile()

    def admit(self) -> Caller:
        """Check token, timestamp and signature. Raises SnapRefusal."""
        admitted = admit_request(
            self.service,
            self.region,
            self.headers,
            method=self.method,
            path=self.path,
            body=self.body,
            at=self.received_at,
        )
        self.caller, self.headers_read = admitted.caller, admitted.headers
        return admitted.caller

    @property
    def external_id(self) -> ExternalId:
        """X-EXTERNAL-ID of an admitted message, with the day of its sender's clock."""
        if self.headers_read is None:
            raise AssertionError("the external id is read when the message is admitted")
        return ExternalId(self.headers_read.external_id, self.headers_read.sent_on)


def read_knock(service: Service) -> Knock:
    """The message in Flask's request. Path and query are taken as received: the signature covers exactly them."""
    environ = request.environ
    raw_path = environ.get("RAW_URI") or environ.get("REQUEST_URI") or request.full_path.removesuffix("?")
    body = request.stream.read(MAX_BODY_BYTES + 1)
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Knock(service, g.region, request.method, str(raw_path), headers, body, clock.now())


def answer_knock(knock: Knock, act: Callable[[Knock], Callable[[Session], Answer]]) -> Response:
    """Admit and read the message (`act`), then run what it returns as one unit of work with its archive row.

    Whatever is refused or fails is answered in SNAP's words and archived in a unit of its own.
    """
    try:
        change = act(knock)
        return run_unit(knock.region.code, lambda session: _change_and_archive(session, knock, change))
    except SnapRefusal as refusal:
        return _refuse(knock, refusal)
    except tuple(_CASES) as refusal:
        return _refuse(knock, SnapRefusal(knock.service, _CASES[type(refusal)]), why=refusal)
    except LunasError as refusal:
        structlog.get_logger().warning("snap.refused", code=refusal.code, path=knock.path)
        return _refuse(knock, SnapRefusal(knock.service, Case.GENERAL_ERROR), why=refusal)
    except Exception:  # noqa: BLE001 - whatever breaks, the bank gets a SNAP answer and operators the traceback
        structlog.get_logger().exception("snap.failed", path=knock.path)
        return _refuse(knock, SnapRefusal(knock.service, Case.GENERAL_ERROR))


def _change_and_archive(session: Session, knock: Knock, change: Callable[[Session], Answer]) -> Response:
    answer = change(session)
    body = write_body(answer.body)
    _archive(session, knock, 200, str(answer.body["responseCode"]), body, answer.outcome)
    return _respond(200, body)


def _refuse(knock: Knock, refusal: SnapRefusal, *, why: LunasError | None = None) -> Response:
    flag_status = "00" if isinstance(refusal, RepeatedPayment) else "01"
    body = write_body(render_refusal(refusal, knock.body, knock.profile, flag_status=flag_status))
    outcome = _outcome(knock, refusal, why)
    try:
        with unit_of_work(knock.region.code) as session:
            _archive(session, knock, refusal.status, refusal.response_code, body, outcome)
    except Exception:  # noqa: BLE001 - an archive that cannot be written must not turn a refusal into a crash
        # The answer is still the right one; that the archive lacks it is told where operators look.
        structlog.get_logger().exception("snap.archive_failed", path=knock.path, outcome=outcome)
    return _respond(refusal.status, body)


def _outcome(knock: Knock, refusal: SnapRefusal, why: LunasError | None) -> str:
    """A contradicted fact is for a person to look at; so is a signed report of a fact that could not be taken."""
    if isinstance(refusal, RepeatedPayment):
        return "repeat"
    if isinstance(why, ReportContradicts):
        return "contradiction"
    if knock.reports_fact and knock.caller is not None:
        return "untaken"
    return "failed" if refusal.status >= 500 else "refused"


def _archive(session: Session, knock: Knock, status: int, code: str, body: bytes, outcome: str) -> None:
    caller = knock.caller
    claimed = caller or find_caller(knock.region, knock.headers, at=knock.received_at)
    kept = knock.body if caller else knock.body[:_UNKNOWN_CALLER_BODY]
    log_message(
        session,
        MessageLogged(
            partner_id=claimed.partner.id if claimed else None,
            direction="in",
            service=knock.service.number,
            path=knock.path,
            headers=knock.headers,
            body=kept,
            reference=knock.reference,
            response_status=status,
            response_code=code,
            response_body=body,
            outcome=outcome,
            received_at=knock.received_at,
            answered_at=clock.now(),
        ),
    )


def _respond(status: int, body: bytes) -> Response:
    response = Response(body, status=status, content_type="application/json")
    response.headers["X-TIMESTAMP"] = write_timestamp(clock.now())
    return response
