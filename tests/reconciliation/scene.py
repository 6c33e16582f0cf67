"""A region whose bank delivers files: payments, settlement files and statements at fixed dates.

For: `Counter`, the one way in which the tests of reconciliation pay bills, deliver files and look at the books.
Not for: HTTP or the sandbox bank; files are written by the adapters' own pens and read back by the real readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.wiring import file_readers
from bank_adapters.contract import SettlementFile, SettlementLine, StatementFile, StatementLine
from bank_adapters.statements import write_mt940, write_settlement
from foundation.db import run_unit, unit_of_work
from foundation.money import Money
from foundation.policies import set_policy
from foundation.regions import Region
from ledger import role_balance
from payments import PaymentNotice, Received, get_partner, receive_payment
from reconciliation import FileImported, import_file
from tests.scene import Scene, make_scene

RKUD = "1400099990002"
HOLDING = "1234567890"
BANK = "BANKUJI"
MONDAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)  # 12.00 WIB
ZERO = Money(0)


def rupiah(amount: int) -> Money:
    """Whole rupiah."""
    return Money.from_rupiah(amount)


def after(days: int) -> datetime:
    """Noon so many days after the Monday."""
    return NOON + timedelta(days=days)


class Counter:
    """A region with bills of 150,000, 75,500 and 1,250,000 rupiah, the bank BANKUJI and a known RKUD."""

    def __init__(self, region: Region, amounts: tuple[int, ...] = (150_000, 75_500, 1_250_000)) -> None:
        self.region = region
        self.scene: Scene = make_scene(region, amounts, due_on=date(2027, 12, 31))
        self.set_policy("treasury.rkud_account_no", RKUD)

    def set_policy(self, name: str, value: str, valid_from: date = date(2026, 1, 1)) -> None:
        """A dated policy of the region."""
        with unit_of_work(self.region.code) as session:
            set_policy(session, name, value, valid_from=valid_from, legal_basis="uji", by="cli:test", at=NOON)

    def pay(
        self,
        number: int,
        *,
        at: datetime = NOON,
        paid_at: datetime | None = None,
        amount: Money | None = None,
        reference: str | None = None,
        code: str | None = "",
        partner_reference: str | None = None,
        rrn: str | None = None,
    ) -> Received:
        """The bank tells that bill `number` (from 0) was paid, now or at `paid_at`; `code` None: it names no bill."""
        bill = self.scene.bills[number]
        amount = amount or bill.amount
        reference = reference or f"PAY{number}"
        with unit_of_work(self.region.code) as session:
            notice = PaymentNotice(
                partner=get_partner(session, BANK),
                channel="VA",
                bank_reference=reference,
                payment_code=bill.payment_code if code == "" else code,
                amount=amount,
                facts={"reference": reference, "amount": amount.plain()},
                may_be_refused=False,
                zone=self.region.timezone,
                paid_at=paid_at or at,
                partner_reference=partner_reference,
                rrn=rrn,
            )
            return receive_payment(session, notice, received_at=at)

    def line(self, number: int, **other: Any) -> SettlementLine:
        """The settlement line of bill `number`, as it was paid."""
        bill = self.scene.bills[number]
        amount, fee = other.pop("amount", bill.amount), other.pop("fee", ZERO)
        known: dict[str, Any] = {
            "line_no": number + 2,
            "bank_reference": f"PAY{number}",
            "payment_code": bill.payment_code,
            "paid_at": NOON,
            "channel": "VA",
        }
        return SettlementLine(**(known | other), amount=amount, fee=fee, net=amount - fee)

    def settlement(self, *lines: SettlementLine, reference: str = "STL261123A", on: date = MONDAY) -> bytes:
        """A settlement file of BANKUJI."""
        sums = {name: Money(sum(getattr(line, name).sen for line in lines)) for name in ("amount", "fee", "net")}
        return write_settlement(
            SettlementFile(
                partner_ref=BANK, business_on=on, batch_reference=reference, lines=lines, gross=sums["amount"],
                fee=sums["fee"], net=sums["net"],
            )
        )  # fmt: skip

    def statement(
        self,
        *moves: tuple[int | Money, str],
        number: int = 1,
        on: date = MONDAY,
        opening: Money = ZERO,
        account: str = RKUD,
        opening_on: date | None = None,
        references: Sequence[str] = (),
    ) -> bytes:
        """A statement whose lines are (rupiah or Money, remark); a negative amount is a debit."""
        sums = [rupiah(moved) if isinstance(moved, int) else moved for moved, _ in moves]
        named = list(references) or [f"B{number:05d}{place:05d}" for place in range(1, len(moves) + 1)]
        lines = tuple(
            StatementLine(
                line_no=place + 1, value_on=on, entry_on=on, amount=Money(abs(sums[place].sen)),
                direction="credit" if sums[place].sen > 0 else "debit", bank_reference=named[place], text=remark,
            )
            for place, (_, remark) in enumerate(moves)
        )  # fmt: skip
        closing = opening + Money(sum(each.sen for each in sums))
        return write_mt940(
            [
                StatementFile(
                    account_no=account, statement_no=str(number), opening_on=opening_on or on, opening=opening,
                    closing_on=on, closing=closing, lines=lines, reference=f"ST{number:06d}",
                )
            ]
        )  # fmt: skip

    def deliver(self, data: bytes, filename: str = "", *, at: datetime = NOON) -> FileImported:
        """Import a file in a unit of work of its own."""
        name = filename or ("statement.sta" if data.startswith(b"{1:") else "settlement.csv")
        return run_unit(
            self.region.code,
            lambda session: import_file(
                session, self.region, name, data, readers=file_readers(session, self.region), at=at, by="cli:test"
            ),
        )

    def balance(
        self, role: str, qualifier: str = "", *, on: date = date(2027, 12, 31), entity: str | None = None
    ) -> Money:
        """The ledger's balance of a role."""
        with unit_of_work(self.region.code) as session:
            return role_balance(session, role, qualifier, on=on, entity=entity)

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Rows from the region's schema."""
        return self.scene.rows(sql, **values)

    def postings(self, kind: str) -> list[tuple[Any, ...]]:
        """(book, entity, account, side, rupiah) of all entries of a kind, in order."""
        return [
            (book, entity, account, side, Money(sen).plain())
            for book, entity, account, side, sen, _, _ in self.scene.postings_of(kind)
        ]

    def everything(self) -> dict[str, Any]:
        """What a refused or repeated file must leave as it was."""
        tables = (
            "settlement_batch", "settlement_line", "bank_statement", "statement_line", "batch_credit",
            "reconciliation_run", "reconciliation_difference",
        )  # fmt: skip
        counts = {table: self.scene.scalar(f"SELECT count(*) FROM {table}") for table in tables}
        states = self.rows("SELECT state, booked_sen, suspense_sen FROM statement_line ORDER BY id")
        settled = self.rows("SELECT settled_on, rkud_credited_on FROM payment ORDER BY id")
        return self.scene.books() | counts | {"lines": states, "payments": settled}
