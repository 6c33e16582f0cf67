"""The inbox of a region: every whole file is imported once, and moved to where it ended.

For: `<inbox>/<region>/`, walked by the inbox job and by `lunas reconcile run`. Imported files (also those that are
known already) go to `imported/`, refused ones to `refused/` beside a `.txt` with everything that is wrong.
Not for: what a file means (reconciliation), or writing files there: a sender writes under a name that begins with a
full stop or ends in .part or .tmp, and renames when the file is whole.

Safe to kill at any point, and for several workers at once: a file is moved only after its unit of work has committed,
and the same bytes again add nothing.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from app.wiring import file_readers
from bank_adapters.contract import BankFileRefused
from foundation import clock
from foundation.config import settings
from foundation.db import run_unit
from foundation.errors import LunasError
from foundation.regions import Region
from reconciliation import LARGEST_FILE, FileImported, FileTooLarge, import_file, record_refusal

__all__ = ["Taken", "has_files", "inbox_of", "take_file", "take_inbox"]

_UNFINISHED = (".tmp", ".part", ".filepart", ".crdownload")
# Of a file above the bound only its beginning is kept.
_KEPT_OF_TOO_LARGE = 65_536

log = structlog.get_logger("lunas.worker")


@dataclass(slots=True)
class Taken:
    """What came of a walk through an inbox: files imported, known before, refused, and those that stay there because
    something other than the file failed; by name."""

    imported: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    refused: list[tuple[str, LunasError]] = field(default_factory=list)
    failed: list[tuple[str, Exception]] = field(default_factory=list)


def inbox_of(region: Region) -> Path:
    """Where banks' files for a region arrive."""
    return settings().inbox / region.code


def has_files(region: Region) -> bool:
    """True when something waits in the inbox."""
    return bool(_list_whole(inbox_of(region)))


def take_inbox(region: Region, *, by: str) -> Taken:
    """Take every whole file in the order of their names, each in a unit of work of its own.

    A file that is refused, or that another worker took in the meantime, never stops the others.
    """
    taken = Taken()
    for file in _list_whole(inbox_of(region)):
        try:
            result = take_file(region, file, by=by)
        except FileNotFoundError:  # another worker has moved it
            continue
        except LunasError as refusal:
            taken.refused.append((file.name, refusal))
            kept = _move(file, "refused")
            if kept is not None:
                _explain(kept, refusal)
            log.warning("file_refused", region=region.code, file=file.name, code=refusal.code)
            continue
        except Exception as error:
            taken.failed.append((file.name, error))
            log.exception("file_failed", region=region.code, file=file.name)
            continue
        (taken.imported if result.first_time else taken.known).append(file.name)
        _move(file, "imported")
        log.info("file_taken", region=region.code, file=file.name, kind=result.kind, first_time=result.first_time)
    return taken


def take_file(region: Region, file: Path, *, by: str) -> FileImported:
    """Import one file; leave it where it is.

    Raises the refusal, after it was recorded with the file, or FileNotFoundError.
    """
    at, data = clock.now(), b""
    try:
        data = _read(file)
        return run_unit(
            region.code,
            lambda session: import_file(
                session, region, file.name, data, readers=file_readers(session, region), at=at, by=by
            ),
        )
    except LunasError as refusal:
        kept, told = data or _beginning_of(file), refusal
        run_unit(region.code, lambda session: record_refusal(session, file.name, kept, told, at=at, by=by))
        raise


def _list_whole(folder: Path) -> list[Path]:
    """Plain files that are whole by their names; links and folders are nobody's delivery."""
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        return sorted(
            Path(entry.path)
            for entry in entries
            if entry.is_file(follow_symlinks=False)
            and not entry.name.startswith(".")
            and not entry.name.lower().endswith(_UNFINISHED)
        )


def _read(file: Path) -> bytes:
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW), "rb") as source:
        size = os.fstat(source.fileno()).st_size
        if size > LARGEST_FILE:
            raise FileTooLarge(filename=file.name, size=size, limit=LARGEST_FILE)
        return source.read(LARGEST_FILE + 1)


def _beginning_of(file: Path) -> bytes:
    with file.open("rb") as source:
        return source.read(_KEPT_OF_TOO_LARGE)


def _move(file: Path, folder: str) -> Path | None:
    """Move the file into a folder beside it; another file of that name there keeps its place.

    Returns where it is now, or None when another worker has moved it.
    """
    target = file.parent / folder / file.name
    target.parent.mkdir(exist_ok=True)
    try:
        if target.exists():
            target = target.with_name(f"{_digest_of(file)[:8]}-{file.name}")
        file.replace(target)
    except FileNotFoundError:
        log.info("file_moved_by_another", file=file.name)
        return None
    return target


def _digest_of(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _explain(kept: Path, refusal: LunasError) -> None:
    """Write everything that is wrong beside the refused file, under its name there, Indonesian first."""
    problems = refusal.problems if isinstance(refusal, BankFileRefused) else (refusal,)
    rows = [kept.name, refusal.message_id, refusal.message_en, ""]
    for problem in problems:
        place = " ".join(str(part) for part in (problem.line, problem.field) if part is not None)
        rows += [f"[{place}] {problem.message_id}", f"[{place}] {problem.message_en}"]
    kept.with_name(f"{kept.name}.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
