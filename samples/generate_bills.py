"""Invented bill files, the same for the same seed.

For: the demo, benchmarks and `samples/bills/`: `write_pbb` and `write_market` write files as regions hand them over.
Not for: anything about real people: names say that they are examples, and subdistrict 999 of the NOPs does not exist.

    python samples/generate_bills.py pbb FILE COUNT [--seed 1] [--year 2026] [--due 2030-09-30] [--district 3316]
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

__all__ = ["list_nops", "write_market", "write_pbb"]

_PBB_HEADER = ["NOP", "TAHUN", "NAMA WP", "ALAMAT OP", "PBB TERUTANG", "JATUH TEMPO"]
_MARKET_HEADER = ["No Kios", "Masa", "Nama Pedagang", "Pasar", "Ketetapan", "Jatuh Tempo"]
_PLOTS = 9_999
_BLOCKS = 99
_VILLAGES = 99
_SUBDISTRICT = "999"


def list_nops(count: int, *, district: str = "3316") -> Iterator[str]:
    """`count` different NOPs (18 digits) in villages 001-099 of the subdistrict 999, which is nobody's."""
    if not 0 <= count <= _VILLAGES * _BLOCKS * _PLOTS:
        raise ValueError("so many objects do not fit into one subdistrict")
    for number in range(count):
        rest, plot = divmod(number, _PLOTS)
        village, block = divmod(rest, _BLOCKS)
        yield f"{district}{_SUBDISTRICT}{village + 1:03d}{block + 1:03d}{plot + 1:04d}{number % 10}"


def write_pbb(
    path: Path, count: int, seed: int, *, year: int = 2026, due_on: date = date(2030, 9, 30), district: str = "3316"
) -> None:
    """Write `count` PBB bills (UTF-8, comma, plain amounts) that `samples/bills/pbb-3316-2026.toml` maps."""
    chance = random.Random(seed)  # noqa: S311 - invented amounts, not secrets
    with path.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC)
        rows.writerow(_PBB_HEADER)
        for number, nop in enumerate(list_nops(count, district=district), start=1):
            street = f"Jl. Contoh {chance.randrange(1, 60)} No. {chance.randrange(1, 200)}"
            village = f"Desa Contoh {int(nop[7:10])}, RT {chance.randrange(1, 20):02d}"
            amount = chance.randrange(10, 2500) * 1000 + chance.randrange(0, 1000)
            rows.writerow([nop, year, f"Warga Contoh {number:05d}", f"{street}, {village}", amount, due_on.isoformat()])


def write_market(path: Path, count: int, seed: int, *, month: str = "01/2026", due_on: str = "31/12/2030") -> None:
    """Write `count` market levies (UTF-8, semicolon, Indonesian amounts) that `pasar-3316.toml` maps."""
    chance = random.Random(seed)  # noqa: S311 - invented amounts, not secrets
    with path.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, delimiter=";", lineterminator="\r\n")
        rows.writerow(_MARKET_HEADER)
        for number in range(1, count + 1):
            amount = f"{chance.randrange(25, 400) * 1000:,}".replace(",", ".") + ",00"
            market = f"Pasar Contoh {chance.randrange(1, 4)}"
            rows.writerow([f"00{number:04d}", month, f"Pedagang Contoh {number:04d}", market, amount, due_on])


def main() -> None:
    """Write one file from the command line."""
    parser = argparse.ArgumentParser(description="Write an invented bill file.")
    parser.add_argument("what", choices=["pbb", "market"])
    parser.add_argument("file", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--year", type=int, default=2026)
    parser.add_argument("--due", type=date.fromisoformat, default=date(2030, 9, 30))
    parser.add_argument("--district", default="3316")
    told = parser.parse_args()
    if told.what == "pbb":
        write_pbb(told.file, told.count, told.seed, year=told.year, due_on=told.due, district=told.district)
    else:
        write_market(told.file, told.count, told.seed, due_on=f"{told.due:%d/%m/%Y}")


if __name__ == "__main__":
    main()
