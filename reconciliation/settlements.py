"""Taking a settlement file: a batch is formed, and each line finds its payment. Posts no row 4b.

For: matching in bulk (COPY into a temporary table, then set-based SQL over payments' view `payment_v`).
Not for: reading the file (bank_adapters), or booking the batch, which follows the RKUD statement (crediting).

A line without a payment is a fact: the payer paid, and nobody told us. It is received as a payment with the source
"settlement"; it settles its bill or lands in suspense, and is listed in the next run.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bank_adapters.contract import SettlementFile, SettlementLine
from foundation.db import raw_connection
from foundation.ids import new_uid
from foundation.money import Money
from foundation.states import move
from payments import Partner, PaymentNotice, ReportContradicts, list_partners, mark_settled, receive_payment
from reconciliation.errors import (
    SettlementContradicts,
    SettlementPartnerUnknown,
    SettlementValueTooLong,
    name_differing,
)
from reconciliation.models import BankFile, SettlementBatch
from reconciliation.states import BATCH_STATES

__all__ = ["take_settlement"]

_LONGEST = {"bank_reference": 128, "partner_reference": 200, "rrn": 200, "payment_code": 200, "channel": 200}
# As long as the columns of a payment; what is longer can be no payment's.
_LONGEST_CODE, _LONGEST_CHANNEL, _LONGEST_PARTNER_REFERENCE, _LONGEST_RRN = 40, 16, 64, 40
_CHUNK = 50_000

_INCOMING = (
    "CREATE TEMPORARY TABLE incoming_settlement (line_no integer, bank_reference text, partner_reference text,"
    " rrn text, payment_code text, channel text, paid_at timestamptz, amount_sen bigint, fee_sen bigint,"
    " net_sen bigint, until_sen bigint, payment_id bigint, reported_here boolean NOT NULL DEFAULT false) ON COMMIT DROP"
)
_COPY = (
    "COPY incoming_settlement (line_no, bank_reference, partner_reference, rrn, payment_code, channel, paid_at,"
    " amount_sen, fee_sen, net_sen, until_sen) FROM STDIN"
)
_BY_BANK_REFERENCE = text(
    "UPDATE incoming_settlement i SET payment_id = p.id FROM payment_v p"
    " WHERE i.payment_id IS NULL AND p.partner_id = :partner_id AND p.bank_reference = i.bank_reference"
)
# Our own reference and the switch's are not unique: one candidate with the same amount, or none.
_BY_OTHER_REFERENCE = {
    column: text(
        "UPDATE incoming_settlement i SET payment_id = f.id FROM ("  # noqa: S608 - the column is one of two names here
        f"SELECT p.{column} AS reference, p.amount_sen, min(p.id) AS id FROM payment_v p"
        f" WHERE p.partner_id = :partner_id AND p.settled_on IS NULL AND p.{column} IS NOT NULL"
        f" GROUP BY p.{column}, p.amount_sen HAVING count(p.id) = 1) f"
        f" WHERE i.payment_id IS NULL AND f.reference = i.{column} AND f.amount_sen = i.amount_sen"
    )
    for column in ("partner_reference", "rrn")
}
_UNMATCHED = text(
    "SELECT line_no, bank_reference, partner_reference, rrn, payment_code, channel, paid_at, amount_sen, fee_sen"
    " FROM incoming_settlement WHERE payment_id IS NULL ORDER BY line_no"
)
_KEEP_LINES = text(
    "INSERT INTO settlement_line (batch_id, line_no, bank_reference, partner_reference, rrn, payment_code, channel,"
    " paid_at, amount_sen, fee_sen, net_sen, until_sen, payment_id, outcome)"
    " SELECT :batch_id, i.line_no, i.bank_reference, i.partner_reference, i.rrn, i.payment_code, i.channel, i.paid_at,"
    " i.amount_sen, i.fee_sen, i.net_sen, i.until_sen, i.payment_id,"
    " CASE WHEN i.nth > 1 OR s.payment_id IS NOT NULL THEN 'SETTLED_BEFORE'"
    " WHEN i.reported_here THEN 'REPORTED_HERE'"
    " WHEN i.amount_sen <> p.amount_sen THEN 'AMOUNT_DIFFERS' ELSE 'MATCHED' END"
    " FROM (SELECT n.line_no, n.bank_reference, n.partner_reference, n.rrn, n.payment_code, n.channel, n.paid_at,"
    " n.amount_sen, n.fee_sen, n.net_sen, n.until_sen, n.payment_id, n.reported_here,"
    " row_number() OVER (PARTITION BY n.payment_id ORDER BY n.line_no) AS nth FROM incoming_settlement n) i"
    " JOIN payment_v p ON p.id = i.payment_id"
    " LEFT JOIN settlement_line s ON s.payment_id = i.payment_id AND s.outcome <> 'SETTLED_BEFORE'"
    " ORDER BY i.line_no"
)
_SETTLED = text(
    "SELECT payment_id FROM settlement_line WHERE batch_id = :batch_id AND outcome <> 'SETTLED_BEFORE' ORDER BY line_no"
)


def take_settlement(
    session: Session, file: BankFile, settlement: SettlementFile, *, zone: str, at: datetime, by: str
) -> int | None:
    """Form the batch of a settlement file; returns how many lines, or None when it was taken before, equal.

    Raises SettlementPartnerUnknown, SettlementContradicts naming what differs, or SettlementValueTooLong.
    """
    partner = _partner_of(session, settlement)
    _check_lengths(settlement)
    content = _content_of(settlement)
    known = session.scalar(
        select(SettlementBatch).where(
            SettlementBatch.partner == partner.code, SettlementBatch.batch_reference == settlement.batch_reference
        )
    )
    if known is not None:
        if known.content_sha256 != content:
            raise _contradiction(known, settlement)
        return None
    batch = SettlementBatch(
        uid=new_uid(), file_id=file.id, partner=partner.code, batch_reference=settlement.batch_reference,
        business_on=settlement.business_on, gross_sen=settlement.gross.sen, fee_sen=settlement.fee.sen,
        net_sen=settlement.net.sen, line_count=len(settlement.lines), content_sha256=content,
        state=BATCH_STATES.initial, credited_sen=0, received_at=at,
    )  # fmt: skip
    session.add(batch)
    session.flush()
    if not settlement.gross:
        move(session, BATCH_STATES, batch, "credited", by=by, why="nothing to sweep", at=at)
    _copy_in(session, settlement)
    _match(session, partner, settlement, zone=zone, at=at)
    session.execute(_KEEP_LINES, {"batch_id": batch.id})
    _note_settled(session, batch)
    return len(settlement.lines)


def _partner_of(session: Session, settlement: SettlementFile) -> Partner:
    """The partner that the file names by its code, or by the merchant id under which we are its client."""
    for partner in list_partners(session):
        names = {partner.code, (partner.acquirer or {}).get("merchant_id")}
        if settlement.partner_ref in names:
            return partner
    raise SettlementPartnerUnknown(field="partner", partner=settlement.partner_ref)


def _check_lengths(settlement: SettlementFile) -> None:
    if len(settlement.batch_reference) > 200:
        raise SettlementValueTooLong(field="batch_reference", line=1, limit=200)
    for line in settlement.lines:
        for field, longest in _LONGEST.items():
            if len(getattr(line, field) or "") > longest:
                raise SettlementValueTooLong(field=field, line=line.line_no, limit=longest)


def _copy_in(session: Session, settlement: SettlementFile) -> None:
    connection = raw_connection(session)
    session.execute(text(_INCOMING))
    until = 0
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for line in settlement.lines:
            until += line.amount.sen
            copy.write_row(
                (
                    line.line_no, line.bank_reference, line.partner_reference, line.rrn, line.payment_code,
                    line.channel, line.paid_at, line.amount.sen, line.fee.sen, line.net.sen, until,
                )
            )  # fmt: skip
    session.execute(text("ANALYZE incoming_settlement"))


def _match(session: Session, partner: Partner, settlement: SettlementFile, *, zone: str, at: datetime) -> None:
    named = {"partner_id": partner.id}
    session.execute(_BY_BANK_REFERENCE, named)
    for statement in _BY_OTHER_REFERENCE.values():
        if session.execute(_UNMATCHED).first() is None:
            return
        session.execute(statement, named)
    for line in session.execute(_UNMATCHED).all():
        try:
            with session.begin_nested():
                received = receive_payment(session, _notice(partner, line, settlement, zone), received_at=at)
        except ReportContradicts:
            # The same reference stands on two lines, or its message came this moment, with another amount.
            continue
        session.execute(
            text(
                "UPDATE incoming_settlement SET payment_id = :payment_id, reported_here = :reported_here"
                " WHERE line_no = :line_no"
            ),
            {"payment_id": received.payment.id, "reported_here": received.first_time, "line_no": line.line_no},
        )
    session.execute(_BY_BANK_REFERENCE, named)


def _notice(partner: Partner, line: Any, settlement: SettlementFile, zone: str) -> PaymentNotice:
    facts = {
        "batch_reference": settlement.batch_reference,
        "bank_reference": line.bank_reference,
        "payment_code": line.payment_code,
        "amount": Money(line.amount_sen).plain(),
        "fee": Money(line.fee_sen).plain(),
        "paid_at": line.paid_at,
        "rrn": line.rrn,
    }
    return PaymentNotice(
        partner=partner,
        channel=_fitting(line.channel, _LONGEST_CHANNEL) or "UNSTATED",
        bank_reference=line.bank_reference,
        payment_code=_fitting(line.payment_code, _LONGEST_CODE),
        amount=Money(line.amount_sen),
        facts=facts,
        may_be_refused=False,
        zone=zone,
        source="settlement",
        paid_at=line.paid_at,
        partner_reference=_fitting(line.partner_reference, _LONGEST_PARTNER_REFERENCE),
        rrn=_fitting(line.rrn, _LONGEST_RRN),
    )


def _fitting(value: str | None, longest: int) -> str | None:
    return value if value and len(value) <= longest else None


def _note_settled(session: Session, batch: SettlementBatch) -> None:
    ids = list(session.scalars(_SETTLED, {"batch_id": batch.id}))
    for start in range(0, len(ids), _CHUNK):
        mark_settled(session, ids[start : start + _CHUNK], settled_on=batch.business_on)


def _content_of(settlement: SettlementFile) -> bytes:
    digest = hashlib.sha256(orjson.dumps((settlement.business_on, settlement.gross.sen, settlement.fee.sen)))
    for line in settlement.lines:
        digest.update(orjson.dumps(_said(line)))
    return digest.digest()


def _said(line: SettlementLine) -> tuple[Any, ...]:
    return (
        line.bank_reference, line.partner_reference, line.rrn, line.payment_code, line.channel, line.paid_at,
        line.amount.sen, line.fee.sen,
    )  # fmt: skip


def _contradiction(known: SettlementBatch, settlement: SettlementFile) -> SettlementContradicts:
    differing_id, differing_en = name_differing(
        ("tanggal", "date", known.business_on, settlement.business_on),
        ("jumlah", "gross", Money(known.gross_sen), settlement.gross),
        ("biaya", "fee", Money(known.fee_sen), settlement.fee),
        ("banyak baris", "lines", known.line_count, len(settlement.lines)),
        otherwise=("isi baris", "its lines"),
    )
    return SettlementContradicts(
        field="batch_reference",
        batch=settlement.batch_reference,
        partner=known.partner,
        differing_id=differing_id,
        differing_en=differing_en,
    )
