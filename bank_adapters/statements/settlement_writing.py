"""The settlement CSV of the Lunas sandbox bank: its format, and the pen that writes it.

For: one documented layout, so that a first region can try everything before its acquirer has sent a file.
Not for: a real acquirer's layout; those are stated as TOML (`settlement_format`).

UTF-8, comma, CRLF. First row the headings, then one DETAIL row per payment, last one TOTAL row:

    record                DETAIL or TOTAL
    no                    DETAIL: running number from 1; TOTAL: how many DETAIL rows there are
    partner               the partner as the bank names it (every row)
    batch_reference       what the credit on the bank statement carries (every row)
    business_date         YYYY-MM-DD (every row)
    bank_reference        paymentRequestId of a VA payment, originalReferenceNo of a QRIS payment
    partner_reference_no  our partnerReferenceNo (QRIS), or empty
    rrn                   retrieval reference number of the switch (QRIS), or empty
    payment_code          the code that was paid, or empty
    channel               VA, QRIS-MPM …, or empty
    paid_at               YYYY-MM-DDTHH:MM:SS+00:00, always written: every payment has its moment
    gross, fee, net       150000.00; net = gross - fee; TOTAL: their sums

A day without payments is a file with the TOTAL row alone.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, date

from bank_adapters.contract import SettlementFile, SettlementLine
from bank_adapters.statements.settlement_cells import MANGLED
from bank_adapters.statements.settlement_format import SettlementFormat, Source, Totals
from foundation.money import Money

__all__ = ["SANDBOX_SETTLEMENT", "write_settlement"]

_HEADINGS = (
    "record",
    "no",
    "partner",
    "batch_reference",
    "business_date",
    "bank_reference",
    "partner_reference_no",
    "rrn",
    "payment_code",
    "channel",
    "paid_at",
    "gross",
    "fee",
    "net",
)
_WRITABLE = re.compile(r"[^\x00-\x1f\x7f]{0,200}")

SANDBOX_SETTLEMENT = SettlementFormat(
    name="lunas-sandbox",
    valid_from=date(2026, 1, 1),
    columns={
        "bank_reference": "bank_reference",
        "amount": "gross",
        "fee": "fee",
        "net": "net",
        "payment_code": "payment_code",
        "paid_at": "paid_at",
        "channel": "channel",
        "partner_reference": "partner_reference_no",
        "rrn": "rrn",
    },
    partner_ref=Source(column="partner"),
    batch_reference=Source(column="batch_reference"),
    business_on=Source(column="business_date"),
    must_be={"record": ("DETAIL",)},
    totals=Totals(column="record", marker="TOTAL", count="no", amount="gross", fee="fee", net="net"),
)


def write_settlement(file: SettlementFile) -> bytes:
    """The settlement in the sandbox layout above; `SettlementCsvReader(SANDBOX_SETTLEMENT)` reads it back the same.

    Raises ValueError on what no bank would write: sums that are not those of the lines, a line without its moment or
    bank reference, a text that the layout cannot carry.
    """
    for name in ("amount", "fee", "net"):
        stated: Money = file.gross if name == "amount" else getattr(file, name)
        if stated.sen != sum(getattr(line, name).sen for line in file.lines):
            raise ValueError(f"the {name} of settlement {file.batch_reference} is not the sum of its lines")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_HEADINGS)
    writer.writerows(_rows(file))
    return text.getvalue().encode("utf-8")


def _rows(file: SettlementFile) -> Iterator[list[str]]:
    whole = [
        _text(file.partner_ref, "partner"),
        _text(file.batch_reference, "batch_reference"),
        file.business_on.isoformat(),
    ]
    for number, line in enumerate(file.lines, start=1):
        yield ["DETAIL", str(number), *whole, *_line_cells(line)]
    sums = [amount.plain() for amount in (file.gross, file.fee, file.net)]
    yield ["TOTAL", str(len(file.lines)), *whole, "", "", "", "", "", "", *sums]


def _line_cells(line: SettlementLine) -> list[str]:
    if line.paid_at is None or line.paid_at.tzinfo is None:
        raise ValueError(f"settlement line {line.bank_reference} has no moment with its zone")
    if line.amount.sen <= 0 or line.fee.sen < 0 or line.net.sen < 0 or line.amount - line.fee != line.net:
        raise ValueError(f"settlement line {line.bank_reference} has amounts that cannot be")
    return [
        _text(line.bank_reference, "bank_reference"),
        _text(line.partner_reference, "partner_reference_no"),
        _text(line.rrn, "rrn"),
        _text(line.payment_code, "payment_code"),
        _text(line.channel, "channel"),
        line.paid_at.astimezone(UTC).isoformat(),
        line.amount.plain(),
        line.fee.plain(),
        line.net.plain(),
    ]


_REQUIRED = ("partner", "batch_reference", "bank_reference")


def _text(value: str | None, name: str) -> str:
    text = value or ""
    lacking = not text and name in _REQUIRED
    if lacking or text != text.strip() or not _WRITABLE.fullmatch(text) or MANGLED.fullmatch(text):
        raise ValueError(f"{name} cannot be written in the settlement file: {text[:40]!r}")
    return text
