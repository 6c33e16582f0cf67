"""What the seals say, as an auditor reads it: each language whole, and no word of the other in it.

For: the sentences of findings, and why a proof, a head or a key file does not hold.
Not for: what is found when (test_sealing_found), or which step of a proof fails (test_sealing_proofs).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from foundation.config import write_seal_key
from foundation.db import unit_of_work
from ledger import check_proof, load_signer, prove_entry, read_head, read_proof, read_public_key
from ledger.errors import HeadInvalid, ProofInvalid, SealKeyUnusable
from ledger.periods import PERIOD_FAULTS
from ledger.sealing.findings import FINDINGS, Finding
from ledger.sealing.guards import GUARD_PARTS
from ledger.sealing.streams import KEYS, STREAMS
from ledger.sealing.words import COLUMN_WORDS, PLACE_WORDS
from tests.ledger.entries import draft, post
from tests.ledger.seals import seal, signer


@pytest.mark.parametrize(
    "finding, told_id, told_en",
    [
        (
            Finding("row_changed", "entry", 1, 5, ("posting 2: amount_sen",)),
            "Jurnal 1 (blok 5) tidak lagi seperti saat disegel: baris jurnal 2, jumlah (amount_sen)",
            "Entry 1 (block 5) is not what was sealed: posting 2, amount (amount_sen)",
        ),
        (
            Finding("row_changed", "entry", 1, 5, ("actor", "posting 3: missing", "posting 4: added")),
            "Jurnal 1 (blok 5) tidak lagi seperti saat disegel:"
            " pelaku (actor); baris jurnal 3 hilang; baris jurnal 4 ditambahkan",
            "Entry 1 (block 5) is not what was sealed: actor (actor); posting 3 missing; posting 4 added",
        ),
        (
            Finding("row_missing", "account_role", 7, 2),
            "Pemetaan peran 7 (blok 2) sudah disegel tetapi tidak ada lagi",
            "Mapping of a role 7 (block 2) was sealed and is gone",
        ),
        (
            Finding("block_changed", block=3, columns=("merkle_root",)),
            "Blok 3 diubah: akar Merkle (merkle_root)",
            "Block 3 was changed: Merkle root (merkle_root)",
        ),
        (
            Finding("head_missing", block=9),
            "Blok 9 dari berkas ujung segel tidak ada: segel dihapus, atau basis data ini salinan lama",
            "Block 9 of the head file is not there: seals were removed, or this is an older copy of the database",
        ),
        (
            Finding("guard_changed", "trigger entry_frozen on posting", columns=("enabled",)),
            "Pemicu entry_frozen on posting tidak seperti yang dibuat migrasi versi ini: keaktifan (enabled)",
            "Trigger entry_frozen on posting is not what the migrations of this version made:"
            " whether it is enabled (enabled)",
        ),
        (
            Finding("kind_differs", "adjusting_kind closing", told_id="adjusting", told_en="adjusting"),
            "Jenis jurnal closing tidak sesuai daftar jenis jurnal versi ini: adjusting",
            "The kind of entry closing does not match this version's list of kinds: adjusting",
        ),
        (
            Finding("position_wrong", "known_position", columns=("known_until",)),
            "Batas jawaban final tidak mungkin demikian menurut jam, transaksi, dan jurnal yang ada:"
            " final sampai (known_until)",
            "The place until which answers are final cannot be so by the clock, transactions and entries that there"
            " are: final until (known_until)",
        ),
        (
            Finding("posting_without_entry", "entry", 4, told_id="2", told_en="2"),
            "Jurnal 4 tidak ada, tetapi memiliki baris jurnal: 2",
            "Entry 4 is not there, but has postings: 2",
        ),
        (
            Finding("late_without_entry", "late_entry", 4),
            "Jurnal terlambat 4 dinyatakan terlambat, tetapi jurnalnya tidak ada",
            "Late entry 4 is said to be late, but the entry itself is not there",
        ),
    ],
)
def test_a_finding_is_told_whole_in_each_language(finding: Finding, told_id: str, told_en: str) -> None:
    assert (finding.message_id, finding.message_en) == (told_id, told_en)


def test_every_stream_and_column_has_words_and_every_finding_both_sentences() -> None:
    streams = [KEYS, *STREAMS.values()]
    assert {stream.name for stream in streams} <= set(PLACE_WORDS)
    assert {name for stream in streams for name in (*stream.columns, *stream.parts)} <= set(COLUMN_WORDS)
    assert set(GUARD_PARTS) <= set(PLACE_WORDS)
    assert {part for parts in GUARD_PARTS.values() for part in parts} <= set(COLUMN_WORDS)
    for text_id, text_en in (FINDINGS | PERIOD_FAULTS).values():
        assert text_id != text_en
        assert re.findall(r"\{\w+\}", text_id) == re.findall(r"\{\w+\}", text_en)


@pytest.fixture
def proof(books: str) -> dict[str, Any]:
    """A proof of one sealed entry."""
    entry = post(books, draft("payment:1"))
    seal(books)
    with unit_of_work(books) as session:
        return dict(prove_entry(session, entry.uid))


WRONG_PROOFS: dict[str, tuple[Callable[[dict[str, Any]], object], str, str]] = {
    "another amount": (
        lambda p: p["postings"][1].update(amount_sen="1"),
        "jurnal dalam berkas tidak menghasilkan akar Merkle blok ini",
        "the entry in the file does not lead to this block's Merkle root",
    ),
    "another signature": (
        lambda p: p["block"].update(signature="00" * 64),
        "tanda tangan blok salah",
        "the block's signature is wrong",
    ),
    "another format": (
        lambda p: p.update(format="lunas-proof-2"),
        "format bukan lunas-proof-1",
        "the format is not lunas-proof-1",
    ),
    "a member less": (lambda p: p.pop("path"), "bagian yang kurang: path", "a member is missing: path"),
    "a member more": (
        lambda p: p.update(more=1),
        "ada bagian yang tidak semestinya: more",
        "a member that does not belong there: more",
    ),
    "no hash": (
        lambda p: p["block"].update(public_key="?"),
        "bukan 64 digit heksadesimal huruf kecil: ?",
        "not 64 lower-case hex digits: ?",
    ),
    "no words of Python's": (
        lambda p: p["block"]["header"].update(count=10**30),
        "isinya tidak dapat dibaca",
        "its content cannot be read",
    ),
    "no moment": (
        lambda p: p["block"]["header"].update(sealed_at="kemarin"),
        "sealed_at bukan waktu",
        "sealed_at is not a moment",
    ),
}


@pytest.mark.parametrize("wrong", WRONG_PROOFS)
def test_why_a_proof_does_not_hold_is_told_in_each_language(proof: dict[str, Any], wrong: str) -> None:
    change, reason_id, reason_en = WRONG_PROOFS[wrong]
    touched = copy.deepcopy(proof)
    change(touched)
    with pytest.raises(ProofInvalid) as refused:
        check_proof(touched, trusted=[signer().public])
    assert refused.value.message_id == f"Bukti segel tidak sah: {reason_id}."
    assert refused.value.message_en == f"The proof does not hold: {reason_en}."


def test_a_proof_by_a_key_that_was_not_given_names_the_key(proof: dict[str, Any]) -> None:
    key = signer().key_id
    with pytest.raises(ProofInvalid) as refused:
        check_proof(proof, trusted=[bytes(32)])
    assert refused.value.message_id == f"Bukti segel tidak sah: kunci {key} tidak termasuk kunci publik yang diberikan."
    assert refused.value.message_en == f"The proof does not hold: key {key} is none of the public keys that were given."


def test_a_file_that_cannot_be_read_is_called_what_it_is_for() -> None:
    with pytest.raises(ProofInvalid) as refused:
        read_proof(b"{\n  x")
    assert refused.value.message_id == "Bukti segel tidak sah: bukan JSON (baris 2, kolom 3)."
    assert refused.value.message_en == "The proof does not hold: no JSON (line 2, column 3)."
    with pytest.raises(HeadInvalid) as refused_head:
        read_head(b"[]")
    assert refused_head.value.code == "head_invalid"
    assert refused_head.value.message_id == "Berkas ujung segel tidak sah: bukan objek JSON."
    assert refused_head.value.message_en == "The head file does not hold: no JSON object."


def test_why_a_key_file_cannot_be_used_is_told_in_each_language(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"

    def reasons(read: Callable[[Path], object]) -> tuple[str, str]:
        with pytest.raises(SealKeyUnusable) as refused:
            read(file)
        inside = [re.search(r"\((.*)\)\. ", text) for text in (refused.value.message_id, refused.value.message_en)]
        assert inside[0] is not None
        assert inside[1] is not None
        return inside[0][1], inside[1][1]

    for read in (load_signer, read_public_key):
        assert reasons(read) == ("berkas tidak ada", "there is no such file")
    write_seal_key(file)
    file.chmod(0o644)
    assert reasons(load_signer) == (
        "semua orang dapat membaca atau menulisnya; jalankan chmod 600",
        "everybody may read or write it; run chmod 600",
    )
    file.write_bytes(b"x")
    file.chmod(0o600)
    assert reasons(load_signer) == ("bukan kunci PEM tanpa kata sandi", "no PEM key without a password")
    assert reasons(read_public_key) == ("bukan kunci publik PEM", "no PEM public key")
    other = X25519PrivateKey.generate()
    file.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert reasons(load_signer) == ("bukan kunci Ed25519", "not an Ed25519 key")
    file.write_bytes(other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    assert reasons(read_public_key) == ("bukan kunci Ed25519", "not an Ed25519 key")
