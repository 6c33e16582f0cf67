"""Calling a partner over SNAP: signed requests out, checked answers back.

For: Lunas asking its acquirer for a QR (`SnapQrisAcquirer`), and the sandbox bank asking and telling Lunas.
Not for: serving SNAP (app/bank_doors), or keeping keys (they are arguments).

The time is an argument too. Every call ends within `timeout` seconds, token included; redirects are not followed,
because the signature covers the path that was called. Cookies, proxies and .netrc of the machine play no part.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from bank_adapters.contract import (
    AcquirerRefused,
    AcquirerUnreachable,
    QrisNotification,
    QrisOffer,
    QrisRequest,
    VaInquiry,
    VaPayment,
)
from bank_adapters.snap.answers import (
    SnapAnswer,
    TokenGrant,
    VaReply,
    read_answer,
    read_qr_offer,
    read_token_grant,
    read_va_reply,
)
from bank_adapters.snap.asking import (
    write_qr_generate,
    write_qris_notification,
    write_token_request,
    write_va_inquiry,
    write_va_payment,
)
from bank_adapters.snap.codes import QR_GENERATE, QRIS_NOTIFY, TOKEN, VA_INQUIRY, VA_PAYMENT, Service
from bank_adapters.snap.errors import PartnerRefused, PartnerUnreachable
from bank_adapters.snap.parsing import MAX_BODY_BYTES
from bank_adapters.snap.profile import SnapProfile
from bank_adapters.snap.rendering import write_body
from bank_adapters.snap.signatures import sign_asymmetric, sign_symmetric, sign_token
from bank_adapters.snap.timestamps import write_timestamp

__all__ = ["CallerIdentity", "SnapBankCaller", "SnapCaller", "SnapQrisAcquirer", "new_external_id"]

# A token is renewed this long before it ends, so that it does not end on the way.
_TOKEN_MARGIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class CallerIdentity:
    """Who we are to the partner: ids, the shared secret (symmetric) and our private key (token, asymmetric)."""

    client_id: str
    partner_id: str
    channel_id: str
    client_secret: str = field(repr=False)
    private_key: RSAPrivateKey = field(repr=False)


def new_external_id() -> str:
    """A numeric X-EXTERNAL-ID of 32 digits, unique without asking anyone."""
    return f"{secrets.randbelow(10**32):032d}"


class SnapCaller:
    """One partner as we call it. Safe to share between threads; the token is fetched once and kept until it ends."""

    def __init__(
        self,
        *,
        base_url: str,
        identity: CallerIdentity,
        profile: SnapProfile,
        now: Callable[[], datetime],
        timeout: timedelta = timedelta(seconds=5),
    ) -> None:
        """`base_url` is scheme, host and perhaps a path; the profile's `path_prefix` and the service's path follow it.

        Raises ValueError where `base_url` is not a plain http(s) address.
        """
        parts = urlsplit(base_url)
        plain = not (parts.query or parts.fragment or "@" in parts.netloc)
        if parts.scheme not in ("http", "https") or not parts.hostname or not plain:
            raise ValueError("base_url must be http(s)://host, without query, fragment or user")
        self._base_url = base_url.rstrip("/") + profile.path_prefix
        self._identity = identity
        self._now = now
        self._timeout = timeout
        self._session = _new_session()
        self._token_lock = threading.Lock()
        self._token: tuple[str, datetime] | None = None

    def call(
        self,
        service: Service,
        message: Mapping[str, Any],
        *,
        signature: str = "symmetric",
        external_id: str | None = None,
    ) -> SnapAnswer:
        """Send one message and give the answer, yes or no.

        `signature` is "symmetric" (with a token) or "asymmetric" (no token). A token that the partner no longer knows
        is fetched anew, once. Raises PartnerUnreachable (no usable answer in time) or PartnerRefused (no token for us).
        """
        deadline = self._now() + self._timeout
        body = write_body(message)
        external_id = external_id or new_external_id()
        if signature == "asymmetric":
            return self._send_signed_by_key(service, body, external_id, deadline)
        token = self._get_token(deadline)
        answer = self._send_with_token(service, body, external_id, token, deadline)
        if answer.case in ("40101", "40103"):
            self._forget_token(token)
            answer = self._send_with_token(service, body, external_id, self._get_token(deadline), deadline)
        return answer

    def request_token(self) -> TokenGrant:
        """Ask for an access token now, past the kept one. Raises as `call` does."""
        return self._fetch_token(self._now() + self._timeout)

    def close(self) -> None:
        """Let go of the kept connections."""
        self._session.close()

    def _get_token(self, deadline: datetime) -> str:
        with self._token_lock:
            if self._token is not None and self._now() < self._token[1]:
                return self._token[0]
            asked_at = self._now()
            grant = self._fetch_token(deadline)
            ends_at = asked_at + timedelta(seconds=grant.expires_in_seconds) - _TOKEN_MARGIN
            self._token = (grant.access_token, ends_at)
            return grant.access_token

    def _forget_token(self, token: str) -> None:
        with self._token_lock:
            if self._token is not None and self._token[0] == token:
                self._token = None

    def _fetch_token(self, deadline: datetime) -> TokenGrant:
        timestamp = write_timestamp(self._now())
        identity = self._identity
        request = self._prepare(TOKEN, write_body(write_token_request()), timestamp)
        request.headers["X-CLIENT-KEY"] = identity.client_id
        request.headers["X-SIGNATURE"] = sign_token(
            identity.private_key, client_id=identity.client_id, timestamp=timestamp
        )
        answer = self._exchange(TOKEN, request, deadline)
        if not answer.succeeded:
            raise PartnerRefused(response_code=answer.response_code, response_message=answer.response_message)
        return read_token_grant(answer)

    def _send_with_token(
        self, service: Service, body: bytes, external_id: str, token: str, deadline: datetime
    ) -> SnapAnswer:
        timestamp = write_timestamp(self._now())
        request = self._prepare(service, body, timestamp, external_id)
        request.headers["Authorization"] = f"Bearer {token}"
        request.headers["X-SIGNATURE"] = sign_symmetric(
            self._identity.client_secret,
            method=service.method,
            path=request.path_url,
            token=token,
            body=body,
            timestamp=timestamp,
        )
        return self._exchange(service, request, deadline)

    def _send_signed_by_key(self, service: Service, body: bytes, external_id: str, deadline: datetime) -> SnapAnswer:
        timestamp = write_timestamp(self._now())
        request = self._prepare(service, body, timestamp, external_id)
        request.headers["X-SIGNATURE"] = sign_asymmetric(
            self._identity.private_key, method=service.method, path=request.path_url, body=body, timestamp=timestamp
        )
        return self._exchange(service, request, deadline)

    def _prepare(
        self, service: Service, body: bytes, timestamp: str, external_id: str | None = None
    ) -> requests.PreparedRequest:
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "X-TIMESTAMP": timestamp,
        }
        if external_id is not None:
            headers["X-PARTNER-ID"] = self._identity.partner_id
            headers["X-EXTERNAL-ID"] = external_id
            headers["CHANNEL-ID"] = self._identity.channel_id
        return self._session.prepare_request(
            requests.Request(service.method, self._base_url + service.path, data=body, headers=headers)
        )

    def _exchange(self, service: Service, request: requests.PreparedRequest, deadline: datetime) -> SnapAnswer:
        # `total` covers connecting and waiting for the answer's head together; a tuple would add the two up.
        head_timeout = Timeout(total=self._time_left(deadline).total_seconds())
        try:
            with self._session.send(
                request,
                timeout=head_timeout,  # type: ignore[arg-type]  # requests takes urllib3's Timeout; its stubs do not say so
                allow_redirects=False,
                stream=True,
            ) as response:
                return read_answer(service, response.status_code, self._read_within(response, deadline))
        except (requests.RequestException, HTTPError, OSError) as fault:
            raise PartnerUnreachable(detail=type(fault).__name__) from fault

    def _read_within(self, response: requests.Response, deadline: datetime) -> bytes:
        """The body, bounded in size and time.

        A socket's timeout starts anew with every byte, so a partner that answers byte by byte would hold us; the
        watchdog ends the connection instead.
        """
        ended = threading.Event()

        def end_connection() -> None:
            ended.set()
            # Released or never opened: then nobody waits on it.
            with suppress(RuntimeError, ValueError, OSError):
                response.raw.shutdown()

        watchdog = threading.Timer(self._time_left(deadline).total_seconds(), end_connection)
        watchdog.daemon = True
        watchdog.start()
        found = bytearray()
        try:
            while piece := response.raw.read1(8192):
                found += piece
                if len(found) > MAX_BODY_BYTES:
                    raise PartnerUnreachable(detail="the answer is too long")
        finally:
            watchdog.cancel()
        if ended.is_set():
            raise PartnerUnreachable(detail="timeout")
        return bytes(found)

    def _time_left(self, deadline: datetime) -> timedelta:
        left = deadline - self._now()
        if left <= timedelta(0):
            raise PartnerUnreachable(detail="timeout")
        return left


def _new_session() -> requests.Session:
    session = requests.Session()
    # The machine's proxies and .netrc would change where we call and who we say we are.
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


class SnapQrisAcquirer:
    """The contract's QrisAcquirer over SNAP service 47."""

    def __init__(self, caller: SnapCaller) -> None:
        self._caller = caller

    def generate(self, request: QrisRequest) -> QrisOffer:
        """Ask for one dynamic QRIS, within the caller's timeout (5 s).

        Raises AcquirerUnreachable (no usable answer, or the acquirer's own trouble: asking again is right) and
        AcquirerRefused (it said no; fact `response_code`).
        """
        try:
            answer = self._caller.call(QR_GENERATE, write_qr_generate(request))
            if answer.succeeded:
                return read_qr_offer(answer, request)
        except PartnerUnreachable as fault:
            raise AcquirerUnreachable(detail=str(fault.facts["detail"])) from fault
        except PartnerRefused as fault:
            code, message = fault.facts["response_code"], fault.facts["response_message"]
            raise _acquirer_error(str(code), str(message)) from fault
        raise _acquirer_error(answer.response_code, answer.response_message)


