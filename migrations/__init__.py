"""Numbered, forward-only changes of the two schemas: `shared` (the registry of regions) and `region` (the same tables
for every region).

For: what the tables, triggers, functions and grants are, step by step; `foundation.migrating` runs them.
Not for: code of ours; a migration is history, so it imports nothing but `migrations.schema_tools`.
"""
