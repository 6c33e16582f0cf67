"""The steps that make a demo region ready, each one a command that a region would type.

For: `prepare_demo`: quick and harmless when all is there already.
Not for: keeping the processes running (app.demo.running).

What was done is noted per region in a file, step by step, so that a start that was cut short goes on where it stopped;
every step is also safe to repeat.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from app.demo.credentials import DemoCredentials, read_credentials, write_credentials
from app.demo.places import CHECKOUT, DemoPlaces
from foundation import clock
from foundation.config import write_new_keys
from foundation.db import unit_of_work
from foundation.errors import LunasError
from foundation.identity import UsernameTaken, assign_role, create_token, create_user

__all__ = ["DEMO_REGIONS", "DemoRegion", "StepFailed", "lunas", "prepare_demo"]

_SAMPLES = CHECKOUT / "samples"
_USERNAME = "bendahara"
_BY = "cli:demo"


class StepFailed(LunasError):
    """One of the demo's commands did not succeed; its own words follow."""

    code = "demo_step_failed"
    text_id = "Langkah demo gagal: {command}\n{output}"
    text_en = "A step of the demo failed: {command}\n{output}"


@dataclass(frozen=True, slots=True)
class DemoRegion:
    """A region of the demo: its real code, name and zone; everything in it is invented. `bills`: how many PBB bills."""

    code: str
    name: str
    timezone: str
    bills: int
    mapping: str
    rkud_account_no: str
    more_files: tuple[tuple[str, str], ...] = ()


DEMO_REGIONS = (
    DemoRegion(
        "3316",
        "Kabupaten Blora",
        "Asia/Jakarta",
        3000,
        "pbb-3316-2026.toml",
        "3331600001",
        (("pasar-3316.csv", "pasar-3316.toml"), ("kebersihan-3316.txt", "kebersihan-3316.toml")),
    ),
    DemoRegion(
        "6471", "Kota Balikpapan", "Asia/Makassar", 0, "", "3647100001", (("pbb-6471-2026.csv", "pbb-6471-2026.toml"),)
    ),
)


def prepare_demo(places: DemoPlaces, *, tell: Callable[[str], None]) -> list[DemoCredentials]:
    """Make keys, schemas and the demo regions as far as they are not there; returns what visitors sign in with.

    `tell` is given a line per step that is done now. Raises StepFailed with the command and what it said.
    """
    write_new_keys(places.home)
    lunas(places, "db", "upgrade")
    for region in DEMO_REGIONS:
        _prepare_region(places, region, tell)
    return read_credentials(places.home)


def lunas(places: DemoPlaces, *words: str) -> str:
    """Run one `lunas` command in the demo's environment and return what it printed. Raises StepFailed."""
    done = subprocess.run(  # noqa: S603 - our own command with words of our own
        [sys.executable, "-m", "app.cli", *words],
        env=places.environment,
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StepFailed(command=" ".join(("lunas", *words)), output=(done.stdout + done.stderr).strip()[-3000:])
    return done.stdout


def _prepare_region(places: DemoPlaces, region: DemoRegion, tell: Callable[[str], None]) -> None:
    note = places.home / f"demo-{region.code}.json"
    done: list[str] = json.loads(note.read_text(encoding="ascii")) if note.is_file() else []
    for name, step in _STEPS:
        if name in done:
            continue
        tell(f"{region.name}: {name}")
        step(places, region)
        done.append(name)
        note.write_text(json.dumps(done), encoding="ascii")


def _make_region(places: DemoPlaces, region: DemoRegion) -> None:
    if region.code not in lunas(places, "region", "list"):
        lunas(places, "region", "create", region.code, region.name, "--timezone", region.timezone)


def _load_chart(places: DemoPlaces, region: DemoRegion) -> None:
    chart = _SAMPLES / "chart"
    files = {"accounts": "accounts.csv", "roles": f"roles-{region.code}.csv", "entities": f"entities-{region.code}.csv"}
    words = [word for option, name in files.items() for word in (f"--{option}", str(chart / name))]
    lunas(places, "chart", "load", "--region", region.code, *words)


def _issue_bills(places: DemoPlaces, region: DemoRegion) -> None:
    bills = _SAMPLES / "bills"
    for file, mapping in region.more_files:
        lunas(places, "bill", "import", str(bills / file), "--mapping", str(bills / mapping), "--region", region.code)
    if region.bills:
        made = places.home / f"pbb-{region.code}.csv"
        subprocess.run(  # noqa: S603 - our own script with words of our own
            [sys.executable, str(_SAMPLES / "generate_bills.py"), "pbb", str(made), str(region.bills)],
            check=True,
        )
        mapping = str(bills / region.mapping)
        lunas(places, "bill", "import", str(made), "--mapping", mapping, "--region", region.code)


def _register_bank(places: DemoPlaces, region: DemoRegion) -> None:
    """The two parties hand each other a file, as a real bank and region would."""
    asked, reply = places.home / f"bank-{region.code}.json", places.home / f"reply-{region.code}.json"
    at_region = ("--region", region.code)
    lunas(
        places, "sandbox", "setup", *at_region, "--region-name", region.name, "--timezone", region.timezone,
        "--rkud-account", region.rkud_account_no, "--connection", str(asked),
    )  # fmt: skip
    if "SANDBOX" not in lunas(places, "partner", "list", *at_region):
        lunas(places, "partner", "add", *at_region, "--connection", str(asked), "--reply", str(reply))
    # A reply that is still there was not stored yet: an earlier start was cut short between the two.
    if reply.exists():
        lunas(places, "sandbox", "connect", *at_region, "--reply", str(reply))
        reply.unlink()
    asked.unlink()


def _set_policies(places: DemoPlaces, region: DemoRegion) -> None:
    at_region = ("--region", region.code)
    if region.rkud_account_no not in lunas(places, "policy", "list", *at_region):
        lunas(
            places, "policy", "set", *at_region, "--from", "2026-01-01", "--basis", "Demo",
            "treasury.rkud_account_no", region.rkud_account_no,
        )  # fmt: skip


def _make_staff(places: DemoPlaces, region: DemoRegion) -> None:
    """A treasurer and an API token. They are kept before the unit of work ends, so that they are never lost."""
    at = clock.now()
    on = clock.business_date(at, region.timezone)
    try:
        with unit_of_work(region.code) as session:
            issuer = f"Lunas {region.name} (demo)"
            made = create_user(session, _USERNAME, name="Bendahara Contoh", issuer=issuer, by=_BY, at=at)
            for role in ("bendahara", "bpkad"):
                assign_role(session, _USERNAME, role, decree_number="SK-DEMO", valid_from=on, by=_BY, at=at)
            token = create_token(
                session, "BPKAD demo", region=region.code, permissions=("ledger.read",), days=365, by=_BY, at=at
            )
            mine = DemoCredentials(region.code, _USERNAME, made.password, made.totp_secret, token)
            others = [one for one in read_credentials(places.home) if one.region != region.code]
            write_credentials(places.home, [*others, mine])
    except UsernameTaken:
        return


_STEPS: tuple[tuple[str, Callable[[DemoPlaces, DemoRegion], None]], ...] = (
    ("wilayah / region", _make_region),
    ("bagan akun / chart of accounts", _load_chart),
    ("tagihan / bills", _issue_bills),
    ("bank sandbox / sandbox bank", _register_bank),
    ("kebijakan / policies", _set_policies),
    ("bendahara dan token / treasurer and token", _make_staff),
)
