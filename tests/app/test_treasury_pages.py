"""The treasury's pages: who may see them, and that they say what the books say.

For: `/<region>/kas/…`. Not for: how reconciliation finds differences (tests/reconciliation).
"""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bank_adapters.contract import StatementUnreadable
from foundation import clock
from foundation.db import run_unit, unit_of_work
from foundation.policies import set_policy
from foundation.regions import Region
from reconciliation import RunResult, reconcile, record_refusal
from tests.app.web_client import make_app, make_staff, send_code, send_password, sign_in
from tests.reconciliation.scene import BANK, MONDAY, NOON, Counter, after, rupiah
from tests.scene import BankInTest, Scene, make_scene

PAGES = ("/3316/kas/", "/3316/kas/belum-teridentifikasi", "/3316/kas/laporan-bertentangan", "/3316/kas/rekonsiliasi/")


@pytest.fixture
def app(region: Region) -> Flask:
    return make_app()


@pytest.fixture
def scene(region: Region) -> Scene:
    return make_scene(region)


@pytest.fixture
def bank(app: Flask, scene: Scene) -> BankInTest:
    return scene.bank(app.test_client())


@pytest.fixture
def treasurer(app: Flask, region: Region) -> FlaskClient:
    """A browser in which a receiving treasurer has signed in."""
    browser = app.test_client()
    sign_in(browser, region, make_staff(region, "bendahara"))
    return browser


def words(page: TestResponse) -> str:
    """The page's text with entities and line breaks resolved."""
    assert page.status_code == 200, page.status
    return " ".join(unescape(page.text).split())


def cells(page: TestResponse, number: int) -> list[list[str]]:
    """The rows of the page's table of that number: what stands in their cells, without tags."""
    table = page.text.split("<tbody>")[number].partition("</tbody>")[0]
    rows = table.split("<tr>")[1:]
    return [
        [
            " ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split())
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)
        ]
        for row in rows
    ]


@pytest.mark.parametrize("address", PAGES)
def test_without_signing_in_there_is_nothing(app: Flask, region: Region, address: str) -> None:
    answer = app.test_client().get(address)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/3316/masuk?next=")


@pytest.mark.parametrize("address", PAGES)
def test_a_password_alone_is_not_enough(app: Flask, region: Region, address: str) -> None:
    browser = app.test_client()
    make_staff(region, "bendahara")
    send_password(browser, region)
    answer = browser.get(address)
    assert answer.status_code == 302
    assert "/masuk/kode" in answer.headers["Location"]


@pytest.mark.parametrize("address", PAGES)
def test_another_role_may_not_look(app: Flask, region: Region, address: str) -> None:
    browser = app.test_client()
    sign_in(browser, region, make_staff(region, "admin"))
    answer = browser.get(address)
    assert answer.status_code == 403
    assert "tidak berwenang" in answer.text


@pytest.mark.parametrize("role", ["bendahara", "bpkad", "auditor"])
def test_these_roles_may_look(app: Flask, region: Region, role: str) -> None:
    browser = app.test_client()
    sign_in(browser, region, make_staff(region, role))
    for address in PAGES:
        assert browser.get(address).status_code == 200, address


def test_a_session_of_one_region_opens_no_page_of_another(treasurer: FlaskClient, other_region: Region) -> None:
    answer = treasurer.get("/6471/kas/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/6471/masuk")


def test_an_empty_day_says_so(treasurer: FlaskClient, scene: Scene) -> None:
    told = words(treasurer.get("/3316/kas/"))
    assert "Belum ada pembayaran pada tanggal ini." in told
    assert "Belum pernah dijalankan" in told
    assert "<table" not in told


