"""How one acquirer writes its settlement CSV: stated as data, since no bank publishes a common form.

For: the format as a dated value, read from TOML, complete and checked before any file is.
Not for: reading files (`settlement_reading`), or choosing the acquirer (app/wiring.py and the partner's profile).

    name = "akuirer-contoh"          valid_from = 2026-01-01
    delimiter = ";"                  encoding = "utf-8"
    amounts = "indonesian"           # plain 150000.00 | indonesian 1.500.000,00 | grouped 1,500,000.00
    date_format = "%d/%m/%Y"         moment_format = "%d/%m/%Y %H:%M:%S"     # or "iso"
    timezone = "Asia/Jakarta"        # of moments that state none
    [batch_reference]                # each by one of: column, label (a row "label<delimiter>value" above the headings),
    label = "Nomor Batch"            # filename (a regular expression whose group 1 is the value), constant
    [business_on]
    column = "TGL SETTLEMENT"
    [partner_ref]
    constant = "ID1026000000001"
    [columns]                        # bank_reference and amount always; fee or net unless fee_free = true;
    bank_reference = "NO REFERENSI"  # may: payment_code, paid_at (one heading or several), channel,
    amount = "TOTAL"                 # partner_reference, rrn
    fee = "MDR"
    [must_be]                        # a row with another value is refused, never left out
    STATUS = ["SETTLED"]
    [totals]                         # the last row, where the format has one; what it states must agree
    column = "NO"
    marker = "TOTAL"
    count = "NO REFERENSI"
    amount = "TOTAL"
"""

from __future__ import annotations

import codecs
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from bank_adapters.statements.errors import SettlementFormatInvalid

__all__ = ["AmountStyle", "SettlementFormat", "Source", "Totals", "format_in_force"]

AmountStyle = Literal["plain", "indonesian", "grouped"]

