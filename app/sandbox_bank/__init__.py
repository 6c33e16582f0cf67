"""The sandbox bank: a program of its own that plays acquirer, bank and the payer's mobile bank, with invented money.

For: the demo, the tests and a region's first steps: it issues QRIS, asks and pays virtual accounts, reports payments,
and closes its day with a settlement file and statements. It has a database of its own on the same server and meets
Lunas over HTTP (SNAP) and files only, so it imports foundation and bank_adapters and nothing else of ours.
Not for: real money, ever. Every page says so, a page without that label is not sent, and it listens on this machine
only unless told otherwise.

The rooms
    settings, database, models   where it lives
    setting_up                   a region as its client: keys, accounts, the two connection files
    bookkeeping                  transfers between accounts; balances and statements come from them
    issuing, acquirer_door       dynamic QRIS over SNAP (73, 47)
    asking, paying, telling      inquiry, payment, and the messages to Lunas, repeated until it answers
    closing, writing_files       the day's end: settlement, sweep, MT940, into the region's inbox
    pages, office_pages, api     the payer's pages, the bank's back office, the JSON of demo and tests
"""
