"""Forgetting what has served: expired bearer tokens, and external ids of days that are over.

For: the worker's cleaning.
Not for: messages and payments, which are kept.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from payments.models import PartnerAccessToken, PartnerExternalId

__all__ = ["forget_expired"]

# An external id counts for its calendar day, in any zone of the region's partners.
_KEEP_EXTERNAL_IDS = timedelta(days=3)


def forget_expired(session: Session, *, at: datetime) -> None:
    """Delete tokens that have expired, and external ids used more than three days ago."""
    session.execute(delete(PartnerAccessToken).where(PartnerAccessToken.expires_at <= at))
    last_day = (at - _KEEP_EXTERNAL_IDS).date()
    session.execute(delete(PartnerExternalId).where(PartnerExternalId.used_on < last_day))