_LINE_FACTS = (
    "bank_reference",
    "amount",
    "fee",
    "net",
    "payment_code",
    "paid_at",
    "channel",
    "partner_reference",
    "rrn",
)
_SUMS = ("amount", "fee", "net")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where one fact of the whole file stands: exactly one of the four is set."""

    column: str | None = None
    label: str | None = None
    filename: str | None = None
    constant: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The totals row: `column` holds `marker`; the others name the headings under which count and sums stand."""

    column: str
    marker: str
    count: str | None = None
    amount: str | None = None
    fee: str | None = None
    net: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementFormat:
    """One acquirer's format from `valid_from` on (the next one ends it). Checked when made.

    Raises SettlementFormatInvalid naming the setting.
    """

    name: str
    valid_from: date
    columns: Mapping[str, str | Sequence[str]]
    batch_reference: Source
    business_on: Source
    partner_ref: Source
    encoding: str = "utf-8"
    delimiter: str = ","
    amounts: AmountStyle = "plain"
    date_format: str = "%Y-%m-%d"
    moment_format: str = "iso"
    timezone: str = "Asia/Jakarta"
    # Some exports put ' before a number so that a spreadsheet leaves it alone.
    apostrophes: bool = False
    fee_free: bool = False
    must_be: Mapping[str, Sequence[str]] = field(default_factory=dict)
    totals: Totals | None = None

    def __post_init__(self) -> None:
        _check_columns(self)
        _check_writing(self)
        for name in ("batch_reference", "business_on", "partner_ref"):
            _check_source(name, getattr(self, name))

    def headings(self, fact: str) -> tuple[str, ...]:
        """The headings under which a fact of a line stands, in order; empty when the format has none."""
        named = self.columns.get(fact, ())
        return (named,) if isinstance(named, str) else tuple(named)

    def all_headings(self) -> tuple[str, ...]:
        """Every heading that the format needs, each once."""
        named = [heading for fact in self.columns for heading in self.headings(fact)]
        named += [
            source.column for source in (self.batch_reference, self.business_on, self.partner_ref) if source.column
        ]
        named += self.must_be
        if self.totals:
            totals = self.totals
            named += [heading for heading in (totals.column, totals.count, *self.summed().values()) if heading]
        return tuple(dict.fromkeys(named))

    def summed(self) -> dict[str, str]:
        """Which sums the totals row states, and under which heading."""
        if self.totals is None:
            return {}
        stated = {name: getattr(self.totals, name) for name in _SUMS}
        return {name: heading for name, heading in stated.items() if heading}

    @classmethod
    def from_toml(cls, data: bytes) -> SettlementFormat:
        """The format from a TOML file as shown above. Raises SettlementFormatInvalid naming the setting."""
        try:
            settings = tomllib.loads(data.decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            raise _invalid("TOML", f"tidak terbaca, {fault}", f"unreadable, {fault}") from fault
        return cls.from_settings(settings)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> SettlementFormat:
        """The format from settings as TOML gives them. An unknown setting is refused: it is a typing error."""
        given = dict(settings)
        for name in ("batch_reference", "business_on", "partner_ref"):
            given[name] = _made(Source, given.get(name), name)
        if "totals" in given:
            given["totals"] = _made(Totals, given["totals"], "totals")
        made = _made(cls, given, "format")
        assert isinstance(made, cls)
        return made


# What a setting must be; every other one is a text.
_KINDS: dict[str, type[Any]] = {
    "valid_from": date,
    "columns": Mapping,
    "must_be": Mapping,
    "batch_reference": Source,
    "business_on": Source,
    "partner_ref": Source,
    "totals": Totals,
    "apostrophes": bool,
    "fee_free": bool,
}


def format_in_force(formats: Sequence[SettlementFormat], on: date) -> SettlementFormat | None:
    """Of one acquirer's formats the one in force on a day: the latest that has begun."""
    begun = [written for written in formats if written.valid_from <= on]
    return max(begun, key=lambda written: written.valid_from, default=None)


def _made(kind: type[Any], settings: object, name: str) -> Any:
    if not isinstance(settings, Mapping):
        raise _invalid(name, "bagian ini tidak ada", "this section is missing")
    known = set(kind.__dataclass_fields__)
    for setting, value in settings.items():
        if setting not in known:
            raise _invalid(f"{name}.{setting}", "tidak dikenal", "unknown")
        if not isinstance(value, _KINDS.get(setting, str)):
            raise _invalid(f"{name}.{setting}", "jenis nilainya salah", "a value of the wrong kind")
    try:
        return kind(**settings)
    except TypeError as fault:
        raise _invalid(name, f"belum lengkap, {fault}", f"incomplete, {fault}") from fault


def _check_columns(stated: SettlementFormat) -> None:
    if not isinstance(stated.columns, Mapping):
        raise _invalid("columns", "bagian ini tidak ada", "this section is missing")
    for fact in stated.columns:
        if fact not in _LINE_FACTS:
            raise _invalid(f"columns.{fact}", "tidak dikenal", "unknown")
        if fact != "paid_at" and len(stated.headings(fact)) != 1:
            raise _invalid(f"columns.{fact}", "harus satu kolom", "must be one column")
    for fact in ("bank_reference", "amount"):
        if fact not in stated.columns:
            raise _invalid(f"columns.{fact}", "tidak ada", "missing")
    if stated.fee_free == ("fee" in stated.columns or "net" in stated.columns):
        raise _invalid(
            "fee_free",
            "isi kolom fee atau net, atau fee_free = true bila tanpa biaya",
            "name the fee or net column, or fee_free = true where there is no fee",
        )
    for heading, allowed in stated.must_be.items():
        if isinstance(allowed, str) or not allowed:
            raise _invalid(f"must_be.{heading}", "harus berupa daftar nilai", "must be a list of values")


def _check_writing(stated: SettlementFormat) -> None:
    if type(stated.valid_from) is not date:
        raise _invalid("valid_from", "bukan tanggal", "not a date")
    if stated.amounts not in get_args(AmountStyle):
        raise _invalid("amounts", "pilih plain, indonesian, atau grouped", "choose plain, indonesian or grouped")
    if len(stated.delimiter) != 1 or stated.delimiter in '"\r\n':
        raise _invalid("delimiter", "harus satu karakter", "must be one character")
    try:
        codecs.lookup(stated.encoding)
    except LookupError as fault:
        raise _invalid("encoding", "tidak dikenal", "unknown") from fault
    try:
        ZoneInfo(stated.timezone)
    except (KeyError, ValueError) as fault:
        raise _invalid("timezone", "tidak dikenal", "unknown") from fault
    # A day without its time would put the payment at midnight, which nobody said.
    if stated.moment_format != "iso" and "%H" not in stated.moment_format:
        raise _invalid("moment_format", "harus memuat jam (%H)", "must hold the hour (%H)")


def _check_source(name: str, source: Source) -> None:
    given = [way for way in (source.column, source.label, source.filename, source.constant) if way is not None]
    if len(given) != 1:
        raise _invalid(name, "pilih satu cara saja", "choose exactly one way")
    if name != "partner_ref" and source.constant is not None:
        raise _invalid(f"{name}.constant", "berbeda di setiap berkas", "differs in every file")
    if source.filename is not None:
        try:
            groups = re.compile(source.filename).groups
        except re.error as fault:
            raise _invalid(f"{name}.filename", f"tidak terbaca, {fault}", f"unreadable, {fault}") from fault
        if groups < 1:
            raise _invalid(f"{name}.filename", "harus memuat satu grup", "must hold a group")


def _invalid(name: str, reason_id: str, reason_en: str) -> SettlementFormatInvalid:
    return SettlementFormatInvalid(field=name, reason_id=reason_id, reason_en=reason_en)
