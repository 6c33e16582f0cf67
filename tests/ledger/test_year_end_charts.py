"""A year ends the same way over a chart that has no accounts of some classes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from app.cli import main
from foundation.db import unit_of_work
from foundation.regions import Region
from ledger import is_year_closed, journals, load_chart
from tests.ledger.year_scene import LAST, PBB, book, close, make_ready, sen, standing
from tests.sample_chart import SAMPLES


def load_without(region: str, classes: str) -> None:
    """The sample chart without the accounts of these classes, and without the roles of those."""
    heading, *rows = (SAMPLES / "accounts.csv").read_text().splitlines()
    accounts = [heading, *(row for row in rows if row[0] not in classes)]
    heading, *rows = (SAMPLES / f"roles-{region}.csv").read_text().splitlines()
    roles = [heading, *(row for row in rows if row.split(",")[2][0] not in classes)]
    with unit_of_work(region) as session:
        load_chart(
            session,
            accounts="\n".join([*accounts, ""]).encode(),
            roles="\n".join([*roles, ""]).encode(),
            entities=(SAMPLES / f"entities-{region}.csv").read_bytes(),
            actor="cli:test",
            at=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        )


@pytest.mark.parametrize("classes", ["56", "2"])
def test_a_chart_without_a_class_is_closed_like_any_other(region: Region, classes: str) -> None:
    load_without(region.code, classes)
    book(region.code, "assessment_issued", journals.assessment_issued(**PBB, amount=sen(900)))
    make_ready(region.code)
    with unit_of_work(region.code) as session:
        assert not is_year_closed(session, 2026)
    closed = close(region.code)
    assert (closed.surplus_lo, len(closed.entries), closed.ending) == ({"BAPENDA": sen(900)}, 1, ())
    assert standing(region.code, LAST) == {
        ("BAPENDA", "1.1.03.15.01.0001"): 900,
        ("BAPENDA", "3.1.01.01.01.0001"): -900,
    }
    with unit_of_work(region.code) as session:
        assert is_year_closed(session, 2026)


def test_the_command_closes_a_december_over_such_a_chart(region: Region) -> None:
    load_without(region.code, "56")
    book(region.code, "assessment_issued", journals.assessment_issued(**PBB, amount=sen(900)))
    make_ready(region.code)
    close(region.code)
    told = CliRunner().invoke(main, ["ledger", "period", "close", "--region", region.code, "--month", "2026-12"])
    assert (told.exit_code, told.output.splitlines()[0]) == (0, "2026-12: Ditutup / Closed"), told.output
