"""kill -9 of web and of the database while payments come in: what was answered 2xx is in the ledger, once.

For: the promise that no acknowledged payment is lost and none is half posted.
Not for: throughput (benchmarks/).
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.demo.places import CHECKOUT, DemoPlaces
from app.demo.preparing import lunas
from app.demo.running import start_processes
from bank_adapters.snap import sign_symmetric, sign_token
from foundation.config import write_new_keys
from foundation.embedded import EmbeddedServer
from tests.journeys.ports import free_ports
from tests.journeys.town import new_home, remove_home, wait_until

REGION = "3316"
BILLS = 1500
PAYERS = 6


class Office:
    """One region's web process and its bank, without worker and sandbox."""

    def __init__(self, home: Path) -> None:
        web, bank = free_ports(2)
        self.places = DemoPlaces(home, web, bank)
        self.server = EmbeddedServer(home)
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.reply: dict[str, str] = {}
        self.codes: list[tuple[str, int]] = []

    def prepare(self) -> None:
        """Region, chart, bills and a bank that signs with a key of this test."""
        home, samples = self.places.home, CHECKOUT / "samples"
        write_new_keys(home)
        lunas(self.places, "region", "create", REGION, "Kabupaten Blora", "--timezone", "Asia/Jakarta")
        chart = samples / "chart"
        lunas(
            self.places, "chart", "load", "--region", REGION, "--accounts", str(chart / "accounts.csv"),
            "--roles", str(chart / "roles-3316.csv"), "--entities", str(chart / "entities-3316.csv"),
        )  # fmt: skip
        bills = home / "bills.csv"
        self._run_script(samples / "generate_bills.py", "pbb", str(bills), str(BILLS))
        mapping = str(samples / "bills" / "pbb-3316-2026.toml")
        lunas(self.places, "bill", "import", str(bills), "--mapping", mapping, "--region", REGION)
        asked, reply = home / "asked.json", home / "reply.json"
        pem = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        given = {"code": "BANKUJI", "name": "Bank Uji Contoh", "va_prefix": "88899", "public_key_pem": pem}
        asked.write_text(json.dumps(given), encoding="ascii")
        lunas(
            self.places, "partner", "add", "--region", REGION, "--connection", str(asked), "--reply", str(reply)
        )  # fmt: skip
        self.reply = json.loads(reply.read_text(encoding="ascii"))
        self.codes = self.rows("SELECT payment_code, amount_sen FROM bill ORDER BY id")

    def rows(self, sql: str) -> list[Any]:
        """Rows of the region."""
        import psycopg

        with psycopg.connect(self.server.url("owner")) as connection:
            connection.execute(f"SET search_path = r{REGION}, pg_temp")
            return connection.execute(sql).fetchall()

    def take_token(self) -> str:
        """A bearer token, over HTTP."""
        stamp = datetime.now(UTC).isoformat()
        answer = requests.post(
            f"{self.places.web}/{REGION}/snap/v1.0/access-token/b2b",
            json={"grantType": "client_credentials"},
            headers={
                "X-TIMESTAMP": stamp,
                "X-CLIENT-KEY": self.reply["client_id"],
                "X-SIGNATURE": sign_token(self.key, client_id=self.reply["client_id"], timestamp=stamp),
            },
            timeout=30,
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["accessToken"])

    def pay(self, session: requests.Session, token: str, code: str, sen: int, reference: str) -> str | None:
        """Pay a bill: the response code, or None when no answer came."""
        path = f"/{REGION}/snap/v1.0/transfer-va/payment"
        amount = {"value": f"{sen // 100}.{sen % 100:02d}", "currency": "IDR"}
        padded = "   88899"
        body = json.dumps(
            {
                "partnerServiceId": padded,
                "customerNo": code,
                "virtualAccountNo": padded + code,
                "paymentRequestId": reference,
                "paidAmount": amount,
                "totalAmount": amount,
            }
        ).encode()
        stamp = datetime.now(UTC).isoformat()
        signature = sign_symmetric(
            self.reply["client_secret"], method="POST", path=path, token=token, body=body, timestamp=stamp
        )
        try:
            answer = session.post(
                self.places.web + path,
                data=body,
                headers={
                    "Content-Type": "application/json",
                    "Authorization": f"Bearer {token}",
                    "X-TIMESTAMP": stamp,
                    "X-SIGNATURE": signature,
                    "X-PARTNER-ID": self.reply["client_id"],
                    "X-EXTERNAL-ID": reference,
                    "CHANNEL-ID": "95221",
                },
                timeout=60,
            )
        except requests.RequestException:
            return None
        return str(answer.json()["responseCode"])

    @staticmethod
    def _run_script(*words: Any) -> None:
        import subprocess
        import sys

        subprocess.run([sys.executable, *map(str, words)], check=True)


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    home = new_home()
    made = Office(home)
    try:
        made.prepare()
        yield made
    finally:
        remove_home(home)


