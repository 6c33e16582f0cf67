"""The guards that verifying expects are those that the migrations make.

For: ledger/sealing/guards.tsv (tests/rules/house_guards.py writes it).
Not for: what verifying says of a guard that is not as expected (tests/ledger/test_sealing_guards.py).
"""

from __future__ import annotations

from foundation.db import unit_of_work
from foundation.regions import Region
from ledger.sealing.guards import guards_text, read_guards
from tests.rules.house_guards import GUARDS_PATH
from tests.rules.source import ROOT


def test_the_file_has_the_guards_of_a_migrated_region(region: Region, other_region: Region) -> None:
    written = (ROOT / GUARDS_PATH).read_text(encoding="utf-8")
    for each in (region, other_region):
        with unit_of_work(each.code) as session:
            made = guards_text(read_guards(session))
        assert made == written, f"{GUARDS_PATH} is behind: python -m tests.rules.house_guards"
    assert "trigger\tposting_append_only on posting\tenabled\tCREATE TRIGGER" in written
    assert "3316" not in written
