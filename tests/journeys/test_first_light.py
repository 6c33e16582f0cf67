"""The whole job over real HTTP with worker and sandbox bank: issued, found, paid, settled, reconciled, pulled.

For: one journey through `lunas demo` as a visitor would take it, then a second start of the same demo.
Not for: each refusal (tests/payments, tests/reconciliation) or the look of the pages (tests/browser).

The tests of this file follow one another on one running demo.
"""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from openapi_spec_validator import validate

from bank_adapters.contract.qris import decode
from foundation.embedded import EmbeddedServer
from tests.journeys.town import Town, csrf_of, new_home, remove_home, start_town, wait_until

NOPS = [f"3316999001001{plot:04d}{(plot - 1) % 10}" for plot in range(1, 10)]


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    made = new_home()
    yield made
    remove_home(made)


@pytest.fixture(scope="module")
def town(home: Path) -> Iterator[Town]:
    with start_town(home) as started:
        yield started


def bill_of(town: Town, nop: str) -> tuple[str, str]:
    """(payment code, amount like "150000.00") of a NOP's bill."""
    [(code, sen)] = town.rows("SELECT payment_code, amount_sen FROM bill WHERE object_number = %s", nop)
    return code, f"{sen // 100}.{sen % 100:02d}"


def test_a_visitor_finds_the_bill_by_nop_without_signing_in(town: Town) -> None:
    code, amount = bill_of(town, NOPS[0])
    formatted = "33.16.999.001.001-0001.0"
    page = requests.get(f"{town.web}/tagihan/", params={"q": formatted}, timeout=30)
    assert page.status_code == 200
    assert page.url.endswith(f"/3316/tagihan/{code}")
    on_screen = f"{int(Decimal(amount)):,}".replace(",", ".")
    assert f"Rp{on_screen}" in page.text
    assert "BELUM LUNAS" in page.text
    assert "Warga Contoh" not in page.text


def test_a_bill_paid_by_virtual_account_turns_to_lunas(town: Town) -> None:
    code, amount = bill_of(town, NOPS[0])
    prefix = town.scalar("SELECT va_prefix FROM partner WHERE code = 'SANDBOX'")
    paid = requests.post(f"{town.bank}/pay-va", json={"virtual_account": prefix + code}, timeout=60)
    assert paid.status_code == 200, paid.text
    assert paid.json()["amount"] == amount
    assert [message["response_code"] for message in paid.json()["messages"]] == ["2002500"]
    page = requests.get(f"{town.web}/tagihan/{code}", timeout=30)
    assert "LUNAS" in page.text
    assert "BELUM LUNAS" not in page.text
    assert "NTPD" in page.text


def test_a_bill_paid_by_qris_turns_to_lunas(town: Town) -> None:
    code, amount = bill_of(town, NOPS[1])
    with requests.Session() as browser:
        page = browser.get(f"{town.web}/tagihan/{code}", timeout=30)
        asked = browser.post(f"{town.web}/tagihan/{code}/qris", data={"csrf_token": csrf_of(page.text)}, timeout=60)
    assert asked.status_code == 200, asked.text[:500]
    assert "qris.svg" in asked.text
    content = town.scalar("SELECT qr_content FROM qris_request WHERE payment_code = %s", code)
    shown = decode(content)
    assert shown.amount is not None
    assert shown.amount.plain() == amount
    paid = requests.post(f"{town.bank}/pay-qris", json={"content": content}, timeout=60)
    assert paid.status_code == 200, paid.text
    assert [message["response_code"] for message in paid.json()["messages"]] == ["2005200"]
    assert "BELUM LUNAS" not in requests.get(f"{town.web}/tagihan/{code}", timeout=30).text


def test_the_bank_cannot_pay_twice_through_two_channels(town: Town) -> None:
    code, _ = bill_of(town, NOPS[1])
    prefix = town.scalar("SELECT va_prefix FROM partner WHERE code = 'SANDBOX'")
    before = town.scalar("SELECT count(*) FROM payment")
    refused = requests.post(f"{town.bank}/pay-va", json={"virtual_account": prefix + code}, timeout=60)
    assert refused.status_code >= 400
    assert town.scalar("SELECT count(*) FROM payment") == before


