"""Writing what a command made: to stdout, or to a file that appears only when it is whole.

For: the `--output` and `--manifest` of commands.
Not for: what is written, or files that hold secrets.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from foundation.errors import Invalid

__all__ = ["STDOUT", "OutputImpossible", "check_place", "write_whole"]

STDOUT = "-"


class OutputImpossible(Invalid):
    """The file that a command was told to write cannot be made there; `reason` is the system's."""

    code = "output_impossible"
    text_id = "Berkas {file} tidak dapat ditulis: {reason}."
    text_en = "The file {file} cannot be written: {reason}."


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
        raise OutputImpossible(field="output", file=output, reason=error.strerror) from error
    if is_folder or "\x00" in output:
        raise OutputImpossible(field="output", file=repr(output), reason="not a file's name")
    if not has_folder:
        raise OutputImpossible(field="output", file=output, reason=f"no folder {place.parent}")


def write_whole(pieces: Iterable[bytes], output: str) -> None:
    """Write to stdout, or to a file beside its place and then rename: what has the name is always whole.

    Raises OutputImpossible where no file can be made.
    """
    if output == STDOUT:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    check_place(output)
    place = Path(output)
    unfinished = place.with_name(f"{place.name}.part")
    try:
        file = unfinished.open("wb")
    except OSError as error:
        raise OutputImpossible(field="output", file=output, reason=error.strerror) from error
    try:
        with file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(place)
    finally:
        unfinished.unlink(missing_ok=True)
