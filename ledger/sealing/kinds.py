"""The kinds of entries that a month being adjusted takes, and that close a year: are they those of this version?

For: `check_kinds`, a part of verifying. Sums and reports before closing leave out the entries whose kind is closing in
table adjusting_kind, and no row of that table is sealed: it says the same in every region.
Not for: the list itself (ledger.periods.kinds).
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from ledger.periods import ADJUSTING_KINDS
from ledger.sealing.findings import Finding

__all__ = ["check_kinds"]


def check_kinds(session: Session) -> Iterator[Finding]:
    """Every kind that is missing, of another nature, or not of our list."""
    there = {
        str(kind): str(nature) for kind, nature in session.execute(text("SELECT kind, nature FROM adjusting_kind"))
    }
    for kind in sorted(ADJUSTING_KINDS.keys() | there.keys()):
        found, wanted = there.get(kind), ADJUSTING_KINDS.get(kind)
        if found != wanted:
            told_id = f"{found or 'tidak ada'}, seharusnya {wanted or 'tidak ada'}"
            told_en = f"{found or 'none'}, should be {wanted or 'none'}"
            yield Finding("kind_differs", f"adjusting_kind {kind}", told_id=told_id, told_en=told_en)
