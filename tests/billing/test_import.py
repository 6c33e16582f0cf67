"""Issuing bills from files: what comes to stand in the books, and what happens the second time."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from billing import find_payable, is_payment_code, list_kinds, list_outstanding
from billing.errors import BillAccountMismatch, IssueDateInvalid, KindDisagrees, KindUnknown, PaymentCodesExhausted
from foundation.crypto import blind_index, decrypt_personal
from foundation.db import unit_of_work
from foundation.money import Money
from foundation.policies import set_policy
from foundation.regions import Region
from ledger import EntityUnknown, RoleNotMapped, adjust_period, close_period
from tests.billing.bill_files import (
    AT,
    GOOD,
    MARKET,
    PBB,
    SAMPLES,
    a_file,
    ask,
    everything,
    import_file,
    places,
    read_mapping,
    refuse,
    row,
    with_form,
)


def test_one_row_becomes_one_bill_with_all_its_facts(blora: Region) -> None:
    result = import_file(blora, a_file(GOOD))
    assert (result.kind, result.issued, result.already_issued, result.total) == ("PBB-P2", 1, 0, Money(15_000_000))
    assert ask(
        blora,
        "SELECT b.kind, b.entity, object_number, period, payer_name, object_address, amount_sen, b.issued_on, due_on,"
        " payment_code, state, paid_at, payment_uid, nik_sealed, nik_index, phone_sealed, t.uid"
        " FROM bill b JOIN bill_batch t ON t.id = b.batch_id",
    ) == [
        (
            "PBB-P2",
            "BAPENDA",
            "331699900100100017",
            "2026",
            "Warga Contoh 00001",
            "Jl. Contoh 1",
            15_000_000,
            date(2026, 1, 5),
            date(2026, 9, 30),
            "331601260100000019",
            "ISSUED",
            *[None] * 5,
            result.batch_uid,
        )
    ]


def test_a_batch_keeps_its_file_and_is_booked_as_row_1(blora: Region) -> None:
    result = import_file(blora, a_file(row(1), row(2, amount="50000.00"), row(3, amount="1")))
    assert ask(
        blora,
        "SELECT kind, entity, account, filename, bill_count, already_issued, total_sen, issued_on, imported_by,"
        " imported_at FROM bill_batch",
    ) == [("PBB-P2", "BAPENDA", "4.1.01.15.01.0001", "contoh.csv", 3, 0, 20_000_100, date(2026, 1, 5), "cli:test", AT)]
    postings = ask(
        blora,
        "SELECT kind, key, occurred_at, accounted_on, recorded_at, source_kind, source_uid, book, entity, account_code,"
        " side, amount_sen FROM ledger_postings ORDER BY line_no",
    )
    entry = (
        "assessment_issued",
        f"bill-batch:{result.batch_uid}:4.1.01.15.01.0001:BAPENDA",
        AT,
        date(2026, 1, 5),
        AT,
        "bill_batch",
        result.batch_uid,
        "F",
        "BAPENDA",
    )
    assert postings == [
        (*entry, "1.1.03.15.01.0001", "debit", 20_000_100),
        (*entry, "7.1.01.15.01.0001", "credit", 20_000_100),
    ]


def test_an_import_leaves_an_audit_row_without_personal_data(blora: Region) -> None:
    result = import_file(blora, a_file(GOOD))
    ((actor, thing_uid, details),) = ask(
        blora, "SELECT actor, thing_uid, details FROM audit_event WHERE action = 'bill.import'"
    )
    assert (actor, thing_uid) == ("cli:test", str(result.batch_uid))
    assert details["bills"] == 1
    assert details["total"] == "150000.00"
    assert "Warga" not in json.dumps(details)


def test_payment_codes_are_different_gapless_and_checked(blora: Region) -> None:
    import_file(blora, a_file(*[row(number) for number in range(1, 51)]))
    import_file(blora, a_file(*[row(number) for number in range(51, 101)]))
    codes = [code for (code,) in ask(blora, "SELECT payment_code FROM bill ORDER BY id")]
    assert len(set(codes)) == 100
    assert all(is_payment_code(code) for code in codes)
    assert [code[:17] for code in codes] == [f"3316012601{serial:07d}" for serial in range(1, 101)]


def test_the_second_run_of_a_file_adds_nothing_and_says_so(blora: Region) -> None:
    data = a_file(row(1), row(2))
    import_file(blora, data)
    before = everything(blora)
    again = import_file(blora, data)
    assert (again.batch_uid, again.issued, again.already_issued, again.total) == (None, 0, 2, Money(0))
    assert everything(blora) == before


def test_a_row_issued_before_that_now_says_something_else_is_named_and_changes_nothing(blora: Region) -> None:
    import_file(blora, a_file(row(1), row(2), row(3)))
    before = everything(blora), ask(blora, "SELECT * FROM bill ORDER BY id")
    again = import_file(
        blora,
        a_file(row(1), row(2, name="Warga Contoh 90002", due="2026-10-31"), row(3, address="Jl. Contoh 99")),
    )
    assert (again.issued, again.already_issued, again.differing_rows) == (0, 3, 2)
    assert places(list(again.differing)) == [
        (3, "payer_name", "issued_otherwise"),
        (3, "due_on", "issued_otherwise"),
        (4, "object_address", "issued_otherwise"),
    ]
    assert [problem.message_id for problem in again.differing] == [
        "33.16.999.001.001-0002.7 masa 2026 berbeda dari yang sudah ditetapkan (Warga Contoh 00002), pada berkas"
        " Warga Contoh 90002; tidak diubah.",
        "33.16.999.001.001-0002.7 masa 2026 berbeda dari yang sudah ditetapkan (30 September 2026), pada berkas"
        " 31 Oktober 2026; tidak diubah.",
        "33.16.999.001.001-0003.7 masa 2026 berbeda dari yang sudah ditetapkan (Jl. Contoh 3), pada berkas"
        " Jl. Contoh 99; tidak diubah.",
    ]
    assert again.differing[1].message_en == (
        "33.16.999.001.001-0002.7 for 2026 differs from what was issued (30 September 2026), the file says"
        " 31 October 2026; not changed."
    )
    assert (everything(blora), ask(blora, "SELECT * FROM bill ORDER BY id")) == before


def test_of_very_many_rows_that_differ_the_first_are_named_and_all_counted(
    blora: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.staging.MOST_DIFFERING_NAMED", 2)
    import_file(blora, a_file(*[row(number) for number in range(1, 6)]))
    again = import_file(blora, a_file(*[row(number, due="2026-10-31") for number in range(1, 7)]))
    assert (again.issued, again.already_issued, again.differing_rows) == (1, 5, 5)
    assert places(list(again.differing)) == [(2, "due_on", "issued_otherwise"), (3, "due_on", "issued_otherwise")]


def test_the_second_run_adds_nothing_even_after_the_due_date(blora: Region) -> None:
    import_file(blora, a_file(row(1)))
    again = import_file(blora, a_file(row(1)), at=datetime(2026, 10, 1, 3, tzinfo=UTC))
    assert (again.issued, again.already_issued) == (0, 1)


def test_a_longer_file_issues_only_what_is_new(blora: Region) -> None:
    import_file(blora, a_file(row(1), row(2)))
    more = import_file(blora, a_file(row(1), row(2), row(3, amount="70000")))
    assert (more.issued, more.already_issued, more.total) == (1, 2, Money(7_000_000))
    assert ask(blora, "SELECT bill_count, already_issued, total_sen FROM bill_batch ORDER BY id") == [
        (2, 0, 30_000_000),
        (1, 2, 7_000_000),
    ]


def test_two_imports_of_a_file_at_once_issue_it_once(blora: Region) -> None:
    data = a_file(*[row(number) for number in range(1, 301)])
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: import_file(blora, data), range(4)))
    assert sorted(result.issued for result in results) == [0, 0, 0, 300]
    assert ask(blora, "SELECT count(*) FROM bill_batch") == [(1,)]
    assert ask(blora, "SELECT count(*), count(DISTINCT payment_code) FROM bill") == [(300, 300)]
    assert ask(blora, "SELECT count(*) FROM journal_entry") == [(1,)]


def test_the_same_object_owes_for_another_year_and_another_kind(blora: Region) -> None:
    import_file(blora, a_file(row(1)))
    assert import_file(blora, a_file(row(1, year="2025"))).issued == 1
    header = "No Kios;Masa;Nama Pedagang;Pasar;Ketetapan;Jatuh Tempo"
    market = a_file("000001;01/2026;Pedagang Contoh;Pasar Contoh;75.000,00;31/12/2026", header=header)
    assert import_file(blora, market, MARKET).issued == 1
    assert ask(blora, "SELECT kind, object_number, period, amount_sen, payment_code FROM bill ORDER BY id") == [
        ("PBB-P2", "331699900100100017", "2026", 15_000_000, "331601260100000019"),
        ("PBB-P2", "331699900100100017", "2025", 15_000_000, "331601260100000027"),
        ("RETRIBUSI-PASAR", "000001", "2026-01", 7_500_000, "331611260100000017"),
    ]


def test_unpaid_bills_sum_to_the_receivable(blora: Region) -> None:
    import_file(blora, a_file(row(1), row(2, amount="20000")))
    import_file(blora, a_file(row(3, amount="5000")))
    with unit_of_work(blora.code) as session:
        (outstanding,) = list_outstanding(session)
    assert (outstanding.kind, outstanding.entity, outstanding.bills) == ("PBB-P2", "BAPENDA", 3)
    assert outstanding.amount == Money(17_500_000)
    assert ask(
        blora, "SELECT sum(amount_sen) FROM ledger_postings WHERE account_code = '1.1.03.15.01.0001' AND side = 'debit'"
    ) == [(outstanding.amount.sen,)]


@pytest.mark.parametrize(
    ("file", "mapping", "bills", "sen"),
    [
        ("pbb-3316-2026.csv", "pbb-3316-2026.toml", 300, None),
        ("pasar-3316.csv", "pasar-3316.toml", 60, None),
        ("kebersihan-3316.txt", "kebersihan-3316.toml", 30, None),
    ],
)
def test_the_samples_are_issued_whole(blora: Region, file: str, mapping: str, bills: int, sen: int | None) -> None:
    result = import_file(blora, (SAMPLES / file).read_bytes(), read_mapping((SAMPLES / mapping).read_bytes()))
    assert result.issued == bills


def test_the_windows_1252_sample_keeps_its_letters_and_its_titles_are_skipped(balikpapan: Region) -> None:
    mapping = read_mapping((SAMPLES / "pbb-6471-2026.toml").read_bytes())
    result = import_file(balikpapan, (SAMPLES / "pbb-6471-2026.csv").read_bytes(), mapping)
    assert result.issued == 40
    assert ask(balikpapan, "SELECT object_number, payer_name, due_on FROM bill ORDER BY id LIMIT 3") == [
        ("647199900100100010", "André Contoh", date(2030, 9, 30)),
        ("647199900100100021", "Renée Contoh", date(2030, 9, 30)),
        ("647199900100100032", "Warga Contoh “Abu”", date(2030, 9, 30)),
    ]


def test_a_nik_is_kept_encrypted_and_found_by_its_blind_index(blora: Region) -> None:
    mapping = read_mapping((SAMPLES / "kebersihan-3316.toml").read_bytes())
    import_file(blora, (SAMPLES / "kebersihan-3316.txt").read_bytes(), mapping)
    index = blind_index("3316990000000007", context="taxpayer.nik")
    ((number, sealed),) = ask(blora, "SELECT object_number, nik_sealed FROM bill WHERE nik_index = :index", index=index)
    assert number == "R.1.0000007"
    assert b"3316990000000007" not in bytes(sealed)
    assert decrypt_personal(bytes(sealed), context="taxpayer.nik") == "3316990000000007"


def test_every_kind_of_damage_by_a_spreadsheet_is_named_at_its_place(blora: Region) -> None:
    found = places(refuse(blora, (SAMPLES / "broken-by-excel.csv").read_bytes()))
    assert found == [
        (2, "object_number", "number_scientific"),
        (3, "object_number", "number_scientific"),
        (4, "object_number", "number_with_tail"),
        (5, "object_number", "nop_length"),
        (6, "object_number", "text_mark"),
        (7, "period", "number_with_tail"),
        (8, "amount", "number_scientific"),
        (9, "amount", "amount_unreadable"),
        (10, "amount", "amount_not_positive"),
        (11, "amount", "amount_odd_sen"),
        (12, "due_on", "date_unreadable"),
        (13, "due_on", "date_unreadable"),
        (14, "payer_name", "spreadsheet_error"),
        (15, None, "column_count"),
        (17, "object_number", "key_doubled"),
    ]


def test_twenty_thousand_bills_are_one_batch(blora: Region) -> None:
    data = a_file(*[row(0, nop=f"331699900100{number:05d}1") for number in range(20_000)])
    result = import_file(blora, data)
    assert (result.issued, result.total) == (20_000, Money(15_000_000 * 20_000))
    assert ask(blora, "SELECT count(DISTINCT payment_code), sum(amount_sen) FROM bill") == [(20_000, result.total.sen)]
    assert ask(blora, "SELECT count(*) FROM journal_entry") == [(1,)]


def test_nothing_of_one_region_reaches_the_other(blora: Region, balikpapan: Region) -> None:
    import_file(blora, a_file(GOOD))
    ((code,),) = ask(blora, "SELECT payment_code FROM bill")
    with unit_of_work(balikpapan.code) as session:
        assert find_payable(session, code) is None
        assert list_kinds(session) == []
    assert ask(balikpapan, "SELECT count(*) FROM journal_entry") == [(0,)]


def test_the_date_of_issue_may_lie_back_but_not_ahead(blora: Region) -> None:
    import_file(blora, a_file(row(1)), issued_on=date(2025, 12, 31))
    assert ask(blora, "SELECT issued_on, payment_code FROM bill") == [(date(2025, 12, 31), "331601251200000017")]
    assert ask(blora, "SELECT accounted_on FROM journal_entry") == [(date(2025, 12, 31),)]
    before = everything(blora)
    with pytest.raises(IssueDateInvalid):
        import_file(blora, a_file(row(2)), issued_on=date(2026, 1, 6))
    assert everything(blora) == before


def test_bills_of_a_closed_month_are_booked_in_the_open_one_and_keep_their_date(blora: Region) -> None:
    december, at = date(2025, 12, 1), datetime(2026, 1, 5, 1, tzinfo=UTC)
    with unit_of_work(blora.code) as session:
        adjust_period(session, december, today=date(2026, 1, 5), by="cli:test", at=at)
        close_period(session, december, by="cli:test", at=at)
    import_file(blora, a_file(row(1)), issued_on=date(2025, 12, 31))
    assert ask(blora, "SELECT issued_on FROM bill") == [(date(2025, 12, 31),)]
    assert ask(blora, "SELECT DISTINCT accounted_on FROM ledger_postings") == [(date(2026, 1, 1),)]


def test_the_day_of_issue_is_the_regions_own(balikpapan: Region) -> None:
    mapping = replace(PBB, entity="BPPDRD")
    import_file(balikpapan, a_file(GOOD), mapping, at=datetime(2026, 1, 31, 16, 30, tzinfo=UTC))
    assert ask(balikpapan, "SELECT issued_on FROM bill") == [(date(2026, 2, 1),)]


def test_another_account_than_the_role_map_has_is_refused(blora: Region) -> None:
    before = everything(blora)
    with pytest.raises(BillAccountMismatch) as refusal:
        import_file(blora, a_file(GOOD), replace(PBB, account="4.1.01.16.01.0001"))
    assert (refusal.value.field, refusal.value.facts["mapped"]) == ("account", "4.1.01.15.01.0001")
    with pytest.raises(EntityUnknown):
        import_file(blora, a_file(GOOD), replace(PBB, entity="NOBODY"))
    assert everything(blora) == before


def test_a_kind_that_no_role_is_mapped_for_is_refused(blora: Region) -> None:
    before = everything(blora)
    kind = replace(PBB.kind, code="REKLAME", facts=dict(PBB.kind.facts) | {"digits": "02"})
    with pytest.raises(RoleNotMapped):
        import_file(blora, a_file(GOOD), replace(PBB, kind=kind))
    assert everything(blora) == before


def test_a_kind_is_declared_once_and_must_agree_afterwards(blora: Region) -> None:
    bare = replace(PBB, kind=replace(PBB.kind, facts={}))
    with pytest.raises(KindUnknown) as unknown:
        import_file(blora, a_file(GOOD), bare)
    assert unknown.value.field == "kind.digits"
    import_file(blora, a_file(row(1)))
    assert import_file(blora, a_file(row(2)), bare).issued == 1
    before = everything(blora)
    other = replace(PBB, kind=replace(PBB.kind, facts={"object_rule": "free"}))
    with pytest.raises(KindDisagrees) as disagrees:
        import_file(blora, a_file(row(3)), other)
    assert (disagrees.value.field, disagrees.value.facts["known"]) == ("kind.object_rule", "nop18")
    taken = replace(MARKET, kind=replace(MARKET.kind, facts=dict(MARKET.kind.facts) | {"digits": "01"}))
    with pytest.raises(KindDisagrees):
        import_file(blora, a_file(row(3)), taken)
    assert everything(blora) == before


def test_a_month_without_codes_left_is_refused(blora: Region) -> None:
    import_file(blora, a_file(row(1)))
    ask(blora, "UPDATE document_counter SET last_number = 9999998 WHERE series = 'payment-code' RETURNING 1")
    import_file(blora, a_file(row(2)))
    before = everything(blora)
    with pytest.raises(PaymentCodesExhausted):
        import_file(blora, a_file(row(3)))
    assert everything(blora) == before


def test_arrears_are_let_in_only_where_the_mapping_says_so(blora: Region) -> None:
    data = a_file(row(1, due="2025-09-30", year="2025"))
    assert places(refuse(blora, data)) == [(2, "due_on", "due_in_the_past")]
    assert import_file(blora, data, replace(PBB, arrears=True)).issued == 1


def test_constants_stand_in_for_columns(blora: Region) -> None:
    columns = {field: name for field, name in PBB.columns.items() if field not in ("amount", "period", "due_on")}
    constants = {"amount": "25000", "period": "2026", "due_on": "2026-12-31"}
    mapping = replace(PBB, columns=columns, constants=constants)
    import_file(blora, a_file("331699900100100017,Warga Contoh,Jl. Contoh", header="NOP,NAMA WP,ALAMAT OP"), mapping)
    assert ask(blora, "SELECT amount_sen, period, due_on FROM bill") == [(2_500_000, "2026", date(2026, 12, 31))]


def test_text_marks_are_taken_off_where_the_mapping_names_them(blora: Region) -> None:
    mapping = with_form(PBB, text_marks=frozenset({"equals", "apostrophe"}))
    data = a_file(row(1, nop='="331699900100100017"'), row(2, nop="'331699900100100027"))
    assert import_file(blora, data, mapping).issued == 2
    assert ask(blora, "SELECT object_number FROM bill ORDER BY id") == [
        ("331699900100100017",),
        ("331699900100100027",),
    ]


def test_where_policy_says_so_a_kind_is_ppkd_s_own_revenue(blora: Region) -> None:
    with unit_of_work(blora.code) as session:
        set_policy(
            session, "ledger.revenue_owned_by", "PPKD:BPHTB,PBB-P2", valid_from=date(2026, 1, 1),
            legal_basis="Perkada contoh", by="cli:test", at=AT,
        )  # fmt: skip
    import_file(blora, a_file(GOOD))
    assert ask(blora, "SELECT entity FROM bill") == [("PPKD",)]
    assert ask(blora, "SELECT DISTINCT entity, book FROM ledger_postings") == [("PPKD", "F")]
