"""Who may come in: staff with two factors, their sessions and dated assignments, and API tokens.

For: making users and tokens, signing in, and telling what somebody is allowed today. All of it is the region's own:
a user, a session or a token of one region does not exist in another.
Not for: partners' keys and signatures (payments, bank_adapters.snap), cookies and pages (app/web), or what a permission
opens (each route says which it needs, app/permissions.py).

Invariants
- A password is kept as argon2id, a second-factor secret encrypted, a session or token secret as SHA-256 of 256 random
  bits; none can be read back.
- Unknown user, wrong password and blocked user answer alike and cost the same work.
- A second-factor code is accepted once.
- Permissions come from assignments in force on the day, each with its decree.
"""

from foundation.identity.errors import (
    AssignmentInvalid,
    AssignmentOverlaps,
    PasswordTooWeak,
    PermissionUnknown,
    RoleUnknown,
    SecondFactorRefused,
    SignInRefused,
    TokenInvalid,
    TokenNameTaken,
    TokenUnknown,
    UsernameInvalid,
    UsernameTaken,
    UserUnknown,
)
from foundation.identity.roles import PERMISSIONS, ROLES
from foundation.identity.signing_in import (
    StaffIdentity,
    count_second_factor,
    count_sign_in,
    find_session,
    revoke_sessions,
    sign_out,
    try_password,
    try_second_factor,
)
from foundation.identity.tokens import (
    TokenIdentity,
    authenticate_token,
    create_token,
    list_tokens,
    revoke_token,
)
from foundation.identity.users import (
    NewCredentials,
    assign_role,
    create_user,
    end_assignment,
    list_assignments,
    list_users,
    renew_credentials,
    set_active,
)

__all__ = [
    "PERMISSIONS",
    "ROLES",
    "AssignmentInvalid",
    "AssignmentOverlaps",
    "NewCredentials",
    "PasswordTooWeak",
    "PermissionUnknown",
    "RoleUnknown",
    "SecondFactorRefused",
    "SignInRefused",
    "StaffIdentity",
    "TokenIdentity",
    "TokenInvalid",
    "TokenNameTaken",
    "TokenUnknown",
    "UserUnknown",
    "UsernameInvalid",
    "UsernameTaken",
    "assign_role",
    "authenticate_token",
    "count_second_factor",
    "count_sign_in",
    "create_token",
    "create_user",
    "end_assignment",
    "find_session",
    "list_assignments",
    "list_tokens",
    "list_users",
    "renew_credentials",
    "revoke_sessions",
    "revoke_token",
    "set_active",
    "sign_out",
    "try_password",
    "try_second_factor",
]
