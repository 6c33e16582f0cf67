"""who owes what, and why."""