def test_a_day_shows_sums_per_channel_and_each_payment(
    treasurer: FlaskClient, scene: Scene, bank: BankInTest, region: Region
) -> None:
    first, second = scene.bills[:2]
    assert bank.pay(bank.payment_body(first.payment_code, "150000.00")).status_code == 200
    assert bank.pay(bank.payment_body(second.payment_code, "75500.00")).status_code == 200
    assert bank.notify(bank.notification_body("ZZ1", "43210.00")).status_code == 200
    page = treasurer.get("/3316/kas/")
    assert cells(page, 1) == [
        ["Bank Uji Contoh", "QRIS", "1", "Rp43.210"],
        ["Bank Uji Contoh", "Virtual account", "2", "Rp225.500"],
    ]
    assert "Rp268.710" in words(page)
    rows = cells(page, 2)
    assert [(row[1], row[4], row[5]) for row in rows] == [
        ("–", "Belum Teridentifikasi", "Rp43.210"),
        (second.payment_code, "Terbayar", "Rp75.500"),
        (first.payment_code, "Terbayar", "Rp150.000"),
    ]
    today = clock.today(region.timezone).isoformat()
    narrowed = treasurer.get(f"/3316/kas/?tanggal={today}&mitra=BANKUJI&kanal=QRIS-MPM")
    assert [row[5] for row in cells(narrowed, 2)] == ["Rp43.210"]
    assert "Tampilkan semua kanal" in narrowed.text


def test_another_day_is_one_link_away(treasurer: FlaskClient, scene: Scene, region: Region) -> None:
    today = clock.today(region.timezone)
    page = treasurer.get("/3316/kas/")
    before = f"/3316/kas/?tanggal={(today - timedelta(days=1)).isoformat()}"
    assert f'href="{before}"' in page.text
    assert f'href="/3316/kas/?tanggal={(today + timedelta(days=1)).isoformat()}"' not in page.text
    assert f'href="/3316/kas/?tanggal={today.isoformat()}"' in treasurer.get(before).text


@pytest.mark.parametrize("asked", ["2026-13-01", "kemarin", "9999-01-01", "1999-12-31", "20261121x"])
def test_a_date_that_cannot_be_is_named(treasurer: FlaskClient, scene: Scene, asked: str) -> None:
    page = treasurer.get(f"/3316/kas/?tanggal={asked}")
    assert page.status_code == 422
    assert f'<a href="#tanggal">Tanggal tidak dapat dipakai: {asked}.' in page.text


def test_a_place_that_no_page_links_to_is_404(treasurer: FlaskClient, scene: Scene) -> None:
    for wrong in ("x", "-1", "9" * 19, "²"):
        assert treasurer.get(f"/3316/kas/?setelah={wrong}").status_code == 404