def _acquirer_error(code: str, message: str) -> AcquirerRefused | AcquirerUnreachable:
    if code[0] in "25" or code[:3] == "429":
        return AcquirerUnreachable(detail=f"{code} {message}".strip())
    return AcquirerRefused(detail=f"{code} {message}".strip(), response_code=code)


class SnapBankCaller:
    """A bank's side: asks and pays virtual accounts, reports QRIS payments. For the sandbox bank."""

    def __init__(self, caller: SnapCaller, *, notify_signature: str = "symmetric") -> None:
        self._caller = caller
        self._notify_signature = notify_signature

    def inquire(self, inquiry: VaInquiry, *, external_id: str | None = None) -> VaReply:
        """Ask what is owed (24). Raises PartnerUnreachable or PartnerRefused as `SnapCaller.call` does."""
        return read_va_reply(self._caller.call(VA_INQUIRY, write_va_inquiry(inquiry), external_id=external_id))

    def pay(self, payment: VaPayment, *, external_id: str | None = None) -> VaReply:
        """Pay (25). Raises as `inquire`; after PartnerUnreachable the outcome is unknown: repeat with flag_advise."""
        return read_va_reply(self._caller.call(VA_PAYMENT, write_va_payment(payment), external_id=external_id))

    def notify_qris(self, notification: QrisNotification, *, external_id: str | None = None) -> SnapAnswer:
        """Report a QRIS payment (52). Raises as `inquire`."""
        return self._caller.call(
            QRIS_NOTIFY,
            write_qris_notification(notification),
            signature=self._notify_signature,
            external_id=external_id,
        )
