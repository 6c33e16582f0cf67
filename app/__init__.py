"""HTTP, pages, command line, worker, sandbox bank and the wiring between them.

For: the edges: what a browser, a bank, a program or an operator asks is read here, handed to one front, and answered.
Not for: rules of the office; those live in the packages below, which never import this one.
"""
