"""The worker: what happens on schedule, one call per job.

For: `lunas worker`: ticks that queue jobs per region (one leader per installation), and running them from the job table
(any worker). The inbox is also walked by hand (`lunas reconcile run`).
Not for: what a job does to the books; each calls fronts of the business packages.
"""
