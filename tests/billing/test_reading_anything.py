"""Whatever bytes arrive as a bill file, reading them ends in rows or named problems."""

from hypothesis import given
from hypothesis import strategies as st

from billing.reading import BillFile
from tests.billing.bill_files import GOOD, HEADER, PBB, with_form

_ENCODINGS = st.sampled_from(["utf-8", "utf-16", "utf-16-le", "windows-1252", "iso-8859-1"])


@given(data=st.binary(max_size=300), encoding=_ENCODINGS, headed=st.booleans())
def test_any_bytes_are_read_to_rows_or_problems(data: bytes, encoding: str, headed: bool) -> None:
    form = with_form(PBB, encoding=encoding)
    codec = {"windows-1252": "cp1252"}.get(encoding, encoding)
    file = BillFile((f"{HEADER}\n{GOOD}\n".encode(codec) if headed else b"") + data, form, "nop18")
    rows = list(file.rows())
    assert rows or file.problems
    for problem in file.problems:
        assert problem.message_id
        assert problem.message_en
    for row in rows:
        assert len(row.object_number) == 18
        assert row.amount_sen is None or (row.amount_sen > 0 and row.amount_sen % 100 == 0)


@given(cells=st.lists(st.text(max_size=30), min_size=6, max_size=6))
def test_any_cells_are_read_to_a_row_or_problems(cells: list[str]) -> None:
    line = ",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in cells)
    file = BillFile(f"{HEADER}\n{line}\n".encode("utf-8", "surrogatepass"), PBB, "nop18")
    assert list(file.rows()) or file.problems
