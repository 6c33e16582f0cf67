"""Tests of bank_adapters."""
