"""Names as strangers see them."""

import pytest

from billing import mask_name


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("BUDI SANTOSO", "B*** S******"),
        ("Warga Contoh 00123", "W**** C***** 0****"),
        ("A", "*"),
        ("M. A. CONTOH", "*. *. C*****"),
        ("H. ABDUL", "H. A****"),
        ("Dr. Ir. CONTOH, M.M.", "Dr. Ir. C*****, M.M."),
        ("CV Contoh Makmur", "CV C***** M*****"),
        ("PT. CONTOH", "PT. C*****"),
        ("NUR'AINI", "N**'****"),
        ("SITI-AISYAH", "S***-******"),
        ("Émile", "É****"),
        ("E\u0301mile", "É****"),
        ("क्षमा", "क**"),
        ("  BUDI   SANTOSO ", "B*** S******"),
        ("李小龙", "李**"),
        ("", ""),
    ],
)
def test_a_masked_name_shows_initials_only(name: str, masked: str) -> None:
    assert mask_name(name) == masked
