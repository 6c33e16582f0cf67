"""The sample chart, loaded into a test's region.

For: `load_sample_chart(region.code)` in any package's tests; the entities are "PPKD", "BAPENDA" ("BPPDRD" in 6471),
"PERDAGANGAN" and "LH", the revenue kinds "PBB-P2", "RETRIBUSI-PASAR" and "RETRIBUSI-KEBERSIHAN".
Not for: fixtures of the database itself (tests/database.py).
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from foundation.db import unit_of_work
from ledger import ChartLoaded, load_chart

SAMPLES = Path(__file__).parent.parent / "samples" / "chart"


def load_sample_chart(region_code: str) -> ChartLoaded:
    """Load samples/chart into the region in a unit of work of its own. For 3316 and 6471."""
    with unit_of_work(region_code) as session:
        return load_chart(
            session,
            accounts=(SAMPLES / "accounts.csv").read_bytes(),
            roles=(SAMPLES / f"roles-{region_code}.csv").read_bytes(),
            entities=(SAMPLES / f"entities-{region_code}.csv").read_bytes(),
            actor="cli:test",
            at=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        )
