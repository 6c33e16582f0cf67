"""Writing what a command made: to stdout, or to a file that appears only when it is whole.

For: the `--output` and `--manifest` of commands.
Not for: what is written, or files that hold secrets.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from foundation.errors import Invalid

__all__ = ["STDOUT", "OutputImpossible", "check_place", "write_whole"]

STDOUT = "-"
_MAY_NOT = ("tidak ada izin menulis di sana", "it may not be written there")
_REASONS = {
    errno.EACCES: _MAY_NOT,
    errno.EPERM: _MAY_NOT,
    errno.EROFS: _MAY_NOT,
    errno.ENOENT: ("foldernya tidak ada", "its folder is not there"),
    errno.ENOTDIR: ("foldernya tidak ada", "its folder is not there"),
    errno.EISDIR: ("itu folder", "it is a folder"),
    errno.ENAMETOOLONG: ("namanya terlalu panjang", "its name is too long"),
    errno.ENOSPC: ("ruang penyimpanan habis", "no space is left"),
    errno.EDQUOT: ("jatah penyimpanan habis", "the quota is used up"),
    errno.EFBIG: ("berkasnya terlalu besar", "the file is too large"),
    errno.EIO: ("media penyimpanan gagal", "the storage failed"),
}


class OutputImpossible(Invalid):
    """The file that a command was told to write cannot be made there."""

    code = "output_impossible"
    text_id = "Berkas {file} tidak dapat ditulis: {reason_id}."
    text_en = "The file {file} cannot be written: {reason_en}."


def check_place(output: str) -> None:
    """Refuse, before anything is made, a file whose folder is not there or that is a folder itself.

    Raises OutputImpossible.
    """
    place = Path(output)
    if output == STDOUT:
        return
    try:
        is_folder, has_folder = place.is_dir(), place.parent.is_dir()
    except OSError as error:
        raise _impossible(output, *_reasons_of(error)) from error
    if is_folder or "\x00" in output:
        raise _impossible(repr(output), "bukan nama berkas", "not a file's name")
    if not has_folder:
        raise _impossible(output, f"folder {place.parent} tidak ada", f"there is no folder {place.parent}")


def write_whole(pieces: Iterable[bytes], output: str, *, outdates: str | None = None) -> None:
    """Write to stdout, or to a file beside its place and then rename: what has the name is always whole.

    A device or a pipe that has the name is written as it is. `outdates` is a file that tells of what stood there
    before; it goes before the new file comes. Raises OutputImpossible where nothing can be written, or not all.
    """
    try:
        if output == STDOUT:
            _write_to(sys.stdout.buffer, pieces)
            return
        check_place(output)
        place = Path(output)
        if place.exists() and not place.is_file():
            with place.open("wb") as device:
                _write_to(device, pieces)
            return
        _write_and_rename(pieces, place, outdates)
    except BrokenPipeError:
        raise  # whoever read has left; there is nobody to tell
    except OSError as error:
        raise _impossible(error.filename or output, *_reasons_of(error)) from error


def _impossible(file: str, reason_id: str, reason_en: str) -> OutputImpossible:
    return OutputImpossible(field="output", file=file, reason_id=reason_id, reason_en=reason_en)


def _reasons_of(error: OSError) -> tuple[str, str]:
    """Why the system refuses, in both languages; seldom ones by their number."""
    return _REASONS.get(error.errno or 0, (f"galat sistem {error.errno}", f"system error {error.errno}"))


def _write_and_rename(pieces: Iterable[bytes], place: Path, outdates: str | None) -> None:
    unfinished = place.with_name(f"{place.name}.part")
    try:
        with unfinished.open("wb") as file:
            _write_to(file, pieces)
            os.fsync(file.fileno())
        if outdates is not None:
            Path(outdates).unlink(missing_ok=True)
        unfinished.replace(place)
    finally:
        # What cannot even be looked at (a name too long) was not made.
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _write_to(file: BinaryIO, pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        file.write(piece)
    file.flush()
