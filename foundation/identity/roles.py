"""Which permissions there are, and which role carries which.

For: one table that an auditor can read. Roles are held by dated assignments (foundation.identity.users).
Not for: what a permission opens; each route states it.

| role | office | permissions |
|---|---|---|
| bendahara | Bendahara Penerimaan: sees what comes in | treasury.view |
| bpkad | BPKAD: the books and the treasury's pages | ledger.read, treasury.view |
| auditor | Inspektorat, BPK: reads, changes nothing | ledger.read, treasury.view |
| admin | keeper of users and tokens; sees no money | user.manage |
"""

from __future__ import annotations

from collections.abc import Iterable

from foundation.identity.errors import PermissionUnknown, RoleUnknown

__all__ = ["PERMISSIONS", "ROLES", "check_permissions", "check_role", "permissions_of"]

PERMISSIONS = {
    "ledger.read": "reads entries and balances",
    "treasury.view": "sees the treasury's pages: payments, unapplied money, reconciliation",
    "user.manage": "makes users, assignments and tokens",
}
ROLES = {
    "bendahara": frozenset({"treasury.view"}),
    "bpkad": frozenset({"ledger.read", "treasury.view"}),
    "auditor": frozenset({"ledger.read", "treasury.view"}),
    "admin": frozenset({"user.manage"}),
}


def permissions_of(roles: Iterable[str]) -> frozenset[str]:
    """All permissions of the given roles together; a role that no longer exists carries none."""
    return frozenset(permission for role in roles for permission in ROLES.get(role, ()))


def check_role(role: str) -> None:
    """Raises RoleUnknown."""
    if role not in ROLES:
        raise RoleUnknown(field="role", role=role, known=", ".join(ROLES))


def check_permissions(permissions: Iterable[str]) -> None:
    """Raises PermissionUnknown for the first that does not exist."""
    for permission in permissions:
        if permission not in PERMISSIONS:
            raise PermissionUnknown(field="permission", permission=permission, known=", ".join(PERMISSIONS))
