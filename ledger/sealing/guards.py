"""Guards: are the triggers and functions of a region's schema those that the migrations of this version made?

For: `check_guards`, a part of verifying. A seal says nothing of a guard that a superuser dropped, disabled or replaced
by one that lets everything pass; and a report is only as good as the function that sums it.
Not for: what the guards do (the migrations), or tables, constraints and grants.

The expectation is `guards.tsv` beside this module. It was read from a freshly migrated region by
`python -m tests.rules.house_guards`, and a rule test holds it to one, on every version of PostgreSQL that we run on.
Of a trigger it has whether it is enabled, and its definition; of a function whose rights it runs with, its settings,
and the SHA-256 of its body. The schema's own name is written as `{schema}` throughout.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from sqlalchemy import text
from sqlalchemy.orm import Session

from ledger.sealing.findings import Finding

__all__ = ["GUARDS_FILE", "check_guards", "guards_text", "read_guards"]

GUARDS_FILE = "guards.tsv"
# Kind of guard: what is known of one, in the order of the file's columns behind kind and name.
_PARTS = {"trigger": ("enabled", "definition"), "function": ("rights", "settings", "body")}
_TRIGGERS = text(
    "SELECT t.tgname || ' on ' || c.relname AS name, t.tgenabled = 'O' AS enabled, pg_get_triggerdef(t.oid) AS made_as"
    " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = current_schema() AND NOT t.tgisinternal"
)
_FUNCTIONS = text(
    "SELECT p.proname || '(' || oidvectortypes(p.proargtypes) || ')' AS name, p.prosecdef AS as_owner,"
    " coalesce(p.proconfig, '{}') AS settings, p.prosrc AS body"
    " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = current_schema()"
)

# By kind and name, the values of _PARTS.
Guards = Mapping[tuple[str, str], tuple[str, ...]]


def check_guards(session: Session) -> Iterator[Finding]:
    """Every guard that is missing, not what it was made as (with what differs), or of no migration of ours."""
    wanted, there = _expected(), read_guards(session)
    for kind, name in sorted(wanted.keys() | there.keys()):
        made, found = wanted.get((kind, name)), there.get((kind, name))
        if found is None:
            yield Finding("guard_missing", f"{kind} {name}")
        elif made is None:
            yield Finding("guard_unknown", f"{kind} {name}")
        elif made != found:
            differing = tuple(part for part, a, b in zip(_PARTS[kind], made, found, strict=True) if a != b)
            yield Finding("guard_changed", f"{kind} {name}", columns=differing)


def read_guards(session: Session) -> Guards:
    """The triggers and functions of the current schema as they are."""
    own = re.compile(rf"\b{re.escape(str(session.scalar(text('SELECT current_schema()'))))}\b")
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in session.execute(_TRIGGERS):
        found["trigger", row.name] = ("enabled" if row.enabled else "not enabled", own.sub("{schema}", row.made_as))
    for row in session.execute(_FUNCTIONS):
        found["function", row.name] = (
            "owner's" if row.as_owner else "caller's",
            own.sub("{schema}", "; ".join(sorted(row.settings))),
            hashlib.sha256(own.sub("{schema}", row.body).encode()).hexdigest(),
        )
    return found


def guards_text(guards: Guards) -> str:
    """Guards as the file has them: a line each, tabs between kind, name and parts, sorted."""
    return "".join("\t".join((*key, *guards[key])) + "\n" for key in sorted(guards))


@cache
def _expected() -> Guards:
    lines = files("ledger.sealing").joinpath(GUARDS_FILE).read_text(encoding="utf-8").splitlines()
    return {(kind, name): tuple(parts) for kind, name, *parts in (line.split("\t") for line in lines)}
