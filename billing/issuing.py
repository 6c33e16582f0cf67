"""Issuing bills from a region's file: checked whole, then issued whole, or refused with the list of what is wrong.

For: `import_bills`, the one way bills come into being.
Not for: reading the file's form (billing.reading) or booking rules (ledger.standard_journals).

The rows go by COPY into a temporary table; what only other rows and the database can tell (doubled keys, issued keys,
payment codes) is settled there by sets, so that a million bills need a handful of statements.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import PurePath
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from billing import staging
from billing.declaring import declare_kind, resolve_kind
from billing.errors import BillAccountMismatch, BillFileRefused, IssueDateInvalid, LineProblem, PaymentCodesExhausted
from billing.mapping import BillMapping
from billing.models import BillBatch
from billing.numbering import payment_code_prefix
from billing.queries import Kind
from billing.reading import BillFile
from foundation.audit import record_act
from foundation.clock import business_date
from foundation.counters import take_numbers
from foundation.ids import new_uid
from foundation.money import Money
from foundation.regions import Region
from ledger import EntryDraft, assessment_issued, post_entry, resolve_account, revenue_owner

__all__ = ["ImportResult", "import_bills"]

_LARGEST_TOTAL = 2**63 - 1
_LAST_SERIAL = 9_999_999


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did. `batch_uid` is None and `issued` 0 when every row had been issued before.

    `differing_rows` of those issued before now come with another payer name, address or due date; `differing` names
    what differs in the first 1,000 of them. Nothing of an issued bill was changed.
    """

    batch_uid: UUID | None
    kind: str
    issued: int
    already_issued: int
    total: Money
    differing_rows: int = 0
    differing: tuple[LineProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the bills come from and under what they are issued."""

    region: Region
    mapping: BillMapping
    entity: str
    kind: Kind
    filename: str
    sha256: str
    issued_on: date
    today: date


def import_bills(
    session: Session,
    *,
    region: Region,
    data: bytes,
    filename: str,
    mapping: BillMapping,
    actor: str,
    at: datetime,
    issued_on: date | None = None,
    on_row: Callable[[int], None] | None = None,
) -> ImportResult:
    """Issue the bills of a file that are not issued yet, as one batch with one entry; `issued_on` defaults to today.

    Raises BillFileRefused with every problem of the file; KindUnknown, KindDisagrees, BillAccountMismatch,
    IssueDateInvalid, PaymentCodesExhausted, or the ledger's EntityUnknown and RoleNotMapped. Then nothing was issued.
    `on_row` is told the number of rows read so far, now and then.
    """
    source = _read_source(session, region, data, filename, mapping, issued_on, at)
    file = BillFile(data, mapping, source.kind.object_rule)
    staging.stage_rows(session, file, on_row)
    # From here on one import of a kind at a time: the second then sees what the first has issued.
    staging.lock_kind(session, region.code, source.kind.code)
    already, differing = _check_whole(session, source, file.problems)
    staged = staging.count_staged(session)
    batch_uid = _issue(session, source, staged, already, actor, at) if staged.bills else None
    total = Money(staged.total_sen)
    return ImportResult(batch_uid, source.kind.code, staged.bills, already, total, differing.rows, differing.named)


def _read_source(
    session: Session,
    region: Region,
    data: bytes,
    filename: str,
    mapping: BillMapping,
    issued_on: date | None,
    at: datetime,
) -> _Source:
    """Everything that can be refused before the file is opened."""
    today = business_date(at, region.timezone)
    issued_on = issued_on or today
    if issued_on > today:
        raise IssueDateInvalid(field="issued_on", issued_on=issued_on, today=today)
    kind = resolve_kind(session, mapping.kind)
    entity = revenue_owner(session, entity=mapping.entity, kind=kind.code, on=issued_on)
    mapped = resolve_account(session, "revenue_lra", kind.code, on=issued_on)
    if mapped.code != mapping.account:
        raise BillAccountMismatch(
            field="account", kind=kind.code, stated=mapping.account, mapped=mapped.code, on=issued_on
        )
    name = PurePath(filename).name[:200]
    return _Source(region, mapping, entity, kind, name, hashlib.sha256(data).hexdigest(), issued_on, today)


def _check_whole(session: Session, source: _Source, found: list[LineProblem]) -> tuple[int, staging.Differing]:
    """Add what other rows and issued bills tell; drop the rows already issued, and return how many those were and
    which of them say something else now."""
    problems = [*found, *staging.find_doubled_keys(session, source.kind)]
    problems += staging.find_other_amounts(session, source.kind)
    differing = staging.find_differing(session, source.kind, source.mapping)
    already = staging.drop_issued(session, source.kind.code)
    first = date.min if source.mapping.arrears else source.today
    last = source.issued_on + timedelta(days=3653)
    problems += staging.find_due_dates_outside(session, first, last, source.today)
    if staging.count_staged(session).total_sen > _LARGEST_TOTAL:
        problems.append(LineProblem(None, "amount", "total_too_large", {}))
    if problems:
        raise BillFileRefused(problems)
    return already, differing


def _issue(session: Session, source: _Source, staged: staging.Staged, already: int, actor: str, at: datetime) -> UUID:
    """Write kind, batch and bills, book row 1 once for all of them, and say who did it."""
    kind, issued_on, amount = source.kind, source.issued_on, Money(staged.total_sen)
    declare_kind(session, kind, by=actor, at=at)
    batch_uid = new_uid()
    batch_id = session.execute(
        insert(BillBatch)
        .values(
            uid=batch_uid,
            kind=kind.code,
            entity=source.entity,
            account=source.mapping.account,
            filename=source.filename,
            sha256=source.sha256,
            bill_count=staged.bills,
            already_issued=already,
            total_sen=staged.total_sen,
            issued_on=issued_on,
            imported_by=actor,
            imported_at=at,
        )
        .returning(BillBatch.id)
    ).scalar_one()
    prefix = payment_code_prefix(source.region.code, kind.digits, issued_on)
    first = _take_serials(session, source, staged.bills)
    staging.issue_staged(session, batch_id, issued_on, code_prefix=prefix, first_serial=first)
    draft = EntryDraft(
        kind="assessment_issued",
        key=f"bill-batch:{batch_uid}:{source.mapping.account}:{source.entity}",
        occurred_at=at,
        accounted_on=issued_on,
        description=f"Penetapan {kind.code}: {staged.bills} tagihan ({source.filename})"[:300],
        postings=assessment_issued(entity=source.entity, kind=kind.code, amount=amount),
        source_kind="bill_batch",
        source_uid=batch_uid,
        may_be_late=True,
    )
    post_entry(session, draft, actor=actor, recorded_at=at)
    details = {"kind": kind.code, "file": source.filename, "sha256": source.sha256, "bills": staged.bills}
    details |= {"total": amount.plain(), "already_issued": already}
    record_act(
        session, actor=actor, action="bill.import", thing="bill_batch", thing_uid=batch_uid, details=details, at=at
    )
    return batch_uid


def _take_serials(session: Session, source: _Source, count: int) -> int:
    """The first of `count` new serials, gapless per kind and month. Raises PaymentCodesExhausted."""
    month = f"{source.issued_on:%Y-%m}"
    serials = take_numbers(
        session, "payment-code", year=source.issued_on.year, unit=f"{source.kind.digits}/{month}", count=count
    )
    if serials[-1] > _LAST_SERIAL:
        raise PaymentCodesExhausted(kind=source.kind.code, month=month)
    return serials[0]
