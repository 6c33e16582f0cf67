"""Tests of the sandbox bank."""
