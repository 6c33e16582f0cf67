"""Refusals of this room that are not about a bank's file (those are in `bank_adapters.contract`).

For: a settlement format that is written wrongly.
Not for: files that break their format.
"""

from __future__ import annotations

from foundation.errors import Invalid

__all__ = ["SettlementFormatInvalid"]


class SettlementFormatInvalid(Invalid):
    """A settlement format (TOML) that cannot be used. Facts: `field` (dotted), `reason_id`, `reason_en`."""

    code = "settlement_format_invalid"
    text_id = "Format settlement tidak dapat dipakai ({field}): {reason_id}."
    text_en = "The settlement format cannot be used ({field}): {reason_en}."
