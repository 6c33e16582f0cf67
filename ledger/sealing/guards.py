"""Guards: are triggers, functions, constraints, columns and rights of a region's schema those that migrations made?

For: `check_guards`, a part of verifying. A seal says nothing of a guard that a superuser dropped, disabled or replaced
by one that lets everything pass; and a report is only as good as the function that sums it.
Not for: what the guards do (the migrations), or views.

The expectation is `guards.tsv` beside this module. It was read from a freshly migrated region by
`python -m tests.rules.house_guards`, and a rule test holds it to one, on every version of PostgreSQL that we run on.
Of a trigger it has whether it is enabled, and its definition; of a function whose rights it runs with, its settings,
and the SHA-256 of its body; of a constraint (of a table or of a domain) and of a unique index its definition; of a
column its type (often a domain, that is: its rules), whether it may be null, and its default. A right is what anybody
but the owner may do to a table or with a function. Reading is none, unless everybody may: a region may have roles that
report. The schema's own name is written as `{schema}` throughout. Constraints are compared without brackets and casts
to text: a restore spells those of `x IN ('a', 'b')` anew.
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

__all__ = ["GUARDS_FILE", "GUARD_PARTS", "check_guards", "guards_text", "read_guards"]

GUARDS_FILE = "guards.tsv"
# Kind of guard: what is known of one, in the order of the file's columns behind kind and name.
GUARD_PARTS = {
    "trigger": ("enabled", "definition"),
    "function": ("rights", "settings", "body"),
    "constraint": ("definition",),
    "column": ("definition",),
    "right": ("held",),
}
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
# PostgreSQL 18 also has a constraint for each column that is NOT NULL ("n"), earlier ones have not.
_CONSTRAINTS = text(
    "SELECT k.conname || ' on ' || coalesce(c.relname, t.typname) AS name, pg_get_constraintdef(k.oid) AS made_as"
    " FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace LEFT JOIN pg_class c ON c.oid = k.conrelid"
    " LEFT JOIN pg_type t ON t.oid = k.contypid"
    " WHERE n.nspname = current_schema() AND k.contype IN ('c', 'f', 'p', 'u', 'x')"
    " UNION ALL"
    " SELECT i.relname || ' on ' || c.relname,"
    "  CASE WHEN x.indisvalid THEN '' ELSE 'INVALID ' END || pg_get_indexdef(i.oid)"
    " FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND x.indisunique"
    " AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x'))"
)
_COLUMNS = text(
    "SELECT a.attname || ' on ' || c.relname AS name, concat_ws(' ', format_type(a.atttypid, a.atttypmod),"
    "  CASE WHEN a.attnotnull THEN 'NOT NULL' END, nullif('IDENTITY ' || CAST(a.attidentity AS text), 'IDENTITY '),"
    "  'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid)) AS made_as"
    " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
    " LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
    " WHERE n.nspname = current_schema() AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"
)
_RIGHTS = text(
    "SELECT name, string_agg(DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC ' ELSE '' END || held, ', '"
    " ORDER BY CASE grantee WHEN 0 THEN 'PUBLIC ' ELSE '' END || held) AS held"
    " FROM ("
    "  SELECT c.relname::text AS name, c.relnamespace AS schema, c.relowner AS owner, a.grantee,"
    "   a.privilege_type AS held"
    "  FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a"
    "  UNION ALL"
    "  SELECT c.relname, c.relnamespace, c.relowner, a.grantee, a.privilege_type || ' (' || f.attname || ')'"
    "  FROM pg_class c JOIN pg_attribute f ON f.attrelid = c.oid CROSS JOIN LATERAL aclexplode(f.attacl) a"
    "  UNION ALL"
    "  SELECT p.proname || '(' || oidvectortypes(p.proargtypes) || ')', p.pronamespace, p.proowner, a.grantee,"
    "   a.privilege_type"
    "  FROM pg_proc p CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a"
    " ) r JOIN pg_namespace n ON n.oid = r.schema"
    " WHERE n.nspname = current_schema() AND r.grantee <> r.owner"
    " AND (r.grantee = 0 OR r.held NOT LIKE 'SELECT%') GROUP BY name"
)

_WORDS = re.compile(r"'(?:[^']|'')*'|::(?:character varying|text)(?:\[\])?|\w+|[^\w\s]")
_SPELLING = {"(", ")", "::text", "::text[]", "::character varying", "::character varying[]"}

# By kind and name, the values of GUARD_PARTS.
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
            differing = tuple(part for part, a, b in zip(GUARD_PARTS[kind], made, found, strict=True) if a != b)
            yield Finding("guard_changed", f"{kind} {name}", columns=differing)


def read_guards(session: Session) -> Guards:
    """The guards of the current schema as they are."""
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
    for kind, question in (("constraint", _CONSTRAINTS), ("column", _COLUMNS)):
        for row in session.execute(question):
            found[kind, row.name] = (_plain(own.sub("{schema}", row.made_as)),)
    for row in session.execute(_RIGHTS):
        found["right", row.name] = (row.held,)
    return found


def _plain(definition: str) -> str:
    return " ".join(word for word in _WORDS.findall(definition) if word not in _SPELLING)


def guards_text(guards: Guards) -> str:
    """Guards as the file has them: a line each, tabs between kind, name and parts, sorted."""
    return "".join("\t".join((*key, *guards[key])) + "\n" for key in sorted(guards))


@cache
def _expected() -> Guards:
    lines = files("ledger.sealing").joinpath(GUARDS_FILE).read_text(encoding="utf-8").splitlines()
    return {(kind, name): tuple(parts) for kind, name, *parts in (line.split("\t") for line in lines)}
