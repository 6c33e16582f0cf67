"""Proofs and the trees under them: true ones hold without a database, and nothing in them can be altered.

For: prove_entry, check_proof and ledger.sealing.merkle.
Not for: verifying a whole ledger (test_sealing_found).
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.config import write_seal_key
from foundation.db import unit_of_work
from foundation.ids import new_uid
from ledger import (
    EntryNotSealed,
    EntryUnknown,
    ProofInvalid,
    check_proof,
    load_signer,
    prove_entry,
    public_pem,
    read_head,
    read_proof,
    write_sealed,
)
from ledger.sealing.merkle import follow_path, leaf_hash, path_to, root_of
from ledger.sealing.streams import marks_of as make_marks
from ledger.sealing.streams import rows_of, split_marks, text_of
from tests.ledger.entries import draft, post
from tests.ledger.seals import seal, signer

Proof = dict[str, Any]


def rfc_6962(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1, over leaf hashes."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + rfc_6962(leaves[:half]) + rfc_6962(leaves[half:])).digest()


@given(st.integers(1, 70), st.data())
def test_a_root_is_that_of_rfc_6962_and_each_path_leads_to_it(count: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(str(each).encode()) for each in range(count)]
    root = root_of(leaves)
    assert root == rfc_6962(leaves)
    index = data.draw(st.integers(0, count - 1))
    path = path_to(leaves, index)
    assert follow_path(leaves[index], index, count, path) == root
    other = data.draw(st.integers(-1, count).filter(lambda each: each != index))
    assert follow_path(leaves[index], other, count, path) != root
    assert follow_path(leaves[index], index, count, [*path, root]) is None
    if path:
        assert follow_path(leaves[index], index, count, path[:-1]) is None


@given(st.lists(st.lists(st.none() | st.text(), min_size=1), min_size=1))
def test_rows_and_their_bytes_say_the_same(rows: list[list[str | None]]) -> None:
    rows = [[None if each is None else each.replace("\x00", "") for each in row] for row in rows]
    assert rows_of(text_of(rows)) == rows


@given(st.lists(st.lists(st.lists(st.text(), min_size=1), min_size=1), min_size=1))
def test_marks_are_told_apart_by_item(items: list[list[list[str]]]) -> None:
    data = [text_of(rows) for rows in items]
    marks = split_marks(make_marks(data), len(items))
    assert [len(each) for each in marks] == [sum(map(len, rows)) for rows in items]
    assert marks == [split_marks(make_marks([each]), 1)[0] for each in data]


@pytest.fixture
def proof(books: str) -> Proof:
    """Of the second of three entries, with a description that needs escapes; as it reads from a file."""
    post(books, draft("payment:1"))
    entry = post(books, draft("payment:2", description="Pembayaran\t\\N \\\nPBB-P2 “2026”"))
    post(books, draft("payment:3"))
    seal(books)
    with unit_of_work(books) as session:
        made: Proof = json.loads(json.dumps(prove_entry(session, entry.uid)))
    return made


def test_a_proof_says_what_stands_in_the_ledger(proof: Proof) -> None:
    proven = check_proof(proof, trusted=[signer().public])
    assert (proven.ledger, proven.key_id) == ("r3316", signer().key_id)
    assert proven.entry["key"] == "payment:2"
    assert proven.entry["description"] == "Pembayaran\t\\N \\\nPBB-P2 “2026”"
    assert proven.entry["source_uid"] is None
    assert [(line["account"], line["side"], line["amount_sen"]) for line in proven.postings] == [
        ("3.1.03.01.01.0001", "debit", "15000000"),
        ("1.1.03.15.01.0001", "credit", "15000000"),
        ("1.1.01.90.01.0001", "debit", "15000000"),
        ("1.1.13.01.01.0001", "credit", "15000000"),
    ]
    assert [len(each) for each in proof["path"]] == [64, 64]


def _touched(proof: Proof, change: Callable[[Proof], object]) -> Proof:
    other = copy.deepcopy(proof)
    change(other)
    return other


@pytest.mark.parametrize(
    "field, change",
    [
        ("entry", lambda p: p["entry"].update(description="lain")),
        ("entry", lambda p: p["entry"].update(actor=None)),
        ("entry", lambda p: p["postings"][1].update(amount_sen="15000001")),
        ("entry", lambda p: p["postings"].pop()),
        ("entry", lambda p: p["postings"].reverse()),
        ("entry", lambda p: p.update(index=0)),
        ("entry", lambda p: p.update(index=7)),
        ("entry", lambda p: p["path"].pop()),
        ("entry", lambda p: p["path"].reverse()),
        ("entry", lambda p: p["block"]["header"].update(count=2)),
        ("entry", lambda p: p["block"]["header"].update(merkle_root="00" * 32)),
        ("signature", lambda p: p["block"]["header"].update(number=99)),
        ("signature", lambda p: p["block"]["header"].update(sealed_at="2020-01-01T00:00:00.000000Z")),
        ("signature", lambda p: p["block"].update(signature="00" * 64)),
        ("format", lambda p: p["block"]["header"].update(key_id="0123456789abcdef")),
        ("format", lambda p: p["block"].update(public_key="00" * 32)),
        ("format", lambda p: p["block"].update(public_key=p["block"]["public_key"].upper())),
        ("format", lambda p: p["block"].update(signature=p["block"]["signature"].upper())),
        ("format", lambda p: p["block"].update(signature=p["block"]["signature"] + " ")),
        ("format", lambda p: p["block"].update(more=1)),
        ("format", lambda p: p["block"]["header"].update(more=1)),
        ("format", lambda p: p["block"]["header"].update(count=3.0)),
        ("format", lambda p: p["block"]["header"].update(count=True)),
        ("format", lambda p: p["block"]["header"].update(count=10**30)),
        ("format", lambda p: p["block"]["header"].update(next_xact=7)),
        ("format", lambda p: p["path"].__setitem__(0, p["path"][0].upper())),
        ("format", lambda p: p["path"].__setitem__(0, p["path"][0][:32] + " " + p["path"][0][32:])),
        ("format", lambda p: p["path"].__setitem__(0, 7)),
        ("format", lambda p: p.update(path="".join(p["path"]))),
        ("format", lambda p: p.update(path=None)),
        ("format", lambda p: p.update(index=1.0)),
        ("format", lambda p: p.update(index="1")),
        ("format", lambda p: p.update(index=True)),
        ("entry", lambda p: p.update(index=10**40)),
        ("entry", lambda p: p.update(index=-1)),
        ("format", lambda p: p.update(more=None)),
        ("format", lambda p: p.update(format=p.pop("format"))),
        ("format", lambda p: p["entry"].update(id=p["entry"].pop("id"))),
        ("format", lambda p: p["postings"][0].update(more=None)),
        ("format", lambda p: p["postings"].append([])),
        ("format", lambda p: p.update(postings={})),
        ("format", lambda p: p["entry"].update(description="\ud800")),
        ("format", lambda p: p.update(entry=[])),
        ("format", lambda p: p.update(block=[])),
        ("format", lambda p: p["entry"].pop("actor")),
        ("format", lambda p: p["entry"].update(more="x")),
        ("format", lambda p: p["entry"].update(id=5)),
        ("format", lambda p: p["block"]["header"].update(stream="audit_event")),
        ("format", lambda p: p["block"]["header"].update(number="1")),
        ("format", lambda p: p["block"]["header"].pop("ledger")),
        ("format", lambda p: p["block"].update(signature="?")),
        ("format", lambda p: p.update(format="lunas-proof-2")),
        ("format", lambda p: p.clear()),
        ("format", lambda p: p.update(postings=None)),
    ],
)
def test_a_proof_that_was_touched_is_refused_by_the_step_that_fails(
    proof: Proof, field: str, change: Callable[[Proof], object]
) -> None:
    with pytest.raises(ProofInvalid) as refused:
        check_proof(_touched(proof, change), trusted=[signer().public])
    assert refused.value.field == field


# What a file says otherwise than it is written: (a change of its text, a word of the reason).
OTHERWISE: dict[str, tuple[Callable[[str], str], str]] = {
    "a member twice": (lambda t: t.replace('"index": 1,', '"index": 0,\n  "index": 1,'), "'index' stands there twice"),
    "a member twice, deep inside": (lambda t: t.replace('"actor":', '"actor": "x",\n    "actor":'), "'actor'"),
    "a float": (lambda t: t.replace('"index": 1,', '"index": 1.0,'), "1.0 is no whole number"),
    "an exponent": (lambda t: t.replace('"index": 1,', '"index": 1e0,'), "1e0 is no whole number"),
    "not a number": (lambda t: t.replace('"index": 1,', '"index": NaN,'), "NaN is no whole number"),
    "a number of 20 digits": (lambda t: t.replace('"index": 1,', f'"index": {"1" * 20},'), "20 digits"),
    "a number of a million digits": (lambda t: t.replace('"index": 1,', f'"index": {"1" * 10**6},'), "1000000 digits"),
    "minus nought": (lambda t: t.replace('"index": 1,', '"index": -0,'), "not written"),
    "no line end": (lambda t: t[:-1], "not written"),
    "other line ends": (lambda t: t.replace("\n", "\r\n"), "not written"),
    "no spacing": (lambda t: json.dumps(json.loads(t)) + "\n", "not written"),
    "another escape": (lambda t: t.replace("“", "\\u201c"), "not written"),
    "something behind it": (lambda t: t + "{}", "no JSON"),
    "a comment": (lambda t: "// x\n" + t, "no JSON"),
    "a mark of byte order": (lambda t: "\ufeff" + t, "no JSON"),
    "deep nesting": (lambda _: "[" * 200_000, "nested too deeply"),
    "deep nesting of objects": (lambda _: '{"a":' * 200_000, "nested too deeply"),
    "a list": (lambda _: "[]\n", "no JSON object"),
    "nothing": (lambda _: "", "no JSON"),
}


@pytest.mark.parametrize("otherwise", OTHERWISE)
def test_a_file_that_is_not_written_as_we_write_it_is_refused_by_what_it_has(proof: Proof, otherwise: str) -> None:
    change, reason = OTHERWISE[otherwise]
    written = write_sealed(proof).decode()
    assert read_proof(written.encode()) == proof
    touched = change(written)
    assert touched != written
    with pytest.raises(ProofInvalid) as refused:
        read_proof(touched.encode())
    assert refused.value.field == "file"
    assert reason in str(refused.value)


@pytest.mark.parametrize("data", [b"\xff\xfe{}", b'{"a": "\xc3("}', b" " * (32 * 1024 * 1024 + 1)])
def test_a_file_that_is_no_text_or_too_large_is_refused(data: bytes) -> None:
    for read in (read_proof, read_head):
        with pytest.raises(ProofInvalid, match=r"UTF-8|larger"):
            read(data)


def test_what_is_written_is_read_and_checked_again(proof: Proof) -> None:
    assert check_proof(read_proof(write_sealed(proof)), trusted=[signer().public]).entry == proof["entry"]


def test_a_proof_needs_the_key_that_signed(proof: Proof, tmp_path: Path) -> None:
    write_seal_key(tmp_path / "other.pem")
    with pytest.raises(ProofInvalid, match=signer().key_id):
        check_proof(proof, trusted=[load_signer(tmp_path / "other.pem").public])


def test_what_is_not_sealed_or_not_there_has_no_proof(books: str) -> None:
    post(books, draft("payment:1"))
    seal(books)
    late = post(books, draft("payment:2"))
    with unit_of_work(books) as session:
        with pytest.raises(EntryNotSealed):
            prove_entry(session, late.uid)
        with pytest.raises(EntryUnknown):
            prove_entry(session, new_uid())


def test_a_proof_is_checked_without_settings_database_or_network(proof: Proof, tmp_path: Path) -> None:
    (tmp_path / "proof.json").write_bytes(write_sealed(proof))
    (tmp_path / "key.pem").write_text(public_pem(signer().public), encoding="ascii")
    command = [str(Path(sys.executable).with_name("lunas")), "ledger", "check-proof", "proof.json"]
    bare = {"PATH": os.environ["PATH"], "LUNAS_HOME": str(tmp_path / "nothing")}
    done = subprocess.run(
        [*command, "--public-key", "key.pem"], cwd=tmp_path, env=bare, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "payment:2" in done.stdout
    assert not (tmp_path / "nothing").exists()
