"""`lunas qris`: look into QRIS codes from the command line.

For: telling what a code says and why it is refused, one text or a whole file of them.
Not for: making codes (the acquirer does) or anything that needs a region or a database.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator

import click

from app.cli.groups import OfficeGroup
from bank_adapters.contract.qris import describe

__all__ = ["qris"]


@click.group(cls=OfficeGroup, help="Kode QRIS / QRIS codes.")
def qris() -> None:
    """The group; it has no options of its own."""


@click.command(
    "decode",
    help="Baca kode QRIS, cetak satu baris JSON / read a QRIS code, print one line of JSON.\n\n"
    "TEXT adalah kodenya; '-' membaca satu kode per baris dari stdin. Status 1 bila ada kode yang tidak sah.\n\n"
    "Read TEXT as a QRIS code and print one line of JSON; '-' reads one code per line from standard input. "
    "Exit status 1 when any code was not valid.",
    # A text that starts with "-" is a text to be judged, not an option.
    context_settings={"ignore_unknown_options": True},
)
@click.argument("text")
def decode(text: str) -> None:
    """Print one line per text, in order; the shape is that of bank_adapters/contract/qris/describing.py."""
    all_valid = _print_outcomes(_read_lines(sys.stdin.buffer) if text == "-" else [text])
    if not all_valid:
        sys.exit(1)


qris.add_command(decode)


def _read_lines(stream: Iterable[bytes]) -> Iterator[str]:
    """The lines without their ending and with every other character; bytes that are not UTF-8 become lone surrogates.

    The decoder refuses those, so that such a line is answered in its place and does not stop the ones after it.
    """
    for line in stream:
        bare = line[:-2] if line.endswith(b"\r\n") else line.removesuffix(b"\n")
        yield bare.decode("utf-8", "surrogateescape")


def _print_outcomes(texts: Iterable[str]) -> bool:
    all_valid = True
    for text in texts:
        outcome = describe(text)
        all_valid = all_valid and outcome["valid"]
        # UTF-8 whatever the terminal's locale is: the output is data for programs.
        click.echo(json.dumps(outcome, ensure_ascii=False, separators=(",", ":")).encode())
    return all_valid
