"""A bill's public pages without a browser: found, limited, every state of the QRIS block, paid, expired.

For: what the pages say and refuse. Not for: how they look or behave in a browser (tests/browser).
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import web
from bank_adapters.contract import QrisOffer, QrisRequest
from bank_adapters.contract.qris import decode, encode_merchant
from billing import import_bills, read_mapping
from foundation import clock
from foundation.db import unit_of_work
from foundation.money import Money
from foundation.policies import set_policy
from foundation.regions import Region
from payments import find_receipt
from tests.app.web_client import form_token, make_app
from tests.qris_offers import LIMIT, MERCHANT, make_acquirer_scene, offer_qris
from tests.scene import MAPPING, PREFIX, Scene, make_scene

STATIC = Path(web.__file__).parent / "static"


@pytest.fixture
def app(region: Region) -> Flask:
    return make_app()


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def scene(region: Region) -> Scene:
    return make_acquirer_scene(region)


def words(page: TestResponse) -> str:
    """The page's text with entities and line breaks resolved."""
    return " ".join(unescape(page.text).split())


def show(browser: FlaskClient, scene: Scene, number: int = 0, query: str = "") -> TestResponse:
    """A bill's page."""
    return browser.get(f"/3316/tagihan/{scene.bills[number].payment_code}{query}")


def pay(app: Flask, scene: Scene, number: int = 0) -> None:
    """The bank reports a payment of the whole bill."""
    bank, bill = scene.bank(app.test_client()), scene.bills[number]
    assert bank.pay(bank.payment_body(bill.payment_code, bill.amount.plain())).status_code == 200


def status_address(page: TestResponse) -> str:
    """Where the page asks again."""
    return unescape(page.text.partition('hx-get="')[2].partition('"')[0])


def grouped(digits: str) -> str:
    """Groups of four."""
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


@pytest.mark.parametrize("query", ["33.16.120.001.001-0001.0", "331612000100100010", " 331612000100100010 "])
def test_a_bill_is_found_by_nop_with_and_without_dots(browser: FlaskClient, scene: Scene, query: str) -> None:
    answer = browser.get(f"/3316/tagihan/?q={quote(query)}")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/3316/tagihan/{scene.bills[0].payment_code}"


def test_a_bill_is_found_by_payment_code_with_blanks(browser: FlaskClient, scene: Scene) -> None:
    code = scene.bills[0].payment_code
    answer = browser.get(f"/3316/tagihan/?q={quote(grouped(code))}", follow_redirects=True)
    assert answer.request.path == f"/3316/tagihan/{code}"
    assert "Rp150.000" in answer.text


def test_an_unpaid_bill_shows_what_is_owed_and_how_to_pay(browser: FlaskClient, scene: Scene) -> None:
    page = show(browser, scene)
    told = words(page)
    assert page.status_code == 200
    assert "BELUM LUNAS" in told
    assert "Rp150.000" in told
    assert "33.16.120.001.001-0001.0" in told
    assert grouped(scene.bills[0].payment_code) in told
    assert grouped(PREFIX + scene.bills[0].payment_code) in told
    assert "Muat ulang" in told
    assert page.headers["Cache-Control"] == "no-store"
    assert "http-equiv" not in page.text


def test_the_name_is_masked_everywhere(browser: FlaskClient, scene: Scene) -> None:
    page = show(browser, scene)
    assert "W**** C*****" in page.text
    assert "WARGA" not in page.text
    assert "JL CONTOH" not in page.text


def test_several_bills_are_listed(browser: FlaskClient, scene: Scene) -> None:
    number = scene.bills[0].object_number
    # The object's bill of the year before, issued from a file of its own.
    due = clock.today(scene.region.timezone) + timedelta(days=60)
    data = f"NOP;TAHUN;NAMA;ALAMAT;JUMLAH;JATUH TEMPO\n{number};2025;WARGA CONTOH 0001;JL CONTOH;140000;{due}\n"
    with unit_of_work("3316") as session:
        import_bills(
            session,
            region=scene.region,
            data=data.encode(),
            filename="lama.csv",
            mapping=read_mapping((MAPPING.format(entity="BAPENDA") + "[rules]\narrears = true\n").encode()),
            actor="cli:test",
            at=clock.now(),
            issued_on=clock.today(scene.region.timezone),
        )
    told = words(browser.get(f"/3316/tagihan/?q={number}"))
    assert "2 tagihan ditemukan" in told
    assert "Rp140.000" in told
    assert "Rp150.000" in told
    assert "WARGA" not in told


