"""Seals: a signed chain of blocks that shows whether anything in the ledger was rewritten, removed or put in.

For: sealing what can no longer change, verifying it, the head to keep elsewhere, and the proof that one entry is there.
Not for: hindering changes; the database's triggers and grants do that.

Sealed are: entries with their postings, the chart (entities, accounts, roles), reversals, which entries were late,
audit rows, state history (but for jobs) and the sealing keys themselves; one chain per region, each block holding rows
of one kind ("stream").

Invariants
- A block's header commits to its rows by a Merkle root (RFC 6962), to its ids, to the block before it, and is signed by
  an Ed25519 key that is not in the database. Block numbers have no gap.
- A row is sealed once, and only when every older database transaction has ended; what commits late is never skipped.
- Transaction numbers only say where the sealer goes on. No check that a sealed row is what was sealed uses one, so a
  restored database verifies like the first one. On the server that gave them, they show besides which entries readers
  would never see, and which late entries cannot be late.
- Whoever has the database but not the key can rewrite nothing that is sealed unseen. Removing rows together with the
  newest blocks, or putting an older copy in place, is seen against a head file kept elsewhere.
"""

from ledger.sealing.blocks import SealSigner, load_signer, public_pem, read_public_key
from ledger.sealing.chain import list_seal_keys, seal_head
from ledger.sealing.findings import Finding
from ledger.sealing.months import list_unsealed_months
from ledger.sealing.proofs import ProvenEntry, check_proof
from ledger.sealing.proving import prove_entry
from ledger.sealing.reading import read_head, read_proof, write_sealed
from ledger.sealing.sealer import SealedBlock, change_seal_key, has_unsealed, seal_next
from ledger.sealing.verifying import Verification, verify_ledger

__all__ = [
    "Finding",
    "ProvenEntry",
    "SealSigner",
    "SealedBlock",
    "Verification",
    "change_seal_key",
    "check_proof",
    "has_unsealed",
    "list_seal_keys",
    "list_unsealed_months",
    "load_signer",
    "prove_entry",
    "public_pem",
    "read_head",
    "read_proof",
    "read_public_key",
    "seal_head",
    "seal_next",
    "verify_ledger",
    "write_sealed",
]
