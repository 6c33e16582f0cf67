"""A head of the chain of seals in a file, once a day.

For: the job "head": the file that `lunas ledger verify --head` takes, without anybody having to think of it.
Not for: taking it to somebody who cannot reach the database; that stays with the office (docs/runbooks/seals.md).
"""

from __future__ import annotations

import os
from pathlib import Path

import structlog

from foundation import clock
from foundation.config import settings
from foundation.db import unit_of_work
from foundation.regions import Region
from ledger import seal_head, write_sealed

__all__ = ["keep_head"]

log = structlog.get_logger("lunas.worker")


def keep_head(region: Region) -> None:
    """Write the newest block to `<heads>/<region>/head-<business date>.json`, whole or not at all, for its owner alone.

    A head that stands there is never written over. Raises SealsEmpty.
    """
    at = clock.now()
    folder = settings().heads / region.code
    file = folder / f"head-{clock.business_date(at, region.timezone).isoformat()}.json"
    if file.exists():
        return
    with unit_of_work(region.code) as session:
        head = seal_head(session, at=at)
    folder.mkdir(parents=True, exist_ok=True)
    _write(file, write_sealed(head))
    log.info("head_kept", region=region.code, file=file.name, block=head["block"]["header"]["number"])


def _write(file: Path, content: bytes) -> None:
    unfinished = file.with_name(f".{file.name}.part")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(file)