def test_the_day_is_closed_and_the_worker_reconciles_it(town: Town) -> None:
    closed = requests.post(f"{town.bank}/close-day", json={}, timeout=60)
    assert closed.status_code == 200, closed.text
    expected = sum(int(Decimal(bill_of(town, nop)[1]) * 100) for nop in NOPS[:2])
    wait_until(lambda: town.rows("SELECT 1 FROM settlement_batch WHERE state = 'CREDITED'"), seconds=200)
    assert town.rows("SELECT gross_sen, credited_sen FROM settlement_batch") == [(expected, expected)]
    moved = dict(
        town.rows(
            "SELECT r.role, sum(CASE l.side WHEN 'debit' THEN l.amount_sen ELSE -l.amount_sen END)"
            " FROM ledger_postings l JOIN account_role r ON r.account_code = l.account_code"
            " WHERE r.role IN ('rkud', 'clearing', 'suspense') AND l.book = 'F' GROUP BY r.role"
        )
    )
    assert moved["rkud"] == expected
    assert moved["clearing"] == 0
    assert moved.get("suspense", 0) == 0
    # Row 4A stands in the budget book, for the entity that earned it.
    assert town.rows(
        "SELECT entity, sum(amount_sen) FROM ledger_postings WHERE book = 'A' AND side = 'credit' GROUP BY entity"
    ) == [("BAPENDA", expected)]


def test_reconciling_by_hand_says_balanced_and_posts_nothing_new(town: Town) -> None:
    entries = town.scalar("SELECT count(*) FROM journal_entry")
    done = town.lunas("reconcile", "run", "--region", "3316")
    assert done.returncode == 0, done.stdout + done.stderr
    assert town.scalar("SELECT count(*) FROM journal_entry") == entries


def test_the_same_files_delivered_again_add_nothing(town: Town) -> None:
    before = town.rows("SELECT (SELECT count(*) FROM bank_file), (SELECT count(*) FROM journal_entry)")
    inbox = town.places.home / "inbox" / "3316"
    delivered = [path for path in inbox.rglob("*") if path.is_file() and path.suffix in (".csv", ".sta")]
    assert len(delivered) >= 3
    for number, path in enumerate(delivered):
        (inbox / f"again-{number}{path.suffix}").write_bytes(path.read_bytes())
    assert town.lunas("reconcile", "run", "--region", "3316").returncode == 0
    assert town.rows("SELECT (SELECT count(*) FROM bank_file), (SELECT count(*) FROM journal_entry)") == before


def test_bpkad_pulls_every_entry_page_by_page_and_as_csv(town: Town) -> None:
    total = town.scalar("SELECT count(*) FROM journal_entry")
    seen: list[str] = []
    cursor: Any = None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = town.pull("/ledger/entries", **query)
        assert page.status_code == 200, page.text
        seen += [entry["uid"] for entry in page.json()["entries"]]
        cursor = page.json().get("next_cursor")
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == total
    csv = town.pull("/ledger/entries", format="csv")
    assert csv.headers["Content-Type"].startswith("text/csv")
    assert len(csv.text.splitlines()) == 1 + town.scalar("SELECT count(*) FROM posting")
    exported = town.lunas("ledger", "export", "--region", "3316", "--format", "csv", "--output", "-")
    assert exported.returncode == 0, exported.stderr
    assert len(exported.stdout.splitlines()) == len(csv.text.splitlines())


def test_a_token_of_one_region_pulls_nothing_of_another(town: Town) -> None:
    token = town.credentials["3316"].api_token
    answer = requests.get(
        f"{town.places.web}/6471/api/v1/ledger/entries", headers={"Authorization": f"Bearer {token}"}, timeout=30
    )
    assert answer.status_code == 401


def test_both_openapi_documents_are_served_and_valid(town: Town) -> None:
    for address in (f"{town.web}/api/v1/openapi.json", f"{town.web}/snap/openapi.json"):
        answer = requests.get(address, timeout=30)
        assert answer.status_code == 200, address
        validate(answer.json())


def test_a_second_start_is_quick_in_steps_and_keeps_the_data(town: Town, home: Path) -> None:
    payments = town.scalar("SELECT count(*) FROM payment")
    assert town.stop() == 0, town.log.read_text(encoding="utf-8")
    assert EmbeddedServer(home).status().state == "stopped"
    with start_town(home) as again:
        assert again.scalar("SELECT count(*) FROM payment") == payments
        # Nothing is prepared a second time: no step is told.
        assert "wilayah / region" not in again.log.read_text(encoding="utf-8")
        _crash(again)
    with start_town(home) as after_crash:
        assert after_crash.scalar("SELECT count(*) FROM payment") == payments
        assert "proses demo sebelumnya dihentikan" in after_crash.log.read_text(encoding="utf-8")


def _crash(town: Town) -> None:
    """kill -9 of the demo itself; its processes go on until the next start stops them."""
    town.process.send_signal(signal.SIGKILL)
    town.process.wait()
    left = json.loads((town.places.home / "demo-processes.json").read_text(encoding="ascii"))
    assert len(left) == 3
    assert all(subprocess.run(["kill", "-0", str(pid)], check=False).returncode == 0 for pid in left.values())