def test_an_unknown_number_is_404_with_a_summary_that_leads_to_the_field(browser: FlaskClient, scene: Scene) -> None:
    page = browser.get("/3316/tagihan/?q=331612000100199990")
    assert page.status_code == 404
    assert '<a href="#q">Tidak ada tagihan dengan nomor itu.' in page.text
    assert 'value="331612000100199990"' in page.text
    assert "aria-invalid=true" in page.text
    assert "<title>Kesalahan: " in page.text


def test_what_was_typed_comes_back_harmless(browser: FlaskClient, scene: Scene) -> None:
    page = browser.get(f"/3316/tagihan/?q={quote('<script>alert(1)</script>')}")
    assert page.status_code == 404
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text


def test_nothing_typed_goes_to_the_start(browser: FlaskClient, scene: Scene) -> None:
    assert browser.get("/3316/tagihan/?q=%20").headers["Location"] == "/3316/"


def test_a_number_too_long_is_refused(browser: FlaskClient, scene: Scene) -> None:
    page = browser.get("/3316/tagihan/?q=" + "1" * 61)
    assert page.status_code == 404
    assert "Nomor terlalu panjang" in page.text


def test_too_many_look_ups_are_429_with_a_page(browser: FlaskClient, scene: Scene) -> None:
    with unit_of_work("3316") as session:
        set_policy(
            session,
            "public.lookups_per_address_per_hour",
            "2",
            valid_from=clock.today("Asia/Jakarta"),
            legal_basis="uji",
            by="cli:test",
            at=clock.now(),
        )
    first = show(browser, scene)
    assert first.status_code == 200
    assert browser.get("/3316/tagihan/?q=331612000100199990").status_code == 404
    refused = show(browser, scene)
    assert refused.status_code == 429
    assert "Terlalu banyak" in refused.text
    assert "Rp150.000" not in refused.text
    # A page that is shown goes on asking: its piece has a key and is not counted.
    assert browser.get(status_address(first)).status_code == 200


def test_pieces_need_the_key_of_a_shown_page(browser: FlaskClient, scene: Scene) -> None:
    code, other = scene.bills[0].payment_code, scene.bills[1].payment_code
    address = status_address(show(browser, scene))
    assert browser.get(address).status_code == 200
    for piece in ("status", "qris.svg"):
        assert browser.get(f"/3316/tagihan/{code}/{piece}").status_code == 404
        assert browser.get(f"/3316/tagihan/{code}/{piece}?key=wrong").status_code == 404
    assert browser.get(address.replace(code, other, 1)).status_code == 404


def test_the_piece_is_a_piece_and_asks_again(browser: FlaskClient, scene: Scene) -> None:
    piece = browser.get(status_address(show(browser, scene)))
    assert "<html" not in piece.text
    assert 'id="bill"' in piece.text
    assert 'hx-trigger="every 5s"' in piece.text
    assert piece.headers["Cache-Control"] == "no-store"


def test_qris_may_be_asked_for(browser: FlaskClient, scene: Scene) -> None:
    page = show(browser, scene)
    assert "Tampilkan QRIS" in page.text
    assert "<img" not in page.text


def test_an_offered_qris_is_shown_with_its_validity_and_amount(browser: FlaskClient, scene: Scene) -> None:
    content = offer_qris(scene)
    assert decode(content).amount == Money.from_rupiah(150_000)
    page = show(browser, scene)
    told = words(page)
    assert 'alt="Kode QRIS untuk membayar Rp150.000"' in told
    assert "Berlaku sampai" in told
    assert "Tampilkan QRIS" not in told
    image = browser.get(unescape(page.text.partition('<img src="')[2].partition('"')[0]))
    assert image.status_code == 200
    assert image.mimetype == "image/svg+xml"
    assert image.headers["Cache-Control"] == "no-store"


def test_an_expired_qris_is_not_shown_again(browser: FlaskClient, scene: Scene) -> None:
    content_until = clock.now() - timedelta(seconds=1)
    offer_qris(scene, valid_until=content_until)
    told = words(show(browser, scene))
    assert "tidak berlaku sejak" in told
    assert "Buat QRIS baru" in told
    assert "<img" not in told


