"""The bill's page on a phone, in a real browser against a real server: what a payer sees, with and without JavaScript.

For: layout, accessibility, the QR as a scanner reads it, and the page that turns to LUNAS by itself.
Not for: what the pages say in each state (tests/app/test_bill_pages).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pyotp
import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, Response, expect

from app.factory import create_app
from bank_adapters.contract.qris import decode
from foundation import clock
from foundation.money import Money
from foundation.regions import Region
from tests.app.web_client import PASSWORD, make_staff
from tests.qris_offers import make_acquirer_scene, offer_qris
from tests.scene import PREFIX, BankInTest, Scene

pytestmark = pytest.mark.browser
LARGEST_PAGE = 100 * 1000


@pytest.fixture
def scene(region: Region) -> Scene:
    return make_acquirer_scene(region)


@pytest.fixture
def bank(scene: Scene) -> BankInTest:
    return scene.bank(create_app().test_client())


@pytest.fixture
def plain_phone(chromium: Browser) -> Iterator[Page]:
    """A phone with JavaScript switched off."""
    context = chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False, locale="id-ID")
    yield context.new_page()
    context.close()


def bill_address(address: str, scene: Scene, number: int = 0) -> str:
    """The page of a bill."""
    return f"{address}/3316/tagihan/{scene.bills[number].payment_code}"


def problems(page: Page) -> list[str]:
    """What axe finds, each with the elements concerned."""
    found = Axe().run(page).response
    assert found["passes"], "axe looked at nothing"
    return [f"{each['id']}: {[node['target'] for node in each['nodes']]}" for each in found["violations"]]


def crc16(text: str) -> int:
    """CRC-16/CCITT-FALSE, written out here so that a fault in our own cannot hide."""
    value = 0xFFFF
    for byte in text.encode("ascii"):
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1) ^ 0x1021 if value & 0x8000 else value << 1
            value &= 0xFFFF
    return value


def pay(bank: BankInTest, scene: Scene, number: int = 0) -> None:
    """The bank reports that the bill was paid."""
    bill = scene.bills[number]
    assert bank.pay(bank.payment_body(bill.payment_code, bill.amount.plain())).status_code == 200


def test_the_amount_is_seen_without_scrolling_and_nothing_sticks_out(address: str, scene: Scene, phone: Page) -> None:
    faults: list[str] = []
    phone.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    phone.on("pageerror", lambda error: faults.append(str(error)))
    phone.goto(bill_address(address, scene))
    expect(phone.locator("#amount")).to_have_text("Rp150.000")
    box = phone.locator("#amount").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 740
    assert phone.evaluate("document.documentElement.scrollWidth") == 360
    expect(phone.get_by_text("BELUM LUNAS", exact=True)).to_be_visible()
    assert faults == []


def test_axe_finds_nothing_in_any_state(address: str, scene: Scene, bank: BankInTest, phone: Page) -> None:
    offer_qris(scene)
    pay(bank, scene, 1)
    pages = ["/", "/3316/", "/3316/tagihan/?q=1", "/3316/masuk", "/3316/nowhere"]
    pages += [bill_address("", scene, number) for number in range(3)]
    for page in pages:
        phone.goto(address + page)
        assert problems(phone) == [], page
        assert phone.evaluate("document.documentElement.scrollWidth") == 360, page


def test_a_page_weighs_less_than_100_kilobytes(address: str, scene: Scene, phone: Page) -> None:
    offer_qris(scene)
    for page in ("/3316/", bill_address("", scene)):
        weights: dict[str, int] = {}

        def weigh(response: Response, weights: dict[str, int] = weights) -> None:
            weights[response.url] = len(response.body())

        phone.context.clear_cookies()
        phone.on("response", weigh)
        phone.goto(address + page, wait_until="networkidle")
        phone.remove_listener("response", weigh)
        assert sum(weights.values()) < LARGEST_PAGE, weights
        assert all(url.startswith(address) for url in weights), "something came from elsewhere"


def test_the_qr_on_the_screen_reads_back_with_the_right_crc_and_amount(address: str, scene: Scene, phone: Page) -> None:
    offered = offer_qris(scene)
    phone.goto(bill_address(address, scene), wait_until="networkidle")
    shot = Image.open(io.BytesIO(phone.screenshot(full_page=True)))
    read = [code.text for code in zxingcpp.read_barcodes(shot) if code.valid]
    assert read == [offered]
    body, crc = read[0][:-4], read[0][-4:]
    assert body.endswith("6304")
    assert crc == f"{crc16(body):04X}"
    assert decode(read[0]).amount == Money.from_rupiah(150_000)
    assert re.search("5406150000", read[0])


def test_the_page_turns_to_paid_by_itself(address: str, scene: Scene, bank: BankInTest, phone: Page) -> None:
    phone.goto(bill_address(address, scene))
    expect(phone.get_by_text("BELUM LUNAS", exact=True)).to_be_visible()
    pay(bank, scene)
    expect(phone.get_by_text("LUNAS", exact=True)).to_be_visible(timeout=20_000)
    expect(phone.get_by_role("heading", name="Bukti pembayaran")).to_be_visible()
    expect(phone).to_have_title(re.compile("^LUNAS"))
    expect(phone.get_by_text("Cara membayar")).to_have_count(0)
    assert problems(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth") == 360


def test_the_number_is_copied_without_blanks(address: str, scene: Scene, phone: Page) -> None:
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    phone.goto(bill_address(address, scene))
    phone.get_by_role("button", name="Salin nomor virtual account Bank Uji Contoh").click()
    expect(phone.get_by_role("button", name="Disalin nomor virtual account Bank Uji Contoh")).to_be_visible()
    assert phone.evaluate("navigator.clipboard.readText()") == PREFIX + scene.bills[0].payment_code
    expect(phone.locator("#told")).to_have_text("Disalin nomor virtual account Bank Uji Contoh")


def test_everything_works_without_javascript(address: str, scene: Scene, bank: BankInTest, plain_phone: Page) -> None:
    page = plain_phone
    page.goto(f"{address}/3316/")
    page.get_by_label("NOP atau kode bayar").fill("33.16.120.001.001-0001.0")
    page.get_by_role("button", name="Cari tagihan").click()
    expect(page.locator("#amount")).to_have_text("Rp150.000")
    expect(page.locator(".copy").first).to_be_hidden()
    # Nobody listens at this acquirer's address: the page says so and offers the other way.
    page.get_by_role("button", name="Tampilkan QRIS").click()
    expect(page.get_by_role("heading", name="Ada masalah")).to_be_visible()
    expect(page.get_by_role("heading", name="Virtual account Bank Uji Contoh")).to_be_visible()
    offer_qris(scene)
    page.get_by_role("link", name="Muat ulang").click()
    expect(page.get_by_alt_text("Kode QRIS untuk membayar Rp150.000")).to_be_visible()
    pay(bank, scene)
    page.get_by_role("link", name="Muat ulang").click()
    expect(page.get_by_text("LUNAS", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Bukti pembayaran")).to_be_visible()


def test_the_keyboard_reaches_everything_and_an_error_gets_the_focus(address: str, scene: Scene, phone: Page) -> None:
    phone.goto(f"{address}/3316/tagihan/?q=123")
    expect(phone.locator(".problem")).to_be_focused()
    phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    expect(phone.locator("#q")).to_be_focused()
    phone.goto(bill_address(address, scene))
    phone.keyboard.press("Tab")
    expect(phone.get_by_role("link", name="Langsung ke isi halaman")).to_be_focused()
    names = []
    for _ in range(10):
        phone.keyboard.press("Tab")
        names.append(phone.evaluate("document.activeElement.innerText.trim().split('\\n')[0]"))
    assert "Tampilkan QRIS" in names
    assert "Muat ulang" in names


def test_staff_pages_fit_a_phone_and_axe_finds_nothing(address: str, scene: Scene, region: Region, phone: Page) -> None:
    made = make_staff(region, "bendahara")
    phone.goto(f"{address}/3316/kas/")
    phone.get_by_label("Nama pengguna").fill("ani.contoh")
    phone.get_by_label("Kata sandi").fill(PASSWORD)
    phone.get_by_role("button", name="Lanjutkan").click()
    assert problems(phone) == []
    phone.get_by_label("Kode 6 angka").fill(pyotp.TOTP(made.totp_secret).at(clock.now()))
    phone.get_by_role("button", name="Masuk", exact=True).click()
    for name in ("Penerimaan", "Belum Teridentifikasi", "Laporan bertentangan", "Rekonsiliasi"):
        phone.get_by_role("navigation", name="Halaman kas daerah").get_by_role("link", name=name).click()
        expect(phone.locator("[aria-current=page]")).to_have_text(name)
        assert problems(phone) == [], name
        assert phone.evaluate("document.documentElement.scrollWidth") == 360, name
    phone.get_by_role("button", name="Keluar").click()
    expect(phone.get_by_role("heading", name="Masuk petugas")).to_be_visible()
