"""Counting attempts per bucket and window in the database, so that every process sees the same count.

For: sign-in, second factor and public look-ups.
Not for: banks' messages (they are authenticated and must be answered).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from foundation.errors import LunasError
from foundation.tables import RegionBase

__all__ = ["LimitCounter", "TooManyAttempts", "count_and_check", "drop_old_counters"]


class TooManyAttempts(LunasError):
    """The limit of this bucket is reached; the window must pass first."""

    code = "too_many_attempts"
    http_status = 429
    text_id = "Terlalu banyak percobaan. Silakan coba lagi dalam {minutes} menit."
    text_en = "Too many attempts. Please try again in {minutes} minutes."


class LimitCounter(RegionBase):
    """Attempts counted in one window of one bucket."""

    __tablename__ = "limit_counter"

    bucket: Mapped[str] = mapped_column(String(160), primary_key=True)
    window_start: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    attempts: Mapped[int]


def count_and_check(session: Session, bucket: str, *, limit: int, window_seconds: int, at: datetime) -> None:
    """Count one attempt; raises TooManyAttempts above the limit.

    The attempt must be counted even when what follows is refused, so call it in a unit of work of its own.
    """
    second = int(at.timestamp())
    window = second - second % window_seconds
    attempts = session.execute(
        text(
            "INSERT INTO limit_counter AS c (bucket, window_start, attempts) VALUES (:bucket, :window, 1)"
            " ON CONFLICT (bucket, window_start) DO UPDATE SET attempts = c.attempts + 1 RETURNING attempts"
        ),
        {"bucket": bucket[:160], "window": window},
    ).scalar_one()
    if attempts > limit:
        raise TooManyAttempts(minutes=(window + window_seconds - second + 59) // 60)


def drop_old_counters(session: Session, *, before: datetime) -> int:
    """Forget windows that began before a moment; returns how many."""
    result = session.execute(
        text("DELETE FROM limit_counter WHERE window_start < :before RETURNING bucket"),
        {"before": int(before.timestamp())},
    )
    return len(result.all())
