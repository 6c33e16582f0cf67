"""What speaks to banks: typed messages (`contract`), and one room per protocol or file format.

For: turning bytes of banks into typed messages and back. Pure: no database, no clock, no settings.
Not for: deciding what a payment means (payments) or whether it agrees with the bank (reconciliation).
Only `bank_adapters.contract` is seen by payments and reconciliation; concrete rooms are reached through
`app/wiring.py`.
"""
