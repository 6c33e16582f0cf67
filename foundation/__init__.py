"""What every other package stands on: money, clock, ids, errors, states, database, audit, outbox, crypto, settings.

For: the few things that must be done one way everywhere. Each module here is a small tool with a front of its own
(`__all__`); import the module you need (`from foundation.money import Money`).
Not for: anything that knows what a bill, a payment or a journal is. Nothing here imports another package of ours.

Invariants
- Money is a whole number of sen; nothing here or above uses floats for it.
- Only `foundation.clock` reads the clock; only `foundation.db` commits.
- A unit of work belongs to one region, and one region is one schema.
- A state changes through `foundation.states.move` (or the SQL function `foundation_record_move`), which leaves a row
  that says who, when and why.

Views that others may read: `recorded_acts` (audit rows: id, recorded_xact, uid, at, actor, action, thing, thing_uid,
details) and `recorded_moves` (state history, but for jobs, which are forgotten when they are done: id,
recorded_xact, thing, thing_id, from_state, to_state, event, moved_by, why, moved_at).
"""
