"""pgbench on the same server with the same settings: what PostgreSQL gives on this machine today.

For: TPC-B per second, the measure that payments are held against.
Not for: tuning; pgbench runs as it comes, `-M prepared`.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass

from psycopg.conninfo import conninfo_to_dict

from benchmarks.ground import CannotMeasure, Ground, cpu_seconds

__all__ = ["Baseline", "measure_baseline"]

_DATABASE = "pgbench_base"
_CLIENTS = (8, 16)


@dataclass(frozen=True)
class Baseline:
    """TPC-B transactions per second by number of clients, and the server's processor time for one, in milliseconds."""

    scale: int
    seconds: int
    per_second: dict[int, float]
    server_cpu_ms: float

    @property
    def best(self) -> float:
        """The better of all runs."""
        return max(self.per_second.values())


def measure_baseline(ground: Ground, *, scale: int, seconds: int) -> Baseline:
    """Initialise pgbench at this scale and run it with 8 and with 16 clients."""
    ground.server.create_database(_DATABASE)
    _pgbench(ground, ["--initialize", "--quiet", f"--scale={scale}"])
    found: dict[int, float] = {}
    spent = done = 0.0
    for clients in _CLIENTS:
        ground.settle_down()
        before = cpu_seconds(ground.server_pid())
        told = _pgbench(ground, ["--protocol=prepared", f"--client={clients}", "--jobs=2", f"--time={seconds}"])
        spent += cpu_seconds(ground.server_pid()) - before
        rate = re.search(r"^tps = ([0-9.]+)", told, re.MULTILINE)
        if rate is None:
            raise CannotMeasure(f"pgbench told no figure: {told}")
        found[clients] = float(rate[1])
        done += found[clients] * seconds
    ground.server.drop_database(_DATABASE)
    return Baseline(scale, seconds, found, 1000 * spent / done)


def _pgbench(ground: Ground, options: list[str]) -> str:
    address = conninfo_to_dict(ground.server.url("owner", _DATABASE))
    where = [f"--host={address['host']}", f"--port={address['port']}", f"--username={address['user']}", _DATABASE]
    done = subprocess.run(
        [str(ground.server.binary("pgbench")), *options, *where],
        env={**os.environ, "PGPASSWORD": str(address["password"])},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise CannotMeasure(f"pgbench failed: {done.stderr[-500:]}")
    return done.stdout
