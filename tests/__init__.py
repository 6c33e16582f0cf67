"""The tests, laid out like the packages they judge."""
