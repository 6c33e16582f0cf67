"""Putting a closed day's files where Lunas picks them up: <inbox>/<region>/.

For: whole files only: each is written under a hidden name that ends in ".part", then renamed.
Not for: what is in them (closing, stating).
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from app.sandbox_bank.closing import ClosedDay
from app.sandbox_bank.models import BankFile
from app.sandbox_bank.running import RunningBank

__all__ = ["deliver_files", "write_whole"]


def deliver_files(bank: RunningBank, day: ClosedDay, *, at: datetime) -> list[Path]:
    """Write every file of the day into the region's inbox, in the order they were made; where they lie now."""
    folder = bank.settings.inbox / day.client.region
    folder.mkdir(parents=True, exist_ok=True)
    written = [write_whole(folder / file.name, file.content) for file in day.files]
    with bank.database.unit_of_work() as session:
        for file in day.files:
            session.get_one(BankFile, file.id).delivered_at = at
    return written


def write_whole(path: Path, content: bytes) -> Path:
    """Write a file so that nobody ever sees a part of it; an older one of that name is replaced."""
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)
    return path
