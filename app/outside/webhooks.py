"""Webhooks: a region's own systems are told of payments by a signed POST.

For: sending one outbox message to the address of policy `outside.webhook_url`.
Not for: when to send and try again (foundation.outbox).

    POST <address>   Content-Type: application/json
    X-Lunas-Timestamp: seconds since 1970     X-Lunas-Signature: hex HMAC-SHA256 over "<timestamp>.<body>"
    {"id": "payment.recorded:…", "topic": "payment.recorded", "created_at": "…", "region": "3316", "payload": {…}}

A message may come twice: the receiver knows it by `id`. Any 2xx is an acceptance; redirects are refusals.
The key is derived from the installation's secret per region; `lunas region webhook-key` shows it.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

import orjson
import requests

from foundation.config import settings
from foundation.errors import Unavailable
from foundation.outbox import OutboxMessage

__all__ = ["WebhookRefused", "send_webhook", "webhook_key"]

_TIMEOUT = (3.0, 5.0)


class WebhookRefused(Unavailable):
    """The receiver answered with something other than 2xx."""

    code = "webhook_refused"
    text_id = "Penerima webhook menjawab {status}."
    text_en = "The webhook's receiver answered {status}."


def webhook_key(region: str) -> str:
    """The key with which messages of a region are signed, as hex text."""
    secret = settings().secret_key.encode()
    return hmac.new(secret, f"webhook:{region}".encode(), hashlib.sha256).hexdigest()


def send_webhook(url: str, region: str, message: OutboxMessage, *, at: datetime) -> None:
    """Send one message. Raises WebhookRefused, or what requests raises when the receiver cannot be reached."""
    body = orjson.dumps(
        {
            "id": message.key,
            "topic": message.topic,
            "created_at": message.created_at,
            "region": region,
            "payload": message.payload,
        }
    )
    stamp = str(int(at.timestamp()))
    signature = hmac.new(webhook_key(region).encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Lunas-Timestamp": stamp, "X-Lunas-Signature": signature}
    answer = requests.post(url, data=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False)
    if not 200 <= answer.status_code < 300:
        raise WebhookRefused(status=answer.status_code)
