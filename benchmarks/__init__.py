"""How fast Lunas is, as figures beside PostgreSQL's own limit on the same machine in the same run.

For: `make bench`, or `python -m benchmarks [NAME …] [--short]`; each benchmark prints its figures and the ratio that
design.md §7 judges it by. RESULTS.md keeps what was measured, when and where.
Not for: tests. Nothing here asserts a time; a run fails only when the books do not agree with what was answered.

    payments    signed SNAP payments over HTTP, beside pgbench
    bills       issuing a file of bills, beside COPY of every row that it leaves behind
    posting     journal entries through the ledger's front, beside bare psycopg sending the same statements
    batches     entries in batches, and one by one into a hot account beside random ones
    growth      balances, a trial balance and posting at ten million entries beside ten thousand; needs 15 GB of disk

    ground.py      a scratch installation: embedded server, keys, web and worker processes
    scene.py       a region with a chart, a bank and bills, made through the product's own fronts
    baseline.py    pgbench
    load.py        the bank as a load generator, a process of its own
    paying.py, issuing.py, posting.py, ledger_….py    the benchmarks
    ledger_filling.py    a ledger with millions of entries
"""