class Acquirer:
    """An acquirer that offers what it is asked for, each time another code."""

    def __init__(self) -> None:
        self.offered: list[str] = []

    def generate(self, question: QrisRequest) -> QrisOffer:
        """A code with the amount asked for, valid as long as asked."""
        reference = f"A{len(self.offered) + 1}"
        content = encode_merchant(MERCHANT, limit=LIMIT, amount=question.amount, bill_number=reference)
        self.offered.append(content)
        return QrisOffer(
            partner_reference_no=question.partner_reference_no,
            reference_no=reference,
            qr_content=content,
            valid_until=question.validity_until,
        )


def test_a_qris_asked_for_again_after_it_ran_out_is_a_new_one(
    browser: FlaskClient, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    acquirer = Acquirer()
    monkeypatch.setattr("app.web.qris_buying.qris_acquirer", lambda _session, _partner: acquirer)
    address = f"/3316/tagihan/{scene.bills[0].payment_code}"

    def ask() -> str:
        answer = browser.post(f"{address}/qris", data={"csrf_token": form_token(show(browser, scene))})
        assert (answer.status_code, answer.location) == (303, f"{address}#qris")
        return unescape(show(browser, scene).text.partition('<img src="')[2].partition('"')[0])

    first = ask()
    drawn = browser.get(first).text
    # Longer than the 30 minutes for which a QRIS is asked.
    monkeypatch.setenv("LUNAS_CLOCK_SHIFT", str(31 * 60))
    late = words(show(browser, scene))
    assert "Buat QRIS baru" in late
    assert "<img" not in late
    assert browser.get(first).status_code == 404
    second = ask()
    assert second != first
    page = browser.get(second)
    assert (page.status_code, page.mimetype) == (200, "image/svg+xml")
    assert page.text != drawn
    assert [decode(content).amount for content in acquirer.offered] == [Money.from_rupiah(150_000)] * 2
    assert scene.rows("SELECT state, qr_content FROM qris_request ORDER BY id") == [
        ("OFFERED", content) for content in acquirer.offered
    ]
    told = words(show(browser, scene))
    assert "Berlaku sampai" in told
    assert "Buat QRIS baru" not in told


def test_a_monthly_bill_names_its_month(browser: FlaskClient, scene: Scene) -> None:
    due = clock.today(scene.region.timezone) + timedelta(days=60)
    data = f"NOP;TAHUN;NAMA;ALAMAT;JUMLAH;JATUH TEMPO\n331612000100109990;2026-01;WARGA CONTOH 0999;-;5000;{due}\n"
    mapping = MAPPING.format(entity="BAPENDA").replace('delimiter = ";"', 'delimiter = ";"\nperiods = "yyyy-mm"')
    with unit_of_work("3316") as session:
        import_bills(
            session,
            region=scene.region,
            data=data.encode(),
            filename="bulanan.csv",
            mapping=read_mapping(mapping.encode()),
            actor="cli:test",
            at=clock.now(),
            issued_on=clock.today(scene.region.timezone),
        )
    page = browser.get("/3316/tagihan/?q=331612000100109990", follow_redirects=True)
    assert "<h1>Tagihan PBB-P2 Januari 2026</h1>" in words(page)
    assert "<dd>Januari 2026</dd>" in words(page)
    english = browser.get(f"{page.request.path}?lang=en")
    assert "<dd>January 2026</dd>" in words(english)
    assert "2026-01<" not in page.text + english.text


def test_an_acquirer_that_does_not_answer_is_told_and_may_be_asked_again(browser: FlaskClient, scene: Scene) -> None:
    token = form_token(show(browser, scene))
    code = scene.bills[0].payment_code
    answer = browser.post(f"/3316/tagihan/{code}/qris", data={"csrf_token": token})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/3316/tagihan/{code}"
    told = words(show(browser, scene))
    assert "Ada masalah" in told
    assert "QRIS belum dapat dibuat" in told
    assert "Coba lagi" in told
    assert scene.rows("SELECT state FROM qris_request") == [("FAILED",)]
    assert "Ada masalah" not in words(show(browser, scene))


def test_asking_for_a_qris_needs_the_form_of_the_page(browser: FlaskClient, scene: Scene) -> None:
    answer = browser.post(f"/3316/tagihan/{scene.bills[0].payment_code}/qris")
    assert answer.status_code == 400
    assert scene.rows("SELECT count(*) FROM qris_request") == [(0,)]


def test_a_bill_above_the_qris_limit_is_paid_by_virtual_account(browser: FlaskClient, scene: Scene) -> None:
    told = words(show(browser, scene, 2))
    assert "Rp10.000.001" in told
    assert "melebihi batas QRIS" in told
    assert "Tampilkan QRIS" not in told
    assert grouped(PREFIX + scene.bills[2].payment_code) in told


def test_without_an_acquirer_there_is_no_qris(browser: FlaskClient, region: Region) -> None:
    scene = make_scene(region)
    told = words(show(browser, scene))
    assert "QRIS</h3>" not in told
    assert "Virtual account Bank Uji Contoh" in told


def test_a_paid_bill_shows_its_receipt_and_asks_no_more(app: Flask, browser: FlaskClient, scene: Scene) -> None:
    address = status_address(show(browser, scene))
    offer_qris(scene)
    image = unescape(show(browser, scene).text.partition('<img src="')[2].partition('"')[0])
    pay(app, scene)
    for page in (show(browser, scene), browser.get(address)):
        told = words(page)
        assert ">LUNAS<" in told
        assert "NTPD" in told
        assert "Rujukan bank" in told
        assert "hx-get" not in told
        assert "Cara membayar" not in told
        assert grouped(PREFIX + scene.bills[0].payment_code) not in told
    assert browser.get(image).status_code == 404


def test_the_receipt_has_the_ntpd_of_the_payment(app: Flask, browser: FlaskClient, scene: Scene) -> None:
    pay(app, scene, 1)
    with unit_of_work("3316") as session:
        receipt = find_receipt(session, scene.rows("SELECT bill_uid FROM payment")[0][0])
    assert receipt is not None
    told = words(show(browser, scene, 1))
    assert grouped(receipt.ntpd) in told
    assert receipt.amount == Money.from_rupiah(75_500)
    assert "Virtual account, Bank Uji Contoh" in told


def test_after_the_due_date_no_way_to_pay_is_offered(browser: FlaskClient, region: Region) -> None:
    scene = make_scene(region, due_on=clock.today(region.timezone) - timedelta(days=1))
    page = show(browser, scene)
    told = words(page)
    assert page.status_code == 200
    assert "LEWAT JATUH TEMPO" in told
    assert "Kode bayar tidak berlaku lagi" in told
    assert "hx-get" not in told
    assert grouped(PREFIX + scene.bills[0].payment_code) not in told


def test_on_the_due_date_it_can_still_be_paid(browser: FlaskClient, region: Region) -> None:
    scene = make_scene(region, due_on=clock.today(region.timezone))
    assert "BELUM LUNAS" in show(browser, scene).text


def test_a_bill_of_another_region_is_not_found(browser: FlaskClient, scene: Scene) -> None:
    code = scene.bills[0].payment_code
    assert browser.get(f"/6471/tagihan/{code}").status_code == 404
    assert browser.get(f"/6471/tagihan/?q={code}").status_code == 404
    key = status_address(show(browser, scene)).partition("?")[2]
    assert browser.get(f"/6471/tagihan/{code}/status?{key}").status_code == 404


def test_english_is_one_link_away_and_stays(browser: FlaskClient, scene: Scene) -> None:
    told = words(show(browser, scene, query="?lang=en"))
    assert ">UNPAID<" in told
    assert "How to pay" in told
    assert "Land tax" in told
    assert "How to pay" in words(show(browser, scene))


def test_the_start_page_asks_one_thing(browser: FlaskClient, region: Region) -> None:
    page = browser.get("/3316/")
    assert page.text.count("<h1>") == 1
    assert page.text.count("<form") == 1
    assert "Kabupaten Blora" in page.text


def test_the_first_page_leads_to_the_regions(browser: FlaskClient, other_region: Region) -> None:
    told = words(browser.get("/"))
    assert '<a href="/3316/">Kabupaten Blora</a>' in told
    assert '<a href="/6471/">Kota Balikpapan</a>' in told


def test_vendored_files_are_those_that_the_pages_expect(browser: FlaskClient, scene: Scene) -> None:
    expected = r'"/static/(vendor/[^"?]+)[^"]*" integrity="sha384-([^"]+)"'
    named = re.findall(expected, show(browser, scene).text)
    assert sorted(name.rpartition("/")[2] for name, _ in named) == ["bootstrap-subset.min.css", "htmx.min.js"]
    for name, digest in named:
        kept = (STATIC / name).read_bytes()
        assert base64.b64encode(hashlib.sha384(kept).digest()).decode() == digest


def test_nothing_comes_from_elsewhere_or_stands_inline(browser: FlaskClient, scene: Scene) -> None:
    page = show(browser, scene).text
    assert re.findall(r'(?:src|href|action)="(?!/|#)', page) == []
    assert re.findall(r"<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=", page) == []
