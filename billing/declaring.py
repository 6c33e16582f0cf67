"""Declaring kinds of revenue: the first mapping file that names a kind states its facts, later ones must agree.

For: finding the kind a mapping means, and recording a new one together with its first bills.
Not for: changing a kind; its digits stand in payment codes that people hold.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from billing.errors import KindDisagrees, KindUnknown
from billing.mapping import KIND_KEYS, KindStatement
from billing.models import RevenueKind
from billing.queries import Kind, list_kinds

__all__ = ["declare_kind", "resolve_kind"]


def resolve_kind(session: Session, stated: KindStatement) -> Kind:
    """The kind a mapping means: the recorded one, or one made of what the mapping states, not yet recorded.

    Raises KindUnknown naming what a new kind lacks, or KindDisagrees naming the fact that differs.
    """
    kinds = {kind.code: kind for kind in list_kinds(session)}
    known = kinds.get(stated.code)
    if known is not None:
        for key, value in stated.facts.items():
            if getattr(known, key) != value:
                raise KindDisagrees(field=f"kind.{key}", kind=known.code, stated=value, known=getattr(known, key))
        return known
    missing = [key for key in KIND_KEYS if key not in stated.facts]
    if missing:
        raise KindUnknown(field=f"kind.{missing[0]}", kind=stated.code, missing=", ".join(missing))
    fresh = Kind(code=stated.code, **stated.facts)
    for other in kinds.values():
        if other.digits == fresh.digits:
            raise KindDisagrees(field="kind.digits", kind=other.code, stated=fresh.code, known=fresh.digits)
    return fresh


def declare_kind(session: Session, kind: Kind, *, by: str, at: datetime) -> None:
    """Record the kind unless it is recorded already. Two kinds cannot have the same digits (the database says so)."""
    if session.scalar(select(RevenueKind.code).where(RevenueKind.code == kind.code)) is not None:
        return
    session.execute(
        insert(RevenueKind).values(
            code=kind.code,
            digits=kind.digits,
            name_id=kind.name_id,
            name_en=kind.name_en,
            family=kind.family,
            object_label=kind.object_label,
            object_rule=kind.object_rule,
            declared_by=by,
            declared_at=at,
        )
    )
