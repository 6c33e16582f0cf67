"""the only writer of journal entries; books and balances."""
