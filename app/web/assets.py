"""The version in a static file's address, so that a browser fetches a file again exactly when it changed.

For: `asset_version(name)` in templates.
Not for: integrity of vendored files; their hashes stand in the templates, so that a changed file is not run.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask

__all__ = ["use_asset_versions"]


def use_asset_versions(app: Flask) -> None:
    """Give an application's templates `asset_version`. A name without a file is a fault of the template: it raises."""
    folder = Path(app.root_path) / str(app.static_folder)
    known: dict[str, str] = {}

    def asset_version(name: str) -> str:
        """The first ten hex digits of a static file's SHA-256."""
        if name not in known:
            known[name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()[:10]
        return known[name]

    app.jinja_env.globals["asset_version"] = asset_version
