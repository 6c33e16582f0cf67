"""The sandbox bank's pages, used as a browser without JavaScript uses them.

For: choosing a customer, typing a virtual account, scanning, confirming, the back office, and what every page shows.
Not for: how it looks (tests/browser).
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
import qrcode
import requests
from sqlalchemy import func, select

from app.sandbox_bank.application import LABEL_EN, LABEL_ID, create_app
from app.sandbox_bank.bookkeeping import get_client, list_payers
from app.sandbox_bank.issuing import issue_qris
from app.sandbox_bank.models import Payment
from app.sandbox_bank.running import RunningBank
from bank_adapters.contract import QrisRequest
from foundation import clock
from foundation.money import Money
from tests.app.sandbox_bank.scene import CODE, REGION, StandIn, balances, numbers, va

OWED = Money.parse("150000.00")
PAYER = "1000000001"


class Browser:
    """Pages and forms with cookies, and no script."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.page = requests.Response()

    def open(self, path: str) -> str:
        """Follow a link."""
        self.page = self.session.get(self.url + path, timeout=30)
        return self.text

    def send(self, path: str, *, files: object = None, **fields: object) -> str:
        """Send the form of the page that is open."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page.text)
        data = {**fields, "csrf_token": token[1] if token else ""}
        self.page = self.session.post(self.url + path, data=data, files=files, timeout=30)  # type: ignore[arg-type]  # requests' own union
        return self.text

    @property
    def text(self) -> str:
        """What the page says, without its tags."""
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", self.page.text)).split())

    @property
    def path(self) -> str:
        """Where the browser is."""
        return self.page.url.removeprefix(self.url)


@pytest.fixture
def browser(bank: RunningBank, bank_url: str) -> Browser:
    """A browser in which Warga Contoh 0001 has been chosen."""
    with bank.database.unit_of_work() as session:
        uid = next(payer.uid for payer in list_payers(session) if payer.number == PAYER)
    made = Browser(bank_url)
    made.open("/")
    made.send("/masuk", payer=str(uid))
    assert made.path == "/beranda"
    return made


@pytest.fixture
def issue(bank: RunningBank) -> Callable[..., str]:
    """Issue a QRIS and give its text."""

    def make(reference: str = "LUNAS-1", minutes: int = 10) -> str:
        at = clock.now()
        request = QrisRequest(
            partner_reference_no=reference, amount=OWED, validity_until=at + timedelta(minutes=minutes)
        )
        with bank.database.unit_of_work() as session:
            return issue_qris(session, get_client(session, REGION), request, at=at).content

    return make


def _payments(bank: RunningBank) -> int:
    with bank.database.unit_of_work() as session:
        return session.scalar(select(func.count()).select_from(Payment)) or 0


def test_every_page_says_that_this_is_no_real_bank(browser: Browser, issue: Callable[..., str]) -> None:
    paths = ["/", "/beranda", "/va", "/qris", "/kantor/", "/kantor/3316", "/no-such-page", "/kantor/9999"]
    for path in paths:
        text = browser.open(path)
        assert LABEL_ID in text, path
        assert LABEL_EN in text, path
        assert browser.page.headers["X-Sandbox-Bank"] == "not a real bank"
    assert [browser.session.get(browser.url + path, timeout=30).status_code for path in paths] == [200] * 6 + [404] * 2


def test_a_page_without_the_label_is_not_sent(bank: RunningBank) -> None:
    app = create_app(bank)
    app.add_url_rule("/halaman-lupa", view_func=lambda: "<h1>Bank Anda</h1>")
    answer = app.test_client().get("/halaman-lupa")
    assert (answer.status_code, answer.mimetype) == (500, "text/plain")
    assert "Bank Anda" not in answer.get_data(as_text=True)


def test_a_virtual_account_is_typed_confirmed_and_paid(browser: Browser, bank: RunningBank, lunas: StandIn) -> None:
    lunas.owed[CODE] = OWED
    number = va(bank)

    browser.open("/va")
    browser.send("/va", nomor=f"{number[:4]} {number[4:]}")
    confirm = browser.path
    assert confirm.startswith("/va/")
    assert "W**** C*****" in browser.text
    assert "Bayar Rp150.000" in browser.text
    assert _payments(bank) == 0

    told = browser.send(confirm)

    assert browser.path.startswith("/pembayaran/")
    assert "Berhasil" in told
    assert "Lunas sudah mencatat pembayaran." in told
    assert lunas.sent("/payment")[0].body["paymentRequestId"] in told
    assert balances(bank)[numbers(bank)[0]] == OWED
    assert "Rp49.850.000" in browser.open("/beranda")


def test_a_confirmation_sent_twice_pays_once(browser: Browser, bank: RunningBank, lunas: StandIn) -> None:
    lunas.owed[CODE] = OWED
    browser.open("/va")
    browser.send("/va", nomor=va(bank))
    confirm, page = browser.path, browser.page

    browser.send(confirm)
    done = browser.path
    browser.page = page
    browser.send(confirm)

    assert browser.path == done
    browser.open(confirm)
    assert browser.path == done
    assert len(lunas.sent("/payment")) == 1
    assert _payments(bank) == 1


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda lunas: None, "Tagihan tidak ditemukan. Periksa kembali nomor virtual account Anda. (4042412)"),
        (lambda lunas: lunas.paid.update({CODE: "x"}), "Tagihan ini sudah lunas, tidak perlu dibayar lagi. (4042414)"),
        (lambda lunas: lunas.expired.add(CODE), "Tagihan sudah lewat jatuh tempo"),
    ],
)
def test_what_cannot_be_paid_is_said_in_plain_words(
    browser: Browser, bank: RunningBank, lunas: StandIn, prepare: Callable[[StandIn], None], said: str
) -> None:
    prepare(lunas)
    if lunas.paid or lunas.expired:
        lunas.owed[CODE] = OWED

    browser.open("/va")
    text = browser.send("/va", nomor=va(bank))

    assert browser.page.status_code == 409
    assert said in text
    assert f'value="{va(bank)}"' in browser.page.text
    assert _payments(bank) == 0


def test_lunas_out_of_reach_takes_no_money(browser: Browser, bank: RunningBank, lunas: StandIn) -> None:
    with bank.database.unit_of_work() as session:
        get_client(session, REGION).lunas_base_url = "http://127.0.0.1:9/3316/snap"
    browser.open("/va")
    text = browser.send("/va", nomor=va(bank))
    assert browser.page.status_code == 503
    assert "Uang belum didebet" in text
    assert _payments(bank) == 0


def test_a_picture_of_a_qris_is_scanned_confirmed_and_paid(
    browser: Browser, bank: RunningBank, lunas: StandIn, issue: Callable[..., str]
) -> None:
    picture = io.BytesIO()
    qrcode.make(issue()).save(picture)

    browser.open("/qris")
    browser.send("/qris", files={"gambar": ("layar.png", picture.getvalue(), "image/png")}, teks="")
    assert "SANDBOX KAB BLORA" in browser.text
    assert "Bayar Rp150.000" in browser.text
    told = browser.send(browser.path)

    assert "Berhasil" in told
    assert "Lunas sudah mencatat pembayaran." in told
    assert len(lunas.sent("/qr-mpm-notify")) == 1
    assert balances(bank)[numbers(bank)[0]] == OWED


def test_a_pasted_qris_that_is_spent_or_late_is_refused(
    browser: Browser, bank: RunningBank, lunas: StandIn, issue: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    content, late = issue(), issue("LUNAS-2", 1)
    browser.open("/qris")
    browser.send("/qris", teks=content)
    browser.send(browser.path)

    browser.open("/qris")
    assert "QRIS ini sudah dibayar." in browser.send("/qris", teks=content)
    assert browser.page.status_code == 409
    assert "Ada masalah" in browser.send("/qris", teks="00020101")
    assert browser.page.status_code == 422
    assert "gambar tidak terbaca" in browser.send("/qris", files={"gambar": ("a.png", b"x", "image/png")}, teks="")
    monkeypatch.setenv("LUNAS_CLOCK_SHIFT", "61")
    assert "QRIS sudah kedaluwarsa pada" in browser.send("/qris", teks=late)
    assert _payments(bank) == 1


def test_a_form_without_its_token_changes_nothing(browser: Browser, bank: RunningBank, lunas: StandIn) -> None:
    lunas.owed[CODE] = OWED
    browser.open("/va")
    browser.send("/va", nomor=va(bank))
    confirm, browser.page = browser.path, requests.Response()
    text = browser.send(confirm)
    assert "Formulir sudah kedaluwarsa" in text
    assert browser.page.status_code == 400
    assert _payments(bank) == 0


def test_what_one_customer_did_is_not_shown_to_another(browser: Browser, bank: RunningBank, lunas: StandIn) -> None:
    lunas.owed[CODE] = OWED
    browser.open("/va")
    browser.send("/va", nomor=va(bank))
    confirm = browser.path
    browser.send(confirm)
    done = browser.path

    with bank.database.unit_of_work() as session:
        other = next(payer.uid for payer in list_payers(session) if payer.number != PAYER)
    browser.open("/")
    browser.send("/masuk", payer=str(other))

    for path in (confirm, done):
        browser.open(path)
        assert browser.page.status_code == 404


def test_without_a_customer_every_page_leads_to_the_list(bank_url: str) -> None:
    nobody = Browser(bank_url)
    for path in ("/beranda", "/va", "/qris", "/pembayaran/01a1ff6b-8e38-719c-84e0-4253800e4da4"):
        nobody.open(path)
        assert nobody.path == "/"
        assert "Warga Contoh 0001" in nobody.text
    nobody.send("/masuk", payer="nobody")
    assert nobody.page.status_code == 404


def test_the_office_closes_the_day_and_hands_out_its_files(
    browser: Browser, bank: RunningBank, lunas: StandIn, sandbox_environ: dict[str, str]
) -> None:
    lunas.owed[CODE] = OWED
    browser.open("/va")
    browser.send("/va", nomor=va(bank))
    browser.send(browser.path)

    assert "1 pembayaran belum diselesaikan, Rp150.000" in browser.open("/kantor/3316")
    text = browser.send("/kantor/3316/tutup", tanggal=_today().isoformat(), sweep_short="1000.00", untold="")

    assert "Hari ditutup; berkas sudah dikirim." in text
    assert f"STL3316{_today():%y%m%d}001 Rp150.000 Rp0 Rp149.000 pelimpahan kurang" in text
    names = re.findall(r"/kantor/3316/berkas/([^\"]+)", browser.page.text)
    assert len(names) == 3
    folder = Path(sandbox_environ["SANDBOX_INBOX"]) / "3316"
    for name in names:
        got = browser.session.get(f"{browser.url}/kantor/3316/berkas/{name}", timeout=30)
        assert got.content == (folder / name).read_bytes()
        assert name in got.headers["Content-Disposition"]
    missing = browser.session.get(f"{browser.url}/kantor/3316/berkas/none.csv", timeout=30)
    assert missing.status_code == 404


def test_the_office_leaves_out_what_is_ticked(browser: Browser, bank: RunningBank, lunas: StandIn) -> None:
    lunas.owed[CODE] = OWED
    browser.open("/va")
    browser.send("/va", nomor=va(bank))
    browser.send(browser.path)
    reference = lunas.sent("/payment")[0].body["paymentRequestId"]

    browser.open("/kantor/3316")
    text = browser.send("/kantor/3316/tutup", tanggal=_today().isoformat(), leave_out=reference)

    assert "1 pembayaran belum diselesaikan" in text
    assert balances(bank)[numbers(bank)[1]] == Money(0)


def test_an_amount_that_cannot_be_read_closes_nothing(browser: Browser, bank: RunningBank) -> None:
    browser.open("/kantor/3316")
    text = browser.send("/kantor/3316/tutup", tanggal=_today().isoformat(), sweep_short="1,5")
    assert browser.page.status_code == 422
    assert "Nilai uang pada sweep_short tidak terbaca" in text
    assert "Belum ada." in text
    browser.send("/kantor/3316/tutup", tanggal="kemarin")
    assert browser.page.status_code == 422


def test_answers_carry_the_headers_that_browsers_heed(browser: Browser) -> None:
    browser.open("/")
    headers = browser.page.headers
    assert "script-src" not in headers["Content-Security-Policy"]
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "<script" not in browser.page.text
    assert (headers["X-Frame-Options"], headers["Cache-Control"]) == ("DENY", "no-store")
    assert 'style="' not in browser.page.text


def _today() -> date:
    return clock.today("Asia/Jakarta")
