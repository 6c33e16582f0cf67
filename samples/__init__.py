"""Invented bill files, charts and bank files of two regions, and the script that invents the bills.

For: `lunas demo`, the README's first region, benchmarks and tests.
Not for: anything real; no person, object or account in here exists.
"""
