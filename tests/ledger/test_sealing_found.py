"""What was rewritten past the guards is found, and told as that and nothing else; blocks and heads too.

For: verifying, against a superuser who switches every guard off.
Not for: every stream by what its table has, removed, put in and swapped (test_sealing_columns), the sealer
(test_sealing) or proofs (test_sealing_proofs).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from psycopg import errors
from sqlalchemy import text

from foundation.config import settings, write_seal_key
from foundation.db import unit_of_work
from foundation.regions import Region
from ledger import load_signer, reverse_entry
from ledger.sealing.blocks import hash_of, header_bytes
from ledger.sealing.streams import ENTRY
from tests.database import TestDatabase
from tests.ledger.entries import AT, DAY, credited, draft, issued, post
from tests.ledger.seals import after, head, seal, signer, superuser, tamper, told, verify

Head = dict[str, Any]
SECOND = "(SELECT id FROM journal_entry WHERE key = 'payment:2')"
# Another value for each column of an entry's own row; what names it, where that is not the column.
ENTRY_FLIPS = {
    "id": "DEFAULT",
    "uid": "gen_random_uuid()",
    "kind": "'assessment_issued'",
    "key": "'payment:9'",
    "content_hash": "sha256('x')",
    "occurred_at": "occurred_at + interval '1 microsecond'",
    "recorded_at": "recorded_at - interval '1 day'",
    "accounted_on": "accounted_on + 1",
    "posting_count": "5",
    "source_kind": "''",
    "source_uid": "gen_random_uuid()",
    "description": "description || ' '",
    "actor": "'user:siapa'",
    "recorded_xact": "'4611686018427387904'",
}
POSTING_FLIPS = {
    "line_no": ("7", {"posting 2: missing", "posting 7: added"}),
    "book": ("'A'", {"posting 2: book"}),
    "entity_id": ("(SELECT id FROM entity WHERE code = 'LH')", {"posting 2: entity"}),
    "account_id": (
        "(SELECT id FROM account WHERE code = '1.1.01.01.01.0001')",
        {"posting 2: account"},
    ),
    "side": ("'debit'", {"posting 2: side"}),
    "amount_sen": ("amount_sen + 1", {"posting 2: amount_sen"}),
    "counterpart_entity_id": ("(SELECT id FROM entity WHERE code = 'LH')", {"posting 2: counterpart"}),
    "partner": ("'BPD2'", {"posting 2: partner"}),
    "accounted_on": ("accounted_on + 31", {"posting 2: accounted_on"}),
    "entry_id": ("(SELECT min(id) FROM journal_entry)", {"posting 2: missing"}),
}


BLOCK_FLIPS = {
    "number": "number + 100",
    "first_id": "first_id - 1",
    "last_id": "last_id + 1",
    "cluster": "cluster + 1",
    "next_xact": "'7'",
    "next_id": "next_id + 1",
    "sealed_at": "sealed_at + interval '1 second'",
    "stream": "'audit_event'",
    "key_id": "'0123456789abcdef'",
    "merkle_root": "sha256('x')",
    "previous_hash": "sha256('x')",
    "block_hash": "sha256('x')",
    "signature": "set_byte(signature, 3, 255 - get_byte(signature, 3))",
    "item_ids": "item_ids[2:3] || item_ids[1]",
    "leaf_hashes": "set_byte(leaf_hashes, 40, 255 - get_byte(leaf_hashes, 40))",
    "marks": "set_byte(marks, 9, 255 - get_byte(marks, 9))",
}


@pytest.fixture
def sealed(books: str) -> str:
    """Three sealed entries, `payment:1` to `payment:3`, the second of four postings."""
    post(books, draft("payment:1", issued(100_000)))
    post(books, draft("payment:2"))
    post(books, draft("payment:3", credited(150_000)))
    seal(books)
    assert verify(books).sound
    return books


def entry_id(region: str, key: str) -> int:
    with unit_of_work(region) as session:
        found = session.scalar(text("SELECT id FROM journal_entry WHERE key = :key"), {"key": key})
    assert found is not None
    return int(found)


def test_every_column_of_an_entry_is_flipped_here() -> None:
    assert set(ENTRY_FLIPS) == set(ENTRY.columns)
    with_ids = {"entity_id": "entity", "account_id": "account", "counterpart_entity_id": "counterpart"}
    flipped = {with_ids.get(name, name) for name in POSTING_FLIPS} - {"entry_id"}
    assert flipped | {"account_valid_from"} == set(ENTRY.parts)


def test_each_flipped_column_of_an_entry_is_named(sealed: str, database: TestDatabase) -> None:
    second = entry_id(sealed, "payment:2")
    with superuser(database) as session:
        for column, value in ENTRY_FLIPS.items():
            if column == "id":
                continue
            (finding,) = after(session, f"UPDATE journal_entry SET {column} = {value} WHERE id = {second}").findings
            assert (finding.kind, finding.item_id, finding.columns) == ("row_changed", second, (column,))
            assert f"Jurnal {second} " in finding.message_id
            assert f"({column})" in finding.message_id
            assert f"({column})" in finding.message_en


def test_an_entry_under_another_id_is_missed_and_found_without_its_postings(
    sealed: str, database: TestDatabase
) -> None:
    second = entry_id(sealed, "payment:2")
    tamper(database, f"UPDATE journal_entry SET id = DEFAULT WHERE id = {second}")
    moved = entry_id(sealed, "payment:2")
    assert told(verify(sealed)) == [
        ("row_missing", "entry", second),
        ("row_behind", "entry", moved),
        ("posting_without_entry", "entry", second),
    ]


def test_each_flipped_column_of_a_posting_is_named(sealed: str, database: TestDatabase) -> None:
    second = entry_id(sealed, "payment:2")
    its = f"entry_id = {second} AND line_no"
    with superuser(database) as session:
        for column, (value, names) in POSTING_FLIPS.items():
            flips = [f"UPDATE posting SET {column} = {value} WHERE {its} = 2"]
            if column == "entry_id":
                flips = [
                    f"UPDATE posting SET line_no = 9 WHERE {its} = 2",
                    f"UPDATE posting SET entry_id = {value} WHERE {its} = 9",
                ]
            found = after(session, *flips)
            assert ("row_changed", "entry", second) in told(found), column
            assert names <= {each for finding in found.findings for each in finding.columns}, column


def test_a_renamed_account_is_found_and_so_is_each_entry_on_it(sealed: str, database: TestDatabase) -> None:
    tamper(database, "UPDATE account SET name = 'x' WHERE code = '1.1.03.15.01.0001'")
    assert [(each.kind, each.stream, each.columns) for each in verify(sealed).findings] == [
        ("row_changed", "account", ("name",))
    ]
    tamper(database, "UPDATE account SET valid_from = '2023-12-31' WHERE code = '1.1.03.15.01.0001'")
    found = {(each.stream, each.columns) for each in verify(sealed).findings}
    assert ("account", ("name", "valid_from")) in found
    assert ("entry", ("posting 2: account_valid_from",)) in found


@pytest.mark.parametrize(
    "stream, statement, columns",
    [
        ("entity", "UPDATE entity SET name = 'x' WHERE code = 'LH'", ("name",)),
        ("account_role", "UPDATE account_role SET account_code = '1.1.01.01.01.0001' WHERE role = 'suspense'", None),
        ("audit_event", "UPDATE audit_event SET actor = 'user:x' WHERE action = 'chart.loaded'", ("actor",)),
        ("audit_event", "UPDATE audit_event SET details = '{}' WHERE action = 'chart.loaded'", ("details",)),
        ("entry_reversal", "UPDATE entry_reversal SET reason = 'x'", ("reason",)),
        ("state_change", "UPDATE state_change SET moved_by = 'x' WHERE thing = 'sealed'", ("moved_by",)),
        ("key", "UPDATE seal_key SET why = 'x'", ("why",)),
    ],
)
def test_what_stands_beside_the_entries_is_held_too(
    books: str, database: TestDatabase, stream: str, statement: str, columns: tuple[str, ...] | None
) -> None:
    first = post(books, draft("payment:1"))
    with unit_of_work(books) as session:
        reverse_entry(session, first.uid, reason="salah", accounted_on=DAY, actor="user:a", at=AT)
        session.execute(
            text("SELECT foundation_record_move('sealed', 1, 'A', 'B', 'moved', 'user:a', '', :at)"), {"at": AT}
        )
    seal(books)
    assert verify(books).sound
    tamper(database, statement)
    (finding,) = verify(books).findings
    assert (finding.kind, finding.stream) == ("row_changed", stream)
    assert columns in (None, finding.columns)


def test_a_removed_entry_is_missed_and_nothing_else_is(sealed: str, database: TestDatabase) -> None:
    with superuser(database) as session:
        for key in ("payment:1", "payment:2", "payment:3"):
            gone = entry_id(sealed, key)
            found = after(
                session, f"DELETE FROM posting WHERE entry_id = {gone}", f"DELETE FROM journal_entry WHERE id = {gone}"
            )
            assert told(found) == [("row_missing", "entry", gone)]


def test_removed_and_added_postings_are_found(sealed: str, database: TestDatabase) -> None:
    second = entry_id(sealed, "payment:2")
    tamper(
        database,
        f"DELETE FROM posting WHERE entry_id = {second} AND line_no = 4",
        "INSERT INTO posting (entry_id, line_no, accounted_on, book, entity_id, account_id, side, amount_sen)"
        f" SELECT entry_id, 5, accounted_on, book, entity_id, account_id, side, 1 FROM posting"
        f" WHERE entry_id = {second} AND line_no = 3",
    )
    (finding,) = verify(sealed).findings
    assert (finding.item_id, finding.columns) == (second, ("posting 4: missing", "posting 5: added"))


def test_postings_of_no_entry_are_found(sealed: str, database: TestDatabase) -> None:
    tamper(database, f"UPDATE posting SET entry_id = 999999999 WHERE entry_id = {entry_id(sealed, 'payment:1')}")
    assert ("posting_without_entry", "entry", 999_999_999) in told(verify(sealed))


# The seals themselves.


def test_each_flipped_column_of_a_block_is_found(sealed: str, database: TestDatabase) -> None:
    of_blocks = {"block_changed", "signature_wrong", "chain_broken", "key_unknown", "block_missing"}
    with superuser(database) as session:
        for column, value in BLOCK_FLIPS.items():
            found = after(session, f"UPDATE seal_block SET {column} = {value} WHERE stream = 'entry'")
            assert {kind for kind, _, _ in told(found)} & of_blocks, column
            assert not found.sound, column


def test_the_columns_of_a_block_are_all_flipped_here(sealed: str, database: TestDatabase) -> None:
    # Its count alone cannot be told wrong: a constraint holds it to the ids.
    with pytest.raises(errors.CheckViolation):
        tamper(database, "UPDATE seal_block SET item_count = item_count + 1")
    with unit_of_work(sealed) as session:
        names = session.scalars(
            text("SELECT attname FROM pg_attribute WHERE attrelid = 'seal_block'::regclass AND attnum > 0")
        )
        assert set(names) == {*BLOCK_FLIPS, "item_count"}


def test_a_rewritten_row_with_its_leaf_root_and_hash_is_still_found(sealed: str, database: TestDatabase) -> None:
    # Who has the database, but not the key, can write everything but the signature.
    second = entry_id(sealed, "payment:2")
    tamper(database, f"UPDATE journal_entry SET description = 'x' WHERE id = {second}")
    tamper(database, "DELETE FROM seal_block WHERE number >= (SELECT number FROM seal_block WHERE stream = 'entry')")
    write_seal_key(settings().home / "forger.pem")
    forger = load_signer(settings().home / "forger.pem")
    (settings().home / "forger.pem").unlink()
    tamper(database, f"UPDATE seal_key SET public_key = '\\x{forger.public.hex()}', key_id = '{forger.key_id}'")
    seal(sealed, key=forger)
    kinds = {kind for kind, _, _ in told(verify(sealed))}
    assert {"row_changed", "key_untrusted"} <= kinds


def test_a_block_removed_from_the_middle_is_missed(sealed: str, database: TestDatabase) -> None:
    tamper(database, "DELETE FROM seal_block WHERE number = 3")
    found = verify(sealed)
    assert [(each.kind, each.block) for each in found.findings][:2] == [("block_missing", 3), ("chain_broken", 4)]


def test_two_blocks_that_changed_places_are_found(sealed: str, database: TestDatabase) -> None:
    tamper(
        database,
        "UPDATE seal_block SET number = -number WHERE number IN (3, 4)",
        "UPDATE seal_block SET number = 7 + number WHERE number < 0",
    )
    assert {"chain_broken", "block_changed"} <= {kind for kind, _, _ in told(verify(sealed))}


def test_rows_removed_together_with_their_seals_are_found_against_a_head(sealed: str, database: TestDatabase) -> None:
    kept_early = head(sealed)
    last = post(sealed, draft("payment:4"))
    seal(sealed)
    kept = head(sealed)
    newest = kept["block"]["header"]["number"]
    tamper(
        database,
        f"DELETE FROM seal_block WHERE number = {newest}",
        f"DELETE FROM posting WHERE entry_id = {last.id}",
        f"DELETE FROM journal_entry WHERE id = {last.id}",
    )
    # By itself the older state is a sound one: only what was kept elsewhere tells.
    assert verify(sealed).sound
    assert verify(sealed, heads=[kept_early]).sound
    (finding,) = verify(sealed, heads=[kept_early, kept]).findings
    assert (finding.kind, finding.block) == ("head_missing", newest)


def test_a_chain_written_anew_is_not_the_one_of_the_head(sealed: str, database: TestDatabase) -> None:
    kept = head(sealed)
    number = kept["block"]["header"]["number"]
    tamper(database, f"DELETE FROM seal_block WHERE number = {number}")
    seal(sealed)
    assert verify(sealed).sound
    (finding,) = verify(sealed, heads=[kept]).findings
    assert (finding.kind, finding.block) == ("head_differs", number)


def test_of_two_heads_of_one_block_the_wrong_one_is_found_in_either_order(sealed: str, database: TestDatabase) -> None:
    kept = head(sealed)
    number = kept["block"]["header"]["number"]
    tamper(database, f"DELETE FROM seal_block WHERE number = {number}")
    seal(sealed)
    for heads in ([kept, head(sealed)], [head(sealed), kept], [kept, head(sealed), kept]):
        (finding,) = verify(sealed, heads=heads).findings
        assert (finding.kind, finding.block) == ("head_differs", number)


HEADS: dict[str, tuple[Callable[[Head], object], str]] = {
    "another number": (lambda h: h["block"]["header"].update(number=h["block"]["header"]["number"] - 1), "signature"),
    "another hash": (lambda h: h.update(block_hash="00" * 32), "block_hash"),
    "capitals": (lambda h: h.update(block_hash=h["block_hash"].upper()), "lower-case"),
    "another format": (lambda h: h.update(format="lunas-head-2"), "lunas-head-2"),
    "another key": (lambda h: h["block"].update(public_key="00" * 32), "public_key"),
    "a number as text": (lambda h: h["block"]["header"].update(number="5"), "type"),
    "a further member": (lambda h: h.update(more=1), "more"),
    "a member less": (lambda h: h["block"].pop("signature"), "signature"),
    "nothing": (lambda h: h.clear(), "format"),
}


@pytest.mark.parametrize("touched", HEADS)
def test_a_head_file_that_was_touched_is_not_believed(sealed: str, touched: str) -> None:
    kept = head(sealed)
    change, reason = HEADS[touched]
    change(kept)
    (finding,) = verify(sealed, heads=[kept]).findings
    assert finding.kind == "head_unsound"
    assert reason in finding.told_en
    assert finding.told_id != finding.told_en


def test_the_head_of_another_region_is_told_from_a_chain_written_anew(sealed: str, other_region: Region) -> None:
    seal(other_region.code)
    (finding,) = verify(sealed, heads=[head(other_region.code)]).findings
    assert finding.kind == "head_unsound"
    assert finding.message_id == "Berkas ujung segel tidak sah: buku besar r6471, bukan r3316"
    assert finding.message_en == "The head file does not hold: ledger r6471, not r3316"
    assert verify(other_region.code, heads=[head(other_region.code)]).sound


def test_a_head_that_another_key_signed_is_not_of_this_chain(sealed: str, database: TestDatabase) -> None:
    # As a forger would hand it to the auditor, with a chain of his own to match.
    kept = head(sealed)
    write_seal_key(settings().home / "forger.pem")
    forger = load_signer(settings().home / "forger.pem")
    (settings().home / "forger.pem").unlink()
    fields = kept["block"]["header"] | {"key_id": forger.key_id}
    signed = header_bytes(fields)
    block = {"header": fields, "signature": forger.sign(signed).hex(), "public_key": forger.public.hex()}
    (finding,) = verify(sealed, heads=[kept | {"block": block, "block_hash": hash_of(signed).hex()}]).findings
    assert (finding.kind, finding.block) == ("head_differs", fields["number"])


def test_an_entry_sealed_twice_is_found(sealed: str, database: TestDatabase) -> None:
    # By the key's own holder, since anybody else fails at the signature.
    tamper(database, "UPDATE seal_block SET stream = 'x' WHERE stream = 'entry'")
    seal(sealed, search=True)
    tamper(database, "UPDATE seal_block SET stream = 'entry' WHERE stream = 'x'")
    assert [kind for kind, _, _ in told(verify(sealed))] == ["sealed_twice"] * 3


def test_nothing_sealed_is_no_fault_but_everything_waits(books: str) -> None:
    post(books, draft())
    found = verify(books)
    assert (found.blocks, found.sound, found.unsealed["entry"], found.unsealed["account"]) == (0, True, 1, 292)


def test_verifying_changes_nothing_and_counts_what_it_hashed(sealed: str) -> None:
    before = head(sealed)["block_hash"]
    found = verify(sealed)
    assert found.head_hash.hex() == before
    assert found.rows == sum(found.sealed.values()) + 2 + 4 + 2
    assert signer().key_id == head(sealed)["block"]["header"]["key_id"]
