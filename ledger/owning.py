"""Whose revenue an assessment is: the assessing office's, or PPKD's own.

For: whoever assesses; the entity that is told is the one whose journals are posted.
Not for: changing what was assessed before; a receivable stays where it was made.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from foundation.policies import get_policy
from ledger.queries import get_entity, get_ppkd

__all__ = ["revenue_owner"]


def revenue_owner(session: Session, *, entity: str, kind: str, on: date) -> str:
    """The code of the entity whose revenue a kind is on a date, where `entity` assesses it.

    By the policy `ledger.revenue_owned_by`: "PD", "PPKD", or "PPKD:<kind>,<kind>" for those kinds. Raises EntityUnknown
    or PpkdMissing.
    """
    assessing = get_entity(session, entity)
    owner, _, kinds = get_policy(session, "ledger.revenue_owned_by", on=on).partition(":")
    if owner == "PD" or (kinds and kind not in kinds.split(",")):
        return assessing.code
    return get_ppkd(session).code