class Load:
    """Payers who pay one bill after another until told to stop, and remember what they were answered."""

    def __init__(self, office: Office, codes: list[tuple[str, int]], label: str) -> None:
        self.office = office
        self.codes = iter(codes)
        self.label = label
        self.answers: dict[str, str | None] = {}
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.token = office.take_token()
        self.threads = [threading.Thread(target=self._pay_on) for _ in range(PAYERS)]
        for thread in self.threads:
            thread.start()

    def good(self) -> list[str]:
        """The codes of the bills whose payment was answered 2xx."""
        with self.lock:
            return [code for code, answer in self.answers.items() if answer == "2002500"]

    def stop(self) -> None:
        """Let the payers finish."""
        self.ended.set()
        for thread in self.threads:
            thread.join(timeout=120)
            assert not thread.is_alive()

    def _pay_on(self) -> None:
        with requests.Session() as session:
            while not self.ended.is_set():
                with self.lock:
                    found = next(self.codes, None)
                if found is None:
                    return
                code, sen = found
                answer = self.office.pay(session, self.token, code, sen, f"{self.label}{code}")
                with self.lock:
                    self.answers[code] = answer


def require_whole(office: Office, load: Load) -> None:
    """Every payment answered 2xx is in the ledger once; none is there half."""
    paid = {
        code: (state, entries, lines, debit, credit)
        for code, state, entries, lines, debit, credit in office.rows(
            "SELECT p.payment_code, b.state, count(DISTINCT l.entry_id), count(*),"
            " sum(l.amount_sen) FILTER (WHERE l.side = 'debit'), sum(l.amount_sen) FILTER (WHERE l.side = 'credit')"
            " FROM payment p JOIN bill b ON b.id = p.bill_id"
            " JOIN ledger_postings l ON l.source_uid = p.uid GROUP BY p.payment_code, b.state"
        )
    }
    sen_of = dict(office.codes)
    for code in load.good():
        assert paid[code] == ("PAID", 1, 4, 2 * sen_of[code], 2 * sen_of[code]), code
    [(payments, bills, entries)] = office.rows(
        "SELECT (SELECT count(*) FROM payment), (SELECT count(*) FROM bill WHERE state = 'PAID'),"
        " (SELECT count(*) FROM journal_entry WHERE kind = 'payment_applied')"
    )
    assert payments == bills == entries == len(paid)
    assert payments >= len(load.good())


def test_web_killed_under_paying_load_loses_no_answered_payment(office: Office) -> None:
    running = start_processes(office.places, ("web",))
    load = Load(office, office.codes[: BILLS // 2], "W")
    wait_until(lambda: len(load.good()) >= 60)
    os.killpg(running.processes["web"].pid, signal.SIGKILL)
    running.processes["web"].wait()
    load.stop()
    assert any(answer is None for answer in load.answers.values()), "the kill came too late to matter"
    again = start_processes(office.places, ("web",))
    try:
        require_whole(office, load)
        _repeat_unanswered(office, load)
    finally:
        again.stop()


def test_database_killed_under_paying_load_loses_no_answered_payment(office: Office) -> None:
    running = start_processes(office.places, ("web",))
    try:
        load = Load(office, office.codes[BILLS // 2 :], "D")
        wait_until(lambda: len(load.good()) >= 60)
        status = office.server.status()
        assert status.pid is not None
        os.kill(status.pid, signal.SIGKILL)
        wait_until(lambda: any(answer != "2002500" for answer in list(load.answers.values())))
        load.stop()
        office.server.start()
        require_whole(office, load)
        _repeat_unanswered(office, load)
    finally:
        running.stop()


def _repeat_unanswered(office: Office, load: Load) -> None:
    """The bank repeats what was not answered well; then every bill it tried is paid, once."""
    token = wait_until(lambda: _try_token(office))
    with requests.Session() as session:
        for code, answer in load.answers.items():
            if answer != "2002500":
                again = office.pay(session, token, code, dict(office.codes)[code], f"{load.label}{code}")
                assert again in ("2002500", "4042518"), (code, answer, again)
                load.answers[code] = "2002500"
    require_whole(office, load)


def _try_token(office: Office) -> str | None:
    try:
        return office.take_token()
    except (requests.RequestException, AssertionError):
        return None