def test_a_table_of_many_rows_goes_on_where_it_stopped(
    treasurer: FlaskClient, scene: Scene, bank: BankInTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.treasury.PAGE", 2)
    for number in range(5):
        assert bank.notify(bank.notification_body(f"ZZ{number}", f"{1000 + number}.00")).status_code == 200
    seen, address = [], "/3316/kas/belum-teridentifikasi"
    while address:
        page = treasurer.get(address)
        seen.append([row[6] for row in cells(page, 1)])
        # New money does not move the reader's place.
        bank.notify(bank.notification_body(f"NEW{len(seen)}", "9.00"))
        nav = page.text.partition('class="paging"')[2].partition("</nav>")[0]
        address = next((unescape(part.partition('"')[0]) for part in nav.split('href="')[1:] if "setelah" in part), "")
    assert seen == [["Rp1.004", "Rp1.003"], ["Rp1.002", "Rp1.001"], ["Rp1.000"]]


def test_unapplied_money_has_its_reason_and_its_age(treasurer: FlaskClient, scene: Scene, bank: BankInTest) -> None:
    assert "Tidak ada. Semua uang" in words(treasurer.get("/3316/kas/belum-teridentifikasi"))
    assert bank.notify(bank.notification_body("ZZ1", "43210.00")).status_code == 200
    page = treasurer.get("/3316/kas/belum-teridentifikasi")
    assert "1 pembayaran senilai <strong>Rp43.210</strong>" in words(page)
    row = cells(page, 1)[0]
    assert (row[0], row[1], row[4], row[5], row[6]) == (
        "0 hari kerja",
        "Kode bayar tidak dikenal",
        "Bank Uji Contoh, QRIS",
        "ZZ1",
        "Rp43.210",
    )


def test_unapplied_money_that_waits_longer_than_the_policy_lets_it_is_marked(
    app: Flask, region: Region, scene: Scene, bank: BankInTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "/3316/kas/belum-teridentifikasi"
    assert bank.notify(bank.notification_body("ZZ1", "43210.00")).status_code == 200
    # Two weeks have ten working days, whichever day it is.
    monkeypatch.setenv("LUNAS_CLOCK_SHIFT", str(14 * 24 * 3600))
    browser = app.test_client()
    sign_in(browser, region, make_staff(region, "bendahara"))
    assert cells(browser.get(address), 1)[0][0] == "10 hari kerja Lewat batas"
    assert cells(browser.get(f"{address}?lang=en"), 1)[0][0] == "10 working days Overdue"
    for days, told in (("10", "10 hari kerja"), ("9", "10 hari kerja Lewat batas")):
        with unit_of_work("3316") as session:
            set_policy(
                session,
                "payments.unapplied_clock_days",
                days,
                valid_from=clock.today(region.timezone) - timedelta(days=int(days)),
                legal_basis="uji",
                by="cli:test",
                at=clock.now(),
            )
        assert cells(browser.get(f"{address}?lang=id"), 1)[0][0] == told


def test_a_contradicting_report_is_shown(treasurer: FlaskClient, scene: Scene, bank: BankInTest) -> None:
    assert "Tidak ada dalam 90 hari terakhir." in words(treasurer.get("/3316/kas/laporan-bertentangan"))
    assert bank.notify(bank.notification_body("ZZ1", "43210.00")).status_code == 200
    assert bank.notify(bank.notification_body("ZZ1", "43211.00")).status_code == 409
    row = cells(treasurer.get("/3316/kas/laporan-bertentangan"), 1)[0]
    assert row[1:6] == [
        "BANKUJI",
        "Pemberitahuan QRIS",
        "ZZ1",
        "Bertentangan dengan laporan sebelumnya untuk rujukan yang sama",
        "4095200",
    ]


def run_with_differences(counter: Counter) -> RunResult:
    """Three bills paid, two settled, one fee kept, a nameless credit, a debit; reconciled two days later."""
    for number in range(3):
        counter.pay(number)
    counter.deliver(counter.settlement(counter.line(0), counter.line(1, fee=rupiah(500))))
    sweep, nameless, charge = (225_000, "PELIMPAHAN STL261123A"), (99_000, "SETORAN TANPA NAMA"), (-2_500, "BIAYA ADM")
    counter.deliver(counter.statement(sweep, nameless, charge, opening=rupiah(1_000)))
    return run_unit(
        "3316",
        lambda session: reconcile(
            session, region=counter.region, on=MONDAY + timedelta(days=2), at=after(2), by="job:reconcile"
        ),
    )


def test_a_run_shows_the_equation_and_every_difference(treasurer: FlaskClient, region: Region) -> None:
    run = run_with_differences(Counter(region))
    page = treasurer.get(f"/3316/kas/rekonsiliasi/{run.uid}")
    assert cells(page, 1) == [
        [
            "23 November 2026",
            "Saldo awal RKUD 1400099990002 sebelum Lunas digunakan: Rp1.000. (sudah jelas)",
            "1400099990002",
            "Rp1.000",
        ],
        [
            "23 November 2026",
            "Debet Rp2.500 di RKUD tanggal 23 November 2026 (B0000100003 BIAYA ADM) belum dibukukan.",
            "1400099990002",
            "-Rp2.500",
        ],
        [
            "23 November 2026",
            "Kredit Rp99.000 di RKUD tanggal 23 November 2026 (B0000100002 SETORAN TANPA NAMA) Belum Teridentifikasi"
            " selama 2 hari kerja.",
            "1400099990002",
            "Rp99.000",
        ],
        [
            "23 November 2026",
            "Mitra memotong biaya Rp500 dari settlement STL261123A; RKUD harus menerima bruto.",
            "Bank Uji Contoh",
            "-Rp500",
        ],
        [
            "23 November 2026",
            "Pembayaran PAY2 sebesar Rp1.250.000 tidak ada dalam settlement mitra.",
            "Bank Uji Contoh",
            "-Rp1.250.000",
        ],
    ]
    books, listed, unexplained = cells(page, 2)
    assert (books[1:], listed[1:], unexplained[1:]) == (["Rp0", "Rp324.000"], ["Rp1.000", "-Rp1.500"], ["–", "Rp0"])
    assert "termasuk saldo sebelum Lunas Rp1.000" in listed[0]
    told = words(page)
    assert '<th scope="row">Saldo menurut bank</th><td class="right figure">Rp1.000</td>' in told
    assert '<td class="right figure">Rp322.500</td>' in told
    assert cells(page, 3)[0][:7] == [
        "23 November 2026", "3", "Rp1.475.500", "Rp225.500", "Rp500", "Rp225.000", "Rp1.250.500",
    ]  # fmt: skip


def test_differences_of_one_bank_can_be_asked_for(treasurer: FlaskClient, region: Region) -> None:
    run = run_with_differences(Counter(region))
    page = treasurer.get(f"/3316/kas/rekonsiliasi/{run.uid}?mitra={BANK}")
    assert [row[3] for row in cells(page, 1)] == ["-Rp500", "-Rp1.250.000"]
    english = treasurer.get(f"/3316/kas/rekonsiliasi/{run.uid}?mitra={BANK}&lang=en")
    assert "Payment PAY2 of Rp1.250.000 is not in the partner's settlement." in words(english)


def test_the_first_page_shows_the_last_run_and_its_differences(treasurer: FlaskClient, region: Region) -> None:
    run = run_with_differences(Counter(region))
    told = words(treasurer.get("/3316/kas/"))
    assert "5 selisih" in told
    assert f"/3316/kas/rekonsiliasi/{run.uid}" in told
    assert "Pembayaran PAY2 sebesar Rp1.250.000" in told


def test_runs_are_listed_with_what_each_bank_still_holds(treasurer: FlaskClient, region: Region) -> None:
    run_with_differences(Counter(region))
    page = treasurer.get("/3316/kas/rekonsiliasi/")
    assert cells(page, 1) == [["Bank Uji Contoh", "Rp1.250.500", "Rp0", "2"]]
    assert cells(page, 2) == [["25 November 2026", "5 selisih", "25 November 2026 12.00 WIB", "job:reconcile"]]


def test_a_day_without_differences_is_balanced(treasurer: FlaskClient, region: Region) -> None:
    counter = Counter(region)
    counter.pay(0)
    counter.deliver(counter.settlement(counter.line(0)))
    counter.deliver(counter.statement((150_000, "PELIMPAHAN STL261123A")))
    run = run_unit("3316", lambda session: reconcile(session, region=region, on=MONDAY, at=NOON, by="cli:test"))
    told = words(treasurer.get(f"/3316/kas/rekonsiliasi/{run.uid}"))
    assert ">Seimbang<" in told
    assert "Saldo bank sama dengan saldo buku." in told
    assert "Tidak ada selisih." in told


def test_without_a_bank_statement_nothing_is_called_balanced(treasurer: FlaskClient, region: Region) -> None:
    run = run_unit("3316", lambda session: reconcile(session, region=region, on=MONDAY, at=NOON, by="job:reconcile"))
    assert run.balanced
    for path in ("/3316/kas/", "/3316/kas/rekonsiliasi/", f"/3316/kas/rekonsiliasi/{run.uid}"):
        told = words(treasurer.get(f"{path}?lang=id"))
        assert "Belum ada rekening koran" in told
        assert "Seimbang" not in told
        assert "No bank statement yet" in words(treasurer.get(f"{path}?lang=en"))
    told = words(treasurer.get(f"/3316/kas/rekonsiliasi/{run.uid}?lang=id"))
    assert "Tanpa rekening koran belum ada saldo bank untuk dibandingkan dengan buku." in told
    assert "Saldo bank sama dengan saldo buku" not in told
    assert '<strong class="tag tag-owed">Belum ada rekening koran</strong>' in told


def test_a_refused_file_is_shown_with_its_problem(treasurer: FlaskClient, region: Region) -> None:
    counter = Counter(region)
    with pytest.raises(Exception, match="refused") as refused:
        counter.deliver(b"rusak;sekali\n", "rusak.csv")
    with unit_of_work("3316") as session:
        record_refusal(session, "rusak.csv", b"rusak;sekali\n", refused.value, at=NOON, by="job:inbox")
    row = cells(treasurer.get("/3316/kas/rekonsiliasi/"), 1)[0]
    assert row == [
        "23 November 2026 12.00 WIB",
        "rusak.csv",
        "Berkas ini bukan rekening koran MT940 dan bukan berkas settlement CSV.",
    ]


def test_two_problems_of_one_line_are_told_apart_by_their_fields(treasurer: FlaskClient, region: Region) -> None:
    counter = Counter(region)
    broken = counter.statement((100, "X")).replace(b":61:2611231123C100,", b":61:2611311123C100,")
    broken = broken.replace(b":62F:C261123IDR100,", b":62F:C261123USD101,")
    with pytest.raises(StatementUnreadable) as refused:
        counter.deliver(broken, "rusak.sta")
    with unit_of_work("3316") as session:
        record_refusal(session, "rusak.sta", broken, refused.value, at=NOON, by="job:inbox")
    row = cells(treasurer.get("/3316/kas/rekonsiliasi/"), 1)[0]
    lines = [(problem.line, problem.field) for problem in refused.value.problems]
    assert len(lines) >= 2
    for line, field in lines:
        assert f"Baris {line} ({field}): " in row[2]


def test_an_unknown_run_is_404(treasurer: FlaskClient, region: Region) -> None:
    assert treasurer.get("/3316/kas/rekonsiliasi/01a1ff74-77d7-7807-860f-6358d1ed7a6b").status_code == 404
    assert treasurer.get("/3316/kas/rekonsiliasi/x").status_code == 404


def test_signing_in_leads_to_the_days_receipts(app: Flask, region: Region) -> None:
    browser = app.test_client()
    sign_in(browser, region, make_staff(region, "bendahara"))
    assert browser.get("/3316/masuk").headers["Location"] == "/3316/kas/"
    assert browser.get("/3316/petugas").headers["Location"] == "/3316/kas/"


def test_who_keeps_users_only_is_led_to_a_page_that_says_what_to_do(app: Flask, region: Region) -> None:
    browser, made = app.test_client(), make_staff(region, "admin")
    assert send_password(browser, region).location == "/3316/masuk/kode"
    assert send_code(browser, region, made).location == "/3316/petugas"
    assert browser.get("/3316/masuk").location == "/3316/petugas"
    page = browser.get("/3316/petugas")
    told = words(page)
    assert "Anda mengelola pengguna dan token." in told
    assert "<code>lunas user create</code>" in told
    assert "/3316/kas/" not in page.text
    assert browser.get("/3316/kas/").status_code == 403
    assert "Your work is done with commands" in words(browser.get("/3316/petugas?lang=en"))


def test_the_first_page_of_staff_is_for_those_who_signed_in(app: Flask, region: Region) -> None:
    assert app.test_client().get("/3316/petugas").location == "/3316/masuk?next=/3316/petugas"
