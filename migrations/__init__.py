"""Numbered, forward-only changes of the two schemas: `shared` (the registry of regions) and `region`."""
